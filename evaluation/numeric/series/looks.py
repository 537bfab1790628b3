"""Looks at averaged REML of many series of one design: steps that stop short of the answer, for who
asks no more than on which side of a level it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.numeric.series.averaged import CHUNK, Slopes, over_grid, shrunken, weights_of
from evaluation.numeric.series.correlation import Grid, grams, shared_grams, whitening
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal


@dataclass(frozen=True, slots=True)
class Look:
    """One step of S series toward the fixed point of `averaged.averaged_poisson`.

    Coefficients are those of the orthonormal design.

    Parameters
    ----------
    weights, sigma2 : (S, G). gammas : (S, G, k) after the step, and gamma (S, k), their mean.
    roots : (S, G, k, k), or (1, G, k, k) where all share them; the covariance is
        sigma2 root root'. moved : (S,) by how much the step moved the log mean where it moved it
        most. inverse : (k, k) from these coefficients to those of the design. df : of t.
    """

    weights: np.ndarray
    sigma2: np.ndarray
    gammas: np.ndarray
    gamma: np.ndarray
    roots: np.ndarray
    moved: np.ndarray
    inverse: np.ndarray
    df: int

    @property
    def beta(self) -> np.ndarray:
        """(S, k) coefficients of the design."""
        return np.asarray(self.gamma @ self.inverse.T)

    def contrasts(self, values: np.ndarray, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Centers and scales (S, G) of quantities with values (S,) and gradients (S or 1, k)."""
        own = gradients @ self.inverse
        centers = ((self.gammas - self.gamma[:, None]) @ own[:, :, None])[..., 0]
        turned = (own[:, None, None, :] @ self.roots)[..., 0, :]
        scales = np.sqrt((turned**2).sum(axis=-1) * self.sigma2)
        return values[:, None] + centers, scales


def shared_look(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
    *,
    prior: np.ndarray,
    slopes: Slopes | None = None,
) -> Look:
    """The step of every series from the Poisson fit of their mean, whose weights all share: the
    design is solved once.

    Parameters
    ----------
    y : (S, n). x : (n, k). offset, time : (n,). prior : (G,) or (S, G). slopes : as there.

    Raises
    ------
    FitError : when the design is singular.
    """
    q, triangle = orthonormal(x)
    model = whitening(time, grid)
    start = poisson(y.mean(axis=0), q, offset)
    gamma, mu = start.beta[0], start.mu[0]
    n, k = q.shape
    root = np.sqrt(mu)
    design = q * root[:, None]
    across, own = shared_grams(design.T, (y - mu) / root, model)
    roots = np.linalg.inv(np.linalg.cholesky(grams(design[None], model)[0]))  # (G, k, k)
    turned = (roots @ across[..., None])[..., 0]
    rss = np.maximum(own - (turned**2).sum(axis=-1), 1e-12 * np.maximum(own, 1e-12))
    log_det = model.log_det - 2 * np.log(np.diagonal(roots, axis1=-2, axis2=-1)).sum(axis=-1)
    posterior = prior - (n - k) / 2 * np.log(rss) - log_det / 2
    roots = np.swapaxes(roots, -1, -2)
    step = (roots @ turned[..., None])[..., 0]
    return _look(
        q,
        triangle,
        np.tile(gamma, (len(y), 1)),
        step,
        rss / (n - k),
        roots[None],
        posterior,
        slopes,
    )


def own_look(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    time: np.ndarray,
    grid: Grid,
    *,
    gamma: np.ndarray,
    prior: np.ndarray,
) -> Look:
    """One more step of each series from coefficients of its own.

    Parameters
    ----------
    gamma : (S, k), of the orthonormal design. The others as in `shared_look`.
    """
    q, triangle = orthonormal(x)
    model = whitening(time, grid)
    k = q.shape[1]
    parts = []
    for begin in range(0, len(y), CHUNK):
        some = slice(begin, begin + CHUNK)
        mu = np.exp(np.clip(gamma[some] @ q.T + offset, -60, 60))
        root = np.sqrt(mu)
        columns = np.empty((k + 1, *mu.shape))
        np.multiply(q.T[:, None], root, out=columns[:k])
        np.divide(y[some] - mu, root, out=columns[k])
        fit = over_grid(columns, model, prior)
        step, roots = np.moveaxis(fit.step, 0, -1), fit.roots_of(np.arange(len(mu)))
        parts.append(
            _look(q, triangle, gamma[some], step, fit.sigma2, roots, fit.log_weights, None)
        )
    first = parts[0]
    names = ("weights", "sigma2", "gammas", "gamma", "roots", "moved")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Look(**joined, inverse=first.inverse, df=first.df)


def _look(
    q: np.ndarray,
    triangle: np.ndarray,
    gamma: np.ndarray,
    step: np.ndarray,
    sigma2: np.ndarray,
    roots: np.ndarray,
    log_weights: np.ndarray,
    slopes: Slopes | None,
) -> Look:
    inverse = np.linalg.inv(triangle)
    df = q.shape[0] - q.shape[1]
    if slopes is not None:
        fit = shrunken(step, sigma2, roots, log_weights, slopes.of @ inverse, slopes.sd, gamma, df)
        step, sigma2, roots, log_weights = fit
        df += len(slopes.of)
    weights = weights_of(log_weights)
    change = (weights[..., None] * step).sum(axis=1)
    return Look(
        weights,
        sigma2,
        gamma[:, None] + step,
        gamma + change,
        roots,
        np.abs(change @ q.T).max(axis=1),
        inverse,
        df,
    )
