"""Tests of what a fit leaves over."""

from __future__ import annotations

import numpy as np

from evaluation.numeric.correlation import ar1_matrix


def autocorrelations(residuals: np.ndarray, lags: int) -> np.ndarray:
    """(lags,) autocorrelations about the mean, each over the whole sum of squares."""
    centered = residuals - residuals.mean()
    square = centered @ centered
    return np.array([centered[j:] @ centered[:-j] / square for j in range(1, lags + 1)])


def ljung_box(residuals: np.ndarray, lags: int) -> tuple[float, float]:
    """Ljung and Box's (1978) Q over `lags` lags and its chi-squared p (`Box.test` in R)."""
    from scipy.special import chdtrc

    n = len(residuals)
    r = autocorrelations(residuals, lags)
    q = n * (n + 2) * float((r**2 / (n - np.arange(1, lags + 1))).sum())
    return q, float(chdtrc(lags, q))


def breusch_godfrey(residuals: np.ndarray, x: np.ndarray, lags: int) -> tuple[float, float]:
    """Breusch and Godfrey's (1978) n R^2 of residuals on the design and their own lags, with
    lags before the first period set to 0, and its chi-squared p (`lmtest::bgtest`).

    Parameters
    ----------
    residuals : (n,). x : (n, k), the working design for a weighted fit.
    """
    from scipy.special import chdtrc

    n = len(residuals)
    lagged = np.column_stack(
        [np.concatenate([np.zeros(j), residuals[:-j]]) for j in range(1, lags + 1)]
    )
    q = np.linalg.qr(np.column_stack([x, lagged]))[0]
    explained = float(((q.T @ residuals) ** 2).sum() / (residuals**2).sum())
    return n * explained, float(chdtrc(lags, n * explained))


def innovations(residuals: np.ndarray, time: np.ndarray, rho: float, nugget: float) -> np.ndarray:
    """(n,) residuals with a correlation of (1 - nugget) AR1(rho) + nugget I taken out."""
    r = (1 - nugget) * ar1_matrix(time, rho) + nugget * np.eye(len(time))
    return np.asarray(np.linalg.solve(np.linalg.cholesky(r), residuals))
