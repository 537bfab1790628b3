"""What the methods with effects by event time share: bands, factors, refusals, one reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import plain, small
from scipy.stats import norm, t
from trends import curve_of, world

from evaluation.did import callaway_santanna, event_study, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.did.event_study import (
    Curve,
    against_last_cohort,
    band,
    cluster_factor,
    event_times,
    rates,
    thin,
    too_few,
)
from evaluation.did.honest import against_reference
from evaluation.errors import FitError


def test_intervals_are_t_or_normal_and_the_band_as_wide_as_it_is_told() -> None:
    curve = Curve(np.array([-1, 0]), np.array([0.0, 2]), np.diag([0.0, 4]), np.array([7, 7]), 5.0)
    reference, first = event_times(curve, 3.0)
    assert (reference.low, reference.high, reference.band_low) == (0, 0, 0)
    half = 2 * t.ppf(0.975, 5)
    assert (first.low, first.high) == pytest.approx((2 - half, 2 + half))
    assert (first.band_low, first.band_high) == (-4, 8)
    assert replace(curve, df=None).critical == pytest.approx(norm.ppf(0.975))


def test_band_grows_with_the_number_of_effects() -> None:
    draws = np.random.default_rng(1).normal(size=(20_000, 6))
    widths = [band(curve_of(np.zeros(k), np.eye(k), 1), draws[:, :k]) for k in (2, 4, 6)]
    sidak = [norm.ppf((1 + 0.95 ** (1 / k)) / 2) for k in (2, 4, 6)]
    assert widths == pytest.approx(sidak, abs=0.05)


def test_bands_hold_the_whole_curve_where_intervals_do_not() -> None:
    # Eight free effects of nought, no trend: intervals hold all of them in far less than 95 %.
    held = np.zeros(2)
    for seed in range(120):
        rows = sun_abraham.fit(world(n=80, seed=seed), draws=300).dynamic
        held[0] += all(row.low <= 0 <= row.high for row in rows)
        held[1] += all(row.band_low <= 0 <= row.band_high for row in rows)
    # 95 % of 120 less four standard errors: 104.
    assert held[1] >= 104 > held[0]


def test_few_units_behind_an_event_time_are_noted() -> None:
    curve = curve_of(np.zeros(4), np.eye(4), 2)
    assert thin(curve) == ()
    few = replace(curve, n=np.array([9, 10, 50, 3]))
    assert tuple(map(str, thin(few))) == (
        "2 of 4 event times rest on fewer than 10 units: their intervals and the band are too "
        "narrow",
    )


def test_rates_are_at_the_mean_exposure() -> None:
    y, exposure = np.array([[2.0, 4], [3, 9]]), np.array([[1.0, 2], [3, 6]])
    cohorts = Cohorts.from_arrays(y, [1, np.inf], exposure=exposure, offset=True)
    found, relative, notes = rates(cohorts)
    assert found == pytest.approx(y / exposure * 3)
    assert found * relative == pytest.approx(y)
    assert tuple(map(str, notes)) == ("outcomes are rates at the mean exposure, 3",)
    assert rates(replace(cohorts, exposure=None))[2] == ()


def test_factor_is_that_of_fixest() -> None:
    # 60 units in 30 clusters, 12 periods, 5 coefficients: units are nested and do not count.
    cohorts = plain(pairs=True)
    assert cluster_factor(cohorts, 5) == pytest.approx(30 / 29 * 719 / (720 - 5 - 12))
    with pytest.raises(FitError, match="too few for 708 effects"):
        cluster_factor(cohorts, 708)
    with pytest.raises(FitError, match="in 1 clusters"):
        cluster_factor(replace(cohorts, cluster=np.zeros(60, int)), 5)


def test_last_cohort_becomes_the_control() -> None:
    cohorts = small()
    treated = cohorts.keeping(cohorts.ever)
    used, notes = against_last_cohort(treated, 1)
    assert used.length == 7 and (~used.ever).sum() == (treated.first == 8).sum()
    assert str(notes[0]).startswith("no unit is never treated: the cohort of 2000-09")
    with pytest.raises(FitError, match="same time"):
        against_last_cohort(treated, 4)


@pytest.mark.parametrize(
    ("treated", "controls", "words"),
    [
        (5, 20, "there are 5 and 20"),
        (20, 5, "there are 20 and 5"),
        (6, 6, None),
    ],
)
def test_fewer_than_six_clusters_a_side_are_not_valid(treated, controls, words) -> None:
    first = np.repeat([3.0, np.inf], [treated, controls])
    y = np.random.default_rng(1).normal(size=(treated + controls, 6))
    found = too_few(Cohorts.from_arrays(y, first))
    assert found is None if words is None else words in str(found)


def test_a_cluster_counts_once() -> None:
    first = np.repeat([3.0, np.inf], [12, 12])
    y = np.random.default_rng(1).normal(size=(24, 6))
    pairs = Cohorts.from_arrays(y, first, cluster=np.arange(24) // 3)
    assert "there are 4 and 4" in str(too_few(pairs))


def test_cohorts_of_a_single_unit_are_not_valid() -> None:
    first = np.r_[2.0, 3, 4, 5, 5, 5, np.full(8, np.inf)]
    y = np.random.default_rng(1).normal(size=(14, 8))
    assert "3 of 4 cohorts are a single unit" in str(too_few(Cohorts.from_arrays(y, first)))


@pytest.mark.parametrize("estimator", ["callaway-santanna", "sun-abraham", "event-study"])
def test_curve_against_the_reference_is_the_method_without_it(estimator) -> None:
    cohorts = plain()
    found = against_reference(cohorts, estimator=estimator)
    whole = {
        "callaway-santanna": lambda: callaway_santanna.curve(
            cohorts, how=callaway_santanna.Comparison(base="universal")
        ),
        "sun-abraham": lambda: sun_abraham.curve(cohorts),
        "event-study": lambda: event_study.curve(cohorts),
    }[estimator]()
    kept = whole.time != -1
    assert np.array_equal(found.time, whole.time[kept])
    assert np.array_equal(found.estimate, whole.estimate[kept])
    assert np.array_equal(found.cov, whole.cov[np.ix_(kept, kept)])
    assert found.df == cohorts.n - 1


def test_without_untreated_units_the_not_yet_treated_serve() -> None:
    cohorts = plain()
    treated = cohorts.keeping(cohorts.ever)
    found = against_reference(treated)
    how = callaway_santanna.Comparison(base="universal", controls="not-yet")
    whole = callaway_santanna.curve(treated, how=how)
    assert found.estimate[-1] == whole.estimate[-1]
