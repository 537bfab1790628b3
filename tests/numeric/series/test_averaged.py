"""The batched averaged REML against dense matrices, one grid point and one series at a time."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.averaged import CHUNK, averaged_poisson
from evaluation.numeric.series.correlation import (
    AR1_NUGGET,
    AR1_NUGGET_WIDE,
    INFORMED,
    Grid,
    ar1_matrix,
)
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream

CALENDARS = {
    "even": np.arange(48),
    "odd": np.arange(47),
    "with a gap": np.delete(np.arange(52), [20, 21, 22, 23]),
    "two sites": np.concatenate([np.arange(24), 100_000 + np.arange(24)]),
}


def _design(n: int) -> np.ndarray:
    t = np.arange(n)
    angle = 2 * np.pi * t / 12
    return np.column_stack([np.ones(n), t / n, t >= n // 2, np.sin(angle), np.cos(angle)])


def _counts(n: int, draws: int, *, mean: float = 8.0, rho: float = 0.4) -> np.ndarray:
    source = stream(11, f"{n}/{mean}")
    return copula_counts(np.full(n, mean), alpha=0.1, rho=rho, source=source, draws=draws)


def _dense(y: np.ndarray, x: np.ndarray, time: np.ndarray, grid: Grid, mu: np.ndarray):
    """One pass by inverting every correlation matrix: weights, betas and covariances."""
    n, k = x.shape
    root = np.sqrt(mu)
    z, working = root * np.log(mu) + (y - mu) / root, root[:, None] * x
    values, betas, covs = [], [], []
    for rho, omega in grid:
        r = (1 - omega) * ar1_matrix(time, rho) + omega * np.eye(n)
        inverse = np.linalg.inv(r)
        gram = working.T @ inverse @ working
        beta = np.linalg.solve(gram, working.T @ inverse @ z)
        left = z - working @ beta
        rss = left @ inverse @ left
        values.append(
            -(n - k) / 2 * np.log(rss)
            - np.linalg.slogdet(r)[1] / 2
            - np.linalg.slogdet(gram)[1] / 2
        )
        betas.append(beta)
        covs.append(np.linalg.inv(gram) * rss / (n - k))
    weights = np.exp(np.array(values) - max(values))
    return weights / weights.sum(), np.array(betas), np.array(covs)


@pytest.mark.parametrize("calendar", CALENDARS)
def test_fixed_point_is_that_of_dense_matrices_on_every_calendar(calendar):
    time = CALENDARS[calendar]
    x = _design(len(time))
    y = _counts(len(time), 3)
    fitted = averaged_poisson(y, x, np.zeros(len(time)), time, AR1_NUGGET_WIDE)
    assert fitted.converged.all()
    for row in range(len(y)):
        weights, betas, covs = _dense(y[row], x, time, AR1_NUGGET_WIDE, fitted.mu[row])
        # The pass that ends the iteration moves mu once more, by up to 1e-8 on the
        # orthonormal scale, which is up to a hundred times more on that of x.
        assert fitted.weights[row] == pytest.approx(weights, abs=1e-6)
        assert fitted.betas[row] == pytest.approx(betas, abs=1e-6)
        assert fitted.covs[row] == pytest.approx(covs, rel=1e-6, abs=1e-6)
        assert np.exp(x @ fitted.beta[row]) == pytest.approx(fitted.mu[row], rel=1e-7)


def test_prior_multiplies_the_weights_of_the_grid():
    n = 48
    x, y, time = _design(n), _counts(n, 2), np.arange(n)
    fitted = averaged_poisson(y, x, np.zeros(n), time, AR1_NUGGET, prior=INFORMED)
    flat, betas, _ = _dense(y[0], x, time, AR1_NUGGET, fitted.mu[0])
    wanted = flat * np.exp(INFORMED)
    wanted /= wanted.sum()
    assert fitted.weights[0] == pytest.approx(wanted, abs=1e-6)
    assert fitted.beta[0] == pytest.approx(wanted @ betas, abs=1e-6)
    assert abs(wanted - flat).max() > 0.01


def test_answer_does_not_depend_on_which_series_share_a_batch():
    n = 36
    x, y = _design(n), _counts(36, CHUNK + 7)
    together = averaged_poisson(y, x, np.zeros(n), np.arange(n), AR1_NUGGET)
    last = averaged_poisson(y[-7:], x, np.zeros(n), np.arange(n), AR1_NUGGET)
    assert together.covs[-7:] == pytest.approx(last.covs, rel=1e-9, abs=1e-12)
    assert together.beta[-7:] == pytest.approx(last.beta, rel=1e-9, abs=1e-10)


def test_own_designs_give_what_a_shared_design_gives():
    n = 36
    x, y = _design(n), _counts(n, 4)
    own = averaged_poisson(y, np.stack([x] * 4), np.zeros(n), np.arange(n), AR1_NUGGET)
    shared = averaged_poisson(y, x, np.zeros(n), np.arange(n), AR1_NUGGET)
    assert own.covs == pytest.approx(shared.covs, rel=1e-9, abs=1e-12)
    assert own.weights == pytest.approx(shared.weights, abs=1e-10)


def test_a_series_without_finite_estimate_is_marked_and_the_others_go_on():
    n = 36
    x, y = _design(n), _counts(n, 5)
    y[2, 18:] = 0
    y[4] = 0
    fitted = averaged_poisson(y, x, np.zeros(n), np.arange(n), AR1_NUGGET)
    assert np.flatnonzero(~fitted.converged).tolist() == [2, 4]
    assert np.isnan(fitted.beta[2]).all()
    alone = averaged_poisson(y[3], x, np.zeros(n), np.arange(n), AR1_NUGGET)
    assert fitted.beta[3] == pytest.approx(alone.beta[0], rel=1e-9, abs=1e-10)


def test_short_sparse_series_with_strong_correlation_rarely_fail_and_never_crash():
    # The hardest cell of the coverage study, where about 1 in 100 has no answer.
    t = np.arange(48)
    angles = 2 * np.pi * np.outer(t, [1, 2]) / 12
    step = (t >= 24).astype(float)
    x = np.column_stack([np.ones(48), t, np.sin(angles), np.cos(angles), step])
    source = stream(1, "hard")
    y = copula_counts(np.full(48, 2.0), alpha=0.3, rho=0.6, source=source, draws=500)
    fitted = averaged_poisson(y, x, np.zeros(48), t, AR1_NUGGET)
    assert (~fitted.converged).sum() <= 6
