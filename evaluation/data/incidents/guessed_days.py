"""How a column writes days, which days those are, and which of them look wrong."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from evaluation.data import period
from evaluation.data.incidents.looked import Column
from evaluation.data.incidents.recipe_checks import reads_iso_as_another_day
from evaluation.data.labels import quoted
from evaluation.fact import Fact, fact

_CLOCKS: Final = (" %I:%M:%S %p", " %I:%M %p", " %H:%M:%S%z", " %H:%M:%S", " %H:%M", "")
_DAYS: Final = (
    "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%m-%d-%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d",
    "%d-%b-%Y", "%b-%d-%Y", "%d-%B-%Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
FORMATS: Final = tuple(f"{day}{clock}" for day in _DAYS for clock in _CLOCKS)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?([Zz]|[+-]\d\d(?::?\d\d)?)?)?"
)
_MIDNIGHT: Final = re.compile(r".{10}[ Tt]00:00(?::00(?:\.0+)?)?([Zz]|[+-]\d\d(?::?\d\d)?)")
# A time beside a date of ten characters, in whatever order its parts are written.
_ZONED: Final = re.compile(r".{10}[ Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)")
_HOURS: Final = re.compile(r"(?<=:\d\d)[+-]\d\d$")
_TWO_DIGITS: Final = re.compile(r"\d{1,2}[/.-](?:\d{1,2}|[A-Za-z]{3,9})[/.-]\d{2}(?:\D.*)?")
_NUMBER: Final = re.compile(r"\d{5}(?:\.\d+)?|\d{12,13}")
# So many of a column's values are looked at to find how it writes days.
_LOOKED: Final = 400
# A column of days has at least this share of them.
_ENOUGH: Final = 0.9
# Months without an incident, from which on what follows is by itself; and how few that may be.
_GAP, _FEW = 4, 0.005
# An end of the files from which on a month may be missing days: as improbable as this by chance.
_IMPROBABLE: Final = 0.05
# So many days, all on one day of the week, are those of weeks.
_WEEKS: Final = 12
# Rows of a table that may be counted already, a row a month.
_FEWEST: Final = 6
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a column.

    Parameters
    ----------
    formats : beside ISO 8601. iso : whether ISO is written. rows : by day, strays left
    out. strays : (text as written, rows) far from all others.
    midnight : rows at exactly midnight of a zone, of `zoned` with an offset. unread : texts that
    are no day, with their rows. either : whether day and month could be exchanged.
    """

    column: str
    formats: tuple[str, ...]
    iso: bool
    rows: dict[datetime.date, int]
    strays: tuple[tuple[str, int], ...]
    midnight: int
    zoned: int
    unread: tuple[tuple[str, int], ...]
    either: bool

    @property
    def first(self) -> datetime.date:
        return min(self.rows)

    @property
    def last(self) -> datetime.date:
        return max(self.rows)

    @property
    def weekday(self) -> int | None:
        """The one day of the week, from Monday as 0, on which all days are, where they seem to be
        dated by week."""
        found = {day.weekday() for day in self.rows}
        return found.pop() if len(found) == 1 and len(self.rows) >= _WEEKS else None

    def by(self, frequency: str) -> dict[int, int]:
        """Rows by ordinal of the period; weeks begin on `weekday`, else on Monday."""
        like, found = (self.weekday or 0) * period.WEEKDAY, dict[int, int]()
        for day, rows in sorted(self.rows.items()):
            of = period.holding(day, frequency, like)
            found[of] = found.get(of, 0) + rows
        return found

    def whole(self, frequency: str) -> tuple[int, int]:
        """Ordinals of the first and the last period that the files seem to have all days of."""
        known = sorted(self.by(frequency))
        first, last = known[0], known[-1]
        if self.weekday is not None and frequency == "week":
            return first, last
        begin, end = period.first_day(first, frequency), period.first_day(last + 1, frequency)
        rows = sum(self.rows.values()) / ((self.last - self.first).days + 1)
        if first < last and math.exp(-rows * (self.first - begin).days) < _IMPROBABLE:
            first += 1
        if first < last and math.exp(-rows * ((end - self.last).days - 1)) < _IMPROBABLE:
            last -= 1
        return first, last

    def counted_by(self) -> str:
        """The frequency of a table that is counted already, a row a period; "" for incidents."""
        rows, days = sum(self.rows.values()), sorted(self.rows)
        if rows >= _FEWEST and len(self.by("month")) >= 0.9 * rows:
            return "month"
        steps = [(after - before).days for before, after in pairwise(days)]
        if rows < 4 * _FEWEST or len(days) < 0.9 * rows:
            return ""
        regular = (one for one in (7, 1) if steps.count(one) >= 0.9 * len(steps))
        return {7: "week", 1: "day"}.get(next(regular, 0), "")


def doubtful_ends(days: Days, frequency: str) -> Iterator[Fact]:
    """What looks suspicious about the days: strays, ends that are not whole, empty periods."""
    for text, rows in days.strays[:_SHOWN]:
        yield fact("recipe.doubt.stray", text=quoted(text), rows=rows)
    if len(days.strays) > _SHOWN:
        yield fact("recipe.doubt.strays", n=len(days.strays) - _SHOWN)
    if days.weekday is not None and frequency in ("week", "day"):
        yield fact("recipe.doubt.dated-by-week", weekday=f"{days.first:%A}")
    held, (first, last) = days.by(frequency), days.whole(frequency)
    known = list(held)
    if first > known[0]:
        before = period.text(known[0], frequency)
        yield fact("recipe.doubt.begins", period=before, day=days.first.isoformat())
    if last < known[-1]:
        after = period.text(known[-1], frequency)
        yield fact("recipe.doubt.ends", period=after, day=days.last.isoformat())
    empty = [one for one in range(known[0], known[-1]) if one not in held]
    if empty and sum(held.values()) > 12 * len(held):
        told = tuple(period.text(one, frequency) for one in empty[:_SHOWN])
        yield fact("recipe.doubt.empty", periods=told)


