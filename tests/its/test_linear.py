"""Linear segmented regression against R."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.its import Series


def test_newey_west_agrees_with_sandwich(series, from_r):
    rates = Series.from_arrays(series.y / series.relative_exposure, start=66, kind="continuous")
    effect = its.estimate(rates, "ols-newey-west")
    assert effect.params.to_numpy() == pytest.approx(from_r["ols_newey_west"]["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(from_r["ols_newey_west"]["se"], rel=1e-6)


def test_prais_winsten_agrees_with_the_transformation_by_hand_in_r(series, from_r):
    effect, expected = its.estimate(series, "prais-winsten"), from_r["prais_winsten"]
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=1e-6)
    assert effect.rho == pytest.approx(expected["rho"], rel=1e-6)


def test_percent_of_a_linear_model_is_the_ratio_of_totals(series):
    effect = its.estimate(series, "prais-winsten")
    settled = series.settled
    fitted, expected = effect.fitted, effect.counterfactual["expected"].to_numpy()
    ratio = fitted[settled].sum() / expected[settled].sum() - 1
    assert effect.percent.estimate == pytest.approx(100 * ratio, rel=1e-9)


def test_count_methods_refuse_a_continuous_outcome():
    series = Series.from_arrays(np.linspace(1, 2, 60) ** 2, start=30, kind="continuous")
    with pytest.raises(its.FitError, match="not for a continuous outcome"):
        its.estimate(series, "newey-west")
