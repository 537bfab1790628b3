"""Breaks at unknown dates against R's strucchange (tests/reference/breaks.R)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.series import breaks
from evaluation.numeric.series.breaks import hansen_p

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "tests" / "reference"


@pytest.fixture(scope="module")
def from_r() -> dict[str, dict[str, Any]]:
    return json.loads((REFERENCE / "breaks.json").read_text())


@pytest.fixture(scope="module")
def boston() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Homicides, an intercept, and an intercept with population and months."""
    with (ROOT / "data" / "public" / "boston_homicide.csv").open() as file:
        rows = list(csv.DictReader(file))
    y = np.array([float(row["homicides"]) for row in rows])
    population = np.array([float(row["population_bm"]) for row in rows])
    month = np.array([int(row["month"][5:]) for row in rows])
    one = np.ones((len(y), 1))
    return y, one, np.column_stack([one, population, month[:, None] == np.arange(2, 13)])


@pytest.fixture(scope="module")
def simulated() -> tuple[np.ndarray, np.ndarray]:
    """A rate, and an intercept with trend and one season."""
    y, population = np.loadtxt(REFERENCE / "its_series.csv", delimiter=",", skiprows=1).T
    time = np.arange(1, len(y) + 1.0)
    season = [np.sin(2 * np.pi * time / 12), np.cos(2 * np.pi * time / 12)]
    return y / (population / population.mean()), np.column_stack([np.ones(len(y)), time, *season])


def _agrees(found: breaks.FBreak, expected: dict[str, Any]) -> None:
    assert found.before[0] == expected["first"]
    assert found.statistics[0] == pytest.approx(expected["statistics"], rel=1e-9)
    assert found.best[0] == expected["before"]
    for test in ("sup", "ave", "exp"):
        assert getattr(found, test)[0] == pytest.approx(expected[test], rel=1e-9)
        # R takes p from 1, which leaves 16 digits behind the point.
        p = getattr(found, f"{test}_p")[0]
        assert p == pytest.approx(expected[f"{test}_p"], rel=1e-6, abs=1e-15)


def test_boston_means_break_after_period_55(boston, from_r):
    y, one, _ = boston
    found = breaks.f_break(y, one)
    assert found.sup[0] == pytest.approx(27.645, abs=5e-4)
    assert found.best[0] == 55
    _agrees(found, from_r["boston_mean"])


def test_boston_break_in_all_coefficients_agrees_with_r(boston, from_r):
    y, _, full = boston
    _agrees(breaks.f_break(y, full), from_r["boston_full"])


@pytest.mark.parametrize(
    ("name", "trim", "last"), [("boston_narrow", 0.05, None), ("boston_wide", 0.3, 0.55)]
)
def test_other_ranges_of_dates_agree_with_r(boston, from_r, name, trim, last):
    y, one, _ = boston
    _agrees(breaks.f_break(y, one, trim=trim, last=last), from_r[name])


def test_break_of_level_and_slope_agrees_with_r(simulated, from_r):
    y, x = simulated
    _agrees(breaks.f_break(y, x[:, :2]), from_r["simulated"])


def test_break_of_the_level_alone_agrees_with_r(simulated, from_r):
    y, x = simulated
    expected = from_r["partial"]
    found = breaks.f_break(y, x, columns=np.array([0]))
    assert found.statistics[0] == pytest.approx(expected["statistics"], rel=1e-8)
    assert found.best[0] == expected["before"]
    assert found.sup_p[0] == pytest.approx(expected["sup_p"], rel=1e-6)


def test_many_series_give_what_each_gives_alone(simulated):
    y, x = simulated
    several = np.stack([y, y[::-1], np.roll(y, 7)])
    together = breaks.f_break(several, x)
    for row, series in enumerate(several):
        alone = breaks.f_break(series, x)
        assert together.statistics[row] == pytest.approx(alone.statistics[0], rel=1e-10)
        assert together.exp_p[row] == pytest.approx(alone.exp_p[0], rel=1e-8)


