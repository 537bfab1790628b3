"""The wild cluster bootstrap of one coefficient: signs of whole clusters' residuals, drawn anew.

Multiplier bootstrap of influence functions, and the band that holds many effects at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.draws import BitGenerator, uniforms

Signs = Literal["rademacher", "webb"]

TIE = 1e-9
ROUNDING = 1e-13
# Where the search for an end of the interval starts and gives up, in standard errors.
FIRST, FARTHEST = 2.0, 1e4
HALVINGS = 50
# A hypothesis is rejected when its p is below this, a tie with it kept.
LEVEL = 0.05 * (1 - TIE)
WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


@dataclass(frozen=True, slots=True)
class Judged:
    """The coefficient's p and 95 % interval; `enumerated` when every combination was used."""

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    draws: int
    enumerated: bool


def multipliers(
    source: BitGenerator, clusters: int, draws: int, kind: Signs = "rademacher"
) -> tuple[np.ndarray, bool]:
    """(B, G) factors of the clusters' residuals, and whether these are all there are.

    Rademacher signs are enumerated when 2^G is at most `draws`, the actual signs among them; Webb's
    six points (plus and minus the roots of 1/2, 1 and 3/2) when 6^G is. Otherwise they are drawn.

    Sources: Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90:414-427; Webb
    (2023), Canadian Journal of Economics 56:839-858.
    """
    points = np.array([1.0, -1.0]) if kind == "rademacher" else np.concatenate([WEBB, -WEBB])
    base = len(points)
    if clusters * np.log(base) <= np.log(draws) + TIE:
        number = np.arange(base**clusters)[:, None]
        return points[number // base ** np.arange(clusters) % base], True
    if kind == "rademacher":
        return signs(source, draws, clusters), False
    sixth = (uniforms(source, draws * clusters) * base).astype(int)
    return points[sixth].reshape(draws, clusters), False


@dataclass(frozen=True, slots=True)
class Clustered:
    """All that a bootstrap t needs of a regression, summed by cluster.

    Rows are times the root of their weight, effects nested in clusters taken out of all of them.

    Parameters
    ----------
    own : (G,) sums of d^2, where d is the column with the others partialled out. score : (G,) sums
        of d times the partialled-out outcome. lever : (G, p) sums of d times q, orthonormal columns
        that span the others. outcome : (G, p) sums of q times the partialled-out outcome.
    factor : of the variance (`evaluation.numeric.shared.clusters.small_sample`).
    """

    own: np.ndarray
    score: np.ndarray
    lever: np.ndarray
    outcome: np.ndarray
    factor: float

    @property
    def estimate(self) -> float:
        return float(self.score.sum() / self.own.sum())

    @property
    def std_error(self) -> float:
        return float(np.sqrt(self._squares(self.estimate)) / self.own.sum())

    def _squares(self, effect: float) -> float:
        return self.factor * float(((self.score - self.own * effect) ** 2).sum())

    def bootstrap(self, factors: np.ndarray) -> Bootstrap:
        """The refits of all draws, (B, G) factors, without touching a row.

        Residuals are those with an effect b imposed. After the refit the score of cluster h is
        (score_h - b own_h) v_h - lever_h . sum_g (outcome_g - b lever_g) v_g - own_h shift, which
        is linear in b (Roodman, Nielsen, MacKinnon and Webb 2019, Stata Journal 19:4-60).
        """
        total = self.own.sum()
        parts = []
        for score, outcome in ((self.score, self.outcome), (self.own, self.lever)):
            moved = factors * score - (factors @ outcome) @ self.lever.T
            shift = moved.sum(axis=1) / total
            parts.append((shift, moved - shift[:, None] * self.own))
        (level, at_nought), (slope, change) = parts
        scale = self.factor / total**2
        return Bootstrap(
            level,
            slope,
            scale * (at_nought**2).sum(axis=1),
            scale * (at_nought * change).sum(axis=1),
            scale * (change**2).sum(axis=1),
        )


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Coefficients and variances of every draw, of data made with any effect b: the shift is
    level - slope b and the variance constant - 2 linear b + square b^2; each field (B,)."""

    level: np.ndarray
    slope: np.ndarray
    constant: np.ndarray
    linear: np.ndarray
    square: np.ndarray

    def studentized(self, effect: float) -> np.ndarray:
        """(B,) |t| of data made with this effect, tested against it."""
        shift = np.abs(self.level - effect * self.slope)
        variance = self.constant - 2 * effect * self.linear + effect**2 * self.square
        # A draw that leaves no residual has a variance of rounding errors.
        size = self.constant + effect**2 * self.square
        with np.errstate(divide="ignore", invalid="ignore"):
            t = shift / np.sqrt(np.where(variance > ROUNDING * size, variance, 0.0))
        return np.asarray(np.where(shift > 0, t, 0.0))


def restricted(model: Clustered, factors: np.ndarray, *, enumerated: bool) -> Judged:
    """WCR: residuals with the hypothesis imposed. p is the share of draws whose t is at least as
    far from nought, ties within 1e-9 included; the interval holds the effects with a p of .05 or
    more.

    Honest with few clusters when enough of them are treated; with one or two treated it hardly ever
    rejects (MacKinnon and Webb 2017, Journal of Applied Econometrics 32:233-254), and then the
    interval has no end.

    Parameters
    ----------
    factors : (B, G), of `multipliers`.

    Raises
    ------
    FitError : when no effect, however large, is rejected.
    """
    estimate, error = model.estimate, model.std_error
    if not error > 0:
        raise FitError(fact("numeric.wild.clustered-error-nought-there-nothing"))

    drawn_anew = model.bootstrap(factors)

    def p_value(effect: float) -> float:
        actual = abs(estimate - effect) / error
        drawn = drawn_anew.studentized(effect)
        return float((drawn >= actual * (1 - TIE)).mean())

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = 0.0, FIRST
        while p_value(estimate + side * outside * error) >= LEVEL:
            inside, outside = outside, 2 * outside
            if outside > FARTHEST:
                raise FitError(fact("numeric.wild.interval-restricted-wild-bootstrap-has"))
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            if p_value(estimate + side * middle * error) >= LEVEL:
                inside = middle
            else:
                outside = middle
        ends.append(estimate + side * inside * error)
    return Judged(estimate, error, ends[0], ends[1], p_value(0.0), len(factors), enumerated)


def unrestricted(model: Clustered, factors: np.ndarray, *, enumerated: bool) -> Judged:
    """WCU: residuals of the fit itself; symmetric 95 % interval from the quantile of |t|.

    With few treated clusters it rejects true nulls as often as a plain clustered error.

    Parameters
    ----------
    factors : (B, G), of `multipliers`.
    """
    estimate, error = model.estimate, model.std_error
    if not error > 0:
        raise FitError(fact("numeric.wild.clustered-error-nought-there-nothing"))
    drawn = model.bootstrap(factors).studentized(estimate)
    p_value = float((drawn >= abs(estimate) / error * (1 - TIE)).mean())
    # The most draws that may be as far out with a p still below the level.
    most = int(np.ceil(LEVEL * len(drawn))) - 1
    half = float(np.sort(drawn)[len(drawn) - 1 - most]) / (1 - TIE) * error
    return Judged(
        estimate, error, estimate - half, estimate + half, p_value, len(factors), enumerated
    )


WORD = 64
# Memory of one block of signs, in numbers.
BLOCK = 2_000_000


def by_cluster(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """(G, k) sums of influence functions by cluster, over N: their squares sum to variances.

    Parameters
    ----------
    influence : (N, k), on the scale where a variance is a sum of squares over N squared. cluster :
        (N,) numbers from 0, none left out.
    """
    n = len(influence)
    if int(cluster.max()) + 1 == n:
        return influence / n
    order = np.argsort(cluster, kind="stable")
    begins = np.searchsorted(cluster[order], np.arange(int(cluster.max()) + 1))
    return np.asarray(np.add.reduceat(influence[order], begins, axis=0) / n)


def signs(source: BitGenerator, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) independent values -1 and 1, equally likely (Rademacher), a bit each."""
    return np.asarray(2.0 * _bits(source, rows, columns) - 1.0)


def _bits(source: BitGenerator, rows: int, columns: int) -> np.ndarray:
    """(rows, columns) of nought where the sign is -1 and one where it is 1."""
    words = np.asarray(source.random_raw(-(-rows * columns // WORD)), dtype="<u8")
    bits = np.unpackbits(words.view(np.uint8), count=rows * columns, bitorder="little")
    return np.asarray(bits.reshape(rows, columns).astype(float))


def multiplied(sums: np.ndarray, draws: int, source: BitGenerator) -> np.ndarray:
    """(draws, k) errors of the estimates, each the sum over clusters with signs drawn at random.

    Parameters
    ----------
    sums : (G, k), of `by_cluster`.

    Raises
    ------
    FitError : for less than one draw.
    """
    if draws < 1:
        raise FitError(fact("numeric.wild.draws-bootstrap-needs-some-such", draws=draws))
    at_once = max(1, BLOCK // len(sums))
    parts = [
        _bits(source, min(at_once, draws - begin), len(sums)) @ sums
        for begin in range(0, draws, at_once)
    ]
    # A sign is twice its bit less one; said of the products, it is said once.
    return np.asarray(2.0 * np.concatenate(parts) - sums.sum(axis=0))


def spread(errors: np.ndarray) -> np.ndarray:
    """(k,) standard errors from the quartiles of the draws, which outliers do not move.

    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225:200-230, algorithm 1.
    """
    from scipy.special import ndtri

    low, high = np.quantile(errors, [0.25, 0.75], axis=0, method="inverted_cdf")
    return np.asarray((high - low) / (2 * ndtri(0.75)))


def simultaneous(errors: np.ndarray, std_error: np.ndarray, least: float) -> float:
    """The multiple of the standard errors that holds all effects together with 95 %.

    Parameters
    ----------
    errors : (draws, k). std_error : (k,); effects without one (a reference period) do not count.
    least : the multiple for one effect alone, which a band is never narrower than.
    """
    real = std_error > 0
    if not real.any():
        return least
    largest = np.abs(errors[:, real] / std_error[real]).max(axis=1)
    return max(least, float(np.quantile(largest, 0.95, method="inverted_cdf")))
