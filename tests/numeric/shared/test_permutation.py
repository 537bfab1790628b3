"""Placebos in bulk: two-way coefficients of other assignments, and their rank."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.permutation import (
    StaticEffects,
    distinct_assignments,
    every_assignment,
    one_unit_one_date,
    rank,
    shuffles,
)


def refit(y: np.ndarray, first: np.ndarray) -> float:
    """Least squares with a dummy for every unit and period."""
    n, length = y.shape
    units, periods = np.repeat(np.eye(n), length, axis=0), np.tile(np.eye(length), (n, 1))
    treated = (np.arange(length) >= first[:, None]).ravel().astype(float)
    x = np.column_stack([treated, units, periods[:, 1:]])
    return float(np.linalg.lstsq(x, y.ravel(), rcond=None)[0][0])


FIRST = np.array([4, 4, 6, 9, 9, 9, 9])


def panel(n: int = 7, length: int = 9) -> np.ndarray:
    return np.random.default_rng(11).normal(size=(n, length)) + np.arange(n)[:, None]


def test_staggered_coefficients_are_those_of_refitted_regressions():
    y = panel()
    order = shuffles(stream(1, "order"), 12, 7)
    found = StaticEffects(y).effects(FIRST[order])
    expected = [refit(y, FIRST[one]) for one in order]
    assert found == pytest.approx(expected, abs=1e-12)
    assert StaticEffects(y).effects(FIRST[order]) == pytest.approx(expected, abs=1e-12)


def test_unequal_clusters_are_permuted_whole_with_their_own_squares():
    y = panel()
    cluster = np.array([0, 0, 0, 1, 2, 2, 3])
    first = np.array([5, 9, 3, 9])
    order = shuffles(stream(1, "order"), 12, 4)
    expected = [refit(y, first[one][cluster]) for one in order]
    assert StaticEffects(y, cluster).effects(first[order]) == pytest.approx(expected, abs=1e-12)


def test_treatment_of_everyone_has_no_coefficient():
    assert np.isnan(StaticEffects(panel()).effects(np.full((1, 7), 4))).all()


def test_every_assignment_is_listed_once():
    found = every_assignment(FIRST)
    expected = set(permutations(FIRST.tolist()))
    assert len(found) == distinct_assignments(FIRST) == len(expected) == 105
    assert {tuple(row) for row in found.tolist()} == expected


def test_ratio_of_totals_is_the_poisson_two_way_coefficient():
    y = np.random.default_rng(5).poisson(6.0, size=(4, 8)).astype(float)
    starts = np.array([2, 5])
    effects, errors = one_unit_one_date(y, None, starts, logs=True)
    for unit in range(4):
        for at, start in enumerate(starts):
            treated = np.zeros((4, 8))
            treated[unit, start:] = 1
            units, periods = np.repeat(np.eye(4), 8, axis=0), np.tile(np.eye(8), (4, 1))
            x = np.column_stack([treated.ravel(), units, periods[:, 1:]])
            fitted = poisson(y.reshape(1, -1), x, np.zeros(32))
            # The score is solved to 1e-9 of the counts.
            assert effects[unit, at] == pytest.approx(fitted.beta[0, 0], abs=1e-9)
            assert errors[unit, at] == pytest.approx(np.sqrt(fitted.cov[0, 0, 0]), abs=1e-8)


def test_difference_of_means_is_the_linear_two_way_coefficient():
    y = panel()
    found, _ = one_unit_one_date(y, None, np.array([3, 6]), logs=False)
    for unit in range(7):
        for at, start in enumerate((3, 6)):
            first = np.where(np.arange(7) == unit, start, 9)
            assert found[unit, at] == pytest.approx(refit(y, first), abs=1e-12)


def test_exposure_in_thousands_gives_the_same_ratios():
    y = np.random.default_rng(5).poisson(6.0, size=(4, 8)).astype(float)
    exposure = np.random.default_rng(6).uniform(1, 2, size=(4, 8))
    one = one_unit_one_date(y, exposure, np.array([3]), logs=True)
    other = one_unit_one_date(y, exposure * 1000, np.array([3]), logs=True)
    assert other[0] == pytest.approx(one[0], abs=1e-12)


def test_p_counts_the_actual_assignment_and_ties():
    found = rank(2.0, np.array([-2.0, 2.0 - 1e-10, 1.9, 0.0, np.inf, np.nan]))
    assert (found.p_value, found.smallest, found.total) == (4 / 6, 1 / 6, 6)


def test_draws_from_few_assignments_cannot_promise_a_smaller_p():
    found = rank(5.0, np.zeros(999), possible=20, exact=False)
    assert (found.p_value, found.smallest) == (1 / 1000, 1 / 20)


def test_exact_p_is_uniform_on_its_steps_without_an_effect():
    draw = np.random.default_rng(8)
    first = np.array([3, 3, 6, 6, 6, 6])
    every = every_assignment(first)
    others = every[(every != first).any(axis=1)]
    p = []
    for _ in range(400):
        model = StaticEffects(draw.normal(size=(6, 6)))
        actual = float(model.effects(first[None])[0])
        p.append(rank(actual, model.effects(others)).p_value)
    # 15 assignments: p is at most .2 in 3 of 15 draws.
    share = np.mean(np.array(p) <= 0.2 + 1e-9)
    assert share == pytest.approx(0.2, abs=3 * np.sqrt(0.2 * 0.8 / 400))


def test_no_draws_are_refused():
    with pytest.raises(FitError, match="at least one draw"):
        shuffles(stream(1, "order"), 0, 5)
