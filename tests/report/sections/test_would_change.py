"""What would change our mind: an answer to every rule, and the strength of another cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_study import outcome, study
from section_words import text, with_plan

from evaluation.effect import Check, Quantity
from evaluation.fact import Fact
from evaluation.report.blocks import every
from evaluation.report.doubts import DOUBTS
from evaluation.report.first_layer import first_layer
from evaluation.report.sections.sensitivity import lift, strength, would_change
from evaluation.study.evidence import Grade, load_evidence
from evaluation.study.grade.grade import POOR_COMPARISON, START, not_estimated
from evaluation.study.grade.rules import RULES
from tests.study.grade.test_rules import SETS_OFF

PROJECT = Path(__file__).parents[3]
DOWN = [rule for rule in RULES if rule.steps < 0]
STARTS = [str(why) for _, why in (*START.values(), POOR_COMPARISON)]


@pytest.mark.parametrize("rule", DOWN, ids=lambda rule: rule.name)
def test_every_step_down_has_data_that_would_lift_it(rule):
    reason = str(rule.reason(SETS_OFF[rule.name]))
    assert lift(f"one down: {reason}")


@pytest.mark.parametrize("why", STARTS)
def test_every_start_has_data_that_would_lift_it(why):
    assert lift(why)


def test_an_outcome_without_an_estimate_has_something_to_wait_for():
    assert lift(str(not_estimated("its", "no event", study().plan).reasons[0]))


def test_no_lift_hides_another_and_a_step_up_has_none():
    openings = [opening for opening, _ in DOUBTS]
    for place, opening in enumerate(openings):
        assert not any(opening.startswith(earlier) for earlier in openings[:place])
    assert lift("one up: a large change") == ""


@pytest.mark.parametrize("slug", ["boston", "survey-synthetic", "participants-synthetic"])
def test_every_doubt_of_a_study_is_on_a_page_with_its_lift(slug):
    evidence = load_evidence(slug, PROJECT)
    first, said = (
        text(tuple(every(blocks))) for blocks in (first_layer(evidence), would_change(evidence))
    )
    for one in evidence.outcomes:
        for reason in one.grade.reasons:
            assert f"It would take {lift(reason)}." in (first if one.primary else said)
            if not one.primary:
                assert str(reason).removeprefix("one down: ")[1:] in said


def test_the_reason_of_the_evaluator_is_a_doubt_too():
    reason = "one down by the evaluator, to low: another city fell too"
    lowered = outcome(grade="low")
    lowered = replace(lowered, grade=Grade("low", "moderate", (reason,)))
    said = text(first_layer(study(outcomes=(lowered,))))
    assert "another city fell too" in said and "an answer to that reason" in said


def test_strength_of_another_cause_comes_from_the_results():
    evidence = load_evidence("boston", PROJECT)
    (one,) = evidence.outcomes
    (value,) = [q for q in one.effect.quantities if str(q.name).startswith("confounder strength")]
    assert strength(one) == (value.estimate, value.low)
    said = text(would_change(evidence))
    assert f"by a factor of {value.estimate:.2f} each" in said
    assert f"A factor of {value.low:.2f} would" in said


def test_strength_of_people_comes_from_the_check():
    one = load_evidence("participants-synthetic", PROJECT).outcomes[0]
    (check,) = [check for check in one.checks if check.name == "e-value"]
    row = check.table[0]
    assert strength(one) == (row["e-value"], row["e-value of the interval"])


def test_a_range_that_holds_no_change_needs_no_other_cause():
    one = outcome()
    quantity = Quantity(Fact("its.quantities.confounder"), "", 1.8, 1.0, 1.0, "")
    one = replace(
        one,
        headline=replace(one.headline, effect=replace(one.effect, quantities=(quantity,))),
    )
    assert "holds no change already" in text(would_change(study(outcomes=(one,))))


def test_nothing_is_said_of_another_cause_where_it_was_not_worked_out():
    one = outcome(checks=(Check("e-value", None, "Nobody had it.", asked="?"),))
    assert strength(one) is None
    assert "Another cause" not in text(would_change(study(outcomes=(one,))))


def test_the_next_look_is_that_of_the_plan_or_missing():
    assert "June 30, 2027." in text(would_change(with_plan(study(), next_look="2027-06-30")))
    assert "the plan sets no date" in text(would_change(study()))
