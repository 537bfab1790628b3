"""The range of an estimate and its p by the one law that all designs share."""

from __future__ import annotations

import numpy as np


def law(estimate: float, std_error: float, df: float | None) -> tuple[float, float, float]:
    """Low and high end of the 95 % interval, and the two-sided p.

    Parameters
    ----------
    df : degrees of freedom of t, or None for the normal distribution.
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    critical = float(ndtri(0.975) if df is None else stdtrit(df, 0.975))
    size = abs(estimate) / max(std_error, float(np.finfo(float).tiny))
    half = critical * std_error
    p_value = float(2 * (ndtr(-size) if df is None else stdtr(df, -size)))
    return estimate - half, estimate + half, p_value