def not_read(column: Column) -> str:
    """Why a column that seems to hold days cannot be used: a key, or "" when it is no such one."""
    some = _spread(column.values)
    for key, pattern in (("two-digits", _TWO_DIGITS), ("number", _NUMBER)):
        if some and sum(pattern.fullmatch(one) is not None for one in some) >= _ENOUGH * len(some):
            return key
    return ""


def read_in_part(column: Column) -> tuple[int, str] | None:
    """Rows of a column that hold days where others do not, and what one of these holds."""
    formats = _formats(column)
    odd = [one for one in column.values if _day(one, formats) is None]
    read = sum(column.counts.values()) - column.blanks - sum(column.counts[one] for one in odd)
    return (read, odd[0]) if read and odd else None


def days_of(column: Column) -> Days | None:
    """The days that a column holds; None when most of its values are none."""
    formats = _formats(column)
    iso = [one for one in column.values if _ISO.fullmatch(one)]
    if not formats and not iso:
        return None
    by_day: dict[datetime.date, list[str]] = {}
    unread: list[tuple[str, int]] = []
    known: dict[str, datetime.date | None] = {}
    for text in column.values:
        head = text[:10] if _ISO.fullmatch(text) else text
        if head not in known:
            known[head] = _day(head, formats)
        day = known[head]
        if day is None:
            unread.append((text, column.counts[text]))
        else:
            by_day.setdefault(day, []).append(text)
    if not by_day or len(unread) > (1 - _ENOUGH) * len(column.values):
        return None
    kept, strays = _bulk(by_day, column)
    rows = {day: sum(column.counts[one] for one in by_day[day]) for day in kept}
    zoned = {one: column.counts[one] for one in column.values if _has_zone(one)}
    either = "%m/%d/%Y" in formats[0][:8] if formats else False
    return Days(
        column=column.name,
        formats=formats,
        iso=bool(iso),
        rows=rows,
        strays=tuple((one, column.counts[one]) for day in strays for one in by_day[day]),
        midnight=sum(number for one, number in zoned.items() if _MIDNIGHT.fullmatch(one)),
        zoned=sum(zoned.values()),
        unread=tuple(unread),
        either=either and not any(_month_first_only(one) for one in column.values),
    )


def _has_zone(text: str) -> bool:
    return _ZONED.fullmatch(text) is not None


def _month_first_only(text: str) -> bool:
    """Whether only month before day makes a day of it: the second number is above 12."""
    parts = re.split(r"\D", text, maxsplit=2)
    return len(parts) > 1 and parts[1].isdigit() and int(parts[1]) > 12


def _spread(values: Sequence[str]) -> list[str]:
    """Some of the values, from the whole of them in their order as text."""
    ordered = sorted(values)
    return ordered[:: max(len(ordered) // _LOOKED, 1)]


def _formats(column: Column) -> tuple[str, ...]:
    """The formats, beside ISO 8601, in which a column writes days."""
    some = _spread(column.values)
    return _cover([one for one in some if not _ISO.fullmatch(one)], len(some))


def _cover(values: Sequence[str], of: int) -> tuple[str, ...]:
    """The fewest formats, each taking the most of what is left, that read nearly all of these."""
    left, chosen = list(values), list[str]()
    while left and len(left) > 0.002 * of:
        read = {given: [one for one in left if _parsed(one, given)] for given in FORMATS}
        best = max(FORMATS, key=lambda given: len(read[given]))
        if len(read[best]) < max(0.01 * of, 1) or reads_iso_as_another_day(best):
            break
        chosen.append(best)
        taken = set(read[best])
        left = [one for one in left if one not in taken]
    return tuple(chosen)


def _parsed(text: str, given: str) -> datetime.date | None:
    # An offset of hours alone, as databases write it, is one to the reader of recipes too.
    whole = _HOURS.sub(r"\g<0>00", text) if given.endswith("%z") else text
    try:
        return datetime.datetime.strptime(whole, given).date()
    except ValueError:
        return None


def _day(text: str, formats: Sequence[str]) -> datetime.date | None:
    if found := _ISO.fullmatch(text):
        try:
            return datetime.date(*map(int, found.groups()[:3]))
        except ValueError:
            return None
    read = (_parsed(text, given) for given in formats)
    return next((day for day in read if day is not None), None)


def _bulk(
    by_day: dict[datetime.date, list[str]], column: Column
) -> tuple[list[datetime.date], list[datetime.date]]:
    """The days that go together, and those far before or after nearly all of them."""
    rows = {day: sum(column.counts[one] for one in texts) for day, texts in by_day.items()}
    days, total = sorted(rows), sum(rows.values())
    low, high = 0, len(days)
    for number, (one, other) in enumerate(pairwise(days), start=1):
        if (other - one).days <= 31 * _GAP:
            continue
        if sum(rows[day] for day in days[:number]) <= _FEW * total:
            low = number
        elif sum(rows[day] for day in days[number:]) <= _FEW * total:
            high = min(high, number)
    return days[low:high], [*days[:low], *days[high:]]
