"""Checks find what they are for, and stay quiet where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.its import METHODS, Series, Specification
from evaluation.its import checks as checks_of

METHOD = METHODS["averaged-reml"]


def ask(check, series: Series):
    return check(series, METHOD.solve, METHOD.fit(series))


def quiet(n: int = 96, seed: int = 1) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(15, n), start=n // 2)


@pytest.mark.parametrize("check", checks_of.CHECKS)
def test_every_check_passes_on_a_quiet_series_and_speaks_in_numbers(check):
    found = ask(check, quiet())
    assert found.passed is not False
    assert any(character.isdigit() for character in found.says)
    assert found.question.endswith("?")


def test_a_short_series_is_flagged():
    assert ask(checks_of.length, quiet(34)).passed is False


def test_a_pattern_the_model_does_not_have_is_left_over():
    rng = np.random.default_rng(2)
    wave = np.where(np.arange(120) % 5 == 0, 4.0, 1.0)
    series = Series.from_arrays(rng.poisson(10 * wave), start=60)
    found = ask(checks_of.residual_autocorrelation, series)
    assert found.passed is False
    assert found.table[0]["p"] < 0.05


def test_dispersion_is_near_one_for_pure_chance_and_above_for_clusters():
    rng = np.random.default_rng(3)
    clustered = Series.from_arrays(rng.negative_binomial(4, 4 / 19, 96), start=48)

    def ratio(series):
        return float(ask(checks_of.dispersion, series).says.split()[3])

    assert ratio(quiet()) == pytest.approx(1, abs=0.35)
    assert ratio(clustered) > 2


def test_one_wild_period_is_named():
    series = quiet(60)
    y = series.y.copy()
    y[33] = 150
    found = ask(checks_of.influence, Series.from_arrays(y, start=30))
    assert found.passed is False
    assert "2002-10" in found.says


def test_leaving_one_out_equals_refitting_without_it():
    series = quiet(48)
    estimates = checks_of._leaving_each_out(series)
    # brute force: a dummy for the period takes it out of the fit
    dummy = np.zeros(48)
    dummy[10] = 1
    with_dummy = Series.from_arrays(
        series.y,
        start=24,
        specification=Specification(covariates=("out",)),
        covariates={"out": dummy},
    )
    fitted = METHODS["poisson"].fit(with_dummy)
    assert estimates[10] == pytest.approx(fitted.params["level"], rel=1e-6)


def test_a_break_before_the_start_makes_placebo_dates_fail():
    rng = np.random.default_rng(4)
    rate = np.where(np.arange(120) < 35, 30, 12)
    series, trusting = Series.from_arrays(rng.poisson(rate), start=80), METHODS["quasi-poisson"]
    found = checks_of.placebo_dates(series, trusting.solve, trusting.fit(series))
    assert found.passed is False
    assert max(found.table, key=lambda row: abs(row["estimate"]))["period"].startswith("2002")


def test_placebo_dates_need_room():
    found = ask(checks_of.placebo_dates, Series.from_arrays(quiet(60).y, start=20))
    assert found.passed is None
    assert "Not possible" in found.says


def test_placebo_dates_never_look_past_the_start():
    series = quiet(96)
    changed = series.y.copy()
    changed[48:] *= 5
    one = ask(checks_of.placebo_dates, series)
    other = ask(checks_of.placebo_dates, Series.from_arrays(changed, start=48))
    assert one.table == other.table


def test_a_falling_trend_taken_for_an_effect_is_flagged():
    rng = np.random.default_rng(6)
    series = Series.from_arrays(rng.poisson(40 * np.exp(-0.012 * np.arange(96))), start=48)
    assert ask(checks_of.trend_dependence, series).passed is False


def test_leaving_the_trend_out_of_the_plan_is_flagged():
    assert ask(checks_of.trend_dependence, quiet().specified(trend="none")).passed is False
