"""Small places by month, treated one neighborhood after another, in which every effect is known.

A hundred invented block groups on a jittered grid, 2008 to 2015. Three neighborhoods of eight
places each begin at three dates, with an effect of their own that grows over half a year; the
others are never treated. Violent incidents number about .8 a month a place. In one variant part of
what is averted moves to untreated places close by; in another nothing has an effect. Nothing here
is a record of any real person, place or event.

The mean of place i in month t is

    log mean = rate(i) + log population(i, t) + trend(t) + season(t) + shock(t)
               + persistent noise(i, t) + effect(cohort of i) ramp(i, t) + spillover exposed(i, t)

and the count is negative binomial around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import (
    between,
    column,
    csv_text,
    described,
    noise,
    six,
    uniforms,
    written,
)

# Any fixed number does; chosen before any data were drawn.
SEED = 20110103
FIRST, LAST = "2008-01", "2015-12"
# Places stand on a grid of so many by so many, so far apart (km), moved by at most the jitter along
# either axis; written with two digits, which are what distances are taken from.
SIDE, STEP, JITTER = 10, 0.6, 0.08
PLACES = SIDE * SIDE
# The neighborhoods, by start (index of the month): first row and column, of two rows by four
# columns each.
NEIGHBORHOODS = {36: (1, 1), 52: (4, 5), 68: (7, 2)}
ROWS, COLUMNS = 2, 4
# Untreated places up to this far (km) from a treated one are exposed: mostly those that share a
# border, seldom those across a corner.
RING = 0.8
# Residents of a place: median, spread of the logs, and log change in a year.
RESIDENTS, RESIDENTS_DEVIATION, GROWTH_PER_YEAR = 1_300, 0.3, 0.006
# Spread of the log rates among places with the same mean.
LEVEL_DEVIATION = 0.5
SEASON_LOG_AMPLITUDE, SEASON_PEAK_MONTH = 0.14, 7.5
# Shocks that all places share, and the noise of each: persistence of the log rate from month to
# month and its standard deviation.
SHOCK_RHO, SHOCK_DEVIATION = 0.6, 0.10
RHO, NOISE_DEVIATION = 0.4, 0.30
# Variance of a count over its mean when the month's rate is given.
DISPERSION = 1.1


@dataclass(frozen=True, slots=True)
class World:
    """What is true.

    Parameters
    ----------
    rate_ratios : of treatment, by cohort in the order of their starts. phase_in : months before it
        is whole; it grows in equal steps. spillover : rate ratio on untreated places within the
        ring, from the first treatment of a place there on; above 1 violence is displaced. treated,
        others : mean incidents a month without any effect of places that are treated at some time,
        and of the rest. trend : log change over the whole window.
    """

    rate_ratios: tuple[float, float, float] = (0.66, 0.72, 0.78)
    phase_in: int = 5
    spillover: float = 1.0
    treated: float = 1.1
    others: float = 0.7
    trend: float = float(np.log(0.8))


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw.

    Parameters
    ----------
    first : (100,) index of the start, infinite for none. position : (100, 2) kilometers. population
        : (100, 96) residents. exposed : (100, 96) not treated, but a place within the ring is.
        counts, means, means_without : (100, 96), the last had nobody been treated.
    """

    first: np.ndarray
    position: np.ndarray
    population: np.ndarray
    exposed: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    means_without: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """(100, 96) from the start on."""
        return np.asarray(np.arange(self.counts.shape[1]) >= self.first[:, None])

    @property
    def event(self) -> np.ndarray:
        """(100, 96) months since the start, negative before, minus infinity for none."""
        return np.asarray(np.arange(self.counts.shape[1]) - self.first[:, None])

    def log_ratio(self, cells: np.ndarray) -> float:
        """The true log ratio of sums over these cells."""
        return float(np.log(self.means[cells].sum() / self.means_without[cells].sum()))


STANDARD = World()
DISPLACED = World(spillover=1.15)
NOTHING = World(rate_ratios=(1.0, 1.0, 1.0))


