"""The shortest interval of fixed length when the slope of the difference in trends is bounded.

An estimator that is linear in the event-study estimates, and not moved by a linear trend, has a
bias of at most `bound` times the sum of its absolute weights on the bends of the trend (second
differences). Its interval is the estimate plus and minus the 95 % point of |N(bias / s, 1)| times
its standard error s. The least variance for a given bias, over the weights before treatment, is a
lasso problem in the weights on the bends; its whole path is followed exactly, and the length is
minimized along it.

Rambachan and Roth (2023), Review of Economic Studies 90:2555-2591, section 4.1; Armstrong and
Kolesar (2018), Econometrica 86:655-683; Osborne, Presnell and Turlach (2000), IMA Journal of
Numerical Analysis 20:389-403, for the path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.honest import LEVEL, EventStudy

# Newton's steps for the 95 % point; from the start used it takes fewer than ten.
STEPS = 60
HALVINGS = 60
# Where a bound may be taken to be without end, in standard errors of the estimate.
BEYOND = 1e8
# A weight that has just come or gone must not do so again in a step of this share of the penalty.
SAME = 1e-10


@dataclass(frozen=True, slots=True)
class FixedLength:
    """An affine estimator and its interval.

    Parameters
    ----------
    weights : (K,) on the estimates of the event study. bias : the largest absolute bias under the
        bound. p_value : of no effect, were the bias the worst.
    """

    weights: np.ndarray
    estimate: float
    std_error: float
    bias: float
    low: float
    high: float
    p_value: float


def shortest(study: EventStudy, bound: float, *, level: float = LEVEL) -> FixedLength:
    """The interval when the slope of the difference in trends changes by at most `bound` a period.

    Raises
    ------
    FitError : for a negative bound, or a singular covariance of the estimates before treatment.
    """
    from scipy.special import ndtr

    if not bound >= 0:
        raise FitError(fact("numeric.fixed-length.bound-on-change-slope-0", bound=bound))
    base, to_weights, after = _frame(study)
    knots = _path(study.sigma, base, to_weights)

    def measured(c: np.ndarray) -> tuple[float, float]:
        weights = base + to_weights @ c
        variance = float(weights @ study.sigma @ weights)
        return float(np.sqrt(variance)), bound * (float(np.abs(c).sum()) + after)

    def half(place: float) -> float:
        std_error, bias = measured(_between(knots, place))
        return std_error * folded(bias / std_error, level)

    # Along the path the length falls and then rises, so it is least beside its least corner.
    place = len(knots) - 1.0
    if bound > 0:
        corner = int(np.argmin([half(float(at)) for at in range(len(knots))]))
        places = [_least(half, at) for at in (corner - 1, corner) if 0 <= at < len(knots) - 1]
        place = min([float(corner), *places], key=half)
    c = _between(knots, place)
    weights = base + to_weights @ c
    std_error, bias = measured(c)
    estimate, width = float(weights @ study.beta), half(place)
    far, near = (-(abs(estimate) - side * bias) / std_error for side in (1, -1))
    return FixedLength(
        weights,
        estimate,
        std_error,
        bias,
        estimate - width,
        estimate + width,
        float(ndtr(far) + ndtr(near)),
    )


def breakdown(study: EventStudy, *, theta: float = 0.0, level: float = LEVEL) -> float:
    """The largest bound whose interval does not hold `theta`; nought when it is held at bound 0."""

    def held(bound: float) -> bool:
        found = shortest(study, bound, level=level)
        return found.low <= theta <= found.high

    if held(0.0):
        return 0.0
    low, high = 0.0, study.std_error
    while not held(high):
        low, high = high, 2 * high
        if high > BEYOND * study.std_error:
            return float("inf")
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if held(middle) else (middle, high)
    return low


def largest_bend(study: EventStudy, *, level: float = LEVEL) -> float:
    """An upper confidence bound for the largest change of slope before treatment: the highest of
    the one-sided bounds for each. No data can bound those after it; this only gives a scale.

    Raises
    ------
    FitError : with one period before the reference, when there is no change of slope.
    """
    from scipy.special import ndtri

    if study.before < 2:
        raise FitError(fact("numeric.fixed-length.one-period-before-reference-shows"))
    path = np.vstack([np.eye(study.before), np.zeros(study.before)])
    bends = np.diff(path, n=2, axis=0)
    seen = bends @ study.beta[: study.before]
    before = study.sigma[: study.before, : study.before]
    spread = np.sqrt(np.einsum("ri,ij,rj->r", bends, before, bends))
    return float((np.abs(seen) + ndtri(1 - level) * spread).max())


def folded(mean: float, level: float = LEVEL) -> float:
    """The value that |N(mean, 1)| passes with probability `level`, by Newton's method."""
    from scipy.special import ndtr, ndtri

    value = max(float(ndtri(1 - level / 2)), mean + float(ndtri(1 - level)))
    for _ in range(STEPS):
        excess = ndtr(mean - value) + ndtr(-mean - value) - level
        slope = np.exp(-((value - mean) ** 2) / 2) + np.exp(-((value + mean) ** 2) / 2)
        step = float(excess * np.sqrt(2 * np.pi) / slope)
        value += step
        if abs(step) < 1e-13 * value:
            break
    return value


