"""How often the methods for one treated city find what is not there, and what is.

python -m benchmarks.did_one_city              2,000 draws a cell, some minutes
python -m benchmarks.did_one_city --report     the page from the CSV alone
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.did_worlds import (
    CONTROLS,
    EFFECT,
    MONTHS,
    NINE,
    PER_YEAR,
    START,
    STRESS,
    TREATED,
    World,
)
from evaluation.did.placebo_changes import log_changes
from evaluation.did.randomization import MARGIN_SHARE
from evaluation.numeric.panel.placebo import (
    conley_taber,
    equal_variance,
    ferman_pinto,
    ferman_pinto_rank,
)
from evaluation.numeric.panel.random_effects import averaged_prediction, plug_in_prediction
from evaluation.numeric.series.averaged import averaged_share
from evaluation.numeric.series.correlation import AR1_NUGGET
from evaluation.numeric.series.drifting import blocks, drifting_step
from evaluation.numeric.shared.linear import mixture_contrasts
from evaluation.numeric.shared.permutation import one_unit_one_date, rank

TABLE = Path(__file__).parents[1] / "docs/evidence/did_one_city.csv"
REPS, PART, PROCESSES = 2000, 250, 2
# Draws of methods that take 8 and 15 milliseconds each; the latter only in the first three worlds.
DRIFT_REPS, SERIES_REPS = 1000, 500
REJECT = 0.05
EFFECTS = (0.0, EFFECT)
# Controls used besides all twelve, by row from the smallest; for methods meant for few.
FEW = {8: (0, 2, 3, 5, 6, 8, 9, 11), 5: (0, 3, 6, 8, 11)}
SERIES = {7: (0, 2, 4, 6, 8, 9, 11), 3: (3, 6, 9), 1: (7,)}
SHIFTS = {"random-effects-drift": 0.1, "random-effects-drift, shift 0": 0.0}


@dataclass(frozen=True, slots=True)
class Found:
    """Of R draws: estimates, ends of the 95 % range and p; NaN where not estimated."""

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


@dataclass(frozen=True, slots=True)
class Row:
    """One method in one cell: rejected and coverage are shares, bias and width (median) are log
    ratios. Ranges of the rank methods are of a lower level, so that their coverage is not given."""

    world: str
    mean: float
    effect: float
    method: str
    controls: int
    reps: int
    failures: int
    rejected: float
    coverage: float
    bias: float
    width: float


def judged(y: np.ndarray, *, drift: bool, series: bool) -> Iterator[tuple[str, int, Found]]:
    """Every method on R draws of a treated city and its controls, (R, 13, T); the slow ones when
    asked for."""
    d, v = log_changes(y, np.ones(y.shape), START)
    own, own_v, others, other_v = d[:, 0], v[:, 0], d[:, 1:], v[:, 1:]
    for chosen in (range(len(CONTROLS)), *FEW.values()):
        rows = np.array(chosen)
        some, some_v = others[:, rows], other_v[:, rows]
        yield "random-effects", len(rows), _found(averaged_prediction(own, own_v, some, some_v))
        yield (
            "random-effects-plug-in",
            len(rows),
            _found(plug_in_prediction(own, own_v, some, some_v)),
        )
    n = len(CONTROLS)
    yield "placebo-t", n, _found(equal_variance(own, others))
    yield "ferman-pinto", n, _found(ferman_pinto(own, own_v, others, other_v))
    yield "ferman-pinto-rank", n, _found(ferman_pinto_rank(own, own_v, others, other_v))
    yield "conley-taber", n, _found(conley_taber(own, others))
    for statistic in ("estimate", "t"):
        yield f"randomization, unit, {statistic}", n, _ranked(y, np.array([START]), statistic)
        margin = int(MARGIN_SHARE * MONTHS)
        dates = np.arange(margin, MONTHS - margin + 1)
        yield f"randomization, unit x date, {statistic}", n, _ranked(y, dates, statistic)
    if drift:
        data = blocks(y, np.ones(y.shape), START, PER_YEAR, PER_YEAR)
        for name, shift in SHIFTS.items():
            yield name, n, _found(drifting_step(data, shift))
    if series:
        for size, few in SERIES.items():
            pool = y[:, 1:][:, np.array(few)].sum(axis=1)
            yield "ratio-series", size, _series(y[:, 0], pool)


def _found(one: object) -> Found:
    return Found(*(getattr(one, field.name) for field in fields(Found)))


def _ranked(y: np.ndarray, dates: np.ndarray, statistic: str) -> Found:
    p_values, estimates = np.empty(len(y)), np.empty(len(y))
    at = int(np.flatnonzero(dates == START)[0])
    for rep, one in enumerate(y):
        effects, errors = one_unit_one_date(one, None, dates, logs=True)
        values = (effects if statistic == "estimate" else effects / errors).ravel()
        estimates[rep] = effects[0, at]
        p_values[rep] = rank(float(values[at]), np.delete(values, at)).p_value
    nothing = np.full(len(y), np.nan)
    return Found(estimates, nothing, nothing, p_values)


def _series(own: np.ndarray, pool: np.ndarray) -> Found:
    time = np.arange(MONTHS, dtype=float)
    angle = 2 * np.pi * time / PER_YEAR
    waves = [wave(h * angle) for h in (1, 2) for wave in (np.cos, np.sin)]
    step = (time >= START).astype(float)
    x = np.column_stack([np.ones(MONTHS), (time - START) / PER_YEAR, *waves, step])
    out = np.full((4, len(own)), np.nan)
    # Series with the same empty periods, nearly always none, are fitted together.
    filled = own + pool > 0
    for pattern in np.unique(filled, axis=0):
        same = np.flatnonzero((filled == pattern).all(axis=1))
        y, total = own[same][:, pattern], (own + pool)[same][:, pattern]
        fitted = averaged_share(y, total, x[pattern], np.zeros(1), time[pattern], AR1_NUGGET)
        for place in np.flatnonzero(fitted.converged):
            one = mixture_contrasts(
                fitted.weights[place],
                fitted.betas[place],
                fitted.covs[place],
                fitted.df,
                np.eye(x.shape[1])[-1:],
            )
            answer = one.estimate[0], one.low[0], one.high[0], one.p_value[0]
            out[:, same[place]] = answer
    return Found(*out)


def study(world: World, reps: int) -> list[Row]:
    """Every method in the six cells of a world: three sizes, without and with the effect."""
    from threadpoolctl import threadpool_limits

    kept: dict[tuple[float, float, str, int], list[Found]] = {}
    with threadpool_limits(1):
        for part in range(-(-reps // PART)):
            treated, controls = world.draw(min(PART, reps - part * PART), part)
            for e, effect in enumerate(EFFECTS):
                for m, mean in enumerate(TREATED):
                    y = np.concatenate([treated[e, m][:, None], controls], axis=1)
                    drift = part * PART < DRIFT_REPS
                    series = part * PART < SERIES_REPS and world in NINE
                    for method, n, found in judged(y, drift=drift, series=series):
                        kept.setdefault((mean, effect, method, n), []).append(found)
    return [
        _row(world.name, mean, effect, method, n, _joined(parts))
        for (mean, effect, method, n), parts in kept.items()
    ]


def _joined(parts: Sequence[Found]) -> Found:
    names = [field.name for field in fields(Found)]
    return Found(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _row(world: str, mean: float, effect: float, method: str, n: int, found: Found) -> Row:
    truth = float(np.log1p(effect / 100))
    ok = np.isfinite(found.estimate)
    ranked = "rank" in method or method.startswith("randomization")
    covered = (found.low[ok] <= truth) & (truth <= found.high[ok])
    nan = float("nan")
    return Row(
        world,
        mean,
        effect,
        method,
        n,
        len(ok),
        int((~ok).sum()),
        round(float((found.p_value[ok] < REJECT).mean()), 4),
        nan if ranked else round(float(covered.mean()), 4),
        round(float(found.estimate[ok].mean() - truth), 4),
        nan if ranked else round(float(np.median(found.high[ok] - found.low[ok])), 4),
    )


def write(rows: Sequence[Row], table: Path = TABLE) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    table.with_suffix(".md").write_text(report(rows), encoding="utf-8")


def read(table: Path = TABLE) -> list[Row]:
    kinds: dict[str, Callable[[str], object]] = {"str": str, "float": float, "int": int}
    with table.open(encoding="utf-8", newline="") as file:
        return [
            Row(**{f.name: kinds[str(f.type)](line[f.name]) for f in fields(Row)})  # type: ignore[arg-type]
            for line in csv.DictReader(file)
        ]


def report(rows: Sequence[Row]) -> str:
    """The page, in Markdown."""
    null = partial(_table, rows, 0.0, "rejected")
    power = partial(_table, rows, EFFECT, "rejected")
    nine, stress = [world.name for world in NINE], [world.name for world in STRESS]
    sizes = " / ".join(f"{mean:g}" for mean in TREATED)
    reps = max((row.reps for row in rows), default=0)
    return "\n".join(
        [
            "# One treated city: how often methods find what is not there, and what is",
            "",
            "Made by `python -m benchmarks.did_one_city`; every number is in"
            f" [did_one_city.csv](did_one_city.csv). One treated city of {sizes} events a month and"
            " twelve controls of 1 to 25, 48 months before and 48 after. All cities share an AR(1),"
            " a random walk and a season; each has an AR(1) of its own (standard deviation .2,"
            " correlation .4) and negative binomial counts (alpha .05). In *factor* cities answer"
            " unequally to a common random walk; in *drift* each city's log rate walks by 12 % a"
            f" year. {reps:,} draws a cell (error 0.5 points at 5 %, 1.1 at 50 %);"
            f" {DRIFT_REPS:,} of `random-effects-drift` and {SERIES_REPS} of `ratio-series` (0.7"
            " and 1.0 points at 5 %). Random-effects is repeated with 8 and 5 of the controls.",
            "",
            f"## No effect: found all the same at 5 %, in percent (treated city {sizes})",
            "",
            *null(nine),
            "",
            f"## An effect of {EFFECT:g} %: found at 5 %, in percent",
            "",
            "Do not read a power that is bought with false findings.",
            "",
            *power(nine),
            "",
            f"## Coverage of the 95 % range, an effect of {EFFECT:g} %",
            "",
            *_table(rows, EFFECT, "coverage", nine),
            "",
            "## Harder worlds, no effect",
            "",
            "Overdispersed: frailty .4 and alpha .3. Small cities drift more: by the root of 8 over"
            " their mean. Shift: each city's log rate changes by its own amount at the start,"
            " standard deviation .15.",
            "",
            *null(stress),
            "",
            f"## Harder worlds, an effect of {EFFECT:g} %",
            "",
            *power(stress),
            *_notes(),
        ]
    )


def _notes() -> list[str]:
    file = Path(__file__).parent / "did_one_city_notes.md"
    return ["", file.read_text(encoding="utf-8").strip(), ""] if file.exists() else [""]


def _table(rows: Sequence[Row], effect: float, what: str, worlds: Sequence[str]) -> list[str]:
    """One line a method, one column a world, the three sizes in each cell."""
    at = {
        (row.method, row.controls, row.world, row.mean): getattr(row, what)
        for row in rows
        if row.effect == effect and not np.isnan(getattr(row, what))
    }
    methods = dict.fromkeys((method, n) for method, n, world, _ in at if world in worlds)
    lines = [["method", "controls", *worlds], ["---"] * (2 + len(worlds))]
    for method, n in methods:
        cells = [[at.get((method, n, world, mean)) for mean in TREATED] for world in worlds]
        words = [
            " / ".join("" if value is None else f"{100 * value:.1f}" for value in cell)
            for cell in cells
        ]
        lines.append([f"`{method}`", str(n), *words])
    return ["| " + " | ".join(line) + " |" for line in lines]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--report", action="store_true", help="only the page, from the CSV")
    parser.add_argument("--reps", type=int, default=REPS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--table", type=Path, default=TABLE)
    asked = parser.parse_args(arguments)
    if asked.report:
        rows = read(asked.table)
    else:
        with multiprocessing.Pool(asked.processes) as pool:
            worlds = NINE + STRESS
            parts = pool.map(partial(study, reps=asked.reps), worlds, chunksize=1)
        rows = [row for part in parts for row in part]
    write(rows, asked.table)


if __name__ == "__main__":
    main()
