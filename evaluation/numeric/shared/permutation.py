"""P-values when other units, or other dates, count as treated; and p-values of many tests.

Those that hold over a family of hypotheses are Holm's, and Romano and Wolf's from draws. Those of
Benjamini and Hochberg and of Holm are `statsmodels.stats.multitest.multipletests`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from math import comb

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.draws import BitGenerator, uniforms

# Statistics this close, relative to the actual one, count as tied, and so as at least as extreme.
TIE = 1e-9
# Assignments are judged this many at a time, which bounds the memory.
CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Rank:
    """Where the actual statistic stands among those of other assignments.

    p_value : share of assignments, the actual one counted, whose statistic is as far from nought.
    smallest : the smallest p this test can give: one over the assignments judged, or over those
    possible when these are fewer. total : assignments judged, with the actual one. exact : True
    when these are all there are.
    """

    p_value: float
    smallest: float
    total: int
    exact: bool


def rank(
    actual: float, others: np.ndarray, *, possible: int | None = None, exact: bool = True
) -> Rank:
    """The two-sided rank of the actual statistic among itself and those of other assignments.

    Ties count as at least as extreme, and so does an estimate without a finite value. An
    assignment that cannot be estimated at all (NaN) is left out.

    Parameters
    ----------
    others : (A,) statistics of the assignments, without the actual one; drawn ones may repeat it.
    possible : different assignments there are, when `others` are drawn from them.
    """
    others = others[~np.isnan(others)]
    reached = int((np.abs(others) >= abs(actual) * (1 - TIE)).sum())
    total = len(others) + 1
    smallest = 1 / min(total, possible or total)
    return Rank((1 + reached) / total, smallest, total, exact)


def last_kept(others: np.ndarray, level: float = 0.05) -> float:
    """The largest size of a statistic whose rank among `others` has a p of `level` or more.

    A hypothesis is rejected when its p is below the level, so that a range of what is not rejected
    leaves nought out exactly when p is below the level. Infinite when no rank is so small.

    Parameters
    ----------
    others : (A,) statistics of the assignments, without the actual one; NaN are left out.
    """
    sizes = np.sort(np.abs(others[~np.isnan(others)]))
    total = len(sizes) + 1
    # The most that may be as far out, the actual one counted, with a p still below the level.
    most = int(np.ceil(level * total * (1 - TIE))) - 1
    if most < 1:
        return float("inf")
    return float(sizes[len(sizes) - most]) / (1 - TIE)


class StaticEffects:
    """The coefficient of static two-way fixed effects, for any number of assignments at once.

    By Frisch and Waugh the coefficient is the product of outcome and treatment, both less their
    unit and period means, over the square of the latter. The outcome is demeaned once; a
    treatment from period f on then needs nothing but the sum of a unit's demeaned outcome from f
    on, which is looked up, and the square of a demeaned treatment of zeros and ones follows from
    how many units are treated in each period. No regression is refitted.

    Units of a cluster are treated together; `sizes` are their numbers.
    """

    def __init__(self, y: np.ndarray, cluster: np.ndarray | None = None) -> None:
        """From y (N, T) and the cluster of each unit, (N,) numbers from 0."""
        n, self.length = y.shape
        labels = np.arange(n) if cluster is None else cluster
        centered = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
        self.sizes = np.bincount(labels).astype(float)
        by_cluster = np.zeros((len(self.sizes), self.length))
        np.add.at(by_cluster, labels, centered)
        # (G, T + 1) sums from a period on; the last, nought, is for those never treated.
        self.tails = np.zeros((len(self.sizes), self.length + 1))
        self.tails[:, :-1] = by_cluster[:, ::-1].cumsum(axis=1)[:, ::-1]

    def effects(self, first: np.ndarray) -> np.ndarray:
        """(A,) coefficients; NaN where treatment is the sum of a unit and a period effect.

        Parameters
        ----------
        first : (A, G) first treated period of every cluster, T for never.
        """
        found = np.empty(len(first))
        for begin in range(0, len(first), CHUNK):
            part = first[begin : begin + CHUNK]
            product = self.tails[np.arange(part.shape[1]), part].sum(axis=1)
            square = self._squares(part[:1] if self._shuffled(part) else part)
            valid = square > TIE * self.sizes.sum()
            found[begin : begin + CHUNK] = np.where(
                valid, product / np.where(valid, square, 1.0), np.nan
            )
        return found

    def _shuffled(self, first: np.ndarray) -> bool:
        """Whether all rows hand the same starts to clusters of one size: all have one square."""
        if not (self.sizes == self.sizes[0]).all():
            return False
        ordered = np.sort(first, axis=1)
        return bool((ordered == ordered[0]).all())

    def _squares(self, first: np.ndarray) -> np.ndarray:
        """(A,) sum of squared demeaned treatments."""
        assigned, groups = first.shape
        n, length = self.sizes.sum(), self.length
        flat = (first + (length + 1) * np.arange(assigned)[:, None]).ravel()
        sizes = np.broadcast_to(self.sizes, (assigned, groups)).ravel()
        starting = np.bincount(flat, sizes, assigned * (length + 1)).reshape(assigned, length + 1)
        by_period = starting[:, :-1].cumsum(axis=1)  # units under treatment
        cells = by_period.sum(axis=1)
        periods = ((length - first) ** 2 * self.sizes).sum(axis=1)
        units = (by_period**2).sum(axis=1)
        return np.asarray(cells - periods / length - units / n + cells**2 / (n * length))


def one_unit_one_date(
    y: np.ndarray, exposure: np.ndarray | None, starts: np.ndarray, *, logs: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(N, A) effects when each unit in turn is the only one treated, from each start, and their
    Poisson standard errors.

    logs : log[(own after / others after) / (own before / others before)], of events over exposure.
    That is the coefficient of Poisson two-way fixed effects when no exposure is given (exactly, by
    its score). Its error is the root of the sum of one over the four totals. Without events in one
    of them the effect is infinite, without events of a unit at all NaN. Otherwise: the difference
    in differences of means, which is that of linear two-way effects; its error is NaN.

    Parameters
    ----------
    y, exposure : (N, T). starts : (A,) periods from 1 to T - 1.
    """
    length = y.shape[1]
    weights = np.ones(y.shape) if exposure is None else exposure
    own, held = y.cumsum(axis=1), weights.cumsum(axis=1)
    if not logs:
        after = (own[:, -1:] - own[:, starts - 1]) / (length - starts)
        change = after - own[:, starts - 1] / starts
        others = (change.sum(axis=0) - change) / (len(y) - 1)
        return change - others, np.full(change.shape, np.nan)
    totals: list[np.ndarray] = []
    exposures: list[np.ndarray] = []
    for sums, kept in ((own, totals), (held, exposures)):
        before = sums[:, starts - 1]
        after = sums[:, -1:] - before
        kept += [after, after.sum(axis=0) - after, before, before.sum(axis=0) - before]
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, c, d = (np.log(total / held) for total, held in zip(totals, exposures, strict=True))
        error = np.sqrt(sum(1 / total for total in totals))
        return (a - b) - (c - d), error


