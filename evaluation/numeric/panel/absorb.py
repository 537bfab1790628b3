"""Sets of effects taken out of columns of any length: what dummies for each level would do.

Small positive definite systems, very many at once: one elimination for all of them.

Calling LAPACK for each of a hundred thousand 7 x 7 systems costs more than the arithmetic. Here
every step is an array operation over all systems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import RANK_TOLERANCE

# With two sets and at most so many levels in the smaller one, the effects are solved for directly.
DIRECT = 2000
# The iteration stops when its residual is this small beside the column.
TOLERANCE = 1e-12
STEPS = 10_000
# Labels spread over at most this many times their number are counted, not sorted.
SPREAD = 4


def numbered(labels: Sequence[object] | np.ndarray) -> np.ndarray:
    """(n,) whole numbers from 0, none left out, in the order of the labels."""
    values = np.asarray(labels)
    if values.dtype.kind in "iu" and len(values):
        low, high = int(values.min()), int(values.max())
        if high - low < SPREAD * len(values):
            seen = np.zeros(high - low + 1, dtype=bool)
            seen[values - low] = True
            return np.asarray((np.cumsum(seen) - 1)[values - low])
    return np.asarray(np.unique(values, return_inverse=True)[1])


def without_singletons(sets: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) False for rows that are alone in a level of some set, once those before are gone.

    Such a row is fitted exactly by its own effect: it says nothing about a coefficient and makes
    clustered errors too small (Correia 2015, "Singletons, cluster-robust standard errors and fixed
    effects").

    Parameters
    ----------
    sets : (n,) numbers from 0, one array a set.
    """
    kept = np.ones(len(sets[0]), dtype=bool)
    if all(np.bincount(codes).min(initial=2) > 1 for codes in sets):
        return kept
    while True:
        alone = np.zeros(len(kept), dtype=bool)
        for codes in sets:
            alone |= kept & (np.bincount(codes, weights=kept)[codes] == 1)
        if not alone.any():
            return kept
        kept &= ~alone


def absorbed_rank(sets: Sequence[np.ndarray]) -> int:
    """Coefficients that the sets of effects take up: their levels, less what is redundant.

    Exact for one and two sets (two sets share as many as their graph has connected parts; Abowd,
    Creecy and Kramarz 2002). A third and further set are counted with one redundant level each,
    which may be too few.

    Parameters
    ----------
    sets : (n,) numbers from 0, none left out, one array a set.
    """
    levels = [int(codes.max()) + 1 for codes in sets]
    if len(sets) == 1:
        return levels[0]
    return sum(levels) - connected_parts(sets[0], sets[1]) - (len(sets) - 2)


