"""Other dates, other windows and other trends: what depends on them is told."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series, Specification
from evaluation.its import sensitivity as checks

METHOD = METHODS["averaged-reml"]


def ask(check, series: Series, method=METHOD):
    return check(series, method, method.fit(series))


def quiet(n: int = 96, seed: int = 1) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(15, n), start=n // 2)


class TestPlaceboDates:
    def test_a_break_before_the_start_makes_them_fail(self):
        rng = np.random.default_rng(4)
        rate = np.where(np.arange(120) < 35, 30, 12)
        series = Series.from_arrays(rng.poisson(rate), start=80)
        found = ask(checks.placebo_dates, series, METHODS["quasi-poisson"])
        assert found.passed is False
        worst = max(found.table, key=lambda row: abs(row["estimate"]))
        assert worst["period"].startswith("2002")
        assert worst["high"] < 0

    def test_they_need_room(self):
        with pytest.raises(FitError, match="20 periods before the start leave no date with 12"):
            ask(checks.placebo_dates, Series.from_arrays(quiet(60).y, start=20))

    def test_they_never_look_past_the_start(self):
        series = quiet(96)
        changed = series.y.copy()
        changed[48:] *= 5
        one = ask(checks.placebo_dates, series)
        other = ask(checks.placebo_dates, Series.from_arrays(changed, start=48))
        assert one.table == other.table

    def test_each_is_the_method_called_again(self):
        series = quiet(72)
        row = ask(checks.placebo_dates, series).table[3]
        again = METHOD.fit(series.between(0, 36, start=15))
        assert row["period"] == "2001-04"
        assert row["percent"] == pytest.approx(again.percent.estimate, rel=1e-7)
        assert (row["low"], row["high"]) == pytest.approx(
            (again.percent.low, again.percent.high), rel=1e-6
        )

    def test_a_date_without_events_on_one_side_is_counted_and_not_shown(self):
        y = quiet(96).y.copy()
        y[:15] = 0
        found = ask(checks.placebo_dates, Series.from_arrays(y, start=48), METHODS["quasi-poisson"])
        assert found.table[0]["period"] == "2001-05"
        assert "4 of 25 could not be estimated" in str(found.says)


class TestTrend:
    def test_a_falling_trend_taken_for_an_effect_is_flagged(self):
        rng = np.random.default_rng(6)
        series = Series.from_arrays(rng.poisson(40 * np.exp(-0.012 * np.arange(96))), start=48)
        assert ask(checks.trend_dependence, series).passed is False

    def test_where_nothing_is_clear_a_small_move_is_no_dependence(self):
        """Estimates about nought differ by more than half of themselves and mean nothing."""
        series = quiet(96, seed=3)
        flat = METHOD.fit(series.specified(trend="none")).estimate
        planned = METHOD.fit(series).estimate
        assert abs(flat - planned) > abs(planned) / 2
        assert ask(checks.trend_dependence, series).passed is True

    def test_leaving_the_trend_out_of_the_plan_is_flagged(self):
        assert ask(checks.trend_dependence, quiet().specified(trend="none")).passed is False


class TestBasePeriod:
    def test_every_window_leaves_two_years_and_keeps_its_end(self):
        found = ask(checks.base_period, quiet(96))
        assert [row["periods"] for row in found.table] == list(range(96, 71, -1))
        assert found.table[0]["first"] == "2000-01"
        assert found.table[-1]["first"] == "2002-01"

    def test_a_short_time_before_leaves_one_year(self):
        found = ask(checks.base_period, Series.from_arrays(quiet(80).y, start=30))
        assert [row["periods"] for row in found.table] == list(range(80, 61, -1))

    def test_the_planned_window_gives_the_headline(self):
        series = quiet(96)
        row = ask(checks.base_period, series).table[0]
        assert row["percent"] == pytest.approx(METHOD.fit(series).percent.estimate, rel=1e-7)

    def test_an_old_decline_in_the_window_is_flagged(self):
        """The rate falls by two thirds, stays there for three years, and then nothing happens: with
        the old years in the window the trend points down and a rise is found."""
        mean = 60 * np.exp(-0.024 * np.minimum(np.arange(120), 46))
        series = Series.from_arrays(np.random.default_rng(7).poisson(mean), start=84)
        found = ask(checks.base_period, series)
        assert found.passed is False
        percents = [row["percent"] for row in found.table]
        assert percents[0] > 30
        assert abs(percents[-1]) < 15

    def test_a_real_fall_in_a_steady_series_does_not_depend_on_the_window(self):
        mean = np.where(np.arange(120) < 70, 30, 20)
        series = Series.from_arrays(np.random.default_rng(8).poisson(mean), start=70)
        assert ask(checks.base_period, series).passed is True

    def test_no_room_is_said(self):
        with pytest.raises(FitError, match="leave no shorter window with 12 of them"):
            ask(checks.base_period, Series.from_arrays(quiet(60).y, start=12))


class TestStartDate:
    def test_shifts_reach_a_year_either_way(self):
        found = ask(checks.start_date, quiet(96))
        assert [row["shift"] for row in found.table] == list(range(-12, 13))
        assert found.table[0]["start"] == "2003-01"

    def test_quarters_and_years_have_shifts_of_their_own(self):
        y = np.random.default_rng(9).poisson(40, 60)
        by_quarter = Series.from_arrays(y, start=30, first="2000-Q1", frequency="quarter")
        by_year = Series.from_arrays(y, start=30, first="1950", frequency="year")
        assert len(ask(checks.start_date, by_quarter).table) == 9
        assert [row["start"] for row in ask(checks.start_date, by_year).table] == [
            str(1980 + shift) for shift in range(-2, 3)
        ]

    def test_a_shift_is_the_method_called_again_and_keeps_the_phase_in(self):
        series = quiet(96).specified(phase_in=2)
        row = ask(checks.start_date, series).table[15]
        again = METHOD.fit(
            Series.from_arrays(series.y, start=51, specification=Specification(phase_in=2))
        )
        assert row["shift"] == 3
        assert row["percent"] == pytest.approx(again.percent.estimate, rel=1e-7)

    def test_a_real_fall_that_shrinks_as_the_start_moves_off_it_does_not_fail(self):
        mean = np.where(np.arange(120) < 60, 40, 24)
        series = Series.from_arrays(np.random.default_rng(10).poisson(mean), start=60)
        found = ask(checks.start_date, series)
        by_shift = {row["shift"]: row["percent"] for row in found.table}
        assert by_shift[12] > by_shift[0] + 5
        assert found.passed is True

    def test_a_change_that_turns_round_within_the_year_fails(self):
        """A fall half a year before the planned start, and a rise at it."""
        time = np.arange(120)
        mean = np.where((time >= 52) & (time < 60), 12, 40)
        series = Series.from_arrays(np.random.default_rng(11).poisson(mean), start=60)
        assert ask(checks.start_date, series).passed is False

    def test_the_end_of_the_phase_in_is_named(self):
        found = ask(checks.start_date, quiet(96).specified(phase_in=3))
        assert "Begun at 2004-04, when the planned change is fully in place" in str(found.says)

    @pytest.mark.parametrize(("washout", "said"), [(0, ""), (1, "1 month"), (3, "3 months")])
    def test_that_every_start_has_its_months_left_out_is_said(self, washout, said):
        found = ask(checks.start_date, quiet(96).specified(washout=washout))
        words = f"The first {said} from each start are left out, as planned."
        assert (words in str(found.says)) is (washout > 0)

    def test_shifts_that_do_not_fit_are_left_out(self):
        series = Series.from_arrays(quiet(96).y, start=88)
        found = ask(checks.start_date, series, METHODS["quasi-poisson"])
        assert found.table[-1]["shift"] == 7
        assert "5 of 25 could not be estimated" in str(found.says)
