"""Segmented regression with ARIMA errors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from evaluation.data import period as calendar
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.effects import Fitted, used
from evaluation.its.series import Series
from evaluation.its.solved import kept
from evaluation.numeric.series.arima import ArimaFit, choose
from evaluation.numeric.series.arima import fit as fit_order
from evaluation.numeric.series.arma import Order, autocovariances, polynomials
from evaluation.numeric.shared.linear import t_contrasts

MOST_TERMS = 5


def fit(
    series: Series,
    *,
    order: Sequence[int] | None = None,
    seasonal: Sequence[int] | None = None,
) -> Fitted:
    """The model with ARIMA(p,d,q)(P,D,Q) errors by exact Gaussian maximum likelihood.

    The design of the specification is the regression, its season included: seasonal ARMA terms
    come on top of it. Counts with an exposure are fitted as y over relative exposure. Coefficients
    and errors are those of R's `arima(y, order, seasonal, xreg, method = "ML")`; intervals are
    t(n - d - D periods a year - k - p - q - P - Q), where R's users take the normal. The washout
    is a run of missing periods, which the likelihood takes as such (Box and Tiao 1975, Journal of
    the American Statistical Association 70:70-79; Schaffer, Dobbins and Pearson 2021, BMC Medical
    Research Methodology 21:58).

    With d or D above nought the level of the series is a matter of where it happened to go, and
    the columns that differencing takes (the intercept; a season; the trend from two on) have no
    estimate. The path needs them all the same: they are set so that the model fits the settled
    periods best, given the other coefficients, so that the percent change is against what was
    observed there less the effect. A note says so; their errors are not of interest.

    Parameters
    ----------
    order : (p, d, q); None takes the one with the smallest AICc, as `numeric.arima.choose` says.
    seasonal : (P, D, Q); None with a given order is (0, 0, 0).

    Raises
    ------
    FitError : for several sites or a control, a singular design, as many coefficients and ARMA
        parameters as periods, an order that is none or does not suit the series, errors at the
        edge of stationarity, or max|score| above 1e-6.
    """
    if order is None:
        fitted, tried = kept(partial(_best, seasonal=seasonal), series)
        notes = [fact("its.arima.order-chosen", order=str(fitted.order), tried=tried)]
    else:
        y, x, time, length = _regression(series)
        season = _suited(seasonal, length)
        p, d, q = _three(order, "order")
        fitted = fit_order(y, x, time, Order(p, d, q, *(season or (0, 0, 0)), length))
        notes = [fact("its.arima.order-given", order=str(fitted.order))]
    if fitted.df < 1:
        n, k = fitted.n, fitted.n - fitted.df
        raise FitError(fact("numeric.linear.periods-too-few-coefficients", n=n, k=k))
    beta, cov = fitted.beta, fitted.cov[: len(fitted.beta), : len(fitted.beta)]
    if not fitted.kept.all():
        beta, cov = _leveled(series, fitted)
        gone = [name for name, stays in zip(series.names, fitted.kept, strict=True) if not stays]
        notes.append(fact("its.arima.taken-by-differencing", gone=gone))
    return Fitted(
        "identity",
        beta,
        partial(t_contrasts, beta, cov, fitted.df),
        rho=_lag_one(fitted),
        notes=tuple(notes),
        innovations=fitted.innovations,
        noise=_noise(series, fitted),
    )


def chosen(
    series: Series,
    *,
    order: Sequence[int] | None = None,
    seasonal: Sequence[int] | None = None,
) -> dict[str, object]:
    """The order that `fit` finds by AICc, as its settings; nothing when an order is given."""
    if order is not None:
        return {}
    best = kept(partial(_best, seasonal=seasonal), series)[0].order
    return {"order": (best.p, best.d, best.q), "seasonal": (best.P, best.D, best.Q)}


def _best(series: Series, *, seasonal: Sequence[int] | None) -> tuple[ArimaFit, int]:
    """The fit of the order that is chosen, and how many orders were tried."""
    y, x, time, length = _regression(series)
    return choose(y, x, time, length, seasonal=_suited(seasonal, length))


def _regression(series: Series) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Outcome over relative exposure, design, times, periods a year."""
    if len(series.rows.names) > 1:
        raise FitError(fact("its.arima.arima-errors-one-series-only"))
    y, x, _, time = used(series)
    # No whole number of weeks or days is a year: their season is the waves of the design.
    length = calendar.PER_YEAR[series.frequency] if series.frequency in calendar.MONTHS else 1
    return y / series.relative_exposure[series.kept], x, time, length


