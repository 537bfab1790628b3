"""Return to the usual, and shocks to everyone: where they were, and where they were not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import committed
from one_city import first_only, rates

from evaluation.did import poisson_imputation, pre_trends, random_effects
from evaluation.did.cohorts import Cohorts
from evaluation.did.method import Method
from evaluation.effect import Check

PREDICTED = Method(
    "random-effects", random_effects.fit, frozenset({"count", "continuous"}), "", "", "", ""
)
IMPUTED = Method("poisson-imputation", poisson_imputation.fit, frozenset({"count"}), "", "", "", "")


def steady(
    *, n: int = 13, length: int = 96, start: int = 48, mean: float = 15.0, seed: int = 1
) -> Cohorts:
    """Counts whose means never change."""
    y = np.random.default_rng(seed).poisson(mean, (n, length))
    return Cohorts.from_arrays(y, first_only(n, start), kind="count")


def asked(check, cohorts: Cohorts, method: Method = PREDICTED) -> Check:
    return check(cohorts, method, method.fit(cohorts))


def with_change(cohorts: Cohorts, rows: slice, periods: slice, factor: float) -> Cohorts:
    y = cohorts.y.copy()
    y[rows, periods] = np.round(factor * y[rows, periods])
    return replace(cohorts, y=y)


# --- regression to the mean


@pytest.mark.parametrize(("factor", "words"), [(2.0, "above"), (0.4, "below")])
def test_year_out_of_the_usual_before_the_start_fails(factor, words) -> None:
    cohorts = with_change(steady(), slice(0, 1), slice(36, 48), factor)
    found = asked(pre_trends.regression_to_the_mean, cohorts)
    assert found.passed is False
    assert words in str(found.says) and "return to the usual" in str(found.says)
    assert found.table[0]["periods"] == 12


def test_usual_year_before_the_start_passes() -> None:
    found = asked(pre_trends.regression_to_the_mean, steady())
    assert found.passed is True
    assert "return to the usual" not in str(found.says)


def test_spike_everywhere_is_no_spike_of_the_treated() -> None:
    cohorts = with_change(steady(), slice(None), slice(36, 48), 2.0)
    assert asked(pre_trends.regression_to_the_mean, cohorts).passed is True


def test_what_came_after_the_start_has_no_part() -> None:
    one = asked(pre_trends.regression_to_the_mean, steady())
    other = with_change(steady(), slice(0, 1), slice(48, 96), 0.2)
    assert asked(pre_trends.regression_to_the_mean, other).table == one.table


def test_spike_is_what_random_effects_says_of_the_last_year() -> None:
    cohorts = steady()
    found = asked(pre_trends.regression_to_the_mean, cohorts)
    early = Cohorts.from_arrays(cohorts.y[:, :48], first_only(13, 36), kind="count")
    answer = random_effects.fit(early)
    assert found.table[0]["estimate"] == answer.estimate
    assert found.table[0]["p_value"] == answer.p_value


def test_false_alarms_are_few() -> None:
    flags = [
        asked(pre_trends.regression_to_the_mean, steady(seed=seed)).passed is False
        for seed in range(60)
    ]
    # 5 % give more than 8 of 60 in less than 1 of 200.
    assert sum(flags) <= 8


def test_continuous_outcome_is_told_in_its_own_units() -> None:
    found = asked(pre_trends.regression_to_the_mean, rates())
    assert found.passed is not None and "%" not in str(found.says)


def test_short_history_is_not_tested() -> None:
    cohorts = steady(length=20, start=3)
    found = asked(pre_trends.regression_to_the_mean, cohorts)
    assert found.passed is None and "3 periods before the start are too few" in str(found.says)


def test_groups_called_in_after_a_spike_fail_with_both_estimates() -> None:
    cohorts = committed("group_quarter_triggered")
    found = asked(pre_trends.regression_to_the_mean, cohorts, IMPUTED)
    assert found.passed is False
    terms = {t.name: t for t in poisson_imputation.fit(cohorts, lead_times=0).terms}
    whole = next(t for name, t in terms.items() if name.startswith("all periods"))
    donut = next(t for name, t in terms.items() if name.startswith("without the last"))
    for term in (whole, donut):
        assert f"{100 * np.expm1(term.estimate):.1f} %" in str(found.says)
    assert "If what was unusual passes by itself, the truth is likely between" in str(found.says)
    # Counts above the usual that stay make what follows look like a rise.
    assert "if it partly stays, as in cities that drift, both are too high" in str(found.says)


def test_groups_called_in_by_lot_pass() -> None:
    found = asked(pre_trends.regression_to_the_mean, committed(), IMPUTED)
    assert found.passed is True
    assert "the truth is likely between" not in str(found.says)


# --- common shocks


@pytest.mark.parametrize("factor", [0.6, 1.6])
def test_change_of_everyone_at_the_start_fails(factor) -> None:
    cohorts = with_change(steady(), slice(None), slice(48, 96), factor)
    found = asked(pre_trends.common_shocks, cohorts)
    assert found.passed is False
    assert "something common happened then" in str(found.says)
    assert found.table[0]["change"] == pytest.approx(100 * (factor - 1), abs=6)


def test_change_of_the_treated_alone_is_none_of_everyone() -> None:
    cohorts = with_change(steady(), slice(0, 1), slice(48, 96), 0.5)
    found = asked(pre_trends.common_shocks, cohorts)
    assert found.passed is True
    assert found.table == asked(pre_trends.common_shocks, steady()).table


def test_change_of_everyone_at_another_time_passes() -> None:
    cohorts = with_change(steady(), slice(None), slice(24, 96), 0.6)
    assert asked(pre_trends.common_shocks, cohorts).passed is True


def test_rank_and_change_are_those_of_a_loop() -> None:
    cohorts = with_change(steady(), slice(None), slice(50, 96), 0.8)
    row = asked(pre_trends.common_shocks, cohorts).table[0]
    total = cohorts.y[1:].sum(axis=0)

    def change(date: int) -> float:
        return float(np.log(total[date : date + 12].sum() / total[date - 12 : date].sum()))

    elsewhere = [change(date) for date in range(12, 85) if abs(date - 48) >= 12]
    larger = sum(abs(value) >= abs(change(48)) for value in elsewhere)
    assert row["rank"] == (1 + larger) / (1 + len(elsewhere))
    assert row["change"] == pytest.approx(100 * np.expm1(change(48)))
    own = np.log(
        (cohorts.y[1:, 48:60].sum(axis=1) + 0.5) / (cohorts.y[1:, 36:48].sum(axis=1) + 0.5)
    )
    assert row["spread"] == pytest.approx(own.std(ddof=1))


def test_several_starts_share_the_five_percent() -> None:
    # Of three starts in a panel without shocks the last has the third-largest change of 149 dates,
    # rank 0.02: rare for one start, not for the rarest of three.
    y = np.random.default_rng(6).poisson(15, (12, 240))
    first = np.r_[60.0, 120, 180, np.full(9, np.inf)]
    cohorts = Cohorts.from_arrays(y, first, kind="count")
    effect = PREDICTED.fit(steady())
    found = pre_trends.common_shocks(cohorts, PREDICTED, effect)
    assert [row["period"] for row in found.table] == ["2005-01", "2010-01", "2015-01"]
    assert 0.05 / 3 < min(row["rank"] for row in found.table) < 0.05
    assert found.passed is True
    # A shock to everyone at one of them is rare enough for three.
    fallen = with_change(cohorts, slice(None), slice(180, 240), 0.7)
    assert pre_trends.common_shocks(fallen, PREDICTED, effect).passed is False


def test_growing_exposure_is_no_shock() -> None:
    cohorts = steady()
    exposure = np.where(np.arange(96) >= 48, 2.0, 1.0) * np.ones((13, 1))
    grown = replace(with_change(cohorts, slice(None), slice(48, 96), 2.0), exposure=exposure)
    assert asked(pre_trends.common_shocks, grown).passed is True
    still = asked(pre_trends.common_shocks, replace(grown, exposure=None))
    assert still.passed is False


def test_false_alarms_of_common_shocks_are_few() -> None:
    method = Method("random-effects", random_effects.fit, frozenset({"count"}), "", "", "", "")
    effect = method.fit(steady())
    flags = [
        pre_trends.common_shocks(steady(seed=seed), method, effect).passed is False
        for seed in range(100)
    ]
    # Dates that lie near one another change alike, so the rank is no exact level of 5 %.
    assert sum(flags) <= 15


def test_what_cannot_be_compared_is_told() -> None:
    method, check = PREDICTED, pre_trends.common_shocks
    effect = method.fit(steady())
    short = check(steady(length=40, start=20), method, effect)
    assert short.passed is None and "19 are needed" in str(short.says)
    edge = check(steady(start=6), method, effect)
    assert "on either side of it" in str(edge.says)
    below = check(rates(), method, effect)
    assert below.passed is None
    negative = check(replace(rates(), y=rates().y - 100), method, effect)
    assert "not negative" in str(negative.says)
    alone = check(steady(n=2), method, effect)
    assert "1 never-treated units are too few" in str(alone.says)
    empty = replace(steady(), y=np.where(np.arange(96) < 30, 0, steady().y))
    assert "no events around" in str(check(empty, method, effect).says)
