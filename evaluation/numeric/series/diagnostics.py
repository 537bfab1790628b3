"""Tests of what a fit leaves over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.correlation import ar1_matrix
from evaluation.numeric.shared.linear import LEVEL, orthonormal


def autocorrelations(residuals: np.ndarray, lags: int) -> np.ndarray:
    """(lags,) autocorrelations about the mean, each over the whole sum of squares."""
    centered = residuals - residuals.mean()
    square = centered @ centered
    return np.array([centered[j:] @ centered[:-j] / square for j in range(1, lags + 1)])


@dataclass(frozen=True, slots=True)
class Correlogram:
    """Autocorrelations and partial autocorrelations of lags 1 to L, each (L,); under white noise
    19 in 20 lie within `band` of nought."""

    acf: np.ndarray
    pacf: np.ndarray
    band: float


def correlogram(residuals: np.ndarray, lags: int) -> Correlogram:
    """The correlogram up to a lag, partial ones by Durbin and Levinson's recursion (`acf` and
    `pacf` in R; Brockwell and Davis 1991, proposition 5.2.1).

    Parameters
    ----------
    residuals : (n,). lags : below n.
    """
    from scipy.special import ndtri

    acf = autocorrelations(residuals, lags)
    pacf = np.empty(lags)
    weights = np.empty(0)
    for lag in range(lags):
        past = acf[:lag]
        pacf[lag] = (acf[lag] - weights @ past[::-1]) / (1 - weights @ past)
        weights = np.append(weights - pacf[lag] * weights[::-1], pacf[lag])
    return Correlogram(acf, pacf, float(ndtri((1 + LEVEL) / 2)) / float(np.sqrt(len(residuals))))


def durbin_watson(
    residuals: np.ndarray, x: np.ndarray, *, p: Literal["exact", "normal"] = "exact"
) -> tuple[float, float]:
    """Durbin and Watson's (1950) statistic and its p against positive lag-1 correlation under
    normal errors (`lmtest::dwtest`, which goes over to the normal p at 100 periods).

    The exact p is the chance of a smaller ratio of quadratic forms, by Imhof's (1961, Biometrika
    48:419-426) integral; "normal" matches two moments. Against negative correlation take one
    minus p.

    Parameters
    ----------
    residuals : (n,) of least squares. x : (n, k).
    """
    from scipy.integrate import quad
    from scipy.special import ndtr

    q = orthonormal(x)[0]
    statistic = float((np.diff(residuals) ** 2).sum() / (residuals @ residuals))
    basis = np.linalg.qr(q, mode="complete")[0][:, q.shape[1] :]
    steps = np.diff(basis, axis=0)
    roots = np.linalg.eigvalsh(steps.T @ steps) - statistic
    if p == "normal":
        deviation = np.sqrt(2 * roots.var() / (len(roots) + 2))
        return statistic, float(ndtr(-roots.mean() / deviation))

    def log_size(u: float) -> float:
        return float(np.log1p((roots * u) ** 2).sum()) / 4

    def wave(u: float) -> float:
        if u == 0:
            return float(roots.sum()) / 2
        return float(np.sin(np.arctan(roots * u).sum() / 2) * np.exp(-log_size(u))) / u

    end = 1.0
    while log_size(end) < 35:  # e^-35 of the integrand is left
        end *= 1.5
    area = quad(wave, 0.0, end, limit=500, epsabs=1e-12, epsrel=1e-10)[0]
    return statistic, float(np.clip(0.5 - area / np.pi, 0.0, 1.0))


def cumby_huizinga(
    residuals: np.ndarray,
    x: np.ndarray,
    first: int,
    last: int,
    *,
    moving_average: int = 0,
    errors: Literal["homoskedastic", "robust"] = "homoskedastic",
    regressors: Literal["predetermined", "exogenous"] = "predetermined",
) -> tuple[float, float]:
    """Cumby and Huizinga's (1992, Econometrica 60:185-195) test that the errors are a moving
    average of known order, against correlation at lags `first` to `last`; chi-squared p with
    last - first + 1 degrees of freedom.

    With order 0 and the other defaults it is Breusch and Godfrey's test of those lags. The
    convention is that of Stata's `actest`: lags before the first period are 0, all moments divide
    by n, the covariance sums lags up to the order with equal weight, and when that sum is
    indefinite its eigenvalues are replaced by their size (of the tested lags here, of all moments
    there). `actest` prints (first 1, order 0) for a range and (lag, lag, order lag - 1) for a lag.

    Parameters
    ----------
    residuals : (n,) of least squares. x : (n, k). moving_average : order under the null, below
        `first`. errors : "robust" allows for conditional heteroskedasticity. regressors :
        "exogenous" leaves out the correction for estimated coefficients.

    Raises
    ------
    FitError : when the lags do not lie above the order, or do not fit in the series.
    """
    from scipy.special import chdtrc

    n = len(residuals)
    if not 0 <= moving_average < first <= last or last + x.shape[1] >= n:
        raise FitError(
            fact(
                "numeric.diagnostics.lags-do-not-lie-between",
                first=first,
                last=last,
                moving_average=moving_average,
                n=n,
            )
        )
    lags = range(first, last + 1)
    lagged = np.column_stack([np.concatenate([np.zeros(j), residuals[:-j]]) for j in lags])
    moment = lagged.T @ residuals
    if regressors == "predetermined":
        q = orthonormal(x)[0]
        lagged = lagged - q @ (q.T @ lagged)
    covariance = np.zeros((len(lags), len(lags)))
    for gap in range(moving_average + 1):
        now, then = slice(gap, None), slice(None, n - gap)
        products = residuals[now] * residuals[then]
        weights = products if errors == "robust" else np.full(n - gap, products.sum() / n)
        cross = (lagged[now] * weights[:, None]).T @ lagged[then]
        covariance += cross if gap == 0 else cross + cross.T
    values, vectors = np.linalg.eigh(covariance)
    statistic = float(((vectors.T @ moment) ** 2 / np.abs(values)).sum())
    return statistic, float(chdtrc(len(lags), statistic))


def ljung_box(residuals: np.ndarray, lags: int) -> tuple[float, float]:
    """Ljung and Box's (1978) Q over `lags` lags and its chi-squared p (`Box.test` in R)."""
    from scipy.special import chdtrc

    n = len(residuals)
    r = autocorrelations(residuals, lags)
    q = n * (n + 2) * float((r**2 / (n - np.arange(1, lags + 1))).sum())
    return q, float(chdtrc(lags, q))


