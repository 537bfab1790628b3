"""Poisson imputation: ratios of observed to expected sums, and the same with clusters left out.

Unit and period effects of a log-link mean are fitted to the control cells alone. The effect of a
unit drops out of the likelihood once its total is given, so only the effects of periods are
searched, by Newton's method on a concave function, for every left-out cluster at once (Hausman,
Hall and Griliches 1984, Econometrica 52:909-938). It is the extended two-way Poisson regression of
Wooldridge (2023), Econometrics Journal 26:C31-C66, with one effect for each treated cell of a unit
or cohort: that regression fits the treated cells exactly and has the same fit elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evaluation.errors import FitError

# Score over all events below which the search has ended.
MAX_SCORE = 1e-11
STEPS = 100
# Periods whose rates differ by more than this on the log scale have no finite ratio.
UNBOUNDED = 30.0
# Numbers in one block of fits.
BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class Sums:
    """Observed and expected sums of the cells of each label.

    observed, expected : (1 + G, k), the first row with every cluster, then without each in turn; an
        expected sum is NaN where the fit has no finite answer. n : (k,) units behind each.
    """

    observed: np.ndarray
    expected: np.ndarray
    n: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """(1 + G, k) log of observed over expected; infinite or NaN where there is none."""
        with np.errstate(all="ignore"):
            return np.asarray(np.log(self.observed / self.expected))


@dataclass(frozen=True, slots=True)
class Untreated:
    """The fit to all control cells.

    expected : (N, T), NaN for a unit or period without a control cell, nought for a unit without
        events. period : (T,) effect of each period on the ratio scale, nought where no control
        cell had an event, NaN where there is none.
    """

    expected: np.ndarray
    period: np.ndarray


def untreated(
    y: np.ndarray, control: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None = None
) -> Untreated:
    """What the control cells predict for every cell.

    Parameters
    ----------
    y : (N, T) counts. control : (N, T) bool. weight : (N,). exposure : (N, T) or None.

    Raises
    ------
    FitError : when no control cell has an event, or the effects of periods have no finite estimate.
    """
    counts, mass = _cells(y, control, weight, exposure)
    effect, converged = _periods(counts[None], mass)
    if not converged[0]:
        raise FitError(
            "the effects of the periods have no finite estimate: the untreated events are too few "
            "or in separate blocks of periods; use a shorter window or longer periods"
        )
    period = effect[0]
    bare = np.ones(y.shape) if exposure is None else exposure
    with np.errstate(all="ignore"):
        level = np.where(control, y, 0).sum(axis=1) / (control * bare * period).sum(axis=1)
    expected = level[:, None] * bare * period
    live = control.any(axis=0)
    expected[:, ~live] = np.nan
    return Untreated(expected, np.where(live, period, np.nan))


def sums(
    y: np.ndarray,
    control: np.ndarray,
    weight: np.ndarray,
    labels: Sequence[np.ndarray],
    cluster: np.ndarray,
    exposure: np.ndarray | None = None,
) -> Sums:
    """Observed and expected sums by label, with every cluster and without each of them.

    Parameters
    ----------
    y : (N, T) counts. control : (N, T) bool. weight : (N,). labels : each (N, T), whole numbers
        from 0, -1 for cells in none; columns of the answer are those of the first, then of the
        second, and so on. cluster : (N,) numbers from 0. exposure : (N, T) or None.

    Raises
    ------
    FitError : as `untreated`; for a fit without a cluster the expected sums are NaN instead.
    """
    groups = int(cluster.max()) + 1
    sizes = [int(label.max()) + 1 for label in labels]
    row, first = _rows(control, labels, exposure)
    rows = len(first)
    weighted = weight[:, None] * y
    # Units with the same cells can be added up: their counts, by cluster, are all that is needed.
    total = np.zeros((rows, y.shape[1]))
    np.add.at(total, row, weighted)
    shape = control[first]
    bare = np.ones(shape.shape) if exposure is None else exposure[first]
    mass = shape * bare
    member = np.unique(row * groups + cluster)
    out = np.full((1 + groups, sum(sizes)), np.nan)
    observed = np.empty_like(out)
    at_once = max(1, BLOCK // max(mass.size, y.shape[1] ** 2))
    left = _left_out(weighted, row, cluster, member, groups)
    begin_guess: np.ndarray | None = None
    cells = [label[first] for label in labels]
    # The whole first: the fits without a cluster begin at its effects.
    for begin, end in pairwise([0, *range(1, 1 + groups, at_once), 1 + groups]):
        which = np.arange(begin, end)
        counts = np.repeat(total[None], len(which), axis=0)
        for place, number in enumerate(which):
            if number:
                touched, values = left[number - 1]
                counts[place, touched] -= values
        # Differences of sums of weights leave dust where nothing is left.
        counts[np.abs(counts) < 1e-12 * np.maximum(total, 1)] = 0
        period, converged = _periods(counts * shape, mass, begin_guess)
        if begin == 0:
            if not converged[0]:
                untreated(y, control, weight, exposure)  # raises with the reason
            begin_guess = period[0]
        own = (counts * shape).sum(axis=2)
        with np.errstate(all="ignore"):
            level = own / np.einsum("rt,gt->gr", mass, period)
        level[:, ~mass.any(axis=1)] = 0  # no control cell: in no label
        with np.errstate(all="ignore"):
            awaited = level[:, :, None] * bare * period[:, None, :]
            observed[which] = _by_label(counts, cells, sizes)
            out[which] = _by_label(awaited, cells, sizes)
        out[which[~converged]] = np.nan
    n = np.concatenate(
        [
            (label[:, :, None] == np.arange(size)).any(axis=1).sum(axis=0)
            for label, size in zip(labels, sizes, strict=True)
        ]
    )
    return Sums(observed, out, n)


def _by_label(values: np.ndarray, labels: Sequence[np.ndarray], sizes: list[int]) -> np.ndarray:
    """(G, k) sums of (G, R, T) over the cells (R, T) with each label, one set after another."""
    flat = values.reshape(len(values), -1)
    parts = []
    for label, size in zip(labels, sizes, strict=True):
        order = np.argsort(label.ravel(), kind="stable")
        order = order[label.ravel()[order] >= 0]
        begins = np.searchsorted(label.ravel()[order], np.arange(size))
        some = np.diff([*begins, len(order)]) > 0
        part = np.zeros((len(values), size))
        if some.any():
            part[:, some] = np.add.reduceat(flat[:, order], begins[some], axis=1)
        parts.append(part)
    return np.hstack(parts)


def _cells(
    y: np.ndarray, control: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    if exposure is None:
        shape, row = np.unique(control, axis=0, return_inverse=True)
        counts = np.zeros(shape.shape)
        np.add.at(counts, row.reshape(-1), weight[:, None] * y * control)
        return counts, shape.astype(float)
    return weight[:, None] * y * control, control * exposure


def _rows(
    control: np.ndarray, labels: Sequence[np.ndarray], exposure: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) the row of each unit, and (R,) one unit of each row: alike in all cells and labels."""
    if exposure is not None:
        return np.arange(len(control)), np.arange(len(control))
    alike = np.hstack([control.astype(int), *labels])
    _, first, row = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    return np.asarray(row.reshape(-1)), np.asarray(first)


