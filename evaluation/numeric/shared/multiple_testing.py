"""P-values adjusted so that few of those called discoveries are false.

P-values that hold over a family of hypotheses: Holm's, and Romano and Wolf's from draws. Those of
Benjamini and Hochberg and of Holm are `statsmodels.stats.multitest.multipletests`.
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
    return _adjusted(p_values, "fdr_bh")


def holm(p_values: np.ndarray) -> np.ndarray:
    """(k,) adjusted p-values, valid whatever the dependence.

    Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    return _adjusted(p_values, "holm")


def _adjusted(p_values: np.ndarray, method: str) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p_values, method=method)[1]) if len(p_values) else p_values


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
