"""Effects and their variances from two-by-two tables, and what several tables give together.

A table is treated (events a, others b) beside untreated (events c, others d); with time at risk,
a events in t1 and c events in t2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.meta.pooled import two_sided

Measure = Literal["RR", "OR", "RD", "PETO"]
Pooling = Literal["RR", "OR", "RD", "PETO", "IRR"]
# Added to every cell of a table that has a nought, and to no other (metafor's to = "only0").
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Effects:
    """y, v : (k,) effects (logs for ratios) and their variances. corrected : (k,) where one half
    was added."""

    y: np.ndarray
    v: np.ndarray
    corrected: np.ndarray


def from_tables(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, *, measure: Measure = "RR"
) -> Effects:
    """Log risk ratio, log odds ratio, risk difference, or Peto's log odds ratio of each table.

    One half is added to all four cells of a table in which one is nought, and to no other table, as
    metafor's escalc does (`together` takes cells as they are). With n1 = a + b, n2 = c + d:
    RR: log(a/n1) - log(c/n2), 1/a - 1/n1 + 1/c - 1/n2. OR: log(ad/bc), 1/a + 1/b + 1/c + 1/d.
    RD: a/n1 - c/n2, ab/n1^3 + cd/n2^3. PETO: (a - E)/V, 1/V, V hypergeometric (Yusuf and others
    1985, Progress in Cardiovascular Diseases 27:335-371).

    Parameters
    ----------
    a, b, c, d : (k,) whole numbers.

    Raises
    ------
    FitError : for a negative cell or an empty arm.
    """
    a, b, c, d = _cells(a, b, c, d)
    corrected = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    a, b, c, d = (cell + HALF * corrected for cell in (a, b, c, d))
    n1, n2 = a + b, c + d
    if measure == "RR":
        return Effects(np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2, corrected)
    if measure == "OR":
        return Effects(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, corrected)
    if measure == "RD":
        return Effects(a / n1 - c / n2, a * b / n1**3 + c * d / n2**3, corrected)
    if measure == "PETO":
        observed, expected, v = _hypergeometric(a, b, c, d)
        return Effects((observed - expected) / v, 1 / v, corrected)
    raise FitError(fact("numeric.effect-sizes.names-no-measure-use-rr", measure=measure))


def from_rates(a: np.ndarray, t1: np.ndarray, c: np.ndarray, t2: np.ndarray) -> Effects:
    """Log ratio of rates, log(a/t1) - log(c/t2), with variance 1/a + 1/c.

    One half is added to both counts where one is nought.

    Parameters
    ----------
    a, c : (k,) events. t1, t2 : (k,) time at risk.

    Raises
    ------
    FitError : for a negative count or no time at risk.
    """
    a, t1, c, t2 = (np.asarray(one, dtype=float) for one in (a, t1, c, t2))
    if (a < 0).any() or (c < 0).any():
        raise FitError(fact("numeric.effect-sizes.count-events-negative"))
    if (t1 <= 0).any() or (t2 <= 0).any():
        raise FitError(fact("numeric.effect-sizes.time-risk-not-positive"))
    corrected = (a == 0) | (c == 0)
    a, c = a + HALF * corrected, c + HALF * corrected
    return Effects(np.log(a / t1) - np.log(c / t2), 1 / a + 1 / c, corrected)


@dataclass(frozen=True, slots=True)
class Together:
    """One effect (log for ratios) common to all tables; the range is of the normal."""

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float


def together(
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray,
    d: np.ndarray,
    *,
    measure: Pooling = "OR",
    level: float = 0.95,
) -> Together:
    """The effect common to all tables by Mantel and Haenszel (1959), or by Peto; cells as they are.

    Variances: OR Robins, Breslow and Greenland (1986), Biometrics 42:311-323; RR and IRR Greenland
    and Robins (1985), Biometrics 41:55-68; RD Sato (1989), Biometrics 45:1323-1324.

    Parameters
    ----------
    a, b, c, d : (k,) cells. For IRR b and d are the times at risk of a and c.

    Raises
    ------
    FitError : when all tables together leave the ratio undefined.
    """
    from scipy.special import ndtri

    a, b, c, d = _cells(a, b, c, d)
    n1, n2 = a + b, c + d
    n = n1 + n2
    if measure == "PETO":
        observed, expected, v = _hypergeometric(a, b, c, d)
        total = v.sum()
        _defined(total > 0)
        estimate, variance = (observed - expected).sum() / total, 1 / total
    elif measure == "OR":
        agree, differ = (a + d) / n, (b + c) / n
        r, s = a * d / n, b * c / n
        up, down = r.sum(), s.sum()
        _defined(up > 0 and down > 0)
        estimate = np.log(up / down)
        variance = (
            (agree * r).sum() / up**2
            + (agree * s + differ * r).sum() / (up * down)
            + (differ * s).sum() / down**2
        ) / 2
    elif measure == "RR":
        up, down = (a * n2 / n).sum(), (c * n1 / n).sum()
        _defined(up > 0 and down > 0)
        estimate = np.log(up / down)
        variance = ((n1 * n2 * (a + c) / n**2 - a * c / n).sum()) / (up * down)
    elif measure == "IRR":
        time = b + d
        up, down = (a * d / time).sum(), (c * b / time).sum()
        _defined(up > 0 and down > 0)
        estimate = np.log(up / down)
        variance = ((a + c) * b * d / time**2).sum() / (up * down)
    elif measure == "RD":
        weight = (n1 * n2 / n).sum()
        estimate = (a * n2 / n - c * n1 / n).sum() / weight
        p_term = (c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2).sum()
        q_term = (a * (n2 - c) / n + c * (n1 - a) / n).sum() / 2
        variance = (estimate * p_term + q_term) / weight**2
    else:
        raise FitError(fact("numeric.effect-sizes.names-no-measure-use-rr-2", measure=measure))
    error = float(np.sqrt(variance))
    half = float(ndtri((1 + level) / 2)) * error
    center = float(estimate)
    p_value = float(two_sided(np.array([center / error]), float("inf"))[0])
    return Together(center, error, center - half, center + half, p_value)


def _defined(holds: bool | np.bool_) -> None:
    if not holds:
        raise FitError(fact("numeric.effect-sizes.arm-has-no-events-any"))


def _cells(*cells: np.ndarray) -> list[np.ndarray]:
    made = [np.asarray(cell, dtype=float) for cell in cells]
    if any((cell < 0).any() or not np.isfinite(cell).all() for cell in made):
        raise FitError(fact("numeric.effect-sizes.cell-table-negative-no-number"))
    if (made[0] + made[1] <= 0).any() or (made[2] + made[3] <= 0).any():
        raise FitError(fact("numeric.effect-sizes.arm-table-has-nobody"))
    return made


def _hypergeometric(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events observed and expected among the treated, and the variance of their number."""
    n1, n2, events, others = a + b, c + d, a + c, b + d
    n = n1 + n2
    return a, n1 * events / n, n1 * n2 * events * others / (n**2 * np.maximum(n - 1, 1))
