"""Random-effects meta-analysis and meta-regression with known sampling variances.

y_i ~ N(x_i'beta, v_i + tau^2), i = 1..k studies, v_i known. What is called "metafor" here is the R
package of Viechtbauer (2010), Journal of Statistical Software 36(3), whose conventions are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.meta.tau import (
    ESTIMATORS,
    Estimator,
    between_variance,
    information,
    orthonormal,
    solved,
    spread_at,
)

Test = Literal["hartung-knapp-floor", "hartung-knapp", "t", "z"]
Method = Estimator | Literal["common"]
TESTS: Final = get_args(Test)


@dataclass(frozen=True, slots=True)
class Fit:
    """A meta-analysis, or meta-regression, of k studies on p coefficients.

    Parameters
    ----------
    beta, std_error, statistic, low, high, p_value : (p,). df : of their t distribution, infinite
        for the normal. cov : (p, p), with the factor `s2`.
    s2 : y'Py/(k - p), the variance about the weighted fit where 1 is expected; what `cov` was
        multiplied with is this, or at least 1, or 1, by the test.
    tau2 : variance between studies, 0 for a common effect. tau2_error : its asymptotic standard
        error for REML and ML, else NaN.
    q, q_df, q_p : Cochran's Q of what moderators leave over, chi squared (k - p).
    i2 : percent of the variance that is between studies. h2 : whole variance over sampling
        variance. v_typical : the sampling variance they set tau^2 against.
    w, hat : (k,) weights 1/(v + tau^2), and leverages.
    qm, qm_df, qm_df2, qm_p : test that all coefficients but the intercept are nought (all of them
        without an intercept): F(m, k - p) where the test is by t, else chi squared (qm_df2
        infinite). NaN with the intercept alone.
    r2 : percent of tau^2 without moderators that they take away; NaN when there is none to take.
    """

    beta: np.ndarray
    std_error: np.ndarray
    statistic: np.ndarray
    df: float
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    cov: np.ndarray
    s2: float
    tau2: float
    tau2_error: float
    q: float
    q_df: int
    q_p: float
    i2: float
    h2: float
    v_typical: float
    w: np.ndarray
    hat: np.ndarray
    qm: float
    qm_df: int
    qm_df2: float
    qm_p: float
    r2: float
    method: Method
    test: Test
    level: float

    @property
    def share(self) -> np.ndarray:
        """(k,) weights in percent of their sum."""
        return np.asarray(100 * self.w / self.w.sum())

    @property
    def critical(self) -> float:
        """How many standard errors half the interval is."""
        return _critical(self.df, self.level)


def fit(
    y: np.ndarray,
    v: np.ndarray,
    x: np.ndarray | None = None,
    *,
    method: Method = "REML",
    test: Test = "hartung-knapp-floor",
    level: float = 0.95,
) -> Fit:
    """The weighted mean of effects, or their regression on moderators.

    The test says where standard errors and their distribution come from:

    - "hartung-knapp": cov times s2 = y'Py/(k - p), t(k - p) (Hartung and Knapp 2001, Statistics in
      Medicine 20:3875-3889; Knapp and Hartung 2003, 22:2693-2710). metafor's "knha".
    - "hartung-knapp-floor": cov times max(1, s2), so that the interval is never shorter than that
      of "t" (Roever, Knapp and Friede 2015, BMC Medical Research Methodology 15:99). metafor's
      "adhoc".
    - "t", "z": cov as it is, t(k - p) or normal. metafor's "t" and "z".

    Parameters
    ----------
    y, v : (k,) effects and their known variances. x : (k, p) moderators with their column of ones;
        None for the mean alone. method : an estimator of tau^2, or "common" for tau^2 = 0.

    Raises
    ------
    FitError : for fewer than two studies, a variance that is not positive, moderators that are
        combinations of one another, or no degree of freedom left.
    """
    from scipy.special import chdtrc, fdtrc

    y, v, x = checked(y, v, x)
    if test not in TESTS:
        raise FitError(fact("numeric.pooled.names-no-test-mean-use", test=test, tests=tuple(TESTS)))
    k, p = x.shape
    span, back = orthonormal(x)
    inverse = np.linalg.inv(back)
    rows = (y[None], v[None], span)
    tau2 = np.zeros(1) if method == "common" else between_variance(*rows, method)
    now = solved(*rows, tau2)
    s2 = float(now.q[0]) / (k - p)
    factor = {"hartung-knapp": s2, "hartung-knapp-floor": max(1.0, s2)}.get(test, 1.0)
    cov = inverse @ now.bread[0] @ inverse.T * factor
    beta = inverse @ now.beta[0]
    std_error = np.sqrt(np.diagonal(cov))
    df = float("inf") if test == "z" else float(k - p)
    statistic = np.divide(beta, std_error, out=np.full(p, np.nan), where=std_error > 0)
    half = _critical(df, level) * std_error

    plain = solved(*rows, np.zeros(1))
    q = float(plain.q[0])
    square = np.einsum("k,kp,kq->pq", plain.w[0] ** 2, span, span)
    v_typical = (k - p) / float(plain.w.sum() - np.trace(plain.bread[0] @ square))
    if method == "common":
        # Without tau^2, from Q itself (Higgins and Thompson 2002).
        h2 = q / (k - p)
        i2 = 100 * max(0.0, (q - (k - p)) / q) if q > 0 else 0.0
    else:
        h2 = 1 + tau2[0] / v_typical
        i2 = 100 * tau2[0] / (tau2[0] + v_typical)
    error = np.nan
    if method in ("REML", "ML"):
        error = float(information(now, span, restricted=method == "REML")[0]) ** -0.5
    tested, m = _moderators(x)
    qm = qm_p = np.nan
    qm_df2 = df
    if m:
        part = beta[tested]
        qm = float(part @ np.linalg.solve(cov[np.ix_(tested, tested)], part))
        if np.isfinite(df):
            qm /= m
            qm_p = float(fdtrc(m, df, qm))
        else:
            qm_p = float(chdtrc(m, qm))
    return Fit(
        beta=beta,
        std_error=std_error,
        statistic=statistic,
        df=df,
        low=beta - half,
        high=beta + half,
        p_value=two_sided(statistic, df),
        cov=cov,
        s2=s2,
        tau2=float(tau2[0]),
        tau2_error=error,
        q=q,
        q_df=k - p,
        q_p=float(chdtrc(k - p, q)),
        i2=float(i2),
        h2=float(h2),
        v_typical=v_typical,
        w=now.w[0],
        hat=now.w[0] * np.einsum("kp,pq,kq->k", span, now.bread[0], span),
        qm=qm,
        qm_df=m,
        qm_df2=qm_df2,
        qm_p=qm_p,
        r2=_explained(y, v, float(tau2[0]), m, method),
        method=method,
        test=test,
        level=level,
    )


def prediction(
    found: Fit,
    at: np.ndarray | None = None,
    *,
    rule: Literal["as the test", "k - p - 1"] = "as the test",
) -> tuple[float, float]:
    """The range that holds the true effect of one more study like these.

    mean -+ c sqrt(var(mean) + tau^2). "as the test" takes c from the distribution of the mean, as
    metafor does: normal for "z", t(k - p) for the others. "k - p - 1" takes t(k - p - 1), t(k - 2)
    without moderators (Higgins, Thompson and Spiegelhalter 2009, Journal of the Royal Statistical
    Society A 172:137-159; metafor's pi.type = "Riley"), at least one degree of freedom.

    Parameters
    ----------
    at : (p,) moderators of that study; None for an intercept alone.
    """
    point = np.ones(1) if at is None else np.asarray(at, dtype=float)
    k, p = len(found.w), len(found.beta)
    df = found.df if rule == "as the test" else float(max(k - p - 1, 1))
    mean = float(point @ found.beta)
    half = _critical(df, found.level) * float(np.sqrt(point @ found.cov @ point + found.tau2))
    return mean - half, mean + half


@dataclass(frozen=True, slots=True)
class Spread:
    """A range of tau^2, and of I^2 (percent), which follows from it.

    `empty` when effects differ even less than the range allows for at tau^2 = 0: both ends are
    then nought.
    """

    low: float
    high: float
    i2_low: float
    i2_high: float
    empty: bool


def tau2_interval(
    y: np.ndarray, v: np.ndarray, x: np.ndarray | None = None, *, level: float = 0.95
) -> Spread:
    """The range of tau^2 whose generalized Q lies between the quantiles of chi squared (k - p).

    Viechtbauer (2007), Statistics in Medicine 26:37-52: the Q-profile. It does not depend on how
    tau^2 itself is estimated and can leave that estimate outside.
    """
    from scipy.special import chdtri

    y, v, x = checked(y, v, x)
    span = orthonormal(x)[0]
    k, p = x.shape
    tail = (1 - level) / 2
    low, high = (
        float(spread_at(y[None], v[None], span, np.array([chdtri(k - p, share)]))[0])
        for share in (tail, 1 - tail)
    )
    typical = fit(y, v, x, method="common", test="z").v_typical
    return Spread(
        low=low,
        high=high,
        i2_low=100 * low / (low + typical),
        i2_high=100 * high / (high + typical),
        empty=high == 0.0,
    )


def checked(
    y: np.ndarray, v: np.ndarray, x: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, variances and moderators as arrays of floats that belong together.

    Raises
    ------
    FitError : as `fit`.
    """
    y, v = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    x = np.ones((len(y), 1)) if x is None else np.asarray(x, dtype=float)
    if y.ndim != 1 or v.shape != y.shape or x.ndim != 2 or len(x) != len(y):
        raise FitError(fact("numeric.pooled.effects-variances-moderators-must-have"))
    if len(y) < 2:
        raise FitError(fact("numeric.pooled.stud-two-least-needed-pool", n_y=len(y)))
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise FitError(fact("numeric.pooled.effect-moderator-not-finite-number"))
    if not (np.isfinite(v).all() and (v > 0).all()):
        raise FitError(fact("numeric.pooled.sampling-variance-not-positive-number"))
    if len(y) <= x.shape[1]:
        raise FitError(
            fact("numeric.pooled.studies-too-few-coefficients-spread", n_y=len(y), shape=x.shape[1])
        )
    return y, v, x


def two_sided(statistic: np.ndarray, df: float) -> np.ndarray:
    """(p,) two-sided p of t(df), or of the normal when df is infinite."""
    from scipy.special import ndtr, stdtr

    size = -np.abs(statistic)
    return np.asarray(2 * (stdtr(df, size) if np.isfinite(df) else ndtr(size)))


def _critical(df: float, level: float) -> float:
    from scipy.special import ndtri, stdtrit

    share = (1 + level) / 2
    return float(stdtrit(df, share) if np.isfinite(df) else ndtri(share))


def _moderators(x: np.ndarray) -> tuple[np.ndarray, int]:
    """Indices of the coefficients to be tested together, and how many."""
    constant = (x == 1).all(axis=0)
    tested = np.flatnonzero(~constant) if constant.any() else np.arange(x.shape[1])
    return tested, len(tested)


def _explained(y: np.ndarray, v: np.ndarray, tau2: float, m: int, method: Method) -> float:
    """Percent of tau^2 that moderators take away."""
    if not m or method == "common" or method not in ESTIMATORS:
        return float("nan")
    alone = float(between_variance(y[None], v[None], np.ones((len(y), 1)), method)[0])
    return 100 * max(0.0, 1 - tau2 / alone) if alone > 0 else float("nan")
