"""What holds for every check, and for all of them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.its import METHODS, Series, Specification
from evaluation.its.checks import CHECKS, run_checks
from evaluation.its.curve import Grid

METHOD = METHODS["averaged-reml"]
# What figures and grades are made from (keys of the rows, in order).
COLUMNS = {
    "residual-autocorrelation": ("test", "statistic", "p"),
    "correlogram": ("lag", "autocorrelation", "partial", "band"),
    "placebo-dates": ("period", "estimate", "percent", "low", "high", "p"),
    "unknown-break": ("test", "statistic", "p"),
    "base-period": ("first", "periods", "percent", "low", "high"),
    "start-date": ("start", "shift", "percent", "low", "high"),
    "regression-to-the-mean": ("measure", "value"),
    "specification-curve": (
        *("percent", "low", "high", "p", "start", "first", "effect", "trend", "season"),
        *("phase_in", "washout", "method", "headline"),
    ),
}


def counts(n: int = 96, seed: int = 1) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(15, n), start=n // 2)


def continuous(n: int = 96, seed: int = 2) -> Series:
    y = np.random.default_rng(seed).normal(50, 4, n)
    return Series.from_arrays(y, start=n // 2, kind="continuous")


def all_checks(series: Series, method=METHOD, **more):
    return run_checks(series, method, method.fit(series), **more)


@pytest.fixture(scope="module")
def quiet():
    return all_checks(counts())


@pytest.mark.parametrize("number", range(len(CHECKS)), ids=list(CHECKS))
def test_every_check_passes_on_a_quiet_series_and_speaks_in_numbers(quiet, number):
    found = quiet[number]
    assert found.name == list(CHECKS)[number]
    assert found.passed is not False
    assert any(character.isdigit() for character in str(found.says))
    assert str(found.question).endswith("?")
    assert str(found.says).endswith(".")


def test_tables_have_the_columns_that_figures_are_drawn_from(quiet):
    found = {check.name: check.table for check in quiet}
    for name, keys in COLUMNS.items():
        assert found[name], name
        assert {tuple(row) for row in found[name]} == {keys}, name


def _numbers(checks):
    for check in checks:
        for row in check.table:
            yield from (value for value in row.values() if not isinstance(value, (str, bool)))


@pytest.mark.parametrize(
    "series",
    [
        counts(),
        continuous(72),
        counts(72).beside(counts(72, seed=5)),
        counts(72).joined([Series.from_arrays(counts(72, 6).y, start=44)]),
        counts(72).specified(effect="level+slope", phase_in=3, washout=2),
        counts().specified(trend="none", season="none"),
        Series.from_arrays(
            np.random.default_rng(3).poisson(20, 60),
            start=30,
            first="2000-Q1",
            frequency="quarter",
        ),
        Series.from_arrays(
            np.random.default_rng(4).poisson(90, 40), start=20, first="1980", frequency="year"
        ),
    ],
    ids=["count", "continuous", "controlled", "sites", "slope", "flat", "quarters", "years"],
)
def test_every_design_gets_every_check_in_finite_plain_numbers(series):
    method = METHOD if series.kind == "count" else METHODS["linear-reml-ar1"]
    found = all_checks(series, method)
    assert [check.name for check in found] == list(CHECKS)
    for value in _numbers(found):
        assert type(value) in (int, float)
        assert np.isfinite(value)
    assert not any(word in str(check.says) for check in found for word in ("nan", "inf", "np."))


def test_what_is_not_possible_is_said_and_does_not_judge():
    short = Series.from_arrays(counts(30).y, start=14)
    found = {check.name: check for check in all_checks(short)}
    for name in ("placebo-dates", "regression-to-the-mean"):
        assert found[name].passed is None
        assert str(found[name].says).startswith("Not possible")
        assert found[name].table == ()
    assert found["length"].passed is False


def test_a_method_without_a_linear_predictor_gets_the_checks_that_need_none():
    whole = replace(METHOD, whole=METHODS["quasi-poisson"].fit)
    found = {check.name: check for check in all_checks(counts(), whole)}
    for name in ("residual-autocorrelation", "correlogram", "dispersion", "outliers", "influence"):
        assert found[name].passed is None
        assert "no linear predictor" in str(found[name].says)
    for name in ("placebo-dates", "base-period", "start-date", "specification-curve"):
        assert found[name].table


def test_a_dose_is_asked_what_can_be_asked():
    dose = np.where(np.arange(96) >= 48, 1.0 + np.arange(96) % 3, 0.0)
    series = Series.from_arrays(counts().y, start=48, dose=dose)
    found = {check.name: check for check in all_checks(series)}
    assert str(found["start-date"].says) == (
        "Not possible: a dose says by itself when the intervention began."
    )
    assert found["placebo-dates"].passed is None
    assert found["base-period"].table


def test_progress_names_every_check_and_the_grid_reaches_the_curve():
    steps: list[str] = []
    series = counts(72)
    found = run_checks(
        series,
        METHODS["quasi-poisson"],
        METHODS["quasi-poisson"].fit(series),
        grid=Grid(trend=("linear", "none")),
        progress=steps.append,
    )
    assert steps == [name.replace("-", " ") for name in CHECKS]
    assert len(found[-1].table) == 2


def test_a_linear_method_on_counts_is_checked_on_its_own_scale():
    method = METHODS["linear-reml-ar1"]
    series = Series.from_arrays(
        np.random.default_rng(8).poisson(3, 60), start=30, specification=Specification()
    )
    found = {check.name: check for check in all_checks(series, method)}
    assert "standard deviation" in str(found["dispersion"].says)
    assert found["influence"].passed is not None


def test_the_same_checks_come_out_twice_and_leave_the_series_as_it_was(quiet):
    series = counts()
    before = series.y.copy(), series.x.copy(), series.kept.copy()
    assert all_checks(series) == quiet
    for old, new in zip(before, (series.y, series.x, series.kept), strict=True):
        assert (old == new).all()
