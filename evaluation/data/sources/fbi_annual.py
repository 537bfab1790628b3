"""Homicides and residents by year from two files of FBI figures, joined where they agree.

The first is that of The Marshall Project, "Crime in Context" (2016), 1975 to 2015, which took it
from the FBI's Uniform Crime Reports and, where an agency did not report a whole year, from the
state or the agency. The second continues it: murders and non-negligent manslaughters of Return A
from a later release. Both have 2014, and there they have to agree; from 2015 to 2019 the second is
taken where it has the agency and year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.data.findings import Findings
from evaluation.data.sources.adapted import Adapted, Bounds, places, whole
from evaluation.data.table import Table
from evaluation.errors import DataError

MONTHS: Final = "months_reported"
# A sum over the country, which is no city to compare with, and holds the treated one.
NATIONAL: Final = "National"
HEADER: Final = ("city", "year", "homicide", "population")
# Later releases hold late revisions of 2015, and none of 2014.
JOIN: Final = "2015"
# From 2020 on agencies moved to another way of reporting, and counts of some of them are in part.
SOUND: Final = "2019"
FILES: Final = ("the file of The Marshall Project", "the file of the FBI's later release")
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Year:
    """One agency and year: what can be used of it, and why there is no homicide count, or ""."""

    homicide: int | None
    population: int | None
    why: str = ""


Key = tuple[str, str]


def adapt(files: Sequence[tuple[Table, Findings]], bounds: Bounds) -> Adapted:
    """Homicides and residents of each agency, by agency and year.

    An agency is there from its first to its last year with a count. A year between them that has
    none, or of which only some months were reported, is an empty cell; the notes name each, and
    the years at the ends that were left out for the same reason.

    Parameters
    ----------
    files : The Marshall Project's and the later one. bounds : years to keep.

    Raises
    ------
    DataError : with every fault at its line, and when the files do not agree in the year before
        they are joined or on who an agency is.
    """
    found = joined(files)
    agencies: dict[str, dict[str, Year]] = {}
    for (agency, year), one in found.items():
        if bounds.hold(year):
            agencies.setdefault(agency, {})[year] = one
    rows: list[tuple[str, ...]] = []
    notes = [f"{NATIONAL} is left out, a sum and no city."]
    for agency in sorted(agencies):
        years = agencies[agency]
        counted = sorted(year for year, one in years.items() if one.homicide is not None)
        if not counted:
            notes.append(f"{agency} is left out: no year has a count.")
            continue
        for number in range(int(min(years)), int(max(years)) + 1):
            year = f"{number:04d}"
            one = years.get(year, Year(None, None, "neither file has it"))
            inside = counted[0] <= year <= counted[-1]
            if one.homicide is None:
                notes.append(f"{agency} {year} is {'empty' if inside else 'left out'}: {one.why}.")
            if inside:
                cells = (one.homicide, one.population)
                rows.append((agency, year, *("" if cell is None else str(cell) for cell in cells)))
    if not rows:
        raise DataError(f"{files[0][1].file}: no agency has a count in these years.")
    return Adapted(HEADER, "year", tuple(rows), tuple(notes))


def joined(files: Sequence[tuple[Table, Findings]]) -> dict[Key, Year]:
    """What the two files have of each agency and year, the join already made.

    Raises
    ------
    DataError : as `adapt`.
    """
    (one, of_one), (two, of_two) = files
    first, names = _marshall(one, of_one)
    second, lines = _later(two, of_two, names)
    before = str(int(JOIN) - 1)
    for key, line in lines.items():
        if key[1] == before and key in first and first[key].homicide != second[key].homicide:
            message = (
                f"{key[0]} has {second[key].homicide} homicides in {before}, but "
                f"{first[key].homicide} in {of_one.file}. Files that disagree there are not joined."
            )
            of_two.add("disagree", line, message)
    if faults := of_two.faults():
        raise DataError(faults)
    return {**first, **{key: year for key, year in second.items() if JOIN <= key[1] <= SOUND}}


def _marshall(table: Table, findings: Findings) -> tuple[dict[Key, Year], dict[str, str]]:
    """The years of each agency, and the ORI of each."""
    at = places(
        table,
        ("ORI", "department_name", "year", "homs_sum", "total_pop", MONTHS, "source"),
        findings,
    )
    years: dict[Key, Year] = {}
    names: dict[str, str] = {}
    for line, cells in table.rows:
        name, year = cells[at["department_name"]].strip(), cells[at["year"]].strip()
        if name == NATIONAL:
            continue
        if _noted(name, year, line, at["year"], years, findings):
            continue
        names[name] = cells[at["ORI"]].strip()
        homicide, months = whole(cells[at["homs_sum"]]), whole(cells[at[MONTHS]])
        why = ""
        if homicide is None:
            why = f"{FILES[0]} has no count"
        elif months != 12 and not cells[at["source"]].strip():
            told = "an unknown number" if months is None else str(months)
            why = f"{told} of 12 months reported ({homicide} homicides) and no other source"
            homicide = None
        # A population of 0 is none.
        years[name, year] = Year(homicide, whole(cells[at["total_pop"]]) or None, why)
    if faults := findings.faults():
        raise DataError(faults)
    return years, names


def _later(
    table: Table, findings: Findings, names: Mapping[str, str]
) -> tuple[dict[Key, Year], dict[Key, int]]:
    """The years of each agency, and the line of each."""
    at = places(table, ("agency", "ori", "year", "homicides", "population"), findings)
    years: dict[Key, Year] = {}
    lines: dict[Key, int] = {}
    for line, cells in table.rows:
        name, year = cells[at["agency"]].strip(), cells[at["year"]].strip()
        if _noted(name, year, line, at["year"], years, findings):
            continue
        if names.get(name) != cells[at["ori"]].strip():
            message = f"{name} is {cells[at['ori']]!r} here, but {names.get(name)!r} in {FILES[0]}."
            findings.add("another agency", line, message, cell=at["ori"])
        counts = [whole(cells[at[column]]) for column in ("homicides", "population")]
        for column, count in zip(("homicides", "population"), counts, strict=True):
            if count is None:
                message = f"{column} is {cells[at[column]]!r}, which is no count."
                findings.add("no count", line, message, cell=at[column], column=column)
        years[name, year] = Year(counts[0], counts[1] or None)
        lines[name, year] = line
    if faults := findings.faults():
        raise DataError(faults)
    return years, lines


def _noted(
    name: str, year: str, line: int, cell: int, seen: Mapping[Key, Year], findings: Findings
) -> bool:
    """Whether a row is none of an agency and year, or one that was there, which is then noted."""
    if not name or not _YEAR.fullmatch(year):
        message = f"{name!r}, {year!r} is not an agency and a year."
        findings.add("no agency and year", line, message, cell=cell)
        return True
    if (name, year) in seen:
        findings.add("twice", line, f"{name} has {year} twice.", cell=cell)
        return True
    return False
