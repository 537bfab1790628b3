"""The people and the values of tests/reference/people.R, and people with a known effect."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.individual.people import Outcome, People

REFERENCE = Path(__file__).parents[1] / "reference"
COVARIATES = ("age", "priors", "gang")


def reference() -> dict[str, Any]:
    """What R gave."""
    return json.loads((REFERENCE / "people.json").read_text(encoding="utf-8"))


def columns() -> dict[str, np.ndarray]:
    """The table, a column a name."""
    with (REFERENCE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def people(*, weight: bool = False, cluster: bool = False, **more: Any) -> People:
    """The people of the reference table."""
    table = columns()
    return People.from_arrays(
        table["treated"],
        covariates={name: table[name] for name in COVARIATES},
        outcomes={"rearrest": table["rearrest"], "days": Outcome.of(table["days"], "days")},
        weight=table["weight"] if weight else None,
        cluster=table["cluster"] if cluster else None,
        **more,
    )
