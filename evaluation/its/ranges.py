"""Ranges of what is made of one fit: all of them, and the p-value, agree about no change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evaluation.effect import Interval, past_all
from evaluation.fact import Fact, fact
from evaluation.its.series import Series
from evaluation.numeric.shared.linear import Contrasts

if TYPE_CHECKING:
    from evaluation.its.effects import Fitted, Means

UNBOUNDED, APART = fact("its.ranges.unbounded"), fact("its.ranges.apart")


def judged_at(fitted: Fitted, values: np.ndarray, gradients: np.ndarray) -> Contrasts:
    """Contrasts of curved quantities: estimate, range and p of one law about their values (m,),
    with the errors of their gradients (m, k) by beta."""
    return fitted.judge(gradients, values - gradients @ fitted.beta)


def interval(judged: Contrasts, index: int = 0) -> Interval:
    """Estimate and range of one contrast."""
    return Interval(
        float(judged.estimate[index]), float(judged.low[index]), float(judged.high[index])
    )


def percent_of_linear(
    fitted: Fitted, mean: Means, rows: np.ndarray
) -> tuple[Interval, tuple[Fact, ...]]:
    """The percent change of the total of some rows of a linear model, over the size of what is
    expected, and a note where its range had to be made another way.

    The range is by the delta method. It answers another question than the difference: how sure
    the expected total is as well. Where it and the range of the difference do not agree about no
    change, it is Fieller's (1954, Journal of the Royal Statistical Society B 16:175-185): the
    ratios that the test of the difference does not reject, with the degrees of freedom of that
    test. Where those have no end, it is the range of the difference over what is expected.
    """
    total, expected = float(mean.fitted[rows].sum()), float(mean.expected[rows].sum())
    by_total, by_expected = mean.by_fitted[rows].sum(axis=0), mean.by_expected[rows].sum(axis=0)
    # Where less than nought is expected, a rise is still a rise.
    size = np.abs(expected)
    gradient = by_total / size - total * by_expected / (size * expected)
    value = (total - expected) / size
    ratio = interval(judged_at(fitted, np.array([value]), gradient[None, :]))
    parts = fitted.judge(np.stack([by_total - by_expected, by_total, by_expected]))
    difference = interval(parts)
    notes: tuple[Fact, ...] = ()
    if ratio.excludes_zero != difference.excludes_zero:
        ends = _fieller(total, expected, parts)
        if ends is None:
            ends = difference.low / size, difference.high / size
            notes = (UNBOUNDED,)
        ratio = Interval(value, *ends)
    return Interval(100 * ratio.estimate, 100 * ratio.low, 100 * ratio.high), notes


def averted(
    series: Series, fitted: Fitted, mean: Means, parts: Sequence[np.ndarray], change: Interval
) -> list[Interval]:
    """Expected less fitted totals of some sets of rows, each with its range.

    With a log link the range is F (exp(x) - 1), F the fitted total, at the limits of x, the log of
    expected over fitted. Where the effect is one coefficient, or the rows are those of the
    headline, no averted outcome and no change are the same: should the two ranges not agree about
    it (they rest on two gradients), that of x takes the shape of the headline's.

    Parameters
    ----------
    parts : masks of rows (n,). change : the headline on its own scale.
    """
    if not parts:
        return []
    totals = [averted_by(mean, rows, fitted.link) for rows in parts]
    judged = judged_at(
        fitted, np.array([value for value, _ in totals]), np.stack([by for _, by in totals])
    )
    alone = int((series.x != series.baseline).any(axis=0).sum()) == 1
    found = []
    for index, rows in enumerate(parts):
        one = interval(judged, index)
        same = alone or np.array_equal(rows, series.settled)
        if same and change.estimate and one.excludes_zero != change.excludes_zero:
            ends = sorted(one.estimate * end / change.estimate for end in (change.low, change.high))
            one = Interval(one.estimate, *ends)
        if fitted.link == "log":
            reached = float(mean.fitted[rows].sum())
            one = Interval(
                *(reached * float(np.expm1(end)) for end in (one.estimate, one.low, one.high))
            )
        found.append(one)
    return found


def averted_by(mean: Means, rows: np.ndarray, link: str) -> tuple[float, np.ndarray]:
    """What averted outcomes are judged by, with its gradient: the log of expected over fitted
    totals, or with a linear model their difference."""
    fitted, expected = float(mean.fitted[rows].sum()), float(mean.expected[rows].sum())
    by_fitted, by_expected = mean.by_fitted[rows].sum(axis=0), mean.by_expected[rows].sum(axis=0)
    if link == "log":
        return float(np.log(expected / fitted)), by_expected / expected - by_fitted / fitted
    return expected - fitted, by_expected - by_fitted


def apart(change: Interval, number: Interval) -> tuple[Fact, ...]:
    """A note where the change and the number averted do not agree about no change: with a phase-in
    or later changes they are of different periods."""
    return (APART,) if change.excludes_zero != number.excludes_zero else ()


def past_nought(series: Series, percent: Interval) -> tuple[Fact, ...]:
    """A note where an outcome that is never below nought might have fallen by more than all."""
    return past_all(percent) if series.y.min() >= 0 else ()


def _fieller(total: float, expected: float, parts: Contrasts) -> tuple[float, float] | None:
    """Ends of total over expected, less one, over the sign of what is expected; None without end.

    Parameters
    ----------
    parts : the difference, the total and what is expected, judged.
    """
    error = np.maximum(parts.std_error, np.finfo(float).tiny)
    critical = float((parts.high[0] - parts.low[0]) / 2 / error[0])
    of_difference, of_total, of_expected = (critical * error) ** 2
    shared = (of_total + of_expected - of_difference) / 2
    square = expected**2 - of_expected
    if square <= 0:
        return None
    middle = total * expected - shared
    root = float(np.sqrt(max(middle**2 - square * (total**2 - of_total), 0.0)))
    side = float(np.sign(expected))
    ends = sorted(side * ((middle + sign * root) / square - 1) for sign in (-1, 1))
    return ends[0], ends[1]
