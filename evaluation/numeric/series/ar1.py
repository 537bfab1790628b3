"""REML of AR(1) regression errors, with Satterthwaite degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import back, orthonormal

# Errors this close to a unit root make the level and the intercept the same thing.
RHO_BOUND = 0.995


@dataclass(frozen=True, slots=True)
class Ar1Fit:
    """A regression with AR(1) errors.

    Parameters
    ----------
    beta : (k,). cov : (k, k), sigma2 (X' R^-1 X)^-1. rho, sigma2 : REML estimates.
    cov_by_rho : (k, k), derivative of `cov` by rho. rho_sigma_cov : (2, 2), inverse observed REML
        information of (rho, log sigma2). residuals : (n,), response less fit. mu : (n,) the
        fitted means of a count model, or of a linear one.
    at_bound : True when rho ended at the edge of what is searched.
    """

    beta: np.ndarray
    cov: np.ndarray
    rho: float
    sigma2: float
    cov_by_rho: np.ndarray
    rho_sigma_cov: np.ndarray
    residuals: np.ndarray
    mu: np.ndarray
    at_bound: bool

    def satterthwaite(self, gradients: np.ndarray) -> np.ndarray:
        """Degrees of freedom of contrasts, (m,), for gradients (m, k).

        2 V^2 / (g' A g) with V the contrast's variance, g its gradient by (rho, log sigma2) and A
        their covariance from the observed REML information; kept inside [2, n - k]
        (Satterthwaite 1946; Fai and Cornelius 1996).
        """
        n, k = len(self.residuals), len(self.beta)
        variance = np.einsum("mi,ij,mj->m", gradients, self.cov, gradients)
        by_rho = np.einsum("mi,ij,mj->m", gradients, self.cov_by_rho, gradients)
        slope = np.stack([by_rho, variance])  # d V / d log sigma2 = V
        spread = np.einsum("im,ij,jm->m", slope, self.rho_sigma_cov, slope)
        floor = np.finfo(float).tiny
        return np.asarray(np.clip(2 * variance**2 / np.maximum(spread, floor), 2.0, n - k))


def linear_reml(y: np.ndarray, x: np.ndarray, time: np.ndarray) -> Ar1Fit:
    """Linear regression with AR(1) errors by REML, exact in rho.

    The same maximum as R's `nlme::gls(correlation = corAR1(), method = "REML")`.

    Parameters
    ----------
    y : (n,). x : (n, k). time : (n,) whole-number times; a gap of d has correlation rho^d.

    Raises
    ------
    FitError : when the design is singular or fits the response exactly.
    """
    q, triangle = orthonormal(x)
    y = np.asarray(y, dtype=float)
    fit = _reml(y, q, time)
    return _in_terms_of_x(fit, triangle, x)


def linear_ml(
    y: np.ndarray, x: np.ndarray, time: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Linear regression with AR(1) errors by maximum likelihood: beta, covariance, rho, sigma2.

    sigma2 is RSS/n; the covariance takes RSS/(n - k), as `vcov` of R's
    `nlme::gls(correlation = corAR1(), method = "ML")` does.

    Raises
    ------
    FitError : when the design is singular or fits the response exactly.
    """
    from scipy.optimize import minimize_scalar

    q, triangle = orthonormal(x)
    n, k = q.shape

    def loss(rho: float) -> float:
        white, log_det = whiten(np.column_stack([q, y]), time, rho)
        rss = float(np.asarray(np.linalg.qr(white, mode="r"))[k, k] ** 2)
        return float(n / 2 * np.log(max(rss, 1e-300)) + log_det / 2)

    grid = np.linspace(-RHO_BOUND, RHO_BOUND, 80)
    best = int(np.argmin([loss(rho) for rho in grid]))
    inside = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    rho = float(minimize_scalar(loss, bounds=inside, method="bounded", options={"xatol": 1e-10}).x)
    white, _ = whiten(np.column_stack([q, y]), time, rho)
    turned, upper = np.linalg.qr(white[:, :k])
    inverse = np.linalg.inv(upper)
    gamma = inverse @ (turned.T @ white[:, k])
    rss = float(((white[:, k] - white[:, :k] @ gamma) ** 2).sum())
    if rss <= 1e-20 * max(float((y**2).sum()), 1e-300):
        raise FitError(fact("numeric.ar1.model-fits-series-exactly-there"))
    beta, cov = back(triangle, gamma, inverse @ inverse.T * rss / (n - k))
    return beta, cov, rho, rss / n


def poisson_reml(
    y: np.ndarray, x: np.ndarray, offset: np.ndarray, time: np.ndarray, *, passes: int = 200
) -> Ar1Fit:
    """Log-linear counts with AR(1) errors on the Pearson scale, by pseudo-likelihood REML.

    Linear REML of the working response sqrt(mu) (eta + (y - mu)/mu) on sqrt(mu) x, repeated until
    beta moves by less than 1e-9 (Wolfinger and O'Connell 1993). At the fixed point it equals
    `nlme::gls(corAR1, method = "REML")` of that response.

    Parameters
    ----------
    y : (n,) counts. x : (n, k). offset : (n,) log exposure. time : (n,).

    Raises
    ------
    FitError : when a coefficient has no finite estimate, or the passes do not settle.
    """
    y = np.asarray(y, dtype=float)
    start = poisson(y, x, offset)
    if not start.converged[0]:
        raise FitError(fact("numeric.ar1.coefficient-has-no-finite-estimate"))
    q, triangle = orthonormal(x)
    gamma, mu = triangle @ start.beta[0], start.mu[0]
    for _ in range(passes):
        root = np.sqrt(mu)
        try:
            fit = _reml(root * (q @ gamma) + (y - mu) / root, root[:, None] * q, time)
        except np.linalg.LinAlgError as fault:
            raise FitError(fact("numeric.ar1.fitted-means-span-too-many")) from fault
        moved = np.abs(fit.beta - gamma).max()
        gamma = fit.beta
        mu = np.exp(np.clip(q @ gamma + offset, -60, 60))
        if moved < 1e-9 * max(1.0, float(np.abs(gamma).max())):
            return _in_terms_of_x(fit, triangle, x, mu)
    raise FitError(fact("numeric.ar1.poisson-reml-did-not-settle", passes=passes, moved=moved))


def _reml(y: np.ndarray, x: np.ndarray, time: np.ndarray) -> Ar1Fit:
    from scipy.optimize import brentq

    grid = np.linspace(-RHO_BOUND, RHO_BOUND, 80)
    values = np.array([_profile(y, x, time, rho) for rho in grid])
    best = int(values.argmax())
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]

    def slope(rho: float) -> float:
        return _pieces(y, x, time, rho)[0]

    at_bound = False
    left, right = slope(low), slope(high)
    if left > 0 > right:
        rho = float(brentq(slope, low, high, xtol=1e-13, rtol=1e-14))
    else:
        rho = float(high if right >= 0 else low)
        at_bound = True
    _, beta, base, base_by_rho, sigma2, information, residuals = _pieces(y, x, time, rho)
    if np.linalg.eigvalsh(information)[0] > 0 and not at_bound:
        covariance = np.linalg.inv(information)
    else:  # nothing is known of rho at its bound beyond the scale's own uncertainty
        covariance = np.diag([0.0, 1 / information[1, 1]])
    return Ar1Fit(
        beta=beta,
        cov=sigma2 * base,
        rho=rho,
        sigma2=sigma2,
        cov_by_rho=sigma2 * base_by_rho,
        rho_sigma_cov=covariance,
        residuals=residuals,
        mu=y - residuals,
        at_bound=at_bound,
    )


def whiten(columns: np.ndarray, time: np.ndarray, rho: float) -> tuple[np.ndarray, float]:
    """Columns with the AR(1) correlation taken out, and log|R|.

    Parameters
    ----------
    columns : (n, m). time : (n,). The first row stays as it is (Prais and Winsten 1954).
    """
    gap = np.diff(time)
    carried = np.sign(rho) ** gap * abs(rho) ** gap
    spread = np.sqrt(1 - carried**2)
    rest = (columns[1:] - carried[:, None] * columns[:-1]) / spread[:, None]
    return np.concatenate([columns[:1], rest]), float(2 * np.log(spread).sum())


def _profile(y: np.ndarray, x: np.ndarray, time: np.ndarray, rho: float) -> float:
    """REML log-likelihood with beta and sigma2 maximized out, but for a constant."""
    n, k = x.shape
    white, log_det = whiten(np.column_stack([x, y]), time, rho)
    triangle = np.asarray(np.linalg.qr(white, mode="r"))
    rss = triangle[k, k] ** 2
    # A residual this small is rounding: the design fits the response exactly.
    if rss <= 1e-20 * max(float((y**2).sum()), 1e-300):
        raise FitError(fact("numeric.ar1.model-fits-series-exactly-there"))
    log_det_x = 2 * np.log(np.abs(np.diagonal(triangle)[:k])).sum()
    return float(-(n - k) / 2 * np.log(rss) - log_det / 2 - log_det_x / 2)


def _pieces(
    y: np.ndarray, x: np.ndarray, time: np.ndarray, rho: float
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, float, np.ndarray, np.ndarray]:
    """Slope of the profile likelihood at rho, and what belongs to the fit there.

    Returns
    -------
    slope, beta, (X' R^-1 X)^-1, its derivative by rho, sigma2, observed information of
    (rho, log sigma2), residuals.
    """
    n, k = x.shape
    gap = np.abs(time[:, None] - time[None, :]).astype(int)
    whole = np.arange(max(int(gap.max()), 1) + 1)
    r = ar1_matrix(time, rho)
    # Derivatives of rho^gap; a gap of one has slope one even at rho = 0, longer ones none there.
    power = np.sign(rho) ** whole * abs(rho) ** whole
    first = (whole * np.append(0.0, power[:-1]))[gap]
    second = (whole * (whole - 1) * np.append([0.0, 0.0], power[:-2]))[gap]
    inverse = np.linalg.inv(r)
    weighted = inverse @ x
    base = np.linalg.inv(x.T @ weighted)
    beta = base @ (weighted.T @ y)
    residuals = y - x @ beta
    projection = inverse - weighted @ base @ weighted.T
    sigma2 = float(residuals @ inverse @ residuals) / (n - k)
    py = projection @ y
    first_py, projected_first = first @ py, projection @ first
    trace = float(np.trace(projected_first))
    quadratic = float(py @ first_py)
    slope = -trace / 2 + quadratic / sigma2 / 2
    # Second derivatives of -1/2 log|R| - 1/2 log|X'R^-1X| - y'Py / (2 sigma2) by rho.
    trace2 = float(np.sum(projection * second.T) - np.sum(projected_first * projected_first.T))
    quadratic2 = float(py @ second @ py - 2 * first_py @ projection @ first_py)
    information = np.array(
        [
            [trace2 / 2 - quadratic2 / sigma2 / 2, quadratic / sigma2 / 2],
            [quadratic / sigma2 / 2, (n - k) / 2],
        ]
    )
    base_by_rho = base @ (weighted.T @ first @ weighted) @ base
    return slope, beta, base, base_by_rho, sigma2, information, residuals


def _in_terms_of_x(
    fit: Ar1Fit, triangle: np.ndarray, x: np.ndarray, mu: np.ndarray | None = None
) -> Ar1Fit:
    inverse = np.linalg.inv(triangle)
    return Ar1Fit(
        beta=inverse @ fit.beta,
        cov=inverse @ fit.cov @ inverse.T,
        rho=fit.rho,
        sigma2=fit.sigma2,
        cov_by_rho=inverse @ fit.cov_by_rho @ inverse.T,
        rho_sigma_cov=fit.rho_sigma_cov,
        residuals=fit.residuals,
        mu=fit.mu if mu is None else mu,
        at_bound=fit.at_bound,
    )
