"""Who is at risk at each time of an event, and events that come again.

A partial likelihood needs two things of its risk sets: sums over the people at risk at each time,
and, for a person, sums over the times at which they are at risk. Cox and Fine and Gray differ in
nothing else. Times that differ by rounding alone are one time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# R's survival (timefix, aeqSurv) takes times as tied within this, and so within this share of their
# mean size: the root of the machine epsilon.
TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def grouped(*times: Sequence[float] | np.ndarray) -> tuple[np.ndarray, ...]:
    """The same arrays, each time the least of those that it is tied with in any of them.

    2.1 - 1.0 and 1.1 are not equal as floats, so that people who had an event on one day would be
    taken as one after the other. The rule is that of `aeqSurv` in R's survival.

    Parameters
    ----------
    times : (n,) each; infinite ones stay as they are.

    Examples
    --------
    >>> grouped(np.array([1.1, 2.1 - 1.0, 3.0]))[0].tolist()
    [1.1, 1.1, 3.0]
    """
    arrays = tuple(np.asarray(one, dtype=float) for one in times)
    every = np.unique(np.concatenate(arrays))
    every = every[np.isfinite(every)]
    if len(every) < 2:
        return arrays
    steps = np.diff(every)
    tied = (steps <= TOLERANCE) | (steps <= TOLERANCE * np.abs(every).mean())
    if not tied.any():
        return arrays
    kept = every[np.concatenate([[True], ~tied])]
    return tuple(
        np.where(np.isfinite(one), kept[np.searchsorted(kept, one, "right") - 1], one)
        for one in arrays
    )


def tied(time: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Times of leaving, and of entering where they are given, grouped together."""
    if start is None:
        return grouped(time)[0], None
    time, start = grouped(time, start)
    return time, start


