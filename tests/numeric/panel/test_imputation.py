"""The fast imputation against dummies for every unit and period."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.panel.imputation import (
    Imputed,
    about_average,
    about_means,
    averages,
    impute,
    leads,
)
from evaluation.numeric.shared.draws import normals, stream, uniforms

N, T = 24, 8


class Slow:
    """The same by one matrix with a column for each unit and each period but the first."""

    def __init__(self, y: np.ndarray, control: np.ndarray, weight: np.ndarray) -> None:
        self.y, self.free = y.ravel(), control.ravel()
        self.weight = np.repeat(weight, y.shape[1])
        self.z = np.hstack(
            [
                np.kron(np.eye(len(y)), np.ones((y.shape[1], 1))),
                np.tile(np.eye(y.shape[1])[:, 1:], (len(y), 1)),
            ]
        )
        z0 = self.z[self.free]
        self.bread = np.linalg.inv(z0.T @ (self.weight[self.free, None] * z0))
        beta = self.bread @ z0.T @ (self.weight * self.y)[self.free]
        self.expected = (self.z @ beta).reshape(y.shape)

    def implied(self, cells: np.ndarray) -> np.ndarray:
        """(N, T) the weight of every outcome in the average over these cells."""
        w = np.where(cells.ravel(), self.weight, 0)
        w = w / w.sum()
        v = w.copy()
        v[self.free] -= (self.weight * (self.z @ self.bread @ (self.z.T @ w)))[self.free]
        return v.reshape(cells.shape)


def _panel(donut: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, control cells, weights, and event times (a large negative number for never)."""
    source = stream(1, "imputation/test")
    y = normals(source, N * T).reshape(N, T)
    weight = 0.5 + uniforms(source, N)
    first = np.where(np.arange(N) % 3 == 0, 10**6, 2 + np.arange(N) % 5)
    event = np.arange(T) - first[:, None]
    control = event < 0
    if donut:
        control &= event != -1
    return y, control, weight, event


@pytest.mark.parametrize("donut", [False, True])
def test_expected_and_influence_equal_those_of_dummies(donut: bool) -> None:
    y, control, weight, event = _panel(donut)
    found, slow = impute(y, control, weight), Slow(y, control, weight)
    np.testing.assert_allclose(found.expected, slow.expected, atol=1e-12)
    label = np.where(event >= 0, np.minimum(event, 2), -1)
    errors = about_average(found, label)
    got = averages(found, label, errors)
    for k in range(3):
        v = slow.implied(label == k)
        assert got.estimate[k] == pytest.approx((v * y).sum(), abs=1e-12)
        off = np.where(label == k, errors, np.where(control, y - slow.expected, 0))
        np.testing.assert_allclose(got.influence[:, k], (v * off).sum(axis=1), atol=1e-12)
    assert got.n.tolist() == [16, 16, 13]


def test_average_over_control_cells_has_the_influence_of_both_stages() -> None:
    y, control, weight, event = _panel()
    found, slow = impute(y, control, weight), Slow(y, control, weight)
    label = np.where(event == -1, 0, -1)
    errors = about_average(found, label)
    got = averages(found, label, errors)
    # Direct part, and the part through the first stage, by the definition of a two-step moment.
    cells = (label == 0).ravel()
    share = np.where(cells, slow.weight, 0) / slow.weight[cells].sum()
    gamma = slow.bread @ (slow.z.T @ share)
    first = slow.weight * slow.free * (slow.y - slow.expected.ravel()) * (slow.z @ gamma)
    both = (share * errors.ravel() - first).reshape(N, T).sum(axis=1)
    np.testing.assert_allclose(got.influence[:, 0], both, atol=1e-12)


