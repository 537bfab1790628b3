"""Log-likelihoods of fits that have one, so that fits of the same outcomes can be compared."""

from __future__ import annotations

import numpy as np

from evaluation.fitted import Likelihood
from evaluation.its.effects import Fitted, means
from evaluation.its.series import Series
from evaluation.numeric.series.correlation import ar1_matrix

# Methods whose coefficients maximize a likelihood, whatever their errors are.
POISSON = ("poisson", "poisson-hc0", "poisson-hc1", "poisson-year", "newey-west")
NEGATIVE_BINOMIAL = (
    "negative-binomial",
    "negative-binomial-hc0",
    "negative-binomial-hc1",
    "negative-binomial-newey-west",
    "negative-binomial-year",
)
OLS = ("ols", "ols-hc0", "ols-hc1", "ols-hc2", "ols-hc3", "ols-newey-west", "ols-year")
AR1 = "linear-ml-ar1"


def alpha(series: Series, method: str, fitted: Fitted) -> float | None:
    """The alpha of a negative binomial, variance mu + alpha mu^2; None for other methods."""
    if method not in NEGATIVE_BINOMIAL or fitted.dispersion is None:
        return None
    mean = means(series, fitted.link, fitted.beta).fitted[series.kept]
    return (fitted.dispersion - 1) / float(mean.mean())


def likelihood(series: Series, method: str, fitted: Fitted) -> Likelihood | None:
    """The likelihood at its maximum, over the periods kept; None for a method without one.

    That of counts is of the counts, that of least squares of y over the relative exposure, each
    with its constants, as R's `logLik` of `glm`, `glm.nb`, `lm` and `gls(method = "ML")`. Alpha,
    the variance and the correlation count as parameters.
    """
    from scipy.special import gammaln, xlogy

    kept = series.kept
    y, mu = series.y[kept], means(series, fitted.link, fitted.beta).fitted[kept]
    k, n = len(fitted.beta), int(kept.sum())
    if method in POISSON:
        return Likelihood(float((xlogy(y, mu) - mu - gammaln(y + 1)).sum()), k, n)
    if method in NEGATIVE_BINOMIAL:
        size = alpha(series, method, fitted)
        if not size:  # without excess variance the fit is Poisson
            return Likelihood(float((xlogy(y, mu) - mu - gammaln(y + 1)).sum()), k + 1, n)
        r = 1 / size
        terms = gammaln(y + r) - gammaln(r) - gammaln(y + 1)
        terms += xlogy(y, size * mu) - (y + r) * np.log1p(size * mu)
        return Likelihood(float(terms.sum()), k + 1, n)
    if method in OLS or method == AR1:
        scale = series.relative_exposure[kept]
        left, log_det, more = (y - mu) / scale, 0.0, 1
        square = float(left @ left)
        if method == AR1:
            matrix = ar1_matrix(series.time[kept], float(fitted.rho or 0.0))
            square = float(left @ np.linalg.solve(matrix, left))
            log_det, more = float(np.linalg.slogdet(matrix)[1]), 2
        value = -n / 2 * (np.log(2 * np.pi * square / n) + 1) - log_det / 2
        return Likelihood(float(value), k + more, n)
    return None
