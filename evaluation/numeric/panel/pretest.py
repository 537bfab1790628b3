"""What a test of the periods before treatment can see, and what it does to the estimates after.

Two tests are in use. The joint one asks whether all estimates before treatment are nought, by
Wald's statistic. The other looks at the plot and is content when no single 95 % interval leaves
nought out. For either, a trend that it would miss half of the time can be told, and what would be
left of the estimates after treatment if there were such a trend and the test had been passed.

Roth (2022), American Economic Review: Insights 4:305-322, section I; Genz (1992), Journal of
Computational and Graphical Statistics 1:141-149, for the normal in a box; Hotelling (1931), Annals
of Mathematical Statistics 2:360-378, for the statistic with an estimated covariance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.linear import RANK_TOLERANCE

LEVEL = 0.05
# Points of the lattice for the normal in a box: its error is about 1e-5 in up to three dimensions,
# 2e-4 in ten and 1e-3 in fifty.
POINTS = 8192
# A slope beyond which every test rejects, in standard errors: where the search for one ends.
STEEPEST = 64.0


@dataclass(frozen=True, slots=True)
class Joint:
    """Wald's test that k estimates are nought: the statistic over k (for F) or as it is (for
    chi-squared), k, the denominator's degrees of freedom or None, and p."""

    statistic: float
    k: int
    df: float | None
    p_value: float


@dataclass(frozen=True, slots=True)
class Passed:
    """How the plot test fares under a trend, and what passing it means.

    Parameters
    ----------
    power : chance of at least one interval that leaves nought out. before, after : expected
        estimates given that it was passed, without any effect.
    """

    power: float
    before: np.ndarray
    after: np.ndarray


def joint(estimate: np.ndarray, cov: np.ndarray, df: float | None = None) -> Joint:
    """Wald's test of all estimates together.

    The statistic w = b' V^-1 b is chi-squared(k), or with a covariance from df + 1 independent
    clusters w (df - k + 1)/(df k) is F(k, df - k + 1), Hotelling's form.

    Parameters
    ----------
    estimate : (k,). cov : (k, k). df : of the covariance, clusters less 1; None when it is known.

    Raises
    ------
    FitError : when the covariance is singular, or there are not more clusters than estimates.
    """
    from scipy.special import chdtrc, fdtrc

    k = len(estimate)
    wald = float(estimate @ _solve(cov, estimate, df))
    if df is None:
        return Joint(wald, k, None, float(chdtrc(k, wald)))
    below = df - k + 1
    value = wald * below / (df * k)
    return Joint(value, k, below, float(fdtrc(k, below, value)))


def joint_power(
    trend: np.ndarray, cov: np.ndarray, df: float | None = None, *, level: float = LEVEL
) -> float:
    """The chance that the joint test rejects when the estimates have these means.

    Raises
    ------
    FitError : as `joint`.
    """
    from scipy.special import fdtri, ncfdtr
    from scipy.stats import chi2, ncx2

    k = len(trend)
    away = float(trend @ _solve(cov, trend, df))
    if df is None:
        return float(ncx2.sf(chi2.isf(level, k), k, away))
    below = df - k + 1
    # scipy.stats.ncf.sf gives -0.95 when there is no trend at all.
    return float(1 - ncfdtr(k, below, away, fdtri(k, below, 1 - level)))


def plot_power(trend: np.ndarray, cov: np.ndarray, critical: float) -> float:
    """The chance, under a trend, that an interval of `critical` standard errors misses nought."""
    return 1 - box(trend, cov, critical * np.sqrt(np.diagonal(cov)))[0]


def passed(trend: np.ndarray, cov: np.ndarray, before: int, critical: float) -> Passed:
    """What it means to have passed the plot test if there is this trend and no effect.

    Parameters
    ----------
    trend : (K,) expected estimates, the first `before` of them from before treatment. cov : (K, K)
        of the estimates.

    Raises
    ------
    FitError : when the covariance before treatment is singular.
    """
    own, cross = cov[:before, :before], cov[before:, :before]
    half = critical * np.sqrt(np.diagonal(own))
    first, rest = trend[:before], trend[before:]
    inside, mean = box(first, own, half)
    return Passed(
        power=1 - inside,
        before=mean,
        after=rest + cross @ _solve(own, mean - first, None),
    )


