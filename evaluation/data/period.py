"""Calendar periods as whole numbers: days, weeks, months, quarters and years.

A period is written `2012-10-18` (day), `2012-W40` (week), `2012-10` (month), `2012-Q4` (quarter) or
`2012` (year). Its ordinal counts periods, so that the next period is always the ordinal plus one;
of months, quarters and years it counts from year 0.

A week has seven days and an ISO 8601 number: it belongs to the year that has most of its days, and
some years have 53. Weeks may begin on any day of the week. Those that do not begin on a Monday are
written as the ISO date of their first day: `2012-W42-4` is the week from Thursday, October 18,
2012. The ordinals of weeks from Tuesday are a million above those from Monday, and so on, so that
weeks of different kinds are never taken for neighbors.
"""

from __future__ import annotations

import datetime
import re
from typing import Literal

Frequency = Literal["month", "quarter", "year", "week", "day"]

# Whole periods in a year; of weeks and days the nearest number. `a_year` is exact.
PER_YEAR: dict[str, int] = {"month": 12, "quarter": 4, "year": 1, "week": 52, "day": 365}
# Months in a period of those that are made of months.
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
EXAMPLE = {
    "month": "2012-10",
    "quarter": "2012-Q4",
    "year": "2012",
    "week": "2012-W40",
    "day": "2012-10-18",
}
# Between the ordinals of weeks that begin on one day of the week and on the next.
WEEKDAY = 1_000_000
_DAYS_A_YEAR = 365.25
_PATTERN = {
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-?Q(\d)"),
    "year": re.compile(r"(\d{4})"),
    "week": re.compile(r"(\d{4})-?W(\d{2})(?:-([1-7]))?"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}


def ordinal(text: str, frequency: str) -> int:
    """The period `text` as a whole number.

    A month, quarter or year may also be written as its first day, `2012-10-01`. In place of a week
    a day is refused, which may be its last one as well: see `begun`.

    Raises
    ------
    ValueError : with a message for the user, when `text` is no such period; it says so when
        `text` is a period of another frequency.

    Examples
    --------
    >>> ordinal("2012-10", "month") - ordinal("2012-01", "month")
    9
    >>> ordinal("2021-W01", "week") - ordinal("2020-W53", "week")
    1
    """
    match = _PATTERN[frequency].fullmatch(text)
    if match is None:
        if frequency in MONTHS and _PATTERN["day"].fullmatch(text):
            day = _day(text, frequency)
            if day == first_day(number := holding(day, frequency), frequency):
                return number
        for other, pattern in _PATTERN.items():
            if other != frequency and pattern.fullmatch(text):
                raise ValueError(
                    f"{text!r} is a {other}, but the frequency is {frequency}; "
                    f"write it like {_like(text, frequency)}"
                )
        raise ValueError(f"{text!r} is not a {frequency}; write it like {EXAMPLE[frequency]}")
    year = int(match[1])
    if frequency == "day":
        return _day(text, frequency).toordinal()
    if frequency == "week":
        return week_from(_of_week(text, year, int(match[2]), int(match[3] or 1)))
    part = int(match[2]) if frequency != "year" else 1
    if not 1 <= part <= PER_YEAR[frequency]:
        raise ValueError(f"{text!r} has {frequency} {part}; it must be 1 to {PER_YEAR[frequency]}")
    return year * PER_YEAR[frequency] + part - 1


def begun(written: str, frequency: str, like: int | None = None) -> int:
    """The ordinal of a period that a person names: as it is written, or by the date it begins on.

    Parameters
    ----------
    like : ordinal of any week of the table; None where nobody knows on which day its weeks begin.

    Raises
    ------
    ValueError : with a message for the user: as `ordinal`, and for a day inside a period, which may
        mean the one that holds it or the first whole one.

    Examples
    --------
    >>> begun("2012-10-01", "quarter") == ordinal("2012-Q4", "quarter")
    True
    """
    if frequency == "week" and _PATTERN["day"].fullmatch(written):
        number = week_from(_day(written, frequency))
    elif frequency in MONTHS and _PATTERN["day"].fullmatch(written):
        day = _day(written, frequency)
        number = holding(day, frequency)
        if day != first_day(number, frequency):
            raise ValueError(
                f"{written!r} is a day inside a {frequency}; write {text(number, frequency)!r} for "
                f"the {frequency} that holds it, or {text(number + 1, frequency)!r} for the first "
                "that begins after it"
            )
    else:
        number = ordinal(written, frequency)
    if like is not None:
        refuse_other_week(number, like, frequency)
    return number


def text(number: int, frequency: str) -> str:
    """The period with this ordinal, as it is written.

    Examples
    --------
    >>> text(ordinal("2012-Q4", "quarter") + 1, "quarter")
    '2013-Q1'
    >>> text(ordinal("2012-W52-4", "week") + 1, "week")
    '2013-W01-4'
    """
    if frequency == "day":
        return datetime.date.fromordinal(number).isoformat()
    if frequency == "week":
        year, week, weekday = first_day(number, frequency).isocalendar()
        return f"{year:04d}-W{week:02d}" + (f"-{weekday}" if weekday > 1 else "")
    year, part = divmod(number, PER_YEAR[frequency])
    if frequency == "month":
        return f"{year:04d}-{part + 1:02d}"
    if frequency == "quarter":
        return f"{year:04d}-Q{part + 1}"
    return f"{year:04d}"


def first_day(number: int, frequency: str) -> datetime.date:
    """The first day of the period with this ordinal.

    Examples
    --------
    >>> first_day(ordinal("2015-W01", "week"), "week").isoformat()
    '2014-12-29'
    """
    if frequency == "day":
        return datetime.date.fromordinal(number)
    if frequency == "week":
        weekday, weeks = divmod(number, WEEKDAY)
        return datetime.date.fromordinal(1 + 7 * weeks + weekday)
    year, part = divmod(number, PER_YEAR[frequency])
    return datetime.date(year, part * MONTHS[frequency] + 1, 1)


def week_from(day: datetime.date) -> int:
    """The ordinal of the week whose first day this is."""
    weeks, weekday = divmod(day.toordinal() - 1, 7)
    return weekday * WEEKDAY + weeks


def holding(day: datetime.date, frequency: str, like: int = 0) -> int:
    """The ordinal of the period that holds a day.

    Parameters
    ----------
    like : ordinal of any week that begins on the same day of the week; 0 for weeks from Monday.

    Examples
    --------
    >>> text(holding(datetime.date(2012, 10, 18), "week"), "week")
    '2012-W42'
    """
    if frequency == "day":
        return day.toordinal()
    if frequency == "week":
        weekday = like // WEEKDAY
        return weekday * WEEKDAY + (day.toordinal() - 1 - weekday) // 7
    return day.year * PER_YEAR[frequency] + (day.month - 1) // MONTHS[frequency]


def refuse_other_week(number: int, like: int, frequency: str) -> None:
    """Refuse a week that begins on another day of the week than the one it stands beside.

    Raises
    ------
    ValueError : with a message for the user.
    """
    if frequency == "week" and number // WEEKDAY != like // WEEKDAY:
        own = holding(first_day(number, frequency), frequency, like)
        raise ValueError(
            f"{text(number, frequency)!r} is a week from a {first_day(number, frequency):%A}, but "
            f"weeks begin on a {first_day(like, frequency):%A} here, as {text(like, frequency)} "
            f"does; its first day, {first_day(number, frequency)}, is in {text(own, frequency)}"
        )


def span(text: str) -> tuple[datetime.date, datetime.date]:
    """First and last day of a day, week, month, quarter or year.

    Periods of different frequency are compared by these: as text, "2019-12" is before "2019-Q1".

    Raises
    ------
    ValueError : when `text` is none of them.

    Examples
    --------
    >>> [day.isoformat() for day in span("2019-Q1")]
    ['2019-01-01', '2019-03-31']
    >>> span("2019-12")[0] > span("2019-Q1")[1]
    True
    """
    for frequency in ("day", *PER_YEAR):
        if _PATTERN[frequency].fullmatch(text):
            number = ordinal(text, frequency)
            after = first_day(number + 1, frequency)
            return first_day(number, frequency), after - datetime.timedelta(days=1)
    raise ValueError(f"{text!r} is no day, week, month, quarter or year")


def of_year(number: int, frequency: str) -> int:
    """Which month, quarter or year-part it is: 1 to 12, 1 to 4, or 1."""
    return number % PER_YEAR[frequency] + 1


def year_of(number: int, frequency: str) -> int:
    """The year of a period; of a week the one that has most of its days.

    Examples
    --------
    >>> year_of(ordinal("2020-W53", "week"), "week")
    2020
    """
    if frequency in MONTHS:
        return number // PER_YEAR[frequency]
    return _middle(number, frequency).year


def time_of_year(number: int, frequency: str) -> float:
    """How much of its year has passed in the middle of a week or day, from 0 to 1.

    The day of the year over the length of that year: the season of a leap year is no day longer.
    """
    middle = _middle(number, frequency)
    begin = datetime.date(middle.year, 1, 1).toordinal()
    length = datetime.date(middle.year + 1, 1, 1).toordinal() - begin
    return (middle.toordinal() - begin + 0.5) / length


def a_year(frequency: str) -> float:
    """Periods in a year on average: 365.25 days, 52.18 weeks, 12 months, 4 quarters.

    Examples
    --------
    >>> a_year("month"), round(a_year("week"), 2)
    (12, 52.18)
    """
    if frequency in MONTHS:
        return PER_YEAR[frequency]
    return _DAYS_A_YEAR / (7 if frequency == "week" else 1)


def _middle(number: int, frequency: str) -> datetime.date:
    return first_day(number, frequency) + datetime.timedelta(days=3 if frequency == "week" else 0)


def _day(text: str, frequency: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        like = EXAMPLE[frequency]
        raise ValueError(f"{text!r} is not a day of the calendar; write it like {like}") from None


def _of_week(text: str, year: int, week: int, weekday: int) -> datetime.date:
    # The last week of a year is that of December 28.
    last = datetime.date(max(year, 1), 12, 28).isocalendar().week
    if not 1 <= week <= last:
        raise ValueError(f"{text!r} has week {week}; in {year} it must be 1 to {last}")
    return datetime.date.fromisocalendar(max(year, 1), week, weekday)


def _like(written: str, frequency: str) -> str:
    """How to write it: the week from a day that was written or what holds it, else an example."""
    if not _PATTERN["day"].fullmatch(written):
        return EXAMPLE[frequency]
    day = _day(written, frequency)
    return text(week_from(day) if frequency == "week" else holding(day, frequency), frequency)
