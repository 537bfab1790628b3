"""Log-likelihoods and criteria are those of statsmodels and of the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, nbinom

from evaluation import example, its
from evaluation.errors import FitError
from evaluation.numeric.series.correlation import ar1_matrix


def fit(method: str, **given: Any) -> its.Fit:
    asked = {"outcome": "homicides", "time": "month", "start": "1996-06", "method": method}
    return its.fit(example("boston"), **{**asked, **given})


def scattered(method: str) -> its.Fit:
    """Counts that vary more than Poisson's."""
    rng = np.random.default_rng(5)
    frame = example("boston")
    frame["n"] = rng.negative_binomial(4, 0.3, len(frame))
    return its.fit(frame, outcome="n", time="month", start="1996-06", method=method)


def test_poisson_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    found = fit("poisson")
    solved = sm.GLM(found.data.y, found.data.x, family=sm.families.Poisson()).fit(tol=1e-14)
    assert found.log_likelihood == pytest.approx(solved.llf, rel=1e-12)
    assert found.aic == pytest.approx(solved.aic, rel=1e-12)
    k, n = found.data.x.shape[1], found.data.n
    assert found.bic == pytest.approx(k * np.log(n) - 2 * solved.llf, rel=1e-12)
    assert fit("newey-west").likelihood == found.likelihood


def test_least_squares_is_that_of_statsmodels_with_the_variance_counted_as_r_does() -> None:
    import statsmodels.api as sm

    found = fit("ols", exposure="population_bm")
    rate = found.data.y / found.data.relative_exposure
    solved = sm.OLS(rate, found.data.x).fit()
    # For counts the exposure is used, so the model is one of rates.
    assert found.log_likelihood == pytest.approx(solved.llf, rel=1e-12)
    assert found.aic == pytest.approx(solved.aic + 2, rel=1e-12)


def test_negative_binomial_has_the_alpha_of_the_maximum() -> None:
    found = scattered("negative-binomial")
    assert found.alpha is not None and found.alpha > 0.05
    mean = np.exp(found.data.x @ found.params.to_numpy())

    def log_likelihood(alpha: float) -> float:
        size = 1 / alpha
        return float(nbinom(size, size / (size + mean)).logpmf(found.data.y).sum())

    best = log_likelihood(found.alpha)
    assert found.log_likelihood == pytest.approx(best, rel=1e-12)
    assert found.likelihood is not None and found.likelihood.parameters == len(found.params) + 1
    assert max(log_likelihood(found.alpha * other) for other in (0.999, 1.001)) < best
    assert "alpha of the negative binomial" in found.summary()


def test_without_excess_variance_the_negative_binomial_is_poisson() -> None:
    found = fit("negative-binomial")
    assert found.alpha == 0
    assert found.log_likelihood == pytest.approx(fit("poisson").log_likelihood, rel=1e-9)


def test_autoregressive_errors_have_the_density_of_the_normal() -> None:
    found = fit("linear-ml-ar1")
    data, rho = found.data, found.effect.rho
    assert rho is not None
    left = data.y - data.x @ found.params.to_numpy()
    matrix = ar1_matrix(data.time, rho)
    square = float(left @ np.linalg.solve(matrix, left)) / data.n
    density = multivariate_normal(np.zeros(data.n), square * matrix).logpdf(left)
    assert found.log_likelihood == pytest.approx(density, rel=1e-9)


@pytest.mark.parametrize("method", ["averaged-reml", "quasi-poisson", "structural"])
def test_a_method_without_a_likelihood_says_so(method: str) -> None:
    found = fit(method)
    with pytest.raises(FitError, match="has no likelihood"):
        _ = found.aic
