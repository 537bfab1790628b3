"""Log-link count models: Poisson by iterated least squares, many series at once, and NB2."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.absorb import eliminate, inverse_roots, pairs
from evaluation.numeric.shared.linear import back, orthonormal

MAX_SCORE = 1e-6
# A fitted mean this far below the series' own mean belongs to months that the model pushes to
# nought: some coefficient has no finite estimate.
VANISHING = 1e-7
# This many series at once fit the processor cache; it changes the speed, not the answer.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class PoissonFit:
    """Poisson maximum likelihood of S series.

    beta : (S, k). cov : (S, k, k), model-based, dispersion 1. mu : (S, n). pearson : (S,), sum of
    squared Pearson residuals over n - k. converged : (S,), the score is below 1e-6 and no mean
    vanishes.
    """

    beta: np.ndarray
    cov: np.ndarray
    mu: np.ndarray
    pearson: np.ndarray
    converged: np.ndarray


FIELDS = fields(PoissonFit)


def poisson(y: np.ndarray, x: np.ndarray, offset: np.ndarray, *, steps: int = 60) -> PoissonFit:
    """Poisson regressions with log link by iterated weighted least squares (McCullagh and
    Nelder 1989, section 2.5).

    Parameters
    ----------
    y : (S, n) counts. x : (n, k) shared or (S, n, k). offset : (n,) or (S, n), log exposure.

    Raises
    ------
    FitError : when the design is singular. A series that does not converge is marked instead, so
        that one bad series of many does not stop the others.
    """
    y = np.atleast_2d(np.asarray(y, dtype=float))
    q, triangle = orthonormal(x)
    offset = np.broadcast_to(offset, y.shape)
    parts = [
        _poisson(
            y[begin : begin + CHUNK],
            q if q.ndim == 2 else q[begin : begin + CHUNK],
            triangle if q.ndim == 2 else triangle[begin : begin + CHUNK],
            offset[begin : begin + CHUNK],
            steps,
        )
        for begin in range(0, len(y), CHUNK)
    ]
    if len(parts) == 1:
        return parts[0]
    joined = (np.concatenate([getattr(part, each.name) for part in parts]) for each in FIELDS)
    return PoissonFit(*joined)


def _poisson(
    y: np.ndarray, q: np.ndarray, triangle: np.ndarray, offset: np.ndarray, steps: int
) -> PoissonFit:
    count, n = y.shape
    k = q.shape[-1]
    level = y.mean(axis=1)
    mu = (y + np.maximum(level[:, None], 0.1)) / 2
    eta = np.log(mu)
    # With an intercept in the design a column scaled to one has a score of at most this order.
    small = MAX_SCORE * 1e-3 * np.sqrt(n) * np.maximum(level, 1e-3)
    gamma = np.zeros((count, k))
    converged = np.zeros(count, dtype=bool)
    active = np.arange(count)
    # A series without a finite estimate overflows on its way; it is marked, the others go on.
    with np.errstate(all="ignore"):
        for _ in range(steps):
            # A copy of the series still moving, or all of them as they are.
            some = active if len(active) < count else slice(None)
            own = q if q.ndim == 2 else q[some]
            mean, outcome, known = mu[some], y[some], offset[some]
            response = mean * (eta[some] - known) + (outcome - mean)
            solved = eliminate(_normal_equations(own, mean, response))
            gamma[some] = solved.solution.T
            eta[some] = _times(own, gamma[some]) + known
            mu[some] = np.exp(np.clip(eta[some], -60, 60))
            score = np.abs(_times_transposed(own, outcome - mu[some]))
            settled = (score <= small[some, None]).all(axis=1)
            converged[active[settled]] = True
            active = active[~settled & np.isfinite(score).all(axis=1)]
            if not len(active):
                break
        # The covariance needs the information there; one more step comes with it.
        solved = eliminate(_normal_equations(q, mu, mu * (eta - offset) + (y - mu)))
        gamma = solved.solution.T
        mu = np.exp(np.clip(_times(q, gamma) + offset, -60, 60))
        roots = np.linalg.inv(triangle) @ inverse_roots(solved, np.arange(count))
        cov = roots @ np.swapaxes(roots, -1, -2)
        beta = np.linalg.solve(triangle, gamma[..., None])[..., 0]
        pearson = ((y - mu) ** 2 / np.maximum(mu, 1e-300)).sum(axis=1) / (n - k)
    vanishing = mu.min(axis=1) < VANISHING * np.maximum(level, 1e-12)
    possible = ~vanishing & (level > 0)
    cov[~possible] = np.nan
    return PoissonFit(beta, cov, mu, pearson, converged & possible)


def _normal_equations(q: np.ndarray, mu: np.ndarray, response: np.ndarray) -> np.ndarray:
    """((k + 1)(k + 2)/2, S): q' diag(mu) q beside q' response, packed for `eliminate`.

    Parameters
    ----------
    q : (n, k) shared or (S, n, k). mu, response : (S, n).
    """
    k = q.shape[-1]
    first, second = pairs(k)
    packed = np.zeros(((k + 1) * (k + 2) // 2, len(mu)))
    rows, columns = pairs(k + 1)
    inside, beside = columns < k, (columns == k) & (rows < k)
    if q.ndim == 2:
        # All information matrices come from one product when the design is shared.
        packed[inside] = (q[:, first] * q[:, second]).T @ mu.T
    else:
        packed[inside] = (np.swapaxes(q, -1, -2) @ (mu[..., None] * q))[:, first, second].T
    packed[beside] = _times_transposed(q, response).T
    diagonal = rows == columns
    packed[diagonal] += 1e-12 * packed[diagonal].sum(axis=0)
    return packed


@dataclass(frozen=True, slots=True)
class NegativeBinomialFit:
    """NB2 maximum likelihood of one series: variance mu + alpha mu^2.

    cov : (k, k), inverse expected information of beta at the estimated alpha, which is
    orthogonal to beta (what R's `MASS::glm.nb` reports). alpha_se : from the observed
    information. boundary : True when alpha went to nought and the fit is Poisson.
    """

    beta: np.ndarray
    cov: np.ndarray
    mu: np.ndarray
    alpha: float
    alpha_se: float
    max_score: float
    boundary: bool


def negative_binomial(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    *,
    start: np.ndarray | None = None,
    steps: int = 200,
) -> NegativeBinomialFit:
    """NB2 regression with log link by Newton's method on (beta, log alpha) jointly
    (Lawless 1987, Canadian Journal of Statistics 15:209-225).

    Parameters
    ----------
    y : (n,) counts. x : (n, k). offset : (n,) log exposure. start : (k + 1,) coefficients and
        alpha to go on from.

    Raises
    ------
    FitError : when the Poisson start fails, or max|score| stays above 1e-6.
    """
    y = np.asarray(y, dtype=float)
    simple = poisson(y, x, offset)
    if not simple.converged[0]:
        raise FitError(fact("numeric.glm.poisson-start-negative-binomial-did"))
    q, triangle = orthonormal(x)
    n = len(q)
    mu = simple.mu[0]
    # The score for alpha at nought (Dean and Lawless 1989): without excess variance the maximum
    # is on the boundary.
    if ((y - mu) ** 2 - y).sum() <= 0:
        return NegativeBinomialFit(
            simple.beta[0], simple.cov[0], mu, 0.0, float("nan"), 0.0, boundary=True
        )
    gamma = triangle @ simple.beta[0]
    excess = ((y - mu) ** 2 - y).sum() / (mu**2).sum()
    parameters = np.append(gamma, np.log(max(excess, 1e-3)))
    if start is not None:
        parameters = np.append(triangle @ start[:-1], np.log(start[-1]))
    value, score, hessian = _nb2(parameters, y, q, offset)
    # Large counts have log-factorials that nearly cancel: what is left of them is rounding.
    rounding = 1e-15 * float((y * np.log1p(y)).sum())
    for _ in range(steps):
        if np.abs(score).max() < 1e-10 * max(n, 1):
            break
        step = _ascent(hessian, score)
        size = 1.0
        while size > 1e-10:
            trial = parameters + size * step
            # Below this alpha is nought, and its inverse no longer a number.
            trial[-1] = np.clip(trial[-1], -30.0, 30.0)
            value_new, score_new, hessian_new = _nb2(trial, y, q, offset)
            if np.isfinite(value_new) and value_new >= value - rounding - 1e-12 * abs(value):
                break
            size /= 2
        else:
            break
        parameters, value, score, hessian = trial, value_new, score_new, hessian_new
        if parameters[-1] < -16:
            return NegativeBinomialFit(
                simple.beta[0], simple.cov[0], simple.mu[0], 0.0, float("nan"), 0.0, boundary=True
            )
    worst = float(np.abs(score).max())
    negative_definite = bool((np.linalg.eigvalsh(hessian) < 0).all())
    if worst > MAX_SCORE or not negative_definite:
        raise FitError(fact("numeric.glm.negative-binomial-did-not-converge", worst=worst))
    alpha = float(np.exp(parameters[-1]))
    mu = np.exp(q @ parameters[:-1] + offset)
    weight = mu / (1 + alpha * mu)
    beta, cov = back(triangle, parameters[:-1], np.linalg.inv(q.T @ (weight[:, None] * q)))
    alpha_se = alpha * float(np.sqrt(np.linalg.inv(-hessian)[-1, -1]))
    return NegativeBinomialFit(beta, cov, mu, alpha, alpha_se, worst, boundary=False)


def _nb2(
    parameters: np.ndarray, y: np.ndarray, x: np.ndarray, offset: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-likelihood, score and Hessian in (beta, log alpha)."""
    from scipy.special import digamma, gammaln, polygamma

    alpha = float(np.exp(parameters[-1]))
    size = 1 / alpha
    mu = np.exp(np.clip(x @ parameters[:-1] + offset, -60, 60))
    total = size + mu
    value = (
        gammaln(y + size)
        - gammaln(size)
        - gammaln(y + 1)
        + size * np.log(size / total)
        + y * np.log(mu / total)
    ).sum()
    slope = size * (y - mu) / total  # d / d eta
    curve = -size * mu * (y + size) / total**2  # d2 / d eta2
    by_size = digamma(y + size) - digamma(size) + np.log(size / total) + 1 - (y + size) / total
    by_size2 = (
        polygamma(1, y + size) - polygamma(1, size) + 1 / size - 2 / total + (y + size) / total**2
    )
    cross = mu * (y - mu) / total**2  # d2 / (d eta d size)
    # log alpha = -log size, so d / d log alpha = -size d / d size.
    score = np.append(x.T @ slope, -size * by_size.sum())
    k = x.shape[1]
    hessian = np.empty((k + 1, k + 1))
    hessian[:k, :k] = x.T @ (curve[:, None] * x)
    hessian[:k, k] = hessian[k, :k] = -size * (x.T @ cross)
    hessian[k, k] = size**2 * by_size2.sum() + size * by_size.sum()
    return float(value), score, hessian


def _ascent(hessian: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Newton's step where the likelihood is concave, else one along a concave neighbor."""
    values, vectors = np.linalg.eigh(-hessian)
    values = np.maximum(np.abs(values), 1e-8 * np.abs(values).max())
    return np.asarray(vectors @ ((vectors.T @ score) / values))


def _times(x: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """(S, n): x beta, for a shared (n, k) or own (S, n, k) design."""
    return np.asarray(beta @ x.T if x.ndim == 2 else (x @ beta[..., None])[..., 0])


def _times_transposed(x: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """(S, k): x' residual."""
    if x.ndim == 2:
        return np.asarray(residual @ x)
    return np.asarray((np.swapaxes(x, -1, -2) @ residual[..., None])[..., 0])
