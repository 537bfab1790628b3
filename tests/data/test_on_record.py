"""What is on record: a kind of its own, read with every fault at its cell, and never a result."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from evaluation.data.on_record import (
    ABOUT,
    CHANGE,
    ON_RECORD,
    OnRecord,
    on_record_summary,
    read_on_record,
)
from evaluation.data.published import read_published
from evaluation.data.read import check_dataset, read_panel
from evaluation.errors import DataError

ROOT = Path(__file__).parents[2]
GOOD = {
    "place": "us-ca-oakland",
    "site": "Oakland",
    "goal": "3",
    "about": "force",
    "what": "Uses of force",
    "from": "2012-01 to 2012-06",
    "to": "2017-01 to 2017-06",
    "value": "-77",
    "exactness": "exact",
    "unit": CHANGE,
    "margin": "",
    "counted_by": "City",
    "source": "A report",
    "read_in": "the report",
    "certainty": "read in a public text",
    "doubt": "Recording changed.",
    "note": "",
}
NO_NUMBER = {"value": "", "exactness": "", "unit": ""}
DESCRIPTION = """\
name = "Test"
kind = "on record"
key = ["place", "what", "from", "to"]
source = "made up"
licence = "none"
sensitivity = "synthetic"
"""


def written(folder: Path, *changes: dict[str, str], description: str = DESCRIPTION) -> Path:
    path = folder / "table.csv"
    text = io.StringIO()
    writer = csv.DictWriter(text, list(ABOUT), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**GOOD, **change} for change in changes)
    path.write_text(text.getvalue(), encoding="utf-8")
    (folder / "table.dataset.toml").write_text(description, encoding="utf-8")
    return path


def committed() -> tuple[OnRecord, ...]:
    return read_on_record(ROOT / ON_RECORD, ROOT).rows


def test_a_row_is_read_as_it_stands(tmp_path: Path) -> None:
    (row,) = read_on_record(written(tmp_path, {})).rows
    assert (row.place, row.goal, row.value, row.unit) == ("us-ca-oakland", 3, -77.0, CHANGE)
    assert (row.begins, row.ends, row.line) == (GOOD["from"], GOOD["to"], 2)
    (bare,) = read_on_record(written(tmp_path, {**NO_NUMBER, "from": "", "to": ""})).rows
    assert bare.value is None and bare.begins == ""


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"place": "Oakland"}, "place", "no id of a place"),
        ({"place": ""}, "place", "is empty"),
        ({"goal": "0"}, "goal", "is not known"),
        ({"about": "forces"}, "about", "Did you mean 'force'"),
        ({"certainty": "recalled"}, "certainty", "Only what was read"),
        ({"doubt": ""}, "doubt", "is empty"),
        ({"counted_by": ""}, "counted_by", "is empty"),
        ({"from": "June 2012"}, "from", "is no time"),
        ({"from": "2012-13"}, "from", "is no time"),
        ({"from": "2012-06 to 2012-01"}, "from", "ends before it begins"),
        ({"to": "2011"}, "to", "is before"),
        ({"from": ""}, "from", "write both"),
        ({"to": ""}, "to", "write both"),
        ({"value": "-177"}, "value", "more than 100 %"),
        ({"value": "many"}, "value", "many"),
        ({"value": ""}, "exactness", "without a value"),
        ({"unit": ""}, "unit", "beside a value"),
        ({"exactness": ""}, "exactness", "beside a value"),
        ({"exactness": "abut"}, "exactness", "Did you mean 'about'"),
        ({"unit": "% of stops", "value": "162"}, "value", "from 0 to 100"),
        ({"unit": "stops", "value": "-3"}, "value", "not below zero"),
        ({"margin": "0"}, "margin", "more than zero"),
        ({**NO_NUMBER, "margin": "4"}, "margin", "without a value"),
    ],
)
def test_what_is_wrong_is_refused_at_its_cell(
    tmp_path: Path, change: dict[str, str], column: str, words: str
) -> None:
    path = written(tmp_path, change)
    cells = path.read_text(encoding="utf-8").splitlines()[1].split(",")
    place = sum(len(cell) + 1 for cell in cells[: list(ABOUT).index(column)]) + 1
    with pytest.raises(DataError) as caught:
        read_on_record(path)
    first = str(caught.value).splitlines()[0]
    assert f"table.csv:2:{place}: {column}" in first
    assert words in str(caught.value)


def test_a_thing_twice_and_a_place_of_two_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"table\.csv:3:\d+: what: is on line 2 already"):
        read_on_record(written(tmp_path, {}, {"what": "USES OF  FORCE"}))
    with pytest.raises(DataError, match=r"table\.csv:3:\d+: site: us-ca-oakland is called"):
        read_on_record(written(tmp_path, {}, {"what": "Stops", "site": "Oakland, Calif."}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DESCRIPTION.replace('kind = "on record"\n', ""), "kind: is missing"),
        (DESCRIPTION + '[columns.doubts]\nabout = "x"\n', "Did you mean 'doubt'"),
        (DESCRIPTION + 'file = "other.csv"\n', "not 'table.csv'"),
        (DESCRIPTION + 'frequency = "month"\n', "frequency"),
    ],
)
def test_its_description_is_checked(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(DataError, match=r"table\.dataset\.toml") as caught:
        read_on_record(written(tmp_path, {}, description=text))
    assert words in str(caught.value)


def test_a_table_without_rows_or_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rows follow the header"):
        read_on_record(written(tmp_path))
    path = written(tmp_path, {})
    path.write_text("place,what\nus-ca-oakland,Stops\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'doubt'"):
        read_on_record(path)
    with pytest.raises(DataError, match="no such file"):
        read_on_record(tmp_path / "other.csv")


def test_it_is_no_table_of_results_and_none_of_outcomes() -> None:
    with pytest.raises(DataError, match="kind"):
        read_published(ROOT / ON_RECORD, ROOT)
    with pytest.raises(DataError, match="on record"):
        read_panel(ROOT / ON_RECORD, ROOT)


def test_the_verb_says_what_it_holds_and_that_it_is_no_result() -> None:
    said = check_dataset(ROOT / ON_RECORD, ROOT)
    assert said == on_record_summary(read_on_record(ROOT / ON_RECORD, ROOT))
    assert "none of them a result" in said and "Oakland (us-ca-oakland)" in said


@pytest.mark.parametrize(
    ("written_kind", "meant"),
    [
        ("on the record", "on record"),
        ("published result", "published results"),
        ("adoption of program", "adoption of programs"),
        ("peple", "people"),
        ("surveys", "survey"),
    ],
)
def test_a_kind_that_is_not_known_is_the_only_fault_told(
    tmp_path: Path, written_kind: str, meant: str
) -> None:
    text = DESCRIPTION.replace('"on record"', f'"{written_kind}"')
    path = written(tmp_path, {}, description=text)
    with pytest.raises(DataError) as caught:
        check_dataset(path)
    message = str(caught.value)
    assert "table.dataset.toml:2:1: kind: " in message and f"Did you mean {meant!r}" in message
    assert len(message.splitlines()) == 1


def test_the_record_of_oakland_is_that_of_the_reports() -> None:
    values = {(row.about, row.what): row for row in committed()}
    halves = [row.value for row in committed() if row.about == "force" and row.unit == CHANGE]
    claims = [row.value for row in committed() if row.about == "claims"]
    assert (halves, claims) == ([-77.0, -79.0], [-58.0, -74.0])
    sampled = values["force", "Sampled uses of force that had not been reported"]
    assert (sampled.value, sampled.unit) == (17.0, "of 47 sampled uses of force")
    (oversight,) = [row for row in committed() if row.about == "oversight"]
    assert (oversight.begins, oversight.ends, oversight.value) == ("2003", "", None)
    coached = values["services", "People in life coaching"]
    assert (coached.value, coached.goal) == (113.0, 2)
    assert [row.margin for row in committed() if row.margin is not None] == [4.0]
    assert all(
        "oversight" in row.doubt for row in committed() if row.unit == CHANGE and row.goal > 1
    )


def test_only_what_was_read_stands_in_the_record() -> None:
    assert {row.certainty for row in committed()} <= {"read in a public text", "news account"}
    assert all(row.doubt and row.source and row.read_in for row in committed())
