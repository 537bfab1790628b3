"""Which periods each unit must have, and which of them have no row.

A panel in a few plain lines, for a person at the command line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from evaluation.data import period
from evaluation.data.description import Window
from evaluation.data.findings import Findings
from evaluation.data.labels import quoted, scripts
from evaluation.data.panel import Column, Panel, Provenance, RecordingChange
from evaluation.data.records import RecordColumn

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


def summary(panel: Panel) -> str:
    """What a dataset holds and where it comes from, one fact a line.

    Outcomes are summed over units and periods; an exposure is shown as its range.
    """
    source = panel.provenance
    count = len(panel.units)
    units = ", ".join(panel.units)
    facts = [
        ("name", source.name),
        ("rows", f"{source.rows:,}"),
        ("units" if count > 1 else "unit", f"{count}: {units}" if count > 1 else units),
        (
            "periods",
            f"{len(panel.periods)} {panel.frequency}s, {panel.periods[0]} to {panel.periods[-1]}",
        ),
    ]
    for column in panel.columns:
        if column.role not in ("unit", "period"):
            facts.append((column.role, _column(column, panel.values[column.name])))
    facts += declared(panel.columns, source)
    facts += _coverage(panel)
    facts += _cells(panel)
    facts += [
        ("note", f"unit {quoted(unit)} mixes letters of {' and '.join(scripts(unit))}")
        for unit in panel.units
        if scripts(unit)
    ]
    facts += [
        ("recording change", f"{change.date}: {_whose(change)}{change.what}")
        for change in panel.recording_changes
    ]
    return told(source, facts)


def told(source: Provenance, facts: Sequence[tuple[str, str]]) -> str:
    """The facts about a good dataset in lines, and where it comes from."""
    rows = [
        *facts,
        ("source", source.source),
        ("licence", source.licence),
        ("sensitivity", source.sensitivity),
        ("notes", source.notes),
        ("sha256", source.sha256),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"  {name:<{width}}  {' '.join(fact.split())}" for name, fact in rows if fact]
    return "\n".join([f"{source.file} is good.", *lines])


def declared(columns: Sequence[Column | RecordColumn], source: Provenance) -> list[tuple[str, str]]:
    """Where the data are and what outcomes are about, as declared; what to write for a place where
    none is."""
    places = [f"{name}: {place}" for name, place in source.places]
    about = [f"{one.name}: {', '.join(one.about)}" for one in columns if one.about]
    family = [f"{one.name}: {one.family}" for one in columns if one.family]
    nowhere = 'not declared; such as place = "us-ca-oakland", for pages to know where it is'
    return [
        ("place", "; ".join([*([source.place] if source.place else []), *places]) or nowhere),
        ("about", "; ".join(about)),
        ("family", "; ".join(family)),
    ]


def _column(column: Column, values: np.ndarray) -> str:
    measure = f" {column.measure}" if column.measure else ""
    name = column.name if column.label == column.name else f"{column.name} ({column.label})"
    if column.role == "outcome" and column.type == "count":
        return f"{name}: total {plain(float(np.nansum(values)))}; {column.measure}"
    if column.type == "flag":
        return f"{name}: 1 in {int(np.nansum(values)):,} rows, else 0"
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return f"{name}: {plain(low)} to {plain(high)}{measure}"


def _coverage(panel: Panel) -> list[tuple[str, str]]:
    """Units that do not cover all periods of the panel."""
    outcome = panel.values[panel.named("outcome")[0].name]
    facts = []
    for unit, row in zip(panel.units, outcome, strict=True):
        covered = np.flatnonzero(~np.isnan(row))
        if len(covered) and covered[-1] - covered[0] + 1 < len(panel.periods):
            ends = f"{panel.periods[covered[0]]} to {panel.periods[covered[-1]]}"
            facts.append(("coverage", f"{unit}: {ends}"))
    return facts or [("coverage", "every unit has every period")]


def _whose(change: RecordingChange) -> str:
    return "" if change.unit is None else f"{change.unit}, "


def _cells(panel: Panel) -> list[tuple[str, str]]:
    """Cells that are empty or below zero, as the description declares them."""

    def text(ordinal: int) -> str:
        return period.text(ordinal, panel.frequency)

    facts = []
    for gap in panel.declared.missing:
        span = text(gap.first) + (f" to {text(gap.last)}" if gap.last > gap.first else "")
        facts.append(("missing", f"{gap.unit} {span} ({', '.join(gap.columns)}): {gap.why}"))
    for one in panel.declared.corrections:
        cell = f"{one.unit} {text(one.period)} ({one.column})"
        facts.append(("correction", f"{cell}: {one.why}"))
    return facts


def plain(value: float) -> str:
    """A number as a line of a summary has it."""
    return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"
