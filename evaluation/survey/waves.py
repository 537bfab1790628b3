"""Which wave came first: by a calendar, by numbers, or as declared; never by the alphabet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.data.one_per_row import code
from evaluation.errors import DataError
from evaluation.fact import fact

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
# Seasons by the month in the middle. A winter lies in two years, so it has no place in one.
_SEASONS = {"spring": 4, "summer": 7, "fall": 10, "autumn": 10}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SIGNED = re.compile(r"-?\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


def in_order(labels: Sequence[str], declared: Sequence[Any] | None, after: Any) -> tuple[str, ...]:
    """The waves in the order of time.

    Parameters
    ----------
    labels : of the waves that occur, each once. declared : all of them in order, as their author
        says, or None. after : the first after the start, or None; of two waves it declares the
        order.

    Raises
    ------
    DataError : when the order is not declared and the labels have none of their own.

    Examples
    --------
    >>> in_order(["wave 10", "wave 2"], None, None)
    ('wave 2', 'wave 10')
    >>> in_order(["2012-fall", "2012-spring"], None, None)
    ('2012-spring', '2012-fall')
    >>> in_order(["after", "before"], None, "after")
    ('before', 'after')
    """
    if declared is not None:
        return _declared(labels, [code(one) for one in declared])
    for key in (_number, _calendar):
        places = [key(label) for label in labels]
        known = [place for place in places if place is not None]
        if len(known) == len(labels) and _apart(known):
            return tuple(
                labels[place] for place in sorted(range(len(labels)), key=known.__getitem__)
            )
    numbered = _numbered(labels)
    if numbered is not None:
        return numbered
    if len(labels) == 2 and after is not None and code(after) in labels:
        last = code(after)
        return (*(label for label in labels if label != last), last)
    raise DataError(fact("survey.waves.no-order", waves=sorted(labels)))


def _declared(labels: Sequence[str], order: Sequence[str]) -> tuple[str, ...]:
    if len(set(order)) < len(order):
        raise DataError(fact("survey.waves.twice"))
    absent = [label for label in labels if label not in order]
    if absent:
        raise DataError(fact("survey.waves.absent", wave=absent[0]))
    return tuple(label for label in order if label in labels)


def _apart(places: Sequence[tuple[float, ...]]) -> bool:
    """Whether no two are in one place, and no year as a whole beside a part of the same year."""
    years = [place[0] for place in places]
    whole = [place[0] for place in places if place[1:] == (0.0, 0.0)]
    return len(set(places)) == len(places) and all(years.count(year) == 1 for year in whole)


def _number(label: str) -> tuple[float, ...] | None:
    return (float(label),) if _SIGNED.fullmatch(label) else None


def _calendar(label: str) -> tuple[float, ...] | None:
    """Year, month and day of a label that has a year and no other number that is none of these."""
    text = label.lower().strip()
    day = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:t.*)?", text)
    if day:
        return int(day[1]), float(day[2]), float(day[3])
    years = _YEAR.findall(text)
    if len(years) != 1:
        return None
    rest = re.sub(r"[\s_,./-]+", " ", text.replace(years[0], " ", 1)).strip()
    year = int(years[0])
    if not rest:
        return year, 0.0, 0.0
    if rest in _SEASONS:
        return year, float(_SEASONS[rest]), 0.0
    part = re.fullmatch(r"([qh])\s*([1-4])", rest)
    if part and (part[1] == "q" or part[2] in "12"):
        length = 3 if part[1] == "q" else 6
        return year, length * int(part[2]) - length / 2, 0.0
    named = [number for number, name in enumerate(_MONTHS, start=1) if name.startswith(rest)]
    if len(rest) >= 3 and named:
        return year, float(named[0]), 0.0
    month = re.fullmatch(r"(\d{4})-(\d\d)", text)
    if month and 1 <= int(month[2]) <= 12:
        return year, float(month[2]), 0.0
    return None


def _numbered(labels: Sequence[str]) -> tuple[str, ...] | None:
    """Labels that differ in numbers alone, where all numbers that differ say the same order."""
    if len({_NUMBER.sub("#", label.lower()) for label in labels}) != 1:
        return None
    numbers = np.array([[float(one) for one in _NUMBER.findall(label)] for label in labels])
    orders = [tuple(np.argsort(column)) for column in numbers.T if len(set(column.tolist())) > 1]
    distinct = all(len(set(column.tolist())) in (1, len(labels)) for column in numbers.T)
    if len(set(orders)) != 1 or not distinct:
        return None
    return tuple(labels[place] for place in orders[0])
