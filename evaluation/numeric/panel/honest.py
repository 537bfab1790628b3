"""Intervals for an effect when trends may have differed, by how much being given.

Event-study estimates are beta = tau + delta + noise: the effect (nought before treatment), the
difference in trends and the sampling error, whose covariance is known. Of delta it is supposed that

- relative magnitudes: no change of it from one period to the next is after treatment more than
  `bound` times the largest such change before; or
- smoothness: its slope changes from one period to the next by no more than `bound`.

A set of such delta is a polyhedron, or a union of them; a value of the effect is kept when the test
of Andrews, Roth and Pakes does not reject for one of them: conditional on which inequality is
nearest to failing, with a first step against the least favorable case at a tenth of the level
("C-LF"). Its linear program needs no solver here. The nuisance parameters are the effects in
single periods, which enter by an invertible triangle, so that the program's vertices are known: one
for each side of the effect, and one for each pair of opposite inequalities. As the R package
HonestDiD does, inequalities that hold periods before treatment alone are left out, unless there is
one period after treatment, when there is nothing to be concentrated out.

Rambachan and Roth (2023), Review of Economic Studies 90:2555-2591, sections 2.4 and 3; Andrews,
Roth and Pakes (2023), Review of Economic Studies 90:2763-2791, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.draws import normals, stream

LEVEL = 0.05
# Share of the level that the least favorable first step takes (Rambachan and Roth, section 3.2).
FIRST_STEP = 0.1
# Directions over which the radius of a normal is integrated out: on the circle evenly spaced, where
# the error is below 1e-6; in more dimensions drawn.
ANGLES = 1024
DIRECTIONS = 20_000
SEED = 1
GRID = 1001
HALVINGS = 45
DOUBLINGS = 60
# A variance below this share of the largest is rounding.
NO_VARIANCE = 1e-12
# Directions in which the largest statistic falls count for nothing, and must not divide by it.
NO_REACH = 1e-100


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Estimates by period and what is asked of them.

    Parameters
    ----------
    beta : (K,) estimates, first of the periods before the reference in order, then of those from
        treatment on; the reference, the last period before treatment, is left out. sigma : (K, K)
        their covariance. before : how many are from before the reference, at least 1. weights :
        (K - before,) of the periods after in the effect asked for.
    """

    beta: np.ndarray
    sigma: np.ndarray
    before: int
    weights: np.ndarray

    def __post_init__(self) -> None:
        after = len(self.beta) - self.before
        if self.before < 1 or after < 1:
            raise FitError(
                fact(
                    "numeric.honest.trends-cannot-be-compared-without",
                    before=self.before,
                    after=after,
                )
            )
        if self.sigma.shape != (len(self.beta),) * 2 or self.weights.shape != (after,):
            raise FitError(fact("numeric.honest.covariance-weights-not-length-estimates"))
        if not self.weights.any():
            raise FitError(fact("numeric.honest.weights-periods-after-treatment-all"))
        if not (np.diagonal(self.sigma) > 0).all():
            raise FitError(fact("numeric.honest.estimate-has-no-variance-leave"))

    @property
    def estimate(self) -> float:
        """The effect asked for if trends did not differ."""
        return float(self.weights @ self.beta[self.before :])

    @property
    def std_error(self) -> float:
        """Of `estimate`."""
        after = self.sigma[self.before :, self.before :]
        return float(np.sqrt(self.weights @ after @ self.weights))


@dataclass(frozen=True, slots=True)
class Test:
    """The test for one polyhedron: at a value theta of the effect its statistics are `center` less
    theta times `slope`, normal with covariance `cov` and mean at most nought if theta is possible.
    """

    center: np.ndarray
    slope: np.ndarray
    cov: np.ndarray


def relative_magnitudes(
    study: EventStudy, bound: float, *, level: float = LEVEL
) -> tuple[float, float]:
    """The interval when changes in the difference of trends are after treatment at most `bound`
    times the largest before; from the lowest to the highest value that is not rejected.

    Raises
    ------
    FitError : for a negative bound.
    """
    return interval(magnitude_tests(study, bound), study, level=level)


def smoothness(study: EventStudy, bound: float, *, level: float = LEVEL) -> tuple[float, float]:
    """The interval when the slope of the difference in trends changes by at most `bound` a period;
    `fixed_length.shortest` is nearly always shorter.

    Raises
    ------
    FitError : for a negative bound.
    """
    return interval([smoothness_test(study, bound)], study, level=level)


