"""A prior on a slope against an obvious twin: a row more of data that says it is nought."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.averaged import Slopes, averaged_poisson
from evaluation.numeric.series.correlation import AR1_NUGGET, ar1_matrix
from evaluation.numeric.series.learned_weights import LEARNED_GRID, learned_weights
from evaluation.numeric.shared.glm import poisson

N, START = 54, 30
TIME = np.arange(N)
X = np.column_stack(
    [np.ones(N), TIME + 1.0, TIME >= START, *(f(2 * np.pi * TIME / 12) for f in (np.sin, np.cos))]
)
# The slope a year, of a column that counts months.
OF = np.array([[0.0, 12.0, 0.0, 0.0, 0.0]])


def _counts(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.poisson(9 * np.exp(0.08 * TIME / 12 - 0.2 * (TIME >= START))).astype(float)


def _twin(y, x, prior, rows, sd):
    """Weights, betas, covariances at every point of the grid by dense least squares, each slope a
    row of its own whose outcome is nought with variance sd^2 (over the scale without that row)."""
    (n, k), p = x.shape, len(rows)
    mu = poisson(y[None], x, np.zeros((1, n))).mu[0]
    root = np.sqrt(mu)
    z, working = root * np.log(mu) + (y - mu) / root, root[:, None] * x
    values, betas, covs = [], [], []
    for (rho, omega), weight in zip(LEARNED_GRID, prior, strict=True):
        r = (1 - omega) * ar1_matrix(np.arange(n), rho) + omega * np.eye(n)
        inverse = np.linalg.inv(r)
        flat = np.linalg.solve(working.T @ inverse @ working, working.T @ inverse @ z)
        left = z - working @ flat
        variance = sd**2 / ((left @ inverse @ left) / (n - k))
        whole = np.vstack([working, rows])
        precision = np.zeros((n + p, n + p))
        precision[:n, :n], precision[n:, n:] = inverse, np.eye(p) / variance
        gram = whole.T @ precision @ whole
        outcome = np.concatenate([z, np.zeros(p)])
        beta = np.linalg.solve(gram, whole.T @ precision @ outcome)
        left = outcome - whole @ beta
        rss = left @ precision @ left
        values.append(
            weight
            - (n + p - k) / 2 * np.log(rss)
            - np.linalg.slogdet(r)[1] / 2
            - p * np.log(variance) / 2
            - np.linalg.slogdet(gram)[1] / 2
        )
        betas.append(beta)
        covs.append(np.linalg.inv(gram) * rss / (n + p - k))
    weights = np.exp(np.array(values) - max(values))
    return weights / weights.sum(), np.array(betas), np.array(covs)


@pytest.mark.parametrize("sd", [0.02, 0.1, 0.5])
def test_a_prior_is_a_row_that_says_the_slope_is_nought(sd):
    y = _counts(1)
    prior = learned_weights(y.mean(keepdims=True), 12)
    fitted = averaged_poisson(
        y, X, np.zeros(N), TIME, LEARNED_GRID, prior=prior, slopes=Slopes(OF, sd), passes=1
    )
    weights, betas, covs = _twin(y, X, prior[0], OF, sd)
    assert fitted.df == N - X.shape[1] + 1
    assert fitted.weights[0] == pytest.approx(weights, rel=1e-7, abs=1e-12)
    assert fitted.betas[0] == pytest.approx(betas, rel=1e-7, abs=1e-9)
    assert fitted.covs[0] == pytest.approx(covs, rel=1e-7, abs=1e-10)


def test_two_slopes_one_after_another_are_both_at_once():
    y, side = _counts(2), (TIME % 2 == 0).astype(float)
    x = np.column_stack([np.ones(N), side, TIME * side, TIME * (1 - side), TIME >= START])
    of = np.zeros((2, 5))
    of[0, 2] = of[1, 3] = 12.0
    prior = learned_weights(y.mean(keepdims=True), 12)
    fitted = averaged_poisson(
        y, x, np.zeros(N), TIME, LEARNED_GRID, prior=prior, slopes=Slopes(of, 0.1), passes=1
    )
    weights, betas, covs = _twin(y, x, prior[0], of, 0.1)
    assert fitted.df == N - 5 + 2
    assert fitted.weights[0] == pytest.approx(weights, rel=1e-7, abs=1e-12)
    assert fitted.betas[0] == pytest.approx(betas, rel=1e-7, abs=1e-9)
    assert fitted.covs[0] == pytest.approx(covs, rel=1e-7, abs=1e-10)


def test_no_sd_is_no_trend_and_an_endless_one_is_the_free_slope():
    y = np.array([_counts(seed) for seed in range(4)])
    rest = {"offset": np.zeros(N), "time": TIME, "grid": AR1_NUGGET}
    none = averaged_poisson(y, X, slopes=Slopes(OF, 0.0), **rest)
    without = averaged_poisson(y, np.delete(X, 1, axis=1), **rest)
    kept = [0, 2, 3, 4]
    # Both settle to 1e-8 of the coefficients, on other ways.
    assert none.betas[..., kept] == pytest.approx(without.betas, abs=1e-7)
    assert none.covs[..., kept, :][..., kept] == pytest.approx(without.covs, rel=1e-6, abs=1e-8)
    assert none.weights == pytest.approx(without.weights, abs=1e-7)
    assert none.df == without.df
    assert none.covs[..., 1, 1] == pytest.approx(np.zeros((4, 46)), abs=1e-12)
    free, endless = (
        averaged_poisson(y, X, **rest),
        averaged_poisson(y, X, slopes=Slopes(OF, np.inf), **rest),
    )
    assert np.array_equal(free.covs, endless.covs) and free.df == endless.df
    near = averaged_poisson(y, X, slopes=Slopes(OF, 1e6), **rest)
    assert near.beta == pytest.approx(free.beta, abs=1e-6)


def test_each_series_has_its_own_weights_before_the_data_in_any_order():
    y = np.array([_counts(seed) * (1 + 9 * (seed % 2)) for seed in range(6)])
    prior = learned_weights(y.mean(axis=1), 12)

    def fitted(rows):
        return averaged_poisson(
            y[rows], X, np.zeros(N), TIME, LEARNED_GRID,
            prior=prior[rows], slopes=Slopes(OF, 0.1), passes=1,
        )  # fmt: skip

    whole, turned = fitted(np.arange(6)), fitted(np.arange(6)[::-1])
    own = averaged_poisson(
        y, np.stack([X] * 6), np.zeros(N), TIME, LEARNED_GRID,
        prior=prior, slopes=Slopes(OF, 0.1), passes=1,
    )  # fmt: skip
    assert turned.beta[::-1] == pytest.approx(whole.beta, abs=1e-10)
    assert own.covs == pytest.approx(whole.covs, rel=1e-9, abs=1e-12)
