"""How large a change appears in US cities at dates when nothing began: the reference class.

The tables beside this file hold what `benchmarks/reference_class.py` measured on police counts of
2018 to 2024, nothing of the counts themselves. Of an outcome that is not declared to be one of
those, or whose size or length they do not cover, nothing is said.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from evaluation.data.panel import Column, Panel
from evaluation.effect import Check, Effect
from evaluation.fact import Fact, fact

NAME: Final = "real-cities"
Table = Literal["alone", "compared"]
# Log rate after the start less log rate before it, of the city or against the others.
TOTALS: Final = "totals"
# Rise of the rate in the year before the start, in percent, that a class of starts begins with.
RISES: Final = (10, 30)
YEAR: Final = 12
# Months after the start that `forecast` judges where nobody says how many.
JUDGED: Final = 24
# The time before, or after, may be so much longer than the longest that was measured: more before
# makes changes somewhat smaller, more after makes them larger.
LONGER_BEFORE, LONGER_AFTER = 2.0, 1.25
# Columns of a table that are quantiles of the changes, in percent.
QUANTILES: Final = (0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 97.5, 99.0, 99.5)


@dataclass(frozen=True, slots=True)
class Cell:
    """Changes that appeared in cities of one kind after pretended starts.

    measured_as : name of a method, or TOTALS. low, high : mean count a month before the start.
    before, after : months of the window. rise : percent by which the last year before the start
        was above those before it, at least; 0 for all starts. cities, starts (dates), windows :
        how many. changes : log ratios at QUANTILES.
    """

    measured_as: str
    offense: str
    low: float
    high: float
    before: int
    after: int
    rise: int
    cities: int
    starts: int
    windows: int
    changes: tuple[float, ...]

    def share(self, change: float) -> float:
        """Percent of pretended starts with a change (log ratio) in that direction as large."""
        below = float(np.interp(change, self.changes, QUANTILES))
        return below if change < 0 else 100 - below


@cache
def cells(table: Table) -> tuple[Cell, ...]:
    """Every cell of a table."""
    folder = resources.files("evaluation.study").joinpath("reference_class_tables")
    lines = csv.DictReader(folder.joinpath(f"{table}.csv").read_text("utf-8").splitlines())
    return tuple(
        Cell(
            line["measured_as"],
            line["offense"],
            float(line["low"]),
            float(line["high"]),
            int(line["before"]),
            int(line["after"]),
            int(line["rise"]),
            int(line["cities"]),
            int(line["starts"]),
            int(line["windows"]),
            tuple(float(line[f"q{share:g}"]) for share in QUANTILES),
        )
        for line in lines
    )


def covered(panel: Panel, column: Column, unit: str) -> bool:
    """Whether an outcome of a unit is what the tables are of: a US place's monthly count, as police
    recorded it and not invented, of a whole place and not of a part."""
    source = panel.provenance
    place = source.place_of(unit)
    shared = sum(source.place_of(other) == place for other in panel.units) > 1
    return (
        column.type == "count"
        and bool(column.offense)
        and panel.frequency == "month"
        and source.in_us(unit)
        and not shared
        and source.sensitivity != "synthetic"
    )


def check(
    table: Table,
    column: Column,
    effect: Effect,
    *,
    ways: Sequence[str],
    before: np.ndarray,
    after: int,
    others: np.ndarray | None = None,
) -> tuple[Check, ...]:
    """The change found, among those of cities like this one; nothing where none are covered.

    Parameters
    ----------
    ways : how a change may have been measured, the nearest to that of `effect` first. before : (b,)
        counts a month before the start. after : months after it that the effect is about. others :
        (N, b) of the cities it is compared with, from whose rise that of the city counts.
    """
    if np.isnan(before).any():
        return ()
    mean, rise = float(before.mean()), risen(before, others)
    for way in ways:
        found = _cell(table, way, column.offense, mean, len(before), after, 0)
        if found is None:
            continue
        least = max((size for size in RISES if rise is not None and rise >= size), default=0)
        risen_ = [
            _cell(table, way, column.offense, mean, len(before), after, size)
            for size in RISES[::-1]
            if size <= least
        ]
        after_rise = next((cell for cell in risen_ if cell is not None), None)
        return (_told(found, after_rise, effect, rise or 0.0),)
    return ()


def risen(before: np.ndarray, others: np.ndarray | None = None) -> float | None:
    """Percent by which the last year before the start was above the years before it, or above what
    the others did meanwhile; None with less than two years. Half an event is added."""
    own = _log_rise(before)
    if own is None:
        return None
    rises = [_log_rise(one) or 0.0 for one in others] if others is not None else []
    shared = float(np.mean(rises)) if rises else 0.0
    return 100 * float(np.expm1(own - shared))


def _log_rise(before: np.ndarray) -> float | None:
    """Of the earlier time only whole years count, so that the season is the same."""
    years = len(before) // YEAR - 1
    if years < 1:
        return None
    last = before[-YEAR:].sum() + 0.5
    earlier = before[-YEAR * (years + 1) : -YEAR].sum() + 0.5
    return float(np.log(last * years / earlier))


def _cell(
    table: Table, way: str, offense: str, mean: float, before: int, after: int, rise: int
) -> Cell | None:
    """The cell of the nearest lengths, or None where size or length is not covered."""
    own = [
        cell
        for cell in cells(table)
        if cell.measured_as == way
        and cell.offense == offense
        and cell.low <= mean < cell.high
        and cell.rise == rise
    ]
    later = _near({cell.after for cell in own}, after, LONGER_AFTER)
    own = [cell for cell in own if cell.after == later]
    earlier = _near({cell.before for cell in own}, before, LONGER_BEFORE)
    return next((cell for cell in own if cell.before == earlier), None)


def _near(lengths: set[int], asked: int, longer: float) -> int | None:
    """The measured length nearest to one asked for, by ratio; None far outside of all."""
    ordered = sorted(lengths)
    if not ordered or asked < ordered[0] or asked > longer * ordered[-1]:
        return None
    return next(
        (low for low, high in pairwise(ordered) if asked**2 < low * high),
        ordered[-1],
    )


def _told(found: Cell, after_rise: Cell | None, effect: Effect, rise: float) -> Check:
    change = float(np.log1p(effect.percent.estimate / 100))
    rows = [_row(found, change)]
    more = Fact("nothing")
    if after_rise is not None:
        rows.append(_row(after_rise, change))
        more = fact(
            "study.reference-class.after-rise",
            size=after_rise.rise,
            rise=rise,
            share=_of_hundred(after_rise, change),
            cities=after_rise.cities,
        )
    says = fact(
        "study.reference-class.found",
        cities=found.cities,
        windows=found.windows,
        starts=found.starts,
        mean=fact(
            f"study.reference-class.{'mean' if np.isfinite(found.high) else 'mean-or-more'}",
            low=found.low,
            high=found.high if np.isfinite(found.high) else None,
        ),
        offense=Fact(f"study.reference-class.{found.offense.replace(' ', '-')}"),
        fall=change < 0,
        size=abs(effect.percent.estimate),
        share=_of_hundred(found, change),
        before=found.before,
        after=found.after,
        more=more,
    )
    return Check(NAME, None, says, tuple(rows))


def _of_hundred(cell: Cell, change: float) -> Fact:
    """The share; windows of a city overlap, so that no less can be told than one city of all."""
    share, least = cell.share(change), math.ceil(100 / cell.cities)
    key = "fewer" if share < least else "of-hundred"
    return fact(f"study.reference-class.{key}", share=max(share, least))


def _row(cell: Cell, change: float) -> dict[str, object]:
    low, middle, high = (
        100 * float(np.expm1(cell.changes[QUANTILES.index(share)])) for share in (2.5, 50.0, 97.5)
    )
    return {
        "rise": cell.rise,
        "cities": cell.cities,
        "windows": cell.windows,
        "percent": middle,
        "low": low,
        "high": high,
        "as large, of 100": cell.share(change),
    }
