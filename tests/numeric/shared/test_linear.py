"""Contrasts: t against scipy, mixtures against draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.errors import FitError
from evaluation.numeric.shared.linear import back, mixture_contrasts, orthonormal, t_contrasts

COV = np.array([[0.04, 0.01], [0.01, 0.09]])


def test_t_interval_is_estimate_plus_and_minus_the_quantile():
    found = t_contrasts(np.array([1.0, 2.0]), COV, 7.5, np.array([[1.0, -1.0]]))
    width = np.sqrt(0.04 + 0.09 - 0.02)
    assert found.high[0] == pytest.approx(-1 + stats.t(7.5).ppf(0.975) * width)
    assert found.p_value[0] == pytest.approx(2 * stats.t(7.5).sf(1 / width))


def test_infinite_freedom_is_the_normal():
    found = t_contrasts(np.array([1.0, 2.0]), COV, np.inf, np.eye(2))
    assert found.low[0] == pytest.approx(1 - 1.959963984540054 * 0.2)
    assert found.p_value[0] == pytest.approx(2 * stats.norm.sf(5))


def test_mixture_of_one_is_t():
    one = mixture_contrasts(np.ones(1), np.array([[1.0, 2.0]]), COV[None], 9.0, np.eye(2))
    plain = t_contrasts(np.array([1.0, 2.0]), COV, 9.0, np.eye(2))
    assert one.low == pytest.approx(plain.low, rel=1e-9)
    assert one.p_value == pytest.approx(plain.p_value, rel=1e-9)


def test_mixture_quantiles_agree_with_draws():
    rng = np.random.default_rng(2)
    weights, centers, scales = np.array([0.7, 0.3]), np.array([0.0, 1.5]), np.array([0.2, 1.0])
    which = rng.choice(2, 400_000, p=weights)
    draws = centers[which] + scales[which] * rng.standard_t(12, 400_000)
    found = mixture_contrasts(
        weights, centers[:, None], (scales**2)[:, None, None], 12.0, np.ones((1, 1))
    )
    assert found.low[0] == pytest.approx(np.quantile(draws, 0.025), abs=0.01)
    assert found.high[0] == pytest.approx(np.quantile(draws, 0.975), abs=0.02)


def test_coming_back_from_orthonormal_columns_gives_least_squares():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(30, 3)), rng.normal(size=30)
    q, r = orthonormal(x)
    beta, cov = back(r, q.T @ y, np.eye(3))
    assert beta == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0])
    assert cov == pytest.approx(np.linalg.inv(x.T @ x))


def test_dependent_columns_are_refused():
    x = np.column_stack([np.ones(9), np.arange(9.0), 3 + 2 * np.arange(9.0)])
    with pytest.raises(FitError, match="column 3"):
        orthonormal(x)
