"""What a `dataset.toml` of records must say, and at which line each fault of it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_tables import TABLES, joined, write

from evaluation.data.description import how_to_obtain
from evaluation.data.read import check_dataset, read_panel, read_records
from evaluation.data.record_description import (
    describes_records,
    not_a_panel,
    read_record_description,
)
from evaluation.errors import DataError

# kind, what is replaced in the good description, by what, the place of each fault ("" for the whole
# file), and what the first message says
CASES = [
    ("people", 'kind = "people"\n', "", [""], "is missing. Write kind"),
    ("people", 'kind = "people"', 'kind = "peple"', ["2:1"], "Did you mean 'people'?"),
    ("people", "key =", 'frequency = "month"\nkey =', ["3:1"], "is for outcomes by period"),
    ("people", "key =", 'unit = "Oakland"\nkey =', ["3:1"], "is for outcomes by period"),
    ("people", 'until = "2020-12-31"', 'until = "31.12.2020"', ["7:1"], "not a day like"),
    ("people", 'until = "2020-12-31"', "until = 2020-12-32", ["7:13"], "not valid TOML"),
    ("people", "until =", 'people = "x.csv"\nuntil =', ["7:1"], "is for events, not for people"),
    ("people", 'key = ["person"]', 'key = ["entry"]', ["3:1"], 'key = ["person"]'),
    ("people", 'key = ["person"]', 'key = ["persn"]', ["3:1"], "Did you mean 'person'?"),
    ("people", 'role = "entry"', 'role = "entri"', ["14:1"], "Did you mean 'entry'?"),
    ("people", 'role = "entry"', 'role = "wave"', ["14:1"], "'wave' is no role of people."),
    ("people", 'role = "entry"\ntype = "date"', 'role = "entry"', ["13:1"], "is date"),
    ("people", 'type = "date"', 'type = "count"', ["15:1"], "a column with role entry is date"),
    ("people", 'type = "date"', 'type = "datum"', ["15:1"], "Did you mean 'date'?"),
    ("people", 'type = "date"', 'type = "date"\nmissing = true', ["16:1"], "no empty cell"),
    ("people", 'type = "date"', 'type = "date"\nlow = 1', ["16:1"], "is for items only"),
    ("people", 'type = "date"', 'type = "date"\nlabl = "x"', ["16:1"], "Did you mean 'label'?"),
    ("people", 'type = "date"', 'type = "date"\nlevels = ["x"]', ["16:1"], "is for text only"),
    ("people", 'role = "covariate"', 'role = "weight"', ["50:1"], "has the role weight already"),
    (
        "people",
        'role = "treatment"\ntype = "flag"',
        'role = "covariate"\ntype = "flag"',
        [""],
        "the role treatment",
    ),
    ("people", 'cause = "arrest_cause"', 'cause = "arrest"', ["32:1", "34:1"], "Did you mean"),
    ("people", 'cause = "arrest_cause"\n', "", ["33:1"], 'Write cause = "arrest_cause"'),
    ("people", 'measure = "days behind bars"\n', "", ["42:1"], "is missing. Say what is counted"),
    ("survey", "low = 1\n", "", ["37:1"], "Give the lowest and the highest answer"),
    ("survey", "low = 1\n", "low = 5\n", ["40:1"], "must be more than low"),
    ("survey", "low = 1\n", 'low = "1"\n', ["39:1"], "must be a"),
    ("survey", "reverse = true", 'reverse = "yes"', ["49:1"], "must be true or false"),
    ("survey", 'type = "period"', 'type = "text"', ["14:1"], "role wave is period"),
    ("events", 'people = "people.csv"\n', "", [""], "Name the table of the people"),
    ("events", '"people.csv"', '"../people.csv"', ["7:1"], "in the same folder"),
    ("events", '"people.csv"', '"events.csv"', ["7:1"], "another table"),
]


@pytest.mark.parametrize(
    ("kind", "old", "new", "places", "says"), CASES, ids=[f"{c[1]} -> {c[2]}" for c in CASES]
)
def test_a_wrong_description_is_refused_at_its_place(
    tmp_path: Path, kind: str, old: str, new: str, places: list[str], says: str
) -> None:
    description, lines = TABLES[kind]
    assert old in description
    path = write(tmp_path, kind, description.replace(old, new, 1), joined(lines))
    with pytest.raises(DataError) as caught:
        read_records(path)
    faults = caught.value.faults
    assert all(fault.file.endswith(f"{kind}.dataset.toml") for fault in faults)
    shown = [f"{f.line}:{f.column}" if f.line else "" for f in faults]
    assert shown == places, str(caught.value)
    assert says in faults[0].message


def test_people_without_a_kind_are_told_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    path = write(tmp_path, "people", description.replace('kind = "people"\n', ""), joined(lines))
    for reading in (check_dataset, read_panel):
        with pytest.raises(DataError) as caught:
            reading(path)
        (fault,) = caught.value.faults
        assert fault.message.startswith('kind: is missing. Write kind = "people", "survey" or')


def test_a_panel_with_keys_of_records_is_refused_as_before(tmp_path: Path) -> None:
    panel = (
        'name = "x"\nfrequency = "month"\nunit = "Oakland"\nkey = ["month"]\nuntil = "2020-12-31"\n'
        'source = "x"\nlicence = "x"\nsensitivity = "public"\n'
        '[columns.month]\nrole = "period"\ntype = "period"\n'
        '[columns.n]\nrole = "outcome"\ntype = "count"\nmeasure = "x"\nlow = 1\n'
    )
    path = write(tmp_path, "survey", panel, b"month,n\n2012-01,1\n")
    assert not describes_records(path)
    with pytest.raises(DataError) as caught:
        check_dataset(path)
    found = [(fault.line, fault.message.split(".", 1)[0]) for fault in caught.value.faults]
    assert [line for line, _ in found] == [5, 16]
    assert "until: is not known here" in caught.value.faults[0].message


def test_events_of_private_people_are_private(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    path = write(tmp_path, "events", TABLES["events"][0], joined(TABLES["events"][1]))
    write(tmp_path, "people", description.replace('"public"', '"private"'), joined(lines))
    with pytest.raises(DataError, match=r"dataset\.toml:6:1: sensitivity: must be private"):
        read_records(path)


def test_events_of_events_are_refused_without_end(tmp_path: Path) -> None:
    events, lines = TABLES["events"]
    path = write(tmp_path, "events", events, joined(lines))
    looped = events.replace('"people.csv"', '"events.csv"')
    write(tmp_path, "people", looped, joined(lines))
    with pytest.raises(DataError, match=r"people: people\.csv is a dataset of events"):
        read_records(path)


def test_events_whose_people_are_not_there_say_so(tmp_path: Path) -> None:
    path = write(tmp_path, "events", TABLES["events"][0], joined(TABLES["events"][1]))
    (tmp_path / "people.csv").unlink()
    with pytest.raises(DataError, match=r"people\.csv: no such file"):
        read_records(path)


def test_private_people_that_are_not_kept_here_say_how_to_get_them(tmp_path: Path) -> None:
    description, lines = TABLES["people"]
    told = description.replace("until =", 'obtain = "Ask the county."\nuntil =')
    path = write(tmp_path, "people", told, joined(lines))
    path.unlink()
    assert how_to_obtain(path, read_record_description) == "Ask the county."
    with pytest.raises(DataError, match=r"is not here\. Ask the county\."):
        check_dataset(path)


def test_a_panel_is_no_fault_where_a_panel_is_needed(tmp_path: Path) -> None:
    path = write(tmp_path, "survey", 'name = "x"\nfrequency = "month"\n', b"month\n")
    not_a_panel(path, path.with_name("survey.dataset.toml"), "survey.dataset.toml")
