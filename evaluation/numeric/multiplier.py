"""Multiplier bootstrap of influence functions, and the band that holds many effects at once."""

from __future__ import annotations

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.draws import BitGenerator

WORD = 64
# Memory of one block of signs, in numbers.
BLOCK = 2_000_000


def by_cluster(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """(G, k) sums of influence functions by cluster, over N: their squares sum to variances.

    Parameters
    ----------
    influence : (N, k), on the scale where a variance is a sum of squares over N squared. cluster :
        (N,) numbers from 0, none left out.
    """
    n = len(influence)
    if int(cluster.max()) + 1 == n:
        return influence / n
    order = np.argsort(cluster, kind="stable")
    begins = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 1))
    return np.asarray(np.add.reduceat(influence[order], begins, axis=0) / n)


def signs(source: BitGenerator, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) independent values -1 and 1, equally likely (Rademacher), a bit each."""
    return np.asarray(2.0 * _bits(source, rows, columns) - 1.0)


def _bits(source: BitGenerator, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) of nought where the sign is -1 and one where it is 1."""
    words = np.asarray(source.random_raw(-(-rows * columns // WORD)), dtype="<u8")
    bits = np.unpackbits(words.view(np.uint8), count=rows * columns, bitorder="little")
    return np.asarray(bits.reshape(rows, columns).astype(float))


def multiplied(sums: np.ndarray, draws: int, source: BitGenerator) -> np.ndarray:
    """(draws, k) errors of the estimates, each the sum over clusters with signs drawn at random.

    Parameters
    ----------
    sums : (G, k), of `by_cluster`.

    Raises
    ------
    FitError : for less than one draw.
    """
    if draws < 1:
        raise FitError(f"draws is {draws}; a bootstrap needs some, such as 1000")
    at_once = max(1, BLOCK // len(sums))
    parts = [
        _bits(source, min(at_once, draws - begin), len(sums)) @ sums
        for begin in range(0, draws, at_once)
    ]
    # A sign is twice its bit less one; said of the products, it is said once.
    return np.asarray(2.0 * np.concatenate(parts) - sums.sum(axis=0))


def spread(errors: np.ndarray) -> np.ndarray:
    """(k,) standard errors from the quartiles of the draws, which outliers do not move.

    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225:200-230, algorithm 1.
    """
    from scipy.special import ndtri

    low, high = np.quantile(errors, [0.25, 0.75], axis=0, method="inverted_cdf")
    return np.asarray((high - low) / (2 * ndtri(0.75)))


def simultaneous(errors: np.ndarray, std_error: np.ndarray, least: float) -> float:
    """The multiple of the standard errors that holds all effects together with 95 %.

    Parameters
    ----------
    errors : (draws, k). std_error : (k,); effects without one (a reference period) do not count.
    least : the multiple for one effect alone, which a band is never narrower than.
    """
    real = std_error > 0
    if not real.any():
        return least
    largest = np.abs(errors[:, real] / std_error[real]).max(axis=1)
    return max(least, float(np.quantile(largest, 0.95, method="inverted_cdf")))
