"""The effect by time since each unit's start, and what the difference comes to in all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from evaluation import plots
from evaluation.effect import Effect, EventTime, Interval
from evaluation.report import blocks as page
from evaluation.report import words
from evaluation.report.figures.drawn import as_figure
from evaluation.report.figures.figures import anchor
from evaluation.report.sections import comparison
from evaluation.report.study_words import fewer, is_count
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.totals import Step, running_total


def by_time(evidence: Evidence) -> list[page.Block]:
    """A figure an outcome with effects by event time; nothing, with no heading, without any."""
    shown = [o for o in evidence.outcomes if o.estimated and o.effect.dynamic]
    if not shown:
        return []
    alone = all(_by_itself(outcome.effect) for outcome in shown)
    blocks: list[page.Block] = [
        page.heading("over-time.title", "event-study"),
        page.paragraph(f"over-time.{'one-unit' if alone else 'units-are-lined-up-by'}"),
    ]
    for outcome in shown:
        if len(evidence.outcomes) > 1:
            own = f"event-study-{anchor(outcome.column)}"
            blocks.append(page.Heading(3, words.capital(outcome.label), own))
        blocks.append(event_figure(evidence, outcome))
    return blocks


def event_figure(evidence: Evidence, outcome: OutcomeEvidence) -> page.Figure:
    """The effects of one outcome by event time, with their table."""
    effect, key = outcome.effect, f"events-{anchor(outcome.column)}"
    noun = evidence.data.frequency
    percent = effect.scale == "log ratio"
    moments = [_moment(row, percent) for row in effect.dynamic]
    label = words.capital(outcome.label)
    return as_figure(
        key,
        lambda figure: plots.event_study(
            moments,
            figure.axes[0],
            percent=percent,
            across=say("over-time.s-since-start", noun=noun),
            measure=f"{label}, {'percent change' if percent else f'change in {outcome.measure}'}",
        ),
        plots.EVENT_HEIGHT,
        title=f"{label}: {_finding(effect)}",
        description=_description(outcome, moments, noun, percent),
        table=_table(key, label, effect, noun, percent),
        note=_note(effect),
    )


def _finding(effect: Effect) -> str:
    """How many effects are clear on either side of the start; the title of the figure."""
    own = [row for row in effect.dynamic if row.std_error > 0]
    before = [row for row in own if row.time < 0]
    after = [row for row in own if row.time >= 0]
    clear = sum(_clear(row) for row in before)
    found = sum(_clear(row) for row in after)
    said = say("over-time.of-effects-after-start-are", found=found, n_after=len(after))
    if before:
        said += say("over-time.and-of-before-it", clear=clear, n_before=len(before))
    return said


def _note(effect: Effect) -> str:
    """How to read the figure, and how many units its two ends rest on."""
    if _by_itself(effect):
        return say("over-time.each-by-itself")
    rows = effect.dynamic
    most, farthest = max(row.n for row in rows), min(rows[0].n, rows[-1].n)
    said = words.joined(
        {
            "over-time.square-is-nought-by-definition": any(row.std_error == 0 for row in rows),
            "over-time.farthest-out-of-units-are": farthest < most,
            "over-time.at-gap-nothing-can-be": rows[-1].time - rows[0].time >= len(rows),
        },
        ends=farthest,
        most=most,
    )
    return say("over-time.hollow-before-start-filled-from", said=said)


def _by_itself(effect: Effect) -> bool:
    """Whether every effect has a range by itself, and no band holds all of them."""
    return all((one.low, one.high) == (one.band_low, one.band_high) for one in effect.dynamic)


def _clear(row: EventTime) -> bool:
    return row.low > 0 or row.high < 0


def _moment(row: EventTime, percent: bool) -> plots.Moment:
    values = (row.estimate, row.low, row.high, row.band_low, row.band_high)
    if percent:
        values = tuple(100 * math.expm1(min(value, 20.0)) for value in values)  # type: ignore[assignment]
    return plots.Moment(row.time, *values, reference=row.std_error == 0)


def _description(
    outcome: OutcomeEvidence, moments: list[plots.Moment], noun: str, percent: bool
) -> str:
    def said(moment: plots.Moment) -> str:
        show = words.signed_percent if percent else lambda value: words.number(value, 3)
        return say(
            "over-time.to",
            time=moment.time,
            estimate=show(moment.estimate),
            low=show(moment.low),
            high=show(moment.high),
        )

    listed = "; ".join(said(moment) for moment in moments if not moment.reference)
    return say("over-time.dot-plot-of-effect-on", label=outcome.label, noun=noun, listed=listed)


def _table(key: str, label: str, effect: Effect, noun: str, percent: bool) -> page.Table:
    rows = []
    for row in effect.dynamic:
        moment = _moment(row, percent)
        show = words.signed_percent if percent else lambda value: words.number(value, 3)
        ranges = [
            "–" if moment.reference else words.ends(show(low), show(high))
            for low, high in ((moment.low, moment.high), (moment.band_low, moment.band_high))
        ]
        if _by_itself(effect):
            ranges[1] = "–"
        rows.append(
            (
                (words.number(row.time),),
                (show(moment.estimate),),
                (ranges[0],),
                (ranges[1],),
                (words.number(row.n),),
            )
        )
    return page.table(
        f"{key}-table",
        say("over-time.effects-by-s-since-start", label=label, noun=noun),
        (
            page.Header(say("over-time.s-since-start", noun=noun), numeric=True),
            page.Header(
                say("over-time.change" if percent else "over-time.difference"), numeric=True
            ),
            "#95-range",
            "#95-band",
            "#units",
        ),
        rows,
    )


# Totals that the description lists at most, beside the last one.
_LISTED = 8


def accumulated(evidence: Evidence, outcome: OutcomeEvidence) -> list[page.Figure]:
    """The running total of outcomes averted or added; nothing where that is no count, or where the
    periods do not add up to the total that was estimated."""
    steps = running_total(outcome) if is_count(evidence, outcome) else []
    if not steps:
        return []
    key, label = f"total-{anchor(outcome.column)}", words.capital(outcome.label)
    compared = comparison.is_did(evidence)
    between = say("figures.some-treated" if compared else "phase.phase-in")
    whole = steps[0].low is not None
    return [
        as_figure(
            key,
            lambda figure: plots.running_total(
                [_drawn(step) for step in steps],
                figure.axes[0],
                measure=say("accumulated.more-or-fewer-than-expected", label=label),
                phase_in=between,
            ),
            plots.ACCUMULATED_HEIGHT,
            title=_title(outcome, steps[-1].point.period),
            description=_total_description(evidence, outcome, steps, whole),
            table=_total_table(key, label, steps, between),
            note=_total_note(evidence, outcome, whole),
        )
    ]


def _drawn(step: Step) -> plots.Total:
    """Drawn as observed less expected, so that fewer goes down as in the other figures."""
    ends = (None, None)
    if step.low is not None and step.high is not None:
        return plots.Total(step.point.period, -step.total, step.point.phase, -step.high, -step.low)
    return plots.Total(step.point.period, -step.total, step.point.phase, *ends)


def _title(outcome: OutcomeEvidence, last: str) -> str:
    averted, label = outcome.effect.averted, words.capital(outcome.label)
    said = say("accumulated.than-expected-in-all", estimate=fewer(averted.estimate))
    until = words.period_words(last)
    spread = words.count_range(averted)
    if averted.excludes_zero:
        return say("accumulated.by-range", label=label, until=until, said=said, spread=spread)
    return say(
        "accumulated.by-no-clear-total-best", label=label, until=until, said=said, spread=spread
    )


def _total_description(
    evidence: Evidence, outcome: OutcomeEvidence, steps: Sequence[Step], whole: bool
) -> str:
    first, last = steps[0].point.period, steps[-1].point.period
    # The last period of each year, thinned.
    marks = [
        step for step, after in pairwise(steps) if step.point.period[:4] != after.point.period[:4]
    ]
    marks = marks[:: -(-len(marks) // _LISTED) or 1]
    listed = "; ".join(
        f"{words.period_words(step.point.period)}: {fewer(step.total)}"
        + (
            f" ({words.count_range(Interval(step.total, step.low, step.high))})"
            if step.low is not None and step.high is not None
            else ""
        )
        for step in [*marks, steps[-1]]
    )
    return (
        say(
            "accumulated.line-chart-of-in-against",
            label=outcome.label,
            unit=evidence.data.unit,
            first=first,
            last=last,
        )
        + (say("accumulated.band-shows-95-range" if whole else "accumulated.bar-shows-95-range-at"))
        + f"{listed}."
    )


def _total_note(evidence: Evidence, outcome: OutcomeEvidence, whole: bool) -> str:
    smooth = outcome.effect.averted_of == "fitted"
    counted = f"accumulated.added-up-is-what-{'model' if smooth else 'was'}"
    luck = say("accumulated.luck-of-single-periods-is") if smooth else ""
    range_ = f"accumulated.{'band-is-95-range-of' if whole else '95-range-is-that-of'}"
    return f"{say(counted)}{evidence.intervention}{luck}. {say(range_)}"


def _total_table(key: str, label: str, steps: Sequence[Step], between: str) -> page.Table:
    return page.table(
        f"{key}-table",
        say("accumulated.fewer-than-expected-added-up", label=label),
        ("period", "#counted", "#expected", "#fewer", "#fewer-so-far", "#95-range", "phase"),
        (
            (
                step.point.period,
                words.number(step.met),
                words.number(step.point.expected),
                words.number(step.point.expected - step.met),
                words.signed_amount(step.total),
                "–"
                if step.low is None or step.high is None
                else words.ends(words.signed_amount(step.low), words.signed_amount(step.high)),
                between if step.point.phase == "phase-in" else say(f"phase.{step.point.phase}"),
            )
            for step in steps
        ),
    )
