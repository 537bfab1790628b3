"""What a recipe for some files may be: every key guessed, and what looks suspicious as facts.

Nothing here is sure. The author reads what was guessed, corrects it, and the recipe then says it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from evaluation.data import period
from evaluation.data.incidents.crimes import KINDS, NOT_OF_KIND
from evaluation.data.incidents.guessed_days import (
    Days,
    days_of,
    doubtful_ends,
    not_read,
    read_in_part,
)
from evaluation.data.incidents.looked import Column, Looked, look_at, numbers_rows
from evaluation.data.labels import normal, quoted
from evaluation.data.panel import Offense
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact, fact


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_OCCURRED: Final = _words(r"occur|incident|offen[sc]e|crime|shoot|event|^date|date$")
_NOT_OCCURRED: Final = _words(
    r"report|updat|modif|creat|load|enter|edit|clear|arrest|birth|dob|publish"
)
_REPORTED: Final = _words(r"report|receiv")
_CASE: Final = _words(
    r"\b(dc ?(key|num\w*)|(case|incident|report|complaint|event|rd|ir|dr|cad|offense)s? ?"
    r"(id|no|num\w*|nbr|key)?|key|id|number)\b"
)
_VICTIM: Final = _words(
    r"\b(age|sex|race|gender|victims?|vic|wound\w*|injur\w*|latino|ethnicity)\b"
)
_DISTRICT: Final = _words(
    r"\b(dist\w*|beats?|precinct\w*|pct|sector|division|ward|zone|neighbou?rhood\w*|area|psa|borough)\b"
)
_CITY: Final = _words(r"\b(city|municipality|town|agency|jurisdiction|department)\b")
_KIND: Final = _words(r"offen[sc]e|crime|type|categor|descript|ucr|nibrs|charge|class|primary|code")
_FATAL: Final = _words(r"fatal|homicide|murder|death|killed|died")
_PRIVATE: Final = _words(r"\b(first|last|full|victim|suspect)? ?name\b|\bdob\b|birth|ssn|phone")
_LONGITUDE: Final = _words(r"^(lng|lon|long|longitude|x|point x)$")

_YES: Final = frozenset({"1", "y", "yes", "true", "t"})
_NO: Final = frozenset({"0", "n", "no", "false", "f"})
# Western edges of the time zones of the mainland United States, in degrees, roughly.
_ZONES: Final = (
    (-125.0, "America/Los_Angeles"), (-114.5, "America/Denver"), (-102.0, "America/Chicago"),
    (-86.5, "America/New_York"), (-66.0, ""),
)  # fmt: skip
_SHOWN: Final = 6
_YEAR: Final = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome. where : column and values; empty where every row counts."""

    name: str
    where: Mapping[str, tuple[str, ...]]
    offense: Offense | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """A recipe as far as the files tell it.

    Parameters
    ----------
    frequency : to count by. days : of the column of the day. ids : columns of the id.
    reported : a column of reports or "".
    unit : name of the whole city, "" where nobody said. district : a column of smaller units or "".
    zone : "" where nothing tells it. doubts : what its author should look at, by the table of the
    recipe that each is about.
    """

    looked: Looked
    frequency: period.Frequency
    days: Days
    row: str
    ids: tuple[str, ...]
    reported: str
    unit: str
    district: str
    zone: str
    private: bool
    outcomes: tuple[Outcome, ...]
    doubts: Mapping[str, tuple[Fact, ...]]


