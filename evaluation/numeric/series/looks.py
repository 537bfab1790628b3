"""Looks at averaged REML of many series of one design: steps that stop short of the answer, for who
asks no more than on which side of a level it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evaluation.numeric.panel.absorb import Eliminated, eliminate, half_solved, other_half, pairs
from evaluation.numeric.series.averaged import Slopes, over_grid, weights_of
from evaluation.numeric.series.correlation import Grid, packed_grams, shared_grams, whitening
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal

# Where the t distribution is looked up in place of worked out, a fifth of the time: a cubic a step.
REACH, STEPS = 16, 256


@dataclass(frozen=True, slots=True)
class Look:
    """One step of S series toward the fixed point of `averaged.averaged_poisson`.

    Coefficients are those of the orthonormal design.

    Parameters
    ----------
    weights, sigma2 : (S, G). step : (k, S, G), of every model. change, gamma : (S, k), the mean
        step and where it leads. solved : systems (S, G), or (1, G) where all share them. taken :
        for every slope with a prior (k, S or 1, G) and (S, G), t and w: what its prior leaves of
        the covariance over sigma2 is less by V t t' V' / w. moved : (S,) by how much the step moved
        the log mean where it moved it most. inverse : (k, k) from these coefficients to those of
        the design. df : of t.
    """

    weights: np.ndarray
    sigma2: np.ndarray
    step: np.ndarray
    change: np.ndarray
    gamma: np.ndarray
    solved: Eliminated
    taken: tuple[tuple[np.ndarray, np.ndarray], ...]
    moved: np.ndarray
    inverse: np.ndarray
    df: int

    @property
    def beta(self) -> np.ndarray:
        """(S, k) coefficients of the design."""
        return np.asarray(self.gamma @ self.inverse.T)

    def contrasts(self, values: np.ndarray, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Centers and scales (S, G) of quantities with values (S,) and gradients (S or 1, k)."""
        own = gradients @ self.inverse
        across = own.T[..., None]  # (k, S or 1, 1)
        centers = (across * self.step).sum(axis=0)
        centers += (values - (own * self.change).sum(axis=1))[:, None]
        turned = half_solved(self.solved, across)
        variance = (turned**2).sum(axis=0)
        for one, whole in self.taken:
            variance = variance - (one * turned).sum(axis=0) ** 2 / whole
        return centers, np.sqrt((variance * self.sigma2).clip(min=0))

    def tests(self, centers: np.ndarray, scales: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Estimates and two-sided p values (S,), as `linear.mixture_tests` gives, to 1e-11."""
        below = t_below(-centers / np.maximum(scales, np.finfo(float).tiny), self.df)
        left = (self.weights * below).sum(axis=1)
        p_value = np.minimum(2 * np.minimum(left, 1 - left), 1.0)
        return (self.weights * centers).sum(axis=1), p_value


def shared_look(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
    *,
    prior: np.ndarray,
    slopes: Slopes | None = None,
) -> Look:
    """The step of every series from the Poisson fit of their mean, whose weights all share: the
    design is solved once.

    Parameters
    ----------
    y : (S, n). x : (n, k). offset, time : (n,). prior : (G,) or (S, G). slopes : as there.

    Raises
    ------
    FitError : when the design is singular.
    """
    q, triangle = orthonormal(x)
    model = whitening(time, grid)
    start = poisson(y.mean(axis=0), q, offset)
    mu = start.mu[0]
    n, k = q.shape
    root = np.sqrt(mu)
    design = q.T * root
    across, own = shared_grams(design, (y - mu) / root, model)
    _, second = pairs(k + 1)
    packed = np.zeros((len(second), 1, len(model.log_det)))  # with nothing on the right
    packed[second < k] = packed_grams(design[:, None], model)
    solved = eliminate(packed)
    turned = half_solved(solved, across)
    rss = np.maximum(own - (turned**2).sum(axis=0), 1e-12 * np.maximum(own, 1e-12))
    log_det = model.log_det + np.log(solved.pivots).sum(axis=0)
    posterior = prior - (n - k) / 2 * np.log(rss) - log_det / 2
    step = other_half(solved, turned)
    gamma = np.broadcast_to(start.beta[0], (len(y), k))
    return _look(q, triangle, gamma, step, rss / (n - k), solved, posterior, slopes)


def own_look(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
    *,
    gamma: np.ndarray,
    prior: np.ndarray,
    slopes: Slopes | None = None,
) -> Look:
    """The step of each series from coefficients of its own: from those of its Poisson fit the
    answer of `averaged_poisson` with one pass.

    Parameters
    ----------
    gamma : (S, k), of the orthonormal design. The others as in `shared_look`.
    """
    q, triangle = orthonormal(x)
    mu = np.exp(np.clip(gamma @ q.T + offset, -60, 60))
    root = np.sqrt(mu)
    k = q.shape[1]
    columns = np.empty((k + 1, *mu.shape))
    np.multiply(q.T[:, None], root, out=columns[:k])
    np.divide(y - mu, root, out=columns[k])
    fit = over_grid(columns, whitening(time, grid), prior)
    return _look(q, triangle, gamma, fit.step, fit.sigma2, fit.solved, fit.log_weights, slopes)


def t_below(z: np.ndarray, df: int) -> np.ndarray:
    """The chance that t(df) is below z, of any shape, to 1e-12."""
    from scipy.special import stdtr

    far = ~(np.abs(z) < REACH)
    at = np.where(far, 0.0, (z + REACH) * STEPS)
    place = at.astype(int)
    step = at - place
    level, slope, curve, twist = (part[place] for part in _cubics(df))
    below = level + step * (slope + step * (curve + step * twist))
    below[far] = stdtr(df, z[far])
    return np.asarray(below)


@lru_cache(maxsize=64)
def _cubics(df: int) -> tuple[np.ndarray, ...]:
    """Coefficients of cubics that have the value and the density of t(df) at both ends."""
    from scipy.special import gammaln, stdtr

    z = np.arange(-REACH * STEPS, REACH * STEPS + 1) / STEPS
    value = stdtr(df, z)
    height = np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(df * np.pi) / STEPS
    density = height * (1 + z * z / df) ** (-(df + 1) / 2)
    rise, first, last = np.diff(value), density[:-1], density[1:]
    return value[:-1], first, 3 * rise - 2 * first - last, first + last - 2 * rise


def _look(
    q: np.ndarray,
    triangle: np.ndarray,
    gamma: np.ndarray,
    step: np.ndarray,
    sigma2: np.ndarray,
    solved: Eliminated,
    log_weights: np.ndarray,
    slopes: Slopes | None,
) -> Look:
    """The look of steps without a prior; the prior as `averaged.shrunken` takes it."""
    inverse = np.linalg.inv(triangle)
    df = q.shape[0] - q.shape[1]
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    if slopes is not None:
        quadratic, gained = np.zeros(sigma2.shape), np.zeros(sigma2.shape)
        back = np.zeros((len(step), *sigma2.shape))
        for a in slopes.of @ inverse:
            turned = own = half_solved(solved, a[:, None, None])
            slope = (gamma @ a)[:, None] + (a[:, None, None] * step).sum(axis=0)
            slope = slope - (own * back).sum(axis=0)
            for one, whole in taken:
                turned = turned - one * ((one * own).sum(axis=0) / whole)
            whole = (turned * own).sum(axis=0) + slopes.sd**2 / sigma2
            back += turned * (slope / whole)
            quadratic += slope**2 / whole
            gained -= np.log(sigma2 * whole) / 2
            taken.append((turned, whole))
        step = step - other_half(solved, back)
        rss, several = df * sigma2, len(slopes.of)
        log_weights = log_weights + gained - (df + several) / 2 * np.log1p(quadratic / rss)
        df += several
        sigma2 = (rss + quadratic) / df
    weights = weights_of(log_weights)
    change = (weights * step).sum(axis=-1).T
    return Look(
        weights,
        sigma2,
        step,
        change,
        gamma + change,
        solved,
        tuple(taken),
        np.abs(change @ q.T).max(axis=1),
        inverse,
        df,
    )
