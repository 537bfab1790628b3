"""Tables of outcomes read as one: the units of further tables beside those of the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from evaluation.data import period
from evaluation.data.declared import Declared
from evaluation.data.labels import drawn
from evaluation.data.panel import Column, Panel, RecordingChange, Sensitivity
from evaluation.errors import DataError

# From the least to the most careful handling.
_CAREFUL: Mapping[Sensitivity, int] = {"synthetic": 0, "public": 1, "private": 2}


def joined(panel: Panel, others: Sequence[Panel]) -> Panel:
    """One panel with the units of all, over the periods and columns that every table has.

    Columns are the same when name, role, type and measure are; label, family and the rest are those
    of the first table. A column that one of the tables lacks is left out, and so are periods that
    do not lie in all of them. Recording changes and declared cells keep to the units of their
    table. The provenance is that of the first table, with the others in `beside`; it is as private
    as the most private of them.

    Parameters
    ----------
    panel : the table that the studied unit is in. others : those whose units join it.

    Raises
    ------
    DataError : for tables of another frequency, without a period or outcome in common, with a unit,
        or a police agency, in common, with a column of one name that is not the same, or of
        invented data beside real.
    """
    for number, other in enumerate(others):
        for earlier in (panel, *others[:number]):
            _refuse_together(earlier, other)
    everyone = (panel, *others)
    if not others:
        return panel
    first, last = _common_periods(everyone)
    columns = _common_columns(everyone)
    frequency = panel.frequency
    values = {
        column.name: np.vstack(
            [_between(one, one.values[column.name], first, last) for one in everyone]
        )
        for column in columns
        if column.name in panel.values
    }
    names = {column.name for column in columns}
    return Panel(
        units=tuple(unit for one in everyone for unit in one.units),
        periods=tuple(period.text(when, frequency) for when in range(first, last + 1)),
        frequency=frequency,
        values=values,
        columns=columns,
        recording_changes=_changes(everyone, [one.recording_changes for one in everyone], names),
        provenance=replace(
            panel.provenance,
            sensitivity=max(
                (one.provenance.sensitivity for one in everyone), key=_CAREFUL.__getitem__
            ),
            beside=tuple(other.provenance for other in others),
            places=tuple(
                (unit, place)
                for one in everyone
                for unit in one.units
                if (place := one.provenance.place_of(unit))
            ),
            place="",
        ),
        redefined=_changes(everyone, [one.redefined for one in everyone], names),
        declared=Declared(
            tuple(entry for one in everyone for entry in one.declared.missing),
            tuple(entry for one in everyone for entry in one.declared.corrections),
        ),
        agencies={unit: ori for one in everyone for unit, ori in one.agencies.items()},
        files={unit: other.file_of(unit) for other in others for unit in other.units},
    )


def _refuse_together(one: Panel, other: Panel) -> None:
    here, there = one.provenance, other.provenance
    if one.frequency != other.frequency:
        raise DataError(
            f"{there.file}: is by {other.frequency}, but {here.file} is by {one.frequency}; tables "
            "that are read as one need the same periods"
        )
    if (here.sensitivity == "synthetic") != (there.sensitivity == "synthetic"):
        raise DataError(
            f"{there.file}: is {there.sensitivity}, but {here.file} is {here.sensitivity}; "
            "invented data are not read as one with real data"
        )
    known = {drawn(unit): unit for unit in one.units}
    for unit in other.units:
        if drawn(unit) in known:
            raise DataError(
                f"{there.file}: {unit} is in {here.file} too; leave it out of one of the two"
            )
    of_agency = {ori: unit for unit, ori in one.agencies.items()}
    for unit, ori in other.agencies.items():
        if ori in of_agency:
            raise DataError(
                f"{there.file}: {unit} is the police agency {ori}, as {of_agency[ori]} is in "
                f"{here.file}; leave it out of one of the two"
            )


def _common_periods(panels: Sequence[Panel]) -> tuple[int, int]:
    spans = [
        tuple(period.ordinal(text, one.frequency) for text in (one.periods[0], one.periods[-1]))
        for one in panels
    ]
    for one, span in zip(panels, spans, strict=True):
        try:
            period.refuse_other_week(span[0], spans[0][0], one.frequency)
        except ValueError as fault:
            raise DataError(f"{one.provenance.file}: {fault}") from None
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    if first > last:
        told = "; ".join(
            f"{one.provenance.file} has {one.periods[0]} to {one.periods[-1]}" for one in panels
        )
        raise DataError(f"{told}: they have no {panels[0].frequency} in common")
    return first, last


def _common_columns(panels: Sequence[Panel]) -> tuple[Column, ...]:
    """The columns of the first that all have, in its order; its unit and period columns as well."""
    first, *rest = panels
    found = [column for column in first.columns if all(_has(other, column) for other in rest)]
    found += [column for column in first.columns if column.role in ("unit", "period")]
    kept = tuple(column for column in first.columns if column in found)
    if not any(column.role == "outcome" for column in kept):
        told = "; ".join(
            f"{one.provenance.file} has {', '.join(c.name for c in one.named('outcome'))}"
            for one in panels
        )
        raise DataError(f"{told}: they have no outcome in common")
    return kept


def _has(panel: Panel, column: Column) -> bool:
    """Whether a table has this column, and it is the same."""
    other = next((one for one in panel.columns if one.name == column.name), None)
    if other is None:
        return False
    for what in ("role", "type", "measure"):
        here, there = getattr(column, what), getattr(other, what)
        if here != there:
            raise DataError(
                f"{panel.provenance.description_file}: {what} of {column.name} is {there!r}, but "
                f"{here!r} in the table that it is read with; columns of one name have to be the "
                "same"
            )
    return True


def _between(panel: Panel, values: np.ndarray, first: int, last: int) -> np.ndarray:
    begin = period.ordinal(panel.periods[0], panel.frequency)
    return values[:, first - begin : last - begin + 1]


def _changes(
    panels: Sequence[Panel], changes: Sequence[Sequence[RecordingChange]], names: set[str]
) -> tuple[RecordingChange, ...]:
    """Every change of recording at the units of its own table. One that touches all of them, and
    that every table has, stays one."""

    def everywhere() -> Iterator[RecordingChange]:
        for change in changes[0]:
            if change.unit is None and all(change in one for one in changes[1:]):
                yield change

    common = list(everywhere())
    found = [*common]
    for panel, own in zip(panels, changes, strict=True):
        for change in own:
            if change in common:
                continue
            units = panel.units if change.unit is None else (change.unit,)
            found += [replace(change, unit=unit) for unit in units]
    return tuple(one for one in found if one.column is None or one.column in names)
