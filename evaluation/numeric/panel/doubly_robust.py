"""Means of two groups made alike by weights or by models of the outcome, with their influence.

Every function returns the mean with and without treatment, (2,), and the influence functions of
both, (n, 2), whose mean is the error of the means. Base weights are given and of mean one.

Two-period difference-in-differences given covariates, with influence functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.balance import Balanced, balanced
from evaluation.numeric.shared.linear import RANK_TOLERANCE
from evaluation.numeric.shared.regressions import Regression

Estimand = Literal["ATT", "ATE"]
Fitter = Callable[[np.ndarray, np.ndarray, np.ndarray], Regression]
Means = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Predicted:
    """Outcomes that a model expects of everyone on either side.

    Parameters
    ----------
    treated, untreated : (n,) means. slopes : their derivatives by the coefficients, (n, q) each.
    influence : (n, q) of the coefficients.
    """

    treated: np.ndarray
    untreated: np.ndarray
    slopes: tuple[np.ndarray, np.ndarray]
    influence: np.ndarray


def inverse_probability(
    p: np.ndarray, treated: np.ndarray, base: np.ndarray, estimand: Estimand
) -> np.ndarray:
    """(n,) weights: for the ATE 1/p and 1/(1 - p); for the ATT 1 and p/(1 - p)."""
    if estimand == "ATE":
        return np.asarray(base * np.where(treated, 1 / p, 1 / (1 - p)))
    return np.asarray(base * np.where(treated, 1.0, p / (1 - p)))


def weighted_means(y: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> Means:
    """Weighted (Hajek) means; the influence takes the weights as known."""
    means, influence = np.zeros(2), np.zeros((len(y), 2))
    for arm, side in enumerate((treated, ~treated)):
        w = weight * side
        means[arm] = w @ y / w.sum()
        influence[:, arm] = w * (y - means[arm]) / w.mean()
    return means, influence


def weighted_by_propensity(
    y: np.ndarray,
    treated: np.ndarray,
    x: np.ndarray,
    base: np.ndarray,
    propensity: Regression,
    estimand: Estimand,
) -> Means:
    """Means weighted by inverse probability, with the error of the probabilities in the influence.

    The estimating equations of the logit and of both means are stacked (Lunceford and Davidian
    2004, Statistics in Medicine 23:2937-2960, section 3).

    Parameters
    ----------
    y : (n,). treated : (n,) bool. x : (n, k) of the propensity, a logit with weights `base`.
    """
    p = propensity.fitted
    weight = inverse_probability(p, treated, base, estimand)
    means, influence = weighted_means(y, treated, weight)
    odds = base * p / (1 - p)
    slopes = (-base * (1 - p) / p if estimand == "ATE" else np.zeros(len(y)), odds)
    for arm, side in enumerate((treated, ~treated)):
        pull = (slopes[arm] * side * (y - means[arm])) @ x / len(y)
        influence[:, arm] += propensity.influence @ pull / (weight * side).mean()
    return means, influence


def predicted(
    y: np.ndarray,
    treated: np.ndarray,
    x: np.ndarray,
    base: np.ndarray,
    fitter: Fitter,
    *,
    separate: bool = True,
) -> Predicted:
    """A model of the outcome, one on each side (separate) or one with a step for the treated.

    Parameters
    ----------
    x : (n, k) with a constant. fitter : `regressions.linear` or `.logistic`.

    Raises
    ------
    FitError : as the fitter.
    """
    if separate:
        one, none = fitter(x, y, base * treated), fitter(x, y, base * ~treated)
        nought = np.zeros_like(x)
        return Predicted(
            one.fitted,
            none.fitted,
            (
                np.hstack([one.slope[:, None] * x, nought]),
                np.hstack([nought, none.slope[:, None] * x]),
            ),
            np.hstack([one.influence, none.influence]),
        )
    fit = fitter(np.column_stack([x, treated]), y, base)
    sides = [np.column_stack([x, np.full(len(y), value)]) for value in (1.0, 0.0)]
    index = [side @ fit.beta for side in sides]
    if (fit.slope == 1).all():
        fitted, slope = index, [np.ones(len(y))] * 2
    else:
        fitted = [1 / (1 + np.exp(-one)) for one in index]
        slope = [mean * (1 - mean) for mean in fitted]
    first, second = (s[:, None] * side for s, side in zip(slope, sides, strict=True))
    return Predicted(fitted[0], fitted[1], (first, second), fit.influence)


def standardized(
    y: np.ndarray, treated: np.ndarray, base: np.ndarray, model: Predicted, estimand: Estimand
) -> Means:
    """Mean predictions over everyone (ATE) or over the treated, whose own mean is observed (ATT).

    The coefficients' error is in the influence (the delta method; Hernan and Robins 2020, Causal
    Inference: What If, chapter 13).
    """
    n = len(y)
    over = base if estimand == "ATE" else base * treated
    means, influence = np.zeros(2), np.zeros((n, 2))
    for arm, expected in enumerate((model.treated, model.untreated)):
        seen = estimand == "ATT" and arm == 0
        values = y if seen else expected
        means[arm] = over @ values / over.sum()
        influence[:, arm] = over * (values - means[arm]) / over.mean()
        if not seen:
            influence[:, arm] += model.influence @ (over @ model.slopes[arm] / over.sum())
    return means, influence


def doubly_robust(
    y: np.ndarray,
    treated: np.ndarray,
    p: np.ndarray,
    base: np.ndarray,
    model: Predicted,
    estimand: Estimand,
    *,
    stacked: tuple[np.ndarray, np.ndarray] | None = None,
) -> Means:
    """Augmented inverse probability weighting (AIPW), right when either model is.

    The influence is the efficient one, which needs both models right; with `stacked` that of the
    coefficients of both is added, and one right model is enough for the errors too.

    Parameters
    ----------
    p : (n,) propensities. stacked : (n, k) covariates and (n, k) influence of the propensity.

    Sources
    -------
    Robins, Rotnitzky and Zhao (1994), Journal of the American Statistical Association 89:846-866
    (ATE); Moodie, Saarela and Stephens (2018), International Journal of Biostatistics 14 (ATT).
    """
    n = len(y)
    odds = p / (1 - p)
    means, influence = np.zeros(2), np.zeros((n, 2))
    over = base if estimand == "ATE" else base * treated
    level = over.mean()
    for arm, expected in enumerate((model.treated, model.untreated)):
        own = treated if arm == 0 else ~treated
        if estimand == "ATT":
            # The treated are observed; the others stand for them in proportion to their odds.
            weight = own * (1.0 if arm == 0 else odds)
        else:
            weight = own / (p if arm == 0 else 1 - p)
        target = over * expected + base * weight * (y - expected)
        means[arm] = target.sum() / over.sum()
        influence[:, arm] = (target - over * means[arm]) / level
        if stacked is None:
            continue
        x, from_logit = stacked
        if estimand == "ATE" or arm == 1:
            # d(1/p) = -(1/p - 1) x, d(1/(1 - p)) = d(odds) = odds x.
            steep = own * (-(1 - p) / p if arm == 0 else odds)
            influence[:, arm] += from_logit @ ((base * steep * (y - expected)) @ x / n) / level
        influence[:, arm] += (
            model.influence @ ((over - base * weight) @ model.slopes[arm]) / (n * level)
        )
    return means, influence


def entropy_balanced(
    y: np.ndarray, treated: np.ndarray, x: np.ndarray, base: np.ndarray, estimand: Estimand
) -> tuple[Means, np.ndarray]:
    """Means under entropy balancing, and the weights, (n,), of sum n on either side.

    The untreated (for the ATE the treated also) get weights, nearest to `base` in relative entropy,
    under which their covariates have the means of the treated (of all). The influence has that of
    the weights in it: residuals of the weighted regression of y on x, and the error of the target.

    Parameters
    ----------
    x : (n, k) with a constant first.

    Raises
    ------
    Unbalanced : when no weights reach the target, with the column that is furthest off.

    Sources
    -------
    Hainmueller (2012), Political Analysis 20:25-46; its errors as in Zhao and Percival (2017),
    Journal of Causal Inference 5.
    """
    n = len(y)
    over = base if estimand == "ATE" else base * treated
    target = over @ x
    means, influence, weights = np.zeros(2), np.zeros((n, 2)), over * 1.0
    for arm, side in enumerate((treated, ~treated)):
        if estimand == "ATT" and arm == 0:
            (seen, _), (psi, _) = (part.T for part in weighted_means(y, treated, base))
            means[arm], influence[:, arm] = seen, psi
            continue
        rows = np.flatnonzero(side)
        start = base[rows] * over.sum() / base[rows].sum()
        found: Balanced = balanced(x[rows], target, start, distance="raking")
        weights[rows] = found.weights
        w = np.zeros(n)
        w[rows] = found.weights
        means[arm] = w @ y / w.sum()
        off = y - means[arm]
        slope = np.linalg.lstsq(np.sqrt(w)[:, None] * x, np.sqrt(w) * off, rcond=None)[0]
        influence[:, arm] = (w * (off - x @ slope) + over * (x @ slope)) / w.mean()
    return (means, influence), weights


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
            fact(
                "numeric.doubly-robust.controls-too-few-covariates-use",
                sum=int(rows.sum()),
                shape=x.shape[1] - 1,
            )
        )
    root = np.sqrt(w[rows])[:, None]
    q, r = np.linalg.qr(root * x[rows])
    diagonal = np.abs(np.diagonal(r))
    if (diagonal <= RANK_TOLERANCE * np.sqrt((r**2).sum(axis=0)).clip(min=1e-300)).any():
        raise FitError(fact("numeric.doubly-robust.among-controls-covariate-does-not"))
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
            raise FitError(fact("numeric.doubly-robust.cohort-told-apart"))
        beta = beta + np.linalg.solve(information, score)
    if np.abs(score).max() > SCORE_TOLERANCE or p[treated].max() > OVERLAP:
        raise FitError(fact("numeric.doubly-robust.cohort-told-apart"))
    p = np.minimum(p, LARGEST)
    other = w * ~treated * (p < TRIM) * p / (1 - p)
    errors = (w * (treated - p))[:, None] * x
    return other, len(x) * errors @ np.linalg.inv(information)
