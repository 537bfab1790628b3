"""What the rows of a table of records say together: who is there twice, what is out of order."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evaluation.data import period
from evaluation.data.cells import day_text
from evaluation.data.labels import drawn
from evaluation.data.record_rows import RecordRows
from evaluation.data.records import RecordColumn, Records


def check_together(rows: RecordRows, people: Records | None) -> None:
    """Note every fault that no cell shows by itself.

    Parameters
    ----------
    people : of events, the table of the people they happened to; else None.
    """
    _empty_columns(rows)
    _spelled_alike(rows)
    if rows.description.kind == "people":
        _twice(rows, ("person",))
        _people_in_time(rows)
        _one_group(rows, None)
    elif rows.description.kind == "survey":
        _twice(rows, ("person", "wave"))
        alike = _waves(rows)
        _same_within(rows, "treatment", "cluster" if rows.only("cluster") else "person")
        _same_within(rows, "stratum", "cluster", by_wave=True)
        _one_group(rows, rows.only("wave") if alike else None)
    else:
        _twice(rows, ("person", "time", "event"))
        if people is not None:
            _events_of(rows, people)
    _empty_strata(rows)


def _empty_columns(rows: RecordRows) -> None:
    for column in rows.description.columns:
        if column.name not in rows.places or not rows.good[column.name].all():
            continue
        if not rows.filled(column).any():
            message = f"{column.name} is empty in every row. Fill it in or remove the column."
            cell = rows.places[column.name]
            rows.findings.add("empty column", rows.header_line, message, cell=cell)


def _spelled_alike(rows: RecordRows) -> None:
    """One text in two spellings, such as `p01` and `P01 `, is two people, areas or answers."""
    for column in rows.description.columns:
        if column.type != "text" or column.levels or column.name not in rows.places:
            continue
        usable = np.flatnonzero(rows.filled(column)).tolist()
        values = rows.values[column.name]
        first: dict[str, int] = {}
        told: set[str] = set()
        for row in usable:
            text = values[row]
            if text in told:
                continue
            told.add(text)
            earlier = first.setdefault(drawn(text), row)
            if earlier != row:
                message = (
                    f"{rows.told(row, column)} spelled in another way on line "
                    f"{rows.lines[earlier]}. Two spellings are two values: write it in one way."
                )
                rows.add("two spellings", row, column, message)


def _keys(
    rows: RecordRows, columns: Iterable[RecordColumn]
) -> tuple[list[tuple[object, ...]], np.ndarray]:
    """The values of some columns in each row, and whether all of them could be read."""
    chosen = list(columns)
    usable = np.all([rows.filled(column) for column in chosen], axis=0)
    return list(zip(*(rows.values[column.name] for column in chosen), strict=True)), usable


def _twice(rows: RecordRows, roles: tuple[str, ...]) -> None:
    columns = [column for role in roles if (column := rows.only(role)) is not None]
    if len(columns) < len(roles):
        return
    keys, usable = _keys(rows, columns)
    stratum = rows.only("stratum")
    first: dict[tuple[object, ...], int] = {}
    for row in np.flatnonzero(usable).tolist():
        earlier = first.setdefault(keys[row], row)
        if earlier == row:
            continue
        what = {1: "", 2: " in this wave", 3: ", with the same event on the same day,"}[len(roles)]
        elsewhere = ""
        if stratum is not None and len(roles) == 2:
            values = rows.values[stratum.name]
            elsewhere = ", in another stratum" if values[earlier] != values[row] else ""
        message = (
            f"{rows.told(row, columns[0])} on line {rows.lines[earlier]} already{what}{elsewhere}. "
            "Keep one of the two."
        )
        rows.add("duplicate row", row, columns[0], message)


def _people_in_time(rows: RecordRows) -> None:
    """Nothing before entry, nothing after the end of follow-up or of recording."""
    entry, follow_up = rows.only("entry"), rows.only("follow_up")
    start = np.zeros(len(rows.lines))  # days count from entry where the table has no dates
    if entry is not None:
        start = np.where(rows.good[entry.name], rows.values[entry.name], np.nan)
    end = np.full(len(start), np.nan)
    if follow_up is not None:
        end = _day(rows, follow_up, start)
        message = "before entry. Correct one of the two."
        _refuse(rows, follow_up, end < start, "end before entry", message)
        _refuse_late(rows, follow_up, end)
        end = np.where(end < start, np.nan, end)
    for column in (*rows.all_of("time"), *rows.all_of("decided")):
        day = _day(rows, column, start)
        message = "before entry. Correct one of the two."
        _refuse(rows, column, day < start, "event before entry", message)
        _refuse(
            rows,
            column,
            day > end,
            "event after the end of follow-up",
            "after the end of follow-up. Correct one of the two.",
        )
        _refuse_late(rows, column, day)
    for column in rows.all_of("time"):
        cause = next((c for c in rows.all_of("cause") if c.name == column.cause), None)
        if cause is None:
            continue
        seen = rows.good[cause.name] & (rows.values[cause.name] > 0)
        empty = rows.good[column.name] & ~rows.filled(column)
        message = f"{column.name} is empty, but {cause.name} says that it happened. Write the day."
        for row in np.flatnonzero(seen & empty).tolist():
            rows.add("no day", row, column, message)


def _day(rows: RecordRows, column: RecordColumn, start: np.ndarray) -> np.ndarray:
    """(n,) day of a date, or of so many days after the start; NaN where it is not known."""
    values = np.where(rows.good[column.name], rows.values[column.name], np.nan)
    return values if column.type == "date" else start + values


def _refuse(
    rows: RecordRows, column: RecordColumn, bad: np.ndarray, kind: str, message: str
) -> None:
    for row in np.flatnonzero(bad).tolist():
        rows.add(kind, row, column, f"{rows.told(row, column)} {message}")


def _refuse_late(rows: RecordRows, column: RecordColumn, day: np.ndarray) -> None:
    """Days counted from entry that go on after the end of recording; dates were checked before."""
    until = rows.description.until
    if rows.only("entry") is None and rows.description.kind == "people":
        return
    if until is not None and column.type != "date":
        message = (
            f"counted from entry, after the end of recording, {day_text(until)}. Correct it, or "
            "`until` in the description."
        )
        _refuse(rows, column, day > until, "in the future", message)


def _one_group(rows: RecordRows, wave: RecordColumn | None) -> None:
    """A comparison needs people on both sides, in each wave."""
    treatment = rows.only("treatment")
    if treatment is None or not rows.complete:
        return
    usable, values = rows.filled(treatment), rows.values[treatment.name]
    if len(np.unique(values[usable])) < 2:
        if usable.all():
            message = (
                f"{treatment.name} is {rows.shown(int(values[0]), 'the same')} in every row. Add "
                "the people to compare with."
            )
            rows.add("one group", 0, treatment, message)
        return
    if wave is None or not (usable.all() and rows.filled(wave).all()):
        return
    waves = rows.values[wave.name]
    for name in sorted(set(waves)):
        here = np.flatnonzero(waves == name)
        if len(set(values[here])) < 2:
            message = (
                f"{treatment.name} is {rows.shown(int(values[here[0]]), 'the same')} in every row "
                f"of {rows.shown(f'wave {name}', 'this wave')}. Add the people to compare with."
            )
            rows.add("one group", int(here[0]), treatment, message)


def _waves(rows: RecordRows) -> bool:
    """Note a single wave; whether all waves are written alike, which is noted too."""
    wave = rows.only("wave")
    if wave is None or not rows.complete or not rows.filled(wave).all():
        return False
    names = list(dict.fromkeys(rows.values[wave.name]))
    if len(names) == 1:
        message = (
            f"every row is of {rows.shown(f'wave {names[0]}', 'the same wave')}. A change needs "
            "two waves or more; add another."
        )
        rows.add("one wave", 0, wave, message)
    others = [name for name in names if _frequency(name) != _frequency(names[0])]
    for name in others:
        row = int(np.flatnonzero(rows.values[wave.name] == name)[0])
        message = (
            f"{rows.told(row, wave)} a {_frequency(name)}, but a {_frequency(names[0])} stands "
            f"on line {rows.lines[0]}. Write all waves alike."
        )
        rows.add("another frequency", row, wave, message)
    return not others


def _frequency(written: str) -> str:
    for frequency in ("year", "quarter"):
        try:
            period.ordinal(written, frequency)
        except ValueError:
            continue
        return frequency
    return "month"


def _same_within(rows: RecordRows, what: str, within: str, *, by_wave: bool = False) -> None:
    """One treatment in all rows of a cluster, one stratum in those of a wave."""
    value, unit, wave = rows.only(what), rows.only(within), rows.only("wave")
    if value is None or unit is None or (by_wave and wave is None):
        return
    keys, usable = _keys(rows, [unit, *([wave] if by_wave and wave is not None else [])])
    values = rows.values[value.name]
    first: dict[tuple[object, ...], int] = {}
    for row in np.flatnonzero(usable & rows.filled(value)).tolist():
        earlier = first.setdefault(keys[row], row)
        if values[earlier] != values[row]:
            message = (
                f"{rows.told(row, value)} another than on line {rows.lines[earlier]}, in the same "
                f"{within}. A {within} has one {what}{' in a wave' if by_wave else ''}."
            )
            rows.add(f"{what} differs", row, value, message)


def _empty_strata(rows: RecordRows) -> None:
    """A stratum that the description names must have somebody, in each wave."""
    stratum, wave = rows.only("stratum"), rows.only("wave")
    if stratum is None or not stratum.levels or wave is None or not rows.complete:
        return
    keys, usable = _keys(rows, [stratum, wave])
    if not usable.all():
        return
    there = set(keys)
    waves = sorted({name for _, name in there}, key=str)
    for level in stratum.levels:
        empty = [str(name) for name in waves if (level, name) not in there]
        if empty:
            which = rows.shown(f"wave {' and '.join(empty)}", "at least one wave")
            message = (
                f"nobody is in stratum {level!r} in {which}. Add them, or remove the level from "
                "the description."
            )
            rows.add("empty stratum", 0, stratum, message)


def _events_of(rows: RecordRows, people: Records) -> None:
    """Each event happened to somebody of the people, while they were followed."""
    person, time = rows.only("person"), rows.only("time")
    if person is None:
        return
    file = people.provenance.file
    ids = people.values_of(people.named("person")[0].name)
    place = {name: index for index, name in enumerate(ids)}
    usable = rows.filled(person)
    where = np.array([place.get(name, -1) for name in rows.values[person.name]], dtype=int)
    forms = {drawn(name) for name in ids}
    message = f"nobody of {file}. Correct it, or add the person there."
    otherwise = f"spelled in another way in {file}. Write it in one way in both tables."
    strange = usable & (where < 0)
    spelled = np.array([drawn(name) in forms for name in rows.values[person.name]], dtype=bool)
    _refuse(rows, person, strange & ~spelled, "unknown person", message)
    _refuse(rows, person, strange & spelled, "two spellings", otherwise)
    if time is None:
        return
    known = where >= 0
    entry = people.entry
    if time.type == "date" and not people.dated:
        message = f"a date, and {file} does not say when people entered. Write days from entry."
        rows.add("no entry", 0, time, f"{time.name} is {message}")
        return
    start = np.where(known, entry[where], np.nan)
    day = _day(rows, time, start)
    message = f"before the entry of that person in {file}. Correct one of the two."
    _refuse(rows, time, day < start, "event before entry", message)
    end = np.full(len(day), np.nan)
    for column in people.named("follow_up"):
        last = people.values_of(column.name)
        last = last if column.type == "date" else entry + last
        end = np.where(known, last[where], np.nan)
    message = f"after the end of that person's follow-up in {file}. Correct one of the two."
    _refuse(rows, time, day > end, "event after the end of follow-up", message)
    _refuse_late(rows, time, day)
