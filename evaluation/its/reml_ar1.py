"""REML with AR(1) errors and Satterthwaite degrees of freedom, linear and Poisson."""

from __future__ import annotations

from functools import partial

import numpy as np

from evaluation.fact import fact
from evaluation.its.effects import Fitted, Link, used
from evaluation.its.series import Series
from evaluation.numeric.series.ar1 import Ar1Fit, linear_ml, linear_reml, poisson_reml
from evaluation.numeric.shared.linear import Contrasts, t_contrasts


def fit_linear(series: Series) -> Fitted:
    """The model by linear REML with AR(1) errors: the default for continuous outcomes.

    Counts with an exposure are fitted as y over relative exposure, so that coefficients stay in
    outcome units a period at mean exposure. Equals `nlme::gls(corAR1, method = "REML")`;
    intervals are t with Satterthwaite degrees of freedom.

    Raises
    ------
    FitError : for a singular design or a series fitted exactly.
    """
    y, x, _, time = used(series)
    fitted = linear_reml(y / series.relative_exposure[series.kept], x, time)
    return _fitted("identity", fitted)


def fit_linear_ml(series: Series) -> Fitted:
    """The model by linear maximum likelihood with AR(1) errors; intervals are t(n - k).

    Raises
    ------
    FitError : for a singular design or a series fitted exactly.
    """
    y, x, _, time = used(series)
    beta, cov, rho, _ = linear_ml(y / series.relative_exposure[series.kept], x, time)
    return Fitted("identity", beta, partial(t_contrasts, beta, cov, len(y) - len(beta)), rho=rho)


def fit_poisson(series: Series) -> Fitted:
    """The model by Poisson pseudo-likelihood REML with AR(1) errors on the Pearson scale.

    Intervals are t with Satterthwaite degrees of freedom, kept inside [2, n - k].

    Raises
    ------
    FitError : for a singular design, no events on one side, or no convergence.
    """
    y, x, offset, time = used(series)
    return _fitted("log", poisson_reml(y, x, offset, time))


def _fitted(link: Link, fitted: Ar1Fit) -> Fitted:
    def judge(gradients: np.ndarray, moves: float | np.ndarray = 0.0) -> Contrasts:
        df = fitted.satterthwaite(gradients)
        return t_contrasts(fitted.beta, fitted.cov, df, gradients, moves)

    notes = (fact("its.reml-ar1.at-the-edge"),) if fitted.at_bound else ()
    return Fitted(
        link,
        fitted.beta,
        judge,
        rho=fitted.rho,
        dispersion=fitted.sigma2 if link == "log" else None,
        notes=notes,
    )
