"""What single studies do to a meta-analysis, and whether small ones differ from large ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.meta.pooled import Fit, Method, Test, checked, fit, two_sided

Side = Literal["left", "right"]
# The rounds of trim and fill; it settles in a few, or goes back and forth for ever.
ROUNDS = 100


def leave_one_out(
    y: np.ndarray,
    v: np.ndarray,
    x: np.ndarray | None = None,
    *,
    method: Method = "REML",
    test: Test = "hartung-knapp-floor",
    level: float = 0.95,
) -> tuple[Fit, ...]:
    """The fit without each study in turn, k of them.

    Raises
    ------
    FitError : when those left are too few, or no longer vary in a moderator.
    """
    y, v, x = checked(y, v, x)
    return tuple(
        fit(y[kept], v[kept], x[kept], method=method, test=test, level=level)
        for kept in ~np.eye(len(y), dtype=bool)
    )


def studentized(
    y: np.ndarray,
    v: np.ndarray,
    x: np.ndarray | None = None,
    *,
    method: Method = "REML",
    test: Test = "hartung-knapp-floor",
) -> np.ndarray:
    """(k,) residual of each study from the fit without it, over its standard error (Viechtbauer
    and Cheung 2010, Research Synthesis Methods 1:112-125); errors as `leave_one_out`."""
    y, v, x = checked(y, v, x)
    without = leave_one_out(y, v, x, method=method, test=test)
    factors = np.array([_factor(one) for one in without])
    tau2 = np.array([one.tau2 for one in without])
    seen = np.array([row @ one.cov @ row for row, one in zip(x, without, strict=True)])
    left = np.array([value - row @ one.beta for value, row, one in zip(y, x, without, strict=True)])
    return np.asarray(left / np.sqrt(seen + factors * (v + tau2)))


@dataclass(frozen=True, slots=True)
class Slope:
    """Whether effects change with their standard error.

    estimate, std_error, statistic, df, low, high, p_value : the change of the effect for one unit
    of standard error.
    """

    estimate: float
    std_error: float
    statistic: float
    df: float
    low: float
    high: float
    p_value: float


def egger(y: np.ndarray, v: np.ndarray, *, level: float = 0.95) -> Slope:
    """Egger's regression of effects on their standard errors, weights 1/v, t(k - 2).

    Egger and others (1997), BMJ 315:629-634, in the form of a weighted regression whose residual
    variance is estimated; metafor's regtest(model = "lm"). It says nothing below ten studies, and
    the effect and the error of a log ratio of counts are correlated even without missing studies.

    Raises
    ------
    FitError : for fewer than three studies, or equal standard errors.
    """
    from scipy.special import stdtrit

    y, v, _ = checked(y, v, None)
    if len(y) < 3:
        raise FitError(fact("numeric.influence.egger-s-regression-needs-least"))
    x = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    if np.ptp(v) <= 1e-12 * v.max():
        raise FitError(fact("numeric.influence.standard-errors-all-alike-effects"))
    root = 1 / np.sqrt(v)
    bread = np.linalg.inv((x * root[:, None] ** 2).T @ x)
    beta = bread @ x.T @ (y / v)
    df = float(len(y) - 2)
    error = np.sqrt(np.diagonal(bread) * ((root * (y - x @ beta)) ** 2).sum() / df)
    statistic = beta[1] / error[1]
    half = stdtrit(df, (1 + level) / 2) * error
    return Slope(
        estimate=float(beta[1]),
        std_error=float(error[1]),
        statistic=float(statistic),
        df=df,
        low=float(beta[1] - half[1]),
        high=float(beta[1] + half[1]),
        p_value=float(two_sided(np.array([statistic]), df)[0]),
    )


@dataclass(frozen=True, slots=True)
class Filled:
    """Trim and fill: how many studies seem to be missing on a side, and the fit with them added.

    y, v : (k + missing,) the studies with those filled in at the end.
    """

    missing: int
    side: Side
    y: np.ndarray
    v: np.ndarray
    fit: Fit


def trim_and_fill(
    y: np.ndarray,
    v: np.ndarray,
    *,
    side: Side | None = None,
    method: Method = "REML",
    test: Test = "z",
) -> Filled:
    """The funnel made symmetric by the estimator L0 of missing studies.

    Duval and Tweedie (2000), Biometrics 56:455-463: studies farthest out on the fuller side are
    taken away, the mean found, the ranks of distances from it say how many too many there are, and
    so on until the number stays; then their mirror images are added. A picture of one way studies
    could be missing, and never an estimate to report.

    Parameters
    ----------
    side : where studies are thought to be missing; by default opposite to where small studies
        lean.

    Raises
    ------
    FitError : when the number does not settle.
    """
    y, v, _ = checked(y, v, None)
    if side is None:
        lean = fit(y, v, np.column_stack([np.ones(len(y)), np.sqrt(v)]), method=method, test="z")
        side = "right" if lean.beta[1] < 0 else "left"
    flip = -1.0 if side == "right" else 1.0
    order = np.argsort(flip * y, kind="stable")
    turned, noise = flip * y[order], v[order]
    k, missing = len(y), 0
    for _ in range(ROUNDS):
        kept = k - missing
        if kept < 2:
            raise FitError(fact("numeric.influence.trim-fill-would-take-away"))
        center = fit(turned[:kept], noise[:kept], method=method, test="z").beta[0]
        away = turned - center
        rank = np.argsort(np.argsort(np.abs(away), kind="stable"), kind="stable") + 1
        total = rank[away > 0].sum()
        # Half to even, as R rounds.
        found = max(0, int(np.rint((4 * total - k * (k + 1)) / (2 * k - 1))))
        if found == missing:
            break
        missing = found
    else:
        raise FitError(fact("numeric.influence.trim-fill-does-not-settle"))
    mirrored = flip * (2 * center - turned[k - missing :])
    all_y = np.concatenate([y, mirrored])
    all_v = np.concatenate([v, noise[k - missing :]])
    return Filled(missing, side, all_y, all_v, fit(all_y, all_v, method=method, test=test))


def _factor(found: Fit) -> float:
    """What the covariance of a fit was multiplied with."""
    if found.test == "hartung-knapp":
        return found.s2
    return max(1.0, found.s2) if found.test == "hartung-knapp-floor" else 1.0
