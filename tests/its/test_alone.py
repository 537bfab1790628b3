"""What one place by itself cannot answer: each refusal at its border, and the two warnings."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.effect import CANNOT_SHOW
from evaluation.errors import FitError
from evaluation.its import METHODS, Series, Specification
from evaluation.its.alone import barred, can_show, carried_trend

LEARNED = METHODS["learned"]


def _series(mean: float = 40.0, *, n: int = 60, start: int | str = 36, **more) -> Series:
    y = np.random.default_rng(3).poisson(mean, n)
    return Series.from_arrays(y, start=start, first="2017-01", **more)


def _reason(series: Series, *, of_us_crime: bool = False) -> str:
    found = barred(series, of_us_crime=of_us_crime)
    return "" if found is None else found.key.rpartition(".")[2]


@pytest.mark.parametrize(
    ("start", "crime", "reason"),
    [
        ("2020-02", True, ""),
        ("2020-03", True, "national-turn"),
        ("2020-12", True, "national-turn"),
        ("2021-01", True, ""),
        ("2020-07", False, ""),
    ],
)
def test_us_crime_is_refused_from_march_to_december_of_2020(start, crime, reason):
    assert _reason(_series(start=start), of_us_crime=crime) == reason


@pytest.mark.parametrize(
    ("start", "reason"),
    [("2020-Q1", "national-turn"), ("2020-Q4", "national-turn"), ("2021-Q1", ""), ("2019-Q4", "")],
)
def test_a_quarter_is_refused_when_it_has_a_month_of_the_turn(start, reason):
    y = np.random.default_rng(3).poisson(40, 30)
    series = Series.from_arrays(y, start=start, first="2016-Q1", frequency="quarter")
    assert _reason(series, of_us_crime=True) == reason


def test_a_city_beside_others_is_not_refused():
    alone = _series(start="2020-07")
    assert _reason(alone.beside(_series(start="2020-07", name="other")), of_us_crime=True) == ""


@pytest.mark.parametrize(("start", "reason"), [(17, "little-before"), (18, "")])
def test_a_year_and_a_half_before_the_start_is_the_least(start, reason):
    assert _reason(_series(start=start)) == reason


@pytest.mark.parametrize(("events", "reason"), [(2, "few-events"), (3, "")])
@pytest.mark.parametrize("side", ["before", "after"])
def test_three_events_on_each_side_are_the_least(events, reason, side):
    y = np.ones(48)
    rows = np.arange(48) < 24 if side == "before" else np.arange(48) >= 24
    y[rows] = 0
    y[np.flatnonzero(rows)[:events]] = 1
    assert _reason(Series.from_arrays(y, start=24)) == reason


@pytest.mark.parametrize(
    ("mean", "month", "reason"),
    [(40, 0, "gap"), (40, 3, "gap"), (40, 4, ""), (15, 0, "")],
)
def test_a_month_that_was_not_reported_is_a_gap_where_there_are_many_events(mean, month, reason):
    y = np.full(60, float(mean))
    y[50] = month
    assert _reason(Series.from_arrays(y, start=36)) == reason


def test_a_gap_in_periods_that_are_left_out_is_none():
    y = np.full(60, 40.0)
    y[37] = 0
    washed = Specification(washout=3)
    assert _reason(Series.from_arrays(y, start=36, specification=washed)) == ""


def test_a_mean_is_never_refused():
    assert _reason(_series(start="2020-07", kind="continuous"), of_us_crime=True) == ""


@pytest.mark.parametrize(("mean", "key"), [(3.0, CANNOT_SHOW), (900.0, "its.alone.can-show")])
def test_few_events_cannot_show_a_fall_of_thirty_percent(mean, key):
    series = _series(mean)
    effect = LEARNED.fit(series)
    found = can_show(series, LEARNED, effect)
    assert (found.says.key, found.passed) == (key, None)
    half = (effect.high - effect.low) / 2
    assert (half > -np.log(0.7)) == (key == CANNOT_SHOW)
    assert found.says.numbers["smallest"] == pytest.approx(100 * (1 - np.exp(-half)))


def _trending(slope: float, effect: float, noise: int) -> Series:
    t = np.arange(60)
    mean = np.round(30 * np.exp(slope * (t - 36) / 12 + effect * (t >= 36)))
    return Series.from_arrays(np.maximum(mean + noise * ((t * 7919) % 11 - 5), 0), start=36)


@pytest.mark.parametrize(
    ("slope", "effect", "noise", "key", "passed"),
    [
        (0.0, -0.7, 1, "trend-both", True),
        (0.0, 0.0, 1, "trend-neither", True),
        (-0.2, -0.2, 2, "trend-own", False),
        (-0.3, -0.3, 1, "trend-carried", False),
    ],
)
def test_the_trend_carried_forward_is_told_and_judged_by(slope, effect, noise, key, passed):
    series = _trending(slope, effect, noise)
    found = carried_trend(series, LEARNED, LEARNED.fit(series))
    assert (found.says.key, found.passed) == (f"its.alone.{key}", passed)
    assert ("rests on the trend" in str(found.says)) == (not passed)


def test_without_a_trend_there_is_none_to_carry_forward():
    series = _trending(0.0, 0.0, 1).specified(trend="none")
    with pytest.raises(FitError, match="no trend"):
        carried_trend(series, LEARNED, LEARNED.fit(series))
