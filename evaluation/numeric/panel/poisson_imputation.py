"""Poisson imputation: ratios of observed to expected sums, and the same with clusters left out.

Unit and period effects of a log-link mean are fitted to the control cells alone, for every left-out
cluster at once (`poisson_periods`). It is the extended two-way Poisson regression of
Wooldridge (2023), Econometrics Journal 26:C31-C66, with one effect for each treated cell of a unit
or cohort: that regression fits the treated cells exactly and has the same fit elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.poisson_periods import periods, reached, wins_of

# In a fit that is not bounded, an expected sum beyond this share of all events, or its inverse,
# runs to infinity or to nought.
RUNS_AWAY = 1e5
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
    y : (N, T) counts; those outside the control cells are not read and may be NaN. control :
        (N, T) bool. weight : (N,). exposure : (N, T) or None.

    Raises
    ------
    FitError : when no control cell has an event, or the effects of periods have no finite estimate.
    """
    counts, mass = _cells(y, control, weight, exposure)
    wins = wins_of(counts, mass > 0)[None]
    found = periods(counts.sum(axis=0)[None], counts.sum(axis=1)[None], mass, wins)
    if not (found.ended[0] and found.bounded[0]):
        raise FitError(fact("numeric.poisson-imputation.effects-periods-have-no-finite"))
    period = found.effect[0]
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
    y : (N, T) counts; those in neither a control cell nor a labeled one are not read and may be
        NaN. control : (N, T) bool. weight : (N,). labels : each (N, T), whole numbers from 0, -1
        for cells in none; columns of the answer are those of the first, then of the
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
    untreated_events = np.where(control, weighted, 0.0)
    # Units with the same cells can be added up; without a cluster there is its part less.
    by_period = _without(untreated_events.sum(axis=0), _added(untreated_events, cluster, groups))
    own = untreated_events.sum(axis=1)
    by_row = _without(
        np.bincount(row, own, rows),
        np.bincount(cluster * rows + row, own, groups * rows).reshape(groups, rows),
    )
    observed = np.hstack(
        [_observed(weighted, label, size, cluster, groups) for label, size in _each(labels, sizes)]
    )
    shape = control[first]
    bare = np.ones(shape.shape) if exposure is None else exposure[first]
    mass = shape * bare
    wins = _Wins.of(untreated_events, row, cluster, mass > 0)
    parts = [_Cells.of(label[first], size, bare) for label, size in _each(labels, sizes)]
    out = np.full(observed.shape, np.nan)
    at_once = max(1, BLOCK // max(mass.size, y.shape[1] ** 2))
    begin_guess: np.ndarray | None = None
    # The whole first: the fits without a cluster begin at its effects.
    for begin, end in pairwise([0, *range(1, 1 + groups, at_once), 1 + groups]):
        which = slice(begin, end)
        fits = periods(by_period[which], by_row[which], mass, wins.of_fits(begin, end), begin_guess)
        if begin == 0:
            if not fits.ended[0]:
                untreated(y, control, weight, exposure)  # raises with the reason
            begin_guess = fits.effect[0]
        with np.errstate(all="ignore"):
            level = by_row[which] / (fits.effect @ mass.T)
        level[:, ~mass.any(axis=1)] = 0  # no control cell: in no label
        with np.errstate(all="ignore"):
            found = np.hstack([part.sums(level, fits.effect) for part in parts])
            share = found / by_period[which].sum(axis=1, keepdims=True)
            away = (share > RUNS_AWAY) | (share < 1 / RUNS_AWAY)
        found[~fits.ended[:, None] | (~fits.bounded[:, None] & away)] = np.nan
        out[which] = found
    n = np.concatenate(
        [
            (label[:, :, None] == np.arange(size)).any(axis=1).sum(axis=0)
            for label, size in zip(labels, sizes, strict=True)
        ]
    )
    return Sums(observed, out, n)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The labeled cells of one set of labels, in the order of their labels.

    row, period : (m,). bare : (m,) exposure. begins : (k,) first of each label. some : (k,) bool.
    """

    row: np.ndarray
    period: np.ndarray
    bare: np.ndarray
    begins: np.ndarray
    some: np.ndarray

    @classmethod
    def of(cls, label: np.ndarray, size: int, bare: np.ndarray) -> _Cells:
        flat = label.ravel()
        order = np.argsort(flat, kind="stable")
        order = order[flat[order] >= 0]
        begins = np.searchsorted(flat[order], np.arange(size))
        row, period = np.unravel_index(order, label.shape)
        return cls(row, period, bare.ravel()[order], begins, np.diff([*begins, len(order)]) > 0)

    def sums(self, level: np.ndarray, period: np.ndarray) -> np.ndarray:
        """(G, k) sums of level (G, R) times exposure times effect of period (G, T)."""
        found = np.zeros((len(level), len(self.some)))
        if self.some.any():
            cells = level[:, self.row] * self.bare * period[:, self.period]
            found[:, self.some] = np.add.reduceat(cells, self.begins[self.some], axis=1)
        return found


@dataclass(frozen=True, slots=True)
class _Wins:
    """What `wins_of` gives, whole and without each cluster.

    events : (R, T) of all clusters. inside : (R, T) bool. rows : for each cluster the rows it is
        part of, and what is left in them without it, (r,) and (r, T).
    """

    events: np.ndarray
    inside: np.ndarray
    rows: list[tuple[np.ndarray, np.ndarray]]

    @classmethod
    def of(
        cls, events: np.ndarray, row: np.ndarray, cluster: np.ndarray, inside: np.ndarray
    ) -> _Wins:
        """From the events in control cells (N, T) and the row and cluster of each unit (N,)."""
        rows, groups = len(inside), int(cluster.max()) + 1
        whole = _added(events, row, rows)
        member, place = np.unique(cluster * rows + row, return_inverse=True)
        parts = _added(events, place.reshape(-1), len(member))
        bounds = np.searchsorted(member, np.arange(groups + 1) * rows)
        left = []
        for low, high in pairwise(bounds.tolist()):
            touched = member[low:high] % rows
            left.append((touched, _less(whole[touched], parts[low:high])))
        return cls(whole, inside, left)

    def of_fits(self, begin: int, end: int) -> np.ndarray:
        """(end - begin, T, T), nought being the whole and k what is left without cluster k - 1; or
        (1, T, T) that are left whichever cluster is left out, where that settles it."""
        whole = wins_of(self.events, self.inside)
        if begin:
            most = max(len(touched) for touched, _ in self.rows)
            sure = np.maximum(whole - most, 0)[None]
            live = np.asarray(self.events.sum(axis=0) > 0)[None]
            if (reached(live, sure > 0) & reached(live, np.swapaxes(sure, 1, 2) > 0)).all():
                return np.asarray(sure)
        found = np.repeat(whole[None], end - begin, axis=0)
        for place, number in enumerate(range(begin, end)):
            if number:
                touched, after = self.rows[number - 1]
                inside = self.inside[touched]
                found[place] += wins_of(after, inside) - wins_of(self.events[touched], inside)
        return found


def _each(labels: Sequence[np.ndarray], sizes: list[int]) -> Iterator[tuple[np.ndarray, int]]:
    return zip(labels, sizes, strict=True)


def _added(values: np.ndarray, cluster: np.ndarray, groups: int) -> np.ndarray:
    """(G, T) sums of (N, T) over the units of each cluster."""
    found = np.zeros((groups, values.shape[1]))
    np.add.at(found, cluster, values)
    return found


def _without(whole: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """(1 + G, k) the whole, then what is left without each part."""
    return np.vstack([whole, _less(whole, parts)])


def _less(whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """The difference, without the dust that sums of weights leave where nothing is left."""
    left = whole - part
    return np.where(np.abs(left) < 1e-12 * np.maximum(whole, 1), 0.0, left)


def _observed(
    weighted: np.ndarray, label: np.ndarray, size: int, cluster: np.ndarray, groups: int
) -> np.ndarray:
    """(1 + G, k) observed sums of each label, with every cluster and without each."""
    inside = label >= 0
    place = (cluster[:, None] * size + label)[inside]
    parts = np.bincount(place, weighted[inside], groups * size).reshape(groups, size)
    return _without(parts.sum(axis=0), parts)


def _cells(
    y: np.ndarray, control: np.ndarray, weight: np.ndarray, exposure: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    if exposure is None:
        shape, row = np.unique(control, axis=0, return_inverse=True)
        counts = np.zeros(shape.shape)
        np.add.at(counts, row.reshape(-1), weight[:, None] * np.where(control, y, 0.0))
        return counts, shape.astype(float)
    return weight[:, None] * np.where(control, y, 0.0), control * exposure


def _rows(
    control: np.ndarray, labels: Sequence[np.ndarray], exposure: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) the row of each unit, and (R,) one unit of each row: alike in all cells and labels."""
    if exposure is not None:
        return np.arange(len(control)), np.arange(len(control))
    alike = np.hstack([control.astype(int), *labels])
    _, first, row = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    return np.asarray(row.reshape(-1)), np.asarray(first)