def test_units_of_outcome_and_columns_do_not_matter(simulated):
    y, x = simulated
    scaled = breaks.f_break(1e4 * y - 3e5, x * np.array([1, 1e-6, 1e3, 1]) + [0, 1e-3, 0, 0])
    assert scaled.statistics == pytest.approx(breaks.f_break(y, x).statistics, rel=1e-6)


def test_a_dummy_that_is_nought_on_one_side_adds_nothing_there():
    rng = np.random.default_rng(3)
    y = rng.normal(size=60)
    x = np.column_stack([np.ones(60), np.arange(60) == 5])
    found = breaks.f_break(y, x)
    before = int(found.before[10])
    early, late = (
        y[rows] - x[rows] @ np.linalg.lstsq(x[rows], y[rows], rcond=None)[0]
        for rows in (slice(None, before), slice(before, None))
    )
    rss = early @ early + late @ late
    whole = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    assert found.statistics[0, 10] == pytest.approx((whole @ whole - rss) / (rss / 56), rel=1e-9)


def test_one_date_alone_gets_the_f_distribution():
    y = np.random.default_rng(4).normal(size=40)
    found = breaks.f_break(y, np.ones((40, 1)), trim=0.5)
    early, late = y[:20], y[20:]
    within = ((early - early.mean()) ** 2).sum() + ((late - late.mean()) ** 2).sum()
    t_squared = (early.mean() - late.mean()) ** 2 / (within / 38 * (2 / 20))
    assert found.before.tolist() == [20]
    assert found.sup[0] == pytest.approx(t_squared, rel=1e-10)
    from scipy.stats import t

    assert found.sup_p[0] == pytest.approx(2 * t.sf(np.sqrt(t_squared), 38), rel=1e-9)


def test_white_noise_is_rejected_about_one_time_in_twenty():
    y = np.random.default_rng(5).normal(size=(2000, 120))
    found = breaks.f_break(y, np.ones((120, 1)))
    # Two and a half Monte-Carlo standard errors are 1.2 points.
    for p in (found.sup_p, found.ave_p, found.exp_p):
        assert 0.038 <= (p < 0.05).mean() <= 0.062


def test_a_larger_statistic_never_has_a_larger_p():
    statistics = np.linspace(0, 300, 3001)
    for columns in (1, 2, 3, 8, 40):
        for trimming in (0.005, 0.15, 0.22, 0.485, 0.495):
            for test in ("sup", "ave", "exp"):
                p = hansen_p(statistics, test, columns=columns, trimming=trimming)
                assert (np.diff(p) <= 1e-15).all()
                assert p[0] > 0.5
                assert p[-1] < 1e-3


def test_more_than_forty_columns_are_refused():
    with pytest.raises(FitError, match="41 coefficients may change; p-values go up to 40"):
        hansen_p(np.array([1.0]), "sup", columns=41, trimming=0.15)


def test_too_few_periods_are_refused():
    with pytest.raises(FitError, match="6 periods leave no date for a break in 3"):
        breaks.f_break(np.arange(6.0) ** 2, np.vander(np.arange(6.0), 3))


def test_a_constant_series_is_refused():
    with pytest.raises(FitError, match="fits without error"):
        breaks.f_break(np.full(40, 3.0), np.ones((40, 1)))


def test_a_break_without_noise_is_found_and_finite():
    found = breaks.f_break(np.where(np.arange(40) < 25, 1.0, 3.0), np.ones((40, 1)))
    assert found.best[0] == 25
    assert np.isfinite(found.statistics).all()
    assert found.sup_p[0] == 0
    dates = breaks.likely_dates(found.before, found.likelihood_ratios[0])
    assert dates.tolist() == [25]


def test_dates_of_like_likelihood_agree_with_r(boston, from_r):
    y, one, _ = boston
    found = breaks.f_break(y, one)
    dates = breaks.likely_dates(found.before, found.likelihood_ratios[0])
    assert dates.tolist() == from_r["likelihood_set"]["dates"]


def test_arguments_are_not_changed(simulated):
    y, x = simulated
    kept = y.copy(), x.copy()
    breaks.f_break(y, x)
    assert (y == kept[0]).all()
    assert (x == kept[1]).all()
