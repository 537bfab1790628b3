"""Single regressions of one outcome: weighted ones with all a robust error needs, and statsmodels'.

What statsmodels has otherwise than R is ours, and `engines.md` has the differences: HC1 of its
GLM is HC0, its HAC takes the rows on either side of a gap as neighbors, and the robust errors of
its negative binomial rest on the observed information. Many series at once are `glm.poisson`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.glm import MAX_SCORE, VANISHING
from evaluation.numeric.shared.linear import RANK_TOLERANCE, orthonormal

NEWTON_STEPS = 60
HALVINGS = 30
# Newton's method stops when no linear predictor moves by more than this. Where the covariates
# separate, it moves by about one a step for ever, so that a step, and not the score, tells.
STEP_TOLERANCE = 1e-9
# Past this condition of the information the likelihood is flat in some direction.
FLAT = 1e13


class Dependent(FitError):
    """Column `column` (from 0) of the design does not vary, or is a combination of the others."""

    def __init__(self, column: int) -> None:
        self.column = column
        super().__init__(fact("numeric.regressions.column-does-not-vary", column=column + 1))


class Separated(FitError):
    """The covariates tell the two outcomes of a logistic regression apart."""

    def __init__(self) -> None:
        super().__init__(fact("numeric.regressions.outcomes-told-apart"))


@dataclass(frozen=True, slots=True)
class Regression:
    """Maximum likelihood or weighted least squares of one outcome.

    Parameters
    ----------
    beta : (k,). bread : (k, k), inverse of the weighted information with dispersion 1.
    fitted : (n,) means. slope : (n,) derivative of the mean by the linear predictor.
    scores : (n, k), rows of the weighted estimating equations, w (y - mean) x.
    leverage : (n,), as R's `hatvalues`.

    `evaluation.numeric.shared.ols.heteroskedastic` and `.clustered` take scores and bread.
    """

    beta: np.ndarray
    bread: np.ndarray
    fitted: np.ndarray
    slope: np.ndarray
    scores: np.ndarray
    leverage: np.ndarray

    @property
    def influence(self) -> np.ndarray:
        """(n, k) what each row moves the coefficients by, times n: their error is its mean."""
        return np.asarray(len(self.scores) * self.scores @ self.bread)


def linear(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Regression:
    """Weighted least squares; agrees with R's `lm(weights =)`.

    Parameters
    ----------
    x : (n, k). y : (n,). weight : (n,) not negative; ones by default.

    Raises
    ------
    Dependent, FitError : for a singular design, or fewer rows with weight than columns.
    """
    w = _weights(y, weight)
    q, r = _orthonormal(x, w)
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ (np.sqrt(w) * y))
    fitted = x @ beta
    return Regression(
        beta=beta,
        bread=inverse @ inverse.T,
        fitted=fitted,
        slope=np.ones(len(y)),
        scores=(w * (y - fitted))[:, None] * x,
        leverage=(q**2).sum(axis=1),
    )


def logistic(x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Regression:
    """Weighted logistic regression by Newton's method; agrees with R's `glm(family = binomial)`,
    and with `quasibinomial` when weights are not whole (the coefficients and robust errors are the
    same).

    Parameters
    ----------
    x : (n, k). y : (n,) between 0 and 1. weight : (n,) not negative; ones by default.

    Raises
    ------
    Separated : when some coefficient has no finite estimate, or the outcome does not vary.
    Dependent, FitError : for a singular design, or fewer rows with weight than columns.
    """
    from scipy.special import expit

    w = _weights(y, weight)
    # Orthonormal directions of the weighted rows keep squares of incomes and flags on one scale.
    _, r = _orthonormal(x, w)
    inverse = np.linalg.inv(r) * np.sqrt(w.sum())
    z = x @ inverse
    share = float(w @ y / w.sum())
    if not 0 < share < 1:
        raise Separated
    gamma, eta = np.zeros(z.shape[1]), np.zeros(len(y))
    likelihood = _log_likelihood(eta, y, w)
    for _ in range(NEWTON_STEPS):
        p = expit(eta)
        information = _information(z, w * p * (1 - p))
        step = np.linalg.solve(information, z.T @ (w * (y - p)))
        moved = z @ step
        size = 1.0
        for _ in range(HALVINGS):
            attempt = _log_likelihood(eta + size * moved, y, w)
            if attempt >= likelihood - 1e-10 * abs(likelihood):
                break
            size /= 2
        gamma, eta, likelihood = gamma + size * step, eta + size * moved, attempt
        if np.abs(size * moved[w > 0]).max() < STEP_TOLERANCE:
            break
    else:
        raise Separated
    p = expit(eta)
    variance = w * p * (1 - p)
    bread = inverse @ np.linalg.inv(_information(z, variance)) @ inverse.T
    return Regression(
        beta=inverse @ gamma,
        bread=bread,
        fitted=p,
        slope=p * (1 - p),
        scores=(w * (y - p))[:, None] * x,
        leverage=variance * np.einsum("ij,jk,ik->i", x, bread, x),
    )


def _weights(y: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    return np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)


def _information(z: np.ndarray, variance: np.ndarray) -> np.ndarray:
    information = z.T @ (variance[:, None] * z)
    if not np.isfinite(information).all() or np.linalg.cond(information) > FLAT:
        raise Separated
    return np.asarray(information)


def _log_likelihood(eta: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    return float(w @ (y * eta - np.logaddexp(0, eta)))


def _orthonormal(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows, k = int((w > 0).sum()), x.shape[1]
    if rows <= k:
        raise FitError(fact("numeric.regressions.too-few-people-coefficients-use", k=k))
    root = np.sqrt(w)[:, None] * x
    q, r = np.linalg.qr(root)
    length = np.sqrt((root**2).sum(axis=0)).clip(min=1e-300)
    dependent = np.abs(np.diagonal(r)) <= RANK_TOLERANCE * length
    if dependent.any():
        raise Dependent(int(np.argmax(dependent)))
    return q, r


Covariance = Literal["nonrobust", "HC0", "HC1", "HC2", "HC3", "HAC", "cluster"]

# The last step of the coefficients; the one after it would be far below rounding.
TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Solved:
    """One regression.

    beta : (k,). cov : (k, k) of the kind that was asked for. bread : (k, k), inverse information
    with dispersion 1. mu : (n,) means. scores : (n, k), residual times row. pearson : sum of
    squared Pearson residuals over n - k. converged : the score is nought and no mean vanishes.
    """

    beta: np.ndarray
    cov: np.ndarray
    bread: np.ndarray
    mu: np.ndarray
    scores: np.ndarray
    pearson: float
    converged: bool = True


def least_squares(
    y: np.ndarray, x: np.ndarray, kind: Covariance = "nonrobust", **settings: Any
) -> Solved:
    """Least squares by `statsmodels.OLS`.

    Parameters
    ----------
    y : (n,). x : (n, k). kind : its `cov_type`. settings : its `cov_kwds`.

    Raises
    ------
    FitError : for a singular design.
    """
    from statsmodels.regression.linear_model import OLS

    orthonormal(x)
    scale = _scale(x)
    with _quiet():
        found = OLS(y, x / scale).fit(cov_type=kind, cov_kwds=settings or None)
    return _solved(found, scale, found.resid, x, found.fittedvalues, float(found.scale))


def poisson(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    kind: Covariance = "nonrobust",
    **settings: Any,
) -> Solved:
    """Poisson regression with log link by `statsmodels.GLM`; HC1 with the factor n/(n - k) that
    it leaves out.

    Parameters
    ----------
    y : (n,) counts. x : (n, k). offset : (n,) log exposure. kind, settings : as above.

    Raises
    ------
    FitError : for a singular design. What does not converge is marked.
    """
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    (n, k), (q, _) = x.shape, orthonormal(x)
    level, scale = float(y.mean()), _scale(x)
    try:
        with _quiet():
            found = GLM(y, x / scale, family=families.Poisson(), offset=offset).fit(
                tol=TOLERANCE, tol_criterion="params", cov_type=kind, cov_kwds=settings or None
            )
            mu = np.asarray(found.mu)
            solved = _solved(found, scale, y - mu, x, mu, float(found.pearson_chi2) / (n - k))
    except (PerfectSeparationError, np.linalg.LinAlgError, ValueError):
        nothing = np.full((n, k), np.nan)
        return Solved(nothing[0], nothing[:k], nothing[:k], y, nothing, np.nan, converged=False)
    # As `glm.poisson` judges it.
    small = MAX_SCORE * 1e-3 * np.sqrt(n) * max(level, 1e-3)
    converged = bool((np.abs(q.T @ (y - mu)) <= small).all() and mu.min() >= VANISHING * level > 0)
    factor = n / (n - k) if kind == "HC1" else 1.0
    return replace(solved, cov=solved.cov * factor, converged=converged)


def _scale(x: np.ndarray) -> np.ndarray:
    """(k,) sizes of the columns: the library's inverse takes a tiny one for nought."""
    return np.asarray(np.sqrt((x**2).mean(axis=0)))


