"""One treated unit beside the changes of controls that nothing happened to: a normal or Student
judgement, or a rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.permutation import TIE, last_kept

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Placebo:
    """The judgement of R treated units, each beside n controls of its own.

    estimate, std_error, low, high, p_value : (R,); p is below .05 exactly when the range leaves
    nought out. smallest : the smallest p possible; where that is not below .05, the range has no
    end.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    smallest: float


def equal_variance(own: np.ndarray, d: np.ndarray) -> Placebo:
    """t(n - 1): every change has the same variance, that of the controls.

    The standard error is s sqrt(1 + 1/n); exact for normal changes of one variance.

    Parameters
    ----------
    own : (R,) change of the treated unit. d : (R, n) of the controls.
    """
    n = _enough(d)
    error = d.std(axis=1, ddof=1) * np.sqrt(1 + 1 / n)
    return _student(own - d.mean(axis=1), error, n - 1)


def ferman_pinto(own: np.ndarray, own_h: np.ndarray, d: np.ndarray, h: np.ndarray) -> Placebo:
    """t(n - 1), with variances that fall as units grow: A + B h.

    A and B are the nonnegative least-squares fit of the squared residuals W_j^2 n/(n - 1), with
    W_j = d_j - mean(d), on 1 and h_j. The standard error is the root of the treated unit's
    A + B h plus that of the mean of the controls, sum(A + B h_j)/n^2; Ferman and Pinto, whose
    limit has many controls, leave the latter out and take ranks (`ferman_pinto_rank`).

    Ferman and Pinto (2019), Review of Economics and Statistics 101:452-467.

    Parameters
    ----------
    own, own_h : (R,) change and regressor of the treated unit. d, h : (R, n) of the controls.
    """
    n = _enough(d)
    own_variance, variance = _variances(own_h, d, h)
    error = np.sqrt(own_variance + variance.sum(axis=1) / n**2)
    return _student(own - d.mean(axis=1), error, n - 1)


def ferman_pinto_rank(own: np.ndarray, own_h: np.ndarray, d: np.ndarray, h: np.ndarray) -> Placebo:
    """The rank of the treated unit's change among the controls', each over its own A + B h.

    p counts the treated unit itself: (1 + number as far out)/(n + 1). The interval holds the
    effects whose p is .05 or more: all of them with fewer than 20 controls.

    Parameters
    ----------
    As `ferman_pinto`.
    """
    n = _enough(d)
    own_variance, variance = _variances(own_h, d, h)
    estimate, error = own - d.mean(axis=1), np.sqrt(own_variance)
    size = np.abs(d - d.mean(axis=1, keepdims=True)) / np.sqrt(variance)
    reached = (size >= (np.abs(estimate) / error * (1 - TIE))[:, None]).sum(axis=1)
    smallest = 1 / (n + 1)
    half = error * np.array([last_kept(row, 1 - LEVEL) for row in size])
    return Placebo(
        estimate,
        error,
        estimate - half,
        estimate + half,
        (1 + reached) / (n + 1),
        smallest,
    )


def conley_taber(own: np.ndarray, d: np.ndarray) -> Placebo:
    """The distribution of the effect is that of the controls' residuals W_j = d_j - mean(d).

    The interval is the estimate less the 97.5 % and 2.5 % quantiles of W (interpolated), and p
    twice the smaller tail beyond the estimate of the same distribution, nought past its outermost.
    As published p is the share of controls as far out (`share_as_far`), which can be below .05
    where this interval holds nought. It is meant for many controls of one size.

    Conley and Taber (2011), Review of Economics and Statistics 93:113-125.

    Parameters
    ----------
    own : (R,). d : (R, n).
    """
    n = _enough(d)
    w = d - d.mean(axis=1, keepdims=True)
    estimate = own - d.mean(axis=1)
    below = np.array([_below(row, at) for row, at in zip(w, estimate, strict=True)])
    above = np.array([_below(-row, -at) for row, at in zip(w, estimate, strict=True)])
    p_value = 2 * np.maximum(1 - np.maximum(below, above), 0)
    tail = (1 - LEVEL) / 2
    upper, lower = np.quantile(w, [1 - tail, tail], axis=1)
    error = w.std(axis=1, ddof=1) * np.sqrt(1 + 1 / n)
    return Placebo(estimate, error, estimate - upper, estimate - lower, p_value, 0.0)


def share_as_far(own: np.ndarray, d: np.ndarray) -> np.ndarray:
    """(R,) share of controls whose residual is at least as large as the estimate, which is the p
    of Conley and Taber as published.

    Parameters
    ----------
    own : (R,). d : (R, n).
    """
    w = d - d.mean(axis=1, keepdims=True)
    estimate = own - d.mean(axis=1)
    return np.asarray((np.abs(w) >= np.abs(estimate)[:, None] * (1 - TIE)).mean(axis=1))


def size_slope(d: np.ndarray, h: np.ndarray) -> np.ndarray:
    """(R,) B of `ferman_pinto`: how much of a variance goes with the regressor."""
    none, one = (_variances(np.full(len(d), at), d, h)[0] for at in (0.0, 1.0))
    return np.asarray(one - none)


def _below(values: np.ndarray, at: float) -> float:
    """The largest share whose interpolated quantile is below `at`, nought when none is."""
    ordered = np.sort(values)
    count = int(np.searchsorted(ordered, at))
    if count == 0:
        return 0.0
    if count == len(ordered):
        return 1.0
    step = (at - ordered[count - 1]) / (ordered[count] - ordered[count - 1])
    return float((count - 1 + step) / (len(ordered) - 1))


def _variances(own_h: np.ndarray, d: np.ndarray, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R,) and (R, n) variances A + B h of the treated unit and of the controls."""
    n = d.shape[1]
    square = (d - d.mean(axis=1, keepdims=True)) ** 2 * n / (n - 1)
    mean_h, mean_square = h.mean(axis=1), square.mean(axis=1)
    centered = h - mean_h[:, None]
    sum_squares = (centered**2).sum(axis=1)
    tiny = np.finfo(float).tiny
    slope = (centered * square).sum(axis=1) / np.maximum(sum_squares, tiny)
    # With one variable and a constant, the nonnegative fit puts to nought what would be negative.
    slope = np.where(sum_squares > TIE * mean_h**2, np.maximum(slope, 0), 0)
    constant = mean_square - slope * mean_h
    through_origin = (h * square).sum(axis=1) / np.maximum((h**2).sum(axis=1), tiny)
    slope = np.where(constant < 0, through_origin, slope)
    constant = np.maximum(constant, 0)
    return constant + slope * own_h, constant[:, None] + slope[:, None] * h


def _student(estimate: np.ndarray, error: np.ndarray, df: int) -> Placebo:
    from scipy.special import stdtr, stdtrit

    error = np.maximum(error, np.finfo(float).tiny)
    half = stdtrit(df, (1 + LEVEL) / 2) * error
    p_value = 2 * stdtr(df, -np.abs(estimate) / error)
    return Placebo(estimate, error, estimate - half, estimate + half, p_value, 0.0)


def _enough(d: np.ndarray) -> int:
    n = int(d.shape[1])
    if n < 2:
        raise FitError(fact("numeric.placebo.single-control-cannot-show-how"))
    if (d.max(axis=1) == d.min(axis=1)).any():
        raise FitError(fact("numeric.placebo.controls-all-change-alike-nothing"))
    return n
