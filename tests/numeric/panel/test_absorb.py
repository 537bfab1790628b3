"""Absorbed effects against dummies."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.numeric.panel import absorb as module
from evaluation.numeric.panel.absorb import (
    absorb,
    absorbed_rank,
    connected_parts,
    means_out,
    numbered,
    without_singletons,
)

RNG = np.random.default_rng(7)
ROWS = 600
UNIT = numbered(RNG.integers(0, 50, ROWS))
TIME = numbered(RNG.integers(0, 12, ROWS))
PLACE = numbered(RNG.integers(0, 20, ROWS))
WEIGHT = RNG.uniform(0.5, 2, ROWS)
Y = RNG.normal(size=ROWS) + UNIT * 0.1 + TIME


def _by_dummies(
    column: np.ndarray, sets: list[np.ndarray], weights: np.ndarray | None
) -> np.ndarray:
    dummies = np.column_stack([np.eye(codes.max() + 1)[codes] for codes in sets])
    root = np.ones(len(column)) if weights is None else np.sqrt(weights)
    beta = np.linalg.lstsq(dummies * root[:, None], column * root, rcond=None)[0]
    return column - dummies @ beta


@pytest.mark.parametrize("weights", [None, WEIGHT])
@pytest.mark.parametrize("sets", [[UNIT], [TIME, UNIT], [UNIT, TIME, PLACE]])
def test_absorbing_equals_dummies(sets: list[np.ndarray], weights: np.ndarray | None) -> None:
    np.testing.assert_allclose(absorb(Y, sets, weights), _by_dummies(Y, sets, weights), atol=1e-9)
    dummies = np.column_stack([np.eye(codes.max() + 1)[codes] for codes in sets])
    assert absorbed_rank(sets) == np.linalg.matrix_rank(dummies)


def test_iteration_equals_the_direct_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = absorb(Y, [UNIT, TIME], WEIGHT)
    monkeypatch.setattr(module, "DIRECT", 1)
    np.testing.assert_allclose(absorb(Y, [UNIT, TIME], WEIGHT), direct, atol=1e-9)


def test_sparse_and_dense_normal_equations_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = absorb(Y, [UNIT, TIME], WEIGHT)
    monkeypatch.setattr(module, "SPREAD", 0)
    np.testing.assert_allclose(absorb(Y, [UNIT, TIME], WEIGHT), dense, atol=1e-12)


def test_unconnected_parts_are_counted_and_absorbed() -> None:
    unit = np.repeat(np.arange(6), 4)
    time = np.where(unit < 3, np.tile(np.arange(4), 6), 4 + np.tile(np.arange(4), 6))
    y = RNG.normal(size=24)
    assert connected_parts(unit, time) == 2
    assert absorbed_rank([unit, time]) == 6 + 8 - 2
    np.testing.assert_allclose(
        absorb(y, [unit, time]), _by_dummies(y, [unit, time], None), atol=1e-12
    )


def test_singletons_go_until_none_is_left() -> None:
    # Row 2 is alone in its unit; once it is gone row 3 is alone in its time.
    unit = np.array([0, 0, 1, 0, 2, 2])
    time = np.array([0, 1, 2, 2, 0, 1])
    assert without_singletons([unit, time]).tolist() == [True, True, False, False, True, True]


def test_means_out_is_exact_for_a_balanced_panel() -> None:
    table, weight = RNG.normal(size=(2, 9, 5)), RNG.uniform(1, 3, 9)
    sets = [np.repeat(np.arange(9), 5), np.tile(np.arange(5), 9)]
    slow = [_by_dummies(one.ravel(), sets, np.repeat(weight, 5)).reshape(9, 5) for one in table]
    np.testing.assert_allclose(means_out(table, weight), slow, atol=1e-12)


def test_numbers_follow_the_order_of_labels() -> None:
    assert numbered(["b", "a", "b"]).tolist() == [1, 0, 1]
    assert numbered(np.array([30, 10, 30, 20])).tolist() == [2, 0, 2, 1]
    assert numbered(np.array([10**12, -5])).tolist() == [1, 0]
