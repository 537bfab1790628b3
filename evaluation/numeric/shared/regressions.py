"""Weighted regressions of one outcome, logistic or linear, with all that a robust error needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import RANK_TOLERANCE

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
