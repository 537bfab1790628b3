"""Each treated unit by itself is random-effects on the panel that a hand would cut out for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gapped import YEARS, Tables, tables
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import did
from evaluation.did.cohorts import Cohorts
from evaluation.did.each_unit import EachUnit, each_unit
from evaluation.effect import Effect
from evaluation.errors import FitError


def window(table: Tables, row: int, *, donut=0, before=None, after=None) -> list[int]:
    """Years of the window of a unit, in a loop."""
    start, years = int(table.first[row]), []
    for year in range(YEARS):
        since = year - start
        if np.isnan(table.y[row, year]) or table.left_out[row, year]:
            continue
        if since < 0 and since < -donut and (before is None or since >= -before - donut):
            years.append(year)
        if since >= 0 and (after is None or since < after):
            years.append(year)
    return years


def cut(table: Tables, row: int, controls: list[int], years: list[int]) -> Effect:
    """Random-effects on the unit and these controls in these years, by the public function."""
    rows = [row, *controls]
    start = sum(year < table.first[row] for year in years)
    panel = Cohorts.from_arrays(
        table.y[np.ix_(rows, years)],
        [start] + [np.inf] * len(controls),
        exposure=table.people[np.ix_(rows, years)],
        units=[table.units[one] for one in rows],
        frequency="year",
        kind="count",
    )
    return did.estimate(panel, "random-effects")


def complete(table: Tables, years: list[int]) -> list[int]:
    never = np.flatnonzero(np.isinf(table.first)).tolist()
    return [row for row in never if not np.isnan(table.y[row, years]).any()]


def same(found: EachUnit, table: Tables, name: str, effect: Effect, controls: list[int]) -> None:
    one = next(unit for unit in found.units if unit.name == name)
    answer = one.answer
    assert [answer.estimate, answer.std_error, answer.low, answer.high, answer.p_value] == (
        pytest.approx(
            [effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value], rel=1e-12
        )
    )
    assert [table.units[row] for row in controls] == [table.units[row] for row in one.controls]
    # Expected less observed is what the same effect says was averted.
    assert one.expected - one.observed == pytest.approx(effect.averted.estimate, rel=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"donut": 2},
        {"before": 4},
        {"after": 3},
        {"before": 4, "after": 5, "donut": 1},
    ],
)
def test_each_unit_is_random_effects_on_its_own_years_and_complete_controls(options, seed):
    table = tables(seed)
    found = each_unit(table.cohorts(), **options)
    assert not found.passed_over and len(found.units) == 6
    for row in range(6):
        years = window(table, row, **options)
        controls = complete(table, years)
        name = table.units[row]
        same(found, table, name, cut(table, row, controls, years), controls)
        one = next(unit for unit in found.units if unit.name == name)
        assert one.columns.tolist() == years
        assert one.before == sum(year < table.first[row] for year in years)
        assert one.before + one.after == len(years)
        assert one.first == str(2000 + int(table.first[row]))


def stood(table: Tables, row: int, past: list[int], recent: int) -> float:
    """Log of the rate in the last years over that in the earlier ones, a half added to events."""
    last, earlier = past[len(past) - recent :], past[: len(past) - recent]
    rates = [
        (sum(table.y[row, year] for year in years) + 0.5)
        / sum(table.people[row, year] for year in years)
        for years in (last, earlier)
    ]
    return float(np.log(rates[0] / rates[1]))


@pytest.mark.parametrize(
    ("nearest", "recent", "options"), [(4, 2, {}), (6, 1, {"donut": 2}), (3, 2, {"before": 6})]
)
def test_nearest_takes_the_controls_whose_last_years_stood_most_alike(nearest, recent, options):
    table = tables(5)
    found = each_unit(table.cohorts(), nearest=nearest, recent=recent, **options)
    assert len(found.units) == 6
    for row in range(6):
        years = window(table, row, **options)
        reach = options.get("before")
        whole = {"before": None if reach is None else reach + options.get("donut", 0)}
        past = [year for year in window(table, row, **whole) if year < table.first[row]]
        own = stood(table, row, past, recent)
        controls = complete(table, sorted({*years, *past}))
        apart = {one: abs(stood(table, one, past, recent) - own) for one in controls}
        chosen = sorted(sorted(apart, key=apart.__getitem__)[:nearest])
        same(found, table, table.units[row], cut(table, row, chosen, years), chosen)
        one = next(unit for unit in found.units if unit.name == table.units[row])
        others = [stood(table, control, past, recent) for control in chosen]
        assert one.lead == pytest.approx(own - np.mean(others))
        assert one.beyond == (own > max(others) or own < min(others))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([{}, {"donut": 1}, {"nearest": 4}, {"before": 5}]))
def test_every_treated_unit_is_told_or_named_with_a_reason_whatever_is_missing(seed, options):
    draw = np.random.default_rng(seed)
    table = tables(seed % 7)
    holes = table.y.copy()
    holes[draw.uniform(size=holes.shape) < draw.choice([0.02, 0.1, 0.4])] = np.nan
    # A unit of whose years before its start nothing is left cannot be in a panel at all.
    holed = replace(table, y=holes)
    try:
        cohorts = holed.cohorts()
    except FitError:
        return
    found = each_unit(cohorts, **options)
    told = [one.name for one in found.units] + [one.name for one in found.passed_over]
    treated = [cohorts.units[row] for row in np.flatnonzero(cohorts.ever)]
    assert sorted(told) == sorted(treated)
    assert all(len(str(one.why)) > 20 for one in found.passed_over)
    for one in found.units:
        assert np.isfinite([one.answer.low, one.answer.high, one.expected]).all()
        assert cohorts.known[np.ix_(one.controls, one.columns)].all()
        assert one.shares.sum() == pytest.approx(1)


def test_order_of_units_scale_of_residents_and_what_stands_in_masked_cells_change_nothing():
    table = tables(4)
    cohorts = table.cohorts()
    plain = each_unit(cohorts, nearest=5)
    order = np.random.default_rng(0).permutation(cohorts.n)
    scaled = replace(cohorts, exposure=1e5 * cohorts.exposure)
    odd = replace(cohorts, exposure=np.where(cohorts.known, cohorts.exposure, 777.0))
    for other in (cohorts.keeping(order), scaled, odd):
        found = each_unit(other, nearest=5)
        assert [one.name for one in found.units] == [one.name for one in plain.units]
        for one, two in zip(plain.units, found.units, strict=True):
            ours, theirs = one.answer, two.answer
            assert [ours.estimate, ours.low, ours.high] == pytest.approx(
                [theirs.estimate, theirs.low, theirs.high], rel=1e-9
            )
        assert found.shared == pytest.approx(plain.shared, rel=1e-9)


def test_a_control_that_lacks_a_year_of_the_window_changes_nothing():
    table = tables(4)
    y = np.vstack([table.y, 3 * table.y[-1:]])
    y[-1, 15] = np.nan
    more = Tables(
        y,
        np.append(table.first, np.inf),
        np.vstack([table.people, table.people[-1:]]),
        np.vstack([table.left_out, table.left_out[-1:]]),
        (*table.units, "Town without 2015"),
    )
    plain, found = each_unit(table.cohorts()), each_unit(more.cohorts())
    for one, two in zip(plain.units, found.units, strict=True):
        assert (one.answer.estimate == two.answer.estimate) == (15 in one.columns)


def test_years_after_the_end_of_a_program_are_on_neither_side():
    table = tables(2)
    cohorts = table.cohorts()
    on = cohorts.under.copy()
    on[4, 16:] = False
    ended = each_unit(table.cohorts(on=on))
    one = next(unit for unit in ended.units if unit.name == "City 4")
    years = [year for year in window(table, 4) if year < 16]
    assert one.columns.tolist() == years
    controls = complete(table, years)
    same(ended, table, "City 4", cut(table, 4, controls, years), controls)


def test_a_washout_of_one_start_counts_in_the_periods_after_it():
    draw = np.random.default_rng(3)
    y = draw.poisson(30, (12, 16)).astype(float)
    first = np.where(np.arange(12) < 2, 8.0, np.inf)
    cohorts = Cohorts.from_arrays(y, first, kind="count", washout=2)
    assert cohorts.skipped == 2
    found = each_unit(cohorts, after=4)
    assert [(one.before, one.after) for one in found.units] == [(8, 2), (8, 2)]


def test_a_unit_that_cannot_be_compared_is_named_with_the_reason():
    table = tables(1)
    y = table.y.copy()
    y[0, int(table.first[0]) :] = np.nan
    y[1, : int(table.first[1])] = 0
    y[3, :4] = np.nan
    y[7:, 19] = np.nan
    y[2, 19], y[4, 19], y[5, 19] = np.nan, np.nan, np.nan
    found = each_unit(replace(table, y=y).cohorts(), nearest=6, recent=3)
    why = {one.name: str(one.why) for one in found.passed_over}
    # Never seen under treatment it is no treated unit at all, and the panel says so.
    assert "City 0" not in why
    assert "City 1 has no event before the start" in why["City 1"]
    assert "0 of 15 never-treated units have all of its" in why["City 3"] or (
        "periods before its start are too few" in why["City 3"]
    )
    assert {one.name for one in found.units} == {"City 2", "City 4", "City 5"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"nearest": 1}, "nearest is 1; it is 2 controls or more"),
        ({"nearest": 15}, "nearest is 15, and 14 units are never treated"),
        ({"recent": 3}, "recent changes nothing without nearest"),
        ({"recent": 0, "nearest": 4}, "recent is 1 period or more"),
        ({"donut": -1}, "donut 0 or more"),
        ({"before": 0}, "before is 0; it is 1 period or more"),
        ({"after": -2}, "after is -2; it is 1 period or more"),
    ],
)
def test_settings_without_a_meaning_are_refused(options, words):
    with pytest.raises(FitError, match=words):
        each_unit(tables().cohorts(), **options)


def test_other_outcomes_than_counts_are_refused():
    cohorts = Cohorts.from_arrays(np.ones((5, 6)) + np.eye(5, 6), [3, 3] + [np.inf] * 3)
    with pytest.raises(FitError, match="is for counts"):
        each_unit(cohorts)


def test_covariance_of_shared_controls_is_the_sum_over_them():
    found = each_unit(tables(6).cohorts())
    for i, one in enumerate(found.units):
        for k, two in enumerate(found.units):
            total = 0.0
            for row in set(one.controls.tolist()) & set(two.controls.tolist()):
                a, b = one.controls.tolist().index(row), two.controls.tolist().index(row)
                n, m = len(one.controls), len(two.controls)
                few = np.sqrt(n / (n - 1) * m / (m - 1))
                total += few * one.shares[a] * one.gaps[a] * two.shares[b] * two.gaps[b]
            assert found.shared[i, k] == pytest.approx(total, rel=1e-10)


def test_covariance_of_shared_controls_is_that_over_many_draws():
    # Two units of one start have the same controls, so that what is expected of them errs alike.
    draws, told = [], []
    for seed in range(120):
        draw = np.random.default_rng(seed)
        y = draw.poisson(60 * np.exp(0.08 * draw.normal(size=(14, 16)).cumsum(axis=1)))
        first = np.where(np.arange(14) < 2, 8.0, np.inf)
        found = each_unit(Cohorts.from_arrays(y, first, kind="count"))
        one = found.units[0]
        own = np.log((y[0, 8:].sum() + 0.5) / (y[0, :8].sum() + 0.5))
        draws.append(own - one.answer.estimate)
        told.append(found.shared[0, 1])
    # The variance of a variance of 120 draws is 2/120 of its square: within three of its roots.
    assert np.mean(told) == pytest.approx(np.var(draws), rel=3 * np.sqrt(2 / 120))
