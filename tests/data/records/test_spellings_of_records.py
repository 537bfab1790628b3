"""One person, area or answer in two spellings is refused; nothing private is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_tables import TABLES, cell, joined, write

from evaluation.data.read import read_records
from evaluation.errors import DataError

# Kind, line and cell (from 0) of a text, and what is there on another line already.
CELLS = [
    ("people", 3, 0, "q1"),
    ("people", 3, 0, "Ｑ1"),
    ("survey", 6, 0, "r1"),
    ("survey", 3, 2, "WEST"),
    ("survey", 3, 2, "Wеst"),
    ("survey", 6, 3, "b1"),
    ("survey", 7, 6, "WHITE"),
    ("survey", 7, 6, "Wh\u200dite"),
    ("events", 3, 2, "Arrest"),
]


@pytest.mark.parametrize("sensitivity", ["public", "private"])
@pytest.mark.parametrize(("kind", "line", "index", "text"), CELLS)
def test_text_in_two_spellings_is_refused(
    tmp_path: Path, kind: str, line: int, index: int, text: str, sensitivity: str
) -> None:
    description, lines = TABLES[kind]
    private = description.replace('"public"', f'"{sensitivity}"')
    path = write(tmp_path, kind, private, joined(cell(line, index, text)([*lines])))
    with pytest.raises(DataError, match="spelled in another way on line") as caught:
        read_records(path)
    if sensitivity == "private":
        assert text not in str(caught.value)


@pytest.mark.parametrize(("written", "says"), [("q1", "another way"), ("Q9", "nobody of")])
def test_event_of_a_person_who_is_spelled_otherwise_is_told_apart_from_one_of_nobody(
    tmp_path: Path, written: str, says: str
) -> None:
    description, lines = TABLES["events"]
    changed = [line.replace("Q1", written) for line in lines]
    with pytest.raises(DataError, match=says):
        read_records(write(tmp_path, "events", description, joined(changed)))


def test_number_of_a_person_that_a_program_wrote_with_decimals_is_the_number(
    tmp_path: Path,
) -> None:
    for kind in ("people", "events"):
        description, lines = TABLES[kind]
        decimals = ".0" if kind == "events" else ""
        changed = [line.replace("Q", "1900").replace(",", f"{decimals},", 1) for line in lines[1:]]
        path = write(tmp_path, kind, description, joined([lines[0], *changed]))
        if kind == "events":
            description, people = TABLES["people"]
            numbers = [people[0], *(line.replace("Q", "1900") for line in people[1:])]
            write(tmp_path, "people", description, joined(numbers))
    assert read_records(path).values_of("person").tolist() == ["19001", "19001", "19004"]


def test_number_that_lost_digits_is_refused(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    path = write(tmp_path, "people", description, joined(cell(3, 0, "1.9E+10")([*lines])))
    with pytest.raises(DataError, match="lost its last digits"):
        read_records(path)
