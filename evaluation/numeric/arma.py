"""Exact maximum likelihood of a regression with seasonal ARMA errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evaluation.errors import FitError
from evaluation.numeric.linear import back, orthonormal

MAX_SCORE = 1e-6
# A partial correlation beyond this has its root on the unit circle for all that data can tell.
UNIT_ROOT = 0.995
# Two step sizes of the numerical Hessian must agree this well before errors are taken from it.
HESSIAN_AGREEMENT = 1e-3
_STEP = 2e-3


class Orders(NamedTuple):
    """Lags of the polynomials: (1 - phi B - ...)(1 - Phi B^s - ...) u = (1 + theta B + ...)
    (1 + Theta B^s + ...) e, the signs of R's `arima`."""

    p: int
    q: int
    seasonal_p: int = 0
    seasonal_q: int = 0
    season: int = 1

    @property
    def count(self) -> int:
        """How many ARMA coefficients there are."""
        return self.p + self.q + self.seasonal_p + self.seasonal_q

    @property
    def names(self) -> tuple[str, ...]:
        """ar1, ..., ma1, ..., sar1, ..., sma1, ...: the names and the sequence of R's `arima`."""
        parts = (
            ("ar", self.p),
            ("ma", self.q),
            ("sar", self.seasonal_p),
            ("sma", self.seasonal_q),
        )
        return tuple(f"{name}{j}" for name, lags in parts for j in range(1, lags + 1))


@dataclass(frozen=True, slots=True)
class ArmaFit:
    """A regression with seasonal ARMA errors at its maximum.

    Parameters
    ----------
    beta : (k,). cov : (k, k), the block of the inverse observed information of all parameters.
    parameters, parameter_errors : (m,), in the sequence of `Orders.names`. sigma2 : variance of
        the innovations, residual sum of squares over n. log_likelihood : exact, with constants.
    max_score : largest slope of the log-likelihood by an ARMA coefficient.
    innovations : (n,) one-step prediction errors, standardized to variance `sigma2`.
    prediction_errors : (n,) the same in units of the response.
    lag_one : first autocorrelation of the errors.
    """

    beta: np.ndarray
    cov: np.ndarray
    parameters: np.ndarray
    parameter_errors: np.ndarray
    sigma2: float
    log_likelihood: float
    max_score: float
    innovations: np.ndarray
    prediction_errors: np.ndarray
    lag_one: float


@dataclass(frozen=True, slots=True)
class Peak:
    """A maximum found quickly, before it is polished.

    Parameters
    ----------
    parameters : (m,). log_likelihood : exact. ar_root, ma_root : True when the maximum lies at a
        unit root of that side.
    """

    parameters: np.ndarray
    log_likelihood: float
    ar_root: bool
    ma_root: bool


def autocovariances(phi: np.ndarray, theta: np.ndarray, count: int) -> np.ndarray:
    """(count,) autocovariances of a stationary ARMA process with innovation variance one.

    The first p + 1 solve the Yule-Walker equations with the moving average's part on the right
    (Brockwell and Davis 1991, section 3.3, second method); the rest follow by recursion.

    Parameters
    ----------
    phi : (p,). theta : (q,), both with the seasonal polynomials multiplied out.
    """
    p, q = len(phi), len(theta)
    moving = np.concatenate([[1.0], theta])
    weights = np.zeros(q + 1)  # of the infinite moving average
    for j in range(q + 1):
        past = phi[: min(j, p)]
        weights[j] = moving[j] + past @ weights[j - 1 :: -1][: len(past)] if j else 1.0
    right = np.zeros(max(p, q, count - 1) + 1)
    for j in range(q + 1):
        right[j] = moving[j:] @ weights[: q + 1 - j]
    found = np.zeros(max(p + 1, count))
    lags = np.arange(p + 1)
    system = np.eye(p + 1)
    for j in range(1, p + 1):
        np.add.at(system, (lags, np.abs(lags - j)), -phi[j - 1])
    found[: p + 1] = np.linalg.solve(system, right[: p + 1])
    for lag in range(p + 1, count):
        found[lag] = right[lag] + (phi @ found[lag - 1 : lag - p - 1 : -1] if p else 0.0)
    return found[:count]


def fast_peak(y: np.ndarray, x: np.ndarray, time: np.ndarray, orders: Orders) -> Peak:
    """The maximum from one start, good to about 1e-4: enough to compare orders.

    Parameters
    ----------
    y : (n,). x : (n, k). time : (n,) whole-number times; gaps are allowed.
    """
    q, _ = orthonormal(x)
    return _climb(_Likelihood(y, q, time, orders), np.zeros(orders.count))


