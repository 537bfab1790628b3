"""Each treated unit by years from its own start: what was observed, and what was expected there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import Cohorts
from evaluation.did.method import Method
from evaluation.effect import Check
from evaluation.errors import FitError

NAME = "treated-places"
QUESTION = "What happened in each treated place, beside what was expected there?"
# Of more treated units, those of one start are added up.
MOST = 24


def treated_places(cohorts: Cohorts, method: Method) -> Check:
    """Sums observed and expected a year since the start, before it too, in each treated unit, or of
    all units of one start together where more than 24 are treated.

    The expected numbers are those of the method, and have no range here. A cell in which it expects
    nothing leaves the year of its unit without an expected number. Cells that are not used, and
    those after the end of a program, are in neither sum; a year of such cells alone has no row.

    Parameters
    ----------
    method : of the headline, with its settings.
    """
    try:
        expected = method.solve(cohorts).expected
    except FitError as fault:
        return Check(NAME, QUESTION, None, f"Not possible: {fault}.")
    if expected is None:
        return Check(NAME, QUESTION, None, "Not possible: the method expects no number by place.")
    treated = np.flatnonzero(cohorts.ever)
    grouped = len(treated) > MOST
    groups = (
        {
            f"Start {cohorts.begun(first)}": np.flatnonzero(cohorts.first == first)
            for first in cohorts.cohorts
        }
        if grouped
        else {cohorts.units[int(row)]: np.array([row]) for row in treated}
    )
    by_name = {name: _years(cohorts, expected, name, units) for name, units in groups.items()}
    lower = sum(_lower(rows) for rows in by_name.values())
    what = "groups of one start" if grouped else "treated places"
    says = f"Less was observed than expected in {lower} of {len(groups)} {what}"
    return Check(
        NAME, QUESTION, None, says, tuple(row for rows in by_name.values() for row in rows)
    )


def _lower(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether less was observed than expected from the start on."""
    after = [row for row in rows if row["year"] >= 0 and row["expected"] is not None]
    return float(sum(row["observed"] - row["expected"] for row in after)) < 0


def _years(
    cohorts: Cohorts, expected: np.ndarray, name: str, units: np.ndarray
) -> list[Mapping[str, Any]]:
    """The rows of units that start together; years are counted from there, 0 the first."""
    first = int(cohorts.first[units[0]])
    event = cohorts.event[units[0]].astype(int)
    year = event // calendar.PER_YEAR[cohorts.frequency]
    counted = (cohorts.known & ~cohorts.after_end)[units]
    found: list[Mapping[str, Any]] = []
    for one in np.unique(year).tolist():
        columns = np.flatnonzero(year == one)
        here = counted[:, columns]
        if not here.any():
            continue
        cells = np.ix_(units, columns)
        told = float(np.where(here, expected[cells], 0.0).sum())
        found.append(
            {
                "unit": name,
                "start": cohorts.begun(first),
                "units": len(units),
                "year": int(one),
                "periods": int(here.any(axis=0).sum()),
                "observed": float(np.where(here, cohorts.y[cells], 0.0).sum()),
                "expected": told if np.isfinite(told) else None,
            }
        )
    return found
