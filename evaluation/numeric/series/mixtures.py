"""Quantiles of mixtures of normal or t distributions."""

from __future__ import annotations

import numpy as np

# Of Newton's method inside a bracket, which doubles its digits at every step near the end.
STEPS = 100
TOLERANCE = 1e-12


def mixture_quantile(
    share: float,
    weight: np.ndarray,
    center: np.ndarray,
    scale: np.ndarray,
    df: float | np.ndarray = np.inf,
) -> np.ndarray:
    """(m,) where mixtures of t(df) reach `share`, by Newton's method kept inside a bracket.

    A quantile of a mixture lies between the smallest and the largest of its components'.

    Parameters
    ----------
    weight : (m, G), every row summing to 1. center, scale : (m, G). df : infinite for normals; one
        for all components, or (G,).
    """
    from scipy.special import gammaln, ndtr, ndtri, stdtr, stdtrit

    normal = not np.isfinite(df).all()
    critical = ndtri(share) if normal else stdtrit(df, share)
    height = 1 / np.sqrt(2 * np.pi)
    if not normal:
        height = np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(df * np.pi)
    single = center + critical * scale
    low, high = single.min(axis=1), single.max(axis=1)
    mean = (weight * center).sum(axis=1)
    spread = np.sqrt((weight * (scale**2 + (center - mean[:, None]) ** 2)).sum(axis=1))
    point = np.clip(mean + np.mean(critical) * spread, low, high)
    rows = np.arange(len(point))
    for _ in range(STEPS):
        own, width, at = weight[rows], scale[rows], point[rows]
        z = (at[:, None] - center[rows]) / width
        if normal:
            reached, bell = ndtr(z), np.exp(-z * z / 2)
        else:
            reached, bell = stdtr(df, z), (1 + z * z / df) ** (-(df + 1) / 2)
        away = (own * reached).sum(axis=1) - share
        density = (own / width * height * bell).sum(axis=1)
        low[rows] = np.where(away < 0, at, low[rows])
        high[rows] = np.where(away < 0, high[rows], at)
        moved = at - away / np.maximum(density, np.finfo(float).tiny)
        outside = (moved < low[rows]) | (moved > high[rows])
        moved = np.where(outside, (low[rows] + high[rows]) / 2, moved)
        point[rows] = moved
        # The step after one this small is below rounding: Newton's steps square.
        rows = rows[np.abs(moved - at) > TOLERANCE * spread[rows]]
        if not len(rows):
            break
    return np.asarray(point)
