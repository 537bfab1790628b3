"""Whether each of many series of one design is found changed: what power asks, and no more of it.

Looks short of the answer show on which side of the level most are. What is near it is given the
method's own step where it takes one alone, many series at once, and is asked of the method where it
takes many.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from evaluation.data import period as calendar
from evaluation.errors import FitError
from evaluation.its import averaged_reml, learned
from evaluation.its.batch import headline_of, judge_many
from evaluation.its.effects import NO_ERROR, used
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.numeric.series.averaged import CHUNK, DIVERGED, Slopes
from evaluation.numeric.series.correlation import Grid
from evaluation.numeric.series.learned_weights import LEARNED_GRID, SHARE, learned_weights
from evaluation.numeric.series.looks import Look, own_look, shared_look
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal

# Estimates and p values, each (R,), not a number where there is none.
Verdicts = tuple[np.ndarray, np.ndarray]

# A p is on its side of the level when its normal quantile is further from that of the level than so
# many times what the look moved the log mean by. In series drawn from the worlds of Boston and
# Oakland, with and without a change, the answer was at most 2.4 times as far from a look.
FAR = 3.0
# A step that moves a mean by more than this on the log scale may be one of many that run away.
MOST_MOVED = 1.0
# Looks from own means; what they do not settle is close to the level.
OWN_LOOKS = 3
# A p worked out again in another order differs from itself by less than this.
ROUNDING = 1e-6


def verdicts(method: Method, series: Series, outcomes: np.ndarray, level: float) -> Verdicts:
    """Estimate and p value of one design with each of these outcomes.

    Every p is on the side of `level` that the method's own is on, and no number where the method
    gives none; far from the level it may be off, which moves no verdict. Averaged REML and the
    learned default are looked at in this way; other methods, and what is left, are asked by
    `judge_many`.

    Parameters
    ----------
    outcomes : (R, n). level : of the two-sided test.
    """
    estimate, p_value = np.full(len(outcomes), np.nan), np.full(len(outcomes), np.nan)
    models = _models(method, series, outcomes)
    left = np.ones(len(outcomes), dtype=bool)
    if models is not None:
        rows = np.flatnonzero(_with_events(series, outcomes))
        settled = _looked(series, outcomes[rows], models.only(rows), level)
        left[rows] = np.isnan(settled[1])
        estimate[rows], p_value[rows] = settled
    if left.any():
        judged = judge_many(method, with_outcomes(series, outcomes[left]))
        estimate[left] = [one.estimate for one in judged]
        p_value[left] = [one.p_value for one in judged]
    return estimate, p_value


@dataclass(frozen=True, slots=True)
class _Models:
    """Correlation models with log weights before the data, (G,) or (R, G), and a prior on slopes.

    once : whether the method stops after its first step.
    """

    grid: Grid
    prior: np.ndarray
    slopes: Slopes | None
    once: bool

    def only(self, rows: np.ndarray) -> _Models:
        return self if self.prior.ndim == 1 else replace(self, prior=self.prior[rows])


def _models(method: Method, series: Series, outcomes: np.ndarray) -> _Models | None:
    """What the method averages over, or None for another."""
    solve = method.solve
    if series.kind != "count" or method.whole is not None:
        return None
    if solve in averaged_reml.AVERAGES:
        grid, prior = averaged_reml.AVERAGES[solve]
        return _Models(grid, np.zeros(len(grid)) if prior is None else np.array(prior), None, False)
    if (solve.func if isinstance(solve, partial) else solve) is not learned.fit:
        return None
    options: Mapping[str, float] = solve.keywords if isinstance(solve, partial) else {}
    share, sd = options.get("learned", SHARE), options.get("slope", learned.SLOPE)
    of = learned.yearly_slopes(series)
    if not (0 <= share <= 1 and sd >= 0):  # the method refuses it
        return None
    mean = outcomes[:, series.kept].mean(axis=1)
    weights = learned_weights(mean, calendar.PER_YEAR[series.frequency], share)
    slopes = Slopes(of, sd) if len(of) and np.isfinite(sd) else None
    return _Models(LEARNED_GRID, weights, slopes, True)


def with_outcomes(series: Series, outcomes: np.ndarray) -> list[Series]:
    """The same design with each row of (R, n) outcomes: the columns need not be built again."""
    return [replace(series, rows=replace(series.rows, y=y)) for y in outcomes]


def _with_events(series: Series, outcomes: np.ndarray) -> np.ndarray:
    """(R,) whether there is an event on both sides and in the periods of every term, without which
    the method refuses."""
    keep = series.kept
    x = series.x[keep]
    switches = ((x == 0) | (x == 1)).all(axis=0)
    before = series.treated & ~series.affected & keep
    terms = (outcomes[:, keep] @ x[:, switches] > 0).all(axis=1)
    sides = [outcomes[:, rows].sum(axis=1) > 0 for rows in (before, series.affected)]
    return np.asarray(terms & sides[0] & sides[1])


@dataclass(frozen=True, slots=True)
class _Asked:
    """Series (R, n) of one design, as the looks take them."""

    series: Series
    y: np.ndarray
    x: np.ndarray
    offset: np.ndarray
    time: np.ndarray
    models: _Models
    level: float

    def own(self, rows: np.ndarray, gamma: np.ndarray) -> Look:
        """The look at these rows from coefficients of their own."""
        return own_look(
            self.y[rows],
            self.x,
            self.offset,
            self.time,
            self.models.grid,
            gamma=gamma,
            prior=self.models.only(rows).prior,
            slopes=self.models.slopes,
        )


def _looked(series: Series, outcomes: np.ndarray, models: _Models, level: float) -> Verdicts:
    """Estimates and p values (R,), not a number where no look settles the side."""
    found = np.full((2, len(outcomes)), np.nan)
    if not len(outcomes):
        return found[0], found[1]
    try:
        _, x, offset, time = used(with_outcomes(series, outcomes[:1])[0])
        asked = _Asked(series, outcomes[:, series.kept], x, offset, time, models, level)
        with np.errstate(all="ignore"):
            look = shared_look(
                asked.y, x, offset, time, models.grid, prior=models.prior, slopes=models.slopes
            )
            settled, told = _settled(asked, look)
            found[:, settled] = told[:, settled]
            left = np.flatnonzero(~settled & (models.once | (look.moved < MOST_MOVED)))
            for begin in range(0, len(left), CHUNK):
                some = left[begin : begin + CHUNK]
                found[:, some] = (
                    _by_one_step(asked, some)
                    if models.once
                    else _by_steps(asked, some, look.gamma[some])
                )
    except FitError:  # the method says why, of every series alike
        found[:] = np.nan
    return found[0], found[1]


def _by_steps(asked: _Asked, rows: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """(2, R) estimates and p values by looks each of which goes on from the one before."""
    found, left = np.full((2, len(rows)), np.nan), np.arange(len(rows))
    for _ in range(OWN_LOOKS):
        look = asked.own(rows[left], gamma)
        settled, told = _settled(asked, look)
        found[:, left[settled]] = told[:, settled]
        go_on = ~settled & (look.moved < MOST_MOVED)
        left, gamma = left[go_on], look.gamma[go_on]
        if not len(left):
            break
    return found


def _by_one_step(asked: _Asked, rows: np.ndarray) -> np.ndarray:
    """(2, R) estimates and p values of a method that takes one step from the Poisson fit: its own,
    but for rounding."""
    start = poisson(asked.y[rows], orthonormal(asked.x)[0], asked.offset)
    look = asked.own(rows, start.beta)
    told, scales = _told(asked, look)
    sure = start.converged & np.isfinite(look.change).all(axis=1)
    sure &= np.abs(start.beta).max(axis=1) < DIVERGED
    sure &= (np.abs(told[1] - asked.level) > ROUNDING) & (scales.max(axis=1) > NO_ERROR)
    return np.where(sure, told, np.nan)


def _settled(asked: _Asked, look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Whether p values (R,) are on their side of the level, and estimates and p values (2, R)."""
    from scipy.special import ndtri

    told, scales = _told(asked, look)
    apart = np.abs(ndtri(told[1].clip(min=1e-12) / 2) - ndtri(asked.level / 2))
    settled = (apart > FAR * look.moved) & (look.moved < MOST_MOVED)
    # What looks certain out of rounding is for the method to refuse.
    return settled & (scales.max(axis=1) > NO_ERROR), told


def _told(asked: _Asked, look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and p values (2, R) of the headline, and the scales (R, G) of its mixture."""
    values, gradients = _headlines(asked.series, look.beta)
    centers, scales = look.contrasts(values, gradients)
    return np.array(look.tests(centers, scales)), scales


def _headlines(series: Series, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values (R,) and gradients (R or 1, k) of the headline."""
    added = (series.x - series.baseline)[series.settled]
    if (added == added[0]).all():
        return beta @ added[0], added[:1]
    found = [headline_of(series, one) for one in beta]
    return np.array([value for value, _ in found]), np.array([gradient for _, gradient in found])
