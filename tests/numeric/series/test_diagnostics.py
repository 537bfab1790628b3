"""Residual tests against R and statsmodels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series
from evaluation.numeric.series import diagnostics
from evaluation.numeric.shared.glm import poisson

REFERENCE = Path(__file__).parents[2] / "reference"
BOSTON = Path(__file__).parents[3] / "data" / "public" / "boston_homicide.csv"


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "its.json").read_text())["tests"]


@pytest.fixture(scope="module")
def from_r():
    """Values of tests/reference/breaks.R."""
    return json.loads((REFERENCE / "breaks.json").read_text())


@pytest.fixture(scope="module")
def linear(series):
    """Residuals and design of the rate on trend, one season and the level."""
    time = np.arange(1.0, series.n + 1)
    angle = 2 * np.pi * time / 12
    x = np.column_stack([np.ones(series.n), time, np.sin(angle), np.cos(angle), time >= 67])
    rate = series.y / series.relative_exposure
    return rate - x @ np.linalg.lstsq(x, rate, rcond=None)[0], x


@pytest.fixture(scope="module")
def series():
    rows = np.loadtxt(REFERENCE / "its_series.csv", delimiter=",", skiprows=1)
    return Series.from_arrays(rows[:, 0], exposure=rows[:, 1], start=66)


def test_ljung_box_agrees_with_r(series, expected):
    fitted = METHODS["poisson"].fit(series).fitted
    statistic, p = diagnostics.ljung_box((series.y - fitted) / np.sqrt(fitted), 12)
    assert statistic == pytest.approx(expected["ljung_box"], rel=1e-6)
    assert p == pytest.approx(expected["ljung_box_p"], rel=1e-6)


def test_breusch_godfrey_agrees_with_r(series, expected):
    rate = series.y / series.relative_exposure
    residuals = rate - series.x @ np.linalg.lstsq(series.x, rate, rcond=None)[0]
    statistic, p = diagnostics.breusch_godfrey(residuals, series.x, 12)
    assert statistic == pytest.approx(expected["breusch_godfrey"], rel=1e-6)
    assert p == pytest.approx(expected["breusch_godfrey_p"], rel=1e-6)


def test_innovations_of_ar1_errors_are_white():
    rng = np.random.default_rng(1)
    errors = np.zeros(4000)
    for t in range(1, 4000):
        errors[t] = 0.6 * errors[t - 1] + rng.normal()
    white = diagnostics.innovations(errors[100:1100], np.arange(1000), 0.6, 0.0)
    assert abs(diagnostics.autocorrelations(white, 1)[0]) < 0.1
    assert diagnostics.autocorrelations(errors, 1)[0] > 0.5


def test_correlogram_agrees_with_r(linear, from_r):
    found = diagnostics.correlogram(linear[0], 24)
    expected = from_r["correlogram"]
    assert found.acf == pytest.approx(expected["acf"], abs=1e-11)
    assert found.pacf == pytest.approx(expected["pacf"], abs=1e-11)
    assert found.band == pytest.approx(expected["band"], rel=1e-10)


def test_partial_autocorrelations_of_an_ar1_stop_after_the_first():
    rng = np.random.default_rng(2)
    errors = np.zeros(20_000)
    for t in range(1, len(errors)):
        errors[t] = 0.7 * errors[t - 1] + rng.normal()
    found = diagnostics.correlogram(errors, 4)
    assert found.pacf[0] == pytest.approx(0.7, abs=0.02)
    assert np.abs(found.pacf[1:]).max() < 0.025
    assert found.acf[1] == pytest.approx(0.49, abs=0.04)


def test_durbin_watson_agrees_with_r(linear, from_r):
    expected = from_r["durbin_watson"]
    statistic, p = diagnostics.durbin_watson(*linear, p="normal")
    assert statistic == pytest.approx(expected["statistic"], rel=1e-9)
    assert p == pytest.approx(expected["p_normal"], rel=1e-8)
    with BOSTON.open() as file:
        y = np.array([float(row["homicides"]) for row in csv.DictReader(file)])
    x = np.column_stack([np.ones(len(y)), np.arange(len(y))])
    statistic, p = diagnostics.durbin_watson(y - x @ np.linalg.lstsq(x, y, rcond=None)[0], x)
    assert statistic == pytest.approx(expected["boston"], rel=1e-9)
    assert p == pytest.approx(expected["boston_p"], rel=1e-8)


def test_exact_durbin_watson_is_the_share_of_white_series_below_it(linear):
    residuals, x = linear
    statistic, p = diagnostics.durbin_watson(residuals, x)
    q = np.linalg.qr(x)[0]
    white = np.random.default_rng(3).normal(size=(40_000, len(x)))
    white = white - (white @ q) @ q.T
    drawn = (np.diff(white, axis=1) ** 2).sum(axis=1) / (white**2).sum(axis=1)
    # Three Monte-Carlo standard errors.
    assert (drawn < statistic).mean() == pytest.approx(p, abs=3 * np.sqrt(p * (1 - p) / 40_000))


@pytest.mark.parametrize(
    ("lags", "options", "name"),
    [
        ((1, 4), {}, "first_4"),
        ((3, 3), {"moving_average": 2}, "third_given_two"),
        ((3, 6), {"moving_average": 2}, "range_given_two"),
        ((1, 4), {"errors": "robust"}, "robust_4"),
        ((3, 4), {"moving_average": 2, "errors": "robust"}, "robust_given_two"),
        ((1, 4), {"regressors": "exogenous"}, "exogenous_4"),
    ],
)
def test_cumby_huizinga_agrees_with_the_matrices_of_the_paper(linear, from_r, lags, options, name):
    from scipy.stats import chi2

    statistic, p = diagnostics.cumby_huizinga(*linear, *lags, **options)
    assert statistic == pytest.approx(from_r["cumby_huizinga"][name], rel=1e-9)
    assert p == pytest.approx(chi2.sf(statistic, lags[1] - lags[0] + 1), rel=1e-9)


def test_cumby_huizinga_of_white_errors_is_breusch_godfrey(linear):
    expected = diagnostics.breusch_godfrey(*linear, 6)
    assert diagnostics.cumby_huizinga(*linear, 1, 6) == pytest.approx(expected, rel=1e-9)


def test_cumby_huizinga_accepts_the_moving_average_it_is_told_of():
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(200), np.arange(200.0)])
    q = np.linalg.qr(x)[0]
    allowed = denied = 0
    for _ in range(400):
        shocks = rng.normal(size=201)
        errors = shocks[1:] + 0.9 * shocks[:-1]
        residuals = errors - q @ (q.T @ errors)
        allowed += diagnostics.cumby_huizinga(residuals, x, 2, 3, moving_average=1)[1] < 0.05
        denied += diagnostics.cumby_huizinga(residuals, x, 2, 3)[1] < 0.05
    # Nominal 5 %, and three Monte-Carlo standard errors.
    assert 0.01 < allowed / 400 < 0.09
    assert denied / 400 > 0.12


@pytest.mark.parametrize(("first", "last", "order"), [(2, 4, 2), (3, 2, 0), (1, 118, 0)])
def test_lags_outside_the_series_or_the_null_are_refused(linear, first, last, order):
    with pytest.raises(FitError, match="do not lie between"):
        diagnostics.cumby_huizinga(*linear, first, last, moving_average=order)


def test_linear_influence_agrees_with_r(linear, from_r):
    found = diagnostics.linear_influence(*linear)
    for field in ("leverage", "studentized", "cook"):
        assert getattr(found, field) == pytest.approx(from_r["influence"][field], rel=1e-8)


def test_poisson_influence_agrees_with_r(series, linear, from_r):
    expected = from_r["poisson_influence"]
    fit = poisson(series.y, linear[1], series.log_offset)
    found = diagnostics.poisson_influence(series.y, fit.mu[0], linear[1])
    # R stops its iterations a little earlier: 1e-7.
    for field in ("leverage", "studentized", "cook"):
        assert getattr(found, field) == pytest.approx(expected[field], rel=1e-6)
    quasi = diagnostics.poisson_influence(
        series.y, fit.mu[0], linear[1], dispersion=expected["dispersion"]
    )
    assert quasi.cook == pytest.approx(expected["quasi_cook"], rel=1e-6)


def test_period_with_a_column_of_its_own_is_not_judged():
    y = np.random.default_rng(5).poisson(6, 30).astype(float)
    x = np.column_stack([np.ones(30), np.arange(30) == 12])
    residuals = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    for found in (
        diagnostics.linear_influence(residuals, x),
        diagnostics.poisson_influence(y, y - residuals, x),
    ):
        assert found.leverage[12] == pytest.approx(1)
        assert found.studentized[12] == found.cook[12] == 0
        assert np.isfinite(found.studentized).all()
        assert (np.delete(found.cook, 12) > 0).all()
