"""The `dataset.toml` beside a table: what its columns are, where it comes from, what it covers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evaluation.data import period
from evaluation.data.declared import Correction, Declared, Missing
from evaluation.data.description_checks import as_written, meaning_faults, period_holding
from evaluation.data.labels import PlaceId
from evaluation.data.panel import (
    About,
    Column,
    ColumnType,
    Family,
    Offense,
    Provenance,
    RecordingChange,
    Role,
    Sensitivity,
)
from evaluation.data.records import RecordColumn
from evaluation.data.toml_places import Located, read
from evaluation.errors import DataError, Fault

# First and last ordinal; None is the first or last period of the whole table.
Window = tuple[int | None, int | None]

Text = Annotated[str, Field(min_length=1)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
AdapterName = Literal["fbi-monthly", "fbi-annual", "fbi-monthly-residents"]
WrittenPeriod = Annotated[Text, BeforeValidator(as_written)]
# One word, or a list of them.
Abouts = Annotated[
    list[About], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)
]
# The FBI's identifier of a police agency (ORI), in its short form of seven places.
Agency = Annotated[str, Field(pattern="^[A-Z]{2}[A-Z0-9]{5}$")]


class Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Told(Table):
    """What the `dataset.toml` of every table has."""

    name: Text
    file: Text | None = None
    place: PlaceId | None = None
    key: Annotated[list[Text], Field(min_length=1)]
    source: Text
    licence: Text
    sensitivity: Sensitivity
    notes: str = ""
    obtain: Text | None = None


class ColumnTable(Table):
    """`[columns.<name>]`; `measure` is the unit of measure. Of an outcome, `about` says what it is
    about, `family` with which published results it belongs, and `offense` what it counts as police
    recorded it."""

    role: Role
    type: ColumnType
    measure: str = ""
    label: Text | None = None
    about: Abouts = []
    family: Family | None = None
    offense: Offense | None = None


class CoverageTable(Table):
    """`[coverage.<unit>]`: first and last period recorded."""

    first: WrittenPeriod | None = None
    last: WrittenPeriod | None = None


class RecordingChangeTable(Table):
    """`[[recording_changes]]`: a period or a day, and what changed then; `redefined` when the
    outcome means something else from then on, so that no plan may reach across."""

    date: WrittenPeriod
    what: Text
    column: Text | None = None
    unit: Text | None = None
    redefined: bool = False


class MissingTable(Table):
    """`[[missing]]`: cells of a unit that were not reported, and why; without `last` one period,
    without `columns` every outcome."""

    unit: Text | None = None
    first: WrittenPeriod
    last: WrittenPeriod | None = None
    columns: Annotated[list[Text], Field(min_length=1)] | None = None
    why: Text


class CorrectionTable(Table):
    """`[[corrections]]`: a count below zero that is meant, and why."""

    unit: Text | None = None
    period: WrittenPeriod
    column: Text
    why: Text


class HistoryTable(Table):
    """`[[original.history]]`: a flag column that is 1 from `first` to `last`; several tables may
    fill one column."""

    column: Text
    first: WrittenPeriod
    last: WrittenPeriod


class BesideTable(Table):
    """`[[original.beside]]`: a further file that the table is made from."""

    file: Text
    sha256: Digest


class OriginalTable(Table):
    """`[original]`: how the file that the table is made from is known, and what makes the table.

    `sha256` is of the file, those in `beside` of further files that the adapter takes, in this
    order, `table_sha256` of the table made from them, which other files with the same numbers make
    too. `first` and `last` bound the periods that are kept.
    """

    sha256: Digest
    table_sha256: Digest | None = None
    adapter: AdapterName | None = None
    first: WrittenPeriod | None = None
    last: WrittenPeriod | None = None
    beside: list[BesideTable] = []
    history: list[HistoryTable] = []


class DatasetTable(Told):
    """The whole `dataset.toml` of a panel."""

    frequency: period.Frequency
    unit: Text | None = None
    places: dict[Text, PlaceId] = {}
    original: OriginalTable | None = None
    columns: Annotated[dict[Text, ColumnTable], Field(min_length=1)]
    coverage: dict[Text, CoverageTable] = {}
    recording_changes: list[RecordingChangeTable] = []
    missing: list[MissingTable] = []
    corrections: list[CorrectionTable] = []
    agencies: dict[Text, Agency] = {}


AnyColumn = TypeVar("AnyColumn", Column, RecordColumn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Described(Generic[AnyColumn]):
    """What the checked `dataset.toml` of every table says.

    Parameters
    ----------
    columns : in the order described.
    place : id of the place that the whole table is about, or "". places : ids of single units.
    obtain : how to get the table, in a sentence, where it does not come with the project.
    located : says where each key stands, for faults that only the data show.
    sha256 : of the file's bytes.
    """

    name: str
    columns: tuple[AnyColumn, ...]
    source: str
    licence: str
    sensitivity: Sensitivity
    notes: str
    obtain: str | None
    located: Located
    sha256: str
    place: str
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether messages must not show what a cell holds."""
        return self.sensitivity == "private"

    def provenance(self, file: str, sha256: str, description_file: str, rows: int) -> Provenance:
        """Where the rows of the table come from.

        Parameters
        ----------
        file, description_file : as they are shown. sha256 : of the table.
        """
        return Provenance(
            name=self.name,
            file=file,
            sha256=sha256,
            description_file=description_file,
            description_sha256=self.sha256,
            rows=rows,
            source=self.source,
            licence=self.licence,
            sensitivity=self.sensitivity,
            notes=self.notes,
            place=self.place,
            places=tuple(self.places.items()),
        )

    def role(self, role: str) -> AnyColumn | None:
        """The first column with this role, or None."""
        return next((column for column in self.columns if column.role == role), None)

    def all_of(self, role: str) -> tuple[AnyColumn, ...]:
        """The columns with this role, in the order described."""
        return tuple(column for column in self.columns if column.role == role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(Described[Column]):
    """A checked `dataset.toml` of a panel.

    Parameters
    ----------
    unit : the only unit's name, or None when a column names the unit of each row.
    coverage : window of each unit; empty when none is declared.
    recording_changes : each dated by the period of the dataset's frequency that holds it.
    redefined : those of them from which on an outcome means something else.
    original : how the file that it is made from is known; None when nothing says so.
    declared : single cells that may be empty or below zero, and why.
    agencies : the ORI of the police agency of each unit that has one declared.
    """

    frequency: period.Frequency
    unit: str | None
    coverage: Mapping[str, Window]
    recording_changes: tuple[RecordingChange, ...]
    redefined: tuple[RecordingChange, ...]
    original: OriginalTable | None
    declared: Declared
    agencies: Mapping[str, str]


def told_of(table: Told, located: Located) -> dict[str, Any]:
    """What every description takes as it was written."""
    return {
        "name": table.name,
        "source": table.source,
        "licence": table.licence,
        "sensitivity": table.sensitivity,
        "notes": table.notes,
        "obtain": None if table.obtain is None else " ".join(table.obtain.split()),
        "located": located,
        "sha256": hashlib.sha256(located.written).hexdigest(),
        "place": table.place or "",
    }


def description_path(data_path: Path, shown_as: str) -> Path:
    """Where the description of a table is: `X.dataset.toml` for X.csv, else `dataset.toml`.

    Parameters
    ----------
    data_path : the table. shown_as : how messages name it.

    Raises
    ------
    DataError : when neither stands beside the table; it says what to write.
    """
    own = data_path.with_name(f"{data_path.stem}.dataset.toml")
    for candidate in (own, data_path.with_name("dataset.toml")):
        if candidate.exists():
            return candidate
    message = (
        f"nothing describes this table. `ceasefire data --new {data_path.name}` writes {own.name} "
        "beside it, guessed, for you to correct; it has name, frequency, key, source, licence, "
        "sensitivity, and a [columns.<name>] with role and type for each column."
    )
    raise DataError(Fault(shown_as, None, None, message))


def how_to_obtain(data_path: Path, reader: Callable[[Path, str, str], Any]) -> str | None:
    """What the description of a table that is not here says about getting it; None when nothing.

    A plain `dataset.toml` counts only if its `file` is this table: it may describe another.

    Parameters
    ----------
    reader : `read_description`, or that of records.
    """
    try:
        path = description_path(data_path, data_path.name)
        description = reader(path, path.name, data_path.name)
    except DataError:
        return None
    named = description.located.content.get("file") == data_path.name
    return description.obtain if named or path.name != "dataset.toml" else None


def read_description(path: Path, shown_as: str, data_name: str) -> Description:
    """The description of one table, with all that can be checked without the table.

    Parameters
    ----------
    path : the `dataset.toml`. shown_as : how messages name it. data_name : file name of the table.

    Raises
    ------
    DataError : with every fault found, in the order of the file.
    """
    located = read(path, shown_as, DataError)
    table = located.parse(DatasetTable, meaning_faults(located, data_name))
    begins = [given.first for given in table.coverage.values() if given.first is not None]
    like = period.begun(begins[0], table.frequency) if begins else 0
    changes = tuple(
        RecordingChange(
            period.text(period_holding(given.date, table.frequency, like), table.frequency),
            given.what,
            given.column,
            given.unit,
        )
        for given in table.recording_changes
    )
    return Description(
        **told_of(table, located),
        frequency=table.frequency,
        unit=table.unit,
        columns=tuple(
            Column(
                name,
                given.role,
                given.type,
                given.measure,
                given.label or in_words(name),
                tuple(given.about),
                given.family or "",
                offense=given.offense or "",
            )
            for name, given in table.columns.items()
        ),
        coverage={
            unit: (
                None if given.first is None else period.begun(given.first, table.frequency),
                None if given.last is None else period.begun(given.last, table.frequency),
            )
            for unit, given in table.coverage.items()
        },
        recording_changes=changes,
        redefined=tuple(
            change
            for change, given in zip(changes, table.recording_changes, strict=True)
            if given.redefined
        ),
        original=table.original,
        declared=_declared(table),
        agencies=table.agencies,
        places=table.places,
    )


def _declared(table: DatasetTable) -> Declared:
    outcomes = tuple(name for name, given in table.columns.items() if given.role == "outcome")
    return Declared(
        tuple(
            Missing(
                given.unit or table.unit or "",
                period.begun(given.first, table.frequency),
                period.begun(given.last or given.first, table.frequency),
                outcomes if given.columns is None else tuple(given.columns),
                given.why,
            )
            for given in table.missing
        ),
        tuple(
            Correction(
                given.unit or table.unit or "",
                period.begun(given.period, table.frequency),
                given.column,
                given.why,
            )
            for given in table.corrections
        ),
    )


def in_words(name: str) -> str:
    """How a sentence names a column that has no label of its own."""
    return name.replace("_", " ").strip() or name