def guess(
    paths: Sequence[Path], *, place: str = "", frequency: period.Frequency | None = None
) -> Guess:
    """What a recipe for these files may be.

    Parameters
    ----------
    place : name of the city, where the project says it. frequency : to count by; None for weeks
        where all days are on one day of the week, else months.

    Raises
    ------
    DataError : when the files are no tables of one header, or no column of theirs holds days.
    """
    looked = look_at(paths)
    days = _occurred(looked)
    chosen: period.Frequency = frequency or ("month" if days.weekday is None else "week")
    victims = [one for one in looked.columns if one.says(_VICTIM)]
    row = "victim" if victims else "incident"
    ids, repeats = _ids(looked, days, row)
    unit, district = _units(looked, place)
    outcomes, kinds = _outcomes(looked, days.column)
    said = {
        "incidents": [
            *_of_counted(looked, days),
            *_of_rows(looked, paths),
            *_of_ids(looked, row, ids, repeats, victims),
            *_of_years(looked, days, paths),
        ],
        "time": [*_of_days(looked, days)],
        "units": [*_of_units(looked, unit, district)],
        "outcomes": [*_of_kinds(kinds, looked.rows)],
        "coverage": [*doubtful_ends(days, chosen)],
    }
    reported = (
        one.name
        for one in looked.columns
        if one.says(_REPORTED) and one.name != days.column and days_of(one) is not None
    )
    return Guess(
        looked=looked,
        frequency=chosen,
        days=days,
        row=row,
        ids=ids,
        reported=next(reported, ""),
        unit=unit,
        district=district,
        zone=_zone(looked),
        private=any(one.says(_PRIVATE) for one in looked.columns),
        outcomes=outcomes,
        doubts={key: tuple(facts) for key, facts in said.items()},
    )


def _occurred(looked: Looked) -> Days:
    """The column of the day on which something happened."""

    def order(column: Column) -> tuple[bool, bool]:
        return column.says(_NOT_OCCURRED), not column.says(_OCCURRED)

    for column in sorted(looked.columns, key=order):
        if (found := days_of(column)) is not None and column.blanks < looked.rows / 2:
            return found
    name = looked.files[0].name
    ways = {
        "two-digits": "holds years of two digits, which may be of two centuries",
        "number": "may hold days as numbers",
    }
    for column in looked.columns:
        if column.says(_OCCURRED) and (why := not_read(column)):
            example = quoted(column.values[0])
            message = (
                f"column {column.name!r} {ways[why]} (such as {example}). Export the days as "
                "2012-10-18."
            )
            raise DataError(Fault(name, 1, None, message))
        if column.says(_OCCURRED) and (part := read_in_part(column)):
            read, rows = part[0], looked.rows - column.blanks
            message = (
                f"column {column.name!r} holds days that are read in {read:,} of {rows:,} rows, "
                f"and others that are not, such as {quoted(part[1])}. Write them as 2012-10-18 too."
            )
            raise DataError(Fault(name, 1, None, message))
    columns = ", ".join(one.name for one in looked.columns[:20])
    message = f"no column holds days such as 2012-10-18 or 10/18/2012; it has {columns}. "
    message += "A table that is counted already is described by `ceasefire data --new`."
    raise DataError(Fault(name, 1, None, message))


def _ids(looked: Looked, days: Days, row: str) -> tuple[tuple[str, ...], Column | None]:
    """The columns of the id; and, of rows of victims, the column that victims of one case share."""
    named = [
        one
        for one in looked.columns
        if one.says(_CASE) and not numbers_rows(one.name) and one.name != days.column
    ]
    shared = [one for one in named if len(one.values) > 0.2 * looked.rows]
    case = next(iter(sorted(shared, key=lambda one: one.blanks)), None)
    rows = [
        one for one in looked.columns if numbers_rows(one.name) and len(one.values) == looked.rows
    ]
    if row == "victim":
        repeats = (
            case if case is not None and len(case.values) < looked.rows - case.blanks else None
        )
        # What numbers the rows lets the same row of two files count once; and a number that two
        # different rows have is refused.
        if repeats is None and case is not None and not case.blanks:
            return (case.name,), None
        return tuple(one.name for one in rows[:1]), repeats
    return ((case.name,) if case is not None and not case.blanks else ()), None


