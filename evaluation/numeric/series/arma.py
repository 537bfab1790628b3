"""ARMA processes with a seasonal factor: polynomials, autocovariances and the exact likelihood of a
regression with such errors, after differencing and around gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import orthonormal

# A column that differencing shrinks by this much was constant, or a season, before it.
VANISHED = 1e-9
# The complex-step derivative has no rounding error of its own, so the step can be tiny.
COMPLEX_STEP = 1e-30


@dataclass(frozen=True, slots=True)
class Order:
    """An order (p,d,q)(P,D,Q)[period]; parameters are ordered AR, MA, seasonal AR, seasonal MA."""

    p: int = 0
    d: int = 0
    q: int = 0
    P: int = 0
    D: int = 0
    Q: int = 0
    period: int = 1

    @property
    def size(self) -> int:
        """Number of ARMA parameters."""
        return self.p + self.q + self.P + self.Q

    @property
    def lost(self) -> int:
        """Periods that differencing costs."""
        return self.d + self.D * self.period

    @property
    def blocks(self) -> tuple[int, int, int, int]:
        return self.p, self.q, self.P, self.Q

    def __str__(self) -> str:
        seasonal = f"({self.P},{self.D},{self.Q})[{self.period}]"
        plain = f"({self.p},{self.d},{self.q})"
        return plain + seasonal if self.P or self.D or self.Q else plain


def polynomials(order: Order, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AR and MA polynomials, seasonal factor multiplied in, each with a leading one.

    Signs are those of R's `arima`: (1 - phi B - ...) w = (1 + theta B + ...) e.

    Parameters
    ----------
    parameters : (..., size).

    Returns
    -------
    (..., p + period P + 1) and (..., q + period Q + 1), by rising power of B.
    """
    phi, theta, seasonal_phi, seasonal_theta = np.split(
        parameters, np.cumsum(order.blocks)[:3], axis=-1
    )
    return (
        _product(-phi, -seasonal_phi, order.period),
        _product(theta, seasonal_theta, order.period),
    )


def _product(plain: np.ndarray, seasonal: np.ndarray, period: int) -> np.ndarray:
    short = np.concatenate([np.ones((*plain.shape[:-1], 1), plain.dtype), plain], axis=-1)
    length = short.shape[-1]
    long = np.zeros((*plain.shape[:-1], length + period * seasonal.shape[-1]), plain.dtype)
    long[..., :length] = short
    for j in range(seasonal.shape[-1]):
        first = period * (j + 1)
        long[..., first : first + length] += seasonal[..., j : j + 1] * short
    return long


def autocovariances(ar: np.ndarray, ma: np.ndarray, n: int) -> np.ndarray:
    """(S, n) autocovariances of lags 0 to n - 1 of S processes with innovation variance one.

    The first p + 1 solve the linear equations of Brockwell and Davis (1991, equation 3.3.8); the
    rest follow by their recursion.

    Parameters
    ----------
    ar : (S, p + 1). ma : (S, q + 1). Both real or complex; the process must be stationary.
    """
    from scipy.linalg.lapack import dtbtrs, ztbtrs

    count, p, q = len(ar), ar.shape[1] - 1, ma.shape[1] - 1
    psi = np.zeros((count, q + 1), dtype=ar.dtype)
    right = np.zeros((count, max(n, p + 1, q + 1)), dtype=ar.dtype)
    for lag in range(q + 1):
        reach = min(lag, p)
        past = psi[:, lag - reach : lag][:, ::-1]
        psi[:, lag] = ma[:, lag] - (ar[:, 1 : reach + 1] * past).sum(axis=1)
    for lag in range(q + 1):
        right[:, lag] = (ma[:, lag:] * psi[:, : q + 1 - lag]).sum(axis=1)
    if p == 0:
        return right[:, :n]
    # Equation k: sum over j of a_j gamma_|k-j| = right_k.
    row = np.arange(p + 1)
    below, above = row[:, None] - row, row[:, None] + row
    padded = np.concatenate([ar, np.zeros((count, p + 1), dtype=ar.dtype)], axis=1)
    lower = padded[:, np.where(below >= 0, below, p + 1)]
    upper = np.where(row > 0, padded[:, np.minimum(above, p + 1)], 0)
    first = np.linalg.solve(lower + upper, right[:, : p + 1, None])
    # What drives the recursion from rest so that it passes through the first p + 1.
    right[:, : p + 1] = (lower @ first)[..., 0]
    recursion = ztbtrs if np.iscomplexobj(ar) else dtbtrs
    for s in range(count):
        band = np.repeat(ar[s][:, None], right.shape[1], axis=1)
        right[s] = recursion(band, right[s], uplo="L", diag="U")[0]
    return right[:, :n]


