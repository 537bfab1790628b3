"""Which estimates agree with a headline is asked of those that can, each once, by what is good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.effect import Effect
from evaluation.study.evidence import Alternative
from evaluation.study.grade.rules import contradiction, large
from evaluation.study.outcome_kinds import beside, direction
from tests.study.grade.test_grade import CLEAN, effect

FEWER = effect(-40, -55, -20)


def entry(one: Effect, label: str = "Other", *, planned: bool = True, method: str = "aipw"):
    return Alternative(label, method, planned, "", "", one)


def places(*entries: Alternative, headline: Effect = FEWER, better: str = "lower") -> list[str]:
    """Where each of the entries ends."""
    found = beside(headline, better, entries)
    return [
        name
        for one in entries
        for name in ("agree", "against", "unclear", "uncounted")
        if any(one is other for other in getattr(found, name))
    ]


@pytest.mark.parametrize(
    ("other", "place"),
    [
        (effect(-20, -35, -5), "agree"),
        (effect(20, 5, 35), "against"),
        (effect(-0.5, -38, 59), "unclear"),
        (effect(0.5, -38, 59), "unclear"),
    ],
)
def test_a_range_that_holds_no_change_neither_agrees_nor_contradicts(other, place):
    assert places(entry(other)) == [place]


def test_more_days_free_of_arrest_agree_with_fewer_arrests_where_they_are_the_headline():
    days = replace(effect(17, 5, 30), percent_of="days", better="higher")
    arrests = replace(effect(30, 5, 60), percent_of="days")
    assert direction(days, "lower") == 1
    assert places(entry(days), headline=replace(FEWER, percent_of="days")) == ["agree"]
    assert places(entry(arrests), headline=replace(FEWER, percent_of="days")) == ["against"]


def test_a_rate_over_all_of_follow_up_says_nothing_about_a_risk_by_a_day():
    risk = replace(FEWER, percent_of="risk", horizon=730)
    rate = replace(effect(12, 3, 25), percent_of="rate")
    later = replace(effect(12, 3, 25), percent_of="risk", horizon=1460)
    assert places(entry(rate), entry(later), headline=risk) == ["uncounted", "uncounted"]


def test_groups_as_they_are_and_what_is_not_valid_are_never_counted():
    other = effect(30, 10, 50)
    barred = replace(other, objection="groups are far apart")
    raw = entry(other, method="unadjusted")
    risks = entry(effect(31, 10, 50), "Risks as they are", planned=False, method="risk-by-day")
    assert places(raw, risks, entry(barred)) == ["uncounted"] * 3


def test_no_estimate_is_counted_twice():
    twice = effect(-21, -35, -5)
    assert places(entry(twice), entry(twice, "By another name"), entry(FEWER)) == [
        "agree",
        "uncounted",
        "uncounted",
    ]


def test_only_what_can_contradict_lowers_the_grade():
    risk = replace(FEWER, percent_of="risk", horizon=730)
    facts = replace(CLEAN, effect=risk)
    rate = entry(replace(effect(12, 3, 25), percent_of="rate"), "Cox")
    blurred = entry(replace(effect(12, -3, 25), percent_of="risk", horizon=730), "Blurred")
    turned = entry(replace(effect(13, 3, 25), percent_of="risk", horizon=730), "Turned")
    assert contradiction(replace(facts, alternatives=(rate, blurred))) is None
    found = contradiction(replace(facts, alternatives=(rate, blurred, turned)))
    assert str(found) == "a planned alternative points the other way: Turned"


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_a_large_effect_is_found_by_every_planned_alternative_that_can_be_compared(better):
    facts = replace(CLEAN, effect=effect(-75, -82, -65), better=better)
    agrees = entry(effect(-70, -80, -55))
    assert large(replace(facts, alternatives=(agrees,)))
    assert large(replace(facts, alternatives=(agrees, entry(effect(-3, -20, 20))))) is None
    assert large(replace(facts, alternatives=(entry(facts.effect),))) is None
    raw = entry(effect(10, 2, 20), method="unadjusted")
    assert large(replace(facts, alternatives=(agrees, raw)))
