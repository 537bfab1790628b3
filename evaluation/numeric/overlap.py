"""How alike two groups are, and where they overlap."""

from __future__ import annotations

import numpy as np


def effective_size(weight: np.ndarray) -> float:
    """How many equally weighted people tell as much: (sum w)^2 / sum w^2 (Kish 1965)."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def crump_bound(p: np.ndarray) -> float:
    """The a for which keeping a <= p <= 1 - a estimates the effect with least variance.

    The smallest a with 1/(a(1 - a)) <= 2 E[1/(p(1 - p)) | 1/(p(1 - p)) <= 1/(a(1 - a))]; 0 when
    everyone may stay (Crump, Hotz, Imbens and Mitnik 2009, Biometrika 96:187-199, corollary 1).

    Parameters
    ----------
    p : (n,) propensities strictly between 0 and 1.

    Examples
    --------
    >>> crump_bound(np.array([0.3, 0.5, 0.6]))
    0.0
    """
    cost = np.sort(1 / (p * (1 - p)))
    mean = np.cumsum(cost) / np.arange(1, len(cost) + 1)
    # Among the k cheapest the bound g = 2 mean must hold all of them and not the next.
    if cost[-1] <= 2 * mean[-1]:
        return 0.0
    following = np.append(cost[1:], np.inf)
    holds = (cost <= 2 * mean) & (2 * mean < following)
    bound = 2 * mean[np.flatnonzero(holds)[-1]]
    return float(0.5 - np.sqrt(0.25 - 1 / bound))


def standardized_differences(
    x: np.ndarray,
    treated: np.ndarray,
    weight: np.ndarray,
    scale: np.ndarray,
) -> np.ndarray:
    """(c,) weighted means of the treated less those of the others, over `scale`; nought for a
    column without spread whose means agree."""
    means = [
        (weight * side) @ x / max(float((weight * side).sum()), 1e-300)
        for side in (treated, ~treated)
    ]
    gap = means[0] - means[1]
    return np.asarray(np.where(np.abs(gap) > 0, gap / np.maximum(scale, 1e-300), 0.0))


def spread(x: np.ndarray, treated: np.ndarray, base: np.ndarray, *, pooled: bool) -> np.ndarray:
    """(c,) standard deviation before weighting, with n - 1: of the treated, or pooled
    sqrt((v1 + v0)/2) (Austin 2011, Multivariate Behavioral Research 46:399-424). A column that
    does not vary among the treated has that of everyone."""
    own = _variance(x, base * treated)
    if pooled:
        own = (own + _variance(x, base * ~treated)) / 2
    return np.asarray(np.sqrt(np.where(own > 0, own, _variance(x, base))))


def variance_ratios(x: np.ndarray, treated: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(c,) weighted variance of the treated over that of the others; infinite without any."""
    one, none = _variance(x, weight * treated), _variance(x, weight * ~treated)
    return np.asarray(np.where(none > 0, one / np.maximum(none, 1e-300), np.inf))


def _variance(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """(c,) weighted variances, unbiased for equal weights."""
    total = w.sum()
    mean = w @ x / total
    factor = total / (total**2 - (w**2).sum())
    return np.asarray(factor * (w @ (x - mean) ** 2))
