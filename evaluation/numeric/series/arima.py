"""Regressions with ARIMA errors by exact maximum likelihood, and the choice of their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.arma import (
    COMPLEX_STEP,
    Differenced,
    Likelihood,
    Order,
    differenced,
    likelihood,
    polynomials,
)
from evaluation.numeric.shared.ols import ols

MAX_SCORE = 1e-6
# Newton's steps go on to here, so that another machine stops at the same digits.
POLISHED = 1e-9
HESSIAN_STEP = 1e-5
# Where the first climb stops: the log-likelihood is then within about 1e-5 of its top, enough to
# rank orders; Newton's method does the rest.
CLIMBED = 1e-2
# AR, MA, seasonal AR, seasonal MA: the MA polynomial is written with the other sign.
SIGNS = 1, -1, 1, -1
# A climb starts no nearer to the edge than this partial autocorrelation.
INSIDE = 0.97
# A root this near the unit circle is an error model at its edge. For the choice of an order the
# bound is that of Hyndman and Khandakar (2008); a given order may go nearer.
EDGE, CHOICE_EDGE = 1.001, 1.01
# Highest orders tried, and the most ARMA parameters together (as R's forecast::auto.arima).
MOST, MOST_SEASONAL, MOST_TOGETHER = 3, 1, 5
# Kwiatkowski et al. (1992), table 1: 5 % for stationarity about a level.
KPSS_CRITICAL = 0.463
MOST_DIFFERENCES = 1
# A sum of squares this small beside that of the outcome is rounding error.
EXACT = 1e-20


@dataclass(frozen=True, slots=True)
class ArimaFit:
    """A regression with ARIMA errors.

    beta : (K,) coefficients, nought where differencing took the column. kept : (K,) False there.
    parameters : AR, MA, seasonal AR, seasonal MA. cov : (K + size, K + size), inverse of the
    observed information of both (sigma2 maximized out), noughts where a column is gone.
    value : log-likelihood. n : periods left after differencing. innovations : (n,) what is left of
    them once the correlation is taken out.
    """

    order: Order
    beta: np.ndarray
    kept: np.ndarray
    parameters: np.ndarray
    cov: np.ndarray
    sigma2: float
    value: float
    n: int
    max_score: float
    innovations: np.ndarray

    @property
    def df(self) -> int:
        """Periods less coefficients less ARMA parameters."""
        return self.n - int(self.kept.sum()) - self.order.size

    @property
    def aicc(self) -> float:
        """Akaike's criterion with the correction for short series (Hurvich and Tsai 1989)."""
        return _aicc(self.value, self.n, int(self.kept.sum()) + self.order.size + 1)


def fit(
    y: np.ndarray,
    x: np.ndarray,
    time: np.ndarray,
    order: Order,
    starts: Sequence[np.ndarray] = (),
) -> ArimaFit:
    """The regression of y on x with errors of a given ARIMA order, by exact maximum likelihood.

    The likelihood is climbed from several starts (BFGS on partial autocorrelations, which keeps
    to stationary and invertible models; Jones 1980, Technometrics 22:389-395), and the best is
    polished by Newton's method. Errors are from the Hessian of the log-likelihood in coefficients
    and ARMA parameters together, by central differences of its exact slope: what R's
    `arima(method = "ML")` reports, without that function's coarse steps.

    Parameters
    ----------
    y : (n,). x : (n, K). time : (n,) whole numbers; a gap is a run of missing periods.
    starts : ARMA parameters to climb from besides the usual ones.

    Raises
    ------
    FitError : for too few periods, dependent columns, an error model at the edge of stationarity
        or invertibility, or when max|score| stays above 1e-6.
    """
    data = differenced(y, x, time, order)
    usual = [np.zeros(order.size)]
    if order.size:
        usual += [np.full(order.size, 0.3), np.full(order.size, -0.3)]
    best, _ = _highest(data, order, [*starts, *usual])
    return _polished(data, order, best)


