"""REML AR(1) against R's nlme::gls."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import Series

# nlme stops at a relative change of about 1e-7 in rho, and errors follow rho to first order.
AR1_TOLERANCE = 1e-5


def test_linear_agrees_with_gls(series, from_r):
    expected = from_r["gls_reml"]
    effect = its.estimate(series, "linear-reml-ar1")
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=AR1_TOLERANCE)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=AR1_TOLERANCE)
    assert effect.rho == pytest.approx(expected["rho"], rel=AR1_TOLERANCE)


def test_maximum_likelihood_agrees_with_gls(series, from_r):
    effect, expected = its.estimate(series, "linear-ml-ar1"), from_r["gls_ml"]
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=AR1_TOLERANCE)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=AR1_TOLERANCE)
    # at rho near nought nlme stops 5e-6 from where the slope of the likelihood vanishes
    assert effect.rho == pytest.approx(expected["rho"], abs=1e-5)


def test_satterthwaite_agrees_with_differences_of_the_likelihood_in_r(series, from_r):
    effect = its.estimate(series, "linear-reml-ar1")
    # second differences with a step of 1e-3 leave an error of about 1e-4
    assert effect.terms[-1].df == pytest.approx(from_r["satterthwaite_linear"]["df"], rel=1e-3)


def test_poisson_agrees_with_gls_at_its_fixed_point(series, from_r):
    expected = from_r["poisson_reml"]
    effect = its.estimate(series, "poisson-reml-ar1")
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=AR1_TOLERANCE)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=AR1_TOLERANCE)
    assert effect.dispersion == pytest.approx(expected["sigma2"], rel=AR1_TOLERANCE)
    assert effect.rho == pytest.approx(expected["rho"], rel=1e-4)


def test_counting_the_outcome_in_hundreds_changes_only_the_unit(series):
    def fitted(y):
        return its.estimate(Series.from_arrays(y, start=66, kind="continuous"), "linear-reml-ar1")

    one, hundred = fitted(series.y), fitted(series.y / 100)
    assert hundred.estimate == pytest.approx(one.estimate / 100, rel=1e-7)
    assert hundred.df == pytest.approx(one.df, rel=1e-5)
    assert hundred.percent.low == pytest.approx(one.percent.low, rel=1e-6)


def test_a_series_fitted_exactly_is_refused():
    line = np.arange(60) * 0.5 + 3
    with pytest.raises(FitError, match="exactly"):
        its.estimate(Series.from_arrays(line, start=30, kind="continuous"), "linear-reml-ar1")


def test_degrees_of_freedom_stay_between_two_and_all(series):
    terms = its.estimate(series, "poisson-reml-ar1").terms
    assert all(2 <= term.df <= series.n - len(terms) for term in terms)
