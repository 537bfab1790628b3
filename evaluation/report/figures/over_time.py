"""The effect by time since each unit's start, and what the difference comes to in all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from evaluation import plots
from evaluation.effect import Effect, EventTime, Interval, Point
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    Figure,
    Header,
    Heading,
    Table,
    heading_of,
    paragraph_of,
    table_of,
)
from evaluation.report.figures.figures import anchor
from evaluation.report.sections import comparison
from evaluation.report.study_words import affected, fewer, is_count, met
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence


def by_time(evidence: Evidence) -> list[Block]:
    """A figure an outcome with effects by event time; nothing, with no heading, without any."""
    shown = [o for o in evidence.outcomes if o.estimated and o.effect.dynamic]
    if not shown:
        return []
    alone = all(_by_itself(outcome.effect) for outcome in shown)
    blocks: list[Block] = [
        heading_of("over-time.title", "event-study"),
        paragraph_of(f"over-time.{'one-unit' if alone else 'units-are-lined-up-by'}"),
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
    return table_of(
        f"{key}-table",
        say("over-time.effects-by-s-since-start", label=label, noun=noun),
        (
            Header(say("over-time.s-since-start", noun=noun), numeric=True),
            Header(
                say("over-time.change") if percent else say("over-time.difference"), numeric=True
            ),
            "#95-range",
            "#95-band",
            "#units",
        ),
        rows,
    )


# The name of the check whose rows are the total up to each period with its range; without it only
# the range at the end is known.
BUILT_UP = "averted-over-time"
# Totals that the description lists at most, beside the last one.
_LISTED = 8


@dataclass(frozen=True, slots=True)
class _Step:
    """One period: what was expected and what is counted beside it, and fewer than expected so far,
    with the range where it is known."""

    point: Point
    met: float
    total: float
    low: float | None
    high: float | None


def accumulated(evidence: Evidence, outcome: OutcomeEvidence) -> list[Figure]:
    """The running total of outcomes averted or added; nothing where that is no count, or where the
    periods do not add up to the total that was estimated."""
    steps = _steps(outcome.effect) if is_count(evidence, outcome) else []
    if not steps:
        return []
    steps = _with_ranges(steps, outcome)
    key, label = f"total-{anchor(outcome.column)}", words.capital(outcome.label)
    compared = comparison.is_did(evidence)
    between = say("figures.some-treated") if compared else say("phase.phase-in")
    with plots.style():
        figure = plots.blank(plots.ACCUMULATED_HEIGHT)
        plots.running_total(
            [_drawn(step) for step in steps],
            figure.axes[0],
            measure=say("accumulated.more-or-fewer-than-expected", label=label),
            phase_in=between,
        )
        svg = plots.svg_text(figure, key)
    whole = steps[0].low is not None
    return [
        Figure(
            key=key,
            svg=svg,
            title=_title(outcome, steps[-1].point.period),
            description=_total_description(evidence, outcome, steps, whole),
            table=_total_table(key, label, steps, between),
            note=_total_note(evidence, outcome, whole),
        )
    ]


def _steps(effect: Effect) -> list[_Step]:
    """Every period that counts; none where their sum is not what was estimated."""
    points = affected(effect)
    beside = [met(point, effect) for point in points]
    totals = list(
        accumulate(point.expected - own for point, own in zip(points, beside, strict=True))
    )
    # Both are rounded to six digits, period by period; a method may also count other cells.
    apart = abs(totals[-1] - effect.averted.estimate) if totals else 0.0
    if apart > max(0.05, 0.005 * abs(effect.averted.estimate)):
        return []
    # The last one is the number that everything else on the page tells.
    totals[-1:] = [effect.averted.estimate] if totals else []
    return [
        _Step(point, own, total, None, None)
        for point, own, total in zip(points, beside, totals, strict=True)
    ]


def _with_ranges(steps: list[_Step], outcome: OutcomeEvidence) -> list[_Step]:
    """The steps with the range of every total where the results hold them, else of the last."""
    effect = outcome.effect
    check = next((one for one in outcome.checks if one.name == BUILT_UP), None)
    ranges = {
        str(row["period"]): (float(row["low"]), float(row["high"]))
        for row in (() if check is None else check.table)
    }
    last = steps[-1].point.period
    if any(step.point.period not in ranges for step in steps):
        ranges = {}
    ranges[last] = (effect.averted.low, effect.averted.high)
    return [
        _Step(step.point, step.met, step.total, *ranges.get(step.point.period, (None, None)))
        for step in steps
    ]


def _drawn(step: _Step) -> plots.Total:
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
    evidence: Evidence, outcome: OutcomeEvidence, steps: Sequence[_Step], whole: bool
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
        + (
            say("accumulated.band-shows-95-range")
            if whole
            else say("accumulated.bar-shows-95-range-at")
        )
        + f"{listed}."
    )


def _total_note(evidence: Evidence, outcome: OutcomeEvidence, whole: bool) -> str:
    smooth = outcome.effect.averted_of == "fitted"
    counted = (
        say("accumulated.added-up-is-what-model")
        if smooth
        else say("accumulated.added-up-is-what-was")
    )
    luck = say("accumulated.luck-of-single-periods-is") if smooth else ""
    range_ = (
        say("accumulated.band-is-95-range-of") if whole else say("accumulated.95-range-is-that-of")
    )
    return f"{counted}{evidence.intervention}{luck}. {range_}"


def _total_table(key: str, label: str, steps: Sequence[_Step], between: str) -> Table:
    return table_of(
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
