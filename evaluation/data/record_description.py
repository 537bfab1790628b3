"""The `dataset.toml` of a table of people, of survey answers or of events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, cast

from pydantic import Field

from evaluation.data.cells import day_of
from evaluation.data.description import (
    Abouts,
    Described,
    Table,
    Text,
    Told,
    WrittenPeriod,
    description_path,
    in_words,
    told_of,
)
from evaluation.data.panel import Family
from evaluation.data.record_description_checks import (
    PANEL_ONLY,
    missing_kind,
    record_meaning_faults,
)
from evaluation.data.records import ROLES, SYNONYMS, Counts, Kind, RecordColumn, RecordType
from evaluation.data.toml_places import read
from evaluation.errors import DataError, Fault

Finite = Annotated[float, Field(allow_inf_nan=False)]


class RecordColumnTable(Table):
    """`[columns.<name>]`; roles, and what goes with which, are checked apart."""

    role: Text
    type: RecordType | None = None
    measure: str = ""
    label: Text | None = None
    about: Abouts = Field(default=[])
    family: Family | None = None
    low: Finite | None = None
    high: Finite | None = None
    scale: Text | None = None
    reverse: bool = False
    missing: bool = False
    cause: Text | None = None
    levels: Annotated[list[Text], Field(min_length=1)] | None = None
    events: Annotated[list[Text], Field(min_length=1)] | None = None
    counts: Counts | None = None


class RecordsTable(Told):
    """The whole `dataset.toml` of records."""

    kind: Kind
    people: Text | None = None
    until: WrittenPeriod | None = None
    columns: Annotated[dict[Text, RecordColumnTable], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDescription(Described[RecordColumn]):
    """A checked `dataset.toml` of records; no unit has a place of its own, records are of people.

    Parameters
    ----------
    until : last day recorded, in days since 1970-01-01, or None. people : of events, the file name
        of the table of people beside it, else None.
    """

    kind: Kind
    until: float | None
    people: str | None


# Roles that a panel has too, so that they tell nothing about what a table without a kind is.
_SHARED: Final = ("treatment", "covariate", "outcome")
# Kinds of table that no design takes as its outcomes; each has a reader of its own.
NO_OUTCOMES: Final = ("published results", "adoption of programs")


def describes_records(data_path: Path) -> bool:
    """Whether the description beside a table is one of records; False too when there is none.

    A description with neither kind nor frequency, but with roles that only records have, counts:
    its author is then told that the kind is missing rather than that every role is wrong.
    """
    try:
        path = description_path(data_path, data_path.name)
        content = read(path, path.name, DataError).content
    except DataError:
        return False
    columns = content.get("columns")
    if "kind" in content or "frequency" in content or not isinstance(columns, dict):
        return "kind" in content
    only = {role for roles in ROLES.values() for role in roles if role not in _SHARED}
    roles = [table.get("role") for table in columns.values() if isinstance(table, dict)]
    return any(role in (only | set(SYNONYMS)) for role in roles if isinstance(role, str))


def not_a_panel(data_path: Path, path: Path, shown_as: str) -> None:
    """Refuse a table of records where a table of outcomes by period is needed.

    Parameters
    ----------
    data_path : the table. path : its `dataset.toml`. shown_as : how messages name that.

    Raises
    ------
    DataError : when the description gives a kind, or has the roles of one.
    """
    if not describes_records(data_path):
        return
    located = read(path, shown_as, DataError)
    if "kind" not in located.content:
        raise DataError(missing_kind(located))
    kind = located.content["kind"]
    if kind not in ROLES and kind not in NO_OUTCOMES:
        read_record_description(path, shown_as, data_path.name)  # says what is wrong with it
    message = (
        f"a dataset of {kind} has no periods to follow a unit through. Name a dataset by month, "
        "quarter or year, or give the plan a design for it."
    )
    raise DataError(located.fault(("kind",), message))


def read_record_description(path: Path, shown_as: str, data_name: str) -> RecordDescription:
    """The description of one table of records, with all that can be checked without the table.

    Parameters
    ----------
    path : the `dataset.toml`. shown_as : how messages name it. data_name : file name of the table.

    Raises
    ------
    DataError : with every fault found, in the order of the file.
    """
    located = read(path, shown_as, DataError)
    table = located.parse(RecordsTable, record_meaning_faults(located, data_name), _told_better)
    return RecordDescription(
        **told_of(table, located, path),
        kind=table.kind,
        columns=tuple(_column(name, table.kind, given) for name, given in table.columns.items()),
        until=None if table.until is None else day_of(table.until),
        people=table.people,
    )


def _told_better(fault: Fault) -> bool:
    """Keys of a panel are no misspelling; the check of meaning says what they are."""
    key, _, message = fault.message.partition(": ")
    if key == "kind" and message.startswith("is missing"):
        return True
    return key.split(".")[0] in PANEL_ONLY and message.startswith("is not known here")


def _column(name: str, kind: str, given: RecordColumnTable) -> RecordColumn:
    role = SYNONYMS.get(given.role, given.role)
    return RecordColumn(
        name=name,
        role=role,
        type=given.type or cast(RecordType, ROLES[kind][role][0]),
        measure=given.measure,
        label=given.label or in_words(name),
        low=given.low,
        high=given.high,
        scale=given.scale or "",
        reverse=given.reverse,
        missing=given.missing,
        cause=given.cause,
        levels=tuple(given.levels or ()),
        about=tuple(given.about),
        family=given.family or "",
        events=tuple(given.events or ()),
        counts=given.counts or "events",
    )
