"""Negative binomial (NB2) regression."""

from __future__ import annotations

from functools import partial

from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.numeric.glm import negative_binomial
from evaluation.numeric.linear import t_contrasts


def fit(series: Series) -> Fitted:
    """The model by NB2 maximum likelihood, variance mu + alpha mu^2, periods independent.

    Errors are from the expected information at the estimated alpha (as R's `MASS::glm.nb`);
    intervals are t(n - k). With no excess variance alpha is 0 and the fit is Poisson, with a note.

    Raises
    ------
    FitError : when max|score| stays above 1e-6, for a singular design, or no events on one side.
    """
    y, x, offset, _ = used(series)
    fitted = negative_binomial(y, x, offset)
    notes = ("no excess variance: alpha is 0 and the fit is Poisson",) if fitted.boundary else ()
    judge = partial(t_contrasts, fitted.beta, fitted.cov, len(y) - len(fitted.beta))
    dispersion = 1 + fitted.alpha * float(fitted.mu.mean())
    return Fitted("log", fitted.beta, judge, dispersion=dispersion, notes=notes)
