"""Group-time effects of a balanced panel, their aggregates, and the influence of every unit.

Each cohort's change since a base period less that of its controls (Callaway and Sant'Anna 2021,
Journal of Econometrics 225:200-230). Estimates are kept apart from aggregation: the aggregates are
weights over the cells, and influence functions are asked for the weights that are wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.doubly_robust import Adjust, adjusted_changes

Controls = Literal["never", "not-yet"]
Base = Literal["varying", "universal"]

# Weights over the cells in, influence of every unit out: (m, k) -> (N, k).
Influence = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Cells:
    """Which comparisons are made, each field (m,).

    cohort : first treated period of the cohort. period, base : the change is from base to period.
    latest : controls are the units first treated after this period, the cohort itself left out.
    """

    cohort: np.ndarray
    period: np.ndarray
    base: np.ndarray
    latest: np.ndarray

    @property
    def event(self) -> np.ndarray:
        """(m,) periods since treatment began; negative before."""
        return np.asarray(self.period - self.cohort)


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effects of the cells, (m,), and the influence of every unit on weighted sums of them.

    Influence functions have the scale of the paper: the variance of an estimate is the sum of
    squares over N squared.
    """

    cells: Cells
    effect: np.ndarray
    influence: Influence


@dataclass(frozen=True, slots=True)
class Aggregates:
    """k averages of the cells.

    weights : (m, k), each column summing to 1. slopes : (C, k) derivatives by the share of each
        cohort, in the order of the cohorts, which carry the error of estimated shares.
    """

    weights: np.ndarray
    slopes: np.ndarray

    def where(self, chosen: np.ndarray) -> Aggregates:
        """These columns only."""
        return Aggregates(self.weights[:, chosen], self.slopes[:, chosen])

    def mean(self) -> Aggregates:
        """The plain mean of the columns, as one column."""
        return Aggregates(
            self.weights.mean(axis=1, keepdims=True), self.slopes.mean(axis=1, keepdims=True)
        )


def cells(
    first: np.ndarray, length: int, *, controls: Controls, base: Base, anticipation: int
) -> Cells:
    """Every cell of every cohort.

    Parameters
    ----------
    first : (N,) first treated periods, infinite for never. base : "universal" compares with the
        last period before treatment less the anticipated ones throughout; "varying" does so from
        treatment on, and with the period before otherwise, so that its earliest period has no
        cell. controls : "never", or "not-yet" for all that are untreated, and not yet anticipating,
        in both periods.

    Raises
    ------
    FitError : for a cohort without a base period.
    """
    found: list[tuple[int, int, int, int]] = []
    for cohort in np.unique(first[np.isfinite(first)]).astype(int):
        fixed = int(cohort) - 1 - anticipation
        if fixed < 0:
            raise FitError(
                fact(
                    "numeric.group-time.cohort-treated-from-period-on",
                    cohort=cohort + 1,
                    anticipation=anticipation,
                )
            )
        for period in range(length):
            start = fixed if base == "universal" or period >= cohort else period - 1
            if start >= 0:
                seen = length if controls == "never" else max(period, start) + anticipation
                found.append((int(cohort), period, start, seen))
    cohorts, periods, bases, latest = np.array(found, dtype=int).T
    return Cells(cohorts, periods, bases, latest)


def compared(first: np.ndarray, latest: int, cohort: int) -> np.ndarray:
    """(N,) True for the controls of a cell."""
    return np.asarray((first > latest) & (first != cohort))


def mean_effects(y: np.ndarray, first: np.ndarray, weight: np.ndarray, which: Cells) -> GroupTime:
    """Differences of mean changes, without covariates.

    Every effect is linear in the means of cohorts by period, so the influence of a unit on any
    weighted sum is its row of outcomes times a matrix of its cohort.

    Parameters
    ----------
    y : (N, T). first, weight : (N,).

    Raises
    ------
    FitError : for a cell without controls or with a single one.
    """
    starts, member = np.unique(first, return_inverse=True)
    _enough_controls(first, starts, np.bincount(member), which)
    total = np.bincount(member, weights=weight)  # (H,)
    sums = np.stack([weight[member == h] @ y[member == h] for h in range(len(starts))])
    mask = (starts > which.latest[:, None]) & (starts != which.cohort[:, None])  # (m, H)
    own = np.searchsorted(starts, which.cohort)
    size = mask @ total
    row = np.arange(len(own))
    control = (mask @ sums)[row[:, None], np.stack([which.period, which.base], 1)]
    control_change = (control[:, 0] - control[:, 1]) / size
    own_change = (sums[own, which.period] - sums[own, which.base]) / total[own]

    def influence(weights: np.ndarray) -> np.ndarray:
        out = np.empty((len(y), weights.shape[1]))
        used = np.abs(weights).sum(axis=1) > 0
        for h in range(len(starts)):
            rows = member == h
            pull = np.zeros((y.shape[1], weights.shape[1]))
            level = np.zeros(weights.shape[1])
            for cell, scale, change in (
                (np.flatnonzero(used & (own == h)), 1 / total[own], own_change),
                (np.flatnonzero(used & mask[:, h]), -1 / size, control_change),
            ):
                scaled = scale[cell, None] * weights[cell]
                sign = np.zeros((y.shape[1], len(cell)))
                np.add.at(sign, (which.period[cell], np.arange(len(cell))), 1.0)
                np.add.at(sign, (which.base[cell], np.arange(len(cell))), -1.0)
                pull += sign @ scaled
                level += change[cell] @ scaled
            out[rows] = len(y) * weight[rows, None] * (y[rows] @ pull - level)
        return out

    return GroupTime(which, own_change - control_change, influence)


