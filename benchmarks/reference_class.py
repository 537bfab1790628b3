"""Tables of the changes that appear in US cities after pretended starts, as the package has them.

    python -m benchmarks.reference_class            both tables, some minutes
    python -m benchmarks.reference_class alone      only that of one city by itself

Every quarter is a start, every agency of 2018 to 2024 that reported all months is a city. A cell
is kept when at least eight agencies are in it, beside others six: their number, not that of the
windows, says how much it is worth, since windows of one agency overlap and share one decade.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from benchmarks.compared_batch import compared_changes, forecasts
from benchmarks.real_data import Counts, NotHere, cities, rise
from evaluation.did.forecast import FEW_EVENTS, WINDOW
from evaluation.its import METHODS, Series
from evaluation.its.batch import judge_many
from evaluation.study.reference_class import QUANTILES, RISES, TOTALS

FOLDER = Path(__file__).parents[1] / "evaluation" / "study" / "reference_class_tables"
# Events a month; beside others classes are wider, since few cities have years before and after.
BOUNDS = {
    "alone": (1.0, 3.0, 6.0, 12.0, 30.0, 100.0, np.inf),
    "compared": (1.0, 3.0, 8.0, 25.0, 75.0, np.inf),
}
BEFORE, AFTER = (18, 24, 36, 60), (6, 12, 24, 36)
LONG_BEFORE = 36
BEFORE_COMPARED, AFTER_COMPARED = (24, 36, 48), (12, 24, 36)
# The default of one city, and the trend carried forward.
ALONE = tuple(name for name in ("learned", "averaged-reml") if name in METHODS)
QUARTERS, HALF_YEARS = ("01", "04", "07", "10"), ("01", "07")
FEWEST_WINDOWS, FEWEST_EVENTS = 20, 3
# Others beside a city leave less to chance.
FEWEST_CITIES = {"alone": 8, "compared": 6}
# No change by more than this is an answer; it is a fit that ran away.
RUNAWAY = 4.0


@dataclass(frozen=True, slots=True)
class Change:
    """One pretended start: what each way of measuring made of it, as log ratios."""

    offense: str
    before: int
    after: int
    start: str
    city: str
    mean: float
    rise: float
    measured: dict[str, float]


def alone(counts: Counts) -> Iterator[Change]:
    """Every window of every city by itself."""
    for at, before, after in _windows(counts, BEFORE, AFTER):
        y = counts.y[:, at - before : at + after]
        kept = (y[:, :before].mean(axis=1) >= BOUNDS["alone"][0]) & (
            y[:, before:].sum(axis=1) >= FEWEST_EVENTS
        )
        rows = np.flatnonzero(kept)
        if not len(rows):
            continue
        first = counts.periods[at - before]
        series = [Series.from_arrays(y[row], start=before, first=first) for row in rows]
        found = {TOTALS: np.log((y[:, before:].sum(axis=1) + 0.5) / after)[rows]}
        found[TOTALS] = found[TOTALS] - np.log((y[:, :before].sum(axis=1) + 0.5) / before)[rows]
        for name in ALONE:
            found[name] = np.array([one.estimate for one in judge_many(METHODS[name], series)])
        yield from _changes(counts, at, before, after, rows, rise(y[:, :before], before), found)


def compared(counts: Counts) -> Iterator[Change]:
    """Every window of every city beside all others."""
    for at, before, after in _windows(counts, BEFORE_COMPARED, AFTER_COMPARED):
        y = counts.y[:, at - before : at + after]
        own = rise(y[:, :before], before)
        # Less that of the others, as the city's change is.
        relative = own - (own.sum() - own) / (len(own) - 1)
        rows = np.arange(len(y))
        found = compared_changes(y, before)
        # A forecast takes longer, judges two years at most, and wants some years before.
        quick = after <= WINDOW and before >= LONG_BEFORE
        if quick and counts.periods[at][5:] in HALF_YEARS:
            few = y.mean(axis=1) < FEW_EVENTS
            found["forecast"] = np.where(few, np.nan, forecasts(y, before))
        yield from _changes(counts, at, before, after, rows, relative, found)


def _windows(
    counts: Counts, befores: Sequence[int], afters: Sequence[int]
) -> Iterator[tuple[int, int, int]]:
    starts = [
        at for at, period in enumerate(counts.periods) if period[5:] in ("01", "04", "07", "10")
    ]
    for at, before, after in product(starts, befores, afters):
        if at >= before and at + after <= len(counts.periods):
            yield at, before, after


def _changes(
    counts: Counts,
    at: int,
    before: int,
    after: int,
    rows: np.ndarray,
    risen: np.ndarray,
    found: dict[str, np.ndarray],
) -> Iterator[Change]:
    mean = counts.y[:, at - before : at].mean(axis=1)
    for place, row in enumerate(rows):
        measured = {name: float(values[place]) for name, values in found.items()}
        yield Change(
            counts.offense,
            before,
            after,
            counts.periods[at],
            counts.names[row],
            float(mean[row]),
            100 * float(np.expm1(risen[row])),
            measured,
        )


def table(changes: Sequence[Change], name: str) -> list[list[str]]:
    """Lines of a table, its heads first; cells of the table of this name."""
    groups: dict[tuple[str | float, ...], list[tuple[Change, float]]] = defaultdict(list)
    for change in changes:
        size = next(
            ((low, high) for low, high in pairwise(BOUNDS[name]) if low <= change.mean < high), None
        )
        if size is None:
            continue
        risen = [0, *(least for least in RISES if change.rise >= least)]
        # The classes of a rise exclude each other, so that a larger one is not in a smaller one.
        for least in {0, risen[-1]}:
            for way, value in change.measured.items():
                key = (way, change.offense, *size, change.before, change.after, least)
                if np.isfinite(value) and abs(value) < RUNAWAY:
                    groups[key].append((change, value))
    lines = []
    for key, members in sorted(groups.items(), key=lambda item: tuple(map(_sortable, item[0]))):
        agencies = len({change.city for change, _ in members})
        if agencies < FEWEST_CITIES[name] or len(members) < FEWEST_WINDOWS:
            continue
        starts = len({change.start for change, _ in members})
        values = np.quantile([value for _, value in members], np.array(QUANTILES) / 100)
        numbers = [agencies, starts, len(members), *(f"{value:.3f}" for value in values)]
        lines.append([f"{part:g}" if isinstance(part, float) else str(part) for part in key])
        lines[-1] += map(str, numbers)
    heads = ["measured_as", "offense", "low", "high", "before", "after", "rise"]
    heads += ["cities", "starts", "windows", *(f"q{share:g}" for share in QUANTILES)]
    return [heads, *lines]


def _sortable(part: str | float) -> tuple[str, float]:
    return (part, 0.0) if isinstance(part, str) else ("", part)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line: both tables, or those that are named."""
    from threadpoolctl import threadpool_limits

    asked = list(sys.argv[1:] if arguments is None else arguments) or ["alone", "compared"]
    try:
        counts = cities()
    except NotHere as fault:
        print(fault)
        return
    measure = {"alone": alone, "compared": compared}
    for name in asked:
        with threadpool_limits(1):
            changes = [change for one in counts for change in measure[name](one)]
        lines = table(changes, name)
        with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(lines)
        print(f"{name}: {len(changes):,} windows, {len(lines) - 1:,} cells")


if __name__ == "__main__":
    main()
