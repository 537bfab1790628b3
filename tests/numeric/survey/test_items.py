"""The ordered logit is the maximum of its likelihood, and with two categories a logistic one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from evaluation.errors import FitError
from evaluation.numeric.survey import items, weighted


def answers(seed: int = 4, n: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(5, 2, n), rng.integers(0, 2, n)])
    y = np.searchsorted([-1.0, 0.4, 1.5, 2.4], x @ [0.2, 0.6] - 1 + rng.logistic(size=n))
    return y, x, rng.uniform(0.4, 3, n)


def test_estimate_is_where_a_general_optimiser_ends() -> None:
    y, x, weight = answers()

    def loss(theta: np.ndarray) -> float:
        cuts = np.concatenate([[-50], np.cumsum(np.r_[theta[2], np.exp(theta[3:])]), [50]])
        eta = x @ theta[:2]
        return -float(weight @ np.log(expit(cuts[y + 1] - eta) - expit(cuts[y] - eta)))

    best = minimize(loss, np.array([0, 0, -1, 0, 0, 0.0]), method="BFGS", options={"gtol": 1e-7})
    found = items.ordered(y, x, weight)
    np.testing.assert_allclose(found.beta, best.x[:2], atol=1e-5)
    np.testing.assert_allclose(
        found.cuts, np.cumsum(np.r_[best.x[2], np.exp(best.x[3:])]), atol=1e-4
    )


def test_influence_is_the_derivative_by_the_weight() -> None:
    y, x, weight = answers()
    found, step = items.ordered(y, x, weight), 1e-5
    for i in range(0, len(y), 17):
        ends = []
        for sign in (1, -1):
            moved = weight.copy()
            moved[i] += sign * step
            fit = items.ordered(y, x, moved)
            ends.append(np.concatenate([fit.beta, fit.cuts]))
        slope = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(found.influence[i], weight[i] * slope, rtol=1e-4, atol=1e-9)


def test_two_categories_are_a_logistic_regression() -> None:
    y, x, weight = answers()
    found = items.ordered((y > 1).astype(int), x, weight)
    binary = weighted.logistic((y > 1).astype(float), np.column_stack([np.ones(len(y)), x]), weight)
    np.testing.assert_allclose(found.beta, binary.beta[1:], rtol=1e-8)
    np.testing.assert_allclose(-found.cuts[0], binary.beta[0], rtol=1e-8)
    np.testing.assert_allclose(found.influence[:, :2], binary.influence[:, 1:], atol=1e-10)


def test_derivatives_of_the_expected_answer_are_those_of_differences() -> None:
    y, x, weight = answers()
    fit = items.ordered(y, x, weight)
    theta, levels = np.concatenate([fit.beta, fit.cuts]), np.array([1.0, 2, 3, 4, 7])
    mean, slope = items.expected(theta, x, levels)
    assert mean.min() > 1 and mean.max() < 7
    for j in range(len(theta)):
        step = np.eye(len(theta))[j] * 1e-6
        up, down = (items.expected(theta + s * step, x, levels)[0] for s in (1, -1))
        np.testing.assert_allclose(slope[:, j], (up - down) / 2e-6, atol=1e-6)


def test_no_finite_estimate_is_refused() -> None:
    y, x, weight = answers()
    with pytest.raises(FitError, match="two categories"):
        items.ordered(np.zeros(len(y), int), x, weight)
    separated = np.where(x[:, 1] == 1, y.max(), np.minimum(y, y.max() - 1))
    with pytest.raises(FitError, match="no finite estimate"):
        items.ordered(separated, x, weight)
