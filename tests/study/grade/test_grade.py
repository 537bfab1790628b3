"""One test a rule: each fault alone costs its step and says so."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evaluation.data.panel import RecordingChange
from evaluation.effect import Check, Effect, Interval, Point
from evaluation.report.doubts import doubts
from evaluation.study.evidence import Alternative, Grade, PlanRecord
from evaluation.study.grade.grade import START, grade, graded_start, not_estimated, start_of
from evaluation.study.grade.rules import Facts, because, not_frozen

NOT_FROZEN, CHANGED, KNOWN, TYPED = map(
    because, ("not-frozen", "changed", "planned-after", "typed")
)


def effect(percent: float, low: float, high: float, before: int = 60) -> Effect:
    logs = [math.log1p(value / 100) for value in (percent, low, high)]
    path = tuple(
        Point(f"p{t}", 1.0, 1.0, 1.0, 0.5, 1.5, "before" if t < before else "after")
        for t in range(before + 40)
    )
    return Effect(
        method="averaged-reml",
        scale="log ratio",
        estimand="",
        estimate=logs[0],
        std_error=0.1,
        df=90.0,
        low=logs[1],
        high=logs[2],
        p_value=0.01,
        percent=Interval(percent, low, high),
        averted=Interval(10.0, 1.0, 20.0),
        averted_estimand="",
        terms=(),
        path=path,
        n=len(path),
    )


def alternative(percent: float, low: float, high: float, planned: bool = True) -> Alternative:
    return Alternative("No trend", "averaged-reml", planned, "", "", effect(percent, low, high))


FROZEN = PlanRecord({}, (), "a", "2012-09-01", "a", ())
CLEAN = Facts(
    plan=FROZEN,
    last_period="2019-12",
    worthwhile=10.0,
    effect=effect(-30, -45, -12),
    alternatives=(alternative(-28, -40, -10),),
    checks=(Check("placebo-dates", True, "", asked="?"),),
    nearby_changes=(),
)


def said(found: Grade) -> list[str]:
    return [str(reason) for reason in found.reasons]


def failed(*names: str) -> Facts:
    return replace(CLEAN, checks=tuple(Check(name, False, "", asked="?") for name in names))


def compared(passed: bool | None, *names: str) -> Facts:
    """Facts with a control-trend check, and others that failed."""
    checks = (Check("control-trend", passed, "", asked="?"), *failed(*names).checks)
    return replace(CLEAN, checks=checks)


def test_a_clean_single_series_starts_at_low_and_its_author_s_date_earns_nothing():
    found = grade("its", CLEAN)
    assert (found.level, found.start) == ("very low", "low")
    assert "no comparison" in said(found)[0]
    assert said(found)[1:] == [f"one down: {TYPED}"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (failed("placebo-dates"), "dates when nothing started"),
        (failed("residual-autocorrelation"), "autocorrelation"),
        (failed("trend-dependence"), "depends on choices: how the earlier trend"),
        (failed("base-period"), "depends on choices: where the series begins"),
        (failed("start-date"), "depends on choices: when the effect is taken to begin"),
        (failed("base-period", "start-date", "trend-dependence"), "begins; when the effect"),
        (failed("regression-to-the-mean"), "move back by themselves"),
        (failed("unaffected-outcomes"), "should not move changed too"),
        (
            replace(CLEAN, related_breaks=(RecordingChange("2012-11", "a break in thefts"),)),
            "a related outcome breaks near the start (2012-11: a break in thefts)",
        ),
        (replace(CLEAN, nearby_changes=(RecordingChange("2012-11", "new form"),)), "new form"),
        (replace(CLEAN, effect=effect(-10, -30, 15)), "no change and a change that would matter"),
        (replace(CLEAN, alternatives=(alternative(9, 2, 20),)), "No trend"),
        (replace(CLEAN, effect=effect(-30, -45, -12, before=20)), "only 20 periods"),
    ],
)
def test_each_fault_costs_one_step_with_its_reason(facts, words):
    found = grade("multiple baseline", facts)
    assert found.level == "very low"
    assert len(found.reasons) == 3
    assert words in " ".join(said(found)[1:])


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (FROZEN, TYPED),
        (replace(FROZEN, frozen_on="1995-01-01"), TYPED),
        (replace(FROZEN, frozen_on=None), NOT_FROZEN),
        (replace(FROZEN, frozen_sha256=None), NOT_FROZEN),
        (replace(FROZEN, changes=("x",)), CHANGED),
        (replace(FROZEN, frozen_on="2026-11-24"), KNOWN),
    ],
)
def test_nothing_that_an_author_writes_about_freezing_spares_the_step(plan, reason):
    found = grade("did", replace(CLEAN, plan=plan))
    assert (found.level, said(found)[1:]) == ("low", [f"one down: {reason}"])


@pytest.mark.parametrize("last", ["2019-12", "2019-Q4", "2019-Q1", "2019", "2019-12-01"])
@pytest.mark.parametrize(
    ("day", "known"), [("2018-12-31", False), ("2019-12-01", True), ("2020-01-01", True)]
)
def test_a_date_and_a_period_of_any_frequency_are_compared_as_dates(last, day, known):
    facts = replace(CLEAN, last_period=last, plan=replace(FROZEN, frozen_on=day))
    assert not_frozen(facts) == (KNOWN if known else TYPED)


def test_a_wave_with_a_name_of_its_own_has_no_date():
    assert not_frozen(replace(CLEAN, last_period="second")) == TYPED


@pytest.mark.parametrize(
    ("controls", "starts", "design"),
    [
        (False, ["2012-10"], "its"),
        (True, ["2012-10"], "controlled its"),
        (False, ["2012-10", "2013-01"], "its"),
        (False, ["2012-10", "2013-01", "2013-01"], "its"),
        (False, ["2012-10", "2013-01", "2013-06"], "multiple baseline"),
    ],
)
def test_design_is_known_by_its_controls_and_starts(controls, starts, design):
    assert graded_start(controls, starts) == design


def test_a_comparison_that_went_along_starts_at_moderate():
    found = grade("controlled its", compared(True))
    assert (found.level, found.start) == ("low", "moderate")
    assert "not seen to go another way" in said(found)[0]


@pytest.mark.parametrize("passed", [False, None])
def test_a_comparison_not_shown_to_go_along_starts_at_low(passed):
    found = grade("controlled its", compared(passed))
    assert (found.level, found.start) == ("very low", "low")
    assert "no better than none" in said(found)[0]


def test_a_comparison_whose_placebo_dates_fail_loses_its_start_and_a_step():
    found = grade("controlled its", compared(False, "placebo-dates"))
    assert (found.level, found.start) == ("very low", "low")


def test_a_comparison_tells_how_often_its_method_cried_wolf_in_real_cities():
    found = grade("did", replace(CLEAN, effect=replace(CLEAN.effect, method="forecast")))
    assert found.start == "moderate"
    assert "saw a change after 2.5 of 100 pretended starts" in str(found.reasons[0])
    assert doubts(found.reasons)[0] == "not drawn by lot"
    # Of a method that was not measured there, nothing is told; nor where lots decided.
    other = grade("did", replace(CLEAN, effect=replace(CLEAN.effect, method="twfe")))
    assert str(other.reasons[0]) == "treated units beside untreated ones start at moderate"


def test_three_places_at_three_times_start_at_moderate():
    found = grade("multiple baseline", CLEAN)
    assert (found.level, found.start) == ("low", "moderate")


def test_known_and_seen_changes_of_recording_cost_one_step_together():
    change = (RecordingChange("2012-11", "new form"),)
    found = grade("its", replace(CLEAN, nearby_changes=change, related_breaks=change))
    assert len(found.reasons) == 3


def test_an_outcome_without_an_answer_is_very_low_with_the_reason():
    found = not_estimated("its", "no event after the start", FROZEN)
    assert (found.level, found.start) == ("very low", "low")
    assert said(found) == ["it could not be estimated: no event after the start"]


def test_a_check_that_only_informs_costs_nothing():
    facts = replace(CLEAN, checks=(Check("placebo-dates", None, "", asked="?"),))
    assert grade("multiple baseline", facts).level == "low"


def test_an_unplanned_alternative_cannot_contradict():
    facts = replace(CLEAN, alternatives=(alternative(9, 2, 20, planned=False),))
    assert grade("multiple baseline", facts).level == "low"


def test_a_large_effect_in_every_planned_alternative_lifts_one_step():
    halved = replace(
        CLEAN, effect=effect(-60, -75, -40), alternatives=(alternative(-58, -70, -30),)
    )
    assert grade("multiple baseline", halved).level == "moderate"


@pytest.mark.parametrize(
    "alternatives", [(), (alternative(-58, -70, 3),), (alternative(58, 20, 90),)]
)
def test_a_large_effect_that_alternatives_do_not_share_lifts_nothing(alternatives):
    facts = replace(CLEAN, effect=effect(-60, -75, -40), alternatives=alternatives)
    assert grade("multiple baseline", facts).level in ("low", "very low")


def test_the_grade_never_falls_below_very_low():
    facts = replace(
        failed("placebo-dates"),
        plan=replace(FROZEN, frozen_on=None),
        alternatives=(alternative(9, 2, 20),),
    )
    found = grade("its", facts)
    assert found.level == "very low"
    assert len(found.reasons) == 4


LOTTERY = replace(
    FROZEN, content={"assignment": "lottery", "assignment_source": "Protocol, section 4"}
)


@pytest.mark.parametrize("design", ["did", "individual", "stepped call-ins"])
def test_a_program_given_by_lottery_starts_at_high(design):
    found = grade(design, replace(CLEAN, plan=LOTTERY))
    assert (found.level, found.start) == ("moderate", "high")
    assert "lottery" in said(found)[0]
    assert not_estimated(design, "no events", LOTTERY).start == "high"


@pytest.mark.parametrize("design", ["its", "controlled its", "multiple baseline", "survey"])
def test_a_design_without_anyone_who_was_not_drawn_starts_where_it_did(design):
    assert start_of(design, LOTTERY) == START[design]
