"""Blocks that meet at a start: nothing is lost, and their covariances are those of their means."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.quarters import layout, response


def test_blocks_meet_at_the_start_and_lose_nothing():
    found = layout(14, 31, 6, 12, revert=3.0)
    assert found.edges.tolist() == [0, 8, 14, 20]
    assert found.lengths.tolist() == [8, 6, 6, 11]
    assert found.after.tolist() == [False, False, True, True] and found.before == 2


def test_walk_has_the_covariances_of_block_means():
    # Of a plain walk, over years from nought: 1/3, 1/2 and 4/3; divided in 12 off by 1/(6 12^2).
    plain = layout(12, 24, 12, 12, revert=0.0).walk
    assert plain == pytest.approx(np.array([[1 / 3, 1 / 2], [1 / 2, 4 / 3]]), abs=0.04)
    # Of one that is pulled back the variance stays, and two far blocks have little in common.
    pulled = layout(120, 240, 12, 12, revert=3.0).walk
    assert np.ptp(np.diag(pulled)) < 1e-12 and 1.3 < pulled[0, 0] < 1.5
    assert pulled[0, -1] == pytest.approx(1.5 * np.exp(-19 / 3), rel=0.05)


def test_a_washout_moves_what_comes_after_it_in_time_and_season():
    whole = layout(24, 48, 3, 12, revert=3.0)
    assert whole.season[:5, 0].tolist() == [1, 0, 0, 0, 1]
    apart = layout(24, 48, 3, 12, revert=3.0, skipped=2)
    # Two months later: a block before shares two thirds with one quarter, a third with the next.
    assert sorted(set(np.round(apart.season[8:, 0], 9))) == [0, round(1 / 3, 9), round(2 / 3, 9)]
    quarter = layout(24, 48, 3, 12, revert=3.0, skipped=3)
    assert quarter.season[8:, 0].tolist() == [0, 0, 0, 1, 0, 0, 0, 1]
    assert (apart.walk[8:, :8] < whole.walk[8:, :8]).all()
    assert np.allclose(apart.walk[8:, 8:], whole.walk[8:, 8:])


def test_a_block_of_a_year_has_no_season():
    assert not layout(24, 48, 12, 12, revert=3.0).season.any()


def test_noise_is_that_of_the_units_events_shared_out_as_the_pools_are():
    blocks = layout(6, 12, 3, 12, revert=3.0)
    y = np.array([[2, 0, 1, 3, 3, 3, 0, 0, 0, 1, 1, 1]], dtype=float)
    pool = np.repeat([10.0, 20.0, 15.0, 5.0], 3)
    z, v = response(y, np.ones((1, 12)), pool, np.full(12, 4.0), blocks)
    assert z[0] == pytest.approx(np.log(np.array([3.5, 9.5, 0.5, 3.5]) / 3))
    before, after = np.array([30.5, 60.5]), np.array([45.5, 15.5])
    wanted = [*(12.5 * before / before.sum()), *(3.5 * after / after.sum())]
    assert 1 / v[0] == pytest.approx(wanted)
