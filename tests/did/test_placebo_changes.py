"""One treated unit beside its controls as placebos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import REFERENCE, cities, r_panel, rates

from evaluation.did import placebo_changes
from evaluation.did.placebo_changes import changes
from evaluation.errors import FitError
from evaluation.numeric.panel.placebo import ferman_pinto_rank

FITS = (
    placebo_changes.fit_equal_variance,
    placebo_changes.fit_ferman_pinto,
    placebo_changes.fit_ferman_pinto_rank,
    placebo_changes.fit_conley_taber,
)


def test_ferman_pinto_is_that_of_r():
    # tests/reference/random_effects.R: lm() for the variances, pt(df = 11). The slope is negative
    # there, so that the fit has one variance for all; tests/numeric has the other cases.
    answer = placebo_changes.fit_ferman_pinto(r_panel(exposure=True))
    estimate, error, p_value, p_rank = REFERENCE["ferman_pinto"]
    assert (answer.estimate, answer.std_error) == pytest.approx((estimate, error), abs=1e-12)
    assert answer.p_value == pytest.approx(p_value, abs=1e-12)
    assert answer.df == 11
    sized = placebo_changes._sized(r_panel(exposure=True), changes(r_panel(exposure=True)), "noise")
    assert ferman_pinto_rank(*sized).p_value[0] == pytest.approx(p_rank)


def test_equal_variance_is_that_of_r():
    answer = placebo_changes.fit_equal_variance(r_panel(exposure=True))
    assert answer.std_error == pytest.approx(REFERENCE["placebo_t"][0], abs=1e-12)


def test_rank_with_twelve_controls_is_not_valid_and_says_what_it_can_give():
    answer = placebo_changes.fit_ferman_pinto_rank(cities(effect=-2.0))
    assert "rank p 0.077; the smallest p among 12 controls is 0.077" in map(str, answer.notes)
    assert answer.objection is not None
    assert "20 controls are needed for one below .05" in str(answer.objection)
    by_t = placebo_changes.fit_ferman_pinto(cities(effect=-2.0))
    assert (answer.low, answer.high, answer.p_value) == (by_t.low, by_t.high, by_t.p_value)


def test_rank_with_twenty_controls_can_find_something():
    answer = placebo_changes.fit_ferman_pinto_rank(cities(controls=20, effect=-2.0))
    assert answer.p_value == pytest.approx(1 / 21) and answer.high < 0
    assert answer.objection is None


def test_conley_taber_with_few_controls_is_not_valid():
    few, many = (placebo_changes.fit_conley_taber(cities(controls=n)) for n in (12, 40))
    assert few.objection is not None and many.objection is None
    assert "a p of 0 means less than 0.083" in str(few.notes[-1])


def test_size_by_exposure_uses_it():
    cohorts = cities()
    exposure = np.repeat(np.linspace(1, 30, 13)[:, None], 96, axis=1)
    answer = placebo_changes.fit_ferman_pinto(replace(cohorts, exposure=exposure), size="exposure")
    assert answer.estimate == pytest.approx(placebo_changes.fit_ferman_pinto(cohorts).estimate)
    with pytest.raises(FitError, match="no exposure"):
        placebo_changes.fit_ferman_pinto(cohorts, size="exposure")
    with pytest.raises(FitError, match="'people' is not known"):
        placebo_changes.fit_ferman_pinto(cohorts, size="people")


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize("make", [cities, rates])
def test_contract(fit, make):
    cohorts = make()
    before = cohorts.y.copy()
    answer = fit(cohorts)
    assert answer.low <= answer.estimate <= answer.high
    assert 0 <= answer.p_value <= 1 and answer.std_error > 0
    assert np.array_equal(cohorts.y, before)
    assert answer.scale == ("log ratio" if make is cities else "difference")


@pytest.mark.parametrize("fit", FITS)
def test_a_single_control_is_refused(fit):
    with pytest.raises(FitError, match="single control"):
        fit(cities().keeping([0, 4]))
