"""Violent crime by year in 68 police agencies, from the file of The Marshall Project, "Crime in
Context" (2016), which took it from the FBI's Uniform Crime Reports and, where an agency did not
report a whole year, from the state or the agency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evaluation.data.findings import Findings
from evaluation.data.sources.adapted import Adapted, Bounds, places, whole
from evaluation.data.table import Table
from evaluation.errors import DataError

# Names there and here, in the order of the table.
COUNTS: Final = {
    "homs_sum": "homicide",
    "agg_ass_sum": "aggravated_assault",
    "rob_sum": "robbery",
    "rape_sum": "rape",
    "total_pop": "population",
}
MONTHS: Final = "months_reported"
# A sum over the country, which is no city to compare with, and holds the treated one.
NATIONAL: Final = "National"
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class _Row:
    """One agency and year: its counts by name, and why they cannot be used, or ""."""

    counts: Mapping[str, int | None]
    why: str


def adapt(table: Table, findings: Findings, bounds: Bounds) -> Adapted:
    """The counts and population of each agency, by agency and year.

    "National" is left out. So is an agency with any year, among those kept, that lacks a count or
    the population, or covers fewer than 12 months with no other source named: a year in part would
    look like a fall. The notes name each with its first such year.

    Parameters
    ----------
    table : with the columns department_name, year, months_reported, source and those of `COUNTS`.
    findings : of its form. bounds : years to keep.

    Raises
    ------
    DataError : with every missing column, year that is none or there twice, at its line; and when
        no agency is complete.
    """
    at = places(table, ("department_name", "year", *COUNTS, MONTHS, "source"), findings)
    agencies: dict[str, dict[str, _Row]] = {}
    national = 0
    for line, cells in table.rows:
        name, year = cells[at["department_name"]].strip(), cells[at["year"]].strip()
        if name == NATIONAL:
            national += 1
            continue
        if not name or not _YEAR.fullmatch(year):
            message = f"{name!r}, {year!r} is not an agency and a year."
            findings.add("no agency and year", line, message, cell=at["year"])
        elif year in agencies.setdefault(name, {}):
            findings.add("twice", line, f"{name} has {year} twice.", cell=at["year"])
        elif bounds.hold(year):
            agencies[name][year] = _row(cells, at)
    if faults := findings.faults():
        raise DataError(faults)
    years = sorted({year for rows in agencies.values() for year in rows})
    notes = [f"{NATIONAL} is left out, a sum and no city."] if national else []
    rows: list[tuple[str, ...]] = []
    for name in sorted(agencies):
        why = _incomplete(agencies[name], years)
        if why:
            notes.append(f"{name} is left out: {why}.")
            continue
        rows += [
            (name, year, *(str(agencies[name][year].counts[column]) for column in COUNTS))
            for year in years
        ]
    if not rows:
        raise DataError(f"{findings.file}: no agency has every count of every year.")
    return Adapted(("city", "year", *COUNTS.values()), "year", tuple(rows), tuple(notes))


def _row(cells: Sequence[str], at: Mapping[str, int]) -> _Row:
    counts = {name: whole(cells[at[name]]) for name in COUNTS}
    missing = [COUNTS[name] for name, count in counts.items() if count is None]
    if missing:
        return _Row(counts, f"no {' and no '.join(missing)}")
    if counts["total_pop"] == 0:
        return _Row(counts, "a population of 0")
    months = whole(cells[at[MONTHS]])
    if months == 12 or cells[at["source"]].strip():
        return _Row(counts, "")
    told = "an unknown number of" if months is None else str(months)
    return _Row(counts, f"{told} months reported and no other source")


def _incomplete(rows: Mapping[str, _Row], years: Sequence[str]) -> str:
    """Why an agency cannot be used, or ""."""
    for year in years:
        if year not in rows:
            return f"{year} is not there"
        if rows[year].why:
            return f"{year} has {rows[year].why}"
    return ""
