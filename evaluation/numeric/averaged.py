"""Averaged REML: a Poisson mean whose error correlation is averaged over, not plugged in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.numeric.correlation import Grid, Whitening, grams, whitening
from evaluation.numeric.glm import poisson
from evaluation.numeric.linear import back, orthonormal

TOLERANCE = 1e-8
# This many series at once fit the processor cache; it changes the speed, not the answer.
CHUNK = 50


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
    model = whitening(time, grid)
    parts = [
        _averaged(
            y[begin : begin + CHUNK],
            x if x.ndim == 2 else x[begin : begin + CHUNK],
            offset[begin : begin + CHUNK],
            model,
            passes,
        )
        for begin in range(0, len(y), CHUNK)
    ]
    fields = ("weights", "betas", "covs", "sigma2", "beta", "mu", "converged")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    return AveragedFit(**joined, df=parts[0].df)


def _averaged(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, model: Whitening, passes: int
) -> AveragedFit:
    q, triangle = orthonormal(x)
    start = poisson(y, q, offset)
    gamma, mu = start.beta.copy(), start.mu.copy()
    count, n = y.shape
    k = q.shape[-1]
    points = len(model.log_det)
    own = np.broadcast_to(q, (count, n, k))
    betas, covs = np.full((count, points, k), np.nan), np.full((count, points, k, k), np.nan)
    sigma2, weights = np.full((count, points), np.nan), np.full((count, points), np.nan)
    converged = np.zeros(count, dtype=bool)
    active = np.flatnonzero(start.converged)
    for _ in range(passes):
        if not len(active):
            break
        design, mean = own[active], mu[active]
        root = np.sqrt(mean)
        # The response is measured from the present fit, so that nothing large is subtracted.
        left_over = (y[active] - mean) / root
        working = np.concatenate([root[..., None] * design, left_over[..., None]], axis=2)
        step, covs[active], sigma2[active], weights[active] = _over_grid(working, model)
        change = np.einsum("sg,sgk->sk", weights[active], step)
        betas[active] = gamma[active, None, :] + step
        gamma[active] += change
        eta = (design @ gamma[active][..., None])[..., 0] + offset[active]
        mu[active] = np.exp(np.clip(eta, -60, 60))
        size = np.maximum(1.0, np.abs(gamma[active]).max(axis=1))
        settled = np.abs(change).max(axis=1) <= TOLERANCE * size
        converged[active[settled]] = True
        active = active[~settled]
    betas, covs = back(
        triangle if triangle.ndim == 2 else triangle[:, None], betas, covs * sigma2[..., None, None]
    )
    beta = np.einsum("sg,sgk->sk", weights, betas)
    return AveragedFit(weights, betas, covs, sigma2, beta, mu, converged, n - k)


def _over_grid(
    working: np.ndarray, model: Whitening
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Generalized least squares at every grid point.

    Parameters
    ----------
    working : (S, n, k + 1), design columns and, last, the response.

    Returns
    -------
    beta (S, G, k), unscaled covariance (S, G, k, k), REML scale (S, G), weights (S, G).
    """
    n, k = working.shape[1], working.shape[2] - 1
    gram = grams(working, model)
    design, right, square = gram[..., :k, :k], gram[..., :k, k], gram[..., k, k]
    factor = np.linalg.cholesky(design)
    cov = np.linalg.inv(design)
    beta = (cov @ right[..., None])[..., 0]
    rss = square - (beta * right).sum(axis=-1)
    # A fit that leaves nothing over (all residuals nought) still needs a likelihood.
    rss = np.maximum(rss, 1e-12 * np.maximum(square, 1e-12))
    log_det = 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)
    likelihood = -(n - k) / 2 * np.log(rss) - model.log_det / 2 - log_det / 2
    likelihood -= likelihood.max(axis=1, keepdims=True)
    weights = np.exp(likelihood)
    weights /= weights.sum(axis=1, keepdims=True)
    return beta, cov, rss / (n - k), weights
