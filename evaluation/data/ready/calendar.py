"""Which column of a ready-made table says when, and which says where."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evaluation.data import period
from evaluation.data.incidents.crimes import kind_of_crime
from evaluation.data.labels import drawn, quoted
from evaluation.data.ready.columns import RESIDENTS, TIME, UNIT, Column
from evaluation.data.ready.form import Form, blank, is_total
from evaluation.data.ready.headings import refuse_numbered_weeks
from evaluation.data.ready.numbers_read import Numbers
from evaluation.data.ready.periods_read import (
    Periods,
    fiscal,
    is_row_a_period,
    month_number,
    of_days,
    unique,
    without_gaps,
)
from evaluation.errors import DataError

_KIND = re.compile(r"offen[sc]e|crime|type|categor|kind|outcome|measure|indicator|variable", re.I)
# Names of columns with the last day of each week, as public health writes them.
_ENDS = re.compile(r"\bend(s|ing|ed)?\b|\bto\b|\bthrough\b|\blast\b", re.I)
_NO_TIME = (
    "no column holds periods such as 2012-10, 2012-Q4, 2012-W40 or 2012, Jan-12 or 1/31/2012. "
    "Write one; a list of incidents with days is counted by `ceasefire panel --new`."
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When and where of each row.

    Parameters
    ----------
    column : of the periods. units : the column of places, or None where there is one place.
    spent : names of columns that said a part of the period.
    """

    column: Column
    periods: Periods
    units: Column | None
    spent: tuple[str, ...]


def calendar_of(form: Form, columns: Sequence[Column]) -> Calendar:
    """The periods and places of a table of outcomes.

    Raises
    ------
    DataError : when no column says when, or when it can be read in two ways, with its place; when
        rows share place and period, with what their table may be.
    """
    refuse_numbered_weeks(form, columns)
    parts = _in_parts(columns)
    candidates: list[tuple[Column, tuple[str, ...]]] = [
        (column, ()) for column in sorted(columns, key=_order) if _may_be_time(column)
    ]
    if parts is not None:
        candidates.insert(0, parts)
    refused: DataError | None = None
    for column, spent in candidates:
        if fiscal(column.cells):
            cell = column.values[0]
            message = (
                f"{cell!r} is a fiscal year, which no calendar tells. Write the year as 2012 (and "
                "into the notes which twelve months it is), or take months."
            )
            raise DataError(form.fault(_line(form, column, cell), column.at, message))
        if not column.periods:
            continue
        try:
            periods, units = _settled(form, column, columns, {column.name, *spent})
        except DataError as fault:
            refused = refused or fault
            continue
        _check_cells(form, column, periods)
        return Calendar(column, periods, units, spent)
    raise refused or _no_time(form, columns)


def _order(column: Column) -> tuple[bool, bool, int]:
    return not column.says(TIME), column.numbers is not None, column.at


def _may_be_time(column: Column) -> bool:
    """A column of plain numbers is one of periods only where its name says so."""
    return column.numbers is None or column.says(TIME)


def _no_time(form: Form, columns: Sequence[Column]) -> DataError:
    held = ", ".join(one.name for one in columns[:20])
    named = [one for one in columns if one.says(TIME)]
    at = named[0] if named else None
    if at is not None and at.values:
        cell = at.values[0]
        message = f"{quoted(cell)} is no period that can be read. Here {_NO_TIME}"
        return DataError(form.fault(_line(form, at, cell), at.at, message))
    return DataError(form.fault(form.header_line, None, f"{_NO_TIME} It has {held}."))


def _line(form: Form, column: Column, cell: str) -> int:
    return form.rows[column.cells.index(cell)][0]


def _in_parts(columns: Sequence[Column]) -> tuple[Column, tuple[str, ...]] | None:
    """Year and month, or year and quarter, of two columns as one."""
    names = {one.name.casefold().strip(): one for one in columns}
    year = next((names[name] for name in ("year", "yr", "año") if name in names), None)
    if year is None or not any(one.way == "year" for one in year.periods):
        return None
    (of_year,) = (one for one in year.periods if one.way == "year")
    for frequency, words in (("month", ("month", "mon", "mes")), ("quarter", ("quarter", "qtr"))):
        part = next((names[name] for name in words if name in names), None)
        if part is None or any(one.frequency == frequency for one in part.periods):
            continue
        numbers = [_part(cell, frequency) for cell in part.cells]
        if not any(numbers):
            continue
        per = period.PER_YEAR[frequency]
        cells = tuple(
            cell if when is None or not number else period.text(when * per + number - 1, frequency)
            for cell, when, number in zip(part.cells, of_year.ordinals, numbers, strict=True)
        )
        return Column(frequency, part.at, cells, None), (year.name, part.name)
    return None


