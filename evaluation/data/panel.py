"""What was observed: units by periods, with no gap inside a unit's coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from evaluation.data import period
from evaluation.data.declared import Declared
from evaluation.data.labels import drawn, quoted, scripts
from evaluation.errors import DataError

# Units named in a message.
MOST_TOLD = 40

Role = Literal["unit", "period", "outcome", "exposure", "treatment", "covariate"]
ColumnType = Literal["text", "period", "count", "number", "flag"]
Sensitivity = Literal["synthetic", "public", "private"]
# What an outcome is about, beside what a study aims at: what police and courts do to people, what
# people think of police, violence that may take the place of what is aimed at, and a part of those
# concerned.
About = Literal["enforcement", "trust", "substitution", "group"]
# Kinds of outcome of which published results are set side by side.
Family = Literal["homicide", "gun violence", "violence", "crime", "reoffending", "trust"]
# What police recorded, of which an outcome is the whole count of a place; "other violence" is of
# another kind, or only a part of one.
Offense = Literal[
    "murder", "robbery", "aggravated assault", "vehicle theft", "shooting", "other violence"
]
VIOLENCE = frozenset[str](get_args(Offense)) - {"vehicle theft"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column as `dataset.toml` describes it.

    Parameters
    ----------
    measure : unit of measure, for example "victims a month" or "residents".
    label : how a report names it in a sentence, for example "gun homicides".
    about : of an outcome, what it is declared to be about; nothing is read out of its name.
    family : of an outcome, the published results that it is declared to belong with, or "".
    offense : of an outcome, what it is declared to count as police recorded it, or "".
    scale : of an answer to a question, the scale that it is part of, or "".
    """

    name: str
    role: Role
    type: ColumnType
    measure: str
    label: str
    about: tuple[About, ...] = ()
    family: Family | Literal[""] = ""
    scale: str = ""
    offense: Offense | Literal[""] = ""


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
    place : id of the place that all of the table is about, or ""; of invented data the one that
    they imitate. places : those units that have an id of their own,
    each with it. beside : of further tables that were read with this one (`data.joined`).
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
    place: str = ""
    places: tuple[tuple[str, str], ...] = ()
    beside: tuple[Provenance, ...] = ()

    def place_of(self, unit: str) -> str:
        """The declared id of the place that a unit is or lies in; "" when none was declared."""
        return next((place for name, place in self.places if name == unit), self.place)

    def in_us(self, unit: str) -> bool:
        """Whether the declared place of a unit is in the United States."""
        return self.place_of(unit).startswith("us-")


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcome table, units x periods.

    Parameters
    ----------
    units : (N,) names, in the order of the file. periods : (T,) written periods, gap-free.
    frequency : "day", "week", "month", "quarter" or "year".
    values : for each outcome, exposure, treatment and covariate column an (N, T) float array; NaN
        only where the unit's declared coverage does not reach, or where it is declared as missing.
    columns : descriptions of all columns, in the order of the file.
    redefined : those of the recording changes from which on an outcome means something else.
    declared : the cells that are empty or below zero, and why. agencies : the ORI of the police
        agency of each unit that has one declared. files : of units that another table than that of
        the provenance has (`data.joined`), that table.
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
    files: Mapping[str, str] = field(default_factory=dict)

    def file_of(self, unit: str) -> str:
        """The table that a unit stands in."""
        return self.files.get(unit, self.provenance.file)

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
            raise DataError(f"{self.provenance.file}: no unit {unit!r}{self._near(unit)}")
        return self.units.index(unit)

    def _near(self, unit: str) -> str:
        """What a unit that is not there may mean, or the units there are."""
        for other in self.units:
            if drawn(other) == drawn(unit):
                mixed = scripts(other)
                letters = f", which mixes letters of {' and '.join(mixed)}" if mixed else ""
                return f"; it is written {quoted(other)}{letters}. Write it so in both places."
        more = f" and {len(self.units) - MOST_TOLD} more" if len(self.units) > MOST_TOLD else ""
        return f"; it has {', '.join(self.units[:MOST_TOLD])}{more}"

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

    def refuse_corrections(
        self, names: Sequence[str], units: Sequence[str], low: int, high: int
    ) -> None:
        """Does nothing when units have no count below zero in some columns from one period to
        another; what is missing may be. Parameters and errors are those of `refuse_gaps`."""
        rows = [self.unit_index(unit) for unit in units]
        for name in names:
            wrong = self.values[self.column(name).name][rows, low : high + 1] < 0
            if self.column(name).type == "count" and wrong.any():
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
            missing = ', say gaps = "missing" where the method can go without it'
        else:
            said, missing = f"{name} of {unit} is {value:g} in {when}, which is no count", ""
        return (
            f"{self.file_of(unit)}: {said}{f': {why}' if why else ''}{others}. "
            f"Narrow the window to where it is complete{missing}, or leave the unit or the column "
            "out."
        )
