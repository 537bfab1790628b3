"""From the numbers of one method to an Effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.effect import Effect, EventTime, Interval, Phase, Point, Scale, Term


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found, on `scale`, with its 95 % interval and two-sided p.

    df : None for the normal or a mixture. expected : (N, T) what the method expects without
    treatment, in outcome units, or None when it has no counterfactual of its own; NaN where it
    says nothing. dynamic : the effect by event time. terms : further coefficients.
    """

    scale: Scale
    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    df: float | None = None
    expected: np.ndarray | None = None
    dynamic: tuple[EventTime, ...] = ()
    terms: tuple[Term, ...] = ()
    dispersion: float | None = None
    notes: tuple[str, ...] = ()
    objection: str | None = None


def t_answer(scale: Scale, estimate: float, std_error: float, df: float | None) -> Answer:
    """An answer with the t distribution, or the normal when `df` is None; what else belongs to it
    is put in with `dataclasses.replace`."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    ratio = abs(estimate) / max(std_error, np.finfo(float).tiny)
    critical = float(ndtri(0.975) if df is None else stdtrit(df, 0.975))
    p_value = float(2 * (ndtr(-ratio) if df is None else stdtr(df, -ratio)))
    half = critical * std_error
    return Answer(scale, estimate, std_error, estimate - half, estimate + half, p_value, df)


def p_words(p_value: float) -> str:
    """A p as a sentence has it: "p 0.031", "p below 0.001"."""
    return "p below 0.001" if p_value < 0.001 else f"p {p_value:.2g}"


def effect(cohorts: Cohorts, method: str, estimand: str, answer: Answer) -> Effect:
    """The Effect of an answer, with percent change, outcomes averted and the path.

    Treated cells are those of treated units from their first treated period on, but those in which
    the method expects nothing; periods with such a cell are not in the path. On the log scale
    the percent change is the transformed estimate and outcomes averted are the observed total of
    the treated cells times exp(-estimate) - 1. On the difference scale both take the estimate as
    the mean change a treated cell: averted is minus the estimate times their number, and percent
    is against the observed mean less the estimate, held fixed over the interval.
    """
    cells = cohorts.treated
    if answer.expected is not None:
        cells = cells & np.isfinite(answer.expected)
    total, count = float(cohorts.y[cells].sum()), int(cells.sum())
    bounds = (answer.estimate, answer.low, answer.high)
    if answer.scale == "log ratio":
        percent = Interval(*(100 * float(np.expm1(bound)) for bound in bounds))
        saved = [total * float(np.expm1(-bound)) for bound in bounds]
    else:
        expected = total / count - answer.estimate
        base = abs(expected) if expected else float("nan")
        percent = Interval(*(100 * bound / base for bound in bounds))
        saved = [-bound * count for bound in bounds]
    return Effect(
        method=method,
        scale=answer.scale,
        estimand=estimand,
        estimate=answer.estimate,
        std_error=answer.std_error,
        df=answer.df,
        low=answer.low,
        high=answer.high,
        p_value=answer.p_value,
        percent=percent,
        averted=Interval(saved[0], min(saved[1:]), max(saved[1:])),
        averted_estimand="expected less observed, summed over treated units and periods",
        terms=answer.terms,
        path=_path(cohorts, answer),
        n=cohorts.y.size,
        dispersion=answer.dispersion,
        notes=answer.notes,
        objection=answer.objection,
        dynamic=answer.dynamic,
    )


def _path(cohorts: Cohorts, answer: Answer) -> tuple[Point, ...]:
    """One point a period, summed over the units that are ever treated; the range of the expected
    line is that of the overall effect, scaled to each period."""
    if answer.expected is None:
        return ()
    rows = cohorts.ever
    observed = cohorts.y[rows].sum(axis=0)
    expected = np.where(cohorts.treated, answer.expected, cohorts.y)[rows].sum(axis=0)
    model = answer.expected[rows].sum(axis=0)
    begin = int(cohorts.first[rows].min())
    half = max(answer.high - answer.estimate, answer.estimate - answer.low)
    points = []
    for t, period in enumerate(cohorts.periods):
        before = t < begin
        middle = float(model[t]) if before else float(expected[t])
        if not np.isfinite(middle):
            continue
        share = float(cohorts.treated[rows, t].mean())
        if before:
            low = high = middle
        elif answer.scale == "log ratio":
            low, high = middle * np.exp(-half * share), middle * np.exp(half * share)
        else:
            width = half * float(cohorts.treated[rows, t].sum())
            low, high = middle - width, middle + width
        phase: Phase = "before" if before else "after" if share == 1 else "phase-in"
        points.append(
            Point(
                period,
                float(observed[t]),
                middle if before else float(observed[t]),
                middle,
                float(low),
                float(high),
                phase,
            )
        )
    return tuple(points)
