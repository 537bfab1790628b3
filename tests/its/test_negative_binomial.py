"""NB2 against R's MASS::glm.nb."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation import its
from evaluation.its import Series
from evaluation.numeric.glm import negative_binomial

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
    assert any("alpha is 0" in note for note in effect.notes)
