"""Quasi-differenced segmented regression against R."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import Series


@pytest.mark.parametrize(
    "name",
    [
        "prais-winsten",
        "prais-winsten-two-step",
        "cochrane-orcutt",
        "cochrane-orcutt-two-step",
    ],
)
def test_agrees_with_the_transformation_by_hand_in_r(series, from_r, name):
    effect, expected = its.estimate(series, name), from_r[name.replace("-", "_")]
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=1e-6)
    assert effect.rho == pytest.approx(expected["rho"], rel=1e-6)


def test_cochrane_orcutt_drops_the_first_period_of_every_run(series):
    """A washout cuts the series in two runs: two rows fewer, so two degrees of freedom fewer."""
    whole, cut = (
        its.estimate(one, "cochrane-orcutt").df for one in (series, series.specified(washout=3))
    )
    assert (whole, cut) == (119 - 7, 120 - 3 - 2 - 7)


def test_percent_of_a_linear_model_is_the_ratio_of_totals(series):
    effect = its.estimate(series, "prais-winsten")
    settled = series.settled
    fitted, expected = effect.fitted, effect.counterfactual["expected"].to_numpy()
    ratio = fitted[settled].sum() / expected[settled].sum() - 1
    assert effect.percent.estimate == pytest.approx(100 * ratio, rel=1e-9)


def test_count_methods_refuse_a_continuous_outcome():
    series = Series.from_arrays(np.linspace(1, 2, 60) ** 2, start=30, kind="continuous")
    with pytest.raises(FitError, match="not for a continuous outcome"):
        its.estimate(series, "newey-west")
