"""Ordinary least squares, and the covariances that forgive unequal variances or groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.linear import orthonormal

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


def glm_leverage(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) leverages of a weighted working design, as R's `hatvalues` gives for a glm.

    Parameters
    ----------
    x : (n, k). weights : (n,) working weights: mu for Poisson, mu/(1 + alpha mu) for NB2.
    """
    q, _ = orthonormal(np.sqrt(weights)[:, None] * x)
    return np.asarray((q**2).sum(axis=1))


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
        if (leverage > FULL_LEVERAGE).any():
            row = int(leverage.argmax()) + 1
            raise FitError(
                f"{kind} does not exist: a term of the model belongs to row {row} alone; use HC1"
            )
        scores = scores / ((1 - leverage) ** (0.5 if kind == "HC2" else 1.0))[:, None]
    cov = bread @ (scores.T @ scores) @ bread
    return np.asarray(cov * (n / (n - k)) if kind == "HC1" else cov)


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
    labels, which = np.unique(groups, return_inverse=True)
    count = len(labels)
    if count < 2:
        raise FitError("a cluster-robust error needs at least two groups")
    sums = np.zeros((count, k))
    np.add.at(sums, which, scores)
    cov = bread @ (sums.T @ sums) @ bread
    factor = count / (count - 1) * (n - 1) / (n - k) if kind == "CR1" else 1.0
    return np.asarray(cov * factor)
