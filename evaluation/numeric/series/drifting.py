"""The step of one unit among units whose log rates drift apart, from blocks of periods."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from evaluation.numeric.panel.random_effects import LEVEL
from evaluation.numeric.series.mixtures import mixture_quantile

# Standard deviations averaged over: of a year's drift, of a unit's one-off shift at the start, and
# of a year's mean about the drift beyond Poisson noise; all of log rates.
DRIFTS = np.concatenate([[0.0], np.geomspace(0.02, 0.5, 9)])
SHIFTS = np.array([0.0, 0.04, 0.08, 0.14, 0.22, 0.35])
NOISES = np.array([0.0, 0.04, 0.09, 0.13, 0.19, 0.29])
# So fine a division of a block gives the covariance of block means of a random walk.
FINE = 48


@dataclass(frozen=True, slots=True)
class Blocks:
    """Counts in blocks of periods that meet at the start.

    counts, exposure : (..., N, K). width : (K,) in years. after : (K,) True from the start on.
    gap : years between the last block before and the first after that are left out.
    """

    counts: np.ndarray
    exposure: np.ndarray
    width: np.ndarray
    after: np.ndarray
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Drifting:
    """The treated unit's step, R times, each field (R,): a mixture of normals, and the averages of
    the three standard deviations."""

    estimate: np.ndarray
    std_error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    drift: np.ndarray
    shift: np.ndarray
    noise: np.ndarray


def blocks(
    y: np.ndarray, exposure: np.ndarray, start: int, size: int, per_year: int, skipped: int = 0
) -> Blocks:
    """Sums over blocks of `size` periods counted from the start both ways; the outermost blocks
    take what is left over, so that no period is lost.

    Parameters
    ----------
    y, exposure : (..., N, T); each side of the start has at least `size` periods. skipped : periods
        left out at the start.
    """
    length = y.shape[-1]
    cuts = [
        *reversed([start - size * k for k in range(1, start // size + 1)]),
        *(start + size * k for k in range((length - start) // size)),
    ]
    cuts[0] = 0
    edges = np.array(cuts)
    return Blocks(
        np.add.reduceat(y, edges, axis=-1),
        np.add.reduceat(exposure, edges, axis=-1),
        np.diff([*cuts, length]) / per_year,
        edges >= start,
        skipped / per_year,
    )


def drifting_step(data: Blocks, shift: float) -> Drifting:
    """The step of the first unit by restricted maximum likelihood, its variances averaged over.

    With z = log((count + .5)/exposure) of unit i in block b,

        z_ib = a_i + g_b + step [i treated, b after] + c_i [b after] + u_i(b) + e_ib,

    u_i is the block mean of a random walk with standard deviation `drift` a year, c_i ~ N(0,
    shift^2) a change of its own at the start, and e_ib has the variance 1/mu_ib + noise^2/width,
    where mu_ib is the unit's total before or after, shared out as the controls' events are. All
    units, treated and not, inform the three standard deviations. Each point of their grid has the
    generalized least squares step with its variance, and the restricted likelihood times the
    spacing of the grid (flat priors for drift and noise, half-normal with scale `shift` for the
    shift; nought when `shift` is nought). Interval and p are those of the normal mixture.

    Data near the start weigh most when units drift, and all weigh alike when they do not. The
    method is this project's own (did_one_city.md).

    Parameters
    ----------
    data : counts (R, N, K), treated unit first. shift : prior scale of a unit's own shift.
    """
    from scipy.special import ndtr

    z, v = _response(data)
    after = data.after.astype(float)
    walk = _walk(data.width, data.gap * data.after)
    shifts = SHIFTS if shift > 0 else SHIFTS[:1]
    prior = np.exp(-0.5 * (shifts / shift) ** 2) * np.gradient(shifts) if shift > 0 else np.ones(1)
    priors = np.einsum("i,j,k->ijk", np.gradient(DRIFTS), prior, np.gradient(NOISES)).ravel()
    grid = np.array(list(product(DRIFTS, shifts, NOISES)))
    found = [
        _step(
            z, v + noise**2 / data.width, drift**2 * walk + own**2 * np.outer(after, after), after
        )
        for drift, own, noise in grid
    ]
    log_weight, center, variance = (np.stack(part, axis=1) for part in zip(*found, strict=True))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True)) * priors
    weight /= weight.sum(axis=1, keepdims=True)
    scale = np.sqrt(variance)
    estimate = (weight * center).sum(axis=1)
    spread = variance + (center - estimate[:, None]) ** 2
    left = (weight * ndtr(-center / scale)).sum(axis=1)
    right = (weight * ndtr(center / scale)).sum(axis=1)
    averages = weight @ grid
    return Drifting(
        estimate,
        np.sqrt((weight * spread).sum(axis=1)),
        mixture_quantile((1 - LEVEL) / 2, weight, center, scale),
        mixture_quantile((1 + LEVEL) / 2, weight, center, scale),
        np.minimum(2 * np.minimum(left, right), 1.0),
        *averages.T,
    )


def _response(data: Blocks) -> tuple[np.ndarray, np.ndarray]:
    """(R, N, K) log rates and their Poisson variances."""
    expected = np.empty(data.counts.shape)
    for side in (data.after, ~data.after):
        own, held = data.counts[..., side], data.exposure[..., side]
        rate = (own[:, 1:].sum(axis=1) + 0.5) / held[:, 1:].sum(axis=1)
        share = held * rate[:, None]
        share /= share.sum(axis=-1, keepdims=True)
        expected[..., side] = (own.sum(axis=-1, keepdims=True) + 0.5) * share
    return np.log((data.counts + 0.5) / data.exposure), 1 / expected


def _walk(width: np.ndarray, later: np.ndarray | float = 0.0) -> np.ndarray:
    """(K, K) covariances of the means over blocks of a random walk with variance 1 a year; each
    block begins so much `later` than the blocks before it end, (K,) years."""
    edges = np.concatenate([[0.0], width.cumsum()])
    times = (edges[:-1] + later)[:, None] + width[:, None] * (np.arange(FINE) + 0.5) / FINE
    return np.asarray(np.minimum.outer(times, times).mean(axis=(1, 3)))


def _step(
    z: np.ndarray, own: np.ndarray, shared: np.ndarray, after: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(R,) restricted log-likelihood, step and its variance, for one set of variances.

    Unit effects are projected out unit by unit; what is left are the block effects but the first,
    and the step.

    Parameters
    ----------
    z, own : (R, N, K) response and independent variances. shared : (K, K) covariance of every unit.
    """
    k = z.shape[-1]
    covariance = own[..., None] * np.eye(k) + shared
    inverse = np.linalg.inv(covariance)
    rows = inverse.sum(axis=-1)
    total = rows.sum(axis=-1)
    projected = inverse - rows[..., None] * rows[..., None, :] / total[..., None, None]
    fitted = (projected @ z[..., None])[..., 0]
    information = np.empty((len(z), k, k))
    right = np.empty((len(z), k))
    information[:, :-1, :-1] = projected.sum(axis=1)[:, 1:, 1:]
    information[:, :-1, -1] = information[:, -1, :-1] = (projected[:, 0] @ after)[:, 1:]
    information[:, -1, -1] = (projected[:, 0] @ after) @ after
    right[:, :-1] = fitted.sum(axis=1)[:, 1:]
    right[:, -1] = fitted[:, 0] @ after
    spread = np.linalg.inv(information)
    beta = (spread @ right[..., None])[..., 0]
    left_over = (fitted * z).sum(axis=(1, 2)) - (beta * right).sum(axis=1)
    determinants = (
        np.linalg.slogdet(covariance)[1].sum(axis=1)
        + np.log(total).sum(axis=1)
        + np.linalg.slogdet(information)[1]
    )
    return -0.5 * (determinants + left_over), beta[:, -1], spread[:, -1, -1]
