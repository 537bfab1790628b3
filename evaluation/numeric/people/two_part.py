"""Days, of which many have none and some a great many: models of the mean, and mean outcomes.

A model gives everyone's expected days with and without treatment; averaged over a population they
are two means, whose errors come from influence functions, those of the coefficients included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.nearest import Arms
from evaluation.numeric.shared.clusters import sums
from evaluation.numeric.shared.glm import negative_binomial
from evaluation.numeric.shared.regressions import Regression, linear, logistic

Part = Literal["gamma", "log-linear"]

STEPS = 100
TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class Predicted:
    """Expected outcomes of rows, (m,), and their derivatives by all the coefficients, (m, p)."""

    mean: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True, slots=True)
class TwoPart:
    """Whether there were any days, and how many if so.

    Parameters
    ----------
    any_days, number : logistic regression of all rows; regression of those with days, on the log
        scale. smear : mean of exp(residual) of a log-linear model (Duan 1983); 1 for gamma.
    moved : (n, p) what each row moves (any_days, number[, smear]) by; p is 2k, and 2k + 1 with a
        smear.
    """

    any_days: Regression
    number: Regression
    smear: float
    moved: np.ndarray

    def predicted(self, x: np.ndarray) -> Predicted:
        """Expected days of rows (m, k)."""
        p = 1 / (1 + np.exp(-(x @ self.any_days.beta)))
        days = np.exp(x @ self.number.beta) * self.smear
        parts = [(p * (1 - p) * days)[:, None] * x, (p * days)[:, None] * x]
        if self.moved.shape[1] > 2 * x.shape[1]:
            parts.append((p * days / self.smear)[:, None])
        return Predicted(p * days, np.hstack(parts))


def two_part(
    x: np.ndarray, y: np.ndarray, *, weight: np.ndarray | None = None, part: Part = "gamma"
) -> TwoPart:
    """A logistic regression for any days, and one for their number among those with some (Duan and
    others 1983, Journal of Business and Economic Statistics 1:115-126).

    Parameters
    ----------
    x : (n, k) with a constant. y : (n,) days, not negative. weight : (n,). part : "gamma", with a
    log link, R's `glm(family = Gamma("log"))`; or "log-linear", least squares of log days with
    Duan's smear, which is biased where their spread differs between people.

    Raises
    ------
    FitError : for negative days, when everyone or nobody has days, or a part cannot be fitted.
    """
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=float)
    if (y < 0).any():
        raise FitError(fact("numeric.two-part.days-cannot-be-negative"))
    some = y > 0
    first = logistic(x, some.astype(float), w)
    fit = _gamma if part == "gamma" else _log_linear
    second = fit(x[some], y[some], w[some])
    k = x.shape[1]
    moved = np.zeros((len(y), 2 * k))
    moved[:, :k] = first.scores @ first.bread
    moved[some, k:] = second.scores @ second.bread
    smear = 1.0
    if part == "log-linear":
        ratio = np.exp(np.log(y[some]) - x[some] @ second.beta)
        total = w[some].sum()
        smear = float(w[some] @ ratio / total)
        own = np.zeros(len(y))
        own[some] = w[some] * (ratio - smear) / total
        pull = -((w[some] * ratio) @ x[some]) / total
        moved = np.column_stack([moved, own + moved[:, k:] @ pull])
    return TwoPart(first, second, smear, moved)


def _gamma(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Regression:
    """Gamma regression with log link, by Newton's method from the log-linear fit."""
    beta = linear(x, np.log(y), w).beta
    for _ in range(STEPS):
        # The loss is convex; Fisher scoring swings to and fro where days are very skewed.
        ratio = y / np.exp(x @ beta)
        step = linear(x, 1 - 1 / ratio, w * ratio).beta
        # A step in logs that is too long comes back shorter the next time.
        size = min(1.0, 2.0 / max(float(np.abs(x @ step).max()), 1e-300))
        beta = beta + size * step
        if np.abs(x @ step).max() < TOLERANCE:
            break
    else:
        raise FitError(fact("numeric.two-part.gamma-regression-days-did-not"))
    mu = np.exp(x @ beta)
    # The expected information, which R's `glm` and `sandwich` take.
    information = x.T @ (w[:, None] * x)
    return Regression(
        beta=beta,
        bread=np.linalg.inv(information),
        fitted=mu,
        slope=mu,
        scores=(w * (y / mu - 1))[:, None] * x,
        leverage=np.full(len(y), np.nan),
    )