def distinct_assignments(first: np.ndarray) -> int:
    """How many different ways there are to hand these starts to the units."""
    count, left = 1, len(first)
    for size in np.unique(first, return_counts=True)[1]:
        count *= comb(left, int(size))
        left -= int(size)
    return count


def every_assignment(first: np.ndarray) -> np.ndarray:
    """(A, G) all different ways to hand these starts to the units, each once."""
    values, counts = np.unique(first, return_counts=True)
    # What each unit gets so far; the last value is for those who get no other.
    assigned = np.full((1, len(first)), values[-1])
    left = np.arange(len(first))[None]
    for value, count in zip(values[:-1], counts[:-1].tolist(), strict=True):
        open_places = left.shape[1]
        flat = chain.from_iterable(combinations(range(open_places), count))
        chosen = np.fromiter(flat, dtype=int).reshape(-1, count)
        rest = np.ones((len(chosen), open_places), dtype=bool)
        np.put_along_axis(rest, chosen, False, axis=1)
        others = np.nonzero(rest)[1].reshape(len(chosen), open_places - count)
        assigned = np.repeat(assigned, len(chosen), axis=0)
        units = left[:, chosen].reshape(len(assigned), count)
        np.put_along_axis(assigned, units, value, axis=1)
        left = left[:, others].reshape(len(assigned), open_places - count)
    return assigned


def shuffles(source: BitGenerator, draws: int, groups: int) -> np.ndarray:
    """(draws, groups) random permutations, each the order of so many uniforms."""
    if draws < 1:
        raise FitError(fact("numeric.permutation.least-one-draw-needed"))
    return np.argsort(uniforms(source, draws * groups).reshape(draws, groups), axis=1)


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """(k,) adjusted p-values: calling those below q discoveries makes at most a share q of them
    false on average, when tests are independent or hang together positively.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57:289-300.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    return _adjusted(p_values, "fdr_bh")


def holm(p_values: np.ndarray) -> np.ndarray:
    """(k,) adjusted p-values, valid whatever the dependence.

    Source: Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    return _adjusted(p_values, "holm")


def _adjusted(p_values: np.ndarray, method: str) -> np.ndarray:
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(p_values, method=method)[1]) if len(p_values) else p_values


def romano_wolf(ratios: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """(k,) step-down adjusted p-values, which use how the estimates hang together.

    Source: Romano and Wolf (2016), Statistics and Probability Letters 113:38-40, algorithm 4.2.

    Parameters
    ----------
    ratios : (k,) estimates over their standard errors. draws : (B, k) the same under the null.
    """
    size, null = np.abs(ratios), np.abs(draws)
    order = np.argsort(-size, kind="stable")
    # The largest of those not yet rejected, at each step.
    largest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    beyond = (largest >= size[order]).sum(axis=0)
    adjusted = np.empty(len(size))
    adjusted[order] = np.maximum.accumulate((1 + beyond) / (1 + len(draws)))
    return adjusted
