"""The two-way fixed-effects event study: one effect for each event time, ends pooled.

Outcome on unit and period effects and an indicator of each event time; the last period before
treatment is the reference, and units never treated have no indicator. Event times at or past
`earliest` and `latest` share one ("binned ends"). Errors are clustered (CR1) with the factor
G/(G - 1) times (n - 1)/(n - K), where n counts cells and K the coefficients and the periods, but
not the units, which are nested in clusters; the distribution is t(G - 1).

With effects that differ between cohorts a coefficient mixes event times, also before treatment:
Sun and Abraham (2021), Journal of Econometrics 225:175-199. Binning: Schmidheiny and Siegloch
(2023), Journal of Applied Econometrics 38:695-713.

What the methods with effects by event time share: the curve, its bands, when it is not valid.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid, t_answer
from evaluation.did.usable import FEWEST_CLUSTERS, refuse_partial
from evaluation.effect import EventTime, Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.linear import RANK_TOLERANCE, law
from evaluation.numeric.shared.wild import by_cluster, multiplied, simultaneous, spread

DRAWS = 1000
SEED = 1
REFERENCE = -1
Solution = TypeVar("Solution")


@dataclass(frozen=True, slots=True)
class _Solved:
    """Coefficients (k,), their influence by cluster (G, k), and what they are about."""

    times: np.ndarray
    beta: np.ndarray
    sums: np.ndarray
    cells: np.ndarray
    units: np.ndarray
    binned: np.ndarray


def fit(
    cohorts: Cohorts,
    *,
    earliest: int | None = None,
    latest: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The mean of the effects by event time from 0 on, each weighted by its treated cells; t(G - 1)
    intervals.

    The outcome is taken in levels, at the mean exposure when there is one. The reference period is
    in `dynamic` as nought without an error.

    Parameters
    ----------
    earliest, latest : event times at or before, and at or after, which one effect is shared; None
        pools none, but where nobody is never treated the farthest before, as few as identify the
        rest, which a note names. draws, seed : of the multiplier bootstrap (Rademacher) behind the
        band.

    Raises
    ------
    FitError : when the event times are not told from the periods (no unit is
        never treated and no end is pooled), or for pooled ends that hold the reference.
    """
    solved, chosen = _identified(cohorts, earliest, latest)
    after = solved.times >= 0
    weights = np.where(after, solved.cells, 0) / solved.cells[after].sum()
    std_error = float(np.sqrt(((solved.sums @ weights) ** 2).sum()))
    found = _curve(cohorts, solved)
    answer = t_answer("difference", float(weights @ solved.beta), std_error, found.df)
    drawn = multiplied(solved.sums, draws, stream(seed, "event-study/multiplier"))
    y, relative, notes = rates(cohorts)
    pooled = [
        fact("did.event-study.stands-for", time=time, before=time < 0)
        for time in (earliest if chosen is None else chosen, latest)
        if time is not None and time in solved.times
    ]
    if chosen is not None:
        pooled.append(fact("did.event-study.needed-pooling"))
    away = np.concatenate([solved.beta, [0.0]])[solved.binned]
    return replace(
        answer,
        expected=(y - away) * relative,
        relative=relative,
        dynamic=event_times(found, band(found, drawn)),
        notes=(*notes, *pooled, *thin(found)),
        objection=too_few(cohorts),
    )


def curve(cohorts: Cohorts, *, earliest: int | None = None, latest: int | None = None) -> Curve:
    """Effects by event time with their joint covariance.

    Raises
    ------
    FitError : as `fit`.
    """
    return _curve(cohorts, _identified(cohorts, earliest, latest)[0])


def _identified(
    cohorts: Cohorts, earliest: int | None, latest: int | None
) -> tuple[_Solved, int | None]:
    return least_pooled(cohorts, lambda low, high: _solve(cohorts, low, high), earliest, latest)


def least_pooled(
    cohorts: Cohorts,
    solve: Callable[[int | None, int | None], Solution],
    earliest: int | None,
    latest: int | None,
    width: int = 1,
) -> tuple[Solution, int | None]:
    """The solution, and the event time before which all are pooled when it would not be one
    without: where nobody is never treated and no pooling is asked for, the least that helps.

    Parameters
    ----------
    solve : takes the pooled ends. width : event times a bin; ends of bins alone are tried.
    """
    try:
        return solve(earliest, latest), None
    except FitError:
        if earliest is not None or latest is not None or not cohorts.ever.all():
            raise
        for time in range(1 - int(cohorts.cohorts[-1]), -width):
            if (time + 1) % width == 0:
                with suppress(FitError):
                    return solve(time, None), time
        raise


