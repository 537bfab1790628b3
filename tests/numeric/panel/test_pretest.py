"""Power of pre-tests: the published example of pretrends, quadrature and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from event_studies import drawn, published
from scipy.stats import chi2, f, norm

from evaluation.errors import FitError
from evaluation.numeric.panel.pretest import box, joint, joint_power, passed, plot_power, slope_for

CRITICAL = float(norm.ppf(0.975))
# Event times -4 to -2 and 0 to 3 of He and Wang, less the reference, -1.
TREND = np.array([-3.0, -2, -1, 1, 2, 3, 4])
# README of the R package pretrends: slope_for_power(targetPower = 0.5).
SLOPE = 0.06991527


def quadrature(mean: np.ndarray, cov: np.ndarray, half: np.ndarray) -> tuple[float, np.ndarray]:
    """The slow twin of `box` in three dimensions: 60 Gauss-Legendre points a side."""
    x, w = np.polynomial.legendre.leggauss(60)
    points = np.stack(np.meshgrid(*(x * side for side in half), indexing="ij"), axis=-1)
    weight = np.einsum("i,j,k->ijk", *(w * side for side in half))
    away = points - mean
    inverse = np.linalg.inv(cov)
    density = np.exp(-np.einsum("...i,ij,...j->...", away, inverse, away) / 2)
    weight = weight * density / np.sqrt((2 * np.pi) ** 3 * np.linalg.det(cov))
    return float(weight.sum()), np.einsum("ijk,ijkl->l", weight, points) / weight.sum()


def test_slope_of_half_power_is_that_of_pretrends() -> None:
    early = published("he wang").sigma[:3, :3]

    def power(means: np.ndarray) -> float:
        return plot_power(means, early, CRITICAL)

    found = 0.05 * slope_for(power, 0.05 * TREND[:3], 0.5)
    # R integrates the normal by randomized quasi-Monte Carlo; its README prints a power of 0.49974
    # at this slope, where 0.5 was meant.
    assert found == pytest.approx(SLOPE, rel=5e-4)
    half = CRITICAL * np.sqrt(np.diagonal(early))
    assert quadrature(found * TREND[:3], early, half)[0] == pytest.approx(0.5, abs=2e-5)


def test_what_passing_means_is_that_of_pretrends() -> None:
    study = published("he wang")
    found = passed(SLOPE * TREND, study.sigma, 3, CRITICAL)
    # README of pretrends: df_power is 0.4997363, 0.5671215, 0.8589346, and meanAfterPretesting as
    # below. The normal in a box is R's to about 1e-4; the likelihood ratio is exact.
    assert found.power == pytest.approx(0.4997363, abs=2e-4)
    before = [-0.12249504, -0.07515163, -0.03060731]
    after = [0.09017188, 0.16447429, 0.22994584, 0.29190725]
    assert found.before == pytest.approx(before, abs=3e-5)
    assert found.after == pytest.approx(after, abs=3e-5)


def test_box_is_the_integral() -> None:
    early = published("he wang").sigma[:3, :3]
    half = CRITICAL * np.sqrt(np.diagonal(early))
    for slope in (0.0, 0.02, SLOPE, 0.15):
        chance, mean = box(slope * TREND[:3], early, half)
        exact, exact_mean = quadrature(slope * TREND[:3], early, half)
        assert chance == pytest.approx(exact, abs=3e-5)
        assert mean == pytest.approx(exact_mean, abs=2e-5)


def test_one_estimate_alone_needs_no_integral() -> None:
    chance, mean = box(np.array([0.7]), np.array([[4.0]]), np.array([1.5]))
    left, right = (-1.5 - 0.7) / 2, (1.5 - 0.7) / 2
    exact = norm.cdf(right) - norm.cdf(left)
    assert chance == pytest.approx(exact, abs=1e-12)
    truncated = 0.7 + 2 * (norm.pdf(left) - norm.pdf(right)) / exact
    # The points are spread evenly, 8,192 of them.
    assert mean[0] == pytest.approx(truncated, abs=1 / 8192)


def test_independent_estimates_multiply() -> None:
    scale, mean = np.array([1.0, 2, 0.5, 3]), np.array([0.5, -3, 0.2, 1])
    exact = np.prod(norm.cdf(2 - mean / scale) - norm.cdf(-2 - mean / scale))
    assert box(mean, np.diag(scale**2), 2 * scale)[0] == pytest.approx(exact, abs=2e-4)


def test_far_trend_leaves_a_chance_of_nearly_nought() -> None:
    chance, mean = box(np.array([40.0, 40]), np.eye(2), np.array([2.0, 2]))
    assert 0 <= chance < 1e-100
    assert mean == pytest.approx([2, 2], abs=0.1)
    assert plot_power(np.array([40.0, 40]), np.eye(2), CRITICAL) == 1


@pytest.mark.parametrize("df", [None, 11.0])
def test_joint_power_is_how_often_the_joint_test_rejects(df) -> None:
    study = drawn(4, 3, 1)
    cov = study.sigma[:3, :3]
    mean = np.array([-3.0, 2.0, -1.0])
    draw = np.random.default_rng(3)
    count = 4000
    estimates = draw.multivariate_normal(mean, cov, count)
    covs = [cov] * count
    if df is not None:  # Clusters' covariance: Wishart with df degrees of freedom.
        root = np.linalg.cholesky(cov)
        noise = draw.normal(size=(count, int(df), 3)) @ root.T
        covs = list(np.einsum("nci,ncj->nij", noise, noise) / df)
    rejected = [joint(b, v, df).p_value < 0.05 for b, v in zip(estimates, covs, strict=True)]
    # Four standard errors of a share in 4,000 draws.
    assert joint_power(mean, cov, df) == pytest.approx(np.mean(rejected), abs=0.032)
    assert 0.2 < np.mean(rejected) < 0.9


@pytest.mark.parametrize("df", [None, 7.0])
def test_joint_power_without_a_trend_is_the_level(df) -> None:
    cov = drawn(4, 3, 1).sigma[:3, :3]
    assert joint_power(np.zeros(3), cov, df) == pytest.approx(0.05, abs=1e-9)


def test_joint_statistic_is_wald_and_hotelling() -> None:
    study = drawn(6, 3, 1)
    estimate, cov = study.beta[:3], study.sigma[:3, :3]
    wald = estimate @ np.linalg.inv(cov) @ estimate
    normal = joint(estimate, cov)
    assert (normal.statistic, normal.k, normal.df) == (pytest.approx(wald), 3, None)
    assert normal.p_value == pytest.approx(chi2.sf(wald, 3))
    few = joint(estimate, cov, 9)
    # Hotelling: (n - k) / (k (n - 1)) T^2 is F(k, n - k) with n = 10 observations.
    assert few.statistic == pytest.approx((10 - 3) / (3 * 9) * wald)
    assert few.p_value == pytest.approx(f.sf(few.statistic, 3, 7))
    assert few.p_value > normal.p_value


def test_passing_the_plot_is_as_simulated() -> None:
    study = drawn(9, 2, 2)
    trend = np.array([-2.0, -1, 1, 2]) * 0.6
    found = passed(trend, study.sigma, 2, CRITICAL)
    draws = np.random.default_rng(1).multivariate_normal(trend, study.sigma, 200_000)
    quiet = (np.abs(draws[:, :2]) <= CRITICAL * np.sqrt(np.diagonal(study.sigma)[:2])).all(axis=1)
    assert found.power == pytest.approx(1 - quiet.mean(), abs=0.005)
    seen = draws[quiet].mean(axis=0)
    assert np.concatenate([found.before, found.after]) == pytest.approx(seen, abs=0.02)


def test_slope_found_in_most_cases_is_steeper() -> None:
    cov = drawn(2, 3, 1).sigma[:3, :3]
    shape = np.array([-3.0, -2, -1]) * np.sqrt(np.diagonal(cov)).min() / 3

    def power(means: np.ndarray) -> float:
        return joint_power(means, cov)

    half, most = slope_for(power, shape, 0.5), slope_for(power, shape, 0.8)
    assert half < most
    assert power(most * shape) == pytest.approx(0.8, abs=1e-6)


def test_no_slope_is_enough_for_a_test_that_never_rejects() -> None:
    assert slope_for(lambda means: 0.0, np.ones(2), 0.5) == np.inf
    with pytest.raises(FitError, match="without any trend"):
        slope_for(lambda means: 0.6, np.ones(2), 0.5)


@pytest.mark.parametrize("ask", [joint, joint_power])
def test_singular_covariance_is_refused(ask) -> None:
    estimate = np.array([0.3, 0.2, 0.1])
    root = np.array([[1.0, 0], [0, 1], [1, 1]])
    with pytest.raises(FitError, match="3 estimates before treatment is singular"):
        ask(estimate, root @ root.T)
    with pytest.raises(FitError, match="singular"):
        ask(estimate, np.diag([1.0, 0.0, 1.0]))
    with pytest.raises(FitError, match="with 3 clusters; test fewer periods"):
        ask(estimate, np.eye(3), 2.0)


def test_box_of_a_singular_covariance_is_refused() -> None:
    with pytest.raises(FitError, match="singular"):
        box(np.zeros(2), np.ones((2, 2)), np.ones(2))