def _units(looked: Looked, place: str) -> tuple[str, str]:
    cities = [one for one in looked.columns if one.says(_CITY) and len(one.values) == 1]
    unit = place or (cities[0].values[0] if cities else "")
    small = [one for one in looked.columns if one.category and one.says(_DISTRICT)]
    return unit, small[0].name if small else ""


def _outcomes(looked: Looked, occurred: str) -> tuple[tuple[Outcome, ...], list[Column]]:
    """What may be counted, and the columns that say of which kind a row is."""
    found: dict[str, Outcome] = {}
    flags = [one for one in looked.columns if _flag(one) and one.says(_FATAL)]
    kinds = [
        one
        for one in looked.columns
        if one.category and one.says(_KIND) and one.name != occurred and not _flag(one)
    ]
    for column in flags[:1]:
        yes = tuple(value for value in column.values if normal(value) in _YES)
        # Of what kind the others are the file may not say, so no offense is claimed.
        found["fatal"] = Outcome("fatal", {column.name: yes})
    for column in kinds:
        for name, pattern, offense in KINDS:
            of_kind = tuple(
                one for one in column.values if pattern.search(one) and not NOT_OF_KIND.search(one)
            )
            if of_kind and name not in found and not (flags and name == "homicides"):
                found[name] = Outcome(name, {column.name: of_kind}, offense)
    if flags or not found:
        found = {"all_rows": Outcome("all_rows", {}), **found}
    return tuple(found.values()), [*flags, *kinds]


def _flag(column: Column) -> bool:
    forms = set(map(normal, column.values))
    return bool(forms & _YES) and forms <= _YES | _NO


