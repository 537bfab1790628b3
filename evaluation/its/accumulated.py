"""When the difference built up: outcomes averted up to each period, with their ranges."""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Check, Interval
from evaluation.errors import FitError
from evaluation.its.effects import headline, means
from evaluation.its.method import Method
from evaluation.its.ranges import averted, interval, judged_at
from evaluation.its.series import Series

NAME = "averted-over-time"
QUESTION = "When did the difference from what was expected build up?"


def averted_over_time(series: Series, method: Method) -> Check:
    """Outcomes averted up to each affected period, each with its own 95 % interval.

    Each is made as `Effect.averted` is, over the affected periods up to then, by the same fit: the
    last one is that number. The intervals hold one by one and not all together.

    Parameters
    ----------
    method : of the headline, with its settings.
    """
    try:
        totals = _totals(series, method)
    except FitError as fault:
        return Check(NAME, QUESTION, None, f"Not possible: {fault}.")
    last = list(totals.values())[-1]
    clear = [period for period, one in totals.items() if one.excludes_zero]
    number = f"{last.estimate:.1f} averted"
    if last.estimate < 0:
        number = f"{-last.estimate:.1f} more than expected, a negative number averted,"
    says = (
        f"{number} by {list(totals)[-1]} (range {last.low:.1f} to "
        f"{last.high:.1f}); the range of the total leaves nought out in {len(clear)} of "
        f"{len(totals)} {series.frequency}s"
    )
    return Check(
        NAME,
        QUESTION,
        None,
        says,
        tuple(
            {"period": period, "estimate": one.estimate, "low": one.low, "high": one.high}
            for period, one in totals.items()
        ),
    )


def _totals(series: Series, method: Method) -> dict[str, Interval]:
    """The total up to each affected period; FitError when one has no finite number."""
    fitted = method.solve(series)
    mean = means(series, fitted.link, fitted.beta)
    numbers = series.rows.period
    periods = np.unique(numbers[series.affected])
    value, gradient = headline(series, fitted.link, mean)
    change = interval(judged_at(fitted, np.array([value]), gradient[None, :]))
    parts = [series.affected & (numbers <= one) for one in periods]
    with np.errstate(all="ignore"):  # what is not finite is looked at
        totals = averted(series, fitted, mean, parts, change)
    if not np.isfinite([[one.estimate, one.low, one.high] for one in totals]).all():
        raise FitError("a total has no finite range")
    return {
        calendar.text(int(period), series.frequency): total
        for period, total in zip(periods, totals, strict=True)
    }
