"""Weighted controls by arrays: what each method minimizes, and where it must agree with another."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import FitError
from evaluation.numeric.panel.synthetic import (
    Block,
    augmented_control,
    chosen_ridge,
    noise_level,
    synthetic_control,
    synthetic_did,
)


def panel(seed: int, n: int = 12, length: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Controls (n, T) and the treated (T,), with common factors."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(2, length)).cumsum(axis=1)
    y = 20 + rng.normal(size=(n + 1, 2)) @ factors + rng.normal(size=(n + 1, length))
    return y[1:], y[0]


def by_enumeration(a: np.ndarray, b: np.ndarray, ridge: float, *, intercept: bool) -> np.ndarray:
    """The slow twin: least squares with weights that sum to one over every set of columns; of those
    without a negative weight the best."""
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    n = a.shape[1]
    best, found = np.inf, np.zeros(n)
    for size in range(1, n + 1):
        for columns in map(list, combinations(range(n), size)):
            # Stationary where 2 (G w - a'b) + multiplier = 0 and the weights sum to one.
            system = np.ones((size + 1, size + 1))
            system[:size, :size] = a[:, columns].T @ a[:, columns] + ridge * np.eye(size)
            system[size, size] = 0
            w = np.zeros(n)
            w[columns] = np.linalg.lstsq(system, np.append(a[:, columns].T @ b, 1), rcond=None)[0][
                :size
            ]
            value = ((a @ w - b) ** 2).sum() + ridge * w @ w
            if w.min() >= 0 and value < best:
                best, found = value, w
    return found


def test_effects_take_the_weighted_gap_before_off() -> None:
    block = Block(np.array([1.0, 3.0, 8.0, 9.0]), np.ones(2) / 2, np.array([0.25, 0.75]))
    assert block.start == 2
    assert block.effects.tolist() == [-1.5, 0.5, 5.5, 6.5]


def test_noise_is_the_standard_deviation_of_steps() -> None:
    y0 = np.array([[1.0, 2.0, 4.0, 90.0], [0.0, 3.0, 3.0, -5.0]])
    assert noise_level(y0, 3) == pytest.approx(np.std([1, 2, 3, 0], ddof=1))
    with pytest.raises(FitError, match="two periods before treatment"):
        noise_level(y0, 1)


@given(st.integers(0, 10**6), st.integers(9, 12))
@settings(max_examples=15, deadline=None)
def test_synthetic_control_is_the_best_of_all_supports(seed: int, start: int) -> None:
    y0, y1 = panel(seed, n=7, length=14)
    found = synthetic_control(y0, y1, start)
    slow = by_enumeration(y0[:, :start].T, y1[:start], 0.0, intercept=False)
    assert found.unit == pytest.approx(slow, abs=1e-7)
    assert found.gap == pytest.approx(y1 - slow @ y0, abs=1e-6)
    assert not found.time.any()


@given(st.integers(0, 10**6), st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_synthetic_did_is_the_best_of_all_supports(seed: int, treated: int) -> None:
    start = 6
    y0, y1 = panel(seed, n=8, length=10)
    found = synthetic_did(y0, y1, start, treated)
    sigma = np.diff(y0[:, :start], axis=1).std(ddof=1)
    # Arkhangelsky et al. (2021), equations 4 to 6: zeta = (treated cells)^(1/4) sigma, and the
    # penalty is of zeta^2 times periods before.
    ridge = start * np.sqrt(treated * 4) * sigma**2
    unit = by_enumeration(y0[:, :start].T, y1[:start], ridge, intercept=True)
    after = y0[:, start:].mean(axis=1)
    time = by_enumeration(y0[:, :start], after, 8 * (1e-6 * sigma) ** 2, intercept=True)
    assert found.unit == pytest.approx(unit, abs=1e-7)
    assert found.time == pytest.approx(time, abs=1e-6)
    gap = y1 - unit @ y0
    assert found.effects[start:].mean() == pytest.approx(
        gap[start:].mean() - time @ gap[:start], abs=1e-5
    )


def test_published_steps_end_near_the_minimum() -> None:
    y0, y1 = panel(3)
    exact, stopped = (synthetic_did(y0, y1, 12, 1, solver=s) for s in ("exact", "published"))
    assert stopped.unit == pytest.approx(exact.unit, abs=2e-3)
    assert stopped.effects[12:].mean() == pytest.approx(exact.effects[12:].mean(), abs=0.05)


def test_augmented_weights_close_the_gap_that_remains() -> None:
    y0, y1 = panel(4, n=20, length=14)
    y1 = y1 + 15  # beyond every control
    start = 10
    plain = synthetic_control(y0, y1, start)
    before = [
        np.sqrt((augmented_control(y0, y1, start, ridge).gap[:start] ** 2).mean())
        for ridge in (1e9, 100.0, 1.0, 1e-6)
    ]
    assert before[0] == pytest.approx(np.sqrt((plain.gap[:start] ** 2).mean()), rel=1e-3)
    assert all(a > b for a, b in pairwise(before))
    assert before[-1] == pytest.approx(0, abs=1e-4)


def test_ridge_is_refused_or_chosen_by_what_there_is() -> None:
    y0, y1 = panel(5)
    x = y0[:, :10] - y0[:, :10].mean(axis=0)
    top = np.linalg.norm(x, 2) ** 2
    steps = np.log(chosen_ridge(y0, y1, 10) / top) / np.log(1e-8) * 20
    assert steps == pytest.approx(round(float(steps)), abs=1e-9)
    with pytest.raises(FitError, match="three periods before"):
        chosen_ridge(y0, y1, 2)
    with pytest.raises(FitError, match="all alike"):
        chosen_ridge(np.ones((5, 8)), y1[:8], 6)


def test_inputs_are_untouched() -> None:
    y0, y1 = panel(6)
    copies = y0.copy(), y1.copy()
    synthetic_did(y0, y1, 10, 2, solver="published")
    synthetic_control(y0, y1, 10)
    augmented_control(y0, y1, 10, 3.0)
    assert (y0 == copies[0]).all() and (y1 == copies[1]).all()
