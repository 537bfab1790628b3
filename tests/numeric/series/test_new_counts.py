"""Quantiles of a new count: those of scipy for one mean, of a simulation for many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.numeric.series.new_counts import new_counts
from evaluation.numeric.shared.draws import overdispersed_counts, stream, uniforms

MEANS = np.array([0.3, 2.0, 17.5, 400.0, 20_000.0])


@pytest.mark.parametrize("probability", [0.025, 0.5, 0.975, 0.9999])
@pytest.mark.parametrize("dispersion", [1.0, 1.5, 12.0])
def test_of_one_mean_it_is_the_quantile_of_scipy(probability: float, dispersion: float) -> None:
    wide = np.full((1, len(MEANS)), dispersion)
    law = stats.poisson(MEANS)
    if dispersion > 1:
        law = stats.nbinom(MEANS / (dispersion - 1), 1 / dispersion)
    found = new_counts(MEANS[None, :], wide, probability)
    np.testing.assert_array_equal(found, law.ppf(probability))


def test_of_many_means_it_is_that_of_draws() -> None:
    mean = np.exp(np.linspace(0.5, 3.5, 101))[:, None]
    u = uniforms(stream(1, "new counts"), 101 * 4000).reshape(101, 4000)
    drawn = overdispersed_counts(u, np.broadcast_to(mean, u.shape), 1.7)
    for probability in (0.025, 0.975):
        found = new_counts(mean, np.full(mean.shape, 1.7), probability)[0]
        assert abs(found - np.quantile(drawn, probability)) <= 1


def test_of_a_mean_of_nought_no_count_comes() -> None:
    assert new_counts(np.zeros((3, 1)), np.ones((3, 1)), 0.975).tolist() == [0.0]


def test_what_is_not_finite_has_no_quantile() -> None:
    mean = np.array([[2.0, np.nan, np.inf], [3.0, 1.0, 1.0]])
    with np.errstate(all="ignore"):
        found = new_counts(mean, np.ones(mean.shape), 0.975)
    assert np.isfinite(found).tolist() == [True, False, False]
