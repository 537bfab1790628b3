"""Poisson regression with an AR(1) sandwich that is free of fitting bias."""

from __future__ import annotations

from functools import partial

import numpy as np

from evaluation.errors import FitError
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.correlation import ar1_matrix
from evaluation.numeric.glm import poisson
from evaluation.numeric.linear import t_contrasts
from evaluation.numeric.robust import unbiased_rho


def fit(series: Series) -> Fitted:
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
        raise FitError("the Poisson model did not converge: a coefficient has no finite estimate")
    beta, cov, mu = fitted.beta[0], fitted.cov[0], fitted.mu[0]
    root = np.sqrt(mu)
    working = root[:, None] * x
    rho, dispersion = unbiased_rho((y - mu) / root, working, time)
    influence = working @ cov
    robust = dispersion * influence.T @ ar1_matrix(time, rho) @ influence
    effective = len(y) * (1 - rho) / (1 + rho)
    judge = partial(t_contrasts, beta, robust, max(effective - 3, 3.0))
    return Fitted("log", beta, judge, rho=rho, dispersion=dispersion)
