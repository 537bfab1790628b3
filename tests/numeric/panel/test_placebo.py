"""One treated unit beside placebos: Student's t, Ferman-Pinto and Conley-Taber."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls
from scipy.stats import t as student

from evaluation.errors import FitError
from evaluation.numeric.panel.placebo import (
    conley_taber,
    equal_variance,
    ferman_pinto,
    ferman_pinto_rank,
    share_as_far,
)


def some(n: int, reps: int = 60) -> tuple[np.ndarray, ...]:
    draw = np.random.default_rng(n)
    h = draw.uniform(0.02, 0.5, (reps, n + 1))
    d = draw.normal(size=(reps, n + 1)) * np.sqrt(0.02 + h)
    return d[:, 0], h[:, 0], d[:, 1:], h[:, 1:]


def test_equal_variance_is_the_pooled_t_test_of_one_against_n():
    own, _, d, _ = some(12)
    found = equal_variance(own, d)
    # scipy.stats.ttest_ind with one value in a group has the same pooled variance and df.
    gap = own - d.mean(axis=1)
    error = d.std(axis=1, ddof=1) * np.sqrt(1 + 1 / 12)
    assert found.p_value == pytest.approx(2 * student.sf(np.abs(gap / error), 11), rel=1e-10)
    assert found.high - found.low == pytest.approx(2 * student.ppf(0.975, 11) * error, rel=1e-10)


def test_equal_variance_is_exact_for_normal_changes():
    draw = np.random.default_rng(7)
    d = draw.normal(size=(4000, 9))
    rejected = (equal_variance(d[:, 0], d[:, 1:]).p_value < 0.05).mean()
    assert rejected == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 4000))


def test_ferman_pinto_variances_are_the_nonnegative_least_squares_fit():
    own, own_h, d, h = some(12)
    found = ferman_pinto(own, own_h, d, h)
    kinds = set()
    for rep in range(len(own)):
        square = (d[rep] - d[rep].mean()) ** 2 * 12 / 11
        (a, b), _ = nnls(np.column_stack([np.ones(12), h[rep]]), square)
        kinds.add((a > 0, b > 0))
        error = np.sqrt(a + b * own_h[rep] + (a + b * h[rep]).sum() / 144)
        assert found.std_error[rep] == pytest.approx(error, rel=1e-8)
    # All three faces of the fit were met.
    assert kinds == {(True, True), (True, False), (False, True)}


def test_rank_counts_the_treated_unit_and_never_goes_below_its_floor():
    own, own_h, d, h = some(12)
    found = ferman_pinto_rank(own + 100, own_h, d, h)
    assert found.p_value == pytest.approx(1 / 13)
    assert found.smallest == 1 / 13
    assert (found.low == -np.inf).all() and (found.high == np.inf).all()


@pytest.mark.parametrize("n", [20, 25, 39, 40])
def test_range_of_the_rank_holds_what_the_rank_does_not_reject(n):
    own, own_h, d, h = some(n, 5)
    found = ferman_pinto_rank(own, own_h, d, h)
    for end in (found.low, found.high):
        inward = end + (found.estimate - end) * 1e-6
        outward = end - (found.estimate - end) * 1e-6
        kept = ferman_pinto_rank(own - inward, own_h, d, h).p_value
        out = ferman_pinto_rank(own - outward, own_h, d, h).p_value
        assert (kept >= 0.05 - 1e-12).all() and (out < 0.05 - 1e-12).all()
    out = (found.low > 0) | (found.high < 0)
    assert np.array_equal(out, found.p_value < 0.05 - 1e-12)


def test_conley_taber_is_the_distribution_of_residuals():
    d = np.array([[0.3, -0.1, 0.2, 0.4, -0.3]])
    found = conley_taber(np.array([0.5]), d)
    # Mean .1; residuals .2 -.2 .1 .3 -.4; estimate .4, as far out as one of five.
    assert found.estimate[0] == pytest.approx(0.4)
    assert share_as_far(np.array([0.5]), d)[0] == pytest.approx(1 / 5)
    # Past the outermost of the residuals, so that p is nought and the range leaves nought out.
    assert found.p_value[0] == 0
    # Quantiles by interpolation between order statistics: -.38 and .29.
    assert (found.low[0], found.high[0]) == pytest.approx((0.4 - 0.29, 0.4 + 0.38))
    inside = conley_taber(np.array([0.25]), d)
    # .15 is half of the way from .1 to .2, the third and fourth of five: 62.5 % are below.
    assert inside.p_value[0] == pytest.approx(2 * (1 - 0.625))


def test_controls_all_alike_and_a_single_one_are_refused():
    with pytest.raises(FitError, match="all change alike"):
        equal_variance(np.ones(1), np.full((1, 5), 0.2))
    with pytest.raises(FitError, match="single control"):
        conley_taber(np.ones(1), np.ones((1, 1)))
