"""Poisson regression on the last outcome against R's glm (tests/reference/lagged_poisson.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import METHODS, Series

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def from_glm() -> dict[str, dict[str, Any]]:
    return json.loads((REFERENCE / "lagged_poisson.json").read_text())


@pytest.mark.parametrize(
    ("name", "options", "changes"),
    [
        ("log", {}, {}),
        ("count", {"lag": "count"}, {}),
        ("washout", {"lag": "log"}, {"washout": 3}),
    ],
)
def test_agrees_with_quasipoisson_glm_in_r(series, from_glm, name, options, changes):
    # glm(y ~ 0 + X + lag + level + offset(log(pop)), quasipoisson, subset = time > 1)
    effect = its.estimate(series.specified(**changes), "lagged-poisson", options=options)
    expected = from_glm[name]
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=1e-6)
    assert effect.dispersion == pytest.approx(expected["dispersion"], rel=1e-6)
    assert effect.df == expected["df"]
    assert effect.low == pytest.approx(expected["low"], rel=1e-6)
    assert effect.p_value == pytest.approx(expected["p"], rel=1e-6)


def carried(seed: int, share: float, level: float, n: int = 240) -> Series:
    """Counts with log mean 1.2 + share log(y_before + 1) + level after the start."""
    rng = np.random.default_rng(seed)
    y = [10.0]
    for t in range(1, n):
        y.append(rng.poisson(np.exp(1.2 + share * np.log(y[-1] + 1) + level * (t >= n // 2))))
    return Series.from_arrays(y, start=n // 2).specified(trend="none", season="none")


def test_recovers_what_carries_over_and_the_short_run_level():
    effects = [its.estimate(carried(seed, 0.5, -0.2), "lagged-poisson") for seed in range(40)]
    shares = np.array([effect.params["log(outcome before + 1)"] for effect in effects])
    levels = np.array([effect.estimate for effect in effects])
    # Three Monte-Carlo errors, and the bias of a lag's coefficient, of order -(1 + 3 c)/n.
    assert abs(shares.mean() - 0.5) < 3 * shares.std() / np.sqrt(40) + 2.5 / 240
    assert abs(levels.mean() + 0.2) < 3 * levels.std() / np.sqrt(40) + 2.5 / 240


def test_note_gives_the_change_once_it_has_worked_through():
    effect = its.estimate(carried(3, 0.5, -0.2), "lagged-poisson")
    share = effect.params["log(outcome before + 1)"]
    percent = 100 * np.expm1(effect.estimate / (1 - share))
    assert abs(percent) > abs(effect.percent.estimate)
    assert f"{percent:.1f} %" in str(effect.notes[0])


def test_first_period_of_every_site_is_left_out(series):
    twice = series.joined([series])
    effect = its.estimate(twice, "lagged-poisson")
    assert effect.n == twice.n - 2
    assert its.estimate(series, "lagged-poisson").path[0].phase == "left out"
    # The lag of the second site's second period is its own first period, not the first site's last.
    single = its.estimate(series, "lagged-poisson")
    assert effect.params["level"] == pytest.approx(single.params["level"], rel=1e-6)


def test_counterfactual_takes_the_history_as_it_was(series):
    effect = its.estimate(series, "lagged-poisson")
    after = series.settled
    ratio = effect.fitted / effect.counterfactual["expected"].to_numpy()
    assert ratio[after] == pytest.approx(np.exp(effect.estimate), rel=1e-9)


def test_refuses_to_be_the_headline_when_nothing_fades():
    y = np.round(np.exp(np.linspace(0, 7, 60))) + np.tile([0.0, 1.0], 30)
    series = Series.from_arrays(y, start=30).specified(trend="none", season="none")
    effect = its.estimate(series, "lagged-poisson")
    assert "no steady level" in str(effect.objection)


def test_refuses_another_lag_and_another_setting(series):
    with pytest.raises(FitError, match='"log" or "count"'):
        its.estimate(series, "lagged-poisson", options={"lag": "rate"})
    with pytest.raises(FitError, match="it has lag"):
        its.estimate(series, "lagged-poisson", options={"order": 1})
    with pytest.raises(FitError, match="no coefficients"):
        METHODS["lagged-poisson"].solve(series)
