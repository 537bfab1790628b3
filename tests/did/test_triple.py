"""Triple differences against R (tests/reference) and the full set of effects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from regressions import panel, reference

from evaluation.did import triple
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError


def _both(kind: str = "count") -> tuple[Cohorts, Cohorts]:
    """Two outcomes of the 13 units with events, without an exposure."""
    rows = range(13)
    own, other = (replace(panel(name).keeping(rows), exposure=None) for name in ("count", "other"))
    return replace(own, kind=kind), replace(other, kind=kind)


def _stacked(own: Cohorts, other: Cohorts) -> Cohorts:
    """The two outcomes as units of a panel, the affected ones last and shuffled."""
    order = np.random.default_rng(1).permutation(2 * own.n)
    return Cohorts.from_arrays(
        np.vstack([other.y, own.y])[order],
        np.concatenate([np.full(own.n, np.inf), own.first])[order],
        covariates={"affected": np.repeat([0, 1], own.n)[order]},
        cluster=np.tile(np.arange(own.n), 2)[order],
        kind=own.kind,
    )


def test_counts_equal_the_binomial_glm_of_r() -> None:
    answer = triple.of_outcomes(*_both())
    assert answer.estimate == pytest.approx(reference()["triple"]["coef"], abs=1e-9)
    # Seven treated units, and six never treated beside three treated later.
    assert answer.df == 7 - 1
    assert answer.scale == "log ratio"


def test_counts_solve_the_poisson_with_three_sets_of_effects() -> None:
    own, other = _both()
    answer = triple.of_outcomes(own, other)
    odds = np.asarray(answer.expected) / np.where(other.y > 0, other.y, np.nan)
    seen = np.isfinite(odds)
    p = np.where(seen, odds * np.exp(answer.estimate * own.treated), 0)
    p = p / (1 + p)
    left = np.where(seen, own.y - (own.y + other.y) * p, 0)
    # Cells where the other kind has no event do not show their odds; leave their rows out.
    whole = seen.all(axis=1)
    np.testing.assert_allclose(left[whole].sum(axis=1), 0, atol=1e-7)
    assert whole.sum() > 3


def test_scores_equal_the_regression_of_r() -> None:
    answer = triple.of_outcomes(*_both("continuous"))
    assert answer.estimate == pytest.approx(reference()["triple_linear"]["coef"], rel=1e-10)


@pytest.mark.parametrize("kind", ["count", "continuous"])
def test_panel_of_two_units_a_place_is_the_two_outcomes(kind: str) -> None:
    own, other = _both(kind)
    whole, panel_of_both = triple.of_outcomes(own, other), _stacked(own, other)
    answer = triple.fit(panel_of_both)
    assert answer.estimate == pytest.approx(whole.estimate, rel=1e-9)
    assert answer.std_error == pytest.approx(whole.std_error, rel=1e-8)
    assert np.asarray(answer.expected).shape == panel_of_both.y.shape


def test_common_shock_to_a_place_and_period_falls_out() -> None:
    own, other = _both("continuous")
    shock = np.random.default_rng(2).normal(size=own.y.shape) + 3 * own.treated
    shaken = triple.of_outcomes(replace(own, y=own.y + shock), replace(other, y=other.y + shock))
    assert shaken.estimate == pytest.approx(triple.of_outcomes(own, other).estimate, rel=1e-9)


def test_refusals_say_what_to_do() -> None:
    own, other = _both()
    both = _stacked(own, other)
    with pytest.raises(FitError, match="the one covariate must be 'gang'"):
        triple.fit(both, affected="gang")
    with pytest.raises(FitError, match="one unit of each kind"):
        triple.fit(both.without(0))
    with pytest.raises(FitError, match="not of the kind aimed at"):
        triple.fit(both.pretending(np.where(both.covariates[:, 0] == 0, 5.0, both.first)))
    with pytest.raises(FitError, match="same kind, places and periods"):
        triple.of_outcomes(own, other.keeping(range(12)))
    with pytest.raises(FitError, match="no event of the other kind under treatment"):
        triple.of_outcomes(own, replace(other, y=np.where(other.treated, 0, other.y)))
    one = [0, *range(7, 13)]
    with pytest.raises(FitError, match="one treated place"):
        triple.of_outcomes(own.keeping(one), other.keeping(one))
