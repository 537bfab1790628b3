"""The timing test: its likelihood against another program, its errors, what it flags."""

from __future__ import annotations

import numpy as np
import pytest
from groups import committed, counted

from evaluation.did import timing
from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import normals, stream
from evaluation.synthetic import group_quarter


def _drawn(world: group_quarter.World, seed: int) -> Cohorts:
    table = group_quarter.simulated(world, seed)
    return Cohorts.from_arrays(
        table.counts, table.first, kind="count", frequency="quarter", first=group_quarter.FIRST
    )


def test_hazard_ratio_is_that_of_cox_regression_with_efron_ties() -> None:
    # statsmodels 0.15.0: PHReg(np.ones(60), z, status=began, strata=stratum, ties="efron") on the
    # two strata below, one date each: starters fail at time 1, the others are censored there.
    z = np.round(normals(stream(5, "hazard"), 60), 1)
    strata = [(z[:30], np.arange(30) % 7 == 0), (z[30:], np.arange(30) % 5 == 0)]
    got = timing.hazard_ratio(strata)
    assert got is not None
    np.testing.assert_allclose(got, [0.0408810825, 0.2590070623], rtol=1e-6)


def test_starters_that_always_had_the_most_have_no_finite_hazard_ratio() -> None:
    assert timing.hazard_ratio([(np.arange(5.0), np.arange(5) == 4)] * 3) is None


def test_excess_is_the_mean_of_what_the_definition_gives() -> None:
    cohorts = counted()
    found = timing.timing(cohorts)
    from evaluation.numeric.panel.poisson_imputation import untreated

    period = untreated(cohorts.y, ~cohorts.treated, cohorts.weight).period
    scores = []
    for i in np.flatnonzero(cohorts.ever):
        start = int(cohorts.first[i])
        away = [
            row[start - 2 : start].sum()
            - row[: start - 2].sum() * period[start - 2 : start].sum() / period[: start - 2].sum()
            for row in cohorts.y[cohorts.first >= start]
        ]
        at = np.flatnonzero(np.flatnonzero(cohorts.first >= start) == i)[0]
        scores.append(away[at] - np.mean(away))
    assert found.excess == pytest.approx(np.mean(scores), abs=1e-10)
    assert found.std_error == pytest.approx(np.std(scores, ddof=1) / np.sqrt(12), abs=1e-10)
    assert found.excess == pytest.approx(found.recent - found.usual, abs=1e-12)


def test_triggered_call_ins_are_flagged_in_nine_of_ten_draws() -> None:
    # Measured: 1,000 of 1,000 (did_groups.md).
    flagged = [
        not timing.timing(_drawn(group_quarter.TRIGGERED, seed)).passed for seed in range(30)
    ]
    assert np.mean(flagged) >= 0.9


def test_violent_groups_called_in_by_lot_are_seldom_flagged() -> None:
    # Measured: 3 %. More than 8 of 60 has a chance of 1 in 2,000 at 5 %.
    flagged = [not timing.timing(_drawn(group_quarter.STANDARD, seed)).passed for seed in range(60)]
    assert sum(flagged) <= 8


def test_check_says_what_was_found_and_judges() -> None:
    failed = timing.check(committed("group_quarter_triggered"))
    assert failed.passed is False and "no estimate here can be read as an effect" in str(
        str(failed.says)
    )
    passed = timing.check(committed())
    assert passed.passed is True and passed.table[0]["starters"] == 25


def test_lull_before_the_start_is_named() -> None:
    cohorts = committed("group_quarter_triggered")
    found = timing.timing(cohorts)
    assert found.excess > 0 and "more events" in str(timing.objection(found))
    y = cohorts.y.copy()
    for i in np.flatnonzero(cohorts.ever):
        y[i, int(cohorts.first[i]) - 2 : int(cohorts.first[i])] = 0
    quiet = timing.timing(Cohorts.from_arrays(y, cohorts.first, kind="count"))
    assert quiet.excess < 0 and "fewer events" in str(timing.objection(quiet))


def test_short_histories_are_skipped_and_counted() -> None:
    cohorts = counted()
    early = cohorts.pretending(np.where(cohorts.first == 5, 3, cohorts.first))
    assert timing.timing(early).skipped == 4


def test_too_few_starters_cannot_be_tested_and_do_not_judge() -> None:
    cohorts = counted()
    few = cohorts.keeping(np.r_[1, 3, np.flatnonzero(~cohorts.ever)])
    with pytest.raises(FitError, match="the timing test needs 3"):
        timing.timing(few)
    check = timing.check(few)
    assert check.passed is None and str(check.says).startswith("Not tested")
    assert timing.refusal(few) is None


def test_outcome_that_is_no_count_is_not_judged() -> None:
    cohorts = committed("group_quarter_triggered")
    assert timing.refusal(Cohorts.from_arrays(cohorts.y, cohorts.first)) is None


def test_window_below_one_is_refused() -> None:
    with pytest.raises(FitError, match="1 period or more"):
        timing.timing(counted(), window=0)


def test_large_counts_of_units_that_start_after_a_lull_do_not_overflow():
    # Warnings are errors in tests: the lowest starts each time, among counts in the thousands.
    lull = [(np.array([0.0, 1e3, 2e3, 5e3]), np.array([True, False, False, False]))] * 3
    assert timing.hazard_ratio(lull) is None
    # The ratios are those of small counts in other units.
    mixed = [
        (np.array([0.0, 1.0, 2.0, 5.0]), np.array([True, False, False, True])),
        (np.array([3.0, 1.0, 2.0]), np.array([True, False, False])),
        (np.array([0.5, 1.0, 2.0]), np.array([True, False, False])),
    ]
    small, large = (
        timing.hazard_ratio(mixed),
        timing.hazard_ratio([(1e3 * z, began) for z, began in mixed]),
    )
    assert small is not None and large is not None
    assert [1e3 * one for one in large] == pytest.approx(small, rel=1e-6)