def breusch_godfrey(residuals: np.ndarray, x: np.ndarray, lags: int) -> tuple[float, float]:
    """Breusch and Godfrey's (1978) n R^2 of residuals on the design and their own lags, with
    lags before the first period set to 0, and its chi-squared p (`lmtest::bgtest`).

    Parameters
    ----------
    residuals : (n,). x : (n, k), the working design for a weighted fit.
    """
    from scipy.special import chdtrc

    n = len(residuals)
    lagged = np.column_stack(
        [np.concatenate([np.zeros(j), residuals[:-j]]) for j in range(1, lags + 1)]
    )
    q = np.linalg.qr(np.column_stack([x, lagged]))[0]
    explained = float(((q.T @ residuals) ** 2).sum() / (residuals**2).sum())
    return n * explained, float(chdtrc(lags, n * explained))


def innovations(residuals: np.ndarray, time: np.ndarray, rho: float, nugget: float) -> np.ndarray:
    """(n,) residuals with a correlation of (1 - nugget) AR1(rho) + nugget I taken out."""
    r = (1 - nugget) * ar1_matrix(time, rho) + nugget * np.eye(len(time))
    return np.asarray(np.linalg.solve(np.linalg.cholesky(r), residuals))


@dataclass(frozen=True, slots=True)
class Influence:
    """What each of n periods weighs in a fit, each field (n,).

    leverage : diagonal of the hat matrix. studentized : residual over its standard error, by the
    rule of the function that made it. cook : Cook's (1977) distance.
    """

    leverage: np.ndarray
    studentized: np.ndarray
    cook: np.ndarray


def linear_influence(residuals: np.ndarray, x: np.ndarray) -> Influence:
    """Influence in least squares; residuals are studentized with the variance of the other
    periods, so each is t(n - k - 1) (`hatvalues`, `rstudent`, `cooks.distance` of an `lm`).

    For weighted least squares or a whitened fit give residuals and design so transformed. A
    period that alone decides a coefficient has leverage 1, and nothing left to judge: 0 for the
    residual and the distance.

    Parameters
    ----------
    residuals : (n,). x : (n, k).
    """
    n, k = x.shape
    leverage, spare = _leverage(x)
    rss = float(residuals @ residuals)
    variance = np.maximum((rss - residuals**2 / spare) / (n - k - 1), np.finfo(float).tiny)
    studentized = residuals / np.sqrt(variance * spare)
    cook = (residuals / spare) ** 2 * leverage / (rss / (n - k) * k)
    judged = np.isfinite(spare)
    return Influence(leverage, np.where(judged, studentized, 0), np.where(judged, cook, 0))


def poisson_influence(
    y: np.ndarray, mu: np.ndarray, x: np.ndarray, *, dispersion: float = 1.0
) -> Influence:
    """Influence in a log-linear Poisson fit, by one step from the fit of all periods (Williams
    1987, Applied Statistics 36:181-191; `hatvalues`, `rstudent`, `cooks.distance` of a `glm`).

    Residuals join deviance and Pearson residual by leverage and are about normal. A dispersion
    divides their square and the distance; R's quasi-Poisson residuals use that of the others.

    Parameters
    ----------
    y : (n,) counts. mu : (n,) fitted means. x : (n, k), the design without weights.
    """
    from scipy.special import xlogy

    leverage, spare = _leverage(np.sqrt(mu)[:, None] * x)
    pearson = (y - mu) / np.sqrt(mu)
    deviance = np.maximum(2 * (xlogy(y, y / mu) - (y - mu)), 0)
    joined = np.sign(y - mu) * np.sqrt((deviance + leverage * pearson**2 / spare) / dispersion)
    cook = (pearson / spare) ** 2 * leverage / (dispersion * x.shape[1])
    judged = np.isfinite(spare)
    return Influence(leverage, np.where(judged, joined, 0), np.where(judged, cook, 0))


def _leverage(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hat values, and one minus them, which is infinite where a hat value is 1."""
    leverage = np.minimum((orthonormal(x)[0] ** 2).sum(axis=1), 1.0)
    spare = 1 - leverage
    # 10 times the rounding error, as in R's lm.influence.
    return leverage, np.where(spare < 10 * np.finfo(float).eps, np.inf, spare)
