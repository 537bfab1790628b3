"""Logistic regression with unit and period effects: statsmodels with dummies, refusals."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evaluation.errors import FitError
from evaluation.numeric.panel.fixed_effects import binomial_effects


def drawn(seed: int = 1, n: int = 12, length: int = 8) -> tuple[np.ndarray, ...]:
    """Events of one kind, of both, treatment, known log odds, weights."""
    draw = np.random.default_rng(seed)
    total = draw.poisson(6, (n, length)).astype(float)
    x = ((np.arange(n) < n // 2)[:, None] & (np.arange(length) >= length // 2)).astype(float)
    offset = draw.normal(size=(n, length)) / 2
    odds = draw.normal(size=(n, 1)) + draw.normal(size=length) / 2 - 0.8 * x + offset
    y = draw.binomial(total.astype(int), 1 / (1 + np.exp(-odds))).astype(float)
    return y, total, x, offset, draw.uniform(0.5, 2, n)


def by_dummies(y, total, x, offset, weight) -> float:
    n, length = y.shape
    seen = total.ravel() > 0
    design = np.column_stack(
        [np.repeat(np.eye(n), length, 0), np.tile(np.eye(length), (n, 1))[:, 1:], x.ravel()]
    )
    model = sm.GLM(
        (y / np.maximum(total, 1)).ravel()[seen],
        design[seen],
        family=sm.families.Binomial(),
        offset=offset.ravel()[seen],
        freq_weights=(weight[:, None] * total).ravel()[seen],
    )
    return float(model.fit(tol=1e-14, maxiter=100).params[-1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_coefficient_is_that_of_a_regression_with_dummies(seed) -> None:
    case = drawn(seed)
    assert binomial_effects(*case).beta == pytest.approx(by_dummies(*case), abs=1e-6)


def test_fitted_shares_add_up_by_unit_and_period() -> None:
    y, total, x, offset, weight = drawn()
    found = binomial_effects(y, total, x, offset, np.ones(len(y)))
    left = y - total / (1 + np.exp(-found.eta))
    for sums in (left.sum(axis=0), left.sum(axis=1), (left * x).sum()):
        assert sums == pytest.approx(0, abs=1e-5)
    assert weight.shape == (12,)


def test_units_with_one_kind_only_say_nothing() -> None:
    y, total, x, offset, weight = drawn()
    y[3], y[9] = 0, total[9]
    found = binomial_effects(y, total, x, offset, weight)
    assert found.silent == 2
    assert np.isnan(found.eta[[3, 9]]).all()
    kept = np.delete(np.arange(12), [3, 9])
    rest = binomial_effects(y[kept], total[kept], x[kept], offset[kept], weight[kept])
    assert found.beta == pytest.approx(rest.beta, abs=1e-9)


def test_weights_of_one_size_change_nothing() -> None:
    y, total, x, offset, weight = drawn()
    one = binomial_effects(y, total, x, offset, weight)
    assert binomial_effects(y, total, x, offset, 9 * weight).beta == pytest.approx(one.beta)


def test_separation_and_collinearity_are_refused() -> None:
    y, total, x, offset, weight = drawn()
    with pytest.raises(FitError, match="no finite estimate"):
        binomial_effects(np.where(x > 0, 0, y), total, x, offset, weight)
    everyone = np.broadcast_to((np.arange(8) >= 4).astype(float), y.shape)
    with pytest.raises(FitError, match="cannot be told from place and period"):
        binomial_effects(y, total, everyone, offset, weight)
