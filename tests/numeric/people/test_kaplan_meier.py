"""Curves, their errors and the log-rank test against R's survival 3.5."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.people.kaplan_meier import (
    Curve,
    counted,
    interval,
    kaplan_meier,
    log_rank,
)
from tests.numeric.survival_cases import HORIZONS, jackknife, robust_errors, said, table

PEOPLE, R = table(), said()
TIME, EVENT = PEOPLE["time"], PEOPLE["cause"] == 1


def greenwood(curve: Curve) -> np.ndarray:
    return curve.std_error[np.searchsorted(curve.time, HORIZONS, "right") - 1]


@pytest.mark.parametrize(
    ("case", "given"),
    [
        ("log", {}),
        ("late", {"start": PEOPLE["start"]}),
        ("weighted_greenwood", {"weight": PEOPLE["weight"]}),
    ],
)
def test_survival_and_greenwood_are_those_of_survfit(case, given):
    curve = kaplan_meier(TIME, EVENT, **given)
    assert curve.at(HORIZONS) == pytest.approx(R["km"][case]["surv"], rel=1e-12)
    assert greenwood(curve) == pytest.approx(R["km"][case]["se"], rel=1e-12)


@pytest.mark.parametrize("kind", ["log", "log-log", "plain"])
def test_intervals_are_those_of_conf_type(kind):
    curve = kaplan_meier(TIME, EVENT)
    low, high = interval(curve.at(HORIZONS), greenwood(curve), kind=kind)
    assert low == pytest.approx(R["km"][kind]["lower"], rel=1e-12)
    assert high == pytest.approx(R["km"][kind]["upper"], rel=1e-12)


def test_robust_errors_are_those_of_survfit_with_weights_and_clusters():
    curve = kaplan_meier(TIME, EVENT, weight=PEOPLE["weight"])
    robust = robust_errors(curve)
    assert robust == pytest.approx(R["km"]["weighted_robust"]["se"], rel=1e-12)
    clustered = robust_errors(curve, PEOPLE["cluster"])
    assert clustered == pytest.approx(R["km"]["weighted_cluster"]["se"], rel=1e-12)
    late = kaplan_meier(TIME, EVENT, weight=PEOPLE["weight"], start=PEOPLE["start"])
    clustered = robust_errors(late, PEOPLE["cluster"])
    assert clustered == pytest.approx(R["km"]["late_cluster"]["se"], rel=1e-12)


def test_log_rank_is_that_of_survdiff():
    assert log_rank(TIME, EVENT, PEOPLE["arm"]).statistic == pytest.approx(
        R["log_rank"]["chisq"], rel=1e-12
    )
    stratified = log_rank(TIME, EVENT, PEOPLE["arm"], strata=PEOPLE["site"])
    assert stratified.statistic == pytest.approx(R["log_rank"]["stratified"], rel=1e-12)
    three = log_rank(TIME, EVENT, PEOPLE["site"])
    assert (three.statistic, three.df) == (pytest.approx(R["log_rank"]["three"], rel=1e-12), 2)


def test_without_censoring_the_curve_is_the_share_left_and_its_error_binomial():
    time = np.array([1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 8.0, 9.0])
    curve = kaplan_meier(time, np.ones(8))
    assert curve.at(np.array([0.5, 2.0, 8.0])) == pytest.approx([1, 5 / 8, 1 / 8])
    assert curve.std_error[1] == pytest.approx(np.sqrt(5 / 8 * 3 / 8 / 8))
    # The jackknife of infinitely small steps and Greenwood are one without weights.
    assert jackknife(curve.influence(2.0)) == pytest.approx(curve.std_error[1])


def test_a_weight_of_two_is_the_person_twice_and_of_nought_nobody():
    w = np.arange(len(TIME)) % 3
    twice = kaplan_meier(np.repeat(TIME, w), np.repeat(EVENT, w))
    once = kaplan_meier(TIME, EVENT, weight=w)
    assert once.at(HORIZONS) == pytest.approx(twice.at(HORIZONS), rel=1e-12)
    assert greenwood(once) == pytest.approx(greenwood(twice), rel=1e-12)


def test_past_the_last_event_of_everyone_there_is_no_interval():
    curve = kaplan_meier(np.array([1.0, 2.0, 3.0]), np.ones(3))
    low, _ = interval(curve.at(np.array([3.0])), curve.std_error[-1:])
    assert np.isnan(low).all()


def test_refusals():
    with pytest.raises(FitError, match="nobody has the event"):
        kaplan_meier(TIME, np.zeros(len(TIME)))
    with pytest.raises(FitError, match="at or after the time of leaving"):
        counted(TIME, EVENT, start=TIME)
    with pytest.raises(FitError, match="at least two groups"):
        log_rank(TIME, EVENT, np.ones(len(TIME)))
