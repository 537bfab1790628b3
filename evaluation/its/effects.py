"""From coefficients and a way to judge contrasts of them, to an Effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import FITTED, Effect, Gap, Interval, Phase, Point, Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its import ranges
from evaluation.its.ranges import judged_at
from evaluation.its.series import Series
from evaluation.numeric.shared.draws import BitGenerator
from evaluation.numeric.shared.linear import Contrasts

Link = Literal["log", "identity"]

# A stream and a number of draws R in, coefficients (R, k) out.
Draw = Callable[[BitGenerator, int], np.ndarray]


class Judge(Protocol):
    """Gradients (m, k) in, judged contrasts out: what tells one method's inference from another's.

    moves : what curved quantities are more than their gradients times beta.
    """

    def __call__(self, gradients: np.ndarray, moves: float | np.ndarray = 0.0, /) -> Contrasts: ...


LEVEL_ESTIMAND, AVERAGE_ESTIMAND = fact("its.effects.level"), fact("its.effects.average")
# A standard error this small beside the outcome is rounding: the fit leaves no error to judge by.
NO_ERROR = 1e-9


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a method hands over: beta (k,), its judge, and the error model's numbers.

    draw gives coefficients from the law that `judge` judges by; None means t with the judge's own
    errors and degrees of freedom. innovations : (m,) residuals with the correlation taken out, for
    a method whose correlation is not told by rho and nugget. noise : (n,) standard deviation of the
    error of each row from the start on, of a linear method whose errors have none in common.
    """

    link: Link
    beta: np.ndarray
    judge: Judge
    rho: float | None = None
    nugget: float | None = None
    dispersion: float | None = None
    notes: tuple[Fact, ...] = ()
    objection: Fact | None = None
    draw: Draw | None = None
    innovations: np.ndarray | None = None
    noise: np.ndarray | None = None