def _leveled(series: Series, fitted: ArimaFit) -> tuple[np.ndarray, np.ndarray]:
    """All coefficients and their covariance, with those that differencing took set by least
    squares on the settled periods (on all, when these are too few)."""
    kept = fitted.kept
    rows = series.settled
    if np.linalg.matrix_rank(series.x[rows][:, ~kept]) < int((~kept).sum()):
        rows = series.kept
    x, y = series.x[rows], series.y[rows] / series.relative_exposure[rows]
    inverse = np.linalg.pinv(x[:, ~kept])
    # Linear in the coefficients that are estimated: level = inverse (y - x beta).
    move = np.eye(len(kept))
    move[np.ix_(~kept, kept)] = -inverse @ x[:, kept]
    beta = fitted.beta.copy()
    beta[~kept] = inverse @ (y - x[:, kept] @ beta[kept])
    cov = fitted.cov[: len(kept), : len(kept)]
    return beta, move @ cov @ move.T


def _noise(series: Series, fitted: ArimaFit) -> np.ndarray:
    """(n,) standard deviation of the error of each row: that of stationary errors, or of a forecast
    from the last period before the start, in which moves add up (psi weights)."""
    ahead = np.maximum(series.time - series.start + 1, 1)
    order, steps = fitted.order, int(ahead.max())
    variance = fitted.sigma2 * fitted.n / fitted.df
    ar, ma = polynomials(order, fitted.parameters[None, :])
    if not order.lost:
        return np.full(series.n, np.sqrt(variance * autocovariances(ar, ma, 1)[0, 0]))
    whole = ar[0]
    for _ in range(order.d):
        whole = np.convolve(whole, [1.0, -1.0])
    for _ in range(order.D):
        whole = np.convolve(whole, [1.0, *np.zeros(order.period - 1), -1.0])
    psi = np.zeros(steps)
    for lag in range(steps):
        reach = min(lag, len(whole) - 1)
        past = psi[lag - reach : lag][::-1]
        own = ma[0, lag] if lag < ma.shape[1] else 0.0
        psi[lag] = own - whole[1 : reach + 1] @ past
    return np.asarray(np.sqrt(variance * np.cumsum(psi**2))[ahead - 1])


def _lag_one(fitted: ArimaFit) -> float | None:
    """The lag-1 correlation of stationary errors; None when they are differenced."""
    if fitted.order.lost:
        return None
    if not fitted.order.size:
        return 0.0
    gamma = autocovariances(*polynomials(fitted.order, fitted.parameters[None, :]), 2)[0]
    return float(gamma[1] / gamma[0])


def _three(numbers: Sequence[int], name: str) -> tuple[int, int, int]:
    given = tuple(numbers) if isinstance(numbers, Sequence | np.ndarray) else (numbers,)
    whole = all(
        isinstance(number, int | np.integer) and not isinstance(number, bool) for number in given
    )
    if len(given) != 3 or not whole or min(given) < 0 or max(given) > MOST_TERMS or given[1] > 2:
        raise FitError(
            fact(
                "its.arima.not-three-whole-numbers-such",
                name=name,
                numbers=numbers,
                most_terms=MOST_TERMS,
            )
        )
    return int(given[0]), int(given[1]), int(given[2])


def _suited(seasonal: Sequence[int] | None, length: int) -> tuple[int, int, int] | None:
    if seasonal is None:
        return None
    numbers = _three(seasonal, "seasonal")
    if any(numbers) and length == 1:
        raise FitError(fact("its.arima.data-by-year-have-no"))
    return numbers
