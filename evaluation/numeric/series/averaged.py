"""Averaged REML: a Poisson mean whose error correlation is averaged over, not plugged in.

Averaged REML of the ratio of two series of counts, as the share of one in their sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.absorb import Eliminated, eliminate, inverse_roots
from evaluation.numeric.series.correlation import (
    Grid,
    Prior,
    Whitening,
    grams,
    packed_grams,
    whitening,
)
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal

TOLERANCE = 1e-8
# Coefficients of the orthonormal design beyond this belong to no count: the passes ran away, and a
# step that is small beside them means nothing.
DIVERGED = 1e6
# This many series at once fit the processor cache; it changes the speed, not the answer.
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Slopes:
    """A normal prior about nought on p linear combinations of the coefficients.

    of : (p, k) the combinations. sd : of each; nought takes the combination out of
    the model, infinity leaves it free.
    """

    of: np.ndarray
    sd: float


@dataclass(frozen=True, slots=True)
class AveragedFit:
    """Averaged REML of S series over a grid of G correlation models.

    weights : (S, G) summing to 1. betas : (S, G, k). covs : (S, G, k, k), REML scale on n - k.
    sigma2 : (S, G) REML scale. beta : (S, k) weighted mean. mu : (S, n). converged : (S,).
    df : n - k, and one more for every slope with a prior. All but mu are NaN where a series did not
    converge.
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
    prior: Prior | np.ndarray = None,
    slopes: Slopes | None = None,
    passes: int = 100,
) -> AveragedFit:
    """Averaged REML of log-linear counts.

    With mu the mean of the last pass, the working response is z = sqrt(mu) (eta + (y - mu)/mu)
    and the working design sqrt(mu) x (eta without the offset). At each (rho, omega) of the grid,
    generalized least squares with R = (1 - omega) AR1(rho) + omega I gives beta, its covariance
    with the REML scale RSS/(n - k), and the REML profile log-likelihood

        l = -(n - k)/2 log RSS - 1/2 log|R| - 1/2 log|X' R^-1 X|.

    Weights are proportional to exp(l); beta is the weighted mean and gives the next mu, until no
    coefficient of the orthonormal design moves by more than 1e-8. Where that swings about the
    answer or runs away it is tried again with half the step. What then does not settle has no
    estimate: up to 0.3 % of series of 48 periods with 2 events each and strong correlation, and
    almost none of others. With `passes` of 1 the first step from the Poisson fit is the answer:
    with weights that lean to near-unit roots the passes run away in .2 % of windows of real cities,
    and more of them change neither coverage nor width. The method and its measured coverage are
    this project's own (coverage_its.md); no other software has it.

    With a prior N(0, sd^2) on a slope b = a' beta, C = (X' R^-1 X)^-1, s2 = RSS/d, d = n - k and
    A = a' C a + sd^2/s2, the coefficients are beta - C a b/A, their covariance is
    (RSS + b^2/A)/(d + 1) (C - C a a' C/A), with t(d + 1), and l gains

        -1/2 log(s2 A) - (d + 1)/2 log(1 + b^2/(d s2 A)):

    the prior is taken at s2. Infinite sd is the free slope, nought a model without it. Several
    slopes are taken one after another, which comes to the same as at once.

    Parameters
    ----------
    y : (S, n) counts. x : (n, k) shared or (S, n, k). offset : (n,) or (S, n), log exposure.
    time : (n,) whole-number times of the rows. grid : (rho, omega) pairs. prior : (G,) or (S, G)
        added to l, the log weight of each pair before the data; None weighs all alike.
    slopes : combinations with a prior; None leaves every coefficient free.

    Raises
    ------
    FitError : when the design is singular. Series that do not converge are marked.
    """
    y = np.atleast_2d(np.asarray(y, dtype=float))
    offset = np.broadcast_to(offset, y.shape)
    model = whitening(time, grid)
    before = np.zeros(len(grid)) if prior is None else np.array(prior)
    if slopes is not None and not np.isfinite(slopes.sd):
        slopes = None
    # A series without a finite estimate overflows on its way; it is marked, the others go on.
    with np.errstate(all="ignore"):
        parts = [
            _averaged(
                y[begin : begin + CHUNK],
                x if x.ndim == 2 else x[begin : begin + CHUNK],
                offset[begin : begin + CHUNK],
                model,
                before if before.ndim == 1 else before[begin : begin + CHUNK],
                slopes,
                passes,
            )
            for begin in range(0, len(y), CHUNK)
        ]
    fields = ("weights", "betas", "covs", "sigma2", "beta", "mu", "converged")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    return AveragedFit(**joined, df=parts[0].df)