def slope_for(power: Callable[[np.ndarray], float], shape: np.ndarray, target: float) -> float:
    """The slope of a trend that a test finds with this chance; infinite when no slope is enough.

    Parameters
    ----------
    power : from the means of the estimates before treatment. shape : (k,) their means under a slope
        of 1, scaled so that one is of the size of a standard error.

    Raises
    ------
    FitError : when the test finds nothing as often as this.
    """
    from scipy.optimize import brentq

    if power(0 * shape) >= target:
        raise FitError(fact("numeric.pretest.test-rejects-without-any-trend", target=target))
    low, high = 0.0, 1.0
    while power(high * shape) < target:
        low, high = high, 2 * high
        if high > STEEPEST:
            return float("inf")
    return float(brentq(lambda slope: power(slope * shape) - target, low, high, xtol=1e-9))


def box(mean: np.ndarray, cov: np.ndarray, half: np.ndarray) -> tuple[float, np.ndarray]:
    """The chance that a normal is within `half` of nought in every coordinate, and its mean if so.

    Genz's separation of variables over a Richtmyer lattice with the tent map: no random numbers, so
    that the chance is a smooth function of the mean.

    Parameters
    ----------
    mean, half : (k,). cov : (k, k).

    Raises
    ------
    FitError : when the covariance is singular.
    """
    from scipy.special import ndtr, ndtri

    k = len(mean)
    root = _root(cov)
    lattice = np.abs(2 * ((np.arange(1, POINTS + 1)[:, None] * _irrationals(k)) % 1) - 1)
    z = np.zeros((POINTS, k))
    weight = np.ones(POINTS)
    for j in range(k):
        given = mean[j] + z[:, :j] @ root[j, :j]
        low, high = (-half[j] - given) / root[j, j], (half[j] - given) / root[j, j]
        # Taken in the lower tail, where small chances keep their digits.
        turned = low > 0
        left, right = np.where(turned, -high, low), np.where(turned, -low, high)
        below, chance = ndtr(left), ndtr(right) - ndtr(left)
        drawn = ndtri((below + lattice[:, j] * chance).clip(np.finfo(float).tiny, 1 - 1e-16))
        z[:, j] = np.where(turned, -1, 1) * np.clip(drawn, left, right)
        weight = weight * chance
    total = float(weight.mean())
    if total <= 0:
        return 0.0, np.clip(mean, -half, half)
    return total, np.asarray(mean + root @ (weight @ z) / (POINTS * total))


def _irrationals(k: int) -> np.ndarray:
    """(k,) roots of the first primes."""
    found: list[int] = []
    number = 2
    while len(found) < k:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return np.asarray(np.sqrt(found))


def _solve(cov: np.ndarray, right: np.ndarray, df: float | None) -> np.ndarray:
    """cov^-1 right."""
    if df is not None and df < len(right):
        raise FitError(
            fact(
                "numeric.pretest.estimates-before-treatment-cannot-be",
                n_right=len(right),
                df=df + 1,
            )
        )
    root = _root(cov)
    return np.asarray(np.linalg.solve(root.T, np.linalg.solve(root, right)))


def _root(cov: np.ndarray) -> np.ndarray:
    """The lower triangle whose square is the covariance."""
    scale = np.sqrt(np.diagonal(cov).clip(min=0))
    try:
        root = np.linalg.cholesky(cov / np.outer(scale, scale)) if (scale > 0).all() else None
    except np.linalg.LinAlgError:
        root = None
    if root is None or (np.diagonal(root) ** 2 < RANK_TOLERANCE).any():
        raise FitError(
            fact("numeric.pretest.covariance-estimates-before-treatment-singular", n_cov=len(cov))
        )
    return np.asarray(scale[:, None] * root)
