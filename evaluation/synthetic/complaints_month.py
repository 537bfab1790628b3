"""What police and residents do, by district and month, in which every effect is known.

Thirteen invented districts, 2008 to 2017; only the first has the program, from 2013. Five counts
stand for police-community relations, each with the direction that is good declared beforehand:
where trust rises, people bring more complaints, report more gunshots and give more tips, so that a
rise in complaints is no failure; use of force falls. Nothing here is a record of a real place.

The mean of district i, measure o, month t is

    log mean = level(i, o) + log population(i, t) + trend(o) + season(o, t)
               + drift(t) + own drift(i, t) + persistent noise(i, o, t) + effect(o) ramp(i, t)

and the count is negative binomial around it, with a variance that is a fixed multiple of the mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import (
    FOLDER,
    between,
    column,
    csv_text,
    described,
    drift,
    noise,
    six,
    uniforms,
    written,
)

NAME = "complaints_month"
FILE = f"{FOLDER}/{NAME}"
SEED = 20130101
FIRST, LAST, START = "2008-01", "2017-12", "2013-01"
# The effect grows over five months, in equal steps, and is whole from the sixth.
PHASE_IN = 5
DISTRICTS = 13
# Slow random walks in the log rate: standard deviation after one year, shared and of each district.
SHARED_DRIFT_PER_YEAR, OWN_DRIFT_PER_YEAR = 0.02, 0.02
RHO, NOISE_DEVIATION = 0.2, 0.05
SEASON_PEAK_MONTH = 7.5
LARGEST, SMALLEST = 80_000, 32_000


@dataclass(frozen=True, slots=True)
class Measure:
    """One count: rate a month of 10,000 residents before the start, true effect, variance over
    mean, log change in a year, log amplitude of the season, which direction is good, and what it is
    about, or ""."""

    column: str
    label: str
    rate: float
    rate_ratio: float
    dispersion: float
    trend: float
    season: float
    better: str
    about: str


MEASURES = (
    Measure(
        "complaints", "complaints about police", 1.6, 1.20, 1.2, -0.02, 0.05, "higher", "trust"
    ),
    Measure("use_of_force", "uses of force", 1.1, 0.80, 1.2, -0.01, 0.08, "lower", "enforcement"),
    Measure(
        "gunshot_calls", "911 calls for gunshots", 9.0, 1.15, 2.0, -0.01, 0.15, "higher", "trust"
    ),
    Measure("tips", "anonymous tips", 1.2, 1.25, 1.3, 0.01, 0.03, "higher", "trust"),
    Measure("cleared_shootings", "shootings cleared", 0.35, 1.15, 1.05, 0.0, 0.08, "higher", ""),
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw: population (13, 120); counts, means and means had nothing started by measure."""

    population: np.ndarray
    counts: dict[str, np.ndarray]
    means: dict[str, np.ndarray]
    means_without: dict[str, np.ndarray]


def months() -> tuple[str, ...]:
    """The 120 months of the table."""
    return between(FIRST, LAST, "month")


def names() -> tuple[str, ...]:
    """The districts; the first has the program."""
    return tuple(f"District {number:02d} (synthetic)" for number in range(1, DISTRICTS + 1))


def ramp() -> np.ndarray:
    """(120,) share of the whole effect in the treated district."""
    since = np.arange(len(months())) - months().index(START)
    return np.asarray(np.clip((since + 1) / (PHASE_IN + 1), 0, 1))


def simulated(seed: int = SEED) -> Simulated:
    """Population, counts and the true means behind them, for this seed."""
    n = len(months())
    time = np.arange(n)
    start = np.linspace(LARGEST, SMALLEST, DISTRICTS).round(-3)
    population = np.rint(start[:, None] * np.exp(0.004 * time / 12)).astype(np.int64)
    shared = drift(seed, "drift", n, SHARED_DRIFT_PER_YEAR)
    own = np.array([drift(seed, f"drift/{name}", n, OWN_DRIFT_PER_YEAR) for name in names()])
    spread = 0.2 * draws.normals(draws.stream(seed, "level"), DISTRICTS)
    counts, means, without = {}, {}, {}
    for one in MEASURES:
        of = f"{one.column}/"
        own_noise = noise(seed, names(), n, rho=RHO, deviation=NOISE_DEVIATION, of=of)
        wave = one.season * np.cos(2 * np.pi * (time % 12 + 1 - SEASON_PEAK_MONTH) / 12)
        rate = one.rate / 10_000 * np.exp(one.trend * time / 12 + wave)
        without[one.column] = population * rate * np.exp(spread[:, None] + shared + own + own_noise)
        effect = np.zeros((DISTRICTS, n))
        effect[0] = np.log(one.rate_ratio) * ramp()
        means[one.column] = without[one.column] * np.exp(effect)
        counts[one.column] = draws.overdispersed_counts(
            uniforms(seed, names(), n, of), means[one.column], one.dispersion
        )
    return Simulated(population, counts, means, without)


def files(seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    table = simulated(seed)
    return written(NAME, _csv(table), _description(seed), _truth(table, seed))


def _csv(table: Simulated) -> str:
    columns = [one.column for one in MEASURES]
    rows = (
        (
            name,
            month,
            *(int(table.counts[column][i, t]) for column in columns),
            int(table.population[i, t]),
            int(i == 0 and month >= START),
        )
        for i, name in enumerate(names())
        for t, month in enumerate(months())
    )
    return csv_text(("district", "month", *columns, "population", "program"), rows)


def _truth(table: Simulated, seed: int) -> dict[str, Any]:
    start = months().index(START)
    measures = {}
    for one in MEASURES:
        gone = (table.means_without[one.column] - table.means[one.column])[0, start:]
        measures[one.column] = {
            "averted": six(float(gone.sum())),
            "better": one.better,
            "dispersion": one.dispersion,
            "log_rate_ratio": six(float(np.log(one.rate_ratio))),
            "percent": six(100 * (one.rate_ratio - 1)),
            "rate_per_10000": one.rate,
        }
    return {
        "bit_generator": draws.BitGenerator.__name__,
        "comparison_log_rate_ratio": 0.0,
        "measures": measures,
        "noise": {"deviation": NOISE_DEVIATION, "rho": RHO},
        "own_drift_per_year": OWN_DRIFT_PER_YEAR,
        "phase_in": PHASE_IN,
        "seed": seed,
        "shared_drift_per_year": SHARED_DRIFT_PER_YEAR,
        "start": START,
        "unit": names()[0],
    }


def _description(seed: int) -> str:
    columns = [
        column("district", "unit", "text", "district"),
        column("month", "period", "period", "calendar month"),
    ]
    for one in MEASURES:
        said = {"label": one.label, "about": one.about}
        columns.append(column(one.column, "outcome", "count", f"{one.label} a month", **said))
    columns.append(column("population", "exposure", "count", "residents"))
    columns.append(column("program", "treatment", "flag", "1 from the start, else 0"))
    title = "Synthetic districts: what police and residents do, by month"
    keys = {"frequency": "month", "key": ["district", "month"]}
    return described(NAME, title, NAME, seed, keys, columns, notes=_NOTES)


_NOTES = """\
Invented data with a known effect, for testing methods; not evidence about any real district. \\
Only "District 01 (synthetic)" has the program, from 2013-01, with the whole effect from 2013-06. \\
Complaints, calls and tips may rise where trust rises, so a plan declares which direction is good.\
"""
