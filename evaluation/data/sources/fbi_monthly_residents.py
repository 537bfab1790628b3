"""Offenses by month as in `fbi_monthly`, with the residents of each year from the yearly files.

The FBI estimates residents once a year. Every month of a year has the figure of that year, as in
the FBI's own monthly files: nothing is drawn out between years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.data.findings import Findings
from evaluation.data.sources import fbi_annual, fbi_monthly
from evaluation.data.sources.adapted import Adapted, Bounds
from evaluation.data.table import Table
from evaluation.errors import DataError


def adapt(files: Sequence[tuple[Table, Findings]], bounds: Bounds) -> Adapted:
    """The counts and residents of each city, by city and month.

    Murders of a year are added up and have to be the yearly homicides where all twelve months and
    the year are there.

    Parameters
    ----------
    files : months, The Marshall Project's years, and the later years. bounds : months to keep.

    Raises
    ------
    DataError : as `fbi_monthly.adapt` and `fbi_annual.adapt`; and when a city is no agency of the
        yearly files, has residents in none of its years, or months and years do not add up.
    """
    (table, findings), *yearly = files
    months = fbi_monthly.adapt(table, findings, bounds)
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
