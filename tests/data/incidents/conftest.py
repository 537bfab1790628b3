"""A small good recipe and its incidents, to spoil in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.errors import EvaluationError

RECIPE = """\
name = "Homicides by beat"
period = "month"
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"

[incidents]
files = ["raw"]
id = "case"
occurred = "when"
reported = "told"

[time]
zone = "America/Los_Angeles"
naive = "local"

[units]
column = "beat"
which = "found"

[outcomes.homicides]
measure = "victims a month"
where.offense = ["HOMICIDE"]

[coverage]
first = "2012-01"
last = "2012-03"

[duplicates]
keep = "first reported"
"""

LINES = (
    "case,when,told,beat,offense,longitude,latitude",
    "1,2012-01-05 10:00,2012-01-06,A,HOMICIDE,0.5,0.5",
    "2,2012-02-05 10:00,2012-02-06,B,HOMICIDE,1.5,0.5",
    "3,2012-02-06T08:00:00Z,2012-02-09,B,THEFT,1.5,0.5",
    "3,2012-02-06T08:00:00Z,2012-02-08,B,HOMICIDE,1.5,0.5",
)

Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Writes a recipe and `raw/a.csv` into a folder; gives the path of the recipe."""

    def written(
        recipe: str = RECIPE, lines: tuple[str, ...] | bytes = LINES, name: str = "a.csv"
    ) -> Path:
        (tmp_path / "raw").mkdir(exist_ok=True)
        content = lines if isinstance(lines, bytes) else ("\n".join(lines) + "\n").encode()
        (tmp_path / "raw" / name).write_bytes(content)
        path = tmp_path / "panel.toml"
        path.write_text(recipe, encoding="utf-8")
        return path

    return written


@pytest.fixture
def recipe() -> str:
    return RECIPE


@pytest.fixture
def lines() -> tuple[str, ...]:
    return LINES


@pytest.fixture
def refused() -> Callable[..., EvaluationError]:
    """The fault of building a panel, which must leave no file behind."""

    def fault(path: Path, **options: object) -> EvaluationError:
        before = {one: one.read_bytes() for one in path.parent.rglob("*") if one.is_file()}
        with pytest.raises(EvaluationError) as caught:
            build_panel(path, **options)  # type: ignore[arg-type]
        after = {one: one.read_bytes() for one in path.parent.rglob("*") if one.is_file()}
        assert after == before
        return caught.value

    return fault
