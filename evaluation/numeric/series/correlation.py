"""Correlation of AR(1) errors with white-noise nugget: R = (1 - omega) AR1(rho) + omega I."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from evaluation.numeric.panel.absorb import pairs

# shared by every fit with the same calendar: (rho, omega), omega the nugget's share of variance
Grid = tuple[tuple[float, float], ...]
# log weights of a grid's pairs before the data; None weighs all alike
Prior = tuple[float, ...] | None

_RHOS = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_NUGGETS = (0.25, 0.5, 0.7, 0.85)

AR1: Grid = tuple((rho, 0.0) for rho in _RHOS)
# A nugget beside a weak correlation cannot be told from a weaker correlation: from .3 up only.
AR1_NUGGET: Grid = AR1 + tuple((rho, omega) for rho in _RHOS if rho >= 0.3 for omega in _NUGGETS)
# For rates that drift: near-unit roots, with the same nuggets.
AR1_NUGGET_WIDE: Grid = AR1_NUGGET + tuple(
    (rho, omega) for rho in (0.98, 0.995) for omega in (0.0, *_NUGGETS)
)
# Log weights of AR1_NUGGET before the data: a nugget has to be seen to be believed, and strong
# correlation, which makes the widest ranges, is not ruled out early. Chosen on simulated series and
# measured on others (coverage_its.md).
INFORMED: Prior = tuple(rho**2 - 3.0 * omega for rho, omega in AR1_NUGGET)

# With fewer numbers a column than this, one call that copies is faster than one call a column.
SMALL = 400


@dataclass(frozen=True, slots=True)
class Turn:
    """The models of one rho with a nugget: they share eigenvectors.

    points : (B,) of the grid. vectors : orthonormal eigenvectors as columns, in one block, or two
        when rows are folded. inverse : (B, n) inverse eigenvalues of R, block after block.
    """

    points: np.ndarray
    vectors: tuple[np.ndarray, ...]
    inverse: np.ndarray


@dataclass(frozen=True, slots=True)
class Whitening:
    """Everything about a grid of correlation models that depends on the calendar only.

    A model without nugget has a tridiagonal inverse, so it needs weights on squares of rows and on
    products of neighbors: `points` (A,) of the grid, `square` (A, n), `neighbor` (A, n - 1).
    folded : whether the gaps read the same backward (as without gaps). The eigenvectors are then
    even or odd, and sums and differences of mirrored rows need only half-size ones.
    log_det : (G,) log|R| of every grid point.
    """

    points: np.ndarray
    square: np.ndarray
    neighbor: np.ndarray
    turns: tuple[Turn, ...]
    folded: bool
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
    found = _whitening if len(time) <= LONG else _long_whitening
    return found(tuple((np.asarray(time) - time[0]).astype(int).tolist()), grid)


def _made(time: tuple[int, ...], grid: Grid) -> Whitening:
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
    folded = bool((gap == gap[::-1]).all())
    turns = []
    for rho in sorted(set(rhos[omegas > 0])):
        decomposed = [np.linalg.eigh(block) for block in _blocks(times, float(rho), folded)]
        values = np.concatenate([found[0] for found in decomposed])
        here = np.flatnonzero((rhos == rho) & (omegas > 0))
        eigen = (1 - omegas[here, None]) * values + omegas[here, None]
        log_det[here] = np.log(eigen).sum(axis=1)
        turns.append(Turn(here, tuple(found[1] for found in decomposed), 1 / eigen))
    return Whitening(points, square, -carried / spread, tuple(turns), folded, log_det)


# A calendar of months takes milliseconds and half a megabyte; a study asks for one a window it
# tries. One of ten years of weeks takes 12 megabytes, of days half a minute and 600 of them.
LONG = 300
_whitening = lru_cache(maxsize=128)(_made)
_long_whitening = lru_cache(maxsize=2)(_made)


def _blocks(times: np.ndarray, rho: float, folded: bool) -> list[np.ndarray]:
    """The AR(1) matrix (n, n), or its parts on even and odd vectors, `_fold`'s coordinates."""
    if not folded:
        return [ar1_matrix(times, rho)]
    half, middle = len(times) // 2, len(times) % 2
    rows = np.exp(np.abs(times[: half + middle, None] - times) * np.log(rho))
    near, far = rows[:half, :half], rows[:half, ::-1][:, :half]
    even = near + far
    if middle:
        across = np.sqrt(2) * rows[:half, half : half + 1]
        even = np.block([[even, across], [across.T, np.ones((1, 1))]])
    return [even, near - far]