def choose(
    y: np.ndarray,
    x: np.ndarray,
    time: np.ndarray,
    period: int,
    *,
    seasonal: tuple[int, int, int] | None = None,
) -> tuple[ArimaFit, int]:
    """The fit of the order with the smallest AICc, and how many orders could be fitted.

    d is 1 when the least-squares residuals are not stationary about a level by the KPSS test (5 %,
    lag floor(3 sqrt(n) / 13), as R's forecast::ndiffs), else 0. There is no seasonal difference:
    a season that stays the same is in the design. Given d, every order with p, q <= 3, P, Q <= 1
    and no more than five ARMA parameters is fitted, not a path among them; those whose polynomials
    have a root within 1.01 of the unit circle do not count.

    Parameters
    ----------
    y, x, time : as in `fit`. period : periods a year; 1 has no seasonal part. seasonal : (P, D, Q)
        when it is given.

    Raises
    ------
    FitError : when no order can be fitted.
    """
    d = 0
    residuals = ols(y, x).residuals
    if float(residuals @ residuals) <= EXACT * max(float(y @ y), np.finfo(float).tiny):
        raise FitError(fact("numeric.arima.model-fits-series-exactly-there"))
    while d < MOST_DIFFERENCES and kpss(residuals) > KPSS_CRITICAL:
        d, residuals = d + 1, np.diff(residuals)
    data = differenced(y, x, time, next(_orders(d, period, seasonal)))
    climbed: dict[tuple[int, ...], np.ndarray] = {}
    ranked: list[tuple[float, Order]] = []
    for order in _orders(d, period, seasonal):
        starts = [_grown(order, block, small) for block, small in _parents(order, climbed)]
        best, value = _highest(data, order, starts or [np.zeros(order.size)])
        climbed[order.blocks] = best
        n, k = data.q.shape
        if n - k - order.size > 2 and nearest_root(order, best) >= CHOICE_EDGE:
            ranked.append((_aicc(value, n, k + order.size + 1), order))
    for _, order in sorted(ranked, key=lambda pair: pair[0]):
        try:
            return fit(y, x, time, order, [climbed[order.blocks]]), len(ranked)
        except FitError:
            continue
    raise FitError(fact("numeric.arima.no-arima-order-could-be"))


def kpss(residuals: np.ndarray) -> float:
    """The statistic of Kwiatkowski, Phillips, Schmidt and Shin (1992, Journal of Econometrics
    54:159-178) about a level, with floor(3 sqrt(n) / 13) lags."""
    n = len(residuals)
    centered = residuals - residuals.mean()
    lags = int(3 * np.sqrt(n) / 13)
    variance = float(centered @ centered) / n
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        variance += 2 * weight * float(centered[lag:] @ centered[:-lag]) / n
    return float((np.cumsum(centered) ** 2).sum()) / (n**2 * variance)


def nearest_root(order: Order, parameters: np.ndarray) -> float:
    """The smallest modulus of a root of the AR and MA polynomials; above 1 both are sound."""
    return min(_nearest(polynomial) for polynomial in polynomials(order, parameters))


def _nearest(polynomial: np.ndarray) -> float:
    roots = np.roots(np.trim_zeros(polynomial, "b")[::-1])
    return float(np.abs(roots).min(initial=np.inf))


def _orders(d: int, period: int, seasonal: tuple[int, int, int] | None) -> Iterator[Order]:
    """Orders to try, every one after those it contains."""
    top = MOST_SEASONAL if period > 1 else 0
    (least_p, difference, least_q), (most_p, _, most_q) = (
        ((0, 0, 0), (top, 0, top)) if seasonal is None else (seasonal, seasonal)
    )
    every = product(
        range(MOST + 1), range(MOST + 1), range(least_p, most_p + 1), range(least_q, most_q + 1)
    )
    for p, q, big_p, big_q in sorted(every, key=lambda blocks: (sum(blocks), blocks)):
        if p + q + big_p + big_q <= max(MOST_TOGETHER, least_p + least_q):
            yield Order(p, d, q, big_p, difference, big_q, period)