@dataclass(frozen=True, slots=True)
class Differenced:
    """A regression after differencing.

    y : (m,). q : (m, k) orthonormal columns, x = q triangle. kept : (K,) which columns of the
    design survived. length : r, differences that the series without its gaps would have; m = r
    when it has none. place : (m,) which of them are observed, when nothing is differenced and
    there are gaps. basis : (m, r), the combinations of them that no gap touches, when both are.
    """

    y: np.ndarray
    q: np.ndarray
    triangle: np.ndarray
    kept: np.ndarray
    length: int
    place: np.ndarray | None = None
    basis: np.ndarray | None = None


def differenced(y: np.ndarray, x: np.ndarray, time: np.ndarray, order: Order) -> Differenced:
    """The regression that is left after differencing, without the columns that vanish.

    A period that is missing takes part as one that could have any value: only combinations of
    differences in which it cancels are kept. Without differencing those are the periods observed.

    Parameters
    ----------
    y : (n,). x : (n, k). time : (n,) whole numbers, rising.

    Raises
    ------
    FitError : when too few periods are left, or columns cannot be told apart.
    """
    place = (time - time[0]).astype(int)
    full = int(place[-1]) + 1
    if full <= order.lost:
        raise FitError(fact("numeric.arma.periods-too-few-differences", full=full, order=order))
    polynomial = np.ones(1)
    for _ in range(order.d):
        polynomial = np.convolve(polynomial, [1.0, -1.0])
    for _ in range(order.D):
        seasonal = np.zeros(order.period + 1)
        seasonal[0], seasonal[-1] = 1.0, -1.0
        polynomial = np.convolve(polynomial, seasonal)
    rows = full - order.lost
    operator = np.zeros((rows, full))
    for lag, weight in enumerate(polynomial):
        operator[np.arange(rows), np.arange(rows) + order.lost - lag] = weight
    basis = None
    if full > len(y) and order.lost:
        gaps = operator[:, np.setdiff1d(np.arange(full), place)]
        u, size, _ = np.linalg.svd(gaps)
        rank = int((size > VANISHED * size[0]).sum())
        basis = u[:, rank:].T
        operator = basis @ operator
    elif full > len(y):
        operator = operator[place]
    operator = operator[:, place]
    short = operator @ x
    # Against the largest entry: a trend becomes a constant, much smaller but not gone.
    kept = np.abs(short).max(axis=0) > VANISHED * np.abs(x).max(axis=0)
    q, triangle = orthonormal(short[:, kept])
    observed = place if full > len(y) and not order.lost else None
    return Differenced(operator @ y, q, triangle, kept, rows, observed, basis)


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-likelihood at given ARMA parameters, maximized over coefficients and sigma2.

    value : -infinity outside the stationary region. score : (size,) its slope. gamma : (k,)
    coefficients of the orthonormal columns. bread : (k, k) their covariance over sigma2.
    innovations : (n,) residuals with the correlation taken out, of variance sigma2.
    """

    value: float
    score: np.ndarray
    gamma: np.ndarray
    bread: np.ndarray
    sigma2: float
    innovations: np.ndarray


def likelihood(data: Differenced, order: Order, parameters: np.ndarray) -> Likelihood:
    """The exact Gaussian log-likelihood and its exact slope.

    The covariance is built from the autocovariances and factored (Cholesky); slopes of the
    autocovariances are complex-step derivatives, so that the score carries no rounding error of
    differences. Agrees with R's `arima(method = "ML")`.

    Parameters
    ----------
    parameters : (size,).

    Raises
    ------
    FitError : when the regression fits the series exactly.
    """
    from scipy.linalg import toeplitz
    from scipy.linalg.lapack import dpotrf, dpotri, dtrtrs

    n, k = data.q.shape
    nothing = np.empty(0)
    nowhere = Likelihood(
        -np.inf, np.full(order.size, np.nan), nothing, np.empty((0, 0)), 0.0, nothing
    )
    slopes = np.zeros((0, data.length))
    if order.size:
        moved = parameters + COMPLEX_STEP * 1j * np.eye(order.size)
        try:
            complex_gamma = autocovariances(*polynomials(order, moved), data.length)
        except np.linalg.LinAlgError:  # a unit root: there are no autocovariances
            return nowhere
        gamma, slopes = complex_gamma[0].real, complex_gamma.imag / COMPLEX_STEP
    else:
        gamma = np.zeros(data.length)
        gamma[0] = 1.0
    if not (np.isfinite(gamma).all() and gamma[0] > 0):
        return nowhere
    covariance = toeplitz(gamma)
    if data.place is not None:
        covariance = covariance[np.ix_(data.place, data.place)]
    if data.basis is not None:
        covariance = data.basis @ covariance @ data.basis.T
    factor, failed = dpotrf(covariance, lower=1)
    if failed:
        return nowhere
    white = dtrtrs(factor, np.column_stack([data.q, data.y]), lower=1)[0]
    orthogonal, triangle = np.linalg.qr(white[:, :k])
    inverse = np.linalg.inv(triangle)
    beta = inverse @ (orthogonal.T @ white[:, k])
    residuals = white[:, k] - white[:, :k] @ beta
    rss = float(residuals @ residuals)
    if rss <= 1e-20 * max(float(data.y @ data.y), 1e-300):
        raise FitError(fact("numeric.arma.model-fits-series-exactly-there"))
    sigma2 = rss / n
    value = -n / 2 * (np.log(2 * np.pi * sigma2) + 1) - np.log(np.diagonal(factor)).sum()
    score = np.zeros(order.size)
    if order.size:
        weighted = dtrtrs(factor, residuals, lower=1, trans=1)[0]
        if n == data.length:
            unit = np.eye(1, n)[0]
            first = dtrtrs(factor, dtrtrs(factor, unit, lower=1)[0], lower=1, trans=1)[0]
            diagonals = _inverse_toeplitz_diagonals(first)
        else:
            precision, _ = dpotri(factor, lower=1)
            precision = np.tril(precision) + np.tril(precision, -1).T
            precision, weighted = _spread(data, precision, weighted)
            diagonals = _diagonal_sums(precision)
        twice = np.full(data.length, 2.0)
        twice[0] = 1.0
        score = slopes @ (twice * (_products(weighted, weighted) / sigma2 - diagonals)) / 2
    return Likelihood(float(value), score, beta, inverse @ inverse.T, sigma2, residuals)


def _spread(
    data: Differenced, precision: np.ndarray, weighted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Precision (r, r) and weighted residuals (r,) with noughts for what no observation touches."""
    if data.basis is not None:
        return data.basis.T @ precision @ data.basis, data.basis.T @ weighted
    if data.place is not None:
        matrix, vector = np.zeros((data.length, data.length)), np.zeros(data.length)
        matrix[np.ix_(data.place, data.place)] = precision
        vector[data.place] = weighted
        return matrix, vector
    return precision, weighted


def _products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(n,) sums over t of left_t right_(t + lag), for lags 0 to n - 1."""
    return np.asarray(np.correlate(right, left, "full")[len(left) - 1 :])


def _inverse_toeplitz_diagonals(first: np.ndarray) -> np.ndarray:
    """(n,) sums along the diagonals of the inverse of a symmetric Toeplitz matrix, from the first
    column of that inverse (by the formula of Gohberg and Semencul 1972)."""
    n = len(first)
    place = np.arange(n)
    sums = (n - place) * _products(first, first) - 2 * _products(place * first, first)
    return np.asarray(sums / first[0])


def _diagonal_sums(matrix: np.ndarray) -> np.ndarray:
    """(n,) sums along the diagonal and along those to its right."""
    n = len(matrix)
    wide = np.zeros((n, 2 * n))
    wide[:, :n] = matrix
    # Read in rows longer by one, every row has moved one place to the left of the one before.
    flat = np.concatenate([wide.ravel(), np.zeros(n)])
    return np.asarray(flat.reshape(n, 2 * n + 1).sum(axis=0)[:n])
