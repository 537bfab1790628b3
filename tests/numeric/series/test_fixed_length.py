"""The shortest fixed-length interval: numbers of R and Julia, and a brute-force minimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from event_studies import drawn, invented, published
from scipy.optimize import linprog, minimize
from scipy.stats import foldnorm

from evaluation.errors import FitError
from evaluation.numeric.series.fixed_length import breakdown, folded, largest_bend, shortest


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.0, 0.131411316, 0.2161696482),
        (0.1, 0.1194440001, 0.4185082143),
        (0.2, 0.01944400015, 0.5185082143),
    ],
)
def test_interval_is_that_of_r(bound, low, high) -> None:
    # R: findOptimalFLCI on BCdata_EventStudy. It draws the folded normal's quantile from a million
    # normals, and so is itself right to about 5e-5.
    found = shortest(published("benzarti carloni"), bound)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    # The estimate is half the sum of the ends, in which the error of the quantile cancels.
    assert found.estimate == pytest.approx((low + high) / 2, abs=1e-6)


def test_a_bend_allowed_leaves_only_the_last_slope() -> None:
    # R: optimalVec at 0.1 is 0, 0, 0, 1 before treatment: the last slope, carried forward.
    assert shortest(published("benzarti carloni"), 0.1).weights[:4] == pytest.approx([0, 0, 0, 1])


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.0, 0.03849, 0.23376),
        (0.01, 0.027367, 0.2422),
        (0.02, 0.0061132, 0.25851),
        (0.03, -0.01481, 0.27416),
        (0.04, -0.028729, 0.294),
        (0.05, -0.041775, 0.31396),
        (0.06, -0.054089, 0.33366),
    ],
)
def test_interval_is_that_of_julia(bound, low, high) -> None:
    # README of HonestDiD.jl, five digits printed, quantile exact; its solver stops at about 1e-6.
    found = shortest(invented(), bound)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1.1e-5)


def unfolded(study, v: np.ndarray, bound: float) -> tuple[float, float]:
    """Length and largest bias of an estimator, the bias by a linear program over trends."""
    k, before = len(study.beta), study.before
    path = np.insert(np.eye(k), before, 0, axis=0)
    bends = np.diff(path, n=2, axis=0)
    # Deltas are free but for their bends; a slope that the estimator does not remove is unbounded.
    worst = linprog(
        -v,
        A_ub=np.vstack([bends, -bends]),
        b_ub=np.full(2 * len(bends), bound),
        bounds=[(None, None)] * k,
        method="highs",
    )
    bias = -worst.fun if worst.status == 0 else np.inf
    std_error = float(np.sqrt(v @ study.sigma @ v))
    return std_error * foldnorm.ppf(0.95, bias / std_error), bias


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("bound", [0.05, 0.4])
def test_no_other_estimator_is_shorter(seed, bound) -> None:
    before, after = [(2, 1), (3, 2), (4, 1), (4, 3)][seed]
    study = drawn(seed, before, after)
    found = shortest(study, bound)
    half, bias = unfolded(study, found.weights, bound)
    assert found.bias == pytest.approx(bias, rel=1e-7)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-7)
    # Weights before treatment that take out a line: one is given by the others.
    back, ahead = np.arange(before, 0, -1), np.arange(1, after + 1)

    def whole(free: np.ndarray) -> np.ndarray:
        last = ahead @ study.weights - back[:-1] @ free
        return np.concatenate([free, [last], study.weights])

    start = found.weights[: before - 1]
    draw = np.random.default_rng(seed)
    for scale in (0.02, 0.5):
        other = minimize(
            lambda free: unfolded(study, whole(free), bound)[0],
            start + scale * draw.normal(size=before - 1),
            method="Nelder-Mead",
            options={"maxfev": 25},
        )
        assert other.fun >= half * (1 - 1e-9)


def test_without_bends_it_is_least_squares_on_a_line() -> None:
    # A bound of nought leaves a linear trend, fitted through the reference by generalized least
    # squares to all estimates before, with free effects after.
    study = drawn(7, 3, 2)
    trend = np.array([-3.0, -2, -1, 1, 2])
    x = np.column_stack([trend, np.vstack([np.zeros((3, 2)), np.eye(2)])])
    inverse = np.linalg.inv(study.sigma)
    cov = np.linalg.inv(x.T @ inverse @ x)
    beta = cov @ x.T @ inverse @ study.beta
    found = shortest(study, 0.0)
    assert found.estimate == pytest.approx(study.weights @ beta[1:], abs=1e-9)
    assert found.std_error**2 == pytest.approx(study.weights @ cov[1:, 1:] @ study.weights)
    assert found.bias == 0
    assert found.high - found.estimate == pytest.approx(1.959963984540 * found.std_error)


def test_one_period_before_carries_its_slope_forward() -> None:
    study = drawn(8, 1, 2)
    found = shortest(study, 0.2)
    assert found.weights[0] == pytest.approx(study.weights @ [1, 2])
    assert found.bias == pytest.approx(0.2 * (abs(study.weights @ [1, 2]) + abs(study.weights[1])))


@pytest.mark.parametrize("mean", [0.0, 0.3, 1.0, 4.0, 60.0])
@pytest.mark.parametrize("level", [0.01, 0.05, 0.5])
def test_folded_quantile_is_that_of_scipy(mean, level) -> None:
    assert folded(mean, level) == pytest.approx(foldnorm.ppf(1 - level, mean), rel=1e-9)


def test_p_value_is_the_level_whose_interval_ends_at_nought() -> None:
    study = invented()
    found = shortest(study, 0.02)
    width = abs(found.estimate) / found.std_error
    assert folded(found.bias / found.std_error, found.p_value) == pytest.approx(width, rel=1e-6)


def test_largest_bend_is_that_of_r() -> None:
    # R: DeltaSD_upperBound_Mpre(betahat, sigma, 4) = 0.202169869297069, from more digits.
    found = largest_bend(published("benzarti carloni"))
    assert found == pytest.approx(0.202169869297069, abs=1e-8)


def test_breakdown_is_where_nought_enters() -> None:
    # The vignette finds the effect of 2009 to be robust to bends of 0.2 and not of 0.3.
    study = published("benzarti carloni")
    end = breakdown(study)
    assert 0.2 < end < 0.3
    assert shortest(study, end).low == pytest.approx(0, abs=1e-9)
    assert breakdown(study, theta=study.estimate) == 0


def test_coverage_at_the_worst_trend() -> None:
    # The largest bias one way: coverage is 95 %, within four standard errors of 20,000 draws.
    study = invented()
    found = shortest(study, 0.05)
    draws = np.random.default_rng(1).normal(size=20_000) * found.std_error + found.bias
    assert (np.abs(draws) <= (found.high - found.low) / 2).mean() == pytest.approx(0.95, abs=0.0062)


def test_effects_and_lines_and_units_move_it_with_them() -> None:
    study = invented()
    plain = shortest(study, 0.02)
    line = np.array([-3, -2, -1, 1, 2, 3, 4, 5]) * 0.3
    moved = shortest(replace(study, beta=study.beta + line + 7 * (np.arange(8) > 2)), 0.02)
    assert (moved.low, moved.high) == pytest.approx((plain.low + 7, plain.high + 7))
    larger = shortest(replace(study, beta=50 * study.beta, sigma=2500 * study.sigma), 1.0)
    assert (larger.low, larger.high) == pytest.approx((50 * plain.low, 50 * plain.high))


def test_refusals_say_what_is_missing() -> None:
    study = invented()
    with pytest.raises(FitError, match="it is 0 or more"):
        shortest(study, -1.0)
    with pytest.raises(FitError, match="no change of slope"):
        largest_bend(drawn(1, 1, 2))
    same = study.sigma.copy()
    same[1], same[:, 1] = same[0], same[:, 0]
    same[1, 1] = same[0, 0]
    same[2], same[:, 2] = same[0], same[:, 0]
    same[2, 2] = same[0, 0]
    with pytest.raises(FitError, match="singular"):
        shortest(replace(study, sigma=same), 0.1)
