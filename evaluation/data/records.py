"""Datasets of people, of survey answers and of events: a row each, columns known by their role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from evaluation.data.panel import About, Family, Provenance
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError

Kind = Literal["people", "survey", "events"]
Counts = Literal["events", "days"]
RecordType = Literal["text", "period", "date", "count", "number", "flag"]

_COUNT: Final = ("count", "number")
_NUMBER: Final = ("count", "number", "flag")
_TRAIT: Final = ("text", "count", "number", "flag")

# The types each role may have, by kind of dataset; the first is taken where none is written, which
# only an item may leave out.
ROLES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "people": {
        "person": ("text",),
        "entry": ("date",),  # the day from which on they are followed; none where it is withheld
        "follow_up": ("count", "date"),  # days from entry to the end of follow-up, or that day
        "reason": ("text",),  # why follow-up ended
        "treatment": ("flag",),
        "invited": ("flag",),  # offered the program, taken up or not
        "decided": ("date", "count"),  # when treatment became known, such as the first service
        "completed": ("flag",),
        "service": ("count", "number", "flag"),
        "covariate": (*_NUMBER, "text"),  # known at entry; of text the categories
        "history": _COUNT,  # events in equally long windows before entry, the last just before it
        "trait": _TRAIT,  # to tell subgroups
        "time": ("count", "date"),  # days from entry to an event or to censoring, or that day
        "cause": ("count",),  # of a time: 0 none seen, 1 the event, 2 and more competing events
        "outcome": _NUMBER,
        "cluster": ("text",),
        "weight": ("number", "count"),
    },
    "survey": {
        "person": ("text",),
        "wave": ("period",),
        "stratum": ("text",),
        "cluster": ("text",),
        "area": ("text",),  # neighborhood, where it is not the stratum
        "treatment": ("flag",),  # lives where the program works, in every wave alike
        "weight": ("number", "count"),
        "fpc": ("number", "count"),  # units in the population of the stratum, or the share drawn
        "trait": _TRAIT,
        "covariate": _NUMBER,
        "outcome": _NUMBER,
        "item": ("count", "number"),
    },
    "events": {
        "person": ("text",),  # of the table named by `people`
        "time": ("count", "date"),  # days from entry, or the day itself
        "event": ("text",),
    },
}

# Second names that people write for a role.
SYNONYMS: Final[Mapping[str, str]] = {"id": "person", "exit": "follow_up", "population": "fpc"}

# Without these there is nothing to compare; of a pair one is enough.
NEEDED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "people": (("person",), ("treatment",), ("outcome", "time")),
    "survey": (("person",), ("wave",), ("treatment",), ("item", "outcome")),
    "events": (("person",), ("time",), ("event",)),
}

KEY: Final[Mapping[str, tuple[str, ...]]] = {
    "people": ("person",),
    "survey": ("person", "wave"),
    "events": ("person", "time", "event"),
}

MANY: Final = ("covariate", "history", "trait", "service", "time", "cause", "outcome", "item")

# People who did not answer, or whom no service reached, are no fault of the table.
MAY_BE_EMPTY: Final = ("item", "decided")
MAY_SAY_MISSING: Final = (
    *("covariate", "history", "trait", "service", "completed", "reason", "time", "cause"),
    "outcome",
)


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """One column as `dataset.toml` describes it.

    Parameters
    ----------
    role : a key of `ROLES`. measure : what is measured. label : how a sentence names it.
    low, high : lowest and highest answer of an item, else None. scale : the scale that an item
        belongs to, else "". reverse : True where a high answer of an item means little.
    missing : cells may be empty. cause : of a time, the column that says how it ended, else None.
    levels : the texts that cells may hold; empty for any. about, family : as of a panel's column.
    events : of an outcome, the names that count as it in a table of events; empty for its own.
    counts : of an outcome that is a count, whether it counts events or days, such as days in jail.
    """

    name: str
    role: str
    type: RecordType
    measure: str
    label: str
    low: float | None = None
    high: float | None = None
    scale: str = ""
    reverse: bool = False
    missing: bool = False
    cause: str | None = None
    levels: tuple[str, ...] = ()
    about: tuple[About, ...] = ()
    family: Family | Literal[""] = ""
    events: tuple[str, ...] = ()
    counts: Counts = "events"


@dataclass(frozen=True, slots=True)
class Records:
    """A table of n people, answers or events, every cell checked.

    Parameters
    ----------
    columns : in the order of the file. values : for each column an (n,) array. Text and periods
        are object arrays of str, "" where empty; all else are floats, NaN where empty; dates are
        days since 1970-01-01. An empty cell is nowhere but where the column allows it.
    until : the last day that was recorded, in days since 1970-01-01; None where nobody says.
    people : of events, the file name of the table of people; else None.
    """

    kind: Kind
    columns: tuple[RecordColumn, ...]
    values: Mapping[str, np.ndarray]
    provenance: Provenance
    rows: int
    until: float | None = None
    people: str | None = None

    def column(self, name: str) -> RecordColumn:
        """The description of one column.

        Raises
        ------
        DataError : when there is none of that name; it suggests one.
        """
        for column in self.columns:
            if column.name == name:
                return column
        known = [column.name for column in self.columns]
        message = f"{self.provenance.file}: no column {name!r}.{did_you_mean(name, known)}"
        raise DataError(message)

    @property
    def dated(self) -> bool:
        """Whether it says on which day people entered."""
        return any(column.role == "entry" for column in self.columns)

    @property
    def entry(self) -> np.ndarray:
        """(n,) the day on which each person entered; 0 where the table has no dates, so that days
        count from entry."""
        for column in self.named("entry"):
            return self.values_of(column.name)
        return np.zeros(self.rows)

    def named(self, role: str) -> tuple[RecordColumn, ...]:
        """The columns with this role, or with the role it is a second name of, in file order."""
        role = SYNONYMS.get(role, role)
        return tuple(column for column in self.columns if column.role == role)

    def values_of(self, name: str) -> np.ndarray:
        """(n,) values of one column.

        Raises
        ------
        DataError : when there is none of that name; it suggests one.
        """
        return self.values[self.column(name).name]

    def scales(self) -> dict[str, tuple[RecordColumn, ...]]:
        """The items of each scale, in file order; those of no scale are left out."""
        found: dict[str, tuple[RecordColumn, ...]] = {}
        for item in self.named("item"):
            if item.scale:
                found[item.scale] = (*found.get(item.scale, ()), item)
        return found
