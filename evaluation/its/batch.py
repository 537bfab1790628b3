"""Many series judged by one method at once: placebos, windows, starts, specifications, power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.errors import FitError
from evaluation.its.methods import Method
from evaluation.its.series import Series


@dataclass(frozen=True, slots=True)
class Judged:
    """The headline of one series, without path and coefficients.

    estimate, std_error, low, high, p_value : as in `Effect`, on its scale. percent, percent_low,
    percent_high : percent change. reason : why it could not be estimated (the numbers are then
    NaN), or "".
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    percent: float
    percent_low: float
    percent_high: float
    reason: str = ""


def judge_many(method: Method, series: Sequence[Series]) -> list[Judged]:
    """The headline of every series by one method, in order; the same numbers as `method.fit`
    gives one at a time, to 1e-8."""
    return [_one(method, each) for each in series]


def _one(method: Method, series: Series) -> Judged:
    try:
        effect = method.fit(series)
    except FitError as fault:
        return _failed(str(fault))
    percent = effect.percent
    return Judged(
        effect.estimate,
        effect.std_error,
        effect.low,
        effect.high,
        effect.p_value,
        percent.estimate,
        percent.low,
        percent.high,
    )


def _failed(reason: str) -> Judged:
    nan = float("nan")
    return Judged(nan, nan, nan, nan, nan, nan, nan, nan, reason)
