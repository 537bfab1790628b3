"""The recipe of a panel: which incidents are counted, where, when, and by which rules."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from evaluation.data import period
from evaluation.data.description import RecordingChangeTable, WrittenPeriod
from evaluation.data.incidents.recipe_checks import meaning_faults
from evaluation.data.labels import PlaceId, normal
from evaluation.data.panel import Offense, Sensitivity
from evaluation.data.toml_places import Located, read
from evaluation.errors import DataError

Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
Keep = Literal["first reported", "last updated", "refuse", "all"]

MOST_DAYS: Final = 36_500
# A count below this may point to somebody; others are told in steps, as those of people are.
FEWEST_TOLD: Final = 10
TOLD_IN: Final = 5


def _one_or_more(value: Any) -> Any:
    """A single text is a list of one."""
    return [value] if isinstance(value, str) else value


def _which(value: Any) -> Any:
    """`found`, `all`, or a list of names."""
    if value in ("found", "all") if isinstance(value, str) else isinstance(value, list):
        return value
    raise ValueError(f'must be "found", "all" or a list of names; it is {value!r}.')


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class IncidentsTable(_Table):
    """`[incidents]`: the files, and the columns that say which incident and when."""

    files: Annotated[Texts, BeforeValidator(_one_or_more)]
    # Of CSV files; a portal's table that went through Excel is often not UTF-8.
    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    occurred: Text
    # One column, or several that are the id together.
    id: Text | Texts | None = None
    row: Literal["incident", "victim"] | None = None
    reported: Text | None = None
    updated: Text | None = None


class TimeTable(_Table):
    """`[time]`: the zone of the calendar, and what a time without an offset means."""

    zone: Text
    naive: Literal["local", "utc"]
    formats: Texts | None = None
    date_only: bool | None = None


class UnitsTable(_Table):
    """`[units]`: a column with names, coordinates and polygons, or one unit that is all rows."""

    which: Annotated[Literal["found", "all"] | Texts, BeforeValidator(_which)] = "found"
    unit: Text | None = None
    column: Text | None = None
    longitude: Text | None = None
    latitude: Text | None = None
    polygons: Text | None = None
    name: Text | None = None
    label: Text | None = None


class OutcomeTable(_Table):
    """`[outcomes.<name>]`: incidents whose columns hold one of these values; all must hold."""

    measure: Text
    label: Text | None = None
    # What police recorded, of which it is the whole count; the description then says so.
    offense: Offense | None = None
    where: dict[Text, Texts] = {}


class WindowTable(_Table):
    """`[[coverage.windows]]`: some units, all those of an agency for example, covered otherwise."""

    units: Texts
    first: WrittenPeriod
    last: WrittenPeriod
    agency: Text | None = None


class CoverageTable(_Table):
    """`[coverage]`: first and last period that the records cover."""

    first: WrittenPeriod
    last: WrittenPeriod
    windows: list[WindowTable] = []


class PopulationTable(_Table):
    """`[population]`: residents by unit and year, from a table beside the recipe."""

    file: Text
    year: Text
    residents: Text
    # Not needed where every row of the table is of the one unit of the recipe.
    unit: Text | None = None


class DuplicatesTable(_Table):
    """`[duplicates]`: which of the rows with one id counts."""

    keep: Keep


class LateTable(_Table):
    """`[late]`: reports more than `days` after the day it happened do not count."""

    days: Annotated[int, Field(ge=0, le=MOST_DAYS)]
    extracted: datetime.date | None = None
    edge: Literal["cut", "refuse"] = "cut"


class LimitsTable(_Table):
    """`[limits]`: how far a compressed file may grow."""

    gib: Annotated[int, Field(ge=1, le=65_536)] = 64
    ratio: Annotated[int, Field(ge=1, le=100_000)] = 200


class RecipeTable(_Table):
    """The whole recipe."""

    name: Text
    period: period.Frequency
    source: Text
    licence: Text
    sensitivity: Sensitivity
    notes: str = ""
    # The id of the place that all of it is about, for the description.
    place: PlaceId | None = None
    output: Text | None = None
    on_fault: Literal["refuse", "count"] = "refuse"
    incidents: IncidentsTable
    time: TimeTable
    units: UnitsTable
    outcomes: Annotated[dict[Text, OutcomeTable], Field(min_length=1)]
    coverage: CoverageTable
    population: PopulationTable | None = None
    duplicates: DuplicatesTable
    late: LateTable | None = None
    limits: LimitsTable = LimitsTable()
    recording_changes: list[RecordingChangeTable] = []


@dataclass(frozen=True, slots=True)
class Recipe:
    """A checked recipe.

    Parameters
    ----------
    folder : where it stands; files it names are inside. output : file name of the panel.
    unit_column, period_column : names of these columns of the panel.
    table : what was written. located : says where each key stands. sha256 : of its bytes.
    """

    folder: Path
    output: str
    unit_column: str
    period_column: str
    table: RecipeTable
    located: Located
    sha256: str

    @property
    def private(self) -> bool:
        """Whether messages must not show what a cell holds."""
        return self.table.sensitivity == "private"

    @property
    def ids(self) -> tuple[str, ...]:
        """The columns that are the id together; empty when there is none."""
        given = self.table.incidents.id
        return (given,) if isinstance(given, str) else tuple(given or ())

    @property
    def id_name(self) -> str:
        """The id as a sentence names it, such as "case" or "case and victim"."""
        return " and ".join(self.ids)

    def many(self, number: int, noun: str) -> str:
        """A number of things in words, as `told`."""
        one = number == 1 and not self.private
        return f"{self.few(number)} {noun}{'s' * (not one)}"

    def few(self, number: int) -> str:
        """A number in words, as `told`."""
        found = self.told(number)
        return found if isinstance(found, str) else f"{found:,}"

    def told(self, number: int) -> int | str:
        """A number of rows or incidents; of private data none below ten, and others in fives, so
        that none below ten is what is left between two others."""
        if not self.private or number == 0:
            return number
        if number < FEWEST_TOLD:
            return f"fewer than {FEWEST_TOLD}"
        return max(TOLD_IN * round(number / TOLD_IN), FEWEST_TOLD)

    def filters(self) -> tuple[Mapping[str, tuple[str, ...]], ...]:
        """For each outcome, the values that each column may hold."""
        return tuple(
            {column: tuple(values) for column, values in outcome.where.items()}
            for outcome in self.table.outcomes.values()
        )

    def windows(self) -> dict[str, tuple[int, int]]:
        """First and last ordinal of the units with a window of their own, by normal form."""
        found = {}
        for window in self.table.coverage.windows:
            ends = (
                period.begun(window.first, self.table.period),
                period.begun(window.last, self.table.period),
            )
            found.update(dict.fromkeys(map(normal, window.units), ends))
        return found

    def window(self) -> tuple[int, int]:
        """First and last ordinal of all other units."""
        given = self.table.coverage
        return (
            period.begun(given.first, self.table.period),
            period.begun(given.last, self.table.period),
        )


def read_recipe(path: Path, shown_as: str) -> Recipe:
    """A recipe, with all that can be checked without the incidents.

    Parameters
    ----------
    path : the TOML file. shown_as : how messages name it.

    Raises
    ------
    DataError : with every fault found, in the order of the file.
    """
    located = read(path, shown_as, DataError)
    table = located.parse(RecipeTable, meaning_faults(located, path.name))
    units = table.units
    return Recipe(
        folder=path.parent,
        output=table.output or f"{path.name.split('.')[0]}.csv",
        unit_column=units.label or units.column or units.name or "unit",
        period_column=table.period,
        table=table,
        located=located,
        sha256=hashlib.sha256(located.written).hexdigest(),
    )
