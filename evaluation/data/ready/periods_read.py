"""How a column writes its periods, and which they are."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from evaluation.data import period
from evaluation.data.ready.form import blank, is_total

_MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"),
    ("may", "mayo"), ("june", "junio"), ("july", "julio"), ("august", "agosto"),
    ("september", "septiembre"), ("october", "octubre"), ("november", "noviembre"),
    ("december", "diciembre"),
)  # fmt: skip
_YEARS: Final = (1900, 2100)
# Days since the last of 1899, as spreadsheets count them; from 1954 to 2064.
_SERIALS: Final = (20_000, 60_000)
_BEFORE_SERIALS: Final = datetime.date(1899, 12, 30)
# A column is one of periods when so many of its cells are; the others are then faults of it.
_ENOUGH: Final = 0.8
# Cells by which the ways are chosen that are tried on all.
_LOOKED: Final = 200
# Rows of a table by unit and period that may be there twice by mistake.
_TWICE: Final = 0.05
# Years that a two-digit number may name, as in Python and POSIX.
_PIVOT: Final = 69

Day = datetime.date
# What a cell says: an ordinal and its frequency, or a day.
Said = tuple[str, "int | Day"]
Reader = Callable[[re.Match[str]], "Said | None"]


def month_number(text: str) -> int:
    """1 to 12 for a month's name, in full or its first letters, or its number; 0 for none.

    Examples
    --------
    >>> month_number("Sept."), month_number("dic"), month_number("07"), month_number("13")
    (9, 12, 7, 0)
    """
    word = text.strip(". ").casefold()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word[:4]) <= 12 else 0
    if len(word) < 3:
        return 0
    return next((n for n, names in enumerate(_MONTHS, 1) if _begins(word, names)), 0)


def _begins(word: str, names: Sequence[str]) -> bool:
    return any(name.startswith(word) for name in names)


def _month(year: str, month: str) -> Said | None:
    number, of = month_number(month), _year(year)
    return ("month", of * 12 + number - 1) if number and of else None


def _year(text: str) -> int:
    if len(text) == 2:
        return (1900 if int(text) >= _PIVOT else 2000) + int(text)
    return int(text) if _YEARS[0] <= int(text) <= _YEARS[1] else 0


def _of_year(text: str) -> Said | None:
    of = _year(text)
    return ("year", of) if of else None


def _quarter(year: str, quarter: str) -> Said | None:
    of = _year(year)
    return ("quarter", of * 4 + int(quarter) - 1) if of and 1 <= int(quarter) <= 4 else None


def _day(year: str, month: str, day: str) -> Said | None:
    of, number = _year(year), month_number(month)
    try:
        return ("day", Day(of, number, int(day))) if of and number else None
    except ValueError:
        return None


def _week(year: str, week: str, weekday: str | None) -> Said | None:
    try:
        return "week", period.ordinal(f"{year}-W{int(week):02d}-{weekday or 1}", "week")
    except ValueError:
        return None


def _serial(text: str) -> Said | None:
    number = int(text)
    if not _SERIALS[0] <= number <= _SERIALS[1]:
        return None
    return "day", _BEFORE_SERIALS + datetime.timedelta(days=number)


_CLOCK: Final = r"(?:[ T]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d\d:?\d\d)?)?"
_NAME: Final = r"([^\W\d_]{3,10})\.?"
# Each way of writing, by a name; those that may mean two things stand together below.
_WAYS: Final[dict[str, tuple[re.Pattern[str], Reader]]] = {
    name: (re.compile(pattern, re.IGNORECASE), read)
    for name, pattern, read in (
        ("year", r"(\d{4})(?:\.0)?", lambda m: _of_year(m[1])),
        ("month", r"(\d{4})-(\d{2})", lambda m: _month(m[1], m[2])),
        ("year month", r"(\d{4})[-/. ](\d{1,2})", lambda m: _month(m[1], m[2])),
        ("digits", r"(\d{4})(\d{2})", lambda m: _month(m[1], m[2])),
        ("year M", r"(\d{4})[- ]?M(\d{1,2})", lambda m: _month(m[1], m[2])),
        ("month year", r"(\d{1,2})[-/. ](\d{4})", lambda m: _month(m[2], m[1])),
        ("name year", rf"{_NAME}[-/ ,]*(\d{{4}})", lambda m: _month(m[2], m[1])),
        ("year name", rf"(\d{{4}})[-/ ]*{_NAME}", lambda m: _month(m[1], m[2])),
        ("name yy", rf"{_NAME}[-/ ]*'?(\d{{2}})", lambda m: _month(m[2], m[1])),
        ("yy name", rf"'?(\d{{2}})[-/ ]{_NAME}", lambda m: _month(m[1], m[2])),
        ("quarter", r"(\d{4})[-/ ]?Q(?:T?R)?([1-4])", lambda m: _quarter(m[1], m[2])),
        ("q year", r"Q(?:T?R)? ?([1-4])[-/ ,]*(\d{4})", lambda m: _quarter(m[2], m[1])),
        ("nq year", r"([1-4])Q[-/ ]*(\d{4})", lambda m: _quarter(m[2], m[1])),
        ("week", r"(\d{4})[-/ ]?W(\d{1,2})(?:-([1-7]))?", lambda m: _week(m[1], m[2], m[3])),
        ("day", rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}",
         lambda m: _day(m[1], m[2], m[3])),
        ("day digits", r"(\d{4})(\d{2})(\d{2})", lambda m: _day(m[1], m[2], m[3])),
        ("m/d", rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_CLOCK}",
         lambda m: _day(m[3], m[1], m[2])),
        ("d/m", rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_CLOCK}",
         lambda m: _day(m[3], m[2], m[1])),
        ("d name", rf"(\d{{1,2}})[-/ ]{_NAME}[-/ ,]*(\d{{4}}|\d{{2}}){_CLOCK}",
         lambda m: _day(m[3], m[2], m[1])),
        ("name d", rf"{_NAME} (\d{{1,2}}),? (\d{{4}}){_CLOCK}", lambda m: _day(m[3], m[1], m[2])),
        ("serial", r"(\d{5})(?:\.0+)?", lambda m: _serial(m[1])),
    )
}  # fmt: skip
# Two years side by side, as of a fiscal year; 2011-12 alone would be a month.
_FISCAL: Final = re.compile(r"(?:FY ?)?(\d{4})[-/–](\d{2}|\d{4})|FY ?'?\d{2,4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Periods:
    """What a column says of time.

    Parameters
    ----------
    frequency : "day" where the cells are days. ordinals : (n,) of periods, or of days the number
    since year 1; None for no period. way : how they are written. odd : indices of cells that say
    none although they say something. written : whether all are as the reader of tables takes them.
    ends : of weeks that were days, whether these are the last of each week.
    """

    frequency: str
    ordinals: tuple[int | None, ...]
    way: str
    odd: tuple[int, ...]
    written: bool
    ends: bool = False


def fiscal(cells: Sequence[str]) -> bool:
    """Whether a column holds fiscal years, which no calendar tells.

    Examples
    --------
    >>> fiscal(["2009-10", "2010-11", "2011-12"]), fiscal(["2009-10", "2009-11"]), fiscal(["FY12"])
    (True, False, True)
    """
    held = [cell for cell in cells if not blank(cell) and not is_total(cell)]
    found = [_FISCAL.fullmatch(cell) for cell in held]
    if not held or not all(found):
        return False
    pairs = [one for one in found if one is not None and one[1]]
    return all(int(one[2][-2:]) == (int(one[1]) + 1) % 100 for one in pairs)


def readings(cells: Sequence[str]) -> list[Periods]:
    """Every way in which a column can be read as periods, the best first; [] for none."""
    held = [(n, cell) for n, cell in enumerate(cells) if not blank(cell) and not is_total(cell)]
    if not held:
        return []
    found = []
    some = [cell for _, cell in held[:: max(len(held) // _LOOKED, 1)]]
    for way, (pattern, read) in _WAYS.items():
        if 2 * sum(pattern.fullmatch(cell) is not None for cell in some) < len(some):
            continue
        known: dict[str, Said | None] = {}
        at: dict[int, Said] = {}
        for n, cell in held:
            if cell not in known:
                match = pattern.fullmatch(cell)
                known[cell] = None if match is None else read(match)
            if (said := known[cell]) is not None:
                at[n] = said
        if len(at) < max(_ENOUGH * len(held), 1):
            continue
        frequency = next(iter(at.values()))[0]
        if frequency == "week":
            at = _alike(at)
        ordinals = tuple(_number(at[n]) if n in at else None for n in range(len(cells)))
        odd = tuple(n for n, _ in held if n not in at)
        found.append(Periods(frequency, ordinals, way, odd, _as_read(way, cells, odd)))
    best = min((len(one.odd) for one in found), default=0)
    return [one for one in found if len(one.odd) == best]


def _alike(at: dict[int, Said]) -> dict[int, Said]:
    """Weeks that begin on the day of the week that most of them do; a single other is a mistake."""
    weekday = {n: _number(said) // period.WEEKDAY for n, said in at.items()}
    usual = max(weekday.values(), key=list(weekday.values()).count)
    return {n: said for n, said in at.items() if weekday[n] == usual}


def _number(said: Said) -> int:
    when = said[1]
    return when.toordinal() if isinstance(when, Day) else when


def _as_read(way: str, cells: Sequence[str], odd: Sequence[int]) -> bool:
    if odd:
        return False
    if way == "year":
        return not any(cell.endswith(".0") for cell in cells)
    if way == "week":
        return all(re.fullmatch(r"\d{4}-?W\d{2}(-[1-7])?", cell) for cell in cells)
    if way == "quarter":
        return all(re.fullmatch(r"\d{4}-?Q\d", cell) for cell in cells)
    if way == "day":
        return all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell) for cell in cells if not blank(cell))
    return way == "month"


def of_days(days: Periods, groups: Sequence[str], *, last: bool = False) -> Periods:
    """Days as the years, quarters, months or weeks that they stand for; as they are when for none.

    Parameters
    ----------
    groups : (n,) the unit of each row; one row a unit and period is what makes days periods.
        last : whether the days of weeks are their last ones.
    """
    dates = [None if one is None else Day.fromordinal(one) for one in days.ordinals]
    held = [one for one in dates if one is not None]
    starts = all(one.day == 1 for one in held)
    ends = all((one + datetime.timedelta(days=1)).day == 1 for one in held)
    months = {one.month for one in held}
    frequencies = ["month"]
    if (starts and months <= {1, 4, 7, 10}) or (ends and months <= {3, 6, 9, 12}):
        frequencies = ["quarter", "month"]
    if (starts and months == {1}) or (ends and months == {12}):
        frequencies = ["year"]
    for frequency in frequencies:
        per = period.PER_YEAR[frequency]
        ordinals = tuple(
            None if one is None else one.year * per + (one.month - 1) * per // 12 for one in dates
        )
        if unique(ordinals, groups) and (frequency != "quarter" or without_gaps(ordinals)):
            # A month may be written as its first day.
            written = days.written and starts and frequency == "month"
            return Periods(frequency, ordinals, days.way, days.odd, written)
    if len({one.weekday() for one in held}) == 1:
        back = datetime.timedelta(days=6 if last else 0)
        weeks = tuple(None if one is None else period.week_from(one - back) for one in dates)
        if unique(weeks, groups) and without_gaps(weeks):
            return Periods("week", weeks, days.way, days.odd, False, last)
    return days


def is_row_a_period(found: Periods, groups: Sequence[str]) -> bool:
    """Whether rows are of a period each: of days only where there is one a day and hardly a gap,
    since days with gaps, or several rows a day, are those of incidents."""
    if found.frequency != "day":
        return unique(found.ordinals, groups)
    return unique(found.ordinals, groups, but=0.0) and without_gaps(found.ordinals)


def unique(ordinals: Sequence[int | None], groups: Sequence[str], *, but: float = _TWICE) -> bool:
    """Whether no unit has a period twice, or nearly none.

    Parameters
    ----------
    but : the share of rows that may be there twice, as mistakes are.
    """
    keys = [(group, one) for group, one in zip(groups, ordinals, strict=True) if one is not None]
    return bool(keys) and len(keys) - len(set(keys)) <= but * len(keys)


def without_gaps(ordinals: Sequence[int | None]) -> bool:
    """Whether the periods follow one another, or nearly so."""
    known = sorted({one for one in ordinals if one is not None})
    steps = sum(after - before == 1 for before, after in pairwise(known))
    return steps >= 0.9 * (len(known) - 1)


def day_texts(cells: Sequence[str], days: Periods) -> tuple[str, ...]:
    """The cells of a column of days as they are to be read: 2012-10-18, "" for none."""
    return tuple(
        ("" if blank(cell) else cell) if one is None else Day.fromordinal(one).isoformat()
        for cell, one in zip(cells, days.ordinals, strict=True)
    )
