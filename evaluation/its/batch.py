"""Many series judged by one method at once: placebos, windows, starts, specifications, power."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from evaluation.errors import FitError
from evaluation.its import averaged_reml, learned, sandwich
from evaluation.its.effects import NO_ERROR, headline, means, used
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.numeric.series.averaged import AveragedFit, averaged_poisson
from evaluation.numeric.series.correlation import Grid, Prior
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import Contrasts, t_laws, t_mixtures

# The grid of covariances of more series than this would fill the memory for nothing.
TOGETHER = 1000


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


@dataclass(frozen=True, slots=True)
class _Many:
    """Log-link fits of S series of one calendar.

    beta : (S, k). converged : (S,). judge : from numbers of series (R,) and one gradient each
    (R, k) to R contrasts.
    """

    beta: np.ndarray
    converged: np.ndarray
    judge: Callable[[np.ndarray, np.ndarray, np.ndarray], Contrasts]


# One of the series, whose calendar and columns all have; outcomes (S, n), design (n, k) or
# (S, n, k), log exposure (S, n) and times (n,) in.
_Kernel = Callable[[Series, np.ndarray, np.ndarray, np.ndarray, np.ndarray], _Many]


def judge_many(method: Method, series: Sequence[Series]) -> list[Judged]:
    """The headline of every series by one method, in order; the same numbers as `method.fit`
    gives one at a time, to 1e-8.

    Averaged REML, Poisson and quasi-Poisson are fitted together, all series with the same periods
    and kinds of coefficients at once; other methods one series after another. A series that
    cannot be estimated has a reason, and the others go on.
    """
    kernel = _kernel(method)
    judged: dict[int, Judged] = {}
    groups: dict[tuple[object, ...], list[int]] = {}
    for number, each in enumerate(series):
        if kernel is None or each.kind not in method.kinds:
            judged[number] = _one(method, each)
        else:
            key = (each.time[each.kept].tobytes(), each.n, each.frequency, each.columns)
            groups.setdefault(key, []).append(number)
    if kernel is not None:
        for numbers in groups.values():
            for begin in range(0, len(numbers), TOGETHER):
                part = numbers[begin : begin + TOGETHER]
                judged |= _together(kernel, {number: series[number] for number in part})
    # What did not converge together is tried alone: that gives the reason in the method's words.
    return [judged.get(number) or _one(method, each) for number, each in enumerate(series)]


def _together(kernel: _Kernel, series: dict[int, Series]) -> dict[int, Judged]:
    """The headlines of those series of one calendar that converge."""
    judged: dict[int, Judged] = {}
    ready: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    time = np.empty(0)
    for number, each in series.items():
        try:
            y, x, offset, time = used(each)
        except FitError as fault:
            judged[number] = _failed(str(fault))
        else:
            ready.append((number, y, x, offset))
    if not ready:
        return judged
    numbers = [number for number, *_ in ready]
    first = ready[0][2]
    shared = all(np.array_equal(x, first) for _, _, x, _ in ready)
    design = first if shared else np.array([x for _, _, x, _ in ready])
    try:
        fitted = kernel(
            series[numbers[0]],
            np.array([y for _, y, _, _ in ready]),
            design,
            np.array([offset for *_, offset in ready]),
            time,
        )
    except FitError:  # some design is singular to the kernel: one at a time
        return judged
    rows = np.flatnonzero(fitted.converged)
    if not len(rows):
        return judged
    with np.errstate(all="ignore"):
        columns = _columns(fitted, rows, [series[numbers[row]] for row in rows])
    for row, numbers_of_row in zip(rows, columns.T.tolist(), strict=True):
        # What is not finite, or certain out of rounding, is refused alone in the method's words.
        if np.isfinite(numbers_of_row).all() and numbers_of_row[1] > NO_ERROR:
            judged[numbers[row]] = Judged(*numbers_of_row)
    return judged


def _columns(fitted: _Many, rows: np.ndarray, series: list[Series]) -> np.ndarray:
    """(8, R) the fields of `Judged` of the rows of a fit."""
    found = [headline_of(each, fitted.beta[row]) for each, row in zip(series, rows, strict=True)]
    values = np.array([value for value, _ in found])
    law = fitted.judge(rows, np.array([gradient for _, gradient in found]), values)
    bounds = np.array([law.estimate, law.low, law.high])
    return np.vstack([values, law.std_error, bounds[1:], law.p_value, 100 * np.expm1(bounds)])


def headline_of(series: Series, beta: np.ndarray) -> tuple[float, np.ndarray]:
    """`effects.headline`, at once where the intervention adds the same in all settled periods: a
    lasting level is its own coefficient."""
    added = (series.x - series.baseline)[series.settled]
    if (added == added[0]).all():
        return float(added[0] @ beta), added[0]
    return headline(series, "log", means(series, "log", beta))


def batched(method: Method) -> bool:
    """Whether a method judges many series at once, and not one by one."""
    return _kernel(method) is not None


def _kernel(method: Method) -> _Kernel | None:
    """What fits many series at once by this method, or None when nothing does."""
    if method.whole is not None:
        return None
    solve = method.solve
    if solve in averaged_reml.AVERAGES:
        return partial(_averaged, *averaged_reml.AVERAGES[solve])
    options = solve.keywords if isinstance(solve, partial) else {}
    plain = solve.func if isinstance(solve, partial) else solve
    if plain is learned.fit:
        return partial(_learned, options)
    errors = options.get("errors", "model")
    if plain is sandwich.fit_poisson and errors in ("model", "quasi"):
        return partial(_poisson, errors == "quasi")
    return None


def _averaged(
    grid: Grid,
    prior: Prior,
    one: Series,
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
) -> _Many:
    return _mixed(averaged_poisson(y, x, offset, time, grid, prior=prior))


def _learned(
    options: Mapping[str, float],
    one: Series,
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
) -> _Many:
    return _mixed(learned.many(one, y, x, offset, time, **options))


def _mixed(fitted: AveragedFit) -> _Many:
    def judge(rows: np.ndarray, gradients: np.ndarray, values: np.ndarray) -> Contrasts:
        centers, scales = _mixture_parts(fitted, rows, gradients, values)
        return t_mixtures(fitted.weights[rows], centers, scales, fitted.df)

    return _Many(fitted.beta, fitted.converged, judge)


def _mixture_parts(
    fitted: AveragedFit, rows: np.ndarray, gradients: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Centers and scales (R, G) of contrasts with these values (R,) and gradients (R, k)."""
    centers = (fitted.betas[rows] @ gradients[..., None])[..., 0]
    centers += (values - (fitted.beta[rows] * gradients).sum(axis=1))[:, None]
    spread = (fitted.covs[rows] @ gradients[:, None, :, None])[..., 0]
    variance = (spread @ gradients[..., None])[..., 0]
    return centers, np.sqrt(variance.clip(min=0))


def _poisson(
    quasi: bool,
    one: Series,
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
) -> _Many:
    fitted = poisson(y, x, offset)
    dispersion = fitted.pearson if quasi else np.ones(len(y))
    df = float(y.shape[1] - x.shape[-1]) if quasi else np.inf

    def judge(rows: np.ndarray, gradients: np.ndarray, values: np.ndarray) -> Contrasts:
        spread = (fitted.cov[rows] @ gradients[..., None])[..., 0]
        variance = dispersion[rows] * (spread * gradients).sum(axis=1)
        return t_laws(values, np.sqrt(variance.clip(min=0)), df)

    return _Many(fitted.beta, fitted.converged, judge)


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
