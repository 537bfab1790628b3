"""What becomes of each row: counted in a unit and period, or dropped for one reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.data import period
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.incidents.store import (
    BEFORE,
    FIRST_UNIT,
    LATE,
    NO_REPORT,
    NO_UNIT,
    UNKNOWN,
    Groups,
)
from evaluation.data.labels import normal
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

# In the order in which they are judged: a row is dropped for the first that applies.
REASONS: Final[Mapping[str, str]] = {
    "unreadable": "could not be read",
    "duplicate": "other rows of an incident that is kept once",
    "no_date": "without a date",
    "other_category": "of no category that is counted",
    "no_unit": "without a place, group or person",
    "unknown_unit": "in no unit of the panel",
    "outside_coverage": "outside the coverage",
    "no_report_date": "without a date of report, which the late-report rule needs",
    "late": "reported too late to compare periods",
}
MOST_CELLS: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A panel and what did not come into it.

    Parameters
    ----------
    units : (N,) names, sorted. windows : (N, 2) first and last ordinal of each.
    values : (N, T, K) counts of each outcome from the earliest first on; what is outside a unit's
        window is 0 and is not written. kept : rows counted in at least one outcome.
    dropped : rows by reason. before : kept rows reported before the day they happened.
    """

    units: tuple[str, ...]
    windows: np.ndarray
    values: np.ndarray
    kept: int
    dropped: Mapping[str, int]
    before: int


def count(
    groups: Groups,
    recipe: Recipe,
    names: Sequence[str],
    *,
    cut: int | None,
    unreadable: int,
    duplicates: int,
) -> Counted:
    """The panel of the kept rows.

    Parameters
    ----------
    names : of units, sorted; `groups.unit` counts from FIRST_UNIT in them. cut : last ordinal that
        is complete under the late-report rule, or None.

    Raises
    ------
    DataError : when nothing is left, or a window names a unit that is not there.
    """
    table = recipe.table
    index = groups.unit - FIRST_UNIT
    windows = _windows(recipe, names, cut)
    own = windows[np.maximum(index, 0)] if len(names) else np.zeros((index.size, 2), dtype=int)
    applies = {
        "no_date": ~groups.dated,
        "other_category": groups.outcomes == 0,
        "no_unit": groups.unit == NO_UNIT,
        "unknown_unit": groups.unit == UNKNOWN,
        "outside_coverage": (groups.period < own[:, 0]) | (groups.period > own[:, 1]),
        "no_report_date": groups.late == NO_REPORT,
        "late": groups.late == LATE,
    }
    left = np.ones(index.size, dtype=bool)
    dropped = {"unreadable": unreadable, "duplicate": duplicates}
    for reason, mask in applies.items():
        dropped[reason] = int(groups.count[left & mask].sum())
        left &= ~mask
    kept = int(groups.count[left].sum())
    if kept == 0:
        raise DataError(f"{recipe.located.file}: no incident is left. {_why(dropped, recipe)}")
    chosen = _chosen(recipe, names, index[left])
    place = np.full(len(names), -1)
    place[chosen] = np.arange(chosen.size)
    start, end = int(windows[chosen, 0].min()), int(windows[chosen, 1].max())
    shape = (chosen.size, end - start + 1, len(table.outcomes))
    if shape[0] * shape[1] > MOST_CELLS:
        message = f"{shape[0]:,} units by {shape[1]:,} {table.period}s are too many to hold."
        raise DataError(recipe.located.fault(("units", "which"), message))
    values = np.zeros(shape, dtype=np.int64)
    rows, columns = place[index[left]], groups.period[left] - start
    for number in range(shape[2]):
        counted = np.where(groups.outcomes[left] >> number & 1, groups.count[left], 0)
        np.add.at(values[:, :, number], (rows, columns), counted)
    before = int(groups.count[left & (groups.late == BEFORE)].sum())
    units = tuple(names[k] for k in chosen)
    return Counted(units, windows[chosen], values, kept, dropped, before)


def _windows(recipe: Recipe, names: Sequence[str], cut: int | None) -> np.ndarray:
    """(N, 2) first and last ordinal of each unit, cut where reports are not complete."""
    windows = np.tile(np.array(recipe.window()), (len(names), 1))
    index = {normal(name): number for number, name in enumerate(names)}
    for position, window in enumerate(recipe.table.coverage.windows):
        for unit in window.units:
            if normal(unit) not in index:
                near = "" if recipe.private else did_you_mean(unit, list(names)[:1000])
                message = f"no unit {unit!r} in the data.{near}"
                key = ("coverage", "windows", position, "units")
                raise DataError(recipe.located.fault(key, message))
    for unit, ends in recipe.windows().items():
        windows[index[unit]] = ends
    if cut is None:
        return windows
    after = np.flatnonzero(windows[:, 1] > cut)
    written = period.text(cut, recipe.table.period)
    if after.size and recipe.table.late and recipe.table.late.edge == "refuse":
        message = f"reports are complete until {written} only. End the coverage there."
        raise DataError(recipe.located.fault(("coverage", "last"), message))
    windows[:, 1] = np.minimum(windows[:, 1], cut)
    empty = np.flatnonzero(windows[:, 1] < windows[:, 0])
    if empty.size:
        message = f"{names[empty[0]]!r} has no period with complete reports (until {written})."
        raise DataError(recipe.located.fault(("coverage",), message))
    return windows


def _chosen(recipe: Recipe, names: Sequence[str], found: np.ndarray) -> np.ndarray:
    """Indices of the units that the panel has."""
    if recipe.table.units.which == "found":
        return np.unique(found)
    return np.arange(len(names))


def _why(dropped: Mapping[str, int], recipe: Recipe) -> str:
    most = max(dropped, key=lambda reason: dropped[reason])
    told = f"Most rows ({recipe.few(dropped[most])}) are {REASONS[most]}."
    if most == "unknown_unit" and recipe.table.units.polygons:
        return f"{told} Are longitude and latitude exchanged?"
    return told
