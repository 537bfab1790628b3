"""The two-way fixed-effects event study: one effect for each event time, ends pooled.

Outcome on unit and period effects and an indicator of each event time; the last period before
treatment is the reference, and units never treated have no indicator. Event times at or past
`earliest` and `latest` share one ("binned ends"). Errors are clustered (CR1) with the factor
G/(G - 1) times (n - 1)/(n - K), where n counts cells and K the coefficients and the periods, but
not the units, which are nested in clusters; the distribution is t(G - 1).

With effects that differ between cohorts a coefficient mixes event times, also before treatment:
Sun and Abraham (2021), Journal of Econometrics 225:175-199. Binning: Schmidheiny and Siegloch
(2023), Journal of Applied Econometrics 38:695-713.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.events import (
    Curve,
    band,
    cluster_factor,
    event_times,
    rates,
    thin,
    too_few,
)
from evaluation.did.usable import refuse_partial
from evaluation.errors import FitError
from evaluation.numeric.draws import stream
from evaluation.numeric.linear import RANK_TOLERANCE
from evaluation.numeric.multiplier import by_cluster, multiplied

DRAWS = 1000
SEED = 1
REFERENCE = -1


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
        f"event time {time} stands for all {'before' if time < 0 else 'after'} it too"
        for time in (earliest if chosen is None else chosen, latest)
        if time is not None and time in solved.times
    ]
    if chosen is not None:
        pooled.append("without it the event times could not be told from the periods")
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
    """The solution, and the event time before which all are pooled when it would not be one
    without: where nobody is never treated and no pooling is asked for, the least that helps."""
    try:
        return _solve(cohorts, earliest, latest), None
    except FitError:
        if earliest is not None or latest is not None or not cohorts.ever.all():
            raise
        for time in range(1 - int(cohorts.cohorts[-1]), REFERENCE):
            with suppress(FitError):
                return _solve(cohorts, time, None), time
        raise


def _curve(cohorts: Cohorts, solved: _Solved) -> Curve:
    cov = solved.sums.T @ solved.sums
    return Curve(solved.times, solved.beta, cov, solved.units, float(cohorts.cluster.max()))


def _solve(cohorts: Cohorts, earliest: int | None, latest: int | None) -> _Solved:
    refuse_partial(cohorts)
    if (earliest is not None and earliest >= REFERENCE) or (latest is not None and latest < 0):
        raise FitError(
            "the pooled ends must leave the reference out: earliest below -1, latest 0 or more"
        )
    y, _, _ = rates(cohorts)
    starts, member = np.unique(cohorts.first, return_inverse=True)
    ever = np.isfinite(starts)
    event = np.arange(cohorts.length) - np.where(ever, starts, 0)[:, None]  # (H, T)
    event = np.clip(event, earliest, latest) if earliest or latest is not None else event
    times = np.unique(event[ever]).astype(int)
    if not (times == REFERENCE).any():
        raise FitError("no period just before treatment is in the window")
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
        raise FitError(
            "event times cannot be told from periods and units: without never-treated units pool "
            "both ends (earliest, latest), with one date of treatment add untreated units"
        )
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
