"""Importances of predictors, and the weights that follow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from evaluation.numeric.panel.synthetic import chosen_importance, predictor_weights, standardized


def panel(
    seed: int, n: int = 15, p: int = 2, periods: int = 10
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Predictors and outcomes of controls and the treated; the first predictor drives outcomes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + 1, p))
    x[0] *= 0.3  # inside the others
    z = 10 + 3 * x[:, [0]] * np.linspace(1, 2, periods) + 0.3 * rng.normal(size=(n + 1, periods))
    return x[1:], x[0], z[1:], z[0]


def test_predictors_are_over_their_spread_among_all_units() -> None:
    x0, x1 = np.array([[1.0, 5.0], [2.0, 5.0], [6.0, 5.0]]), np.array([4.0, 5.0])
    a0, a1 = standardized(x0, x1)
    spread = np.std([1, 2, 6, 4], ddof=1)
    assert a0[:, 0] == pytest.approx(x0[:, 0] / spread)
    assert a1[0] == pytest.approx(4 / spread)
    # One that does not vary has no say.
    assert not a0[:, 1].any() and a1[1] == 0


def test_weights_minimize_the_weighted_distance() -> None:
    x0, x1, _, _ = panel(1, n=4, p=6)
    importance = np.array([3.0, 1.0, 0.5, 2.0, 0.1, 0.0])
    found = predictor_weights(x0, x1, importance)
    slow = minimize(
        lambda w: float((importance * (x1 - w @ x0) ** 2).sum()),
        np.full(4, 0.25),
        bounds=[(0, 1)] * 4,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-15},
    ).x
    assert found == pytest.approx(slow, abs=1e-6)
    # Only their proportions matter.
    assert predictor_weights(x0, x1, 7 * importance) == pytest.approx(found, abs=1e-9)


def test_importances_follow_the_outcome_as_closely_as_a_fine_grid() -> None:
    # Two predictors leave one free share, so that a grid over it is the slow twin.
    x0, x1, z0, z1 = panel(2)
    x1 = x1 + np.array([0.0, 4.0])  # the second cannot be met, so the shares matter
    found = chosen_importance(x0, x1, z0, z1)

    def gap(importance: np.ndarray) -> float:
        return float(((z1 - predictor_weights(x0, x1, importance) @ z0) ** 2).mean())

    shares = 1 / (1 + np.exp(-np.linspace(-15, 15, 601)))
    best = min(gap(np.array([share, 1 - share])) for share in shares)
    assert gap(found) <= best + 1e-3 * float(np.vstack([z0, z1]).var())
    assert gap(found) < gap(np.array([0.5, 0.5]))
    assert found.sum() == pytest.approx(1) and found.min() >= 0
    assert found[0] > found[1]


def test_one_predictor_needs_no_search() -> None:
    x0, x1, z0, z1 = panel(3, p=1)
    assert chosen_importance(x0, x1, z0, z1).tolist() == [1.0]
