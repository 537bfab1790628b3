"""Checks that call the method again: each where it must object, and where it must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from one_city import cities, first_only, rates
from scipy.stats import binom
from trends import world

from evaluation.did import checks, poisson_twfe, random_effects, sun_abraham
from evaluation.did.cohorts import Cohorts, Kind
from evaluation.did.effects import Answer, t_answer
from evaluation.did.method import Method
from evaluation.effect import Check
from evaluation.errors import FitError

BOTH: frozenset[Kind] = frozenset({"count", "continuous"})
PREDICTED = Method("random-effects", random_effects.fit, BOTH, "", "", "", "", "one unit")
LINEAR = Method("sun-abraham", sun_abraham.fit, BOTH, "", "", "", "").set_to({"draws": 20})


def asked(check, cohorts: Cohorts, method: Method = PREDICTED, **options) -> Check:
    return check(cohorts, method, method.fit(cohorts), **options)


def shocked(spread: float, *, n: int = 30, seed: int = 1) -> Cohorts:
    """Counts of 20 a month; each unit's level moves at the start by chance, s.d. `spread`."""
    draw = np.random.default_rng(seed)
    jump = spread * draw.normal(size=(n, 1)) * (np.arange(24) >= 12)
    return Cohorts.from_arrays(draw.poisson(20 * np.exp(jump)), first_only(n, 12), kind="count")


def naive(cohorts: Cohorts) -> Answer:
    """A Poisson regression that takes every count as independent of every other."""
    return poisson_twfe.fit(cohorts, errors="model")


NAIVE = Method("poisson-twfe", naive, frozenset({"count"}), "", "", "", "")


# --- placebo outcomes


def test_placebo_outcome_that_moves_fails() -> None:
    cohorts = cities(effect=-0.5)
    found = asked(checks.placebo_outcomes, cohorts, others={"burglaries": cities(3, effect=-1.5)})
    assert found.passed is False
    assert "Of 1 outcomes that should not move, 1 did" in str(found.says)
    assert found.table[0]["outcome"] == "burglaries" and found.table[0]["p_value"] < 0.05


def test_placebo_outcome_that_stays_passes() -> None:
    found = asked(checks.placebo_outcomes, cities(effect=-0.5), others={"burglaries": cities(3)})
    assert found.passed is True


def stated(cohorts: Cohorts) -> Answer:
    """An answer read off the panel: the estimate is its first outcome, the standard error 1."""
    return t_answer("difference", float(cohorts.y[0, 0]), 1.0, None)


STATED = Method("stated", stated, BOTH, "", "", "", "")


def panel_with(*values: float) -> Cohorts:
    """A treated unit and controls whose first outcomes are these, and 10 more from the start on."""
    y = np.tile(np.array(values)[:, None], (1, 6)).astype(float)
    y[:, 3:] += 10
    return Cohorts.from_arrays(y, first_only(len(values), 3))


@pytest.mark.parametrize(("value", "passed"), [(2.4, True), (2.6, False)])
def test_several_placebo_outcomes_share_the_five_percent(value, passed) -> None:
    # Five outcomes at 1 % each: the normal point is 2.576. By itself 2.4 would be significant.
    others = {f"outcome {i}": panel_with(0.1 * i, 0, 0) for i in range(4)}
    others["last"] = panel_with(value, 0, 0)
    found = asked(checks.placebo_outcomes, panel_with(3, 0, 0), STATED, others=others)
    assert found.passed is passed
    alone = asked(
        checks.placebo_outcomes, panel_with(3, 0, 0), STATED, others={"last": others["last"]}
    )
    assert alone.passed is False


def test_placebo_outcome_without_an_estimate_is_named() -> None:
    cohorts = cities()
    empty = replace(cohorts, y=np.zeros(cohorts.y.shape))
    found = asked(checks.placebo_outcomes, cohorts, NAIVE, others={"arson": empty})
    assert found.passed is None
    assert str(found.says).startswith("Not possible. Not estimated: arson: there is no event")
    both = asked(checks.placebo_outcomes, cohorts, NAIVE, others={"arson": empty, "fraud": cohorts})
    assert [row["outcome"] for row in both.table] == ["fraud"] and "Not estimated" in str(both.says)
    assert asked(checks.placebo_outcomes, cohorts, others={}).passed is None


# --- placebo units


def test_method_that_believes_its_counts_fails_on_units_that_move_by_chance() -> None:
    cohorts = shocked(0.3)
    found = asked(checks.placebo_units, cohorts, NAIVE)
    assert found.passed is False
    assert "too narrow on these data" in str(found.says)
    assert len(found.table) == 29
    assert "cannot be below 1 of 30" in str(found.says)


def test_method_that_expects_chance_moves_passes_on_the_same_units() -> None:
    found = asked(checks.placebo_units, shocked(0.3))
    assert found.passed is True
    assert "too narrow" not in str(found.says)


def test_method_that_believes_its_counts_passes_where_it_is_right() -> None:
    assert asked(checks.placebo_units, shocked(0.0), NAIVE).passed is True


