"""Events that come again: spells between them, and the mean number by a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.kaplan_meier import Counted, counted, jackknife
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


@dataclass(frozen=True, slots=True)
class MeanNumber:
    """Mean number of events by each time (J,), had nobody stopped being observed."""

    time: np.ndarray
    number: np.ndarray
    counted: Counted
    person: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        """Mean number by these times."""
        return np.concatenate([[0.0], self.number])[np.searchsorted(self.time, times, "right")]

    def influence(self, t: float) -> np.ndarray:
        """(m,) derivative of the mean number by t by the weight of each spell."""
        return self.counted.pulled(np.where(self.time <= t, 1.0, 0.0), self.counted.hazard)

    def error_at(self, times: np.ndarray, *, cluster: np.ndarray | None = None) -> np.ndarray:
        """Robust standard errors by these times (Lawless and Nadeau 1995, Technometrics 37:158-168)
        with all spells of a person together; R's `survfit(cluster =)$std.chaz`.

        Parameters
        ----------
        cluster : (m,) labels of the spells; persons by default.
        """
        labels = self.person if cluster is None else cluster
        w = self.counted.weight
        return np.array(
            [jackknife(w * self.influence(float(t)), labels) for t in np.atleast_1d(times)]
        )


def mean_number(given: Spells, *, weight: np.ndarray | None = None) -> MeanNumber:
    """The mean cumulative number of events (Nelson 1988, Journal of Quality Technology 20:24-35).

    Parameters
    ----------
    weight : (m,) of the spells.

    Raises
    ------
    FitError : when there is no event.
    """
    sets = counted(given.stop, given.event, weight=weight, start=given.start)
    return MeanNumber(sets.time, np.cumsum(sets.hazard), sets, given.person)
