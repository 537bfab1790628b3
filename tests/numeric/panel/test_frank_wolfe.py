"""Weights as synthdid finds them."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.panel.simplex import frank_wolfe_weights, simplex_weights


def plain(a: np.ndarray, b: np.ndarray, zeta: float, tolerance: float) -> np.ndarray:
    """The slow twin: every quantity computed afresh in every step."""
    m, n = a.shape

    def value(w: np.ndarray) -> float:
        return float(zeta**2 * w @ w + ((a @ w - b) ** 2).sum() / m)

    def walk(w: np.ndarray, most: int) -> np.ndarray:
        values: list[float] = []
        for _ in range(most):
            half = a.T @ (a @ w - b) + m * zeta**2 * w
            toward = -w.copy()
            toward[half.argmin()] += 1
            bend = ((a @ toward) ** 2).sum() + m * zeta**2 * (toward @ toward)
            if bend == 0:
                break
            w = w + min(1.0, max(0.0, -(half @ toward) / bend)) * toward
            values.append(value(w))
            if len(values) > 1 and values[-2] - values[-1] <= tolerance:
                break
        return w

    w = walk(np.full(n, 1 / n), 100)
    w = np.where(w <= w.max() / 4, 0, w)
    return walk(w / w.sum(), 10_000)


@pytest.mark.parametrize(("zeta", "intercept"), [(1e-6, False), (1e-6, True), (1.5, True)])
def test_running_sums_give_the_same_steps(zeta: float, intercept: bool) -> None:
    rng = np.random.default_rng(21)
    a, b = rng.normal(size=(15, 20)).cumsum(axis=0) + 30, rng.normal(size=15).cumsum() + 30
    found = frank_wolfe_weights(a, b, zeta=zeta, noise=1.0, intercept=intercept)
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    assert found == pytest.approx(plain(a, b, zeta, 1e-10), abs=1e-8)


def test_firm_penalty_ends_near_the_minimum() -> None:
    rng = np.random.default_rng(22)
    a, b = rng.normal(size=(15, 20)), rng.normal(size=15)
    found = frank_wolfe_weights(a, b, zeta=2.0, noise=1.0)
    exact = simplex_weights(a, b, ridge=15 * 4.0, intercept=True).weights
    # The objective is within the stopping rule, (1e-5)^2 a step; the weights within its root.
    assert found == pytest.approx(exact, abs=1e-3)


def test_weights_are_of_the_simplex_and_inputs_untouched() -> None:
    rng = np.random.default_rng(23)
    a, b = rng.normal(size=(6, 9)), rng.normal(size=6)
    before = a.copy(), b.copy()
    found = frank_wolfe_weights(a, b, zeta=0.1, noise=1.0)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert (a == before[0]).all() and (b == before[1]).all()
