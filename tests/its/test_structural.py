"""The structural forecast against statsmodels' Kalman filter, and what it promises."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from evaluation import its
from evaluation.data import period
from evaluation.errors import FitError
from evaluation.its import METHODS, Pulse, Series
from evaluation.numeric.series.structural import LEVEL_GRID, TREND_GRID, forecast

N, START = 96, 60
FIRST = period.ordinal("2000-01", "month")


def wandering(seed: int, *, effect: float = 0.0, moves: float = 0.2, n: int = N) -> np.ndarray:
    """(n,) a level that moves, a season, noise of one, and a lasting change from START on."""
    rng = np.random.default_rng(seed)
    time = np.arange(n)
    level = 30 + np.cumsum(moves * rng.normal(size=n))
    return level + 2 * np.sin(2 * np.pi * time / 12) + rng.normal(size=n) + effect * (time >= START)


def continuous(y: np.ndarray, **changes: object) -> Series:
    return Series.from_arrays(y, start=START, kind="continuous").specified(**changes)


@pytest.mark.parametrize(
    ("kind", "grid"),
    [("llevel", LEVEL_GRID), ("lltrend", TREND_GRID[:3] + TREND_GRID[-3:])],
)
def test_forecast_is_that_of_unobserved_components_at_the_same_variances(kind, grid):
    """UnobservedComponents(y, level, exog, use_exact_diffuse=True) with its own filter, smoother
    and forecast: the slow and obvious twin. statsmodels 0.15 agrees to about 1e-11."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    y, series = wandering(1), continuous(wandering(1))
    season = series.baseline[:, 2:6]
    ones, time = np.ones(N), np.arange(1.0, N + 1)
    first = [ones] if kind == "llevel" else [ones, time]
    made = forecast(y[:START], np.column_stack([*first, season]), grid)
    rss = made.sigma2 * made.df
    likelihood = np.empty(len(grid))
    for g, (level, slope) in enumerate(grid):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = UnobservedComponents(
                y[:START],
                level=kind,
                exog=season[:START],
                mle_regression=False,
                use_exact_diffuse=True,
            )
            variances = [1.0, level] if kind == "llevel" else [1.0, level, slope]
            result = model.smooth(variances)
            ahead = result.get_forecast(N - START, exog=season[START:])
        assert made.signal[g, START:] == pytest.approx(ahead.predicted_mean, rel=1e-7)
        spread = np.diagonal(made.cov[g])[START:] / made.sigma2[g] + 1
        assert spread == pytest.approx(ahead.var_pred_mean, rel=1e-7)
        smoothed = y[:START] - result.smoother_results.smoothed_measurement_disturbance[0]
        assert made.signal[g, :START] == pytest.approx(smoothed, rel=1e-7)
        coefficients = result.smoother_results.smoothed_state[-4:, -1]
        assert made.beta[g, -4:] == pytest.approx(coefficients, rel=1e-6, abs=1e-9)
        # With unit noise its log-likelihood is the determinants' share less half the squares.
        likelihood[g] = result.llf + rss[g] / 2 - made.df / 2 * np.log(rss[g])
    weights = np.exp(likelihood - likelihood.max())
    assert made.weights == pytest.approx(weights / weights.sum(), rel=1e-6)


def test_covariance_between_periods_gives_the_spread_of_simulated_totals():
    """Levels drawn period by period from the model, at one grid point and known coefficients."""
    ratio, ahead, rng = 0.25, 24, np.random.default_rng(2)
    y = wandering(2)[:START]
    made = forecast(y, np.ones((START + ahead, 1)), ((ratio, 0.0),))
    last = made.cov[0, START - 1, START - 1]
    moves = np.sqrt(ratio * made.sigma2[0]) * rng.normal(size=(20_000, ahead))
    level = np.sqrt(last) * rng.normal(size=(20_000, 1)) + np.cumsum(moves, axis=1)
    total = np.ones(ahead) @ made.cov[0, START:, START:] @ np.ones(ahead)
    # 20,000 draws tell a standard deviation to one half percent.
    assert np.sqrt(total) == pytest.approx(level.sum(axis=1).std(), rel=0.02)


def test_numbers_are_observed_less_forecast():
    rng = np.random.default_rng(4)
    exposure = np.linspace(90_000, 110_000, N)
    y = rng.poisson(30 * exposure / 1e5 * np.where(np.arange(N) < START, 1, 0.5)).astype(float)
    series = Series.from_arrays(y, exposure=exposure, start=START)
    effect = its.estimate(series, "structural")
    expected = effect.counterfactual["expected"].to_numpy()
    after = series.settled
    assert effect.estimate == pytest.approx((y - expected)[after].mean())
    assert effect.averted.estimate == pytest.approx((expected - y)[after].sum())
    assert effect.averted.low == pytest.approx(-effect.high * after.sum())
    assert effect.percent.estimate == pytest.approx(
        100 * (y[after].sum() / expected[after].sum() - 1)
    )
    assert (effect.fitted[after] == y[after]).all()
    assert effect.n == START and effect.df == START - len(effect.terms)