def _parents(
    order: Order, climbed: dict[tuple[int, ...], np.ndarray]
) -> list[tuple[int, np.ndarray]]:
    """The orders with one parameter fewer: which block lacks it, and their parameters."""
    found = []
    for block in range(4):
        smaller = tuple(size - (number == block) for number, size in enumerate(order.blocks))
        if smaller in climbed:
            found.append((block, climbed[smaller]))
    return found


def _grown(order: Order, block: int, parameters: np.ndarray) -> np.ndarray:
    """Parameters of the smaller order with a nought at the end of one block."""
    end = int(np.cumsum(order.blocks)[block])
    return np.insert(parameters, end - 1, 0.0)


def _aicc(value: float, n: int, parameters: int) -> float:
    return -2 * value + 2 * parameters * n / (n - parameters - 1)


def _highest(
    data: Differenced, order: Order, starts: Sequence[np.ndarray]
) -> tuple[np.ndarray, float]:
    """The best ARMA parameters that any start leads to, and the log-likelihood there."""
    every = [_climbed(data, order, start) for start in starts]
    values = [likelihood(data, order, parameters).value for parameters in every]
    best = int(np.argmax(values))
    return every[best], values[best]


def _climbed(data: Differenced, order: Order, start: np.ndarray) -> np.ndarray:
    """ARMA parameters at the top of the likelihood that is reached from a start."""
    from scipy.optimize import minimize

    if not order.size:
        return np.empty(0)
    identity = np.eye(order.size)

    def objective(free: np.ndarray) -> tuple[float, np.ndarray]:
        moved = _bounded(order, free + COMPLEX_STEP * 1j * identity)
        found = likelihood(data, order, moved[0].real)
        if not np.isfinite(found.value):
            return 1e10, np.zeros(order.size)
        return -found.value, -(moved.imag / COMPLEX_STEP) @ found.score

    reached = minimize(
        objective,
        _free(order, start),
        jac=True,
        method="BFGS",
        options={"gtol": CLIMBED, "maxiter": 200},
    )
    return _bounded(order, np.asarray(reached.x))


def _polished(data: Differenced, order: Order, parameters: np.ndarray) -> ArimaFit:
    """Newton's method to the top, and the errors there."""
    _refuse_edge(order, parameters)
    found = likelihood(data, order, parameters)
    for _ in range(30):
        if np.abs(found.score).max(initial=0.0) < POLISHED:
            break
        hessian, _ = _curvature(data, order, parameters)
        if not np.isfinite(hessian).all():
            break
        values, vectors = np.linalg.eigh(-hessian)
        step = vectors @ ((vectors.T @ found.score) / np.maximum(np.abs(values), 1e-8))
        best = found
        for size in 0.5 ** np.arange(12):
            trial = likelihood(data, order, parameters + size * step)
            smaller = np.abs(trial.score).max() < np.abs(found.score).max()
            if trial.value > found.value - 1e-9 and (smaller or trial.value > found.value + 1e-9):
                best, parameters = trial, parameters + size * step
                break
        if best is found:
            break
        found = best
    _refuse_edge(order, parameters)
    worst = float(np.abs(found.score).max(initial=0.0))
    hessian, by_parameter = _curvature(data, order, parameters)
    sound = np.isfinite(hessian).all() and bool((np.linalg.eigvalsh(hessian) < 0).all())
    if worst > MAX_SCORE or not sound:
        raise FitError(fact("numeric.arima.arima-did-not-converge-max", order=order, worst=worst))
    return _reported(data, order, parameters, found, by_parameter, hessian)


