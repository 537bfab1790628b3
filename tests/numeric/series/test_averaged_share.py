"""Averaged REML of a ratio of counts."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.series.averaged import averaged_share
from evaluation.numeric.series.correlation import AR1_NUGGET, ar1_matrix
from evaluation.numeric.shared.linear import mixture_contrasts


def series(reps: int, own: float, other: float, ratio: float = 1.0) -> tuple[np.ndarray, ...]:
    """Two series with a common random walk, the first changed by `ratio` at the middle."""
    draw = np.random.default_rng(4)
    common = np.exp(0.05 * draw.normal(size=(reps, 84)).cumsum(axis=1))
    after = np.arange(84) >= 42
    one = draw.poisson(own * common * np.where(after, ratio, 1)).astype(float)
    two = draw.poisson(other * common).astype(float)
    x = np.column_stack([np.ones(84), (np.arange(84) - 42) / 12, after]).astype(float)
    return one, two, x, np.arange(84)


def test_at_one_correlation_it_solves_the_weighted_equations():
    one, two, x, time = series(1, 9, 12)
    offset = np.log(np.linspace(1, 1.3, 84))
    found = averaged_share(one, one + two, x, offset, time, ((0.4, 0.25),))
    p = 1 / (1 + np.exp(-(found.beta[0] @ x.T + offset)))
    total = (one + two)[0]
    root = np.sqrt(total * p * (1 - p))
    inverse = np.linalg.inv(0.75 * ar1_matrix(time, 0.4) + 0.25 * np.eye(84))
    residual = (one[0] - total * p) / root
    design = root[:, None] * x
    assert design.T @ inverse @ residual == pytest.approx(np.zeros(3), abs=1e-5)
    sigma2 = residual @ inverse @ residual / (84 - 3)
    expected = sigma2 * np.linalg.inv(design.T @ inverse @ design)
    assert found.covs[0, 0] == pytest.approx(expected, rel=1e-6)


def test_without_correlation_it_is_the_logistic_regression():
    # statsmodels GLM, binomial; R's glm(cbind(y, total - y) ~ x, binomial) is the same maximum.
    import statsmodels.api as sm

    one, two, x, time = series(1, 9, 12)
    found = averaged_share(one, one + two, x, np.zeros(1), time, ((0.0, 0.0),))
    counts = np.column_stack([one[0], two[0]])
    fitted = sm.GLM(counts, x, family=sm.families.Binomial()).fit(tol=1e-12)
    assert found.beta[0] == pytest.approx(fitted.params, abs=1e-7)


def test_small_and_noisy_second_series_neither_runs_away_nor_misleads():
    one, two, x, time = series(200, 8, 5, ratio=0.7)
    kept = (one + two > 0).all(axis=1)
    found = averaged_share(one[kept], (one + two)[kept], x, np.zeros(1), time, AR1_NUGGET)
    assert found.converged.mean() > 0.98
    step = np.array([[0.0, 0.0, 1.0]])
    covered, estimates = [], []
    for s in np.flatnonzero(found.converged):
        judged = mixture_contrasts(found.weights[s], found.betas[s], found.covs[s], found.df, step)
        covered.append(judged.low[0] <= np.log(0.7) <= judged.high[0])
        estimates.append(judged.estimate[0])
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert np.mean(estimates) == pytest.approx(np.log(0.7), abs=3 * error)
    assert np.mean(covered) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(covered))


def test_period_without_an_event_is_refused():
    one, two, x, time = series(1, 9, 12)
    one[0, 3] = two[0, 3] = 0
    with pytest.raises(FitError, match="without an event"):
        averaged_share(one, one + two, x, np.zeros(1), time, AR1_NUGGET)
