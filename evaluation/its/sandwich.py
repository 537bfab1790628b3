"""One fit, many errors: least squares, Poisson and NB2 with the covariance that is asked for.

Poisson regression with an AR(1) sandwich that is free of fitting bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.arrays import whole
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.shared import regressions
from evaluation.numeric.shared.glm import negative_binomial
from evaluation.numeric.shared.linear import orthonormal, t_contrasts
from evaluation.numeric.shared.ols import (
    clustered,
    heteroskedastic,
    newey_west_lag,
    refuse_full_leverage,
    refuse_one_group,
    unbiased_rho,
)

Errors = Literal["model", "quasi", "HC0", "HC1", "HC2", "HC3", "Newey-West", "year"]

NONE: Mapping[str, np.ndarray] = MappingProxyType({})


def fit_ols(series: Series, *, errors: Errors = "model", lag: int | None = None) -> Fitted:
    """The model by least squares (`statsmodels.OLS`).

    Counts with an exposure are fitted as y over relative exposure. Intervals are t(n - k), or
    t(G - 1) for errors clustered by calendar year.

    Parameters
    ----------
    errors : "model" (one variance), "HC0" to "HC3", "Newey-West" (factor n/(n - k), no
        prewhitening) or "year" (CR1). lag : of Newey-West; None is floor(4 (n/100)^(2/9)).
    """
    y, x, _, time = used(series)
    kind, settings, df = _asked(series, errors, *x.shape)
    if errors in ("HC2", "HC3"):
        refuse_full_leverage((orthonormal(x)[0] ** 2).sum(axis=1), errors)
    rate = y / series.relative_exposure[series.kept]
    solved = regressions.least_squares(rate, x, kind, **settings)
    cov = solved.cov
    notes: tuple[Fact, ...] = ()
    if errors == "Newey-West":
        cov, notes = _newey_west(solved.scores, solved.bread, time, lag)
    return Fitted("identity", solved.beta, partial(t_contrasts, solved.beta, cov, df), notes=notes)


def fit_poisson(series: Series, *, errors: Errors = "model", lag: int | None = None) -> Fitted:
    """The model by Poisson maximum likelihood with log link (`statsmodels.GLM`).

    Parameters
    ----------
    errors : "model" (variance equal to the mean, normal intervals), "quasi" (that error times
        Pearson's chi-squared over n - k, t(n - k)), "HC0", "HC1" and "Newey-West" (t(n - k)), or
        "year" (CR1, t(G - 1)). lag : of Newey-West; None is floor(4 (n/100)^(2/9)).

    Raises
    ------
    FitError : for a singular design, no events on one side, or no finite maximum.
    """
    y, x, offset, time = used(series)
    kind, settings, df = _asked(series, errors, *x.shape)
    solved = _poisson(y, x, offset, kind, settings)
    cov, dispersion = solved.cov, solved.pearson
    notes: tuple[Fact, ...] = ()
    if errors == "model":
        df, dispersion = np.inf, 1.0
    elif errors == "quasi":
        cov = cov * dispersion
    elif errors == "Newey-West":
        cov, notes = _newey_west(solved.scores, solved.bread, time, lag)
    judge = partial(t_contrasts, solved.beta, cov, df)
    return Fitted("log", solved.beta, judge, dispersion=dispersion, notes=notes)


def fit_negative_binomial(
    series: Series, *, errors: Errors = "model", lag: int | None = None
) -> Fitted:
    """The model by NB2 maximum likelihood, variance mu + alpha mu^2, periods independent: that of
    `statsmodels.NegativeBinomial`, with Newton's steps from where it stops.

    Errors "model" are from the expected information at the estimated alpha (as R's
    `MASS::glm.nb`); the others as in `fit_poisson`. Intervals are t(n - k), or t(G - 1) for
    "year". With no excess variance alpha is 0 and the fit is Poisson, with a note.

    Raises
    ------
    FitError : when max|score| stays above 1e-6, for a singular design, or no events on one side.
    """
    y, x, offset, time = used(series)
    kind, settings, df = _asked(series, errors, *x.shape)
    fitted = negative_binomial(y, x, offset, start=regressions.negative_binomial(y, x, offset))
    notes: tuple[Fact, ...] = ()
    if fitted.boundary:
        notes = (fact("its.sandwich.no-excess-variance"),)
    cov = fitted.cov
    # The robust errors of the library rest on the observed information, R's on the expected.
    scores = ((y - fitted.mu) / (1 + fitted.alpha * fitted.mu))[:, None] * x
    if errors == "Newey-West":
        cov, more = _newey_west(scores, fitted.cov, time, lag)
        notes += more
    elif kind == "cluster":
        cov = clustered(scores, fitted.cov, settings["groups"])
    elif kind in ("HC0", "HC1"):
        cov = heteroskedastic(scores, fitted.cov, kind="HC0" if kind == "HC0" else "HC1")
    return Fitted(
        "log",
        fitted.beta,
        partial(t_contrasts, fitted.beta, cov, df),
        dispersion=1 + fitted.alpha * float(fitted.mu.mean()),
        notes=notes,
    )


def _asked(
    series: Series, errors: Errors, n: int, k: int
) -> tuple[regressions.Covariance, dict[str, np.ndarray], float]:
    """The covariance to ask the library for, its settings, and degrees of freedom."""
    if errors == "year":
        kept = series.rows.period[series.kept].tolist()
        year = np.array([calendar.year_of(number, series.frequency) for number in kept])
        groups = year + 10_000 * series.rows.site[series.kept]
        return "cluster", {"groups": groups}, refuse_one_group(groups) - 1
    if errors in ("model", "quasi", "Newey-West"):
        return "nonrobust", {}, n - k
    if errors in ("HC0", "HC1", "HC2", "HC3"):
        return errors, {}, n - k
    raise FitError(fact("its.sandwich.no-errors", errors=errors))


def _newey_west(
    scores: np.ndarray, bread: np.ndarray, time: np.ndarray, lag: int | None
) -> tuple[np.ndarray, tuple[Fact, ...]]:
    """Covariance, and a note on its lag."""
    n = len(scores)
    chosen = newey_west_lag(n) if lag is None else whole(lag, fact("its.sandwich.the-lag"))
    if not 0 <= chosen < n:
        raise FitError(fact("its.sandwich.lag-does-not-fit-series", chosen=chosen, n=n))
    return regressions.newey_west(scores, bread, time, chosen), (
        fact("its.sandwich.lag", lag=chosen),
    )


def _poisson(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    kind: regressions.Covariance = "nonrobust",
    settings: Mapping[str, np.ndarray] = NONE,
) -> regressions.Solved:
    solved = regressions.poisson(y, x, offset, kind, **settings)
    if not solved.converged:
        raise FitError(fact("its.sandwich.poisson-model-did-not-converge"))
    return solved


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
    solved = _poisson(y, x, offset)
    beta, root = solved.beta, np.sqrt(solved.mu)
    working = root[:, None] * x
    rho, dispersion = unbiased_rho((y - solved.mu) / root, working, time)
    influence = working @ solved.bread
    robust = dispersion * influence.T @ ar1_matrix(time, rho) @ influence
    effective = len(y) * (1 - rho) / (1 + rho)
    judge = partial(t_contrasts, beta, robust, max(effective - 3, 3.0))
    return Fitted("log", beta, judge, rho=rho, dispersion=dispersion)
