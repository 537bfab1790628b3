"""A ready-made table of outcomes by unit and period, guessed: roles, measures, and what is odd."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluation.data import period
from evaluation.data.description import in_words
from evaluation.data.incidents.crimes import kind_of_crime
from evaluation.data.labels import NO_VALUE, alike, quoted
from evaluation.data.ready.calendar import Calendar, calendar_of, without_rows
from evaluation.data.ready.columns import (
    COVARIATE,
    OUTCOME,
    RATE,
    RESIDENTS,
    TIME,
    TREATED,
    Column,
    Guess,
    Guessed,
    as_flag,
    as_numbers,
    changed_columns,
    number_faults,
    refuse,
)
from evaluation.data.ready.form import Form, is_total
from evaluation.data.ready.headings import refuse_wide
from evaluation.data.ready.periods_read import Periods
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact, fact

_SHOWN = 6
# Columns of numbers of which no name says what they count, from which on they may be places.
_WIDE = 2


def guess_panel(form: Form, columns: Sequence[Column], *, unit: str, place: str) -> Guess:
    """What a table of outcomes by unit and period may be.

    Parameters
    ----------
    unit : name of the one place, where the user gave it. place : that of the project, or "".

    Raises
    ------
    DataError : when it is wide, has no periods, or cells cannot be read, with their places.
    """
    refuse_wide(form, columns)
    calendar = calendar_of(form, columns)
    if unit and calendar.units is not None and len(calendar.units.values) > 1:
        message = f"column {calendar.units.name!r} names the units already. Leave out --unit."
        raise DataError(form.fault(form.header_line, calendar.units.at, message))
    kept, totals = _kept(form, calendar, columns)
    lines = tuple(form.rows[n][0] for n in kept)
    columns = [without_rows(one, kept) for one in columns]
    periods = _only(calendar.periods, kept)
    units = None
    if calendar.units is not None:
        units = next(one for one in columns if one.name == calendar.units.name)
    form = replace(form, rows=tuple(form.rows[n] for n in kept))
    own = unit or place if units is None else ""
    used = {calendar.column.name, *calendar.spent, *([units.name] if units else [])}
    rest = [one for one in columns if one.name not in used]
    measured = [one for one in rest if _measured(one)]
    refuse([*_wide(form, measured, units, unit), *_faults(form, measured)])
    frequency = periods.frequency
    guessed = [*_of_place_and_time(calendar, units, periods, frequency)]
    roles = _roles(measured)
    for one in measured:
        guessed.append(_measured_as(one, roles[one.name], frequency))
    if not any(one.role == "outcome" for one in guessed):
        held = ", ".join(one.name for one in rest) or "none"
        message = f"no column holds numbers that could be an outcome; beside the period: {held}."
        raise DataError(form.fault(form.header_line, None, message))
    left = tuple(one.name for one in rest if one not in measured)
    changes = [*form.changes, *_changes(calendar, periods, left, totals)]
    changes += changed_columns(columns, guessed)
    groups = list(units.cells) if units else [own] * len(kept)
    coverage = _coverage(groups, periods) if units else {}
    return Guess(
        form=form,
        kind="panel",
        columns=tuple(guessed),
        key=tuple(one.name for one in guessed if one.role in ("unit", "period")),
        changes=tuple(changes),
        doubts=(*_of_time(periods, groups, lines, coverage), *_of_units(units, own, columns)),
        frequency=frequency,
        unit=own,
        coverage=coverage,
        missing=tuple(_missing(guessed, groups, periods)),
    )


def _only(periods: Periods, kept: Sequence[int]) -> Periods:
    return replace(periods, ordinals=tuple(periods.ordinals[n] for n in kept))


def _kept(
    form: Form, calendar: Calendar, columns: Sequence[Column]
) -> tuple[list[int], tuple[str, ...]]:
    """Indices of the rows of the table itself, and the lines of those that add others up."""
    first = [calendar.column, *([calendar.units] if calendar.units else [])]
    sums = _sums(calendar, columns)
    totals = [
        n
        for n in range(len(form.rows))
        if calendar.periods.ordinals[n] is None
        or any(is_total(one.cells[n]) for one in first[:1])
        or (calendar.units is not None and calendar.units.cells[n] in sums)
    ]
    out = set(totals)
    shown = tuple(str(form.rows[n][0]) for n in totals[:_SHOWN])
    if len(totals) > _SHOWN:
        shown = (*shown, f"{form.rows[totals[-1]][0]} (the last)")
    return [n for n in range(len(form.rows)) if n not in out], shown


def _sums(calendar: Calendar, columns: Sequence[Column]) -> set[str]:
    """Units that their name and their numbers call the sum of the others."""
    if calendar.units is None:
        return set()
    found = set()
    for name in calendar.units.values:
        if not (is_total(name) or name.casefold() in ("all", "citywide", "city", "overall")):
            continue
        for column in columns:
            held = column.numbers is not None and column.whole and column is not calendar.units
            if held and _adds_up(name, calendar, column):
                found.add(name)
                break
    return found


def _adds_up(name: str, calendar: Calendar, column: Column) -> bool:
    assert calendar.units is not None and column.numbers is not None
    own: dict[int | None, float] = {}
    others: dict[int | None, float] = {}
    for when, unit, text in zip(
        calendar.periods.ordinals, calendar.units.cells, column.numbers.texts, strict=True
    ):
        held = own if unit == name else others
        held[when] = held.get(when, 0.0) + float(text or 0)
    return len(others) > 1 and any(own.values()) and own == {k: others.get(k, 0.0) for k in own}


def _measured(column: Column) -> bool:
    """Whether a column may have a role of its own: it holds numbers, or yes and no."""
    if not column.values:
        return False
    if column.flag and (column.numbers is None or not column.says(OUTCOME)):
        return True
    return column.numbers is not None and not column.code and not _time_again(column)


def _time_again(column: Column) -> bool:
    return column.says(TIME) and bool(column.periods or column.whole) and not column.says(OUTCOME)


def _wide(
    form: Form, measured: Sequence[Column], units: Column | None, unit: str
) -> Iterator[Fault]:
    """A table with a column a place: several columns of numbers, none of which says what it is."""
    known = (OUTCOME, RESIDENTS, TREATED, COVARIATE, RATE)
    bare = [one for one in measured if not any(one.says(words) for words in known)]
    if units is None and not unit and len(bare) >= _WIDE and len(bare) == len(measured):
        names = ", ".join(repr(one.name) for one in bare[:4])
        message = (
            f"columns {names} seem to be a place each: the table is wide. Make it long, a row a "
            "place and period: in a spreadsheet by 'unpivot' (Power Query), or in Python: "
            f"pandas.read_csv({form.path.name!r}).melt(id_vars=[{form.header[0]!r}], "
            "var_name='unit', value_name='number'). Where they are outcomes of one place, name it: "
            'ceasefire data --new FILE --unit "Oakland".'
        )
        yield form.fault(form.header_line, bare[0].at, message)


def _faults(form: Form, measured: Sequence[Column]) -> Iterator[Fault]:
    for one in measured:
        if not one.flag:
            yield from number_faults(form, one)


def _roles(measured: Sequence[Column]) -> dict[str, str]:
    """The role of each column of numbers."""
    roles: dict[str, str] = {}
    for one in measured:
        if one.says(RESIDENTS) and not one.flag and "exposure" not in roles.values():
            roles[one.name] = "exposure" if not one.says(RATE) else "covariate"
        elif one.flag and one.says(TREATED) and not one.says(OUTCOME):
            roles[one.name] = "treatment"
        elif one.flag and not one.says(OUTCOME):
            roles[one.name] = "covariate"
        elif one.says(OUTCOME):
            roles[one.name] = "outcome"
        else:
            roles[one.name] = "covariate" if one.says(COVARIATE) or one.says(RESIDENTS) else ""
    # What no name explains is an outcome where it counts, or where there is no other.
    some = "outcome" in roles.values()
    by_name = {one.name: one for one in measured}
    return {
        name: role or ("outcome" if by_name[name].whole or not some else "covariate")
        for name, role in roles.items()
    }


def _of_place_and_time(
    calendar: Calendar, units: Column | None, periods: Periods, frequency: str
) -> Iterator[Guessed]:
    if units is not None:
        groups = alike(units.values)
        doubts = tuple(
            fact("described.doubt.spelled", values=tuple(map(quoted, group))) for group in groups
        )
        yield Guessed(units.name, "unit", "text", units.cells, doubts=doubts)
    cells = tuple("" if one is None else period.text(one, frequency) for one in periods.ordinals)
    yield Guessed(calendar.column.name, "period", "period", cells)


def _measured_as(column: Column, role: str, frequency: str) -> Guessed:
    doubts: list[Fact] = []
    more: dict[str, Any] = {}
    words = in_words(column.name).strip()
    words = words.lower() if words.istitle() else words
    if column.flag and role in ("treatment", "covariate"):
        if role == "treatment":
            doubts.append(fact("described.doubt.treatment"))
        return Guessed(column.name, role, "flag", as_flag(column), {}, tuple(doubts))
    cells = as_numbers(column)
    kind = "count" if column.whole else "number"
    if role == "exposure":
        more["measure"] = "residents"
    elif role == "outcome":
        more["measure"] = f"{words} a {frequency}"
        if kind == "count" and (offense := kind_of_crime(words)):
            more["offense"] = offense
            doubts.append(fact("described.doubt.offense", offense=offense))
        if column.says(RATE):
            doubts.append(fact("described.doubt.rate"))
        if not column.says(OUTCOME):
            doubts.append(fact("described.doubt.outcome"))
        if kind == "count" and any(text.startswith("-") for text in cells):
            doubts.append(fact("described.doubt.negative"))
        elif kind == "number" and column.says(OUTCOME) and not column.says(RATE):
            doubts.append(fact("described.doubt.fraction"))
    elif role == "covariate" and not column.says(COVARIATE):
        doubts.append(fact("described.doubt.covariate"))
    blanks = sum(not cell for cell in cells)
    if blanks:
        doubts.append(fact("described.doubt.blank", n=blanks))
    return Guessed(column.name, role, kind, cells, more, tuple(doubts))


def _changes(
    calendar: Calendar, periods: Periods, left: Sequence[str], totals: tuple[str, ...]
) -> Iterator[Fact]:
    if not periods.written or calendar.spent:
        before = next(cell for cell in calendar.column.cells if cell)
        after = next(one for one in periods.ordinals if one is not None)
        now = period.text(after, periods.frequency)
        if calendar.spent:
            yield fact("described.change.parts", columns=calendar.spent, after=now)
        else:
            yield fact(
                "described.change.periods",
                column=calendar.column.name,
                before=before,
                after=now,
                frequency=periods.frequency,
            )
    if left:
        yield fact("described.change.left", columns=tuple(left), n=len(left))
    if totals:
        yield fact("described.change.totals", lines=totals)


def _coverage(groups: Sequence[str], periods: Periods) -> Mapping[str, tuple[str, str]]:
    """First and last period of every unit, when they are not the same for all."""
    held: dict[str, list[int]] = {}
    for unit, when in zip(groups, periods.ordinals, strict=True):
        if when is not None and unit:
            held.setdefault(unit, []).append(when)
    ends = {unit: (min(when), max(when)) for unit, when in held.items()}
    if len(set(ends.values())) == 1:
        return {}
    frequency = periods.frequency
    return {
        unit: (period.text(low, frequency), period.text(high, frequency))
        for unit, (low, high) in ends.items()
    }


def _of_time(
    periods: Periods,
    groups: Sequence[str],
    lines: Sequence[int],
    coverage: Mapping[str, tuple[str, str]],
) -> Iterator[Fact]:
    frequency = periods.frequency
    held: dict[str, dict[int, int]] = {}
    for n, (unit, when) in enumerate(zip(groups, periods.ordinals, strict=True)):
        if when is None:
            continue
        other = held.setdefault(unit, {}).setdefault(when, n)
        if other != n:
            text = period.text(when, frequency)
            pair = (str(lines[other]), str(lines[n]))
            yield fact("described.doubt.twice", unit=unit, period=text, lines=pair)
    gaps = [
        (unit, when)
        for unit, known in held.items()
        for when in range(min(known), max(known))
        if when not in known
    ]
    if gaps:
        shown = tuple(
            f"{unit} {period.text(when, frequency)}".strip() for unit, when in gaps[:_SHOWN]
        )
        yield fact("described.doubt.gaps", n=len(gaps), periods=shown, frequency=frequency)
    if frequency == "week" and periods.way != "week":
        some = next(one for one in periods.ordinals if one is not None)
        first = period.first_day(some, "week")
        key = "described.doubt.week-ends" if periods.ends else "described.doubt.week-begins"
        yield fact(key, first=str(first), last=str(first + datetime.timedelta(days=6)))
    elif frequency == "day":
        yield fact("described.doubt.by-day")
    if coverage:
        yield fact("described.doubt.coverage")
    if periods.way in ("name yy", "yy name"):
        known = [one for one in periods.ordinals if one is not None]
        ends = (period.text(min(known), frequency), period.text(max(known), frequency))
        yield fact("described.doubt.century", first=ends[0], last=ends[1])


def _of_units(units: Column | None, own: str, columns: Sequence[Column]) -> Iterator[Fact]:
    if units is None:
        yield fact("described.doubt.unit" if own else "described.doubt.no-unit", unit=own)
        return
    if units.blanks:
        yield fact("described.doubt.blank-unit", column=units.name, n=len(units.blanks))
    for name in units.values:
        if is_total(name) or name.casefold() in ("all", "citywide", "overall", *NO_VALUE):
            yield fact("described.doubt.total-unit", unit=name)


def _missing(
    guessed: Sequence[Guessed], groups: Sequence[str], periods: Periods
) -> Iterator[tuple[str, str, str]]:
    for one in guessed:
        if one.role not in ("outcome", "exposure", "covariate"):
            continue
        for n, cell in enumerate(one.cells):
            when = periods.ordinals[n]
            if not cell and when is not None:
                yield groups[n], period.text(when, periods.frequency), one.name
