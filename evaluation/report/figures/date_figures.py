"""The answer with another date in it: where the series begins, and what is taken for the start."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.data import period as calendar
from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.blocks import Figure
from evaluation.report.figures.strip_figure import (
    Drawn,
    along,
    clear,
    headline_whisker,
    span,
    whisker,
)
from evaluation.study.evidence import Evidence, OutcomeEvidence

_TICKS = 10


def base_period(evidence: Evidence, outcome: OutcomeEvidence, check: Check) -> Figure:
    """The answer for every period in which the series could begin."""
    planned, noun = outcome.effect.path[0].period, evidence.data.frequency
    found = [whisker(row, str(row["first"])) for row in check.table if row["first"] != planned]
    rows = [headline_whisker(outcome, planned), *found]
    periods = [row.label for row in rows]
    return along(
        outcome,
        check,
        Drawn(
            rows,
            places(periods, noun),
            years(periods, noun),
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
    return along(
        outcome,
        check,
        Drawn(
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
    return along(
        outcome,
        check,
        Drawn(
            rows,
            places(periods, noun),
            years(periods, noun),
            f"{words.capital(noun)} taken for the start",
            f"True start: {words.period_words(evidence.start)}",
            f"by the {noun} taken for the start, the true one last",
            f"at {found} of {len(false)} earlier dates the method finds a change, though nothing "
            "began",
            "Each dot pretends that the program began at that time, and uses only what came before "
            "the true start. The diamond is the answer at the true start.",
        ),
    )


def places(periods: Sequence[str], frequency: str) -> list[float]:
    """Where the periods lie on an axis of time."""
    return [float(calendar.ordinal(period, frequency)) for period in periods]


def years(periods: Sequence[str], frequency: str) -> list[tuple[float, str]]:
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
