"""Learned weights: what they add up to, where they lean, and one number by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evaluation.numeric.series.learned_weights import LEARNED_GRID, PERSISTENT, learned_weights


def test_the_grid_has_68_models_each_once():
    assert len(LEARNED_GRID) == 68 == len(set(LEARNED_GRID))
    assert [sum(rho == one for rho, _ in LEARNED_GRID) for one in PERSISTENT] == [7] * 4


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_weights_add_up_to_one_and_leave_the_flat_rest_to_all(share):
    weights = np.exp(learned_weights(np.array([0.4, 8.0, 900.0]), 12, share))
    assert weights.sum(axis=1) == pytest.approx(np.ones(3))
    weak = [rho not in PERSISTENT for rho, _ in LEARNED_GRID]
    assert weights[:, weak] == pytest.approx(np.full((3, 40), (1 - share) / 68))


def test_one_weight_by_hand():
    mean, rho = 8.0, 0.9
    center = math.log(0.19**2 * mean / (12 * (1 - rho**2) * (1 + 0.115 * math.sqrt(mean))))

    def density(omega: float) -> float:
        return math.exp(-0.5 * ((math.log((1 - omega) / omega) - center) / 0.7) ** 2)

    others = sum(map(density, (0.1, 0.25, 0.5, 0.7, 0.85, 0.93, 0.97)))
    expected = 0.8 * density(0.85) / others / 4 + 0.2 / 68
    found = learned_weights(np.array([mean]), 12)[0, LEARNED_GRID.index((rho, 0.85))]
    assert math.exp(found) == pytest.approx(expected, rel=1e-12)


def test_more_events_leave_less_to_white_noise():
    omega = np.array(LEARNED_GRID)[:, 1]
    means = np.array([1.0, 10.0, 100.0, 1000.0])
    nugget = np.exp(learned_weights(means, 12, 1.0)) @ omega
    assert (np.diff(nugget) < 0).all()


def test_a_longer_period_holds_more_of_the_movement():
    """Periods a year take the place of 12: the rate moves farther from one to the next."""
    omega = np.array(LEARNED_GRID)[:, 1]
    monthly, quarterly = (learned_weights(np.array([8.0]), n, 1.0) for n in (12, 4))
    assert float((np.exp(quarterly) @ omega)[0]) < float((np.exp(monthly) @ omega)[0])


def test_counts_so_many_that_no_nugget_is_near_still_have_weights():
    weights = np.exp(learned_weights(np.array([1e-9, 1e12]), 12, 1.0))
    assert np.isfinite(weights).all() and weights.sum(axis=1) == pytest.approx(np.ones(2))
