"""Triple differences: the effect on what the strategy is aimed at, less that on what it is not.

Both are seen in the same places, such as gang-involved and other shootings; whatever happens to a
place and touches both alike falls out, treated or not. With effects of place by kind, period by
kind and place by period:

Continuous outcomes: a two-way regression of the difference between the two kinds, errors CR1 by
place (`evaluation.did.twfe`).
Counts: Poisson with the three sets of effects. Given the total of a place in a period the count of
one kind is binomial with log odds place + period + treatment; the estimate is the log of a ratio of
rate ratios. Errors leave out one place at a time (CR3, factor (G - 1)/G), t(min(treated, control
places) - 1). The binomial has an effect of each place, which biases estimates from few periods in
the order of one over their number (Weidner and Zylkin 2021, Journal of International Economics
132:103513); leaving out places does not take that out.

Gruber (1994), American Economic Review 84:622-641; Olden and Moen (2022), Econometrics Journal
25:531-553: one parallel-trends assumption suffices, on the difference.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did import twfe
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import rates
from evaluation.did.usable import few, refuse_partial, sides
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.fixed_effects import binomial_effects


def fit(cohorts: Cohorts, *, affected: str = "affected") -> Answer:
    """The triple difference of a panel with two units a place: one of each kind.

    Places are the clusters. Only units of the kind aimed at have a start.

    Parameters
    ----------
    affected : the covariate that is 1 for the kind aimed at, such as the gang-involved shootings of
        a city, and 0 for the other.

    Raises
    ------
    FitError : when the covariate is missing or not 0 and 1, a place has not one unit of each kind,
        a unit of the other kind has a start, and as `of_outcomes`.
    """
    refuse_partial(cohorts)
    if cohorts.covariate_names != (affected,):
        raise FitError(fact("did.triple.one-covariate-must-be-1", affected=affected))
    kind = cohorts.covariates[:, 0]
    if not np.isin(kind, (0, 1)).all():
        raise FitError(fact("did.triple.must-be-0-1", affected=affected))
    groups = int(cohorts.cluster.max()) + 1
    rows = []
    for value in (1, 0):
        of_kind = np.flatnonzero(kind == value)
        if not np.array_equal(np.sort(cohorts.cluster[of_kind]), np.arange(groups)):
            raise FitError(fact("did.triple.every-place-cluster-must-have"))
        rows.append(of_kind[np.argsort(cohorts.cluster[of_kind])])
    own, other = rows
    if cohorts.ever[other].any():
        name = cohorts.units[int(other[cohorts.ever[other].argmax()])]
        raise FitError(fact("did.triple.not-kind-aimed-must-not", name=name))
    first = cohorts.keeping(own)
    # The other kind has no start of its own, which a panel must have.
    beside = replace(
        cohorts.pretending(cohorts.first[rows[0]][cohorts.cluster]).keeping(other),
        units=first.units,
        cluster=first.cluster,
    )
    answer = of_outcomes(_without_covariates(first), _without_covariates(beside))
    expected = cohorts.y.copy()
    expected[own] = answer.expected
    relative = None
    if answer.relative is not None:
        relative = np.ones(cohorts.y.shape)
        relative[own] = answer.relative
    return replace(answer, expected=expected, relative=relative, covariates=(affected,))


def of_outcomes(own: Cohorts, other: Cohorts) -> Answer:
    """The triple difference of two outcomes of the same places and periods.

    Parameters
    ----------
    own : the outcome that is aimed at, with the starts. other : the outcome that is not; its starts
        do not matter.

    Raises
    ------
    FitError : when places, periods or kinds differ; for counts with one treated place or without an
        event where one is needed; and as `evaluation.did.twfe.fit`.
    """
    refuse_partial(own)
    refuse_partial(other)
    if own.units != other.units or own.periods != other.periods or own.kind != other.kind:
        raise FitError(fact("did.triple.both-outcomes-must-be-same"))
    if own.kind == "count":
        return _counts(own, other)
    values, relative, notes = rates(own)
    beside = rates(other)[0]
    answer = twfe.fit(replace(own, y=values - beside, exposure=None))
    expected = (np.asarray(answer.expected) + beside) * relative
    return replace(answer, expected=expected, relative=relative, notes=(*notes, *answer.notes))


def _counts(own: Cohorts, other: Cohorts) -> Answer:
    treated = own.treated
    before = own.ever[:, None] & ~treated
    for cells, under in ((treated, True), (before, False)):
        for panel, aimed in ((own, True), (other, False)):
            if not panel.y[cells].any():
                key = "did.triple.there-no-event-treated-places"
                raise FitError(fact(key, aimed=aimed, under=under))
    if sides(own)[0] < 2:
        raise FitError(fact("did.triple.one-treated-place-no-place"))
    offset = own.log_exposure - other.log_exposure
    total, x = own.y + other.y, treated.astype(float)
    whole = binomial_effects(own.y, total, x, offset, own.weight)
    groups = int(own.cluster.max()) + 1
    away = np.empty(groups)
    for group in range(groups):
        rest = own.cluster != group
        without = binomial_effects(
            own.y[rest], total[rest], x[rest], offset[rest], own.weight[rest]
        )
        away[group] = without.beta
    error = np.sqrt((groups - 1) / groups * ((away - whole.beta) ** 2).sum())
    df = float(max(min(sides(own)) - 1, 1))
    # The other kind times the odds without treatment; the observed where none are fitted.
    odds = np.exp(whole.eta - whole.beta * x)
    expected = np.where(np.isnan(odds), own.y, other.y * odds)
    return replace(
        t_answer("log ratio", whole.beta, float(error), df),
        expected=expected,
        notes=(fact("did.triple.silent", n=whole.silent),) if whole.silent else (),
        objection=few(*sides(own)),
    )


def _without_covariates(cohorts: Cohorts) -> Cohorts:
    return replace(cohorts, covariates=np.empty((cohorts.n, 0)), covariate_names=())
