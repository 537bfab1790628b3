"""What was observed: units by periods, with no gap inside a unit's coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from evaluation.data import period
from evaluation.data.declared import Declared
from evaluation.errors import DataError

Role = Literal["unit", "period", "outcome", "exposure", "treatment", "covariate"]
ColumnType = Literal["text", "period", "count", "number", "flag"]
Sensitivity = Literal["synthetic", "public", "private"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column as `dataset.toml` describes it.

    Parameters
    ----------
    measure : unit of measure, for example "victims a month" or "residents".
    label : how a report names it in a sentence, for example "gun homicides".
    """

    name: str
    role: Role
    type: ColumnType
    measure: str
    label: str


@dataclass(frozen=True, slots=True)
class RecordingChange:
    """A known change in how an outcome was recorded; `column` None when it touches them all."""

    date: str
    what: str
    column: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the numbers come from and the hashes that pin them.

    `file` and `description_file` are relative to the project folder, with forward slashes.
    """

    name: str
    file: str
    sha256: str
    description_file: str
    description_sha256: str
    rows: int
    source: str
    licence: str
    sensitivity: Sensitivity
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcome table, units x periods.

    Parameters
    ----------
    units : (N,) names, in the order of the file. periods : (T,) written periods, gap-free.
    frequency : "month", "quarter" or "year".
    values : for each outcome, exposure, treatment and covariate column an (N, T) float array; NaN
        only where the unit's declared coverage does not reach, or where it is declared as missing.
    columns : descriptions of all columns, in the order of the file.
    redefined : those of the recording changes from which on an outcome means something else.
    declared : the cells that are empty or below zero, and why. agencies : the ORI of the police
        agency of each unit that has one declared.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    frequency: period.Frequency
    values: Mapping[str, np.ndarray]
    columns: tuple[Column, ...]
    recording_changes: tuple[RecordingChange, ...]
    provenance: Provenance
    redefined: tuple[RecordingChange, ...] = ()
    declared: Declared = field(default_factory=Declared)
    agencies: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """The description of one column.

        Raises
        ------
        DataError : when there is none of that name; it names the ones there are.
        """
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise DataError(f"{self.provenance.file}: no column {name!r}; it has {known}")

    def named(self, role: Role) -> tuple[Column, ...]:
        """The columns with this role, in the order of the file."""
        return tuple(column for column in self.columns if column.role == role)

    def unit_index(self, unit: str) -> int:
        """Row of a unit.

        Raises
        ------
        DataError : when there is no such unit; it names the ones there are.
        """
        if unit not in self.units:
            known = ", ".join(self.units)
            raise DataError(f"{self.provenance.file}: no unit {unit!r}; it has {known}")
        return self.units.index(unit)

    def refuse_gaps(self, names: Sequence[str], units: Sequence[str], low: int, high: int) -> None:
        """Does nothing when units have every value of some columns from one period to another.

        Parameters
        ----------
        low, high : first and last index of the periods.

        Raises
        ------
        DataError : for the first cell that is empty, or is a count below zero; it says why it is,
            as the description has it, and how many units have such cells.
        """
        # The search for each unit takes its time with thousands of them.
        row_of = {unit: row for row, unit in enumerate(self.units)}
        rows = [row_of[unit] if unit in row_of else self.unit_index(unit) for unit in units]
        for name in names:
            values = self.values[self.column(name).name][rows, low : high + 1]
            wrong = np.isnan(values)
            if self.column(name).type == "count":
                wrong |= values < 0
            if wrong.any():
                raise DataError(self._gap(name, units, wrong, low))

    def _gap(self, name: str, units: Sequence[str], wrong: np.ndarray, low: int) -> str:
        """The first cell that cannot be used, why it cannot, and what to do."""
        row, at = (int(place) for place in np.argwhere(wrong)[0])
        unit, when = units[row], self.periods[low + at]
        value = self.values[name][self.unit_index(unit), low + at]
        why = self.declared.why(unit, period.ordinal(when, self.frequency), name)
        some = int(wrong.any(axis=1).sum())
        others = f" ({some} of {len(units)} units have such cells)" if len(units) > 1 else ""
        if np.isnan(value):
            said = f"{unit} has no {name} in {when}, so that its series has a gap"
        else:
            said = f"{name} of {unit} is {value:g} in {when}, which is no count"
        return (
            f"{self.provenance.file}: {said}{f': {why}' if why else ''}{others}. "
            "Narrow the window to where it is complete, or leave the unit or the column out."
        )
