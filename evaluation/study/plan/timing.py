"""Faults of a plan's times: window, starts and phases must leave enough periods on every side.

Faults of what a plan tells beside its method that the plan shows by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault
from evaluation.its.series import Specification
from evaluation.study.plan.its import Key, Said, repeated
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.values import period_of

# With fewer periods on a side, a trend and a season leave next to nothing to judge a change by.
FEWEST_PERIODS = 12
NEEDED = f"at least {FEWEST_PERIODS} are needed"


@dataclass(frozen=True, slots=True)
class Span:
    """First and last period analyzed, as written and as ordinals."""

    frequency: period.Frequency
    first: str
    last: str

    def number(self, text: str) -> int:
        return period.ordinal(text, self.frequency)

    @property
    def low(self) -> int:
        return self.number(self.first)

    @property
    def high(self) -> int:
        return self.number(self.last)

    @property
    def words(self) -> str:
        return f"the window, {self.first} to {self.last}"


def timing_faults(
    plan: Plan, panel: Panel, column: Column
) -> tuple[Span | None, list[tuple[Key, str]]]:
    """The window of the treated unit on one outcome, and faults of what is dated in it.

    The window is None when the start is not inside it: nothing else can then be judged.
    """
    covered = np.flatnonzero(~np.isnan(panel.values[column.name][panel.unit_index(plan.unit)]))
    if len(covered) == 0:
        return None, [(("outcomes",), f"{column.name} has no value for {plan.unit}")]
    begin, final = (panel.periods[covered[position]] for position in (0, -1))
    data = Span(panel.frequency, begin, final)
    told: list[tuple[Key, str]] = [
        (
            ("window", key),
            f"{text} is outside the data of {plan.unit} on {column.name}, {begin} to {final}",
        )
        for key, text in (("first", plan.window.first), ("last", plan.window.last))
        if text is not None and not data.low <= data.number(text) <= data.high
    ]
    own = plan.outcome(column.name)
    first, last = (None, None) if own is None else (own.first, own.last)
    at = [one.column for one in plan.outcomes].index(column.name) if own is not None else 0
    told += [
        (
            ("outcomes", at, key),
            f"{text} is outside the data of {plan.unit} on {column.name}, {begin} to {final}",
        )
        for key, text in (("first", first), ("last", last))
        if text is not None and not data.low <= data.number(text) <= data.high
    ]
    intervention = plan.intervention
    # A program that stopped and came back has phases after its end.
    goes_on = intervention.fade is not None or bool(plan.later)
    end = None if goes_on else intervention.end
    span = Span(
        panel.frequency,
        first or plan.window.first or begin,
        last or plan.window.last or (min(end, final) if end else final),
    )
    if end is not None and span.high > span.number(end):
        words = f"{span.words}, goes on after it; end the window here, or describe the fade"
        told.append((("intervention", "end"), words))
    if not span.low <= span.number(intervention.start) <= span.high:
        words = f"{intervention.start} is outside {span.words}"
        return None, [*told, (("intervention", "start"), words)]
    told += _phase_faults(plan, span)
    told += _later_faults(plan, span)
    told += _event_faults(plan, span)
    return span, told


def window_faults(plan: Plan, panel: Panel) -> Said:
    """Faults of the window of a comparison: outside the data, or past the end of the program."""
    data = Span(panel.frequency, panel.periods[0], panel.periods[-1])
    first, last, end = plan.window.first, plan.window.last, plan.intervention.end
    written: list[tuple[Key, str | None]] = [
        (("window", "first"), first),
        (("window", "last"), last),
    ]
    for table, entries in (("outcomes", plan.outcomes), ("alternatives", plan.alternatives)):
        for index, entry in enumerate(entries):
            written += [((table, index, key), getattr(entry, key)) for key in ("first", "last")]
    if plan.curve is not None:
        for key in ("start", "first", "last"):
            written += [(("curve", key), text) for text in getattr(plan.curve, key)]
    for path, text in written:
        if text is not None and not data.low <= data.number(text) <= data.high:
            yield path, f"{text} is outside the data, {data.first} to {data.last}"
    if end is not None and last is not None and data.number(last) > data.number(end):
        words = f"the window, to {last}, goes on after it; end the window here"
        yield ("intervention", "end"), words


def site_faults(plan: Plan, span: Span) -> Said:
    """Faults of the starts of further sites."""
    for index, site in enumerate(plan.sites):
        yield from _sides(("sites", index), "start", site.start, plan.specification(), plan, span)


def curve_faults(plan: Plan, span: Span) -> Said:
    """Faults of the starts, windows and phases that the specification curve tries."""
    curve = plan.curve
    if curve is None:
        return
    head = plan.specification()
    planned = span.number(plan.intervention.start)
    for text in curve.start:
        yield from _sides(("curve",), "start", text, head, plan, span)
    for text in curve.first:
        if not span.low <= span.number(text) <= planned - FEWEST_PERIODS:
            words = f"{text} is not in {span.words}, or leaves too few periods before the start"
            yield ("curve", "first"), f"{words}; {NEEDED}"
    after = _last_of_first_phase(plan, span) - planned + 1
    for key in ("phase_in", "washout"):
        for value in getattr(curve, key):
            if after - value < FEWEST_PERIODS:
                words = f"{value} leaves {max(after - value, 0)} {span.frequency}s of effect"
                yield ("curve", key), f"{words}; {NEEDED}"


def _phase_faults(plan: Plan, span: Span) -> Iterator[tuple[Key, str]]:
    """Faults of start, washout and phase-in, of the headline and of each alternative."""
    head = plan.specification()
    yield from _sides(("intervention",), "start", plan.intervention.start, head, plan, span)
    for index, alternative in enumerate(plan.alternatives):
        start = alternative.start or plan.intervention.start
        specification = plan.alternative_specification(alternative)
        settling = specification.washout, specification.phase_in
        if alternative.start is None and settling == (head.washout, head.phase_in):
            continue  # told once, at the intervention
        table: Key = ("alternatives", index)
        yield from _sides(
            table, "start", start, specification, plan, span, before=alternative.start is not None
        )


def _sides(
    table: Key,
    key: str,
    start: str,
    specification: Specification,
    plan: Plan,
    span: Span,
    *,
    before: bool = True,
) -> Said:
    """Faults of one start in the window: too few periods before it, or of effect."""
    number = span.number(start)
    if not span.low <= number <= span.high:
        yield (*table, key), f"{start} is outside {span.words}"
        return
    if before and number - span.low < FEWEST_PERIODS:
        count = number - span.low
        words = f"{span.words}, has {count} {span.frequency}s before the start; {NEEDED}"
        yield (*table, key), words
    last = _last_of_first_phase(plan, span)
    after = last - number - specification.washout + 1
    if after < FEWEST_PERIODS:
        where = span.words
        if last < span.high:
            where = f"the time before the later change in {plan.later[0].start}"
        words = f"{where}, has {max(after, 0)} {span.frequency}s of effect; {NEEDED}"
        yield (*table, "washout" if specification.washout else key), words
    elif specification.phase_in >= after:
        words = f"{specification.phase_in} leaves no {span.frequency} with the full effect"
        yield (*table, "phase_in"), words


def _last_of_first_phase(plan: Plan, span: Span) -> int:
    """Ordinal of the last period before anything became of the program."""
    starts = [span.number(change.start) for change in plan.later]
    return min([span.high, *(start - 1 for start in starts if start <= span.high)])


def _later_faults(plan: Plan, span: Span) -> Said:
    for index, change in enumerate(plan.later):
        start = span.number(change.start)
        if start > span.high:
            yield ("later", index, "start"), f"{change.start} is outside {span.words}"
        elif start + change.phase_in > span.high:
            words = f"{change.phase_in} leaves no {span.frequency} with the full effect"
            yield ("later", index, "phase_in"), words


def _event_faults(plan: Plan, span: Span) -> Said:
    for index, event in enumerate(plan.events):
        if event.periods is None:
            continue
        start = period_of(event.date, span.frequency, span.low)
        if start < span.low or start > span.high:
            words = f"{event.date} is outside {span.words}; leave periods out"
            yield ("events", index, "date"), words
        elif start <= span.low and start + event.periods > span.high:
            yield ("events", index, "periods"), f"{event.periods} is the whole of {span.words}"


def told_faults(plan: Plan, located: Located) -> list[Fault]:
    """Outcomes that are not planned, grades lowered twice, lists that the design has not."""
    said = [*_lower_faults(plan), *_spanish_faults(plan), *_list_faults(plan)]
    if plan.delivery is not None and plan.delivery == plan.data:
        said.append((("delivery",), "is the table of outcomes; name the one of what was delivered"))
    return [located.fault(path, message) for path, message in said]


def _lower_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    planned = [outcome.column for outcome in plan.outcomes]
    lowered = [entry.column for entry in plan.lower]
    for index, name in enumerate(lowered):
        if name not in planned:
            yield (
                ("lower", index, "column"),
                f"{name!r} is no planned outcome.{did_you_mean(name, planned)}",
            )
    for index, name in repeated(lowered):
        yield ("lower", index, "column"), f"{name!r} is lowered twice; keep one of the two"


def _spanish_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    planned = [outcome.column for outcome in plan.outcomes]
    for name in (plan.es and plan.es.outcomes) or {}:
        if name not in planned:
            yield (
                ("es", "outcomes", name),
                f"is no planned outcome.{did_you_mean(name, planned)}",
            )


def _list_faults(plan: Plan) -> Iterator[tuple[Key, str]]:
    lists = plan.checklist
    if lists is None:
        return
    if lists.epoc is not None and plan.design != "its":
        words = 'is for interrupted time series (design "its"); answer checklist.trend'
        yield ("checklist", "epoc"), words
    if lists.strobe is not None and plan.design != "individual":
        words = 'is for people who are followed (design "individual"); answer checklist.trend'
        yield ("checklist", "strobe"), words
