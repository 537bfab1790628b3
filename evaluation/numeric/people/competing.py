"""Risk when other events come first: cumulative incidence, Gray's test, Fine and Gray."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.cox import Cox, Ties, fitted
from evaluation.numeric.people.kaplan_meier import (
    Counted,
    Test,
    chi_square,
    counted,
    counted_at,
    without,
)
from evaluation.numeric.people.risk_sets import RiskSets, from_end, grouped


@dataclass(frozen=True, slots=True)
class Incidence:
    """Probability of the event by each time, in a world in which the other events happen too.

    Parameters
    ----------
    time : (J,) distinct times of any event. probability : (J,) just after each. before : (J,) share
        without any event just before each. hazard : (J,) of the event in question. counted : risk
        sets of any event. own : (n,) bool, had the event in question.
    """

    time: np.ndarray
    probability: np.ndarray
    before: np.ndarray
    hazard: np.ndarray
    counted: Counted
    own: np.ndarray

    def at(self, times: np.ndarray) -> np.ndarray:
        """Probability by these times."""
        padded = np.concatenate([[0.0], self.probability])
        return padded[np.searchsorted(self.time, times, "right")]

    def influence(self, t: float) -> np.ndarray:
        """(n,) derivative of the probability by t by each person's weight."""
        seen = self.time <= t
        rest = np.where(seen, float(self.at(np.array([t]))[0]) - self.probability, 0.0)
        return self._pulled(np.where(seen, self.before, 0.0), rest)

    def time_lost(self, horizon: float) -> tuple[float, np.ndarray]:
        """Mean time lost to the event before the horizon, and its influence (n,): the area under
        the probability (Andersen 2013, Statistics in Medicine 32:5278-5285)."""
        seen = self.time < horizon
        widths = np.diff(np.append(self.time[seen], horizon))
        areas = widths * self.probability[seen]
        left = np.where(seen, horizon - self.time, 0.0)
        rest = np.zeros(len(self.time))
        rest[seen] = np.cumsum(areas[::-1])[::-1] - self.probability[seen] * left[seen]
        return float(areas.sum()), self._pulled(left * self.before, rest)

    def _pulled(self, direct: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """A hazard of the event adds `direct`; any event takes away `rest`, what was to come."""
        sets = self.counted
        lost = sets.pulled(rest * without(sets.hazard), sets.hazard)
        return np.asarray(sets.pulled(direct, self.hazard, self.own) - lost)


def cumulative_incidence(
    time: np.ndarray,
    cause: np.ndarray,
    *,
    of: int = 1,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> Incidence:
    """The Aalen-Johansen probability of one of several events (Aalen and Johansen 1978,
    Scandinavian Journal of Statistics 5:141-150).

    Parameters
    ----------
    time : (n,). cause : (n,) 0 censored, else which event. of : the event in question. weight,
    start : as in `kaplan_meier.counted`.

    Raises
    ------
    FitError : when nobody has any event.
    """
    cause = np.asarray(cause)
    sets = counted(time, cause != 0, weight=weight, start=start)
    own = (cause == of) & sets.event
    hazard = sets.events_of(own) / sets.at_risk
    before = np.concatenate([[1.0], np.cumprod(1 - sets.hazard)[:-1]])
    return Incidence(sets.time, np.cumsum(before * hazard), before, hazard, sets, own)


def gray_test(
    time: np.ndarray,
    cause: np.ndarray,
    group: np.ndarray,
    *,
    of: int = 1,
    strata: np.ndarray | None = None,
) -> Test:
    """Gray's test that groups have the same cumulative incidence (Gray 1988, Annals of Statistics
    16:1141-1154, with rho 0).

    Agrees with `cmprsk::cuminc` but in two corners: where more events are tied than a small rest
    explains, a variance is kept from falling below 0; and once the pooled incidence has reached 1,
    which takes groups that end long before others, later events add no more to the covariance
    than their own steps.

    Parameters
    ----------
    time : (n,). cause : (n,) 0 censored. group : (n,) labels. of : the event in question. strata :
    (n,) labels.

    Raises
    ------
    FitError : for one group, or nobody with the event.
    """
    cause = np.asarray(cause)
    labels, member = np.unique(group, return_inverse=True)
    if len(labels) < 2:
        raise FitError(fact("numeric.competing.gray-s-test-needs-least"))
    if not (cause == of).any():
        raise FitError(fact("numeric.competing.nobody-has-event-there-nothing"))
    layers = np.zeros(len(time), dtype=int) if strata is None else np.asarray(strata)
    score, cov = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for layer in np.unique(layers):
        rows = layers == layer
        if (cause[rows] == of).any():
            s, v = _gray(time[rows], cause[rows] == of, cause[rows] != 0, member[rows], len(labels))
            score, cov = score + s, cov + v
    found = float(score[:-1] @ np.linalg.pinv(cov[:-1, :-1]) @ score[:-1])
    return chi_square(found, len(labels) - 1)


def _gray(
    time: np.ndarray, own: np.ndarray, any_event: np.ndarray, member: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores (K,) and their covariance (K, K) in one stratum.

    The score of group k is the sum over times of R_k (dG_k - dG), R_k = Y_k (1 - F_k-) / S_k- the
    size of its risk set and dG_k = dF_k / (1 - F_k-) its hazard of the subdistribution, dG the mean
    of these by R. As R_k dG_k is the count of events, this is observed less expected.

    Its covariance when all F_k are one F. Let H_k = Y_k / S_k-, with sum H, and
    A_kr = (1{k = r} - H_k / H) H_r. The score moves with the error e_r of each F_r by the sum of
    A_kr (de_r + e_r- dF / (1 - F-)). A step dM of the martingale of a count in r at s makes e_r(t)
        own event    dM / H_r (1 - (F(t) - F(s)) / S_r(s)),
        other event  dM / H_r (0 - (F(t) - F(s)) / S_r(s))     for t >= s.
    Put in, the terms of t > s come to the same factor 1 - q or 0 - q, q = (1 - F(s)) / S_r(s),
    times A_kr dF / (1 - F-), summed from s on; t = s adds A_kr for an own event. So the score is
    one sum of uncorrelated steps, and its covariance the sum of their variances.
    """
    sets = counted(time, any_event)
    masks = [member == k for k in range(groups)]
    at_risk = np.array([counted_at(sets, mask) for mask in masks])
    own_events = np.array([sets.events_of(own & mask) for mask in masks])
    other_events = np.array([sets.events_of(~own & mask) for mask in masks])
    # A group that has run out has neither people nor events: its shares are 0.
    own_share = _ratio(own_events, at_risk)
    free = np.cumprod(1 - own_share - _ratio(other_events, at_risk), axis=1)
    # What is left of a whole group may differ from none by rounding.
    free[at_risk == own_events + other_events] = 0.0
    free_before = _just_before(free, 1.0)
    incidence = np.cumsum(free_before * own_share, axis=1)

    # H of the docstring: how many would be at risk if nobody had had any event.
    level = _ratio(at_risk, free_before)
    size = level * (1 - _just_before(incidence, 0.0))
    all_own = own_events.sum(axis=0)
    score = (own_events - size / size.sum(axis=0) * all_own).sum(axis=1)

    # Gray's estimate of the common F weighs the groups' steps by H.
    level_sum = level.sum(axis=0)
    step = all_own / level_sum
    common = np.cumsum(step)
    remaining = 1 - _just_before(common, 0.0)
    # Groups that end early can bring the common F to 1 before the last event; from there on the
    # expansion says nothing, and a division by about 0 must not either.
    growth = _ratio(step, np.where(remaining > 1e-12, remaining, 0.0))
    contrast = (np.eye(groups)[:, :, None] - (level / level_sum)[:, None, :]) * level
    later = np.zeros_like(contrast)
    later[:, :, :-1] = np.cumsum((contrast * growth)[:, :, :0:-1], axis=2)[:, :, ::-1]
    lasting = _ratio(1 - common, free)
    by_own = contrast + (1 - lasting) * later
    by_other = -lasting * later

    # If all are alike the events in r have the mean Y_r dF / S_r-. For ties that is Y_r draws out
    # of H S_r- people, those at risk if every group had kept the share that r has.
    alike = level_sum * free_before
    variance_own = _ratio(_count_variance(all_own, alike), level_sum * level)
    variance_other = _ratio(_count_variance(other_events, at_risk), level**2)
    cov = np.einsum("krj,lrj,rj->kl", by_own, by_own, variance_own)
    cov += np.einsum("krj,lrj,rj->kl", by_other, by_other, variance_other)
    return score, cov


def _count_variance(events: np.ndarray, at_risk: np.ndarray) -> np.ndarray:
    """Variance of a count of events at a time when the chance of one is small: their number,
    shrunk where several are tied, as nobody has two (draws without replacement)."""
    tied = (events - 1) / np.maximum(at_risk - 1, 1e-12)
    return np.asarray(events * np.where(events > 1, np.maximum(1 - tied, 0.0), 1.0))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, and 0 where the bottom is 0."""
    shape = np.broadcast_shapes(np.shape(top), np.shape(bottom))
    return np.asarray(np.divide(top, bottom, out=np.zeros(shape), where=bottom != 0))


def _just_before(values: np.ndarray, first: float) -> np.ndarray:
    """(K, J) or (J,) values after each time, moved on by one."""
    start = np.full_like(values[..., :1], first)
    return np.concatenate([start, values[..., :-1]], axis=-1)


Censoring = Literal["joint", "after events"]


@dataclass(frozen=True, slots=True)
class FineGray:
    """A fitted subdistribution hazards model.

    Parameters
    ----------
    cox : its partial likelihood; `cox.beta` are log subdistribution hazard ratios, `cox.robust()`
        takes the censoring weights as known, as `finegray` with `coxph(cluster =)` does.
    censoring : (n, k) what the estimated chance of being censored adds to each row's score.
    """

    cox: Cox
    censoring: np.ndarray

    @property
    def moved(self) -> np.ndarray:
        """(n, k) what each person moves the coefficients by, estimated censoring included."""
        return np.asarray((self.cox.scores + self.censoring) @ self.cox.bread)

    @property
    def cov(self) -> np.ndarray:
        """(k, k) covariance with the error of the censoring weights, as `cmprsk::crr`."""
        return np.asarray(self.moved.T @ self.moved)


def fine_gray(
    time: np.ndarray,
    cause: np.ndarray,
    x: np.ndarray,
    *,
    of: int = 1,
    weight: np.ndarray | None = None,
    group: np.ndarray | None = None,
    ties: Ties = "breslow",
    censoring: Censoring = "joint",
) -> FineGray:
    """Proportional subdistribution hazards (Fine and Gray 1999, JASA 94:496-509).

    Whoever had another event stays at risk, with a weight that falls as people like them would have
    been censored. With the defaults it is `cmprsk::crr`; with Efron's ties and "after events" it is
    `survival::finegray` and `coxph`.

    Parameters
    ----------
    time : (n,). cause : (n,) 0 censored, else which event. x : (n, k). of : the event in question.
    weight : (n,) of people, taken as known; the chance of being censored is that of people as they
    are. group : (n,) labels with a censoring of their own, crr's `cengroup` (its errors differ from
    these by less than one in a thousand). censoring : whether those with an event
    at a time of censoring could still have been censored at it ("joint"), or not.

    Raises
    ------
    FitError : see `cox`.
    """
    (time,), cause = grouped(time), np.asarray(cause)
    w = np.ones(len(time)) if weight is None else np.asarray(weight, dtype=float)
    own, censored = (cause == of) & (w > 0), cause == 0
    if not own.any():
        raise FitError(fact("numeric.fine-gray.nobody-has-event-there-nothing"))
    times = np.unique(time[own])
    labels = np.zeros(len(time), dtype=int)
    if group is not None:
        labels = np.unique(group, return_inverse=True)[1]
    chance, stay = [], np.zeros(len(time))
    other = ~own & ~censored
    for k in range(labels.max() + 1):
        rows = labels == k
        at_own, at_times = _uncensored(time[rows], censored[rows], (time[rows], times), censoring)
        chance.append(at_times)
        stay[rows] = np.where(other[rows], 1 / np.where(at_own > 0, at_own, np.inf), 0.0)
    leave = np.searchsorted(times, time, "right")
    sets = RiskSets(
        time=times,
        event=own,
        place=np.maximum(leave - 1, 0),
        enter=np.zeros(len(time), dtype=int),
        leave=leave,
        stay=stay,
        group=labels,
        chance=np.array(chance),
    )
    model = fitted(sets, time, np.asarray(x, dtype=float), w, ties=ties)
    return FineGray(model, _censoring_scores(model, censored))


def _uncensored(
    time: np.ndarray, censored: np.ndarray, when: tuple[np.ndarray, ...], censoring: Censoring
) -> list[np.ndarray]:
    """Kaplan-Meier chances of being uncensored just before times."""
    at, number = np.unique(time[censored], return_counts=True)
    at_risk = len(time) - np.searchsorted(np.sort(time), at, "left")
    if censoring == "after events":
        gone = np.sort(time[~censored])
        at_risk = at_risk - (np.searchsorted(gone, at, "right") - np.searchsorted(gone, at, "left"))
    level = np.concatenate([[1.0], np.cumprod(1 - number / at_risk)])
    # Past the last time that a group was seen at, its people no longer count.
    end = time.max()
    return [
        np.where(times <= end, level[np.searchsorted(at, times, "left")], 0.0) for times in when
    ]


def _censoring_scores(model: Cox, censored: np.ndarray) -> np.ndarray:
    """(n, k) psi of Fine and Gray's section 4: those still under observation when somebody is
    censored change the weights of those who had another event before."""
    sets, steps, count = model.sets, model.steps, len(model.sets.time)
    psi = np.zeros_like(model.x)
    if sets.stay is None or sets.group is None or sets.chance is None:
        return psi
    z = model.x - model.center
    hazard = steps.by_time(steps.hazard, count)
    drift = steps.by_time(steps.hazard[:, None] * (steps.mean - model.center), count)
    risk = model.weight * np.exp(z @ model.beta) * sets.stay
    for k, chance in enumerate(sets.chance):
        rows = np.flatnonzero(sets.group == k)
        time = model.time[rows]
        at, number = np.unique(time[censored[rows]], return_counts=True)
        at_risk = len(rows) - np.searchsorted(np.sort(time), at, "left")
        # At a tie, crr takes a censoring as after another event and before the event in question.
        after = np.searchsorted(sets.time, at, "left")
        rest = from_end(chance[:, None] * hazard)[after]
        rest_drift = from_end(chance[:, None] * drift)[after]
        order = np.argsort(time, kind="stable")
        gone = np.searchsorted(time[order], at, "left")
        size = np.concatenate([[0.0], np.cumsum(risk[rows][order])])[gone]
        loaded = np.vstack(
            [np.zeros(z.shape[1]), np.cumsum((risk[rows, None] * z[rows])[order], axis=0)]
        )[gone]
        q = (loaded * rest - size[:, None] * rest_drift) / at_risk[:, None]
        total = np.vstack(
            [np.zeros(z.shape[1]), np.cumsum(q * (number / at_risk)[:, None], axis=0)]
        )
        part = -total[np.searchsorted(at, time, "right")]
        out = censored[rows]
        part[out] += q[np.searchsorted(at, time[out])]
        psi[rows] = part
    return psi
