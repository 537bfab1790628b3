"""Rows of a check: as estimates to draw, as a table, and the answer when one thing is varied."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from evaluation import plots
from evaluation.data import period as calendar
from evaluation.effect import Check, Interval
from evaluation.plots import Whisker
from evaluation.report import words
from evaluation.report.blocks import Header, Strong, Table, Text
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of

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
    narrow : inches of the one for a phone, where they are others.
    """

    height: float
    draw: Callable[[Any], object]
    parts: Mapping[str, object]
    table: Sequence[Row] | None = None
    cut: bool = False
    narrow: float | None = None


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
            "lowest": words.period_words(lowest.label),
            "least": one(lowest),
            "highest": words.period_words(highest.label),
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
        {"listed": listed(rows), **sides(rows), **parts},
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


def sides(rows: Sequence[Whisker]) -> dict[str, int]:
    """How many estimates there are, and how many ranges lie below, above, and on both sides."""
    below, above = sum(row.high < 0 for row in rows), sum(row.low > 0 for row in rows)
    return {"rows": len(rows), "below": below, "above": above, "open": len(rows) - below - above}


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
    first, last = min(ordinals), max(ordinals)
    begins = {year: _begin(year, frequency, first) for year in _years(first, last, frequency)}
    inside = [(float(at), str(year)) for year, at in begins.items() if first <= at <= last]
    if not inside:
        return [
            (float(number), calendar.text(number, frequency)) for number in sorted({first, last})
        ]
    return inside[:: -(-len(inside) // _TICKS)]


def _years(first: int, last: int, frequency: str) -> range:
    return range(calendar.year_of(first, frequency), calendar.year_of(last, frequency) + 1)


def _begin(year: int, frequency: str, like: int) -> int:
    """The first period of a year; of weeks the first that has most of its days in it."""
    day = datetime.date(year, 1, 4 if frequency == "week" else 1)
    return calendar.holding(day, frequency, like)


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


# In the order a reader wants them; results.json has its keys in the order of the alphabet.
_SIGNED = ("shift",)
# As the figures and sentences about the same rows have them.
_ENDS = ("estimate", "low", "high")


def rows_table(
    key: str,
    caption: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    without: Sequence[str] = (),
    language: Language = ENGLISH,
) -> Table:
    """The rows under plain headings: percent changes signed, with their range in one column.

    A row whose `headline` is true is marked. Where a percent change is there, the same on the
    scale of the model is left out.

    Parameters
    ----------
    rows : at least one. without : columns to leave out. language : of its heads, and of sides.
    """
    present = {name for row in rows for name in row}
    hidden = {"headline", *without}
    if "percent" in present:
        hidden |= {"estimate", "low", "high"}
    known = language.table("column")
    names = [name for name in known if name in present - hidden]
    names += sorted(present - hidden - known.keys())
    headers: list[Header] = []
    for name in names:
        text = known.get(name, words.capital(name.replace("_", " ")))
        headers.append(Header(text, numeric=all(_is_number(row.get(name)) for row in rows)))
        if name == "percent" and {"low", "high"} <= present:
            headers.append(Header(language.say("head.95-range"), numeric=True))
    told = (_row(row, names, present, language) for row in rows)
    return Table(key, caption, tuple(headers), tuple(told))


def _row(
    row: Mapping[str, Any], names: Sequence[str], present: set[str], language: Language
) -> tuple[Text, ...]:
    cells: list[Text] = []
    for name in names:
        value = row.get(name)
        if name == "who" and isinstance(value, str):
            cells.append((language.usual(value),))
        else:
            cells.append((_cell(name, value),))
        if name == "percent" and {"low", "high"} <= present:
            ends = [words.signed_percent(float(row[end])) for end in ("low", "high")]
            cells.append((words.ends(ends[0], ends[1]),))
    if row.get("headline") is True:
        cells[0] = (Strong(str(cells[0][0])), say("check-table.headline"))
    return tuple(cells)


def _cell(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return say("check-table.yes" if value else "check-table.no")
    if not isinstance(value, (int, float)):
        return str(value)
    if name == "percent":
        return words.signed_percent(value)
    if name in ("p", "p_value"):
        return words.p_value(value)
    text = words.number(value, 2 if name in _ENDS else 3)
    return f"+{text}" if name in _SIGNED and value > 0 else text


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def base_period(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for every period in which the series could begin."""
    planned, noun = outcome.effect.path[0].period, evidence.data.frequency
    found = [whisker(row, str(row["first"])) for row in check.table if row["first"] != planned]
    rows = [headline_whisker(outcome, planned), *found]
    when = [row.label for row in rows]
    planned = words.period_words(planned)
    return along(
        "base-period", rows, places(when, noun), years(when, noun), noun=noun, planned=planned
    )


def start_date(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for starts some periods before and after the planned one."""
    moved = [row for row in check.table if int(row["shift"]) != 0]
    rows = [headline_whisker(outcome, evidence.start)]
    rows += [whisker(row, str(row["start"])) for row in moved]
    by = [0, *(int(row["shift"]) for row in moved)]
    return along(
        "start-date",
        rows,
        [float(shift) for shift in by],
        shifts(by),
        noun=evidence.data.frequency,
        nouns=words.capital(evidence.data.frequency),
        start=words.period_words(evidence.start),
        first=signed(min(by)),
        last=signed(max(by)),
        farthest=max(map(abs, by)),
    )


def placebo_dates(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """What the method finds at dates when nothing began, beside the answer."""
    noun = evidence.data.frequency
    false = [whisker(row, str(row["period"])) for row in check.table]
    rows = [*false, headline_whisker(outcome, evidence.start)]
    when = [row.label for row in rows]
    return along(
        "placebo-dates",
        rows,
        places(when, noun),
        years(when, noun),
        noun=noun,
        nouns=words.capital(noun),
        start=words.period_words(evidence.start),
        found=sum(map(clear, false)),
        dates=len(false),
    )


def later_events(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer for every year in which the series could end."""
    noun, last = evidence.data.frequency, window_of(evidence, outcome)[1]
    rows = [whisker(row, str(row["last period"])) for row in check.table]
    rows.append(headline_whisker(outcome, last))
    when = [row.label for row in rows]
    planned = words.period_words(last)
    return along(
        "later-events", rows, places(when, noun), years(when, noun), noun=noun, planned=planned
    )


def leave_one_control_out(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """The answer without each control in turn, from the lowest to the highest."""
    kind, table = "leave-one-control-out", by_size(check.table)
    left = [whisker(row, say(f"figure.{kind}.row", unit=row["without"])) for row in table]
    return along(
        kind,
        [headline_whisker(outcome, say(f"figure.{kind}.own")), *left],
        [float(place) for place in range(len(left) + 1)],
        ranks(len(left)),
        table=table,
        left=span(left),
        controls=len(left),
    )


def placebo_units(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Picture:
    """What the method finds for units that had no program, beside the answer."""
    kind, table = "placebo-units", by_size(check.table)
    false = [whisker(row, str(row["placebo"])) for row in table]
    own = headline_whisker(outcome, say(f"figure.{kind}.own"))
    rows = sorted([*false, own], key=lambda row: row.estimate)
    at = [float(place) for place in range(1, len(rows) + 1)]
    found = sum(map(clear, false))
    return along(kind, rows, at, ranks(len(rows)), table=table, found=found, placebos=len(false))
