"""Treated units by themselves, year by year from each one's own start: the pooled event study."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.each_unit import Alone, shared_errors, shared_fit
from evaluation.did.event_study import columns_since
from evaluation.did.placebo_changes import exposures, log_changes
from evaluation.effect import EventTime
from evaluation.numeric.panel.random_effects import averaged_prediction

# Event times with fewer units are left out: their range would say nothing.
FEWEST = 3


def by_event_time(
    cohorts: Cohorts, units: Sequence[Alone], lead_times: int
) -> tuple[EventTime, ...]:
    """The mean log ratio of the units at each time since their starts, t(units - 1).

    Each unit's events in one period stand against those in all its periods before the start,
    beside the same of its controls, by random-effects prediction as for the whole; of a period
    before the start the other ones are what it stands against. The units are then pooled as
    `pooled_units.pooled` does, controls in common counted. The band is Bonferroni's over the times
    shown: it holds all of them together in 95 % or more.

    Parameters
    ----------
    units : of `each_unit`. lead_times : most periods before the start; those near it are made alike
        where controls are matched on them.
    """
    places: dict[int, list[tuple[Alone, int]]] = {}
    since = columns_since(cohorts)
    for one in units:
        for column in one.columns.tolist():
            time = int(since[one.row, column])
            if time >= -lead_times and (time >= 0 or one.before > 1):
                places.setdefault(time, []).append((one, column))
    times = sorted(time for time, found in places.items() if len(found) >= FEWEST)
    return tuple(_pooled(cohorts, time, places[time], len(times)) for time in times)


def _pooled(cohorts: Cohorts, time: int, places: list[tuple[Alone, int]], times: int) -> EventTime:
    from scipy.special import stdtrit

    found = [_at(cohorts, one, column) for one, column in places]
    estimates, errors, gaps = (np.array(part) for part in zip(*found, strict=True))
    whole, _ = shared_fit(estimates, errors**2, gaps @ gaps.T)
    std_error = float(np.sqrt(whole.cov[0, 0]))
    estimate, df = float(whole.beta[0]), len(found) - 1
    half, wide = (float(stdtrit(df, 1 - 0.025 / m)) * std_error for m in (1, times))
    return EventTime(
        time,
        estimate,
        std_error,
        estimate - half,
        estimate + half,
        estimate - wide,
        estimate + wide,
        len(found),
    )


def _at(cohorts: Cohorts, one: Alone, column: int) -> tuple[float, float, np.ndarray]:
    """Log ratio and standard error of one unit in one period, and the errors of the controls in
    what is expected of it, (N,)."""
    past = one.columns[: one.before]
    rows = np.array([one.row, *one.controls.tolist()])
    cells = np.ix_(rows, np.append(past[past != column], column))
    d, v = log_changes(cohorts.y[cells], exposures(cohorts)[cells], cells[1].size - 1)
    predicted = averaged_prediction(d[:1], v[:1], d[None, 1:], v[None, 1:])
    shares = predicted.share[0]
    gaps = d[1:] - shares @ d[1:]
    return (
        float(predicted.estimate[0]),
        float(predicted.std_error[0]),
        shared_errors(cohorts.n, one.controls, shares, gaps),
    )
