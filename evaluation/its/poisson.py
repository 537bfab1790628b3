"""Poisson regression with model-based, dispersion-scaled, AR(1) and Newey-West errors."""

from __future__ import annotations

from functools import partial

import numpy as np

from evaluation.errors import FitError
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.correlation import ar1_matrix
from evaluation.numeric.glm import poisson
from evaluation.numeric.linear import t_contrasts
from evaluation.numeric.robust import newey_west, newey_west_lag, unbiased_rho


def fit_model(series: Series) -> Fitted:
    """The model with the Poisson model's own error: variance equal to the mean, periods
    independent. Normal intervals."""
    beta, cov, _, _, _ = _maximum(series)
    judge = partial(t_contrasts, beta, cov, np.inf)
    return Fitted("log", beta, judge, dispersion=1.0)


def fit_quasi(series: Series) -> Fitted:
    """The model with the Poisson error scaled by Pearson's chi-squared over n - k, periods
    independent. Intervals are t(n - k). A dispersion below 1 is used as it is."""
    beta, cov, _, dispersion, _ = _maximum(series)
    df = int(series.kept.sum()) - len(beta)
    judge = partial(t_contrasts, beta, cov * dispersion, df)
    return Fitted("log", beta, judge, dispersion=dispersion)


def fit_newey_west(series: Series) -> Fitted:
    """The model with Newey-West errors: lag floor(4 (n/100)^(2/9)), factor n/(n - k), no
    prewhitening; intervals are t(n - k)."""
    beta, cov, mu, dispersion, time = _maximum(series)
    y, x, _, _ = used(series)
    lag = newey_west_lag(len(y))
    robust = newey_west((y - mu)[:, None] * x, cov, time, lag)
    judge = partial(t_contrasts, beta, robust, len(y) - len(beta))
    return Fitted("log", beta, judge, dispersion=dispersion, notes=(f"lag {lag}",))


def fit_ar1_sandwich(series: Series) -> Fitted:
    """The model with an AR(1) sandwich whose correlation and dispersion are free of fitting bias.

    The variance of a contrast v'beta is phi sum_st q_s q_t rho^|s-t| with
    q_t = sqrt(mu_t) x_t' (X'WX)^-1 v; rho solves the residual-maker's trace equation. Intervals are
    t with max(n_eff - 3, 3) degrees of freedom, n_eff = n (1 - rho)/(1 + rho).
    """
    beta, cov, mu, _, time = _maximum(series)
    y, x, _, _ = used(series)
    root = np.sqrt(mu)
    working = root[:, None] * x
    rho, dispersion = unbiased_rho((y - mu) / root, working, time)
    influence = working @ cov
    robust = dispersion * influence.T @ ar1_matrix(time, rho) @ influence
    effective = len(y) * (1 - rho) / (1 + rho)
    df = max(effective - 3, 3.0)

    judge = partial(t_contrasts, beta, robust, df)
    return Fitted("log", beta, judge, rho=rho, dispersion=dispersion)


def _maximum(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, np.ndarray]:
    """beta, model covariance, means, Pearson dispersion and times of the maximum likelihood fit.

    Raises
    ------
    FitError : for a singular design, no events on one side, or no finite maximum.
    """
    y, x, offset, time = used(series)
    fitted = poisson(y, x, offset)
    if not fitted.converged[0]:
        raise FitError("the Poisson model did not converge: a coefficient has no finite estimate")
    return fitted.beta[0], fitted.cov[0], fitted.mu[0], float(fitted.pearson[0]), time
