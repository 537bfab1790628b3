"""What a description declares of single cells: those that were not reported, and negative counts.

An empty cell is a mistake until someone says why it is empty, and so is a count below zero. A
declaration without its cell is a mistake too: it would go on excusing what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """Cells of one unit that were not reported, from one period to another (ordinals)."""

    unit: str
    first: int
    last: int
    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One count below zero: what was counted too much in earlier periods, taken off in this one."""

    unit: str
    period: int
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class Declared:
    """All declarations of a description, in its order."""

    missing: tuple[Missing, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def empty_cells(self) -> dict[tuple[str, int, str], int]:
        """The entry of `missing` that declares each cell, by unit, ordinal and column."""
        return {
            (entry.unit, when, column): index
            for index, entry in enumerate(self.missing)
            for when in range(entry.first, entry.last + 1)
            for column in entry.columns
        }

    def negative_cells(self) -> dict[tuple[str, int, str], int]:
        """The entry of `corrections` that declares each cell."""
        return {
            (entry.unit, entry.period, entry.column): index
            for index, entry in enumerate(self.corrections)
        }

    def why(self, unit: str, when: int, column: str) -> str:
        """Why a cell is empty or negative, as declared; "" when nothing is said of it."""
        cell = (unit, when, column)
        if (index := self.empty_cells().get(cell)) is not None:
            return self.missing[index].why
        if (index := self.negative_cells().get(cell)) is not None:
            return self.corrections[index].why
        return ""