def _averaged(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    model: Whitening,
    prior: np.ndarray,
    slopes: Slopes | None,
    passes: int,
) -> AveragedFit:
    q, triangle = orthonormal(x)
    inverse = np.linalg.inv(triangle)
    start = poisson(y, q, offset)
    gamma, mu = start.beta.copy(), start.mu.copy()
    count, n = y.shape
    k = q.shape[-1]
    points = len(model.log_det)
    design = np.moveaxis(q[None] if q.ndim == 2 else q, -1, 0)  # (k, 1 or S, n)
    betas, roots = np.full((count, points, k), np.nan), np.full((count, points, k, k), np.nan)
    sigma2, weights = np.full((count, points), np.nan), np.full((count, points), np.nan)
    converged = np.zeros(count, dtype=bool)
    active = np.flatnonzero(start.converged)
    for turn in range(2 * passes):
        if turn == passes:
            active = np.flatnonzero(start.converged & ~converged)
            gamma[active], mu[active] = start.beta[active], start.mu[active]
        if not len(active):
            continue
        own = design if q.ndim == 2 else design[:, active]
        root = np.sqrt(mu[active])
        columns = np.empty((k + 1, len(active), n))
        np.multiply(own, root, out=columns[:k])
        # The response is measured from the present fit, so that nothing large is subtracted.
        np.divide(y[active] - mu[active], root, out=columns[k])
        fit = over_grid(columns, model, prior if prior.ndim == 1 else prior[active])
        if slopes is not None:
            own_inverse = inverse if inverse.ndim == 2 else inverse[active]
            fit = _with_prior(fit, slopes.of @ own_inverse, slopes.sd, gamma[active], n - k)
        change = (fit.weights * fit.step).sum(axis=-1).T  # (S, k)
        size = np.maximum(1.0, np.abs(gamma[active]).max(axis=1))
        settled = (np.abs(change).max(axis=1) <= TOLERANCE * size) & (size < DIVERGED)
        if passes == 1:
            settled = np.isfinite(change).all(axis=1) & (size < DIVERGED)
        if settled.any():
            done = active[settled]
            converged[done] = True
            betas[done] = gamma[done, None] + np.moveaxis(fit.step[:, settled], 0, -1)
            roots[done] = fit.roots_of(settled)
            sigma2[done], weights[done] = fit.sigma2[settled], fit.weights[settled]
        gamma[active] += change if turn < passes else change / 2
        eta = np.einsum("ksn,sk->sn", own, gamma[active]) if q.ndim == 3 else gamma[active] @ q.T
        mu[active] = np.exp(np.clip(eta + offset[active], -60, 60))
        active = active[~settled & np.isfinite(change).all(axis=1)]
    inverse = inverse if inverse.ndim == 2 else inverse[:, None]
    betas = (inverse @ betas[..., None])[..., 0]
    roots = inverse @ (roots * np.sqrt(sigma2)[..., None, None])
    covs = roots @ np.swapaxes(roots, -1, -2)
    beta = np.einsum("sg,sgk->sk", weights, betas)
    df = n - k + (0 if slopes is None else slopes.of.shape[-2])
    return AveragedFit(weights, betas, covs, sigma2, beta, mu, converged, df)