def _part(cell: str, frequency: str) -> int:
    if frequency == "month":
        return month_number(cell.removesuffix(".0"))
    digits = cell.casefold().removesuffix(".0").lstrip("q")
    return int(digits) if digits in ("1", "2", "3", "4") else 0


def _settled(
    form: Form, column: Column, columns: Sequence[Column], taken: set[str]
) -> tuple[Periods, Column | None]:
    """How a column's periods are read, and which column says where, so that no row is another's.

    Raises
    ------
    DataError : when two readings are possible, or none gives a row a place and period.
    """
    known = _places(columns, taken)
    # A name in nearly every row is one of people or cases, and says nothing of places.
    lonely = next((one for one in known if not _comes_again(one)), None)
    places = [None, *filter(_comes_again, known)]
    for but in (0.0, None):
        for units in places:
            groups = [""] * len(column.cells) if units is None else list(units.cells)
            found = [_periods(one, groups, column) for one in column.periods]
            fit = [
                one
                for one in found
                if is_row_a_period(one, groups)
                and (but is None or unique(one.ordinals, groups, but=but))
            ]
            # 1/2/2015 of a table by month is also a day of January.
            fit = [one for one in fit if one.frequency in period.MONTHS] or fit
            if fit and units is not None and _is_kind(units):
                message = (
                    f"rows of one period differ in {units.name!r} ({_some(units)}), which seems to "
                    f"be no place. {_pivot(form, [column.name], units)} Where it is one, call the "
                    "column unit."
                )
                raise DataError(form.fault(form.header_line, units.at, message))
            if fit:
                return _one(form, column, fit), units or _only(places)
    if lonely is not None:
        message = (
            f"most of {lonely.name!r} have a single row, so that nothing can be followed through "
            "time. Where a row is a person or an answer say so: --kind people, or --kind survey; "
            f"where it is an incident: `ceasefire panel --new {form.path.name}`."
        )
        raise DataError(form.fault(form.header_line, lonely.at, message))
    raise _shared(form, column, columns, taken)


def _comes_again(column: Column) -> bool:
    return 2 * len(column.values) <= len(column.cells)


def _is_kind(column: Column) -> bool:
    """Whether a column says what was counted and not where."""
    if column.says(UNIT):
        return False
    return column.says(_KIND) or any(kind_of_crime(value) for value in column.values[:40])


def _periods(found: Periods, groups: Sequence[str], column: Column) -> Periods:
    if found.frequency != "day":
        return found
    return of_days(found, groups, last=column.says(_ENDS))


def _only(places: Sequence[Column | None]) -> Column | None:
    """The column that names the one place of the whole table."""
    named = [one for one in places if one is not None and one.says(UNIT) and not one.blanks]
    return next((one for one in named if len(set(map(drawn, one.values))) == 1), None)


def _places(columns: Sequence[Column], taken: set[str]) -> list[Column]:
    """Columns that may say where, the likeliest first."""
    texts = [one for one in columns if one.name not in taken and _may_be_place(one)]
    return sorted(texts, key=lambda one: (not one.says(UNIT), one.numbers is not None, one.at))


def _may_be_place(column: Column) -> bool:
    if column.numbers is None:
        return bool(column.values) and not column.says(TIME)
    return column.whole and (column.says(UNIT) or column.code) and not column.says(RESIDENTS)


def _one(form: Form, column: Column, fit: Sequence[Periods]) -> Periods:
    """The one reading of a column's periods.

    Raises
    ------
    DataError : when cells may mean two things.
    """
    smooth = [one for one in fit if without_gaps(one.ordinals)] or list(fit)
    first = smooth[0]
    if first.way in ("name yy", "yy name") and not without_gaps(first.ordinals):
        smooth = list(fit)
    elif all(one.ordinals == first.ordinals for one in smooth):
        return first
    cell = column.values[0]
    message = (
        f"{cell!r} can be read in two ways, and the others do not tell in which. Write periods "
        "like 2012-10."
    )
    raise DataError(form.fault(_line(form, column, cell), column.at, message))


def _check_cells(form: Form, column: Column, periods: Periods) -> None:
    faults = []
    for n, cell in enumerate(column.cells):
        if n in periods.odd:
            message = (
                f"{cell!r} is no {periods.frequency} as the others of {column.name} are. "
                "Correct it."
            )
            faults.append(form.fault(form.rows[n][0], column.at, message))
        elif blank(cell) and not any(is_total(one) for one in form.rows[n][1][:3]):
            message = f"{column.name} is blank. Write the {periods.frequency} into every row."
            faults.append(form.fault(form.rows[n][0], column.at, message))
    if faults:
        raise DataError(faults[:20])


