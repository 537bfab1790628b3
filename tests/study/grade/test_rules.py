"""Every rule of the table by itself: what sets it off, what it costs, and of which designs."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest

from evaluation.data.panel import RecordingChange
from evaluation.effect import Check
from evaluation.study.grade.grade import START, grade
from evaluation.study.grade.rules import (
    ALIKE,
    CHOICES,
    CONFOUNDER,
    EVERY,
    RULES,
    because,
    large,
    not_frozen,
)
from evaluation.study.plan.freeze import differences
from tests.study.grade.test_grade import CLEAN, FROZEN, alternative, effect

LADDER = ("very low", "low", "moderate", "high")


CHANGED, TYPED = because("changed"), because("typed")


def failed(*names: str):
    return replace(CLEAN, checks=tuple(Check(name, False, "", asked="?") for name in names))


# What sets off each rule, alone, in the order of the table.
SETS_OFF = {
    "placebo-dates": failed("placebo-dates"),
    "residual-autocorrelation": failed("residual-autocorrelation"),
    "pre-trends": failed("pre-trends"),
    "pre-period-splits": failed("pre-period-splits"),
    "placebo-units": failed("placebo-units"),
    "unlike": failed("balance"),
    "immortal-time": failed("immortal-time"),
    "scale-reliability": failed("scale-reliability"),
    "sampling-units": failed("sampling-units"),
    "item-non-response": failed("item-non-response"),
    "who-answered": failed("who-answered"),
    "attrition": failed("attrition"),
    "choices": failed("later-events"),
    "regression-to-the-mean": failed("regression-to-the-mean"),
    "spike-before-entry": failed("regression-to-the-mean"),
    "service-uptake": failed("service-uptake"),
    "left-early": failed("left-early"),
    "unaffected-outcomes": failed("unaffected-outcomes"),
    "placebo-outcomes": failed("placebo-outcomes"),
    "negative-controls": failed("negative-controls"),
    "placebo-scales": failed("placebo-scales"),
    "spillover": failed("spillover"),
    "not-frozen": replace(CLEAN, plan=replace(FROZEN, frozen_sha256=None)),
    "recording": replace(CLEAN, nearby_changes=(RecordingChange("2012-11", "new form"),)),
    "recording-in-window": failed("recording-in-window"),
    "imprecise": replace(CLEAN, effect=effect(-10, -30, 15)),
    "contradiction": replace(CLEAN, alternatives=(alternative(9, 2, 20),)),
    "short": replace(CLEAN, effect=effect(-30, -45, -12, before=23)),
    "large": replace(
        CLEAN, effect=effect(-60, -75, -40), alternatives=(alternative(-58, -70, -30),)
    ),
}


def test_every_rule_of_the_table_is_tested_here_and_named_once():
    assert [rule.name for rule in RULES] == list(SETS_OFF)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_moves_the_grade_by_its_steps_in_its_designs_and_in_no_other(rule):
    facts = SETS_OFF[rule.name]
    for design in EVERY:
        found = grade(design, facts)
        start = LADDER.index(found.start)
        mine = [
            reason
            for reason in found.reasons
            if rule.reason(facts) and rule.reason(facts) in (reason, reason.numbers.get("reason"))
        ]
        # A date that its author typed shows nothing, so one step is always down.
        typed = -1 if rule.name != "not-frozen" else 0
        if design in rule.starts:
            assert LADDER.index(found.level) == max(start + typed + rule.steps, 0), design
            assert len(found.reasons) == 2 - typed and len(mine) == 1, design
            assert str(mine[0]).startswith("one up: " if rule.steps > 0 else "one down: ")
        else:
            assert mine == [], design


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_is_silent_about_a_clean_study_but_for_its_author_s_date(rule):
    assert rule.reason(CLEAN) == (TYPED if rule.name == "not-frozen" else None)


STAMPED = replace(FROZEN, stamped_at="2012-09-03T08:00:00Z", stamped_by="An authority")


def stamped(facts):
    return replace(facts, plan=STAMPED)


def test_only_a_time_that_a_third_party_signed_earns_the_step_of_a_frozen_plan():
    assert not_frozen(stamped(CLEAN)) is None
    # An address or a tag in the plan is its author's word.
    told = replace(FROZEN, content={"registered": "https://osf.io/abcde"})
    assert not_frozen(replace(CLEAN, plan=told)) == TYPED
    steps = [LADDER.index(grade("its", facts).level) for facts in (CLEAN, stamped(CLEAN))]
    assert steps[1] == steps[0] + 1


@pytest.mark.parametrize(("at", "earns"), [("2012-10-31", True), ("2012-11-01", False)])
def test_a_time_after_the_effect_began_earns_nothing(at, earns):
    path = tuple(
        replace(point, period=f"{2007 + t // 12}-{t % 12 + 1:02d}")
        for t, point in enumerate(CLEAN.effect.path, start=10)
    )
    assert next(point.period for point in path if point.phase == "after") == "2012-11"
    plan = replace(FROZEN, stamped_at=f"{at}T23:59:59Z", stamped_by="An authority")
    facts = replace(CLEAN, plan=plan, effect=replace(CLEAN.effect, path=path))
    assert not_frozen(facts) == (None if earns else TYPED)


def test_a_signed_plan_that_was_changed_or_has_no_copy_earns_nothing():
    changed = replace(STAMPED, changes=("trend",))
    assert not_frozen(replace(CLEAN, plan=changed)) == CHANGED
    gone = replace(STAMPED, frozen_sha256=None)
    assert not_frozen(replace(CLEAN, plan=gone)) == because("not-frozen")
    # Waves with names have no dates to compare with.
    assert not_frozen(replace(stamped(CLEAN), last_period="wave 2")) == TYPED


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_asks_says_its_source_and_costs_one_step_or_earns_one(rule):
    asks = str(rule.question)
    assert asks.endswith("?") and asks[0].islower()
    assert rule.source.strip() and set(rule.starts) <= set(START)
    assert rule.steps == (1 if rule.name == "large" else -1)


@pytest.mark.parametrize("name", CHOICES)
def test_each_choice_alone_costs_the_step_and_all_together_no_more(name):
    assert len(grade("did", failed(name)).reasons) == 3
    assert len(grade("did", failed(*CHOICES)).reasons) == 3


@pytest.mark.parametrize("name", ALIKE)
def test_signs_that_people_are_unlike_cost_one_step_together(name):
    assert len(grade("individual", failed(name)).reasons) == 3
    assert len(grade("individual", failed(*ALIKE)).reasons) == 3


def frozen_as(before, **keys):
    """A clean study whose frozen plan had `before`, and these keys since."""
    changes = differences(before, {**before, **keys})
    told_only = not any(change.moves for change in changes)
    plan = replace(FROZEN, changes=tuple(map(str, changes)), told_only=told_only)
    return replace(CLEAN, plan=plan)


GUN = {"column": "gun_homicides", "to": "moderate"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({}, {}, "wording of comments or layout only"),
        ({}, {"cost": {"amount": 2000000}}, "cost.amount: not set -> 2000000"),
        ({}, {"delivery": "data/d.csv"}, "delivery: not set -> 'data/d.csv'"),
        ({"about": {"what": "a"}}, {"about": {"what": "b"}}, "about.what: 'a' -> 'b'"),
        (
            {},
            {"checklist": {"epoc": {"independent": "low: none"}}},
            "checklist.epoc.independent: not set -> 'low: none'",
        ),
        ({}, {"es": {"title": "Hola"}}, "es.title: not set -> 'Hola'"),
        ({}, {"next_look": date(2027, 6, 30)}, "next_look: not set -> 2027-06-30"),
        ({}, {"lower": [GUN]}, "lowered grade added: 'gun_homicides'"),
        (
            {"lower": [GUN]},
            {"lower": [{**GUN, "to": "low"}]},
            "lowered grade 'gun_homicides'.to: 'moderate' -> 'low'",
        ),
    ],
)
def test_a_change_of_what_moves_no_number_is_listed_and_costs_nothing(before, after, told):
    facts = frozen_as(before, **after)
    assert facts.plan.changes == (told,)
    assert not_frozen(facts) == TYPED


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("model", "newey-west", "model: not set -> 'newey-west'"),
        ("deliverypath", "x", "deliverypath: not set -> 'x'"),
        ("title", "lower", "title: 'cost.' -> 'lower'"),
        ("alternatives", [{"label": "cost."}], "planned alternative added: 'cost.'"),
    ],
)
def test_any_other_change_costs_the_step_though_a_told_one_stands_beside_it(key, value, told):
    facts = frozen_as({"title": "cost."}, funder="x", **{key: value})
    assert set(facts.plan.changes) == {"funder: not set -> 'x'", told}
    assert not_frozen(facts) == CHANGED


@pytest.mark.parametrize(("high", "lifted"), [(-25.1, True), (-24.9, False)])
def test_a_large_effect_that_a_doubling_cause_would_explain_lifts_nothing(high, lifted):
    # VanderWeele and Ding (2017): a risk ratio of 4/3 has the E-value 4/3 + sqrt(4/3 * 1/3) = 2,
    # and 1 / (4/3) is a fall of 25 %.
    assert math.isclose(4 / 3 + math.sqrt(4 / 9), CONFOUNDER)
    facts = replace(
        CLEAN, effect=effect(-60, -80, high), alternatives=(alternative(-58, -70, -30),)
    )
    assert (large(facts) is not None) is lifted


def test_the_reason_for_the_step_up_says_how_strong_a_cause_would_have_to_be():
    # A published pair: a risk ratio of 3.9 has the E-value 7.26, as VanderWeele and Ding print.
    near = 100 * (1 / 3.9 - 1)
    facts = replace(
        CLEAN, effect=effect(-90, -95, near), alternatives=(alternative(-58, -70, -30),)
    )
    assert str(large(facts)).endswith("by a factor of 7.3 each")