def _fold(rows: np.ndarray) -> list[np.ndarray]:
    """Sums and differences of mirrored entries of the last axis, over the root of 2; the middle
    one goes with the sums."""
    n = rows.shape[-1]
    half = n // 2
    first, last = rows[..., :half], rows[..., ::-1][..., :half]
    even = np.empty((*rows.shape[:-1], n - half))
    np.add(first, last, out=even[..., :half])
    even[..., :half] *= np.sqrt(0.5)
    even[..., half:] = rows[..., half : n - half]
    return [even, (first - last) * np.sqrt(0.5)]


def packed_grams(columns: np.ndarray, model: Whitening) -> np.ndarray:
    """(m(m + 1)/2, S, G): the upper triangle of columns' R^-1 columns, row after row.

    Parameters
    ----------
    columns : (m, S, n), m columns of S series.
    """
    width, count, n = columns.shape
    size = width * (width + 1) // 2
    packed = np.empty((size, count, len(model.log_det)))
    products = np.empty((size, count, n))
    if len(model.points):
        _multiply(columns, columns, products)
        found = products @ model.square.T
        near = products[..., 1:]
        _multiply(columns[..., 1:], columns[..., :-1], near)
        found += near @ model.neighbor.T
        _multiply(columns[..., :-1], columns[..., 1:], near)
        found += near @ model.neighbor.T
        packed[..., model.points] = found
    parts = _fold(columns) if model.folded else [columns]
    for turn in model.turns:
        begin = 0
        for part, vectors in zip(parts, turn.vectors, strict=True):
            turned = part @ vectors
            _multiply(turned, turned, products[..., begin : begin + len(vectors)])
            begin += len(vectors)
        packed[..., turn.points] = products @ turn.inverse.T
    return packed


def _multiply(left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
    """Products (m(m + 1)/2, S, n) of every column with itself and those after it."""
    if left[0].size < SMALL:
        first, second = pairs(len(left))
        np.multiply(left[first], right[second], out=out)
        return
    width, at = len(left), 0
    for column in range(width):
        np.multiply(left[column], right[column:], out=out[at : at + width - column])
        at += width - column


def grams(columns: np.ndarray, model: Whitening) -> np.ndarray:
    """(S, G, m, m): columns' R^-1 columns at every grid point.

    Parameters
    ----------
    columns : (S, n, m).
    """
    count, _, width = columns.shape
    left, right = pairs(width)
    packed = packed_grams(np.ascontiguousarray(columns.transpose(2, 0, 1)), model)
    full = np.empty((count, len(model.log_det), width, width))
    full[:, :, left, right] = full[:, :, right, left] = packed.transpose(1, 2, 0)
    return full


def shared_grams(
    design: np.ndarray, responses: np.ndarray, model: Whitening
) -> tuple[np.ndarray, np.ndarray]:
    """(S, G, k) design' R^-1 response and (S, G) response' R^-1 response at every grid point.

    Parameters
    ----------
    design : (k, n), which all S share. responses : (S, n).
    """
    k, count = len(design), len(responses)
    across = np.empty((count, len(model.log_det), k))
    own = packed_grams(responses[None], model)[0]
    for point, square, near in zip(model.points, model.square, model.neighbor, strict=True):
        inverse = design * square
        inverse[:, 1:] += design[:, :-1] * near
        inverse[:, :-1] += design[:, 1:] * near
        across[:, point] = responses @ inverse.T
    for turn in model.turns:
        parts = zip(*map(partial(_turned, model, turn), (design, responses)), strict=True)
        across[:, turn.points] = 0.0
        begin = 0
        for columns, rows in parts:
            some = turn.inverse[:, None, begin : begin + rows.shape[-1]] * columns
            across[:, turn.points] += np.moveaxis(some @ rows.T, -1, 0)
            begin += rows.shape[-1]
    return across, own


def _turned(model: Whitening, turn: Turn, rows: np.ndarray) -> list[np.ndarray]:
    """The rows in eigenvectors, block after block."""
    parts = _fold(rows) if model.folded else [rows]
    return [part @ vectors for part, vectors in zip(parts, turn.vectors, strict=True)]
