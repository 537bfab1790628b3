"""The `dataset.toml` of a table of people, of survey answers or of events, checked for sense.

As for panels, the checks read what was written, not the validated model, so that one wrong key
hides no other fault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeGuard, cast, get_args

from pydantic import Field

from evaluation.data.cells import day_of
from evaluation.data.description import (
    Abouts,
    Described,
    Table,
    Text,
    Told,
    WrittenPeriod,
    description_path,
    in_words,
    told_of,
)
from evaluation.data.description_checks import (
    about_faults,
    as_written,
    file_faults,
    key_faults,
    tables,
    undated_faults,
)
from evaluation.data.labels import alike, quoted
from evaluation.data.panel import Family
from evaluation.data.records import (
    KEY,
    MANY,
    MAY_BE_EMPTY,
    MAY_SAY_MISSING,
    NEEDED,
    ROLES,
    SYNONYMS,
    Counts,
    Kind,
    RecordColumn,
    RecordType,
)
from evaluation.data.toml_places import Located, did_you_mean, read
from evaluation.errors import DataError, Fault

Finite = Annotated[float, Field(allow_inf_nan=False)]


class RecordColumnTable(Table):
    """`[columns.<name>]`; roles, and what goes with which, are checked apart."""

    role: Text
    type: RecordType | None = None
    measure: str = ""
    label: Text | None = None
    about: Abouts = Field(default=[])
    family: Family | None = None
    low: Finite | None = None
    high: Finite | None = None
    scale: Text | None = None
    reverse: bool = False
    missing: bool = False
    cause: Text | None = None
    levels: Annotated[list[Text], Field(min_length=1)] | None = None
    events: Annotated[list[Text], Field(min_length=1)] | None = None
    counts: Counts | None = None


class RecordsTable(Told):
    """The whole `dataset.toml` of records."""

    kind: Kind
    people: Text | None = None
    until: WrittenPeriod | None = None
    columns: Annotated[dict[Text, RecordColumnTable], Field(min_length=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDescription(Described[RecordColumn]):
    """A checked `dataset.toml` of records; no unit has a place of its own, records are of people.

    Parameters
    ----------
    until : last day recorded, in days since 1970-01-01, or None. people : of events, the file name
        of the table of people beside it, else None.
    """

    kind: Kind
    until: float | None
    people: str | None


# Roles that a panel has too, so that they tell nothing about what a table without a kind is.
_SHARED: Final = ("treatment", "covariate", "outcome")
# Kinds of table that no design takes as its outcomes; each has a reader of its own.
NO_OUTCOMES: Final = ("published results", "adoption of programs")


def describes_records(data_path: Path) -> bool:
    """Whether the description beside a table is one of records; False too when there is none.

    A description with neither kind nor frequency, but with roles that only records have, counts:
    its author is then told that the kind is missing rather than that every role is wrong.
    """
    try:
        path = description_path(data_path, data_path.name)
        content = read(path, path.name, DataError).content
    except DataError:
        return False
    columns = content.get("columns")
    if "kind" in content or "frequency" in content or not isinstance(columns, dict):
        return "kind" in content
    only = {role for roles in ROLES.values() for role in roles if role not in _SHARED}
    roles = [table.get("role") for table in columns.values() if isinstance(table, dict)]
    return any(role in (only | set(SYNONYMS)) for role in roles if isinstance(role, str))


def not_a_panel(data_path: Path, path: Path, shown_as: str) -> None:
    """Refuse a table of records where a table of outcomes by period is needed.

    Parameters
    ----------
    data_path : the table. path : its `dataset.toml`. shown_as : how messages name that.

    Raises
    ------
    DataError : when the description gives a kind, or has the roles of one.
    """
    if not describes_records(data_path):
        return
    located = read(path, shown_as, DataError)
    if "kind" not in located.content:
        raise DataError(missing_kind(located))
    kind = located.content["kind"]
    if kind not in ROLES and kind not in NO_OUTCOMES:
        read_record_description(path, shown_as, data_path.name)  # says what is wrong with it
    message = (
        f"a dataset of {kind} has no periods to follow a unit through. Name a dataset by month, "
        "quarter or year, or give the plan a design for it."
    )
    raise DataError(located.fault(("kind",), message))


def read_record_description(path: Path, shown_as: str, data_name: str) -> RecordDescription:
    """The description of one table of records, with all that can be checked without the table.

    Parameters
    ----------
    path : the `dataset.toml`. shown_as : how messages name it. data_name : file name of the table.

    Raises
    ------
    DataError : with every fault found, in the order of the file.
    """
    located = read(path, shown_as, DataError)
    table = located.parse(RecordsTable, record_meaning_faults(located, data_name), _told_better)
    return RecordDescription(
        **told_of(table, located),
        kind=table.kind,
        columns=tuple(_column(name, table.kind, given) for name, given in table.columns.items()),
        until=None if table.until is None else day_of(table.until),
        people=table.people,
    )


def _told_better(fault: Fault) -> bool:
    """Keys of a panel are no misspelling; the check of meaning says what they are."""
    key, _, message = fault.message.partition(": ")
    if key == "kind" and message.startswith("is missing"):
        return True
    return key.split(".")[0] in PANEL_ONLY and message.startswith("is not known here")


def _column(name: str, kind: str, given: RecordColumnTable) -> RecordColumn:
    role = SYNONYMS.get(given.role, given.role)
    return RecordColumn(
        name=name,
        role=role,
        type=given.type or cast(RecordType, ROLES[kind][role][0]),
        measure=given.measure,
        label=given.label or in_words(name),
        low=given.low,
        high=given.high,
        scale=given.scale or "",
        reverse=given.reverse,
        missing=given.missing,
        cause=given.cause,
        levels=tuple(given.levels or ()),
        about=tuple(given.about),
        family=given.family or "",
        events=tuple(given.events or ()),
        counts=given.counts or "events",
    )


PANEL_ONLY: Final = (
    "frequency",
    "unit",
    "coverage",
    "recording_changes",
    "missing",
    "corrections",
    "agencies",
)
OUTCOMES: Final = ("outcome", "time", "item")
ITEM_ONLY: Final = ("low", "high", "scale", "reverse")


def record_meaning_faults(located: Located, data_name: str) -> list[Fault]:
    """Every fault in the sense of a description of records, in no order.

    Parameters
    ----------
    located : the parsed `dataset.toml`. data_name : file name of the table it is read for.
    """
    content = located.content
    found = [*file_faults(located, data_name), *_until_faults(located)]
    kind = content.get("kind")
    if "kind" not in content:
        return [*found, missing_kind(located)]
    if not isinstance(kind, str) or kind not in ROLES:
        return found  # the model says so, and without it no role can be judged
    columns = tables(content, "columns")
    roles = {name: _role(table) for name, table in columns.items()}
    found += _panel_faults(located, kind)
    found += _people_faults(located, kind, data_name)
    found += about_faults(located, OUTCOMES)
    if kind == "events" and "place" in content:
        message = "is said where the people are described, not for events. Remove it."
        found.append(located.fault(("place",), message))
    for name, table in columns.items():
        found += _column_faults(located, kind, name, table, roles)
    found += _cause_faults(located, columns, roles)
    found += _role_faults(located, kind, roles)
    wanted = [next((n for n, role in roles.items() if role == one), "") for one in KEY[kind]]
    return [*found, *key_faults(located, wanted if all(wanted) else [], " and ".join(KEY[kind]))]


def missing_kind(located: Located) -> Fault:
    """What is said where the roles are those of records but no kind is given."""
    message = 'is missing. Write kind = "people", "survey" or "events", whichever it is.'
    return located.fault(("kind",), message)


def _role(table: Mapping[str, Any]) -> str:
    role = table.get("role")
    return SYNONYMS.get(role, role) if isinstance(role, str) else ""


def _of(kind: str) -> str:
    return "a survey" if kind == "survey" else kind


def _until_faults(located: Located) -> Iterator[Fault]:
    until = as_written(located.content.get("until"))
    if isinstance(until, str) and until:
        try:
            day_of(until)
        except ValueError as fault:
            yield located.fault(("until",), f"{until!r} is {fault}.")


def _panel_faults(located: Located, kind: str) -> Iterator[Fault]:
    for key in PANEL_ONLY:
        if key in located.content:
            message = f"is for outcomes by period, not for {_of(kind)}. Remove it, or remove kind."
            yield located.fault((key,), message)


def _people_faults(located: Located, kind: str, data_name: str) -> Iterator[Fault]:
    people = located.content.get("people")
    if kind == "events" and "people" not in located.content:
        message = 'is missing. Name the table of the people, such as people = "people.csv".'
        yield located.fault(("people",), message)
    elif kind != "events" and "people" in located.content:
        yield located.fault(("people",), f"is for events, not for {_of(kind)}. Remove it.")
    elif isinstance(people, str) and ("/" in people or "\\" in people or people == data_name):
        message = "must be the file name of another table in the same folder."
        yield located.fault(("people",), message)


def _column_faults(
    located: Located, kind: str, name: str, table: Mapping[str, Any], roles: Mapping[str, str]
) -> Iterator[Fault]:
    role, given = roles[name], table.get("type")
    if not role:
        return  # missing or no text: the model says so
    at = ("columns", name)
    if role not in ROLES[kind]:
        known = did_you_mean(role, list(ROLES[kind]))
        yield located.fault((*at, "role"), f"{role!r} is no role of {_of(kind)}.{known}")
        return
    allowed = ROLES[kind][role]
    if "type" not in table and role != "item":
        message = f"is missing. A column with role {role} is {' or '.join(allowed)}."
        yield located.fault((*at, "type"), message)
    elif given in get_args(RecordType) and given not in allowed:
        message = f"a column with role {role} is {' or '.join(allowed)}."
        yield located.fault((*at, "type"), message)
    if role == "outcome" and not table.get("measure"):
        message = 'is missing. Say what is counted, such as measure = "arrests in 24 months".'
        yield located.fault((*at, "measure"), message)
    if "levels" in table and given != "text":
        yield located.fault((*at, "levels"), "is for text only. Remove it.")
    if "events" in table:
        yield from _event_faults(located, kind, name, role, table["events"])
    if "counts" in table and (kind != "people" or role != "outcome" or given != "count"):
        message = "is for an outcome of people that is a count. Remove it."
        yield located.fault((*at, "counts"), message)
    if table.get("missing") is True and role not in (*MAY_SAY_MISSING, *MAY_BE_EMPTY):
        message = f"a column with role {role} may have no empty cell. Remove it."
        yield located.fault((*at, "missing"), message)
    if role == "item":
        yield from _range_faults(located, name, table)
    else:
        for key in ITEM_ONLY:
            if key in table:
                yield located.fault((*at, key), "is for items only. Remove it.")


def _event_faults(
    located: Located, kind: str, name: str, role: str, given: object
) -> Iterator[Fault]:
    """The events that count as an outcome of people, each named once."""
    at = ("columns", name, "events")
    if kind != "people" or role not in ("time", "outcome"):
        message = "is for outcomes of people only (role time or outcome). Remove it."
        yield located.fault(at, message)
    texts = given if isinstance(given, list) else []
    for group in alike(one for one in texts if isinstance(one, str)):
        yield located.fault(at, f"{' and '.join(map(quoted, group))} are one. Keep one of them.")


def _range_faults(located: Located, name: str, table: Mapping[str, Any]) -> Iterator[Fault]:
    at = ("columns", name)
    for key in ("low", "high"):
        if key not in table:
            message = "is missing. Give the lowest and the highest answer, such as 1 and 5."
            yield located.fault((*at, key), message)
    ends = [end for end in (table.get("low"), table.get("high")) if _is_number(end)]
    if len(ends) == 2 and ends[0] >= ends[1]:
        yield located.fault((*at, "high"), "must be more than low. Correct one of the two.")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cause_faults(
    located: Located, columns: Mapping[str, Mapping[str, Any]], roles: Mapping[str, str]
) -> Iterator[Fault]:
    """Each cause belongs to one time."""
    causes = [name for name, role in roles.items() if role == "cause"]
    used = Counter[str]()
    for name, table in columns.items():
        cause = table.get("cause")
        if cause is None or not isinstance(cause, str):
            continue
        at = ("columns", name, "cause")
        if roles[name] != "time":
            yield located.fault(at, "is for columns with role time only. Remove it.")
        elif cause not in causes:
            message = f"no column {cause!r} with role cause.{did_you_mean(cause, causes)}"
            yield located.fault(at, message)
        else:
            used[cause] += 1
            if used[cause] > 1:
                message = f"another time names {cause!r} already. Give each its own."
                yield located.fault(at, message)
    for name in causes:
        if not used[name]:
            message = f'no time names it. Write cause = "{name}" under the time it belongs to.'
            yield located.fault(("columns", name), message)


def _role_faults(located: Located, kind: str, roles: Mapping[str, str]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name, role in roles.items():
        single = role in ROLES[kind] and (role not in MANY or kind == "events")
        if single and role in first:
            message = f"{first[role]!r} has the role {role} already. Only one may."
            yield located.fault(("columns", name, "role"), message)
        first.setdefault(role, name)
    if not roles or any(role not in ROLES[kind] for role in roles.values()):
        return  # a role that cannot be read may be the one that seems to be missing
    for needed in NEEDED[kind]:
        if not any(role in first for role in needed):
            message = f"no column has the role {' or '.join(needed)}. Give it to one."
            yield located.fault((), message)
    yield from undated_faults(located, roles) if kind == "people" else ()
