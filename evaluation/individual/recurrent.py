"""Arrests that come again: the rate of all of them, and not only the first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.data.findings import FEW, words_of
from evaluation.data.one_per_row import code, numbers
from evaluation.effect import Effect, Interval, Quantity
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison, known_estimand
from evaluation.individual.effects import term
from evaluation.individual.gate import Basis, objection, passed
from evaluation.individual.people import People
from evaluation.individual.propensity import Trim, propensity
from evaluation.individual.timed import Timed, Weights, known_horizon, seen_to
from evaluation.numeric.panel.doubly_robust import Estimand, inverse_probability
from evaluation.numeric.people.cox import Ties
from evaluation.numeric.people.cox import cox as fit_cox
from evaluation.numeric.people.recurrent import spells
from evaluation.numeric.shared.solvable import solvable


def andersen_gill(
    people: People,
    events: Sequence[Sequence[float] | np.ndarray],
    *,
    name: str,
    estimand: Estimand = "ATT",
    weights: Weights = "propensity",
    trim: Trim = "none",
    ties: Ties = "efron",
    horizon: float | None = None,
) -> Effect:
    """The log ratio of the rates of an event that comes again, by a proportional rates model.

    Andersen and Gill's (1982) model with errors robust to how the events of a person hang together
    (Lin, Wei, Yang and Ying 2000, JRSS B 62:711-730), those of estimated propensities included;
    with "given" weights R's `coxph(Surv(start, stop, event) ~ treated, cluster =)`. Several events
    on one day count as one. Intervals are normal, with clusters t(G - 1).

    Parameters
    ----------
    events : of each of the people, in their order, days after entry. name : of the event, in words.
    horizon : days after entry; events after it do not count. others : see `timed`.

    Raises
    ------
    DataError : when there is not one list a person, somebody's follow-up is not known, or an event
    is not after entry and within follow-up.
    FitError : when nobody on a side has one, or the propensity cannot be fitted.
    """
    known_estimand(estimand)
    if weights not in ("propensity", "given"):
        raise FitError(fact("individual.recurrent.weights-propensity-given-not", weights=weights))
    if weights == "given" and trim != "none":
        raise FitError(fact("individual.recurrent.given-weights-have-no-propensity"))
    with solvable("andersen-gill"):
        made = _fitted(people, events, name, estimand, weights, trim, ties, horizon)
        return passed(made, people)


def _fitted(
    people: People,
    events: Sequence[Sequence[float] | np.ndarray],
    name: str,
    estimand: Estimand,
    weights: Weights,
    trim: Trim,
    ties: Ties,
    horizon: float | None,
) -> Effect:
    """The rate ratio, with what the gate says of the people and their weights."""
    if len(events) != people.n:
        raise DataError(
            f"there are {words_of(len(events))} lists of events for {words_of(people.n)} people; "
            "give one list a person, empty for none"
        )
    if not np.isfinite(people.follow_up).all():
        raise DataError("events that come again need the follow-up of each person, in days")
    days = [numbers(f"events of {name}", own) for own in events]
    for own, end, who in zip(days, people.follow_up, people.ids, strict=True):
        if len(own) and not (own.min() > 0 and own.max() <= end):
            raise DataError(
                f"of person {who!r} an event is at entry, before it, or after the end of follow-up"
            )
    if horizon is not None:
        known_horizon(horizon)
    follow_up = np.minimum(people.follow_up, np.inf if horizon is None else float(horizon))
    events = [own[own <= end] for own, end in zip(days, follow_up, strict=True)]
    seen = np.flatnonzero(follow_up > 0)
    data = Comparison(
        y=np.array([float(len(events[int(i)])) for i in seen]),
        treated=people.treated[seen],
        x=np.column_stack([np.ones(len(seen)), people.covariates[seen]]),
        names=("constant", *people.covariate_names),
        base=people.weight[seen],
        cluster=people.cluster[seen],
        kind="count",
        estimand=estimand,
    )
    scores = propensity(data, trim=trim) if weights == "propensity" else None
    used, weight = data, data.base
    if scores is not None:
        used, seen = scores.used, seen[scores.kept]
        weight = inverse_probability(scores.p, used.treated, used.base, used.estimand)
    for word, side in (("treated", used.treated), ("untreated", ~used.treated)):
        if not used.y[side].any():
            raise FitError(
                fact("individual.recurrent.people-had-too-few-be", few=FEW, word=word, name=name)
            )
    if horizon is not None:
        # An event does not end follow-up here, so that nobody is past it by one.
        seen_to(follow_up[seen], np.zeros(len(seen)), used.treated, horizon)
    rows = spells([events[int(i)] for i in seen], follow_up[seen])
    model = fit_cox(
        rows.stop,
        rows.event,
        used.treated[rows.person].astype(float)[:, None],
        weight=weight[rows.person],
        start=rows.start,
        ties=ties,
    )
    by_person = np.bincount(rows.person, model.moved[:, 0], len(seen))
    found = Timed(follow_up[seen], np.zeros(len(seen)), used, weight, scores)
    cov, df = found.covariance((by_person / weight)[:, None])
    main = term("log rate ratio: treated", float(model.beta[0]), float(np.sqrt(cov[0, 0])), df)
    ends = (main.estimate, main.low, main.high)
    if estimand == "ATT":
        number = float(weight[used.treated] @ used.y[used.treated])
        saved = [number * float(np.expm1(-end)) for end in ends]
    else:
        share = (weight * used.y)[~used.treated].sum() / weight[~used.treated].sum()
        saved = [-float(share * used.base.sum() * np.expm1(end)) for end in ends]
    whom = "those who were treated" if estimand == "ATT" else "everyone here, treated or not"
    times = [float(np.exp(end)) for end in ends]
    until = "over all of follow-up" if horizon is None else f"within {code(horizon)} days"
    had = (used.y > 0).astype(float)
    basis = Basis(used, weight, had, "nothing" if scores is None else "weights")
    return Effect(
        method="andersen-gill",
        scale="log ratio",
        estimand=f"log ratio of the rates of {name} with treatment over without, {until}, "
        f"among {whom}",
        estimate=main.estimate,
        std_error=main.std_error,
        df=df,
        low=main.low,
        high=main.high,
        p_value=main.p_value,
        percent=Interval(*(100 * float(np.expm1(end)) for end in ends)),
        averted=Interval(saved[0], min(saved), max(saved)),
        averted_estimand=f"expected less observed {name} within the follow-up there was",
        terms=(main,),
        path=(),
        n=len(seen),
        notes=() if scores is None else scores.notes,
        objection=objection(basis),
        percent_of="rate",
        horizon=None if horizon is None else float(horizon),
        quantities=(Quantity("rate ratio", "times", times[0], times[1], times[2], "transformed"),),
    )
