"""Where each period's own number would lie without the intervention: ranges of new observations.

The range beside `expected` on a path is of a mean. That of a number that would have been recorded
is wider: it holds the noise of a single period too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect
from evaluation.its import lagged_poisson, structural
from evaluation.its.effects import Fitted, means
from evaluation.its.likelihood import alpha
from evaluation.its.method import Method
from evaluation.its.quantities import coefficients_drawn
from evaluation.its.series import Series
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.series.new_counts import new_counts

# Of the law of each mean: enough that a count's quantile does not move.
NODES = 101
LOWER, UPPER = 0.025, 0.975


def with_ranges(series: Series, method: Method, effect: Effect) -> Effect:
    """The effect with the 95 % range of a new observation on each point from the start on.

    Counts with a log link: the mean's law is that of the coefficients (4,000 draws, seeded, taken
    at 101 quantiles), and about it the count is negative binomial with the fit's variance over
    mean, or its alpha, and Poisson where there is no excess (`numeric.series.new_counts`). The ends
    are whole numbers, so that ranges of small counts hold more than 95 %. Linear models: the
    expected value, by the t of the method, with the variance of its estimate and that of an error
    of the model: the squares of the residuals over what they would be with variance one, given
    their correlation.
    Errors are those of any period, not of one whose last residuals are known; with differenced
    ARIMA errors, that have no variance of their own, they are those of a forecast from the last
    period before the start (Box, Jenkins, Reinsel and Ljung 2016, Time Series Analysis, section
    5.2). The structural forecast has its own. Counts are never below nought.

    How often they held numbers that were not fitted, by world and method, is in
    new_observations.md. A method whose errors take no account of correlation has a range here
    that does not either.

    Parameters
    ----------
    method : with its settings. effect : what it gave for this series.
    """
    start = int(series.rows.period.min()) + series.start
    periods = np.unique(series.rows.period[series.treated])
    periods = periods[periods >= start]
    with np.errstate(all="ignore"):  # what is not finite is left out
        low, high = ranges(series, method, periods)
    if series.kind == "count":
        low, high = np.maximum(low, 0.0), np.maximum(high, 0.0)
    known = {
        calendar.text(int(one), series.frequency): (float(a), float(b))
        for one, a, b in zip(periods, low, high, strict=True)
        if np.isfinite([a, b]).all()
    }
    path = tuple(
        replace(point, new_low=known[point.period][0], new_high=known[point.period][1])
        if point.period in known
        else point
        for point in effect.path
    )
    return replace(effect, path=path)


def ranges(series: Series, method: Method, periods: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the ranges of `with_ranges`, (T,) each, of the treated sites' sum, by period; of
    counts they may be below nought.

    Parameters
    ----------
    periods : (T,) ordinals from the start on.
    """
    if method.name == structural.NAME:
        low, high = structural.new_ranges(series, **method.settings)
        return low[-len(periods) :], high[-len(periods) :]
    if method.name == lagged_poisson.NAME:
        extended, name, fitted = lagged_poisson.solved(series, **method.settings)
        return _of_counts(extended, name, fitted, periods)
    fitted = method.solved(series)
    of = _of_counts if fitted.link == "log" else _of_numbers
    return of(series, method.name, fitted, periods)


def _total(series: Series, periods: np.ndarray) -> np.ndarray:
    """(T, n) what adds the rows of the treated sites up by period."""
    return np.asarray((series.rows.period == periods[:, None]) & series.treated, dtype=float)


def _of_counts(
    series: Series, name: str, fitted: Fitted, periods: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    draws = coefficients_drawn(fitted, f"new observation/{series.rows.names[0]}")
    total = _total(series, periods)
    rows = total.any(axis=0)
    by_row = np.exp(series.log_offset[rows] + draws @ series.baseline[rows].T)  # (R, rows)
    size = alpha(series, name, fitted)
    if size is None:
        variance = max(fitted.dispersion or 1.0, 1.0) * by_row
    else:
        variance = by_row + size * by_row**2
    mean, variance = by_row @ total[:, rows].T, variance @ total[:, rows].T
    order = np.argsort(mean, axis=0)
    nodes = ((np.arange(NODES) + 0.5) / NODES * len(mean)).astype(int)
    mean = np.take_along_axis(mean, order[nodes], axis=0)
    variance = np.take_along_axis(variance, order[nodes], axis=0)
    dispersion = variance / np.maximum(mean, np.finfo(float).tiny)
    return new_counts(mean, dispersion, LOWER), new_counts(mean, dispersion, UPPER)


def _of_numbers(
    series: Series, name: str, fitted: Fitted, periods: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    mean, total = means(series, "identity", fitted.beta), _total(series, periods)
    judged = fitted.judge(total @ mean.by_expected)
    noise = error_of_a_period(series, fitted) * series.relative_exposure
    variance = (total**2) @ noise**2
    critical = (judged.high - judged.low) / 2 / np.maximum(judged.std_error, np.finfo(float).tiny)
    half = critical * np.sqrt(judged.std_error**2 + variance)
    return judged.estimate - half, judged.estimate + half


def error_of_a_period(series: Series, fitted: Fitted) -> np.ndarray:
    """(n,) standard deviation of the error of a period, at the mean exposure, of a linear model.

    That of the method where it has its own. Else the root of r'r / tr(M R M'), r the residuals, R
    the correlation of the errors and M what makes residuals of errors by generalized least squares:
    with uncorrelated errors r'r / (n - k).
    """
    if fitted.noise is not None:
        return fitted.noise
    kept = series.kept
    x, scale = series.x[kept], series.relative_exposure[kept]
    residuals = series.y[kept] / scale - x @ fitted.beta
    correlation = ar1_matrix(series.time[kept], fitted.rho or 0.0)
    solved = np.linalg.solve(correlation, x)
    maker = np.eye(len(x)) - x @ np.linalg.solve(x.T @ solved, solved.T)
    variance = float(residuals @ residuals) / float(np.trace(maker @ correlation @ maker.T))
    return np.full(series.n, np.sqrt(variance))
