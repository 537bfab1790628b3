"""Small positive definite systems, very many at once: one elimination for all of them.

Calling LAPACK for each of a hundred thousand 7 x 7 systems costs more than the arithmetic. Here
every step is an array operation over all systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


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
