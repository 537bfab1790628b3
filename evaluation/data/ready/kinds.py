"""Which kind of table some columns are of: of places and periods, of people, or of answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from evaluation.data import period
from evaluation.data.ready.columns import TIME, Column, Kind, as_numbers
from evaluation.data.ready.periods_read import unique


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


PERSON: Final = _words(
    r"\b(person|people|participant|client|respondent|subject|resident|individual|case|member|pid|"
    r"record|id)s?\b"
)
# A column of numbers is one of people where its name is that of one.
_NUMBERED: Final = _words(r"\b(person|participant|client|respondent|subject|individual|pid|id)\b")
WAVE: Final = _words(r"\b(wave|round|survey ?(year|wave)|interview ?(year|wave))\b|^(year|time)$")
WEIGHT: Final = _words(r"\b(weight|wt|wgt|pweight)s?\b")
STRATUM: Final = _words(r"\bstrat(um|a)\b")
CLUSTER: Final = _words(r"\b(cluster|psu|block ?group|tract|site)s?\b")
FPC: Final = _words(r"\b(fpc|population|pop)\b")
BEFORE: Final = _words(r"prior|before|previous|history|lifetime|ever|past|pre\b|baseline")
# An answer on a scale is one of at most so many whole numbers, up to this one.
_ANSWERS, _HIGHEST = 11, 10
# So many different names in a column of people are those of persons, even when some come twice.
_NAMED: Final = 10


def kind_of(columns: Sequence[Column]) -> Kind:
    """Which kind of table these columns are of."""
    people = [one for one in columns if one.says(PERSON) and _names_people(one)]
    if not people or any(map(_row_a_period, columns)):
        return "panel"
    if wave_of(columns) is not None and any(map(is_item, columns)):
        return "survey"
    plain = [one for one in people if not re.search(r"\bid\b|case|record", one.name, re.I)]
    flags = [one for one in columns if one.flag]
    days = [one for one in columns if one.day is not None]
    return "people" if plain or (flags and days) else "panel"


def _names_people(column: Column) -> bool:
    """Whether a column holds a name of its own for most rows."""
    if column.numbers is None and column.periods:
        return False
    if column.numbers is not None and not column.says(_NUMBERED):
        return False  # residents, or participants of a month
    return 2 * len(column.values) > len(column.cells) or len(column.values) > _NAMED


def _row_a_period(column: Column) -> bool:
    """Whether each row is of a week, month, quarter or year of its own."""
    found = [one for one in column.periods if one.frequency in (*period.MONTHS, "week")]
    return column.says(TIME) and any(
        unique(one.ordinals, [""] * len(column.cells), but=0.0) for one in found
    )


def wave_of(columns: Sequence[Column]) -> Column | None:
    found = [one for one in columns if one.says(WAVE) and 1 < len(one.values) <= 24]
    return found[0] if found else None


def is_item(column: Column) -> bool:
    if column.numbers is None or column.flag or column.code or not column.whole:
        return False
    if any(column.says(one) for one in (WAVE, PERSON, WEIGHT, STRATUM, CLUSTER, FPC, BEFORE)):
        return False
    known = sorted({int(float(text)) for text in as_numbers(column) if text})
    low, high = run_of(known)
    return 1 < high - low + 1 <= _ANSWERS and low >= 0 and high <= _HIGHEST and len(known) > 2


def run_of(known: Sequence[int]) -> tuple[int, int]:
    """First and last of the longest run of whole numbers; codes of no answer stand apart.

    Examples
    --------
    >>> run_of([-9, 1, 2, 3, 4, 5, 8, 9, 99])
    (1, 5)
    """
    runs = [[known[0]]] if known else [[0]]
    for before, after in pairwise(known):
        if after - before == 1:
            runs[-1].append(after)
        else:
            runs.append([after])
    best = max(runs, key=len)
    return best[0], best[-1]
