"""Least squares kept well conditioned, and the outcome of a linear contrast."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.mixtures import mixture_quantile
from evaluation.numeric.shared.draws import BitGenerator, normals, uniforms

# A column whose part outside the others is this much smaller than itself adds nothing but noise.
RANK_TOLERANCE = 1e-9
LEVEL = 0.95


@contextmanager
def solvable(what: str) -> Iterator[None]:
    """A place where numbers that cannot be solved are the data's fault, and are said to be.

    Raises
    ------
    FitError : in place of numpy's and Python's own faults of arithmetic.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except (np.linalg.LinAlgError, ArithmeticError) as fault:
        raise FitError(
            fact("numeric.solvable.cannot-be-estimated-from-these", what=what, fault=fault)
        ) from fault


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Estimates of m linear combinations of the coefficients, each field (m,).

    `low` and `high` bound the central 95 %; `p_value` is two-sided against nought.
    """

    estimate: np.ndarray
    std_error: np.ndarray
    df: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


def orthonormal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns and the triangle that leads back: x = q r.

    Parameters
    ----------
    x : (..., n, k).

    Raises
    ------
    FitError : when a column is a combination of the ones before it, or there are not more rows
        than columns. The message counts columns from 1.
    """
    n, k = x.shape[-2:]
    if n <= k:
        raise FitError(fact("numeric.linear.periods-too-few-coefficients", n=n, k=k))
    scale = np.sqrt((x**2).sum(axis=-2))
    q, r = np.linalg.qr(x)
    diagonal = np.abs(np.diagonal(r, axis1=-2, axis2=-1))
    dependent = diagonal <= RANK_TOLERANCE * np.maximum(scale, np.finfo(float).tiny)
    if dependent.any():
        column = int(np.argwhere(dependent)[0][-1]) + 1
        raise FitError(fact("numeric.linear.column-design-combination-others", column=column))
    return q, r


