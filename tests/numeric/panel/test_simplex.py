"""Simplex weights meet the conditions of a minimum, and agree with slower ways to find it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from evaluation.errors import FitError
from evaluation.numeric.panel import simplex
from evaluation.numeric.panel.simplex import simplex_weights


def objective(
    a: np.ndarray, b: np.ndarray, w: np.ndarray, ridge: float, intercept: bool = False
) -> float:
    off = a @ w - b
    if intercept:
        off = off - off.mean()
    return float(off @ off + ridge * w @ w)


def frank_wolfe(a: np.ndarray, b: np.ndarray, ridge: float, steps: int) -> np.ndarray:
    """The slow twin: away steps with exact line search, from equal weights."""
    w = np.full(a.shape[1], 1 / a.shape[1])
    for _ in range(steps):
        gradient = a.T @ (a @ w - b) + ridge * w
        into, out = gradient.argmin(), np.where(w > 0, gradient, -np.inf).argmax()
        move = np.zeros(len(w))
        move[into] += 1
        move[out] -= 1
        curvature = ((a @ move) ** 2).sum() + ridge * (move @ move)
        if curvature == 0:
            break
        w = w + min(-(gradient @ move) / curvature, w[out]) * move
        w = np.maximum(w, 0)
    return w


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 15), st.integers(-9, 2))
@settings(max_examples=150, deadline=None)
def test_no_other_weights_are_nearer(seed: int, m: int, n: int, power: int) -> None:
    rng = np.random.default_rng(seed)
    a = np.round(rng.normal(size=(m, n)), int(rng.integers(0, 4)))
    b = a @ rng.dirichlet(np.ones(n)) + (seed % 3) * rng.normal(size=m)
    ridge = 10.0**power if seed % 2 else 0.0
    intercept = bool(seed % 5 == 0)
    found = simplex_weights(a, b, ridge=ridge, intercept=intercept)
    assert found.weights.min() >= 0
    assert found.weights.sum() == pytest.approx(1, abs=1e-12)
    best = objective(a, b, found.weights, ridge, intercept)
    assert found.gap <= 1e-9 * max(1.0, float(((a - b[:, None]) ** 2).sum(axis=0).max()), ridge)
    for other in rng.dirichlet(np.full(n, 0.3), size=20):
        assert best <= objective(a, b, other, ridge, intercept) + 2 * found.gap + 1e-12


@pytest.mark.parametrize("ridge", [0.0, 1e-6, 0.3, 50.0])
def test_agrees_with_sequential_quadratic_programming(ridge: float) -> None:
    rng = np.random.default_rng(11)
    a, b = rng.normal(size=(25, 8)), rng.normal(size=25)
    found = simplex_weights(a, b, ridge=ridge).weights
    slow = minimize(
        lambda w: objective(a, b, w, ridge),
        np.full(8, 1 / 8),
        bounds=[(0, 1)] * 8,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-15, "maxiter": 500},
    ).x
    # SLSQP ends within the root of its tolerance.
    assert found == pytest.approx(slow, abs=1e-6)


@pytest.mark.parametrize("ridge", [0.0, 2.0])
def test_agrees_with_many_steps_of_frank_and_wolfe(ridge: float) -> None:
    rng = np.random.default_rng(12)
    a, b = rng.normal(size=(40, 12)), rng.normal(size=40)
    slow = frank_wolfe(a, b, ridge, 20_000)
    assert simplex_weights(a, b, ridge=ridge).weights == pytest.approx(slow, abs=1e-9)


def test_pivots_and_active_set_agree_on_many_columns() -> None:
    rng = np.random.default_rng(13)
    p = rng.normal(size=(10, 120)) + 0.2
    pivoted = simplex._pivoted(p, 0.5)
    begin = np.zeros(120)
    begin[0] = 1
    assert simplex._active_set(p, 0.5, begin) == pytest.approx(pivoted, abs=1e-10)


def test_intercept_takes_up_a_shift() -> None:
    rng = np.random.default_rng(14)
    a, truth = rng.normal(size=(30, 4)), np.array([0.5, 0.3, 0.2, 0.0])
    found = simplex_weights(a, a @ truth + 7, intercept=True)
    assert found.weights == pytest.approx(truth, abs=1e-8)
    assert found.constant == pytest.approx(7, abs=1e-7)


def test_a_heavy_penalty_makes_weights_equal() -> None:
    rng = np.random.default_rng(15)
    a, b = rng.normal(size=(10, 6)), rng.normal(size=10)
    assert simplex_weights(a, b, ridge=1e9).weights == pytest.approx(np.full(6, 1 / 6), abs=1e-6)


def test_scale_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(16)
    a, b, order = rng.normal(size=(20, 9)), rng.normal(size=20), rng.permutation(9)
    found = simplex_weights(a, b).weights
    assert simplex_weights(1e6 * a, 1e6 * b).weights == pytest.approx(found, abs=1e-9)
    assert simplex_weights(a[:, order], b).weights == pytest.approx(found[order], abs=1e-9)


def test_columns_equal_to_the_target_fit_it() -> None:
    a = np.ones((4, 3))
    assert simplex_weights(a, np.ones(4)).weights.sum() == pytest.approx(1)


def test_nothing_to_weight_is_refused() -> None:
    with pytest.raises(FitError, match="nothing to weight"):
        simplex_weights(np.empty((3, 0)), np.zeros(3))
