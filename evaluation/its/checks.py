"""Questions asked of every interrupted time series. A check may call the method again; it does
not look inside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.alone import can_show, carried_trend
from evaluation.its.break_checks import unknown_break
from evaluation.its.check_helpers import Ask
from evaluation.its.curve import Grid, specification_curve
from evaluation.its.diagnostics import (
    correlogram,
    dispersion,
    influence,
    length,
    outliers,
    residual_autocorrelation,
)
from evaluation.its.methods import Method
from evaluation.its.sensitivity import base_period, placebo_dates, start_date, trend_dependence
from evaluation.its.series import Series
from evaluation.its.timing import regression_to_the_mean

Progress = Callable[[str], None]


CHECKS: dict[str, Ask] = {
    "length": length,
    "residual-autocorrelation": residual_autocorrelation,
    "correlogram": correlogram,
    "dispersion": dispersion,
    "outliers": outliers,
    "influence": influence,
    "placebo-dates": placebo_dates,
    "trend-dependence": trend_dependence,
    "unknown-break": unknown_break,
    "base-period": base_period,
    "start-date": start_date,
    "regression-to-the-mean": regression_to_the_mean,
    "specification-curve": specification_curve,
}


# Asked of one series by itself whose trend is shrunken.
ALONE: dict[str, Ask] = {"carried-trend": carried_trend, "can-show": can_show}


def run_checks(
    series: Series,
    method: Method,
    effect: Effect,
    *,
    grid: Grid | None = None,
    progress: Progress = lambda step: None,
) -> tuple[Check, ...]:
    """Every check of `CHECKS`, in order.

    Parameters
    ----------
    method : of the headline, with its settings. effect : what it gave for this series.
    grid : the specification curve's, None for `curve.default_grid`. progress : called with the
        name of each check before it starts.
    """
    from threadpoolctl import threadpool_limits

    crossed: Ask = partial(specification_curve, grid=grid)
    asked = {**CHECKS, "specification-curve": crossed}
    found = []
    with threadpool_limits(1):
        for name, ask in asked.items():
            progress(name.replace("-", " "))
            found.append(answer(name, ask, series, method, effect))
    return tuple(found)


def answer(name: str, ask: Ask, series: Series, method: Method, effect: Effect) -> Check:
    """What is found; a check that cannot be made says why and does not judge."""
    try:
        found = ask(series, method, effect)
    except FitError as fault:
        return Check(name, None, fact("check.not-possible", why=fault))
    return Check(name, found.passed, found.says, found.table)