def back(triangle: np.ndarray, beta: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and covariance in terms of x, from those in terms of q, where x = q r.

    Parameters
    ----------
    triangle : (..., k, k). beta : (..., k). cov : (..., k, k).
    """
    inverse = np.linalg.inv(triangle)
    return (
        (inverse @ beta[..., None])[..., 0],
        inverse @ cov @ np.swapaxes(inverse, -1, -2),
    )


def t_contrasts(
    beta: np.ndarray,
    cov: np.ndarray,
    df: float | np.ndarray,
    gradients: np.ndarray,
    moves: float | np.ndarray = 0.0,
) -> Contrasts:
    """Contrasts with the t distribution.

    Parameters
    ----------
    beta : (k,). cov : (k, k). df : one for all or (m,); infinity gives the normal.
    gradients : (m, k), one row a contrast. moves : (m,) what a curved quantity is more than its
        gradient times beta; the whole law moves with it.
    """
    estimate = gradients @ beta + moves
    std_error = np.sqrt(np.einsum("mi,ij,mj->m", gradients, cov, gradients).clip(min=0))
    return t_laws(estimate, std_error, df)


def law(estimate: float, std_error: float, df: float | None) -> tuple[float, float, float]:
    """Low and high of the 95 % interval and the two-sided p by t(df); by the normal for None."""
    freedom = np.inf if df is None else df
    with np.errstate(over="ignore"):  # an error of rounding is refused where an effect is made
        one = t_laws(np.array([estimate]), np.array([std_error]), freedom)
    return float(one.low[0]), float(one.high[0]), float(one.p_value[0])


def t_laws(estimate: np.ndarray, std_error: np.ndarray, df: float | np.ndarray) -> Contrasts:
    """Contrasts that are each t(df) about their estimate; infinite df give the normal.

    Parameters
    ----------
    estimate, std_error : (m,). df : one for all or (m,).
    """
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    freedom = np.broadcast_to(np.asarray(df, dtype=float), estimate.shape)
    upper = (1 + LEVEL) / 2
    finite = np.where(np.isfinite(freedom), freedom, 1e300)
    critical = np.where(np.isfinite(freedom), stdtrit(finite, upper), ndtri(upper))
    ratio = np.abs(estimate) / np.maximum(std_error, np.finfo(float).tiny)
    p_value = 2 * np.where(np.isfinite(freedom), stdtr(finite, -ratio), ndtr(-ratio))
    half = critical * std_error
    return Contrasts(estimate, std_error, freedom, estimate - half, estimate + half, p_value)


def mixture_contrasts(
    weights: np.ndarray,
    betas: np.ndarray,
    covs: np.ndarray,
    df: float,
    gradients: np.ndarray,
    moves: float | np.ndarray = 0.0,
) -> Contrasts:
    """Contrasts whose distribution is a weighted mixture of t(df), one component a grid point.

    Parameters
    ----------
    weights : (G,) summing to 1. betas : (G, k). covs : (G, k, k). gradients : (m, k). moves : as
        in `t_contrasts`.
    """
    centers = gradients @ betas.T + np.reshape(moves, (-1, 1))  # (m, G)
    scales = np.sqrt(np.einsum("mi,gij,mj->mg", gradients, covs, gradients).clip(min=0))
    return t_mixtures(np.broadcast_to(weights, centers.shape), centers, scales, df)


def t_mixtures(
    weights: np.ndarray, centers: np.ndarray, scales: np.ndarray, df: float
) -> Contrasts:
    """Contrasts that are each a weighted mixture of t(df).

    The standard error is the mixture's standard deviation with each component's scale taken as
    its standard error (law of total variance); interval and p come from the mixture itself, not
    from that standard error.

    Parameters
    ----------
    weights : (m, G), every row summing to 1. centers, scales : (m, G), the components.
    """
    scales = np.maximum(scales, np.finfo(float).tiny)
    estimate, p_value = mixture_tests(weights, centers, scales, df)
    std_error = np.sqrt((weights * (scales**2 + (centers - estimate[:, None]) ** 2)).sum(axis=1))
    tail = (1 - LEVEL) / 2
    low = mixture_quantile(tail, weights, centers, scales, df)
    high = mixture_quantile(1 - tail, weights, centers, scales, df)
    return Contrasts(estimate, std_error, np.full_like(estimate, df), low, high, p_value)


def mixture_tests(
    weights: np.ndarray, centers: np.ndarray, scales: np.ndarray, df: float
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and two-sided p values (m,) of `t_mixtures`, without their intervals."""
    from scipy.special import stdtr

    left = (weights * stdtr(df, -centers / np.maximum(scales, np.finfo(float).tiny))).sum(axis=1)
    return (weights * centers).sum(axis=1), np.minimum(2 * np.minimum(left, 1 - left), 1.0)


def t_draws(
    beta: np.ndarray, cov: np.ndarray, df: float, source: BitGenerator, count: int
) -> np.ndarray:
    """(count, k) draws from the multivariate t with this center, scale matrix and df."""
    k = len(beta)
    # A covariance with nought on its diagonal (a dropped term) still has a root.
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(values.clip(min=0))
    return np.asarray(beta + _t_noise(source, count, k, df) @ root.T)


def mixture_draws(
    weights: np.ndarray,
    betas: np.ndarray,
    covs: np.ndarray,
    df: float,
    source: BitGenerator,
    count: int,
) -> np.ndarray:
    """(count, k) draws from the mixture of `mixture_contrasts`: a component, then its t."""
    which = np.searchsorted(np.cumsum(weights), uniforms(source, count)).clip(max=len(weights) - 1)
    noise = _t_noise(source, count, betas.shape[1], df)
    roots = np.linalg.cholesky(covs)
    return np.asarray(betas[which] + (roots[which] @ noise[..., None])[..., 0])


def _t_noise(source: BitGenerator, count: int, k: int, df: float) -> np.ndarray:
    from scipy.special import gammaincinv

    noise = normals(source, count * k).reshape(count, k)
    if not np.isfinite(df):
        return noise
    chi_squared = 2 * gammaincinv(df / 2, uniforms(source, count))
    return np.asarray(noise * np.sqrt(df / chi_squared)[:, None])
