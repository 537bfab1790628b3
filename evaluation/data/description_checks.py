"""What `dataset.toml` says, checked for sense: roles, key, coverage and dates that fit together.

The checks read what was written, not the validated model, so that one wrong key hides no other
fault. What is of the wrong type is passed over: the model has said so.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from evaluation.data import period
from evaluation.data.declared import declaration_faults
from evaluation.data.panel import ColumnType
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault

TYPES_OF_ROLE: Final[dict[str, tuple[str, ...]]] = {
    "unit": ("text",),
    "period": ("period",),
    "outcome": ("count", "number"),
    "exposure": ("count", "number"),
    "treatment": ("flag",),
    "covariate": ("count", "number", "flag"),
}

# One exposure at most: a rate has one denominator, and nothing says which of two it would be.
AT_MOST_ONE: Final = ("unit", "period", "exposure")


def meaning_faults(located: Located, data_name: str) -> list[Fault]:
    """Every fault in the sense of a description, in no order.

    Parameters
    ----------
    located : the parsed `dataset.toml`. data_name : file name of the table it is read for.
    """
    return [
        *file_faults(located, data_name),
        *_column_faults(located),
        *_key_faults(located),
        *_coverage_faults(located),
        *_place_faults(located),
        *_recording_faults(located),
        *_original_faults(located),
        *_cell_faults(located),
        *declaration_faults(located),
    ]


def as_written(value: Any) -> Any:
    """A TOML date or a bare year as the text it stands for; anything else as it is."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9999:
        return f"{value:04d}"
    return value


def period_holding(written: str, frequency: str, like: int = 0) -> int:
    """Ordinal of a written period, or of the period that holds a written day; of weeks the one
    that begins on the same day of the week as `like`."""
    try:
        return period.ordinal(written, frequency)
    except ValueError:
        day = _day(written)
        if day is None:
            raise
    return period.holding(day, frequency, like)


def _day(written: str) -> datetime.date | None:
    try:
        # strptime, because fromisoformat also takes weeks and undivided digits.
        return datetime.datetime.strptime(written, "%Y-%m-%d").date()
    except ValueError:
        return None


