"""One structural break at an unknown date of a linear regression: F tests and the date.

A break is counted by the periods before it, which is the index of the first period after it and,
counting periods from 1, the last period of the first regime.

p-values of the largest, mean and exponential F statistic over unknown dates of a break.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import LEVEL, orthonormal

# A column this small after the others are taken out of it, relative to itself, says nothing.
DEPENDENT = 1e-7
# A sum of squares this small beside the one it is left from is rounding error.
ROUNDING = 1e-15


@dataclass(frozen=True, slots=True)
class FBreak:
    """F tests of S regressions for a break at any of C dates.

    before : (C,) candidates, as periods before the break. statistics : (S, C), Wald form:
    (RSS0 - RSS1) / (RSS1 / df), df = n - k - q. likelihood_ratios : (S, C), n log(RSS0 / RSS1).
    best : (S,) `before` of the largest. sup, ave, exp : (S,) the largest, the mean, and the log of
    the mean of exp(F/2), each with its p-value.
    """

    before: np.ndarray
    statistics: np.ndarray
    likelihood_ratios: np.ndarray
    best: np.ndarray
    sup: np.ndarray
    sup_p: np.ndarray
    ave: np.ndarray
    ave_p: np.ndarray
    exp: np.ndarray
    exp_p: np.ndarray


def candidates(n: int, columns: int, *, trim: float, last: float | None = None) -> np.ndarray:
    """(C,) dates that leave a share `trim` of n periods, and columns + 1 of them, at either end.

    Raises
    ------
    FitError : when no date does.
    """
    low = int(trim * n)
    high = n - low if last is None else int(last * n)
    low, high = max(low, columns + 1), min(high, n - columns - 1)
    if low > high:
        raise FitError(fact("numeric.breaks.periods-leave-no-date-break", n=n, columns=columns))
    return np.arange(low, high + 1)


def f_break(
    y: np.ndarray,
    x: np.ndarray,
    *,
    columns: np.ndarray | None = None,
    trim: float = 0.15,
    last: float | None = None,
) -> FBreak:
    """F tests for one break at an unknown date in S linear regressions with a common design.

    Andrews (1993, Econometrica 61:821-856) and Andrews and Ploberger (1994), with Hansen's (1997)
    p-values; with `columns` None the same numbers as `strucchange::Fstats` and `sctest`. The
    exceptions: one date alone gets its exact F test, and p never rises with the statistic
    (`hansen_p`). Errors are taken as uncorrelated with one variance; correlation makes all three
    tests reject too often. So, somewhat, does a trend among the columns, because the p-values are
    for regressors that vary alike all along: at 5 %, a level beside a trend was rejected in 7 to
    10 % of 96-month series without a break.

    All dates are projected at once, and every series shares the projections.

    Parameters
    ----------
    y : (n,) or (S, n). x : (n, k). columns : (q,) indices of the columns of x that may change, or
        None for all of them. trim : share left out at the beginning, and at the end unless `last`
        gives the last candidate as a share of n.

    Raises
    ------
    FitError : for a singular design, too few periods, more than 40 columns, or a series that the
        design fits without error.
    """
    from scipy.special import fdtrc, logsumexp

    y = np.atleast_2d(np.asarray(y, dtype=float))
    n, k = x.shape
    changing = x if columns is None else x[:, columns]
    tested = changing.shape[1]
    before = candidates(n, tested, trim=trim, last=last)
    df = n - k - tested
    if df < 1:
        raise FitError(
            fact("numeric.breaks.periods-too-few-break-coefficients", n=n, tested=tested, k=k)
        )
    q = orthonormal(x)[0]
    early = np.arange(n) < before[:, None]
    basis = _outside(q, early[:, :, None] * (changing / np.sqrt((changing**2).sum(axis=0))))
    residuals = y - y @ q @ q.T
    rss = (residuals**2).sum(axis=1)[:, None]
    explained = ((np.swapaxes(basis, 1, 2) @ residuals.T) ** 2).sum(axis=1).T
    if (rss <= ROUNDING * (y**2).sum(axis=1)[:, None]).any():
        raise FitError(fact("numeric.breaks.outcome-fits-without-error-even"))
    remaining = np.maximum(rss - explained, ROUNDING * rss)
    statistics = explained / (remaining / df)
    sup, ave = statistics.max(axis=1), statistics.mean(axis=1)
    exp = logsumexp(statistics / 2, axis=1) - np.log(len(before))
    if len(before) == 1:
        p = fdtrc(tested, df, sup / tested)
        p_values = {"sup": p, "ave": p, "exp": p}
    else:
        # One number for a range that need not be symmetric (Andrews 1993, p. 843).
        odds = (n - before[0]) * before[-1] / (before[0] * (n - before[-1]))
        tests: tuple[tuple[Test, np.ndarray], ...] = (("sup", sup), ("ave", ave), ("exp", exp))
        p_values = {
            test: hansen_p(value, test, columns=tested, trimming=1 / (1 + np.sqrt(odds)))
            for test, value in tests
        }
    return FBreak(
        before,
        statistics,
        n * np.log(rss / remaining),
        before[statistics.argmax(axis=1)],
        sup,
        p_values["sup"],
        ave,
        p_values["ave"],
        exp,
        p_values["exp"],
    )


def _outside(q: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(C, n, m) orthonormal bases of what C sets of columns add to q; nought where they add
    nothing."""
    left = columns
    for _ in range(2):  # once leaves rounding errors behind
        left = left - q @ (q.T @ left)
    turned, triangle = np.linalg.qr(left)
    inner, sizes, _ = np.linalg.svd(triangle)
    return np.asarray((turned @ inner) * (sizes > DEPENDENT)[:, None, :])


