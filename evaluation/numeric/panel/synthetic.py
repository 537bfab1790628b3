"""Weighted controls for one block of treated units: synthetic control, ridge-augmented, SDID.

Synthetic control by predictors: how much each counts, and the weights that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.simplex import frank_wolfe_weights, simplex_weights

Solver = Literal["published", "exact"]

# Of the noise level: what synthdid puts on weights that it does not mean to shrink.
HARDLY = 1e-6
# Penalties tried: the largest squared singular value times so many powers of this, as in augsynth.
GRID_STEPS = 20
GRID_RATIO = 1e-8


@dataclass(frozen=True, slots=True)
class Block:
    """Treated units that start together, beside their weighted controls.

    gap : (T,) their mean outcome less that of the weighted controls. unit : (n,) weights of the
    controls, summing to one. time : (start,) weights of the periods before, summing to one or
    nought: the weighted gap before is taken off the effect.
    """

    gap: np.ndarray
    unit: np.ndarray
    time: np.ndarray

    @property
    def start(self) -> int:
        return len(self.time)

    @property
    def effects(self) -> np.ndarray:
        """(T,) the effect in every period; before the start a placebo."""
        return np.asarray(self.gap - self.time @ self.gap[: self.start])


def noise_level(y0: np.ndarray, start: int) -> float:
    """The standard deviation of first differences of controls before the start (n - 1)."""
    steps = np.diff(y0[:, :start], axis=1)
    if steps.size < 2:
        raise FitError(fact("numeric.synthetic.weighting-controls-needs-two-periods"))
    return float(steps.std(ddof=1))


def synthetic_control(
    y0: np.ndarray, y1: np.ndarray, start: int, *, solver: Solver = "exact"
) -> Block:
    """Controls weighted to follow the treated mean before the start.

    "exact" is the minimum of the squared distance over the simplex; "published" is where the steps
    of synthdid's `sc_estimate` end, with a penalty of 1e-6 noise levels.

    Parameters
    ----------
    y0 : (n, T) controls. y1 : (T,) mean of the treated. start : periods before.
    """
    x, target = y0[:, :start].T, y1[:start]
    if solver == "exact":
        unit = simplex_weights(x, target).weights
    else:
        noise = noise_level(y0, start)
        unit = frank_wolfe_weights(x, target, zeta=HARDLY * noise, noise=noise, intercept=False)
    return Block(y1 - unit @ y0, unit, np.zeros(start))


def synthetic_did(
    y0: np.ndarray,
    y1: np.ndarray,
    start: int,
    treated: int,
    *,
    noise: float | None = None,
    solver: Solver = "exact",
) -> Block:
    """Controls and periods both weighted, with intercepts (Arkhangelsky et al. 2021, Algorithm 1).

    Unit weights: penalty zeta = (treated units x treated periods)^(1/4) noise. Time weights, from
    controls' periods before to their mean after: penalty 1e-6 noise.

    Parameters
    ----------
    treated : units behind y1. noise : `noise_level` of y0 by default.
    """
    sigma = noise_level(y0, start) if noise is None else noise
    before, after = y0[:, :start], y0[:, start:].mean(axis=1)
    zeta = (treated * (y0.shape[1] - start)) ** 0.25 * sigma
    weights = []
    for a, b, penalty in ((before.T, y1[:start], zeta), (before, after, HARDLY * sigma)):
        if solver == "exact":
            found = simplex_weights(a, b, ridge=len(b) * penalty**2, intercept=True).weights
        else:
            found = frank_wolfe_weights(a, b, zeta=penalty, noise=sigma)
        weights.append(found)
    return Block(y1 - weights[0] @ y0, weights[0], weights[1])


def augmented_control(y0: np.ndarray, y1: np.ndarray, start: int, ridge: float) -> Block:
    """The synthetic control, its remaining misfit before the start corrected by ridge regression.

    With outcomes before the start less the controls' mean of each period, X of the controls and x
    of the treated, and exact weights w of the synthetic control, the weights are
    w + X (X'X + ridge I)^-1 (x - X'w). They sum to one and may be negative.

    Ben-Michael, Feller and Rothstein (2021), Journal of the American Statistical Association
    116:1789-1803.
    """
    x, target = _centered(y0, y1, start)
    w = simplex_weights(x.T, target).weights
    unit = w + _correction(x, target - w @ x, np.array([ridge]))[0]
    return Block(y1 - unit @ y0, unit, np.zeros(start))


def chosen_ridge(y0: np.ndarray, y1: np.ndarray, start: int) -> float:
    """The penalty of `augmented_control` by leaving out each period before the start in turn.

    The largest on the grid whose mean squared error is within one standard error of the least. Grid
    and rule are those of the R package augsynth, which however never leaves out the last period.

    Raises
    ------
    FitError : with fewer than three periods before, or controls that are all alike then.
    """
    if start < 3:
        raise FitError(fact("numeric.synthetic.choosing-ridge-penalty-needs-three"))
    x, target = _centered(y0, y1, start)
    top = float(np.linalg.norm(x, 2)) ** 2
    if top == 0:
        raise FitError(fact("numeric.synthetic.controls-all-alike-before-treatment"))
    grid = top * GRID_RATIO ** (np.arange(GRID_STEPS + 1) / GRID_STEPS)
    errors = np.empty((len(grid), start))
    for t in range(start):
        kept = np.delete(np.arange(start), t)
        part, goal = x[:, kept], target[kept]
        w = simplex_weights(part.T, goal).weights
        units = w + _correction(part, goal - w @ part, grid)
        errors[:, t] = (target[t] - units @ x[:, t]) ** 2
    mean = errors.mean(axis=1)
    best = int(mean.argmin())
    limit = mean[best] + errors[best].std(ddof=1) / np.sqrt(start)
    return float(grid[mean <= limit].max())


def _centered(y0: np.ndarray, y1: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    level = y0[:, :start].mean(axis=0)
    return y0[:, :start] - level, y1[:start] - level


def _correction(x: np.ndarray, misfit: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """(penalties, n) rows X (X'X + ridge I)^-1 misfit."""
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    shrunk = s / (s**2 + ridge[:, None]) * (vt @ misfit)
    return np.asarray(shrunk @ u.T)


# Nelder and Mead's steps a predictor, and where they end, relative to the variance of the outcome.
STEPS_PER_PREDICTOR = 200
PRECISION = 1e-8
# Importances below this share of the largest count as this share: their logarithm is searched over.
LEAST = 1e-6


def standardized(x0: np.ndarray, x1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predictors over their standard deviation among all units, treated included (n - 1).

    Parameters
    ----------
    x0 : (n, p) of controls. x1 : (p,) of the treated. One that does not vary becomes nought.
    """
    spread = np.vstack([x0, x1]).std(axis=0, ddof=1)
    scale = np.where(spread > 0, 1 / np.where(spread > 0, spread, 1.0), 0.0)
    return x0 * scale, x1 * scale


def predictor_weights(x0: np.ndarray, x1: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """(n,) weights that minimize sum of importance_k (x1_k - sum_i w_i x0_ik)^2 over the simplex.

    Parameters
    ----------
    x0 : (n, p), x1 : (p,), as `standardized` gives them. importance : (p,) not negative.
    """
    root = np.sqrt(importance)
    return simplex_weights((x0 * root).T, x1 * root).weights


def chosen_importance(x0: np.ndarray, x1: np.ndarray, z0: np.ndarray, z1: np.ndarray) -> np.ndarray:
    """(p,) importances, summing to one, whose weights follow the outcome before most closely.

    The mean squared gap is not convex in them: the search (Nelder-Mead over logarithms) begins at
    equal importances and at the squared coefficients of outcomes on predictors, summed over
    periods, and the better end is taken. It is what it is from there, a local minimum.

    Abadie, Diamond and Hainmueller (2010), equation 6.

    Parameters
    ----------
    z0 : (n, periods) outcomes of controls before. z1 : (periods,) of the treated.
    """
    from scipy.optimize import minimize

    p = x0.shape[1]
    if p == 1:
        return np.ones(1)

    def gap(logs: np.ndarray) -> float:
        importance = np.exp(logs - logs.max())
        w = predictor_weights(x0, x1, importance / importance.sum())
        return float(((z1 - w @ z0) ** 2).mean())

    x, z = np.vstack([x0, x1]), np.vstack([z0, z1])
    slopes = np.linalg.lstsq(x - x.mean(axis=0), z - z.mean(axis=0), rcond=None)[0]
    squared = (slopes**2).sum(axis=1)
    starts = [np.zeros(p)]
    if squared.max() > 0:
        starts.append(np.log(np.maximum(squared / squared.max(), LEAST)))
    ends = [
        minimize(
            gap,
            start,
            method="Nelder-Mead",
            options={
                "maxiter": STEPS_PER_PREDICTOR * p,
                "fatol": PRECISION * float(z.var()),
                "xatol": 1e-3,
            },
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    importance = np.exp(best.x - best.x.max())
    return np.asarray(importance / importance.sum())
