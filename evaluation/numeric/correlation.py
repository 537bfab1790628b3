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


@dataclass(frozen=True, slots=True)
class Rotations:
    """Everything about the grid that depends on the calendar only.

    q : (P, n, n) eigenvectors of AR1(rho) for the P different rho. which : (G,) index of each grid
    point's rho. inverse : (G, n) inverse eigenvalues of R. log_det : (G,).
    """

    q: np.ndarray
    which: np.ndarray
    inverse: np.ndarray
    log_det: np.ndarray


def ar1_matrix(time: np.ndarray, rho: float) -> np.ndarray:
    """(n, n) correlations rho^|s - t|; periods left out widen the gaps between those kept."""
    gap = np.abs(time[:, None] - time[None, :])
    return np.asarray(np.where(gap == 0, 1.0, np.float_power(abs(rho), gap)) * np.sign(rho) ** gap)


def rotations(time: np.ndarray, grid: Grid) -> Rotations:
    """The eigenvectors and eigenvalues of every correlation matrix of a grid.

    Parameters
    ----------
    time : (n,) whole-number times of the periods kept. grid : (rho, omega) pairs.
    """
    return _rotations(tuple(int(t - time[0]) for t in time), grid)


@lru_cache(maxsize=64)
def _rotations(time: tuple[int, ...], grid: Grid) -> Rotations:
    rhos = sorted({rho for rho, _ in grid})
    values, vectors = np.linalg.eigh(np.stack([ar1_matrix(np.array(time), rho) for rho in rhos]))
    which = np.array([rhos.index(rho) for rho, _ in grid])
    omega = np.array([share for _, share in grid])
    eigen = (1 - omega[:, None]) * values[which] + omega[:, None]
    return Rotations(vectors, which, 1 / eigen, np.log(eigen).sum(axis=1))
