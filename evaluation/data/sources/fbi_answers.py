"""One answer of the FBI's Crime Data Explorer as numbers by month, or as a shape that is not known.

A month that an answer leaves out was not reported. A zero is a zero, unless the agency counts as
not participating in that month (its participated population is empty).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from evaluation.data import period
from evaluation.data.sources.fbi_agencies import STATES, Agency
from evaluation.data.sources.fbi_cde import Answer, shape

_THEIR_MONTH: Final = re.compile(r"(0[1-9]|1[0-2])[-/]([0-9]{4})")
_OFFENSES: Final = " Offenses"
_COUNTRY: Final = "United States"


class Monthly(NamedTuple):
    """One offense of one agency by ordinal of the month. idle : months of City.idle. called : the
    agency in the answer."""

    counts: dict[int, int]
    idle: frozenset[int]
    residents: dict[int, int]
    called: str


def monthly(answer: Answer, agency: Agency, first: int, last: int) -> Monthly:
    """The counts, zeros that nobody reported, and residents of an agency in one answer.

    Parameters
    ----------
    first, last : ordinals of the months that are kept.

    Raises
    ------
    DataError : when the answer has another form; it says where.
    """
    actuals = _table(answer, "offenses", "actuals")
    if not actuals:
        return Monthly({}, frozenset(), {}, agency.name)
    name = _called(answer, agency, actuals)
    series = _series(
        answer, actuals[f"{name}{_OFFENSES}"], f'offenses.actuals: "{name}{_OFFENSES}"'
    )
    parts = {}
    for key in ("population", "participated_population"):
        whole = _table(answer, "populations", key)
        if name not in whole:
            shape(answer.path, f'populations.{key}: "{name}"')
        parts[key] = _series(answer, whole[name], f"populations.{key}")
    taking_part = {month for month, people in parts["participated_population"].items() if people}
    inside = {month: count for month, count in series.items() if first <= month <= last}
    idle = {month for month, count in inside.items() if count == 0 and month not in taking_part}
    residents = {
        month: people
        for month, people in parts["population"].items()
        if first <= month <= last and people > 0
    }
    kept = {month: count for month, count in inside.items() if month not in idle}
    return Monthly(kept, frozenset(idle), residents, name)


def _called(answer: Answer, agency: Agency, actuals: Mapping[str, Any]) -> str:
    """What the answer calls the agency, which a list may know by a former name: as the list has it,
    or as the only offenses in the answer have it, unless these are those of a state or country."""
    names = [name.removesuffix(_OFFENSES) for name in actuals if name.endswith(_OFFENSES)]
    if agency.name in names:
        return agency.name
    if len(names) != 1 or names[0] in (STATES[agency.state], _COUNTRY):
        shape(answer.path, f'offenses.actuals: "{agency.name}{_OFFENSES}"')
    return names[0]


def _table(answer: Answer, *keys: str) -> Mapping[str, Any]:
    found = answer.content
    for number in range(len(keys)):
        found = found.get(keys[number]) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            shape(answer.path, ".".join(keys[: number + 1]))
    assert isinstance(found, Mapping)
    return found


def _series(answer: Answer, given: Any, what: str) -> dict[int, int]:
    """Numbers by ordinal of the month; what is null is left out."""
    if not isinstance(given, Mapping):
        shape(answer.path, what)
    found: dict[int, int] = {}
    for written, value in given.items():
        match = _THEIR_MONTH.fullmatch(str(written))
        if match is None:
            shape(answer.path, f"{what}, {str(written)[:40]!r}")
        if value is None:
            continue
        whole = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not (whole and math.isfinite(value) and value == int(value) and abs(value) < 1e12):
            shape(answer.path, f"{what}, {written}: {str(value)[:40]!r}")
        found[period.ordinal(f"{match[2]}-{match[1]}", "month")] = int(value)
    return found


def properties(answer: Answer) -> tuple[int, str]:
    """The last month that the FBI has, and the day it was last put together, as written."""
    properties = _table(answer, "cde_properties")
    written = {}
    for key in ("max_data_date", "last_refresh_date"):
        given = properties.get(key)
        given = given.get("UCR") if isinstance(given, Mapping) else given
        written[key] = given if isinstance(given, str) else ""
    match = _THEIR_MONTH.fullmatch(written["max_data_date"])
    if match is None:
        shape(answer.path, "cde_properties.max_data_date.UCR")
    return period.ordinal(f"{match[2]}-{match[1]}", "month"), written["last_refresh_date"][:40]
