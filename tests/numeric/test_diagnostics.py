"""Residual tests against R and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.its import METHODS, Series
from evaluation.numeric import diagnostics

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "its.json").read_text())["tests"]


@pytest.fixture(scope="module")
def series():
    rows = np.loadtxt(REFERENCE / "its_series.csv", delimiter=",", skiprows=1)
    return Series.from_arrays(rows[:, 0], exposure=rows[:, 1], start=66)


def test_ljung_box_agrees_with_r(series, expected):
    fitted = METHODS["poisson"].fit(series).fitted
    statistic, p = diagnostics.ljung_box((series.y - fitted) / np.sqrt(fitted), 12)
    assert statistic == pytest.approx(expected["ljung_box"], rel=1e-6)
    assert p == pytest.approx(expected["ljung_box_p"], rel=1e-6)


def test_breusch_godfrey_agrees_with_r(series, expected):
    rate = series.y / series.relative_exposure
    residuals = rate - series.x @ np.linalg.lstsq(series.x, rate, rcond=None)[0]
    statistic, p = diagnostics.breusch_godfrey(residuals, series.x, 12)
    assert statistic == pytest.approx(expected["breusch_godfrey"], rel=1e-6)
    assert p == pytest.approx(expected["breusch_godfrey_p"], rel=1e-6)


def test_innovations_of_ar1_errors_are_white():
    rng = np.random.default_rng(1)
    errors = np.zeros(4000)
    for t in range(1, 4000):
        errors[t] = 0.6 * errors[t - 1] + rng.normal()
    white = diagnostics.innovations(errors[100:1100], np.arange(1000), 0.6, 0.0)
    assert abs(diagnostics.autocorrelations(white, 1)[0]) < 0.1
    assert diagnostics.autocorrelations(errors, 1)[0] > 0.5
