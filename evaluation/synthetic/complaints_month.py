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

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import period
from evaluation.numeric.shared import draws

FILE = "data/synthetic/complaints_month"
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
    first, last = (period.ordinal(text, "month") for text in (FIRST, LAST))
    return tuple(period.text(number, "month") for number in range(first, last + 1))


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
    shared = _drift(seed, "drift", n, SHARED_DRIFT_PER_YEAR)
    own = np.array([_drift(seed, f"drift/{name}", n, OWN_DRIFT_PER_YEAR) for name in names()])
    spread = 0.2 * draws.normals(draws.stream(seed, "level"), DISTRICTS)
    counts, means, without = {}, {}, {}
    for one in MEASURES:
        noise = np.array(
            [
                draws.stationary_path(
                    draws.normals(draws.stream(seed, f"noise/{one.column}/{name}"), n),
                    rho=RHO,
                    deviation=NOISE_DEVIATION,
                )
                for name in names()
            ]
        )
        wave = one.season * np.cos(2 * np.pi * (time % 12 + 1 - SEASON_PEAK_MONTH) / 12)
        rate = one.rate / 10_000 * np.exp(one.trend * time / 12 + wave)
        without[one.column] = population * rate * np.exp(spread[:, None] + shared + own + noise)
        effect = np.zeros((DISTRICTS, n))
        effect[0] = np.log(one.rate_ratio) * ramp()
        means[one.column] = without[one.column] * np.exp(effect)
        uniforms = np.array(
            [
                draws.uniforms(draws.stream(seed, f"count/{one.column}/{name}"), n)
                for name in names()
            ]
        )
        counts[one.column] = draws.overdispersed_counts(uniforms, means[one.column], one.dispersion)
    return Simulated(population, counts, means, without)


def files(seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    table = simulated(seed)
    return {
        f"{FILE}.csv": _csv(table),
        f"{FILE}.dataset.toml": _description(seed),
        f"{FILE}.truth.json": json.dumps(_truth(table, seed), sort_keys=True, indent=1) + "\n",
    }


def _drift(seed: int, name: str, n: int, per_year: float) -> np.ndarray:
    """(n,) a random walk in steps of a month, from nought in the first."""
    steps = draws.normals(draws.stream(seed, name), n) * per_year / np.sqrt(12)
    steps[0] = 0.0
    return np.asarray(np.cumsum(steps), dtype=float)


def _csv(table: Simulated) -> str:
    columns = [one.column for one in MEASURES]
    lines = [",".join(("district", "month", *columns, "population", "program"))]
    for i, name in enumerate(names()):
        for t, month in enumerate(months()):
            counts = ",".join(str(int(table.counts[column][i, t])) for column in columns)
            treated = int(i == 0 and month >= START)
            lines.append(f"{name},{month},{counts},{int(table.population[i, t])},{treated}")
    return "\n".join(lines) + "\n"


def _truth(table: Simulated, seed: int) -> dict[str, Any]:
    start = months().index(START)
    measures = {}
    for one in MEASURES:
        gone = (table.means_without[one.column] - table.means[one.column])[0, start:]
        measures[one.column] = {
            "averted": _six(float(gone.sum())),
            "better": one.better,
            "dispersion": one.dispersion,
            "log_rate_ratio": _six(float(np.log(one.rate_ratio))),
            "percent": _six(100 * (one.rate_ratio - 1)),
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


def _six(value: float) -> float:
    return float(f"{value:.6g}")


def _description(seed: int) -> str:
    counts = "".join(
        f'\n[columns.{one.column}]\nrole = "outcome"\ntype = "count"\n'
        f'measure = "{one.label} a month"\nlabel = "{one.label}"\n'
        + (f'about = "{one.about}"\n' if one.about else "")
        for one in MEASURES
    )
    return _HEAD.format(seed=seed) + counts + _TAIL


_HEAD = '''\
# Written by `ceasefire simulate`. Every number is invented; the truth behind them stands in
# complaints_month.truth.json, which no analysis reads.
name = "Synthetic districts: what police and residents do, by month"
file = "complaints_month.csv"
frequency = "month"
key = ["district", "month"]
source = "evaluation/synthetic/complaints_month.py, seed {seed}"
licence = "MIT, as the rest of this project"
sensitivity = "synthetic"
notes = """
Invented data with a known effect, for testing methods; not evidence about any real district. \\
Only "District 01 (synthetic)" has the program, from 2013-01, with the whole effect from 2013-06. \\
Complaints, calls and tips may rise where trust rises, so a plan declares which direction is good.\\
"""

[columns.district]
role = "unit"
type = "text"
measure = "district"

[columns.month]
role = "period"
type = "period"
measure = "calendar month"
'''

_TAIL = """
[columns.population]
role = "exposure"
type = "count"
measure = "residents"

[columns.program]
role = "treatment"
type = "flag"
measure = "1 from the start, else 0"
"""
