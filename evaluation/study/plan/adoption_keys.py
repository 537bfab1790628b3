"""What a plan says of a table of adoption: who is treated is read from it and not typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

from pydantic import PrivateAttr

from evaluation.data.adoption import (
    AdoptionTable,
    Choices,
    Controls,
    Counted,
    Dated,
    Earlier,
    Ends,
    Level,
)
from evaluation.errors import DataError
from evaluation.study.plan.values import DataPath, List, Periods, Table

StartPeriod = Literal["left out", "treated", "untreated"]
Adopters = Literal["left out", "contaminated"]
Gaps = Literal["refuse", "leave out", "missing"]

_OF_CHOICES: Final = ("level", "roles", "dates", "ends", "washout", "earlier", "controls")


class PlannedAdoption(Table):
    """The table that says who adopted when, and what counts.

    `level` to `controls` are those of `data.adoption_choices.Choices`. `start_period` says what a
    period is that is only partly under the program when it starts. `adopters` says what becomes of
    other units with a program of their own, in a plan that names its unit.
    """

    table: DataPath
    level: Level = "city"
    roles: List[Counted] = ("adopter",)
    dates: List[Dated] = ("month", "year", "uncertain")
    ends: Ends = "absorbing"
    washout: Periods = 0
    earlier: Earlier = "pass over"
    controls: Controls = "all"
    start_period: StartPeriod = "left out"
    adopters: Adopters = "left out"

    def choices(self) -> Choices:
        """What the reader of the table takes.

        Raises
        ------
        DataError : for choices that do not go together.
        """
        return Choices(**{name: getattr(self, name) for name in _OF_CHOICES})


class ChangedAdoption(Table):
    """What an alternative changes of `[adoption]`, or the whole of it where the plan has none."""

    table: DataPath | None = None
    level: Level | None = None
    roles: List[Counted] | None = None
    dates: List[Dated] | None = None
    ends: Ends | None = None
    washout: Periods | None = None
    earlier: Earlier | None = None
    controls: Controls | None = None
    start_period: StartPeriod | None = None
    adopters: Adopters | None = None

    def written(self) -> dict[str, Any]:
        """What is changed, by key."""
        return self.model_dump(exclude_none=True)

    def after(self, planned: PlannedAdoption | None) -> PlannedAdoption:
        """The table of the plan so changed.

        Raises
        ------
        DataError : when neither names a table.
        """
        before = {} if planned is None else planned.model_dump()
        changed = {**before, **self.written()}
        if "table" not in changed:
            raise DataError("adoption: names no table, and the plan has no [adoption]; write table")
        return PlannedAdoption.model_validate(changed)


class HoldsAdoption(Table):
    """A plan with the tables of adoption that it names, once they are read."""

    _adopted: Mapping[str, AdoptionTable] = PrivateAttr(default_factory=dict)

    def holding(self, tables: Mapping[str, AdoptionTable]) -> Self:
        """The plan with these tables, by path."""
        held = self.model_copy()
        held._adopted = dict(tables)
        return held

    def adopted(self, path: str) -> AdoptionTable:
        """The table at this path.

        Raises
        ------
        DataError : when it was not read with the plan.
        """
        if path not in self._adopted:
            raise DataError(f"{path}: the table of adoption is not read; use read_plan")
        return self._adopted[path]
