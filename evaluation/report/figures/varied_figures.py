"""The answer when one thing is varied: a date in it, the last period, or the units compared."""

from __future__ import annotations

from evaluation.effect import Check
from evaluation.report import words
from evaluation.report.figures.estimates import (
    Picture,
    along,
    by_size,
    clear,
    headline_whisker,
    places,
    ranks,
    shifts,
    signed,
    span,
    whisker,
    years,
)
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of


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
