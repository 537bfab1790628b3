"""P-values adjusted so that few of those called discoveries are false.

P-values that hold over a family of hypotheses: Holm's, and Romano and Wolf's from draws.
"""

from __future__ import annotations

import numpy as np


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """(k,) adjusted p-values: calling those below q discoveries makes at most a share q of them
    false on average, when tests are independent or hang together positively.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(-p_values, kind="stable")
    steps = p_values[order] * len(p_values) / np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum.accumulate(np.minimum(steps, 1.0))
    return adjusted


def holm(p_values: np.ndarray) -> np.ndarray:
    """(k,) adjusted p-values, valid whatever the dependence.

    Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def romano_wolf(ratios: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """(k,) step-down adjusted p-values, which use how the estimates hang together.

    Source: Romano and Wolf (2016), Statistics and Probability Letters 113:38-40, algorithm 4.2.

    Parameters
    ----------
    ratios : (k,) estimates over their standard errors. draws : (B, k) the same under the null.
    """
    size, null = np.abs(ratios), np.abs(draws)
    order = np.argsort(-size, kind="stable")
    # The largest of those not yet rejected, at each step.
    largest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    beyond = (largest >= size[order]).sum(axis=0)
    adjusted = np.empty(len(size))
    adjusted[order] = np.maximum.accumulate((1 + beyond) / (1 + len(draws)))
    return adjusted
