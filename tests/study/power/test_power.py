"""Power before the data are looked at: right against the published study, blind to what came."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from evaluation.data import period
from evaluation.data.read import read_panel
from evaluation.errors import DataError, FitError, PlanError
from evaluation.its import METHODS
from evaluation.its.batch import judge_many
from evaluation.its.design import Specification
from evaluation.its.series import Series
from evaluation.its.verdicts import verdicts, with_outcomes
from evaluation.study.evidence import find_root
from evaluation.study.power import curve as core
from evaluation.study.power.curve import (
    detectable,
    periods_needed,
    possible_lengths,
    power_after,
    power_curve,
)
from evaluation.study.power.power import power
from evaluation.study.power.power_evidence import PowerAfter, PowerPoint, dumps, loads
from evaluation.study.power.world import (
    FARTHEST,
    World,
    blinded,
    persistent_rho,
    simulated,
    with_effect,
    world_before,
)

AVERAGED = METHODS["averaged-reml"]
FEW = {"draws": 100, "effects": (30.0, 60.0)}


def flat_world(
    *, mean: float = 8.0, alpha: float = 0.1, rho: float = 0.2, months: int = 120, **terms: object
) -> World:
    specification = Specification(**terms)  # type: ignore[arg-type]
    level = np.full(months, mean)
    series = Series.from_arrays(level, start=months // 2, specification=specification)
    return World(series, level, (alpha,), 0.0, rho)


def replace_in(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def edit_rows(path, change, *, column, since):
    """The outcome `column` of every row from the period `since` on through `change`; rows are
    dropped when it gives None."""
    lines = path.read_text().splitlines()
    header = lines[0].split(",")
    kept = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        if cells[header.index("month")] >= since:
            value = change(cells[header.index(column)])
            if value is None:
                continue
            cells[header.index(column)] = value
        kept.append(",".join(cells))
    path.write_text("\n".join(kept) + "\n")


# The project's inference study, appendix D: the fall found with power .80 by Poisson REML-AR(1),
# mean 8, 60 + 60 months, linear trend and two harmonics. The default pays 0 to 12 points of power
# for its honesty; 300 draws have a standard error of .025.
@pytest.mark.parametrize(
    ("alpha", "rho", "fall"), [(0.0, 0.0, 35.0), (0.1, 0.2, 49.0), (0.3, 0.4, 66.0)]
)
def test_power_of_the_default_is_that_of_the_published_study_less_its_price(alpha, rho, fall):
    draws, error = 300, 0.025
    world = flat_world(alpha=alpha, rho=rho)
    curve, false_alarms = power_curve(world, AVERAGED, [-fall], draws=draws, name="anchor")
    assert 0.80 - 0.12 - 3 * error < curve[-1].power < 0.80 + 3 * error
    # The default covers 93 to 98 %: two to seven false alarms in a hundred.
    assert false_alarms < 0.07 + 3 * np.sqrt(0.05 * 0.95 / draws)


def test_power_grows_with_the_size_of_the_change_and_shrinks_with_correlation():
    falls = [-20.0, -40.0, -60.0]
    loose, _ = power_curve(flat_world(rho=0.0), AVERAGED, falls, draws=100, name="a")
    tight, _ = power_curve(flat_world(rho=0.6), AVERAGED, falls, draws=100, name="a")
    assert [p.percent for p in loose] == [0.0, *falls]
    powers = [p.power for p in loose]
    assert powers == sorted(powers)
    assert powers[0] < 0.1 < 0.9 < powers[-1]
    assert sum(p.power for p in tight) < sum(powers) - 0.3


def test_only_the_right_direction_counts_as_found():
    world = flat_world(mean=30.0, alpha=0.0, rho=0.0, trend="none", season="none")
    rise, _ = power_curve(world, AVERAGED, [40.0], draws=100, name="a")
    assert rise[-1].power > 0.9
    outcomes = simulated(
        world, with_effect(world, 40.0, world.series.settled), seed=core.SEED, name="a", draws=100
    )
    found = verdicts(AVERAGED, world.series, outcomes, core.LEVEL)
    assert core.point_of(-40.0, -1.0, found).power == 0.0


def test_series_that_cannot_be_estimated_are_counted_and_not_found():
    world = flat_world(mean=0.4, alpha=0.0, rho=0.0, months=48, trend="none", season="none")
    curve, _ = power_curve(world, AVERAGED, [-97.0], draws=100, name="a")
    # 24 months at .012 a month: no event after the start in 75 of 100 series.
    assert 0.55 < curve[-1].failed < 0.9
    assert curve[-1].power <= 1 - curve[-1].failed


def test_one_fit_serves_every_change_of_a_linear_model_as_if_fitted_anew():
    series = Series.from_arrays(
        np.full(60, 50.0), start=30, kind="continuous", specification=Specification(phase_in=2)
    )
    world = World(series, 50.0 + 0.1 * np.arange(60), (0.0,), 6.0, 0.3)
    method = METHODS["linear-reml-ar1"]
    mean = with_effect(world, -20.0, series.settled)
    move = float((mean - world.mean)[series.settled].mean())
    without, given = (
        with_outcomes(series, simulated(world, level, seed=1, name="a", draws=8))
        for level in (world.mean, mean)
    )
    ((estimate, p_value),) = core._moved(method, without, [move])
    anew = judge_many(method, given)
    np.testing.assert_allclose(estimate, [one.estimate for one in anew], rtol=1e-7)
    np.testing.assert_allclose(p_value, [one.p_value for one in anew], rtol=1e-5)


@pytest.mark.parametrize(
    ("terms", "dose"),
    [
        ({}, None),
        ({"phase_in": 3, "washout": 2}, None),
        ({"half_life": 12.0}, None),
        ({"effect": "level+slope", "trend": "quadratic"}, None),
        ({}, [0.0] * 40 + [1.0, 2.0, 3.0, 0.0] * 10),
    ],
)
def test_a_change_is_of_the_total_over_the_settled_periods(terms, dose):
    mean = 5 + np.sin(np.arange(80))
    series = Series.from_arrays(mean, start=40, dose=dose, specification=Specification(**terms))
    world = World(series, mean, (0.0,), 0.0, 0.0)
    for percent in (-35.0, 80.0):
        changed = with_effect(world, percent, series.settled)
        ratio = changed[series.settled].sum() / mean[series.settled].sum()
        assert ratio == pytest.approx(1 + percent / 100, rel=1e-9)
        assert (changed[:40] == mean[:40]).all()


def test_the_world_is_that_of_the_time_before():
    truth = flat_world(mean=12.0, alpha=0.08, rho=0.3, months=192)
    outcomes = simulated(truth, truth.mean, seed=9, name="truth", draws=30)
    found = [world_before(one) for one in with_outcomes(truth.series, outcomes)]
    before = truth.series.rows.period < truth.series.rows.period.min() + 96
    # Bounds: three standard errors of a mean of 30 (sd .12, .35 and .05), and a small bias.
    assert np.mean([one.rho for one in found]) == pytest.approx(0.3, abs=0.07 + 0.03)
    assert np.mean([one.dispersion for one in found]) == pytest.approx(1.96, abs=0.19 + 0.2)
    means = [one.world.mean[before].mean() for one in found]
    assert np.mean(means) == pytest.approx(12.0, rel=0.03)


def test_a_steep_trend_is_flattened_and_a_gentle_one_is_not():
    months = np.arange(156)
    for yearly, limited in ((0.02, False), (0.5, True)):
        mean = np.rint(400 * np.exp(-yearly / 12 * months))
        series = Series.from_arrays(mean, start=60, specification=Specification(season="none"))
        found = world_before(series)
        assert found.limited is limited
        recent, after = found.world.mean[36:60].mean(), found.world.mean[60:]
        assert np.abs(np.log(after / recent)).max() < np.log(FARTHEST) + 0.2
        if not limited:
            np.testing.assert_allclose(found.world.mean[:60], mean[:60], rtol=0.02)


def test_a_negative_correlation_and_a_small_dispersion_are_not_simulated():
    even = np.array([9.0, 11.0] * 48)
    found = world_before(Series.from_arrays(even, start=48))
    assert found.rho < 0
    assert found.world.rho == 0
    assert found.dispersion is not None
    assert found.dispersion < 1
    assert found.world.alpha == (0.0,)
    assert persistent_rho(found.world) == 0


def test_counts_of_both_worlds_have_the_variance_and_correlation_asked_for():
    world = flat_world(mean=10.0, alpha=0.1, rho=0.3)
    for persistent in (False, True):
        counts = simulated(world, world.mean, seed=2, name="a", draws=400, persistent=persistent)
        # 48,000 counts: relative error of the variance below 2 % with this correlation.
        assert counts.var() == pytest.approx(20.0, rel=0.06)
        away = counts - 10.0
        lag_one = (away[:, 1:] * away[:, :-1]).mean() / counts.var()
        assert lag_one == pytest.approx(0.3, abs=0.035)


def test_the_detectable_change_lies_where_the_curve_crosses_four_in_five():
    points = [PowerPoint(-10.0 * i, p, 0.01, 0.0) for i, p in enumerate((0.02, 0.3, 0.7, 0.9, 1.0))]
    found = detectable(points)
    assert found is not None
    assert found.estimate == pytest.approx(-25.0)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.01 / 0.02)
    assert detectable(points[:3]) is None


def test_the_periods_needed_lie_where_four_in_five_is_reached():
    rows = [PowerAfter(12 * i, "", p, 0.01) for i, p in ((1, 0.5), (2, 0.7), (3, 0.9))]
    assert periods_needed(rows) == pytest.approx(30.0)
    assert periods_needed(rows[:2]) is None
    assert periods_needed(rows[2:]) == 36.0
    assert periods_needed([]) is None


def test_more_time_finds_more_and_the_planned_time_gives_the_point_of_the_curve():
    world = flat_world(mean=10.0, months=132)
    lengths = possible_lengths(replace_start(world, 72).series, 5)
    assert lengths == (12, 24, 36, 48, 60)
    world = replace_start(world, 72)
    after = power_after(world, AVERAGED, -50.0, lengths, draws=100, name="a", periods=108)
    curve, _ = power_curve(world, AVERAGED, [-50.0], draws=100, name="a", periods=108)
    assert after[2].power == curve[-1].power
    assert after[2].last == "2008-12"
    assert after[-1].power > after[0].power + 0.1


def replace_start(world: World, start: int) -> World:
    return replace(world, series=world.series.starting(start))


def test_lengths_that_a_washout_or_phase_in_leaves_no_room_in_are_left_out():
    series = Series.from_arrays(np.ones(96), start=36, specification=Specification(washout=14))
    assert possible_lengths(series, 5) == (24, 36, 48, 60)


def test_a_blinded_panel_knows_nothing_of_what_came():
    root = find_root()
    panel = read_panel(root / "data/synthetic/city_month.csv", root)
    begin = period.ordinal(panel.periods[0], "month")
    start, last = period.ordinal("2012-10", "month"), period.ordinal("2024-12", "month")
    blind = blinded(panel, start, last)
    assert blind.periods[-1] == "2024-12"
    at = start - begin
    for column in ("gun_homicides", "nonfatal_shootings"):
        assert (blind.values[column][:, at:] == 0).all()
        np.testing.assert_array_equal(blind.values[column][:, :at], panel.values[column][:, :at])
    people = blind.values["population"]
    assert (people[:, at:] == people[:, at - 1 : at]).all()
    # What is planned may be known: a treatment is not an outcome.
    assert blind.values["ceasefire"][0, at:].all()
    assert (panel.values["gun_homicides"][:, at:] > 0).any()


def one_outcome_of_oakland(project):
    """The synthetic plan with gun homicides alone and nothing called worth having: quicker."""
    plan = project / "analyses/oakland-synthetic/plan.toml"
    second = '[[outcomes]]\ncolumn = "nonfatal_shootings"\nbetter = "lower"\nworthwhile = 10\n'
    replace_in(plan, second, "")
    replace_in(plan, "worthwhile = 10\n", "")
    return plan


def test_outcomes_and_exposures_from_the_start_on_change_nothing(project):
    one_outcome_of_oakland(project)
    before = dumps(power("oakland-synthetic", project, **FEW))
    table = project / "data/synthetic/city_month.csv"
    for column in ("gun_homicides", "nonfatal_shootings", "population"):
        edit_rows(table, lambda value: str(2 * int(value) + 7), column=column, since="2012-10")
    assert dumps(power("oakland-synthetic", project, **FEW)) == before
    edit_rows(table, lambda value: str(int(value) + 9), column="gun_homicides", since="2012-09")
    assert dumps(power("oakland-synthetic", project, **FEW)) != before


def test_a_table_that_ends_before_the_start_gives_the_same_answer(project):
    before = dumps(power("boston", project, **FEW))
    table = project / "data/public/boston_homicide.csv"
    edit_rows(table, lambda value: None, column="homicides", since="1996-06")
    description = project / "data/public/boston_homicide.dataset.toml"
    replace_in(description, 'last = "1998-05"', 'last = "1996-05"')
    assert dumps(power("boston", project, **FEW)) == before
    replace_in(project / "analyses/boston/plan.toml", 'last = "1998-05"', "")
    with pytest.raises(
        PlanError, match=r"plan\.toml:\d+:\d+: intervention\.start: .*1996-05"
    ) as told:
        power("boston", project, **FEW)
    assert 'last = "1999-05"' in str(told.value)


def test_evidence_survives_its_written_form():
    found = power("boston", find_root(), **FEW)
    assert dumps(loads(dumps(found))) == dumps(found)
    assert dumps(power("boston", find_root(), **FEW)) == dumps(found)
    content = json.loads(dumps(found))
    assert content["periods_after"] == 24
    (outcome,) = content["outcomes"]
    assert [point["percent"] for point in outcome["curve"]] == [0.0, -10.0, -30.0, -60.0]
    assert [row["periods"] for row in outcome["after"]] == list(range(12, 132, 12))
    assert outcome["assumed"]["first"] == "1992-01"
    assert outcome["assumed"]["last"] == "1996-05"
    with pytest.raises(DataError, match="make it again with `ceasefire power`"):
        loads('{"schema": 0}')


def test_steps_are_counted_to_the_end():
    steps = []
    power("boston", find_root(), progress=lambda *step: steps.append(step), **FEW)
    assert [done for _, done, _ in steps] == list(range(1, len(steps) + 1))
    assert steps[-1][2] == len(steps)
    assert any("months needed" in step for step, _, _ in steps)


def test_rises_are_looked_at_when_higher_is_better(project):
    replace_in(project / "analyses/boston/plan.toml", 'better = "lower"', 'better = "higher"')
    (outcome,) = power("boston", project, **FEW).outcomes
    assert [point.percent for point in outcome.curve] == [0.0, 10.0, 30.0, 60.0]
    assert outcome.curve[-1].power > outcome.curve[1].power


def test_a_measured_outcome_has_errors_and_no_dispersion(project):
    description = project / "data/public/boston_homicide.dataset.toml"
    replace_in(
        description,
        '[columns.homicides]\nrole = "outcome"\ntype = "count"',
        '[columns.homicides]\nrole = "outcome"\ntype = "number"',
    )
    # Of a number no offense can be said.
    replace_in(description, 'offense = "other violence"\n', "")
    plan = project / "analyses/boston/plan.toml"
    replace_in(plan, 'model = "averaged-reml"', "")
    replace_in(plan, "worthwhile = 10", "")
    text = plan.read_text()
    plan.write_text(text[: text.index("[[alternatives]]")])
    (outcome,) = power("boston", project, draws=100, effects=(20.0, 60.0, 90.0)).outcomes
    assert outcome.method == "linear-reml-ar1"
    assert outcome.assumed.dispersion is None
    assert 1 < outcome.assumed.deviation < 4
    assert outcome.curve[-1].power > outcome.curve[1].power + 0.3
    assert outcome.after == ()
    assert outcome.needed is None
    assert "no smallest change" in str(outcome.needed_reason)
    assert "only counts" in str(outcome.persistent_reason)


def test_controls_are_simulated_beside_the_treated_place(project):
    plan = one_outcome_of_oakland(project)
    panel = read_panel(project / "data/synthetic/city_month.csv", project)
    others = [unit for unit in panel.units if "Oakland" not in unit][:2]
    with plan.open("a") as stream:
        stream.write(f"\n[controls]\nunits = {json.dumps(others)}\n")
    found = power("oakland-synthetic", project, draws=100, effects=(60.0,)).outcomes[0]
    assert found.curve[-1].power > 0.5
    assert found.curve[0].failed == 0


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"draws": 10}, "--draws 10"),
        ({"draws": 10**6}, "between 100 and 20,000"),
        ({"effects": (0.0,)}, "above 0"),
        ({"effects": (-20.0,)}, "falls or rises"),
        ({"effects": (float("nan"),)}, "above 0"),
        ({"effects": (100.0,)}, "cannot fall by 100 %"),
        ({"effects": tuple(range(1, 60))}, "at most 40"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, word):
    with pytest.raises(DataError, match=word) as told:
        power("boston", find_root(), **settings)
    assert told.value.exit_code == 2


def test_a_short_time_before_the_start_is_refused(project):
    replace_in(project / "analyses/boston/plan.toml", 'first = "1992-01"', 'first = "1995-01"')
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+: .*only 17 months.*at least 24"):
        power("boston", project, **FEW)


def test_no_event_before_the_start_is_refused(project):
    edit_rows(
        project / "data/public/boston_homicide.csv",
        lambda value: "0",
        column="homicides",
        since="1992-01",
    )
    with pytest.raises(FitError, match="youth homicides: no event before the start") as told:
        power("boston", project, **FEW)
    assert told.value.exit_code == 3


def test_a_percent_change_of_an_outcome_without_a_nought_is_refused():
    wave = np.sin(np.arange(80.0)) - 1
    with pytest.raises(FitError, match="natural nought"):
        world_before(Series.from_arrays(wave, start=40, kind="continuous"))


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('column = "homicides"', 'column = "homcides"', "Did you mean 'homicides'"),
        ('unit = "Boston"', 'unit = "Bosten"', "Did you mean 'Boston'"),
        ('start = "1996-06"', 'start = "1990-06"', "outside the window"),
    ],
)
def test_a_plan_that_the_data_cannot_answer_is_refused(project, old, new, word):
    replace_in(project / "analyses/boston/plan.toml", old, new)
    with pytest.raises(PlanError, match=word):
        power("boston", project, **FEW)
