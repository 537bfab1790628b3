"""Correlation of AR(1) errors with white-noise nugget: R = (1 - omega) AR1(rho) + omega I."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

# shared by every fit with the same calendar: (rho, omega), omega the nugget's share of variance
Grid = tuple[tuple[float, float], ...]

_RHOS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_NUGGETS = (0.25, 0.5, 0.7, 0.85)

AR1: Grid = tuple((rho, 0.0) for rho in _RHOS)
# A nugget beside a weak correlation cannot be told from a weaker correlation: from .3 up only.
AR1_NUGGET: Grid = AR1 + tuple((rho, omega) for rho in _RHOS if rho >= 0.3 for omega in _NUGGETS)
# For rates that drift: near-unit roots, with the same nuggets.
AR1_NUGGET_WIDE: Grid = AR1_NUGGET + tuple(
    (rho, omega) for rho in (0.98, 0.995) for omega in (0.0, *_NUGGETS)
)


@dataclass(frozen=True, slots=True)
class Whitening:
    """Everything about a grid of correlation models that depends on the calendar only.

    A model without nugget has a tridiagonal inverse, so it needs weights on squares of rows and on
    products of neighbors: `points` (A,) of the grid, `square` (A, n), `neighbor` (A, n - 1).
    Models with a nugget share the eigenvectors of their rho: `turns` holds for each such rho its
    grid points (B,), the eigenvectors (n, n) and the inverse eigenvalues of R (B, n).
    log_det : (G,) log|R| of every grid point.
    """

    points: np.ndarray
    square: np.ndarray
    neighbor: np.ndarray
    turns: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]
    log_det: np.ndarray


def ar1_matrix(time: np.ndarray, rho: float) -> np.ndarray:
    """(n, n) correlations rho^|s - t|; periods left out widen the gaps between those kept."""
    gap = np.abs(time[:, None] - time[None, :])
    return np.asarray(np.where(gap == 0, 1.0, np.float_power(abs(rho), gap)) * np.sign(rho) ** gap)


def whitening(time: np.ndarray, grid: Grid) -> Whitening:
    """The inverse of every correlation matrix of a grid, in the form that is fast to apply.

    Parameters
    ----------
    time : (n,) whole-number times of the periods kept. grid : (rho, omega) pairs.
    """
    return _whitening(tuple(int(t - time[0]) for t in time), grid)


@lru_cache(maxsize=64)
def _whitening(time: tuple[int, ...], grid: Grid) -> Whitening:
    times, rhos = np.array(time), np.array([rho for rho, _ in grid])
    omegas = np.array([omega for _, omega in grid])
    log_det = np.empty(len(grid))
    points = np.flatnonzero(omegas == 0)
    gap = np.diff(times)
    carried = np.sign(rhos[points, None]) ** gap * np.abs(rhos[points, None]) ** gap
    spread = 1 - carried**2
    square = np.ones((len(points), len(times)))
    square[:, 1:] = 1 / spread
    square[:, :-1] += carried**2 / spread
    log_det[points] = np.log(spread).sum(axis=1)
    turns = []
    for rho in sorted(set(rhos[omegas > 0])):
        values, vectors = np.linalg.eigh(ar1_matrix(times, rho))
        here = np.flatnonzero((rhos == rho) & (omegas > 0))
        eigen = (1 - omegas[here, None]) * values + omegas[here, None]
        log_det[here] = np.log(eigen).sum(axis=1)
        turns.append((here, vectors, 1 / eigen))
    return Whitening(points, square, -carried / spread, tuple(turns), log_det)


def grams(columns: np.ndarray, model: Whitening) -> np.ndarray:
    """(S, G, m, m): columns' R^-1 columns at every grid point.

    Parameters
    ----------
    columns : (S, n, m).
    """
    count, n, width = columns.shape
    left, right = np.triu_indices(width)
    rows = np.ascontiguousarray(columns.transpose(1, 2, 0))  # (n, m, S)
    packed = np.empty((len(model.log_det), len(left), count))

    def weighted(weights: np.ndarray, products: np.ndarray) -> np.ndarray:
        flat = weights @ products.reshape(len(products), -1)
        return np.asarray(flat.reshape(len(weights), len(left), count))

    squares = rows[:, left] * rows[:, right]
    neighbors = rows[1:, left] * rows[:-1, right] + rows[:-1, left] * rows[1:, right]
    packed[model.points] = weighted(model.square, squares) + weighted(model.neighbor, neighbors)
    for here, vectors, inverse in model.turns:
        turned = (vectors.T @ rows.reshape(n, -1)).reshape(rows.shape)
        packed[here] = weighted(inverse, turned[:, left] * turned[:, right])
    full = np.empty((count, len(packed), width, width))
    full[:, :, left, right] = full[:, :, right, left] = packed.transpose(2, 0, 1)
    return full
