"""Nearest neighbors on a score, and the means of matched people with their errors.

Two means, one with and one without treatment, and what is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

DIGITS = 9


@dataclass(frozen=True, slots=True)
class Matches:
    """Who stands for whom.

    Parameters
    ----------
    treated : (m,) rows of the treated who found someone. controls : (m, r) rows of their controls,
        -1 where fewer than r were near enough. unmatched : (u,) rows of the treated without any.
    replace : True when one control may stand for several.
    """

    treated: np.ndarray
    controls: np.ndarray
    unmatched: np.ndarray
    replace: bool

    @property
    def shares(self) -> np.ndarray:
        """(m, r) what each control counts for its treated; rows sum to one."""
        there = self.controls >= 0
        return np.asarray(there / there.sum(axis=1, keepdims=True))

    def weights(self, n: int) -> np.ndarray:
        """(n,) one for a matched treated, the sum of its shares for a control, else nought."""
        weight = np.zeros(n)
        weight[self.treated] = 1
        there = self.controls >= 0
        np.add.at(weight, self.controls[there], self.shares[there])
        return weight


def nearest(
    score: np.ndarray,
    treated: np.ndarray,
    *,
    ratio: int = 1,
    caliper: float = np.inf,
    replace: bool = False,
) -> Matches:
    """The nearest untreated on `score` for each treated, not farther than `caliper`.

    Without replacement the treated choose one after another from the highest score down, `ratio`
    rounds of one control each (as `MatchIt::matchit(method = "nearest", m.order = "largest")`,
    which gives the same pairs). Of two that are equally near the first row is taken; scores that
    agree to nine digits are equal, so that rounding on another machine does not choose.

    Parameters
    ----------
    score : (n,). treated : (n,) bool.

    Raises
    ------
    FitError : when nobody finds a match.
    """
    ones, others = np.flatnonzero(treated), np.flatnonzero(~treated)
    score = np.round(score, DIGITS)
    found = np.full((len(ones), ratio), -1)
    if replace:
        for i, row in enumerate(ones):
            gap = np.abs(score[others] - score[row])
            order = np.argsort(gap, kind="stable")[:ratio]
            near = order[gap[order] <= caliper]
            found[i, : len(near)] = others[near]
    else:
        free = score[others].astype(float)
        queue = np.argsort(-score[ones], kind="stable")
        for turn in range(min(ratio, len(others))):
            for i in queue:
                gap = np.abs(free - score[ones[i]])
                best = int(np.argmin(gap))
                if gap[best] <= caliper and np.isfinite(gap[best]):
                    found[i, turn] = others[best]
                    free[best] = np.inf
    there = (found >= 0).any(axis=1)
    if not there.any():
        raise FitError(fact("numeric.nearest.no-treated-person-has-control"))
    return Matches(ones[there], found[there], ones[~there], replace)


def matched_means(
    y: np.ndarray, matches: Matches, score: np.ndarray, *, expected: np.ndarray | None = None
) -> Arms:
    """Mean of the matched treated, and of their controls.

    With replacement the variance of the difference is that of Abadie and Imbens (2006,
    Econometrica 74:235-267, theorem 7) for the treated,

        sum_i (y_i - y0_i - tau)^2 / m^2 + sum_j (K_j^2 - K2_j) s2_j / m^2,

    with K_j the sum and K2_j the sum of squares of the shares of control j, and s2_j half the
    squared difference to the nearest other control used or not (their J = 1). Without replacement
    the second sum is nought: matched sets are independent (Abadie and Spiess 2022, Journal of the
    American Statistical Association 117:983-995). The score is taken as known; estimating it makes
    the error of the ATT larger or smaller (Abadie and Imbens 2016, Econometrica 84:781-807).

    Parameters
    ----------
    y : (n,). expected : (n,) untreated outcomes by a model, which takes out what is left of the
        differences within pairs (Abadie and Imbens 2011, Journal of Business and Economic
        Statistics 29:1-11).
    """
    m = len(matches.treated)
    if m < 2:
        raise FitError(fact("numeric.nearest.single-matched-person-has-no"))
    base = np.zeros(len(y)) if expected is None else expected
    there, shares = matches.controls >= 0, matches.shares
    rest = y - base
    stood = (shares * np.where(there, rest[matches.controls], 0)).sum(axis=1)
    stood = stood + base[matches.treated]
    own = y[matches.treated]
    means = np.array([own.mean(), stood.mean()])
    off = np.column_stack([own - means[0], stood - means[1]])
    # m - 1 as in a paired t; with replacement as the article has it.
    cov = off.T @ off / m / (m if matches.replace else m - 1)
    if matches.replace:
        total, squares = np.zeros(len(y)), np.zeros(len(y))
        np.add.at(total, matches.controls[there], shares[there])
        np.add.at(squares, matches.controls[there], shares[there] ** 2)
        used = np.flatnonzero(total > 0)
        pool = np.setdiff1d(np.arange(len(y)), np.concatenate([matches.treated, matches.unmatched]))
        cov[1, 1] += (total[used] ** 2 - squares[used]) @ _noise(rest, score, used, pool) / m**2
    return Arms(means, cov)


def _noise(y: np.ndarray, score: np.ndarray, rows: np.ndarray, pool: np.ndarray) -> np.ndarray:
    """(len(rows),) variance of y given the score, from the nearest other in the pool."""
    variance = np.zeros(len(rows))
    score = np.round(score, DIGITS)
    for i, row in enumerate(rows):
        gap = np.abs(score[pool] - score[row])
        gap[pool == row] = np.inf
        variance[i] = (y[row] - y[pool[int(np.argmin(gap))]]) ** 2 / 2
    return variance


@dataclass(frozen=True, slots=True)
class Contrast:
    """An estimate and its standard error."""

    estimate: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Arms:
    """Mean outcome with and without treatment in one population.

    means : (2,), with treatment first. cov : (2, 2). df : of the t distribution, or None for the
    normal.
    """

    means: np.ndarray
    cov: np.ndarray
    df: float | None = None

    def difference(self) -> Contrast:
        """With less without."""
        return self._contrast(float(self.means[0] - self.means[1]), np.array([1.0, -1.0]))

    def log_ratio(self) -> Contrast:
        """Log of with over without, by the delta method.

        Raises
        ------
        FitError : when a mean is not positive.
        """
        if self.means.min() <= 0:
            raise FitError(fact("numeric.nearest.ratio-needs-positive-mean-on"))
        gradient = np.array([1.0, -1.0]) / self.means
        return self._contrast(float(np.log(self.means[0] / self.means[1])), gradient)

    def log_odds_ratio(self) -> Contrast:
        """Log of the odds with over the odds without, by the delta method.

        Raises
        ------
        FitError : when a mean is not between 0 and 1.
        """
        if self.means.min() <= 0 or self.means.max() >= 1:
            raise FitError(fact("numeric.nearest.odds-ratio-needs-risks-between"))
        odds = np.log(self.means / (1 - self.means))
        gradient = np.array([1.0, -1.0]) / (self.means * (1 - self.means))
        return self._contrast(float(odds[0] - odds[1]), gradient)

    def _contrast(self, estimate: float, gradient: np.ndarray) -> Contrast:
        return Contrast(estimate, float(np.sqrt(max(gradient @ self.cov @ gradient, 0.0))))


def from_influence(
    means: np.ndarray, influence: np.ndarray, cluster: np.ndarray | None = None
) -> Arms:
    """Arms from influence functions, whose mean is the error of the means.

    Without clusters the covariance is the sample covariance (n - 1) of the influence over n, so
    that the error of a difference is `sd(psi) / sqrt(n)`; intervals are normal. With clusters it
    is that of the sums in clusters, G/(G - 1) sum s s' / n^2; intervals are t(G - 1).

    Parameters
    ----------
    means : (2,). influence : (n, 2). cluster : (n,) labels; all different is as none.

    Raises
    ------
    FitError : when there is only one cluster.
    """
    n = len(influence)
    centered = influence - influence.mean(axis=0)
    labels, which = np.unique(np.arange(n) if cluster is None else cluster, return_inverse=True)
    count = len(labels)
    if count < 2:
        raise FitError(fact("numeric.nearest.error-by-cluster-needs-least"))
    if count == n:
        return Arms(means, centered.T @ centered / (n * (n - 1)))
    sums = np.zeros((count, 2))
    np.add.at(sums, which, centered)
    return Arms(means, sums.T @ sums / n**2 * count / (count - 1), float(count - 1))
