"""The table of a check as it may be told, and which cells of a table of people are withheld.

Small cells are, and what would give them away. Where rows and columns have totals that a reader may
know, a withheld cell could be worked out from the others; then more are withheld, until each of the
withheld could have been at least `SPREAD` different numbers. After Hundepool and others (2012),
Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data.project import Disclosure
from evaluation.effect import Check
from evaluation.fact import Fact, fact
from evaluation.study.release.effects import binomial
from evaluation.study.release.rounding import (
    Grid,
    Seen,
    coarse,
    count,
    fewer,
    nice,
    snapped,
    told_p,
)

SPREAD = 5
WITHHELD = "withheld"
RULE = Disclosure()


def suppressed(
    counts: Sequence[Sequence[int]] | np.ndarray,
    *,
    row_totals: bool = False,
    fewest: int = RULE.fewest,
) -> np.ndarray:
    """(r, c) bool, the cells not to tell: small ones, and those that would give a small one away.

    Where the total of a column is itself small, withholding its cells is not enough: leave it out.

    Parameters
    ----------
    counts : (r, c) people in each cell. The totals of columns are taken as known; with `row_totals`
        those of rows too.
    """
    table = np.asarray(counts, dtype=int)
    hidden = table < fewest
    while hidden.any() and not hidden.all():
        low, high = ranges(table, hidden, row_totals=row_totals, fewest=fewest)
        exposed = hidden & (high - low < SPREAD - 1)
        more = _next(table, hidden, exposed, row_totals)
        if more is None:
            break
        hidden[more] = True
    return hidden


def ranges(
    table: np.ndarray,
    hidden: np.ndarray,
    *,
    row_totals: bool = False,
    fewest: int = RULE.fewest,
) -> tuple[np.ndarray, np.ndarray]:
    """(r, c) lowest and highest number that each cell can be, given the cells that are told, the
    totals, and what a withheld cell is called; itself where told.
    """
    low, high = table.astype(int).copy(), table.astype(int).copy()
    if not hidden.any():
        return low, high
    most = _most(table, hidden, fewest)
    if row_totals:
        return _ranges_of_both(low, high, hidden, most)
    for column in range(table.shape[1]):
        cells = hidden[:, column]
        total, others = int(table[cells, column].sum()), int(cells.sum()) - 1
        high[cells, column] = min(total, total if most is None else most)
        low[cells, column] = (
            total if others == 0 else 0 if most is None else max(0, total - most * others)
        )
    return low, high


def shown(
    counts: Sequence[Sequence[int]] | np.ndarray,
    rule: Disclosure = RULE,
    *,
    row_totals: bool = False,
) -> list[list[int | str]]:
    """The table in steps, with words for what is withheld: "fewer than 10" when only small cells
    are, else "withheld" for all of them, so that nothing says which ones are small."""
    table = np.asarray(counts, dtype=int)
    hidden = suppressed(table, row_totals=row_totals, fewest=rule.fewest)
    word = WITHHELD if _most(table, hidden, rule.fewest) is None else str(fewer(rule))
    return [
        [word if hide else _number(int(cell), rule) for cell, hide in zip(row, mask, strict=True)]
        for row, mask in zip(table, hidden, strict=True)
    ]


def _number(people: int, rule: Disclosure) -> int | str:
    told = count(people, rule)
    return told if isinstance(told, int) else str(told)


def _most(table: np.ndarray, hidden: np.ndarray, fewest: int) -> int | None:
    """The most that a withheld cell can be by what it is called, or None."""
    return fewest - 1 if (table[hidden] < fewest).all() else None


def _ranges_of_both(
    low: np.ndarray, high: np.ndarray, hidden: np.ndarray, most: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """With the totals of rows and columns: a transport problem, its extremes whole numbers."""
    from scipy.optimize import linprog

    rows, columns = np.nonzero(hidden)
    lines = [rows == one for one in np.unique(rows)] + [
        columns == one for one in np.unique(columns)
    ]
    sums = np.array(lines, dtype=float)
    totals = sums @ low[rows, columns]
    for place in range(len(rows)):
        for sign, end in ((1.0, low), (-1.0, high)):
            goal = np.zeros(len(rows))
            goal[place] = sign
            found = linprog(goal, A_eq=sums, b_eq=totals, bounds=(0, most), method="highs")
            end[rows[place], columns[place]] = round(sign * float(found.fun))
    return low, high


def _next(
    table: np.ndarray, hidden: np.ndarray, exposed: np.ndarray, row_totals: bool
) -> tuple[int, int] | None:
    """One more cell to withhold, or None: the smallest told one in the column of a cell given away
    (with row totals, in its row or column, or else anywhere)."""
    if not exposed.any():
        return None
    near = np.logical_and(~hidden, exposed.any(axis=0, keepdims=True))
    if row_totals:
        near = near | np.logical_and(~hidden, exposed.any(axis=1, keepdims=True))
        near = near if near.any() else ~hidden
    if not near.any():
        return None
    masked = np.where(near, table, np.iinfo(int).max)
    row, column = divmod(int(masked.argmin()), table.shape[1])
    return row, column


# Columns of the tables of checks that count people; those of one table that share a total go
# together.
COUNTS: Mapping[str, tuple[str, ...]] = {
    "overlap": ("treated", "untreated"),
    "sampling-units": ("respondents",),
    "who-is-compared": ("people",),
    "scale-reliability": ("n",),
}
# Columns that count the people of one analysis beside another of the same people.
USED = ("people",)
# Columns that a plan or a method sets, and no data; tests; percents; and people with decimals.
SET = ("from", "to", "gamma", "days", "df", "windows before entry")
TESTS = ("p", "p_value", "p over all groups", "p over all items", "largest p")
PERCENT = ("percent", "left, %")
EFFECTIVE = ("effective",)
SHORT = ("largest share",)
# What the middle of a range is called, the first that a row has.
MIDDLES = ("percent", "estimate", "risk", "alpha")
ENDS = ("low", "high")
# Differences in standard deviations, of which two digits say whether groups are alike.
BALANCE, IN_HUNDREDTHS, RATIO = "balance", ("before", "after"), "variance ratio"
# Rubin (2001), Health Services and Outcomes Research Methodology 2:169-188.
ALIKE = (0.5, 2.0)


def told_check(check: Check, rule: Disclosure, grid: Grid, seen: Seen) -> Check:
    """The check with its table and finding as they may be told.

    Parameters
    ----------
    grid : of the people compared. seen : what numbers became that are told elsewhere; it learns
        those of the table.
    """
    rows = [dict(row) for row in check.table]
    names = [
        name
        for name in (*check.counts, *COUNTS.get(check.name, ()))
        if rows and all(_whole(row.get(name)) for row in rows)
    ]
    own = tuple(name for name in dict.fromkeys(names))
    cells = shown([[int(row[name]) for name in own] for row in rows], rule) if own else []
    made = []
    for place, row in enumerate(rows):
        told = _row(check.name, row, rule, grid, seen)
        for name, value in told.items():
            if isinstance(value, float) and isinstance(row[name], float):
                seen.add(row[name], value)
        made.append(told | dict(zip(own, cells[place], strict=True)) if own else told)
    return replace(check, table=tuple(made))


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _row(
    check: str, row: Mapping[str, Any], rule: Disclosure, grid: Grid, seen: Seen
) -> dict[str, Any]:
    told = {name: _cell(check, name, value, rule, grid, seen) for name, value in row.items()}
    middle = next((name for name in MIDDLES if isinstance(row.get(name), float)), None)
    if middle is None:
        return told
    for end in ENDS:
        if isinstance(row.get(end), float) and np.isfinite(row[end]):
            known = seen.of(row[end])
            told[end] = _end(row, told, middle, end, grid) if known is None else known
    return told


def _end(
    row: Mapping[str, Any], told: Mapping[str, Any], middle: str, end: str, grid: Grid
) -> float:
    """An end of a range as far from its middle as it was, in steps, on its side of nought."""
    away, center = row[end] - row[middle], float(told[middle])
    if not away:
        return center
    expected, events = (1.0, 1.0), grid.side / 2
    if middle == "risk":
        expected = binomial(row[middle], center)
        events = min(center, 1 - center) * grid.side
    size = grid.error(abs(away) / expected[0], events) * expected[1]
    made = center + float(np.copysign(size, away))
    if row[end] == 0 or made * row[end] > 0:
        return made
    return float(np.copysign(size / 100, row[end]))


def _cell(check: str, name: str, value: Any, rule: Disclosure, grid: Grid, seen: Seen) -> Any:
    if _whole(value):
        told = count(int(value), rule) if name in USED else int(value)
        return str(told) if isinstance(told, Fact) else told
    if not isinstance(value, (float, np.floating)) or not np.isfinite(value) or name in SET:
        return value
    return _told_number(check, name, float(value), grid, seen)


def _told_number(check: str, name: str, value: float, grid: Grid, seen: Seen) -> float | str:
    if check == BALANCE and name == RATIO:
        low, high = ALIKE
        return f"{low} to {high:g}" if low <= value <= high else "further apart"
    known = seen.of(value)
    if known is not None:
        return known
    if name in TESTS:
        return told_p(value)
    if name in SHORT:
        return coarse(value)
    if name in EFFECTIVE:
        return snapped(value, grid.step)
    if check == BALANCE and name in IN_HUNDREDTHS:
        return snapped(value, 0.01)
    if name in PERCENT:
        return snapped(value, nice(100 * grid.unit))
    rough = 10.0 ** np.floor(np.log10(abs(value)) - 1) if value else 1.0
    # A share, a risk or a mean of a few: in steps of people. Three digits of what is larger.
    return snapped(value, grid.unit) if abs(value) < 1 else snapped(value, max(rough / 10, 0.01))


def told_fact(given: Fact, rule: Disclosure, grid: Grid, seen: Seen) -> Fact:
    """The fact with its counts in steps or withheld, its statistics short, and nobody named."""
    return Fact(
        given.key,
        {name: _value(name, one, rule, grid, seen) for name, one in given.numbers.items()},
        {name: _counted(one, rule) for name, one in given.counts.items()},
    )


def _counted(people: Any, rule: Disclosure) -> Any:
    if isinstance(people, tuple):
        return tuple(_counted(one, rule) for one in people)
    return count(int(people), rule) if _whole(people) else people


def _value(name: str, value: Any, rule: Disclosure, grid: Grid, seen: Seen) -> Any:
    if isinstance(value, Fact):
        return told_fact(value, rule, grid, seen)
    if isinstance(value, tuple):
        return tuple(_value(name, one, rule, grid, seen) for one in value)
    if name == "person":
        return fact("release.somebody")
    if isinstance(value, float) and np.isfinite(value):
        known = seen.of(value)
        if known is not None:
            return known
        if name in TESTS:
            return told_p(value)
        # Three digits are a setting, a limit or a day, or were told short before.
        return value if coarse(value, 3) == value else coarse(value)
    return value


def people_of(checks: Sequence[Check]) -> tuple[int, ...]:
    """How many people each group has, by the check that says who is compared."""
    rows = next((one.table for one in checks if one.name == "who-is-compared"), ())
    return tuple(int(row["people"]) for row in rows if _whole(row.get("people")))