def test_placebo_is_the_method_without_the_treated() -> None:
    cohorts = cities(controls=5)
    found = asked(checks.placebo_units, cohorts)
    for row, unit in zip(found.table, range(1, 6), strict=True):
        first = np.where(np.arange(6) == unit, 48.0, np.inf)[1:]
        alone = replace(cohorts.pretending(np.where(np.arange(6) == unit, 48.0, np.inf)).without(0))
        assert np.array_equal(alone.first, first)
        assert row["placebo"] == cohorts.units[unit]
        assert row["estimate"] == pytest.approx(random_effects.fit(alone).estimate, abs=1e-12)


def test_treated_outcome_has_no_part_in_the_placebos() -> None:
    cohorts = cities()
    y = cohorts.y.copy()
    y[0] = 1000
    one, other = (asked(checks.placebo_units, c) for c in (cohorts, replace(cohorts, y=y)))
    assert one.table == other.table


def test_several_treated_clusters_are_drawn_and_the_same_each_time() -> None:
    cohorts = world(effect=1.0)
    found = asked(checks.placebo_units, cohorts, LINEAR, draws=30)
    assert found.passed is True and len(found.table) == 30
    assert found.table == asked(checks.placebo_units, cohorts, LINEAR, draws=30).table
    other = asked(checks.placebo_units, cohorts, LINEAR, draws=30, seed=2)
    assert found.table != other.table
    assert "a rank cannot be below" not in str(found.says)


