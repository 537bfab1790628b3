"""Cumulative incidence, Gray's test, and Fine and Gray against R's survival 3.5 and cmprsk 2.2."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.competing import cumulative_incidence, fine_gray, gray_test
from evaluation.numeric.people.kaplan_meier import kaplan_meier
from tests.numeric.survival_cases import (
    HORIZONS,
    covariates,
    errors,
    jackknife,
    robust_errors,
    said,
    table,
)

PEOPLE, R = table(), said()
TIME, CAUSE, X = PEOPLE["time"], PEOPLE["cause"], covariates(table())


@pytest.mark.parametrize(
    ("case", "given", "cluster"),
    [
        ("plain", {}, None),
        ("weighted", {"weight": PEOPLE["weight"]}, None),
        ("cluster", {"weight": PEOPLE["weight"]}, PEOPLE["cluster"]),
        ("late", {"start": PEOPLE["start"]}, None),
    ],
)
def test_probability_and_error_are_those_of_survfit(case, given, cluster):
    found = cumulative_incidence(TIME, CAUSE, **given)
    assert found.at(HORIZONS) == pytest.approx(R["aj"][case]["p"], rel=1e-12)
    # With clusters R's side is made of numerical derivatives.
    close = 1e-7 if case == "cluster" else 1e-12
    spread = robust_errors(found, cluster)
    assert spread == pytest.approx(R["aj"][case]["se"], rel=close)


def test_time_lost_and_its_error():
    lost, influence = cumulative_incidence(TIME, CAUSE, weight=PEOPLE["weight"]).time_lost(365)
    moved = jackknife(PEOPLE["weight"] * influence)
    # R's derivatives are numerical.
    assert [lost, moved] == pytest.approx(R["time_lost"], rel=1e-7)


def test_without_other_events_it_is_one_less_kaplan_meier():
    one = np.where(CAUSE == 1, 1, 0)
    found, curve = cumulative_incidence(TIME, one), kaplan_meier(TIME, one)
    assert found.at(HORIZONS) == pytest.approx(1 - curve.at(HORIZONS), rel=1e-12)
    assert robust_errors(found) == pytest.approx(robust_errors(curve), rel=1e-12)


@pytest.mark.parametrize("of", [1, 2])
@pytest.mark.parametrize(
    ("case", "group", "strata"),
    [("arm", "arm", None), ("site", "site", None), ("stratified", "arm", "site")],
)
def test_gray_is_that_of_cuminc(case, group, strata, of):
    layers = None if strata is None else PEOPLE[strata]
    found = gray_test(TIME, CAUSE, PEOPLE[group], of=of, strata=layers)
    both = [found.statistic, found.p_value, found.df]
    assert both == pytest.approx(R["gray"][case][of - 1], rel=1e-11)


def test_gray_where_the_pooled_incidence_ends_early():
    # One group ends before two others begin: 1 less the pooled incidence passes 0, up to rounding,
    # with people left, and a division by it would hide the difference.
    time = np.concatenate([np.arange(10), 100 + 2 * np.arange(5), 101 + 2 * np.arange(5)])
    found = gray_test(time, np.ones(20), np.repeat([0, 1, 2], [10, 5, 5]))
    assert found.p_value < 1e-3


def test_gray_with_more_ties_than_people():
    # cmprsk 2.2 gives the statistic -6.9 here: a variance less what ties take from it is below 0.
    time = [4, 2, 4, 3, 4, 2, 4, 4, 1, 3, 4, 1]
    cause = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]
    found = gray_test(np.array(time), np.array(cause), np.arange(12) % 2)
    assert 0 <= found.statistic < 4


def test_fine_gray_is_crr():
    found = fine_gray(TIME, CAUSE, X)
    # crr stops short of the maximum by about 1e-9.
    assert found.cox.beta == pytest.approx(R["crr"]["beta"], rel=1e-7)
    assert found.cox.log_likelihood[::1] == pytest.approx(R["crr"]["loglik"], rel=1e-12)
    assert errors(found.cox.bread) == pytest.approx(R["crr"]["naive"], rel=1e-7)
    assert errors(found.cov) == pytest.approx(R["crr"]["se"], rel=1e-7)


def test_fine_gray_with_a_censoring_of_each_site():
    found = fine_gray(TIME, CAUSE, X, group=PEOPLE["site"])
    assert found.cox.beta == pytest.approx(R["crr_groups"]["beta"], rel=1e-8)
    # crr's errors with groups differ a little; which is right was not found out.
    assert errors(found.cov) == pytest.approx(R["crr_groups"]["se"], rel=1e-3)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_fine_gray_is_finegray_and_coxph(ties):
    found = fine_gray(TIME, CAUSE, X, ties=ties, censoring="after events").cox
    assert found.beta == pytest.approx(R["finegray"][ties]["beta"], rel=1e-10)
    assert errors(found.bread) == pytest.approx(R["finegray"][ties]["se"], rel=1e-10)
    assert errors(found.robust()) == pytest.approx(R["finegray"][ties]["robust"], rel=1e-10)


def test_fine_gray_with_weights_is_finegray_and_coxph():
    found = fine_gray(
        TIME, CAUSE, X, weight=PEOPLE["weight"], ties="efron", censoring="after events"
    ).cox
    assert found.beta == pytest.approx(R["finegray"]["weighted"]["beta"], rel=1e-10)
    clustered = errors(found.robust(PEOPLE["cluster"]))
    assert clustered == pytest.approx(R["finegray"]["weighted"]["robust"], rel=1e-10)


def test_refusals():
    with pytest.raises(FitError, match="at least two groups"):
        gray_test(TIME, CAUSE, np.ones(len(TIME)))
    with pytest.raises(FitError, match="nobody has the event"):
        gray_test(TIME, np.where(CAUSE == 1, 0, CAUSE), PEOPLE["arm"])
    with pytest.raises(FitError, match="nobody has the event"):
        fine_gray(TIME, np.where(CAUSE == 1, 0, CAUSE), X)
