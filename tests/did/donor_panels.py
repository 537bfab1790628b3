"""The panels of tests/reference/weighted_controls.R, and two published ones if at hand."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.donors import Donors, Solve, combine, donors

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "weighted_controls.json").read_text(encoding="utf-8")
)
PUBLIC = Path(__file__).parents[2] / "data" / "public"
SEATTLE = ("any_crime", "i_felony", "i_misdemea", "i_drugs")


def formula(n: int, periods: int) -> np.ndarray:
    """The outcomes of the R script."""
    i, t = np.arange(1, n + 1)[:, None], np.arange(1, periods + 1)
    smooth = 40 + 3 * ((5 * i) % 7) + 0.3 * ((2 * i) % 5 - 2) * t + 4 * np.sin(t / 3 + i)
    return smooth + ((7 * i + 11 * t + 3 * i * t + i * i) % 11) / 2


def one_of_eleven(**options: Any) -> Cohorts:
    """The first of 11 units treated from the 15th of 20 periods on."""
    y = formula(11, 20)
    y[0, 14:] -= 6
    return Cohorts.from_arrays(y, [14, *[NEVER] * 10], **options)


def some_of_eighteen(first: tuple[int, ...], **options: Any) -> Cohorts:
    """18 units and 14 periods; the first ones treated from these on."""
    y = formula(18, 14)
    y[: len(first), 8:] -= 6
    return Cohorts.from_arrays(y, [*first, *[NEVER] * (18 - len(first))], **options)


def small_units(*, count: bool = True) -> Cohorts:
    """60 units with counts and a covariate, six of them treated from the 5th of 7 periods on."""
    i, t = np.arange(1, 61)[:, None], np.arange(1, 8)
    return Cohorts.from_arrays(
        (7 * i + 11 * t + 3 * i * t + i * i) % (5 + i % 4),
        np.where(np.arange(1, 61) % 10 == 3, 4.0, NEVER),
        covariates={"x": (3 * np.arange(1, 61)) % 8},
        kind="count" if count else "continuous",
    )


def reference_file(name: str) -> Path:
    """Where someone has put a published table; the test is skipped without it."""
    folders = [PUBLIC]
    if "CEASEFIRE_REFERENCE_DATA" in os.environ:
        folders.append(Path(os.environ["CEASEFIRE_REFERENCE_DATA"]))
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"{name} is not at hand")


def cigarettes() -> Cohorts:
    """Packs a head in 39 states, 1970 to 2000; California's Proposition 99 from 1989 on.

    Replication data of Abadie, Diamond and Hainmueller (2010), as in the R package synthdid.
    """
    with reference_file("prop99.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["State"], int(row["Year"])))
    states = list(dict.fromkeys(row["State"] for row in rows))
    return Cohorts.from_arrays(
        np.array([float(row["PacksPerCapita"]) for row in rows]).reshape(len(states), -1),
        [19 if state == "California" else NEVER for state in states],
        units=states,
        first="1970",
        frequency="year",
    )


def seattle(outcome: str) -> Cohorts:
    """Crimes in 9,642 blocks and 16 quarters, 39 blocks treated from the 13th on.

    Beside nine census columns, the other three outcomes of each quarter before are matched, as in
    the vignette of the R package microsynth (2.0.51), whose data these are.
    """
    with reference_file("seattle_dmi_blocks_wide.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        rows = np.array([row[1:] for row in reader], dtype=float)
    table = dict(zip(names[1:], rows.T, strict=True))
    matched = [name for name in names[2:] if "_q" not in name]
    matched += [f"{one}_q{q:02d}" for one in SEATTLE if one != outcome for q in range(1, 13)]
    return Cohorts.from_arrays(
        np.column_stack([table[f"{outcome}_q{q:02d}"] for q in range(1, 17)]),
        np.where(table["treated"] > 0, 12.0, NEVER),
        covariates={name: table[name] for name in matched},
        frequency="quarter",
        first="2009-Q1",
        kind="count",
    )


def unit_weights(cohorts: Cohorts, solve_of: Callable[[Donors], Solve]) -> np.ndarray:
    """The weight of each control of one cohort."""
    panel = donors(cohorts)
    return combine(panel, solve_of(panel)).blocks[0].unit
