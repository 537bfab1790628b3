"""The share of false discoveries, as R adjusts for it."""

from __future__ import annotations

import numpy as np

from evaluation.numeric.shared.permutation import benjamini_hochberg

P = np.array([0.01, 0.04, 0.03, 0.005, 0.55, 0.9, 0.03])


def test_values_of_r():
    # R 4.2.2: p.adjust(c(.01, .04, .03, .005, .55, .9, .03), "BH")
    expected = [0.035, 0.056, 0.0525, 0.035, 0.55 * 7 / 6, 0.9, 0.0525]
    np.testing.assert_allclose(benjamini_hochberg(P), expected, rtol=1e-12)


def test_order_and_ties_do_not_matter_and_the_argument_stays():
    order = np.array([3, 0, 6, 2, 5, 1, 4])
    before = P.copy()
    np.testing.assert_array_equal(benjamini_hochberg(P[order]), benjamini_hochberg(P)[order])
    np.testing.assert_array_equal(P, before)
    assert benjamini_hochberg(np.array([])).tolist() == []
