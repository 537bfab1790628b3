"""Calibrated weights meet the totals, as near to equal as can be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from evaluation.errors import FitError
from evaluation.numeric.people.balance import Distance, Unbalanced, balanced


def panel(seed: int, n: int = 60, c: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, totals that some weights meet, and base weights."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.poisson(2.0, (n, c - 1))]).astype(float)
    chosen = rng.choice(n, 8, replace=False, p=(1 + x[:, 1]) / (1 + x[:, 1]).sum())
    return x, x[chosen].sum(axis=0), np.full(n, 8 / n)


@given(st.integers(0, 10**6), st.sampled_from(["truncated linear", "raking"]))
@settings(max_examples=60, deadline=None)
def test_totals_are_met_with_weights_of_the_right_form(seed: int, distance: Distance) -> None:
    x, totals, base = panel(seed)
    try:
        found = balanced(x, totals, base, distance=distance)
    except FitError as fault:
        # The totals may lie on the edge, where no positive weights meet them.
        assert distance == "raking" and "use the truncated linear" in str(fault)
        return
    assert x.T @ found.weights == pytest.approx(totals, abs=1e-6)
    assert found.weights.min() >= 0
    index = x / found.scale @ found.directions @ found.multipliers
    form = np.maximum(1 + index, 0) if distance == "truncated linear" else np.exp(index)
    assert found.weights == pytest.approx(base * form, abs=1e-12)


@pytest.mark.parametrize("distance", ["truncated linear", "raking"])
def test_agrees_with_general_programming(distance: Distance) -> None:
    x, totals, base = panel(5, n=20, c=3)

    def away(w: np.ndarray) -> float:
        if distance == "truncated linear":
            return float(((w - base) ** 2 / base).sum())
        return float((w * np.log(w / base) - w + base).sum())

    slow = minimize(
        away,
        base,
        bounds=[(1e-12, None)] * 20,
        constraints={"type": "eq", "fun": lambda w: x.T @ w - totals},
        options={"ftol": 1e-15, "maxiter": 1000},
    ).x
    # SLSQP ends within the root of its tolerance.
    assert balanced(x, totals, base, distance=distance).weights == pytest.approx(slow, abs=1e-5)


def test_redundant_columns_do_no_harm() -> None:
    x, totals, base = panel(6)
    twice = np.column_stack([x, x[:, 1] + x[:, 2]])
    both = np.append(totals, totals[1] + totals[2])
    assert balanced(twice, both, base).weights == pytest.approx(
        balanced(x, totals, base).weights, abs=1e-8
    )


def test_units_of_columns_do_not_matter() -> None:
    x, totals, base = panel(7)
    factor = np.array([1, 1e5, 1e-4, 3.0])
    assert balanced(x * factor, totals * factor, base).weights == pytest.approx(
        balanced(x, totals, base).weights, abs=1e-8
    )


@pytest.mark.parametrize("distance", ["truncated linear", "raking"])
def test_a_start_near_by_ends_at_the_same_weights(distance: Distance) -> None:
    x, totals, base = panel(8)
    near = balanced(x, totals, base, distance=distance)
    less, part = x[3:], balanced(x[3:], totals, base[3:], distance=distance)
    again = balanced(less, totals, base[3:], distance=distance, near=near)
    assert again.weights == pytest.approx(part.weights, abs=1e-7)


@pytest.mark.parametrize("distance", ["truncated linear", "raking"])
def test_totals_beyond_every_unit_are_refused_by_column(distance: Distance) -> None:
    x, totals, base = panel(9)
    totals[2] = 100 * x[:, 2].max()
    with pytest.raises(Unbalanced, match="no weights that are not negative") as raised:
        balanced(x, totals, base, distance=distance)
    # The eight that the ones add up to are held; eight times the largest is what can be had.
    assert raised.value.column == 2
    assert raised.value.by == pytest.approx(8 * x[:, 2].max() - totals[2], abs=1e-6)


def test_without_a_column_of_ones_the_nearest_totals_are_named() -> None:
    # One column, of positive values: no weights give a negative total.
    x = np.arange(1.0, 9)[:, None]
    with pytest.raises(Unbalanced) as raised:
        balanced(x, np.array([-3.0]), np.ones(8))
    assert raised.value.column == 0
    assert raised.value.by == pytest.approx(3)


def test_few_units_with_weight_are_enough() -> None:
    # Totals of three units out of 400, on ten columns: most weights are nought at the answer.
    rng = np.random.default_rng(10)
    x = np.column_stack([np.ones(400), rng.normal(size=(400, 9)) ** 2])
    x[:3] *= np.array([1, *[2.0] * 9])
    totals = x[:3].sum(axis=0)
    found = balanced(x, totals, np.full(400, 3 / 400))
    assert x.T @ found.weights == pytest.approx(totals, abs=1e-5)
    assert (found.weights == 0).sum() > 200
