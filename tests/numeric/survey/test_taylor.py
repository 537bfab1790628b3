"""Influence values are derivatives by weights, and PSU sums give the textbook variance."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.survey import weighted
from evaluation.numeric.survey.weighted import Design, Lonely


def sampled(seed: int = 3, n: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n)])
    y = (x @ [0.2, 0.7, -0.5] + rng.logistic(size=n) > 0).astype(float)
    return y, x, rng.uniform(0.5, 3, n)


@pytest.mark.parametrize("fit", [weighted.linear, weighted.logistic])
def test_influence_is_the_derivative_by_the_weight(fit: object) -> None:
    y, x, weight = sampled()
    found = fit(y, x, weight)  # type: ignore[operator]
    step = 1e-5
    for i in range(0, len(y), 9):
        up, down = weight.copy(), weight.copy()
        up[i] += step
        down[i] -= step
        slope = (fit(y, x, up).beta - fit(y, x, down).beta) / (2 * step)  # type: ignore[operator]
        np.testing.assert_allclose(found.influence[i], weight[i] * slope, rtol=1e-5, atol=1e-9)


def test_equal_weights_of_single_people_give_the_error_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(size=30)
    mean, influence = weighted.ratio(values, np.ones(30), np.ones(30))
    design = Design(np.ones(30), np.arange(30), np.zeros(30, int), np.zeros(1))
    assert mean == pytest.approx(values.mean())
    assert weighted.covariance(influence, design)[0, 0] == pytest.approx(values.var(ddof=1) / 30)


def test_a_stratum_drawn_whole_adds_nothing() -> None:
    influence = np.random.default_rng(2).normal(size=(6, 1))
    design = Design(np.ones(6), np.arange(6), np.array([0, 0, 0, 1, 1, 1]), np.array([1.0, 0.0]))
    second = influence[3:, 0]
    assert weighted.covariance(influence, design)[0, 0] == pytest.approx(3 * second.var(ddof=1))
    # Even with a single unit.
    alone = Design(np.ones(4), np.arange(4), np.array([0, 1, 1, 1]), np.array([1.0, 0.0]))
    weighted.covariance(influence[2:], alone)


def test_a_lone_unit_is_refused_unless_a_rule_is_given() -> None:
    influence = np.array([[1.0], [2.0], [4.0]])

    def variance(lonely: Lonely) -> float:
        design = Design(np.ones(3), np.arange(3), np.array([0, 1, 1]), np.zeros(2), lonely)
        return float(weighted.covariance(influence, design)[0, 0])

    with pytest.raises(FitError, match="single sampling unit"):
        variance("error")
    # The other stratum: 2 / 1 times (1 + 1).
    assert variance("certainty") == pytest.approx(4)
    assert variance("average") == pytest.approx(8)
    assert variance("adjust") == pytest.approx(4 + 1)


def test_columns_that_say_the_same_are_refused() -> None:
    y, x, weight = sampled()
    twice = np.column_stack([x, x[:, 1] * 2])
    for fit in (weighted.linear, weighted.logistic):
        with pytest.raises(FitError, match="cannot be told apart"):
            fit(y, twice, weight)


def test_a_group_that_answers_alike_is_refused() -> None:
    y, x, weight = sampled()
    y = np.where(x[:, 2] == 1, 1.0, y)
    with pytest.raises(FitError, match="answers all alike"):
        weighted.logistic(y, x, weight)


def test_rows_outside_the_domain_change_nothing_but_the_design() -> None:
    y, x, weight = sampled()
    among = np.arange(80) < 50
    whole = weighted.logistic(np.where(among, y, 0), x, np.where(among, weight, 0))
    part = weighted.logistic(y[:50], x[:50], weight[:50])
    np.testing.assert_allclose(whole.beta, part.beta, rtol=1e-9)
    assert not whole.influence[50:].any()
