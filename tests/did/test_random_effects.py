"""One treated unit: the random-effects prediction, and what it starts from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import REFERENCE, cities, first_only, r_panel, rates

from evaluation.did import random_effects, random_effects_drift
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import effect
from evaluation.did.placebo_changes import changes, expected_line
from evaluation.errors import FitError

FITS = (random_effects.fit, random_effects.fit_plug_in, random_effects_drift.fit)


def test_averaged_answer_is_that_of_r():
    # tests/reference/random_effects.R, pnorm and uniroot to 1e-14, R 4.2.2.
    answer = random_effects.fit(r_panel(exposure=True))
    found = (answer.estimate, answer.std_error, answer.low, answer.high, answer.p_value)
    assert found == pytest.approx(REFERENCE["averaged"], abs=1e-10)
    assert answer.df is None


def test_plug_in_answer_is_that_of_r():
    # The same script: uniroot for Paule-Mandel, Hartung-Knapp and qt written out.
    answer = random_effects.fit_plug_in(r_panel(exposure=True))
    found = (answer.estimate, answer.std_error, answer.low, answer.high, answer.p_value)
    assert found == pytest.approx(REFERENCE["plug_in"], abs=1e-9)
    assert answer.df == 11


@pytest.mark.parametrize("fit", FITS)
def test_effect_is_recovered(fit):
    estimates = [fit(cities(seed, effect=np.log(0.5))).estimate for seed in range(12)]
    error = np.std(estimates, ddof=1) / np.sqrt(12)
    assert np.mean(estimates) == pytest.approx(np.log(0.5), abs=3 * error)


def test_continuous_outcome_is_a_difference_of_means_with_honest_noise():
    answers = [random_effects.fit(rates(seed, effect=-5.0)) for seed in range(60)]
    assert {answer.scale for answer in answers} == {"difference"}
    estimates = np.array([answer.estimate for answer in answers])
    covered = np.mean([answer.low <= -5 <= answer.high for answer in answers])
    assert estimates.mean() == pytest.approx(-5, abs=3 * estimates.std() / np.sqrt(60))
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)


def test_noise_of_a_continuous_outcome_is_unbiased_and_without_common_shocks():
    # Each unit's mean change has the noise variance 2^2 (1/20 + 1/20) = .4.
    variances = [changes(rates(seed)) for seed in range(80)]
    own = np.mean([one.own_variance for one in variances])
    controls = np.mean([one.v.mean() for one in variances])
    assert own == pytest.approx(0.4, rel=0.08)
    assert controls == pytest.approx(0.4, rel=0.03)


@pytest.mark.parametrize("fit", FITS)
def test_exposure_in_thousands_gives_the_same_answer(fit):
    one = r_panel(exposure=True)
    other = replace(one, exposure=one.exposure / 1000)
    assert fit(other).estimate == pytest.approx(fit(one).estimate, abs=1e-10)
    assert fit(other).p_value == pytest.approx(fit(one).p_value, abs=1e-10)


@pytest.mark.parametrize("fit", FITS)
def test_order_of_units_does_not_matter(fit):
    cohorts = cities()
    order = np.array([5, 2, 0, 12, 1, 3, 4, 6, 7, 8, 9, 10, 11])
    one, other = fit(cohorts), fit(cohorts.keeping(order))
    assert other.low == pytest.approx(one.low, abs=1e-9)
    assert np.nansum(other.expected) == pytest.approx(np.nansum(one.expected))


def test_continuous_answer_scales_with_the_outcome():
    cohorts = rates()
    one, other = (
        random_effects.fit(cohorts),
        random_effects.fit(replace(cohorts, y=7 * cohorts.y + 100)),
    )
    assert other.low == pytest.approx(7 * one.low, rel=1e-9)
    assert other.p_value == pytest.approx(one.p_value, abs=1e-10)


@pytest.mark.parametrize("fit", FITS)
def test_inputs_are_not_changed(fit):
    cohorts = r_panel(exposure=True)
    y, exposure = cohorts.y.copy(), cohorts.exposure.copy()
    fit(cohorts)
    assert np.array_equal(cohorts.y, y) and np.array_equal(cohorts.exposure, exposure)


def test_path_agrees_with_the_estimate():
    cohorts = cities(effect=-0.4)
    answer = random_effects.fit(cohorts)
    found = effect(cohorts, "random-effects", "", answer)
    after = [point for point in found.path if point.phase == "after"]
    observed, expected = (sum(getattr(p, name) for p in after) for name in ("observed", "expected"))
    earlier = cohorts.y[0, :48].sum()
    # The halves added for the logarithm are in the estimate, and not in what is expected.
    ratio = (observed + 0.5) / (earlier + 0.5) / (expected / earlier)
    assert np.log(ratio) == pytest.approx(answer.estimate)
    assert found.averted.estimate == pytest.approx(expected - observed)
    before = [point for point in found.path if point.phase == "before"]
    assert sum(p.expected for p in before) == pytest.approx(sum(p.observed for p in before))


def test_path_of_a_continuous_outcome_agrees_with_the_estimate():
    cohorts = rates(effect=-5)
    line = expected_line(cohorts, changes(cohorts), -5.0)[0]
    assert (cohorts.y[0] - line)[20:].mean() == pytest.approx(-5)
    assert (cohorts.y[0] - line)[:20].mean() == pytest.approx(0)


def test_few_controls_are_honest_and_say_that_they_find_little():
    answer = random_effects.fit(cities(controls=5))
    assert any("rarely finds" in note for note in map(str, answer.notes))
    assert answer.objection is None


def test_unit_without_events_has_an_answer():
    cohorts = cities()
    y = cohorts.y.copy()
    y[3] = 0
    assert np.isfinite(random_effects.fit(replace(cohorts, y=y)).estimate)
    assert np.isfinite(random_effects_drift.fit(replace(cohorts, y=y)).estimate)


def test_drift_without_a_prior_shift_is_sharper():
    cohorts = cities()
    sharp = random_effects_drift.fit(cohorts, shift=0.0)
    assert sharp.std_error < random_effects_drift.fit(cohorts).std_error


@pytest.mark.parametrize(("start", "size"), [(48, 12), (18, 6), (10, 1), (2, 1)])
def test_blocks_are_the_longest_that_give_three_a_side(start, size):
    assert random_effects_drift._size(start, 12) == size


@pytest.mark.parametrize("fit", FITS)
def test_designs_it_is_not_for_are_refused(fit):
    two = Cohorts.from_arrays(np.ones((4, 9)), [4, 4, np.inf, np.inf], kind="count")
    with pytest.raises(FitError, match="one treated unit; there are 2"):
        fit(two)
    with pytest.raises(FitError, match="single control"):
        fit(cities().keeping([0, 5]))
    alone = Cohorts.from_arrays(np.ones((1, 9)), [4], kind="count")
    with pytest.raises(FitError, match="no control"):
        fit(alone)


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(FitError, match="shift is -1"):
        random_effects_drift.fit(cities(), shift=-1)
    with pytest.raises(FitError, match="for counts"):
        random_effects_drift.fit(rates())
    with pytest.raises(FitError, match="2 periods on either side"):
        random_effects_drift.fit(cities().between(47, 60))


def test_continuous_outcome_needs_noise_to_measure():
    short = Cohorts.from_arrays([[1.0, 2], [2, 4], [1, 3]], first_only(3, 1))
    with pytest.raises(FitError, match="two periods on either side"):
        random_effects.fit(short)
    alike = Cohorts.from_arrays([[1, 2, 4, 3], [2, 2, 3, 3], [5, 5, 6, 6]], first_only(3, 2))
    with pytest.raises(FitError, match="all change alike"):
        random_effects.fit(alike)
