"""Poisson and binomial regressions with unit and period effects against dummies."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.panel.fixed_effects import (
    binomial_effects,
    poisson_effects,
    unit_information,
)
from evaluation.numeric.shared.glm import poisson

RNG = np.random.default_rng(4)
N, T = 12, 8
UNIT, TIME = np.repeat(np.arange(N), T), np.tile(np.arange(T), N)
X = np.stack([RNG.normal(size=(N, T)), (TIME >= 4).reshape(N, T) * (RNG.random((N, 1)) < 0.5)], 2)
OFFSET = RNG.uniform(0, 1, (N, T))
Y = RNG.poisson(np.exp(0.5 + 0.3 * X[:, :, 0] + OFFSET)).astype(float)
DUMMIES = np.column_stack([np.eye(T)[TIME][:, 1:], X.reshape(-1, 2), np.eye(N)[UNIT]])


def test_concentrated_fit_equals_dummies() -> None:
    found = poisson_effects(Y, X, OFFSET)
    slow = poisson(Y.ravel(), DUMMIES, OFFSET.ravel())
    assert slow.converged.all()
    np.testing.assert_allclose(found.beta, slow.beta[0, T - 1 : T + 1], rtol=1e-9)
    np.testing.assert_allclose(found.mu.ravel(), slow.mu[0], rtol=1e-8)
    k = T + 1
    np.testing.assert_allclose(found.cov, slow.cov[0, :k, :k], rtol=1e-7)
    assert found.max_score < 1e-9


def test_parts_of_the_information_sum_to_it() -> None:
    weight = RNG.uniform(0.5, 2, N)
    found = poisson_effects(Y, X, OFFSET, weight=weight)
    parts = unit_information(found, X, weight)
    np.testing.assert_allclose(parts.sum(axis=0), found.information, rtol=1e-10)
    np.testing.assert_allclose(found.scores.sum(axis=0), 0, atol=1e-8)


def test_whole_weights_are_repeated_units() -> None:
    weight = np.where(np.arange(N) < 3, 2.0, 1.0)
    rows = np.repeat(np.arange(N), weight.astype(int))
    found = poisson_effects(Y, X, OFFSET, weight=weight)
    again = poisson_effects(Y[rows], X[rows], OFFSET[rows], start=found)
    np.testing.assert_allclose(found.beta, again.beta, rtol=1e-9)
    without = poisson_effects(Y, X, OFFSET, weight=(np.arange(N) > 0).astype(float))
    np.testing.assert_allclose(without.beta, poisson_effects(Y[1:], X[1:], OFFSET[1:]).beta)


def test_empty_units_and_periods_say_nothing() -> None:
    y = Y.copy()
    y[0], y[:, 5] = 0, 0
    rows, columns = np.arange(N) != 0, np.arange(T) != 5
    found = poisson_effects(y, X, OFFSET)
    cells = np.ix_(rows, columns)
    np.testing.assert_allclose(found.beta, poisson_effects(y[cells], X[cells], OFFSET[cells]).beta)
    assert not found.kept[5]
    assert (found.mu[0] == 0).all()


def test_separation_is_found() -> None:
    # The second column is 1 only in cells without events.
    y = np.where((X[:, :, 1] == 1), 0.0, Y + 1)
    with pytest.raises(FitError, match="separation"):
        poisson_effects(y, X, OFFSET)


def test_column_of_the_periods_is_refused() -> None:
    x = np.broadcast_to(np.arange(T)[None, :, None] >= 4, (N, T, 1)).astype(float)
    with pytest.raises(FitError, match="cannot be told"):
        poisson_effects(Y, x, OFFSET)
    with pytest.raises(FitError, match="cannot be told"):
        binomial_effects(Y, Y + 1, x[:, :, 0], OFFSET, np.ones(N))


def test_binomial_solves_its_score_with_dummies() -> None:
    total = Y + RNG.poisson(2, (N, T))
    weight = RNG.uniform(0.5, 2, N)
    found = binomial_effects(Y, total, X[:, :, 1], OFFSET, weight)
    left = (weight[:, None] * (Y - total / (1 + np.exp(-found.eta)))).ravel()
    x = np.column_stack([X[:, :, 1].ravel(), np.eye(T)[TIME], np.eye(N)[UNIT]])
    np.testing.assert_allclose(x.T @ left, 0, atol=1e-8)
    # The log odds are a sum of the effects.
    rest = (found.eta - OFFSET - found.beta * X[:, :, 1]).ravel()
    fitted = x @ np.linalg.lstsq(x, rest, rcond=None)[0]
    np.testing.assert_allclose(fitted, rest, atol=1e-10)


def test_binomial_separation_is_found() -> None:
    treated = X[:, :, 1]
    y = np.where(treated == 1, 0.0, Y + 1)
    with pytest.raises(FitError, match="separation"):
        binomial_effects(y, y + 2, treated, OFFSET, np.ones(N))
