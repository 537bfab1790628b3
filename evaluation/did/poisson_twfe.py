"""Two-way fixed effects for counts: Poisson with unit effects, period effects and treatment.

The estimate is the log of a rate ratio, consistent whatever the distribution of the counts when
their mean is right (Wooldridge 1999, Journal of Econometrics 90:77-97), and free of the incidental
parameters of the units. The log exposure is the offset. Units without an event say nothing and are
counted in a note.

The default errors leave out one cluster at a time and fit again (CR3, factor (G - 1)/G, squares
about the estimate; t(min(treated, control clusters) - 1)); with more than 400 clusters the fits are
replaced by one step each from the whole. "CR1" has the factor G/(G - 1) (n - 1)/(n - K), where K
has the treatment and the periods and, with nested "counted", the units; t(G - 1). "model" takes the
counts as Poisson.

With several starts and effects that grow, the coefficient is not their average: a phased-in -30 %
was seen as -22 % (`poisson-imputation` is for that).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.usable import Nested, clusters_unused, few, sides
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.fixed_effects import PanelFit, poisson_effects, unit_information
from evaluation.numeric.shared import clusters

Errors = Literal["model", "CR0", "CR1", "CR2", "CR3"]

# Fits again up to so many clusters; one step from the whole fit above.
REFITS = 400


def fit(cohorts: Cohorts, *, errors: Errors = "CR3", nested: Nested = "not counted") -> Answer:
    """The log rate ratio of treatment.

    Parameters
    ----------
    errors : "CR3", "CR2", "CR1" or "CR0" by cluster, or "model". nested : whether unit effects
        count in the factor of CR1.

    Raises
    ------
    FitError : for a treatment that is the same in all units, no events where they
        are needed for a finite estimate, fewer than two clusters, or a setting that is not known.
    """
    if errors not in get_args(Errors):
        raise FitError(
            fact(
                "did.poisson-twfe.errors-not-known-there",
                errors=errors,
                get_args=tuple(get_args(Errors)),
            )
        )
    if nested != "not counted" and errors != "CR1":
        raise FitError(fact("did.poisson-twfe.nested-changes-nothing-errors-cr1", errors=errors))
    refuse_separation(cohorts)
    x = cohorts.strength[:, :, None]
    y = _counts(cohorts)
    fitted = poisson_effects(y, x, cohorts.log_exposure, weight=cohorts.weight, used=cohorts.used)
    answer = _judged(cohorts, x, fitted, errors, nested)
    empty = int((y.sum(axis=1) == 0).sum())
    notes = (fact("did.poisson-twfe.empty", n=empty),) if empty else ()
    said = fitted.mu > 0
    freedom = int(said.sum()) - (cohorts.n - empty) - int(fitted.kept.sum()) + 1 - 1
    spread = float(((y - fitted.mu)[said] ** 2 / fitted.mu[said]).sum())
    away = np.exp(float(fitted.beta[0]) * x[:, :, 0])
    return replace(
        answer,
        expected=np.where(cohorts.known, fitted.mu / away, np.nan),
        dispersion=spread / freedom if freedom > 0 else None,
        notes=(*notes, *answer.notes, *clusters_unused(cohorts, errors == "model", errors)),
        objection=few(*sides(cohorts))
        if errors != "model"
        else not_valid("did.poisson-twfe.model"),
    )


def _counts(cohorts: Cohorts) -> np.ndarray:
    """(N, T) counts, nought in cells that are not used."""
    return cohorts.y if cohorts.used is None else np.where(cohorts.used, cohorts.y, 0.0)


def refuse_separation(cohorts: Cohorts) -> None:
    """Nothing, when events are where a finite rate ratio needs them.

    Raises
    ------
    FitError : when treated cells, treated units before, or untreated cells at the same times have
        no event.
    """
    treated = cohorts.treated
    before = cohorts.ever[:, None] & cohorts.untreated
    later = np.arange(cohorts.length) >= cohorts.cohorts[0]
    beside = cohorts.untreated & later
    for cells, where in ((treated, "under"), (before, "before"), (beside, "beside")):
        if cells.any() and cohorts.y[cells].sum() == 0:
            words = fact(f"did.poisson-twfe.{where}")
            raise FitError(fact("did.poisson-twfe.there-no-event-rate-ratio", words=words))


def _judged(
    cohorts: Cohorts, x: np.ndarray, fitted: PanelFit, errors: Errors, nested: Nested
) -> Answer:
    beta, bread = float(fitted.beta[0]), fitted.cov
    groups = int(cohorts.cluster.max()) + 1
    if errors == "model":
        return t_answer("log ratio", beta, float(np.sqrt(bread[-1, -1])), None)
    scores = clusters.sums(fitted.scores, cohorts.cluster)
    events = _counts(cohorts).sum(axis=1) > 0
    periods = int(fitted.kept.sum())
    if errors in ("CR0", "CR1"):
        rows = int(cohorts.known[events][:, fitted.kept].sum())
        counted = int(events.sum()) - 1 if nested == "counted" else 0
        used = len(np.unique(cohorts.cluster[events]))
        factor = clusters.small_sample(rows, used, 1 + periods + counted)
        variance = max(float(clusters.covariance(scores, bread)[-1, -1]), 0.0)
        error = np.sqrt(variance * (factor if errors == "CR1" else 1.0))
        return t_answer("log ratio", beta, float(error), used - 1)
    if errors == "CR3" and groups <= REFITS:
        return _jackknife(cohorts, x, fitted)
    information = clusters.sums(
        unit_information(fitted, x, cohorts.weight), cohorts.cluster, groups
    )
    last = np.eye(len(bread))[-1]
    found = clusters.reduced(scores, information, last, kind="CR2" if errors == "CR2" else "CR3")
    if errors == "CR2":
        return t_answer("log ratio", beta, found.std_error, max(found.df, 1.0))
    _refuse_own(found.own)
    error = found.std_error * np.sqrt((groups - 1) / groups)
    answer = t_answer("log ratio", beta, float(error), _df(cohorts))
    return replace(answer, notes=(fact("did.poisson-twfe.one-step", n=groups),))


def _jackknife(cohorts: Cohorts, x: np.ndarray, fitted: PanelFit) -> Answer:
    beta, groups = float(fitted.beta[0]), int(cohorts.cluster.max()) + 1
    y = _counts(cohorts)
    if sides(cohorts)[0] < 2:
        _refuse_own(1)
    away = np.empty(groups)
    for group in range(groups):
        rest = cohorts.cluster != group
        if not y[~rest].any():
            away[group] = beta
            continue
        try:
            without = poisson_effects(
                y[rest],
                x[rest],
                cohorts.log_exposure[rest],
                weight=cohorts.weight[rest],
                start=fitted,
                used=None if cohorts.used is None else cohorts.used[rest],
            )
        except FitError as fault:
            units = np.array(cohorts.units)[~rest]
            raise FitError(
                fact("did.poisson-twfe.jackknife-without", units=units[0], fault=fault)
            ) from fault
        away[group] = without.beta[0]
    error = np.sqrt((groups - 1) / groups * ((away - beta) ** 2).sum())
    return t_answer("log ratio", beta, float(error), _df(cohorts))


def _refuse_own(own: int) -> None:
    if own:
        raise FitError(fact("did.poisson-twfe.without-one-clusters-there-no"))


def _df(cohorts: Cohorts) -> float:
    return float(max(min(sides(cohorts)) - 1, 1))
