"""From the numbers of one method to an Effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.effect import (
    Check,
    Effect,
    EventTime,
    Interval,
    Phase,
    Point,
    Scale,
    Term,
    Told,
    past_all,
)
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.linear import law

P = ParamSpec("P")

# A standard error below this share of the outcomes is what floats leave of nought.
ROUNDING = 1e-11
# Below so many events observed, the noise of their logarithm would be most of the range of what
# was averted.
FEW_EVENTS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method found, on `scale`, with its 95 % interval and two-sided p.

    df : None for the normal or a mixture. expected : (N, T) what the method expects without
    treatment, in outcome units, or None when it has no counterfactual of its own; NaN where it
    says nothing. dynamic : the effect by event time. terms : further coefficients. relative :
    (N, T) exposure over its mean, when a difference is one at that mean. covariates : names of
    those used. own_noise : the part of the squared standard error that is chance in what was
    observed after the start, where a method knows it. cells : (N, T) True in the periods that the
    estimate is of; None for every treated one. matched : whether the treated are compared with
    units whose last periods before the start were like theirs, so that a spike there is in both.
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
    notes: tuple[Told, ...] = ()
    objection: Told | None = None
    relative: np.ndarray | None = None
    covariates: tuple[str, ...] = ()
    own_noise: float = 0.0
    cells: np.ndarray | None = None
    matched: bool = False


def t_answer(scale: Scale, estimate: float, std_error: float, df: float | None) -> Answer:
    """An answer with the t distribution, or the normal when `df` is None; what else belongs to it
    is put in with `dataclasses.replace`."""
    return Answer(scale, estimate, std_error, *law(estimate, std_error, df), df)


def one_of(scale: Scale, batch: Any, df: float | None, place: int = 0) -> Answer:
    """The answer of one of a batch: arrays by the names of estimate, error, range and p."""
    names = ("estimate", "std_error", "low", "high", "p_value")
    estimate, error, low, high, p_value = (float(getattr(batch, name)[place]) for name in names)
    return Answer(scale, estimate, error, low, high, p_value, df)


def p_words(p_value: float) -> Fact:
    """A p as a sentence has it: "p 0.031", "p below 0.001"."""
    return fact("did.p-small") if p_value < 0.001 else fact("did.p", p=p_value)


def not_valid(key: str, **numbers: Any) -> Fact:
    """An objection: why the numbers of an answer are not valid on these data."""
    return fact("not-valid", why=fact(key, **numbers))


def sentences(*said: Told | None) -> Fact:
    """Several sentences, one after another."""
    return fact("sentences", said=[one for one in said if one is not None])


def possible(
    name: str, otherwise: str = "did.not-possible", question: str = ""
) -> Callable[[Callable[P, Check]], Callable[P, Check]]:
    """What makes of a refusal a check that says why it cannot be made, and does not judge.

    Parameters
    ----------
    name : of the check. otherwise : key of the sentence that takes the reason as "why". question :
        key of the question, where another room has a check of the same name with its own.
    """

    def of(ask: Callable[P, Check]) -> Callable[P, Check]:
        @wraps(ask)
        def asked(*args: P.args, **kwargs: P.kwargs) -> Check:
            try:
                return ask(*args, **kwargs)
            except FitError as fault:
                asked_is = fact(question) if question else None
                return Check(name, None, fact(otherwise, why=fault), asked=asked_is)

        return asked

    return of


def effect(cohorts: Cohorts, method: str, estimand: Fact, answer: Answer) -> Effect:
    """The Effect of an answer, with percent change, outcomes averted and the path.

    Treated cells are those of treated units from their first treated period on, but those in which
    the method expects nothing; periods with such a cell are not in the path. On the log scale
    the percent change is the transformed estimate, outcomes averted are the total the method
    expects in the treated cells less the observed one, and their range has the ends
    E exp(estimate) (exp(-end) - 1), E the expected total. On the difference scale both take the
    estimate as the mean change a treated cell (of the mean exposure, when there is one): averted
    is minus the estimate times their number (in mean exposures), and percent is against the
    observed mean less the estimate, held fixed over the interval.

    Raises
    ------
    FitError : for numbers that are not finite, an error that is nothing but rounding, or when
        nothing (of counts, less than nothing) is expected without treatment.
    """
    cells, percent, averted = told_in_numbers(cohorts, answer)
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
        averted=averted,
        averted_estimand=str(
            fact("did.effects.summed" if _alike(answer, cells) else "did.effects.at-the-mean")
        ),
        terms=answer.terms,
        path=_path(cohorts, answer),
        n=int(cohorts.known.sum()),
        dispersion=answer.dispersion,
        notes=(
            *answer.notes,
            *_remarks(cohorts, answer, percent, averted),
            *_of_the_panel(cohorts, answer),
        ),
        objection=answer.objection,
        dynamic=_from_the_start(cohorts, answer.dynamic),
    )


def told_in_numbers(cohorts: Cohorts, answer: Answer) -> tuple[np.ndarray, Interval, Interval]:
    """The cells (N, T) that an answer is of, its percent change and the outcomes averted.

    Raises
    ------
    FitError : as `effect`.
    """
    _refuse_degenerate(cohorts, answer)
    cells = cohorts.treated
    if answer.expected is not None:
        cells = cells & np.isfinite(answer.expected)
    if answer.cells is not None:
        cells = cells & answer.cells
    return cells, *_totals(cohorts, answer, cells)


def _alike(answer: Answer, cells: np.ndarray) -> bool:
    """Whether one change a cell is the sum of them, because the exposures are alike."""
    if answer.scale == "log ratio" or answer.relative is None:
        return True
    held = answer.relative[cells]
    return bool(np.ptp(held) <= ROUNDING * np.abs(held).max())


def _remarks(
    cohorts: Cohorts, answer: Answer, percent: Interval, averted: Interval
) -> tuple[Told, ...]:
    """What a reader of the percent change and the number averted must know."""
    if answer.scale == "difference":
        return past_all(percent) if cohorts.y[cohorts.known].min() >= 0 else ()
    apart = averted.estimate * answer.estimate > 0
    # Less than this is what the fits leave of nought.
    seen = min(abs(averted.estimate), abs(answer.estimate)) > 1e-6
    return (fact("did.effects.two-ways"),) if apart and seen else ()


def _refuse_degenerate(cohorts: Cohorts, answer: Answer) -> None:
    numbers = (answer.estimate, answer.std_error, answer.low, answer.high, answer.p_value)
    if not np.isfinite(numbers).all():
        raise FitError(fact("did.effects.estimate-its-range-no-finite"))
    size = 1.0
    if answer.scale == "difference":
        relative = 1.0 if answer.relative is None else answer.relative
        size = np.abs(cohorts.y / relative)[cohorts.known].max()
        size = max(float(size), abs(answer.estimate))
    if answer.std_error <= ROUNDING * size:
        raise FitError(fact("did.effects.standard-error-nought-but-rounding"))


def _totals(cohorts: Cohorts, answer: Answer, cells: np.ndarray) -> tuple[Interval, Interval]:
    """The percent change and the outcomes averted."""
    total = float(cohorts.y[cells].sum())
    bounds = (answer.estimate, answer.low, answer.high)
    if answer.scale == "log ratio":
        percent = Interval(*(100 * float(np.expm1(bound)) for bound in bounds))
        expected = total * float(np.exp(-answer.estimate))
        if answer.expected is not None:
            expected = float(answer.expected[cells].sum())
        if not 0 < expected < np.inf:
            raise FitError(fact("did.effects.nothing-expected-without-treatment-there"))
        ends = [_saved(answer, expected, total, bound) for bound in bounds[1:]]
        if cohorts.phase_in and answer.expected is not None:
            share = cohorts.strength[cells]
            fitted = answer.expected[cells] * np.exp(answer.estimate * share)
            ends = [float((fitted * np.expm1(-bound * share)).sum()) for bound in bounds[1:]]
        best = expected - total
    else:
        relative = np.ones(cells.shape) if answer.relative is None else answer.relative
        # Of an effect that comes in by steps, the steps count for what they are.
        held = relative[cells] * cohorts.strength[cells] if cohorts.phase_in else relative[cells]
        mass = float(held.sum())
        cells_at_mean = float(relative[cells].sum())
        mean = total / cells_at_mean - answer.estimate * (mass / cells_at_mean)
        nothing = ROUNDING * (abs(total / cells_at_mean) + abs(answer.estimate))
        if abs(mean) <= nothing or (cohorts.kind == "count" and mean < 0):
            raise FitError(fact("did.effects.no-percent", mean=mean, count=cohorts.kind == "count"))
        percent = Interval(*(100 * bound / abs(mean) for bound in bounds))
        ends = [-bound * mass for bound in bounds[1:]]
        best = -answer.estimate * mass
    return percent, Interval(best, min(*ends, best), max(*ends, best))


def _saved(answer: Answer, expected: float, total: float, bound: float) -> float:
    """The outcomes averted at one end of the range of a log ratio.

    Of few events the logarithm is noisy for the sake of those few, not of what is expected: that
    part of the error is taken out, unless the end would then be on the other side of nought.
    """
    plain = expected * float(np.exp(answer.estimate)) * float(np.expm1(-bound))
    if total >= FEW_EVENTS or not answer.own_noise:
        return plain
    share = np.sqrt(max(1 - answer.own_noise / answer.std_error**2, 0.0))
    without = expected * float(np.exp(share * (answer.estimate - bound))) - total
    return without if without * plain > 0 else plain


def _path(cohorts: Cohorts, answer: Answer) -> tuple[Point, ...]:
    """One point a period, summed over the units that are ever treated and have a number in it; the
    range of the expected line is that of the overall effect, scaled to each period."""
    if answer.expected is None:
        return ()
    rows = cohorts.ever
    if not cohorts.whole:
        # A unit without an untreated cell of its own has nothing expected in any period.
        rows = rows & np.isfinite(answer.expected).any(axis=1)
    used, strength = cohorts.known[rows], cohorts.strength[rows] * cohorts.known[rows]
    seen, awaited = cohorts.y[rows], answer.expected[rows]
    observed = np.where(used, seen, 0.0).sum(axis=0)
    later = np.zeros(seen.shape, dtype=bool)
    if answer.cells is not None:
        # Of periods that the estimate is not of, the method may say nothing: they stay as observed.
        later = cohorts.under[rows] & ~answer.cells[rows] & ~np.isfinite(awaited)
        awaited, strength = np.where(later, seen, awaited), strength * ~later
    expected = np.where(used, np.where(cohorts.under[rows], awaited, seen), 0.0).sum(axis=0)
    model = np.where(used, awaited, 0.0).sum(axis=0)
    begin = int(cohorts.first[rows].min(initial=cohorts.length))
    half = max(answer.high - answer.estimate, answer.estimate - answer.low)
    points = []
    for t, period in enumerate(cohorts.periods):
        before = t < begin
        middle = float(model[t]) if before else float(expected[t])
        if not np.isfinite(middle) or not used[:, t].any():
            continue
        share = float(strength[used[:, t], t].mean())
        if before:
            low = high = middle
        elif answer.scale == "log ratio":
            low, high = middle * np.exp(-half * share), middle * np.exp(half * share)
        else:
            held = 1.0 if answer.relative is None else answer.relative[rows, t]
            width = half * float((held * strength[:, t]).sum())
            low, high = middle - width, middle + width
        points.append(
            Point(
                period,
                float(observed[t]),
                middle if before else float(observed[t]),
                middle,
                float(low),
                float(high),
                "before" if before else "later" if later[:, t].all() else _phase(share),
            )
        )
    return tuple(points)


def _phase(share: float) -> Phase:
    """What a period from the first start on is, by how much of the program is in place; without
    any, the programs have ended."""
    if share == 0:
        return "left out"
    return "after" if share == 1 else "phase-in"


def _from_the_start(cohorts: Cohorts, dynamic: tuple[EventTime, ...]) -> tuple[EventTime, ...]:
    """Effects by event time, the periods of a washout counted."""
    return tuple(
        replace(one, time=one.time + cohorts.skipped) if one.time >= 0 else one for one in dynamic
    )


def _of_the_panel(cohorts: Cohorts, answer: Answer) -> tuple[Told, ...]:
    """What a reader must know of a panel with gaps, ends or a phase-in."""
    found = []
    if answer.expected is not None and not cohorts.known[cohorts.ever].all():
        found.append(fact("did.effects.path-of-known"))
    if cohorts.on is not None:
        found.append(fact("did.effects.under-treatment-alone"))
    if cohorts.phase_in:
        found.append(fact("did.effects.by-steps", phase_in=cohorts.phase_in))
    return tuple(found)
