"""Series of counts with known truth: what coverage and power are measured on."""

from __future__ import annotations

import numpy as np

from evaluation.numeric.shared.draws import (
    BitGenerator,
    nearly_poisson_counts,
    normals,
    overdispersed_counts,
    shared_counts,
    uniforms,
)

# The negative binomial this close to its limit is the Poisson, to nine digits.
POISSON_LIMIT = 1e-6
# Counts above this are drawn as rounded normals: the sum of probabilities would be slow.
LARGE_MEAN = 600.0


def copula_counts(
    mean: np.ndarray, *, alpha: float, rho: float, source: BitGenerator, draws: int
) -> np.ndarray:
    """(R, n) counts that are themselves autocorrelated, with NB2 variance mean + alpha mean^2.

    A Gaussian AR(1) of correlation rho is turned into uniforms and these into counts by the
    quantile function of each month (Gaussian copula); the lag-1 correlation of the counts is
    somewhat below rho.

    Parameters
    ----------
    mean : (n,) or (R, n). alpha : at least 0; 0 is the Poisson. draws : R.
    """
    from scipy.special import ndtr

    path = _autoregression(source, draws, mean.shape[-1], rho)
    return counts(ndtr(path), mean, alpha)


def latent_counts(
    mean: np.ndarray, *, alpha: float, rho: float, source: BitGenerator, draws: int
) -> np.ndarray:
    """(R, n) Poisson counts about a rate that is itself autocorrelated.

    The rate is mean times a log-normal AR(1) with expectation 1 and variance alpha, so that all
    excess variance persists and none is counting noise.

    Parameters
    ----------
    mean : (n,) or (R, n). alpha : at least 0. draws : R.
    """
    variance = np.log1p(alpha)
    path = _autoregression(source, draws, mean.shape[-1], rho) * np.sqrt(variance)
    rate = mean * np.exp(path - variance / 2)
    return counts(uniforms(source, rate.size).reshape(rate.shape), rate, 0.0)


def counts(u: np.ndarray, mean: np.ndarray, alpha: float) -> np.ndarray:
    """(...) NB2 counts by inversion at uniforms `u`; rounded normals where the mean is large.

    Parameters
    ----------
    mean : (...), or (n,) for all of u (R, n).
    """
    from scipy.special import ndtri

    dispersion = 1 + np.maximum(alpha * mean, POISSON_LIMIT)
    drawn = np.maximum(np.rint(mean + np.sqrt(dispersion * mean) * ndtri(u)), 0)
    small = (mean < LARGE_MEAN) & (mean > 0)
    if mean.ndim < u.ndim:
        drawn[:, small] = shared_counts(u[:, small], mean[small], dispersion[small])
    else:
        draw = nearly_poisson_counts if alpha == 0 else overdispersed_counts
        drawn[small] = draw(u[small], mean[small], dispersion[small])
    return np.asarray(drawn)


def _autoregression(source: BitGenerator, draws: int, n: int, rho: float) -> np.ndarray:
    """(R, n) stationary Gaussian first-order autoregressions of variance 1."""
    path = normals(source, draws * n).reshape(draws, n)
    for t in range(1, n):
        path[:, t] = rho * path[:, t - 1] + np.sqrt(1 - rho**2) * path[:, t]
    return path