def _curve(cohorts: Cohorts, solved: _Solved) -> Curve:
    cov = solved.sums.T @ solved.sums
    return Curve(solved.times, solved.beta, cov, solved.units, float(cohorts.cluster.max()))


def _solve(cohorts: Cohorts, earliest: int | None, latest: int | None) -> _Solved:
    refuse_partial(cohorts)
    if (earliest is not None and earliest >= REFERENCE) or (latest is not None and latest < 0):
        raise FitError(fact("did.event-study.pooled-ends-must-leave-reference"))
    y, _, _ = rates(cohorts)
    starts, member = np.unique(cohorts.first, return_inverse=True)
    ever = np.isfinite(starts)
    event = np.arange(cohorts.length) - np.where(ever, starts, 0)[:, None]  # (H, T)
    event = np.clip(event, earliest, latest) if earliest or latest is not None else event
    times = np.unique(event[ever]).astype(int)
    if not (times == REFERENCE).any():
        raise FitError(fact("did.event-study.no-period-just-before-treatment"))
    shown = ever[:, None, None] & (event[:, :, None] == times)  # (H, T, k)
    free = times != REFERENCE
    x = shown[:, :, free].astype(float)
    # A balanced panel with one weight a unit: taking out both means once is exact, and units of one
    # cohort have the same rows.
    total = np.bincount(member, weights=cohorts.weight)
    x = x - x.mean(axis=1, keepdims=True)
    x = x - np.einsum("h,htk->tk", total, x) / total.sum()
    rooted = (np.sqrt(total)[:, None, None] * x).reshape(-1, x.shape[2])
    q, r = np.linalg.qr(rooted)
    size = np.sqrt((shown[:, :, free] * total[:, None, None]).sum(axis=(0, 1)))
    if q.shape[1] < x.shape[2] or (np.abs(np.diagonal(r)) <= RANK_TOLERANCE * size).any():
        raise FitError(fact("did.event-study.event-times-cannot-be-told"))
    inverse = np.linalg.inv(r)
    bread = inverse @ inverse.T
    within = y - y.mean(axis=1, keepdims=True)
    within = within - cohorts.weight @ within / cohorts.weight.sum()
    means = np.stack([cohorts.weight[member == h] @ within[member == h] for h in range(len(x))])
    beta = bread @ np.einsum("htk,ht->k", x, means)
    residual = within - (x @ beta)[member]
    scores = np.empty((len(y), x.shape[2]))
    for h in range(len(x)):
        rows = member == h
        scores[rows] = cohorts.weight[rows, None] * (residual[rows] @ x[h])
    sums = by_cluster(len(y) * scores @ bread, cohorts.cluster)
    sums = sums * np.sqrt(cluster_factor(cohorts, int(free.sum())))
    whole = np.zeros(len(times))
    whole[free] = beta
    padded = np.zeros((len(sums), len(times)))
    padded[:, free] = sums
    weighted = np.einsum("h,htk->k", total, shown.astype(float))
    units = np.bincount(member) @ shown.any(axis=1)
    # The place of each cell's event time; past the end for a unit without one.
    binned = np.where(shown.any(axis=2), shown.argmax(axis=2), len(times))[member]
    return _Solved(times, whole, padded, weighted, units, binned)


# Event times resting on fewer units have errors that are too small: with cohorts of 5, in 1,000
# simulated panels of 50 units, the 95 % band of Callaway and Sant'Anna held the whole curve in
# 73 % (cohorts of 20: 91 %).
FEWEST_UNITS = 10


@dataclass(frozen=True, slots=True)
class Curve:
    """Effects by event time with their covariance, for checks that ask about all of them together.

    Parameters
    ----------
    time : (k,) periods since treatment began. estimate : (k,). cov : (k, k), nought in the row and
        column of a reference period. n : (k,) units behind each. df : None for the normal.
    """

    time: np.ndarray
    estimate: np.ndarray
    cov: np.ndarray
    n: np.ndarray
    df: float | None

    @property
    def std_error(self) -> np.ndarray:
        return np.asarray(np.sqrt(np.diagonal(self.cov).clip(min=0)))

    @property
    def critical(self) -> float:
        """The multiple of a standard error of one 95 % interval."""
        from scipy.special import ndtri, stdtrit

        return float(ndtri(0.975) if self.df is None else stdtrit(self.df, 0.975))


def event_times(curve: Curve, multiple: float) -> tuple[EventTime, ...]:
    """The curve in rows, its band `multiple` standard errors to either side."""
    columns = (curve.time, curve.estimate, curve.std_error, curve.n)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    multiples = (curve.critical, multiple)
    return tuple(at_time(time, effect, error, n, multiples) for time, effect, error, n in rows)


