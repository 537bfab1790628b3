"""How often the range of treated cities, each by itself and pooled, holds the truth.

    python -m benchmarks.did_cities                 every scenario
    python -m benchmarks.did_cities --reps 50 --scenarios "8 null"
    python -m benchmarks.did_cities --report        the page from the CSV alone

Cities by year as `data/public/cities_ucr.csv` has them: 35 years, 40 that never start and a few
that do, at dates of their own, of very different size, all drifting apart.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import scenario_table
from evaluation.did import poisson_imputation
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.each_unit import each_unit
from evaluation.did.pooled_units import pooled
from evaluation.did.timing import timing
from evaluation.errors import FitError
from evaluation.numeric.series.simulated import counts
from evaluation.numeric.shared.draws import BitGenerator, normals, stream, uniforms

TABLE = Path(__file__).parents[1] / "docs/evidence/did_cities.csv"
SEED = 20261601
REPS, PART, PROCESSES = 200, 50, 2
REJECT = 0.05
YEARS, CONTROLS = 35, 40
# Starts lie between these years, as those of the cities do (1996 to 2013, from 1985 on).
FIRST_START, LAST_START = 11, 28
# Homicides a year.
SMALLEST, LARGEST = 15.0, 350.0
# Of the log rates of the 35 cities without a program, from differences over 1 to 20 years less
# Poisson noise: a random walk by year, and an AR(1) about it. What all share is small beside them.
WALK, OWN, OWN_RHO, COMMON = 0.08, 0.14, 0.6, 0.05
EFFECT = math.log(0.8)
# Years that show a peak, and controls matched on it.
RECENT, NEAREST = 2, 10
POOLED = "pooled-units"
TEN = f"{POOLED}, 10 years either side"
WAYS: dict[str, Mapping[str, int]] = {
    POOLED: {},
    f"{POOLED}, nearest 10": {"nearest": NEAREST},
    TEN: {"before": 10, "after": 10},
}
# Asked as well where starts follow the counts.
PULLED: dict[str, Mapping[str, int]] = {
    f"{POOLED}, donut 2": {"donut": RECENT},
    f"{POOLED}, donut 2, nearest 10": {"donut": RECENT, "nearest": NEAREST},
    f"{TEN}, donut 2": {"before": 10, "after": 10, "donut": RECENT},
    f"{TEN}, nearest 10": {"before": 10, "after": 10, "nearest": NEAREST},
}
IMPUTED = "poisson-imputation"
DONUT = f"{IMPUTED}, donut 2"


@dataclass(frozen=True, slots=True)
class World:
    """adopters : cities that start. effect : mean log ratio from the start on. spread : standard
    deviation of the cities' true ones. pull : how much more likely a city starts for one standard
    deviation more in its last two years against its earlier ones, on the log scale; 0 for starts
    without regard to it. same_start : all start in the middle year."""

    adopters: int
    effect: float = 0.0
    spread: float = 0.0
    pull: float = 0.0
    same_start: bool = False


SCENARIOS: dict[str, tuple[str, World]] = {
    **{f"{k} null": (f"{k} cities, no effect", World(k)) for k in (3, 4, 5, 6, 8, 15)},
    **{f"{k} fall": (f"{k} cities, 20 % fewer", World(k, EFFECT)) for k in (5, 8, 15)},
    "10 differ": (
        "10 cities, 20 % fewer, true ratios with a standard deviation of .2",
        World(10, EFFECT, 0.2),
    ),
    "15 together": ("15 cities, no effect, one start for all", World(15, same_start=True)),
    "10 after a bad time": (
        "10 cities, no effect; one standard deviation worse starts 2.7 times as often",
        World(10, pull=1.0),
    ),
    "10 after a peak": (
        "10 cities, no effect; the worst starts nearly always",
        World(10, pull=3.0),
    ),
    "10 after a peak and fall": (
        "10 cities, 20 % fewer; the worst starts nearly always",
        World(10, EFFECT, pull=3.0),
    ),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One draw: the panel, and the true log ratio of each city, nought where there is none."""

    cohorts: Cohorts
    truth: np.ndarray


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer: its estimate, half its range, whether the mean true ratio is in it, also without
    what shared controls add, whether p is below .05, and the chance that the true ratio of one more
    city is in the range for it. NaN where a method has none."""

    estimate: float
    half: float
    covered: float
    alone: float
    rejected: float
    ahead: float


@dataclass(frozen=True, slots=True)
class Row:
    """One method in one scenario; shares but for truth, mean and median, which are percent changes,
    and half, the median half width on the log scale. alone : coverage without what controls in
    common add to the error. flagged : draws in which the timing test fails."""

    scenario: str
    method: str
    reps: int
    failures: int
    truth: float
    mean: float
    median: float
    half: float
    coverage: float
    alone: float
    rejected: float
    ahead: float
    flagged: float


def draw(world: World, number: int) -> Drawn:
    """Cities with counts of their own; the same on every machine."""
    source = stream(SEED, f"{astuple(world)}/{number}")
    n, k = world.adopters + CONTROLS, world.adopters
    size = np.geomspace(SMALLEST, LARGEST, n)[np.argsort(uniforms(source, n))]
    common = COMMON * normals(source, YEARS).cumsum()
    walk = WALK * normals(source, n * YEARS).reshape(n, YEARS).cumsum(axis=1)
    own = normals(source, n * YEARS).reshape(n, YEARS)
    for t in range(1, YEARS):
        own[:, t] = OWN_RHO * own[:, t - 1] + math.sqrt(1 - OWN_RHO**2) * own[:, t]
    log_rate = np.log(size)[:, None] + common + walk + OWN * own
    chance = uniforms(source, n * YEARS).reshape(n, YEARS)
    without = counts(chance, np.exp(log_rate), 0.0)
    first = _starts(world, without, source)
    truth = np.where(np.isfinite(first), world.effect + world.spread * normals(source, n), 0.0)
    under = np.arange(YEARS) >= first[:, None]
    y = np.where(under, counts(chance, np.exp(log_rate + truth[:, None]), 0.0), without)
    assert np.isfinite(first).sum() == k
    cohorts = Cohorts.from_arrays(y, first, first="1985", frequency="year", kind="count")
    return Drawn(cohorts, truth)


def _starts(world: World, y: np.ndarray, source: BitGenerator) -> np.ndarray:
    """(N,) first treated years; the counts before them say who, when there is a pull."""
    k = world.adopters
    years = np.linspace(FIRST_START, LAST_START, k).round().astype(int)
    if world.same_start:
        years = np.full(k, YEARS // 2)
    first = np.full(len(y), NEVER)
    for year, u in zip(years, uniforms(source, k), strict=True):
        waiting = np.flatnonzero(np.isinf(first))
        recent = y[waiting, year - RECENT : year].mean(axis=1) + 0.5
        stood = np.log(recent / (y[waiting, : year - RECENT].mean(axis=1) + 0.5))
        chance = np.exp(world.pull * (stood - stood.mean()) / stood.std()).cumsum()
        first[waiting[int(np.searchsorted(chance, u * chance[-1]))]] = year
    return first


def judged(scenario: str, number: int) -> tuple[dict[str, Judged], bool | None]:
    """Every answer on one draw by method, and whether the timing test fails; None without one."""
    world = SCENARIOS[scenario][1]
    drawn = draw(world, number)
    cohorts, truth = drawn.cohorts, world.effect
    found: dict[str, Judged] = {}

    def put(name: str, judge: Callable[[], Judged]) -> None:
        try:
            found[name] = judge()
        except FitError:
            found[name] = Judged(*[math.nan] * 6)

    for name, options in (WAYS | PULLED if world.pull else WAYS).items():
        put(name, partial(_by_itself, cohorts, world, options))
    put(IMPUTED, partial(_imputed, cohorts, truth, 0))
    if world.pull:
        put(DONUT, partial(_imputed, cohorts, truth, RECENT))
    try:
        flagged = not timing(cohorts).passed
    except FitError:
        flagged = None
    return found, flagged


def _by_itself(cohorts: Cohorts, world: World, options: Mapping[str, int]) -> Judged:
    from scipy.special import ndtr

    one = pooled(each_unit(cohorts, **options))
    half = (one.high - one.low) / 2
    alone = half * math.sqrt(1 - (one.shared / one.std_error) ** 2)
    away = abs(one.estimate - world.effect)
    ends = np.array([one.ahead_low, one.ahead_high]) - world.effect
    if world.spread:
        below = ndtr(ends / world.spread)
        ahead = float(below[1] - below[0])
    else:
        ahead = float(ends[0] <= 0 <= ends[1])
    return Judged(one.estimate, half, away <= half, away <= alone, one.p_value < REJECT, ahead)


def _imputed(cohorts: Cohorts, truth: float, donut: int) -> Judged:
    one = poisson_imputation.fit(cohorts, donut=donut, lead_times=0, draws=1)
    half = (one.high - one.low) / 2
    covered = one.low <= truth <= one.high
    return Judged(one.estimate, half, covered, math.nan, one.p_value < REJECT, math.nan)


def _part(begin: int, scenario: str, reps: int) -> list[tuple[dict[str, Judged], bool | None]]:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return [judged(scenario, number) for number in range(begin, min(begin + PART, reps))]


def measured(scenario: str, reps: int, processes: int = PROCESSES) -> list[Row]:
    """The rows of one scenario."""
    work = partial(_part, scenario=scenario, reps=reps)
    begins = range(0, reps, PART)
    if processes == 1:
        parts = [work(begin) for begin in begins]
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            parts = pool.map(work, begins)
    draws = [each for part in parts for each in part]
    flags = [flag for _, flag in draws if flag is not None]
    flagged = float(np.mean(flags)) if flags else math.nan
    truth = 100 * math.expm1(SCENARIOS[scenario][1].effect)
    rows = []
    for name in draws[0][0]:
        every = np.array([astuple(found[name]) for found, _ in draws], dtype=float)
        kept = every[np.isfinite(every[:, 0])]
        if not len(kept):
            continue
        percent = 100 * np.expm1(kept[:, 0])
        rows.append(
            Row(
                scenario,
                name,
                reps,
                reps - len(kept),
                truth,
                float(percent.mean()),
                float(np.median(percent)),
                float(np.median(kept[:, 1])),
                *(float(kept[:, column].mean()) for column in range(2, 6)),
                flagged,
            )
        )
    return rows


def read(path: Path = TABLE) -> list[Row]:
    """The rows of a table written before; none when there is no file."""
    return scenario_table.read(Row, path)


def write(rows: Sequence[Row], path: Path = TABLE) -> list[Row]:
    """The table with these rows in the place of those of the same scenarios."""
    scenario_table.write(Row, rows, path, list(SCENARIOS))
    return read(path)


def report(rows: Sequence[Row]) -> str:
    """The page, in Markdown."""
    draws = max((row.reps for row in rows), default=0)
    notes = (Path(__file__).parent / "did_cities_notes.md").read_text(encoding="utf-8")
    lines = [
        "# Cities one by one: coverage of the pooled ratio, and starts after a bad time",
        "",
        "Made by `python -m benchmarks.did_cities`; the numbers are in"
        f" [did_cities.csv](did_cities.csv). {draws} draws a scenario of {YEARS} years and"
        f" {CONTROLS} cities that never start, {SMALLEST:g} to {LARGEST:g} homicides a year;"
        f" starts are spread over years {FIRST_START} to {LAST_START}. Log rates have a random walk"
        f" of {WALK:g} a year and an AR(1) of deviation {OWN:g} and correlation {OWN_RHO:g} for"
        " each city, as those without a program in `data/public/cities_ucr.csv` do, and Poisson"
        " counts. Nominal 95 % ranges; the Monte-Carlo error of a coverage of 95 % is"
        f" {100 * math.sqrt(0.95 * 0.05 / max(draws, 1)):.1f} points.",
        "",
        notes.strip(),
        "",
        "In the tables: mean and median are those of the percent changes found. Half is the median"
        " half width of the range, on the log scale. Alone is the coverage without what controls in"
        " common add to the error. Ahead is how often the true ratio of one more city was in the"
        " range for it.",
    ]
    for scenario in dict.fromkeys(row.scenario for row in rows):
        own = [row for row in rows if row.scenario == scenario]
        flagged = own[0].flagged
        told = "could not be made" if math.isnan(flagged) else f"fails in {100 * flagged:.0f} %"
        lines += [
            "",
            f"## {SCENARIOS[scenario][1].adopters} cities: {_heading(scenario)}",
            "",
            f"Truth: {own[0].truth:+.0f} %. The timing test {told}.",
            "",
            "| method | mean % | median % | half | coverage % | alone % | p < .05, % | ahead % |"
            " no estimate |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *(
                f"| {row.method} | {row.mean:+.1f} | {row.median:+.1f} | {row.half:.2f} |"
                f" {_share(row.coverage)} | {_share(row.alone)} | {_share(row.rejected)} |"
                f" {_share(row.ahead)} | {row.failures} |"
                for row in own
            ),
        ]
    return "\n".join(lines) + "\n"


def _heading(scenario: str) -> str:
    return SCENARIOS[scenario][0].partition(" cities, ")[2]


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f}"


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=int, default=REPS, help="draws a scenario")
    parser.add_argument("--scenarios", default="all", help="names with commas, or all")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--report", action="store_true", help="only write the page anew")
    asked = parser.parse_args(argv)
    names = list(SCENARIOS) if asked.scenarios == "all" else asked.scenarios.split(",")
    unknown = sorted(set(names) - set(SCENARIOS))
    if unknown:
        parser.error(f"no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    rows = read(asked.table)
    for name in [] if asked.report else names:
        rows = write(measured(name, asked.reps, asked.processes), asked.table)
        print(f"{name} done", flush=True)
    asked.table.with_suffix(".md").write_text(report(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
