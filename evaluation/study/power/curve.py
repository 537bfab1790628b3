"""How often a known change is found: series drawn from a world and judged by a method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Interval
from evaluation.errors import FitError
from evaluation.its import Method
from evaluation.its.series import Series
from evaluation.its.verdicts import Verdicts, verdicts, with_outcomes
from evaluation.numeric.shared.parallel import each
from evaluation.study.power.power_evidence import SEED, PowerAfter, PowerPoint
from evaluation.study.power.world import World, simulated, with_effect

# Two-sided, and four times in five: what a study of this kind is asked for by custom.
LEVEL, ENOUGH = 0.05, 0.8
# Single fits sent to a process at once: some tenths of a second of work.
FITS = 25

Step = Callable[[], None]


def power_curve(
    world: World,
    method: Method,
    percents: Sequence[float],
    *,
    draws: int,
    name: str,
    periods: int | None = None,
    persistent: bool = False,
    seed: int = SEED,
    stepped: Step = lambda: None,
) -> tuple[tuple[PowerPoint, ...], float]:
    """The chance to find each of these changes, and that of a false alarm without any.

    The same random numbers serve every change, so that the curve is smooth. Found means p below
    5 % (two-sided) and the right direction; a false alarm has either direction.

    Parameters
    ----------
    percents : percent changes, all falls or all rises; none is put before them. draws : series a
        point. name : of the random stream. periods : of the world that are judged; None takes
        all. persistent : the rate is autocorrelated instead of the counts.
    """
    changes = [0.0, *sorted(percents, key=abs)]
    toward = float(np.sign(changes[-1])) or -1.0
    series, inside = _first_periods(world.series, periods)
    settled = world.series.settled & inside
    made = partial(
        _drawn, world, settled, inside, seed=seed, name=name, draws=draws, persistent=persistent
    )

    if linear(series, method):
        moves = [
            float((with_effect(world, c, settled) - world.mean)[settled].mean()) for c in changes
        ]
        found = _moved(method, with_outcomes(series, made(0.0)), moves)
        stepped()
    else:
        work = partial(_of_change, method, series, made)
        found = list(each(work, changes, progress=lambda done, total: stepped()))
    points = tuple(
        point_of(percent, toward, verdict) for percent, verdict in zip(changes, found, strict=True)
    )
    return points, float(np.mean(found[0][1] < LEVEL))


def power_after(
    world: World,
    method: Method,
    percent: float,
    lengths: Sequence[int],
    *,
    draws: int,
    name: str,
    periods: int,
    seed: int = SEED,
    stepped: Step = lambda: None,
) -> tuple[PowerAfter, ...]:
    """The chance to find one change as the periods from the start on grow.

    Each length sees the first periods of the same simulated series, so that it differs from the
    others by what was added and nothing else.

    Parameters
    ----------
    lengths : periods from the start on, from `possible_lengths`. periods : of the planned window,
        in which the change is `percent`. draws, name, seed : as in `power_curve`.
    """
    _, planned = _first_periods(world.series, periods)
    mean = with_effect(world, percent, world.series.settled & planned)
    outcomes = simulated(world, mean, seed=seed, name=name, draws=draws)
    begin = int(world.series.rows.period.min()) + world.series.start
    work = partial(_of_length, method, world.series, outcomes)
    judged = each(work, lengths, progress=lambda done, total: stepped())
    found = []
    for length, verdict in zip(lengths, judged, strict=True):
        point = point_of(percent, float(np.sign(percent)), verdict)
        last = calendar.text(begin + length - 1, world.series.frequency)
        found.append(PowerAfter(length, last, point.power, point.error))
    return tuple(found)


def possible_lengths(series: Series, years: int) -> tuple[int, ...]:
    """Whole years of periods from the start on in which the design can be fitted."""
    possible = []
    for year in range(1, years + 1):
        length = year * calendar.PER_YEAR[series.frequency]
        try:
            _first_periods(series, series.start + length)
        except FitError:  # a washout, a phase-in or another site's start lies beyond
            continue
        possible.append(length)
    return tuple(possible)


def linear(series: Series, method: Method) -> bool:
    """Whether a change moves the estimate by as much and nothing else, so that one fit of a
    simulated series serves every change: linear models of outcomes whose variance is fixed."""
    return series.kind == "continuous" and method.whole is None


def detectable(curve: Sequence[PowerPoint]) -> Interval | None:
    """The smallest change found four times in five, on a straight line between points.

    The range is what simulation leaves open: 1.96 standard errors of the power there, over the
    slope of the curve. None when no point reaches four in five.
    """
    for before, after in pairwise(curve):
        if before.power < ENOUGH <= after.power:
            slope = (after.power - before.power) / (after.percent - before.percent)
            at = before.percent + (ENOUGH - before.power) / slope
            half = 1.96 * max(before.error, after.error) / abs(slope)
            return Interval(at, at - half, at + half)
    return None


def periods_needed(after: Sequence[PowerAfter]) -> float | None:
    """Periods from the start on after which four in five is reached, on a straight line between
    the lengths looked at; the first length when that is enough, None when none is."""
    if after and after[0].power >= ENOUGH:
        return float(after[0].periods)
    for before, later in pairwise(after):
        if before.power < ENOUGH <= later.power:
            share = (ENOUGH - before.power) / (later.power - before.power)
            return before.periods + share * (later.periods - before.periods)
    return None


def _drawn(
    world: World,
    settled: np.ndarray,
    inside: np.ndarray,
    percent: float,
    *,
    seed: int,
    name: str,
    draws: int,
    persistent: bool,
) -> np.ndarray:
    """(R, n) series with this change, of the periods inside."""
    mean = with_effect(world, percent, settled)
    made = simulated(world, mean, seed=seed, name=name, draws=draws, persistent=persistent)
    return made[:, inside]


def _of_change(
    method: Method, series: Series, made: Callable[[float], np.ndarray], percent: float
) -> Verdicts:
    """A point of a curve: a thousand series drawn and judged, which is worth a process."""
    return verdicts(method, series, made(percent), LEVEL)


def _of_length(method: Method, series: Series, outcomes: np.ndarray, length: int) -> Verdicts:
    """The first periods of all drawn series, judged."""
    part, inside = _first_periods(series, series.start + length)
    return verdicts(method, part, outcomes[:, inside], LEVEL)


def _first_periods(series: Series, periods: int | None) -> tuple[Series, np.ndarray]:
    """The series of its first periods, and which rows those are (n,)."""
    if periods is None:
        return series, np.ones(series.n, dtype=bool)
    inside = series.rows.period < series.rows.period.min() + periods
    return (series if inside.all() else series.between(0, periods)), inside


def _moved(method: Method, series: Sequence[Series], moves: Sequence[float]) -> list[Verdicts]:
    """Verdicts on the same series with each of these differences added to the settled periods.

    A linear model takes the difference up into its level: the estimate moves by it, residuals,
    standard error and degrees of freedom stay.
    """
    from scipy.special import stdtr

    fits = np.array(list(each(partial(_law, method), series, together=FITS)))
    estimate, error, freedom = fits.T
    return [
        (estimate + move, 2 * stdtr(freedom, -np.abs(estimate + move) / error)) for move in moves
    ]


def _law(method: Method, series: Series) -> tuple[float, float, float]:
    """Estimate, standard error and degrees of freedom, not a number where there is none."""
    try:
        effect = method.fit(series)
    except FitError:
        return (np.nan, np.nan, np.nan)
    # The normal is the t with next to infinite degrees of freedom.
    return effect.estimate, effect.std_error, 1e300 if effect.df is None else effect.df


def point_of(percent: float, toward: float, found: Verdicts) -> PowerPoint:
    """How often a change is found, with the error of simulation."""
    estimate, p_value = found
    share = float(np.mean((p_value < LEVEL) & (np.sign(estimate) == toward)))
    # One draw more that is found and one that is not: the error is never nought (Agresti 1998).
    shrunk = (share * len(p_value) + 1) / (len(p_value) + 2)
    error = float(np.sqrt(shrunk * (1 - shrunk) / len(p_value)))
    return PowerPoint(percent, share, error, float(np.isnan(p_value).mean()))