def at_time(
    time: int, estimate: float, error: float, n: int, multiples: tuple[float, float]
) -> EventTime:
    """One effect, its interval and the band so many standard errors to either side."""
    half, wide = (multiple * error for multiple in multiples)
    ends = (estimate - half, estimate + half, estimate - wide, estimate + wide)
    return EventTime(int(time), estimate, error, *ends, int(n))


def named_terms(
    names: Sequence[str], values: np.ndarray, std_error: np.ndarray, df: float | None
) -> tuple[Term, ...]:
    """Estimates (k,) as named terms, t(df) or normal."""
    rows = zip(names, values.tolist(), std_error.tolist(), strict=True)
    return tuple(
        Term(name, value, error, df, *law(value, error, df)) for name, value, error in rows
    )


def band(curve: Curve, errors: np.ndarray) -> float:
    """The multiple of the standard errors whose band holds the whole curve with 95 %.

    Parameters
    ----------
    errors : (draws, k) of the multiplier bootstrap. They are compared with their own spread, so
        that a factor in the standard errors of the curve widens the band as much as an interval.
    """
    return simultaneous(errors, spread(errors), curve.critical)


def thin(curve: Curve) -> tuple[Fact, ...]:
    """A note when effects by event time rest on too few units for their errors."""
    few = curve.time[(curve.n < FEWEST_UNITS) & (curve.std_error > 0)]
    if not few.size:
        return ()
    return (fact("did.event-study.thin", n=few.size, of=len(curve.time), fewest=FEWEST_UNITS),)


def columns_since(cohorts: Cohorts) -> np.ndarray:
    """(N, T) columns from the first treated one, negative before; of units never treated, from the
    first of all. A washout that left the panel is not counted: `effects.effect` adds it."""
    return np.arange(cohorts.length) - np.where(cohorts.ever, cohorts.first, 0)[:, None]


def rates(cohorts: Cohorts) -> tuple[np.ndarray, np.ndarray, tuple[Fact, ...]]:
    """Outcomes at the mean exposure, (N, T), the exposure over its mean, (N, T), and a note.

    A linear method compares changes of levels, so counts of units of unequal size are put on one
    exposure; without an exposure the outcomes are used as they are.
    """
    if cohorts.exposure is None:
        return cohorts.y, np.ones(cohorts.y.shape), ()
    used = cohorts.exposure if cohorts.used is None else cohorts.exposure[cohorts.used]
    relative = cohorts.exposure / used.mean()
    return cohorts.y / relative, relative, (fact("did.event-study.rates", mean=used.mean()),)


def against_last_cohort(cohorts: Cohorts, anticipation: int) -> tuple[Cohorts, tuple[Fact, ...]]:
    """The panel before the last cohort (anticipates being) treated, that cohort as never treated.

    Raises
    ------
    FitError : when nothing is left.
    """
    last = int(cohorts.cohorts[-1])
    end = last - anticipation
    if len(cohorts.cohorts) < 2 or int(cohorts.cohorts[0]) >= end:
        raise FitError(fact("did.event-study.every-unit-treated-same-time"))
    note = fact(
        "did.event-study.last-cohort", cohort=cohorts.periods[last], end=cohorts.periods[end]
    )
    return cohorts.between(0, end), (note,)


def cluster_factor(cohorts: Cohorts, coefficients: int) -> float:
    """G/(G - 1) times (n - 1)/(n - K): n cells, K coefficients and periods; units are nested in
    clusters and not counted (the convention of fixest and reghdfe).

    Raises
    ------
    FitError : when there are not more cells than coefficients.
    """
    n, groups = cohorts.y.size, int(cohorts.cluster.max()) + 1
    left = n - coefficients - cohorts.length
    if left <= 0 or groups < 2:
        raise FitError(
            fact(
                "did.event-study.cells-clusters-too-few-effects",
                n=n,
                groups=groups,
                coefficients=coefficients,
            )
        )
    return groups / (groups - 1) * (n - 1) / left


def too_few(cohorts: Cohorts) -> Fact | None:
    """Why a clustered interval is not valid for these units, or None.

    Controls are the never-treated alone: in the last periods there are no others.
    """
    # Of a panel with gaps, those with a treated and an untreated cell.
    rows = cohorts.treated.any(axis=1) & cohorts.untreated.any(axis=1)
    treated = len(np.unique(cohorts.cluster[rows]))
    control = len(np.unique(cohorts.cluster[~cohorts.ever]))
    if min(treated, control) < FEWEST_CLUSTERS:
        return not_valid(
            "did.event-study.few-clusters", needed=FEWEST_CLUSTERS, treated=treated, control=control
        )
    _, sizes = np.unique(cohorts.first[rows], return_counts=True)
    single = int((sizes == 1).sum())
    if 2 * single >= len(sizes):
        return not_valid("did.event-study.single-units", single=single, cohorts=len(sizes))
    return None
