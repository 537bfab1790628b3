"""`simulate` writes what differs, says so, and leaves the rest alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.errors import DataError
from evaluation.synthetic import DATASETS, simulate

PROJECT = Path(__file__).parents[2]
PATHS = [path for files in DATASETS.values() for path in files()]


def test_first_call_writes_every_file_and_the_second_none(tmp_path: Path) -> None:
    assert simulate(tmp_path) == [f"{path}: written" for path in PATHS]
    assert {found.name for found in (tmp_path / "data/synthetic").iterdir()} == {
        Path(path).name for path in PATHS
    }
    assert simulate(tmp_path) == [f"{path}: unchanged" for path in PATHS]


def test_committed_files_are_those_it_writes() -> None:
    for files in DATASETS.values():
        for path, text in files().items():
            assert (PROJECT / path).read_bytes() == text.encode("utf-8"), path


def test_an_edited_file_is_restored_and_named(tmp_path: Path) -> None:
    simulate(tmp_path)
    table = tmp_path / PATHS[0]
    good = table.read_bytes()
    table.write_bytes(good.replace(b"\n", b"\r\n"))
    assert simulate(tmp_path, "city_month") == [
        f"{PATHS[0]}: written",
        f"{PATHS[1]}: unchanged",
        f"{PATHS[2]}: unchanged",
    ]
    assert table.read_bytes() == good


def test_unknown_dataset_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'city_month'") as caught:
        simulate(tmp_path, "city_mont")
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset_keeps_its_files_under_data_synthetic(name: str) -> None:
    begins = (f"data/synthetic/{name}.", f"data/synthetic/{name}_events.")
    assert all(path.startswith(begins) for path in DATASETS[name]())
