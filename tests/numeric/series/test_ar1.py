"""AR(1) REML with gaps, and Newey-West."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.ar1 import linear_reml, whiten
from evaluation.numeric.series.correlation import (
    AR1_NUGGET,
    ar1_matrix,
    grams,
    shared_grams,
    whitening,
)
from evaluation.numeric.series.learned_weights import LEARNED_GRID
from evaluation.numeric.shared.regressions import newey_west

TIME = np.array([0, 1, 2, 5, 6, 9, 10])


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.7])
def test_whitening_takes_out_the_correlation_of_unequal_gaps(rho):
    white, log_det = whiten(np.eye(len(TIME)), TIME, rho)
    r = ar1_matrix(TIME, rho)
    assert white @ r @ white.T == pytest.approx(np.eye(len(TIME)), abs=1e-12)
    assert log_det == pytest.approx(np.linalg.slogdet(r)[1], abs=1e-12)


ANY = (*LEARNED_GRID, (0.4, 1.0))
# Without gaps the inverse is made of sine vectors and its corners: of even and odd lengths.
CALENDARS = [(TIME, AR1_NUGGET), *((np.arange(n), ANY) for n in (2, 7, 40))]


@pytest.mark.parametrize(("time", "grid"), CALENDARS)
def test_grams_are_those_of_the_dense_inverse_at_every_grid_point(time, grid):
    columns = np.random.default_rng(4).normal(size=(3, len(time), 4))
    model = whitening(time, grid)
    found = grams(columns, model)
    across, own = shared_grams(columns[0].T, columns[..., 0], model)
    for point, (rho, omega) in enumerate(grid):
        r = (1 - omega) * ar1_matrix(time, rho) + omega * np.eye(len(time))
        for which in range(3):
            dense = columns[which].T @ np.linalg.solve(r, columns[which])
            assert found[which, point] == pytest.approx(dense, rel=1e-9, abs=1e-9)
            beside = columns[0].T @ np.linalg.solve(r, columns[which][:, 0])
            assert across[:, which, point] == pytest.approx(beside, rel=1e-9, abs=1e-9)
            assert own[which, point] == pytest.approx(dense[0, 0], rel=1e-9, abs=1e-9)
        assert model.log_det[point] == pytest.approx(np.linalg.slogdet(r)[1], abs=1e-9)


def test_a_dummy_for_a_period_is_the_same_as_leaving_it_out():
    rng = np.random.default_rng(1)
    y = np.cumsum(rng.normal(size=60)) * 0.3
    x = np.column_stack([np.ones(60), np.arange(60)])
    out = np.arange(60) == 25
    gap = linear_reml(y[~out], x[~out], np.flatnonzero(~out))
    dummy = linear_reml(y, np.column_stack([x, out]), np.arange(60))
    assert gap.rho == pytest.approx(dummy.rho, rel=1e-7)
    assert gap.beta == pytest.approx(dummy.beta[:2], rel=1e-7)
    assert gap.cov == pytest.approx(dummy.cov[:2, :2], rel=1e-6)


def test_newey_west_with_a_gap_counts_only_pairs_the_lag_apart():
    rng = np.random.default_rng(2)
    scores, bread = rng.normal(size=(7, 2)), np.eye(2)
    meat = scores.T @ scores
    for i in range(7):
        for j in range(7):
            if 0 < TIME[i] - TIME[j] <= 2:
                weight = 1 - (TIME[i] - TIME[j]) / 3
                product = np.outer(scores[i], scores[j])
                meat += weight * (product + product.T)
    assert newey_west(scores, bread, TIME, 2) == pytest.approx(meat * 7 / 5)
