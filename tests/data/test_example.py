"""Examples are the files of the repository, and the wheel holds each of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import evaluation
from evaluation.data.example import BESIDE, EXAMPLES
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_the_file_of_the_repository(name: str) -> None:
    found = evaluation.example(name)
    if name == BESIDE[0]:
        assert "Oakland" in set(found.city) and len(set(found.city)) == 16
        assert not found.isna().all(axis=1).any() and found.month.max() == "2019-12"
        found = found[found.city != "Oakland"]
    pd.testing.assert_frame_equal(found, pd.read_csv(ROOT / EXAMPLES[name]))


def test_the_wheel_holds_every_example() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    held = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    wanted = {path: f"evaluation/data/example/{name}.csv" for name, path in EXAMPLES.items()}
    assert wanted.items() <= held.items()


def test_another_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(DataError, match=r"no example 'bosten'\. Did you mean 'boston'"):
        evaluation.example("bosten")
