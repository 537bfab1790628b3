"""Calibration: weights as near as can be to equal ones that meet totals exactly.

How alike two groups are, and where they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.simplex import simplex_weights

Distance = Literal["truncated linear", "raking"]

# Totals are met to this, relative to the standard deviation of a column times the sum of weights.
MET = 1e-8
STEPS = 200
HALVINGS = 40
# Directions of the columns with less than this share of the largest singular value are dropped.
RANK = 1e-10
# An exponent that no weight of use reaches; it keeps a step that is too long from overflowing.
LARGEST_EXPONENT = 500.0


class Unbalanced(FitError):
    """No weights meet the totals; those that come nearest miss `column` most, by `by`."""

    def __init__(self, column: int, by: float) -> None:
        self.column, self.by = column, by
        super().__init__(fact("numeric.balance.totals-not-met", column=column + 1, by=by))


@dataclass(frozen=True, slots=True)
class Balanced:
    """Weights and what is left of the differences.

    weights : (n,), not negative. missed : (c,) totals of the weighted columns less their targets.
    scale, directions, multipliers : (c,), (c, k) and (k,) the columns' units, the combinations of
    them that the search moves along and where it ended, for another that begins there.
    """

    weights: np.ndarray
    missed: np.ndarray
    scale: np.ndarray
    directions: np.ndarray
    multipliers: np.ndarray


def balanced(
    x: np.ndarray,
    totals: np.ndarray,
    base: np.ndarray,
    *,
    distance: Distance = "truncated linear",
    near: Balanced | None = None,
) -> Balanced:
    """Weights w >= 0 with x'w = totals, as near to `base` as can be.

    "truncated linear" minimizes sum (w - base)^2/base, whose solution is base max(0, 1 + x'l);
    "raking" minimizes sum w log(w/base) - w + base, with base exp(x'l) (entropy balancing). The
    multipliers l minimize a convex function whose gradient is x'w - totals: Newton's steps, halved
    until it falls. Columns are taken in their singular directions, so that redundant ones do no
    harm when their totals agree.

    Deville and Sarndal (1992), Journal of the American Statistical Association 87:376-382, cases 1
    (truncated) and 2; Hainmueller (2012), Political Analysis 20:25-46.

    Parameters
    ----------
    x : (n, c), a column of ones among them. totals : (c,). base : (n,) positive. near : the answer
        for almost the same units, where the search begins.

    Raises
    ------
    Unbalanced : when no weights meet the totals.
    FitError : when only weights on the edge do, which raking cannot reach.
    """
    if near is None:
        spread = x.std(axis=0)
        scale = np.where(spread > 0, spread, np.maximum(np.abs(x).max(axis=0), 1e-300))
        # Of the triangle, which has the same singular values and is as small as there are columns.
        _, s, vt = np.linalg.svd(np.linalg.qr(x / scale, mode="r"), full_matrices=False)
        kept = s > RANK * s[0]
        directions = vt[kept].T / s[kept] * np.sqrt(len(x))
        multipliers = np.zeros(directions.shape[1])
    else:
        scale, directions, multipliers = near.scale, near.directions, near.multipliers
    columns, goal = x / scale, totals / scale
    z, aim = columns @ directions, goal @ directions
    value, w, slope = _dual(z @ multipliers, base, distance)
    value -= float(aim @ multipliers)
    limit = MET * float(base.sum())
    for _ in range(STEPS):
        missed = columns.T @ w - goal
        if np.abs(missed).max() <= limit:
            return Balanced(w, missed * scale, scale, directions, multipliers)
        gradient = z.T @ w - aim
        some = slope > 0  # often few of the units
        inside = z[some]
        hessian = (inside * slope[some][:, None]).T @ inside
        # What little is added keeps directions without weight from being singular; where no unit
        # has weight the step is along the gradient.
        trace = float(np.trace(hessian))
        little = 1e-12 * trace / len(hessian) if trace > 0 else float(base.sum())
        hessian.flat[:: len(hessian) + 1] += little
        step = np.linalg.solve(hessian, gradient)
        fall = float(gradient @ step)
        size = 1.0
        for _ in range(HALVINGS):
            trial = multipliers - size * step
            attempt, w_trial, slope_trial = _dual(z @ trial, base, distance)
            attempt -= float(aim @ trial)
            if attempt <= value - 1e-4 * size * fall + 1e-14 * abs(value):
                break
            size /= 2
        else:
            break
        multipliers, value, w, slope = trial, attempt, w_trial, slope_trial
    missed = columns.T @ w - goal
    if np.abs(missed).max() <= 100 * limit:
        return Balanced(w, missed * scale, scale, directions, multipliers)
    off = _nearest(columns, goal, x.std(axis=0) > 0) - goal
    worst = int(np.abs(off).argmax())
    if abs(off[worst]) <= 100 * limit:
        raise FitError(fact("numeric.balance.totals-met-only-by-weights"))
    raise Unbalanced(worst, float(off[worst] * scale[worst]))


def _nearest(columns: np.ndarray, goal: np.ndarray, varies: np.ndarray) -> np.ndarray:
    """(c,) the totals nearest to the goal that weights which are not negative give.

    Their sum is held, where it can be, so that the fault is seen in a column that tells units apart
    and not in how many there are.
    """
    from scipy.optimize import nnls

    held = np.flatnonzero(~varies & (np.abs(columns).max(axis=0) > 0))
    total = float(goal[held[0]] / columns[0, held[0]]) if len(held) else 0.0
    if total > 0:
        w = total * simplex_weights(columns[:, varies].T, goal[varies] / total).weights
    else:
        w = nnls(columns.T, goal, maxiter=30 * len(columns))[0]
    return np.asarray(columns.T @ w)


def _dual(
    index: np.ndarray, base: np.ndarray, distance: Distance
) -> tuple[float, np.ndarray, np.ndarray]:
    """Its value without the totals, the weights and their slopes, from x'l of every unit."""
    if distance == "raking":
        w = base * np.exp(np.minimum(index, LARGEST_EXPONENT))
        return float(w.sum()), w, w
    raised = np.maximum(1 + index, 0.0)
    return float((base * raised**2).sum() / 2), base * raised, np.where(raised > 0, base, 0.0)


def effective_size(weight: np.ndarray) -> float:
    """How many equally weighted people tell as much: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def crump_bound(p: np.ndarray) -> float:
    """The a for which keeping a <= p <= 1 - a estimates the effect with least variance.

    The smallest a with 1/(a(1 - a)) <= 2 E[1/(p(1 - p)) | 1/(p(1 - p)) <= 1/(a(1 - a))]; 0 when
    everyone may stay (Crump, Hotz, Imbens and Mitnik 2009, Biometrika 96:187-199, corollary 1).

    Parameters
    ----------
    p : (n,) propensities strictly between 0 and 1.

    Examples
    --------
    >>> crump_bound(np.array([0.3, 0.5, 0.6]))
    0.0
    """
    cost = np.sort(1 / (p * (1 - p)))
    mean = np.cumsum(cost) / np.arange(1, len(cost) + 1)
    # Among the k cheapest the bound g = 2 mean must hold all of them and not the next.
    if cost[-1] <= 2 * mean[-1]:
        return 0.0
    following = np.append(cost[1:], np.inf)
    holds = (cost <= 2 * mean) & (2 * mean < following)
    bound = 2 * mean[np.flatnonzero(holds)[-1]]
    return float(0.5 - np.sqrt(0.25 - 1 / bound))


def standardized_differences(
    x: np.ndarray,
    treated: np.ndarray,
    weight: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """(c,) weighted means of the treated less those of the others, over `scale`; nought for a
    column without spread whose means agree."""
    means = [
        (weight * side) @ x / max(float((weight * side).sum()), 1e-300)
        for side in (treated, ~treated)
    ]
    gap = means[0] - means[1]
    return np.asarray(np.where(np.abs(gap) > 0, gap / np.maximum(scale, 1e-300), 0.0))


def spread(x: np.ndarray, treated: np.ndarray, base: np.ndarray, *, pooled: bool) -> np.ndarray:
    """(c,) standard deviation before weighting, with n - 1: of the treated, or pooled
    sqrt((v1 + v0)/2) (Austin 2011, Multivariate Behavioral Research 46:399-424). A column that
    does not vary among the treated has that of everyone."""
    own = _variance(x, base * treated)
    if pooled:
        own = (own + _variance(x, base * ~treated)) / 2
    return np.asarray(np.sqrt(np.where(own > 0, own, _variance(x, base))))


def variance_ratios(x: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(c,) weighted variance of the treated over that of the others; infinite without any."""
    one, none = _variance(x, weight * treated), _variance(x, weight * ~treated)
    return np.asarray(np.where(none > 0, one / np.maximum(none, 1e-300), np.inf))


def _variance(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(c,) weighted variances, unbiased for equal weights."""
    total = w.sum()
    mean = w @ x / total
    factor = total / (total**2 - (w**2).sum())
    return np.asarray(factor * (w @ (x - mean) ** 2))
