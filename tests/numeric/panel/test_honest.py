"""Tests under differing trends: the numbers of R, a plain linear program, simulation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from event_studies import drawn, invented, published
from scipy.optimize import linprog

from evaluation.errors import FitError
from evaluation.numeric.panel import honest
from evaluation.numeric.panel.honest import (
    EventStudy,
    breakdown,
    interval,
    least_favorable,
    magnitude_tests,
    p_value,
    possible,
    rejects,
    relative_magnitudes,
    smoothness,
    smoothness_test,
)

FIRST, MEAN = [1.0, 0, 0, 0], [0.25] * 4


def kept(tests: list[honest.Test], grid: np.ndarray) -> tuple[float, float]:
    """The ends of what the purely conditional tests do not reject on a grid."""
    found = np.zeros(len(grid), bool)
    for test in tests:
        found |= ~rejects(test, grid, level=0.05, first=np.inf)
    return float(grid[found].min()), float(grid[found].max())


def test_conditional_test_has_the_interval_of_r_on_the_same_grid(monkeypatch) -> None:
    # R HonestDiD on BCdata_EventStudy: computeConditionalCS_DeltaRM(Mbar = 1, hybrid_flag = "ARP",
    # gridPoints = 200) gives 0.07055244362, 0.3184394077 (as HonestDiD.jl has it in its tests).
    # Its grid is 20 standard errors to either side of nought.
    monkeypatch.setattr(honest, "FIRST_STEP", 0.0)
    study = published("benzarti carloni")
    grid = np.linspace(-20, 20, 200) * study.std_error
    found = kept(magnitude_tests(study, 1.0), grid)
    assert found == pytest.approx((0.07055244362, 0.3184394077), abs=1e-9)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [(0.1, 0.1195044811, 0.4180257149), (0.2, 0.02030132213, 0.5179737331)],
)
def test_conditional_smoothness_is_that_of_r(monkeypatch, bound, low, high) -> None:
    # R: createSensitivityResults(method = "Conditional"), 1,000 points over the identified set with
    # deltas of nought and 20 standard errors to either side of it, of which the outermost kept are
    # given; so the ends are less than one step further out.
    monkeypatch.setattr(honest, "FIRST_STEP", 0.0)
    study = published("benzarti carloni")
    grid = np.linspace(-bound - 20 * study.std_error, bound + 20 * study.std_error, 1000)
    found = kept([smoothness_test(study, bound)], grid)
    assert found == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(
    ("weights", "bound", "low", "high", "step"),
    [
        # R HonestDiD 0.2.8, method "C-LF": 1,000 grid points over 40 standard errors ...
        (FIRST, 0.5, 0.1181294958, 0.2715838660, 40 * 0.0189729 / 999),
        (FIRST, 1.0, 0.0672312508, 0.3186837253, 40 * 0.0189729 / 999),
        # ... and 10,000 over 80 (the package's own range cuts these off above).
        (MEAN, 0.5, 0.0677543981, 0.3691913894, 80 * 0.0176551 / 9999),
        (MEAN, 1.0, -0.0696861795, 0.5066319669, 80 * 0.0176551 / 9999),
    ],
)
def test_relative_magnitudes_are_those_of_r(weights, bound, low, high, step) -> None:
    found = relative_magnitudes(published("benzarti carloni", weights), bound)
    # R draws the critical value of the first step from 1,000 normals, which moves ends by 2e-4.
    assert found == pytest.approx((low, high), abs=step + 2e-4)


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.5, 0.031031, 0.28328),
        (1.0, -0.003003, 0.33734),
        (1.5, -0.053053, 0.39339),
        (2.0, -0.10511, 0.45345),
    ],
)
def test_relative_magnitudes_are_those_of_julia(bound, low, high) -> None:
    # README of HonestDiD.jl, on a grid of step 0.002 with a drawn critical value.
    assert relative_magnitudes(invented(), bound) == pytest.approx((low, high), abs=3e-3)


@pytest.mark.parametrize("bound", [0.1, 0.2])
def test_smoothness_by_the_hybrid_test_is_near_r(bound) -> None:
    # R at 0.1, method "C-LF", 200 grid points: 0.1228761035 and 0.4168150178, a step of 0.0048.
    # At 0.2 both ends move by 0.1: with one bend allowed each is the last slope before.
    low, high = smoothness(published("benzarti carloni"), bound)
    away = bound - 0.1
    assert 0.1228761 - 0.0048 - away < low < 0.1228761 - away
    assert 0.4168150 + away < high < 0.4168150 + 0.0048 + away


def polyhedra(study: EventStudy, bound: float, restriction: str) -> list[tuple]:
    """Rows and limits, (a, d), from the definitions of Rambachan and Roth, one period at a time."""
    k, before = len(study.beta), study.before

    def delta(t: int) -> np.ndarray:
        """Periods from -before to after, the reference at 0."""
        row = np.zeros(k)
        if t:
            row[t + before - (t > 0)] = 1
        return row

    after = k - before
    if restriction == "smoothness":
        rows = []
        for t in range(-before + 1, after):
            bend = delta(t + 1) - 2 * delta(t) + delta(t - 1)
            # As R: of the bends, those with a period after, unless there is one such period.
            if t + 1 > 0 or after == 1:
                rows += [bend, -bend]
        return [(np.array(rows), np.full(len(rows), bound))]
    found = []
    for s in range(-before, 0):
        for sign in (1, -1):
            largest = sign * (delta(s + 1) - delta(s))
            rows = []
            for t in range(-before, after):
                if t >= 0 or after == 1:
                    change = delta(t + 1) - delta(t)
                    size = bound if t >= 0 else 1.0
                    rows += [change - size * largest, -change - size * largest]
            rows = [row for row in rows if np.abs(row).max() > 0]
            found.append((np.array(rows), np.zeros(len(rows))))
    return found


@pytest.mark.parametrize("restriction", ["relative magnitudes", "smoothness"])
@pytest.mark.parametrize(("before", "after"), [(1, 1), (3, 1), (2, 3), (4, 2)])
def test_largest_statistic_is_the_value_of_the_linear_program(restriction, before, after) -> None:
    # Andrews, Roth and Pakes: the least eta such that y - x times the nuisance parameters is at
    # most eta standard errors in every row. The effects in single periods are the nuisance, but for
    # the one direction that is tested.
    if restriction == "smoothness" and before == 1 and after == 1:
        before = 2
    study, bound = drawn(before + 10 * after, before, after), 0.7
    sets = polyhedra(study, bound, restriction)
    tests = (
        [smoothness_test(study, bound)]
        if restriction == "smoothness"
        else magnitude_tests(study, bound)
    )
    assert len(tests) == len(sets)
    weights = study.weights
    # A basis whose first column changes the effect by 1 and whose others leave it.
    others = np.linalg.svd(weights[None])[2][1:].T
    turn = np.column_stack([weights / (weights @ weights), others])
    for test, (a, d) in zip(tests, sets, strict=True):
        spread = np.sqrt(np.diagonal(a @ study.sigma @ a.T))
        for theta in (-1.5, 0.0, 2.0):
            y = a @ study.beta - d - a[:, before:] @ turn[:, 0] * theta
            x = np.column_stack([spread, a[:, before:] @ turn[:, 1:]])
            solved = linprog(
                np.eye(after)[0], A_ub=-x, b_ub=-y, bounds=[(None, None)] * after, method="highs"
            )
            largest = (test.center - theta * test.slope).max()
            assert largest == pytest.approx(solved.fun, abs=1e-7)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 2), (3, 3)])
def test_least_favorable_value_is_passed_as_often_as_it_should(before, after) -> None:
    test = magnitude_tests(drawn(5, before, after), 1.0)[0]
    value = least_favorable(test, 0.05)
    draws = np.random.default_rng(1).multivariate_normal(
        np.zeros(len(test.cov)), test.cov, 200_000, method="eigh"
    )
    # Four standard errors of a share of 0.05 in 200,000 draws, and as much for the directions.
    assert (draws.max(axis=1) > value).mean() == pytest.approx(0.05, abs=0.003)


@pytest.mark.parametrize("restriction", ["relative magnitudes", "smoothness"])
def test_interval_holds_the_effect_when_trends_differ_as_much_as_allowed(restriction) -> None:
    # The worst case of either set: after treatment trends part by the whole bound, so the effect
    # is at the lower end of what is possible. 95 % within four standard errors of a share in 1,000
    # draws, 0.028; and no more than that, because the test is exact at such a corner.
    study = replace(drawn(3, 3, 2), weights=np.array([0.5, 0.5]))
    study = replace(study, sigma=study.sigma / 100)
    if restriction == "smoothness":
        delta = np.array([-3.0, -2.0, -1.0, 2.0, 5.0])  # slopes 1, then 2 and 3
        truth_of = partial(smoothness_test, bound=1.0)
    else:
        delta = np.array([-1.0, -2.0, 0.5, 2.5, 5.0])  # changes -1, 2.5 and -0.5, then 2.5 twice
        truth_of = partial(magnitude_tests, bound=1.0)

    def tests_of(beta: np.ndarray) -> list[honest.Test]:
        built = truth_of(replace(study, beta=beta))
        return [built] if isinstance(built, honest.Test) else built

    truth = delta + np.array([0, 0, 0, 0.4, 0.4])
    firsts = [least_favorable(test, 0.005) for test in tests_of(truth)]
    values = np.array([0.4, 0.4 - 12 * study.std_error])
    held = np.zeros(2)
    for beta in np.random.default_rng(2).multivariate_normal(truth, study.sigma, 1000):
        found = np.zeros(2, bool)
        for test, first in zip(tests_of(beta), firsts, strict=True):
            found |= ~rejects(test, values, level=0.05, first=first)
        held += found
    assert held[0] / 1000 == pytest.approx(0.95, abs=0.028)
    assert held[1] / 1000 < 0.05


def test_without_a_bound_the_interval_is_that_of_equal_trends() -> None:
    study = published("benzarti carloni", MEAN)
    low, high = relative_magnitudes(study, 0.0)
    # R constructOriginalCS: 0.1837990234, 0.2530055096.
    assert (low, high) == pytest.approx((0.1837990234, 0.2530055096), abs=1e-8)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.4])
def test_possible_values_are_those_that_the_hybrid_test_keeps(level) -> None:
    study = drawn(12, 3, 2)
    tests = magnitude_tests(study, 0.8)
    grid = study.estimate + np.linspace(-25, 25, 41) * study.std_error
    kept_by_one = np.zeros(41, bool)
    for test in tests:
        first = least_favorable(test, level * honest.FIRST_STEP)
        kept_by_one |= ~rejects(test, grid, level=level, first=first)
    assert [possible(tests, value, level=level) for value in grid] == kept_by_one.tolist()
    assert 0 < kept_by_one.sum() < 41


@pytest.mark.parametrize("weights", [FIRST, MEAN])
def test_breakdown_is_where_nought_enters(weights) -> None:
    study = published("benzarti carloni", weights)
    end = breakdown(partial(magnitude_tests, study))
    assert relative_magnitudes(study, end)[0] == pytest.approx(0, abs=1e-4)
    assert not possible(magnitude_tests(study, end * 0.999), 0.0)
    assert possible(magnitude_tests(study, end * 1.001), 0.0)
    assert p_value(magnitude_tests(study, end)) == pytest.approx(0.05, abs=1e-3)


def test_breakdown_of_an_estimate_near_nought_is_nought() -> None:
    study = replace(published("benzarti carloni"), beta=np.full(8, 0.01))
    assert breakdown(partial(magnitude_tests, study)) == 0
    assert p_value(magnitude_tests(study, 0.0)) > 0.05


def test_intervals_grow_with_the_bound() -> None:
    for restriction in (relative_magnitudes, smoothness):
        ends = np.array([restriction(invented(), bound) for bound in (0.0, 0.05, 0.5, 1.0, 2.0)])
        assert (np.diff(ends[:, 0]) < 0).all() and (np.diff(ends[:, 1]) > 0).all()


@pytest.mark.parametrize("restriction", [relative_magnitudes, smoothness])
def test_effects_and_units_move_the_interval_with_them(restriction) -> None:
    study, bound = invented(), 0.4
    low, high = restriction(study, bound)
    moved = study.beta + np.where(np.arange(8) < 3, 0.0, 7.0)
    assert restriction(replace(study, beta=moved), bound) == pytest.approx((low + 7, high + 7))
    larger = replace(study, beta=50 * study.beta, sigma=2500 * study.sigma)
    scaled = bound if restriction is relative_magnitudes else 50 * bound
    assert restriction(larger, scaled) == pytest.approx((50 * low, 50 * high))
    turned = restriction(replace(study, beta=-study.beta), bound)
    assert turned == pytest.approx((-high, -low), abs=1e-9)


def test_a_linear_difference_in_trends_is_taken_out_by_smoothness() -> None:
    study = invented()
    line = np.array([-3, -2, -1, 1, 2, 3, 4, 5]) * 0.3
    plain, sloped = (smoothness(s, 0.02) for s in (study, replace(study, beta=study.beta + line)))
    assert sloped == pytest.approx(plain, abs=1e-9)


def test_inputs_are_not_changed() -> None:
    study = invented()
    before = study.beta.copy(), study.sigma.copy()
    interval(magnitude_tests(study, 1.0), study)
    assert np.array_equal(before[0], study.beta) and np.array_equal(before[1], study.sigma)


def test_refusals_say_what_is_missing() -> None:
    study = invented()
    with pytest.raises(FitError, match="it is 0 or more"):
        relative_magnitudes(study, -0.1)
    with pytest.raises(FitError, match="it is 0 or more"):
        smoothness(study, float("nan"))
    with pytest.raises(FitError, match="there are 0 and 8"):
        replace(study, before=0, weights=np.ones(8))
    with pytest.raises(FitError, match="there are 8 and 0"):
        replace(study, before=8, weights=np.ones(0))
    with pytest.raises(FitError, match="not of the length"):
        replace(study, weights=np.ones(4))
    with pytest.raises(FitError, match="all nought"):
        replace(study, weights=np.zeros(5))
    singular = study.sigma.copy()
    singular[2] = singular[:, 2] = 0
    with pytest.raises(FitError, match="leave the reference period out"):
        replace(study, sigma=singular)
