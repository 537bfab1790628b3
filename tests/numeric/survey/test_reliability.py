"""Alpha and omega of known structures; the values of R are in tests/survey/test_against_r.py."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.survey import items as reliability

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5])


def one_factor(loadings: np.ndarray) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(1 - loadings**2)


def test_factor_is_found_again_whatever_the_units() -> None:
    scale = np.array([1.0, 3, 0.5, 2])
    fit = reliability.one_factor(one_factor(LOADINGS) * np.outer(scale, scale))
    np.testing.assert_allclose(fit.loadings, LOADINGS, atol=1e-6)
    np.testing.assert_allclose(fit.uniqueness, 1 - LOADINGS**2, atol=1e-6)
    assert not fit.heywood


def test_omega_is_the_share_of_the_factor() -> None:
    common, own = LOADINGS.sum() ** 2, (1 - LOADINGS**2).sum()
    cov = one_factor(LOADINGS)
    assert reliability.omega(cov) == pytest.approx(common / (common + own), abs=1e-7)


def test_alpha_is_omega_for_equal_loadings_and_less_otherwise() -> None:
    equal = one_factor(np.full(4, 0.7))
    assert reliability.alpha(equal) == pytest.approx(reliability.omega(equal), abs=1e-7)
    assert reliability.alpha(one_factor(LOADINGS)) < reliability.omega(one_factor(LOADINGS))


def test_item_rest_is_the_correlation_of_the_data() -> None:
    items = np.random.default_rng(1).normal(size=(50, 3)) + np.arange(50)[:, None] / 20
    found = reliability.item_rest(reliability.covariance(items, np.ones(50)))
    for j in range(3):
        rest = np.delete(items, j, axis=1).sum(axis=1)
        assert found[j] == pytest.approx(np.corrcoef(items[:, j], rest)[0, 1], abs=1e-12)


def test_interval_of_alpha_holds_the_truth_in_95_of_100() -> None:
    rng, cov = np.random.default_rng(8), one_factor(np.full(5, 0.6))
    truth, held = reliability.alpha(cov), 0
    for _ in range(1000):
        items = rng.multivariate_normal(np.zeros(5), cov, 60)
        value = reliability.alpha(reliability.covariance(items, np.ones(60)))
        low, high = reliability.alpha_interval(value, 60, 5)
        held += low <= truth <= high
    # Three standard errors of a share over 1,000 draws.
    assert 930 <= held <= 971


def test_what_has_no_factor_is_refused() -> None:
    with pytest.raises(FitError, match="three items"):
        reliability.one_factor(np.eye(2))
    constant = np.diag([1.0, 0, 1])
    with pytest.raises(FitError, match="same answer from everyone"):
        reliability.one_factor(constant)
