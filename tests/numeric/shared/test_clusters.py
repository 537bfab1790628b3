"""Clustered covariances against their definitions, written with whole matrices."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.shared.clusters import (
    EARTH_KM,
    conley,
    covariance,
    driscoll_kraay,
    reduced,
    small_sample,
    sums,
    two_way,
)

RNG = np.random.default_rng(11)
SIZES = (3, 5, 2, 6, 4, 4, 3)
CLUSTER = np.repeat(np.arange(7), SIZES)
N = len(CLUSTER)
X = np.column_stack([np.ones(N), RNG.normal(size=N), CLUSTER < 3, RNG.normal(size=N)]).astype(float)
Y = X @ np.array([1.0, 0.5, 0.2, 0.0]) + RNG.normal(size=N) + RNG.normal(size=7)[CLUSTER]
BREAD = np.linalg.inv(X.T @ X)
BETA = BREAD @ X.T @ Y
RESIDUALS = Y - X @ BETA
SCORES = RESIDUALS[:, None] * X
GRAMS = sums(X[:, :, None] * X[:, None, :], CLUSTER)
CONTRASTS = np.vstack([np.eye(4), [0.0, 1.0, -1.0, 2.0]])


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_cr2_and_its_df_equal_their_definition(contrast: np.ndarray) -> None:
    # Bell and McCaffrey (2002): A_g = (I - H_gg)^-1/2 on residuals; the variance estimate is the
    # quadratic form e' G G' e of independent errors e.
    maker = np.eye(N) - X @ BREAD @ X.T
    columns = []
    for group in range(7):
        rows = group == CLUSTER
        values, vectors = np.linalg.eigh(maker[np.ix_(rows, rows)])
        root = (vectors / np.sqrt(values)) @ vectors.T
        columns.append(maker[:, rows] @ root @ X[rows] @ BREAD @ contrast)
    g = np.column_stack(columns)
    form = g.T @ g
    found = reduced(sums(SCORES, CLUSTER), GRAMS, contrast)
    assert found.std_error == pytest.approx(np.sqrt(((g.T @ RESIDUALS) ** 2).sum()), rel=1e-10)
    assert found.df == pytest.approx(np.trace(form) ** 2 / (form**2).sum(), rel=1e-9)
    assert found.own == 0


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_cr3_is_what_leaving_a_cluster_out_does(contrast: np.ndarray) -> None:
    found = reduced(sums(SCORES, CLUSTER), GRAMS, contrast, kind="CR3")
    for group in range(7):
        rest = group != CLUSTER
        without = np.linalg.lstsq(X[rest], Y[rest], rcond=None)[0]
        assert found.influence[group] == pytest.approx(contrast @ (BETA - without), rel=1e-9)


def test_effects_nested_in_clusters_may_be_taken_out_first() -> None:
    unit = np.array([0, 0, 1, 2, 2, 3, 3, 3, 4, 4, *range(5, 22)])[:N]
    unit = np.unique(CLUSTER * 2 + unit % 2, return_inverse=True)[1]
    slopes = X[:, [1, 3]]
    dummies = np.eye(unit.max() + 1)[unit]
    whole = np.column_stack([slopes, dummies])
    residuals = Y - whole @ np.linalg.lstsq(whole, Y, rcond=None)[0]
    inside = slopes - dummies @ np.linalg.lstsq(dummies, slopes, rcond=None)[0]
    answers = []
    for x in (whole, inside):
        grams = sums(x[:, :, None] * x[:, None, :], CLUSTER)
        found = reduced(sums(residuals[:, None] * x, CLUSTER), grams, np.eye(x.shape[1])[0])
        answers.append((found.std_error, found.df))
    assert answers[0] == pytest.approx(answers[1], rel=1e-9)


def test_cluster_that_alone_carries_a_coefficient_is_counted() -> None:
    x = np.column_stack([np.ones(N), CLUSTER == 0]).astype(float)
    residuals = Y - x @ np.linalg.lstsq(x, Y, rcond=None)[0]
    grams = sums(x[:, :, None] * x[:, None, :], CLUSTER)
    scores = sums(residuals[:, None] * x, CLUSTER)
    assert reduced(scores, grams, np.array([0.0, 1.0])).own == 1
    assert reduced(scores, grams, np.array([1.0, 0.0])).own == 0


def test_two_way_is_the_sum_over_pairs_that_share_a_cluster() -> None:
    other = np.arange(N) % 5
    shares = (CLUSTER[:, None] == CLUSTER) | (other[:, None] == other)
    slow = BREAD @ SCORES.T @ shares @ SCORES @ BREAD
    cov = two_way(SCORES, BREAD, CLUSTER, other)
    values, vectors = np.linalg.eigh(slow)
    np.testing.assert_allclose(cov, (vectors * values.clip(min=0)) @ vectors.T, rtol=1e-9)


def test_driscoll_kraay_is_the_sum_over_near_periods() -> None:
    time = np.arange(N) % 9
    near = np.clip(1 - np.abs(time[:, None] - time) / 4, 0, None)
    slow = BREAD @ SCORES.T @ near @ SCORES @ BREAD
    np.testing.assert_allclose(driscoll_kraay(sums(SCORES, time), BREAD, 3), slow, rtol=1e-10)


def _arc(a: np.ndarray, b: np.ndarray) -> float:
    """Kilometers along a great circle, by the haversine."""
    (lat1, lon1), (lat2, lon2) = np.radians(a), np.radians(b)
    half = np.sin((lat2 - lat1) / 2) ** 2
    half += np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * EARTH_KM * np.arcsin(np.sqrt(half)))


@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize("on_earth", [True, False])
def test_conley_is_the_sum_over_near_pairs(kernel: str, on_earth: bool) -> None:
    place = np.column_stack([RNG.uniform(37, 38, N), RNG.uniform(-122, -121, N)])
    cutoff = 40.0 if on_earth else 0.4
    apart = np.array(
        [[_arc(a, b) if on_earth else np.hypot(*(a - b)) for b in place] for a in place]
    )
    weight = (apart <= cutoff) * (1.0 if kernel == "uniform" else 1 - apart / cutoff)
    slow = BREAD @ SCORES.T @ weight @ SCORES @ BREAD
    found = conley(SCORES, BREAD, place, cutoff, kernel=kernel, on_earth=on_earth)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, slow, rtol=1e-6, atol=1e-12)


def test_cr0_equals_the_sum_over_pairs_within_clusters() -> None:
    same = CLUSTER[:, None] == CLUSTER
    slow = BREAD @ SCORES.T @ same @ SCORES @ BREAD
    np.testing.assert_allclose(covariance(sums(SCORES, CLUSTER), BREAD), slow, rtol=1e-12)


def test_refusals() -> None:
    with pytest.raises(FitError, match="at least two clusters"):
        small_sample(10, 1, 2)
    with pytest.raises(FitError, match="too few for 12"):
        small_sample(10, 3, 12)
    with pytest.raises(FitError, match="must be positive"):
        conley(SCORES, BREAD, X[:, :2], 0.0)
    with pytest.raises(FitError, match="combination of the others"):
        reduced(np.zeros((3, 2)), np.ones((3, 2, 2)), np.array([1.0, 0.0]))
