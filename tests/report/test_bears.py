"""Who bears it: what was found, and what would be needed where nothing was measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
from example_checks import failing
from example_study import effect, outcome, study
from section_words import text

from evaluation.report import words
from evaluation.report.bears import (
    displacement,
    enforcement,
    harm,
    of_a_group,
    other_violence,
    subgroups,
    who_bears_it,
)
from evaluation.report.blocks import Callout, Table
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
NEEDED = ("By group: ", "Stops and arrests: ", "Trust: ")


def table(evidence) -> Table | None:
    found = [block for block in who_bears_it(evidence) if isinstance(block, Table)]
    return found[0] if found else None


def test_a_study_of_shootings_alone_says_that_it_cannot_tell_and_what_is_needed():
    blocks = who_bears_it(study())
    assert any(isinstance(block, Callout) and block.tone == "empty" for block in blocks)
    assert table(study()) is None
    assert all(need in text(blocks) for need in NEEDED)


@pytest.mark.parametrize("slug", ["participants-synthetic", "complaints-synthetic"])
def test_every_outcome_of_police_and_courts_is_there_with_its_answer_and_grade(slug):
    evidence = load_evidence(slug, PROJECT)
    rows = {row[0][0]: row for row in table(evidence).rows}
    assert enforcement(evidence)
    for one in enforcement(evidence):
        row = rows[words.capital(one.label)]
        assert row[2] == (words.answer(one, evidence.intervention),)
        assert row[3] == (words.capital(one.grade.level),)
    assert "Stops and arrests: " not in text(who_bears_it(evidence))


def test_being_shot_is_not_taken_for_what_police_do():
    evidence = load_evidence("participants-synthetic", PROJECT)
    assert [outcome.column for outcome in enforcement(evidence)] == [
        "arrest_days",
        "violent_arrest_days",
        "days_incarcerated",
    ]


def test_results_by_group_are_told_as_the_checks_tell_them():
    evidence = load_evidence("survey-synthetic", PROJECT)
    said = text(who_bears_it(evidence))
    assert len(subgroups(evidence)) == 2 * len(evidence.outcomes)
    for _, question, says in subgroups(evidence):
        assert f"{question} {says}" in said
    assert "By group: " not in said and "Trust: not" not in said


def test_a_check_by_group_without_numbers_is_no_result_by_group():
    evidence = load_evidence("survey-synthetic", PROJECT)
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


@pytest.mark.parametrize("label", ["pedestrian stops", "arrests for weapons", "uses of force"])
def test_stops_arrests_and_force_are_harm_when_they_rise(label):
    evidence = study(outcomes=(outcome(), outcome(effect(UP, (0.0, -1.0, 1.0)), label=label)))
    (row,) = table(evidence).rows
    assert row[0] == (words.capital(label),) and row[1] == ("Stops, arrests, force, custody",)
    assert row[4] == ("A rise would be harm: seen, 25% above expected.",)


@pytest.mark.parametrize(
    ("label", "other"),
    [
        ("knife assaults", True),
        ("robberies", True),
        ("aggravated assaults of all kinds", True),
        ("assaults with other weapons", True),
        ("non-gun homicides", True),
        ("gun assaults", False),
        ("nonfatal shootings", False),
        ("gun homicides", False),
    ],
)
def test_violence_of_another_kind_is_told_from_what_is_aimed_at(label, other):
    second = outcome(effect(UP, (0.0, -1.0, 1.0)), label=label, column="second", primary=False)
    evidence = study(outcomes=(outcome(), second))
    assert (other_violence(evidence) == [second]) is other
    said = text(who_bears_it(evidence))
    assert ("Violence of another kind: not among" in said.replace("  ", " ")) is not other
    if other:
        (row,) = table(evidence).rows
        assert row[1] == ("Violence of another kind",)
        assert row[4] == ("A rise would be harm: seen, 25% above expected.",)


def test_what_a_study_aims_at_is_no_substitute_and_other_goals_ask_for_none():
    evidence = study(outcomes=(outcome(label="robberies"),))
    assert other_violence(evidence) == []
    assert "Violence of another kind" not in text(who_bears_it(study(goal=3)))


def test_violence_that_moved_to_neighbors_is_told_as_the_check_tells_it():
    evidence = load_evidence("places-synthetic", PROJECT)
    ((_, question, says),) = displacement(evidence)
    assert f"{question} {says}" in text(who_bears_it(evidence))
    assert "12.5 %" in says


@pytest.mark.parametrize(
    "label", ["homicides of Black residents", "shootings of Latinos", "shootings in two beats"]
)
def test_incidence_by_race_and_place_is_the_average_of_what_was_recorded(label):
    part = outcome(label=label, column="part", primary=False)
    blocks = who_bears_it(study(outcomes=(outcome(), part)))
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
    evidence = study(outcomes=(outcome(), part))
    blocks = who_bears_it(evidence)
    assert len(table(evidence).rows) == 1
    assert [b.key for b in blocks if isinstance(b, Table)] == ["bears-outcomes", "bears-incidence"]
