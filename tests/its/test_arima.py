"""Segmented regression with ARIMA errors against R's arima (tests/reference/arima.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import METHODS, Series
from evaluation.its.solved import fits_kept
from evaluation.numeric.series.arima import choose, fit, kpss, nearest_root
from evaluation.numeric.series.arma import (
    Order,
    autocovariances,
    differenced,
    likelihood,
    polynomials,
)

REFERENCE = Path(__file__).parents[1] / "reference"
N, START = 120, 66
# With differences R gives the first periods a variance of 1e6 where this likelihood leaves them
# out, and shares no more than five digits of the parameters; without, R's steps leave 1e-7.
DIFFUSE, EXACT = 1e-4, 1e-6
TIME = np.arange(N)


@pytest.fixture(scope="module")
def from_arima() -> dict[str, dict[str, Any]]:
    return json.loads((REFERENCE / "arima.json").read_text())


@pytest.fixture(scope="module")
def pair() -> np.ndarray:
    """(120, 2): a series with stationary errors, and one with a random walk in it."""
    return np.loadtxt(REFERENCE / "arima_series.csv", delimiter=",", skiprows=1)


def made(y: np.ndarray, **changes: object) -> Series:
    return Series.from_arrays(y, start=START, kind="continuous").specified(**changes)


# arima(y, order, seasonal, xreg = X, include.mean = FALSE, method = "ML"), polished by Newton steps
# on differences of its log-likelihood; the errors are from those differences too.
CASES = {
    "100": (0, (1, 0, 0), (0, 0, 0), {}, EXACT),
    "201": (0, (2, 0, 1), (0, 0, 0), {}, EXACT),
    "011": (1, (0, 1, 1), (0, 0, 0), {}, DIFFUSE),
    "100_100": (0, (1, 0, 0), (1, 0, 0), {}, EXACT),
    "100_011": (0, (1, 0, 0), (0, 1, 1), {"season": "none"}, DIFFUSE),
    "gap_100": (0, (1, 0, 0), (0, 0, 0), {"washout": 3}, EXACT),
}


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_arima_in_r(name, pair, from_arima):
    column, order, seasonal, changes, tolerance = CASES[name]
    expected = from_arima[name]
    series = made(pair[:, column], **changes)
    effect = its.estimate(series, "arima", options={"order": order, "seasonal": seasonal})
    gone = len(effect.params) - (len(expected["coef"]) - sum(order) - sum(seasonal))
    gone -= order[1] + seasonal[1]
    # R has no column for what differencing takes.
    shown = effect.params.to_numpy()[gone:]
    arma = len(expected["coef"]) - len(shown)
    assert shown == pytest.approx(expected["polished"][arma:], rel=tolerance, abs=tolerance / 10)
    assert effect.se.to_numpy()[gone:] == pytest.approx(expected["polished_se"][arma:], rel=2e-5)
    # vcov() takes steps of 1e-3 for its Hessian.
    assert effect.se["level"] == pytest.approx(expected["se"][-1], rel=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_likelihood_and_arma_parameters_agree_with_arima_in_r(name, pair, from_arima):
    column, (p, d, q), (big_p, big_d, big_q), changes, tolerance = CASES[name]
    expected, series = from_arima[name], made(pair[:, column], **changes)
    keep = series.kept
    order = Order(p, d, q, big_p, big_d, big_q, 12)
    found = fit(series.y[keep], series.x[keep], TIME[keep], order)
    assert found.max_score < 1e-9
    assert found.value == pytest.approx(expected["polished_loglik"], abs=2e-5)
    assert found.sigma2 == pytest.approx(expected["polished_sigma2"], rel=1e-6)
    k, size = len(found.kept), order.size
    # (2,0,1) is nearly (1,0,0): R's differences leave 2e-5 of a standard error of .74.
    assert found.parameters == pytest.approx(
        expected["polished"][:size], rel=tolerance, abs=3e-5 if name == "201" else 1e-9
    )
    se = np.sqrt(np.diagonal(found.cov))[k:]
    assert se == pytest.approx(expected["polished_se"][:size], rel=2e-5)


def test_gap_in_a_differenced_series_agrees_with_missing_values_in_r(pair, from_arima):
    keep, expected = (TIME < 39) | (TIME >= 42), from_arima["gap_011"]
    series = made(pair[:, 1])
    found = fit(series.y[keep], series.x[keep], TIME[keep], Order(0, 1, 1))
    assert found.parameters[0] == pytest.approx(expected["polished"][0], rel=DIFFUSE)
    assert found.beta[1:] == pytest.approx(expected["polished"][1:], rel=DIFFUSE)
    assert np.sqrt(np.diagonal(found.cov))[1:-1] == pytest.approx(
        expected["polished_se"][1:], rel=1e-5
    )


def test_score_and_hessian_are_those_of_the_likelihood(pair):
    series, order = made(pair[:, 0]), Order(1, 0, 1, 1, 0, 0, 12)
    for keep in (series.kept, TIME % 17 != 5):
        found = fit(series.y[keep], series.x[keep], TIME[keep], order)
        data = differenced(series.y[keep], series.x[keep], TIME[keep], order)
        away = found.parameters + np.array([0.05, -0.1, 0.1])
        value = [likelihood(data, order, away + step) for step in 1e-5 * np.eye(3)]
        other = [likelihood(data, order, away - step) for step in 1e-5 * np.eye(3)]
        slopes = [(up.value - down.value) / 2e-5 for up, down in zip(value, other, strict=True)]
        assert likelihood(data, order, away).score == pytest.approx(slopes, rel=1e-5, abs=1e-5)
        # The whole Hessian in coefficients, parameters and log sigma2 by differences of the density
        # itself, inverted: the slow and obvious covariance.
        assert found.cov == pytest.approx(
            _slow_covariance(series.y[keep], series.x[keep], TIME[keep], found), rel=1e-3, abs=2e-5
        )


def _slow_covariance(y, x, time, found):
    k, size = x.shape[1], found.order.size
    place = time - time[0]

    def density(b):
        ar, ma = polynomials(found.order, b[None, k : k + size])
        gamma = autocovariances(ar, ma, int(place[-1]) + 1)[0]
        cov = np.exp(b[-1]) * gamma[np.abs(place[:, None] - place)]
        residuals = y - x @ b[:k]
        return -(np.linalg.slogdet(cov)[1] + residuals @ np.linalg.solve(cov, residuals)) / 2

    center = np.concatenate([found.beta, found.parameters, [np.log(found.sigma2)]])
    step = np.append(np.sqrt(np.diagonal(found.cov)), 0.1) * 0.03 * np.eye(len(center))
    hessian = np.array(
        [
            [
                density(center + i + j)
                - density(center + i - j)
                - density(center - i + j)
                + density(center - i - j)
                for j in step
            ]
            for i in step
        ]
    )
    size_of = np.diagonal(step)
    return np.linalg.inv(-hessian / (4 * np.outer(size_of, size_of)))[:-1, :-1]


def test_first_order_is_the_linear_model_by_maximum_likelihood(series):
    """The same model by another road: `linear-ml-ar1` profiles rho (nlme::gls)."""
    arima = its.estimate(series, "arima", options={"order": (1, 0, 0)})
    other = its.estimate(series, "linear-ml-ar1")
    assert arima.params.to_numpy() == pytest.approx(other.params.to_numpy(), rel=1e-6)
    assert arima.rho == pytest.approx(other.rho, abs=1e-7)
    assert arima.df == other.df - 1


def test_without_arma_terms_it_is_least_squares(series):
    arima = its.estimate(series, "arima", options={"order": (0, 0, 0)})
    ols = its.estimate(series, "ols")
    assert arima.params.to_numpy() == pytest.approx(ols.params.to_numpy(), rel=1e-9)
    n, k = series.x.shape
    assert arima.se.to_numpy() == pytest.approx(ols.se.to_numpy() * np.sqrt((n - k) / n), rel=1e-9)
    assert arima.df == ols.df


def test_choice_has_the_smallest_aicc_of_every_order_in_r(pair, from_arima):
    series, table = made(pair[:, 0]), from_arima["aicc"]
    found, tried = choose(series.y, series.x, TIME, 12)
    best = min(table, key=table.get)
    assert "".join(str(size) for size in found.order.blocks) == best
    assert found.aicc == pytest.approx(table[best], abs=1e-4)
    assert found.order.d == 0
    # R stops short of the top, or at the edge, for three of the 51.
    assert tried == pytest.approx(len(table), abs=3)


def test_aicc_of_single_orders_agrees_with_r(pair, from_arima):
    series = made(pair[:, 0])
    for name in ("0000", "1000", "0201", "1010", "1111"):
        p, q, big_p, big_q = (int(digit) for digit in name)
        found = fit(series.y, series.x, TIME, Order(p, 0, q, big_p, 0, big_q, 12))
        assert found.aicc == pytest.approx(from_arima["aicc"][name], abs=2e-4)


def test_kpss_agrees_with_urca(pair, from_arima):
    series = made(pair[:, 0])
    residuals = series.y - series.x @ np.linalg.lstsq(series.x, series.y)[0]
    assert kpss(residuals) == pytest.approx(from_arima["kpss"]["statistic"], rel=1e-9)
    assert kpss(np.cumsum(residuals)) == pytest.approx(from_arima["kpss"]["walk"], rel=1e-9)


def test_choice_says_which_order_finds_a_true_fall_and_is_kept_by_the_settled_method(pair):
    series, chosen = made(pair[:, 0]), METHODS["arima"]
    with fits_kept():  # a choice takes seconds
        effect, method = chosen.fit(series), chosen.settled(series)
    said = str(effect.notes[0])
    assert "ARIMA(1,0,0)(0,0,1)[12]" in said
    assert effect.low < -4 < effect.high < 0
    assert method.fit(series).estimate == effect.estimate
    assert str(method.fit(series.between(0, 110)).notes[0]) == said.rsplit(", the", 1)[0]
    given = chosen.set_to({"order": (1, 0, 0)})
    assert given.settled(series).fit(series) == given.fit(series)


def test_choice_takes_a_difference_when_residuals_wander():
    walk = np.cumsum(np.random.default_rng(3).normal(size=N))
    found, _ = choose(walk, np.ones((N, 1)), TIME, 1)
    assert found.order.d == 1


def test_given_seasonal_part_is_kept_in_the_choice(pair):
    effect = its.estimate(made(pair[:, 0]), "arima", options={"seasonal": (1, 0, 0)})
    assert "(1,0,0)[12]" in str(effect.notes[0])


def test_differenced_model_meets_what_was_observed_after_the_start(pair):
    series = made(pair[:, 1])
    effect = its.estimate(series, "arima", options={"order": (0, 1, 1)})
    settled = series.settled
    assert effect.fitted[settled].sum() == pytest.approx(series.y[settled].sum(), rel=1e-9)
    gap = effect.fitted - effect.counterfactual["expected"].to_numpy()
    assert gap[settled] == pytest.approx(np.full(settled.sum(), effect.params["level"]))
    assert any("intercept" in str(note) for note in effect.notes)
    assert effect.rho is None


def test_differenced_model_does_not_mind_a_constant(pair):
    options = {"order": (0, 1, 1)}
    one, other = (
        its.estimate(made(pair[:, 1] + more), "arima", options=options) for more in (0, 50)
    )
    assert other.estimate == pytest.approx(one.estimate, rel=1e-8)
    assert other.averted.low == pytest.approx(one.averted.low, rel=1e-8)


def test_autocovariances_are_those_of_the_moving_average_it_can_be_written_as():
    order = Order(1, 0, 1, 1, 0, 1, 4)
    ar, ma = polynomials(order, np.array([[0.5, -0.3, 0.4, 0.6]]))
    psi = np.zeros(400)
    for t in range(400):
        psi[t] = ma[0, t] if t < ma.shape[1] else 0.0
        psi[t] -= sum(ar[0, j] * psi[t - j] for j in range(1, min(t, ar.shape[1] - 1) + 1))
    expected = [psi[lag:] @ psi[: 400 - lag] for lag in range(12)]
    assert autocovariances(ar, ma, 12)[0] == pytest.approx(expected, rel=1e-9)


def test_root_is_that_of_the_polynomial():
    assert nearest_root(Order(1), np.array([0.8])) == pytest.approx(1.25)
    assert nearest_root(Order(0, 0, 0, 1, 0, 0, 4), np.array([0.5])) == pytest.approx(2**0.25)
    assert nearest_root(Order(), np.empty(0)) == np.inf


def test_refuses_several_sites(pair):
    with pytest.raises(FitError, match="one series only"):
        METHODS["arima"].fit(made(pair[:, 0]).beside(made(pair[:, 1])))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"order": (1, 0)}, "three whole numbers"),
        ({"order": (1, 3, 0)}, "at most 2"),
        ({"order": (1.5, 0, 0)}, "three whole numbers"),
        ({"order": "100"}, "three whole numbers"),
        ({"order": (1, 0, 0), "seasonal": (0, -1, 0)}, "seasonal"),
        ({"lag": 2}, "order, seasonal"),
    ],
)
def test_refuses_what_is_no_order(pair, options, words):
    with pytest.raises(FitError, match=words):
        its.estimate(made(pair[:, 0]), "arima", options=options)


def test_refuses_an_error_model_at_its_edge():
    """Differences of a series without a random walk leave a moving average with a unit root."""
    y = np.random.default_rng(5).normal(size=N)
    with pytest.raises(FitError, match="edge of what is stationary and invertible"):
        its.estimate(made(y), "arima", options={"order": (0, 1, 1)})


def test_refuses_a_seasonal_part_for_data_by_the_year():
    series = Series.from_arrays(
        np.random.default_rng(6).normal(size=40),
        start=20,
        kind="continuous",
        frequency="year",
        first="1980",
    ).specified(season="none")
    with pytest.raises(FitError, match="no season"):
        its.estimate(series, "arima", options={"order": (1, 0, 0), "seasonal": (1, 0, 0)})
    assert its.estimate(series, "arima").estimate < 5


def test_refuses_a_series_that_is_fitted_exactly():
    with pytest.raises(FitError, match="exactly"):
        its.estimate(made(np.linspace(1, 2, N)), "arima", options={"order": (1, 0, 0)})


@pytest.mark.parametrize("value", [0.0, 3.5])
def test_a_series_without_any_variation_is_refused_in_words(value):
    series = Series.from_arrays(np.full(72, value), start=36, kind="continuous")
    with pytest.raises(FitError, match="fits the series exactly"):
        METHODS["arima"].fit(series)
