"""Good tables of people, answers and events: what is read from them, and what is said of them."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import numpy as np
import pytest
from record_tables import TABLES, cell, joined, write

from evaluation.cli import main
from evaluation.data.read import check_dataset, read_panel, read_records
from evaluation.data.summary import counts_shown
from evaluation.errors import DataError

SYNTHETIC = Path(__file__).parents[3] / "data" / "synthetic"


def good(folder: Path, kind: str, sensitivity: str = "public") -> Path:
    description, lines = TABLES[kind]
    description = description.replace('"public"', f'"{sensitivity}"')
    return write(folder, kind, description, joined(lines))


def test_people_are_read_with_days_as_numbers_and_empty_cells_as_nan(tmp_path: Path) -> None:
    people = read_records(good(tmp_path, "people"))
    assert (people.kind, people.rows) == ("people", 4)
    assert people.values_of("person").tolist() == ["Q1", "Q2", "Q3", "Q4"]
    epoch = datetime.date(1970, 1, 1)
    assert people.values_of("entry")[0] == (datetime.date(2018, 5, 15) - epoch).days
    assert people.until == (datetime.date(2020, 12, 31) - epoch).days
    service = people.values_of("first_service")
    assert service[0] == (datetime.date(2018, 6, 1) - epoch).days
    assert np.isnan(service[1:]).all()
    np.testing.assert_array_equal(people.values_of("jail_days"), [12, 0, np.nan, 5])
    assert people.column("arrest_days").cause == "arrest_cause"
    assert people.column("left").levels == ("end", "moved", "died")
    assert [column.name for column in people.named("time")] == ["arrest_days"]


def test_answers_are_read_with_their_scales_and_waves_as_written(tmp_path: Path) -> None:
    survey = read_records(good(tmp_path, "survey"))
    assert survey.values_of("wave").tolist() == ["2012"] * 4 + ["2016"] * 4
    np.testing.assert_array_equal(survey.values_of("bias"), [2, np.nan, 5, 1, 1, 2, 4, 3])
    assert survey.values_of("race").tolist()[2] == ""
    bias = survey.column("bias")
    assert (bias.low, bias.high, bias.reverse, bias.type) == (1, 5, True, "count")
    assert [item.name for item in survey.scales()["trust"]] == ["trusts", "bias"]
    assert survey.column("trusts").label == "I trust the police"


def test_events_are_checked_against_their_people(tmp_path: Path) -> None:
    events = read_records(good(tmp_path, "events"))
    assert (events.kind, events.people) == ("events", "people.csv")
    assert events.values_of("day").tolist() == [100, 140, 299]


def test_the_order_of_columns_is_that_of_the_file(tmp_path: Path) -> None:
    description, lines = TABLES["survey"]
    turned = [",".join(reversed(line.split(","))) for line in lines]
    straight = read_records(good(tmp_path, "survey"))
    survey = read_records(write(tmp_path, "survey", description, joined(turned)))
    assert [c.name for c in survey.columns] == [c.name for c in reversed(straight.columns)]
    for name, values in straight.values.items():
        np.testing.assert_array_equal(survey.values_of(name), values)


@pytest.mark.parametrize(("line_end", "mark"), [("\r\n", b""), ("\n", b"\xef\xbb\xbf")])
def test_line_ends_and_a_byte_order_mark_change_nothing(
    tmp_path: Path, line_end: str, mark: bytes
) -> None:
    description, lines = TABLES["people"]
    content = mark + line_end.join(lines).encode()
    people = read_records(write(tmp_path, "people", description, content))
    assert people.values_of("person").tolist() == ["Q1", "Q2", "Q3", "Q4"]


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    written = good(tmp_path, "people")
    with written.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [datetime.date.fromisoformat(row["entry"]) for row in rows]
    columns = {name: [row[name] for row in rows] for name in rows[0]} | {"entry": days}
    parquet.write_table(pyarrow.table(columns), tmp_path / "people.parquet")
    people, same = read_records(written), read_records(tmp_path / "people.parquet")
    for name, values in people.values.items():
        np.testing.assert_array_equal(same.values_of(name), values)


def test_a_second_name_of_a_role_is_the_role(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    path = write(
        tmp_path, "people", description.replace('role = "person"', 'role = "id"'), joined(lines)
    )
    people = read_records(path)
    assert people.named("id") == people.named("person") != ()


def test_a_column_that_is_not_there_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    people = read_records(good(tmp_path, "people"))
    with pytest.raises(DataError, match=r"people\.csv: no column 'entri'\. Did you mean 'entry'"):
        people.values_of("entri")


def test_provenance_is_that_of_the_bytes_and_relative_to_the_project(tmp_path: Path) -> None:
    import hashlib

    path = good(tmp_path, "survey")
    found = read_records(path, tmp_path).provenance
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (found.file, found.description_file) == ("survey.csv", "survey.dataset.toml")
    assert found.rows == 8


def test_without_an_end_of_recording_no_late_date_is_refused_and_the_summary_says_so(
    tmp_path: Path,
) -> None:
    description, lines = TABLES["people"]
    description = description.replace('until = "2020-12-31"\n', "")
    late = cell(4, 1, "2031-01-01")(list(lines))
    path = write(tmp_path, "people", description, joined(late))
    assert "no date is known to be too late" in check_dataset(path)


def test_a_stratum_with_one_cluster_is_left_to_the_method(tmp_path: Path) -> None:
    description, lines = TABLES["survey"]
    kept = [line for line in lines if ",B2," not in line]
    assert read_records(write(tmp_path, "survey", description, joined(kept))).rows == 6


@pytest.mark.parametrize("kind", ["people", "survey", "events"])
def test_records_are_no_panel(tmp_path: Path, kind: str) -> None:
    path = good(tmp_path, kind)
    with pytest.raises(DataError) as caught:
        read_panel(path)
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == (2, 1)
    assert fault.message.startswith(f"kind: a dataset of {kind} has no periods")


@pytest.mark.parametrize("name", ["participants", "participants_events", "survey"])
def test_the_synthetic_datasets_are_good_and_read_as_they_are_written(name: str) -> None:
    path = SYNTHETIC / f"{name}.csv"
    records = read_records(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert records.rows == len(rows)
    for column in records.columns:
        values = records.values_of(column.name)
        for read, row in zip(values.tolist(), rows, strict=True):
            written = row[column.name]
            if column.type == "date" and written:
                day = datetime.date(1970, 1, 1) + datetime.timedelta(days=read)
                assert day.isoformat() == written
            elif column.type in ("text", "period"):
                assert read == written
            else:
                assert np.isnan(read) if written == "" else read == float(written)


def test_the_command_describes_a_survey(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(SYNTHETIC / "survey.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "survey.csv is good."
    facts = [" ".join(line.split()) for line in lines]
    assert "rows 2,880" in facts
    assert "waves 2012 (1,440), 2016 (1,440)" in facts
    assert "group in 2016 program = 1: 720 rows" in facts
    assert "scale trust: trusts, honest, abuses_power (reversed); 1 to 5" in facts


def test_the_summary_counts_no_group_below_ten(tmp_path: Path) -> None:
    said = " ".join(check_dataset(good(tmp_path, "survey")).split())
    assert "rows fewer than 10" in said
    assert "waves 2012 (fewer than 10), 2016 (fewer than 10)" in said
    assert "in 2012 program = 1: fewer than 10 rows" in said


def test_the_summary_of_a_private_table_shows_no_value_of_a_row(tmp_path: Path) -> None:
    shown = " ".join(check_dataset(good(tmp_path, "people")).split())
    assert "age: 22 to 40" in shown
    said = " ".join(check_dataset(good(tmp_path, "people", "private")).split())
    facts = said.split(" source ")[0]
    for held in ("Q1", "22", "31.5", "40", "05-15", "500", "2018-06-01"):
        assert held not in facts.replace("2020-12-31", "")
    assert "entry: 2018 to 2019" in facts


def test_texts_of_a_private_table_are_shown_only_where_the_description_foresees_them(
    tmp_path: Path,
) -> None:
    description, lines = TABLES["survey"]
    private = description.replace('"public"', '"private"')
    path = write(tmp_path, "survey", private, joined(lines))
    assert "race: 2 different" in check_dataset(path)
    levels = private.replace('role = "trait"\n', 'role = "trait"\nlevels = ["Black", "White"]\n')
    assert "Black (fewer than 10)" in check_dataset(
        write(tmp_path, "survey", levels, joined(lines))
    )


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 10, "b": 12}, {"a": "10", "b": "12"}),
        # With a known whole of 45, 42 would give 3 away.
        ({"a": 42, "b": 3}, {"a": "not shown", "b": "fewer than 10"}),
        ({"a": 42, "b": 3, "c": 0}, {"a": "not shown", "b": "fewer than 10", "c": "0"}),
        # 3 and 4 together are 7, so that each is at most 6: the next larger is left out too.
        (
            {"a": 42, "b": 3, "c": 4, "d": 50},
            {"a": "not shown", "b": "fewer than 10", "c": "fewer than 10", "d": "50"},
        ),
        # 9 and 9 together say nothing of one of them.
        (
            {"a": 42, "b": 9, "c": 9},
            {"a": "42", "b": "fewer than 10", "c": "fewer than 10"},
        ),
        ({"a": 3}, {"a": "fewer than 10"}),
    ],
)
def test_small_counts_cannot_be_worked_out(counts: dict[str, int], shown: dict[str, str]) -> None:
    assert counts_shown(counts) == shown
