"""Meta-analysis of effects that come in groups: several of one study, studies of one site.

y = x beta + u_site + u_study + ... + e, with a variance for each level and known sampling
variances; as metafor's rma.mv(random = ~ 1 | study/effect), by restricted likelihood.

Robust errors keep the weights of the model, however wrong it is about correlation; the error is
then found from how far whole clusters lie from the fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.meta.pooled import two_sided
from evaluation.numeric.meta.tau import orthonormal

LevelTest = Literal["contain", "residual", "z"]
# Converged when the slope of the likelihood in logs of the variances is below this.
SCORE = 1e-9
STEPS = 300
# Starting points, as shares of the variance of the effects; all combinations are tried.
STARTS = (0.02, 0.6)


@dataclass(frozen=True, slots=True)
class Levels:
    """The fit of a model with several levels.

    beta, std_error, low, high, p_value : (p,), by t(df) or the normal (df infinite). cov : (p, p).
    sigma2 : (L,) variance of each level. share : (L,) percent of the whole variance (with the
    typical sampling variance) that is of each level, an I^2 by level. variance : (n, n) of the
    model. likelihood : the log restricted likelihood.
    q, q_df, q_p : Cochran's Q of sampling errors alone.
    """

    beta: np.ndarray
    std_error: np.ndarray
    df: float
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    cov: np.ndarray
    sigma2: np.ndarray
    share: np.ndarray
    variance: np.ndarray
    likelihood: float
    q: float
    q_df: int
    q_p: float
    level: float


def fit_levels(
    y: np.ndarray,
    sampling: np.ndarray,
    x: np.ndarray,
    groups: np.ndarray,
    *,
    test: LevelTest = "contain",
    level: float = 0.95,
) -> Levels:
    """Coefficients and the variance of every level.

    Parameters
    ----------
    y : (n,). sampling : (n,) variances, or (n, n) with the covariances of sampling errors. x :
        (n, p). groups : (n, L) integer codes, one column a level, for example study, and effect
        (a code of its own for every row).
    test : "contain" is t(G - p) with G groups of the coarsest level, right for the mean; "residual"
        is t(n - p), as metafor does with test = "t"; "z" is the normal.

    Raises
    ------
    FitError : for too few effects or groups, or a level that cannot be told from another.
    """
    from scipy.special import chdtrc, ndtri, stdtrit

    base, x, members = _checked(y, sampling, x, groups)
    n, p = x.shape
    sigma2, likelihood = _highest(y, base, x, members, {})
    variance = base + np.einsum("l,lij->ij", sigma2, members)
    weight = np.linalg.inv(variance)
    cov = np.linalg.inv(x.T @ weight @ x)
    beta = cov @ x.T @ weight @ y
    coarse = min(len(np.unique(column)) for column in groups.T)
    df = {"contain": float(coarse - p), "residual": float(n - p)}.get(test, float("inf"))
    if df <= 0:
        raise FitError(fact("numeric.levels.groups-too-few-coefficients", coarse=coarse, p=p))
    error = np.sqrt(np.diagonal(cov))
    share = (1 + level) / 2
    half = error * float(stdtrit(df, share) if np.isfinite(df) else ndtri(share))
    plain = np.linalg.inv(base)
    projector = plain - plain @ x @ np.linalg.inv(x.T @ plain @ x) @ x.T @ plain
    q = float(y @ projector @ y)
    typical = (n - p) / float(np.trace(projector))
    return Levels(
        beta=beta,
        std_error=error,
        df=df,
        low=beta - half,
        high=beta + half,
        p_value=two_sided(beta / error, df),
        cov=cov,
        sigma2=sigma2,
        share=100 * sigma2 / (sigma2.sum() + typical),
        variance=variance,
        likelihood=likelihood,
        q=q,
        q_df=n - p,
        q_p=float(chdtrc(n - p, q)),
        level=level,
    )


def profile_interval(
    y: np.ndarray,
    sampling: np.ndarray,
    x: np.ndarray,
    groups: np.ndarray,
    which: int,
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """The range of one level's variance by its profile: where twice the fall of the restricted
    likelihood, with the other variances at their best, stays within chi squared (1).

    Raises
    ------
    FitError : as `fit_levels`, and when no upper end is found.
    """
    from scipy.optimize import brentq
    from scipy.special import chdtri

    base, x, members = _checked(y, sampling, x, groups)
    best, highest = _highest(y, base, x, members, {})
    allowed = float(chdtri(1, 1 - level)) / 2

    def over(value: float) -> float:
        return highest - _highest(y, base, x, members, {which: value})[1] - allowed

    center = float(best[which])
    low = 0.0
    if center > 0 and over(0.0) > 0:
        low = float(brentq(over, 0.0, center, xtol=1e-13, rtol=1e-12))
    high = max(2 * center, float(np.var(y)), float(np.diagonal(base).mean()))
    for _ in range(60):
        if over(high) > 0:
            return low, float(brentq(over, center, high, xtol=1e-13, rtol=1e-12))
        high *= 2
    raise FitError(fact("numeric.levels.range-variance-has-no-upper"))


def _checked(
    y: np.ndarray, sampling: np.ndarray, x: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sampling covariance (n, n), moderators, and (L, n, n) who shares a group with whom."""
    base = np.diag(sampling) if sampling.ndim == 1 else np.asarray(sampling, dtype=float)
    n, p = x.shape
    if not (np.isfinite(y).all() and np.isfinite(base).all() and np.isfinite(x).all()):
        raise FitError(fact("numeric.levels.effect-variance-moderator-not-finite"))
    if np.linalg.eigvalsh(base)[0] <= 0:
        raise FitError(fact("numeric.levels.sampling-variances-not-those-any"))
    if n <= p + groups.shape[1]:
        raise FitError(fact("numeric.levels.effects-too-few-levels", n=n, shape=groups.shape[1]))
    orthonormal(x)
    members = np.array([column[:, None] == column for column in groups.T], dtype=float)
    for i, one in enumerate(members):
        if (one == 1).all():
            raise FitError(fact("numeric.levels.level-has-one-group-only"))
        if any((one == other).all() for other in members[:i]):
            raise FitError(fact("numeric.levels.two-levels-group-effects-alike"))
    return base, x, members


