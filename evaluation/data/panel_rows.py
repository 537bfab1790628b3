"""The cells of a table checked against its description, row by row, and periods without a row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import nan

from evaluation.data import period
from evaluation.data.cells import CellError, number, ordinal
from evaluation.data.declared import unmet_faults
from evaluation.data.description import Description, Window
from evaluation.data.findings import Findings
from evaluation.data.labels import (
    JOINERS,
    commands,
    drawn,
    hidden,
    lost_digits,
    normal,
    quoted,
    tidy,
)
from evaluation.data.table import Table
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import Fault


@dataclass(frozen=True, slots=True)
class Rows:
    """What the cells say.

    Parameters
    ----------
    lines : for each unit, in the order of the table, the line that holds each of its periods.
    units, ordinals : (n,) of the rows inside the coverage.
    values : (n,) numbers of each column that holds numbers.
    broken : unit (None when unknown) and line of each row whose place in the panel is unknown.
    undeclared : lines of each unit that the declared coverage does not name.
    met : cells that are empty or below zero as the description declares.
    """

    lines: dict[str, dict[int, int]]
    units: list[str]
    ordinals: list[int]
    values: dict[str, list[float]]
    broken: list[tuple[str | None, int]]
    undeclared: dict[str, list[int]]
    met: set[tuple[str, int, str]] = field(default_factory=set)


def check_rows(
    table: Table, places: Mapping[str, int], description: Description, findings: Findings
) -> Rows:
    """Every cell read; what is wrong with any is noted, and the row is read on."""
    rows = Rows({}, [], [], {}, [(None, line) for line in table.broken], {})
    unit_column, period_column = description.role("unit"), description.role("period")
    unit_cell = places.get(unit_column.name) if unit_column else None
    period_cell = places.get(period_column.name) if period_column else None
    measured = [
        (column, places[column.name], rows.values.setdefault(column.name, []))
        for column in description.columns
        if column.role not in ("unit", "period") and column.name in places
    ]
    known: dict[str, int] = {}
    spellings: dict[str, tuple[str, int]] = {}
    empty, negative = description.declared.empty_cells(), description.declared.negative_cells()
    for line, cells in table.rows:
        unit = description.unit
        if unit_cell is not None:
            unit = _unit(cells[unit_cell], line, unit_cell, findings)
            if unit is not None:
                _note_alike(unit, line, unit_cell, spellings, findings)
        when = None
        if period_cell is not None and period_column is not None:
            written = cells[period_cell].strip()
            when = known.get(written)
            if when is None:
                try:
                    when = ordinal(written, description.frequency, period_column.name)
                    for one in [*known.values()][:1]:
                        _refuse_other_week(when, one, description.frequency)
                    known[written] = when
                except CellError as fault:
                    when, name = None, period_column.name
                    findings.add(fault.kind, line, str(fault), cell=period_cell, column=name)
        outside = ""
        if unit is None or when is None:
            rows.broken.append((unit, line))
        else:
            outside = _outside(unit, when, description)
            earlier = rows.lines.setdefault(unit, {}).setdefault(when, line)
            if earlier != line:
                message = (
                    f"{unit} {period.text(when, description.frequency)} is on line {earlier} "
                    "already. Keep one of the two."
                )
                findings.add("duplicate key", line, message, cell=period_cell)
        if unit is not None and description.coverage and unit not in description.coverage:
            rows.undeclared.setdefault(unit, []).append(line)
        if unit is not None and when is not None and not outside:
            rows.units.append(unit)
            rows.ordinals.append(when)
        for column, cell, values in measured:
            text = cells[cell].strip()
            if outside and not text:
                continue
            place = (unit or "", -1 if when is None else when, column.name)
            if not outside and place in empty:
                rows.met.add(place)
                if text:
                    message = (
                        f"{column.name} is {text}, but {description.located.file} says under "
                        "[[missing]] that it was not reported. Remove one of the two."
                    )
                    findings.add("declared missing", line, message, cell=cell, column=column.name)
                values.append(nan)
                continue
            try:
                value = number(text, column, below_zero=not outside and place in negative)
            except CellError as fault:
                findings.add(fault.kind, line, str(fault), cell=cell, column=column.name)
                continue
            if not outside:
                values.append(value)
                if value < 0 and place in negative:
                    rows.met.add(place)
            elif column.role == "outcome":
                message = (
                    f"{column.name} is {text} {outside}. Remove it, or correct the coverage in "
                    f"{description.located.file}."
                )
                kind = "outside the coverage"
                findings.add(kind, line, message, cell=cell, column=column.name)
    return rows


def check_calendar(
    rows: Rows, places: Mapping[str, int], description: Description, findings: Findings
) -> dict[str, tuple[int, int]]:
    """First and last period of each unit; periods of it that have no row are noted."""
    _note_undeclared(rows, places, description, findings)
    column = description.role("period")
    declared = {unit: lines for unit, lines in rows.lines.items() if unit not in rows.undeclared}
    ordinals = [when for lines in declared.values() for when in lines]
    if column is None or not ordinals:
        return {}
    windows = full_windows(description.coverage, list(declared), ordinals)
    cell = places[column.name]
    find_gaps(declared, windows, rows.broken, description.frequency, cell, findings)
    return windows


def _note_undeclared(
    rows: Rows, places: Mapping[str, int], description: Description, findings: Findings
) -> None:
    column = description.role("unit")
    for unit, lines in rows.undeclared.items():
        message = (
            f"{description.located.file} declares no coverage for {unit!r} "
            f"({len(lines)} row{'s' * (len(lines) > 1)}). Correct the name, or declare it."
            f"{did_you_mean(unit, list(description.coverage))}"
        )
        cell = places[column.name] if column else None
        findings.add("unknown unit", lines[0], message, cell=cell)


def unit_faults(rows: Rows, description: Description, data_name: str) -> list[Fault]:
    """Faults of the description that only the table shows: units that it does not have."""
    units = set(rows.lines) | {unit for unit, _ in rows.broken if unit is not None}
    located, known = description.located, sorted(units)
    if not units or None in {unit for unit, _ in rows.broken}:
        return []
    faults = [
        located.fault(("coverage", unit), f"{data_name} has no row of it. Remove it or add them.")
        for unit in description.coverage
        if unit not in units
    ]
    faults += [
        located.fault(("places", unit), f"no such unit in {data_name}.{did_you_mean(unit, known)}")
        for unit in description.places
        if unit not in units
    ]
    faults += [
        located.fault(("agencies", unit), f"no unit {unit!r} in {data_name}.")
        for unit in description.agencies
        if unit not in units and not description.coverage
    ]
    faults += unmet_faults(located, description.declared, rows.met, description.frequency)
    for index, change in enumerate(description.recording_changes):
        if change.unit is not None and change.unit not in units and not description.coverage:
            message = f"no unit {change.unit!r} in {data_name}.{did_you_mean(change.unit, known)}"
            faults.append(located.fault(("recording_changes", index, "unit"), message))
    return faults


def _refuse_other_week(when: int, like: int, frequency: str) -> None:
    try:
        period.refuse_other_week(when, like, frequency)
    except ValueError as fault:
        raise CellError("bad date", f"{fault}. Begin all weeks on one day.") from None


def _unit(written: str, line: int, cell: int, findings: Findings) -> str | None:
    unit = written.strip()
    if not unit:
        findings.add("blank unit", line, "the unit is blank. Write its name.", cell=cell)
        return None
    if unit != written:
        message = f"{written!r} has spaces around the name. Write {unit!r}."
        findings.add("spaces around a name", line, message, cell=cell)
    if lost_digits(unit):
        message = (
            f"{quoted(unit)} lost its last digits in a spreadsheet or a floating-point column. "
            "Write the whole name."
        )
        findings.add("lost digits", line, message, cell=cell)
        return None
    if unit.isascii() and unit.isprintable():
        return tidy(unit)
    if commands(unit):
        message = f"{quoted(unit)} holds a control character. Write it again, without it."
        findings.add("invisible character", line, message, cell=cell)
        return None
    if any(hidden(char) and char not in JOINERS for char in unit):
        message = f"{quoted(unit)} holds what nobody sees. Write {quoted(tidy(unit))}."
        findings.add("invisible character", line, message, cell=cell)
        return tidy(unit) or None
    return unit


def _note_alike(
    unit: str, line: int, cell: int, spellings: dict[str, tuple[str, int]], findings: Findings
) -> None:
    """Note a unit that another row spells differently, at its first row.

    Parameters
    ----------
    spellings : of each unit as it is drawn, and of each spelling, the first one and its line.
    """
    if unit in spellings:
        return
    form = f"\0{drawn(unit)}"
    first, earlier = spellings.setdefault(form, (unit, line))
    spellings[unit] = (first, earlier)
    if first == unit:
        return
    way = "is written" if normal(first) == normal(unit) else "looks like what is written"
    message = (
        f"{quoted(unit)} {way} {quoted(first)} on line {earlier}. Two spellings are two units: "
        "write one name for one unit."
    )
    findings.add("two spellings of a unit", line, message, cell=cell)


def _outside(unit: str, when: int, description: Description) -> str:
    """In words, how a period lies outside the unit's declared coverage; empty when inside."""
    first, last = description.coverage.get(unit, (None, None))
    frequency = description.frequency
    written = period.text(when, frequency)
    if first is not None and when < first:
        return (
            f"in {written}, before the coverage of {unit} begins ({period.text(first, frequency)})"
        )
    if last is not None and when > last:
        return f"in {written}, after the coverage of {unit} ends ({period.text(last, frequency)})"
    return ""