def test_only_the_time_before_is_fitted():
    """Whatever happens after the start, the forecast is the same."""
    one, other = wandering(5), wandering(5)
    other[START:] += np.random.default_rng(6).normal(size=N - START) * 9
    paths = [
        its.estimate(continuous(y), "structural").counterfactual.to_numpy() for y in (one, other)
    ]
    assert (paths[0] == paths[1]).all()


def test_range_of_the_path_widens_with_time():
    low, high = (
        its.estimate(continuous(wandering(7)), "structural")
        .counterfactual[["low", "high"]]
        .to_numpy()
        .T
    )
    width = (high - low)[START:]
    assert width[-1] > 2 * width[0]
    yearly = width[: len(width) // 12 * 12].reshape(-1, 12).mean(axis=1)
    assert (np.diff(yearly) > 0).all()


def test_ranges_hold_a_change_of_nought_and_one_that_is_not():
    """Levels that move by a fifth of the noise, as the grid expects. The 60 ranges of a nominal
    95 % would miss seven or more in 1 of 30 tries."""
    for true in (0.0, -6.0):
        held = 0
        for seed in range(60):
            effect = its.estimate(
                continuous(wandering(100 + seed, effect=true), trend="none"), "structural"
            )
            held += effect.low <= true <= effect.high
        assert held >= 54


def test_control_that_shares_the_moves_sharpens_the_forecast():
    shared = np.cumsum(0.4 * np.random.default_rng(8).normal(size=N))
    noise = np.random.default_rng(9).normal(size=(2, N))
    treated = 30 + shared + noise[0] - 3 * (np.arange(N) >= START)
    control = 50 + 2 * shared + 0.5 * noise[1]
    alone = continuous(treated, trend="none", season="none")
    beside = alone.beside(continuous(control, trend="none", season="none"))
    apart, together = (its.estimate(one, "structural") for one in (alone, beside))
    assert together.high - together.low < 0.6 * (apart.high - apart.low)
    assert together.low < -3 < together.high < 0
    assert together.params["control: treated (2)"] == pytest.approx(0.5, abs=0.15)


def test_slope_that_wanders_claims_less():
    y = wandering(10)
    steady, wandering_too = (
        its.estimate(continuous(y), "structural", options={"level": level})
        for level in ("local level", "local linear trend")
    )
    assert wandering_too.high - wandering_too.low > steady.high - steady.low
    untrended = continuous(y, trend="none")
    again = its.estimate(untrended, "structural", options={"level": "local linear trend"})
    assert again.estimate == pytest.approx(wandering_too.estimate, rel=1e-9)


def test_washout_and_phase_in_say_what_is_averaged():
    y = wandering(11, effect=-5)
    whole = its.estimate(continuous(y), "structural")
    part = its.estimate(continuous(y, washout=4), "structural")
    ramp = its.estimate(continuous(y, phase_in=6), "structural")
    expected = whole.counterfactual["expected"].to_numpy()
    assert part.counterfactual["expected"].to_numpy() == pytest.approx(expected)
    assert part.estimate == pytest.approx((y - expected)[START + 4 :].mean())
    assert "without the washout" in str(part.averted_estimand)
    assert ramp.estimate == pytest.approx((y - expected)[START + 6 :].mean())
    assert ramp.averted.estimate == pytest.approx(whole.averted.estimate)


def test_event_after_the_start_is_named_and_left_out():
    y = wandering(12)
    event = Pulse("strike", FIRST + START + 5, 2)
    with_it = Series.from_arrays(y, start=START, kind="continuous", pulses=(event,))
    effect = its.estimate(with_it, "structural")
    assert "pulse: strike" in str(effect.notes[0])
    assert effect.estimate == its.estimate(continuous(y), "structural").estimate


def test_percent_has_a_range_where_the_forecast_may_be_nought():
    y = 2 + 4 * np.random.default_rng(13).normal(size=N)
    effect = its.estimate(continuous(y, season="none"), "structural")
    assert any("may be nought" in str(note) for note in effect.notes)
    assert effect.percent.low < effect.percent.estimate < effect.percent.high < np.inf
    assert effect.percent.excludes_zero == (effect.low > 0 or effect.high < 0)


def test_refuses_a_percent_of_nothing():
    y = wandering(14, moves=0.0) - 60
    with pytest.raises(FitError, match="no percent change"):
        its.estimate(continuous(y), "structural")


def test_refuses_what_it_cannot_forecast():
    y = wandering(15)
    one = continuous(y)
    with pytest.raises(FitError, match="one treated site"):
        its.estimate(one.joined([continuous(wandering(16))]), "structural")
    with pytest.raises(FitError, match="does not have the periods"):
        its.estimate(one.beside(continuous(y).between(0, 90)), "structural")
    with pytest.raises(FitError, match='"local level" or "local linear trend"'):
        its.estimate(one, "structural", options={"level": "smooth"})
    with pytest.raises(FitError, match="before the start, with the terms intercept, trend"):
        its.estimate(one.starting(5), "structural")
    with pytest.raises(FitError, match="exactly"):
        its.estimate(continuous(np.where(np.arange(N) < START, 3.0, y)), "structural")
    with pytest.raises(FitError, match="no coefficients"):
        METHODS["structural"].solve(one)
