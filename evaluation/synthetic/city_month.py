"""An Oakland-like table of monthly shootings in which the effect of Ceasefire is known.

Thirteen invented cities, 2007 to 2019; only the first is treated. Level, spread, season and the
ratio of non-fatal to fatal shootings are those published for Oakland and other large US cities;
the effect is chosen. Nothing here is a record of any real person, place or event.

The mean of city i, outcome o, month t is

    log mean = level(i, o) + log population(i, t) + trend(t) + season(t)
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

NAME = "city_month"
FILE = f"{FOLDER}/{NAME}"

# The day of Oakland's first call-in, 18 October 2012; fixed before any data were drawn.
SEED = 20121018
FIRST, LAST, START = "2007-01", "2019-12", "2012-10"
# The effect grows over three months, 1/4, 1/2, 3/4, and is whole from January 2013.
PHASE_IN = 3

# Log change of the rate in a year, in every city.
TREND_PER_YEAR = float(np.log(0.99))
# Calibrated to 31 US cities: a wave of .14 on the log scale, highest in July and August.
SEASON_LOG_AMPLITUDE, SEASON_PEAK_MONTH = 0.14, 7.5
# Slow random walks in the log rate: standard deviation after one year, shared and of each city.
SHARED_DRIFT_PER_YEAR, OWN_DRIFT_PER_YEAR = 0.02, 0.03
# Month-to-month persistence of the log rate.
RHO, NOISE_DEVIATION = 0.15, 0.05


@dataclass(frozen=True, slots=True)
class City:
    """An invented city.

    Parameters
    ----------
    homicides : gun homicides a month before the start, when drift and noise are nought.
    ratio : non-fatal shootings to one gun homicide. population : residents in the first month.
    growth : log change of the population in a year.
    """

    name: str
    homicides: float
    ratio: float
    population: int
    growth: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome: `rate_ratio` is the true effect, `dispersion` the variance of a count over its
    mean when the month's rate is given."""

    column: str
    rate_ratio: float
    dispersion: float

    @property
    def log_rate_ratio(self) -> float:
        return float(np.log(self.rate_ratio))


CITIES = (
    City("Oakland (synthetic)", 8.0, 5.5, 395_000, 0.007),
    City("City A (synthetic)", 25.0, 4.9, 1_400_000, 0.004),
    City("City B (synthetic)", 16.0, 5.2, 900_000, 0.009),
    City("City C (synthetic)", 11.0, 6.1, 640_000, 0.003),
    City("City D (synthetic)", 9.0, 4.6, 510_000, 0.008),
    City("City E (synthetic)", 7.0, 5.8, 330_000, 0.002),
    City("City F (synthetic)", 6.0, 4.4, 465_000, 0.006),
    City("City G (synthetic)", 5.0, 6.6, 295_000, 0.009),
    City("City H (synthetic)", 4.0, 5.0, 210_000, 0.005),
    City("City I (synthetic)", 3.0, 5.4, 145_000, 0.007),
    City("City J (synthetic)", 2.0, 4.8, 115_000, 0.010),
    City("City K (synthetic)", 1.5, 6.3, 104_000, 0.004),
    City("City L (synthetic)", 1.0, 5.6, 62_000, 0.006),
)

