"""How often nominal 95 % ranges of the interrupted-time-series methods hold the truth.

    python -m benchmarks.coverage_its                        the full grid, batched methods
    python -m benchmarks.coverage_its --cells middle --methods newey-west,ols --reps 300
    python -m benchmarks.coverage_its --report               tables and figure from the CSV alone

Rows of `coverage_its.csv` for the same cell and method are replaced; others stay.
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.worlds import COUNTS, RATE, SETS, Cell
from evaluation.its import METHODS, Series
from evaluation.its.batch import Judged, judge_many

TABLE = Path(__file__).parents[1] / "docs/evidence/coverage_its.csv"
# Fitted many at a time, so that the whole grid takes minutes.
BATCHED = (
    *("learned", "averaged-reml", "averaged-reml-ar1", "averaged-reml-wide"),
    *("quasi-poisson", "poisson"),
)
REPS = 2000
PART = 500
PROCESSES = 2
REJECT = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One method in one cell.

    reps : series drawn. failures : not estimated, and left out of the rest. covered : ranges that
    hold the truth. rejected : p below .05. bias : mean estimate less truth, log ratio or
    difference. width : median width of the range, same scale. std_error : median.
    """

    world: str
    n: int
    mean: float
    alpha: float
    rho: float
    drift: float
    effect: float
    method: str
    reps: int
    failures: int
    covered: int
    coverage: float
    rejected: float
    bias: float
    width: float
    std_error: float

    @property
    def key(self) -> tuple[object, ...]:
        return (
            self.world,
            self.effect,
            self.drift,
            self.n,
            self.mean,
            self.alpha,
            self.rho,
            self.method,
        )


def measured(cell: Cell, methods: Sequence[str], reps: int) -> list[Row]:
    """The rows of one cell, every method on the same series."""
    from threadpoolctl import threadpool_limits

    judged: dict[str, list[Judged]] = {method: [] for method in methods}
    with threadpool_limits(1):
        for part in range(math.ceil(reps / PART)):
            drawn = cell.draw(min(PART, reps - part * PART), part)
            series = [_series(y, cell) for y in drawn]
            for method in methods:
                judged[method] += judge_many(METHODS[method], series)
    return [_row(cell, method, found) for method, found in judged.items()]


def _series(y: np.ndarray, cell: Cell) -> Series:
    """The design of the study: intercept, trend, step at half, two harmonics, no exposure."""
    return Series.from_arrays(y, start=cell.start)


def _row(cell: Cell, method: str, judged: Sequence[Judged]) -> Row:
    # Methods for counts alone judge a log ratio; those for any outcome a difference.
    ratio = "continuous" not in METHODS[method].kinds
    truth = cell.log_ratio if ratio else cell.difference
    found = [each for each in judged if not each.reason]
    low, high = (np.array([getattr(each, name) for each in found]) for name in ("low", "high"))
    estimate = np.array([each.estimate for each in found])
    covered = int(((low <= truth) & (truth <= high)).sum())
    nothing = not found
    return Row(
        **asdict(cell),
        method=method,
        reps=len(judged),
        failures=len(judged) - len(found),
        covered=covered,
        coverage=math.nan if nothing else covered / len(found),
        rejected=math.nan if nothing else float(np.mean([x.p_value < REJECT for x in found])),
        bias=math.nan if nothing else float(estimate.mean() - truth),
        width=math.nan if nothing else float(np.median(high - low)),
        std_error=math.nan if nothing else float(np.median([x.std_error for x in found])),
    )


def study(
    cells: Sequence[Cell], methods: Sequence[str], reps: int, *, processes: int = PROCESSES
) -> list[Row]:
    """The rows of all cells, in the order of the table."""
    work = partial(measured, methods=methods, reps=reps)
    # Long cells first, so that no process is left alone with one at the end.
    ordered = sorted(cells, key=lambda cell: -cell.n)
    rows: list[Row] = []
    if processes == 1:
        for cell in ordered:
            rows += work(cell)
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for done, found in enumerate(pool.imap_unordered(work, ordered), start=1):
                rows += found
                print(f"{done} of {len(ordered)} cells", flush=True)
    return sorted(rows, key=lambda row: row.key)


def read(path: Path = TABLE) -> list[Row]:
    """The rows of a table that was written before; none when there is no file."""
    if not path.exists():
        return []
    kinds = {"str": str, "int": int, "float": float}
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Row(**{field.name: kinds[str(field.type)](line[field.name]) for field in fields(Row)})
            for line in csv.DictReader(stream)
        ]


def write(rows: Iterable[Row], path: Path = TABLE) -> list[Row]:
    """The table with these rows in the place of those of the same cell and method."""
    kept = {row.key: row for row in read(path)}
    kept.update({row.key: row for row in rows})
    ordered = sorted(kept.values(), key=lambda row: row.key)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        for row in ordered:
            writer.writerow(
                [
                    f"{value:.5g}" if isinstance(value, float) else value
                    for value in asdict(row).values()
                ]
            )
    return read(path)  # as rounded, so that a page made now is that of the table


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", default=",".join(BATCHED), help="names, or all")
    parser.add_argument("--cells", default="all", choices=sorted(SETS))
    parser.add_argument("--reps", type=int, default=REPS, help="series a cell")
    parser.add_argument("--small", action="store_true", help="six cells, to see that it works")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--report", action="store_true", help="only write tables and figure anew")
    asked = parser.parse_args(argv)
    methods = tuple(METHODS) if asked.methods == "all" else tuple(asked.methods.split(","))
    unknown = sorted(set(methods) - set(METHODS))
    if unknown:
        parser.error(f"no method {unknown[0]!r}; there are {', '.join(METHODS)}")
    rows = read(asked.table)
    if not asked.report:
        cells = SMALL if asked.small else SETS[asked.cells]
        found = study(cells, methods, asked.reps, processes=asked.processes)
        rows = write(found, asked.table)
    from benchmarks.coverage_report import write_report

    write_report(rows, asked.table.parent)


SMALL = tuple(
    cell
    for cell in COUNTS + RATE
    if cell.n == 84 and cell.mean == 8 and cell.alpha == 0.1 and cell.rho in (0.0, 0.4, 0.8)
)

if __name__ == "__main__":
    main()
