"""People without the program who stand in for those with it, so that nothing that happened to the
treated is read: what could be found about people is worked out on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.individual.people import Outcome, People
from evaluation.numeric.shared.draws import changed_counts

# Outcomes of a person are drawn from so many people alike in what was known at entry.
ALIKE = 10
# No more of the outcome than this is taken for common to a cluster.
MOST_SHARED = 0.95


@dataclass(frozen=True, slots=True)
class Pool:
    """Who can stand in for whom about one outcome.

    Parameters
    ----------
    people : all of them. outcome : its name. day : by which an event counts. near : (n, K) people
        without the program who are most alike, those with the least of the outcome first. value :
        (n,) the outcome as a number, of people without the program alone. expected : its weighted
        mean among those who stand in for the treated. shared : correlation of the outcome within
        clusters, 0 where each person is their own.
    """

    people: People
    outcome: str
    day: float
    near: np.ndarray
    value: np.ndarray
    expected: float
    shared: float


def pool_of(people: People, outcome: str, day: float) -> Pool:
    """Everyone's like among the people without the program.

    Alike are those for whom a linear regression on what was known at entry, fitted to people
    without the program, expects nearly the same (predictive mean matching: Little 1988, Journal of
    Business and Economic Statistics 6:287-296).

    Parameters
    ----------
    day : by which a first event counts.
    """
    others = np.flatnonzero(~people.treated)
    value = _as_number(people.outcome(outcome), day)
    x = np.column_stack([np.ones(people.n), people.covariates])
    root = np.sqrt(people.weight[others])
    beta = np.linalg.lstsq(x[others] * root[:, None], value[others] * root, rcond=None)[0]
    score = x @ beta
    order = others[np.argsort(score[others], kind="stable")]
    many = min(ALIKE, len(order))
    place = np.searchsorted(score[order], score) - many // 2
    begin = np.clip(place, 0, len(order) - many)
    near = order[begin[:, None] + np.arange(many)]
    near = np.take_along_axis(near, np.argsort(value[near], axis=1, kind="stable"), axis=1)
    value = np.where(people.treated, np.nan, value)
    mine = people.treated
    expected = float(np.average(value[near[mine]].mean(axis=1), weights=people.weight[mine]))
    shared = _shared(people.cluster[others], (value - score)[others])
    return Pool(people, outcome, day, near, value, expected, shared)


def uniforms_needed(pool: Pool) -> int:
    """Random numbers that one draw of stand-ins needs: see `standing_in`."""
    return 3 * pool.people.n


def standing_in(pool: Pool, u: np.ndarray) -> People:
    """The same people with what happened to others like them, end of follow-up and all, no matter
    whether they had the program. People of one cluster share some of their luck.

    Parameters
    ----------
    u : (3 n,) uniforms.
    """
    people = pool.people
    own = u[: people.n]
    if pool.shared > 0:
        from scipy.special import ndtr, ndtri

        luck = ndtri(u[people.n : 2 * people.n])[people.cluster]
        own = ndtr(np.sqrt(pool.shared) * luck + np.sqrt(1 - pool.shared) * ndtri(own))
    many = pool.near.shape[1]
    rank = np.minimum((own * many).astype(int), many - 1)
    donor = pool.near[np.arange(people.n), rank]
    given = people.outcome(pool.outcome)
    cause = None if given.cause is None else given.cause[donor]
    return replace(
        people,
        outcomes={pool.outcome: Outcome(given.kind, given.values[donor], cause)},
        follow_up=people.follow_up[donor],
    )


def with_change(pool: Pool, people: People, percent: float, u: np.ndarray) -> People:
    """The stand-ins of the treated after a change of this size.

    Events are taken away or added by their own random numbers, so that counts stay counts; days and
    other numbers are multiplied.

    Parameters
    ----------
    people : from `standing_in`. percent : above -100. u : (E,) uniforms of `events`, the same for
        every change.
    """
    share, mine = percent / 100, people.treated
    given = people.outcome(pool.outcome)
    values = given.values.copy()
    cause = None if given.cause is None else given.cause.copy()
    if given.kind == "count":
        values[mine] = changed_counts(values[mine].astype(int), share, u)
    elif cause is not None:
        own = u[: people.n]
        if share < 0:
            # Followed to the end, without the event.
            gone = mine & (cause == 1) & (own < -share)
            end = np.where(np.isfinite(people.follow_up), people.follow_up, _longest(pool))
            values[gone], cause[gone] = end[gone], 0
        else:
            free = mine & (cause != 1)
            new = free & (own < _added(share, pool.expected, float((cause[mine] != 1).mean())))
            until = np.minimum(values, pool.day)
            values[new] = (u[people.n : 2 * people.n] * until)[new]
            cause[new] = 1
    elif given.kind == "binary":
        own = u[: people.n]
        if share < 0:
            values[mine & (values == 1) & (own < -share)] = 0.0
        else:
            more = _added(share, pool.expected, 1 - pool.expected)
            values[mine & (values == 0) & (own < more)] = 1.0
    else:
        values[mine] *= 1 + share
        if given.kind == "days":
            values = np.minimum(values, people.follow_up)
    return replace(people, outcomes={pool.outcome: Outcome(given.kind, values, cause)})


def events(pool: Pool, people: People) -> int:
    """Random numbers that `with_change` needs: one an event of a count, two a person otherwise."""
    given = people.outcome(pool.outcome)
    return int(given.values[people.treated].sum()) if given.kind == "count" else 2 * people.n


def most(pool: Pool) -> float:
    """The largest rise in percent that the outcome has room for."""
    if pool.people.outcome(pool.outcome).kind not in ("binary", "time") or pool.expected <= 0:
        return np.inf
    return 100 * (1 - pool.expected) / pool.expected


def told_of(pool: Pool) -> tuple[int, ...]:
    """How many people without the program had the outcome, and of one of yes or no how many had
    not: what its mean tells of."""
    kind, value = pool.people.outcome(pool.outcome).kind, pool.value[~pool.people.treated]
    had = int((value > 0).sum())
    if kind == "number":
        return (len(value),)
    return (had, len(value) - had) if kind in ("binary", "time") else (had,)


def _as_number(given: Outcome, day: float) -> np.ndarray:
    """(n,) the outcome; of a time, whether the event came by the day."""
    if given.cause is None:
        return given.values
    return np.asarray((given.cause == 1) & (given.values <= day), dtype=float)


def _longest(pool: Pool) -> float:
    """Days to the last that was seen of people without the program."""
    return float(pool.people.outcome(pool.outcome).values[~pool.people.treated].max())


def _added(share: float, expected: float, free: float) -> float:
    """Chance of an event that would not have been, so that events rise by this share."""
    return share * expected / free if free > 0 else 0.0


def _shared(cluster: np.ndarray, left: np.ndarray) -> float:
    """The correlation of what is left of an outcome within clusters, by analysis of variance
    (Donner 1986, International Statistical Review 54:67-82, eq. 2.2), and never below nought."""
    numbers = np.unique(cluster, return_inverse=True)[1]
    size = np.bincount(numbers).astype(float)
    groups, n = len(size), len(left)
    if groups in (1, n):
        return 0.0
    mean = np.bincount(numbers, weights=left) / size
    between = float(size @ (mean - left.mean()) ** 2) / (groups - 1)
    within = float(((left - mean[numbers]) ** 2).sum()) / (n - groups)
    usual = (n - float((size**2).sum()) / n) / (groups - 1)
    total = between + (usual - 1) * within
    return 0.0 if total <= 0 else float(np.clip((between - within) / total, 0.0, MOST_SHARED))
