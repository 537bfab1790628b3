"""Kaplan-Meier curves with weights and late entry, their errors, and the log-rank test.

Mean time without the event up to a horizon: the area under a survival curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.people.risk_sets import tied

Interval = Literal["log", "log-log", "plain"]


@dataclass(frozen=True, slots=True)
class Counted:
    """Who was at risk and who had an event at each time with one.

    Parameters
    ----------
    time : (J,) distinct times of events, of any kind, in order. at_risk, events : (J,) weighted.
    weight : (n,). event : (n,) bool, any event. place : (n,) index of the event's time, and of no
        meaning without one. first, last : (n,) a person is at risk at times first <= j < last.
    """

    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    weight: np.ndarray
    event: np.ndarray
    place: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def hazard(self) -> np.ndarray:
        """(J,) share of those at risk that has an event."""
        return np.asarray(self.events / self.at_risk)

    def events_of(self, which: np.ndarray) -> np.ndarray:
        """(J,) weighted events of these people, a mask (n,) or weights of their own."""
        mass = self.weight * which * self.event
        return np.bincount(self.place[self.event], mass[self.event], len(self.time))

    def pulled(
        self, factor: np.ndarray, hazard: np.ndarray, event: np.ndarray | None = None
    ) -> np.ndarray:
        """(n,) sum over times of factor (dN - at risk x hazard) / at_risk: what a unit of weight
        more on each person moves a sum of factor times hazard by.

        Parameters
        ----------
        factor, hazard : (J,). event : (n,) bool, the events that the hazard is of; any by default.
        """
        each = factor / self.at_risk
        total = np.concatenate([[0.0], np.cumsum(each * hazard)])
        own = self.event if event is None else event
        jump = np.zeros(len(self.weight))
        jump[own] = each[self.place[own]]
        return np.asarray(jump - (total[self.last] - total[self.first]))


def counted(
    time: np.ndarray,
    event: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> Counted:
    """Risk sets of these people; those who leave at the time of an event are still at risk at it.

    Parameters
    ----------
    time : (n,) of the event or of censoring. event : (n,) bool or 0 and 1. weight : (n,) not
        negative. start : (n,) when a person comes under observation, before `time`; at risk just
        after it. By default everyone is there from the beginning.

    Raises
    ------
    FitError : when somebody enters at or after the time of leaving, or nobody has an event.
    """
    happened = np.asarray(event) == 1
    time, start = tied(time, start)
    w = np.ones(len(time)) if weight is None else np.asarray(weight, dtype=float)
    if start is not None and (start >= time).any():
        raise FitError(fact("numeric.kaplan-meier.somebody-enters-after-time-leaving"))
    # Somebody of no weight is nobody: their event would make a time with nothing at risk.
    happened = happened & (w > 0)
    times = np.unique(time[happened])
    if not len(times):
        raise FitError(fact("numeric.kaplan-meier.nobody-has-event-there-nothing"))
    last = np.searchsorted(times, time, side="right")
    first = np.zeros(len(time), dtype=int)
    if start is not None:
        first = np.searchsorted(times, start, side="right")
    steps = np.bincount(first, w, len(times) + 1) - np.bincount(last, w, len(times) + 1)
    place = np.maximum(last - 1, 0)
    return Counted(
        time=times,
        at_risk=np.cumsum(steps)[:-1],
        events=np.bincount(place[happened], w[happened], len(times)),
        weight=w,
        event=happened,
        place=place,
        first=first,
        last=last,
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """A survival curve: `survival` (J,) just after each time (J,) with an event.

    std_error : (J,) of the survival by Greenwood. counted : the risk sets.
    """

    time: np.ndarray
    survival: np.ndarray
    std_error: np.ndarray
    counted: Counted

    def at(self, times: np.ndarray) -> np.ndarray:
        """Survival at these times."""
        return np.concatenate([[1.0], self.survival])[np.searchsorted(self.time, times, "right")]

    def influence(self, t: float) -> np.ndarray:
        """(n,) derivative of the survival at t by each person's weight."""
        factor = np.where(self.time <= t, without(self.counted.hazard), 0.0)
        level = float(self.at(np.array([t]))[0])
        return -level * self.counted.pulled(factor, self.counted.hazard)


