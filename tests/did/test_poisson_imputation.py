"""Poisson imputation: R's extended regression and jackknife, invariance, refusal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed, counted, reference

from evaluation.did import poisson_imputation
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.shared.glm import poisson

R = reference()


def test_effect_and_jackknife_are_those_of_r() -> None:
    answer = poisson_imputation.fit(committed())
    np.testing.assert_allclose([answer.estimate, answer.std_error], R["poisson"], rtol=1e-9)
    assert answer.df == 24
    terms = {term.name: term for term in answer.terms}
    donut = terms["without the last 2 periods before the start"]
    np.testing.assert_allclose([donut.estimate, donut.std_error], R["donut"], rtol=1e-9)
    assert terms["all periods"].estimate == answer.estimate


def test_effect_is_that_of_the_extended_regression_of_r() -> None:
    # One glm on all cells with a dummy for each treated cohort and quarter.
    answer = poisson_imputation.fit(committed())
    assert answer.estimate == pytest.approx(R["extended"][0], abs=1e-9)


def test_extended_regression_with_exposure_gives_the_same_ratio() -> None:
    cohorts = counted(exposed=True)
    assert cohorts.exposure is not None
    unit, period = np.divmod(np.arange(cohorts.y.size), cohorts.length)
    # One dummy for each treated unit and period, not cohort: with exposures that differ inside a
    # cohort the two are no longer the same regression.
    own = np.where(cohorts.treated, np.arange(cohorts.y.size).reshape(cohorts.y.shape), -1).ravel()
    shown = np.unique(own[(own >= 0) & (cohorts.y.ravel() > 0)])
    keep = (own < 0) | np.isin(own, shown)
    x = np.hstack(
        [
            unit[:, None] == np.arange(cohorts.n),
            period[:, None] == np.arange(1, cohorts.length),
            own[:, None] == shown,
        ]
    ).astype(float)
    fit = poisson(cohorts.y.ravel()[keep], x[keep], np.log(cohorts.exposure).ravel()[keep])
    beta = fit.beta[0].copy()
    beta[cohorts.n + cohorts.length - 1 :] = 0
    expected = (np.exp(x @ beta) * cohorts.exposure.ravel())[cohorts.treated.ravel()].sum()
    answer = poisson_imputation.fit(cohorts)
    observed = cohorts.y[cohorts.treated].sum()
    assert answer.estimate == pytest.approx(np.log(observed / expected), abs=1e-8)


def test_event_times_hold_leads_and_effects_and_the_leads_are_tested() -> None:
    cohorts = counted()
    answer = poisson_imputation.fit(cohorts)
    assert [e.time for e in answer.dynamic][:5] == [-4, -3, -2, -1, 0]
    assert all(e.band_low <= e.low <= e.estimate <= e.high <= e.band_high for e in answer.dynamic)
    value, count, p_value = poisson_imputation.pre_test(cohorts)
    _, found, shown = poisson_imputation._leads(cohorts, 4)[0]
    lead, away = found.estimate[shown], found.away[:, shown]
    assert lead == pytest.approx([e.estimate for e in answer.dynamic[:4]])
    cov = away.T @ away
    # Hotelling: T2 (G - k) / (k (G - 1)), 12 treated units
    assert count == 4 and value == pytest.approx(
        lead @ np.linalg.solve(cov, lead) * (12 - 4) / (4 * 11)
    )
    assert 0 < p_value < 1


def test_leads_of_one_cohort_are_a_placebo_start() -> None:
    # Fitting without the last periods and comparing them is the method with an earlier start.
    cohorts = counted()
    one = cohorts.keeping((cohorts.first == 9) | ~cohorts.ever)
    early = np.where(one.first == 9, 7, np.inf)
    fake = Cohorts.from_arrays(one.y[:, :9], early, kind="count")
    placebo = poisson_imputation.fit(fake, lead_times=0)
    leads = poisson_imputation.fit(one, lead_times=2).dynamic[:2]
    for lead, later in zip(leads, placebo.dynamic, strict=True):
        assert lead.estimate == pytest.approx(later.estimate, abs=1e-9)
        assert lead.std_error == pytest.approx(later.std_error, abs=1e-9)


def test_units_without_events_before_stay_and_raise_the_ratio() -> None:
    cohorts = counted()
    y = cohorts.y.copy()
    y[1, : int(cohorts.first[1])] = 0
    some = poisson_imputation.fit(replace(cohorts, y=y))
    dropped = poisson_imputation.fit(replace(cohorts, y=y).without(1))
    assert some.estimate > dropped.estimate


def test_answer_does_not_depend_on_order_or_the_scale_of_the_exposure() -> None:
    cohorts = counted(exposed=True)
    assert cohorts.exposure is not None
    one = poisson_imputation.fit(cohorts)
    others = (
        poisson_imputation.fit(cohorts.keeping(np.arange(cohorts.n)[::-1])),
        poisson_imputation.fit(replace(cohorts, exposure=cohorts.exposure / 1000)),
    )
    for other in others:
        assert other.estimate == pytest.approx(one.estimate, abs=1e-9)
        assert other.std_error == pytest.approx(one.std_error, abs=1e-9)


def test_spike_before_the_start_is_an_objection_with_both_ends() -> None:
    objection = str(poisson_imputation.fit(committed("group_quarter_triggered")).objection)
    assert objection.startswith("not valid here: treatment followed more events than usual")
    assert "-32 % all periods, +9 % without the last 2 periods before the start" in objection
    assert poisson_imputation.fit(committed()).objection is None


def test_few_clusters_are_an_objection() -> None:
    cohorts = counted()
    few = cohorts.keeping(np.r_[np.flatnonzero(cohorts.ever), np.flatnonzero(~cohorts.ever)[:4]])
    # Later cohorts are controls of the first: the fewest are in the periods of the last.
    assert "there are 12 and 4, in the period with the fewest" in str(
        poisson_imputation.fit(few).objection
    )


def test_nothing_observed_under_treatment_is_refused() -> None:
    cohorts = counted()
    with pytest.raises(FitError, match="nothing was observed in treated cells"):
        poisson_imputation.fit(replace(cohorts, y=np.where(cohorts.treated, 0, cohorts.y)))


def test_nothing_expected_under_treatment_is_refused() -> None:
    cohorts = counted()
    y = np.where(cohorts.ever[:, None] & ~cohorts.treated, 0, cohorts.y)
    with pytest.raises(FitError, match="nothing is expected in treated cells"):
        poisson_imputation.fit(replace(cohorts, y=y))


def test_ratio_that_rests_on_one_cluster_is_refused() -> None:
    cohorts = counted()
    y = np.where(cohorts.treated & (np.arange(cohorts.n) != 1)[:, None], 0, cohorts.y)
    with pytest.raises(FitError, match="rests on one cluster"):
        poisson_imputation.fit(replace(cohorts, y=y))


def test_all_treated_at_once_is_refused() -> None:
    with pytest.raises(FitError, match="add untreated units"):
        poisson_imputation.fit(Cohorts.from_arrays(np.ones((8, 6)), np.full(8, 3), kind="count"))


def test_negative_outcomes_and_settings_are_refused() -> None:
    cohorts = replace(counted(), kind="continuous")
    with pytest.raises(FitError, match="not negative"):
        poisson_imputation.fit(replace(cohorts, y=cohorts.y - 5))
    with pytest.raises(FitError, match="0 periods or more"):
        poisson_imputation.fit(cohorts, donut=-1)


def test_cells_without_an_untreated_unit_are_left_out_with_a_note() -> None:
    cohorts = counted().keeping(counted().ever)
    answer = poisson_imputation.fit(cohorts, lead_times=0)
    assert any("are left out" in note for note in map(str, answer.notes))
    assert answer.expected is not None and np.isnan(answer.expected[:, 9:]).all()