def test_group_means_weight_a_cluster_by_the_square_of_its_weight() -> None:
    y, control, weight, event = _panel()
    found = impute(y, control, weight)
    group = np.where(event >= 0, np.minimum(event, 1), -1)
    cluster = np.arange(N) // 2
    errors = about_means(found, group, cluster)
    apart = about_means(found, group, cluster, leave_out=True)
    for k in range(2):
        inside = group == k
        mass = np.array([(weight[:, None] * inside)[cluster == c].sum() for c in range(N // 2)])
        summed = np.array(
            [(weight[:, None] * inside * found.effect)[cluster == c].sum() for c in range(N // 2)]
        )
        mean = (mass * summed).sum() / (mass**2).sum()
        np.testing.assert_allclose(errors[inside], (found.effect - mean)[inside], atol=1e-12)
        for c in range(N // 2):
            own = inside & (cluster == c)[:, None]
            rest = np.arange(N // 2) != c
            other = (mass * summed)[rest].sum() / (mass[rest] ** 2).sum()
            # The mean of a cluster's own effects is taken less that of the others; the deviations
            # inside it are scaled alike.
            if own.any():
                want = summed[c] / mass[c] - other
                got = (weight[:, None] * apart)[own].sum() / mass[c]
                assert got == pytest.approx(want, abs=1e-10)
    assert (errors[group < 0] == 0).all()


def test_leads_equal_a_regression_on_the_control_cells() -> None:
    y, control, weight, event = _panel()
    found, slow = impute(y, control, weight), Slow(y, control, weight)
    label = np.where((event < 0) & (event >= -2), event + 2, -1)
    got = leads(y, found, label)
    x = np.hstack([slow.z, (label.ravel()[:, None] == np.arange(2)).astype(float)])[slow.free]
    w = slow.weight[slow.free]
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ x.T @ (w * slow.y[slow.free])
    np.testing.assert_allclose(got.estimate, beta[-2:], atol=1e-12)
    scores = np.zeros((N * T, x.shape[1]))
    scores[slow.free] = (w * (slow.y[slow.free] - x @ beta))[:, None] * x
    by_unit = scores.reshape(N, T, -1).sum(axis=1) @ bread
    np.testing.assert_allclose(got.influence, by_unit[:, -2:], atol=1e-12)


def test_period_without_a_control_cell_expects_nothing() -> None:
    y, control, weight, _ = _panel()
    control = control & (np.arange(T) < 6)
    found = impute(y, control, weight)
    assert np.isnan(found.expected[:, 6:]).all() and np.isfinite(found.expected[:, :6]).all()


def test_outcomes_outside_the_control_cells_do_not_move_the_fit() -> None:
    y, control, weight, _ = _panel()
    moved = np.where(control, y, 99.0)
    before = y.copy()
    np.testing.assert_array_equal(
        impute(y, control, weight).expected, impute(moved, control, weight).expected
    )
    np.testing.assert_array_equal(y, before)


def _halves() -> Imputed:
    control = np.zeros((4, 4), dtype=bool)
    control[:2, :2] = control[2:, 2:] = True
    return impute(np.ones((4, 4)), control, np.ones(4))


def test_blocks_without_a_common_unit_are_refused() -> None:
    with pytest.raises(FitError, match="fall apart into blocks"):
        _halves()


def test_no_control_cell_is_refused() -> None:
    with pytest.raises(FitError, match="no untreated cell"):
        impute(np.ones((2, 2)), np.zeros((2, 2), dtype=bool), np.ones(2))


def test_leads_that_fill_every_history_are_refused() -> None:
    y, control, weight, event = _panel()
    label = np.where((event < 0) & (event > -100), 0, -1)
    with pytest.raises(FitError, match="cannot be told from units and periods"):
        leads(y, impute(y, control, weight), label)


def test_single_cluster_is_not_left_out() -> None:
    y, control, weight, event = _panel()
    group = np.where(event >= 0, 0, -1)
    with pytest.raises(FitError, match="single cluster"):
        about_means(impute(y, control, weight), group, np.zeros(N, dtype=int), leave_out=True)