def likely_dates(before: np.ndarray, ratios: np.ndarray) -> np.ndarray:
    """The dates whose likelihood ratio is within 7.35 of the largest: a 95 % confidence set.

    The set may have gaps; its first and last entries bound it. Inverting the likelihood ratio of
    the date covers better than Wald-type intervals when the break is small (Eo and Morley 2015,
    Quantitative Economics 6:463-497): with 100 periods and a break of half a standard deviation
    it held the date in 97 % of series, Bai's interval in 86 %. The critical value
    -2 log(1 - sqrt(.95)) is that of errors without correlation and of one variance (Hansen 2000,
    Econometrica 68:575-603, theorem 1).

    Parameters
    ----------
    before : (C,) candidates. ratios : (C,), twice the log-likelihood up to a constant: a row of
        `FBreak.likelihood_ratios`, or `PoissonBreak.ratios`.

    Examples
    --------
    >>> likely_dates(np.array([20, 21, 22, 23]), np.array([1.0, 9.5, 12.0, 6.0])).tolist()
    [21, 22, 23]
    """
    critical = -2 * np.log(1 - np.sqrt(LEVEL))
    return np.asarray(before[ratios >= ratios.max() - critical])


Test = Literal["sup", "ave", "exp"]

# Hansen's functions were fitted to simulated p-values for 1 to 40 columns and these trimmings.
MOST_COLUMNS = 40
_TRIMMINGS = np.arange(49, 0, -2) / 100


def hansen_p(statistic: np.ndarray, test: Test, *, columns: int, trimming: float) -> np.ndarray:
    """(...) approximate asymptotic p-values (Hansen 1997, Journal of Business & Economic
    Statistics 15:60-67; `strucchange::sctest` on an `Fstats`).

    A p-value is the upper tail of chi-squared(df) at a polynomial of the statistic; coefficients
    and df are in hansen_1997.csv by test, number of columns and trimming, and lie linearly between
    neighboring trimmings. Some of the polynomials for "ave" and "exp" turn down where p is below
    .0001, which would let p rise with the statistic; here it stays at its least value.

    Far in the tail the functions are extrapolations, and those of "ave" and "exp" fall much too
    fast (Boston: sup 5e-6, exp 4e-23): in words, say no more than "below .001".

    Parameters
    ----------
    statistic : (...) F statistics in Wald form, combined by `test`. columns : coefficients that
        may change. trimming : share of the periods left out at either end when both are alike, up
        to .5, where there is only one date and p is chi-squared(columns).

    Raises
    ------
    FitError : when more than 40 coefficients may change.

    Examples
    --------
    >>> round(float(hansen_p(np.array(8.85), "sup", columns=1, trimming=0.15)), 3)
    0.045
    """
    from scipy.special import chdtrc

    if columns > MOST_COLUMNS:
        raise FitError(
            fact(
                "numeric.breaks.coefficients-may-change-p-values",
                columns=columns,
                most_columns=MOST_COLUMNS,
            )
        )
    statistic = np.asarray(statistic, dtype=float)
    coefficients = _table()[test][columns - 1]
    if trimming >= _TRIMMINGS[0]:
        share = (0.5 - trimming) / 0.01
        known = np.asarray(chdtrc(columns, statistic))
        return np.asarray(share * _tail(statistic, coefficients[0]) + (1 - share) * known)
    if trimming <= _TRIMMINGS[-1]:
        return _tail(statistic, coefficients[-1])
    place = (_TRIMMINGS[0] - trimming) / 0.02
    row = min(int(place), len(_TRIMMINGS) - 2)
    share = place - row
    wider, narrower = _tail(statistic, coefficients[row]), _tail(statistic, coefficients[row + 1])
    return np.asarray((1 - share) * wider + share * narrower)


def _tail(statistic: np.ndarray, row: np.ndarray) -> np.ndarray:
    from scipy.special import chdtrc

    polynomial, df = np.polynomial.Polynomial(row[:4]), float(row[4])
    value = polynomial(statistic)
    roots = np.asarray(polynomial.deriv().roots(), dtype=complex)
    for turn in roots.real[(np.abs(roots.imag) < 1e-12) & (roots.real > 0)]:
        value = np.where(statistic > turn, np.maximum(value, polynomial(turn)), value)
    return np.asarray(chdtrc(df, np.maximum(value, 0)))


@lru_cache(maxsize=1)
def _table() -> dict[str, np.ndarray]:
    """(40, 25, 5) for each test: b0 to b3 and df by columns and trimming."""
    text = (
        resources.files("evaluation.numeric.series").joinpath("hansen_1997.csv").read_text("utf-8")
    )
    rows = [line.split(",") for line in text.splitlines()[1:]]
    shape = (MOST_COLUMNS, len(_TRIMMINGS), 5)
    return {
        test: np.array([row[3:] for row in rows if row[0] == test], dtype=float).reshape(shape)
        for test in ("sup", "ave", "exp")
    }
