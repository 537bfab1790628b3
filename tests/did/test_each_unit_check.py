"""The rows of each treated unit are those of its own comparison, and the sentence is theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gapped import tables
from worlds import places

from evaluation.did import METHODS
from evaluation.did.each_unit import each_unit
from evaluation.did.each_unit_check import MOST, check, each_treated_unit
from evaluation.did.pooled_units import pooled

METHOD = METHODS["poisson-imputation"]


def rows(made, role):
    return [row for row in made.table if row["role"] == role]


def percent(*values: float) -> list[float]:
    return [100 * float(np.expm1(value)) for value in values]


def test_each_row_is_the_unit_by_itself_in_order_of_start():
    cohorts = tables(2).cohorts()
    (made,) = each_treated_unit(cohorts, METHOD)
    found = each_unit(cohorts)
    told = rows(made, "alone")
    assert [row["unit"] for row in told] == [f"City {k}" for k in range(6)]
    assert [row["start"] for row in told] == sorted(row["start"] for row in told)
    for row, one in zip(told, found.units, strict=True):
        answer = one.answer
        assert [row["percent"], row["low"], row["high"]] == pytest.approx(
            percent(answer.estimate, answer.low, answer.high)
        )
        assert [row["observed"], row["expected"]] == [one.observed, one.expected]
        assert [row["periods before"], row["periods after"]] == [one.before, one.after]
        assert row["controls"] == len(one.controls)
        assert row["rise"] == pytest.approx(percent(one.lead)[0])
    assert made.passed is None


def test_last_row_is_all_of_them_with_the_range_for_one_more():
    cohorts = tables(2, controls=20).cohorts()
    (made,) = each_treated_unit(cohorts, METHOD)
    whole = pooled(each_unit(cohorts))
    last = made.table[-1]
    assert last["unit"] == "All together"
    assert [last[name] for name in ("percent", "low", "high", "ahead low", "ahead high")] == (
        pytest.approx(
            percent(whole.estimate, whole.low, whole.high, whole.ahead_low, whole.ahead_high)
        )
    )
    assert [last["tau"], last["tau high"]] == [whole.tau, whole.tau_high]
    assert last["observed"] == sum(row["observed"] for row in rows(made, "alone"))
    ways = [{"donut": 2}, {"nearest": 10}]
    for row, options in zip(rows(made, "together, otherwise"), ways, strict=True):
        other = pooled(each_unit(cohorts, **options))
        assert [row["percent"], row["low"]] == pytest.approx(percent(other.estimate, other.low))
        leads = [one.lead for one in each_unit(cohorts, **options).units]
        assert row["rise"] == pytest.approx(percent(np.mean(leads))[0])
    assert f"beside whom they still stood {row['rise']:+.1f} %" in str(made.says)


def test_sentence_counts_the_ranges_that_leave_out_no_change():
    for seed in range(4):
        (made,) = each_treated_unit(tables(seed, effect=-0.9).cohorts(), METHOD)
        clear = [r for r in rows(made, "alone") if r["low"] > 0 or r["high"] < 0]
        count = f"{len(clear) or 'none'} {'has' if len(clear) < 2 else 'have'}"
        assert f"Of 6 treated units, each by itself, {count} a range" in str(made.says)
        assert all(f"{row['unit']} {row['percent']:+.1f} %" in str(made.says) for row in clear)
        last = made.table[-1]
        assert (
            f"the mean change is {last['percent']:+.1f} % ({last['low']:+.1f} % to "
            f"{last['high']:+.1f} %)"
        ) in str(made.says)
        assert f"between {last['ahead low']:+.1f} % and {last['ahead high']:+.1f} %" in str(
            str(made.says)
        )
        higher = sum(row["rise"] > 0 for row in rows(made, "alone"))
        assert f"{higher} of 6 stood higher" in str(made.says)
        mean = np.mean([np.log1p(row["rise"] / 100) for row in rows(made, "alone")])
        assert ("A peak that passes" in str(made.says)) == (mean > 0)
        assert ("A lull that passes" in str(made.says)) == (mean < 0)


def test_rows_have_the_settings_of_a_headline_that_pools_the_units():
    cohorts = tables(2).cohorts()
    method = METHODS["pooled-units"].set_to({"before": 5, "donut": 1, "nearest": 6})
    (made,) = each_treated_unit(cohorts, method)
    effect = method.fit(cohorts)
    assert made.table[-1]["percent"] == pytest.approx(effect.percent.estimate)
    assert not rows(made, "together, otherwise")


def test_a_unit_without_a_comparison_has_a_row_with_the_reason():
    table = tables(1)
    y = table.y.copy()
    y[0, : int(table.first[0])] = 0
    (made,) = each_treated_unit(replace(table, y=y).cohorts(), METHOD)
    (row,) = rows(made, "passed over")
    assert row["unit"] == "City 0" and made.table[0] == row
    assert row["why"] in str(made.says) and row["percent"] is None
    assert len({tuple(one) for one in made.table}) == 1


@pytest.mark.parametrize("treated", [1, 2, MOST, MOST + 1])
def test_it_is_asked_of_two_to_forty_treated_units(treated):
    cohorts = places(treated=treated, controls=12, seed=2)
    assert len(each_treated_unit(cohorts, METHOD)) == (2 <= treated <= MOST)


def test_it_is_not_asked_of_few_events_or_of_other_outcomes():
    assert not each_treated_unit(places(mean=0.3), METHOD)
    assert not each_treated_unit(places("continuous"), METHOD)
    assert each_treated_unit(places(mean=5.0), METHOD)


def test_without_two_units_to_pool_it_says_so():
    table = tables(1, treated=2)
    y = table.y.copy()
    y[0, : int(table.first[0])] = 0
    found = check(replace(table, y=y).cohorts())
    assert str(found.says).startswith("Not possible: 1 treated unit can be compared alone")
    assert "City 0: City 0 has no event before the start" in str(found.says)
    assert not found.table and found.passed is None


def test_a_phase_in_is_said_not_to_be_used():
    cohorts = tables(2).cohorts(phase_in=2)
    (made,) = each_treated_unit(cohorts, METHOD)
    assert str(made.says).endswith("every period from the start on counts in full.")
    (plain,) = each_treated_unit(tables(2).cohorts(), METHOD)
    assert "phase-in" not in str(plain.says) and made.table == plain.table
