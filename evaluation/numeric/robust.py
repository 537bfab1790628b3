"""Covariances that allow for autocorrelation, and the lag correlations behind them."""

from __future__ import annotations

import numpy as np

# The correlation found by inverting its expectation is searched up to here.
RHO_SEARCH = 0.98


def newey_west_lag(n: int) -> int:
    """Lag by rule of thumb, floor(4 (n/100)^(2/9)) (Newey and West 1994)."""
    return int(4 * (n / 100) ** (2 / 9))


def newey_west(scores: np.ndarray, bread: np.ndarray, time: np.ndarray, lag: int) -> np.ndarray:
    """(k, k) covariance with Bartlett weights 1 - j/(lag + 1), times n/(n - k); no prewhitening
    (Newey and West 1987; `sandwich::NeweyWest(prewhite = FALSE, adjust = TRUE)`).

    Parameters
    ----------
    scores : (n, k), a row of the estimating equations a period. bread : (k, k), inverse of minus
        their derivative. time : (n,) whole-number times; products are taken over pairs that are
        j periods apart, so a gap drops pairs (Datta and Du 2012).
    """
    n, k = scores.shape
    full = np.zeros((int(time[-1] - time[0]) + 1, k))
    full[time - time[0]] = scores
    meat = full.T @ full
    for j in range(1, min(lag, len(full) - 1) + 1):
        product = full[j:].T @ full[:-j]
        meat += (1 - j / (lag + 1)) * (product + product.T)
    return np.asarray(bread @ meat @ bread * (n / (n - k)))


def lag_one(residuals: np.ndarray, time: np.ndarray) -> float:
    """Lag-1 autocorrelation sum r_t r_(t-1) / sum r_t^2 over neighboring periods."""
    neighbors = np.diff(time) == 1
    return float((residuals[1:] * residuals[:-1])[neighbors].sum() / (residuals**2).sum())


def unbiased_rho(residuals: np.ndarray, x: np.ndarray, time: np.ndarray) -> tuple[float, float]:
    """AR(1) correlation and dispersion with the bias of fitting k coefficients taken out.

    rho solves tr(L M R(rho) M) / tr(M R(rho)) = r1, where M = I - H makes residuals of errors
    and L takes neighboring products; the dispersion is sum r^2 / tr(M R(rho)), not below 1.

    Parameters
    ----------
    residuals : (n,) Pearson residuals. x : (n, k) working design sqrt(mu) x. time : (n,).

    Returns
    -------
    rho in [-0.98, 0.98], dispersion.
    """
    from scipy.optimize import brentq

    from evaluation.numeric.correlation import ar1_matrix

    q = np.linalg.qr(x)[0]
    maker = np.eye(len(x)) - q @ q.T
    lag = (time[:, None] - time[None, :] == 1).astype(float)
    lagged = maker @ lag @ maker
    observed = lag_one(residuals, time)

    def excess(rho: float) -> float:
        r = ar1_matrix(time, rho)
        return float(np.sum(lagged * r) / np.sum(maker * r)) - observed

    low, high = excess(-RHO_SEARCH), excess(RHO_SEARCH)
    if low >= 0:
        rho = -RHO_SEARCH
    elif high <= 0:
        rho = RHO_SEARCH
    else:
        rho = float(brentq(excess, -RHO_SEARCH, RHO_SEARCH, xtol=1e-12))
    spread = float((residuals**2).sum() / np.sum(maker * ar1_matrix(time, rho)))
    return rho, max(spread, 1.0)
