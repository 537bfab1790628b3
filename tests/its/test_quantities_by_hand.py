"""The other measures of the effect, done over again the slow and obvious way."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from evaluation.effect import Quantity
from evaluation.its import METHODS, Series
from evaluation.its.quantities import quantities
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.numeric.series.correlation import AR1_NUGGET
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream

N, START = 132, 66
MODELED = "averted, fitted against expected"
RECORDED = "averted, observed against expected"


@pytest.fixture(scope="module")
def series() -> Series:
    """Over-dispersed and autocorrelated counts with a fall of 30 %."""
    population = np.linspace(390_000, 420_000, N)
    mean = 12 * population / 4e5 * np.where(np.arange(N) < START, 1, 0.7)
    counts = copula_counts(mean, alpha=0.15, rho=0.5, source=stream(1, "by hand"), draws=1)
    return Series.from_arrays(counts[0], exposure=population, start=START)


def measured(series: Series, method: str) -> dict[tuple[str, str], Quantity]:
    chosen = METHODS[method]
    found = quantities(series, chosen.solve(series), chosen.fit(series))
    return {(str(quantity.name), quantity.how): quantity for quantity in found}


def totals(series: Series, beta: np.ndarray) -> tuple[float, float]:
    """Fitted and expected outcomes after the start, period by period."""
    fitted = expected = 0.0
    for t in range(START, N):
        without = series.exposure[t] * np.exp(series.x[t, :-1] @ beta[:-1])
        fitted += without * np.exp(beta[-1])
        expected += without
    return fitted, expected


def slopes(function, beta: np.ndarray) -> np.ndarray:
    """Gradient by central differences, extrapolated to a step of nought."""

    def rough(step: float) -> np.ndarray:
        moves = step * np.diag(np.maximum(np.abs(beta), 1e-2))
        change = [function(beta + move) - function(beta - move) for move in moves]
        return np.array(change) / (2 * np.diagonal(moves))

    return (4 * rough(1e-4) - rough(2e-4)) / 3


def log_ratio(series: Series, beta: np.ndarray) -> float:
    """The log of expected over fitted totals after the start."""
    fitted, expected = totals(series, beta)
    return float(np.log(expected / fitted))


def noise_of(series: Series, beta: np.ndarray, dispersion: float, rho: float, nugget: float):
    """Variance of a new total after the start, pair of periods by pair of periods."""
    mean = series.exposure * np.exp(series.x[:, :-1] @ beta[:-1])
    total = 0.0
    for s in range(START, N):
        for t in range(START, N):
            correlation = 1.0 if s == t else (1 - nugget) * rho ** abs(s - t)
            total += dispersion * np.sqrt(mean[s] * mean[t]) * correlation
    return total


def test_averted_by_the_ar1_sandwich(series):
    """Delta method with the sandwich as a double sum, and the noise of what did not happen."""
    fitted = METHODS["quasi-poisson-ar1"].solve(series)
    beta, rho, phi = fitted.beta, fitted.rho, fitted.dispersion
    assert rho > 0.1 and phi > 1.2  # else this would test nothing
    mu = series.exposure * np.exp(series.x @ beta)
    bread = np.linalg.inv(series.x.T @ (mu[:, None] * series.x))
    gap = np.abs(np.subtract.outer(np.arange(N), np.arange(N)))
    root = np.sqrt(mu)[:, None] * series.x
    cov = phi * bread @ root.T @ rho**gap @ root @ bread
    critical = stats.t.ppf(0.975, max(N * (1 - rho) / (1 + rho) - 3, 3))
    found = measured(series, "quasi-poisson-ar1")

    slope = slopes(lambda b: log_ratio(series, b), beta)
    half = critical * np.sqrt(slope @ cov @ slope)
    ends = log_ratio(series, beta) + np.array([0.0, -half, half])
    modeled = found[MODELED, "transformed"]
    assert [modeled.estimate, modeled.low, modeled.high] == pytest.approx(
        totals(series, beta)[0] * np.expm1(ends), rel=1e-6
    )

    slope = slopes(lambda b: totals(series, b)[1], beta)
    variance = slope @ cov @ slope + noise_of(series, beta, phi, rho, 0.0)
    half = critical * np.sqrt(variance)
    value = totals(series, beta)[1] - series.y[START:].sum()
    recorded = found[RECORDED, "delta method"]
    assert [recorded.estimate, recorded.low, recorded.high] == pytest.approx(
        [value, value - half, value + half], rel=1e-6
    )


def test_averted_by_averaged_reml(series):
    """The mixture over 46 correlation models, its quantiles by a root of its distribution."""
    fit = averaged_poisson(series.y, series.x, series.log_offset, np.arange(N), AR1_NUGGET)
    weights, betas, covs, df = fit.weights[0], fit.betas[0], fit.covs[0], fit.df
    beta = weights @ betas

    def bounds(slope: np.ndarray) -> tuple[float, float]:
        center = betas @ slope
        scale = np.sqrt([slope @ cov @ slope for cov in covs])

        def below(x: float) -> float:
            return float(weights @ stats.t.cdf((x - center) / scale, df))

        ends = center.min() - 50 * scale.max(), center.max() + 50 * scale.max()
        low, high = (
            optimize.brentq(lambda x, q=q: below(x) - q, *ends, xtol=1e-10) for q in (0.025, 0.975)
        )
        return low - beta @ slope, high - beta @ slope

    slope = slopes(lambda b: log_ratio(series, b), beta)
    ends = log_ratio(series, beta) + np.array([0.0, *bounds(slope)])
    found = measured(series, "averaged-reml")
    modeled = found[MODELED, "transformed"]
    assert [modeled.estimate, modeled.low, modeled.high] == pytest.approx(
        totals(series, beta)[0] * np.expm1(ends), rel=1e-6
    )

    slope = slopes(lambda b: totals(series, b)[1], beta)
    low, high = bounds(slope)
    spread = weights @ [slope @ cov @ slope for cov in covs]
    spread += weights @ ((betas - beta) @ slope) ** 2
    points = np.array(AR1_NUGGET)
    noise = noise_of(
        series, beta, weights @ fit.sigma2[0], weights @ points[:, 0], weights @ points[:, 1]
    )
    wider = (high - low) / 2 * np.sqrt(1 + noise / spread)
    recorded = found[RECORDED, "delta method"]
    assert (recorded.high - recorded.low) / 2 == pytest.approx(wider, rel=1e-6)


def test_simulated_ranges_are_those_of_another_generator(series):
    """The mixture drawn by numpy, 40,000 times; ranges within the Monte-Carlo error of 4,000."""
    rng = np.random.default_rng(2)
    fit = averaged_poisson(series.y, series.x, series.log_offset, np.arange(N), AR1_NUGGET)
    which = rng.choice(len(AR1_NUGGET), size=40_000, p=fit.weights[0])
    roots = np.linalg.cholesky(fit.covs[0])
    shock = rng.standard_normal((len(which), series.x.shape[1]))
    shock /= np.sqrt(rng.chisquare(fit.df, len(which)) / fit.df)[:, None]
    betas = fit.betas[0][which] + (roots[which] @ shock[:, :, None])[:, :, 0]
    log_mean = series.log_offset[START:, None] + series.x[START:, :-1] @ betas[:, :-1].T
    expected = np.exp(log_mean).sum(axis=0)
    points, weights = np.array(AR1_NUGGET), fit.weights[0]
    noise = noise_of(
        series,
        weights @ fit.betas[0],
        weights @ fit.sigma2[0],
        weights @ points[:, 0],
        weights @ points[:, 1],
    )
    recorded = expected + np.sqrt(noise) * rng.standard_normal(len(which))
    found = measured(series, "averaged-reml")
    values = recorded - series.y[START:].sum()
    range_ = found[RECORDED, "simulation"]
    low, high = np.quantile(values, [0.025, 0.975])
    # A 2.5 % quantile of 4,000 draws has a standard error of 1/15 of a standard deviation.
    assert range_.low == pytest.approx(low, abs=0.17 * values.std())
    assert range_.high == pytest.approx(high, abs=0.17 * values.std())


@pytest.mark.parametrize("shift", [0.0, 0.9])
def test_e_value_is_the_least_confounder_that_explains_the_ratio(series, shift):
    """The weakest pair of ratios (with the start, with the outcome) whose bias factor
    a b / (a + b - 1) reaches the ratio found; the pair is alike (Ding and VanderWeele 2016)."""
    counts = np.round(series.y * np.where(np.arange(N) < START, 1, np.exp(shift)))
    moved = Series.from_arrays(counts, exposure=series.exposure, start=START)
    effect = METHODS["poisson"].fit(moved)
    ratio = np.exp(abs(effect.estimate))
    ends = sorted(np.abs([effect.low, effect.high]))

    def least(wanted: float) -> float:
        # Given one ratio a, the other must be at least wanted (a - 1)/(a - wanted).
        weakest = optimize.minimize_scalar(
            lambda a: max(a, wanted * (a - 1) / (a - wanted)),
            bounds=(wanted + 1e-9, 40.0),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return float(weakest.fun)

    found = measured(moved, "poisson")[
        "confounder strength that would explain it (E-value)", "transformed"
    ]
    crosses = effect.low <= 0 <= effect.high
    assert found.estimate == pytest.approx(least(ratio), rel=1e-5)
    assert found.low == pytest.approx(1.0 if crosses else least(np.exp(ends[0])), rel=1e-5)
    assert found.high == pytest.approx(least(np.exp(ends[1])), rel=1e-5)
