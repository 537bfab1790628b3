"""Offenses known to the police by month, from the FBI's Return A, one row a city and month.

Uniform Crime Reporting Handbook (FBI 2004): aggravated assaults are those with a firearm, a knife,
another weapon, or hands and feet; the violent index is murder, rape, robbery and aggravated
assault. A file in which these sums do not hold was damaged on its way, and is refused.

A month without any number was not reported and stays empty. A count may be below zero: offenses
that an earlier month had too many are taken off in a later one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from evaluation.data.findings import Findings
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
