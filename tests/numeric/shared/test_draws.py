"""Named streams and draws: stable, independent, and distributed as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evaluation.numeric.shared import draws


def test_first_words_of_a_stream_are_the_ones_every_numpy_gives() -> None:
    # numpy 1.26.4 and 2.4.6 both give, for
    # PCG64DXSM(SeedSequence([20121018, zlib.crc32(b"drift/shared")])).random_raw(2)
    words = draws.stream(20121018, "drift/shared").random_raw(2)
    assert [int(word) for word in words] == [10036850659675331118, 3911469482415516039]


def test_a_stream_keeps_its_words_when_another_is_drawn_first() -> None:
    alone = draws.stream(7, "b").random_raw(5)
    draws.stream(7, "a").random_raw(1000)
    assert (draws.stream(7, "b").random_raw(5) == alone).all()


def test_streams_of_other_names_and_seeds_are_uncorrelated() -> None:
    n = 4000
    rows = np.array(
        [
            draws.uniforms(draws.stream(seed, name), n)
            for seed in (0, 1, 20121018)
            for name in ("count/a", "count/b", "count/ab", "noise/a", "noise/b", "")
        ]
    )
    correlations = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    # 153 pairs, each with standard error 1/sqrt(4000) = .016: five of them is .079.
    assert np.abs(correlations).max() < 0.079


def test_uniforms_are_never_nought_or_one() -> None:
    class Extremes:
        def random_raw(self, n: int) -> np.ndarray:
            return np.array([0, 2**64 - 1], dtype=np.uint64)

    low, high = draws.uniforms(Extremes(), 2)  # type: ignore[arg-type]
    assert low == 2.0**-53
    assert high == 1 - 2.0**-53


def test_uniforms_and_normals_have_their_distributions() -> None:
    assert stats.kstest(draws.uniforms(draws.stream(3, "u"), 20_000), "uniform").pvalue > 0.001
    assert stats.kstest(draws.normals(draws.stream(3, "z"), 20_000), "norm").pvalue > 0.001


@settings(max_examples=200, deadline=None)
@given(
    u=st.floats(1e-6, 1 - 1e-6),
    mean=st.floats(0.05, 200),
    dispersion=st.floats(1.01, 4),
)
def test_count_is_the_smallest_whose_distribution_function_reaches_u(
    u: float, mean: float, dispersion: float
) -> None:
    count = int(draws.overdispersed_counts(np.array([u]), np.array([mean]), dispersion)[0])
    slow = stats.nbinom(mean / (dispersion - 1), 1 / dispersion)
    # The two sums differ by rounding, so a `u` that close to a step may fall on either side.
    assert slow.cdf(count) >= u - 1e-11
    assert count == 0 or slow.cdf(count - 1) < u + 1e-11


def test_counts_have_their_mean_and_dispersion() -> None:
    n = 200_000
    counts = draws.overdispersed_counts(
        draws.uniforms(draws.stream(5, "counts"), n), np.full(n, 8.0), 1.4
    )
    # Standard errors: sqrt(8 * 1.4 / n) = .0075 and about 1.4 sqrt(2 / n) = .0045.
    assert abs(counts.mean() - 8) < 0.03
    assert abs(counts.var() / counts.mean() - 1.4) < 0.02


def test_the_most_extreme_uniforms_give_finite_counts_and_end() -> None:
    u = np.array([2.0**-53, 1 - 2.0**-53])
    counts = draws.overdispersed_counts(u, np.array([600.0, 600.0]), 1.5)
    assert 300 < counts[0] < 600 < counts[1] < 1200


@pytest.mark.parametrize(("mean", "dispersion"), [(8.0, 1.0), (0.0, 1.2), (700.0, 1.2)])
def test_means_and_dispersions_out_of_bounds_are_refused(mean: float, dispersion: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 700"):
        draws.overdispersed_counts(np.array([0.5]), np.array([mean]), dispersion)


def test_stationary_path_has_its_deviation_and_lag_one_correlation() -> None:
    shocks = draws.normals(draws.stream(9, "path"), 100_000)
    untouched = shocks.copy()
    path = draws.stationary_path(shocks, rho=0.6, deviation=0.05)
    assert abs(path.std() - 0.05) < 0.001
    assert abs(np.corrcoef(path[1:], path[:-1])[0, 1] - 0.6) < 0.01
    assert (shocks == untouched).all()


def test_counts_that_share_their_means_are_those_drawn_one_by_one() -> None:
    u = draws.uniforms(draws.stream(3, "shared"), 4000).reshape(-1, 8)
    u[0, :] = 1 - 1e-16  # as far out as a uniform goes
    mean = np.array([0.01, 0.5, 2.0, 9.0, 40.0, 150.0, 400.0, 690.0])
    dispersion = 1 + np.linspace(1e-6, 3, 8)
    one_by_one = draws.overdispersed_counts(u, np.broadcast_to(mean, u.shape), dispersion)
    assert np.array_equal(draws.shared_counts(u, mean, dispersion), one_by_one)


def test_counts_told_from_the_poisson_are_those_of_the_sums() -> None:
    u = draws.uniforms(draws.stream(4, "poisson"), 40_000).reshape(-1, 8)
    u[0, :], u[1, :] = 1 - 1e-16, 1e-12
    mean = np.array([0.01, 0.5, 2.0, 9.0, 40.0, 150.0, 300.0, 430.0])
    mean = mean * np.exp(0.1 * draws.normals(draws.stream(4, "rates"), u.size).reshape(u.shape))
    dispersion = np.full(u.shape, 1 + 1e-6)
    own = draws.overdispersed_counts(u, mean, dispersion)
    assert np.array_equal(draws.nearly_poisson_counts(u, mean, dispersion), own)