def _left_out(
    weighted: np.ndarray, row: np.ndarray, cluster: np.ndarray, member: np.ndarray, groups: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each cluster the rows it is part of and its counts in them, (r,) and (r, T)."""
    place = np.searchsorted(member, row * groups + cluster)
    counts = np.zeros((len(member), weighted.shape[1]))
    np.add.at(counts, place, weighted)
    of = member % groups
    order = np.argsort(of, kind="stable")
    bounds = np.searchsorted(of[order], np.arange(groups + 1))
    return [
        (member[order[low:high]] // groups, counts[order[low:high]])
        for low, high in pairwise(bounds.tolist())
    ]


def _periods(
    counts: np.ndarray, mass: np.ndarray, guess: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(G, T) effects of periods, their mean over periods with events 1 on the log scale, and (G,)
    whether the search ended. A period without events has the effect nought, the limit.

    Parameters
    ----------
    counts : (G, R, T) events in control cells, nought elsewhere. mass : (R, T) exposure of control
        cells, nought elsewhere. guess : (T,) effects to begin with.
    """
    by_period = counts.sum(axis=1)
    by_row = counts.sum(axis=2)
    live = by_period > 0
    if not live[0].any():
        raise FitError("there is no event in the untreated cells, so nothing can be expected")
    with np.errstate(all="ignore"):
        crude = by_period / np.einsum("gr,rt->gt", by_row, mass) if guess is None else guess
        b = np.where(live & (crude > 0), np.log(np.where(crude > 0, crude, 1)), 0.0)
    total = np.maximum(by_period.sum(axis=1), np.finfo(float).tiny)
    both = live[:, :, None] & live[:, None, :]
    identity = np.eye(counts.shape[2])
    dead = np.where(live, 0.0, 1.0)
    value = _likelihood(b, live, counts, by_row, mass)
    converged = np.zeros(len(counts), dtype=bool)
    active = np.flatnonzero(_connected(live, by_row, mass > 0))
    for _ in range(STEPS):
        shares = _shares(b[active], live[active], mass)
        expected = np.einsum("gr,grt->gt", by_row[active], shares)
        score = np.where(live[active], by_period[active] - expected, 0.0)
        ended = np.abs(score).max(axis=1) <= MAX_SCORE * total[active]
        converged[active[ended]] = True
        active, score, shares, expected = (
            active[~ended],
            score[~ended],
            shares[~ended],
            expected[~ended],
        )
        if not len(active):
            break
        weighted = by_row[active][:, :, None] * shares
        hessian = identity * (expected + dead[active])[:, None, :]
        hessian -= np.swapaxes(weighted, 1, 2) @ shares
        # The level of all periods is free; a ridge along it picks one and moves nothing else.
        hessian += both[active] * (total[active] / counts.shape[2] ** 2)[:, None, None]
        step = np.linalg.solve(hessian, score[:, :, None])[:, :, 0]
        step = np.clip(np.nan_to_num(step), -5, 5)
        size = np.ones(len(active))
        for _ in range(30):
            trial = b[active] + size[:, None] * step
            new = _likelihood(trial, live[active], counts[active], by_row[active], mass)
            worse = new < value[active] - 1e-9 * total[active]
            if not worse.any():
                break
            size[worse] /= 2
        b[active] = trial
        value[active] = new
    # Ratios without a bound (periods whose events all lie to one side) end with a small score too.
    span = np.where(live, b, -np.inf).max(axis=1) - np.where(live, b, np.inf).min(axis=1)
    converged &= span < UNBOUNDED
    b -= np.where(live, b, 0).sum(axis=1, keepdims=True) / np.maximum(
        live.sum(axis=1, keepdims=True), 1
    )
    return np.where(live, np.exp(np.clip(b, -200, 200)), 0.0), converged


def _connected(live: np.ndarray, by_row: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(G,) whether rows with events join all periods with events."""
    reached = np.zeros_like(live)
    reached[np.arange(len(live)), live.argmax(axis=1)] = True
    for _ in range(live.shape[1]):
        rows = (reached.astype(float) @ inside.T > 0) & (by_row > 0)
        further = live & (reached | (rows.astype(float) @ inside > 0))
        if (further == reached).all():
            break
        reached = further
    return np.asarray((reached == live).all(axis=1) & live.any(axis=1))


def _shares(b: np.ndarray, live: np.ndarray, mass: np.ndarray) -> np.ndarray:
    """(G, R, T) share of a row's events in each of its control cells."""
    top = np.where(live, b, -np.inf).max(axis=1, keepdims=True)
    relative = np.where(live, np.exp(np.clip(b - top, -700, 0)), 0.0)
    cells = mass * relative[:, None, :]
    whole = cells.sum(axis=2, keepdims=True)
    return np.asarray(cells / np.where(whole > 0, whole, 1))


def _likelihood(
    b: np.ndarray, live: np.ndarray, counts: np.ndarray, by_row: np.ndarray, mass: np.ndarray
) -> np.ndarray:
    """(G,) the log-likelihood given the total of every row, up to a constant."""
    top = np.where(live, b, -np.inf).max(axis=1, keepdims=True)
    relative = np.where(live, np.exp(np.clip(b - top, -700, 0)), 0.0)
    whole = np.einsum("rt,gt->gr", mass, relative)
    by_period = counts.sum(axis=1)
    inside = np.where(live, (b - top) * by_period, 0).sum(axis=1)
    return np.asarray(inside - (by_row * np.log(np.where(whole > 0, whole, 1))).sum(axis=1))
