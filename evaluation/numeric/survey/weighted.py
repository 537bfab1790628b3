"""Weighted answers: weights raked to margins, Taylor-linearized errors, and the fits that use them.

Every estimator here gives influence values, one row a respondent, weights included: their sum is
the error of the estimate to first order. The variance is then that of a sum over primary sampling
units drawn with replacement within strata (ultimate clusters), less the finite-population share.

Sources: Binder (1983), International Statistical Review 51:279-292; Deming and Stephan (1940),
Annals of Mathematical Statistics 11:427-444 (iterative proportional fitting); Lumley (2004),
Journal of Statistical Software 9(8), whose `rake` and `svyrecvar` these numbers equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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


Lonely = Literal["error", "certainty", "adjust", "average"]

MAX_SCORE = 1e-9
STEPS = 50


@dataclass(frozen=True, slots=True)
class Design:
    """How respondents were drawn.

    Parameters
    ----------
    weight : (n,) positive. psu : (n,) numbers from 0, none left out, unique over strata. stratum :
        (G,) number of the stratum of each PSU, from 0. fraction : (H,) share of the PSUs of a
        stratum that were drawn; nought where the population is taken as endless. lonely : what a
        stratum with a single PSU adds: "certainty" nothing, "adjust" its distance from the
        whole sample's mean, "average" the mean of the other strata; "error" refuses.
    margins : (m, n) numbers of the cells that weights were raked to, or None.
    """

    weight: np.ndarray
    psu: np.ndarray
    stratum: np.ndarray
    fraction: np.ndarray
    lonely: Lonely = "error"
    margins: np.ndarray | None = None


def psu_sums(influence: np.ndarray, design: Design, used: np.ndarray | None = None) -> np.ndarray:
    """(G, k) contributions of PSUs, centered in their stratum: their squares sum to the variance.

    Parameters
    ----------
    influence : (n, k); nought for respondents outside the domain, who stay in the design.
    used : (n,) who is in the domain, or (n, k) of each estimate; everyone by default. "average"
        counts the strata with someone of the domain in them, and the lonely ones among these, as
        R's survey does of a subset of a design; of a raked one everyone is in the design.

    Raises
    ------
    FitError : for a stratum with a single PSU, unless `lonely` says what to do; when "average" has
        no other stratum to take the mean of.
    """
    if design.margins is not None:
        influence = residuals(influence, design.weight, design.margins)
    units, strata = len(design.stratum), len(design.fraction)
    sums = np.zeros((units, influence.shape[1]))
    np.add.at(sums, design.psu, influence)
    size = np.bincount(design.stratum, minlength=strata)
    alone = size == 1
    # A stratum drawn as a whole has no sampling error, however few units it has.
    whole = design.fraction >= 1
    lonely = alone & ~whole
    inside = _strata_used(design, used, influence.shape[1])
    if (lonely & inside.any(axis=1)).any() and design.lonely == "error":
        raise FitError(
            fact("numeric.taylor.strata-have-single-sampling-unit", sum=int(lonely.sum()))
        )
    means = np.zeros((strata, influence.shape[1]))
    np.add.at(means, design.stratum, sums)
    means /= np.maximum(size, 1)[:, None]
    means[alone] = 0.0 if design.lonely == "adjust" else means[alone]
    scale = (1 - design.fraction) * np.where(alone, 1.0, size / np.maximum(size - 1, 1))
    scales = np.repeat(scale[:, None], influence.shape[1], axis=1)
    if lonely.any() and design.lonely == "average":
        several = (inside & ~lonely[:, None]).sum(axis=0)
        if not several.all():
            raise FitError(fact("numeric.taylor.every-stratum-has-single-sampling"))
        scales *= inside.sum(axis=0) / several
    centered = sums - means[design.stratum]
    return np.asarray(centered * np.sqrt(scales)[design.stratum])


def _strata_used(design: Design, used: np.ndarray | None, estimates: int) -> np.ndarray:
    """(H, k) whether somebody of the domain of each estimate is in a stratum."""
    if used is None or design.margins is not None:
        return np.ones((len(design.fraction), estimates), dtype=bool)
    table = np.broadcast_to(used.reshape(len(used), -1), (len(used), estimates))
    inside = np.zeros((len(design.fraction), estimates), dtype=bool)
    np.logical_or.at(inside, design.stratum[design.psu], table)
    return inside


def covariance(influence: np.ndarray, design: Design, used: np.ndarray | None = None) -> np.ndarray:
    """(k, k) covariance of estimates with these influence values, (n, k); used as in `psu_sums`.

    Raises
    ------
    FitError : as `psu_sums`.
    """
    sums = psu_sums(influence, design, used)
    return np.asarray(sums.T @ sums)


def degrees(design: Design, used: np.ndarray) -> int:
    """Sampling units less strata, of those with a respondent who is used; (n,) flags."""
    units = np.unique(design.psu[used])
    return len(units) - len(np.unique(design.stratum[units]))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A weighted regression: beta (k,), influence (n, k) of beta, mean (n,) fitted, bread (k, k)
    the inverse of the weighted information."""

    beta: np.ndarray
    influence: np.ndarray
    mean: np.ndarray
    bread: np.ndarray


