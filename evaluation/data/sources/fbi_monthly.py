"""Offenses known to the police by month, from the FBI's Return A, one row a city and month.

Uniform Crime Reporting Handbook (FBI 2004): aggravated assaults are those with a firearm, a knife,
another weapon, or hands and feet; the violent index is murder, rape, robbery and aggravated
assault. A file in which these sums do not hold was damaged on its way, and is refused.

A month without any number was not reported and stays empty. A count may be below zero: offenses
that an earlier month had too many are taken off in a later one.

With residents the table has those of each year from the yearly files. The FBI estimates residents
once a year. Every month of a year has the figure of that year, as in the FBI's own monthly files:
nothing is drawn out between years.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from evaluation.data.findings import Findings
from evaluation.data.sources import fbi_annual
from evaluation.data.sources.adapted import Adapted, Bounds, places
from evaluation.data.table import Table
from evaluation.errors import DataError

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


def adapt(table: Table, findings: Findings, bounds: Bounds) -> Adapted:
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
    DataError : as `adapt` and `fbi_annual.adapt`; and when a city is no agency of the
        yearly files, has residents in none of its years, or months and years do not add up.
    """
    (table, findings), *yearly = files
    months = adapt(table, findings, bounds)
    years = fbi_annual.joined(yearly)
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


def _agency(city: str, years: Mapping[tuple[str, str], fbi_annual.Year], findings: Findings) -> str:
    """The agency whose name, without the state, is the city."""
    found = sorted({agency for agency, _ in years if agency.split(",")[0] == city})
    if len(found) != 1:
        said = " and ".join(found) or "no agency"
        raise DataError(f"{findings.file}: {city} is {said} in the yearly files; it must be one.")
    return found[0]
