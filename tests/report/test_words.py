from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import section_words  # noqa: F401  (makes the facts of the grade importable)
from example_study import effect, outcome

from evaluation.effect import Interval
from evaluation.report import words
from evaluation.report.doubts import DOUBTS, doubts
from evaluation.report.sections.equity import harm
from evaluation.study.grade.grade import POOR_COMPARISON, START
from evaluation.study.grade.rules import RULES
from tests.study.grade.test_rules import SETS_OFF

GRADES = ("high", "moderate", "low", "very low")
INTERVALS = [
    (-63.8, -75.4, -46.6),
    (-26.1438, -38.02, -11.93),
    (-11.0, -21.5, -0.31),
    (-9.0, -30.0, 17.5),
    (-0.2, -4.1, 3.9),
    (0.0, -12.0, 13.6),
    (0.0001, -3.0, 3.0),
    (6.0, -9.5, 24.0),
    (7.2, 0.04, 14.9),
    (12.0, 3.4, 21.2),
    (480.0, 120.0, 1410.0),
    (-2.0, -4.0, 0.0),
]
MARGINS = (None, 5.0)
GRID = list(itertools.product(INTERVALS, GRADES, MARGINS, ("lower", "higher")))


def told(interval, grade, margin=None, better="lower", **changes):
    averted = tuple(-value * 3.3 for value in (interval[0], interval[2], interval[1]))
    found = outcome(effect(interval, averted, **changes), grade=grade, better=better)
    return found, words.answer(found, "Ceasefire", margin=margin)


@pytest.mark.parametrize(("interval", "grade", "margin", "better"), GRID)
def test_a_change_is_called_small_only_with_a_planned_margin(interval, grade, margin, better):
    _, said = told(interval, grade, margin, better)
    inside = margin is not None and max(abs(interval[1]), abs(interval[2])) < margin
    assert ("came out within" in said) == inside


@pytest.mark.parametrize(
    ("grade", "program"),
    [
        ("high", "It was very likely Ceasefire."),
        ("moderate", "It was probably Ceasefire, though that is not sure: one place,"),
        ("low", "It may have been Ceasefire, but we are not sure: one place,"),
        ("very low", "We are not sure that it was Ceasefire: one place,"),
    ],
)
def test_the_grade_says_how_sure_it_is_that_it_was_the_program_and_names_the_doubts(grade, program):
    found, _ = told((-67.2, -83.6, -34.3), grade)
    reasons = ("a single series with no comparison place starts at low", "one up: a large change")
    doubted = replace(found, grade=replace(found.grade, reasons=reasons))
    said = words.answer(doubted, "Ceasefire", basis="years")
    first = (
        "Gun homicides came out 67% below what the years before led us to expect "
        "(range 34% to 84%), which is better. "
    )
    assert said.startswith(first + program)


def test_the_doubts_of_a_sentence_are_few_and_each_is_said_once():
    reasons = [f"one down: {opening}" for opening, _ in DOUBTS]
    assert len(doubts(reasons)) == 4 and doubts(reasons)[-1] == "and more"
    assert doubts([reasons[0], reasons[0]]) == ["one place, nothing to compare with"]
    assert doubts(["one down by the evaluator, to low: a law"]) == ["doubts of the evaluator"]
    assert doubts(["one up: a large change"]) == []


REASONS = [
    *(str(rule.reason(SETS_OFF[rule.name])) for rule in RULES if rule.steps < 0),
    *(str(why) for _, why in (*START.values(), POOR_COMPARISON)),
]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_grade_has_a_doubt_in_few_words(reason):
    assert doubts([reason])


@pytest.mark.parametrize(
    ("percent_of", "subject"),
    [
        ("", "Arrest within 24 months came out"),
        ("risk", "The risk of arrest within 24 months came out"),
        ("rate", "The rate of arrest came out"),
        ("days", "Days free of arrest within 24 months came out"),
    ],
)
def test_it_is_said_what_the_percent_is_a_change_of(percent_of, subject):
    made = effect((-20.0, -30.0, -10.0), (9.0, 4.0, 14.0), percent_of=percent_of)
    said = words.answer(outcome(made, label="arrest within 24 months"), "the call-in")
    assert said.startswith(subject)
    assert "fewer" not in said and "people" not in said


def test_an_effect_says_which_way_of_it_is_good():
    rise = effect((17.0, 5.0, 31.0), (-10.0, -20.0, -1.0), percent_of="days", better="higher")
    made = outcome(rise, label="arrest", better="lower")
    assert words.good(made, rise)
    assert "17% above" in words.answer(made, "Ceasefire")
    assert "which is better" in words.answer(made, "Ceasefire")
    assert words.direction_words(made)[1] == "The direction hoped for"
    # More days free of arrest are no more arrests.
    assert harm(made, rise_harms=True) == "A fall would be harm: not seen."
    assert "a change for the better of 10% or more worth having; some of" in words.worth(made)


def test_an_estimate_beside_a_refused_headline_may_be_valid():
    made = outcome()
    gone = replace(made.headline, effect=None, reason="not valid here: no comparison")
    some = replace(made, headline=gone)
    assert "the estimate that was planned is not valid" in words.answer(some, "Ceasefire")
    assert words.direction_words(some)[1] == "The planned estimate is not valid here"
    barred = tuple(one for one in some.alternatives if one.effect is None or one.effect.objection)
    none = replace(some, alternatives=barred)
    assert "no estimate is valid" in words.answer(none, "Ceasefire")
    assert words.direction_words(none)[1] == "No estimate is valid here"


def test_which_direction_is_good_is_the_plans_to_say():
    rise = effect((12.0, 3.0, 21.0), (-10.0, -20.0, -1.0))
    assert not words.good(outcome(better="lower"), rise)
    assert words.good(outcome(better="higher"), rise)
    unclear = effect((12.0, -3.0, 21.0), (-10.0, -20.0, 1.0))
    assert not words.good(outcome(better="higher"), unclear)


@pytest.mark.parametrize(
    ("worthwhile", "better", "said"),
    [
        (10.0, "lower", "all of the range is that large"),
        (30.0, "lower", "some of the range is that large and some is not"),
        (40.0, "lower", "none of the range is that large"),
        (10.0, "higher", "none of the range is that large"),
    ],
)
def test_the_range_is_held_against_what_the_plan_calls_worth_having(worthwhile, better, said):
    assert said in words.worth(outcome(worthwhile=worthwhile, better=better))


def test_nothing_is_said_about_worth_when_the_plan_is_silent():
    assert words.worth(outcome(worthwhile=None)) == ""


@pytest.mark.parametrize(
    ("averted", "said"),
    [
        (Interval(82.3, 33.2, 131.4), "33 to 131 fewer"),
        (Interval(110.0, -115.0, 330.0), "115 more to 330 fewer"),
        (Interval(-20.0, -31.0, -9.0), "9 to 31 more"),
    ],
)
def test_a_range_of_counts_names_the_side_of_each_end(averted, said):
    assert words.count_range(averted) == said


def test_a_period_that_is_not_one_is_left_as_written():
    assert words.period_words("spring 2012") == "spring 2012"
    assert words.period_words("2012-13") == "2012-13"
    assert words.period_words("2026-01-10") == "January 10, 2026"
