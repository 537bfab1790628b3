"""Effects of periods in a Poisson panel, the total of every unit given: many fits at once.

With the events of each row given, their split over the row's control cells is multinomial, and only
the effects of the periods are left to search (Hausman, Hall and Griliches 1984, Econometrica
52:909-938). They are finite just when no set of periods always wins or always loses against the
rest: every period can be reached from every other by steps from a period with events in a row to
another cell of the row (Ford 1957, American Mathematical Monthly 64:28-33).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact

# Score over all events below which the search has ended.
MAX_SCORE = 1e-11
STEPS = 100
# Steps of fits near a first one with the curvature of that one, before each gets its own.
SHARED_STEPS = 24


@dataclass(frozen=True, slots=True)
class Periods:
    """G fits.

    effect : (G, T) on the ratio scale, their mean over periods with events 1 on the log scale; a
        period without events has nought, the limit. ended : (G,) whether the search ended: periods
        with events that no row joins have no answer. bounded : (G,) whether every effect is finite;
        where not, effects that run away are left where the likelihood no longer rises.
    """

    effect: np.ndarray
    ended: np.ndarray
    bounded: np.ndarray


def periods(
    by_period: np.ndarray,
    by_row: np.ndarray,
    mass: np.ndarray,
    wins: np.ndarray,
    guess: np.ndarray | None = None,
) -> Periods:
    """The effects of the periods of G fits.

    Parameters
    ----------
    by_period : (G, T) events in control cells. by_row : (G, R) the same. mass : (R, T) exposure of
        control cells, nought elsewhere. wins : (G, T, T) as from `wins_of`, or (1, T, T) that hold
        for every fit, all with events in the same periods. guess : (T,) effects to
        begin with.

    Raises
    ------
    FitError : when the first fit has no event.
    """
    live = by_period > 0
    if not live[0].any():
        raise FitError(fact("numeric.poisson-periods.there-no-event-untreated-cells"))
    with np.errstate(all="ignore"):
        crude = by_period / (by_row @ mass) if guess is None else guess
        b = np.where(live & (crude > 0), np.log(np.where(crude > 0, crude, 1)), 0.0)
    search = _Search(live, by_period, by_row, mass)
    edge = wins > 0
    back, some = np.swapaxes(edge, 1, 2), live[: len(edge)]
    bounded = np.broadcast_to(reached(some, edge) & reached(some, back), len(live))
    joined = bounded | reached(some, edge | back)
    ended = np.zeros(len(live), dtype=bool)
    if guess is not None:
        _with_shared_curvature(b, np.flatnonzero(bounded), search, ended)
    _newton(b, np.flatnonzero(joined & ~ended), search, ended)
    b -= np.where(live, b, 0).sum(axis=1, keepdims=True) / np.maximum(
        live.sum(axis=1, keepdims=True), 1
    )
    effect = np.where(live, np.exp(np.clip(b, -200, 200)), 0.0)
    return Periods(effect, ended, bounded)


def wins_of(events: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """(T, T) in how many rows a period has events while the other is a control cell.

    Parameters
    ----------
    events : (R, T). inside : (R, T) bool, control cells.
    """
    return np.asarray((events > 0).astype(float).T @ inside.astype(float))


def reached(live: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """(G,) whether all live periods can be reached from the first of them."""
    begin = np.zeros(live.shape, dtype=np.float32)
    begin[np.arange(len(live)), live.argmax(axis=1)] = 1
    steps = edge.astype(np.float32)
    there = begin > 0
    for _ in range(live.shape[1]):
        further = there | ((there[:, None, :].astype(np.float32) @ steps)[:, 0] > 0)
        if (further == there).all():
            break
        there = further
    return np.asarray((there | ~live).all(axis=1) & live.any(axis=1))


@dataclass(frozen=True, slots=True)
class _Search:
    """The likelihood of G fits given the total of every row.

    live : (G, T) periods with events. by_period : (G, T). by_row : (G, R). mass : (R, T).
    """

    live: np.ndarray
    by_period: np.ndarray
    by_row: np.ndarray
    mass: np.ndarray

    def at(self, b: np.ndarray, which: np.ndarray) -> _Point:
        """Where the fits `which` stand with effects b (g, T)."""
        live = self.live[which]
        top = np.where(live, b, -np.inf).max(axis=1, keepdims=True)
        top = np.where(np.isfinite(top), top, 0.0)  # no period with events is left
        relative = np.where(live, np.exp(np.clip(b - top, -700, 0)), 0.0)
        whole = relative @ self.mass.T
        events = self.by_row[which]
        part = events / np.where(whole > 0, whole, 1)
        expected = relative * (part @ self.mass)
        by_period = self.by_period[which]
        inside = np.where(live, (b - top) * by_period, 0).sum(axis=1)
        value = inside - (events * np.log(np.where(whole > 0, whole, 1))).sum(axis=1)
        score = np.where(live, by_period - expected, 0.0)
        return _Point(value, score, expected, relative, whole, part)

    def curvature(self, at: _Point, which: np.ndarray) -> np.ndarray:
        """(g, T, T) minus the second derivatives, with a ridge."""
        live = self.live[which]
        root = np.sqrt(at.part / np.where(at.whole > 0, at.whole, 1))
        cells = root[:, :, None] * self.mass * at.relative[:, None, :]
        found = -np.swapaxes(cells, 1, 2) @ cells
        every = np.arange(live.shape[1])
        found[:, every, every] += at.expected + ~live
        # The level of all periods is free; a ridge along it picks one and moves nothing else.
        ridge = self.by_period[which].sum(axis=1) / live.shape[1] ** 2
        return np.asarray(found + (live[:, :, None] & live[:, None, :]) * ridge[:, None, None])

    def ended(self, at: _Point, which: np.ndarray) -> np.ndarray:
        """(g,) whether the score is as good as nought."""
        total = np.maximum(self.by_period[which].sum(axis=1), np.finfo(float).tiny)
        return np.asarray(np.abs(at.score).max(axis=1) <= MAX_SCORE * total)


@dataclass(frozen=True, slots=True)
class _Point:
    """The likelihood at one place: value (g,), score and expected events by period (g, T),
    effects over the greatest (g, T), their sums over the cells of each row and the events of the
    row over that (g, R)."""

    value: np.ndarray
    score: np.ndarray
    expected: np.ndarray
    relative: np.ndarray
    whole: np.ndarray
    part: np.ndarray


def _with_shared_curvature(
    b: np.ndarray, joined: np.ndarray, search: _Search, done: np.ndarray
) -> None:
    """Fits that begin near their end, all with the curvature of the first where it begins.

    A step then costs two products of matrices for all fits together. What has not ended after
    SHARED_STEPS, or does not come nearer, is left where it stood best.
    """
    alike = joined[(search.live[joined] == search.live[joined[:1]]).all(axis=1)]
    if not len(alike):
        return
    one = alike[:1]
    inverse = np.linalg.inv(search.curvature(search.at(b[one], one), one)[0])
    active, here = alike, search.at(b[alike], alike)
    for _ in range(SHARED_STEPS):
        ended = search.ended(here, active)
        done[active[ended]] = True
        active, far, score = active[~ended], np.abs(here.score[~ended]).max(axis=1), here.score
        if not len(active):
            return
        trial = b[active] + np.clip(score[~ended] @ inverse, -5, 5)
        here = search.at(trial, active)
        nearer = np.abs(here.score).max(axis=1) < far
        b[active[nearer]] = trial[nearer]
        active = active[nearer]
        here = search.at(b[active], active) if not nearer.all() else here


def _newton(b: np.ndarray, active: np.ndarray, search: _Search, done: np.ndarray) -> None:
    """Newton's method, with half steps where the likelihood would fall."""
    if not len(active):
        return
    here = search.at(b[active], active)
    for _ in range(STEPS):
        ended = search.ended(here, active)
        done[active[ended]] = True
        if ended.any():
            active = active[~ended]
            if not len(active):
                return
            here = search.at(b[active], active)
        step = np.linalg.solve(search.curvature(here, active), here.score[:, :, None])[:, :, 0]
        step = np.clip(np.nan_to_num(step), -5, 5)
        total = search.by_period[active].sum(axis=1)
        size = np.ones(len(active))
        for _ in range(30):
            trial = b[active] + size[:, None] * step
            new = search.at(trial, active)
            worse = new.value < here.value - 1e-9 * total
            if not worse.any():
                break
            size[worse] /= 2
        b[active], here = trial, new