def months() -> tuple[str, ...]:
    """The 96 months of the table."""
    return between(FIRST, LAST, "month")


def names() -> tuple[str, ...]:
    """The places, row of the grid by row."""
    return tuple(f"Place {number:03d} (synthetic)" for number in range(1, PLACES + 1))


def starts() -> np.ndarray:
    """(100,) index of each place's start, infinite for none."""
    grid = np.full((SIDE, SIDE), np.inf)
    for month, (row, place) in NEIGHBORHOODS.items():
        grid[row : row + ROWS, place : place + COLUMNS] = month
    return grid.ravel()


def simulated(world: World = STANDARD, seed: int = SEED) -> Simulated:
    """Positions, populations, true means and counts of every place and month for this seed."""
    n, first = len(months()), starts()
    t = np.arange(n)
    position = _positions(seed)
    spread = RESIDENTS_DEVIATION * draws.normals(draws.stream(seed, "residents"), PLACES)
    population = np.rint(np.outer(RESIDENTS * np.exp(spread), np.exp(GROWTH_PER_YEAR * t / 12)))
    without = _means_without(world, seed, population, np.isfinite(first))
    apart = np.sqrt(((position[:, None] - position) ** 2).sum(axis=2))
    near = np.where(apart <= RING, first, np.inf).min(axis=1)
    since = t - first[:, None]
    exposed = (t >= near[:, None]) & (since < 0)
    ramp = np.clip((since + 1) / (world.phase_in + 1), 0, 1)
    effect = np.zeros(PLACES)
    for month, ratio in zip(NEIGHBORHOODS, world.rate_ratios, strict=True):
        effect[first == month] = np.log(ratio)
    means = without * np.exp(effect[:, None] * ramp + np.log(world.spillover) * exposed)
    counts = draws.overdispersed_counts(uniforms(seed, names(), n), means, DISPERSION)
    return Simulated(first, position, population, exposed, counts, means, without)


