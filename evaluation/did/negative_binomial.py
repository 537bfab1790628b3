"""Two-way fixed effects for counts with a negative binomial variance, by dummies: for few units.

The NB2 regression (variance mu + alpha mu^2; `statsmodels.NegativeBinomial`, with Newton's steps
from where it stops) has a dummy for every unit and period, "unconditional"
fixed effects. The conditional one of Hausman, Hall and Griliches is no fixed-effects model (Allison
and Waterman 2002, Sociological Methodology 32:247-265); this one has hardly any bias in the
coefficient, but its own standard errors are too small, so errors are clustered: CR1 with the factor
G/(G - 1) (n - 1)/(n - K), where K has the treatment, the periods and alpha, not the units, t(G -
1); or CR2 with Satterthwaite's degrees of freedom at the working weights mu/(1 + alpha mu). Poisson
two-way fixed effects estimate the same ratio under weaker assumptions: this is a sensitivity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.poisson_twfe import refuse_separation
from evaluation.did.usable import clusters_unused, few, refuse_partial, sides
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared import clusters, regressions
from evaluation.numeric.shared.glm import negative_binomial

Errors = Literal["model", "CR1", "CR2"]

# Dummies that a dense design can hold, and beyond which alpha is badly biased downward.
MOST = 300


def fit(cohorts: Cohorts, *, errors: Errors = "CR1") -> Answer:
    """The log rate ratio of treatment.

    Parameters
    ----------
    errors : "CR1" or "CR2" by cluster, or "model" (expected information, normal).

    Raises
    ------
    FitError : for more than 300 units and periods, with unequal weights, where events
        are missing for a finite estimate, when it does not converge, or a setting that is not
        known.
    """
    refuse_partial(cohorts)
    if errors not in get_args(Errors):
        raise FitError(
            fact(
                "did.negative-binomial.errors-not-known-there",
                errors=errors,
                get_args=tuple(get_args(Errors)),
            )
        )
    if np.ptp(cohorts.weight) > 0:
        raise FitError(fact("did.negative-binomial.negative-binomial-twfe-takes-no"))
    refuse_separation(cohorts)
    units, periods = cohorts.y.any(axis=1), cohorts.y.any(axis=0)
    n, length = int(units.sum()), int(periods.sum())
    if n + length > MOST:
        raise FitError(fact("did.negative-binomial.units-periods", n=n, length=length, most=MOST))
    cells = np.ix_(units, periods)
    y, treated = cohorts.y[cells].ravel(), cohorts.strength[cells].ravel()
    unit, period = np.repeat(np.arange(n), length), np.tile(np.arange(length), n)
    x = np.column_stack([np.eye(n)[unit], np.eye(length)[period][:, 1:], treated])
    offset = cohorts.log_exposure[cells].ravel()
    found = negative_binomial(y, x, offset, start=regressions.negative_binomial(y, x, offset))
    if not (np.isfinite(found.cov).all() and (np.diagonal(found.cov) > 0).all()):
        raise FitError(fact("did.negative-binomial.likelihood-flat-some-direction-rate"))
    working = found.mu / (1 + found.alpha * found.mu)
    scores = ((y - found.mu) * working / found.mu)[:, None] * x
    cluster = np.unique(cohorts.cluster[units], return_inverse=True)[1][unit]
    summed = clusters.sums(scores, cluster)
    beta, groups = float(found.beta[-1]), len(summed)
    if errors == "model":
        answer = t_answer("log ratio", beta, float(np.sqrt(found.cov[-1, -1])), None)
    elif errors == "CR1":
        factor = clusters.small_sample(len(y), groups, 1 + length + 1)
        variance = float(clusters.covariance(summed, found.cov)[-1, -1]) * factor
        # What rounding leaves of nought may be below it; the effect refuses it then.
        answer = t_answer("log ratio", beta, float(np.sqrt(max(variance, 0.0))), groups - 1)
    else:
        answer = _bias_reduced(beta, scores, x, working, unit, cluster, n)
    expected = np.full(cohorts.y.shape, 0.0)
    expected[cells] = (found.mu / np.exp(beta * treated)).reshape(n, length)
    key = "did.negative-binomial.boundary" if found.boundary else "did.negative-binomial.alpha"
    notes = [fact(key, alpha=found.alpha)]
    if n < cohorts.n:
        notes.append(fact("did.poisson-twfe.empty", n=cohorts.n - n))
    return replace(
        answer,
        expected=expected,
        dispersion=float(((y - found.mu) ** 2 / found.mu).sum()) / (len(y) - x.shape[1]),
        notes=(*notes, *clusters_unused(cohorts, errors == "model", errors)),
        objection=few(*sides(cohorts))
        if errors != "model"
        else not_valid("did.negative-binomial.model"),
    )


def _bias_reduced(
    beta: float,
    scores: np.ndarray,
    x: np.ndarray,
    working: np.ndarray,
    unit: np.ndarray,
    cluster: np.ndarray,
    n: int,
) -> Answer:
    """Unit dummies are nested in clusters: their weighted means are taken out of the rest."""
    rest = x[:, n:]
    total = np.bincount(unit, weights=working)
    mean = clusters.sums(working[:, None] * rest, unit) / total[:, None]
    within = rest - mean[unit]
    # The scores of the unit dummies are nought but for rounding, so `rest` and `within` agree.
    ratio = scores[np.arange(len(x)), unit]
    information = clusters.sums(
        (working[:, None] * within)[:, :, None] * within[:, None, :], cluster
    )
    last = np.eye(rest.shape[1])[-1]
    found = clusters.reduced(
        clusters.sums(ratio[:, None] * within, cluster), information, last, kind="CR2"
    )
    return t_answer("log ratio", beta, found.std_error, max(found.df, 1.0))
