"""How often the 95 % ranges of series by week and by day hold the truth: `weeks.md`.

`python -m benchmarks.coverage_weeks week slow 200` prints a row a method.
"""

from __future__ import annotations

import sys

import numpy as np

from evaluation.data import period
from evaluation.errors import FitError
from evaluation.its import METHODS, Series

SEED = 20130101
# Standard deviation of a wandering log rate, and the weeks after which half of it is forgotten.
WORLDS = {"white": (0.0, 1), "drift": (0.15, 13), "slow": (0.20, 52)}
# Years in all and before the start, events a period, the first period.
CALENDARS = {"week": (6.0, 4.0, 3.0, "2008-W01"), "day": (4.0, 2.5, 1.0, "2008-01-01")}
TRUE = np.log(0.75)
METHODS_ASKED = {
    "week": ("averaged-reml", "averaged-reml-wide", "newey-west", "quasi-poisson-ar1"),
    "day": ("averaged-reml-wide", "newey-west"),
}


def drawn(frequency: str, world: str, source: np.random.Generator) -> Series:
    """One series with a fall of a quarter."""
    years, before, level, first = CALENDARS[frequency]
    year, begin = period.a_year(frequency), period.ordinal(first, frequency)
    n, start = int(years * year), int(before * year)
    t = np.arange(n)
    passed = np.array([period.time_of_year(begin + int(one), frequency) for one in t])
    spread, weeks = WORLDS[world]
    rho = 0.5 ** (1 / (weeks * year / 52.18))
    wandering = np.zeros(n)
    if spread:
        wandering[0] = source.normal() * spread
        for k in range(1, n):
            step = source.normal() * spread * np.sqrt(1 - rho**2)
            wandering[k] = rho * wandering[k - 1] + step
    log = -0.05 * (t - start) / year + TRUE * (t >= start) + wandering
    log += 0.25 * np.cos(2 * np.pi * (passed - 0.55)) + 0.06 * np.cos(4 * np.pi * passed)
    if frequency == "day":
        log += 0.2 * ((begin + t - 1) % 7 >= 5)
    mean = level * np.exp(log)
    counts = source.negative_binomial(20, 20 / (20 + mean)).astype(float)
    return Series.from_arrays(counts, start=start, first=first, frequency=frequency, kind="count")


def main(frequency: str, world: str, draws: int) -> None:
    """Prints the share of ranges that hold the truth, their mean width and the mean error."""
    source = np.random.default_rng(SEED)
    found: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(draws):
        series = drawn(frequency, world, source)
        for name in METHODS_ASKED[frequency]:
            try:
                effect = METHODS[name].fit(series)
            except FitError:
                continue
            found.setdefault(name, []).append((effect.estimate, effect.low, effect.high))
    for name, rows in found.items():
        estimate, low, high = np.array(rows).T
        held = float(((low <= TRUE) & (high >= TRUE)).mean())
        print(
            f"{frequency} {world} {name}: {len(rows)} series, {100 * held:.1f} %, width "
            f"{(high - low).mean():.2f}, mean error {(estimate - TRUE).mean():+.3f}"
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
