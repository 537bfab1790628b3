"""Poisson fits against R's glm and sandwich, and Boston's published number."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import Series, Specification


def test_boston_plain_step_gives_the_published_fall(boston, flat):
    """log IRR -1.0161, SE 0.1970, -63.8 %: Poisson step at June 1996 on the data of Piehl and
    others (2003); computed from strucchange's BostonHomicide."""
    effect = its.estimate(boston.specified(trend="none", season="none"), "poisson")
    assert effect.estimate == pytest.approx(-1.0161, abs=1e-4)
    assert effect.std_error == pytest.approx(0.1970, abs=1e-4)
    assert effect.percent.estimate == pytest.approx(-63.8, abs=0.05)


def test_boston_with_trend_and_month_gives_the_known_fall(boston):
    """-67.2 %, SE .270 with trend and month dummies (project literature file, section 8)."""
    effect = its.estimate(boston.specified(season="periods"), "poisson")
    assert effect.percent.estimate == pytest.approx(-67.2, abs=0.05)
    assert effect.std_error == pytest.approx(0.270, abs=5e-4)


def test_poisson_agrees_with_glm(series, from_r):
    effect = its.estimate(series, "poisson")
    assert effect.params.to_numpy() == pytest.approx(from_r["poisson"]["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(from_r["poisson"]["se"], rel=1e-6)


def test_quasi_poisson_agrees_with_glm(series, from_r):
    effect = its.estimate(series, "quasi-poisson")
    assert effect.se.to_numpy() == pytest.approx(from_r["quasi"]["se"], rel=1e-6)
    assert effect.dispersion == pytest.approx(from_r["poisson"]["pearson"], rel=1e-6)


def test_newey_west_agrees_with_sandwich(series, from_r):
    effect = its.estimate(series, "newey-west")
    assert effect.se.to_numpy() == pytest.approx(from_r["newey_west"]["se"], rel=1e-6)


def test_ar1_sandwich_agrees_with_its_formulas_in_r(series, from_r):
    effect, expected = its.estimate(series, "quasi-poisson-ar1"), from_r["ar1_sandwich"]
    found = [effect.rho, effect.dispersion, effect.std_error, effect.df]
    assert found == pytest.approx([expected[k] for k in ("rho", "phi", "se", "df")], rel=1e-6)


def test_no_finite_estimate_is_refused_not_reported():
    y = np.full(60, 2.0)
    y[:30:7] = 3
    covariate = np.zeros(60)
    covariate[10] = 1
    y[10] = 0  # the dummy of this month wants minus infinity
    series = Series.from_arrays(
        y,
        start=30,
        specification=Specification(covariates=("strike",)),
        covariates={"strike": covariate},
    )
    with pytest.raises(FitError, match="no finite estimate"):
        its.estimate(series, "poisson")
