"""Risks by a day, hazard ratios, time free, days and repeated arrests of treated people.

Numbers come from R by way of tests/reference/survival.json, from leaving people out one at a time,
or from invented participants whose truth is known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.errors import DataError, FitError
from evaluation.individual import incidence, outcome_models, survival
from evaluation.individual.comparison import Comparison
from evaluation.individual.people import Outcome, People
from evaluation.numeric.people.competing import cumulative_incidence
from evaluation.synthetic.participants import ATTRITION, STANDARD, Simulated, simulated
from evaluation.synthetic.participants_files import first_events
from tests.numeric.survival_cases import covariates, jackknife, said, table

TABLE, R = table(), said()


def known(*, weight: bool = False, cluster: bool = False, competing: bool = True) -> People:
    """The people of the R script."""
    cause = TABLE["cause"] if competing else np.where(TABLE["cause"] == 1, 1, 0)
    return People.from_arrays(
        TABLE["arm"],
        covariates=dict(zip(("age", "priors", "gang"), covariates(TABLE)[:, 1:].T, strict=True)),
        outcomes={
            "arrest": Outcome.of_time(TABLE["time"], cause),
            "days": Outcome("days", TABLE["days"]),
        },
        weight=TABLE["weight"] if weight else None,
        cluster=TABLE["cluster"] if cluster else None,
    )


def made(table: Simulated) -> People:
    """Invented people."""
    seen = table.covariates
    return People.from_arrays(
        table.called,
        covariates={
            "age": seen.age,
            "priors": seen.priors,
            "group": seen.group_member,
            "shot": seen.shot_before,
            "supervised": seen.supervised,
            "recent": np.minimum(seen.arrests[:, -1], 3),
            "earlier": seen.arrests[:, :-1].sum(axis=1),
        },
        outcomes={
            **{name: Outcome.of_time(*pair) for name, pair in first_events(table).items()},
            "days": Outcome("days", table.lives.days_incarcerated(730)),
        },
        follow_up=table.lives.end,
    )


@pytest.fixture(scope="module")
def invented():
    table = simulated()
    return table, made(table)


@pytest.mark.parametrize(("cluster", "key"), [(False, "weighted"), (True, "cluster")])
def test_cox_with_given_weights_is_coxph(cluster, key):
    found = survival.cox(
        known(weight=True, cluster=cluster), "arrest", weights="given", adjust="covariates"
    )
    assert found.estimate == pytest.approx(R["cox"]["efron"][key]["beta"][0], rel=1e-9)
    assert found.std_error == pytest.approx(R["cox"]["efron"][key]["robust"][0], rel=1e-9)
    assert [term.name for term in found.terms][:2] == [
        "log hazard ratio: treated",
        "log hazard ratio: age",
    ]
    assert found.df == (39 if cluster else None)


def test_fine_gray_with_given_weights_is_crr():
    found = survival.fine_gray(known(), "arrest", weights="given", adjust="covariates")
    # crr stops short of the maximum by about 1e-9.
    assert found.estimate == pytest.approx(R["crr"]["beta"][0], rel=1e-7)
    assert found.std_error == pytest.approx(R["crr"]["se"][0], rel=1e-7)


def test_risk_with_given_weights_is_two_curves():
    found = incidence.risk(known(), "arrest", day=365, weights="given")
    sides = []
    for arm in (1, 0):
        rows = TABLE["arm"] == arm
        curve = cumulative_incidence(TABLE["time"][rows], TABLE["cause"][rows])
        sides.append((curve.at(np.array([365.0]))[0], jackknife(curve.influence(365.0))))
    assert found.estimate == pytest.approx(sides[0][0] - sides[1][0], rel=1e-12)
    spread = np.hypot(sides[0][1], sides[1][1]) * np.sqrt(260 / 259)
    assert found.std_error == pytest.approx(spread, rel=1e-9)


@pytest.mark.parametrize(
    ("method", "estimand"),
    [
        (lambda people, e: incidence.risk(people, "arrest", day=365, estimand=e), "ATT"),
        (lambda people, e: incidence.risk(people, "arrest", day=365, estimand=e), "ATE"),
        (lambda people, e: incidence.time_free(people, "arrest", day=365, estimand=e), "ATT"),
        (lambda people, e: survival.cox(people, "arrest", estimand=e), "ATT"),
    ],
    ids=["risk ATT", "risk ATE", "time free", "cox"],
)
def test_errors_count_the_propensity_as_leaving_people_out_does(method, estimand):
    people = known().only(np.arange(0, 260, 2))
    found = method(people, estimand)
    n = people.n
    left_out = [
        method(people.only(np.delete(np.arange(n), i)), estimand).estimate for i in range(n)
    ]
    jackknife = np.sqrt((n - 1) * np.var(left_out))
    # Two estimates of one error: they agree to first order in 1/n.
    assert found.std_error == pytest.approx(jackknife, rel=0.1)


def test_weighting_finds_the_truth_that_the_plain_comparison_hides(invented):
    table, people = invented
    treated = table.called
    with_it = table.risks(730, STANDARD.hazard_ratio)[treated].mean()
    truth = with_it - table.risks(730, 1.0)[treated].mean()
    found = incidence.risk(people, "arrest", day=730)
    plain = incidence.risk(people, "arrest", day=730, weights="given")
    assert found.low < truth < found.high < plain.estimate + 0.06
    assert abs(found.estimate - truth) < 0.5 * abs(plain.estimate - truth)
    assert found.percent.estimate < -5
    ratio = survival.cox(people, "arrest", adjust="covariates", weights="given")
    assert ratio.low < np.log(STANDARD.hazard_ratio) < ratio.high


def test_time_free_and_lost_add_up(invented):
    _, people = invented
    free = incidence.time_free(people, "arrest", day=365, weights="given")
    day, cause = people.outcome("arrest").values, people.outcome("arrest").cause
    sides = [
        365 - cumulative_incidence(day[rows], cause[rows]).time_lost(365)[0]
        for rows in (people.treated, ~people.treated)
    ]
    assert free.estimate == pytest.approx(sides[0] - sides[1], rel=1e-12)


def test_repeated_arrests_are_cut_into_spells(invented):
    table, people = invented
    events = [own[np.isfinite(own)] for own in table.lives.arrests]
    found = survival.andersen_gill(people, events, name="arrests")
    assert found.percent.low < -100 * (1 - STANDARD.hazard_ratio) < found.percent.high
    assert found.averted.estimate > 0
    with pytest.raises(DataError, match="10 lists of events for 1,200 people"):
        survival.andersen_gill(people, events[:10], name="arrests")
    with pytest.raises(DataError, match="of person '1' an event is at entry"):
        survival.andersen_gill(people, [[0.0], *events[1:]], name="arrests")


def test_two_part_and_negative_binomial_cover_the_truth():
    # Ten times the people: some 3 days of error beside 14.2 fewer in participants.truth.json.
    data = Comparison.of(made(simulated(people=12_000)), "days")
    for solve in (outcome_models.fit_two_part, outcome_models.fit_negative_binomial):
        contrast = solve(data).arms.difference()
        assert contrast.std_error < 4
        assert abs(contrast.estimate + 14.2) < 2 * contrast.std_error


def test_two_part_for_fixed_people_is_the_delta_method_of_r():
    found = outcome_models.fit_two_part(Comparison.of(known(), "days"), population="fixed").arms
    # R's iterations stop about 1e-7 from the maximum.
    assert found.means == pytest.approx(R["two_part"]["plain"]["ATT"]["means"], rel=1e-6)
    spread = found.difference().std_error
    assert spread == pytest.approx(R["two_part"]["plain"]["ATT"]["se"], rel=1e-6)


def test_curves_end_where_few_are_at_risk(invented):
    _, people = invented
    treated, others = incidence.curves(people, "arrest", days=np.arange(30, 1200, 30))
    assert treated.treated and not others.treated
    for side in (treated, others):
        assert side.at_risk.min() >= 10
        assert side.day.max() < 1100
        assert ((side.low <= side.risk) & (side.risk <= side.high)).all()
        assert (np.diff(side.risk) >= 0).all()


def test_checks_say_what_they_found(invented):
    _, people = invented
    assert survival.proportionality(people, "arrest").name == "proportional-hazards"
    assert "Gray's test" in str(incidence.same_curves(people, "arrest").says)
    one = known(competing=False)
    assert "log-rank" in str(incidence.same_curves(one, "arrest").says)


def test_people_who_leave_are_told_and_bounded(invented):
    _, people = invented
    alike = incidence.left_early(people, "arrest", day=730)
    assert alike.passed
    lost = incidence.left_early(made(simulated(ATTRITION)), "arrest", day=730)
    assert lost.passed is False
    told, worst = (row["risk_difference"] for row in lost.table)
    # participants_attrition.truth.json: 8.1 points fewer.
    assert told < -0.0805 < worst


def test_a_bound_never_tells_how_few_left(invented):
    """Bounds k of n apart would say that k left; the most that nine could do is told."""
    _, people = invented
    whole = people.outcome("arrest")
    gone = people.treated & (whole.cause == 0) & (whole.values < 730)
    assert 0 < gone.sum() < 10
    check = incidence.left_early(people, "arrest", day=730)
    assert check.table == ()
    told = incidence.risk(people, "arrest", day=730).estimate
    assert f"{100 * told:+.1f} points" in str(check.says)
    most = float(str(check.says).split("higher by ")[1].split(" at most")[0])
    worst = Outcome("time", whole.values, np.where(gone, 1, whole.cause))
    other = incidence.risk(
        replace(people, outcomes={**people.outcomes, "arrest": worst}), "arrest", day=730
    )
    assert 100 * (other.estimate - told) < most
    assert most == pytest.approx(100 * 10 / people.treated.sum(), abs=0.05)


def test_an_event_on_the_day_of_entry_counts():
    people = known()
    given = people.outcome("arrest")
    time, cause = given.values.copy(), given.cause.copy()
    for side in (people.treated, ~people.treated):
        first = int(np.argmax(side))
        time[first], cause[first] = 0, 1
    early = replace(people, outcomes={"arrest": Outcome("time", time, cause)})
    found = incidence.risk(early, "arrest", day=1, weights="given")
    assert found.estimate == pytest.approx(1 / people.treated.sum() - 1 / (~people.treated).sum())
    assert np.isfinite(survival.cox(early, "arrest").std_error)


def test_refusals():
    people = known()
    with pytest.raises(FitError, match="is days, and not a time"):
        survival.cox(people, "days")
    with pytest.raises(FitError, match="none of the treated people was followed for 5000 days"):
        incidence.risk(people, "arrest", day=5000)
    with pytest.raises(FitError, match="must be after entry"):
        incidence.risk(people, "arrest", day=0)
    given = people.outcome("arrest")
    calm = np.where(people.treated & (given.cause == 1), 0, given.cause)
    none = replace(people, outcomes={"arrest": Outcome("time", given.values, calm)})
    with pytest.raises(FitError, match="fewer than 10 treated people had the event"):
        incidence.risk(none, "arrest", day=100)
    twice = replace(
        people,
        covariates=np.column_stack([people.covariates, people.covariates[:, 0]]),
        covariate_names=(*people.covariate_names, "age again"),
    )
    with pytest.raises(FitError, match="'age again' does not vary"):
        survival.cox(twice, "arrest", weights="given", adjust="covariates")
