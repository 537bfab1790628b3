"""How often the ranges of new observations hold what was not fitted: new_observations.md.

Counts or numbers with a trend, a season and correlated errors, 96 or 132 months, begun on by a
program at two thirds; each series is fitted with a change of -30 % from the start on, and what the
ranges are asked to hold is drawn anew without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation import its
from evaluation.errors import FitError
from evaluation.its.new_observations import ranges
from evaluation.numeric.series.simulated import copula_counts, latent_counts
from evaluation.numeric.shared.draws import normals, stationary_path, stream

FILE = Path(__file__).parents[1] / "docs/evidence/new_observations.md"
MONTHS, START, SEED = 96, 64, 20261130
COUNTS = ("learned", "quasi-poisson", "negative-binomial", "poisson")
NUMBERS = ("linear-reml-ar1", "prais-winsten", "ols-newey-west")
# Mean, variance over mean less one over the mean (alpha), correlation, and whether the rate
# itself persists.
WORLDS: dict[str, tuple[float, float, float, bool]] = {
    "mean 4, Poisson": (4.0, 0.0, 0.0, False),
    "mean 8, alpha .1, rho .4": (8.0, 0.1, 0.4, False),
    "mean 30, alpha .1, rho .4": (30.0, 0.1, 0.4, False),
    "mean 30, alpha .1, rate persists at .8": (30.0, 0.1, 0.8, True),
}
ERRORS = {"rho 0": 0.0, "rho .4": 0.4, "rho .7": 0.7}


def _curve() -> np.ndarray:
    """(n,) trend and season about one."""
    t = np.arange(MONTHS)
    return np.asarray(np.exp(0.001 * t + 0.15 * np.cos(2 * np.pi * t / 12)))


def _held(y: np.ndarray, anew: np.ndarray, method: str, kind: its.Kind) -> float:
    """The share of what was drawn anew after the start that the ranges hold; not a number where the
    method gives no answer."""
    series = its.Series.from_arrays(y, start=START, kind=kind)
    try:
        low, high = ranges(series, its.METHODS[method], series.rows.period[START:])
    except FitError:
        return np.nan
    return float(((low <= anew[START:]) & (anew[START:] <= high)).mean())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Percent of new observations that were held, its Monte-Carlo standard error, and how many
    series the method gave no answer for."""

    percent: float
    error: float
    refused: int


def coverage(world: str, method: str, draws: int) -> Coverage:
    """How often the ranges of one method hold in one world. Months of a series hang together, so
    the error is that of the mean over series."""
    source = stream(SEED, f"new observations/{world}")
    if method in COUNTS:
        level, alpha, rho, persists = WORLDS[world]
        draw, mean = latent_counts if persists else copula_counts, level * _curve()
        changed = np.where(np.arange(MONTHS) >= START, 0.7, 1.0) * mean
        fitted = draw(changed, alpha=alpha, rho=rho, source=source, draws=draws)
        anew = draw(mean, alpha=alpha, rho=rho, source=source, draws=draws)
        kind: its.Kind = "count"
    else:
        shocks = normals(source, 2 * draws * MONTHS).reshape(2, MONTHS, draws)
        errors = [stationary_path(one, rho=ERRORS[world], deviation=2.0).T for one in shocks]
        fitted, anew = (20 * _curve() + error for error in errors)
        fitted = fitted - np.where(np.arange(MONTHS) >= START, 6.0, 0.0)
        kind = "continuous"
    each = [_held(y, new, method, kind) for y, new in zip(fitted, anew, strict=True)]
    found = 100 * np.array([one for one in each if not np.isnan(one)])
    error = float(found.std(ddof=1) / np.sqrt(len(found)))
    return Coverage(float(found.mean()), error, draws - len(found))


def table(cells: dict[tuple[str, str], Coverage], worlds: list[str]) -> str:
    """A table of coverage, a row a method."""
    lines = [f"| method | {' | '.join(worlds)} |", f"| --- |{' ---: |' * len(worlds)}"]
    for method in dict.fromkeys(method for _, method in cells):
        row = [f"{cells[world, method].percent:.1f}" for world in worlds]
        lines.append(f"| `{method}` | {' | '.join(row)} |")
    return "\n".join(lines)


def page(draws: int) -> str:
    """The page, of so many series a cell."""
    counts = {(world, one): coverage(world, one, draws) for one in COUNTS for world in WORLDS}
    numbers = {(world, one): coverage(world, one, draws) for one in NUMBERS for world in ERRORS}
    every = [*counts.values(), *numbers.values()]
    refused = sum(one.refused for one in every)
    errors = [one.error for one in every]
    head = (
        "# How often the ranges of new observations hold what was not fitted\n\n"
        'Made by `python -m benchmarks.new_observations`. `fit.to_frame("path")` has in `new.low` '
        "and `new.high` the 95 % range of the number that a month would have had without the "
        f"program. {draws} simulated series of {MONTHS} months a cell, with a trend, a season and "
        f"a program from month {START + 1} on that lowers the outcome by 30 %; what the "
        "ranges are asked to hold is drawn anew without it. Percent of them that were held; the "
        f"Monte-Carlo standard error of a cell is {min(errors):.1f} to {max(errors):.1f} points. "
        f"Of {draws * len(every):,} fits {refused} had no answer. Whole numbers at the ends make "
        "the ranges of small counts hold more than 95 %. `poisson` takes the variance to be the "
        "mean, whatever it is.\n\n## Counts\n\n"
    )
    middle = "\n\n## Other outcomes, AR(1) errors\n\n"
    return f"{head}{table(counts, list(WORLDS))}{middle}{table(numbers, list(ERRORS))}\n"


def main(draws: int = 400) -> None:
    """The page anew."""
    FILE.write_text(page(draws), encoding="utf-8")


if __name__ == "__main__":
    main()
