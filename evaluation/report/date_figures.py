"""The answer with another date in it: where the series begins, and what is taken for the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation import plots
from evaluation.data import period as calendar
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.estimates import (
    FILLED,
    clear,
    headline,
    headline_whisker,
    key_of,
    note_of,
    one,
    span,
    whisker,
)
from evaluation.report.rows import rows_table
from evaluation.study.evidence import Evidence, OutcomeEvidence

_TICKS = 10


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Estimates with their places along an axis, and the words that only this figure has."""

    rows: list[plots.Whisker]
    places: list[float]
    ticks: list[tuple[float, str]]
    across: str
    mark: str
    order: str
    title: str
    note: str


def base_period(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer for every period in which the series could begin."""
    planned, noun = outcome.effect.path[0].period, evidence.data.frequency
    found = [whisker(row, str(row["first"])) for row in check.table if row["first"] != planned]
    rows = [headline_whisker(outcome, planned), *found]
    periods = [row.label for row in rows]
    return _figure(
        outcome,
        check,
        _Drawn(
            rows,
            _places(periods, noun),
            _years(periods, noun),
            f"First {noun} of the series used",
            f"As planned: {words.period_words(planned)}",
            f"by the first {noun} of the series used",
            f"{span(rows)}, depending on where the series begins",
            "Each dot is the answer with the series begun at that time; the diamond is as planned.",
        ),
    )


def start_date(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer for starts some periods before and after the planned one."""
    noun = evidence.data.frequency
    moved = [row for row in check.table if int(row["shift"]) != 0]
    rows = [headline_whisker(outcome, evidence.start)]
    rows += [whisker(row, str(row["start"])) for row in moved]
    shifts = [0, *(int(row["shift"]) for row in moved)]
    farthest = max(abs(shift) for shift in shifts)
    step = max(1, -(-2 * farthest // _TICKS))
    return _figure(
        outcome,
        check,
        _Drawn(
            rows,
            [float(shift) for shift in shifts],
            [
                (float(shift), _signed(shift))
                for shift in range(min(shifts), max(shifts) + 1)
                if shift % step == 0
            ],
            f"{words.capital(noun)}s by which the start is moved",
            f"As planned: {words.period_words(evidence.start)}",
            f"by the {noun}s by which the start is moved, {_signed(min(shifts))} to "
            f"{_signed(max(shifts))}",
            f"{span(rows)}, when the start is moved by up to {farthest} {noun}s",
            "Each dot is the answer with another start; the diamond is as planned.",
        ),
    )


def placebo_dates(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """What the method finds at dates when nothing began, beside the answer."""
    noun = evidence.data.frequency
    false = [whisker(row, str(row["period"])) for row in check.table]
    rows = [*false, headline_whisker(outcome, evidence.start)]
    periods = [row.label for row in rows]
    found = sum(clear(row) for row in false)
    return _figure(
        outcome,
        check,
        _Drawn(
            rows,
            _places(periods, noun),
            _years(periods, noun),
            f"{words.capital(noun)} taken for the start",
            f"True start: {words.period_words(evidence.start)}",
            f"by the {noun} taken for the start, the true one last",
            f"at {found} of {len(false)} earlier dates the method finds a change, though nothing "
            "began",
            "Each dot pretends that the program began at that time, and uses only what came before "
            "the true start. The diamond is the answer at the true start.",
        ),
    )


def _figure(outcome: OutcomeEvidence, check: Check, drawn: _Drawn) -> Figure:
    key, rows, label = key_of(check, outcome), drawn.rows, words.capital(outcome.label)
    with plots.style():
        figure = plots.blank(plots.ALONG_HEIGHT)
        plots.estimates_along(
            rows,
            drawn.places,
            figure.axes[0],
            ticks=drawn.ticks,
            across=drawn.across,
            mark=drawn.mark,
        )
        svg = plots.svg_text(figure, key)
    lowest = min(rows, key=lambda row: row.estimate)
    highest = max(rows, key=lambda row: row.estimate)
    return Figure(
        key=key,
        svg=svg,
        title=f"{label}: {drawn.title}; the headline is {headline(outcome)}",
        description=(
            f"Dot plot of percent change in {outcome.label} with 95% ranges, {drawn.order}: "
            f"{len(rows)} estimates, {sum(clear(row) for row in rows)} with a range that leaves "
            f"out no change. Headline {headline(outcome)}. Lowest, {lowest.label}: {one(lowest)}. "
            f"Highest, {highest.label}: {one(highest)}."
        ),
        table=rows_table(f"{key}-table", f"{label}: {check.question}", check.table),
        note=note_of(check, f"{drawn.note} {FILLED}", cut=plots.cut(rows)),
    )


def _places(periods: Sequence[str], frequency: str) -> list[float]:
    return [float(calendar.ordinal(period, frequency)) for period in periods]


def _years(periods: Sequence[str], frequency: str) -> list[tuple[float, str]]:
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


def _signed(shift: int) -> str:
    return f"{'+' if shift > 0 else '−' if shift < 0 else ''}{abs(shift)}"
