"""What a description declares of a place and of its outcomes, and where a fault in it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.data.panel import VIOLENCE
from evaluation.data.read import check_dataset, read_panel, read_records
from evaluation.errors import DataError

HEAD = """\
name = "Test"
{top}
key = [{key}]
source = "a test"
licence = "none"
sensitivity = "public"
"""
PANEL = """\
[columns.city]
role = "unit"
type = "text"
[columns.month]
role = "period"
type = "period"
[columns.shot]
role = "outcome"
type = "count"
measure = "victims"
{shot}
[columns.people]
role = "exposure"
type = "count"
measure = "residents"
{people}
"""
LINES = ("city,month,shot,people", "Oakland,2012-01,1,9", "Reno,2012-01,2,9")
PEOPLE = """\
[columns.person]
role = "person"
type = "text"
{person}
[columns.entry]
role = "entry"
type = "date"
[columns.called]
role = "treatment"
type = "flag"
[columns.arrests]
role = "outcome"
type = "count"
measure = "arrests"
{arrests}
"""
ROWS = ("person,entry,called,arrests", "a,2012-01-01,1,0", "b,2012-01-01,0,2")


def panel(folder: Path, *, top: str = "", end: str = "", shot: str = "", people: str = ""):
    (folder / "a.csv").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    head = HEAD.format(top=f'frequency = "month"\n{top}', key='"city", "month"')
    text = head + PANEL.format(shot=shot, people=people) + end
    (folder / "a.dataset.toml").write_text(text, encoding="utf-8")
    return read_panel(folder / "a.csv", folder)


def records(folder: Path, *, top: str = "", person: str = "", arrests: str = ""):
    (folder / "a.csv").write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    head = HEAD.format(top=f'kind = "people"\n{top}', key='"person"')
    text = head + PEOPLE.format(person=person, arrests=arrests)
    (folder / "a.dataset.toml").write_text(text, encoding="utf-8")
    return read_records(folder / "a.csv", folder)


def test_a_place_is_that_of_every_unit_but_those_that_have_their_own(tmp_path: Path) -> None:
    origin = panel(
        tmp_path, top='place = "us-ca-oakland"', end='[places]\nReno = "us-nv-reno"\n'
    ).provenance
    assert [origin.place_of(unit) for unit in ("Oakland", "Reno", "2 of 2 units")] == [
        "us-ca-oakland",
        "us-nv-reno",
        "us-ca-oakland",
    ]
    assert panel(tmp_path).provenance.place_of("Oakland") == ""
    assert records(tmp_path, top='place = "us-ca-oakland"').provenance.place_of("x") == (
        "us-ca-oakland"
    )


@pytest.mark.parametrize(
    ("written", "about"),
    [
        ('about = "enforcement"', ("enforcement",)),
        ('about = ["trust", "group"]', ("trust", "group")),
        ("", ()),
    ],
)
def test_an_outcome_is_about_what_is_declared(tmp_path: Path, written: str, about: tuple) -> None:
    assert panel(tmp_path, shot=written).column("shot").about == about
    assert records(tmp_path, arrests=written).column("arrests").about == about


def test_an_outcome_belongs_with_the_results_that_are_declared(tmp_path: Path) -> None:
    assert panel(tmp_path, shot='family = "homicide"').column("shot").family == "homicide"
    assert records(tmp_path, arrests='family = "crime"').column("arrests").family == "crime"
    assert panel(tmp_path).column("shot").family == ""


def test_an_outcome_counts_the_offense_that_is_declared(tmp_path: Path) -> None:
    assert panel(tmp_path, shot='offense = "shooting"').column("shot").offense == "shooting"
    assert panel(tmp_path).column("shot").offense == ""
    assert "murder" in VIOLENCE and "vehicle theft" not in VIOLENCE


def test_the_united_states_are_known_by_the_id_of_a_place(tmp_path: Path) -> None:
    found = panel(tmp_path, end='[places]\nOakland = "us-ca-oakland"\nReno = "gb-sct-glasgow"')
    assert found.provenance.in_us("Oakland") and not found.provenance.in_us("Reno")
    assert not panel(tmp_path).provenance.in_us("Oakland")


def test_the_command_shows_what_is_declared_and_what_to_write(tmp_path: Path) -> None:
    panel(
        tmp_path,
        top='place = "us-ca-oakland"',
        shot='about = "group"\nfamily = "homicide"\noffense = "murder"',
        end='[places]\nReno = "us-nv-reno"',
    )
    said = " ".join(check_dataset(tmp_path / "a.csv").split())
    assert "place us-ca-oakland; Reno: us-nv-reno" in said
    assert "about shot: group" in said and "family shot: homicide" in said
    assert "offense shot: murder" in said
    records(tmp_path)
    assert "place not declared; such as place =" in " ".join(
        check_dataset(tmp_path / "a.csv").split()
    )


FAULTS = [
    ({"top": 'place = "Oakland"'}, "a.dataset.toml:3:1: place: 'Oakland' is no id of a place"),
    ({"top": "place = 3"}, "a.dataset.toml:3:1: place: must be text in quotes"),
    ({"end": '[places]\nOaklnd = "us-ca-oakland"'}, "Did you mean 'Oakland'?"),
    ({"end": '[places]\nReno = "Reno"'}, "is no id of a place"),
    ({"shot": 'about = "arrests"'}, "'arrests' is not known"),
    ({"shot": 'about = ["trust", "trust"]'}, "names 'trust' twice"),
    ({"shot": "about = []"}, "is an empty list"),
    ({"shot": 'family = "murder"'}, "'murder' is not known"),
    ({"people": 'about = "group"'}, "this column has the role exposure"),
    ({"people": 'family = "crime"'}, "this column has the role exposure"),
    ({"shot": 'offense = "homicide"'}, "'homicide' is not known"),
    ({"people": 'offense = "murder"'}, "this column has the role exposure"),
]


@pytest.mark.parametrize(("change", "says"), FAULTS)
def test_a_fault_in_what_is_declared_is_refused(tmp_path: Path, change: dict, says: str) -> None:
    with pytest.raises(DataError) as caught:
        panel(tmp_path, **change)
    assert says in str(caught.value) and str(caught.value).startswith("a.dataset.toml:")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"top": 'place = "Oakland"'}, "is no id of a place"),
        ({"top": 'places = {a = "us-nv-reno"}'}, "places: is not known here"),
        ({"person": 'about = "group"'}, "this column has the role person"),
        ({"arrests": 'about = "police"'}, "'police' is not known"),
    ],
)
def test_a_fault_in_what_records_declare_is_refused(
    tmp_path: Path, change: dict, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        records(tmp_path, **change)
    assert says in str(caught.value)


def test_the_place_of_another_unit_than_the_only_one_is_refused(tmp_path: Path) -> None:
    text = HEAD.format(top='frequency = "month"\nunit = "Oakland"', key='"month"')
    text += PANEL.format(shot="", people="").split("\n", 3)[3] + '[places]\nReno = "us-nv-reno"\n'
    (tmp_path / "a.csv").write_text("month,shot,people\n2012-01,1,9\n", encoding="utf-8")
    (tmp_path / "a.dataset.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"places\.Reno: the only unit is 'Oakland'"):
        read_panel(tmp_path / "a.csv", tmp_path)


def test_the_place_of_a_site_that_is_not_in_the_table_is_refused(tmp_path: Path) -> None:
    import shutil

    from evaluation.data.published import read_published

    source = Path(__file__).parents[2] / "data/public"
    for name in ("focused_deterrence.csv", "focused_deterrence.dataset.toml"):
        shutil.copy(source / name, tmp_path)
    beside = tmp_path / "focused_deterrence.dataset.toml"
    text = beside.read_text("utf-8").replace("Oakland = ", '"Oakland Park" = ')
    beside.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="no such site") as caught:
        read_published(tmp_path / "focused_deterrence.csv", tmp_path)
    assert "Did you mean 'Oakland'?" in str(caught.value)
