"""Many errors of one fit, against R."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.errors import FitError
from evaluation.its import Series
from evaluation.numeric.shared.glm import negative_binomial

NB_TOLERANCE = 1e-5  # glm.nb alternates between beta and theta and stops a little early


def test_agrees_with_glm_nb(series, from_r):
    effect, expected = its.estimate(series, "negative-binomial"), from_r["nb"]
    assert effect.params.to_numpy() == pytest.approx(expected["coef"], rel=NB_TOLERANCE)
    assert effect.se.to_numpy() == pytest.approx(expected["se"], rel=NB_TOLERANCE)


def test_alpha_is_one_over_theta(series, from_r):
    fitted = negative_binomial(series.y, series.x, series.log_offset)
    assert 1 / fitted.alpha == pytest.approx(from_r["nb"]["theta"], rel=NB_TOLERANCE)
    assert fitted.max_score < 1e-6


def test_without_excess_variance_it_is_poisson_and_says_so():
    y = np.tile([4.0, 5.0, 4.0, 5.0, 5.0, 4.0], 12)
    series = Series.from_arrays(y, start=36)
    effect = its.estimate(series, "negative-binomial")
    assert effect.estimate == pytest.approx(its.estimate(series, "poisson").estimate, rel=1e-9)
    assert any("alpha is 0" in str(note) for note in effect.notes)


def test_least_squares_newey_west_agrees_with_sandwich(series, from_r):
    effect = its.estimate(series, "ols-newey-west")
    assert effect.params.to_numpy() == pytest.approx(from_r["ols_newey_west"]["coef"], rel=1e-6)
    assert effect.se.to_numpy() == pytest.approx(from_r["ols_newey_west"]["se"], rel=1e-6)


@pytest.mark.parametrize("kind", ["HC0", "HC1", "HC2", "HC3"])
def test_least_squares_agrees_with_vcov_hc(series, from_r, kind):
    effect = its.estimate(series, f"ols-{kind.lower()}")
    assert effect.se.to_numpy() == pytest.approx(from_r["ols_hc"][kind], rel=1e-6)


@pytest.mark.parametrize("family", ["poisson", "negative-binomial"])
@pytest.mark.parametrize("kind", ["HC0", "HC1"])
def test_count_models_agree_with_vcov_hc(series, from_r, family, kind):
    effect = its.estimate(series, f"{family}-{kind.lower()}")
    expected = from_r[f"{family.replace('-', '_')}_hc"][kind]
    assert effect.se.to_numpy() == pytest.approx(expected, rel=NB_TOLERANCE)


@pytest.mark.parametrize("family", ["ols", "poisson", "negative-binomial"])
def test_clustering_by_year_agrees_with_vcov_cl(series, from_r, family):
    effect = its.estimate(series, f"{family}-year")
    assert effect.se.to_numpy() == pytest.approx(
        from_r["year"][family.replace("-", "_")], rel=NB_TOLERANCE
    )
    assert effect.df == 9


def test_negative_binomial_newey_west_agrees_with_sandwich(series, from_r):
    effect = its.estimate(series, "negative-binomial-newey-west")
    assert effect.se.to_numpy() == pytest.approx(from_r["nb_newey_west"]["se"], rel=NB_TOLERANCE)


def test_the_lag_of_newey_west_can_be_given(series, from_r):
    effect = its.estimate(series, "newey-west", options={"lag": 9})
    assert effect.se.to_numpy() == pytest.approx(from_r["newey_west_9"]["se"], rel=1e-6)
    assert tuple(map(str, effect.notes)) == ("lag 9",)


@pytest.mark.parametrize(("method", "setting"), [("newey-west", "lags"), ("poisson", "lag")])
def test_a_setting_that_a_method_does_not_have_is_refused(series, method, setting):
    with pytest.raises(FitError, match=f"no setting '{setting}'"):
        its.estimate(series, method, options={setting: 3})


def test_a_lag_longer_than_the_series_is_refused(series):
    with pytest.raises(FitError, match="does not fit"):
        its.estimate(series, "newey-west", options={"lag": 500})