def _refuse_edge(order: Order, parameters: np.ndarray) -> None:
    ar, ma = (_nearest(polynomial) for polynomial in polynomials(order, parameters))
    if min(ar, ma) < EDGE:
        cure = fact(f"numeric.arima.{'wandering' if ar < ma else 'differenced-too-often'}")
        raise FitError(
            fact("numeric.arima.errors-arima-end-edge-what", order=order, ar=min(ar, ma), cure=cure)
        )


def _reported(
    data: Differenced,
    order: Order,
    parameters: np.ndarray,
    found: Likelihood,
    by_parameter: np.ndarray,
    hessian: np.ndarray,
) -> ArimaFit:
    """The fit in terms of the columns of the design."""
    inverse = np.linalg.inv(data.triangle)
    # The inverse of the joint information, by blocks: coefficients at given ARMA parameters, and
    # how they move with these.
    arma = np.linalg.inv(-hessian) if order.size else np.empty((0, 0))
    move = inverse @ by_parameter
    top = found.sigma2 * inverse @ found.bread @ inverse.T + move @ arma @ move.T
    k = len(data.kept)
    where = np.append(np.flatnonzero(data.kept), k + np.arange(order.size))
    cov = np.zeros((k + order.size, k + order.size))
    cov[np.ix_(where, where)] = np.block([[top, move @ arma], [arma @ move.T, arma]])
    beta = np.zeros(k)
    beta[data.kept] = inverse @ found.gamma
    return ArimaFit(
        order,
        beta,
        data.kept,
        parameters,
        cov,
        found.sigma2,
        found.value,
        len(data.y),
        float(np.abs(found.score).max(initial=0.0)),
        found.innovations,
    )


def _curvature(
    data: Differenced, order: Order, parameters: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Hessian (size, size) of the log-likelihood with coefficients and sigma2 maximized out, and
    how the coefficients move with the parameters (k, size); NaN next to the edge."""
    k = data.q.shape[1]
    hessian = np.empty((order.size, order.size))
    by_parameter = np.empty((k, order.size))
    for j in range(order.size):
        step = HESSIAN_STEP * np.eye(order.size)[j]
        up, down = (likelihood(data, order, parameters + sign * step) for sign in (1, -1))
        if not (np.isfinite(up.value) and np.isfinite(down.value)):
            return np.full_like(hessian, np.nan), np.full_like(by_parameter, np.nan)
        hessian[j] = (up.score - down.score) / (2 * HESSIAN_STEP)
        by_parameter[:, j] = (up.gamma - down.gamma) / (2 * HESSIAN_STEP)
    return (hessian + hessian.T) / 2, by_parameter


def _bounded(order: Order, free: np.ndarray) -> np.ndarray:
    """Parameters of a stationary and invertible model from any numbers, both (..., size): these are
    the inverse hyperbolic tangents of partial autocorrelations, block by block."""
    partial, parameters = np.tanh(free), np.empty_like(free)
    end = 0
    for size, sign in zip(order.blocks, SIGNS, strict=True):
        begin, end = end, end + size
        # Durbin and Levinson's recursion.
        for last in range(begin, end):
            reflection, phi = partial[..., last : last + 1], parameters[..., begin:last]
            parameters[..., begin:last] = phi - reflection * phi[..., ::-1]
            parameters[..., last] = sign * reflection[..., 0]
    return parameters


def _free(order: Order, parameters: np.ndarray) -> np.ndarray:
    """The inverse of `_bounded`, a little inside the edge."""
    partial = np.empty(order.size)
    end = 0
    for size, sign in zip(order.blocks, SIGNS, strict=True):
        begin, end = end, end + size
        phi = sign * parameters[begin:end]
        for last in range(end - 1, begin - 1, -1):
            partial[last] = reflection = np.clip(phi[-1], -INSIDE, INSIDE)
            phi = (phi[:-1] + reflection * phi[:-1][::-1]) / (1 - reflection**2)
    return np.asarray(np.arctanh(partial))