def connected_parts(first: np.ndarray, second: np.ndarray) -> int:
    """Parts of the graph that joins a level of one set to a level of the other in every row."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    m, n = int(first.max()) + 1, int(second.max()) + 1
    if n > m:
        first, second, m, n = second, first, n, m
    if _few_cells(m, n, len(first)):
        # No level is left out, so every level of the larger set hangs on one of the smaller, and
        # two of the smaller are joined when they share one.
        table = (np.bincount(first * n + second, minlength=m * n) > 0).reshape(m, n).astype(float)
        joined = coo_array(table.T @ table)
    else:
        joined = coo_array((np.ones(len(first)), (first, second + m)), shape=(m + n, m + n))
    return int(connected_components(joined, directed=False, return_labels=False))


def _few_cells(m: int, n: int, rows: int) -> bool:
    """Whether a table of all pairs of levels is not much larger than the rows are many."""
    return n <= DIRECT and m * n <= SPREAD * rows


def absorb(
    columns: np.ndarray, sets: Sequence[np.ndarray], weights: np.ndarray | None = None
) -> np.ndarray:
    """(n, k) what is left of the columns after weighted least squares on the sets of effects.

    One set: its means. Two sets, the smaller of at most 2,000 levels: the normal equations of that
    set after the other is eliminated, exact. Otherwise conjugate gradients on symmetric sweeps of
    alternating projections (Hernandez-Ramos, Escalante and Raydan 2011; what reghdfe does).

    Parameters
    ----------
    columns : (n, k) or (n,). sets : (n,) numbers from 0, none left out. weights : (n,) positive.

    Raises
    ------
    FitError : when the iteration does not converge.
    """
    flat = columns.reshape(len(columns), -1)
    order = sorted(sets, key=lambda codes: int(codes.max()), reverse=True)
    if len(order) == 1:
        left = _Projection(order[0], weights).out(flat)
    elif len(order) == 2 and int(order[1].max()) < DIRECT:
        left = _two_sets(flat, order[0], order[1], weights)
    else:
        projections = [_Projection(codes, weights) for codes in order]
        left = np.column_stack([_sweeps(column, projections, weights) for column in flat.T])
    return np.asarray(left.reshape(columns.shape))


def means_out(table: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """(..., N, T) without unit and period means: exact for a balanced panel with a weight a unit.

    Parameters
    ----------
    table : (..., N, T). weight : (N,) positive.
    """
    left = table - table.mean(axis=-1, keepdims=True)
    return np.asarray(left - np.average(left, axis=-2, weights=weight)[..., None, :])


class _Projection:
    """Takes the weighted means of the levels of one set out of a column."""

    def __init__(self, codes: np.ndarray, weights: np.ndarray | None) -> None:
        self.codes, self.weights = codes, weights
        self.total = np.bincount(codes, weights=weights).astype(float)

    def sums(self, column: np.ndarray) -> np.ndarray:
        weighted = column if self.weights is None else column * self.weights
        return np.asarray(np.bincount(self.codes, weights=weighted))

    def out(self, columns: np.ndarray) -> np.ndarray:
        if columns.ndim == 1:
            return np.asarray(columns - (self.sums(columns) / self.total)[self.codes])
        return np.column_stack([self.out(column) for column in columns.T])


def _two_sets(
    columns: np.ndarray, large: np.ndarray, small: np.ndarray, weights: np.ndarray | None
) -> np.ndarray:
    from scipy.sparse import coo_array

    first, second = _Projection(large, weights), _Projection(small, weights)
    m, n = len(first.total), len(second.total)
    dense = _few_cells(m, n, len(large))
    cell = large * n + small if dense else large
    joint: Any
    if dense:
        joint = np.bincount(cell, weights=weights, minlength=m * n).reshape(m, n)
        share = joint / first.total[:, None]
        system = np.diag(second.total) - joint.T @ share
    else:
        one = np.ones(len(large)) if weights is None else weights
        joint = coo_array((one, (large, small)), shape=(m, n)).tocsr()
        share = joint.multiply(1 / first.total[:, None]).tocsr()
        system = np.diag(second.total) - (joint.T @ share).toarray()
    # One direction for every connected part is free; the least of the solutions does.
    values, vectors = np.linalg.eigh(system)
    free = values <= RANK_TOLERANCE * second.total.max()
    inverse = (vectors / np.where(free, np.inf, values)) @ vectors.T
    left = np.empty(columns.shape)
    for j, column in enumerate(columns.T):
        # About the mean of all, which keeps the digits of a column that is far from nought.
        centered = column - column.mean()
        if dense:
            weighted = centered if weights is None else centered * weights
            sums = np.bincount(cell, weights=weighted, minlength=m * n).reshape(m, n)
            mean = sums.sum(axis=1) / first.total
            effect = inverse @ (sums.sum(axis=0) - mean @ joint)
            fitted = (mean - share @ effect)[:, None] + effect
            left[:, j] = centered - fitted.ravel()[cell]
        else:
            mean = first.sums(centered) / first.total
            effect = inverse @ (second.sums(centered) - joint.T @ mean)
            left[:, j] = centered - (mean - share @ effect)[large] - effect[small]
    return np.asarray(left)


def _sweeps(
    column: np.ndarray, projections: Sequence[_Projection], weights: np.ndarray | None
) -> np.ndarray:
    def taken(values: np.ndarray) -> np.ndarray:
        """What one sweep forth and back takes out, a symmetric map of the weighted space."""
        left = values
        for projection in (*projections, *reversed(projections[:-1])):
            left = projection.out(left)
        return np.asarray(values - left)

    def product(a: np.ndarray, b: np.ndarray) -> float:
        return float((a * b).sum() if weights is None else (weights * a * b).sum())

    explained = np.zeros(len(column))
    residual = taken(column)
    direction = residual.copy()
    size = product(residual, residual)
    goal = TOLERANCE**2 * product(column, column)
    for _ in range(STEPS):
        if size <= goal:
            return np.asarray(column - explained)
        moved = taken(direction)
        step = size / product(direction, moved)
        explained += step * direction
        residual -= step * moved
        new = product(residual, residual)
        direction = residual + new / size * direction
        size = new
    raise FitError(fact("numeric.absorb.effects-could-not-be-absorbed", steps=STEPS))


@dataclass(frozen=True, slots=True)
class Eliminated:
    """What is left of augmented systems [A b; b' c] after elimination, A = U' D U of order k.

    solution : (k, ...) of A x = b. pivots : (k, ...), D. upper : k arrays (k - j, ...), row j of U
    after its diagonal of ones and, last, of U^-T D^-1 b. rest : (...) c - b' A^-1 b.
    """

    solution: np.ndarray
    pivots: np.ndarray
    upper: tuple[np.ndarray, ...]
    rest: np.ndarray


@lru_cache
def pairs(width: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the upper triangle of order `width`, row after row: the packed order."""
    first, second = np.triu_indices(width)
    return first, second


def eliminate(packed: np.ndarray) -> Eliminated:
    """Solutions of positive definite systems by elimination without pivoting.

    Where a system is not positive definite the result is not finite or of no use; the caller looks
    at it and silences the warnings.

    Parameters
    ----------
    packed : (m(m + 1)/2, ...), the upper triangle of [A b; b' c], m = k + 1, in the order of
        `pairs(m)`.
    """
    width = int((np.sqrt(8 * len(packed) + 1) - 1) / 2)
    k = width - 1
    ends = np.cumsum(np.arange(width, 0, -1))
    rows = [packed[end - width + row : end] for row, end in enumerate(ends)]
    upper = []
    for j in range(k):
        ratio = rows[j][1:] / rows[j][0]
        for i in range(j + 1, width):
            taken = ratio[i - j - 1] * rows[j][i - j :]
            if j == 0:
                rows[i] = rows[i] - taken  # the first leaves `packed` as it was
            else:
                rows[i] -= taken
        upper.append(ratio)
    pivots = np.stack([row[0] for row in rows[:k]])
    solution = np.empty_like(pivots)
    for j in reversed(range(k)):
        solution[j] = upper[j][-1] - (upper[j][:-1] * solution[j + 1 :]).sum(axis=0)
    return Eliminated(solution, pivots, tuple(upper), rows[k][0])


def inverse_roots(found: Eliminated, chosen: np.ndarray) -> np.ndarray:
    """(R, ..., k, k) matrices V with V V' = A^-1, of the systems chosen on the first axis.

    Parameters
    ----------
    chosen : mask or numbers over the first axis of the systems.
    """
    pivots = found.pivots[:, chosen]
    k = len(pivots)
    inverse = np.zeros((k, *pivots.shape))  # of U, row by row from the last
    for j in reversed(range(k)):
        inverse[j, j] = 1.0
        for i in range(j + 1, k):
            inverse[j, i:] -= found.upper[j][i - j - 1, chosen] * inverse[i, i:]
    return np.ascontiguousarray(np.moveaxis(inverse / np.sqrt(pivots), (0, 1), (-2, -1)))


def half_solved(found: Eliminated, vectors: np.ndarray) -> np.ndarray:
    """(k, ...) V' b, V as of `inverse_roots`: its products are those of b with A^-1.

    Parameters
    ----------
    vectors : (k, ...), b of every system; an axis of length one serves all.
    """
    k = len(found.pivots)
    turned = np.array(np.broadcast_arrays(vectors, found.pivots)[0])
    for j in range(k):
        turned[j + 1 :] -= found.upper[j][: k - j - 1] * turned[j]
    turned /= np.sqrt(found.pivots)
    return turned


def other_half(found: Eliminated, turned: np.ndarray) -> np.ndarray:
    """(k, ...) V z: what is left to do to z = `half_solved(found, b)` for A^-1 b."""
    k = len(found.pivots)
    solution = turned / np.sqrt(found.pivots)
    for j in reversed(range(k)):
        solution[j] -= (found.upper[j][: k - j - 1] * solution[j + 1 :]).sum(axis=0)
    return np.asarray(solution)
