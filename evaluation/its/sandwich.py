"""One fit, many errors: least squares, Poisson and NB2 with the covariance that is asked for.

Poisson regression with an AR(1) sandwich that is free of fitting bias.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.arrays import whole
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.shared.glm import negative_binomial, poisson
from evaluation.numeric.shared.linear import t_contrasts
from evaluation.numeric.shared.ols import (
    clustered,
    glm_leverage,
    heteroskedastic,
    newey_west,
    newey_west_lag,
    ols,
    unbiased_rho,
)

Errors = Literal["model", "quasi", "HC0", "HC1", "HC2", "HC3", "Newey-West", "year"]


def fit_ols(series: Series, *, errors: Errors = "model", lag: int | None = None) -> Fitted:
    """The model by least squares.

    Counts with an exposure are fitted as y over relative exposure. Intervals are t(n - k), or
    t(G - 1) for errors clustered by calendar year.

    Parameters
    ----------
    errors : "model" (one variance), "HC0" to "HC3", "Newey-West" (factor n/(n - k), no
        prewhitening) or "year" (CR1). lag : of Newey-West; None is floor(4 (n/100)^(2/9)).
    """
    y, x, _, time = used(series)
    fitted = ols(y / series.relative_exposure[series.kept], x)
    df = float(fitted.df)
    notes: tuple[Fact, ...] = ()
    if errors in ("model", "quasi"):
        cov = fitted.sigma2 * fitted.bread
    else:
        cov, df, notes = _robust(
            series, fitted.scores, fitted.bread, fitted.leverage, time, errors, lag
        )
    return Fitted("identity", fitted.beta, partial(t_contrasts, fitted.beta, cov, df), notes=notes)


def fit_poisson(series: Series, *, errors: Errors = "model", lag: int | None = None) -> Fitted:
    """The model by Poisson maximum likelihood with log link.

    Parameters
    ----------
    errors : "model" (variance equal to the mean, normal intervals), "quasi" (that error times
        Pearson's chi-squared over n - k, t(n - k)), "HC0" to "HC3" and "Newey-West" (t(n - k)), or
        "year" (CR1, t(G - 1)). lag : of Newey-West; None is floor(4 (n/100)^(2/9)).

    Raises
    ------
    FitError : for a singular design, no events on one side, or no finite maximum.
    """
    y, x, offset, time = used(series)
    fitted = poisson(y, x, offset)
    if not fitted.converged[0]:
        raise FitError(fact("its.sandwich.poisson-model-did-not-converge"))
    beta, bread, mu = fitted.beta[0], fitted.cov[0], fitted.mu[0]
    dispersion, df = float(fitted.pearson[0]), float(len(y) - len(beta))
    notes: tuple[Fact, ...] = ()
    if errors == "model":
        cov, df, dispersion = bread, np.inf, 1.0
    elif errors == "quasi":
        cov = bread * dispersion
    else:
        scores = (y - mu)[:, None] * x
        cov, df, notes = _robust(series, scores, bread, glm_leverage(x, mu), time, errors, lag)
    judge = partial(t_contrasts, beta, cov, df)
    return Fitted("log", beta, judge, dispersion=dispersion, notes=notes)


def fit_negative_binomial(
    series: Series, *, errors: Errors = "model", lag: int | None = None
) -> Fitted:
    """The model by NB2 maximum likelihood, variance mu + alpha mu^2, periods independent.

    Errors "model" are from the expected information at the estimated alpha (as R's
    `MASS::glm.nb`); the others as in `fit_poisson`. Intervals are t(n - k), or t(G - 1) for
    "year". With no excess variance alpha is 0 and the fit is Poisson, with a note.

    Raises
    ------
    FitError : when max|score| stays above 1e-6, for a singular design, or no events on one side.
    """
    y, x, offset, time = used(series)
    fitted = negative_binomial(y, x, offset)
    notes: tuple[Fact, ...] = ()
    if fitted.boundary:
        notes = (fact("its.sandwich.no-excess-variance"),)
    cov, df = fitted.cov, float(len(y) - len(fitted.beta))
    if errors not in ("model", "quasi"):
        shrunk = 1 + fitted.alpha * fitted.mu
        scores = ((y - fitted.mu) / shrunk)[:, None] * x
        leverage = glm_leverage(x, fitted.mu / shrunk)
        cov, df, more = _robust(series, scores, fitted.cov, leverage, time, errors, lag)
        notes += more
    return Fitted(
        "log",
        fitted.beta,
        partial(t_contrasts, fitted.beta, cov, df),
        dispersion=1 + fitted.alpha * float(fitted.mu.mean()),
        notes=notes,
    )


def _robust(
    series: Series,
    scores: np.ndarray,
    bread: np.ndarray,
    leverage: np.ndarray,
    time: np.ndarray,
    errors: Errors,
    lag: int | None,
) -> tuple[np.ndarray, float, tuple[Fact, ...]]:
    """Covariance, degrees of freedom and notes of one kind of robust errors."""
    n, k = scores.shape
    if errors == "Newey-West":
        chosen = newey_west_lag(n) if lag is None else whole(lag, fact("its.sandwich.the-lag"))
        if not 0 <= chosen < n:
            raise FitError(fact("its.sandwich.lag-does-not-fit-series", chosen=chosen, n=n))
        return (
            newey_west(scores, bread, time, chosen),
            n - k,
            (fact("its.sandwich.lag", lag=chosen),),
        )
    if errors == "year":
        year = series.rows.period[series.kept] // calendar.PER_YEAR[series.frequency]
        groups = year + 10_000 * series.rows.site[series.kept]
        return clustered(scores, bread, groups), len(np.unique(groups)) - 1, ()
    if errors in ("HC0", "HC1", "HC2", "HC3"):
        return heteroskedastic(scores, bread, kind=errors, leverage=leverage), n - k, ()
    raise FitError(fact("its.sandwich.no-errors", errors=errors))


def fit_ar1(series: Series) -> Fitted:
    """The model with an AR(1) sandwich whose correlation and dispersion are free of fitting bias.

    The variance of a contrast v'beta is phi sum_st q_s q_t rho^|s-t| with
    q_t = sqrt(mu_t) x_t' (X'WX)^-1 v; rho solves the residual-maker's trace equation. Intervals are
    t with max(n_eff - 3, 3) degrees of freedom, n_eff = n (1 - rho)/(1 + rho).

    Raises
    ------
    FitError : for a singular design, no events on one side, or no finite maximum.
    """
    y, x, offset, time = used(series)
    fitted = poisson(y, x, offset)
    if not fitted.converged[0]:
        raise FitError(fact("its.sandwich.poisson-model-did-not-converge"))
    beta, cov, mu = fitted.beta[0], fitted.cov[0], fitted.mu[0]
    root = np.sqrt(mu)
    working = root[:, None] * x
    rho, dispersion = unbiased_rho((y - mu) / root, working, time)
    influence = working @ cov
    robust = dispersion * influence.T @ ar1_matrix(time, rho) @ influence
    effective = len(y) * (1 - rho) / (1 + rho)
    judge = partial(t_contrasts, beta, robust, max(effective - 3, 3.0))
    return Fitted("log", beta, judge, rho=rho, dispersion=dispersion)
