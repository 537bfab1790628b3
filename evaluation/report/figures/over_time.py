"""The effect by time since each unit's start, before it and after."""

from __future__ import annotations

import math

from evaluation import plots
from evaluation.effect import Effect, EventTime
from evaluation.report import words
from evaluation.report.blocks import Block, Figure, Header, Heading, Paragraph, Table
from evaluation.report.figures.figures import anchor
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence


def by_time(evidence: Evidence) -> list[Block]:
    """A figure an outcome with effects by event time; nothing, with no heading, without any."""
    shown = [o for o in evidence.outcomes if o.estimated and o.effect.dynamic]
    if not shown:
        return []
    alone = all(_by_itself(outcome.effect) for outcome in shown)
    blocks: list[Block] = [
        Heading(2, say("over-time.title"), "event-study"),
        Paragraph((say(f"over-time.{'one-unit' if alone else 'units-are-lined-up-by'}"),)),
    ]
    for outcome in shown:
        if len(evidence.outcomes) > 1:
            own = f"event-study-{anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), own))
        blocks.append(event_figure(evidence, outcome))
    return blocks


def event_figure(evidence: Evidence, outcome: OutcomeEvidence) -> Figure:
    """The effects of one outcome by event time, with their table."""
    effect, key = outcome.effect, f"events-{anchor(outcome.column)}"
    noun = evidence.data.frequency
    percent = effect.scale == "log ratio"
    moments = [_moment(row, percent) for row in effect.dynamic]
    label = words.capital(outcome.label)
    with plots.style():
        figure = plots.blank(plots.EVENT_HEIGHT)
        plots.event_study(
            moments,
            figure.axes[0],
            percent=percent,
            across=say("over-time.s-since-start", noun=noun),
            measure=f"{label}, {'percent change' if percent else f'change in {outcome.measure}'}",
        )
        svg = plots.svg_text(figure, key)
    return Figure(
        key=key,
        svg=svg,
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
    rows, said = effect.dynamic, ""
    if _by_itself(effect):
        return say("over-time.each-by-itself")
    if any(row.std_error == 0 for row in rows):
        said += say("over-time.square-is-nought-by-definition")
    most = max(row.n for row in rows)
    ends = min(rows[0].n, rows[-1].n)
    if ends < most:
        said += say("over-time.farthest-out-of-units-are", ends=ends, most=most)
    if rows[-1].time - rows[0].time >= len(rows):
        said += say("over-time.at-gap-nothing-can-be")
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


def _table(key: str, label: str, effect: Effect, noun: str, percent: bool) -> Table:
    rows = []
    for row in effect.dynamic:
        moment = _moment(row, percent)
        show = words.signed_percent if percent else lambda value: words.number(value, 3)
        ranges = [
            "–" if moment.reference else say("between.mixed", low=show(low), high=show(high))
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
    return Table(
        key=f"{key}-table",
        caption=say("over-time.effects-by-s-since-start", label=label, noun=noun),
        headers=(
            Header(say("over-time.s-since-start", noun=noun), numeric=True),
            Header(
                say("over-time.change") if percent else say("over-time.difference"), numeric=True
            ),
            Header(say("head.95-range"), numeric=True),
            Header(say("head.95-band"), numeric=True),
            Header(say("head.units"), numeric=True),
        ),
        rows=tuple(rows),
    )
