"""Totals from the start to each period: the last is the effect's own, the rest made alike."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.its import METHODS, Series, Specification
from evaluation.its.effects import means
from evaluation.its.quantities import averted_over_time

N, START = 96, 60
COEFFICIENTS = sorted(
    name for name, one in METHODS.items() if one.whole is None and "count" in one.kinds
)


def falling(**specification: object) -> Series:
    rng = np.random.default_rng(7)
    rate = np.where(np.arange(N) < START, 14.0, 9.0)
    return Series.from_arrays(
        rng.poisson(rate), start=START, specification=Specification(**specification)
    )


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_the_last_total_is_the_number_averted(name):
    series, method = falling(phase_in=3), METHODS[name]
    if "order" in method.options:  # to choose one takes seconds, and is no part of the claim
        method = method.set_to({"order": (1, 0, 0)})
    averted = method.fit(series).averted
    last = averted_over_time(series, method).table[-1]
    assert (last["estimate"], last["low"], last["high"]) == pytest.approx(
        (averted.estimate, averted.low, averted.high), rel=1e-9
    )


def test_of_one_step_each_range_is_that_of_the_step_times_what_was_fitted():
    # The ratio of expected to fitted is then the same whatever the last period.
    series, method = falling(), METHODS["averaged-reml"]
    effect = method.fit(series)
    rows = averted_over_time(series, method).table
    assert [row["period"] for row in rows] == [point.period for point in effect.path[START:]]
    for k, row in enumerate(rows, start=1):
        fitted = sum(point.fitted for point in effect.path[START : START + k])
        bounds = [fitted * np.expm1(-end) for end in (effect.estimate, effect.high, effect.low)]
        assert [row["estimate"], row["low"], row["high"]] == pytest.approx(bounds, rel=1e-7)


def test_a_total_in_the_phase_in_has_the_range_of_its_gradient_by_differences():
    series, method = falling(phase_in=6), METHODS["quasi-poisson"]
    fitted = method.solve(series)
    months = range(START, START + 4)

    def logs(beta: np.ndarray) -> float:
        mean = means(series, fitted.link, beta)
        return float(
            np.log(sum(mean.expected[t] for t in months) / sum(mean.fitted[t] for t in months))
        )

    beta, step = np.asarray(fitted.beta), 1e-5
    gradient = [
        (logs(beta + move) - logs(beta - move)) / (2 * step) for move in step * np.eye(len(beta))
    ]
    judged = fitted.judge(np.array([gradient]))
    reached = sum(means(series, fitted.link, beta).fitted[t] for t in months)
    half = float(judged.high[0] - judged.estimate[0])
    row = averted_over_time(series, method).table[3]
    wanted = [reached * np.expm1(logs(beta) + move) for move in (0.0, -half, half)]
    assert [row["estimate"], row["low"], row["high"]] == pytest.approx(wanted, rel=1e-6)


def test_periods_left_out_are_in_no_total():
    rows = averted_over_time(falling(washout=4), METHODS["quasi-poisson"]).table
    assert len(rows) == N - START - 4


def test_it_says_for_how_long_the_range_left_nought_out():
    check = averted_over_time(falling(), METHODS["quasi-poisson"])
    clear = sum(row["low"] > 0 or row["high"] < 0 for row in check.table)
    assert f"in {clear} of {N - START} months" in str(check.says)
    assert check.passed is None


def test_a_method_without_coefficients_has_no_totals():
    whole = next(method for method in METHODS.values() if method.whole is not None)
    check = averted_over_time(falling(), whole)
    assert check.table == ()
    assert str(check.says).startswith("Not possible")


def test_the_series_is_not_changed():
    series = falling()
    before = series.y.copy()
    averted_over_time(series, METHODS["averaged-reml"])
    assert (series.y == before).all()


@pytest.mark.parametrize("rises", [False, True])
def test_a_negative_number_averted_is_told_as_more_than_expected(rises):
    series = falling()
    if rises:
        series = Series.from_arrays(series.y[::-1], start=N - START)
    says = str(averted_over_time(series, METHODS["quasi-poisson"]).says)
    assert ("more than expected, a negative number averted, by" in says) is rises
    assert not says.startswith("-")
