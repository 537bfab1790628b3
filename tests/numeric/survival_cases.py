"""The people and values of tests/reference/survival.R."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).parents[1] / "reference"
HORIZONS = np.array([90.0, 180.0, 365.0, 700.0])


def table(name: str = "survival.csv") -> dict[str, np.ndarray]:
    """Columns by name: 260 people with ties, late entry, other events, weights and clusters."""
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}


def said(name: str = "survival.json") -> dict[str, Any]:
    """What R gave."""
    return json.loads((REFERENCE / name).read_text(encoding="utf-8"))


def covariates(people: dict[str, np.ndarray]) -> np.ndarray:
    """(n, 4), as every model of the R script has them."""
    return np.column_stack([people[name] for name in ("arm", "age", "priors", "gang")])


def errors(cov: np.ndarray) -> np.ndarray:
    return np.sqrt(np.diag(cov))


def jackknife(moved: np.ndarray, cluster: np.ndarray | None = None) -> float:
    """Root of the sum of squares of what people, or clusters of them, move an estimate by.

    Parameters
    ----------
    moved : (n,) weight times influence. cluster : (n,) labels.
    """
    if cluster is not None:
        moved = np.bincount(np.unique(cluster, return_inverse=True)[1], moved)
    return float(np.sqrt((moved**2).sum()))


def robust_errors(found: Any, cluster: np.ndarray | None = None) -> np.ndarray:
    """Of a curve at the horizons: the infinitesimal jackknife, as R's `survfit(cluster =)`."""
    w = found.counted.weight
    return np.array([jackknife(w * found.influence(float(t)), cluster) for t in HORIZONS])
