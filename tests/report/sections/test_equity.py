"""Who bears it: what was found, and what would be needed where nothing was measured."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "synthesis"))

from described import described
from example_checks import failing
from example_study import about, effect, outcome, study
from section_words import text

from evaluation.report import words
from evaluation.report.blocks import Table
from evaluation.report.document import answer, key_finding
from evaluation.report.sections.comparison import limits
from evaluation.report.sections.equity import (
    declared,
    displacement,
    enforcement,
    harm,
    of_a_group,
    other_violence,
    subgroups,
    who_bears_it,
)

NEEDED = ("By group: ", "Stops and arrests: ", "Trust: ")


def bears_it(evidence):
    return who_bears_it(evidence, partial(answer, evidence))


def table(evidence) -> Table | None:
    found = [block for block in bears_it(evidence) if isinstance(block, Table)]
    return found[0] if found else None


def test_a_study_of_shootings_alone_says_that_it_cannot_tell_and_what_is_needed():
    blocks = bears_it(study())
    assert table(study()) is None
    assert all(need in text(blocks) for need in NEEDED)


@pytest.mark.parametrize("slug", ["participants-synthetic", "complaints-synthetic"])
def test_every_outcome_of_police_and_courts_is_there_with_its_answer_and_grade(slug):
    evidence = described(slug)
    rows = {row[0][0]: row for row in table(evidence).rows}
    assert enforcement(evidence)
    for one in enforcement(evidence):
        row = rows[words.capital(one.label)]
        # The same sentence as at the head of the page: one answer, one wording.
        assert row[2] == (key_finding(evidence, one).sentence,)
        assert row[3] == (words.capital(one.grade.level),)
    assert "Stops and arrests: " not in text(bears_it(evidence))


def test_being_shot_is_not_taken_for_what_police_do():
    evidence = described("participants-synthetic")
    assert [outcome.column for outcome in enforcement(evidence)] == [
        "arrest_days",
        "violent_arrest_days",
        "days_incarcerated",
    ]


def test_results_by_group_are_told_as_the_checks_tell_them():
    evidence = described("survey-synthetic")
    said = text(bears_it(evidence))
    assert len(subgroups(evidence)) == 2 * len(evidence.outcomes)
    for _, question, says in subgroups(evidence):
        assert f"{question} {says}" in said
    assert "By group: " not in said and "Trust: not" not in said


def test_a_check_by_group_without_numbers_is_no_result_by_group():
    evidence = described("survey-synthetic")
    bare = tuple(
        replace(one, checks=tuple(replace(check, table=()) for check in one.checks))
        for one in evidence.outcomes
    )
    assert subgroups(replace(evidence, outcomes=bare)) == ()


DOWN, UP, BETWEEN = (-30.0, -45.0, -10.0), (25.0, 5.0, 50.0), (-2.0, -20.0, 12.0)


@pytest.mark.parametrize(
    ("percent", "better", "burden", "said"),
    [
        (UP, "lower", False, "A rise would be harm: seen, 25% above expected."),
        (DOWN, "lower", False, "A rise would be harm: not seen."),
        (BETWEEN, "lower", False, "A rise would be harm: not ruled out, up to 12% above expected."),
        (DOWN, "higher", False, "A fall would be harm: seen, 30% below expected."),
        (UP, "higher", False, "A fall would be harm: not seen."),
        (
            BETWEEN,
            "higher",
            False,
            "A fall would be harm: not ruled out, up to 20% below expected.",
        ),
        # A rise in arrests is a burden, whatever a plan counts as good.
        (UP, "lower", True, "A rise would be harm: seen, 25% above expected."),
        (
            UP,
            "higher",
            True,
            "The plan calls more of it good. A rise would be harm: seen, 25% above expected.",
        ),
    ],
)
def test_harm_is_told_by_its_own_direction(percent, better, burden, said):
    one = outcome(effect(percent, (0.0, -1.0, 1.0)), better=better)
    assert harm(one, rise_harms=burden) == said


def test_harm_that_is_hardly_certain_is_said_to_be():
    one = outcome(effect(UP, (0.0, -1.0, 1.0)), grade="very low")
    assert harm(one, rise_harms=True).endswith("seen, 25% above expected, but we cannot tell why.")


def test_harm_of_what_was_not_estimated_is_not_known():
    assert harm(failing(), rise_harms=True) == "A rise would be harm: not known."


# Names that look like what they are not, and some that look like nothing.
NAMES = [
    "pedestrian stops",
    "people in the workforce",
    "bus stops served",
    "antitrust suits",
    "tips left at restaurants",
    "research grants",
    "knife assaults",
    "homicides of Black residents",
    "widgets",
]


@pytest.mark.parametrize("label", NAMES)
def test_no_name_files_an_outcome_and_nothing_declared_is_said(label):
    column = label.replace(" ", "_").lower()
    second = outcome(effect(UP, (0.0, -1.0, 1.0)), label=label, column=column, primary=False)
    evidence = study(outcomes=(outcome(), second))
    assert table(evidence) is None
    said = text(bears_it(evidence))
    assert all(need in said for need in NEEDED) and "no outcome is declared" in said


ROWS = {
    "enforcement": "Stops, arrests, force, custody",
    "trust": "Trust in police",
    "substitution": "Violence of another kind",
    "group": "Some people or places only",
}


@pytest.mark.parametrize("label", NAMES)
@pytest.mark.parametrize("role", list(ROWS))
def test_what_is_declared_is_filed_whatever_it_is_called(label, role):
    second = outcome(effect(UP, (0.0, -1.0, 1.0)), label=label, column="second", primary=False)
    evidence = about(study(outcomes=(outcome(), second)), second=(role,))
    (row,) = table(evidence).rows
    assert row[0] == (words.capital(label),) and row[1] == (ROWS[role],)
    assert row[4] == ("A rise would be harm: seen, 25% above expected.",)


def test_an_outcome_may_be_of_two_things():
    second = outcome(effect(UP, (0.0, -1.0, 1.0)), column="second", primary=False)
    evidence = about(study(outcomes=(outcome(), second)), second=("enforcement", "group"))
    (row,) = table(evidence).rows
    assert row[1] == (ROWS["enforcement"],)
    said = text(bears_it(evidence))
    assert "By group: " not in said and "Stops and arrests: " not in said


def test_a_scale_is_about_what_its_questions_are():
    evidence = described("survey-synthetic")
    (trust,) = [one for one in evidence.outcomes if one.column == "trust"]
    assert declared(evidence, trust) == {"trust"}
    bare = tuple(replace(column, about=()) for column in evidence.data.columns)
    assert not declared(replace(evidence, data=replace(evidence.data, columns=bare)), trust)


def test_what_a_study_aims_at_is_no_substitute():
    evidence = about(study(outcomes=(outcome(label="robberies"),)), gun_homicides=("substitution",))
    assert other_violence(evidence) == []
    assert "Violence of another kind" not in text(bears_it(study(goal=3)))


@pytest.mark.parametrize("slug", ["participants-synthetic", "survey-synthetic"])
def test_limits_speak_of_arrests_and_of_trust_only_where_they_are_declared(slug):
    evidence = described(slug)
    bare = tuple(replace(column, about=()) for column in evidence.data.columns)
    plain = replace(evidence, data=replace(evidence.data, columns=bare))
    told = ("An arrest is what the police record", "Complaints may rise when people trust")
    assert any(words_ in str(limits(evidence)) for words_ in told)
    assert not any(words_ in str(limits(plain)) for words_ in told)


def test_violence_that_moved_to_neighbors_is_told_as_the_check_tells_it():
    evidence = described("places-synthetic")
    ((_, question, says),) = displacement(evidence)
    assert f"{question} {says}" in text(bears_it(evidence))
    assert "12.5 %" in says


@pytest.mark.parametrize(
    "label", ["homicides of Black residents", "shootings of Latinos", "shootings in two beats"]
)
def test_incidence_by_race_and_place_is_the_average_of_what_was_recorded(label):
    part = outcome(label=label, column="part", primary=False)
    blocks = bears_it(about(study(outcomes=(outcome(), part)), part=("group",)))
    (incidence,) = [b for b in blocks if isinstance(b, Table) and b.key == "bears-incidence"]
    (row,) = incidence.rows
    before = [p.observed for p in part.effect.path if p.phase == "before"]
    after = [p for p in part.effect.path if p.phase == "after"]
    assert row[0] == (words.capital(label),)
    assert row[2] == (words.number(fmean(before)),)
    assert row[3] == (words.number(fmean(p.observed for p in after)),)
    assert row[4] == (words.number(fmean(p.expected for p in after)),)
    assert "By group: " not in text(blocks)
    assert of_a_group(study()) == []


def test_stops_of_one_group_stand_once_in_the_table_and_in_the_incidence():
    part = outcome(label="stops of Black drivers", column="part", primary=False)
    evidence = about(study(outcomes=(outcome(), part)), part=("enforcement", "group"))
    blocks = bears_it(evidence)
    assert len(table(evidence).rows) == 1
    assert [b.key for b in blocks if isinstance(b, Table)] == ["bears-outcomes", "bears-incidence"]
