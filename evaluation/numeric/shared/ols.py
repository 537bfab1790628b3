"""Ordinary least squares, and the covariances that forgive unequal variances or groups.

Covariances that allow for autocorrelation, and the lag correlations behind them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import orthonormal

Kind = Literal["HC0", "HC1", "HC2", "HC3"]
Grouped = Literal["CR0", "CR1"]

# A row with a leverage this near to one is fitted whatever its outcome: its residual says nothing.
FULL_LEVERAGE = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Ols:
    """Least squares of one response.

    Parameters
    ----------
    beta : (k,). bread : (k, k), (X'X)^-1. residuals : (n,). scores : (n, k), residual times row.
    leverage : (n,), diagonal of the hat matrix. df : n - k. sigma2 : residual sum of squares over
        n - k; `sigma2 * bread` is the classical covariance.
    """

    beta: np.ndarray
    bread: np.ndarray
    residuals: np.ndarray
    scores: np.ndarray
    leverage: np.ndarray
    df: int
    sigma2: float


def ols(y: np.ndarray, x: np.ndarray) -> Ols:
    """Least squares with all that a covariance needs.

    Parameters
    ----------
    y : (n,). x : (n, k).

    Raises
    ------
    FitError : when the design is singular or has no fewer columns than rows.
    """
    q, triangle = orthonormal(x)
    inverse = np.linalg.inv(triangle)
    beta = inverse @ (q.T @ y)
    residuals = y - x @ beta
    df = len(y) - x.shape[1]
    return Ols(
        beta=beta,
        bread=inverse @ inverse.T,
        residuals=residuals,
        scores=residuals[:, None] * x,
        leverage=(q**2).sum(axis=1),
        df=df,
        sigma2=float(residuals @ residuals) / df,
    )


def heteroskedastic(
    scores: np.ndarray,
    bread: np.ndarray,
    *,
    kind: Kind = "HC1",
    leverage: np.ndarray | None = None,
) -> np.ndarray:
    """(k, k) covariance that allows every period its own variance, but no correlation.

    bread S'S bread, with the rows of S as they are (HC0; White 1980), times n/(n - k) (HC1),
    divided by sqrt(1 - h) (HC2) or by 1 - h (HC3; MacKinnon and White 1985). Equals
    `sandwich::vcovHC` of an lm, a Poisson glm and a `MASS::glm.nb`; HC0 is `sandwich::sandwich`.
    Intervals are t(n - k).

    Parameters
    ----------
    scores : (n, k), a row of the estimating equations a period: (y - fit) x for least squares,
        (y - mu) x for Poisson, (y - mu)/(1 + alpha mu) x for NB2.
    bread : (k, k), inverse of the (expected) information with dispersion 1: (X'X)^-1 for least
        squares, the model covariance for a count model.
    leverage : (n,), needed by HC2 and HC3.

    Raises
    ------
    FitError : for HC2 or HC3 when a row has a leverage of one.
    """
    n, k = scores.shape
    if kind in ("HC2", "HC3"):
        if leverage is None:
            raise ValueError(f"{kind} needs the leverages")
        refuse_full_leverage(leverage, kind)
        scores = scores / ((1 - leverage) ** (0.5 if kind == "HC2" else 1.0))[:, None]
    cov = bread @ (scores.T @ scores) @ bread
    return np.asarray(cov * (n / (n - k)) if kind == "HC1" else cov)


def refuse_full_leverage(leverage: np.ndarray, kind: Kind) -> None:
    """Nothing, when no row has a leverage of one, which `kind` ("HC2", "HC3") divides by.

    Raises
    ------
    FitError : naming the row.
    """
    if (leverage > FULL_LEVERAGE).any():
        row = int(leverage.argmax()) + 1
        raise FitError(fact("numeric.ols.does-not-exist-term-model", kind=kind, row=row))


def refuse_one_group(groups: np.ndarray) -> int:
    """How many groups there are.

    Raises
    ------
    FitError : when there is only one.
    """
    count = len(np.unique(groups))
    if count < 2:
        raise FitError(fact("numeric.ols.cluster-robust-error-needs-least"))
    return count


def clustered(
    scores: np.ndarray, bread: np.ndarray, groups: np.ndarray, *, kind: Grouped = "CR1"
) -> np.ndarray:
    """(k, k) covariance that allows any correlation within a group and none between.

    Scores are summed within groups (Liang and Zeger 1986). CR0 has no factor: that is
    `sandwich::vcovCL(type = "HC0", cadjust = FALSE)`. CR1 has G/(G - 1) (n - 1)/(n - k):
    `sandwich::vcovCL(type = "HC1")`, its default for an lm, and Stata's `vce(cluster)` after
    `regress`. k counts every column of the design, unit effects among them when they are columns.
    Intervals are t(G - 1); with few groups they are far too narrow whatever the factor.

    Parameters
    ----------
    scores, bread : as for `heteroskedastic`. groups : (n,) labels.

    Raises
    ------
    FitError : when there is only one group.
    """
    n, k = scores.shape
    count = refuse_one_group(groups)
    which = np.unique(groups, return_inverse=True)[1]
    sums = np.zeros((count, k))
    np.add.at(sums, which, scores)
    cov = bread @ (sums.T @ sums) @ bread
    factor = count / (count - 1) * (n - 1) / (n - k) if kind == "CR1" else 1.0
    return np.asarray(cov * factor)


# The correlation found by inverting its expectation is searched up to here.
RHO_SEARCH = 0.98


def newey_west_lag(n: int) -> int:
    """Lag by rule of thumb, floor(4 (n/100)^(2/9)) (Newey and West 1994)."""
    return int(4 * (n / 100) ** (2 / 9))


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

    from evaluation.numeric.series.correlation import ar1_matrix

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
