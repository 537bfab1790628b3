"""What the series of one place by itself cannot answer, or shows only by the trend it is given."""

from __future__ import annotations

import math

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import CANNOT_SHOW, Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.check_helpers import Finding, units
from evaluation.its.methods import CARRIED, METHODS, Method
from evaluation.its.series import Series

# Nothing below this was measured on real cities: a year and a half before, three events a side.
YEARS_BEFORE = 1.5
EVENTS = 3
# A month of nought, or under this share of the median, is no month of few crimes but one that was
# not reported, once there are so many a month.
GAP_SHARE, GAP_MEAN = 0.1, 20.0
# The national turn of 2020 in the United States: of pretended starts in July 2020, 11 % came out as
# a change (murder 27 %), where 5 % may.
TURN = ("2020-03", "2020-12")
# A fall of this share is what is asked for; programs of this kind are held to have done as much.
FALL = 0.30


def barred(series: Series, *, of_us_crime: bool) -> Fact | None:
    """Why no effect may be read out of this series alone; None when nothing speaks against it, and
    for a series that is no count or has others beside it.

    Parameters
    ----------
    of_us_crime : whether it counts crimes in the United States.
    """
    if series.kind != "count" or len(series.rows.names) > 1:
        return None
    year = calendar.PER_YEAR[series.frequency]
    before = series.treated & ~series.affected & series.kept
    if of_us_crime and _turns(series):
        first, last = TURN
        return fact("its.alone.national-turn", start=_start(series), first=first, last=last)
    if series.start < YEARS_BEFORE * year:
        least = math.ceil(YEARS_BEFORE * year)
        some = units(series.frequency)
        return fact("its.alone.little-before", before=series.start, least=least, units=some)
    for side, rows in (("before", before), ("after", series.affected)):
        events = float(series.y[rows].sum())
        if events < EVENTS:
            return fact("its.alone.few-events", side=side, n=events, least=EVENTS)
    kept = series.y[series.kept]
    gaps = (kept == 0) | (kept < GAP_SHARE * np.median(kept))
    if kept.mean() >= GAP_MEAN and gaps.any():
        first_gap = np.flatnonzero(series.kept)[int(np.argmax(gaps))]
        return fact(
            "its.alone.gap",
            when=series.periods[first_gap],
            n=float(series.y[first_gap]),
            median=float(np.median(kept)),
        )
    return None


def _start(series: Series) -> str:
    return calendar.text(int(series.rows.period.min()) + series.start, series.frequency)


def _turns(series: Series) -> bool:
    """Whether the start lies in the months of the national turn."""
    first, last = calendar.span(TURN[0])[0], calendar.span(TURN[1])[1]
    begin, end = calendar.span(_start(series))
    return begin <= last and end >= first


def can_show(series: Series, method: Method, effect: Effect) -> Finding:
    """Whether a fall of 30 % would have been seen more often than missed: the range reaches no
    farther than log(1/.7) to a side. Informs; the mean of the counts decides it."""
    half = (effect.high - effect.low) / 2
    if effect.scale != "log ratio":
        raise FitError(fact("its.alone.no-ratio"))
    seen = half <= -math.log1p(-FALL)
    smallest = -100 * math.expm1(-half)
    key = "its.alone.can-show" if seen else CANNOT_SHOW
    return Finding(None, fact(key, fall=100 * FALL, smallest=smallest))


def carried_trend(series: Series, method: Method, effect: Effect) -> Finding:
    """The same with the trend before the start carried forward in full. It fails when only one of
    the two ranges leaves out no change."""
    if series.specification.trend == "none":
        raise FitError(fact("its.alone.no-trend"))
    carried = METHODS[CARRIED].fit(series)
    one, other = effect.percent, carried.percent
    own, whole = one.excludes_zero, other.excludes_zero
    found = "both" if own and whole else "own" if own else "carried" if whole else "neither"
    return Finding(
        own == whole,
        fact(
            f"its.alone.trend-{found}",
            estimate=one.estimate,
            low=one.low,
            high=one.high,
            carried=other.estimate,
            carried_low=other.low,
            carried_high=other.high,
        ),
    )
