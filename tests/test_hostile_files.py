"""Files a few kilobytes long that stand for gigabytes, or for hours, are refused in a sentence."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

PROJECT = Path(__file__).parents[1]
PLAN = "analyses/boston/plan.toml"
DESCRIPTION = "data/public/boston_homicide.dataset.toml"
# More than any honest study of this size needs, far less than a bomb holds.
MEMORY, SECONDS = 3 * 1024**3, 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("data/public", "analyses/boston"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evaluation.cli", "--root", str(root), "run"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        timeout=SECONDS,
        check=False,
    )


def refused(root: Path, says: str) -> None:
    done = run(root)
    assert done.returncode == 2, done.stderr[-2000:]
    assert says in done.stderr and "Traceback" not in done.stderr


PARTS = {"bare": ".".join("a" * 30_000), "quoted": ".".join(['"a"'] * 30_000)}


@pytest.mark.parametrize("key", PARTS)
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "x = {{ {} = 1 }}"])
def test_a_key_of_many_parts_is_too_deep(root, key, form):
    path = root / PLAN
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\n{form.format(PARTS[key])}\n", encoding="utf-8")
    refused(root, f"{PLAN}:{text.count(chr(10)) + 2}: nested too deeply to be read")


@pytest.mark.parametrize(
    "word",
    ["a" * 900_000, '"' * 300_000, "\n" * 300_000],
    ids=["letters", "quotes", "ends of lines"],
)
def test_looking_for_such_keys_takes_no_time(root, word):
    path = root / PLAN
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{word}", encoding="utf-8")
    assert run(root).returncode in (0, 2)


@pytest.mark.parametrize("file", [PLAN, DESCRIPTION])
def test_what_people_write_is_not_10_gb(root, file):
    with (root / file).open("r+b") as stream:
        stream.truncate(10 * 1024**3)  # sparse: it takes no room
    refused(root, f"{file}: is ")


@pytest.mark.parametrize("kind", ["rows", "cells"])
def test_a_parquet_file_that_stands_for_gigabytes_is_not_unfolded(root, kind):
    rows, cell = (60_000_000, 1) if kind == "rows" else (100_000, 1_000_000)
    indices = pyarrow.repeat(pyarrow.scalar(0, pyarrow.int8()), rows)
    column = pyarrow.DictionaryArray.from_arrays(indices, pyarrow.array(["x" * cell]))
    path = root / "data/public/boston_homicide.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"month": column}), path, compression="zstd")
    assert path.stat().st_size < 1_000_000
    for name in (PLAN, DESCRIPTION):
        text = (root / name).read_text(encoding="utf-8")
        (root / name).write_text(text.replace("boston_homicide.csv", path.name), encoding="utf-8")
    refused(root, "too much to be held whole. Divide the table.")
