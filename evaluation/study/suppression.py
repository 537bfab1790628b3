"""Counts of few people are withheld before anything is written, and what would give them away too.

A count below 10 is not told. Where rows and columns have totals that a reader may know, a withheld
cell could be worked out from the others; then more cells are withheld, until each of the withheld
could have been at least `SPREAD` different numbers. After Hundepool and others (2012), Statistical
Disclosure Control, chapter 4 (cell suppression).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data.findings import FEW, SMALLEST, share_of, words_of
from evaluation.effect import Check, Effect

__all__ = ["FEW", "SMALLEST", "safe_check", "safe_effect", "safe_words", "words_of"]

SPREAD = 5
WITHHELD = "withheld"
_PEOPLE = re.compile(
    r"(?<![\d.,])(\d{1,3}(?:,\d{3})+|\d+) "
    r"(?=(?:of (?:the )?[\d,]+ )?(?:[a-z-]+ ){0,2}"
    r"(?:people|persons?|respondents|residents|pairs|others|participants|"
    r"treated and [\d,]+ untreated people)\b)"
)
_SHARE = re.compile(
    r"(?<!under )(?<!over )(?<![\d.,])(\d+) % of (?=(?:the )?(treated|untreated|others))"
)
# A name as messages write it, in quotes of either kind, with what follows of how many more.
_WHOM = re.compile(
    r"([Oo]f )?\b[Pp]erson (?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?: \(and of [^)]* more\))?"
)
_RESPONDENT = re.compile(r"\b([Rr])espondent \d[\d,]*")
# Columns of the tables of checks that count people; those of one table that share a total go
# together.
COUNTS: dict[str, tuple[str, ...]] = {
    "overlap": ("treated", "untreated"),
    "sampling-units": ("respondents",),
    "who-is-compared": ("people",),
    "scale-reliability": ("n",),
}
# Shares of the treated, told in whole percents.
SHARES = ("treated decided after entry",)
# Checks whose rows count some of the people of other rows: a small difference tells how many not.
NESTED = ("trimming",)
# Columns that count the people of one analysis beside another of the same people.
USED = ("people",)


def suppressed(
    counts: Sequence[Sequence[int]] | np.ndarray, *, row_totals: bool = False
) -> np.ndarray:
    """(r, c) bool, the cells not to tell: small ones, and those that would give a small one away.

    Where the total of a column is itself small, withholding its cells is not enough: leave it out.

    Parameters
    ----------
    counts : (r, c) people in each cell. The totals of columns are taken as known; with `row_totals`
        those of rows too.
    """
    table = np.asarray(counts, dtype=int)
    hidden = table < SMALLEST
    while hidden.any() and not hidden.all():
        low, high = ranges(table, hidden, row_totals=row_totals)
        exposed = hidden & (high - low < SPREAD - 1)
        more = _next(table, hidden, exposed, row_totals)
        if more is None:
            break
        hidden[more] = True
    return hidden


def ranges(
    table: np.ndarray, hidden: np.ndarray, *, row_totals: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """(r, c) lowest and highest number that each cell can be, given the cells that are told, the
    totals, and what a withheld cell is called; itself where told.
    """
    low, high = table.astype(int).copy(), table.astype(int).copy()
    if not hidden.any():
        return low, high
    most = _most(table, hidden)
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
    counts: Sequence[Sequence[int]] | np.ndarray, *, row_totals: bool = False
) -> list[list[int | str]]:
    """The table with words for what is withheld: "fewer than 10" when only small cells are, else
    "withheld" for all of them, so that nothing says which ones are small."""
    table = np.asarray(counts, dtype=int)
    hidden = suppressed(table, row_totals=row_totals)
    word = WITHHELD if _most(table, hidden) is None else FEW
    return [
        [word if hide else int(count) for count, hide in zip(row, mask, strict=True)]
        for row, mask in zip(table, hidden, strict=True)
    ]


def safe_words(text: str, wholes: Sequence[int] = ()) -> str:
    """A sentence without counts of few people, nor of all but a few, nor the name of a person.

    Parameters
    ----------
    wholes : numbers of people that are told elsewhere. Of people they are all, the treated and the
        others, in this order; then whole percents of a side that tell of few become "under".
    """

    def share(match: re.Match[str]) -> str:
        if len(wholes) != 3 or not (whole := wholes[1 if match[2] == "treated" else 2]):
            return match[0]
        # The percent was rounded: as few as there may be, and as few others.
        percent = int(match[1])
        if (percent - 0.5) * whole / 100 < SMALLEST:
            return f"{share_of(0, whole)} of "
        rest = (99.5 - percent) * whole / 100
        return match[0] if percent == 100 or rest >= SMALLEST else f"{share_of(99.9, whole)} of "

    def told(match: re.Match[str]) -> str:
        count = int(match[1].replace(",", ""))
        if count < SMALLEST:
            return f"{FEW} "
        near = _near(count, wholes)
        return match[0] if near == count else f"about {near:,} "

    nameless = _WHOM.sub(lambda match: "of somebody" if match[1] else "somebody", text)
    nameless = _RESPONDENT.sub(lambda match: f"a {match[1].lower()}espondent", nameless)
    return _SHARE.sub(share, _PEOPLE.sub(told, nameless))


def safe_effect(effect: Effect, wholes: Sequence[int]) -> Effect:
    """The effect with its notes, and its number of people, made safe; a number that is few short
    of all is told in tens."""
    return replace(
        effect,
        n=_near(effect.n, wholes),
        averted_estimand=safe_words(str(effect.averted_estimand), wholes),
        notes=tuple(safe_words(str(note), wholes) for note in effect.notes),
        objection=None if effect.objection is None else safe_words(str(effect.objection), wholes),
    )


def safe_check(check: Check, wholes: Sequence[int]) -> Check:
    """The check with the counts of its table and its finding made safe."""
    rows = [dict(row) for row in check.table]
    names = [name for name in COUNTS.get(check.name, ()) if rows and name in rows[0]]
    if names:
        cells = shown([[int(row[name]) for name in names] for row in rows])
        for row, line in zip(rows, cells, strict=True):
            row.update(
                {name: _used(value, wholes) for name, value in zip(names, line, strict=True)}
            )
    else:
        if check.name in NESTED:
            wholes = (*wholes, *(row[name] for row in rows for name in USED if name in row))
        for row in rows:
            row.update({name: _used(row[name], wholes) for name in USED if name in row})
    for row in rows:
        row.update({name: _share(row[name], wholes) for name in SHARES if name in row})
    return replace(check, says=safe_words(str(check.says), wholes), table=tuple(rows))


def _used(value: Any, wholes: Sequence[int]) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        return value
    return FEW if value < SMALLEST else _near(int(value), wholes)


def _share(share: float, wholes: Sequence[int]) -> float | str:
    """A share of the treated in whole percents, or in words where it is of few or all but few."""
    told = share_of(100 * share, wholes[1])
    return round(share, 2) if told[0].isdigit() else told


def _near(count: int, wholes: Sequence[int]) -> int:
    """The count, in tens where it is few short of a whole that is told."""
    close = any(0 < whole - count < SMALLEST for whole in wholes)
    return count // SMALLEST * SMALLEST if close else count


def _most(table: np.ndarray, hidden: np.ndarray) -> int | None:
    """The most that a withheld cell can be by what it is called, or None."""
    return SMALLEST - 1 if (table[hidden] < SMALLEST).all() else None


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