def arma(y: np.ndarray, x: np.ndarray, time: np.ndarray, orders: Orders) -> ArmaFit:
    """Exact maximum likelihood from several starts, polished by Newton's method.

    The log-likelihood is that of a normal vector with mean x beta and the autocovariances of the
    ARMA process, beta and sigma2 maximized out; a gap in time drops rows and columns of the
    covariance, which is exact. It equals R's `arima(method = "ML")` and statsmodels' SARIMAX.

    The covariance of beta is sigma2 (X'R^-1 X)^-1 + J C J', with J the derivative of the estimate
    of beta by the ARMA coefficients and C their covariance, the inverse of the numerical Hessian
    of the profile log-likelihood. By the inverse of a partitioned matrix that is the block of the
    inverse observed information of all parameters, which R reports. The Hessian is taken by
    central differences at two step sizes.

    Parameters
    ----------
    y : (n,). x : (n, k). time : (n,) whole-number times.

    Raises
    ------
    FitError : for a singular design or one that fits the response exactly, a maximum at a unit
        root, a slope above 1e-6, or a Hessian that is not a maximum's or changes with the step.
    """
    q, triangle = orthonormal(x)
    likelihood = _Likelihood(y, q, time, orders)
    peak = max(
        (_climb(likelihood, start) for start in _starts(orders)),
        key=lambda found: found.log_likelihood,
    )
    if peak.ar_root:
        raise FitError("the errors have a unit root: the autoregression wants to be differenced")
    if peak.ma_root:
        raise FitError(
            "the moving average ended on the unit circle: the series is differenced too often, or "
            "the order is too high"
        )
    parameters, score = _polished(likelihood, peak.parameters)
    hessian = _checked_hessian(likelihood, parameters)
    solution = likelihood.solve(parameters)
    assert solution is not None
    cov = solution.sigma2 * solution.bread
    spread = np.zeros((0, 0))
    if orders.count:
        spread = np.linalg.inv(-hessian)
        turn = _by_parameters(likelihood, parameters)
        cov = cov + turn @ spread @ turn.T
    beta, cov = back(triangle, solution.beta, cov)
    return ArmaFit(
        beta=beta,
        cov=cov,
        parameters=parameters,
        parameter_errors=np.sqrt(np.diagonal(spread)),
        sigma2=solution.sigma2,
        log_likelihood=solution.value,
        max_score=score,
        innovations=solution.white,
        prediction_errors=solution.white * solution.scale,
        lag_one=solution.lag_one,
    )


def kpss(y: np.ndarray) -> float:
    """The KPSS statistic for a stationary level, lag window trunc(3 sqrt(n) / 13).

    5 % of stationary series exceed .463 (Kwiatkowski, Phillips, Schmidt and Shin 1992, Journal of
    Econometrics 54:159-178, table 1); the lag is that of R's `forecast::ndiffs`.
    """
    n = len(y)
    centered = y - y.mean()
    variance = centered @ centered
    lag = int(3 * np.sqrt(n) / 13)
    for j in range(1, lag + 1):
        variance += 2 * (1 - j / (lag + 1)) * (centered[j:] @ centered[:-j])
    return float((np.cumsum(centered) ** 2).sum() / (n * variance))


@dataclass(frozen=True, slots=True)
class _Solution:
    value: float
    beta: np.ndarray
    bread: np.ndarray
    sigma2: float
    white: np.ndarray
    scale: np.ndarray
    lag_one: float