def _shared(form: Form, column: Column, columns: Sequence[Column], taken: set[str]) -> DataError:
    """Why rows of one period are several, with the first place."""
    first = column.periods[0]
    place = _second(form, column, first)
    if pair := _pair(first, columns, taken):
        unit, kind = pair
        message = (
            f"rows of one {unit.name} and period differ in {kind.name!r} ({_some(kind)}). "
            f"{_pivot(form, [unit.name, column.name], kind)}"
        )
        return DataError(form.fault(*place, message))
    cell = repr(column.cells[_index(form, place[0])])
    if first.frequency == "day":
        if (odd := _of_another_weekday(first)) is not None:
            n, day, usual = odd
            message = (
                f"{column.cells[n]!r} is a {day:%A}, but the others are {usual:%A}s, a week apart. "
                "Correct it, or begin all weeks on one day."
            )
            return DataError(form.fault(form.rows[n][0], column.at, message))
        message = (
            f"{cell}: a month has several rows. Where a row is an incident, count them with "
            f"`ceasefire panel --new {form.path.name}`; where it is a day or week with a number, "
            "there must be one a place and day, or week, and none left out: where nothing happened "
            "the row says 0."
        )
        return DataError(form.fault(*place, message))
    kinds = [one for one in _places(columns, taken) if 1 < len(one.values) <= 40]
    several = f", not even {', '.join(repr(one.name) for one in kinds[:3])}" if kinds else ""
    message = (
        f"several rows are of {cell}, and no column tells them apart{several}. A table has a "
        "row a place and period; a list of incidents is counted by `ceasefire panel --new`."
    )
    return DataError(form.fault(*place, message))


def _of_another_weekday(
    days: Periods,
) -> tuple[int, datetime.date, datetime.date] | None:
    """Of days that nearly all are on one day of the week: the first that is not, its row before
    it, and one that is; None where they are others."""
    dates = {n: datetime.date.fromordinal(one) for n, one in enumerate(days.ordinals) if one}
    by_day = [[n for n, day in dates.items() if day.weekday() == of] for of in range(7)]
    most = max(by_day, key=len)
    odd = next((n for n in dates if n not in set(most)), None)
    if odd is None or len(most) < 0.9 * len(dates):
        return None
    return odd, dates[odd], dates[most[0]]


def _second(form: Form, column: Column, periods: Periods) -> tuple[int, int]:
    """Line and column of the first row whose period, or month, another row has already."""
    seen: set[int] = set()
    for n, when in enumerate(periods.ordinals):
        if when is None:
            continue
        month = when
        if periods.frequency == "day":
            day = datetime.date.fromordinal(when)
            month = day.year * 12 + day.month
        if month in seen:
            return form.rows[n][0], column.at
        seen.add(month)
    return form.rows[0][0], column.at


def _index(form: Form, line: int) -> int:
    return next(n for n, (at, _) in enumerate(form.rows) if at == line)


def _pivot(form: Form, index: Sequence[str], kind: Column) -> str:
    return (
        f"Make a column of each of them, in a spreadsheet by a pivot table, or in Python: "
        f"pandas.read_csv({form.path.name!r}).pivot(index={list(index)!r}, "
        f"columns={kind.name!r}, values=...); or leave out the rows of all but one."
    )


def _pair(
    periods: Periods, columns: Sequence[Column], taken: set[str]
) -> tuple[Column, Column] | None:
    """Two columns that tell the rows of a period apart together: of place, and of kind."""
    if periods.frequency == "day":
        return None
    places = [*filter(_comes_again, _places(columns, taken))][:8]
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            both = [f"{a}\0{b}" for a, b in zip(one.cells, other.cells, strict=True)]
            if unique(periods.ordinals, both):
                return one, other
    return None


def _some(column: Column) -> str:
    return ", ".join(map(quoted, column.values[:3]))


def without_rows(column: Column, kept: Sequence[int]) -> Column:
    """A column of fewer rows."""
    cells = tuple(column.cells[n] for n in kept)
    numbers = column.numbers
    if numbers is not None:
        at = {n: place for place, n in enumerate(kept)}
        numbers = Numbers(
            tuple(numbers.texts[n] for n in kept),
            tuple(at[n] for n in numbers.odd if n in at),
            tuple(at[n] for n in numbers.either if n in at),
            numbers.style,
            numbers.rewritten,
        )
    return replace(column, cells=cells, numbers=numbers)
