from __future__ import annotations

import itertools
import re

import pytest
from example_study import effect, outcome

from evaluation.effect import Interval
from evaluation.report import words

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
def test_every_number_in_the_sentence_is_a_rounding_of_one_in_the_evidence(
    interval, grade, margin, better
):
    found, said = told(interval, grade, margin, better)
    percent = found.effect.percent
    known = [abs(value) for value in (percent.estimate, percent.low, percent.high, margin or 0.0)]
    known.append(abs(words.per_year(found.effect)))
    for written in re.findall(r"\d[\d,]*(?:\.\d+)?", said):
        digits = len(written.partition(".")[2])
        number = float(written.replace(",", ""))
        assert any(abs(number - value) <= 0.500001 * 10**-digits for value in known), (
            said,
            written,
        )


@pytest.mark.parametrize(("interval", "grade", "margin", "better"), GRID)
def test_words_of_direction_match_the_sign_and_claim_no_more_than_the_interval(
    interval, grade, margin, better
):
    _, said = told(interval, grade, margin, better)
    estimate, low, high = interval
    reduced, increased = "reduced" in said, "increased" in said
    assert reduced <= (high < 0 and grade in ("high", "moderate"))
    assert increased <= (low > 0 and grade in ("high", "moderate"))
    assert ("may have fallen" in said) <= (estimate < 0 and grade == "low")
    assert ("may have risen" in said) <= (estimate > 0 and grade == "low")
    if low <= 0 <= high:
        doubts = ("no clear change", "no change is possible too", "We cannot tell", "Any change")
        assert any(doubt in said for doubt in doubts)
    if low > 0:
        assert "fewer" not in said
    if high < 0:
        assert not re.search(r"\bmore\b", said)
    assert ("We cannot tell" in said) == (grade == "very low")
    assert ("probably" in said) <= (grade == "moderate")
    assert not re.search(r"signific|prove|caus(?!e of)", said.lower())


@pytest.mark.parametrize(("interval", "grade", "margin", "better"), GRID)
def test_a_change_is_called_small_only_with_a_planned_margin(interval, grade, margin, better):
    _, said = told(interval, grade, margin, better)
    inside = margin is not None and max(abs(interval[1]), abs(interval[2])) < margin
    assert ("Any change" in said) == (inside and grade != "very low")


@pytest.mark.parametrize("grade", GRADES)
def test_harm_is_said_in_the_same_words_as_benefit(grade):
    _, fall = told((-20.0, -30.0, -10.0), grade)
    _, rise = told((20.0, 10.0, 30.0), grade)
    swapped = rise.replace("increased", "reduced").replace("risen", "fallen")
    assert swapped.replace(" more", " fewer") == fall


def test_the_sentence_says_percent_and_count():
    _, said = told((-26.1438, -38.02, -11.93), "moderate")
    assert said == (
        "Ceasefire probably reduced gun homicides by about 26% (range 12% to 38%): "
        "about 29 fewer a year than expected."
    )


def test_the_count_is_left_out_when_it_points_the_other_way():
    found = outcome(effect((-20.0, -30.0, -10.0), (-4.0, -9.0, 1.0)), grade="moderate")
    assert "a year" not in words.answer(found, "Ceasefire")


def test_a_score_is_lower_or_higher_and_never_fewer():
    found = outcome(
        effect((6.0, 2.0, 10.0), (-3.0, -5.0, -1.0), scale="difference"),
        grade="low",
        better="higher",
        label="trust in the police",
    )
    said = words.answer(found, "Ceasefire")
    assert said.startswith("Trust in the police may have risen because of Ceasefire")
    assert "higher" in said
    assert "more" not in said


def test_which_direction_is_good_is_the_plans_to_say():
    rise = effect((12.0, 3.0, 21.0), (-10.0, -20.0, -1.0))
    assert not words.good(rise, "lower")
    assert words.good(rise, "higher")
    unclear = effect((12.0, -3.0, 21.0), (-10.0, -20.0, 1.0))
    assert not words.good(unclear, "higher")


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
