"""Ratios of hazards and of rates: Cox, Fine and Gray where other events come first, and Andersen
and Gill of all arrests that come again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import code, numbers
from evaluation.effect import Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, naming
from evaluation.individual.effects import among, p_words, rate_effect, term
from evaluation.individual.gate import Adjusted, Basis, objection, passed
from evaluation.individual.people import People
from evaluation.individual.propensity import Trim, Weights, weighted
from evaluation.individual.timed import Timed, known_horizon, seen_to, somebody_had, timed
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.competing import fine_gray as fit_fine_gray
from evaluation.numeric.people.cox import Cox, Ties, proportional_hazards
from evaluation.numeric.people.cox import cox as fit_cox
from evaluation.numeric.people.risk_sets import spells
from evaluation.numeric.shared.linear import solvable

Adjust = Literal["none", "covariates"]

# A hazard ratio that changes over time is some average, and which one depends on who was censored.
ALPHA = 0.05


def cox(
    people: People,
    outcome: str,
    horizon: float | None = None,
    estimand: Estimand = "ATT",
    *,
    weights: Weights = "propensity",
    adjust: Adjust = "none",
    trim: Trim = "none",
    ties: Ties = "efron",
) -> Effect:
    """The log hazard ratio of an event, by Cox regression on treatment with weights.

    With weights alone it is the ratio among everyone together, which is nearer to one than that of
    people who are alike, even where the groups are alike (Hernan 2010, Epidemiology 21:13-15).

    Other events end follow-up: it is the hazard among those still there, not a risk in the world as
    it is. Errors are robust (Lin and Wei 1989; with "given" weights R's `coxph(weights =, robust =
    TRUE)` and `coxph(cluster =)`), those of estimated propensities included; intervals are normal,
    with clusters t(G - 1).

    Parameters
    ----------
    outcome : of kind "time". adjust : "covariates" puts them beside treatment; the hazard ratio is
    then that of people with the same covariates. horizon : days after entry; events after it do
    not count. others : see `timed`.

    Raises
    ------
    DataError, FitError : see `timed` and `numeric.cox.cox`.
    """
    with solvable("cox"):
        found = timed(
            people, outcome, estimand=estimand, weights=weights, trim=trim, horizon=horizon
        )
        names, x = _design(found, adjust)
        with naming(names):
            model = fit_cox(found.time, found.cause == 1, x, weight=found.weight, ties=ties)
        words = _words("hazards", outcome, horizon)
        made = _effect(found, model, names, "cox", words, adjust, horizon)
        return passed(replace(made, notes=(*made.notes, *_changing(model))), people)


def _changing(model: Cox) -> tuple[Fact, ...]:
    """A note where the hazard ratio is not the same at all times."""
    try:
        p_value = proportional_hazards(model)[0].p_value
    except (FitError, np.linalg.LinAlgError):
        return ()
    if not p_value < ALPHA:
        return ()
    return (fact("individual.survival.changing", p=p_words(p_value)),)


def _words(kind: str, outcome: str, horizon: float | None) -> Fact:
    """What is a ratio, and up to when; without a horizon over all of follow-up."""
    what = fact(f"individual.survival.{kind}", event=outcome)
    if horizon is None:
        return fact("individual.survival.over-all", what=what)
    return fact("individual.survival.within", what=what, day=code(horizon))


def fine_gray(
    people: People,
    outcome: str,
    horizon: float | None = None,
    estimand: Estimand = "ATT",
    *,
    weights: Weights = "propensity",
    adjust: Adjust = "none",
    trim: Trim = "none",
) -> Effect:
    """The log subdistribution hazard ratio of an event, when others may come first.

    Its sign is that of the difference in risk. Errors are those of `cmprsk::crr` with "given"
    weights of one; estimated propensities are included otherwise.

    Raises
    ------
    DataError, FitError : see `cox`.
    """
    with solvable("fine-gray"):
        found = timed(
            people, outcome, estimand=estimand, weights=weights, trim=trim, horizon=horizon
        )
        names, x = _design(found, adjust)
        with naming(names):
            fit = fit_fine_gray(found.time, found.cause, x, weight=found.weight)
        words = _words("subdistribution", outcome, horizon)
        more = fit.censoring @ fit.cox.bread
        made = _effect(found, fit.cox, names, "fine-gray", words, adjust, horizon, more)
        return passed(made, people)


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
        made = _rates(people, events, name, estimand, weights, trim, ties, horizon)
        return passed(made, people)


def _rates(
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
        ratio=fact("individual.quantities.rate-ratio"),
        notes=() if scores is None else scores.notes,
        objection=objection(basis),
    )


def proportionality(people: People, outcome: str) -> Check:
    """Whether the hazard ratio stays the same over time (Grambsch and Therneau 1994)."""
    found = timed(people, outcome)
    names, x = _design(found, "none")
    with naming(names):
        model = fit_cox(found.time, found.cause == 1, x, weight=found.weight)
    test = proportional_hazards(model)[0]
    passed = test.p_value >= ALPHA
    key = f"individual.survival.{'proportional' if passed else 'not-proportional'}"
    says = fact(key, event=outcome, p=p_words(test.p_value))
    row = {"chi_square": test.statistic, "df": test.df, "p_value": test.p_value}
    return Check("proportional-hazards", passed, says, (row,))


def _design(found: Timed, adjust: Adjust) -> tuple[tuple[str, ...], np.ndarray]:
    treated = found.treated.astype(float)[:, None]
    if adjust == "none":
        return ("treated",), treated
    if adjust != "covariates":
        raise FitError(fact("individual.survival.adjust-none-covariates-not", adjust=adjust))
    return ("treated", *found.used.names[1:]), np.column_stack([treated, found.used.x[:, 1:]])


def _effect(
    found: Timed,
    model: Cox,
    names: tuple[str, ...],
    method: str,
    words: Fact,
    adjust: Adjust,
    horizon: float | None,
    more: np.ndarray | float = 0.0,
) -> Effect:
    """The Effect of the first coefficient, told as a rate by its horizon, with what the gate says.

    more : (m, k) what people move the coefficients by beside their scores, whose share a unit of
    weight is what a propensity moves.
    """
    adjusted: Adjusted = "nothing" if found.scores is None else "weights"
    if adjust == "covariates":
        adjusted = "model"
    unit = np.divide(
        model.scores,
        found.weight[:, None],
        out=np.zeros_like(model.scores),
        where=found.weight[:, None] > 0,
    )
    cov, df = found.covariance(unit @ model.bread, more)
    errors = np.sqrt(np.diagonal(cov))
    terms = tuple(
        term(f"log hazard ratio: {name}", float(b), float(e), df)
        for name, b, e in zip(names, model.beta, errors, strict=True)
    )
    main = terms[0]
    events = np.where(found.cause == 1, found.weight, 0.0)
    if found.used.estimand == "ATT":
        number = events[found.treated].sum()
    else:
        # As many as there would be had nobody been treated, in all the people here.
        share = events[~found.treated].sum() / found.weight[~found.treated].sum()
        number = share * found.used.base.sum()
    return rate_effect(
        method,
        main,
        number,
        happened=found.used.estimand == "ATT",
        estimand=words,
        averted_estimand=fact("individual.survival.averted"),
        terms=terms,
        n=int((found.weight > 0).sum()),
        horizon=horizon,
        ratio=fact("individual.quantities.hazard-ratio"),
        notes=found.notes,
        objection=objection(found.basis(adjusted)),
    )