@dataclass(frozen=True, slots=True)
class RiskSets:
    """Risk sets of n rows at J times of events, stratum after stratum.

    Parameters
    ----------
    time : (J,). event : (n,) bool. place : (n,) index of the event's time; of no meaning without
        one. enter, leave : (n,) a row is at risk at times enter <= j < leave.
    stay : (n,) for a row that counts on after it has left, one over the chance of being uncensored
        at its time; 0 for others. group : (n,) and chance : (K, J) of being uncensored just before
        each time, by group: from `leave` on the row counts for chance * stay. None for Cox.
    """

    time: np.ndarray
    event: np.ndarray
    place: np.ndarray
    enter: np.ndarray
    leave: np.ndarray
    stay: np.ndarray | None = None
    group: np.ndarray | None = None
    chance: np.ndarray | None = None

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(J, q) sums of values (n, q) over the rows at risk at each time."""
        size = len(self.time) + 1
        out = np.empty((len(self.time), values.shape[1]))
        for column, v in enumerate(values.T):
            change = np.bincount(self.leave, v, size) - np.bincount(self.enter, v, size)
            out[:, column] = np.cumsum(change[::-1])[::-1][1:]
            if self.stay is not None and self.group is not None and self.chance is not None:
                for k, chance in enumerate(self.chance):
                    left = np.bincount(self.leave, v * self.stay * (self.group == k), size)
                    out[:, column] += chance * np.cumsum(left)[:-1]
        return out

    def spread(self, values: np.ndarray) -> np.ndarray:
        """(n, q) sums of values (J, q) over the times at which each row is at risk."""
        total = np.vstack([np.zeros(values.shape[1]), np.cumsum(values, axis=0)])
        out = total[self.leave] - total[self.enter]
        if self.stay is not None and self.group is not None and self.chance is not None:
            for k, chance in enumerate(self.chance):
                rows = np.flatnonzero((self.group == k) & (self.stay > 0))
                later = from_end(chance[:, None] * values)
                out[rows] += self.stay[rows, None] * later[self.leave[rows]]
        return np.asarray(out)

    def at_events(self, values: np.ndarray) -> np.ndarray:
        """(J, q) sums of values (n, q) over the events at each time."""
        some = values[self.event]
        at, count = self.place[self.event], len(self.time)
        return np.stack([np.bincount(at, v, count) for v in some.T], axis=1)


def risk_sets(
    time: np.ndarray,
    event: np.ndarray,
    *,
    start: np.ndarray | None = None,
    strata: np.ndarray | None = None,
) -> RiskSets:
    """Risk sets of rows that are under observation after `start` up to and with `time`.

    Parameters
    ----------
    time : (n,). event : (n,) bool. start : (n,), from the beginning when None. strata : (n,)
    labels; a row is at risk in its own stratum only.

    Raises
    ------
    FitError : when somebody enters at or after leaving, or there is no event.
    """
    n = len(time)
    time, start = tied(time, start)
    if start is not None and (start >= time).any():
        raise FitError(fact("numeric.risk-sets.somebody-enters-after-time-leaving"))
    if not event.any():
        raise FitError(fact("numeric.risk-sets.nobody-has-event-there-nothing"))
    layer = np.zeros(n, dtype=int)
    if strata is not None:
        layer = np.unique(strata, return_inverse=True)[1]
    # One number for stratum and time: ranks of times are whole, so that strata cannot mix.
    every, rank = np.unique(time, return_inverse=True)
    size = len(every) + 1
    key = layer * size + rank
    keys = np.unique(key[event])
    leave = np.searchsorted(keys, key, "right")
    enter = np.searchsorted(keys, layer * size, "left")
    if start is not None:
        # A start between two times is just before the later one: at risk from it on.
        enter = np.searchsorted(keys, layer * size + np.searchsorted(every, start, "right"), "left")
    return RiskSets(every[keys % size], event, np.maximum(leave - 1, 0), enter, leave)


def from_end(values: np.ndarray) -> np.ndarray:
    """(J + 1, q) sums of rows from each on; the last is 0."""
    sums = np.cumsum(values[::-1], axis=0)[::-1]
    return np.vstack([sums, np.zeros(values.shape[1])])


@dataclass(frozen=True, slots=True)
class Spells:
    """Time under observation, cut at each event: what an Andersen-Gill model is fitted to.

    person : (m,) row number of whom. start, stop : (m,). event : (m,) bool, ended by an event.
    """

    person: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    event: np.ndarray


def spells(
    events: Sequence[Sequence[float] | np.ndarray],
    end: np.ndarray,
    *,
    start: np.ndarray | None = None,
) -> Spells:
    """One row a person and spell; the last ends with observation.

    Several events of a person at one time are one: a spell cannot last no time. Fit them with
    `cox.cox(stop, event, x[person], start=start)` and `robust(cluster=person)` (Andersen and Gill
    1982, Annals of Statistics 10:1100-1120), R's `coxph(Surv(start, stop, event) ~ ., cluster =)`.

    Parameters
    ----------
    events : of each of n people, times after entry. end, start : (n,) of observation, 0 by default.

    Raises
    ------
    FitError : when an event is not after the start, or is after the end.
    """
    begin = np.zeros(len(end)) if start is None else np.asarray(start, dtype=float)
    person: list[int] = []
    starts: list[float] = []
    stops: list[float] = []
    happened: list[bool] = []
    for i, own in enumerate(events):
        times, (first, last) = grouped(own, np.array([begin[i], end[i]]))
        times = np.unique(times)
        if len(times) and not (times[0] > first and times[-1] <= last):
            raise FitError(fact("numeric.recurrent.event-person-entry-before-after", i=i + 1))
        cuts = [float(first), *times.tolist()]
        if cuts[-1] < last:
            cuts.append(float(last))
        person += [i] * (len(cuts) - 1)
        starts += cuts[:-1]
        stops += cuts[1:]
        happened += [j < len(times) for j in range(len(cuts) - 1)]
    return Spells(np.array(person), np.array(starts), np.array(stops), np.array(happened))
