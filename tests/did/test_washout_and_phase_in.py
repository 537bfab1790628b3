"""A washout takes periods out of the panel, and a phase-in lets the effect come in by steps."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.api import GLM, OLS, families
from worlds import EFFECT, places

from evaluation import did
from evaluation.did import METHODS, bacon, count_ratios, spillover
from evaluation.did.cohorts import Cohorts
from evaluation.did.spillover import treated_places
from evaluation.errors import FitError

START, WASHED, LENGTH = 24, 3, 60


def base(kind="count", *, treated=1, controls=10, length=LENGTH, start=START) -> Cohorts:
    return places(kind, treated=treated, controls=controls, starts=(start,), length=length)


def again(cohorts: Cohorts, y: np.ndarray | None = None, **options) -> Cohorts:
    return Cohorts.from_arrays(
        cohorts.y if y is None else y,
        cohorts.first,
        exposure=cohorts.exposure,
        kind=cohorts.kind,
        **options,
    )


def dropped(cohorts: Cohorts) -> Cohorts:
    """The panel without the columns of the washout, as a user would drop them by hand."""
    kept = np.delete(np.arange(cohorts.length), np.arange(START, START + WASHED))
    exposure = None if cohorts.exposure is None else cohorts.exposure[:, kept]
    return Cohorts.from_arrays(
        cohorts.y[:, kept], cohorts.first, exposure=exposure, kind=cohorts.kind
    )


CALENDAR = ("ratio-series", "random-effects-drift", "forecast", "step")
UNFIT = ("triple-difference", "spillover", "honest-did", "calibration")
WASHABLE = [
    (name, kind)
    for name, method in METHODS.items()
    for kind in sorted(method.kinds)
    if name not in (*CALENDAR, *UNFIT)
]


@pytest.mark.parametrize(("name", "kind"), WASHABLE)
def test_washout_is_dropping_these_columns_by_hand(name, kind):
    one = METHODS[name].treated == "one unit"
    cohorts = base(kind, treated=1 if one else 7, length=34)
    method = METHODS[name].lighter(29)
    found, by_hand = method.fit(again(cohorts, washout=WASHED)), method.fit(dropped(cohorts))
    assert (found.estimate, found.std_error) == (by_hand.estimate, by_hand.std_error)
    assert (found.low, found.high, found.p_value) == (by_hand.low, by_hand.high, by_hand.p_value)
    assert (found.percent, found.averted) == (by_hand.percent, by_hand.averted)
    # Event time is counted from the start, with the washout.
    shifted = [one.time + WASHED * (one.time >= 0) for one in by_hand.dynamic]
    assert [one.time for one in found.dynamic] == shifted
    assert any(note.startswith("washout: 2002-01 to 2002-03") for note in map(str, found.notes))
    assert "2002-02" not in [point.period for point in found.path]
    assert "2002-04" in [point.period for point in found.path] or not found.path


def test_ratio_series_keeps_the_months_of_a_washout_in_the_calendar():
    cohorts = base(controls=3)
    # Periods in which nobody has an event are left out of the series, where they stand.
    emptied = cohorts.y.copy()
    emptied[:, START : START + WASHED] = 0
    by_hand = METHODS["ratio-series"].fit(again(cohorts, emptied))
    found = METHODS["ratio-series"].fit(again(cohorts, washout=WASHED))
    assert found.estimate == pytest.approx(by_hand.estimate, abs=1e-7)
    assert found.std_error == pytest.approx(by_hand.std_error, rel=1e-6)
    moved = METHODS["ratio-series"].fit(dropped(cohorts))
    assert abs(moved.estimate - found.estimate) > 1e-4


def test_drift_goes_on_through_a_washout():
    cohorts = base()
    found = METHODS["random-effects-drift"].fit(again(cohorts, washout=WASHED))
    by_hand = METHODS["random-effects-drift"].fit(dropped(cohorts))
    assert found.estimate == pytest.approx(by_hand.estimate, abs=0.02)
    assert found.estimate != by_hand.estimate


def test_washout_moves_neither_the_checks_before_the_start_nor_their_names():
    world = base(length=84)
    cohorts = again(world, washout=WASHED)
    method = did.default(cohorts)
    effect = method.fit(cohorts)
    checks = {check.name: check for check in did.run_checks(cohorts, method, effect)}
    plain = {check.name: check for check in did.run_checks(world, method, method.fit(world))}
    for name in ("pre-period-splits", "regression-to-the-mean"):
        assert checks[name] == plain[name]
    # Years of the window are counted from the start.
    ends = [row["last period"] for row in checks["later-events"].table]
    assert ends == [row["last period"] for row in plain["later-events"].table]
    assert checks["common-shocks"].table[0]["period"] == "2002-01"


def test_years_of_each_place_are_counted_from_the_start_of_a_washout():
    cohorts = again(base(treated=7), washout=WASHED)
    rows = treated_places(cohorts, METHODS["poisson-imputation"]).table
    own = [row for row in rows if row["unit"] == "unit 1"]
    assert {row["start"] for row in own} == {"2002-01"}
    assert [(row["year"], row["periods"]) for row in own] == [
        (-2, 12),
        (-1, 12),
        (0, 9),
        (1, 12),
        (2, 12),
    ]


def test_trends_are_extrapolated_over_a_washout_and_bounds_on_them_refused():
    cohorts = again(base("continuous", treated=8, controls=20, start=6, length=14), washout=2)
    method = METHODS["callaway-santanna"].lighter(99)
    checks = {c.name: c for c in did.run_checks(cohorts, method, method.fit(cohorts))}
    assert checks["pre-trends"].table and "trend of" in str(checks["pre-trends"].says)
    assert "a washout takes 2 periods out" in str(checks["differing-trends"].says)
    with pytest.raises(FitError, match="a washout takes 2 periods out"):
        METHODS["honest-did"].fit(cohorts)


PHASES = [
    (name, kind)
    for name, method in METHODS.items()
    for kind in sorted(method.kinds)
    # Levels of counts change by no one number.
    if method.phases and (name, kind) != ("twfe", "count")
]


@pytest.mark.parametrize(("name", "kind"), PHASES)
def test_effect_at_full_strength_is_found_when_it_comes_in_by_steps(name, kind):
    one = METHODS[name].treated == "one unit"
    world = base(kind, treated=1 if one else 8, controls=6 if one else 16)
    steps = again(world, phase_in=4)
    change = np.where(world.treated, steps.strength - 1, 0.0)
    if kind == "count":
        y = np.random.default_rng(3).poisson(world.y * np.exp(EFFECT * change)).astype(float)
    else:
        y = world.y + 10 * np.expm1(EFFECT) * change
    truth = EFFECT if kind == "count" else 10 * np.expm1(EFFECT)
    effect = METHODS[name].fit(again(world, y, phase_in=4))
    assert abs(effect.estimate - truth) < 4 * effect.std_error
    assert any("by even steps over 4 periods" in note for note in map(str, effect.notes))
    phases = [point.phase for point in effect.path]
    assert phases[START : START + 5] == ["phase-in"] * 4 + ["after"]
    # What is averted counts the steps for what they are.
    blunt = METHODS[name].fit(again(world, y))
    assert effect.estimate < blunt.estimate
    assert effect.averted.low < effect.averted.estimate < effect.averted.high


@pytest.mark.parametrize("name", [n for n, method in METHODS.items() if not method.phases])
def test_other_methods_refuse_a_phase_in_and_name_the_washout(name):
    kind = "count" if "count" in METHODS[name].kinds else "continuous"
    cohorts = again(base(kind, treated=1 if METHODS[name].treated == "one unit" else 7), phase_in=2)
    with pytest.raises(FitError, match=r"washout=2, or take a method .*twfe"):
        METHODS[name].fit(cohorts)


def test_poisson_regression_on_the_rising_share_is_that_with_dummies():
    cohorts = again(base(treated=7, controls=9, length=12, start=5), phase_in=2)
    unit, period = (axis.ravel() for axis in np.indices(cohorts.y.shape))
    x = np.column_stack(
        [np.eye(cohorts.n)[unit], np.eye(cohorts.length)[period][:, 1:], cohorts.strength.ravel()]
    )
    offset = cohorts.log_exposure.ravel()
    fitted = GLM(cohorts.y.ravel(), x, family=families.Poisson(), offset=offset).fit(tol=1e-13)
    effect = METHODS["poisson-twfe"].fit(cohorts)
    assert effect.estimate == pytest.approx(fitted.params[-1], abs=1e-8)
    cells = cohorts.treated.ravel()
    without = fitted.fittedvalues * np.exp(-fitted.params[-1] * x[:, -1])
    saved = without[cells].sum() - cohorts.y.ravel()[cells].sum()
    assert effect.averted.estimate == pytest.approx(saved, rel=1e-6)
    ends = [
        (fitted.fittedvalues * np.expm1(-end * x[:, -1]))[cells].sum()
        for end in (effect.high, effect.low)
    ]
    assert [effect.averted.low, effect.averted.high] == pytest.approx(ends, rel=1e-6)


def test_linear_regression_on_the_rising_share_is_that_with_dummies():
    cohorts = again(base("continuous", treated=7, controls=9, length=12, start=5), phase_in=2)
    unit, period = (axis.ravel() for axis in np.indices(cohorts.y.shape))
    x = np.column_stack(
        [np.eye(cohorts.n)[unit], np.eye(cohorts.length)[period][:, 1:], cohorts.strength.ravel()]
    )
    fitted = OLS(cohorts.y.ravel(), x).fit()
    effect = METHODS["twfe"].fit(cohorts)
    assert effect.estimate == pytest.approx(fitted.params[-1], abs=1e-9)
    steps = cohorts.strength[cohorts.treated]
    assert effect.averted.estimate == pytest.approx(-effect.estimate * steps.sum())
    mean = cohorts.y[cohorts.treated].mean() - effect.estimate * steps.mean()
    assert effect.percent.estimate == pytest.approx(100 * effect.estimate / mean)


def test_ratio_series_has_the_steps_of_a_series_by_itself():
    from evaluation.numeric.series.averaged import averaged_share
    from evaluation.numeric.series.correlation import AR1_NUGGET

    cohorts = again(base(controls=2), phase_in=3, washout=2)
    answer = count_ratios.fit(cohorts, harmonics=0)
    month = np.array([*range(START), *range(START + 2, LENGTH)])
    step = np.clip((month - START - 2 + 1) / 4, 0, 1)
    y, pool = cohorts.y[0], cohorts.y[1:].sum(axis=0)
    assert cohorts.exposure is not None
    offset = np.log(cohorts.exposure[0] / cohorts.exposure[1:].sum(axis=0))
    x = np.column_stack([np.ones(len(month)), month / 12, step])
    found = averaged_share(y, y + pool, x, offset, month, AR1_NUGGET)
    assert answer.estimate == pytest.approx(float(found.beta[0][-1]), abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "treated", "name"),
    [("count", 7, "poisson-twfe"), ("continuous", 7, "twfe"), ("count", 1, "ratio-series")],
)
def test_default_with_a_phase_in_takes_it_and_says_what_cannot(kind, treated, name):
    cohorts = again(base(kind, treated=treated), phase_in=2)
    assert did.default(cohorts).name == name
    assert "over 2 periods" in str(did.choice(cohorts).why) and "cannot take this panel" in str(
        did.choice(cohorts).why
    )
    assert np.isfinite(did.estimate(cohorts).estimate)
    assert all(method.phases for method in did.always_beside(cohorts, name))


def test_one_continuous_unit_with_a_phase_in_is_told_to_wash_it_out():
    with pytest.raises(FitError, match="washout=2"):
        did.default(again(base("continuous"), phase_in=2))


def test_checks_that_have_no_use_for_a_phase_in_say_so():
    cohorts = again(base(treated=7, length=28), phase_in=2)
    method = did.default(cohorts)
    effect = method.fit(cohorts)
    links = {"near": np.eye(cohorts.n, k=7, dtype=bool)}
    for check in (
        bacon.check(cohorts, method, effect),
        spillover.check(cohorts, method, effect, links=links),
    ):
        assert check.passed is None and "no use for a phase-in of 2 periods" in str(check.says)
