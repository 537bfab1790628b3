"""Rows of a check as estimates to draw, their numbers in words, and what came of a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from evaluation import plots
from evaluation.data import period as calendar
from evaluation.effect import Check, Interval
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.say import ENGLISH, say
from evaluation.study.evidence import OutcomeEvidence

Row = Mapping[str, Any]
Ticks = list[tuple[float, str]]

# Checks that ask whether the answer would be another had another choice been made.
CHOICES = (
    "specification-curve",
    "base-period",
    "start-date",
    "later-events",
    "leave-one-control-out",
    "contaminated-controls",
)
_TICKS = 10


@dataclass(frozen=True, slots=True)
class Picture:
    """What the figure of one check shows.

    Parameters
    ----------
    draw : onto a blank figure of this height. parts : what its words have in braces. table : what
        the table prints where that is not the rows of the check. cut : whether a range goes on.
    """

    height: float
    draw: Callable[[Any], object]
    parts: Mapping[str, object]
    table: Sequence[Row] | None = None
    cut: bool = False


def along(
    kind: str,
    rows: list[Whisker],
    at: Sequence[float],
    ticks: Ticks,
    *,
    table: Sequence[Row] | None = None,
    **parts: Any,
) -> Picture:
    """Many answers side by side along an axis, the headline among them, when one thing is
    varied."""
    lowest, highest = (end(rows, key=lambda row: row.estimate) for end in (min, max))
    return Picture(
        plots.ALONG_HEIGHT,
        lambda figure: plots.estimates_along(
            rows,
            list(at),
            figure.axes[0],
            ticks=ticks,
            across=ENGLISH.say(f"figure.{kind}.across", **parts),
            mark=ENGLISH.say(f"figure.{kind}.mark", **parts),
        ),
        {
            "rows": len(rows),
            "clear": sum(map(clear, rows)),
            "order": ENGLISH.say(f"figure.{kind}.order", **parts),
            "lowest": lowest.label,
            "least": one(lowest),
            "highest": highest.label,
            "most": one(highest),
            "span": span(rows),
            **parts,
        },
        table,
        plots.cut(rows),
    )


def beside(
    rows: list[Whisker], *, axis: Mapping[str, Any] = MappingProxyType({}), **parts: object
) -> Picture:
    """Answers one under the other."""
    return Picture(
        plots.whiskers_height(len(rows)),
        lambda figure: plots.planned_alternatives(rows, figure.axes[0], **axis),
        {"listed": listed(rows), "rows": len(rows), **parts},
    )


def whisker(row: Row, label: str, *, headline: bool = False) -> Whisker:
    """The percent change of a row with its range."""
    low, high = float(row["low"]), float(row["high"])
    return Whisker(label, float(row["percent"]), low, high, headline=headline)


def headline_whisker(outcome: OutcomeEvidence, label: str) -> Whisker:
    """The headline's percent change with its range."""
    percent = outcome.effect.percent
    return Whisker(label, percent.estimate, percent.low, percent.high, headline=True)


def by_size(rows: Sequence[Row]) -> list[Row]:
    """The rows from the lowest percent change to the highest."""
    return sorted(rows, key=lambda row: float(row["percent"]))


def span(rows: Sequence[Whisker]) -> str:
    """From the smallest to the largest estimate, signed."""
    low, high = (words.signed_percent(end(row.estimate for row in rows)) for end in (min, max))
    return say("estimates.span", low=low, high=high)


def clear(row: Whisker) -> bool:
    """Whether the range leaves out no change."""
    return row.low > 0 or row.high < 0


def one(row: Whisker) -> str:
    """An estimate with its range in brackets, signed."""
    spread = words.signed_range(Interval(row.estimate, row.low, row.high))
    return f"{words.signed_percent(row.estimate)} ({spread})"


def listed(rows: Sequence[Whisker]) -> tuple[str, ...]:
    """Every estimate with its label and range."""
    return tuple(f"{row.label} {one(row)}" for row in rows)


def verdict(check: Check) -> str:
    """What came of a check. Whoever asks if choices matter, and finds answers on both sides of no
    change, has not been told that they do not, whatever the rule tolerates."""
    if not check.passed:
        return say("verdict.informs" if check.passed is None else "verdict.failed")
    changes = [float(row["percent"]) for row in check.table if row.get("percent") is not None]
    both = check.name in CHOICES and changes and min(changes) < 0 < max(changes)
    return say("verdict.both-sides" if both else "verdict.passed")


def places(periods: Sequence[str], frequency: str) -> list[float]:
    """Where the periods lie on an axis of time."""
    return [float(calendar.ordinal(period, frequency)) for period in periods]


def years(periods: Sequence[str], frequency: str) -> Ticks:
    """The first period of each year among the periods, thinned; the ends when there are none."""
    ordinals = [calendar.ordinal(period, frequency) for period in periods]
    length = calendar.PER_YEAR[frequency]
    first, last = min(ordinals), max(ordinals)
    years = range(-(-first // length), last // length + 1)
    if not years:
        return [
            (float(number), calendar.text(number, frequency)) for number in sorted({first, last})
        ]
    step = -(-len(years) // _TICKS)
    return [(float(year * length), str(year)) for year in years[::step]]


def ranks(count: int) -> Ticks:
    """Ranks to print: the first, and then round ones, about ten."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, count) if count <= step * _TICKS)
    return [(1.0, "1"), *((float(at), str(at)) for at in range(step, count + 1, step) if at > 1)]


def shifts(by: Sequence[int]) -> Ticks:
    """Numbers of periods by which something is moved, signed and thinned."""
    step = max(1, -(-2 * max(map(abs, by)) // _TICKS))
    every = range(min(by), max(by) + 1)
    return [(float(shift), signed(shift)) for shift in every if shift % step == 0]


def signed(shift: int) -> str:
    """A whole number with its sign, a true minus."""
    return f"{'+' if shift > 0 else '−' if shift < 0 else ''}{abs(shift)}"