def _frame(study: EventStudy) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights with no bend before treatment, (K,), what a weight on each bend before adds, (K, b),
    and the sum of absolute weights on the bends from treatment on, which nothing can change.

    The weight on the bend j periods before the reference is the sum of (k - j) times that on the
    estimate k before; a linear trend does not move the estimator when the sum of k times it is the
    sum of k times the weights after.
    """
    before, after = study.before, len(study.weights)
    base = np.zeros(len(study.beta))
    base[before:] = study.weights
    back = np.arange(before, 0, -1)  # how far before the reference each estimate is
    ahead = np.arange(1, after + 1)
    # c_j = sum over k > j of (k - j) v_k for j = 1 .. before - 1, and c_0 = sum of k v_k.
    to_bends = np.maximum(back[None, :] - np.arange(before)[:, None], 0).astype(float)
    inverse = np.linalg.inv(to_bends)
    base[:before] = inverse[:, 0] * (ahead @ study.weights)
    to_weights = np.zeros((len(study.beta), before - 1))
    to_weights[:before] = inverse[:, 1:]
    rest = np.maximum(ahead[None, :] - np.arange(after)[:, None], 0) @ study.weights
    return base, to_weights, float(np.abs(rest).sum())


def _path(sigma: np.ndarray, base: np.ndarray, to_weights: np.ndarray) -> np.ndarray:
    """(m, b) corners of the path from no weight on bends to the least variance.

    Minimizes half the variance plus a penalty times the sum of absolute weights, for every penalty.
    """
    b = to_weights.shape[1]
    hessian = to_weights.T @ sigma @ to_weights
    linear = to_weights.T @ sigma @ base
    if b == 0:
        return np.zeros((1, 0))
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        raise FitError(
            fact("numeric.fixed-length.covariance-estimates-before-treatment-singular")
        ) from None
    c = np.zeros(b)
    penalty = float(np.abs(linear).max())
    active = np.zeros(b, bool)
    signs = np.zeros(b)
    first = int(np.abs(linear).argmax())
    active[first], signs[first] = True, -np.sign(linear[first])
    corners = [c]
    # A corner enters or leaves a weight; a path visits a set of signs once, so far fewer suffice.
    for _ in range(20 * b + 20):
        if penalty <= 0:
            break
        own = np.flatnonzero(active)
        rate = np.zeros(b)  # of c as the penalty falls
        rate[own] = np.linalg.solve(hessian[np.ix_(own, own)], signs[own])
        slack = linear + hessian @ c  # = -penalty * sign for active ones
        drift = hessian @ rate
        steps = np.full(b, np.inf)
        for j in range(b):
            if active[j]:
                if rate[j] * signs[j] < 0:
                    steps[j] = -c[j] / rate[j] if c[j] != 0 else np.inf
            else:
                options = [
                    step
                    for side in (1.0, -1.0)
                    if abs(1 + side * drift[j]) > 1e-14
                    for step in [(penalty - side * slack[j]) / (1 + side * drift[j])]
                    if step > SAME * penalty
                ]
                steps[j] = min(options, default=np.inf)
        j = int(steps.argmin())
        step = min(float(steps[j]), penalty)
        c = c + step * rate
        penalty -= step
        if penalty > 0:
            if active[j]:
                active[j], c[j] = False, 0.0
            else:
                active[j] = True
                signs[j] = -np.sign(linear[j] + hessian[j] @ c)
        corners.append(c)
    return np.array(corners)


def _between(knots: np.ndarray, place: float) -> np.ndarray:
    """The path at a place counted in corners from 0."""
    left = min(int(place), len(knots) - 2)
    if left < 0:
        return np.asarray(knots[0])
    share = place - left
    return np.asarray((1 - share) * knots[left] + share * knots[left + 1])


def _least(half: Callable[[float], float], corner: int) -> float:
    """Where the length is least between one corner and the next."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        half, bounds=(corner, corner + 1), method="bounded", options={"xatol": 1e-12}
    )
    return float(found.x)