def _highest(
    y: np.ndarray,
    base: np.ndarray,
    x: np.ndarray,
    members: np.ndarray,
    held: dict[int, float],
) -> tuple[np.ndarray, float]:
    """(L,) variances at the top of the restricted likelihood, from several starting points.

    Parameters
    ----------
    held : levels whose variance is given.
    """
    levels = len(members)
    free = [i for i in range(levels) if i not in held]
    scale = float(np.var(y)) or float(np.diagonal(base).mean())
    best, top = np.zeros(levels), -np.inf
    for start in product(STARTS, repeat=len(free)):
        sigma2 = np.array([held.get(i, 0.0) for i in range(levels)])
        sigma2[free] = scale * np.array(start)
        found, likelihood = _climbed(y, base, x, members, sigma2, free)
        if likelihood > top:
            best, top = found, likelihood
    return best, top


def _climbed(
    y: np.ndarray,
    base: np.ndarray,
    x: np.ndarray,
    members: np.ndarray,
    sigma2: np.ndarray,
    free: list[int],
) -> tuple[np.ndarray, float]:
    """Scoring with the average information, steps halved until the likelihood rises; a variance
    at nought whose slope is negative stays there."""
    now, score, information = _slopes(y, base, x, members, sigma2)
    floor = 1e-10 * float(np.diagonal(base).mean())
    for _ in range(STEPS):
        moving = [i for i in free if sigma2[i] > floor or score[i] > 0]
        size = np.maximum(sigma2, floor)
        if not moving or np.abs((score * size)[moving]).max() < SCORE:
            return sigma2, now
        part = information[np.ix_(moving, moving)]
        step = np.linalg.solve(part + 1e-12 * np.trace(part) * np.eye(len(moving)), score[moving])
        for halving in range(50):
            trial = sigma2.copy()
            trial[moving] = np.maximum(sigma2[moving] + step * 0.5**halving, 0)
            trial[trial < floor] = 0.0
            for i in range(len(trial)):
                if i not in free:
                    trial[i] = sigma2[i]
            there, new_score, new_information = _slopes(y, base, x, members, trial)
            if there > now:
                break
        else:
            # No step rises: the top, as far as a double can tell.
            if np.abs((score * size)[moving]).max() < 1e-5:
                return sigma2, now
            raise FitError(fact("numeric.levels.variances-levels-could-not-be"))
        sigma2, now, score, information = trial, there, new_score, new_information
    raise FitError(fact("numeric.levels.variances-levels-could-not-be"))


def _slopes(
    y: np.ndarray, base: np.ndarray, x: np.ndarray, members: np.ndarray, sigma2: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log restricted likelihood, its slopes (L,) and the expected information (L, L)."""
    variance = base + np.einsum("l,lij->ij", sigma2, members)
    lower = np.linalg.cholesky(variance)
    weight = np.linalg.inv(variance)
    inner = x.T @ weight @ x
    projector = weight - weight @ x @ np.linalg.solve(inner, x.T @ weight)
    left = projector @ y
    n, p = x.shape
    likelihood = (
        -(n - p) / 2 * np.log(2 * np.pi)
        + np.linalg.slogdet(x.T @ x)[1] / 2
        - np.log(np.diagonal(lower)).sum()
        - np.linalg.slogdet(inner)[1] / 2
        - y @ left / 2
    )
    turned = [projector @ one for one in members]
    score = np.array(
        [left @ one @ left - np.trace(moved) for one, moved in zip(members, turned, strict=True)]
    )
    information = np.array([[(one * other.T).sum() for other in turned] for one in turned])
    return float(likelihood), score / 2, information / 2


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
