"""What a description declares of single cells: those that were not reported, and negative counts.

An empty cell is a mistake until someone says why it is empty, and so is a count below zero. A
declaration without its cell is a mistake too: it would go on excusing what is not there.

Declarations of single cells checked: for sense by themselves, and against the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from evaluation.data import period
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault


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


# A treatment that is not known cannot be evaluated, and a unit or period names the cell.
MAY_BE_MISSING: Final = ("outcome", "exposure", "covariate")


def declaration_faults(located: Located) -> Iterator[Fault]:
    """What is wrong with `[[missing]]` and `[[corrections]]` before the table is read."""
    columns = _columns(located.content)
    outcomes = [name for name, table in columns.items() if table.get("role") == "outcome"]
    fit = {
        "missing": [name for name, table in columns.items() if table.get("role") in MAY_BE_MISSING],
        "corrections": [
            name
            for name, table in columns.items()
            if table.get("role") == "outcome" and table.get("type") == "count"
        ],
    }
    words = {"missing": " or ".join(MAY_BE_MISSING), "corrections": "outcome that is a count"}
    seen: dict[tuple[str, int, str], str] = {}
    for key, known in fit.items():
        entries = located.content.get(key)
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, dict):
                continue
            yield from _unit_faults(located, (key, index), entry)
            named = _named(key, entry, outcomes)
            for name in named:
                if name not in known:
                    hint = did_you_mean(name, known)
                    path = (key, index, "columns" if key == "missing" else "column")
                    yield located.fault(path, f"{name!r} is no {words[key]}.{hint}")
            for when in _ordinals(key, entry, located.content):
                for name in named:
                    cell = (str(entry.get("unit", located.content.get("unit"))), when, name)
                    if cell in seen:
                        frequency = str(located.content["frequency"])
                        message = (
                            f"{cell[0]} {period.text(when, frequency)} {name} is declared under "
                            f"[[{seen[cell]}]] already. Keep one of the two."
                        )
                        yield located.fault((key, index), message)
                        break
                    seen[cell] = key


def unmet_faults(
    located: Located, declared: Declared, met: set[tuple[str, int, str]], frequency: str
) -> list[Fault]:
    """Declarations of cells that the table does not have.

    Parameters
    ----------
    met : the declared cells that were found.
    """
    faults = []
    for key, cells in (
        ("missing", declared.empty_cells()),
        ("corrections", declared.negative_cells()),
    ):
        told = set[int]()
        for cell, index in cells.items():
            if cell in met or index in told:
                continue
            told.add(index)
            unit, when, column = cell
            what = column if key == "missing" else f"{column} below zero"
            message = (
                f"the table has no {what} of {unit} in {period.text(when, frequency)}, inside its "
                "coverage, to say this of. Remove or correct the entry."
            )
            faults.append(located.fault((key, index), message))
    return faults


def _columns(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    under = content.get("columns")
    tables = under if isinstance(under, dict) else {}
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def _unit_faults(
    located: Located, path: tuple[str | int, ...], entry: Mapping[str, Any]
) -> Iterator[Fault]:
    content, unit = located.content, entry.get("unit")
    coverage = content.get("coverage")
    known = list(coverage) if isinstance(coverage, dict) else []
    only = content.get("unit")
    if isinstance(only, str):
        known = [only]
    if unit is None and not isinstance(only, str):
        yield located.fault(path, "unit is missing. Name the unit.")
    elif isinstance(unit, str) and known and unit not in known:
        yield located.fault((*path, "unit"), f"no unit {unit!r}.{did_you_mean(unit, known)}")


def _named(key: str, entry: Mapping[str, Any], outcomes: Sequence[str]) -> list[str]:
    """The columns that an entry is about."""
    if key == "corrections":
        return [entry["column"]] if isinstance(entry.get("column"), str) else []
    given = entry.get("columns")
    if not isinstance(given, list):
        return list(outcomes)
    return [name for name in given if isinstance(name, str)]


def _ordinals(key: str, entry: Mapping[str, Any], content: Mapping[str, Any]) -> range:
    """The periods of an entry; none when they cannot be read, which has its fault elsewhere."""
    frequency = content.get("frequency")
    ends = (entry.get("period"),) * 2
    if key == "missing":
        ends = (entry.get("first"), entry.get("last", entry.get("first")))
    try:
        low, high = (period.begun(str(end), str(frequency)) for end in ends)
    except (ValueError, KeyError):
        return range(0)
    return range(low, high + 1)
