"""A table of people or of survey answers, guessed; no message shows what a cell holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from evaluation.data import period
from evaluation.data.description import in_words
from evaluation.data.labels import normal
from evaluation.data.ready.columns import (
    CODE,
    OUTCOME,
    TREATED,
    Column,
    Guess,
    Guessed,
    Kind,
    as_flag,
    as_numbers,
    changed_columns,
    refuse,
)
from evaluation.data.ready.form import Form
from evaluation.data.ready.kinds import (
    BEFORE,
    CLUSTER,
    FPC,
    PERSON,
    STRATUM,
    WEIGHT,
    is_item,
    run_of,
    wave_of,
)
from evaluation.data.ready.periods_read import day_texts
from evaluation.errors import DataError, Fault
from evaluation.fact import Fact, fact


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_ENTRY: Final = _words(
    r"entry|enrol|enter|start|intake|index|baseline|referr|called|admission|begin"
)
_FOLLOWED: Final = _words(r"follow|exit|censor|end ?(date|of)|last seen|observed until")
_DECIDED: Final = _words(r"decid|first (service|contact)|served|service date")
_INVITED: Final = _words(r"\b(invited|offered)\b")
_COMPLETED: Final = _words(r"complet|graduat|finished")
_UNTIL: Final = _words(r"\bdays?\b|\btime to\b")
_AREA: Final = _words(r"\b(area|neighbou?rhood|district|community|beat)s?\b")
_PRIVATE: Final = _words(r"\bname\b|\bdob\b|birth|ssn|phone|address|email|street|zip")
_AGREE: Final = _words(r"agree|satisf|never|always|often|likely|trust|confident|very")
# A trait has at most so many values.
_LEVELS: Final = 40


def guess_people(form: Form, columns: Sequence[Column], kind: Kind) -> Guess:
    """What a table with a row a person, or a row a person and wave, may be.

    Raises
    ------
    DataError : when nobody tells the people apart, waves are no dates, or cells of a column of
        numbers are none; with their places.
    """
    roles = _of_people(form, columns) if kind == "people" else _of_survey(form, columns)
    by_name = {one.name: one for one in columns}
    refuse([fault for name in roles for fault in _faults(form, by_name[name], roles[name])])
    guessed = tuple(_guessed(one, roles[one.name], kind) for one in columns if one.name in roles)
    changes = list(form.changes)
    left = tuple(one.name for one in columns if one.name not in roles)
    if left:
        changes.append(fact("described.change.left-people", columns=left, n=len(left)))
    changes += _without_cells(changed_columns(columns, guessed))
    for one in guessed:
        if one.type == "period" and one.cells != by_name[one.name].cells:
            changes.append(fact("described.change.written", column=one.name))
    key = ("person",) if kind == "people" else ("person", "wave")
    return Guess(
        form=form,
        kind=kind,
        columns=guessed,
        key=tuple(next(one.name for one in guessed if one.role == role) for role in key),
        changes=tuple(changes),
        doubts=tuple(_doubts(form, columns, guessed, key)),
        private=True,
    )


def _without_cells(changes: Iterator[Fact]) -> Iterator[Fact]:
    for one in changes:
        yield fact("described.change.written", column=one.numbers["column"])


def _person(form: Form, columns: Sequence[Column]) -> Column:
    named = sorted(
        (one for one in columns if one.says(PERSON)),
        key=lambda one: (-len(one.values), one.at),
    )
    if not named:
        message = "no column says who a row is of. Number the people in a column `person`."
        raise DataError(form.fault(form.header_line, None, message))
    return named[0]


def _of_people(form: Form, columns: Sequence[Column]) -> dict[str, str]:
    person = _person(form, columns)
    repeats = len(person.cells) - len(person.blanks) - len(person.values)
    if repeats > 0.1 * len(person.cells):
        message = (
            f"{repeats:,} rows are of a person ({person.name}) who has another row. A table of "
            'people has a row a person; a table of their events says kind = "events", '
            "and one of answers has a column of waves: --kind survey."
        )
        raise DataError(form.fault(form.header_line, person.at, message))
    roles = {person.name: "person"}
    refuse([*_days_of_two_readings(form, columns)])
    days = [one for one in columns if one.day is not None and not one.says(_PRIVATE)]
    entries = sorted(
        (one for one in days if not one.blanks),
        key=lambda one: (not one.says(_ENTRY), one.says(_FOLLOWED) or one.says(OUTCOME), one.at),
    )
    for one in entries[:1]:
        roles[one.name] = "entry"
    used = {"person", "entry"}
    for one in columns:
        if one.name in roles or not one.values or one.says(_PRIVATE):
            continue
        role = _role_of_person(one, used)
        if role:
            roles[one.name] = role
            used.add(role)
    return roles


def _days_of_two_readings(form: Form, columns: Sequence[Column]) -> Iterator[Fault]:
    for one in columns:
        found = [each for each in one.periods if each.frequency == "day"]
        if one.day is None and found and one.numbers is None and not one.says(_PRIVATE):
            message = (
                f"{one.name}: day and month could be exchanged in every cell. Write days like "
                "2012-10-18."
            )
            yield form.fault(form.rows[0][0], one.at, message)


def _role_of_person(one: Column, used: set[str]) -> str:
    if one.day is not None:
        for role, words in (("follow_up", _FOLLOWED), ("decided", _DECIDED)):
            if one.says(words) and role not in used and (role == "decided" or not one.blanks):
                return role
        # Of an event a blank day does not say until when nothing was seen.
        return "time" if one.says(OUTCOME) and not one.blanks else ""
    if one.flag:
        for role, words in (
            ("completed", _COMPLETED), ("invited", _INVITED), ("treatment", TREATED)
        ):  # fmt: skip
            if one.says(words):
                taken = "treatment" if role == "invited" and "treatment" not in used else role
                return taken if taken not in used else "covariate"
        return "outcome" if one.says(OUTCOME) and not one.says(BEFORE) else "covariate"
    if one.numbers is None or one.code:
        return "trait" if len(one.values) <= _LEVELS and not one.says(CODE) else ""
    if one.says(WEIGHT) and "weight" not in used:
        return "weight"
    if one.says(_FOLLOWED) and one.whole and "follow_up" not in used:
        return "follow_up"
    if one.says(BEFORE):
        return "covariate"
    if one.says(OUTCOME):
        return "time" if one.says(_UNTIL) and one.whole else "outcome"
    return "covariate"


def _of_survey(form: Form, columns: Sequence[Column]) -> dict[str, str]:
    person, wave = _person(form, columns), wave_of(columns)
    if wave is None:
        message = "no column says of which wave an answer is, such as 2012 or 2012-10. Write one."
        raise DataError(form.fault(form.header_line, None, message))
    if not any(one.frequency in period.MONTHS for one in wave.periods):
        message = (
            f"column {wave.name!r} does not say when the waves were. Write periods, such as "
            "2012 and 2014, or 2012-10."
        )
        raise DataError(form.fault(form.rows[0][0], wave.at, message))
    roles = {person.name: "person", wave.name: "wave"}
    used: set[str] = set()
    for one in columns:
        if one.name in roles or not one.values or one.says(_PRIVATE) or one.day is not None:
            continue
        role = _role_of_answer(one, used)
        if role:
            roles[one.name] = role
            used.add(role)
    return roles


def _role_of_answer(one: Column, used: set[str]) -> str:
    single = (("weight", WEIGHT), ("stratum", STRATUM), ("cluster", CLUSTER), ("fpc", FPC))
    for role, words in single:
        fits = one.numbers is not None if role in ("weight", "fpc") else True
        if one.says(words) and fits and role not in used:
            return role
    if one.flag:
        return "treatment" if one.says(TREATED) and "treatment" not in used else "trait"
    if one.says(_AREA) and one.numbers is None:
        return "area" if "area" not in used else "trait"
    if is_item(one):
        return "item"
    if one.numbers is None:
        return "trait" if len(one.values) <= _LEVELS else ""
    return "trait" if not one.code else ""


def _faults(form: Form, column: Column, role: str) -> Iterator[Fault]:
    """Cells that are not what the others of their column are; without what they hold."""
    if column.day is not None and role in ("entry", "follow_up", "decided", "time"):
        for n in column.day.odd:
            message = f"{column.name}: no day as the others are. Write it like 2012-10-18."
            yield form.fault(form.rows[n][0], column.at, message)
    elif column.numbers is not None and role not in ("person", "stratum", "cluster", "wave"):
        for n in column.numbers.odd:
            message = f"{column.name}: not a number as the others are. Write one, or nothing."
            yield form.fault(form.rows[n][0], column.at, message)
        for n in column.numbers.either[:1]:
            message = (
                f"{column.name}: nothing tells whether the mark parts thousands or begins decimals"
                ". Write no marks between thousands."
            )
            yield form.fault(form.rows[n][0], column.at, message)


def _guessed(column: Column, role: str, kind: Kind) -> Guessed:
    doubts: list[Fact] = []
    more: dict[str, Any] = {}
    cells, of = column.cells, "text"
    if role == "wave":
        found = next(one for one in column.periods if one.frequency in period.MONTHS)
        cells = tuple(
            old if when is None else period.text(when, found.frequency)
            for old, when in zip(column.cells, found.ordinals, strict=True)
        )
        of = "period"
    elif column.day is not None and role in ("entry", "follow_up", "decided", "time"):
        cells, of = day_texts(column.cells, column.day), "date"
    elif column.flag and role not in ("person", "stratum", "cluster", "area"):
        cells, of = as_flag(column), "flag"
    elif column.numbers is not None and role not in ("person", "stratum", "cluster", "area"):
        cells, of = as_numbers(column), "count" if column.whole else "number"
        if role == "item":
            of = "count"
            low, high, apart = _scale(cells)
            more |= {"low": low, "high": high}
            key = "described.doubt.scale-codes" if apart else "described.doubt.scale"
            doubts.append(fact(key, low=low, high=high))
    else:
        cells = _no_words_for_nothing(column)
    doubts += _of_role(column, role, of, more, kind)
    if any(not cell for cell in cells) and role not in ("item", "decided", "person", "wave"):
        if role in ("covariate", "trait", "outcome", "time", "completed"):
            more["missing"] = True
            doubts.append(fact("described.doubt.may-be-empty", n=sum(not cell for cell in cells)))
        else:
            doubts.append(fact("described.doubt.empty", n=sum(not cell for cell in cells)))
    return Guessed(column.name, role, of, cells, more, tuple(doubts))


def _no_words_for_nothing(column: Column) -> tuple[str, ...]:
    """Texts, with nothing in place of a word that says that there is nothing."""
    empty = set(column.blanks)
    return tuple("" if n in empty else cell for n, cell in enumerate(column.cells))


def _scale(cells: Sequence[str]) -> tuple[int, int, bool]:
    known = sorted({int(float(text)) for text in cells if text})
    low, high = run_of(known)
    return low, high, known[0] < low or known[-1] > high


def _of_role(
    column: Column, role: str, of: str, more: dict[str, Any], kind: Kind
) -> Iterator[Fact]:
    words = in_words(column.name)
    if role == "outcome":
        more["measure"] = words
        yield fact("described.doubt.person-outcome")
    elif role == "time":
        more["measure"] = "days from entry to the event, or to the end of follow-up"
        yield fact("described.doubt.time")
    elif role == "treatment":
        yield fact(f"described.doubt.treated-{kind}")
    elif role == "covariate":
        yield fact("described.doubt.at-entry")
    elif role == "entry":
        yield fact("described.doubt.entry")
    in_words_too = sum(bool(_AGREE.search(value)) for value in column.values) >= 2
    if role == "trait" and of == "text" and kind == "survey" and in_words_too:
        yield fact("described.doubt.answers-in-words")


def _doubts(
    form: Form, columns: Sequence[Column], guessed: Sequence[Guessed], key: Sequence[str]
) -> Iterator[Fact]:
    seen: Mapping[tuple[str, ...], int]
    names = [next(one for one in guessed if one.role == role) for role in key]
    keys = list(zip(*(one.cells for one in names), strict=True))
    seen = {}
    for n, one in enumerate(keys):
        first = seen.setdefault(tuple(map(normal, one)), n)
        if first != n:
            pair = (str(form.rows[first][0]), str(form.rows[n][0]))
            yield fact("described.doubt.person-twice", lines=pair)
            break
    roles = {one.role for one in guessed}
    needed = ("entry", "treatment") if "wave" not in key else ("treatment",)
    for role in needed:
        if role not in roles:
            yield fact(f"described.doubt.no-{role}")
    if not roles & {"outcome", "time", "item"}:
        yield fact("described.doubt.no-outcome")
    open_days = [
        one.name
        for one in columns
        if one.day is not None and one.blanks and one.name not in {each.name for each in guessed}
    ]
    if open_days and "wave" not in key:
        yield fact("described.doubt.open-days", columns=tuple(open_days))
