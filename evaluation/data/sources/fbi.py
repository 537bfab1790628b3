"""Figures of the FBI: homicides and residents by year, and offenses known to the police by month.

By year it is two files, joined where they agree. The first is that of The Marshall Project, "Crime
in Context" (2016), 1975 to 2015, which took it from the FBI's Uniform Crime Reports and, where an
agency did not report a whole year, from the state or the agency. The second continues it: murders
and non-negligent manslaughters of Return A from a later release. Both have 2014, and there they
have to agree; from 2015 to 2019 the second is taken where it has the agency and year.

By month it is the FBI's Return A, one row a city and month. Uniform Crime Reporting Handbook (FBI
2004): aggravated assaults are those with a firearm, a knife, another weapon, or hands and feet; the
violent index is murder, rape, robbery and aggravated assault. A file in which these sums do not
hold was damaged on its way, and is refused. A month without any number was not reported and stays
empty. A count may be below zero: offenses that an earlier month had too many are taken off in a
later one.

With residents the months have those of each year from the yearly files. The FBI estimates residents
once a year. Every month of a year has the figure of that year, as in the FBI's own monthly files:
nothing is drawn out between years.
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


def by_year(files: Sequence[tuple[Table, Findings]], bounds: Bounds) -> Adapted:
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
    DataError : as `by_year`.
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


# Names there and here, in the order of the table. The violent index is not kept: it holds rape,
# which was redefined.
COUNTS: Final = {
    "murder": "murder",
    "assault_gun": "gun_assault",
    "assault_knife": "knife_assault",
    "assault_other_weapon": "other_weapon_assault",
    "assault_unarmed": "unarmed_assault",
    "assault_aggravated": "aggravated_assault",
    "robbery": "robbery",
    "robbery_gun": "gun_robbery",
    "rape": "rape",
}
INDEX: Final = "violent_index"
ASSAULTS: Final = ("assault_gun", "assault_knife", "assault_other_weapon", "assault_unarmed")
VIOLENT: Final = ("murder", "rape", "robbery", "assault_aggravated")
RESIDENTS: Final = "population"
_COUNT = re.compile(r"(-?[0-9]{1,15})(?:\.0+)?")
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


def by_month(table: Table, findings: Findings, bounds: Bounds) -> Adapted:
    """The counts of each city and month, by city and month; what is empty or negative is noted.

    Parameters
    ----------
    table : with the columns city, month (like 2012-10), those of `COUNTS` and violent_index, and
        perhaps population, which is kept.
    findings : of its form. bounds : months to keep.

    Raises
    ------
    DataError : with every missing column, cell that is no count, month that is there twice, and
        sum that does not hold, each at its line.
    """
    resident = [RESIDENTS] if RESIDENTS in map(str.strip, table.header) else []
    at = places(table, ("city", "month", *resident, *COUNTS, INDEX), findings)
    notes: dict[tuple[str, str], str] = {}
    kept: dict[tuple[str, str], tuple[str, ...]] = {}
    for line, cells in table.rows:
        city, month = cells[at["city"]].strip(), cells[at["month"]].strip()
        if not city or not _MONTH.fullmatch(month):
            message = f"{city!r}, {month!r} is not a city and a month like 2012-10."
            findings.add("no city and month", line, message, cell=at["month"])
            continue
        if (city, month) in kept:
            findings.add("twice", line, f"{city} has {month} twice.", cell=at["month"])
            continue
        before = [cells[at[name]].strip() for name in resident]
        for written in before:
            if written and not ((number := _count(written)) and number > 0):
                message = f"{RESIDENTS} is {written!r}, which is no number of people."
                findings.add("no count", line, message, cell=at[RESIDENTS], column=RESIDENTS)
        if not any(cells[at[name]].strip() for name in (*COUNTS, INDEX)):
            kept[city, month] = (*_plain(before), *("" for _ in COUNTS))
            notes[city, month] = f"{city} {month} is empty: not reported."
            continue
        counts = {name: _count(cells[at[name]]) for name in (*COUNTS, INDEX)}
        kept[city, month] = (*_plain(before), *(str(counts[name]) for name in COUNTS))
        for name, count in counts.items():
            if count is None:
                message = f"{name} is {cells[at[name]]!r}, which is no count."
                findings.add("no count", line, message, cell=at[name], column=name)
            elif count < 0 and name in COUNTS:
                notes[city, month] = f"{city} {month}: {COUNTS[name]} is {count}, a correction."
        _check_sums(counts, line, findings)
    if faults := findings.faults():
        raise DataError(faults)
    rows = tuple((*key, *kept[key]) for key in sorted(kept) if bounds.hold(key[1]))
    told = tuple(notes[key] for key in sorted(notes) if bounds.hold(key[1]))
    return Adapted(("city", "month", *resident, *COUNTS.values()), "month", rows, told)


def _count(written: str) -> int | None:
    """A count as written, also below zero; None when the cell holds none."""
    match = _COUNT.fullmatch(written.strip())
    return None if match is None else int(match[1])


def _plain(residents: list[str]) -> list[str]:
    """Residents without the point that some programs write."""
    return [written if _count(written) is None else str(_count(written)) for written in residents]


def _check_sums(counts: Mapping[str, int | None], line: int, findings: Findings) -> None:
    """Notes a total that is not the sum of its parts."""
    for total, parts in (("assault_aggravated", ASSAULTS), (INDEX, VIOLENT)):
        values = [counts[name] for name in (total, *parts)]
        known = [value for value in values if value is not None]
        if len(known) == len(values) and known[0] != sum(known[1:]):
            message = (
                f"{total} is {known[0]}, but {', '.join(parts)} make {sum(known[1:])}. The file "
                "was damaged or put together from several."
            )
            findings.add("sums", line, message, column=total)


def with_residents(files: Sequence[tuple[Table, Findings]], bounds: Bounds) -> Adapted:
    """The counts and residents of each city, by city and month.

    Murders of a year are added up and have to be the yearly homicides where all twelve months and
    the year are there.

    Parameters
    ----------
    files : months, The Marshall Project's years, and the later years. bounds : months to keep.

    Raises
    ------
    DataError : as `by_month` and `by_year`; and when a city is no agency of the
        yearly files, has residents in none of its years, or months and years do not add up.
    """
    (table, findings), *yearly = files
    months = by_month(table, findings, bounds)
    years = joined(yearly)
    murder = months.header.index("murder")
    agencies = {
        city: _agency(city, years, findings) for city in sorted({row[0] for row in months.rows})
    }
    added: dict[tuple[str, str], list[int]] = {}
    rows = []
    notes = list(months.notes)
    for row in months.rows:
        key = (agencies[row[0]], row[1][:4])
        one = years.get(key)
        residents = None if one is None else one.population
        rows.append((*row[:2], "" if residents is None else str(residents), *row[2:]))
        added.setdefault(key, []).append(int(row[murder] or 0))
        if residents is None:
            note = f"{row[0]} has no residents in {key[1]}: neither yearly file has them."
            notes += [note] if note not in notes else []
    for key, counts in added.items():
        total = years[key].homicide if key in years else None
        if len(counts) == 12 and total is not None and sum(counts) != total:
            raise DataError(
                f"{findings.file}: the months of {key[1]} make {sum(counts)} murders, but "
                f"{key[0]} has {total} homicides in the yearly files."
            )
    header = (*months.header[:2], "population", *months.header[2:])
    return Adapted(header, months.period, tuple(rows), tuple(notes))


def _agency(city: str, years: Mapping[tuple[str, str], Year], findings: Findings) -> str:
    """The agency whose name, without the state, is the city."""
    found = sorted({agency for agency, _ in years if agency.split(",")[0] == city})
    if len(found) != 1:
        said = " and ".join(found) or "no agency"
        raise DataError(f"{findings.file}: {city} is {said} in the yearly files; it must be one.")
    return found[0]
