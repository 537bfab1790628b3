"""The reference series and the values R gave for it (tests/reference/its.R)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.its import Series, Specification

REFERENCE = Path(__file__).parents[1] / "reference"
BOSTON = Path(__file__).parents[2] / "data" / "public" / "boston_homicide.csv"


@pytest.fixture(scope="session")
def from_r() -> dict[str, dict[str, Any]]:
    return json.loads((REFERENCE / "its.json").read_text())


@pytest.fixture(scope="session")
def series() -> Series:
    rows = np.loadtxt(REFERENCE / "its_series.csv", delimiter=",", skiprows=1)
    return Series.from_arrays(rows[:, 0], exposure=rows[:, 1], start=66)


@pytest.fixture(scope="session")
def boston() -> Series:
    with BOSTON.open(encoding="utf-8") as stream:
        counts = [float(row["homicides"]) for row in csv.DictReader(stream)]
    return Series.from_arrays(counts, start=53, first="1992-01")


@pytest.fixture
def flat() -> Specification:
    """Intercept and step only."""
    return Specification(trend="none", season="none")
