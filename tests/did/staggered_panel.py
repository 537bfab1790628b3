"""The panel and values of tests/reference/staggered.py, and the minimum-wage data if at hand."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts

REFERENCE = Path(__file__).parents[1] / "reference"
PUBLIC = Path(__file__).parents[2] / "data" / "public"


def said(package: str) -> list[dict[str, Any]]:
    """What a package gave, a mapping a case."""
    return json.loads((REFERENCE / "staggered.json").read_text(encoding="utf-8"))[package]


def panel(
    *,
    covariate: bool = False,
    weighted: bool = False,
    clustered: bool = False,
    treated_only: bool = False,
) -> Cohorts:
    """90 units, 7 periods, cohorts of periods 3, 5 and 6."""
    with (REFERENCE / "staggered.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not treated_only or row["first"] != "0"]
    table = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    return Cohorts.from_arrays(
        np.column_stack([table[f"y{t}"] for t in range(1, 8)]),
        np.where(table["first"] > 0, table["first"] - 1, np.inf),
        covariates={"x": table["x"]} if covariate else None,
        weight=table["weight"] if weighted else None,
        cluster=table["cluster"] if clustered else None,
    )


def minimum_wage_file() -> Path | None:
    """`mpdta.csv` of the R package did (county teen employment), where someone has put it."""
    folders = [PUBLIC]
    if "CEASEFIRE_REFERENCE_DATA" in os.environ:
        folders.append(Path(os.environ["CEASEFIRE_REFERENCE_DATA"]))
    return next((path for folder in folders if (path := folder / "mpdta.csv").is_file()), None)


def minimum_wage(*, covariate: bool = False) -> Cohorts:
    """500 counties, 2003 to 2007."""
    path = minimum_wage_file()
    assert path is not None
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["countyreal"], row["year"]))
    first = np.array([float(row["first.treat"]) for row in rows[::5]])
    return Cohorts.from_arrays(
        np.array([float(row["lemp"]) for row in rows]).reshape(-1, 5),
        np.where(first > 0, first - 2003, np.inf),
        covariates={"lpop": [float(row["lpop"]) for row in rows[::5]]} if covariate else None,
        first="2003",
        frequency="year",
    )