def _solved(
    found: Any, scale: np.ndarray, left: np.ndarray, x: np.ndarray, mu: np.ndarray, pearson: float
) -> Solved:
    """What the library found with columns of size one, for the columns as they are."""
    square = np.outer(scale, scale)
    return Solved(
        beta=np.asarray(found.params) / scale,
        cov=np.asarray(found.cov_params()) / square,
        bread=np.asarray(found.normalized_cov_params) / square,
        mu=np.asarray(mu),
        scores=np.asarray(left)[:, None] * x,
        pearson=pearson,
    )


def negative_binomial(y: np.ndarray, x: np.ndarray, offset: np.ndarray) -> np.ndarray | None:
    """(k + 1,) coefficients and alpha of the NB2 regression by `statsmodels.NegativeBinomial`, from
    where `glm.negative_binomial` goes on: it stops at a score of about 1e-5. None where it fails.

    Parameters
    ----------
    y : (n,) counts. x : (n, k). offset : (n,) log exposure.
    """
    from statsmodels.discrete.discrete_model import NegativeBinomial

    scale = np.append(_scale(x), 1.0)
    try:
        with _quiet():
            found = NegativeBinomial(y, x / scale[:-1], offset=offset).fit(disp=0, maxiter=500)
    except (np.linalg.LinAlgError, ValueError):
        return None
    reached = np.asarray(found.params) / scale
    return reached if np.isfinite(reached).all() and reached[-1] > 0 else None


def newey_west(scores: np.ndarray, bread: np.ndarray, time: np.ndarray, lag: int) -> np.ndarray:
    """(k, k) covariance with Bartlett weights 1 - j/(lag + 1), times n/(n - k); no prewhitening
    (Newey and West 1987; `sandwich::NeweyWest(prewhite = FALSE, adjust = TRUE)`).

    The sum is that of `statsmodels`, over scores with noughts where a period is missing: products
    are taken over pairs that are j periods apart, so a gap drops pairs (Datta and Du 2012).

    Parameters
    ----------
    scores : (n, k), a row of the estimating equations a period. bread : (k, k), inverse of minus
        their derivative. time : (n,) whole-number times.
    """
    from statsmodels.stats.sandwich_covariance import S_hac_simple, weights_bartlett

    n, k = scores.shape
    full = np.zeros((int(time[-1] - time[0]) + 1, k))
    full[time - time[0]] = scores
    meat = S_hac_simple(full, nlags=min(lag, len(full) - 1), weights_func=weights_bartlett)
    return np.asarray(bread @ meat @ bread * (n / (n - k)))


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings of a library are judged by what it returns."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
