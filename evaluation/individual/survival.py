"""Hazard ratios of an event: Cox, and Fine and Gray where other events come first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeVar

import numpy as np

from evaluation.data.one_per_row import code
from evaluation.effect import Check, Effect, Interval, Quantity
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.effects import p_words, term
from evaluation.individual.gate import Adjusted, objection, passed
from evaluation.individual.people import People
from evaluation.individual.propensity import Trim
from evaluation.individual.timed import Timed, Weights, timed
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
    *,
    estimand: Estimand = "ATT",
    weights: Weights = "propensity",
    adjust: Adjust = "none",
    trim: Trim = "none",
    ties: Ties = "efron",
    horizon: float | None = None,
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
        words = f"log ratio of the hazards of {outcome} with treatment over without"
        made = _effect(found, model, names, "cox", f"{words}{_until(horizon)}", model.scores)
        made = replace(made, notes=(*made.notes, *_changing(model)))
        return _passed(made, found, people, adjust, horizon)


def _changing(model: Cox) -> tuple[str, ...]:
    """A note where the hazard ratio is not the same at all times."""
    try:
        p_value = proportional_hazards(model)[0].p_value
    except (FitError, np.linalg.LinAlgError):
        return ()
    if not p_value < ALPHA:
        return ()
    return (
        f"The hazard ratio changes over time ({p_words(p_value)}); it is an average that depends "
        "on how long people were followed. Look at the risk by a day.",
    )


def _until(horizon: float | None) -> str:
    """Up to when, in words; without a horizon over all of follow-up."""
    return ", over all of follow-up" if horizon is None else f", within {code(horizon)} days"


def _passed(
    made: Effect, found: Timed, people: People, adjust: Adjust, horizon: float | None
) -> Effect:
    """The effect past the gate, told as a rate by its horizon."""
    adjusted: Adjusted = "nothing" if found.scores is None else "weights"
    if adjust == "covariates":
        adjusted = "model"
    told = replace(
        made,
        percent_of="rate",
        horizon=None if horizon is None else float(horizon),
        objection=objection(found.basis(adjusted)),
    )
    return passed(told, people)


def fine_gray(
    people: People,
    outcome: str,
    *,
    estimand: Estimand = "ATT",
    weights: Weights = "propensity",
    adjust: Adjust = "none",
    trim: Trim = "none",
    horizon: float | None = None,
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
        words = f"log ratio of the subdistribution hazards of {outcome} with treatment over without"
        more = fit.censoring @ fit.cox.bread
        words += _until(horizon)
        made = _effect(found, fit.cox, names, "fine-gray", words, fit.cox.scores, more)
        return _passed(made, found, people, adjust, horizon)


def proportionality(people: People, outcome: str) -> Check:
    """Whether the hazard ratio stays the same over time (Grambsch and Therneau 1994)."""
    found = timed(people, outcome)
    names, x = _design(found, "none")
    model = _named(names, lambda: fit_cox(found.time, found.cause == 1, x, weight=found.weight))
    test = proportional_hazards(model)[0]
    passed = test.p_value >= ALPHA
    says = (
        f"No sign that the hazard ratio of {outcome} changes over time ({p_words(test.p_value)})."
        if passed
        else f"The hazard ratio of {outcome} changes over time ({p_words(test.p_value)}): it is an "
        "average, and the risk by a day or the time free of it say more."
    )
    return Check(
        "proportional-hazards",
        "Is the hazard ratio the same soon after entry and later?",
        passed,
        says,
        ({"chi_square": test.statistic, "df": test.df, "p_value": test.p_value},),
    )


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
    words: str,
    scores: np.ndarray,
    more: np.ndarray | float = 0.0,
) -> Effect:
    """The Effect of the first coefficient.

    scores : (m, k) weighted; their share a unit of weight is what a propensity moves. more : (m, k)
    what people move the coefficients by beside that.
    """
    unit = np.divide(
        scores,
        found.weight[:, None],
        out=np.zeros_like(scores),
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
    ends = (main.estimate, main.low, main.high)
    events = np.where(found.cause == 1, found.weight, 0.0)
    if found.used.estimand == "ATT":
        saved = [float(events[found.treated].sum() * np.expm1(-end)) for end in ends]
    else:
        # As many as there would be had nobody been treated, in all the people here.
        share = events[~found.treated].sum() / found.weight[~found.treated].sum()
        saved = [-float(share * found.used.base.sum() * np.expm1(end)) for end in ends]
    times = [float(np.exp(end)) for end in ends]
    return Effect(
        method=method,
        scale="log ratio",
        estimand=words,
        estimate=main.estimate,
        std_error=main.std_error,
        df=df,
        low=main.low,
        high=main.high,
        p_value=main.p_value,
        percent=Interval(*(100 * float(np.expm1(end)) for end in ends)),
        averted=Interval(saved[0], min(saved), max(saved)),
        averted_estimand=(
            "events that the hazard ratio takes away within the follow-up there was, as if each "
            "were apart from the others"
        ),
        terms=terms,
        path=(),
        n=int((found.weight > 0).sum()),
        notes=found.notes,
        quantities=(
            Quantity("hazard ratio", "times", times[0], times[1], times[2], "transformed"),
        ),
    )


def _named(names: tuple[str, ...], fit: Callable[[], Fit]) -> Fit:
    """The fit, or a fault that names the covariate."""
    try:
        return fit()
    except Dependent as fault:
        raise FitError(
            fact("individual.survival.does-not-vary-among-people", names=names[fault.column])
        ) from None