def adjusted_effects(
    y: np.ndarray,
    first: np.ndarray,
    weight: np.ndarray,
    x: np.ndarray,
    which: Cells,
    *,
    adjust: Adjust,
) -> GroupTime:
    """Differences of changes given covariates, a cohort and its set of controls at a time.

    Parameters
    ----------
    x : (N, p) covariates, without the constant.

    Raises
    ------
    FitError : as `mean_effects`, and as `doubly_robust.adjusted_changes`.
    """
    n = len(y)
    starts, member = np.unique(first, return_inverse=True)
    _enough_controls(first, starts, np.bincount(member), which)
    design = np.column_stack([np.ones(n), (x - x.mean(axis=0)) / x.std(axis=0)])
    effect = np.empty(len(which.cohort))
    blocks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    sets, place = np.unique(np.stack([which.cohort, which.latest]), axis=1, return_inverse=True)
    for number, (cohort, latest) in enumerate(sets.T):
        inside = np.flatnonzero(place.ravel() == number)
        treated = first == cohort
        rows = np.flatnonzero(treated | compared(first, int(latest), int(cohort)))
        change = y[rows][:, which.period[inside]] - y[rows][:, which.base[inside]]
        found, pull = adjusted_changes(change, treated[rows], design[rows], weight[rows], adjust)
        effect[inside] = found
        blocks.append((rows, inside, pull * (n / len(rows))))

    def influence(weights: np.ndarray) -> np.ndarray:
        out = np.zeros((n, weights.shape[1]))
        for rows, inside, pull in blocks:
            out[rows] += pull @ weights[inside]
        return out

    return GroupTime(which, effect, influence)


def by_share(found: GroupTime, keep: np.ndarray, share: np.ndarray) -> Aggregates:
    """Averages of the kept cells weighted by the shares of their cohorts.

    Parameters
    ----------
    keep : (m, k) True for the cells of each average. share : (C,) share of each cohort among all
        units, in the order of the cohorts.
    """
    _, place = np.unique(found.cells.cohort, return_inverse=True)
    weights = keep * share[place][:, None]
    total = weights.sum(axis=0)
    weights = weights / total
    excess = keep * (found.effect[:, None] - found.effect @ weights) / total
    slopes = np.zeros((len(share), keep.shape[1]))
    np.add.at(slopes, place, excess)
    return Aggregates(weights, slopes)


def by_cohort(found: GroupTime, latest: int) -> Aggregates:
    """The mean of each cohort's effects over its event times 0 to `latest`; no share is estimated
    in it."""
    kept = (found.cells.event >= 0) & (found.cells.event <= latest)
    cohorts = np.unique(found.cells.cohort)
    keep = kept[:, None] & (found.cells.cohort[:, None] == cohorts)
    return Aggregates(keep / keep.sum(axis=0), np.zeros((len(cohorts), len(cohorts))))


def over_cohorts(found: GroupTime, share: np.ndarray, latest: int) -> Aggregates:
    """The mean of the cohorts' own means, weighted by their shares."""
    each = by_cohort(found, latest)
    weights = share / share.sum()
    values = found.effect @ each.weights
    slopes = (values - values @ weights) / share.sum()
    return Aggregates((each.weights @ weights)[:, None], slopes[:, None])


def side_by_side(*several: Aggregates) -> Aggregates:
    """All their columns."""
    return Aggregates(
        np.concatenate([one.weights for one in several], axis=1),
        np.concatenate([one.slopes for one in several], axis=1),
    )


def influence_on(
    found: GroupTime, wanted: Aggregates, first: np.ndarray, weight: np.ndarray
) -> np.ndarray:
    """(N, k) influence of every unit on the aggregates, estimated shares included."""
    out = found.influence(wanted.weights)
    if wanted.slopes.any():
        cohorts = np.unique(found.cells.cohort)
        treated = np.isfinite(first)
        place = np.searchsorted(cohorts, first[treated])
        out[treated] += (weight[treated] / weight.mean())[:, None] * wanted.slopes[place]
    return out


def _enough_controls(
    first: np.ndarray, starts: np.ndarray, count: np.ndarray, which: Cells
) -> None:
    mask = (starts > which.latest[:, None]) & (starts != which.cohort[:, None])
    controls = mask @ count
    if not controls.min():
        raise FitError(fact("numeric.group-time.no-untreated-unit-left-compare"))
    if controls.min() == 1:
        raise FitError(fact("numeric.group-time.cohort-has-single-control-whose"))