def test_clusters_are_drawn_whole() -> None:
    cohorts = world(effect=1.0)
    cohorts = replace(cohorts, cluster=np.arange(60) // 4 * 2 + np.arange(60) % 2)
    assigned, whole = checks._placebos(cohorts, 20, 1)
    assert not whole
    treated = np.unique(cohorts.cluster[cohorts.ever])
    for _, first in assigned:
        chosen = np.unique(cohorts.cluster[np.isfinite(first)])
        assert not np.isin(chosen, treated).any()
        assert all(np.isfinite(first[cohorts.cluster == c]).all() for c in chosen)
        # 15 untreated clusters, of which no more than half are taken as treated.
        assert len(chosen) == 7


def test_limit_is_passed_by_chance_in_one_of_forty_or_fewer() -> None:
    for n in (5, 12, 29, 100):
        limit = checks._binomial_limit(n)
        assert binom.sf(limit, n, 0.05) <= 0.025 < binom.sf(limit - 1, n, 0.05)


def test_too_few_controls_for_a_placebo() -> None:
    found = asked(checks.placebo_units, cities().keeping([0, 4, 8]))
    assert found.passed is None and "2 untreated clusters are too few" in str(found.says)


# --- one control left out


def test_result_of_many_controls_hangs_on_none() -> None:
    found = asked(checks.leave_one_control_out, world(effect=2.0), LINEAR)
    assert found.passed is True
    assert len(found.table) == 30 and "(all 30 tried)" in str(found.says)


def test_result_of_one_odd_control_fails() -> None:
    # Two of three controls go up as the treated unit does; the third falls so much that with it
    # the treated seem to have gained.
    y = np.array([[10.0] * 6 + [12.0] * 6, [5] * 6 + [8] * 6, [7] * 6 + [10] * 6, [9] * 12])
    y[3, 6:] = 2
    y = y + 0.1 * np.random.default_rng(1).normal(size=y.shape)
    cohorts = Cohorts.from_arrays(y, first_only(4, 6))
    found = asked(checks.leave_one_control_out, cohorts)
    assert PREDICTED.fit(cohorts).estimate > 0
    assert found.passed is False
    assert [row["estimate"] > 0 for row in found.table] == [True, True, False]
    for row, left in zip(found.table, (1, 2, 3), strict=True):
        assert row["without"] == cohorts.units[left]
        assert row["estimate"] == PREDICTED.fit(cohorts.without(left)).estimate


def test_of_very_many_controls_some_are_drawn() -> None:
    found = asked(checks.leave_one_control_out, world(effect=2.0, n=240), LINEAR)
    assert len(found.table) == checks.MOST_LEFT_OUT
    assert "(100 of 120 tried)" in str(found.says)


def test_cluster_with_treated_units_is_not_left_out() -> None:
    # Units 1 and 2 share a cluster, the first treated; without it the second would be a control.
    cohorts = world(effect=2.0)
    cohorts = replace(cohorts, cluster=np.r_[0, 0, np.arange(1, 59)])
    found = asked(checks.leave_one_control_out, cohorts, LINEAR)
    assert [row["without"] for row in found.table] == [f"unit {i}" for i in range(4, 61, 2)]


def test_control_that_cannot_be_left_out_is_told() -> None:
    found = asked(checks.leave_one_control_out, rates().keeping([0, 1, 2]), PREDICTED)
    assert found.passed is None and str(found.says).startswith("Not possible: ")


# --- controls with programs of their own


def test_control_whose_own_program_worked_fails_the_check() -> None:
    # Without an effect anywhere but in five controls, which fell to a third: with them the treated
    # city rose, without them nothing happened.
    cohorts = cities(mean=25.0, seed=3, effect=-0.5)
    y = cohorts.y.copy()
    y[6:, 48:] //= 3
    contaminated = replace(cohorts, y=y)
    named = {cohorts.units[i]: "a program of its own in 2004" for i in range(6, 13)}
    found = asked(checks.contaminated_controls, contaminated, programs=named)
    assert found.passed is False
    assert "2004" in str(found.says) and "The sign does not hold" in str(found.says)
    assert found.table[0]["estimate"] > 0 > found.table[1]["estimate"]
    assert len(found.table) == 2 + 7


def test_control_whose_program_did_nothing_passes() -> None:
    cohorts = cities(mean=25.0, seed=3, effect=-0.8)
    named = {cohorts.units[4]: "a call-in in 2013"}
    found = asked(checks.contaminated_controls, cohorts, programs=named)
    assert found.passed is True
    assert "The sign holds and the second is inside" in str(found.says)
    expected = random_effects.fit(cohorts.without(4)).estimate
    assert found.table[1]["estimate"] == expected
    assert len(found.table) == 2


@pytest.mark.parametrize(("without", "passed"), [(1.1, True), (1.0, False), (-0.1, False)])
def test_estimate_without_them_must_lie_in_the_range_with_them(without, passed) -> None:
    # The estimate is 3, with 1.04 to 4.96 around it; without the last control it is as given.
    def by_size(cohorts: Cohorts) -> Answer:
        return t_answer("difference", 3.0 if cohorts.n == 4 else without, 1.0, None)

    method = Method("stated", by_size, BOTH, "", "", "", "")
    cohorts = panel_with(0, 0, 0, 0)
    named = {cohorts.units[3]: "its own"}
    found = asked(checks.contaminated_controls, cohorts, method, programs=named)
    assert found.passed is passed


def test_contaminated_control_that_is_none_is_told() -> None:
    cohorts = cities()
    ask = checks.contaminated_controls
    assert asked(ask, cohorts, programs={}).passed is None
    unknown = asked(ask, cohorts, programs={"Atlantis": "sank"})
    assert unknown.passed is None and "'Atlantis' is not among the units" in str(unknown.says)
    treated = asked(ask, cohorts, programs={cohorts.units[0]: "this one"})
    assert "is treated itself" in str(treated.says)


# --- later events


def test_effect_of_a_late_year_alone_fails() -> None:
    cohorts = cities(mean=25.0, seed=3, effect=0.25)
    y = cohorts.y.copy()
    y[0, 72:] //= 6
    found = asked(checks.later_events, replace(cohorts, y=y))
    assert found.passed is False
    assert [row["last period"] for row in found.table] == ["2004-12", "2005-12", "2006-12"]
    assert found.table[0]["estimate"] > 0 > PREDICTED.fit(replace(cohorts, y=y)).estimate


def test_a_first_year_that_goes_the_other_way_by_chance_is_told_and_passes() -> None:
    cohorts = cities(mean=25.0, seed=3, effect=-0.5)
    y = cohorts.y.copy()
    y[0, 48:60] = np.round(y[0, 48:60] * 1.75)
    found = asked(checks.later_events, replace(cohorts, y=y))
    assert found.table[0]["estimate"] > 0 > found.table[-1]["estimate"]
    assert found.table[0]["low"] < 0
    assert found.passed is True


def test_effect_that_is_there_from_the_first_year_passes() -> None:
    cohorts = cities(mean=25.0, seed=3, effect=-0.8)
    found = asked(checks.later_events, cohorts)
    assert found.passed is True
    expected = random_effects.fit(cohorts.between(0, 60)).estimate
    assert found.table[0]["estimate"] == expected


def test_window_that_ends_within_a_year_is_told() -> None:
    found = asked(checks.later_events, cities().between(0, 55))
    assert found.passed is None and "within a year" in str(found.says)


def test_long_windows_are_cut_at_most_ten_times() -> None:
    y = np.random.default_rng(1).poisson(10, (8, 300))
    cohorts = Cohorts.from_arrays(y, first_only(8, 100), kind="count")
    found = asked(checks.later_events, cohorts, NAIVE)
    assert len(found.table) == 9


# --- what holds for all of them


def test_no_check_changes_the_panel() -> None:
    cohorts = cities(controls=5)
    y, first = cohorts.y.copy(), cohorts.first.copy()
    asked(checks.placebo_units, cohorts)
    asked(checks.leave_one_control_out, cohorts)
    asked(checks.later_events, cohorts)
    asked(checks.contaminated_controls, cohorts, programs={cohorts.units[2]: "x"})
    assert np.array_equal(y, cohorts.y) and np.array_equal(first, cohorts.first)


def test_method_that_fails_on_every_placebo_is_told() -> None:
    def never(cohorts: Cohorts) -> Answer:
        raise FitError("it cannot")

    cohorts = cities()
    broken = Method("broken", never, BOTH, "", "", "", "")
    effect = PREDICTED.fit(cohorts)
    for check in (checks.placebo_units, checks.leave_one_control_out, checks.later_events):
        found = check(cohorts, broken, effect)
        assert found.passed is None and str(found.says) == "Not possible: it cannot."
