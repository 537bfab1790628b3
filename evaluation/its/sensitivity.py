"""Checks that ask the method again: at earlier dates, without a trend, from other first periods and
with other starts."""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.batch import Judged
from evaluation.its.check_helpers import REJECT, Finding, not_estimated, tried, units
from evaluation.its.methods import Method
from evaluation.its.series import Series

# Fewer periods than this on one side of a placebo start say little about a level.
PLACEBO_MARGIN = 12
PLACEBO_SHARE = 0.10
# A window has two years before the start, or one when the planned window has less than three.
BASE_PERIODS, SHORT_BASE_PERIODS, SHORT = 24, 12, 36
# A start may be a year off; nobody can be sure of a quarter.
CLOSE = {"month": 3, "quarter": 1, "year": 0, "week": 13, "day": 91}
FARTHEST = {"month": 12, "quarter": 4, "year": 2, "week": 52, "day": 364}
# Of weeks and days a date a month is tried, and of first periods one a quarter or half a year:
# those between answer alike.
APART = {"week": 4, "day": 28}
APART_FIRST = {"week": 13, "day": 182}


def placebo_dates(series: Series, method: Method, effect: Effect) -> Finding:
    """The method at every start before the true one that leaves 12 periods a side; at most a tenth
    may come out below p = .05. Of weeks and days a start in four weeks, with 48 a side."""
    before = series.start
    margin = PLACEBO_MARGIN * APART.get(series.frequency, 1)
    dates = range(margin, before - margin + 1, APART.get(series.frequency, 1))
    answers = tried(method, dates, lambda start: series.between(0, before, start=start))
    if not answers:
        if len(dates):
            raise FitError(fact("its.sensitivity.no-date-estimated", n=len(dates)))
        raise FitError(fact("its.sensitivity.no-date", before=before, margin=margin))
    found = sum(one.p_value < REJECT for _, _, one in answers)
    share = found / len(answers)
    return Finding(
        share <= PLACEBO_SHARE,
        fact(
            "its.sensitivity.placebo-dates",
            found=found,
            n=len(answers),
            percent=100 * share,
            reject=REJECT,
            most=100 * PLACEBO_SHARE,
            more=not_estimated(len(dates), len(answers)),
        ),
        tuple(
            {
                "period": calendar.text(int(series.rows.period.min()) + start, series.frequency),
                "estimate": one.estimate,
                **_percent(one),
                "p": one.p_value,
            }
            for start, _, one in answers
        ),
    )


def trend_dependence(series: Series, method: Method, effect: Effect) -> Finding:
    """The estimate without a trend.

    Where the planned range excludes no change the sign must hold and the size stay within half.
    Where it does not, a ratio to the estimate says nothing (in three of four simulated series
    without trend and effect it was above a half): there the estimate may move by as much as the
    range reaches to one side.
    """
    if series.specification.trend == "none":
        return Finding(False, fact("its.sensitivity.no-trend"))
    answers = tried(method, [series.specified(trend="none")], lambda changed: changed)
    if not answers:
        raise FitError(fact("its.sensitivity.there-no-finite-estimate-without"))
    flat = answers[0][2]
    moved = abs(flat.estimate - effect.estimate)
    clear = effect.low > 0 or effect.high < 0
    if clear:
        stable = flat.estimate * effect.estimate > 0 and moved <= 0.5 * abs(effect.estimate)
    else:
        stable = moved <= (effect.high - effect.low) / 2
    return Finding(
        stable,
        fact(
            "its.sensitivity.trend-clear" if clear else "its.sensitivity.trend-unclear",
            flat=flat.percent,
            planned=effect.percent.estimate,
        ),
    )