class _Likelihood:
    """The log-likelihood of one series, with all that does not change with the parameters."""

    def __init__(self, y: np.ndarray, q: np.ndarray, time: np.ndarray, orders: Orders) -> None:
        self.columns = np.column_stack([q, np.asarray(y, dtype=float)])
        self.gap = np.abs(time[:, None] - time[None, :])
        self.orders = orders
        left = self.columns[:, -1] - q @ (q.T @ self.columns[:, -1])
        # A residual this small is rounding: the design fits the response exactly.
        if left @ left <= 1e-20 * max(float((self.columns[:, -1] ** 2).sum()), 1e-300):
            raise FitError("the model fits the series exactly; there is nothing left to estimate")

    def value(self, parameters: np.ndarray) -> float:
        """The log-likelihood with beta and sigma2 maximized out; minus infinity outside."""
        parts = self._white(parameters)
        if parts is None:
            return -np.inf
        white, factor, _ = parts
        n = len(white)
        rss = np.linalg.qr(white, mode="r")[-1, -1] ** 2
        return float(
            -n / 2 * (np.log(2 * np.pi * rss / n) + 1) - np.log(np.diagonal(factor)).sum()
        )

    def solve(self, parameters: np.ndarray) -> _Solution | None:
        parts = self._white(parameters)
        if parts is None:
            return None
        white, factor, gamma = parts
        n, k = len(white), white.shape[1] - 1
        inverse = np.linalg.inv(white[:, :k].T @ white[:, :k])
        beta = inverse @ (white[:, :k].T @ white[:, k])
        residuals = white[:, k] - white[:, :k] @ beta
        sigma2 = float(residuals @ residuals) / n
        scale = np.diagonal(factor).copy()
        value = -n / 2 * (np.log(2 * np.pi * sigma2) + 1) - np.log(scale).sum()
        return _Solution(
            float(value), beta, inverse, sigma2, residuals, scale, float(gamma[1] / gamma[0])
        )

    def _white(self, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Columns with the correlation taken out, the Cholesky factor, the autocovariances."""
        from scipy.linalg import LinAlgError, cholesky, solve_triangular

        phi, theta = _multiplied(parameters, self.orders)
        if not (_invertible(-phi) and _invertible(theta)):
            return None
        gamma = autocovariances(phi, theta, int(self.gap.max()) + 1)
        try:
            factor = cholesky(gamma[self.gap], lower=True, check_finite=False)
        except LinAlgError:
            return None
        white = solve_triangular(factor, self.columns, lower=True, check_finite=False)
        return white, factor, gamma


def _multiplied(parameters: np.ndarray, orders: Orders) -> tuple[np.ndarray, np.ndarray]:
    """phi and theta with the seasonal polynomials multiplied out."""
    ar, ma, sar, sma = np.split(
        parameters, np.cumsum([orders.p, orders.q, orders.seasonal_p])[:3]
    )

    def product(short: np.ndarray, long: np.ndarray, sign: float) -> np.ndarray:
        seasonal = np.zeros(len(long) * orders.season + 1)
        seasonal[0] = 1.0
        seasonal[orders.season :: orders.season] = sign * long
        return sign * np.convolve(np.concatenate([[1.0], sign * short]), seasonal)[1:]

    return product(ar, sar, -1.0), product(ma, sma, 1.0)


def _invertible(coefficients: np.ndarray) -> bool:
    """Are all roots of 1 + c1 z + ... outside the unit circle?"""
    if not len(coefficients) or not coefficients.any():
        return True
    return bool(np.abs(np.roots(np.concatenate([[1.0], coefficients]))).max() < 1)


def _blocks(orders: Orders) -> list[tuple[slice, float]]:
    """Each polynomial's place among the parameters, and the sign of its partial correlations."""
    ends = np.cumsum([0, orders.p, orders.q, orders.seasonal_p, orders.seasonal_q])
    return [
        (slice(int(ends[i]), int(ends[i + 1])), sign) for i, sign in enumerate((1.0, -1.0) * 2)
    ]


def _from_partials(partials: np.ndarray, orders: Orders) -> np.ndarray:
    """Parameters from partial correlations inside (-1, 1), by Durbin and Levinson's recursion
    (Monahan 1984, Biometrika 71:403-404): every such set is stationary and invertible."""
    parameters = np.empty(len(partials))
    for place, sign in _blocks(orders):
        phi = np.empty(0)
        for partial in partials[place]:
            phi = np.append(phi - partial * phi[::-1], partial)
        parameters[place] = sign * phi
    return parameters


def _starts(orders: Orders) -> list[np.ndarray]:
    """Where to climb from: nought, and each mix of strong and weak starts of the two sides."""
    zero = np.zeros(orders.count)
    if not orders.count:
        return [zero]
    starts = [zero]
    for ar, ma in ((0.6, 0.0), (0.0, 0.6), (0.9, 0.9), (-0.6, 0.6), (0.6, -0.6)):
        start = np.zeros(orders.count)
        for (place, _), value in zip(_blocks(orders), (ar, ma) * 2, strict=True):
            if place.stop > place.start:
                start[place.start] = np.arctanh(value)
        if not any((start == known).all() for known in starts):
            starts.append(start)
    return starts


def _climb(likelihood: _Likelihood, start: np.ndarray) -> Peak:
    """The maximum reached from `start`, inverse hyperbolic tangents of partial correlations."""
    from scipy.optimize import minimize

    orders = likelihood.orders
    if not orders.count:
        return Peak(start, likelihood.value(start), False, False)

    def down(free: np.ndarray) -> float:
        value = likelihood.value(_from_partials(np.tanh(free), orders))
        return -value if np.isfinite(value) else 1e10

    # tanh(6) is a root within 1e-5 of the unit circle; nothing beyond it can be told apart.
    found = minimize(down, start, method="L-BFGS-B", bounds=[(-6.0, 6.0)] * orders.count)
    partials = np.tanh(found.x)
    far = np.abs(partials) > UNIT_ROOT
    ar, ma, sar, sma = (bool(far[place].any()) for place, _ in _blocks(orders))
    return Peak(_from_partials(partials, orders), -float(found.fun), ar or sar, ma or sma)


def _polished(likelihood: _Likelihood, parameters: np.ndarray) -> tuple[np.ndarray, float]:
    """Newton's method on the profile log-likelihood, and max|score| where it ended."""
    if not len(parameters):
        return parameters, 0.0
    value = likelihood.value(parameters)
    score = _gradient(likelihood.value, parameters)
    for _ in range(30):
        if np.abs(score).max() < MAX_SCORE / 100:
            break
        values, vectors = np.linalg.eigh(-_hessian(likelihood.value, parameters, _STEP))
        values = np.maximum(np.abs(values), 1e-8 * np.abs(values).max())
        step = vectors @ ((vectors.T @ score) / values)
        size = 1.0
        # Near the top rounding decides between two values: a hair's loss is no loss.
        while likelihood.value(parameters + size * step) < value - 1e-10 * abs(value):
            size /= 2
            if size < 1e-8:
                break
        parameters = parameters + size * step
        value = likelihood.value(parameters)
        before, score = np.abs(score).max(), _gradient(likelihood.value, parameters)
        if np.abs(score).max() < MAX_SCORE and np.abs(score).max() > before / 2:
            break
    worst = float(np.abs(score).max())
    if not worst < MAX_SCORE:
        raise FitError(f"the ARMA model did not converge: max|score| {worst:.2g}")
    return parameters, worst


def _gradient(function: Callable[[np.ndarray], float], at: np.ndarray) -> np.ndarray:
    """Central differences with four points, whose error is of the fourth order in the step."""
    slope, step = np.empty(len(at)), 2e-4
    for i in range(len(at)):
        unit = np.zeros(len(at))
        unit[i] = step
        near = function(at + unit) - function(at - unit)
        far = function(at + 2 * unit) - function(at - 2 * unit)
        slope[i] = (8 * near - far) / (12 * step)
    return slope


def _hessian(function: Callable[[np.ndarray], float], at: np.ndarray, step: float) -> np.ndarray:
    m = len(at)
    units = np.eye(m) * step
    curve = np.empty((m, m))
    middle = function(at)
    for i in range(m):
        curve[i, i] = (function(at + units[i]) - 2 * middle + function(at - units[i])) / step**2
        for j in range(i):
            plus = function(at + units[i] + units[j]) + function(at - units[i] - units[j])
            minus = function(at + units[i] - units[j]) + function(at - units[i] + units[j])
            curve[i, j] = curve[j, i] = (plus - minus) / (4 * step**2)
    return curve


def _checked_hessian(likelihood: _Likelihood, parameters: np.ndarray) -> np.ndarray:
    """The Hessian of the profile log-likelihood from two step sizes, extrapolated to none
    (Richardson), once the two are seen to agree."""
    if not len(parameters):
        return np.zeros((0, 0))
    wide = _hessian(likelihood.value, parameters, _STEP)
    narrow = _hessian(likelihood.value, parameters, _STEP / 2)
    if not np.isfinite(wide).all():
        raise FitError("the ARMA maximum lies too near a unit root for a standard error")
    apart = np.abs(wide - narrow).max() / np.abs(narrow).max()
    if not apart < HESSIAN_AGREEMENT:
        raise FitError(f"the ARMA likelihood is too uneven for a standard error ({apart:.1g})")
    hessian = (4 * narrow - wide) / 3
    if np.linalg.eigvalsh(hessian)[-1] >= 0:
        raise FitError("the ARMA likelihood is flat: its coefficients cannot be told apart")
    return np.asarray(hessian)


def _by_parameters(likelihood: _Likelihood, parameters: np.ndarray) -> np.ndarray:
    """(k, m): derivative of the estimate of beta by the ARMA coefficients."""

    def beta(at: np.ndarray) -> np.ndarray:
        solution = likelihood.solve(at)
        assert solution is not None  # the Hessian went farther out than this
        return solution.beta

    columns, step = [], _STEP / 4
    for i in range(len(parameters)):
        unit = np.zeros(len(parameters))
        unit[i] = step
        near = beta(parameters + unit) - beta(parameters - unit)
        far = beta(parameters + 2 * unit) - beta(parameters - 2 * unit)
        columns.append((8 * near - far) / (12 * step))
    return np.column_stack(columns)
