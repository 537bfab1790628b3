"""Quantiles of mixtures against scipy's distributions and its root finder."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, t

from evaluation.numeric.series.mixtures import mixture_quantile
from evaluation.numeric.shared.draws import stream, uniforms


@pytest.mark.parametrize("df", [np.inf, 4.0])
def test_of_one_component_is_its_own(df: float) -> None:
    law = norm if np.isinf(df) else t(df)
    one = mixture_quantile(0.975, np.ones((1, 1)), np.full((1, 1), 2.0), np.full((1, 1), 3.0), df)
    assert one[0] == pytest.approx(2 + 3 * law.ppf(0.975), abs=1e-12)


@pytest.mark.parametrize("df", [np.inf, 3.5, 120.0])
@pytest.mark.parametrize("share", [0.025, 0.6, 0.975])
def test_of_many_components_is_the_root(df: float, share: float) -> None:
    """Among them two narrow ones far apart, between which the density is all but nought."""
    source = stream(9, "mixtures/test")
    weight = uniforms(source, 80).reshape(20, 4) + 0.02
    weight /= weight.sum(axis=1, keepdims=True)
    center = 10 * uniforms(source, 80).reshape(20, 4)
    scale = 10 ** (4 * uniforms(source, 80).reshape(20, 4) - 3)
    law = norm if np.isinf(df) else t(df)
    found = mixture_quantile(share, weight, center, scale, df)
    for row in range(20):

        def away(x: float, row: int = row) -> float:
            return float(weight[row] @ law.cdf((x - center[row]) / scale[row])) - share

        assert found[row] == pytest.approx(brentq(away, -1e4, 1e4, xtol=1e-12), abs=1e-9)