def magnitude_tests(study: EventStudy, bound: float) -> list[Test]:
    """One test for each change before treatment that may be the largest, and for its sign.

    Raises
    ------
    FitError : for a negative bound.
    """
    _refuse_negative(bound)
    changes = _differences(study)
    first, after = changes[: study.before], changes[study.before :]
    tests = []
    for largest in first:
        for signed in (largest, -largest):
            rows = [after - bound * signed, -after - bound * signed]
            if len(after) == 1:
                rows += [first - signed, -first - signed]
            a = np.concatenate(rows)
            a = a[np.abs(a).max(axis=1) > 0]
            tests.append(_test(study, a, np.zeros(len(a))))
    return tests


def smoothness_test(study: EventStudy, bound: float) -> Test:
    """The test that slopes change by at most `bound`.

    Raises
    ------
    FitError : for a negative bound.
    """
    _refuse_negative(bound)
    bends = np.diff(_differences(study), axis=0)
    after = bends if len(study.weights) == 1 else bends[study.before - 1 :]
    a = np.concatenate([after, -after])
    return _test(study, a, np.full(len(a), bound))


def interval(
    tests: Sequence[Test], study: EventStudy, *, level: float = LEVEL
) -> tuple[float, float]:
    """From the lowest to the highest value that one of the tests does not reject: a grid that is
    doubled until both ends are rejected, and bisection."""
    firsts = [least_favorable(test, level * FIRST_STEP) for test in tests]

    def kept(theta: np.ndarray) -> np.ndarray:
        found = np.zeros(theta.shape, bool)
        for test, first in zip(tests, firsts, strict=True):
            found |= ~rejects(test, theta, level=level, first=first)
        return found

    half = 4 * study.std_error
    for _ in range(DOUBLINGS):
        grid = study.estimate + half * np.linspace(-1, 1, GRID)
        inside = kept(grid)
        if inside.any() and not inside[0] and not inside[-1]:
            break
        half *= 2
    else:
        raise FitError(fact("numeric.honest.no-bounded-range-values-compatible"))
    places = np.flatnonzero(inside)
    outer = np.array([grid[places[0] - 1], grid[places[-1] + 1]])
    inner = np.array([grid[places[0]], grid[places[-1]]])
    for _ in range(HALVINGS):
        middle = (outer + inner) / 2
        held = kept(middle)
        inner, outer = np.where(held, middle, inner), np.where(held, outer, middle)
    return float(inner[0]), float(inner[1])


def possible(tests: Sequence[Test], theta: float, *, level: float = LEVEL) -> bool:
    """Whether one of the tests does not reject this value."""
    at = np.array([theta])
    for test in tests:
        # The first step only rejects more, so where it is not needed it is not worked out.
        if rejects(test, at, level=level, first=np.inf)[0]:
            continue
        first = least_favorable(test, level * FIRST_STEP)
        if not rejects(test, at, level=level, first=first)[0]:
            return True
    return False