# line of the row that holds each period of one unit, by ordinal
Lines = Mapping[int, int]


def full_windows(
    declared: Mapping[str, Window], units: Sequence[str], ordinals: Sequence[int]
) -> dict[str, tuple[int, int]]:
    """First and last period that each unit must have, with the table's own where none is declared.

    Parameters
    ----------
    declared : `[coverage]` of the description; empty when there is none. units : in the table.
    ordinals : every period in the table, at least one.
    """
    earliest, latest = min(ordinals), max(ordinals)
    windows = {}
    for unit in units:
        first, last = declared.get(unit, (None, None))
        windows[unit] = (earliest if first is None else first, latest if last is None else last)
    return windows


def find_gaps(
    rows: Mapping[str, Lines],
    windows: Mapping[str, tuple[int, int]],
    broken: Sequence[tuple[str | None, int]],
    frequency: str,
    cell: int,
    findings: Findings,
) -> None:
    """Note every run of periods inside a unit's window that has no row.

    Parameters
    ----------
    rows : each unit's periods and their lines. broken : unit (None: unknown) and line of rows whose
        period could not be read; a gap they can fill is no second fault. cell : index of the period
        column.
    """
    for unit, lines in rows.items():
        unread = sorted(line for whose, line in broken if whose in (unit, None))
        for first, last, line, between in _runs(lines, *windows[unit]):
            low, high = (bisect_left(unread, end) for end in between)
            if high - low >= last - first + 1:
                continue
            noun = "row" if first == last else "rows"
            remedy = f"Add the {noun}; nothing is filled in."
            if first == windows[unit][0] or last == windows[unit][1]:
                remedy = f"Add the {noun}, or say in [coverage] what was recorded."
            message = f"{unit} has no row for {_span(first, last, frequency)}. {remedy}"
            findings.add("gap", line, message, cell=cell)


def _runs(lines: Lines, first: int, last: int) -> Iterator[tuple[int, int, int, tuple[int, int]]]:
    """Missing runs: first and last period, line to name, and the lines between which it lies."""
    inside = sorted(number for number in lines if first <= number <= last)
    if not inside:
        yield first, last, min(lines.values()), (0, 1 << 62)
        return
    if inside[0] > first:
        yield first, inside[0] - 1, lines[inside[0]], (0, lines[inside[0]])
    for before, after in pairwise(inside):
        if after > before + 1:
            ends = sorted((lines[before], lines[after]))
            yield before + 1, after - 1, lines[after], (ends[0], ends[1])
    if inside[-1] < last:
        yield inside[-1] + 1, last, lines[inside[-1]], (lines[inside[-1]], 1 << 62)


def _span(first: int, last: int, frequency: str) -> str:
    if first == last:
        return period.text(first, frequency)
    ends = f"{period.text(first, frequency)} to {period.text(last, frequency)}"
    return f"{ends} ({last - first + 1} {frequency}s)"
