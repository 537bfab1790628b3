"""Adjusted p-values: R's p.adjust, a plain step-down, and the error rate of true nulls."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evaluation.numeric.shared.permutation import holm, romano_wolf

R = json.loads((Path(__file__).parents[2] / "reference" / "survey.json").read_text("utf-8"))


def test_holm_is_that_of_p_adjust() -> None:
    np.testing.assert_allclose(holm(np.array(R["holm"]["p"])), R["holm"]["adjusted"], rtol=1e-12)


def test_romano_wolf_is_the_step_down_written_out() -> None:
    rng = np.random.default_rng(2)
    ratios, draws = np.array([2.5, -0.4, -3.1, 1.2]), rng.normal(size=(500, 4))
    left, floor, expected = [0, 1, 2, 3], 0.0, {}
    while left:
        best = max(left, key=lambda j: abs(ratios[j]))
        most = np.abs(draws[:, left]).max(axis=1)
        floor = max(floor, (1 + (most >= abs(ratios[best])).sum()) / 501)
        expected[best] = floor
        left.remove(best)
    found = romano_wolf(ratios, draws)
    np.testing.assert_allclose(found, [expected[j] for j in range(4)], rtol=1e-12)


def test_romano_wolf_of_one_hypothesis_said_five_times_is_that_of_one() -> None:
    draws = np.random.default_rng(3).normal(size=(999, 1))
    one = romano_wolf(np.array([1.8]), draws)
    five = romano_wolf(np.full(5, 1.8), np.repeat(draws, 5, axis=1))
    np.testing.assert_allclose(five, one[0])
    assert holm(np.full(5, float(one[0])))[0] > 4 * one[0]


def test_romano_wolf_rejects_any_true_null_in_five_of_a_hundred() -> None:
    rng = np.random.default_rng(4)
    mix = np.linalg.cholesky(0.5 * np.eye(4) + 0.5)
    draws = rng.normal(size=(999, 4)) @ mix.T
    wrong = sum(romano_wolf(mix @ rng.normal(size=4), draws).min() < 0.05 for _ in range(1000))
    # Three standard errors of a share over 1,000 draws, and the error of 999 draws.
    assert 20 <= wrong <= 85
