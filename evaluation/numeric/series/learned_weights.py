"""Weights of correlation models before the data, learned from the counts of real cities."""

from __future__ import annotations

import numpy as np

from evaluation.numeric.series.correlation import AR1_NUGGET_WIDE, Grid

# For a rate that drifts slowly under much counting noise: nearly all of the variance is nugget.
LEARNED_GRID: Grid = AR1_NUGGET_WIDE + tuple(
    (rho, omega) for rho in (0.7, 0.8, 0.9, 0.95, 0.98, 0.995) for omega in (0.93, 0.97)
)
# All learned by marginal likelihood on 536 series of 79 months of US police agencies, 2018-2024
# (murder, robbery, aggravated assault, motor vehicle theft; coverage_its.md), but SPREAD,
# which was chosen with the share on pretended starts in the same agencies.
#
# The log rate wanders by this much in a year (standard deviation) ...
MOVEMENT = 0.19
# ... under white noise whose variance on the Pearson scale is 1 + WHITE sqrt(mean).
WHITE = 0.115
# The log of the ratio of wandering to white variance lies about its learned center with this sd.
SPREAD = 0.7
# What wanders is one of these, all alike.
PERSISTENT = (0.9, 0.95, 0.98, 0.995)
# A model without nugget counts as one of so much: its log ratio would be infinite.
NO_NUGGET = 0.1
SHARE = 0.8


def learned_weights(
    mean: np.ndarray, per_year: int, share: float = SHARE, grid: Grid = LEARNED_GRID
) -> np.ndarray:
    """(S, G) log weights of the correlation models before the data: `share` as learned, the rest
    flat.

    The learned part gives a quarter to each rho of `PERSISTENT`, and within rho to each omega in
    proportion to exp(-1/2 ((log((1 - omega)/omega) - c)/SPREAD)^2), with

        c = log(MOVEMENT^2 m / (per_year (1 - rho^2) (1 + WHITE sqrt(m)))),

    the log ratio of an AR(1) whose steps move the rate by MOVEMENT a year, on the Pearson scale, to
    the white noise.

    Parameters
    ----------
    mean : (S,) events a period, m. per_year : periods in a year. share : from 0, flat weights, to
        1. grid : (rho, omega) pairs.
    """
    rho, omega = np.array(grid).T
    m = np.asarray(mean, dtype=float)[:, None]
    nugget = np.where(omega > 0, omega, NO_NUGGET)
    logit = np.log((1 - nugget) / nugget)
    learned = np.zeros((len(m), len(grid)))
    for one in PERSISTENT:
        here = rho == one
        ratio = MOVEMENT**2 * m / (per_year * (1 - one**2) * (1 + WHITE * np.sqrt(m)))
        # Far from every nugget of the grid the nearest gets all, not 0/0.
        log_density = -0.5 * ((logit[here] - np.log(ratio)) / SPREAD) ** 2
        density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
        learned[:, here] = density / density.sum(axis=1, keepdims=True) / len(PERSISTENT)
    with np.errstate(divide="ignore"):  # a share of 1 leaves nothing to the others
        return np.asarray(np.log(share * learned + (1 - share) / len(grid)))
