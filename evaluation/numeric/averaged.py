"""Averaged REML: a Poisson mean whose error correlation is averaged over, not plugged in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.numeric.correlation import Grid, Rotations, rotations
from evaluation.numeric.glm import poisson
from evaluation.numeric.linear import back, orthonormal

TOLERANCE = 1e-8
# Rotated working data of this many series are held at once; it bounds the memory, not the answer.
CHUNK = 250


@dataclass(frozen=True, slots=True)
class AveragedFit:
    """Averaged REML of S series over a grid of G correlation models.

    weights : (S, G) summing to 1. betas : (S, G, k). covs : (S, G, k, k), REML scale on n - k.
    sigma2 : (S, G) REML scale. beta : (S, k) weighted mean. mu : (S, n). converged : (S,).
    df : n - k.
    """

    weights: np.ndarray
    betas: np.ndarray
    covs: np.ndarray
    sigma2: np.ndarray
    beta: np.ndarray
    mu: np.ndarray
    converged: np.ndarray
    df: int


def averaged_poisson(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
    *,
    passes: int = 100,
) -> AveragedFit:
    """Averaged REML of log-linear counts.

    With mu the mean of the last pass, the working response is z = sqrt(mu) (eta + (y - mu)/mu)
    and the working design sqrt(mu) x (eta without the offset). At each (rho, omega) of the grid,
    generalized least squares with R = (1 - omega) AR1(rho) + omega I gives beta, its covariance
    with the REML scale RSS/(n - k), and the REML profile log-likelihood

        l = -(n - k)/2 log RSS - 1/2 log|R| - 1/2 log|X' R^-1 X|.

    Weights are proportional to exp(l); beta is the weighted mean and gives the next mu, until no
    coefficient of the orthonormal design moves by more than 1e-8. The method and its measured
    coverage are this project's own (docs and methods table); no other software has it.

    Parameters
    ----------
    y : (S, n) counts. x : (n, k) shared or (S, n, k). offset : (n,) or (S, n), log exposure.
    time : (n,) whole-number times of the rows. grid : (rho, omega) pairs.

    Raises
    ------
    FitError : when the design is singular. Series that do not converge are marked.
    """
    y = np.atleast_2d(np.asarray(y, dtype=float))
    offset = np.broadcast_to(offset, y.shape)
    turn = rotations(time, grid)
    parts = [
        _averaged(
            y[begin : begin + CHUNK],
            x if x.ndim == 2 else x[begin : begin + CHUNK],
            offset[begin : begin + CHUNK],
            turn,
            passes,
        )
        for begin in range(0, len(y), CHUNK)
    ]
    fields = ("weights", "betas", "covs", "sigma2", "beta", "mu", "converged")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    return AveragedFit(**joined, df=parts[0].df)


def _averaged(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, turn: Rotations, passes: int
) -> AveragedFit:
    q, triangle = orthonormal(x)
    start = poisson(y, q, offset)
    gamma, mu = start.beta, start.mu
    count, n = y.shape
    k = q.shape[-1]
    own = np.broadcast_to(q, (count, n, k))
    usable = start.converged.copy()
    mu = np.where(usable[:, None], mu, 1.0)
    settled = np.zeros(count, dtype=bool)
    for _ in range(passes):
        root = np.sqrt(mu)
        # The response is measured from the present fit, so that nothing large is subtracted.
        working = np.concatenate([root[..., None] * own, ((y - mu) / root)[..., None]], axis=2)
        step, cov, sigma2, weights = _over_grid(working, turn)
        change = np.einsum("sg,sgk->sk", weights, step)
        betas = gamma[:, None, :] + step
        moved = np.abs(change).max(axis=1)
        settled = moved <= TOLERANCE * np.maximum(1.0, np.abs(gamma).max(axis=1))
        gamma = gamma + np.where(usable[:, None], change, 0.0)
        eta = (own @ gamma[..., None])[..., 0] + offset
        mu = np.where(usable[:, None], np.exp(np.clip(eta, -60, 60)), 1.0)
        if (settled | ~usable).all():
            break
    betas, covs = back(
        triangle if triangle.ndim == 2 else triangle[:, None], betas, cov * sigma2[..., None, None]
    )
    beta = np.einsum("sg,sgk->sk", weights, betas)
    return AveragedFit(weights, betas, covs, sigma2, beta, mu, settled & usable, n - k)


def _over_grid(
    working: np.ndarray, turn: Rotations
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Generalized least squares at every grid point.

    Parameters
    ----------
    working : (S, n, k + 1), design columns and, last, the response.

    Returns
    -------
    beta (S, G, k), unscaled covariance (S, G, k, k), REML scale (S, G), weights (S, G).
    """
    count, n, width = working.shape
    k = width - 1
    flat = np.ascontiguousarray(working.transpose(1, 0, 2)).reshape(n, count * width)
    points = len(turn.which)
    gram = np.empty((count, points, width, width))
    for index, q in enumerate(turn.q):
        rotated = np.ascontiguousarray((q.T @ flat).reshape(n, count, width).transpose(1, 0, 2))
        turned = np.swapaxes(rotated, -1, -2)
        for point in np.flatnonzero(turn.which == index):
            gram[:, point] = turned @ (turn.inverse[point][:, None] * rotated)
    design, right, square = gram[..., :k, :k], gram[..., :k, k], gram[..., k, k]
    factor = np.linalg.cholesky(design)
    cov = np.linalg.inv(design)
    beta = (cov @ right[..., None])[..., 0]
    rss = square - (beta * right).sum(axis=-1)
    # A fit that leaves nothing over (all residuals nought) still needs a likelihood.
    rss = np.maximum(rss, 1e-12 * np.maximum(square, 1e-12))
    log_det = 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)
    likelihood = -(n - k) / 2 * np.log(rss) - turn.log_det / 2 - log_det / 2
    likelihood -= likelihood.max(axis=1, keepdims=True)
    weights = np.exp(likelihood)
    weights /= weights.sum(axis=1, keepdims=True)
    return beta, cov, rss / (n - k), weights
