"""The effect by time since each unit's start, before it and after."""

from __future__ import annotations

import math

from evaluation import plots
from evaluation.effect import Effect, EventTime
from evaluation.report import words
from evaluation.report.blocks import Block, Figure, Header, Heading, Paragraph, Table
from evaluation.report.figures.figures import anchor
from evaluation.study.evidence import Evidence, OutcomeEvidence


def by_time(evidence: Evidence) -> list[Block]:
    """A figure an outcome with effects by event time; nothing, with no heading, without any."""
    shown = [o for o in evidence.outcomes if o.estimated and o.effect.dynamic]
    if not shown:
        return []
    blocks: list[Block] = [
        Heading(2, "The effect by time since the start", "event-study"),
        Paragraph(
            (
                "Units are lined up by their own start. Before it there should be nothing to see: "
                "what lies off nought there is chance, or a sign that treated and untreated were "
                "on different paths. Far from the start few units are left, and ranges are wide.",
            )
        ),
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
            across=f"{words.capital(noun)}s since the start",
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
    said = f"{found} of {len(after)} effects after the start are clear"
    if before:
        said += f", and {clear} of {len(before)} before it"
    return said


def _note(effect: Effect) -> str:
    """How to read the figure, and how many units its two ends rest on."""
    rows, said = effect.dynamic, ""
    if any(row.std_error == 0 for row in rows):
        said += " A square is nought by definition: the others are measured from there."
    most = max(row.n for row in rows)
    ends = min(rows[0].n, rows[-1].n)
    if ends < most:
        said += f" Farthest out, {words.number(ends)} of {words.number(most)} units are left."
    if rows[-1].time - rows[0].time >= len(rows):
        said += " At a gap nothing can be estimated."
    return (
        "Hollow before the start, filled from it on; lines are 95% ranges of each by itself, the "
        f"band holds all of them together with 95%.{said} Ranges far beyond the estimates are cut; "
        "the table has them whole."
    )


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
        return f"{moment.time}: {show(moment.estimate)} ({show(moment.low)} to {show(moment.high)})"

    listed = "; ".join(said(moment) for moment in moments if not moment.reference)
    return (
        f"Dot plot of the effect on {outcome.label} by {noun}s since the start, negative before "
        f"it, with 95% ranges and a common band; a horizontal line marks no effect. {listed}."
    )


def _table(key: str, label: str, effect: Effect, noun: str, percent: bool) -> Table:
    rows = []
    for row in effect.dynamic:
        moment = _moment(row, percent)
        show = words.signed_percent if percent else lambda value: words.number(value, 3)
        ranges = [
            "–" if moment.reference else f"{show(low)} to {show(high)}"
            for low, high in ((moment.low, moment.high), (moment.band_low, moment.band_high))
        ]
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
        caption=f"{label}: effects by {noun}s since the start",
        headers=(
            Header(f"{words.capital(noun)}s since the start", numeric=True),
            Header("Change" if percent else "Difference", numeric=True),
            Header("95% range", numeric=True),
            Header("95% band", numeric=True),
            Header("Units", numeric=True),
        ),
        rows=tuple(rows),
    )
