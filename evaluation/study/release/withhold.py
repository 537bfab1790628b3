"""Which cells of a table of people are withheld: small ones, and what would give them away.

Where rows and columns have totals that a reader may know, a withheld cell could be worked out from
the others; then more are withheld, until each of the withheld could have been at least `SPREAD`
different numbers. After Hundepool and others (2012), Statistical Disclosure Control, chapter 4.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.data.project import Disclosure
from evaluation.study.release.rounding import count, fewer

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
