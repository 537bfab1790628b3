"""A start chosen after a peak is told from one that was not."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.its import METHODS, Series, timing
from evaluation.its.batch import judge_many
from evaluation.its.check_helpers import inflation
from evaluation.its.timing import _as_ar1, regression_to_the_mean

METHOD = METHODS["averaged-reml"]
RATIO, P, DATES, FOUND, MEAN, LOW, HIGH = range(7)


def ask(series: Series, method=METHOD):
    found = regression_to_the_mean(series, method, method.fit(series))
    return found, [row["value"] for row in found.table]


def series_of(mean: np.ndarray, start: int, seed: int, **more) -> Series:
    return Series.from_arrays(np.random.default_rng(seed).poisson(mean), start=start, **more)


def peaked(height: float, after: float = 30.0) -> np.ndarray:
    """132 months about 30 with another rate in the year before month 72 and another after it."""
    mean = np.full(132, 30.0)
    mean[60:72], mean[72:] = height, after
    return mean


def test_a_start_after_a_peak_with_nothing_else_fails():
    found, value = ask(series_of(peaked(41), 72, seed=1))
    assert found.passed is False
    assert value[RATIO] == pytest.approx(41 / 30, abs=0.12)
    assert value[P] < 0.05
    assert value[DATES] < 0.1
    assert "may be all that was found" in str(found.says)


def test_a_start_like_any_other_passes_with_or_without_an_effect():
    for after in (30.0, 20.0):
        found, value = ask(series_of(peaked(30, after), 72, seed=2))
        assert found.passed is True
        assert value[P] > 0.1


def test_a_fall_far_beyond_the_return_from_a_peak_passes():
    found, value = ask(series_of(peaked(41, after=8), 72, seed=3))
    assert value[P] < 0.05
    assert value[FOUND] < value[LOW]
    assert found.passed is True
    assert "more than a return from a peak explains" in str(found.says)


def test_for_a_rise_it_is_the_trough_that_counts():
    found, value = ask(series_of(peaked(20), 72, seed=4))
    assert value[FOUND] > 0
    assert found.passed is False
    assert "trough" in str(found.says)
    assert value[MEAN] > 0


def test_a_start_after_the_largest_year_pretends_a_fall_of_known_size():
    """The same trigger by hand, on other draws: 300 Poisson series without an effect, their start
    after the largest year with two years on either side, a step with trend and season fitted."""
    rng = np.random.default_rng(5)
    drawn = []
    for _ in range(300):
        y = rng.poisson(30.0, 132)
        totals = np.convolve(y, np.ones(12), "valid")
        drawn.append(Series.from_arrays(y, start=int(np.argmax(totals[12:97])) + 24))
    changes = [one.percent for one in judge_many(METHODS["poisson"], drawn)]
    # A method that takes the correlation as nought, like the draws by hand.
    _, value = ask(series_of(peaked(30, after=28), 72, seed=6), METHODS["poisson"])
    assert np.mean(changes) < -4
    spread = np.std(changes)
    # 200 and 300 draws, and a correlation and dispersion estimated from one series.
    assert value[MEAN] == pytest.approx(np.mean(changes), abs=spread / 2)
    assert value[LOW] == pytest.approx(np.quantile(changes, 0.025), abs=spread)


def test_the_p_value_is_uniform_where_starts_are_not_chosen(monkeypatch):
    """60 continuous series: p is below .1 in about a tenth, and in at most twice as many, because
    the side is taken from the estimate (two standard errors are .08 to .1)."""
    monkeypatch.setattr(timing, "TRIGGERED", 2)  # what p has no use for
    rng = np.random.default_rng(7)
    method = METHODS["ols"]
    below = 0
    for _ in range(60):
        y = rng.normal(50, 5, 96)
        series = Series.from_arrays(y, start=48, kind="continuous")
        below += ask(series, method)[1][P] < 0.1
    assert 0 < below / 60 < 0.3


def test_exposure_and_season_are_taken_out():
    """A population that grows and a season do not make a peak."""
    time = np.arange(132)
    exposure = 1000.0 * 1.004**time
    mean = 0.03 * exposure * np.exp(0.4 * np.cos(2 * np.pi * time / 12))
    series = series_of(mean, 70, seed=8, exposure=exposure)
    _, value = ask(series)
    assert value[RATIO] == pytest.approx(1, abs=0.12)
    assert value[P] > 0.1


def test_less_than_three_years_before_the_start_is_refused():
    with pytest.raises(FitError, match="less than 3 years"):
        ask(series_of(np.full(96, 20.0), 35, seed=9))


@pytest.mark.parametrize(("rho", "nugget"), [(0.8, 0.5), (0.95, 0.85), (0.3, 0.25)])
def test_one_correlation_stands_for_two_numbers(rho, nugget):
    plain = _as_ar1(rho, nugget, 12)
    assert inflation(plain, 0.0, 12) == pytest.approx(inflation(rho, nugget, 12), rel=1e-6)


def test_the_answer_comes_out_twice_and_has_a_stream_of_its_own():
    series = series_of(np.full(96, 20.0), 48, seed=10)
    assert ask(series) == ask(series)
