"""A break is found where it is, and its distance from the start is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.data import period
from evaluation.its import METHODS, Interruption, Series
from evaluation.its.break_checks import detected_break, unknown_break
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import stream

METHOD = METHODS["averaged-reml"]


def ask(series: Series):
    return unknown_break(series, METHOD, METHOD.fit(series))


def halved(at: int, start: int, seed: int = 1, **more) -> Series:
    """120 months that fall to half at one index, with the start at another."""
    mean = np.where(np.arange(120) < at, 30, 15)
    return Series.from_arrays(np.random.default_rng(seed).poisson(mean), start=start, **more)


def test_boston_breaks_after_its_55th_month(boston, flat):
    found = ask(boston.specified(trend=flat.trend, season=flat.season))
    statistics = {row["test"]: row["statistic"] for row in found.table}
    # strucchange 1.5: Fstats(homicides ~ 1), tests/reference/breaks.json
    assert statistics["supF"] == pytest.approx(27.645, abs=5e-4)
    assert "comes after 1996-07" in str(found.says)
    assert "2 months after the start" in str(found.says)
    assert found.passed is True


def test_boston_with_trend_and_season_breaks_at_the_start(boston):
    found = ask(boston)
    assert "comes after 1996-05" in str(found.says)
    assert "the start itself" in str(found.says)
    assert found.passed is True


def test_a_break_far_from_the_start_fails_and_is_named():
    found = ask(halved(40, start=70))
    assert found.passed is False
    assert "comes after 2003-04" in str(found.says)
    assert "30 months before the start" in str(found.says)
    assert "leaves out the start, 2005-11" in str(found.says)


def test_a_break_within_the_phase_in_is_at_the_start():
    late = halved(66, start=60)
    assert ask(late).passed is False
    assert ask(late.specified(phase_in=8)).passed is True


def test_a_later_intervention_is_no_unknown_break():
    later = (Interruption("relaunch", period.ordinal("2000-01", "month") + 85),)
    mean = np.where(np.arange(120) < 85, 30, 10)
    y = np.random.default_rng(3).poisson(mean)
    assert ask(Series.from_arrays(y, start=40)).passed is False
    assert ask(Series.from_arrays(y, start=40, later=later)).passed is None


def test_the_controls_are_not_searched():
    alone = halved(60, start=60)
    beside = alone.beside(halved(30, start=60, seed=4))
    assert ask(beside).table == ask(alone).table
    assert "in treated (1) comes after" in str(ask(beside).says)


def test_a_continuous_outcome_is_searched_by_least_squares():
    y = np.random.default_rng(5).normal(50, 3, 96) - 9.0 * (np.arange(96) >= 48)
    series = Series.from_arrays(y, start=48, kind="continuous")
    method = METHODS["linear-reml-ar1"]
    found = unknown_break(series, method, method.fit(series))
    assert found.passed is True
    assert found.table[-1]["test"] == "supF, correlation allowed for"
    assert found.table[-1]["statistic"] <= found.table[0]["statistic"]


def test_correlation_is_not_taken_for_breaks():
    """Correlated series without a break: F tests that ignore the correlation find one in many of
    them, what judges in few (20 series; .05 would give 1, and more than 4 in 1 of 300)."""
    mean = np.full(96, 20.0)
    drawn = copula_counts(mean, alpha=0.1, rho=0.4, source=stream(1, "no break"), draws=20)
    # A method that says nothing of correlation: the check must find it by itself.
    method = METHODS["quasi-poisson"]
    blind = careful = 0
    for y in drawn:
        series = Series.from_arrays(y, start=48)
        table = unknown_break(series, method, method.fit(series)).table
        blind += table[0]["p"] < 0.05
        careful += table[-1]["p"] < 0.05
    assert blind > 5
    assert careful <= 4


class TestRelatedSeries:
    """Cases moved from one category to another, as Oakland's assaults by gun and knife in early
    2015: the one halves and the other triples in the same month."""

    @pytest.mark.parametrize(("factor", "sign"), [(0.5, -1), (3.0, 1)])
    def test_a_change_of_recording_is_seen_in_both(self, factor, sign):
        mean = 30 * np.where(np.arange(144) < 61, 1.0, factor)
        y = np.random.default_rng(6).poisson(mean)
        found = detected_break(Series.from_arrays(y, start=70, first="2010-01"))
        assert found is not None
        assert abs(found.ordinal - period.ordinal("2015-02", "month")) <= 2
        assert found.low <= "2015-02" <= found.high
        assert found.percent == pytest.approx(100 * (factor - 1), rel=0.25)
        assert found.percent * sign > 0
        assert found.p_value < 0.05

    def test_a_quiet_series_has_none(self):
        y = np.random.default_rng(7).poisson(30, 144)
        assert detected_break(Series.from_arrays(y, start=70)) is None

    def test_the_start_does_not_matter(self):
        series = halved(50, start=60)
        assert detected_break(series) == detected_break(series.starting(90))

    def test_what_cannot_be_fitted_has_none(self):
        assert detected_break(replace(halved(50, start=60), kind="continuous")) is not None
        flat = Series.from_arrays(np.full(96, 7.0), start=48, kind="continuous")
        assert detected_break(flat) is None