# With the persistent noise the total dispersion of Oakland's homicides before the start is the
# published 1.16. Non-fatal shootings come several at a time more often, hence the larger value.
OUTCOMES = (
    Outcome("gun_homicides", rate_ratio=0.70, dispersion=1.14),
    Outcome("nonfatal_shootings", rate_ratio=0.72, dispersion=1.50),
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw of the table.

    Parameters
    ----------
    population : (13, 156) residents. counts : by outcome, (13, 156). means : by outcome, the true
        means behind the counts. means_without : the same had nothing started.
    """

    population: np.ndarray
    counts: dict[str, np.ndarray]
    means: dict[str, np.ndarray]
    means_without: dict[str, np.ndarray]


def months() -> tuple[str, ...]:
    """The 156 months of the table."""
    return between(FIRST, LAST, "month")


def ramp() -> np.ndarray:
    """(156,) share of the whole effect in each month."""
    since = np.arange(len(months())) - months().index(START)
    return np.asarray(np.clip((since + 1) / (PHASE_IN + 1), 0.0, 1.0), dtype=float)


def simulated(seed: int = SEED) -> Simulated:
    """Populations, true means and counts of every city and month for this seed."""
    n = len(months())
    years = np.arange(n) / 12
    population = np.array(
        [np.rint(city.population * np.exp(city.growth * years)) for city in CITIES]
    )
    shared = drift(seed, "drift/shared", n, SHARED_DRIFT_PER_YEAR)
    own = np.array([drift(seed, f"drift/{city.name}", n, OWN_DRIFT_PER_YEAR) for city in CITIES])
    cities = [city.name for city in CITIES]
    counts, means, means_without = {}, {}, {}
    for outcome in OUTCOMES:
        name = outcome.column
        passing = noise(seed, cities, n, rho=RHO, deviation=NOISE_DEVIATION, of=f"{name}/")
        effect = np.zeros((len(CITIES), n))
        effect[0] = outcome.log_rate_ratio * ramp()
        means_without[name] = _central_means(outcome, population) * np.exp(shared + own + passing)
        means[name] = means_without[name] * np.exp(effect)
        counts[name] = draws.overdispersed_counts(
            uniforms(seed, cities, n, f"{name}/"), means[name], outcome.dispersion
        )
    return Simulated(population, counts, means, means_without)


def city_month(seed: int = SEED) -> tuple[str, dict[str, Any]]:
    """The table as CSV text, and the truth behind it, rounded to 6 significant digits.

    The outcomes averted in the truth are the sum, over the months from the start, of the true mean
    had nothing started less the true mean.
    """
    table = simulated(seed)
    return _csv(table), _truth(table, seed)


def files(seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    table, truth = city_month(seed)
    return written(NAME, table, _description(seed), truth)


def _central_means(outcome: Outcome, population: np.ndarray) -> np.ndarray:
    """(13, 156) means without effect, drift and noise; `homicides` is their average before."""
    n = population.shape[1]
    month = np.arange(n) % 12 + 1
    wave = SEASON_LOG_AMPLITUDE * np.cos(2 * np.pi * (month - SEASON_PEAK_MONTH) / 12)
    shape = population * np.exp(TREND_PER_YEAR * np.arange(n) / 12 + wave)
    level = np.array([_before(city, outcome) for city in CITIES])
    before = shape[:, : months().index(START)].mean(axis=1)
    return np.asarray(shape * (level / before)[:, None], dtype=float)


def _before(city: City, outcome: Outcome) -> float:
    return city.homicides * (city.ratio if outcome.column == "nonfatal_shootings" else 1.0)


def _csv(table: Simulated) -> str:
    columns = [outcome.column for outcome in OUTCOMES]
    rows = (
        (
            city.name,
            month,
            *(int(table.counts[column][i, t]) for column in columns),
            int(table.population[i, t]),
            int(i == 0 and month >= START),
        )
        for i, city in enumerate(CITIES)
        for t, month in enumerate(months())
    )
    return csv_text(("city", "month", *columns, "population", "ceasefire"), rows)


def _truth(table: Simulated, seed: int) -> dict[str, Any]:
    start = months().index(START)
    outcomes = {}
    for outcome in OUTCOMES:
        name = outcome.column
        mean, without = table.means[name][0], table.means_without[name][0]
        before = _before(CITIES[0], outcome)
        outcomes[name] = {
            "averted": six(float((without - mean)[start:].sum())),
            "dispersion": outcome.dispersion,
            "dispersion_with_noise": six(outcome.dispersion + before * NOISE_DEVIATION**2),
            "log_rate_ratio": six(outcome.log_rate_ratio),
            "mean_before": six(before),
            "percent": six(100 * (outcome.rate_ratio - 1)),
        }
    return {
        "bit_generator": draws.BitGenerator.__name__,
        "comparison_cities": [city.name for city in CITIES[1:]],
        "comparison_log_rate_ratio": 0.0,
        "noise": {"deviation": NOISE_DEVIATION, "rho": RHO},
        "outcomes": outcomes,
        "own_drift_per_year": OWN_DRIFT_PER_YEAR,
        "phase_in": PHASE_IN,
        "ramp": [six(float(share)) for share in ramp()[start : start + PHASE_IN + 1]],
        "season": {"log_amplitude": SEASON_LOG_AMPLITUDE, "peak_month": SEASON_PEAK_MONTH},
        "seed": seed,
        "shared_drift_per_year": SHARED_DRIFT_PER_YEAR,
        "start": START,
        "trend_per_year": six(TREND_PER_YEAR),
        "unit": CITIES[0].name,
    }


def _description(seed: int) -> str:
    victims = "victims a month"
    imitated = '"us-ca-oakland"  # which the invented numbers imitate'
    columns = [
        f'\n[places]\n"Oakland (synthetic)" = {imitated}\n',
        column("city", "unit", "text", "city"),
        column("month", "period", "period", "calendar month"),
        column("gun_homicides", "outcome", "count", victims, label="gun homicides"),
        column("nonfatal_shootings", "outcome", "count", victims, label="non-fatal shootings"),
        column("population", "exposure", "count", "residents"),
        column("ceasefire", "treatment", "flag", "1 from the start, else 0"),
    ]
    title = "Synthetic Oakland and 12 synthetic comparison cities, by month"
    keys = {"frequency": "month", "key": ["city", "month"]}
    return described(NAME, title, NAME, seed, keys, columns, notes=_NOTES)


_NOTES = """\
Invented data with a known effect, for testing methods; not evidence about any real city. \\
Level, spread, season and the ratio of non-fatal to fatal shootings are like those published for \\
Oakland. Only "Oakland (synthetic)" is treated, from 2012-10, with the whole effect from 2013-01.\
"""
