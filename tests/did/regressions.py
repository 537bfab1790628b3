"""The panel and the values of tests/reference/did_regressions.R."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts

REFERENCE = Path(__file__).parents[1] / "reference"
UNITS, PERIODS = 14, 10


def reference() -> dict[str, dict[str, Any]]:
    """What R gave, by case."""
    return json.loads((REFERENCE / "did_regressions.json").read_text(encoding="utf-8"))


def columns() -> dict[str, np.ndarray]:
    """The table, a column a name."""
    with (REFERENCE / "did_regressions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def panel(outcome: str = "score", **options: Any) -> Cohorts:
    """The cohorts of one outcome; counts with their exposure."""
    table = {name: values.reshape(UNITS, PERIODS) for name, values in columns().items()}
    count = outcome != "score"
    return Cohorts.from_arrays(
        table[outcome],
        table["first"][:, 0],
        exposure=table["exposure"] if count else None,
        kind="count" if count else "continuous",
        **options,
    )
