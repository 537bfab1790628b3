"""Simulated counts have the mean, variance and correlation that their worlds say."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.simulated import (
    LARGE_MEAN,
    copula_counts,
    counts,
    latent_counts,
)
from evaluation.numeric.shared.draws import stream

DRAWS, N = 4000, 30
# Four Monte-Carlo standard errors of a correlation over this many independent series.
FOUR_ERRORS = 4 / np.sqrt(DRAWS)


def _moments(y: np.ndarray) -> tuple[float, float, float]:
    """Mean and variance over series and months, and the lag-1 correlation between months."""
    pairs = [np.corrcoef(y[:, t], y[:, t + 1])[0, 1] for t in range(0, N - 1, 2)]
    return float(y.mean()), float(y.var(axis=0).mean()), float(np.mean(pairs))


@pytest.mark.parametrize(("mean", "alpha"), [(2.0, 0.0), (8.0, 0.1), (30.0, 0.3)])
@pytest.mark.parametrize("make", [copula_counts, latent_counts])
def test_variance_is_mean_plus_alpha_times_its_square(make, mean, alpha):
    y = make(np.full(N, mean), alpha=alpha, rho=0.0, source=stream(3, "variance"), draws=DRAWS)
    found, variance, correlation = _moments(y)
    wanted = mean + alpha * mean**2
    assert found == pytest.approx(mean, abs=4 * np.sqrt(wanted / (DRAWS * N)))
    # The variance of a sample variance is below 6 wanted^2 / draws for these laws (kurtosis < 8).
    assert variance == pytest.approx(wanted, rel=4 * np.sqrt(6 / (DRAWS * N)))
    assert abs(correlation) < FOUR_ERRORS


def test_counts_of_a_copula_are_correlated_a_little_below_rho():
    y = copula_counts(np.full(N, 8.0), alpha=0.1, rho=0.6, source=stream(4, "copula"), draws=DRAWS)
    _, variance, correlation = _moments(y)
    assert variance == pytest.approx(8 + 0.1 * 64, rel=0.05)
    assert 0.54 < correlation < 0.6


def test_counts_about_a_persistent_rate_have_the_covariance_of_the_log_normal():
    mean, alpha, rho = 30.0, 0.3, 0.8
    y = latent_counts(np.full(N, mean), alpha=alpha, rho=rho, source=stream(5, "rate"), draws=DRAWS)
    _, variance, correlation = _moments(y)
    # Cov of exp of two normals (Aitchison and Brown 1957), over the variance of the counts.
    wanted = mean**2 * ((1 + alpha) ** rho - 1) / (mean + alpha * mean**2)
    assert variance == pytest.approx(mean + alpha * mean**2, rel=0.1)
    assert correlation == pytest.approx(wanted, abs=FOUR_ERRORS)


def test_large_means_join_small_ones_without_a_step():
    u = (np.arange(2000) + 0.5) / 2000
    below, above = (
        counts(u, np.full(2000, LARGE_MEAN + step), 0.05).astype(float) for step in (-1, 1)
    )
    assert above.mean() - below.mean() == pytest.approx(2, abs=0.6)
    assert above.std() == pytest.approx(below.std(), rel=0.01)


def test_no_events_are_drawn_where_none_are_expected():
    assert counts(np.array([0.01, 0.99]), np.array([0.0, 0.0]), 0.3).tolist() == [0.0, 0.0]


def test_the_same_stream_gives_the_same_counts_and_the_mean_is_not_changed():
    mean = np.linspace(1, 40, N)
    before = mean.copy()
    first, second = (
        copula_counts(mean, alpha=0.2, rho=0.4, source=stream(7, "again"), draws=5)
        for _ in range(2)
    )
    assert np.array_equal(first, second)
    assert np.array_equal(mean, before)