def p_value(tests: Sequence[Test], theta: float = 0.0) -> float:
    """The smallest level at which every test rejects this value."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS // 2):
        level = (low + high) / 2
        low, high = (level, high) if possible(tests, theta, level=level) else (low, level)
    return high


def breakdown(
    tests: Callable[[float], Sequence[Test]], *, theta: float = 0.0, level: float = LEVEL
) -> float:
    """The largest bound whose interval does not hold `theta`; nought when it is held at bound 0.

    Parameters
    ----------
    tests : from a bound, such as `functools.partial(magnitude_tests, study)`.
    """
    if possible(tests(0.0), theta, level=level):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(DOUBLINGS):
        if possible(tests(high), theta, level=level):
            break
        low, high = high, 2 * high
    else:
        return float("inf")
    for _ in range(HALVINGS // 2):
        middle = (low + high) / 2
        held = possible(tests(middle), theta, level=level)
        low, high = (low, middle) if held else (middle, high)
    return low


def rejects(test: Test, theta: np.ndarray, *, level: float, first: float) -> np.ndarray:
    """(m,) whether the hybrid test rejects each value of the effect.

    The largest statistic is compared with a normal cut off where another would be the largest, and
    at `first`, the critical value of the first step. It never rejects a negative one.
    """
    from scipy.special import log_ndtr

    t = test.center - np.multiply.outer(theta, test.slope)  # (m, v)
    rows = np.arange(len(t))
    top = t.argmax(axis=1)
    largest = t[rows, top]
    variance = np.diagonal(test.cov)[top]
    still = variance <= NO_VARIANCE * np.diagonal(test.cov).max()
    share = test.cov[top] / np.where(still, 1.0, variance)[:, None]
    rest = t - share * largest[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        edge = rest / (1 - share)
    level_with = np.abs(1 - share) <= 1e-9
    low = np.where((share < 1) & ~level_with, edge, -np.inf).max(axis=1)
    high = np.where((share > 1) & ~level_with, edge, np.inf).min(axis=1)
    high = np.minimum(high, first)
    left = (level - FIRST_STEP * level) / (1 - FIRST_STEP * level)
    root = np.sqrt(np.where(still, 1.0, variance))
    tails = [
        log_ndtr(-np.minimum(at, 1e300) / root) for at in (low, largest, np.maximum(high, largest))
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = np.exp(tails[1] - tails[0]) * (
            -np.expm1(tails[2] - tails[1]) / -np.expm1(tails[2] - tails[0])
        )
    surprising = still | (np.nan_to_num(beyond) < left)
    return np.asarray((largest > first) | ((largest > 0) & surprising))


def least_favorable(test: Test, level: float) -> float:
    """The value that the largest of the statistics passes with this probability when all have mean
    nought. The radius of the normal is integrated out exactly, direction by direction."""
    from scipy.optimize import brentq
    from scipy.special import gammaincc

    values, vectors = np.linalg.eigh(test.cov)
    kept = values > NO_VARIANCE * values[-1]
    rank = int(kept.sum())
    root = vectors[:, kept] * np.sqrt(values[kept])
    if rank == 1:
        ways = np.array([[1.0], [-1.0]])
    elif rank == 2:
        angle = 2 * np.pi * (np.arange(ANGLES) + 0.5) / ANGLES
        ways = np.column_stack([np.cos(angle), np.sin(angle)])
    else:
        z = normals(stream(SEED, "honest/directions"), DIRECTIONS * rank).reshape(-1, rank)
        ways = z / np.linalg.norm(z, axis=1, keepdims=True)
    reach = (ways @ root.T).max(axis=1)
    top = float(reach.max())
    reach = reach.clip(min=NO_REACH * top)

    def excess(value: float) -> float:
        return float(gammaincc(rank / 2, (value / reach) ** 2 / 2).mean()) - level

    return float(brentq(excess, 0.0, 40 * top * np.sqrt(rank), xtol=1e-12 * top))


def _test(study: EventStudy, a: np.ndarray, d: np.ndarray) -> Test:
    """The vertices of the linear program for the polyhedron a delta <= d."""
    spread = np.sqrt(np.einsum("ri,ij,rj->r", a, study.sigma, a).clip(min=0))
    if len(study.weights) == 1:
        rays = np.eye(len(a))
    else:
        p = len(study.weights)
        triangle = a[:p, study.before :]
        g = np.linalg.solve(triangle.T, study.weights)
        upper, lower = np.diag(np.maximum(g, 0)).sum(axis=0), np.maximum(-g, 0)
        pairs = np.hstack([np.eye(p), np.eye(p)])
        rays = np.vstack([[*upper, *lower], [*lower, *upper], pairs])
    size = rays @ spread
    if not (size > NO_VARIANCE * size.max(initial=0)).all():
        raise FitError(fact("numeric.honest.effects-by-event-time-move"))
    rays = rays / size[:, None]
    loads = rays @ a
    direction = study.weights / (study.weights @ study.weights)
    return Test(
        center=loads @ study.beta - rays @ d,
        slope=loads[:, study.before :] @ direction,
        cov=loads @ study.sigma @ loads.T,
    )


def _differences(study: EventStudy) -> np.ndarray:
    """(K, K) rows that take delta to its changes from period to period, nought at the reference."""
    k, before = len(study.beta), study.before
    path = np.insert(np.eye(k), before, 0, axis=0)
    return np.asarray(np.diff(path, axis=0))


def _refuse_negative(bound: float) -> None:
    if not bound >= 0:
        raise FitError(fact("numeric.honest.bound-on-difference-trends-0", bound=bound))