@dataclass(frozen=True, slots=True)
class _OverGrid:
    """Generalized least squares of S series at G grid points.

    solved : systems (S, G) in the coefficients. step : (k, S, G) from the present coefficients.
    sigma2, weights, log_weights : (S, G). roots : (S, G, k, k), V with V V' the covariance over
    sigma2; None where it is that of `solved`.
    """

    solved: Eliminated
    step: np.ndarray
    sigma2: np.ndarray
    weights: np.ndarray
    log_weights: np.ndarray
    roots: np.ndarray | None = None

    def roots_of(self, chosen: np.ndarray) -> np.ndarray:
        """The roots of the series chosen."""
        return inverse_roots(self.solved, chosen) if self.roots is None else self.roots[chosen]


def over_grid(columns: np.ndarray, model: Whitening, prior: np.ndarray) -> _OverGrid:
    """Generalized least squares at every grid point.

    Parameters
    ----------
    columns : (k + 1, S, n), design columns and, last, the response. prior : (G,) or (S, G), log
        weights.
    """
    n, k = columns.shape[-1], len(columns) - 1
    packed = packed_grams(columns, model)
    solved = eliminate(packed)
    # A fit that leaves nothing over (all residuals nought) still needs a likelihood.
    rss = np.maximum(solved.rest, 1e-12 * np.maximum(packed[-1], 1e-12))
    log_det = model.log_det + np.log(solved.pivots).sum(axis=0)
    posterior = prior - (n - k) / 2 * np.log(rss) - log_det / 2
    return _OverGrid(solved, solved.solution, rss / (n - k), weights_of(posterior), posterior)


def weights_of(log_weights: np.ndarray) -> np.ndarray:
    """(S, G) proportional to exp, every row summing to 1."""
    weights = np.exp(log_weights - log_weights.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def _with_prior(fit: _OverGrid, of: np.ndarray, sd: float, gamma: np.ndarray, df: int) -> _OverGrid:
    """The same with a prior; see `shrunken`."""
    roots = inverse_roots(fit.solved, np.arange(len(gamma)))
    step, sigma2, roots, log_weights = shrunken(
        np.moveaxis(fit.step, 0, -1), fit.sigma2, roots, fit.log_weights, of, sd, gamma, df
    )
    step = np.ascontiguousarray(np.moveaxis(step, -1, 0))
    return _OverGrid(fit.solved, step, sigma2, weights_of(log_weights), log_weights, roots)


def shrunken(
    step: np.ndarray,
    sigma2: np.ndarray,
    roots: np.ndarray,
    log_weights: np.ndarray,
    of: np.ndarray,
    sd: float,
    gamma: np.ndarray,
    df: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Step (S, G, k), sigma2 (S, G), roots (S, G, k, k) and log weights (S, G) with a normal prior
    on p combinations `of` (p, k) or (S, p, k) of the coefficients, which are at gamma (S, k)."""
    gained, quadratic = np.zeros(sigma2.shape), np.zeros(sigma2.shape)
    several = of.shape[-2]
    for one in range(several):
        a = np.broadcast_to(of[..., one, :], gamma.shape)
        turned = np.swapaxes(roots, -1, -2) @ a[:, None, :, None]  # V'a
        own = (turned[..., 0] ** 2).sum(axis=-1)
        whole = own + sd**2 / sigma2
        slope = (a * gamma).sum(axis=1)[:, None] + (step @ a[..., None])[..., 0]
        step = step - (roots @ turned)[..., 0] * (slope / whole)[..., None]
        # (I - c w w')^2 = I - w w'/whole: what is left of the covariance has a root of its own.
        left = (1 - np.sqrt((1 - own / whole).clip(min=0))) / np.maximum(own, 1e-300)
        roots = roots - (roots @ turned) * left[..., None, None] * np.swapaxes(turned, -1, -2)
        quadratic += slope**2 / whole
        gained -= np.log(sigma2 * whole) / 2
    rss = df * sigma2
    scale = (rss + quadratic) / (df + several)
    log_weights = log_weights + gained - (df + several) / 2 * np.log1p(quadratic / rss)
    return step, scale, roots, log_weights


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
        raise FitError(fact("numeric.averaged.period-without-event-says-nothing"))
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
