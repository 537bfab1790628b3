"""Raking: weights whose totals agree with several population margins at once.

Sources: Deming and Stephan (1940), Annals of Mathematical Statistics 11:427-444 (iterative
proportional fitting); the linearized error of raked totals is that of survey's `rake` and
`svyrecvar` (Lumley 2004, Journal of Statistical Software 9(8)).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

ROUNDS = 1000
# Relative distance of a margin's totals from the population's when raking has converged.
TOLERANCE = 1e-10
# What survey's svyrecvar does; more rounds change the errors in no digit that is printed.
PROJECTIONS = 10


def rake(
    weight: np.ndarray,
    margins: np.ndarray,
    totals: Sequence[np.ndarray],
    *,
    most: float | None = None,
    least: float | None = None,
    rounds: int = ROUNDS,
) -> np.ndarray:
    """(n,) weights with the totals of every margin.

    Parameters
    ----------
    weight : (n,) positive. margins : (m, n) number of each respondent's cell, from 0. totals : m
        arrays of population totals, all with the same sum. most, least : bounds of a weight as
        multiples of the mean weight; weights outside are cut, and the cut is raked again.

    Raises
    ------
    FitError : when a cell with people has no respondent, the margins' sums differ, or there is no
        convergence (contradictory margins, or bounds too tight for them).
    """
    sums = np.array([total.sum() for total in totals])
    if np.ptp(sums) > 1e-9 * sums.max():
        raise FitError(
            fact(
                "numeric.raking.population-margins-sum-different-totals",
                sums=tuple(f"{s:.10g}" for s in sums),
            )
        )
    for number, (cell, total) in enumerate(zip(margins, totals, strict=True)):
        present = np.bincount(cell, minlength=len(total)) > 0
        if (present != (total > 0)).any():
            raise FitError(fact("numeric.raking.margin-cell-has-people-but", number=number + 1))
    bounds = (least or 0.0) * sums[0] / len(weight), (most or np.inf) * sums[0] / len(weight)
    raked = weight.astype(float)
    for _ in range(rounds):
        for cell, total in zip(margins, totals, strict=True):
            raked = raked * (total / np.bincount(cell, raked, len(total)))[cell]
        raked = np.clip(raked, *bounds)
        off = _distance(raked, margins, totals)
        if off < TOLERANCE:
            return np.asarray(raked)
    why = "; loosen the bounds" if most or least else "; merge small cells or drop a margin"
    raise FitError(
        fact("numeric.raking.raking-did-not-converge-rounds", rounds=rounds, off=100 * off, why=why)
    )


def _distance(weight: np.ndarray, margins: np.ndarray, totals: Sequence[np.ndarray]) -> float:
    return max(
        float(np.abs(np.bincount(cell, weight, len(total)) / total - 1).max())
        for cell, total in zip(margins, totals, strict=True)
    )


def residuals(influence: np.ndarray, weight: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """(n, k) influence values less what the margins explain, since raked totals do not vary.

    Parameters
    ----------
    influence : (n, k), weights included. weight : (n,) after raking. margins : (m, n) cells.
    """
    left = influence / weight[:, None]
    for _ in range(PROJECTIONS):
        for cell in margins:
            size = np.maximum(np.bincount(cell), 1)
            mean = np.stack([np.bincount(cell, column) / size for column in left.T], axis=1)
            left = left - mean[cell]
    return np.asarray(left * weight[:, None])
