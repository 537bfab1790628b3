"""Quantiles of what is known about an amount or an effect, and uniforms spread evenly."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.numeric.draws import BitGenerator, uniforms

Distribution = Literal["triangular", "uniform", "lognormal"]
# What low and high mean: the ends for a triangle or a uniform, the 95 % range for a lognormal.
TAIL = 0.025


def stratified(source: BitGenerator, n: int) -> np.ndarray:
    """(n,) one number from each of n equal parts of 0 to 1, in random order.

    Each input alone is then spread exactly, and only the pairing of inputs is random (McKay,
    Beckman and Conover 1979, Technometrics 21:239-245, with the middle of each part).
    """
    order = np.argsort(uniforms(source, n), kind="stable")
    return (np.argsort(order, kind="stable") + 0.5) / n


def amount_at(
    u: np.ndarray, *, low: float, best: float, high: float, distribution: Distribution
) -> np.ndarray:
    """(n,) quantiles of an amount, at or above nought.

    Parameters
    ----------
    u : (n,) between 0 and 1. low, best, high : with a triangle `best` is the peak, with a uniform
        it plays no part; with a lognormal it is the median, and low and high are the 2.5 % and
        97.5 % points, each side with a width of its own on the log scale.
    """
    if low == high:
        return np.full_like(u, best)
    if distribution == "uniform":
        return low + u * (high - low)
    if distribution == "triangular":
        width, peak = high - low, (best - low) / (high - low)
        rising = low + np.sqrt(u * width * (best - low))
        falling = high - np.sqrt((1 - u) * width * (high - best))
        return np.where(u < peak, rising, falling)
    logs = split_at(u, low=np.log(low), middle=np.log(best), high=np.log(high), df=None)
    return np.asarray(np.exp(logs))


def split_at(
    u: np.ndarray, *, low: float, middle: float, high: float, df: float | None
) -> np.ndarray:
    """(n,) quantiles of a t with `middle` as median, and low and high as 2.5 % and 97.5 % points.

    Each side has a width of its own, so that an interval which is not symmetric is kept as it was
    found. df : of the t, or None for a normal.
    """
    from scipy.special import ndtri, stdtrit

    z = ndtri(u) if df is None else stdtrit(df, u)
    limit = float(ndtri(1 - TAIL) if df is None else stdtrit(df, 1 - TAIL))
    return np.asarray(middle + z / limit * np.where(z < 0, middle - low, high - middle))


def range_of(draws: np.ndarray) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of draws."""
    low, high = np.quantile(draws, [TAIL, 1 - TAIL])
    return float(low), float(high)