def _log_linear(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Regression:
    return linear(x, np.log(y), w)


@dataclass(frozen=True, slots=True)
class CountModel:
    """Negative binomial (NB2) regression with log link and exposure.

    beta : (k,). cov : (k, k), model-based, as `MASS::glm.nb`. alpha : variance mu + alpha mu^2, one
    over R's theta. moved : (n, k) what each row moves the coefficients by.
    """

    beta: np.ndarray
    cov: np.ndarray
    alpha: float
    moved: np.ndarray

    def predicted(self, x: np.ndarray, exposure: float = 1.0) -> Predicted:
        """Expected counts of rows (m, k) over an exposure."""
        mean = np.exp(x @ self.beta) * exposure
        return Predicted(mean, mean[:, None] * x)


def count_model(x: np.ndarray, y: np.ndarray, *, exposure: np.ndarray | None = None) -> CountModel:
    """NB2 regression of counts or days (Lawless 1987), with robust errors in `moved`.

    Parameters
    ----------
    x : (n, k) with a constant. y : (n,) not negative. exposure : (n,) time at risk, 1 by default.

    Raises
    ------
    FitError : when it cannot be fitted, or an exposure is not positive.
    """
    at_risk = np.ones(len(y)) if exposure is None else np.asarray(exposure, dtype=float)
    if (at_risk <= 0).any():
        raise FitError(fact("numeric.two-part.somebody-was-risk-no-time"))
    fit = negative_binomial(y, x, np.log(at_risk))
    shrunk = 1 + fit.alpha * fit.mu
    score = ((y - fit.mu) / shrunk)[:, None] * x
    # The expected information, which R's sandwich takes too; alpha is orthogonal to it.
    bread = np.linalg.inv(x.T @ ((fit.mu / shrunk)[:, None] * x))
    return CountModel(fit.beta, fit.cov, fit.alpha, score @ bread)


def mean_arms(
    treated: Predicted,
    untreated: Predicted,
    over: np.ndarray,
    moved: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    fixed: bool = False,
    cov: np.ndarray | None = None,
) -> Arms:
    """Mean outcomes of a population with and without treatment, by the delta method.

    Parameters
    ----------
    treated, untreated : predictions of all n people on either side. over : (n,) weights of the
    population, such as 1 for the treated and 0 for others. moved : (n, p) of the model. cluster :
    (n,). fixed : True takes the people of the population as given (Stata's `margins`); False adds
    that others could have been drawn (`vce(unconditional)`). cov : (p, p) of the coefficients in
    place of the robust one; only with `fixed`.
    """
    share = over / over.sum()
    means = np.array([share @ treated.mean, share @ untreated.mean])
    gradient = np.array([share @ treated.slope, share @ untreated.slope])
    groups = None if cluster is None else np.unique(cluster, return_inverse=True)[1]
    if cov is not None:
        if not fixed:
            raise FitError(fact("numeric.two-part.covariance-coefficients-goes-fixed-population"))
        return Arms(means, gradient @ cov @ gradient.T)
    rows = moved @ gradient.T
    if not fixed:
        spread = np.column_stack([treated.mean, untreated.mean]) - means
        rows = rows + share[:, None] * spread
    if groups is None or len(np.unique(groups)) == len(groups):
        return Arms(means, rows.T @ rows)
    total = sums(rows, groups)
    return Arms(means, total.T @ total, float(len(total) - 1))
