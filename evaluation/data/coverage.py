"""Which periods each unit must have, and which of them have no row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from evaluation.data import period
from evaluation.data.description import Window
from evaluation.data.findings import Findings

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