def files(name: str = "place_month", world: World = STANDARD, seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    table = simulated(world, seed)
    description = _description(name, seed, _about(world))
    return written(name, _csv(table), description, _truth(table, world, seed))


displaced_files = partial(files, "place_month_displaced", DISPLACED)
null_files = partial(files, "place_month_null", NOTHING)


def _positions(seed: int) -> np.ndarray:
    """(100, 2) kilometers east and north of the corner of the grid."""
    moved = 2 * draws.uniforms(draws.stream(seed, "position"), 2 * PLACES).reshape(PLACES, 2) - 1
    row, column = np.divmod(np.arange(PLACES), SIDE)
    return np.round(STEP * (np.column_stack([column, row]) + 0.5) + JITTER * moved, 2)


def _means_without(world: World, seed: int, population: np.ndarray, ever: np.ndarray) -> np.ndarray:
    """(100, 96) means had nobody been treated."""
    n = population.shape[1]
    t = np.arange(n)
    mean = np.where(ever, world.treated, world.others)
    spread = LEVEL_DEVIATION * draws.normals(draws.stream(seed, "rate"), PLACES)
    level = mean * np.exp(spread - LEVEL_DEVIATION**2 / 2)
    # Relative to the mean of places in the first month.
    size = population / (RESIDENTS * np.exp(RESIDENTS_DEVIATION**2 / 2))
    wave = SEASON_LOG_AMPLITUDE * np.cos(2 * np.pi * (t % 12 + 1 - SEASON_PEAK_MONTH) / 12)
    rate = np.exp(world.trend * t / (n - 1) + wave)
    # Mean 1 over the months, so that `treated` and `others` are what they say.
    rate = rate / (rate * np.exp(GROWTH_PER_YEAR * t / 12)).mean()
    shock = draws.stationary_path(
        draws.normals(draws.stream(seed, "shock"), n), rho=SHOCK_RHO, deviation=SHOCK_DEVIATION
    )
    own = noise(seed, names(), n, rho=RHO, deviation=NOISE_DEVIATION)
    centered = (SHOCK_DEVIATION**2 + NOISE_DEVIATION**2) / 2
    return np.asarray(level[:, None] * size * rate * np.exp(shock + own - centered))


def _csv(table: Simulated) -> str:
    rows = (
        (
            name,
            month,
            int(table.counts[i, t]),
            int(table.population[i, t]),
            *(f"{one:.2f}" for one in table.position[i]),
            int(table.treated[i, t]),
        )
        for i, name in enumerate(names())
        for t, month in enumerate(months())
    )
    header = ("place", "month", "violent_incidents", "population", "x", "y", "treated")
    return csv_text(header, rows)


def _truth(table: Simulated, world: World, seed: int) -> dict[str, Any]:
    treated, exposed, event = table.treated, table.exposed, table.event
    saved = table.means_without - table.means
    times = range(int(event.max()) + 1)
    return {
        "averted": {
            "exposed": six(saved[exposed].sum()),
            "total": six(saved[treated | exposed].sum()),
            "treated": six(saved[treated].sum()),
        },
        "bit_generator": draws.BitGenerator.__name__,
        "cohorts": {
            months()[start]: {
                "log_ratio": six(table.log_ratio(treated & (table.first == start)[:, None])),
                "places": [
                    name for name, own in zip(names(), table.first, strict=True) if own == start
                ],
                "rate_ratio_when_whole": ratio,
            }
            for start, ratio in zip(NEIGHBORHOODS, world.rate_ratios, strict=True)
        },
        "difference_per_cell": six(-saved[treated].mean()),
        "dispersion": DISPERSION,
        "exposed_cells": int(exposed.sum()),
        "growth_per_year": GROWTH_PER_YEAR,
        "level": {
            "deviation": LEVEL_DEVIATION,
            "others": world.others,
            "treated": world.treated,
        },
        # Of the sums over all places that are so many months past their start.
        "log_ratio_by_event_time": [six(table.log_ratio(event == time)) for time in times],
        "log_ratio_treated": six(table.log_ratio(treated)),
        "log_ratio_total": six(table.log_ratio(treated | exposed)),
        "noise": {"deviation": NOISE_DEVIATION, "rho": RHO},
        "percent_treated": six(100 * np.expm1(table.log_ratio(treated))),
        "phase_in": world.phase_in,
        "ring_km": RING,
        "season": {"log_amplitude": SEASON_LOG_AMPLITUDE, "peak_month": SEASON_PEAK_MONTH},
        "seed": seed,
        "shock": {"deviation": SHOCK_DEVIATION, "rho": SHOCK_RHO},
        "spillover_log_rate_ratio": six(np.log(world.spillover)),
        "treated_cells": int(treated.sum()),
        "trend": six(world.trend),
    }


def _about(world: World) -> str:
    if world.rate_ratios == (1.0, 1.0, 1.0):
        return "Nothing has an effect here."
    if world.spillover > 1:
        return (
            "Treatment lowers violence, by less in each later neighborhood, and part of it moves\n"
            f"to untreated places within {RING} km of a treated one."
        )
    return "Treatment lowers violence, by less in each later neighborhood; nothing moves elsewhere."


def _description(name: str, seed: int, about: str) -> str:
    incidents = ("count", "incidents a month")
    columns = [
        column("place", "unit", "text", "block group"),
        column("month", "period", "period", "calendar month"),
        column("violent_incidents", "outcome", *incidents, label="violent incidents"),
        column("population", "exposure", "count", "residents"),
        column("x", "covariate", "number", "kilometers east"),
        column("y", "covariate", "number", "kilometers north"),
        column("treated", "treatment", "flag", "1 from the start, else 0"),
    ]
    title = f"Synthetic places by month ({name})"
    keys = {"frequency": "month", "key": ["place", "month"]}
    return described(name, title, "place_month", seed, keys, columns, notes=f"{_NOTES}{about}")


_NOTES = """\
Invented data with a known effect, for testing methods; not evidence about any real place. Three
neighborhoods of eight places are treated, each at a date of its own.
"""
