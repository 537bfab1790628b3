"""A small good dataset, to spoil in one way at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

DESCRIPTION = """\
name = "Shootings in two cities"
frequency = "month"
key = ["city", "month"]
source = "Invented for a test"
licence = "CC0"
sensitivity = "synthetic"

[columns.city]
role = "unit"
type = "text"

[columns.month]
role = "period"
type = "period"

[columns.shootings]
role = "outcome"
type = "count"
measure = "victims a month"

[columns.population]
role = "exposure"
type = "number"
measure = "residents"

[columns.ceasefire]
role = "treatment"
type = "flag"

[columns.unemployment]
role = "covariate"
type = "number"
measure = "percent"
"""

LINES = (
    "city,month,shootings,population,ceasefire,unemployment",
    "Oakland,2012-01,31,400000,0,10.5",
    "Oakland,2012-02,28,400100,0,10.4",
    "Oakland,2012-03,40,400200,1,10.3",
    "Fresno,2012-01,12,500000,0,12.5",
    "Fresno,2012-02,14,500100,0,12.4",
    "Fresno,2012-03,13,500200,0,12.3",
)

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table and its description into a folder; gives the path of the table."""

    def written(
        content: bytes, description: str | None = DESCRIPTION, name: str = "cities.csv"
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        if description is not None:
            (tmp_path / "cities.dataset.toml").write_text(description, encoding="utf-8")
        return path

    return written


@pytest.fixture
def description() -> str:
    return DESCRIPTION


@pytest.fixture
def lines() -> tuple[str, ...]:
    return LINES