def used(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, design, log exposure and whole-number times of the periods a fit uses.

    Raises
    ------
    FitError : when a column is nought or constant beside the intercept in the periods kept or not
        finite, or a count series has no event on one side of the start or in the periods of a
        term; the message names what.
    """
    keep = series.kept
    x = series.x[keep]
    for name, finite in zip(series.names, np.isfinite(series.x).all(axis=0), strict=True):
        if not finite:
            raise FitError(fact("its.effects.term-has-missing-infinite-value", name=name))
    _refuse_singular(x, series.names)
    if series.kind == "count":
        before = series.treated & ~series.affected & keep
        for side, rows in (("before", before), ("after", series.affected)):
            if series.y[rows].sum() == 0:
                raise FitError(fact("its.effects.no-event-start-percent-change", side=side))
        _refuse_eventless(series.y[keep], x, series.names)
    return series.y[keep], x, series.log_offset[keep], series.time[keep]


@dataclass(frozen=True, slots=True)
class Means:
    """Fitted and counterfactual means (n,) with their gradients by beta (n, k)."""

    fitted: np.ndarray
    expected: np.ndarray
    by_fitted: np.ndarray
    by_expected: np.ndarray


def means(series: Series, link: Link, beta: np.ndarray) -> Means:
    """What the model fits and what it expects without the intervention, in outcome units."""
    if link == "log":
        fitted = np.exp(series.log_offset + series.x @ beta)
        expected = np.exp(series.log_offset + series.baseline @ beta)
        return Means(
            fitted, expected, fitted[:, None] * series.x, expected[:, None] * series.baseline
        )
    scale = series.relative_exposure
    return Means(
        scale * (series.x @ beta),
        scale * (series.baseline @ beta),
        scale[:, None] * series.x,
        scale[:, None] * series.baseline,
    )


def headline(series: Series, link: Link, mean: Means) -> tuple[float, np.ndarray]:
    """The headline estimate and its gradient by beta (k,).

    Over the `settled` periods: the log of total fitted over total expected (log link), or the
    mean of fitted less expected. For a level change it is the level coefficient itself.
    """
    rows = series.settled
    fitted, expected = mean.fitted[rows].sum(), mean.expected[rows].sum()
    by_fitted, by_expected = mean.by_fitted[rows].sum(axis=0), mean.by_expected[rows].sum(axis=0)
    if link == "log":
        return float(np.log(fitted / expected)), by_fitted / fitted - by_expected / expected
    count = int(rows.sum())
    return float(fitted - expected) / count, (by_fitted - by_expected) / count


def effect(series: Series, method: str, fitted: Fitted) -> Effect:
    """The effect of the intervention with fitted path, counterfactual and outcomes averted.

    The headline is that of `headline`. Averted outcomes are counterfactual less fitted means,
    summed over the `affected` periods. With a log link the percent change is the transformed
    headline, and averted outcomes are F (exp(-theta) - 1), F the fitted total of the affected
    periods and theta the log of its ratio to the expected one, at theta's own limits: so that the
    count and the percent agree about no change. By the delta method on the count itself they
    disagreed in 12 to 14 % of 1,000 simulated series (5 worlds, a fall of 30 %), with coverage of
    93.5 to 98.0 %; this way never, with 95.0 to 98.5 %. With a linear model percent is over the
    size of the expected total. p is below .05 exactly when the ranges of the estimate and of the
    percent leave out no change, and that of the number averted too, unless it is of other periods
    by more than one coefficient (`ranges`); a note then says so.

    Raises
    ------
    FitError : when the fit leaves no error to judge by, or a number of the effect is not finite.
    """
    # What overflows or divides by nought shows in the numbers, which are looked at.
    with np.errstate(all="ignore"):
        made = _effect(series, method, fitted)
    scale = 1.0 if fitted.link == "log" else float(np.abs(series.y).max())
    if made.std_error <= NO_ERROR * scale:
        raise FitError(fact("its.effects.model-fits-series-exactly-there"))
    numbers = [made.estimate, made.std_error, made.low, made.high, made.p_value]
    for triple in (made.percent, made.averted):
        numbers += [triple.estimate, triple.low, triple.high]
    for term in made.terms:
        numbers += [term.estimate, term.std_error, term.low, term.high]
    for point in made.path:
        numbers += [point.fitted, point.expected, point.low, point.high]
    if not np.isfinite(numbers).all():
        raise FitError(fact("its.effects.model-has-no-finite-answer"))
    return made


def _effect(series: Series, method: str, fitted: Fitted) -> Effect:
    mean = means(series, fitted.link, fitted.beta)
    value, gradient = headline(series, fitted.link, mean)
    judged = judged_at(fitted, np.array([value]), gradient[None, :])
    main = ranges.interval(judged)
    (averted,) = ranges.averted(series, fitted, mean, [series.affected], main)
    notes: tuple[Fact, ...] = ()
    if fitted.link == "log":
        ends = (main.estimate, main.low, main.high)
        percent = Interval(*(100 * float(np.expm1(bound)) for bound in ends))
    else:
        percent, notes = ranges.percent_of_linear(fitted, mean, series.settled)

    # A single lasting step is its coefficient; anything else is an average over what it did.
    constant = (
        series.specification.effect == "level"
        and series.specification.half_life is None
        and series.rows.dose is None
    )
    terms = fitted.judge(np.eye(len(fitted.beta)))
    return Effect(
        method=method,
        scale="log ratio" if fitted.link == "log" else "difference",
        estimand=LEVEL_ESTIMAND if constant else AVERAGE_ESTIMAND,
        estimate=main.estimate,
        std_error=float(judged.std_error[0]),
        df=_freedom(judged.df[0]),
        low=main.low,
        high=main.high,
        p_value=float(judged.p_value[0]),
        percent=percent,
        averted=averted,
        averted_estimand=fact(FITTED, washout=series.specification.washout),
        terms=tuple(
            Term(
                name,
                float(terms.estimate[i]),
                float(terms.std_error[i]),
                _freedom(terms.df[i]),
                float(terms.low[i]),
                float(terms.high[i]),
                float(terms.p_value[i]),
            )
            for i, name in enumerate(series.names)
        ),
        path=_path(series, fitted, mean),
        n=int(series.kept.sum()),
        rho=fitted.rho,
        nugget=fitted.nugget,
        dispersion=fitted.dispersion,
        notes=(
            *fitted.notes,
            *notes,
            *ranges.past_nought(series, percent),
            *ranges.apart(main, averted),
            *series.notes,
        ),
        objection=fitted.objection,
        gaps=_gaps(series),
    )


def _gaps(series: Series) -> tuple[Gap, ...]:
    """The periods inside that no treated unit has a row of."""
    own = series.rows.period[series.treated]
    start = int(series.rows.period.min()) + series.start
    lost = sorted(set(range(int(own.min()), int(own.max()) + 1)) - set(own.tolist()))
    return tuple(
        Gap(calendar.text(one, series.frequency), "before" if one < start else "after")
        for one in lost
    )


def _path(series: Series, fitted: Fitted, mean: Means) -> tuple[Point, ...]:
    """One point a calendar period of the treated unit; several treated sites are summed."""
    treated = np.flatnonzero(series.treated)
    periods, place = np.unique(series.rows.period[treated], return_inverse=True)
    total = np.zeros((len(periods), len(treated)))
    total[place, np.arange(len(treated))] = 1.0
    expected = total @ mean.expected[treated]
    gradient = total @ mean.by_expected[treated]
    if fitted.link == "log":  # intervals on the log scale never reach below nought
        judged = fitted.judge(gradient / expected[:, None])
        low = expected * np.exp(judged.low - judged.estimate)
        high = expected * np.exp(judged.high - judged.estimate)
    else:
        judged = fitted.judge(gradient)
        low = expected + judged.low - judged.estimate
        high = expected + judged.high - judged.estimate
    observed, modeled = total @ series.y[treated], total @ mean.fitted[treated]
    return tuple(
        Point(
            calendar.text(int(number), series.frequency),
            float(observed[t]),
            float(modeled[t]),
            float(expected[t]),
            float(low[t]),
            float(high[t]),
            phase_of(series, treated[place == t]),
        )
        for t, number in enumerate(periods)
    )


def phase_of(series: Series, rows: np.ndarray) -> Phase:
    """Where a period stands, by the site that is furthest on."""
    if not series.kept[rows].any():
        return "left out"
    if not series.affected[rows].any():
        return "before"
    later = any(series.rows.period[rows[0]] >= change.start for change in series.rows.later)
    return "after" if later or series.settled[rows].any() else "phase-in"


def _freedom(df: float) -> float | None:
    return float(df) if np.isfinite(df) else None


def _refuse_eventless(y: np.ndarray, x: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse a term that is on in some periods only, none of which has an event."""
    switches = ((x == 0) | (x == 1)).all(axis=0)
    for name, on in zip(np.array(names)[switches], x.T[switches] == 1, strict=True):
        if y[on].sum() == 0:
            raise FitError(fact("its.effects.no-event-periods-term-has", name=str(name)))


def _refuse_singular(x: np.ndarray, names: tuple[str, ...]) -> None:
    n, k = x.shape
    if n <= k:
        raise FitError(
            fact("its.effects.periods-too-few-coefficients", n=n, k=k, names=tuple(names))
        )
    length = np.sqrt((x**2).sum(axis=0))
    diagonal = np.abs(np.diagonal(np.linalg.qr(x / np.where(length > 0, length, 1.0), mode="r")))
    for name, own, left in zip(names, length, diagonal, strict=True):
        if own == 0 or left < 1e-9:
            raise FitError(fact("its.effects.term-cannot-be-told-from", name=name))