def kaplan_meier(
    time: np.ndarray,
    event: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> Curve:
    """The product-limit curve (Kaplan and Meier 1958, JASA 53:457-481), R's `survfit`.

    Parameters
    ----------
    see `counted`. With weights the Greenwood errors take them as numbers of people; use robust ones
    when they are inverse probabilities.

    Raises
    ------
    FitError : see `counted`.
    """
    sets = counted(time, event, weight=weight, start=start)
    survival = np.cumprod(1 - sets.hazard)
    left = sets.at_risk - sets.events
    with np.errstate(divide="ignore", invalid="ignore"):
        growing = np.cumsum(np.where(left > 0, sets.events / (sets.at_risk * left), np.nan))
    return Curve(sets.time, survival, survival * np.sqrt(growing), sets)


def interval(
    survival: np.ndarray, std_error: np.ndarray, *, kind: Interval = "log-log", level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Low and high ends of normal intervals on a scale: of the log (R's default), of the log of
    minus the log, which stays between 0 and 1 (Kalbfleisch and Prentice 1980), or plain.

    Parameters
    ----------
    survival, std_error : (...). Where there is no error, or survival is 0 or 1 on the log-log
    scale, the ends are NaN.
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = std_error / survival
        if kind == "plain":
            low, high = survival - z * std_error, survival + z * std_error
        elif kind == "log":
            low, high = survival * np.exp(-z * relative), survival * np.exp(z * relative)
        else:
            log = np.log(survival)
            half = z * relative / log
            low, high = np.exp(-np.exp(np.log(-log) - half)), np.exp(-np.exp(np.log(-log) + half))
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


@dataclass(frozen=True, slots=True)
class Test:
    """A chi-square statistic with its degrees of freedom and p."""

    __test__ = False  # no test of pytest

    statistic: float
    df: int
    p_value: float


def chi_square(statistic: float, df: int) -> Test:
    """The test of a chi-square statistic."""
    from scipy.special import chdtrc

    return Test(statistic, df, float(chdtrc(df, statistic)))


def log_rank(
    time: np.ndarray, event: np.ndarray, group: np.ndarray, *, strata: np.ndarray | None = None
) -> Test:
    """The log-rank test that curves are the same, R's `survdiff` (Mantel 1966).

    Parameters
    ----------
    time : (n,). event : (n,) 0 and 1. group : (n,) labels of at least two groups. strata : (n,)
    labels; people are compared with those of their own stratum.

    Raises
    ------
    FitError : for one group, or no event.
    """
    labels, member = np.unique(group, return_inverse=True)
    if len(labels) < 2:
        raise FitError(fact("numeric.kaplan-meier.log-rank-test-needs-least"))
    layers = np.zeros(len(time), dtype=int) if strata is None else strata
    excess, cov = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for layer in np.unique(layers):
        rows = layers == layer
        if not (np.asarray(event)[rows] == 1).any():
            continue
        sets = counted(time[rows], np.asarray(event)[rows])
        own = [counted_at(sets, member[rows] == k) for k in range(len(labels))]
        share = np.array(own) / sets.at_risk
        seen = np.array([sets.events_of(member[rows] == k) for k in range(len(labels))])
        excess += (seen - share * sets.events).sum(axis=1)
        alone = np.maximum(sets.at_risk - 1, 1)
        spread = sets.events * (sets.at_risk - sets.events) / alone
        cov += np.diag(share @ spread) - (share * spread) @ share.T
    return chi_square(float(excess @ np.linalg.pinv(cov) @ excess), len(labels) - 1)


def counted_at(sets: Counted, which: np.ndarray) -> np.ndarray:
    """(J,) weighted people of a mask (n,) at risk at each time."""
    w, size = sets.weight * which, len(sets.time) + 1
    return np.asarray(
        np.cumsum(np.bincount(sets.first, w, size) - np.bincount(sets.last, w, size))[:-1]
    )


def without(hazard: np.ndarray) -> np.ndarray:
    """1 / (1 - hazard), and 0 where all at risk have the event: after that nothing moves."""
    return np.where(hazard < 1, 1 / np.where(hazard < 1, 1 - hazard, 1.0), 0.0)


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time up to the horizon, in the unit of time.

    std_error : by Greenwood, as R's `print(survfit, rmean =)`. influence : (n,) derivative by each
    person's weight. weight : (n,).
    """

    estimate: float
    std_error: float
    influence: np.ndarray
    weight: np.ndarray


def restricted_mean(curve: Curve, horizon: float) -> RestrictedMean:
    """The area under the curve from 0 to the horizon (Irwin 1949; Royston and Parmar 2013, BMC
    Medical Research Methodology 13:152).

    Raises
    ------
    FitError : for a horizon that is not positive. See `followed_to` for one past follow-up.
    """
    sets = curve.counted
    if horizon <= 0:
        raise FitError(fact("numeric.kaplan-meier.horizon-must-be-after-entry", horizon=horizon))
    before = curve.time < horizon
    edges = np.concatenate([[0.0], curve.time[before], [horizon]])
    heights = np.concatenate([[1.0], curve.survival[before]])
    areas = np.diff(edges) * heights
    # Area from each time with an event to the horizon.
    after = np.zeros(len(curve.time))
    after[before] = np.cumsum(areas[::-1])[::-1][1:]
    hazard = sets.hazard
    factor = after * without(hazard)
    variance = float((after**2 * hazard / sets.at_risk * without(hazard)).sum())
    return RestrictedMean(
        estimate=float(areas.sum()),
        std_error=float(np.sqrt(variance)),
        influence=-sets.pulled(factor, hazard),
        weight=sets.weight,
    )


def followed_to(
    time: np.ndarray, event: np.ndarray, horizon: float, who: Fact | str = "people"
) -> None:
    """Nothing, when someone was seen up to the horizon or the last one to leave had the event.

    Parameters
    ----------
    who : how the message names them.

    Raises
    ------
    FitError : when follow-up ends before, so that the curve says nothing about the time between.
    """
    end = float(time.max())
    if end < horizon and not (np.asarray(event)[time == end] != 0).all():
        raise FitError(
            fact(
                "numeric.kaplan-meier.none-was-followed-days-longest",
                who=who,
                horizon=horizon,
                end=end,
            )
        )
