"""No estimate about people is told where another of the same people is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from people_worlds import N, events_of, ways, world

from evaluation.errors import FitError
from evaluation.individual import estimate, incidence, run_checks, survival
from evaluation.individual.gate import RAW
from evaluation.individual.people import Outcome, People

NAMES = [name for name, _ in ways(world())]
each = pytest.mark.parametrize("name", NAMES)


def fitted(name: str, people: People):
    return dict(ways(people))[name]()


@each
def test_people_who_are_alike_pass(name: str) -> None:
    found = fitted(name, world())
    raw = ("unadjusted", "raw", "given")
    assert (found.objection == RAW) is any(word in name for word in raw)
    if found.objection != RAW:
        assert found.objection is None


@each
def test_a_treatment_decided_after_entry_bars_every_estimate(name: str) -> None:
    given = world()
    late = np.where(given.treated, 200.0, np.nan)
    found = fitted(name, replace(given, decided=late))
    assert found.objection is not None and "after entry" in str(found.objection)


@each
def test_groups_that_nothing_makes_alike_bar_every_estimate(name: str) -> None:
    """A covariate tells treated from untreated people: nobody is like anybody."""
    given = world()
    apart = given.covariates.copy()
    apart[:, 0] += np.where(given.treated, 100.0, 0.0)
    try:
        found = fitted(name, replace(given, covariates=apart))
    except FitError as fault:
        assert "like the treated" in str(fault)
        return
    assert found.objection is not None


@each
def test_few_clusters_on_a_side_bar_every_estimate(name: str) -> None:
    """With a cluster a side the error was 0.0001, and p .005 where there is no effect."""
    given = world()
    for cluster in (given.treated.astype(int), np.where(given.treated, 0, np.arange(N) % 40)):
        try:
            found = fitted(name, replace(given, cluster=cluster))
        except FitError:
            continue
        assert found.objection is not None


def test_weights_that_leave_groups_apart_bar_hazards_as_they_bar_risks() -> None:
    """The people's own weights, which no propensity mends, leave one side older."""
    given = world()
    mass = 1 + np.where(given.treated, 3, 0) * (given.covariates[:, 0] > 30)
    skewed = replace(given, weight=mass / mass.mean())
    for found in (
        incidence.risk(skewed, "arrest", day=365, weights="given"),
        incidence.time_free(skewed, "arrest", day=365, weights="given"),
        survival.cox(skewed, "arrest", weights="given"),
        survival.fine_gray(skewed, "arrest", weights="given"),
        survival.andersen_gill(skewed, events_of(skewed), name="arrest", weights="given"),
    ):
        assert found.objection is not None and "still differ" in str(found.objection)


@pytest.mark.parametrize("name", [one for one in NAMES if "days" not in one and "free" not in one])
def test_few_events_bar_every_estimate(name: str) -> None:
    given = world()
    time = given.outcome("arrest")
    assert time.cause is not None
    treated = np.flatnonzero(given.treated)
    cause = np.where(given.treated, 0, time.cause)
    cause[treated[:3]] = 1
    rare = given.outcome("rearrest").values * ~given.treated
    rare[treated[:3]] = 1
    few = replace(
        given,
        outcomes={
            **given.outcomes,
            "arrest": Outcome("time", time.values, cause),
            "rearrest": Outcome("binary", rare),
        },
    )
    if name.startswith("weighted-regression") and "rearrest" not in name:
        return
    try:
        found = fitted(name, few)
    except FitError:
        return
    assert found.objection is not None


def test_checks_print_no_estimate_of_a_refused_headline() -> None:
    given = replace(world(), decided=np.where(world().treated, 200.0, np.nan))
    checks = {one.name: one for one in run_checks(given, outcome="rearrest", beside=("days",))}
    assert str(checks["trimming"].says).startswith("Not possible") and not checks["trimming"].table
    assert not checks["side-by-side"].table
    assert "not valid here" in str(incidence.left_early(given, "arrest", day=365).says)


@each
def test_p_is_below_five_percent_exactly_when_the_range_leaves_out_no_change(name: str) -> None:
    draw = np.random.default_rng(11)
    seen = set()
    for _ in range(6):
        people = world(int(draw.integers(1000)))
        time = people.outcome("arrest")
        # An effect of about two standard errors, where tests of one thing on two scales part.
        days, rearrest = people.outcome("days").values, people.outcome("rearrest").values
        moved = days + 4.0 * people.treated * (days > 0)
        flip = people.treated & (draw.random(N) < 0.22)
        people = replace(
            people,
            outcomes={
                "rearrest": Outcome("binary", np.where(flip, 1.0, rearrest)),
                "days": Outcome("days", moved),
                "arrest": Outcome(
                    "time",
                    np.where(people.treated, np.ceil(time.values * 0.75), time.values),
                    time.cause,
                ),
            },
        )
        found = fitted(name, people)
        clear = found.p_value < 0.05
        seen.add(clear)
        assert clear == (found.low > 0 or found.high < 0)
        assert clear == found.percent.excludes_zero
        assert clear == found.averted.excludes_zero
        for one in found.quantities:
            none = 1.0 if one.unit == "times" else 0.0
            assert clear == (one.low > none or one.high < none)
    assert seen


@pytest.mark.parametrize("measure", ["difference", "ratio"])
def test_a_borderline_difference_has_one_answer(measure: str) -> None:
    """Risks of 12 in 120 beside 23 in 120: by the difference p is .04, by the log ratio .05."""
    clear = set()
    for events in range(18, 28):
        y = np.zeros(N)
        given = world()
        y[np.flatnonzero(given.treated)[:12]] = 1
        y[np.flatnonzero(~given.treated)[:events]] = 1
        people = People.from_arrays(given.treated, covariates={}, outcomes={"rearrest": y})
        found = estimate(people, outcome="rearrest", method="iptw", measure=measure)
        clear.add(found.p_value < 0.05)
        assert (found.p_value < 0.05) == found.percent.excludes_zero
        assert (found.p_value < 0.05) == found.averted.excludes_zero
    assert clear == {True, False}


@pytest.mark.parametrize("fit", [survival.cox, survival.fine_gray])
def test_a_hazard_ratio_ends_at_the_horizon_and_is_told_as_a_rate(fit) -> None:
    people = world()
    whole, year = fit(people, "arrest"), fit(people, "arrest", horizon=365)
    assert whole.estimate != year.estimate
    assert (whole.percent_of, whole.horizon) == ("rate", None)
    assert (year.percent_of, year.horizon) == ("rate", 365.0)
    assert "all of follow-up" in str(whole.estimand) and "365 days" in str(year.estimand)
    given = people.outcome("arrest")
    assert given.cause is not None
    cut = Outcome(
        "time", np.minimum(given.values, 365), np.where(given.values > 365, 0, given.cause)
    )
    short = replace(people, outcomes={"arrest": cut})
    assert fit(short, "arrest").estimate == year.estimate


def test_what_a_percent_is_a_change_of_is_said() -> None:
    people = world()
    risk = incidence.risk(people, "arrest", day=365)
    free = incidence.time_free(people, "arrest", day=365)
    again = survival.andersen_gill(people, events_of(people), name="arrest", horizon=365)
    assert (risk.percent_of, risk.horizon, risk.better) == ("risk", 365.0, None)
    assert (free.percent_of, free.horizon, free.better) == ("days", 365.0, "higher")
    assert (again.percent_of, again.horizon, again.better) == ("rate", 365.0, None)
    assert estimate(people, outcome="rearrest").percent_of == "risk"
    assert estimate(people, outcome="days").percent_of == ""