def tables(content: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """The tables under a key that are tables; what is not has its fault from the model."""
    under = content.get(key)
    if not isinstance(under, dict):
        return {}
    return {name: table for name, table in under.items() if isinstance(table, dict)}


def _frequency(content: Mapping[str, Any]) -> str:
    """The frequency as written, or nothing when it is none we know."""
    given = content.get("frequency")
    return given if isinstance(given, str) and given in period.PER_YEAR else ""


def _named(content: Mapping[str, Any], role: str) -> list[str]:
    return [name for name, table in tables(content, "columns").items() if table.get("role") == role]


def file_faults(located: Located, data_name: str) -> Iterator[Fault]:
    """A description that names another table than the one it is read for."""
    file = located.content.get("file")
    if isinstance(file, str) and file and file != data_name:
        own = f"{data_name.rsplit('.', 1)[0]}.dataset.toml"
        yield located.fault(
            ("file",), f"describes {file!r}, not {data_name!r}. Write {own} for that one."
        )


def _column_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    columns = tables(content, "columns")
    for name, table in columns.items():
        role, kind = table.get("role"), table.get("type")
        allowed = TYPES_OF_ROLE.get(role) if isinstance(role, str) else None
        if allowed and kind in get_args(ColumnType) and kind not in allowed:
            yield located.fault(
                ("columns", name, "type"), f"a column with role {role} is {' or '.join(allowed)}."
            )
        if role in ("outcome", "exposure") and not table.get("measure"):
            yield located.fault(
                ("columns", name, "measure"),
                'is missing. Say what is counted, such as measure = "victims a month".',
            )
    yield from about_faults(located, ("outcome",))
    for role in AT_MOST_ONE:
        for name in _named(content, role)[1:]:
            first = _named(content, role)[0]
            yield located.fault(
                ("columns", name, "role"), f"{first!r} has the role {role} already. Only one may."
            )
    units = _named(content, "unit")
    if units and "unit" in content:
        yield located.fault(
            ("unit",), f"the column {units[0]!r} names the units already. Remove one of the two."
        )
    known = list(TYPES_OF_ROLE)
    if not columns or any(table.get("role") not in known for table in columns.values()):
        return  # a role that cannot be read may be the one that seems to be missing
    for role in ("period", "outcome"):
        if not _named(content, role):
            yield located.fault((), f"no column has the role {role}. Give it to one.")
    if not units and "unit" not in content:
        yield located.fault(
            (), 'no unit. Name the only one (unit = "Oakland") or give a column the role unit.'
        )


def _key_faults(located: Located) -> Iterator[Fault]:
    units, periods = (_named(located.content, role) for role in ("unit", "period"))
    # Without them there is no right key, and their faults say so.
    known = bool(periods) and bool(units or "unit" in located.content)
    yield from key_faults(located, [*units[:1], periods[0]] if known else [], "unit and period")


def key_faults(located: Located, wanted: Sequence[str], roles: str) -> Iterator[Fault]:
    """Columns of the key that are not there, or there twice, or not those that it must be.

    Parameters
    ----------
    wanted : the columns that the key must be; empty when that is not known. roles : theirs, in
        words.
    """
    key, columns = located.content.get("key"), tables(located.content, "columns")
    if not isinstance(key, list) or not key or not columns:
        return
    names = [name for name in key if isinstance(name, str)]
    unknown = [name for name in names if name not in columns]
    for name in unknown:
        yield located.fault(("key",), f"no column {name!r}.{did_you_mean(name, list(columns))}")
    for name, times in Counter(names).items():
        if times > 1:
            yield located.fault(("key",), f"names {name!r} {times} times. Once is enough.")
    if wanted and not unknown and set(names) != set(wanted):
        listed = ", ".join(f'"{name}"' for name in wanted)
        message = f"must be the columns with role {roles}: key = [{listed}]"
        yield located.fault(("key",), message)


def _coverage_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    only = content.get("unit")
    for unit, table in tables(content, "coverage").items():
        if isinstance(only, str) and unit != only and not _named(content, "unit"):
            yield located.fault(("coverage", unit), f"the only unit is {only!r}.")
        yield from _span_faults(located, ("coverage", unit), table)


def _place_faults(located: Located) -> Iterator[Fault]:
    """Places of units that the description itself shows not to be there."""
    only, units = located.content.get("unit"), located.content.get("places")
    for unit in units if isinstance(units, dict) else ():
        if isinstance(only, str) and unit != only and not _named(located.content, "unit"):
            yield located.fault(("places", unit), f"the only unit is {only!r}.")


def about_faults(located: Located, outcomes: Sequence[str]) -> Iterator[Fault]:
    """What is said of a column that only an outcome can have, or said twice.

    Parameters
    ----------
    outcomes : the roles of columns that are outcomes.
    """
    for name, table in tables(located.content, "columns").items():
        for key in ("about", "family", "offense"):
            role = table.get("role")
            if key in table and isinstance(role, str) and role not in outcomes:
                said = f"is said of outcomes; this column has the role {role}. Remove it."
                yield located.fault(("columns", name, key), said)
        if "offense" in table and table.get("type") == "number":
            said = "is said of counts; this column is a number. Remove it."
            yield located.fault(("columns", name, "offense"), said)
        given = table.get("about")
        if not isinstance(given, list):
            continue
        if not given:
            yield located.fault(("columns", name, "about"), "is an empty list. Remove it.")
        for word in {one for one in given if isinstance(one, str) and given.count(one) > 1}:
            yield located.fault(("columns", name, "about"), f"names {word!r} twice.")


def _recording_faults(located: Located) -> Iterator[Fault]:
    content = located.content
    columns, coverage = tables(content, "columns"), tables(content, "coverage")
    units = [content["unit"]] if isinstance(content.get("unit"), str) else list(coverage)
    changes = content.get("recording_changes")
    for index, change in enumerate(changes if isinstance(changes, list) else []):
        if not isinstance(change, dict):
            continue
        date, frequency = as_written(change.get("date")), _frequency(content)
        if isinstance(date, str) and date and frequency:
            try:
                period_holding(date, frequency)
            except ValueError as fault:
                yield located.fault(
                    ("recording_changes", index, "date"), f"{fault}, or as a day like 2012-10-18."
                )
        for key, known in (("column", list(columns)), ("unit", units)):
            name = change.get(key)
            if isinstance(name, str) and name and known and name not in known:
                yield located.fault(
                    ("recording_changes", index, key),
                    f"no {key} {name!r}.{did_you_mean(name, known)}",
                )


def _original_faults(located: Located) -> Iterator[Fault]:
    original = located.content.get("original")
    if not isinstance(original, dict):
        return
    columns = tables(located.content, "columns")
    flags = [name for name, table in columns.items() if table.get("type") == "flag"]
    yield from _span_faults(located, ("original",), original)
    history = original.get("history")
    for index, entry in enumerate(history if isinstance(history, list) else []):
        if not isinstance(entry, dict):
            continue
        path = ("original", "history", index)
        name = entry.get("column")
        if isinstance(name, str) and name and name not in flags:
            hint = did_you_mean(name, flags)
            yield located.fault((*path, "column"), f"no column {name!r} of type flag.{hint}")
        yield from _span_faults(located, path, entry)


def _cell_faults(located: Located) -> Iterator[Fault]:
    """Periods of single cells that are none, and agencies of units that are not there."""
    content, frequency = located.content, _frequency(located.content)
    missing, corrections = content.get("missing"), content.get("corrections")
    for index, entry in enumerate(missing if isinstance(missing, list) else []):
        if isinstance(entry, dict):
            yield from _span_faults(located, ("missing", index), entry)
    for index, entry in enumerate(corrections if isinstance(corrections, list) else []):
        written = as_written(entry.get("period")) if isinstance(entry, dict) else None
        if not frequency or not isinstance(written, str) or not written:
            continue
        try:
            period.begun(written, frequency)
        except ValueError as fault:
            yield located.fault(("corrections", index, "period"), f"{fault}.")
    coverage, only = tables(content, "coverage"), content.get("unit")
    known = [only] if isinstance(only, str) else list(coverage)
    agencies = content.get("agencies")
    whose: dict[str, str] = {}
    for unit, agency in agencies.items() if isinstance(agencies, dict) else ():
        if known and unit not in known:
            message = f"no unit {unit!r}.{did_you_mean(unit, known)}"
            yield located.fault(("agencies", unit), message)
        if isinstance(agency, str) and (other := whose.setdefault(agency, unit)) != unit:
            message = f"{agency} is the agency of {other!r} already. Correct one of the two."
            yield located.fault(("agencies", unit), message)


def _span_faults(
    located: Located, path: tuple[str | int, ...], table: Mapping[str, Any]
) -> Iterator[Fault]:
    """A first and a last period that are none, or the wrong way round."""
    frequency, ends = _frequency(located.content), []
    for key in ("first", "last"):
        given = as_written(table.get(key))
        if not frequency or not isinstance(given, str) or not given:
            continue
        try:
            ends.append(period.begun(given, frequency))
        except ValueError as fault:
            yield located.fault((*path, key), f"{fault}.")
    if len(ends) == 2 and ends[0] > ends[1]:
        yield located.fault((*path, "last"), "is before first. Exchange them.")


def undated_faults(located: Located, roles: Mapping[str, str]) -> Iterator[Fault]:
    """Dates in a table that does not say when people entered: nothing can be counted from them."""
    if "entry" in roles.values():
        return
    columns = tables(located.content, "columns")
    for name, role in roles.items():
        if role in ("follow_up", "time", "decided") and columns[name].get("type") == "date":
            message = (
                "no column has the role entry, the day from which on people are followed. Give it "
                'to one, or write days from entry (type = "count").'
            )
            yield located.fault(("columns", name, "type"), message)