def _zone(looked: Looked) -> str:
    """The zone of the middle longitude, where it is one of the mainland United States."""
    for column in looked.columns:
        if column.says(_LONGITUDE):
            try:
                degrees = sorted(float(one) for one in column.values)
            except ValueError:
                continue
            middle = degrees[len(degrees) // 2] if degrees else 0.0
            for (west, zone), (east, _) in pairwise(_ZONES):
                if west <= middle < east:
                    return zone
    return ""


def _of_counted(looked: Looked, days: Days) -> Iterator[Fact]:
    """A table that is counted already: a row a month, so that counting rows would count ones."""
    if of := days.counted_by():
        yield fact("recipe.doubt.counted", rows=looked.rows, frequency=of)


def _of_rows(looked: Looked, paths: Sequence[Path]) -> Iterator[Fact]:
    if looked.more:
        yield fact("recipe.doubt.more-rows", rows=looked.rows)
    if looked.encoding != "utf-8":
        yield fact("recipe.doubt.windows", encoding=looked.encoding)
    if looked.ragged:
        yield fact("recipe.doubt.ragged", rows=looked.ragged)
    if looked.same:
        key = "recipe.doubt.same-files" if len(paths) > 1 else "recipe.doubt.same"
        yield fact(key, rows=looked.same)


def _of_ids(
    looked: Looked,
    row: str,
    ids: tuple[str, ...],
    repeats: Column | None,
    victims: Sequence[Column],
) -> Iterator[Fact]:
    if row == "victim":
        names = tuple(one.name for one in victims[:4])
        yield fact("recipe.doubt.victim", columns=names)
    else:
        yield fact("recipe.doubt.incident")
    if repeats is not None:
        cases, rows = len(repeats.values), looked.rows - repeats.blanks
        yield fact("recipe.doubt.repeats", column=repeats.name, cases=cases, rows=rows)
        if repeats.blanks:
            yield fact("recipe.doubt.blank", column=repeats.name, rows=repeats.blanks)
    if ids and numbers_rows(ids[0]):
        yield fact("recipe.doubt.row-number", column=ids[0])
    if not ids:
        yield fact("recipe.doubt.no-id")
    for column in looked.columns:
        if column.name in ids and len(column.values) < looked.rows - column.blanks:
            twice = looked.rows - column.blanks - len(column.values)
            yield fact("recipe.doubt.twice", column=column.name, rows=twice)


def _of_years(looked: Looked, days: Days, paths: Sequence[Path]) -> Iterator[Fact]:
    """Files named after a year when rows are of another."""
    named = {int(found[0]) for path in paths for found in [*_YEAR.finditer(path.name)][:1]}
    if len(named) < len(paths) or not named:
        return
    for year, rows in days.by("year").items():
        if year in named:
            continue
        yield fact("recipe.doubt.other-year", year=str(year), rows=rows)


def _of_days(looked: Looked, days: Days) -> Iterator[Fact]:
    blanks = looked.column(days.column).blanks
    if days.zoned and days.midnight >= 0.9 * days.zoned:
        yield fact("recipe.doubt.midnight", rows=days.midnight, column=days.column)
    elif days.midnight:
        yield fact("recipe.doubt.some-midnight", rows=days.midnight, of=days.zoned)
    if days.either:
        yield fact("recipe.doubt.either", format=days.formats[0])
    if len(days.formats) + days.iso > 1:
        written = (*(["ISO 8601"] if days.iso else []), *days.formats)
        yield fact("recipe.doubt.formats", formats=written)
    if days.unread:
        rows = sum(number for _, number in days.unread)
        yield fact("recipe.doubt.unread", rows=rows, example=quoted(days.unread[0][0]))
    if blanks:
        yield fact("recipe.doubt.blank", column=days.column, rows=blanks)
    if not _zone(looked):
        yield fact("recipe.doubt.no-zone")
    else:
        yield fact("recipe.doubt.zone")


def _of_units(looked: Looked, unit: str, district: str) -> Iterator[Fact]:
    yield fact("recipe.doubt.unit" if unit else "recipe.doubt.no-unit")
    if district:
        column = looked.column(district)
        yield fact("recipe.doubt.district", column=district, units=len(column.values))
        if column.blanks:
            yield fact("recipe.doubt.blank", column=district, rows=column.blanks)


def _of_kinds(kinds: Sequence[Column], rows: int) -> Iterator[Fact]:
    for column in kinds:
        shown = tuple(
            f"{quoted(value)} {column.counts[value]:,}" for value in column.values[: 2 * _SHOWN]
        )
        more = len(column.values) - len(shown)
        yield fact("recipe.doubt.values", column=column.name, values=shown, more=more)
        if column.blanks:
            yield fact("recipe.doubt.blank", column=column.name, rows=column.blanks)
        yield from _mixed(column)


def _mixed(column: Column) -> Iterator[Fact]:
    """Values that may be one although they are written in several ways."""
    if _flag(column) and len(set(map(normal, column.values))) > 2:
        values = tuple(map(quoted, column.values[:_SHOWN]))
        yield fact("recipe.doubt.mixed-flag", column=column.name, values=values)
        return
    forms: dict[str, list[str]] = {}
    zeros: dict[str, set[str]] = {}
    for value in column.values:
        forms.setdefault(normal(value), []).append(value)
        if normal(value).isdigit():
            zeros.setdefault(normal(value).lstrip("0"), set()).add(normal(value))
    spelled = [group for group in forms.values() if len(group) > 1]
    if spelled:
        names = tuple(map(quoted, spelled[0][:_SHOWN]))
        yield fact("recipe.doubt.spelled", column=column.name, values=names)
    padded = [sorted(group) for group in zeros.values() if len(group) > 1]
    if padded:
        names = tuple(map(quoted, padded[0]))
        yield fact("recipe.doubt.zeros", column=column.name, values=names)
    some = [one for one in column.values if normal(one).isdigit()]
    if some and len(some) < len(column.values):
        names = (quoted(some[0]), quoted(_other(column, some)))
        yield fact("recipe.doubt.codes", column=column.name, values=names)


def _other(column: Column, some: Sequence[str]) -> str:
    return next(one for one in column.values if one not in some)
