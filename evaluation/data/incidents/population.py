"""Residents by unit and year, from a table beside the recipe, for every period of a panel."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from evaluation.data import period
from evaluation.data.incidents.count import Counted
from evaluation.data.incidents.files import inside
from evaluation.data.incidents.recipe import PopulationTable, Recipe
from evaluation.data.labels import normal, quoted
from evaluation.data.table import read_csv
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, Fault
from evaluation.files import content_of

# Units and years named in a message.
SHOWN: Final = 5
LARGEST: Final = 64 * 1024**2
_YEAR: Final = re.compile(r"[12]\d{3}(?:\.0)?")
_RESIDENTS: Final = re.compile(r"\d{1,10}(?:\.0)?")


@dataclass(frozen=True, slots=True)
class Population:
    """The table of a recipe.

    Parameters
    ----------
    residents : by normal form of the unit and year. sha256 : of the file.
    """

    residents: dict[tuple[str, int], int]
    sha256: str

    def of(self, counted: Counted, recipe: Recipe) -> np.ndarray:
        """(N, T) residents of each unit in the year of each period; 0 outside its window.

        Raises
        ------
        DataError : at the key of the recipe, when a unit has no number for a year that it needs.
        """
        frequency = recipe.table.period
        start = int(counted.windows[:, 0].min())
        found = np.zeros(counted.values.shape[:2], dtype=np.int64)
        absent = list[str]()
        for row, (unit, window) in enumerate(zip(counted.units, counted.windows, strict=True)):
            first, last = window.tolist()
            years = np.array([period.year_of(one, frequency) for one in range(first, last + 1)])
            for year in np.unique(years).tolist():
                number = self.residents.get((normal(unit), year))
                if number is None:
                    absent.append(str(year) if recipe.table.units.unit else f"{unit} {year}")
                    continue
                found[row, first - start + np.flatnonzero(years == year)] = number
        if absent:
            more = f" and {len(absent) - SHOWN:,} more" if len(absent) > SHOWN else ""
            message = (
                f"has no residents for {', '.join(absent[:SHOWN])}{more}. Add the lines, or end "
                "the coverage before; nothing is carried forward."
            )
            raise DataError(recipe.located.fault(("population", "file"), message))
        return found


def read_population(recipe: Recipe) -> Population | None:
    """The table that a recipe names under [population]; None when it names none.

    Raises
    ------
    DataError : with every line that cannot be used, or is there twice.
    """
    given = recipe.table.population
    if given is None:
        return None
    key = ("population", "file")
    path = inside(recipe, given.file, key)
    if not path.is_file():
        near = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        message = f"{given.file!r}: no such file.{did_you_mean(path.name, sorted(near)[:50])}"
        raise DataError(recipe.located.fault(key, message))
    if not path.name.lower().endswith(".csv") or path.stat().st_size > LARGEST:
        message = f"{given.file!r} must be a CSV file of at most 64 MiB, a line a year."
        raise DataError(recipe.located.fault(key, message))
    content = content_of(path, given.file, most=LARGEST)
    table, findings = read_csv(content, given.file)
    places = _places(table.header, table.header_line, given, recipe)
    residents: dict[tuple[str, int], int] = {}
    lines: dict[tuple[str, int], int] = {}
    for line, cells in table.rows:
        unit = cells[places["unit"]] if given.unit else recipe.table.units.unit or ""
        year, number = cells[places["year"]].strip(), cells[places["residents"]].strip()
        if not _YEAR.fullmatch(year):
            message = f"{given.year} is {quoted(year)}. Write a year, such as 2019."
            findings.add("no year", line, message, cell=places["year"], column=given.year)
        elif not _RESIDENTS.fullmatch(number) or float(number) == 0:
            message = (
                f"{given.residents} is {quoted(number)}. Write a whole number of residents above "
                "zero, without marks between its digits."
            )
            findings.add("no number", line, message, cell=places["residents"])
        elif (known := (normal(unit), int(float(year)))) in residents:
            # Once more in the same words is no contradiction, but one of two numbers is wrong.
            message = f"the year is on line {lines[known]} already. Keep one of the two."
            findings.add("twice", line, message, cell=places["year"])
        else:
            residents[known], lines[known] = int(float(number)), line
    if faults := findings.faults():
        raise DataError(faults)
    return Population(residents, hashlib.sha256(content).hexdigest())


def _places(
    header: tuple[str, ...], line: int, given: PopulationTable, recipe: Recipe
) -> dict[str, int]:
    """The place of each named column, each of which is there once."""
    faults, places = list[Fault](), dict[str, int]()
    for key in ("year", "residents", "unit"):
        name = getattr(given, key)
        if name is None:
            continue
        if header.count(name) == 1:
            places[key] = header.index(name)
        else:
            what = "is there twice" if name in header else "is not there"
            near = "" if name in header else did_you_mean(name, header[:40])
            message = f"column {name!r}, which {recipe.located.file} names, {what}.{near}"
            faults.append(Fault(given.file, line, None, message))
    if faults:
        raise DataError(faults)
    return places
