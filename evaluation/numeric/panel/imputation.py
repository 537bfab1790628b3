"""Imputation of untreated outcomes from unit and period effects, and the error of its averages.

Effects are fitted to the control cells alone; every other cell is compared with what they predict.
An average of those differences is linear in the outcomes, so its variance is a sum of squares over
clusters of weighted errors (Borusyak, Jaravel and Spiess 2024, Review of Economic Studies
91:3253-3285, proposition 3 and theorem 3). Nothing larger than periods by periods is inverted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# An eigenvalue of the period matrix below this share of the largest means that the control cells
# fall apart into blocks without a unit in common.
SINGULAR = 1e-10
NONE = -1


@dataclass(frozen=True, slots=True)
class Imputed:
    """What the control cells predict for every cell.

    Parameters
    ----------
    expected : (N, T); NaN for a unit or in a period without a control cell. effect : (N, T),
        outcome less expected. residual : (N, T), the same in control cells, nought elsewhere.
    control : (N, T) the cells fitted. weight : (N,). live : (T,) periods with a control cell.
    inverse : (T, T), of the period matrix after units are taken out, nought outside `live` and for
        the first live period, which is the reference.
    """

    expected: np.ndarray
    effect: np.ndarray
    residual: np.ndarray
    control: np.ndarray
    weight: np.ndarray
    live: np.ndarray
    inverse: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """(N, T) True where something is expected."""
        return np.asarray(np.isfinite(self.expected))


@dataclass(frozen=True, slots=True)
class Averages:
    """k averages of effects. estimate : (k,). influence : (N, k), whose sums by cluster have the
    variance of the estimates as their sum of squares. n : (k,) units behind each."""

    estimate: np.ndarray
    influence: np.ndarray
    n: np.ndarray


def impute(y: np.ndarray, control: np.ndarray, weight: np.ndarray) -> Imputed:
    """Least squares of unit and period effects on the control cells.

    Parameters
    ----------
    y : (N, T) outcomes; what stands outside the control cells does not move the fit. control :
        (N, T) bool. weight : (N,) positive.

    Raises
    ------
    FitError : when there is no control cell, or they fall apart into blocks.
    """
    weights = weight[:, None] * control
    live = np.asarray(control.any(axis=0))
    if not live.any():
        raise FitError(fact("numeric.imputation.there-no-untreated-cell-learn"))
    inverse = _period_inverse(control, weight, live)
    own = np.maximum(control.sum(axis=1), 1)
    unit_mean = np.where(control, y, 0).sum(axis=1) / own
    b = inverse @ ((weights * np.where(control, y - unit_mean[:, None], 0)).sum(axis=0))
    a = np.where(control, y - b, 0).sum(axis=1) / own
    expected = a[:, None] + b
    expected[~control.any(axis=1)] = np.nan
    expected[:, ~live] = np.nan
    effect = y - expected
    return Imputed(expected, effect, np.where(control, effect, 0.0), control, weight, live, inverse)


def _period_inverse(control: np.ndarray, weight: np.ndarray, live: np.ndarray) -> np.ndarray:
    """(T, T) inverse of the weighted Laplacian of the periods, the first live one the reference."""
    weights = weight[:, None] * control
    own = np.maximum(control.sum(axis=1), 1)
    matrix = np.diag(weights.sum(axis=0)) - control.T @ (weights / own[:, None])
    inverse = np.zeros_like(matrix)
    free = np.flatnonzero(live)[1:]
    if not free.size:
        return np.asarray(inverse)
    inner = np.ix_(free, free)
    values = np.linalg.eigvalsh(matrix[inner])
    if values[0] <= SINGULAR * values[-1]:
        raise FitError(fact("numeric.imputation.untreated-cells-fall-apart-into"))
    inverse[inner] = np.linalg.inv(matrix[inner])
    return np.asarray(inverse)


def averages(found: Imputed, label: np.ndarray, errors: np.ndarray) -> Averages:
    """Weighted means of the effects of the cells with the same label.

    Parameters
    ----------
    label : (N, T) whole numbers from 0 for the averages, -1 for cells in none; only cells where
        something is expected. errors : (N, T), the effect of a cell less what it would be without
        chance, as the variance takes it (`about_means` or `about_average`).
    """
    n, length = label.shape
    k = int(label.max()) + 1
    unit, period = np.nonzero(label >= 0)
    which = label[unit, period]
    weight = found.weight[unit]
    total = np.bincount(which, weights=weight, minlength=k)
    estimate = np.bincount(which, weights=weight * found.effect[unit, period], minlength=k) / total
    by_unit = np.bincount(unit * k + which, weights=weight, minlength=n * k).reshape(n, k) / total
    by_period = (
        np.bincount(period * k + which, weights=weight, minlength=length * k).reshape(length, k)
        / total
    )
    own = np.maximum(found.control.sum(axis=1), 1)
    mu = found.inverse @ (by_period - found.control.T @ (by_unit / own[:, None]))
    direct = np.bincount(
        unit * k + which, weights=weight * errors[unit, period], minlength=n * k
    ).reshape(n, k)
    # Weights on control cells are -w_i (lambda_i + mu_t); the residuals of a unit sum to nought.
    influence = direct / total - found.weight[:, None] * (found.residual @ mu)
    units = np.bincount(which[_first_of_unit(unit, which, k)], minlength=k)
    return Averages(estimate, influence, units)


def _first_of_unit(unit: np.ndarray, which: np.ndarray, k: int) -> np.ndarray:
    return np.asarray(np.unique(unit * k + which, return_index=True)[1])


def about_means(
    found: Imputed, group: np.ndarray, cluster: np.ndarray, *, leave_out: bool = False
) -> np.ndarray:
    """(N, T) effects less the mean of their group, nought outside the groups.

    The mean that makes the variance least conservative gives each cluster the square of its weight:
    sum_c V_c (sum of w times effect in c) / sum_c V_c^2, V_c the weight of cluster c in the group
    (equation 8 of the source).

    Parameters
    ----------
    group : (N, T) whole numbers from 0, -1 outside. cluster : (N,). leave_out : the mean is that of
        the other clusters (appendix A.6 of the source), for groups of few.
    """
    errors = np.zeros(group.shape)
    unit, period = np.nonzero(group >= 0)
    groups = int(group.max()) + 1
    key = cluster[unit] * groups + group[unit, period]
    pairs, place = np.unique(key, return_inverse=True)
    weight = found.weight[unit]
    effect = found.effect[unit, period]
    mass = np.bincount(place, weights=weight)
    summed = np.bincount(place, weights=weight * effect)
    of = pairs % groups
    squared = np.bincount(of, weights=mass**2, minlength=groups)
    mean = np.bincount(of, weights=mass * summed, minlength=groups) / np.where(
        squared > 0, squared, 1
    )
    error = effect - mean[of[place]]
    if leave_out:
        share = (mass**2 / squared[of])[place]
        if (share >= 1).any():
            raise FitError(fact("numeric.imputation.cohort-single-cluster-whose-mean"))
        error = error / (1 - share)
    errors[unit, period] = error
    return errors


def about_average(found: Imputed, label: np.ndarray) -> np.ndarray:
    """(N, T) effects less the average they are part of, nought outside.

    With them the variance is that of the two-stage regression with both stages' errors (Gardner
    2022, arXiv 2207.05943, section 3.3).
    """
    inside = label >= 0
    unit, _ = np.nonzero(inside)
    which = label[inside]
    weight = found.weight[unit]
    mean = np.bincount(which, weights=weight * found.effect[inside]) / np.maximum(
        np.bincount(which, weights=weight), np.finfo(float).tiny
    )
    errors = np.zeros(label.shape)
    errors[inside] = found.effect[inside] - mean[which]
    return errors


def leads(y: np.ndarray, found: Imputed, label: np.ndarray) -> Averages:
    """Coefficients of indicators among the control cells, beside unit and period effects.

    Parameters
    ----------
    label : (N, T) whole numbers from 0 for the indicators, -1 for reference cells.

    Raises
    ------
    FitError : when an indicator is a combination of the effects and the others.
    """
    x, columns, gram = _indicators(found, label)
    if not _full_rank(found, x, gram):
        raise FitError(fact("numeric.imputation.periods-before-treatment-cannot-be"))
    bread = np.linalg.inv(gram)
    weight = found.weight
    beta = bread @ np.einsum("i,itk,it->k", weight, columns, np.where(found.control, y, 0.0))
    residual = found.residual - columns @ beta
    influence = weight[:, None] * np.einsum("itk,it->ik", columns, residual) @ bread
    return Averages(beta, influence, np.asarray(x.any(axis=1).sum(axis=0)))


def identified(found: Imputed, label: np.ndarray) -> bool:
    """Whether `leads` has one answer for these indicators."""
    x, _, gram = _indicators(found, label)
    return _full_rank(found, x, gram)


def _indicators(found: Imputed, label: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(N, T, k) indicators in control cells, the same without unit and period effects, and (k, k)
    products of the latter."""
    control, weight = found.control, found.weight
    k = int(label.max()) + 1
    x = (label[:, :, None] == np.arange(k)) & control[:, :, None]
    own = np.maximum(control.sum(axis=1), 1)
    columns = x.astype(float)
    columns -= np.where(control, 1.0, 0.0)[:, :, None] * (x.sum(axis=1) / own[:, None])[:, None, :]
    b = found.inverse @ np.einsum("i,itk->tk", weight, columns)
    fitted = np.where(control[:, :, None], b, 0.0)
    fitted -= control[:, :, None] * (fitted.sum(axis=1) / own[:, None])[:, None, :]
    columns = columns - fitted
    gram = np.einsum("i,itk,itl->kl", weight, columns, columns, optimize=True)
    return x, columns, gram


def _full_rank(found: Imputed, x: np.ndarray, gram: np.ndarray) -> bool:
    scale = np.sqrt(np.einsum("i,itk->k", found.weight, x))
    if not len(scale) or not (scale > 0).all():
        return False
    return bool(np.linalg.eigvalsh(gram / np.outer(scale, scale))[0] > SINGULAR)
