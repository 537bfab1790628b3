"""Ratios of sums, and all leave-one-out fits at once, against one dummy regression each."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.panel.poisson_imputation import sums, untreated
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.glm import poisson

N, T = 18, 9


def _panel() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Counts, control cells, exposure, weights."""
    source = stream(3, "poisson-imputation/test")
    exposure = 0.5 + uniforms(source, N * T).reshape(N, T)
    weight = 0.5 + uniforms(source, N)
    y = np.floor(3 * uniforms(source, N * T).reshape(N, T) ** 2 * (1 + np.arange(N) % 3)[:, None])
    first = np.where(np.arange(N) % 2 == 0, 10**6, 4 + np.arange(N) % 3)
    return y, np.arange(T) < first[:, None], exposure, weight


def _slow(y: np.ndarray, control: np.ndarray, exposure: np.ndarray | None = None) -> np.ndarray:
    """(N, T) expected counts from a regression with a dummy for each unit and period."""
    alive = (y * control).sum(axis=1) > 0
    unit, period = np.nonzero(control & alive[:, None])
    x = np.hstack([unit[:, None] == np.flatnonzero(alive), period[:, None] == np.arange(1, T)])
    offset = np.zeros(len(unit)) if exposure is None else np.log(exposure[unit, period])
    fit = poisson(y[unit, period], x.astype(float), offset)
    assert fit.converged[0]
    level = np.full(len(y), -np.inf)
    level[alive] = fit.beta[0, : alive.sum()]
    return np.asarray(
        np.exp(level[:, None] + np.append(0, fit.beta[0, alive.sum() :]))
        * (1 if exposure is None else exposure)
    )


@pytest.mark.parametrize("exposed", [False, True])
def test_expected_counts_are_those_of_dummies(exposed: bool) -> None:
    y, control, exposure, _ = _panel()
    given = exposure if exposed else None
    found = untreated(y, control, np.ones(N), given)
    np.testing.assert_allclose(found.expected, _slow(y, control, given), rtol=1e-7)


@pytest.mark.parametrize("exposed", [False, True])
def test_leaving_out_a_cluster_is_a_fit_without_it(exposed: bool) -> None:
    y, control, exposure, _ = _panel()
    given = exposure if exposed else None
    cluster = np.arange(N) // 3
    label = np.where(control, -1, np.arange(T) % 2)
    found = sums(y, control, np.ones(N), [label, np.where(control, -1, 0)], cluster, given)
    assert found.expected.shape == (7, 3) and found.n.tolist() == [9, 9, 9]
    for left in range(-1, 6):
        kept = cluster != left
        mu = _slow(y[kept], control[kept], None if given is None else given[kept])
        for k, cells in enumerate((label == 0, label == 1, ~control)):
            inside = cells[kept]
            assert found.expected[1 + left, k] == pytest.approx(mu[inside].sum(), rel=1e-7)
            assert found.observed[1 + left, k] == y[kept][inside].sum()


def test_weights_count_like_copies_and_answers_scale_with_nothing() -> None:
    y, control, exposure, _ = _panel()
    label = [np.where(control, -1, 0)]
    weight = np.where(np.arange(N) < 5, 2.0, 1.0)
    rows = np.concatenate([np.arange(N), np.arange(5)])
    cluster = np.arange(N)
    one = sums(y, control, weight, label, cluster, exposure)
    two = sums(
        y[rows], control[rows], np.ones(len(rows)), [label[0][rows]], cluster[rows], exposure[rows]
    )
    np.testing.assert_allclose(one.ratios, two.ratios, atol=1e-9)
    thousands = sums(y, control, weight, label, cluster, exposure / 1000)
    np.testing.assert_allclose(one.ratios, thousands.ratios, atol=1e-9)


def test_unit_without_events_is_expected_to_have_none() -> None:
    y, control, _, _ = _panel()
    y[1] = 0
    found = untreated(y, control, np.ones(N))
    assert (found.expected[1] == 0).all()


def test_period_without_untreated_events_expects_none() -> None:
    y, control, _, _ = _panel()
    y[control[:, 5], 5] = 0
    found = untreated(y, control, np.ones(N))
    assert (found.expected[:, 5] == 0).all() and (found.expected[:, 6] > 0).any()


def test_period_without_a_control_cell_expects_nothing() -> None:
    y, control, _, _ = _panel()
    found = untreated(y, control & (np.arange(T) < 7), np.ones(N))
    assert np.isnan(found.expected[:, 7:]).all() and np.isnan(found.period[7:]).all()


def test_no_untreated_event_is_refused() -> None:
    y, control, _, _ = _panel()
    with pytest.raises(FitError, match="no event in the untreated cells"):
        untreated(np.where(control, 0, y), control, np.ones(N))


def test_periods_that_no_unit_joins_are_refused() -> None:
    control = np.zeros((4, 4), dtype=bool)
    control[:2, :2] = control[2:, 2:] = True
    with pytest.raises(FitError, match="separate blocks of periods"):
        untreated(np.ones((4, 4)), control, np.ones(4))
    with pytest.raises(FitError, match="separate blocks of periods"):
        sums(np.ones((4, 4)), control, np.ones(4), [np.where(control, -1, 0)], np.arange(4))


def test_inputs_are_not_changed() -> None:
    y, control, exposure, weight = _panel()
    before = [each.copy() for each in (y, control, exposure, weight)]
    sums(y, control, weight, [np.where(control, -1, 0)], np.arange(N), exposure)
    for each, was in zip((y, control, exposure, weight), before, strict=True):
        np.testing.assert_array_equal(each, was)


def test_a_period_that_always_loses_leaves_only_its_own_ratios_without_an_answer() -> None:
    """By hand: no unit has events in the second period and, at risk, none in the first, and so on,
    so the first can be any number of times the second; the third and fourth are 3 to 6."""
    y = np.array([[5, 0, 0, 0], [0, 4, 0, 0], [0, 0, 3, 6], [2, 0, 0, 0], [0, 0, 7, 9]], float)
    control = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 1, 0]]) > 0
    # The fourth unit is treated in the second period, the fifth in the fourth.
    label = np.full(y.shape, -1)
    label[3, 1], label[4, 3] = 0, 1
    found = sums(y, control, np.ones(5), [label], np.arange(5))
    assert np.isnan(found.expected[0, 0])
    assert found.expected[0, 1] == pytest.approx(14, rel=1e-9)
    assert found.observed[0].tolist() == [0, 9]
    with pytest.raises(FitError, match="no finite estimate"):
        untreated(y, control, np.ones(5))


def test_fits_without_a_large_cluster_are_their_own() -> None:
    """One cluster has nine tenths of the events, so the curvature of the whole is far from that
    without it."""
    y, control, exposure, weight = _panel()
    y[:3] *= 60
    cluster, label = np.arange(N) // 3, np.where(control, -1, 0)
    found = sums(y, control, weight, [label], cluster, exposure)
    for left in range(6):
        kept = cluster != left
        alone = sums(
            y[kept],
            control[kept],
            weight[kept],
            [label[kept]],
            np.unique(cluster[kept], return_inverse=True)[1],
            exposure[kept],
        )
        np.testing.assert_allclose(found.expected[1 + left], alone.expected[0], rtol=1e-9)
