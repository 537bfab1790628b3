"""Events that come again: spells between them, and the mean number by a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.solvable import grouped


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