def base_period(series: Series, method: Method, effect: Effect) -> Finding:
    """The estimate for every first period that leaves two years before the start (one, when the
    planned window has less than three).

    It fails when the smallest and the largest estimate lie farther apart than the planned range is
    from its middle, or when a range that excludes no change meets an estimate of the other sign.
    In simulated series of 132 months with no effect or a fall of 30 %, the default method failed
    in none of 900 with the start in the middle and in 11 % of 300 with the start at 70 % of the
    months.
    """
    before = series.start
    least = least_before(before, series.frequency)
    cuts = range(0, before - least + 1, APART_FIRST.get(series.frequency, 1))
    last = int(series.rows.period.max() - series.rows.period.min()) + 1
    answers = tried(method, cuts, lambda cut: series.between(cut, last) if cut else series)
    if len(answers) < 2:
        raise FitError(fact("its.sensitivity.no-shorter-window", before=before, least=least))
    estimates = np.array([one.estimate for _, _, one in answers])
    spread = float(estimates.max() - estimates.min())
    half = (effect.high - effect.low) / 2
    turned = (effect.low > 0 or effect.high < 0) and bool((estimates * effect.estimate < 0).any())
    low = min(answers, key=lambda answer: answer[2].percent)
    high = max(answers, key=lambda answer: answer[2].percent)
    begin = int(series.rows.period.min())

    def first(answer: tuple[int, Series, Judged]) -> str:
        return calendar.text(begin + answer[0], series.frequency)

    return Finding(
        spread <= half and not turned,
        fact(
            "its.sensitivity.base-period",
            n=len(answers),
            first=first(answers[0]),
            last=first(answers[-1]),
            low=low[2].percent,
            low_from=first(low),
            high=high[2].percent,
            high_from=first(high),
            planned=effect.percent.estimate,
            more=not_estimated(len(cuts), len(answers)),
        ),
        tuple(
            {
                "first": first(answer),
                "periods": int(np.ptp(answer[1].rows.period)) + 1,
                **_percent(answer[2]),
            }
            for answer in answers
        ),
    )


def start_date(series: Series, method: Method, effect: Effect) -> Finding:
    """The estimate with the start up to a year (two, for yearly data) earlier or later.

    A true change shrinks as the start is moved off it, so shrinking does not fail. It fails when a
    range that excludes no change meets an estimate of the other sign within a quarter of a year, or
    when at any shift the range excludes no change on the other side than the estimate. Of 200
    simulated series of 132 months without an effect a world, the default method failed in 2 %
    without correlation, 10 % with a persistent rate and 16 % with a correlation of .6; with a fall
    of 30 % in a mean of 30, in 0 to 2 %.
    """
    if series.rows.dose is not None:
        raise FitError(fact("its.sensitivity.dose-says-by-itself-when"))
    far, close = FARTHEST[series.frequency], CLOSE[series.frequency]
    shifts = range(-far, far + 1, APART.get(series.frequency, 1))
    answers = tried(method, shifts, lambda by: series.shifted(by) if by else series)
    if len(answers) < 2:
        raise FitError(fact("its.sensitivity.no-other-start"))
    clear = effect.low > 0 or effect.high < 0
    turned = clear and any(
        one.estimate * effect.estimate <= 0 for by, _, one in answers if abs(by) <= close
    )
    opposed = any(
        one.low > 0 > effect.estimate or one.high < 0 < effect.estimate for _, _, one in answers
    )
    begin = int(series.rows.period.min()) + series.start
    low = min(answers, key=lambda answer: answer[2].percent)
    high = max(answers, key=lambda answer: answer[2].percent)

    def start(by: int) -> str:
        return calendar.text(begin + by, series.frequency)

    washout = series.specification.washout
    settled = washout + series.specification.phase_in
    named = [one for by, _, one in answers if by == settled and settled]
    left_out = in_place = fact("nothing")
    if washout:
        periods = units(series.frequency, washout)
        left_out = fact("its.sensitivity.left-out", n=washout, units=periods)
    if named:
        percent = named[0].percent
        in_place = fact("its.sensitivity.in-place", start=start(settled), percent=percent)
    return Finding(
        not turned and not opposed,
        fact(
            "its.sensitivity.start-date",
            far=far,
            units=units(series.frequency),
            low=low[2].percent,
            low_start=start(low[0]),
            high=high[2].percent,
            high_start=start(high[0]),
            start=start(0),
            planned=effect.percent.estimate,
            left_out=left_out,
            in_place=in_place,
            more=not_estimated(len(shifts), len(answers)),
        ),
        tuple({"start": start(by), "shift": by, **_percent(one)} for by, _, one in answers),
    )


def least_before(planned: int, frequency: calendar.Frequency) -> int:
    """Periods before the start that every other window must leave, of `planned` ones."""
    in_a_month = 1.0
    if frequency not in calendar.MONTHS:
        in_a_month = calendar.PER_YEAR[frequency] / 12
    short = planned < SHORT * in_a_month
    return round((SHORT_BASE_PERIODS if short else BASE_PERIODS) * in_a_month)


def _percent(one: Judged) -> dict[str, float]:
    return {"percent": one.percent, "low": one.percent_low, "high": one.percent_high}
