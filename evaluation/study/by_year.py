"""Counts by calendar year: what was recorded where the program was and beside it, and what was
expected. It is what a reader meets first, before any model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Literal

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Panel
from evaluation.effect import Effect, Point

YearPhase = Literal["before", "start", "after", ""]


@dataclass(frozen=True, slots=True)
class Year:
    """One whole calendar year of a count.

    Parameters
    ----------
    year : as written. phase : "before" the start, in the year of the "start" (or of what is left
        out after it), or "after"; "" where treated units start at different times.
    recorded : in all treated units together. beside : in all units compared with; None without
        any, or where one of them has no number.
    expected, low, high : what the headline expects without the program, and its 95 % range, added
        up over the periods of the year; the ends of the ranges are added as they are, so that the
        range of a year is no narrower than it should be. None before the start, and where not
        every period of the year is judged.
    """

    year: str
    phase: YearPhase
    recorded: float
    beside: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The mean of a year over the whole years of one side of the start.

    first, last : years. years : how many. recorded, beside : a year, as in `Year`.
    """

    first: str
    last: str
    years: int
    recorded: float
    beside: float | None = None


@dataclass(frozen=True, slots=True)
class ByYear:
    """The whole years of a window. units, beside : how many treated units there are, and how many
    that they are compared with. before, after : the two sides, over the same years for both; None
    where a side has no whole year, or where units start at different times."""

    years: tuple[Year, ...]
    units: int
    beside: int
    before: Span | None = None
    after: Span | None = None

    @property
    def change(self) -> float | None:
        """Percent from before to after, as recorded; nothing is compared and no cause named."""
        return self._change("recorded")

    @property
    def change_beside(self) -> float | None:
        """The same of the units compared with."""
        return self._change("beside")

    def _change(self, what: Literal["recorded", "beside"]) -> float | None:
        if self.before is None or self.after is None:
            return None
        before, after = getattr(self.before, what), getattr(self.after, what)
        return 100 * (after / before - 1) if before and after is not None else None


def by_year(
    panel: Panel,
    column: str,
    *,
    treated: Sequence[str],
    beside: Sequence[str],
    window: tuple[str, str],
    around: tuple[int, int] | None,
    effect: Effect | None,
) -> ByYear | None:
    """The whole years of a count, or None where the outcome is no count or no year is whole.

    Parameters
    ----------
    treated, beside : names of units. window : first and last period analyzed. around : ordinals of
        the period of the start and of the first that counts as after; None where units start at
        different times. effect : the headline's, whose path gives what was expected.
    """
    if panel.column(column).type != "count":
        return None
    frequency = panel.frequency
    first, last = (period.ordinal(text, frequency) for text in window)
    begin = period.ordinal(panel.periods[0], frequency)
    of_treated, of_beside = (
        panel.values[column][[panel.unit_index(unit) for unit in units]].sum(axis=0)
        for units in (treated, beside)
    )
    judged = {} if effect is None else {point.period: point for point in effect.path}
    years = []
    year_of = partial(period.year_of, frequency=frequency)
    for year, grouped in groupby(range(first, last + 1), year_of):
        numbers = list(grouped)
        if year in (year_of(numbers[0] - 1), year_of(numbers[-1] + 1)):
            continue
        cells = [number - begin for number in numbers]
        recorded = float(of_treated[cells].sum())
        if np.isnan(recorded):
            continue
        other = float(of_beside[cells].sum()) if beside else np.nan
        points = [judged.get(period.text(number, frequency)) for number in numbers]
        years.append(
            Year(
                str(year),
                _phase(numbers, around),
                recorded,
                None if np.isnan(other) else other,
                *_expected(points),
            )
        )
    if not years:
        return None
    before, after = (_span([one for one in years if one.phase == side]) for side in _SIDES)
    return ByYear(tuple(years), len(treated), len(beside), before, after)


_SIDES: tuple[YearPhase, YearPhase] = ("before", "after")


def _phase(numbers: Sequence[int], around: tuple[int, int] | None) -> YearPhase:
    if around is None:
        return ""
    start, counts = around
    if numbers[-1] < start:
        return "before"
    return "after" if numbers[0] >= counts else "start"


def _expected(points: Sequence[Point | None]) -> tuple[float | None, float | None, float | None]:
    """Expected, low and high of a year whose every period is judged."""
    known = [one for one in points if one is not None and one.phase in ("after", "phase-in")]
    if len(known) < len(points):
        return None, None, None
    return (
        sum(one.expected for one in known),
        sum(one.low for one in known),
        sum(one.high for one in known),
    )


def _span(years: Sequence[Year]) -> Span | None:
    if not years:
        return None
    others = [one.beside for one in years if one.beside is not None]
    return Span(
        years[0].year,
        years[-1].year,
        len(years),
        sum(one.recorded for one in years) / len(years),
        sum(others) / len(others) if len(others) == len(years) else None,
    )
