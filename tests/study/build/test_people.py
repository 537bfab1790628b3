"""Which events of a table of events count as an outcome of people: those that it is said of."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.data.read import read_records
from evaluation.data.records import Records
from evaluation.errors import DataError
from evaluation.study.build.people import event_days

PROJECT = Path(__file__).parents[3]
COMMON = 'source = "made up"\nlicence = "MIT"\nsensitivity = "synthetic"\n'
PEOPLE = f"""\
name = "People"
kind = "people"
key = ["person"]
{COMMON}
[columns.person]
role = "id"
type = "text"
[columns.entry]
role = "entry"
type = "date"
[columns.called]
role = "treatment"
type = "flag"
[columns.arrest_days]
role = "time"
type = "count"
label = "arrest"
"""
EVENTS = f"""\
name = "Events"
kind = "events"
people = "people.csv"
key = ["person", "day", "event"]
{COMMON}
[columns.person]
role = "id"
type = "text"
[columns.day]
role = "time"
type = "count"
[columns.event]
role = "event"
type = "text"
"""


def tables(
    folder: Path, *, keys: str = "", people: str = PEOPLE, events: str = EVENTS, **names: str
) -> tuple[Records, Records]:
    """Two people; the first had an event of each name, on day 1, 2, ..."""
    (folder / "people.csv").write_text(
        "person,entry,called,arrest_days\n1,2015-01-01,1,9\n2,2015-01-01,0,9\n"
    )
    (folder / "people.dataset.toml").write_text(people + keys)
    rows = [f'1,{day},"{name}"' for day, name in enumerate(names.values(), start=1)]
    (folder / "events.csv").write_text("person,day,event\n" + "\n".join(rows) + "\n")
    (folder / "events.dataset.toml").write_text(events)
    return read_records(folder / "people.csv"), read_records(folder / "events.csv")


def days(found: tuple[Records, Records]) -> list[list[float]]:
    records, events = found
    return [list(own) for own in event_days(records, events, records.column("arrest_days"))]


def test_an_event_whose_name_holds_the_label_is_another_event(tmp_path: Path) -> None:
    found = tables(tmp_path, a="cardiac arrest", b="ARREST", c="arrested in error")
    assert days(found) == [[2.0], []]


def test_the_events_of_the_description_count_in_any_spelling_and_no_other(tmp_path: Path) -> None:
    keys = 'events = ["Arrest", "violent  arrest"]\n'
    found = tables(tmp_path, keys=keys, a="cardiac arrest", b="arrest", c="Violent arrest")
    assert days(found) == [[2.0, 3.0], []]


@pytest.mark.parametrize("keys", ["", 'events = ["arrest", "custody"]\n'])
def test_a_name_that_no_event_has_is_refused_with_what_there_is(tmp_path: Path, keys: str) -> None:
    names = {"a": "cardiac arrest"} | ({"b": "arrest"} if keys else {})
    with pytest.raises(DataError) as caught:
        days(tables(tmp_path, keys=keys, **names))
    said = str(caught.value)
    assert f"no event is called '{'custody' if keys else 'arrest'}'; there are " in said
    assert "'cardiac arrest'" in said and "under [columns.arrest_days]: events = [" in said
    # What the message says to do works.
    advised = "events" + said.rpartition("events")[2] + "\n"
    assert days(tables(tmp_path, keys=advised, **names))[0]


def test_private_events_are_named_only_where_the_description_lists_them(tmp_path: Path) -> None:
    private = EVENTS.replace('"synthetic"', '"private"')
    with pytest.raises(DataError) as caught:
        days(tables(tmp_path, events=private, a="Jane was seen", b="custody"))
    assert "Jane" not in str(caught.value) and "no event is called 'arrest'" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "keys", "says"),
    [
        ("arrest_days", 'events = ["arrest", "ARREST"]', "'arrest' and 'ARREST' are one"),
        ("arrest_days", "events = []", "events"),
        ("called", 'events = ["arrest"]', "is for outcomes of people only"),
        ("entry", 'events = ["arrest"]', "is for outcomes of people only"),
    ],
)
def test_events_that_say_nothing_are_refused(
    tmp_path: Path, column: str, keys: str, says: str
) -> None:
    people = PEOPLE.replace(f"[columns.{column}]\n", f"[columns.{column}]\n{keys}\n")
    with pytest.raises(DataError, match=says):
        tables(tmp_path, people=people, a="arrest")


@pytest.mark.parametrize("name", ["participants", "participants_attrition"])
def test_the_invented_events_are_those_that_the_first_days_are_of(name: str) -> None:
    """The first event on or before the end of follow-up is the day in the table of people."""
    records = read_records(PROJECT / f"data/synthetic/{name}.csv", PROJECT)
    events = read_records(PROJECT / f"data/synthetic/{name}_events.csv", PROJECT)
    for column in records.columns:
        if column.role != "time":
            continue
        assert column.events
        first, cause = records.values_of(column.name), records.values_of(str(column.cause))
        found = event_days(records, events, column)
        assert [own[0] for own, seen in zip(found, cause, strict=True) if seen == 1] == list(
            first[cause == 1]
        )
