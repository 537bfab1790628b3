"""When units are first treated, and what the periods of a table are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any, cast

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.did.arrays import Labels, missing, numbers, type_of
from evaluation.effect import Told
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact

# The first period where none is given, so that numbers alone are enough.
FIRST = date(2000, 1, 3)
# A first treated period from here on is a year of the calendar, not a number of periods.
YEAR = 1000


def ordinal(value: object, frequency: calendar.Frequency, what: Told, like: int = 0) -> int:
    """The number of a period given as text, a date, a pandas period or (of years) a number.

    Parameters
    ----------
    like : ordinal of a week that begins on the day of the week that those of the table do.

    Raises
    ------
    FitError : for anything that is no period of this frequency.
    """
    text = value if isinstance(value, str) else None
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = value.astype("datetime64[D]").astype(object)
    if text is None and not missing(value) and hasattr(value, "year") and hasattr(value, "month"):
        first = cast(date, getattr(value, "start_time", value))
        return calendar.holding(date(first.year, first.month, first.day), frequency, like)
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if text is None and whole and frequency == "year":
        text = str(value)
    if text is None:
        raise FitError(
            fact(
                "did.dates.which-no-write-like",
                what=what,
                value=value,
                frequency=frequency,
                example=calendar.EXAMPLE[frequency],
            )
        )
    try:
        return calendar.ordinal(text.strip(), frequency)
    except ValueError as fault:
        raise FitError(fact("did.dates.text", what=what, fault=fault)) from fault


def begin(
    first: object, columns: Labels | None, frequency: calendar.Frequency
) -> tuple[int, Labels | None]:
    """The number of the first period, and the columns of the outcomes in the order of time.

    Parameters
    ----------
    columns : labels of the columns of the outcomes, None when they have none.

    Raises
    ------
    FitError : for columns that are no periods, a period left out, or a first that is not theirs.
    """
    given = None if first is None else ordinal(first, frequency, fact("did.dates.first-given"))
    if columns is None:
        known = calendar.holding(FIRST, frequency) if given is None else given
        return known, None
    try:
        like = _weeks_like(columns[0]) if frequency == "week" else 0
        at = [ordinal(column, frequency, fact("did.dates.column"), like) for column in columns]
    except FitError as fault:
        raise FitError(fact("did.dates.columns-outcomes-must-be-periods", fault=fault)) from fault
    order = sorted(range(len(at)), key=at.__getitem__)
    times = [at[place] for place in order]
    for one, after in pairwise(times):
        if after != one + 1:
            lost = calendar.text(min(one + 1, after), frequency)
            raise FitError(
                fact(
                    "did.dates.among-outcomes-every-must-be",
                    none=after > one,
                    lost=lost,
                    frequency=frequency,
                )
            )
    if given is not None and given != times[0]:
        raise FitError(
            fact(
                "did.dates.first-but-first-column-outcomes",
                text=calendar.text(given, frequency),
                text2=calendar.text(times[0], frequency),
            )
        )
    return times[0], tuple(columns[place] for place in order)


def _weeks_like(column: object) -> int:
    """The week that begins on a date, which says on which day of the week all of them do."""
    first: Any = getattr(column, "start_time", column)
    if isinstance(column, str) or not hasattr(first, "day"):
        return 0
    return calendar.week_from(date(first.year, first.month, first.day))


def first_periods(
    first: object, n: int, length: int, begin_at: int | None, frequency: calendar.Frequency
) -> np.ndarray:
    """(n,) the index of each unit's first treated period, infinite for never.

    Numbers are indices from 0; text, dates and pandas periods are looked up in the calendar.

    Parameters
    ----------
    begin_at : ordinal of the first period of the panel, None when nothing says which it is.

    Raises
    ------
    FitError : for another length, a value that is no index or period, one below nought, or a
        period of the calendar where nothing says which one is the first.
    """
    if isinstance(first, str | bytes | Mapping) or first is None or not hasattr(first, "__len__"):
        raise FitError(fact("did.dates.there-must-be-one-first", type_of=type_of(first)))
    try:
        raw = np.asarray(first)
    except (TypeError, ValueError) as fault:
        raise FitError(fact("did.dates.first-treated-periods-must-be")) from fault
    if raw.shape != (n,):
        raise FitError(fact("did.dates.there-must-be-one-first-2"))
    dated = raw.dtype.kind in "MU" or (
        raw.dtype.kind == "O"
        and any(not missing(one) and (isinstance(one, str) or hasattr(one, "year")) for one in raw)
    )
    if not dated:
        starts = numbers(first, fact("did.dates.firsts"))
    else:
        starts = np.full(n, np.inf)
        for row, one in enumerate(raw):
            empty = isinstance(one, str) and not one.strip()
            if not (empty or missing(one) or (isinstance(one, float) and one == np.inf)):
                at = ordinal(one, frequency, fact("did.dates.first"), begin_at or 0)
                if begin_at is None:
                    raise FitError(
                        fact(
                            "did.dates.first-treated-period-but-nothing",
                            text=calendar.text(at, frequency),
                        )
                    )
                starts[row] = at - begin_at
        if (starts < 0).any():
            # Before the window begins: treated throughout, which is told as such.
            starts = np.maximum(starts, 0)
    late = np.isfinite(starts) & (starts >= max(length, YEAR))
    if late.any():
        raise FitError(
            fact(
                "did.dates.first-treated-period-there-periods",
                starts=starts[late][0],
                length=length,
                example=calendar.EXAMPLE[frequency],
            )
        )
    if (starts < 0).any():
        raise FitError(fact("did.dates.first-treated-period-periods-numbered", min=starts.min()))
    return np.where(np.isnan(starts) | (starts >= length), np.inf, starts)


def stretch(periods: tuple[str, ...]) -> Fact:
    """Periods that follow one another: "2012-10", or "2012-10 to 2012-12"."""
    several = len(periods) > 1
    return fact("did.dates.stretch", first=periods[0], last=periods[-1], several=several)


def written(text: str, panel: Panel, what: Told) -> int:
    """The ordinal of a period written in a plan; DataError when it is none."""
    try:
        return calendar.ordinal(text, panel.frequency)
    except (TypeError, ValueError) as fault:
        file = panel.provenance.file
        raise DataError(fact("did.dates.written", file=file, what=what, fault=fault)) from fault
