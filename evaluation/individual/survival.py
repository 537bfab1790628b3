"""Hazard ratios of an event: Cox, and Fine and Gray where other events come first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np

from evaluation.data.one_per_row import code
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual.effects import p_words, rate_effect, term
from evaluation.individual.gate import Adjusted, objection, passed
from evaluation.individual.people import People
from evaluation.individual.propensity import Trim, Weights
from evaluation.individual.timed import Timed, timed
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.cox import Cox, Ties, proportional_hazards
from evaluation.numeric.people.cox import cox as fit_cox
from evaluation.numeric.people.fine_gray import fine_gray as fit_fine_gray
from evaluation.numeric.shared.regressions import Dependent
from evaluation.numeric.shared.solvable import solvable

Adjust = Literal["none", "covariates"]
Fit = TypeVar("Fit")

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
        model = _named(
            names, lambda: fit_cox(found.time, found.cause == 1, x, weight=found.weight, ties=ties)
        )
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
        fit = _named(names, lambda: fit_fine_gray(found.time, found.cause, x, weight=found.weight))
        words = _words("subdistribution", outcome, horizon)
        more = fit.censoring @ fit.cox.bread
        made = _effect(found, fit.cox, names, "fine-gray", words, adjust, horizon, more)
        return passed(made, people)


def proportionality(people: People, outcome: str) -> Check:
    """Whether the hazard ratio stays the same over time (Grambsch and Therneau 1994)."""
    found = timed(people, outcome)
    names, x = _design(found, "none")
    model = _named(names, lambda: fit_cox(found.time, found.cause == 1, x, weight=found.weight))
    test = proportional_hazards(model)[0]
    passed = test.p_value >= ALPHA
    key = f"individual.survival.{'proportional' if passed else 'not-proportional'}"
    says = fact(key, event=outcome, p=p_words(test.p_value))
    row = {"chi_square": test.statistic, "df": test.df, "p_value": test.p_value}
    return Check("proportional-hazards", "", passed, says, (row,))


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
    rows = found.errors(unit @ model.bread) + more
    df: float | None = None
    if not found.used.singly:
        which = np.unique(found.used.cluster, return_inverse=True)[1]
        rows = np.stack([np.bincount(which, column) for column in rows.T], axis=1)
        df = float(len(rows) - 1)
    errors = np.sqrt((rows**2).sum(axis=0))
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
        ratio="hazard ratio",
        notes=found.notes,
        objection=objection(found.basis(adjusted)),
    )


def _named(names: tuple[str, ...], fit: Callable[[], Fit]) -> Fit:
    """The fit, or a fault that names the covariate."""
    try:
        return fit()
    except Dependent as fault:
        raise FitError(
            fact("individual.survival.does-not-vary-among-people", names=names[fault.column])
        ) from None
