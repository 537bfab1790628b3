"""The range of a single number without the intervention: what it is made of, and what it holds."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from benchmarks.new_observations import coverage
from evaluation import example, its
from evaluation.its import METHODS, Series
from evaluation.its.new_observations import error_of_a_period, with_ranges

ASKED = {"outcome": "homicides", "time": "month", "start": "1996-06"}


def ranged(series: Series, name: str, **options: object) -> np.ndarray:
    """(periods after, 4) ends of the mean and of a new number."""
    method = METHODS[name].set_to(options)
    path = with_ranges(series, method, method.fit(series)).path[series.start :]
    return np.array([(one.low, one.high, one.new_low, one.new_high) for one in path], dtype=float)


@pytest.mark.parametrize("name", list(METHODS))
def test_every_method_has_a_range_wider_than_that_of_the_mean(name: str) -> None:
    options = {"order": (1, 0, 0)} if name == "arima" else {}
    fit = its.fit(example("boston"), **ASKED, method=name, options=options)  # type: ignore[arg-type]
    table = fit.to_frame("path")
    after = table.index >= fit.data.start
    assert table.loc[~after, ["new.low", "new.high"]].isna().all(axis=None)
    new, mean = table.loc[after, ["new.low", "new.high"]], table.loc[after, ["low", "high"]]
    assert (new["new.high"] > mean["high"]).all()
    assert (new["new.low"] <= mean["low"].clip(lower=0)).all()
    assert (new["new.low"] >= 0).all()


def test_of_least_squares_it_is_the_prediction_interval_of_statsmodels() -> None:
    table = example("boston")
    y = table["homicides"].to_numpy(dtype=float) + 30
    series = Series.from_arrays(
        y, start=53, kind="continuous", specification=its.Specification(season="none")
    )
    expected = sm.OLS(y, series.x).fit().get_prediction(series.baseline[53:])
    found = ranged(series, "ols")[:, 2:]
    np.testing.assert_allclose(found, expected.conf_int(obs=True, alpha=0.05), rtol=1e-9)


def test_the_error_of_a_period_is_that_of_its_law() -> None:
    """With the true correlation the formula is free of bias: its mean over series is right."""
    rho, found = 0.6, []
    rng = np.random.Generator(np.random.PCG64(4))
    for _ in range(300):
        error = np.empty(60)
        error[0] = rng.normal()
        for t in range(1, 60):
            error[t] = rho * error[t - 1] + np.sqrt(1 - rho**2) * rng.normal()
        series = Series.from_arrays(10 + error, start=40, kind="continuous")
        fitted = METHODS["linear-ml-ar1"].solved(series)
        fitted = its.effects.Fitted("identity", fitted.beta, fitted.judge, rho=rho)
        found.append(error_of_a_period(series, fitted)[0] ** 2)
    assert abs(np.mean(found) - 1) < 4 * np.std(found) / np.sqrt(300)


def test_errors_of_a_random_walk_add_up_from_the_start() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    walk = 50 + np.cumsum(rng.normal(size=120))
    series = Series.from_arrays(
        walk, start=80, kind="continuous", specification=its.Specification(season="none")
    )
    noise = METHODS["arima"].set_to({"order": (0, 1, 0)}).solved(series).noise
    assert noise is not None
    np.testing.assert_allclose(noise[80:] ** 2 / noise[80] ** 2, np.arange(1, 41), rtol=1e-9)


def test_two_sites_are_added_up() -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    one, other = (
        Series.from_arrays(rng.poisson(20, 96).astype(float), start=60, name=name)
        for name in ("A", "B")
    )
    both = one.joined(other)
    path = with_ranges(both, METHODS["poisson"], METHODS["poisson"].fit(both)).path
    held = [float(one.new_high or 0) - float(one.new_low or 0) for one in path[60:]]
    # Of a count of 40: 3.9 root 40, about 25, and a little for the mean.
    assert 22 < np.mean(held) < 32


def test_the_evidence_of_a_study_has_no_such_range() -> None:
    """Committed results keep their bytes: only a notebook has it."""
    fit = its.fit(example("boston"), **ASKED, method="poisson")  # type: ignore[arg-type]
    effect = METHODS["poisson"].fit(fit.data)
    assert all(point.new_low is None for point in effect.path)


@pytest.mark.parametrize(
    ("world", "method"),
    [("mean 8, alpha .1, rho .4", "learned"), ("rho .4", "linear-reml-ar1")],
)
def test_it_holds_what_was_not_fitted(world: str, method: str) -> None:
    """40 series of 32 numbers each; new_observations.md has more of both."""
    found = coverage(world, method, 40)
    assert found.refused == 0 and 91 <= found.percent <= 99.5
