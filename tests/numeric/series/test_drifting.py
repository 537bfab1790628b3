"""The step of one unit among drifting ones: its algebra, and how often it is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.series.drifting import (
    Blocks,
    _response,
    _step,
    _walk,
    blocks,
    drifting_step,
)


def drawn(reps: int, drift: float, seed: int = 1) -> np.ndarray:
    """(reps, 9, 96) Poisson counts about random walks, without an effect."""
    draw = np.random.default_rng(seed)
    walk = drift / np.sqrt(12) * draw.normal(size=(reps, 9, 96)).cumsum(axis=-1)
    walk -= walk[..., 47:48]
    mean = np.array([8.0, *np.geomspace(4, 25, 8)])[:, None]
    return draw.poisson(mean * np.exp(walk)).astype(float)


def split(y: np.ndarray) -> Blocks:
    return blocks(y, np.ones(y.shape), 48, 12, 12)


def test_blocks_meet_at_the_start_and_lose_nothing():
    y = np.arange(2 * 31.0).reshape(2, 31)
    found = blocks(y, np.ones(y.shape), 14, 6, 12)
    assert found.after.tolist() == [False, False, True, True]
    assert (found.width * 12).tolist() == [8, 6, 6, 11]
    assert found.counts[:, 0].tolist() == y[:, :8].sum(axis=1).tolist()
    assert found.counts.sum() == y.sum()
    assert found.exposure[0].tolist() == [8, 6, 6, 11]


def test_step_is_that_of_one_large_generalized_regression():
    data = split(drawn(1, 0.1))
    z, v = _response(data)
    after = data.after.astype(float)
    shared = 0.12**2 * _walk(data.width) + 0.07**2 * np.outer(after, after)
    found = [float(part[0]) for part in _step(z, v + 0.05**2, shared, after)]
    n, k = z.shape[1:]
    covariance = np.zeros((n * k, n * k))
    for unit in range(n):
        here = slice(unit * k, (unit + 1) * k)
        covariance[here, here] = shared + np.diag(v[0, unit] + 0.05**2)
    treated = np.zeros(n * k)
    treated[:k] = after
    units, times = np.repeat(np.eye(n), k, axis=0), np.tile(np.eye(k)[:, 1:], (n, 1))
    x = np.column_stack([units, times, treated])
    inverse = np.linalg.inv(covariance)
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ z.ravel())
    left = z.ravel() - x @ beta
    log_dets = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
    likelihood = -0.5 * (log_dets + left @ inverse @ left)
    expected = (likelihood, beta[-1], np.linalg.inv(information)[-1, -1])
    assert found == pytest.approx(expected, rel=1e-9)


def test_walk_has_the_covariances_of_block_means():
    # Mean over a year of a random walk from nought: variance 1/3; next year's mean has 4/3, and
    # they share 1/2. The division into 48 parts is off by a third of its square.
    assert _walk(np.ones(2)) == pytest.approx(np.array([[1 / 3, 1 / 2], [1 / 2, 4 / 3]]), abs=2e-3)


def test_type_one_error_and_gain_where_units_drift():
    y = drawn(120, 0.15)
    null = drifting_step(split(y), 0.1)
    # .05 and three Monte Carlo errors; did_one_city.md has the precise numbers.
    assert (null.p_value < 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)
    assert ((null.p_value < 0.05) == ((null.low > 0) | (null.high < 0))).all()
    assert null.drift.mean() == pytest.approx(0.15, abs=0.03)
    whole = y[..., 48:].sum(axis=-1) / y[..., :48].sum(axis=-1)
    totals = np.log(whole[:, 0]) - np.log(whole[:, 1:]).mean(axis=1)
    assert null.estimate.std() < 0.95 * totals.std()


def test_without_drift_the_step_is_that_of_totals():
    y = drawn(40, 0.0, seed=2)
    found = drifting_step(split(y), 0.1)
    whole = y[..., 48:].sum(axis=-1) / y[..., :48].sum(axis=-1)
    weight = 1 / (1 / y[:, 1:, :48].sum(axis=-1) + 1 / y[:, 1:, 48:].sum(axis=-1))
    totals = np.log(whole[:, 0]) - (weight * np.log(whole[:, 1:])).sum(axis=1) / weight.sum(axis=1)
    assert np.corrcoef(found.estimate, totals)[0, 1] > 0.95
    assert found.drift.mean() < 0.05


def test_order_of_controls_and_unit_of_exposure_do_not_matter():
    data = split(drawn(2, 0.1))
    order = [0, 5, 2, 8, 1, 3, 4, 7, 6]
    other = Blocks(data.counts[:, order], data.exposure[:, order] * 1000, data.width, data.after)
    one, two = drifting_step(data, 0.1), drifting_step(other, 0.1)
    assert two.estimate == pytest.approx(one.estimate, abs=1e-10)
    assert two.p_value == pytest.approx(one.p_value, abs=1e-10)


def test_walk_goes_on_through_periods_that_are_left_out():
    # Blocks of a year, a quarter and two years: without the quarter the others stay where they are.
    width = np.array([1.0, 0.25, 2.0])
    whole = _walk(width)[np.ix_([0, 2], [0, 2])]
    assert _walk(width[[0, 2]], np.array([0.0, 0.25])) == pytest.approx(whole, abs=1e-12)


def test_blocks_know_how_many_periods_are_left_out_at_the_start():
    data = blocks(np.ones((2, 10)), np.ones((2, 10)), 4, 2, 12, 3)
    assert data.gap == 0.25 and data.after.tolist() == [False, False, True, True, True]
