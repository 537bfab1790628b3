"""Averaged REML of the ratio of two series of counts, as the share of one in their sum."""

from __future__ import annotations

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.averaged import AveragedFit
from evaluation.numeric.correlation import Grid, grams, whitening
from evaluation.numeric.linear import orthonormal

TOLERANCE = 1e-8
PASSES = 100
# The first passes are those of independent errors, which cannot run away; late ones are halved.
ALONE, HALVED = 10, 60
# Log odds beyond this are those of a share that is all or nothing: no finite estimate.
FARTHEST = 30.0


def averaged_share(
    y: np.ndarray,
    total: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
) -> AveragedFit:
    """Averaged REML of log-linear ratios of counts, given the totals.

    Of `total` events in a period y are the first series'; the log odds x beta + offset are the
    log of the ratio of the two means. As `averaged.averaged_poisson`, with mu = total p, the
    working weight total p (1 - p), response (y - mu)/sqrt(total p (1 - p)) about the present fit,
    and AR(1) errors with a nugget. The noise of the second series is in the model, which it is
    not where its log is an offset: there the estimating equations are biased, and run away, once
    the second series is small.

    Parameters
    ----------
    y, total : (S, n) counts, every total above nought. x : (n, k). offset : (n,) or (S, n), log
    exposure ratio. time : (n,) whole-number times of the rows. grid : (rho, omega) pairs.

    Raises
    ------
    FitError : for a singular design, or a period without an event. Series that do not converge
        are marked; `mu` is the mean of y given the totals.
    """
    y, total = np.atleast_2d(np.asarray(y, dtype=float)), np.atleast_2d(total).astype(float)
    if (total <= 0).any():
        raise FitError("a period without an event says nothing about a ratio; leave it out")
    offset = np.broadcast_to(offset, y.shape)
    q, triangle = orthonormal(x)
    model = whitening(time, grid)
    count, n = y.shape
    k = q.shape[1]
    gamma = np.zeros((count, k))
    odds = (y.sum(axis=1) + 0.5) / (total - y).sum(axis=1).clip(0.5)
    gamma += (np.log(odds) - offset.mean(axis=1))[:, None] * q.sum(axis=0)
    beta, sigma2 = np.full((count, len(grid), k), np.nan), np.full((count, len(grid)), np.nan)
    covs, weights = np.full((count, len(grid), k, k), np.nan), np.full(sigma2.shape, np.nan)
    mu, converged = np.full(y.shape, np.nan), np.zeros(count, dtype=bool)
    independent = whitening(time, ((0.0, 0.0),))
    active = np.arange(count)
    for turn in range(PASSES):
        eta = gamma[active] @ q.T + offset[active]
        active = active[(np.abs(eta) < FARTHEST).all(axis=1)]
        if not len(active):
            break
        p = 1 / (1 + np.exp(-(gamma[active] @ q.T + offset[active])))
        root = np.sqrt(total[active] * p * (1 - p))
        residual = (y[active] - total[active] * p) / root
        columns = np.concatenate([root[..., None] * q, residual[..., None]], axis=2)
        alone = turn < ALONE
        gram = grams(columns, independent if alone else model)
        inverse = np.linalg.inv(gram[..., :k, :k])
        step = (inverse @ gram[..., :k, k:])[..., 0]  # (S, G, k)
        rss = gram[..., k, k] - (step * gram[..., :k, k]).sum(axis=-1)
        rss = np.maximum(rss, 1e-12 * np.maximum(gram[..., k, k], 1e-12))
        if alone:
            gamma[active] += step[:, 0]
            continue
        log_det = model.log_det + np.linalg.slogdet(gram[..., :k, :k])[1]
        likelihood = -(n - k) / 2 * np.log(rss) - log_det / 2
        weight = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        change = np.einsum("sg,sgk->sk", weight, step)
        size = np.maximum(1.0, np.abs(gamma[active]).max(axis=1))
        settled = np.abs(change).max(axis=1) <= TOLERANCE * size
        done = active[settled]
        converged[done] = True
        beta[done] = gamma[done, None] + step[settled]
        sigma2[done], weights[done] = rss[settled] / (n - k), weight[settled]
        covs[done] = inverse[settled] * sigma2[done][..., None, None]
        mu[done] = (total[active] * p)[settled]
        gamma[active] += change if turn < HALVED else change / 2
        active = active[~settled]
    back = np.linalg.inv(triangle)
    beta = beta @ back.T
    covs = back @ covs @ back.T
    mean = np.einsum("sg,sgk->sk", weights, beta)
    return AveragedFit(weights, beta, covs, sigma2, mean, mu, converged, n - k)
