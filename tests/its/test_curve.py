"""The specification curve holds each model once, the headline's among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series, Specification
from evaluation.its.curve import Grid, default_grid, specification_curve

METHOD = METHODS["averaged-reml"]
TERMS = ("effect", "trend", "season", "phase_in", "washout", "start", "first", "method")


def counts(n: int = 96, seed: int = 1, **terms) -> Series:
    y = np.random.default_rng(seed).poisson(np.where(np.arange(n) < n // 2, 25, 15))
    return Series.from_arrays(y, start=n // 2, specification=Specification(**terms))


def curve(series: Series, grid: Grid | None = None, method=METHOD):
    return specification_curve(series, method, method.fit(series), grid)


def test_the_default_grid_crosses_trend_season_phase_in_and_window():
    table = curve(counts(phase_in=2)).table
    assert len(table) == 3 * 3 * 2 * 3
    assert {row["season"] for row in table} == {"fourier 1", "fourier 2", "periods"}
    assert {row["first"] for row in table} == {"2000-01", "2001-01", "2002-01"}
    assert len({tuple(row[key] for key in TERMS) for row in table}) == len(table)


def test_a_planned_phase_in_of_nought_is_not_counted_twice():
    assert len(curve(counts()).table) == 27


def test_rows_are_sorted_and_one_is_the_headline():
    series = counts(phase_in=2)
    table = curve(series).table
    percents = [row["percent"] for row in table]
    assert percents == sorted(percents)
    (headline,) = [row for row in table if row["headline"]]
    effect = METHOD.fit(series)
    assert headline["percent"] == pytest.approx(effect.percent.estimate, rel=1e-7)
    assert headline["p"] == pytest.approx(effect.p_value, rel=1e-5)


def test_the_headline_is_there_even_when_the_grid_leaves_it_out():
    table = curve(counts(), Grid(trend=("none",), season=("periods",))).table
    assert [(row["trend"], row["headline"]) for row in table if row["headline"]] == [
        ("linear", True)
    ]
    assert len(table) == 2


def test_every_field_of_the_grid_is_followed():
    grid = Grid(
        effect=("level", "level+slope"),
        washout=(0, 2),
        start=(-3, 0),
        first=(0, 7),
        methods=("averaged-reml", "quasi-poisson"),
    )
    series = counts()
    table = curve(series, grid).table
    assert len(table) == 2**5
    row = next(
        row
        for row in table
        if (row["effect"], row["washout"], row["start"], row["first"], row["method"])
        == ("level+slope", 2, "2003-10", "2000-08", "quasi-poisson")
    )
    by_hand = Series.from_arrays(
        series.y[7:],
        start=38,
        first="2000-08",
        specification=Specification(effect="level+slope", washout=2),
    )
    effect = METHODS["quasi-poisson"].fit(by_hand)
    assert row["percent"] == pytest.approx(effect.percent.estimate, rel=1e-7)
    assert row["p"] == pytest.approx(effect.p_value, rel=1e-6)


def test_waves_count_once_where_there_are_none():
    grid = Grid(season=("fourier", "none"), harmonics=(1, 2, 3))
    assert {row["season"] for row in curve(counts(), grid).table} == {
        "fourier 1",
        "fourier 2",
        "fourier 3",
        "none",
    }
    assert len(curve(counts(), grid).table) == 4


def test_the_settings_of_the_headline_stay_with_it():
    newey_west = METHODS["newey-west"].set_to({"lag": 9})
    series = counts()
    table = curve(series, Grid(trend=("linear",)), newey_west).table
    assert table[0]["p"] == pytest.approx(newey_west.fit(series).p_value, rel=1e-9)
    assert table[0]["p"] != METHODS["newey-west"].fit(series).p_value


def test_with_controls_the_treated_series_alone_is_tried_too():
    series = counts().beside(counts(seed=2))
    table = curve(series, Grid(controls=(True, False))).table
    assert {row["controls"] for row in table} == {True, False}
    without = next(row for row in table if not row["controls"])
    assert without["percent"] == pytest.approx(METHOD.fit(counts()).percent.estimate, rel=1e-7)
    assert "controls" not in curve(counts(), Grid(controls=(True, False))).table[0]


def test_what_it_says_counts_the_rows():
    found = curve(counts())
    falls = np.mean([row["percent"] < 0 for row in found.table])
    clear = np.mean([row["high"] < 0 for row in found.table])
    assert f"{100 * falls:.0f} % find a fall like the planned one" in str(found.says)
    assert f"and {100 * clear:.0f} % find one whose range excludes no change" in str(found.says)
    assert found.passed is None


def test_what_cannot_be_estimated_is_counted_and_left_out():
    found = curve(counts(), Grid(phase_in=(0, 2, 48)))
    assert len(found.table) == 2
    assert "1 of 3 could not be estimated" in str(found.says)


def test_a_window_never_cuts_into_what_is_needed_before_the_start():
    y = np.random.default_rng(3).poisson(20, 90)
    assert default_grid(Series.from_arrays(y, start=40)).first == (0, 12)
    assert default_grid(Series.from_arrays(y, start=20)).first == (0,)


def test_quarters_and_years_have_grids_of_their_own():
    y = np.random.default_rng(4).poisson(40, 60)
    quarters = Series.from_arrays(y, start=30, first="2000-Q1", frequency="quarter")
    years = Series.from_arrays(y, start=30, first="1960", frequency="year")
    assert {row["season"] for row in curve(quarters).table} == {"fourier 1", "fourier 2"}
    assert len({row["season"] for row in curve(years).table}) == 1


def test_an_unknown_method_and_a_boundless_grid_are_refused():
    with pytest.raises(FitError, match="no method 'posson'"):
        curve(counts(), Grid(methods=("posson",)))
    with pytest.raises(FitError, match="more than 2,000"):
        curve(counts(), Grid(start=tuple(range(50)), first=tuple(range(50))))


def test_a_method_for_another_outcome_gives_no_rows():
    continuous = replace(counts(), kind="continuous")
    method = METHODS["linear-reml-ar1"]
    found = curve(continuous, Grid(methods=("linear-reml-ar1", "quasi-poisson")), method)
    assert len(found.table) == 1
    assert "1 of 2 could not be estimated" in str(found.says)
