"""What the program is: from the plan, else from what is on record; never from a guess."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "synthesis"))

from described import described
from example_study import oakland_study, study, synthetic_study
from section_words import text, with_plan

from evaluation.report.blocks import BulletList
from evaluation.report.first_layer import first_layer
from evaluation.report.sections.about import about, on_record, what_was_compared
from evaluation.say import say
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]
TOLD = {"what": "Meetings and services", "whom": "People in groups", "sources": ["A", "B"]}


def test_words_of_the_plan_come_before_what_is_on_record():
    said = text(about(with_plan(oakland_study(), about=TOLD)))
    assert "Meetings and services." in said and "People in groups." in said and "A; B." in said
    assert "CrimeSolutions" not in said


def test_a_program_that_nobody_described_is_not_described():
    assert about(study(intervention="the program")) == []
    assert on_record(study(intervention="the program")) is None
    # Ceasefire somewhere else is not Oakland's.
    assert on_record(study()) is None


def at(unit: str, place: str, places: dict[str, str] | None = None, **changes):
    """A study of a unit of a table that declares this place, or places of units."""
    base = study(**changes)
    origin = replace(
        base.data.provenance, name=unit, place=place, places=tuple((places or {}).items())
    )
    return replace(base, data=replace(base.data, unit=unit, units=(unit,), provenance=origin))


@pytest.mark.parametrize(
    "unit",
    ["Oakland", "Oakland Park", "West Oakland", "Oaklandon", "Philadelphia", "Boston", "OAKLAND"],
)
@pytest.mark.parametrize("place", ["", "us-fl-oakland-park", "us-tn-oakland", "us-in-oaklandon"])
@pytest.mark.parametrize("program", ["Ceasefire", "Oakland Ceasefire", "Operation Ceasefire"])
def test_a_name_never_gives_a_place_the_history_of_another(unit, place, program):
    assert on_record(at(unit, place, intervention=program)) is None
    assert "CrimeSolutions" not in text(about(at(unit, place, intervention=program)))


@pytest.mark.parametrize("unit", ["Oakland", "Oakland, Calif.", "the city", "400 of 1,200 people"])
@pytest.mark.parametrize("program", ["Ceasefire", "Oakland Ceasefire", "ceasefire"])
def test_the_id_of_a_place_gives_it_its_history_whatever_it_is_called(unit, program):
    for evidence in (
        at(unit, "us-ca-oakland", intervention=program),
        at(unit, "", {unit: "us-ca-oakland"}, intervention=program),
        at(unit, "us-wa-seattle", {unit: "us-ca-oakland"}, intervention=program),
    ):
        assert "about 300 people" in text(about(evidence))


@pytest.mark.parametrize("program", ["street lights", "the Ceasefire Cafe", "Ceasefire II", ""])
def test_another_program_of_the_place_is_not_taken_for_the_one_on_record(program):
    assert on_record(at("Oakland", "us-ca-oakland", intervention=program)) is None


def test_a_unit_with_an_id_of_its_own_is_not_in_the_place_of_its_table():
    elsewhere = at("Reno", "us-ca-oakland", {"Reno": "us-nv-reno"}, intervention="Ceasefire")
    assert on_record(elsewhere) is None


def test_every_fact_on_record_has_its_source():
    for evidence in (oakland_study(), described("boston")):
        known = on_record(evidence)
        for sentence, source in (*known.what, *known.whom, *known.found):
            said, where = (say(f"on-record.{key}") for key in (sentence, source))
            assert said.endswith(".") and where.strip()
            assert f"{said}  ({where})" in text(first_layer(evidence)), said


def test_oakland_and_boston_are_told_apart():
    assert "about 300 people" in text(about(oakland_study()))
    said = text(about(described("boston")))
    assert "24 or younger" in said and "about 300 people" not in said


def test_invented_data_are_said_to_imitate():
    assert "invented data imitate" in text(about(synthetic_study()))
    assert "invented" not in text(about(oakland_study()))


def test_what_was_compared_names_place_time_and_the_outcome_with_its_good_direction():
    evidence = study()
    said = text(what_was_compared(evidence))
    assert "Testville, from January 2014." in said
    assert "January 2009 to December 2016." in said
    assert "and nothing else" in said
    outcome = evidence.outcomes[0]
    assert f"{outcome.label} ({outcome.measure}); {outcome.better} is better." in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"controls": {"units": ["Otherville", "Thirdville"]}}, "Otherville and Thirdville, and"),
        (
            {"sites": [{"unit": "Secondville", "start": "2015-01"}]},
            "The earlier time of each place",
        ),
    ],
)
def test_what_was_compared_follows_the_plan(content, words):
    assert words in text(what_was_compared(with_plan(study(), **content)))


def test_what_a_check_says_of_the_groups_is_told():
    evidence = load_evidence("participants-synthetic", PROJECT)
    (says,) = {
        check.says
        for outcome in evidence.outcomes
        for check in outcome.checks
        if check.name == "who-is-compared"
    }
    assert says in text(what_was_compared(evidence))
    assert len([b for b in what_was_compared(evidence) if isinstance(b, BulletList)]) == 1
