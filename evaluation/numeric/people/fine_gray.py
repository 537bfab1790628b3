"""Regression for the probability of an event when other events may come first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.people.cox import Cox, Ties, fitted
from evaluation.numeric.people.risk_sets import RiskSets, from_end
from evaluation.numeric.shared.solvable import grouped

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
