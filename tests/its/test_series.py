"""The design of a segmented regression, term by term."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.data import period
from evaluation.errors import FitError
from evaluation.its import Interruption, Series, Specification

COUNTS = np.arange(48) % 5 + 1.0


def made(**terms) -> Series:
    return Series.from_arrays(
        COUNTS, start=24, first="2010-03", specification=Specification(**terms)
    )


def column(series: Series, name: str) -> np.ndarray:
    return series.x[:, series.names.index(name)]


def test_trend_counts_from_one_and_slope_from_nought():
    series = made(effect="level+slope")
    assert column(series, "trend")[[0, 47]].tolist() == [1, 48]
    assert column(series, "slope")[22:27].tolist() == [0, 0, 0, 1, 2]


def test_phase_in_rises_in_equal_steps_to_the_first_full_period():
    series = made(phase_in=3)
    assert column(series, "level")[23:29].tolist() == [0, 0.25, 0.5, 0.75, 1, 1]
    assert np.flatnonzero(series.settled)[0] == 27
    assert np.flatnonzero(series.affected)[0] == 24


def test_washout_is_left_out_and_time_starts_after_it():
    series = made(effect="level+slope", washout=2)
    assert np.flatnonzero(~series.kept).tolist() == [24, 25]
    assert column(series, "slope")[25:28].tolist() == [0, 0, 1]


def test_season_follows_the_calendar_not_the_row():
    wave = column(made(), "cosine 1")
    assert wave[0] == pytest.approx(np.cos(2 * np.pi * 3 / 12))
    assert column(made(season="periods"), "month 4")[:3].tolist() == [0, 1, 0]


def test_shortest_wave_has_no_sine():
    series = Series.from_arrays(COUNTS, start=24, first="2010-Q1", frequency="quarter")
    assert series.names == ("intercept", "trend", "sine 1", "cosine 1", "cosine 2", "level")


def test_baseline_is_the_design_without_the_intervention():
    series = made(effect="level+slope")
    assert (series.baseline[:, -2:] == 0).all()
    assert (series.baseline[:, :-2] == series.x[:, :-2]).all()


def test_arguments_are_not_changed():
    counts = COUNTS.copy()
    Series.from_arrays(counts, start=24).specified(washout=3).starting(20)
    assert (counts == COUNTS).all()


@pytest.mark.parametrize("start", [0, 48, 60, -3])
def test_a_start_outside_the_series_is_refused(start):
    with pytest.raises(FitError, match="does not lie inside the series"):
        Series.from_arrays(COUNTS, start=start)


def test_a_phase_in_that_never_ends_is_refused():
    with pytest.raises(FitError, match="does not lie inside"):
        made(phase_in=24)


@pytest.mark.parametrize(
    ("y", "exposure", "word"),
    [
        (np.append(COUNTS[:-1], np.nan), None, "missing"),
        (-COUNTS, None, "negative"),
        (COUNTS, np.zeros(48), "exposure"),
        (COUNTS, np.ones(3), "exposure"),
    ],
)
def test_numbers_that_cannot_be_are_refused(y, exposure, word):
    with pytest.raises(FitError, match=word):
        Series.from_arrays(y, exposure=exposure, start=24)


class TestShiftedStarts:
    LATER = (Interruption("relaunch", period.ordinal("2010-03", "month") + 36),)

    def staggered(self) -> Series:
        other = Series.from_arrays(COUNTS, start=30, first="2010-03")
        return made().joined([other])

    def test_sites_keep_their_distance(self):
        series = self.staggered()
        first, second = series.rows.starts
        assert series.shifted(-4).rows.starts == (first - 4, second - 4)
        assert series.shifted(0).x.tolist() == series.x.tolist()

    def test_a_control_stays_untreated(self):
        beside = made().beside(made())
        assert beside.shifted(3).rows.starts == (beside.rows.starts[0] + 3, None)

    def test_a_later_intervention_stays_where_it_was(self):
        series = Series.from_arrays(COUNTS, start=24, first="2010-03", later=self.LATER)
        moved = series.shifted(6)
        assert column(moved, "level: relaunch").tolist() == (np.arange(48) >= 36).tolist()
        assert column(moved, "level").tolist() == (np.arange(48) >= 30).tolist()

    def test_a_start_at_or_past_the_later_intervention_is_refused(self):
        series = Series.from_arrays(COUNTS, start=24, first="2010-03", later=self.LATER)
        with pytest.raises(FitError, match="not before the next intervention"):
            series.shifted(12)

    def test_a_start_out_of_the_series_is_refused(self):
        with pytest.raises(FitError, match="does not lie inside"):
            made().shifted(-24)


def test_alone_is_the_series_before_it_was_joined():
    single = made(phase_in=2)
    for joined in (single.beside(made(phase_in=2)), single.joined([made(phase_in=2)])):
        alone = joined.alone()
        assert alone.names == single.names
        assert (alone.x == single.x).all()
        assert alone.start == single.start


def test_alone_has_a_level_where_there_was_a_dose():
    dose = np.where(np.arange(48) >= 24, 2.0, 0.0)
    series = Series.from_arrays(COUNTS, start=24, first="2010-03", dose=dose)
    assert (series.alone().x == made().x).all()
