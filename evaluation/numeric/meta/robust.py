"""Errors of a meta-analysis that allow for several effects of one study, site or team.

Weights stay those of the model, however wrong it is about correlation; the error is then found from
how far whole clusters lie from the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.meta.pooled import two_sided

Correction = Literal["CR2", "CR1p", "CR1", "CR0"]


@dataclass(frozen=True, slots=True)
class Robust:
    """Coefficients with clustered errors.

    cov : (p, p). std_error, statistic, df, low, high, p_value : (p,), each t(df). clusters : G.
    """

    cov: np.ndarray
    std_error: np.ndarray
    statistic: np.ndarray
    df: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    clusters: int


def clustered(
    y: np.ndarray,
    variance: np.ndarray,
    x: np.ndarray,
    cluster: np.ndarray,
    *,
    correction: Correction = "CR2",
    level: float = 0.95,
) -> Robust:
    """The generalized least squares fit with a covariance that holds for any correlation within
    clusters.

    - CR0: bread S'S bread (Hedges, Tipton and Johnson 2010, Research Synthesis Methods 1:39-65),
      t(G - 1). CR1: times G/(G - 1), t(G - 1). CR1p: times G/(G - p), t(G - p), which is
      metafor's robust().
    - CR2: residuals of a cluster corrected so that the covariance is unbiased under the model, with
      Satterthwaite degrees of freedom (Tipton 2015, Psychological Methods 20:375-393; Pustejovsky
      and Tipton 2018, Journal of Business and Economic Statistics 36:672-683), which is
      clubSandwich's for fits of metafor. Below 4 degrees of freedom the t is known to be too
      sure.

    Parameters
    ----------
    y : (n,). variance : (n,) or (n, n), of the model: sampling variance plus tau^2. x : (n, p).
    cluster : (n,) of any kind, compared for being equal.

    Raises
    ------
    FitError : for no more clusters than coefficients, or a covariance of the model that links
        clusters.
    """
    from scipy.special import stdtrit

    phi = np.diag(variance) if variance.ndim == 1 else np.asarray(variance, dtype=float)
    codes = np.unique(cluster, return_inverse=True)[1]
    n, p = x.shape
    g = int(codes.max()) + 1
    if g <= p:
        raise FitError(
            fact(
                "numeric.robust.cluster-coefficient-more-clusters-needed",
                g=g,
                g2="s" * (g != 1),
                p=p,
                p2="s" * (p != 1),
            )
        )
    if np.abs(phi[codes[:, None] != codes]).max(initial=0) > 0:
        raise FitError(fact("numeric.robust.model-links-effects-different-clusters"))
    weight = np.linalg.inv(phi)
    bread = np.linalg.inv(x.T @ weight @ x)
    beta = bread @ x.T @ weight @ y
    residual = y - x @ beta
    # (n, p) whose rows, times errors, sum to what moves the coefficients.
    lever = weight @ x @ bread
    adjust = _adjustments(phi, x, bread, codes, g) if correction == "CR2" else {}
    parts = np.empty((g, p))
    # Column j of `through`: how each error of the model enters what cluster j adds, (p, n, G).
    through = np.empty((p, n, g))
    for j in range(g):
        rows = np.flatnonzero(codes == j)
        lens = adjust[j].T @ lever[rows] if correction == "CR2" else lever[rows]
        parts[j] = lens.T @ residual[rows]
        through[:, :, j] = -(lens.T @ x[rows]) @ lever.T
        through[:, rows, j] += lens.T
    factor = {"CR1": g / (g - 1), "CR1p": g / (g - p)}.get(correction, 1.0)
    cov = parts.T @ parts * factor
    df = np.full(p, float(g - p if correction == "CR1p" else g - 1))
    if correction == "CR2":
        for i in range(p):
            cross = through[i].T @ phi @ through[i]
            df[i] = np.trace(cross) ** 2 / (cross**2).sum()
    std_error = np.sqrt(np.diagonal(cov))
    statistic = beta / std_error
    half = stdtrit(df, (1 + level) / 2) * std_error
    p_value = np.array([two_sided(statistic[[i]], float(df[i]))[0] for i in range(p)])
    return Robust(cov, std_error, statistic, df, beta - half, beta + half, p_value, g)


def _adjustments(
    phi: np.ndarray, x: np.ndarray, bread: np.ndarray, codes: np.ndarray, g: int
) -> dict[int, np.ndarray]:
    """For each cluster the matrix A = D'(D (Phi - x bread x') D')^-1/2 D with D'D = Phi."""
    found = {}
    for j in range(g):
        rows = np.flatnonzero(codes == j)
        block = phi[np.ix_(rows, rows)]
        upper = np.linalg.cholesky(block).T
        inner = upper @ (block - x[rows] @ bread @ x[rows].T) @ upper.T
        values, vectors = np.linalg.eigh((inner + inner.T) / 2)
        # A direction that the cluster alone sets has no residual: its root is taken as nought.
        kept = values > 1e-12 * max(float(values.max()), np.finfo(float).tiny)
        root = np.zeros_like(values)
        root[kept] = values[kept] ** -0.5
        found[j] = upper.T @ (vectors * root) @ vectors.T @ upper
    return found