def linear(y: np.ndarray, x: np.ndarray, weight: np.ndarray) -> Fitted:
    """Weighted least squares.

    Parameters
    ----------
    y : (n,). x : (n, k). weight : (n,) nought outside the domain, where y may be anything finite.

    Raises
    ------
    FitError : when columns of x say the same.
    """
    bread = _inverse(x, weight)
    beta = bread @ (x.T @ (weight * y))
    mean = x @ beta
    return Fitted(beta, (weight * (y - mean))[:, None] * x @ bread, mean, bread)


def logistic(y: np.ndarray, x: np.ndarray, weight: np.ndarray) -> Fitted:
    """Weighted logistic regression by Newton steps; y (n,) between 0 and 1.

    Raises
    ------
    FitError : when columns of x say the same, or a group answers all alike, so that a coefficient
        has no finite estimate.
    """
    from scipy.special import expit

    _inverse(x, weight)
    beta = np.zeros(x.shape[1])
    scale = float(weight.sum())
    for _ in range(STEPS):
        mean = expit(x @ beta)
        information = weight * mean * (1 - mean)
        score = x.T @ (weight * (y - mean))
        if np.abs(score).max() < MAX_SCORE * scale:
            break
        step = np.linalg.lstsq((x * information[:, None]).T @ x, score, rcond=None)[0]
        beta = beta + step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
    active = weight > 0
    extreme = np.minimum(mean, 1 - mean)[active].min() if active.any() else 0.0
    if np.abs(score).max() >= MAX_SCORE * scale or extreme < 1e-7:
        raise FitError(fact("numeric.taylor.logistic-regression-has-no-finite"))
    # One more step takes the estimate from the tolerance to rounding error.
    bread = _inverse(x, information)
    beta = beta + bread @ score
    mean = expit(x @ beta)
    bread = _inverse(x, weight * mean * (1 - mean))
    return Fitted(beta, (weight * (y - mean))[:, None] * x @ bread, mean, bread)


def ratio(
    numerator: np.ndarray, denominator: np.ndarray, weight: np.ndarray
) -> tuple[float, np.ndarray]:
    """The ratio of two weighted totals and its influence values, (n, 1); a mean is the ratio to 1.

    Raises
    ------
    FitError : when the denominator's total is nought.
    """
    total = float(weight @ denominator)
    if not total:
        raise FitError(fact("numeric.taylor.nobody-left-denominator-nothing-can"))
    value = float(weight @ numerator) / total
    return value, (weight * (numerator - value * denominator) / total)[:, None]


def _inverse(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(k, k) inverse of x' diag(weight) x, with columns scaled to one."""
    information = (x * weight[:, None]).T @ x
    size = np.sqrt(np.diag(information))
    if not (size > 0).all() or np.linalg.cond(information / np.outer(size, size)) > 1e12:
        raise FitError(fact("numeric.taylor.columns-model-cannot-be-told"))
    inverse = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    return np.asarray((inverse + inverse.T) / 2)
