"""When the rows of a table are: dates, periods or text, as periods of one calendar."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, get_args

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.frames import SHOWN, Table, one_of
from evaluation.data.one_per_row import absent
from evaluation.errors import DataError
from evaluation.fact import Fact, fact

_EPOCH = datetime.date(1970, 1, 1).toordinal()
# A whole number from here on is a year.
FIRST_YEAR, LAST_YEAR = 1000, 2999
# Letters with which pandas begins the name of a frequency of periods.
_PERIODS: dict[str, calendar.Frequency] = {
    "M": "month",
    "Q": "quarter",
    "Y": "year",
    "A": "year",
    "W": "week",
    "D": "day",
}
# Dates are of days or weeks when so many of them lie between most of two that follow one another.
MOST_OF_DAYS, MOST_OF_WEEKS = 3, 14
_QUARTERS_OF_YEARS = ("Q", "Q-DEC", "QE-DEC", "QE")


@dataclass(frozen=True, slots=True)
class Moment:
    """One cell of time: a day or another period, by its ordinal."""

    of: str
    ordinal: int

    def within(self, frequency: calendar.Frequency, like: int = 0) -> int | None:
        """The ordinal of the period of this calendar that holds it; None when there is none: it is
        longer, or a week that reaches over the end of one.

        Parameters
        ----------
        like : ordinal of a week that begins on the day of the week that those of the calendar do.
        """
        if self.of == "day":
            return calendar.holding(datetime.date.fromordinal(self.ordinal), frequency, like)
        if "week" in (self.of, frequency):
            alike = self.ordinal // calendar.WEEKDAY == like // calendar.WEEKDAY
            return self.ordinal if self.of == frequency and alike else None
        own, length = calendar.MONTHS[self.of], calendar.MONTHS.get(frequency, 0)
        return None if own > length else self.ordinal * own // length


@dataclass(frozen=True, slots=True)
class Times:
    """(n,) ordinals of the periods of the rows, and their calendar."""

    ordinals: np.ndarray
    frequency: calendar.Frequency

    def text(self, ordinal: int) -> str:
        """The period as it is written."""
        return calendar.text(int(ordinal), self.frequency)

    def holding(self, given: object, what: str) -> int:
        """The ordinal of the period that holds a date; DataError as `moment`."""
        return moment(given, self.frequency, what, like=int(self.ordinals[0]))


def times(table: Table, name: str, frequency: object = None) -> Times:
    """The periods of the rows.

    Dates are days, weeks, months, quarters or years by the steps between them, unless the frequency
    is given. Weeks begin on the day of the week of the first date.

    Parameters
    ----------
    name : of a column of dates, of periods of pandas, of text such as "2012-10", "2012-Q4", "2012"
        "2012-W40" or "2012-10-01", or of years as numbers.

    Raises
    ------
    DataError : for anything else, a missing one, ways of writing that are mixed, or a frequency
        that is not that of the column.
    """
    one_of("frequency", frequency, (None, *get_args(calendar.Frequency)))
    found = []
    for row, value in zip(table.at, table.values(name, "time"), strict=True):
        if absent(value):
            raise DataError(fact("frames.no-time", name=name, row=row))
        moment = _moment(value)
        if moment is None:
            raise DataError(fact("frames.time", name=name, row=row, given=_shown(value)))
        found.append(moment)
    ways = sorted({one.of for one in found})
    if len(ways) > 1:
        raise DataError(fact("frames.times-mixed", name=name, ways=ways))
    own = _frequency([one.ordinal for one in found]) if ways == ["day"] else ways[0]
    chosen: Any = own if frequency is None else frequency
    like = found[0].ordinal if ways == ["week"] else 0
    if ways == ["day"]:
        like = calendar.week_from(datetime.date.fromordinal(min(one.ordinal for one in found)))
    ordinals = [one.within(chosen, like) for one in found]
    if None in ordinals and ways == [chosen]:
        odd = found[ordinals.index(None)].ordinal
        shown = [calendar.text(one, "week") for one in (like, odd)]
        raise DataError(fact("frames.weekdays", name=name, one=shown[0], other=shown[1]))
    if None in ordinals:
        key = "frames.times-apart" if own == "week" and chosen != "day" else "frames.times-longer"
        raise DataError(fact(key, name=name, own=own, frequency=chosen))
    return Times(np.array(ordinals, dtype=int), chosen)


def moment(given: object, frequency: calendar.Frequency, what: str, *, like: int = 0) -> int:
    """The ordinal of the period that holds a date: of the start, say.

    Parameters
    ----------
    like : as in `Moment.within`.

    Raises
    ------
    DataError : for what is no date or period, or a longer period than those of the calendar.
    """
    found = None if absent(given) else _moment(given)
    within = None if found is None else found.within(frequency, like)
    if within is None:
        example = calendar.EXAMPLE[frequency]
        shown = _shown(given)
        raise DataError(
            fact("frames.date", what=what, given=shown, frequency=frequency, example=example)
        )
    return within


def inside(
    given: object, frequency: calendar.Frequency, what: str, *, like: int = 0
) -> tuple[Fact, ...]:
    """That a date lies inside the period that holds it, all of which then counts; () when the
    period begins on it."""
    found = None if absent(given) else _moment(given)
    within = None if found is None or found.of != "day" else found.within(frequency, like)
    if found is None or within is None:
        return ()
    day = datetime.date.fromordinal(found.ordinal)
    if day == calendar.first_day(within, frequency):
        return ()
    held, after = (calendar.text(one, frequency) for one in (within, within + 1))
    return (fact("frames.inside", what=what, day=str(day), held=held, after=after),)


def days(table: Table, name: str, role: str, *, missing: bool = False) -> np.ndarray:
    """(n,) days since 1970 of dates, or numbers of days as they are; NaN where there is none.

    Raises
    ------
    DataError : for a cell that is neither a date nor a number, or without a value unless there may
        be such cells.
    """
    found = np.full(table.n, np.nan)
    for place, (row, value) in enumerate(zip(table.at, table.values(name, role), strict=True)):
        if absent(value):
            if not missing:
                raise DataError(fact("frames.missing", role=role, name=name, row=row))
            continue
        day = _day(value)
        if day is None:
            raise DataError(fact("frames.day", role=role, name=name, row=row, given=_shown(value)))
        found[place] = day
    return found


def stretches(ordinals: Sequence[int], frequency: calendar.Frequency) -> list[Fact]:
    """Periods as stretches of those that follow one another, the first few told and the rest
    counted."""
    runs: list[list[int]] = []
    for one in sorted(set(ordinals)):
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    told = [
        fact(
            "frames.stretch",
            first=calendar.text(run[0], frequency),
            last=calendar.text(run[-1], frequency),
            several=len(run) > 1,
        )
        for run in runs[:SHOWN]
    ]
    if len(runs) > SHOWN:
        told.append(fact("frames.more", more=sum(map(len, runs[SHOWN:]))))
    return told


def in_order(found: Times, name: str) -> np.ndarray:
    """(n,) the rows of one series in the order of time.

    Raises
    ------
    DataError : for a period twice; the message names it.
    """
    order = np.argsort(found.ordinals, kind="stable")
    ordinals = found.ordinals[order]
    again = ordinals[1:][np.diff(ordinals) == 0]
    frequency = found.frequency
    if len(again):
        told = stretches(again.tolist(), frequency)
        raise DataError(fact("frames.period-twice", name=name, periods=told, frequency=frequency))
    return order


def refuse_gaps(found: Times, name: str) -> None:
    """Nothing, when the rows of one series have every period from the first to the last.

    Raises
    ------
    DataError : when one is missing; the message names it.
    """
    ordinals, frequency = found.ordinals, found.frequency
    lost = sorted(set(range(ordinals.min(), ordinals.max() + 1)) - set(ordinals.tolist()))
    if lost:
        told = stretches(lost, frequency)
        key = "frames.gap"
        raise DataError(fact(key, name=name, periods=told, n=len(lost), frequency=frequency))


def refuse_holes(found: Times, holes: np.ndarray, column: str) -> None:
    """Nothing, when a column, the outcome say, has a number in every row.

    Parameters
    ----------
    holes : (n,) True where it has none.

    Raises
    ------
    DataError : when one has none; the message names the periods.
    """
    if holes.any():
        told = stretches(found.ordinals[holes].tolist(), found.frequency)
        raise DataError(fact("frames.hole", column=column, periods=told, n=int(holes.sum())))


def _frequency(days: Sequence[int]) -> calendar.Frequency:
    """The calendar of days, by the steps between them."""
    seen = np.unique(days)
    usual = float(np.median(np.diff(seen))) if len(seen) > 1 else np.inf
    if usual <= MOST_OF_WEEKS:
        return "day" if usual <= MOST_OF_DAYS else "week"
    dates = [datetime.date.fromordinal(day) for day in seen.tolist()]
    step = gcd(*np.diff(np.unique([date.year * 12 + date.month for date in dates])).tolist())
    if step and step % 12 == 0:
        return "year"
    return "quarter" if step and step % 3 == 0 else "month"


def _day(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = datetime.datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime.date):
        return float(value.toordinal() - _EPOCH)
    return float(value) if hasattr(value, "__float__") else None


def _moment(value: Any) -> Moment | None:
    if isinstance(value, str):
        return _text(value.strip())
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[D]").astype(object)
    name = getattr(value, "freqstr", None)
    if name is not None and hasattr(value, "ordinal") and hasattr(value, "year"):
        frequency = _PERIODS.get(str(name)[:1])
        if frequency is None or (frequency == "quarter" and name not in _QUARTERS_OF_YEARS):
            return None
        first = value.start_time
        if frequency == "week":
            return Moment("week", calendar.week_from(first))
        return Moment(frequency, calendar.holding(first, frequency))
    if isinstance(value, datetime.date):
        return Moment("day", value.toordinal())
    number = hasattr(value, "__float__") and getattr(value, "ndim", 0) == 0
    if isinstance(value, bool | np.bool_) or not number:
        return None
    year = float(value)
    if year.is_integer() and FIRST_YEAR <= year <= LAST_YEAR:
        return Moment("year", int(year))
    return None


def _text(written: str) -> Moment | None:
    for frequency in calendar.PER_YEAR:
        # A first day of a month is a date like others.
        if len(written) < len("2012-10-01") or "W" in written:
            try:
                return Moment(frequency, calendar.ordinal(written, frequency))
            except ValueError:
                continue
    try:
        day = datetime.datetime.fromisoformat(written)
    except ValueError:
        return None
    return Moment("day", day.toordinal()) if "-" in written else None


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) or absent(value) else str(value)
