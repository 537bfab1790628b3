"""Multiplier bootstrap: signs are fair, sums are sums, bands hold what they should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from evaluation.errors import FitError
from evaluation.numeric.shared import wild
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import by_cluster, multiplied, signs, simultaneous, spread

CRITICAL = float(norm.ppf(0.975))


def test_sums_by_cluster_are_those_of_a_loop() -> None:
    influence = np.random.default_rng(1).normal(size=(12, 3))
    cluster = np.array([2, 0, 1, 1, 0, 2, 2, 3, 3, 3, 0, 1])
    found = by_cluster(influence, cluster)
    slow = [sum(influence[i] for i in range(12) if cluster[i] == g) / 12 for g in range(4)]
    assert found == pytest.approx(np.array(slow), abs=1e-14)


def test_units_of_their_own_are_left_as_they_are() -> None:
    influence = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(by_cluster(influence, np.arange(3)), influence / 3)


def test_signs_are_fair_and_independent() -> None:
    found = signs(stream(1, "signs"), 5000, 7)
    assert set(np.unique(found)) == {-1.0, 1.0}
    # Four standard errors of a mean of 5,000, and of 35 products.
    assert np.abs(found.mean(axis=0)).max() < 0.06
    products = found.T @ found / 5000
    assert np.abs(products - np.eye(7)).max() < 0.06
    assert np.abs((found[1:] * found[:-1]).mean(axis=0)).max() < 0.06


def test_a_name_gives_the_same_signs_again() -> None:
    first, again = (signs(stream(3, "a"), 4, 9) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, signs(stream(3, "b"), 4, 9))


def test_draws_have_the_covariance_of_the_sums() -> None:
    sums = np.random.default_rng(2).normal(size=(30, 2))
    found = multiplied(sums, 20_000, stream(1, "draws"))
    # Four standard errors of a variance from 20,000 draws: 4 %.
    assert np.cov(found.T, bias=True) == pytest.approx(sums.T @ sums, rel=0.04, abs=0.8)
    assert np.var(found, axis=0) == pytest.approx((sums**2).sum(axis=0), rel=0.04)


def test_all_signs_of_few_clusters_are_among_the_draws() -> None:
    found = multiplied(np.array([[1.0], [2.0], [4.0]]), 400, stream(1, "few"))
    assert set(found.ravel()) == {-7.0, -5, -3, -1, 1, 3, 5, 7}


def test_draws_in_blocks_are_fair_too(monkeypatch) -> None:
    sums = np.random.default_rng(2).normal(size=(64, 2))
    monkeypatch.setattr(wild, "BLOCK", 640)
    found = multiplied(sums, 1001, stream(1, "blocks"))
    assert found.shape == (1001, 2)
    assert np.var(found, axis=0) == pytest.approx((sums**2).sum(axis=0), rel=0.2)


def test_spread_is_the_standard_error_of_a_normal_and_deaf_to_outliers() -> None:
    # 10,000 points of the normal itself, of standard deviation 3.
    points = 3 * norm.ppf((np.arange(10_000) + 0.5) / 10_000)[:, None]
    assert spread(points) == pytest.approx([3], rel=1e-3)
    points[-100:] = 1e9
    assert spread(points) == pytest.approx([3], rel=1e-3)


def test_band_of_independent_effects_is_that_of_sidak() -> None:
    errors = np.random.default_rng(1).normal(size=(200_000, 5))
    exact = norm.ppf((1 + 0.95**0.2) / 2)
    assert simultaneous(errors, np.ones(5), CRITICAL) == pytest.approx(exact, abs=0.02)


def test_band_of_one_effect_many_times_is_its_interval() -> None:
    errors = np.repeat(np.random.default_rng(1).normal(size=(100_000, 1)), 4, axis=1)
    found = simultaneous(errors, np.ones(4), CRITICAL)
    assert found == pytest.approx(CRITICAL, abs=0.03)


def test_a_reference_period_does_not_count_and_a_band_is_never_narrower() -> None:
    errors = np.column_stack([np.zeros(100), np.linspace(-1, 1, 100)])
    assert simultaneous(errors, np.array([0.0, 1.0]), CRITICAL) == CRITICAL
    assert simultaneous(errors[:, :1], np.zeros(1), CRITICAL) == CRITICAL


def test_no_draws_are_refused() -> None:
    with pytest.raises(FitError, match="draws is 0"):
        multiplied(np.ones((3, 1)), 0, stream(1, "none"))
