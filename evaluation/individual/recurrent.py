"""Arrests that come again: the rate of all of them, and not only the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import code, numbers
from evaluation.effect import Effect
from evaluation.errors import DataError
from evaluation.fact import fact
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import among, rate_effect, term
from evaluation.individual.gate import Basis, objection, passed
from evaluation.individual.people import People
from evaluation.individual.propensity import Trim, Weights, weighted
from evaluation.individual.timed import Timed, known_horizon, seen_to, somebody_had
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.cox import Ties
from evaluation.numeric.people.cox import cox as fit_cox
from evaluation.numeric.people.recurrent import spells
from evaluation.numeric.shared.solvable import solvable


def andersen_gill(
    people: People,
    events: Sequence[Sequence[float] | np.ndarray],
    name: str,
    horizon: float | None = None,
    estimand: Estimand = "ATT",
    *,
    weights: Weights = "propensity",
    trim: Trim = "none",
    ties: Ties = "efron",
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
        told: dict[str, Any] = {
            "lists": counted.people(len(events)),
            "people": counted.people(people.n),
        }
        raise DataError(fact("individual.recurrent.lists", **told))
    if not np.isfinite(people.follow_up).all():
        raise DataError(fact("individual.recurrent.no-follow-up"))
    days = [numbers(f"events of {name}", own) for own in events]
    for own, end, who in zip(days, people.follow_up, people.ids, strict=True):
        if len(own) and not (own.min() > 0 and own.max() <= end):
            raise DataError(counted.of_person(who, fact("individual.recurrent.outside")))
    if horizon is not None:
        known_horizon(horizon)
    follow_up = np.minimum(people.follow_up, np.inf if horizon is None else float(horizon))
    events = [own[own <= end] for own, end in zip(days, follow_up, strict=True)]
    seen = np.flatnonzero(follow_up > 0)
    count = np.array([float(len(events[int(i)])) for i in seen])
    data = Comparison.made(people, count, "count", estimand, seen)
    used, weight, scores = weighted(data, weights, trim)
    seen = seen if scores is None else seen[scores.kept]
    somebody_had(used.y > 0, used.treated, name, "individual.recurrent.too-few-had")
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
    if estimand == "ATT":
        number = float(weight[used.treated] @ used.y[used.treated])
    else:
        share = (weight * used.y)[~used.treated].sum() / weight[~used.treated].sum()
        number = share * used.base.sum()
    key = "over-all" if horizon is None else "within"
    what = fact(f"individual.recurrent.{key}", event=name, day=code(horizon))
    basis = Basis(
        used, weight, (used.y > 0).astype(float), "nothing" if scores is None else "weights"
    )
    return rate_effect(
        "andersen-gill",
        main,
        number,
        happened=estimand == "ATT",
        estimand=among(what, estimand),
        averted_estimand=fact("individual.recurrent.averted", event=name),
        terms=(main,),
        n=len(seen),
        horizon=horizon,
        ratio="rate ratio",
        notes=() if scores is None else scores.notes,
        objection=objection(basis),
    )
