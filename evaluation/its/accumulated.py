"""When the difference built up: outcomes averted up to each period, with their ranges."""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Check, Interval
from evaluation.errors import FitError
from evaluation.its.effects import averted_by, means
from evaluation.its.method import Method
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
    says = (
        f"{last.estimate:.1f} averted by {list(totals)[-1]} (range {last.low:.1f} to "
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
    parts = [averted_by(mean, series.affected & (numbers <= one), fitted.link) for one in periods]
    values = np.array([value for value, _ in parts])
    judged = fitted.judge(np.vstack([gradient for _, gradient in parts]))
    ends = np.stack(
        [values, *(values + end - judged.estimate for end in (judged.low, judged.high))]
    )
    if fitted.link == "log":
        reached = [float(mean.fitted[series.affected & (numbers <= one)].sum()) for one in periods]
        ends = np.array(reached) * np.expm1(ends)
    if not np.isfinite(ends).all():
        raise FitError("a total has no finite range")
    return {
        calendar.text(int(one), series.frequency): Interval(*(float(end) for end in ends[:, k]))
        for k, one in enumerate(periods)
    }
