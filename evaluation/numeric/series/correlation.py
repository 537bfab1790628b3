"""Correlation of AR(1) errors with white-noise nugget: R = (1 - omega) AR1(rho) + omega I."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

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
    """Models that share orthonormal vectors: those of one rho with a nugget, whose correlations
    they are eigenvectors of; or, without gaps, all.

    points : (B,) of the grid. vectors : as columns, in one block, or two when rows are folded.
    inverse : (B, n) of R^-1 its diagonal in these vectors, block after block. edges : a (B, size)
    for every block, what takes its square off R^-1 there; none of eigenvectors.
    """

    points: np.ndarray
    vectors: tuple[np.ndarray, ...]
    inverse: np.ndarray
    edges: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True, slots=True)
class Whitening:
    """Everything about a grid of correlation models that depends on the calendar only.

    Without gaps every model is of `turns`. With gaps a model without nugget has a tridiagonal
    inverse, so it needs weights on squares of rows and on products of neighbors: `points` (A,) of
    the grid, `square` (A, n), `neighbor` (A, n - 1).
    folded : whether the gaps read the same backward (as without gaps). The vectors are then even
    or odd, and sums and differences of mirrored rows need only half-size ones.
    log_det : (G,) log|R| of every grid point.
    """

    points: np.ndarray
    square: np.ndarray
    neighbor: np.ndarray
    turns: tuple[Turn, ...]
    folded: bool
    gaps: bool
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
    gap = np.diff(times)
    if (gap == 1).all():
        return _without_gaps(len(times), rhos, omegas)
    log_det = np.empty(len(grid))
    points = np.flatnonzero(omegas == 0)
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
    return Whitening(points, square, -carried / spread, tuple(turns), folded, True, log_det)


def _without_gaps(n: int, rho: np.ndarray, omega: np.ndarray) -> Whitening:
    """All models of a calendar without gaps in one turn.

    The inverse of AR1(rho) is ((1 + rho^2) I - rho N) / (1 - rho^2), N with ones beside the
    diagonal, but that its corners are smaller by e = rho^2 / (1 - rho^2). The sine vectors are
    eigenvectors of N for every rho, with eigenvalues 2 cos(j pi / (n + 1)). With t those of the
    first part and K = 1 / ((1 - omega) + omega t), the inverse of R is t K on them, less a square
    for the even and one for the odd sum f of the corners (Sherman and Morrison 1950, Annals of
    Mathematical Statistics 21:124-127):

        R^-1 = T K - sum over f of (1 - omega) e K f f' K / (1 - omega e f' K f).
    """
    half, middle = n // 2, n % 2
    place = np.arange(1, n + 1)
    sines = np.sqrt(2 / (n + 1)) * np.sin(np.pi / (n + 1) * np.outer(place, place))
    even, odd = np.sqrt(2) * sines[: half + middle, ::2], np.sqrt(2) * sines[:half, 1::2]
    even[half:] *= np.sqrt(0.5)
    cosine = np.cos(np.pi * np.concatenate([place[::2], place[1::2]]) / (n + 1))
    spread, corner = 1 - rho**2, rho**2 / (1 - rho**2)
    values = ((1 + rho**2)[:, None] - 2 * np.outer(rho, cosine)) / spread[:, None]
    mixed = (1 - omega)[:, None] + omega[:, None] * values
    log_det = (n - 1) * np.log(spread) + np.log(mixed).sum(axis=1)
    edges = []
    for block, some in zip((even, odd), np.split(mixed, [half + middle], axis=1), strict=True):
        turned = block[0] / some
        left = 1 - omega * corner * (turned @ block[0])
        log_det += np.log(left)
        edges.append(np.sqrt((1 - omega) * corner / left)[:, None] * turned)
    every = Turn(np.arange(len(rho)), (even, odd), values / mixed, tuple(edges))
    none = np.empty(0, dtype=int)
    return Whitening(none, np.empty((0, n)), np.empty((0, n - 1)), (every,), True, False, log_det)


# A calendar of months takes milliseconds and half a megabyte; a study asks for one a window it
# tries. One of ten years of days takes 60 megabytes without gaps, and 600 and half a minute with.
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
    packed = np.empty((size, count, len(model.log_det)))  # not touched without gaps
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
        ends: list[np.ndarray] = []
        for place, (part, vectors) in enumerate(zip(parts, turn.vectors, strict=True)):
            turned = part @ vectors
            _multiply(turned, turned, products[..., begin : begin + len(vectors)])
            begin += len(vectors)
            ends += [turned @ edges.T for edges in turn.edges[place : place + 1]]
        found = products @ turn.inverse.T
        for end in ends:
            _take(end, found)
        if not model.gaps:  # the one turn is of all points, in their order
            return np.asarray(found)
        packed[..., turn.points] = found
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


def _take(edges: np.ndarray, out: np.ndarray) -> None:
    """The same products of (m, S, B) `edges`, taken off `out` (m(m + 1)/2, S, B)."""
    width, at = len(edges), 0
    for column in range(width):
        out[at : at + width - column] -= edges[column] * edges[column:]
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
    """(k, S, G) design' R^-1 response and (S, G) response' R^-1 response at every grid point.

    Parameters
    ----------
    design : (k, n), which all S share. responses : (S, n).
    """
    k, count = len(design), len(responses)
    across = np.empty((k, count, len(model.log_det)))
    own = packed_grams(responses[None], model)[0]
    for point, square, near in zip(model.points, model.square, model.neighbor, strict=True):
        inverse = design * square
        inverse[:, 1:] += design[:, :-1] * near
        inverse[:, :-1] += design[:, 1:] * near
        across[..., point] = inverse @ responses.T
    for turn in model.turns:
        columns, rows = _turned(model, turn, design), _turned(model, turn, responses)
        weighted = columns[..., None] * turn.inverse.T  # (k, n, B)
        begin = 0
        for edges in turn.edges:
            some = slice(begin, begin + edges.shape[-1])
            weighted[:, some] -= edges.T * (columns[:, some] @ edges.T)[:, None]
            begin += edges.shape[-1]
        across[..., turn.points] = rows @ weighted
    return across, own


def _turned(model: Whitening, turn: Turn, rows: np.ndarray) -> np.ndarray:
    """The rows in the vectors of a turn, block after block."""
    parts = _fold(rows) if model.folded else [rows]
    turned = [part @ vectors for part, vectors in zip(parts, turn.vectors, strict=True)]
    return np.concatenate(turned, axis=-1)
