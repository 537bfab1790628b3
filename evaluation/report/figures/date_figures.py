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
from evaluation.say import say
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
            say("date-figures.first-of-series-used", noun=noun),
            say("date-figures.as-planned", planned=words.period_words(planned)),
            say("date-figures.by-first-of-series-used", noun=noun),
            say("date-figures.depending-on-where-series-begins", rows=span(rows)),
            say("date-figures.each-dot-is-answer-with"),
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
            say("date-figures.s-by-which-start-is", noun=words.capital(noun)),
            say("date-figures.as-planned-2", start=words.period_words(evidence.start)),
            say(
                "date-figures.by-s-by-which-start",
                noun=noun,
                shifts=_signed(min(shifts)),
                shifts2=_signed(max(shifts)),
            ),
            say(
                "date-figures.when-start-is-moved-by", rows=span(rows), farthest=farthest, noun=noun
            ),
            say("date-figures.each-dot-is-answer-with-another-start-diamond"),
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
            say("date-figures.taken-for-start", noun=words.capital(noun)),
            say("date-figures.true-start", start=words.period_words(evidence.start)),
            say("date-figures.by-taken-for-start-true", noun=noun),
            say("date-figures.at-of-earlier-dates-method", found=found, n_false=len(false)),
            say("date-figures.each-dot-pretends-that-program"),
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
