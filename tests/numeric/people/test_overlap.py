"""Trimming bounds by brute force, and differences by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.numeric.people.balance import (
    crump_bound,
    effective_size,
    spread,
    standardized_differences,
    variance_ratios,
)


@given(st.integers(0, 10**6), st.floats(0.2, 3))
@settings(max_examples=40, deadline=None)
def test_the_bound_makes_the_variance_least(seed: int, shape: float) -> None:
    """Crump and others (2009): the bound minimizes E[1/(p(1-p)) | A] / P(A) over sets a <= p <=
    1 - a, with equal outcome variances; of few people nearly, as the rule is that of many."""
    p = np.clip(np.random.default_rng(seed).beta(shape, shape * 2, 3000), 1e-4, 1 - 1e-4)
    cost = 1 / (p * (1 - p))

    def variance(kept: np.ndarray) -> float:
        return float(cost[kept].mean() / kept.mean())

    best = min(variance(cost <= c) for c in cost)
    bound = crump_bound(p)
    assert variance((p >= bound) & (p <= 1 - bound)) == pytest.approx(best, rel=1e-3)


def test_effective_size() -> None:
    assert effective_size(np.array([2.0, 2.0, 2.0, 0.0])) == pytest.approx(3)
    assert effective_size(np.array([3.0, 1.0])) == pytest.approx(1.6)
    assert effective_size(np.zeros(3)) == 0


def test_differences_by_hand() -> None:
    x = np.array([[1.0, 1.0], [3.0, 1.0], [0.0, 1.0], [2.0, 1.0], [7.0, 1.0]])
    treated = np.array([True, True, False, False, False])
    one = np.ones(5)
    scale = spread(x, treated, one, pooled=False)
    assert scale[0] == pytest.approx(np.sqrt(2))
    gaps = standardized_differences(x, treated, one, scale)
    assert gaps == pytest.approx([(2 - 3) / np.sqrt(2), 0])
    pooled = spread(x, treated, one, pooled=True)[0]
    assert pooled == pytest.approx(np.sqrt((2 + 13) / 2))
    weight = np.array([1.0, 1.0, 1.0, 2.0, 0.0])
    assert standardized_differences(x, treated, weight, scale)[0] * np.sqrt(2) == pytest.approx(
        2 - 4 / 3
    )
    assert variance_ratios(x, treated, one)[0] == pytest.approx(2 / 13)
