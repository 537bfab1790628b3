"""Two-period difference-in-differences given covariates, with influence functions."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.linear import RANK_TOLERANCE

Adjust = Literal["doubly robust", "regression", "weighting"]

# Controls likelier than this to be treated would get weights above 200 and are left out, as in the
# R package DRDID since 1.2.
TRIM = 0.995
# Probabilities are kept away from 1, where the odds are infinite.
LARGEST = 1 - 1e-6
# A treated unit likelier than this to be treated has no comparable control.
OVERLAP = 0.999
NEWTON_STEPS = 60
SCORE_TOLERANCE = 1e-6


def adjusted_changes(
    change: np.ndarray,
    treated: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    adjust: Adjust,
) -> tuple[np.ndarray, np.ndarray]:
    """Effects on the treated, (L,), and influence functions, (n, L), whose variance over n is the
    variance of the effects.

    The outcome model is least squares on the controls; the treatment model is a logit by maximum
    likelihood; the weights are normalized (Hajek). "doubly robust" is right when either is.

    Parameters
    ----------
    change : (n, L) changes of the outcome, one column a pair of periods. treated : (n,) bool.
    x : (n, p) covariates with a constant, of ordinary scale. weight : (n,).

    Raises
    ------
    FitError : when the covariates are dependent among the controls, or tell treated from controls.

    Sources
    -------
    Sant'Anna and Zhao (2020), Journal of Econometrics 219:101-122: the estimators named there
    tau-reg, tau-ipw (normalized) and tau-dr ("traditional" nuisance functions).
    """
    n = len(change)
    w = weight / weight.mean()
    own = w * treated
    rest = change
    sloped = np.zeros_like(change), np.zeros((x.shape[1], x.shape[1]))
    if adjust != "weighting":
        residual, bread = _regression(change, treated, x, w)
        rest, sloped = residual, ((w * ~treated)[:, None] * residual, bread)

    def from_slopes(toward: np.ndarray) -> np.ndarray:
        """(n, L) influence through the outcome model on a mean with these weights."""
        errors, bread = sloped
        return np.asarray(errors * (x @ (bread @ (x.T @ toward / n)))[:, None])

    level = own @ rest / own.sum()
    influence = (own[:, None] * (rest - level) - from_slopes(own)) / own.mean()
    if adjust == "regression":
        # Residuals of the controls have mean nought already.
        return level, influence
    other, score = _odds(treated, x, w)
    other_level = other @ rest / other.sum()
    part = other[:, None] * (rest - other_level)
    part = part + score @ (x.T @ part / n) - from_slopes(other)
    return level - other_level, influence - part / other.mean()


def _regression(
    change: np.ndarray, treated: np.ndarray, x: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals of all from least squares on the controls, (n, L), and n times the inverse of its
    cross-products, (p, p)."""
    rows = ~treated
    if rows.sum() <= x.shape[1]:
        raise FitError(
            f"{int(rows.sum())} controls are too few for {x.shape[1] - 1} covariates; use fewer"
        )
    root = np.sqrt(w[rows])[:, None]
    q, r = np.linalg.qr(root * x[rows])
    diagonal = np.abs(np.diagonal(r))
    if (diagonal <= RANK_TOLERANCE * np.sqrt((r**2).sum(axis=0)).clip(min=1e-300)).any():
        raise FitError(
            "among the controls a covariate does not vary, or is a combination of the others; "
            "leave it out"
        )
    inverse = np.linalg.inv(r)
    beta = inverse @ (q.T @ (root * change[rows]))
    return change - x @ beta, len(change) * inverse @ inverse.T


def _odds(treated: np.ndarray, x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights that make controls like the treated, (n,), nought for the treated, and the influence
    of every unit on the coefficients of the logit, (n, p)."""
    from scipy.special import expit

    beta = np.zeros(x.shape[1])
    share = float((w * treated).sum() / w.sum())
    beta[0] = np.log(share / (1 - share))
    for _ in range(NEWTON_STEPS):
        p = expit(x @ beta)
        score = x.T @ (w * (treated - p))
        information = x.T @ ((w * p * (1 - p))[:, None] * x)
        if np.abs(score).max() < SCORE_TOLERANCE * 1e-3:
            break
        # Past this condition the likelihood is flat: the covariates separate, or are dependent.
        if np.linalg.cond(information) > 1e12:
            raise FitError(_SEPARATED)
        beta = beta + np.linalg.solve(information, score)
    if np.abs(score).max() > SCORE_TOLERANCE or p[treated].max() > OVERLAP:
        raise FitError(_SEPARATED)
    p = np.minimum(p, LARGEST)
    other = w * ~treated * (p < TRIM) * p / (1 - p)
    errors = (w * (treated - p))[:, None] * x
    return other, len(x) * errors @ np.linalg.inv(information)


_SEPARATED = (
    "the covariates tell a cohort from its controls (almost) perfectly, so that no control is like "
    'it; use fewer covariates, or adjust = "regression"'
)
