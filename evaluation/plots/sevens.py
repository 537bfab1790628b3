"""Days of a figure as means of seven: so many dots and the pattern of the week hide the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from evaluation.plots.periods import Point

# More days than this are drawn by sevens: a year and a half.
CROWDED = 550
_DAY = len("2012-10-18")


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of some days of one phase, dated by the first."""

    period: str
    observed: float
    fitted: float
    expected: float
    low: float
    high: float
    phase: str
    # A single new day has such a range, and the mean of seven another one.
    new_low: float | None = None
    new_high: float | None = None


def crowded(path: Sequence[Point]) -> bool:
    """Whether these are so many days that a figure has them by sevens."""
    return len(path) > CROWDED and len(path[0].period) == _DAY and "W" not in path[0].period


def by_sevens(path: Sequence[Point]) -> list[Point]:
    """Means of seven days each, counted from the beginning of every phase; the last days of a phase
    that are fewer have a mean of their own."""
    found: list[Point] = []
    block: list[Point] = []
    for point in path:
        if block and (len(block) == 7 or block[0].phase != point.phase):
            found.append(_mean(block))
            block = []
        block.append(point)
    return [*found, _mean(block)] if block else found


def _mean(block: Sequence[Point]) -> Point:
    return Mean(
        block[0].period,
        fmean(one.observed for one in block),
        fmean(one.fitted for one in block),
        fmean(one.expected for one in block),
        fmean(one.low for one in block),
        fmean(one.high for one in block),
        block[0].phase,
    )
