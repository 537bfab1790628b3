"""What a plan could find, line by line, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report import words
from evaluation.report.sections import power_words
from evaluation.say import ENGLISH, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.study.power.power_evidence import PowerEvidence


def terminal_lines(power: PowerEvidence) -> Iterator[str]:
    """The sentences and the curve of every outcome, line by line."""
    if power.outcomes[0].sides is not None:
        yield power_words.how_made(power)
    else:
        yield say(
            "power-words.from-watched-until",
            unit=power.unit,
            intervention=power.intervention,
            start=power.start,
            last=power.last,
            periods_after=power_words.amount(power.periods_after, power),
        )
    yield from _alike_lines(power)
    for outcome in power.outcomes:
        yield ""
        yield power_words.what_can_be_found(outcome)
        if not outcome.curve:
            continue
        yield power_words.time_needed(outcome, power)
        yield ""
        persists = {point.percent: point.power for point in outcome.persistent}
        yield f"  {'true change':>12}  {'found':>7}" + (
            say("power-words.when-rate-persists") if persists else ""
        )
        for point in outcome.curve:
            name = words.signed_percent(point.percent) if point.percent else "none"
            second = persists.get(point.percent)
            yield f"  {name:>12}  {point.power:>7.1%}" + (
                "" if second is None else f"  {second:>7.1%}"
            )
        yield ""
        yield say("power-words.false-alarms-with-no-change", false_alarms=outcome.false_alarms)
        yield power_words.simulation_error(outcome)
    yield ""
    yield power_words.no_peeking(power)


def _alike_lines(power: PowerEvidence) -> Iterator[str]:
    """Each check as a question, what was found, and a table."""
    for check in power_words.alike(power):
        yield ""
        yield words.capital(str(check.question))
        yield words.sentence(str(check.says))
        present = {name for row in check.table for name in row}
        heads = ENGLISH.table("column")
        names = [name for name in heads if name in present] + sorted(present - heads.keys())
        told = [[_cell(row.get(name)) for name in names] for row in check.table]
        rows = [[heads.get(name, words.capital(name)) for name in names], *told]
        wide = [max(len(row[place]) for row in rows) for place in range(len(names))]
        for row in rows if told else ():
            cells = [f"{cell:>{size}}" for cell, size in zip(row[1:], wide[1:], strict=True)]
            yield "  ".join(["", f"{row[0]:<{wide[0]}}", *cells])


def _cell(value: object) -> str:
    return (
        words.number(value, 2) if isinstance(value, float) else str("" if value is None else value)
    )
