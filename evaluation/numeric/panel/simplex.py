"""Least squares over the simplex: weights that are not negative and sum to one.

Simplex weights as the R package synthdid finds them: Frank and Wolfe's steps, stopped early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# Frank and Wolfe's gap, relative to the largest squared column: where the steps end, and above what
# weights are not accepted.
FINE = 1e-13
GAP = 1e-9
# A penalty of at least this, relative to the same, leaves the pivots well-conditioned.
FIRM = 1e-8
# Pivots usually settle in fewer than ten rounds; the active set takes over where they cycle.
PIVOTS = 60
# The active set adds or drops one weight a round.
ROUNDS_PER_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class Simplex:
    """The weights and how far they can be from the best.

    weights : (n,). gap : the objective at `weights` is at most twice this above its minimum, by
    convexity. constant : the intercept, nought without one.
    """

    weights: np.ndarray
    gap: float
    constant: float


def simplex_weights(
    a: np.ndarray, b: np.ndarray, *, ridge: float = 0.0, intercept: bool = False
) -> Simplex:
    """The w that minimizes |a w - b|^2 + ridge |w|^2 with w >= 0 and sum(w) = 1.

    As the weights sum to one, a w - b is a combination of the columns a_i - b: the nearest point
    to the origin in their convex hull (Wolfe 1976, Mathematical Programming 11:128-149). It is the
    normalized solution of nonnegative least squares with a row of ones below, which Lawson and
    Hanson's active set finds exactly. With a firm penalty whole blocks of weights are pivoted at
    once and only matrices of the size of `b` are solved. Every answer is held to the conditions of
    Karush, Kuhn and Tucker: Frank and Wolfe's gap must be below 1e-9 of the largest squared column.

    Without a penalty the weights may not be unique (more columns than rows, and `b` inside).

    Parameters
    ----------
    a : (m, n). b : (m,). intercept : a constant is added to a w, free and not penalized.

    Raises
    ------
    FitError : without columns, or when the conditions are not met.
    """
    n = a.shape[1]
    if n == 0:
        raise FitError(fact("numeric.simplex.there-nothing-weight"))
    shift = np.zeros(n)
    target = 0.0
    if intercept:
        shift, target = a.mean(axis=0), float(b.mean())
        a, b = a - shift, b - target
    p = a - b[:, None]
    size = float((p**2).sum(axis=0).max())
    if (size <= 0 and ridge == 0) or n == 1:
        w = np.full(n, 1 / n)
        return Simplex(w, 0.0, target - float(shift @ w))
    scale = np.sqrt(size) if size > 0 else 1.0
    p, penalty = p / scale, ridge / scale**2
    w = np.empty(0)
    if penalty > FIRM:
        w = _pivoted(p, penalty)
    if not len(w) or _gap(p, penalty, w) > FINE * max(1.0, penalty):
        w = _active_set(p, penalty, _nearest(p, penalty))
    gap = _gap(p, penalty, w)
    if gap > GAP * max(1.0, penalty):
        raise FitError(fact("numeric.simplex.weights-could-not-be-found", gap=gap))
    return Simplex(w, gap * scale**2, target - float(shift @ w))


def _gap(p: np.ndarray, penalty: float, w: np.ndarray) -> float:
    gradient = p.T @ (p @ w) + penalty * w
    return float(gradient @ w - gradient.min())


def _nearest(p: np.ndarray, penalty: float) -> np.ndarray:
    """The weights by nonnegative least squares of [p; sqrt(penalty) I; 1'] on (0, ..., 0, 1)."""
    from scipy.optimize import nnls

    n = p.shape[1]
    rows = _stacked(p, penalty)
    goal = np.zeros(len(rows))
    goal[-1] = 1
    try:
        w = nnls(rows, goal, maxiter=30 * n)[0]
    except RuntimeError:  # out of steps: the active set goes on from anywhere
        w = np.zeros(n)
        w[(p**2).sum(axis=0).argmin()] = 1
    return np.asarray(w / w.sum())


def _stacked(p: np.ndarray, penalty: float) -> np.ndarray:
    n = p.shape[1]
    parts = [p, np.ones((1, n))]
    if penalty > 0:
        parts.insert(1, np.sqrt(penalty) * np.eye(n))
    return np.vstack(parts)


def _active_set(p: np.ndarray, penalty: float, w: np.ndarray) -> np.ndarray:
    """Wolfe's steps from these weights until no weight outside the support would help."""
    n = p.shape[1]
    on = w > 0
    for _ in range(ROUNDS_PER_WEIGHT * n + ROUNDS_PER_WEIGHT):
        best = _affine(p, penalty, on)
        if (best[on] > 0).all():
            w = best
            gradient = p.T @ (p @ w) + penalty * w
            if gradient @ w - gradient.min() <= FINE * max(1.0, penalty):
                return w
            enter = int(np.where(on, np.inf, gradient).argmin())
            if on[enter]:
                return w
            on[enter] = True
            continue
        # As far towards the best combination as no weight turns negative; what reaches nought goes.
        out = on & (best <= 0)
        step = float((w[out] / np.maximum(w[out] - best[out], np.finfo(float).tiny)).min())
        w = w + min(step, 1.0) * (best - w)
        on &= w > np.finfo(float).eps
        w = np.where(on, w, 0.0)
        w /= w.sum()
    return w


def _affine(p: np.ndarray, penalty: float, on: np.ndarray) -> np.ndarray:
    """(n,) the best weights that sum to one over these columns, of either sign."""
    rows = _stacked(p[:, on], penalty)
    goal = np.zeros(len(rows))
    goal[-1] = 1
    found = np.linalg.lstsq(rows, goal, rcond=None)[0]
    w = np.zeros(p.shape[1])
    w[on] = found / found.sum()
    return w


def _pivoted(p: np.ndarray, penalty: float) -> np.ndarray:
    """The weights by pivoting all violated signs at once; empty when that does not settle.

    On a support S the conditions (penalty I + p_S'p_S) v = mu 1 are solved through
    penalty I + p_S p_S', which is of the size of a column. Weights at or below nought leave, and
    columns with a gradient below mu enter.
    """
    m, n = p.shape
    on = np.ones(n, dtype=bool)
    for _ in range(PIVOTS):
        inside = p[:, on]
        outer = inside @ inside.T
        outer.flat[:: m + 1] += penalty
        sums = inside.sum(axis=1)
        z = np.linalg.solve(outer, sums)  # p w / mu, as p_S p_S' z + penalty z = sums
        v = 1 - inside.T @ z  # penalty w / mu on the support
        total = float(v.sum())
        if total <= 0:
            break
        after = (p.T @ z) < 1
        if (after == on).all():
            w = np.zeros(n)
            w[on] = v / total
            return w
        on = after
        if not on.any():
            break
    return np.empty(0)


# As in synthdid: steps before and after small weights are put to nought, and which are small.
STEPS_BEFORE = 100
STEPS = 10_000
SMALL = 4.0
# Steps end when the objective falls by less than (this times the noise level) squared.
DECREASE = 1e-5


def frank_wolfe_weights(
    a: np.ndarray, b: np.ndarray, *, zeta: float, noise: float, intercept: bool = True
) -> np.ndarray:
    """(n,) weights near those that minimize |a w - b|^2/m + zeta^2 |w|^2 over the simplex.

    Steps of Frank and Wolfe with exact line search from equal weights: at most 100, then weights
    up to a quarter of the largest are put to nought, then at most 10,000 more; each time they end
    when the objective falls by no more than (1e-5 noise)^2. The end is short of the minimum where
    `zeta` is small, so that published numbers differ from those of the exact weights of
    `evaluation.numeric.panel.simplex` (Proposition 99, synthetic control: -19.62 against -19.51).

    Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review
    111:4088-4118, Algorithm 1; the stopping rule is that of the R package synthdid.

    Parameters
    ----------
    a : (m, n). b : (m,). noise : the standard deviation that the stopping rule is scaled by.
    """
    if intercept:
        a, b = a - a.mean(axis=0), b - b.mean()
    m, n = a.shape
    # As weights sum to one, a w - b is p w, and |p w|^2 + m zeta^2 |w|^2 is w'G w.
    p = a - b[:, None]
    rows: dict[int, np.ndarray] = {}

    def row(i: int) -> np.ndarray:
        if i not in rows:
            rows[i] = p[:, i] @ p
            rows[i][i] += m * zeta**2
        return rows[i]

    tolerance = m * (DECREASE * noise) ** 2
    w = _steps(p, row, np.full(n, 1 / n), m * zeta**2, tolerance, STEPS_BEFORE)
    w = np.where(w <= w.max() / SMALL, 0.0, w)
    return _steps(p, row, w / w.sum(), m * zeta**2, tolerance, STEPS)


def _steps(
    p: np.ndarray,
    row: Callable[[int], np.ndarray],
    w: np.ndarray,
    penalty: float,
    tolerance: float,
    most: int,
) -> np.ndarray:
    """Each step goes towards the corner i that lowers the objective fastest, as far as is best."""
    w = w.copy()
    g = p.T @ (p @ w) + penalty * w  # G w, half the gradient
    q = float(w @ g)  # the objective
    for step in range(most):
        i = int(g.argmin())
        to = row(i)
        across, slope = float(g[i]), float(g[i]) - q
        curvature = float(to[i]) - 2 * across + q
        if curvature <= 0:
            return w
        size = min(1.0, max(0.0, -slope / curvature))
        w *= 1 - size
        w[i] += size
        g *= 1 - size
        g += size * to
        fall = -size * (2 * slope + size * curvature)
        q -= fall
        if step > 0 and fall <= tolerance:
            return w
    return w
