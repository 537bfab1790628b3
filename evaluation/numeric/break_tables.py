"""p-values of the largest, mean and exponential F statistic over unknown dates of a break."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Literal

import numpy as np

from evaluation.errors import FitError

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
        raise FitError(f"{columns} coefficients may change; p-values go up to {MOST_COLUMNS}")
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
    text = resources.files("evaluation.numeric").joinpath("hansen_1997.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines()[1:]]
    shape = (MOST_COLUMNS, len(_TRIMMINGS), 5)
    return {
        test: np.array([row[3:] for row in rows if row[0] == test], dtype=float).reshape(shape)
        for test in ("sup", "ave", "exp")
    }
