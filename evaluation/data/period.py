"""Calendar periods as whole numbers: months, quarters and years.

A period is written `2012-10` (month), `2012-Q4` (quarter) or `2012` (year). Its ordinal counts
periods since year 0, so that the next period is always the ordinal plus one.
"""

from __future__ import annotations

import datetime
import re
from typing import Literal

Frequency = Literal["month", "quarter", "year"]

PER_YEAR: dict[str, int] = {"month": 12, "quarter": 4, "year": 1}
EXAMPLE = {"month": "2012-10", "quarter": "2012-Q4", "year": "2012"}
_PATTERN = {
    "month": re.compile(r"(\d{4})-(\d{2})(?:-01)?"),
    "quarter": re.compile(r"(\d{4})-?Q(\d)"),
    "year": re.compile(r"(\d{4})"),
}


def ordinal(text: str, frequency: str) -> int:
    """The period `text` as a whole number.

    A month may also be written as its first day, `2012-10-01`.

    Raises
    ------
    ValueError : with a message for the user, when `text` is no such period; it says so when
        `text` is a period of another frequency.

    Examples
    --------
    >>> ordinal("2012-10", "month") - ordinal("2012-01", "month")
    9
    """
    match = _PATTERN[frequency].fullmatch(text)
    if match is None:
        for other, pattern in _PATTERN.items():
            if other != frequency and pattern.fullmatch(text):
                raise ValueError(
                    f"{text!r} is a {other}, but the frequency is {frequency}; "
                    f"write it like {EXAMPLE[frequency]}"
                )
        raise ValueError(f"{text!r} is not a {frequency}; write it like {EXAMPLE[frequency]}")
    year = int(match[1])
    part = int(match[2]) if frequency != "year" else 1
    if not 1 <= part <= PER_YEAR[frequency]:
        raise ValueError(f"{text!r} has {frequency} {part}; it must be 1 to {PER_YEAR[frequency]}")
    return year * PER_YEAR[frequency] + part - 1


def text(number: int, frequency: str) -> str:
    """The period with this ordinal, as it is written.

    Examples
    --------
    >>> text(ordinal("2012-Q4", "quarter") + 1, "quarter")
    '2013-Q1'
    """
    year, part = divmod(number, PER_YEAR[frequency])
    if frequency == "month":
        return f"{year:04d}-{part + 1:02d}"
    if frequency == "quarter":
        return f"{year:04d}-Q{part + 1}"
    return f"{year:04d}"


def span(text: str) -> tuple[datetime.date, datetime.date]:
    """First and last day of a month, quarter, year or day, however it is written.

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
    for frequency, length in PER_YEAR.items():
        if _PATTERN[frequency].fullmatch(text):
            begin, end = (ordinal(text, frequency) + step for step in (0, 1))
            first, after = (
                datetime.date(number // length, number % length * (12 // length) + 1, 1)
                for number in (begin, end)
            )
            return first, after - datetime.timedelta(days=1)
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no day, month, quarter or year") from None
    return day, day


def of_year(number: int, frequency: str) -> int:
    """Which month, quarter or year-part it is: 1 to 12, 1 to 4, or 1."""
    return number % PER_YEAR[frequency] + 1
