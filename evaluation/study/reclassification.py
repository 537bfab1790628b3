"""Was an outcome recorded in two ways within the window? What is known, and cases that seem to have
moved from one category to another: two outcomes of a unit that break together, in opposite ways.

A change of recording long after the start is no effect, but a model that knows one step only lays
it upon that step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from evaluation.data import period
from evaluation.data.panel import Panel, RecordingChange
from evaluation.effect import Check
from evaluation.fact import Fact, fact
from evaluation.its.break_checks import DetectedBreak
from evaluation.study.plan.schema import Plan
from evaluation.study.table_checks import dated, nearby_changes, p_words

# Breaks whose likeliest dates are at most this part of a year apart come together: two months, for
# a change that took a month to be taken up. Quarters and years must be the same.
TOGETHER = 6


def inside_changes(
    plan: Plan, column: str, panel: Panel, window: tuple[str, str]
) -> tuple[RecordingChange, ...]:
    """Known changes of recording of an outcome inside the window; those close to the start are
    left to `nearby_changes`.

    Parameters
    ----------
    window : first and last period analyzed.
    """

    def number(text: str) -> int:
        return period.ordinal(text, panel.frequency)

    near = nearby_changes(plan, column, panel)
    first, last = number(window[0]), number(window[1])
    return tuple(
        change
        for change in panel.recording_changes
        if change.column in (None, column)
        and change.unit in (None, plan.unit)
        and first < number(change.date) <= last
        and change not in near
    )


def moved_cases(
    column: str, breaks: Mapping[str, DetectedBreak], panel: Panel, unit: str
) -> tuple[RecordingChange, ...]:
    """Breaks in other outcomes of the unit that come with one in this outcome, the other way.

    Parameters
    ----------
    breaks : by outcome column, wherever in the window a search finds them.
    """
    own = breaks.get(column)
    if own is None:
        return ()
    most = period.PER_YEAR[panel.frequency] // TOGETHER
    found = []
    for other, seen in breaks.items():
        opposite = own.percent * seen.percent < 0
        if other == column or not opposite or abs(seen.ordinal - own.ordinal) > most:
            continue
        what = fact(
            "study.reclassification.both-break",
            label=panel.column(column).label,
            percent=own.percent,
            p=p_words(own.p_value),
            other=panel.column(other).label,
            by=seen.percent,
            other_p=p_words(seen.p_value),
        )
        found.append(RecordingChange(own.first, str(what), other, unit))
    return tuple(found)


def recording_in_window(
    known: Sequence[RecordingChange], moved: Sequence[RecordingChange], window: tuple[str, str]
) -> Check:
    """Was the outcome recorded in one way throughout? Fails when a change is known or seen.

    Parameters
    ----------
    known : from `inside_changes`. moved : from `moved_cases`. window : first and last period.
    """
    parts = [fact("study.table-checks.known", changes=_listed(known))] if known else []
    if moved:
        key = f"study.reclassification.search-finds{'-too' if known else ''}"
        parts.append(fact(key, moved=_listed(moved)))
    if not parts:
        first, last = window
        parts.append(fact("study.reclassification.none", first=first, last=last))
    else:
        parts.append(Fact("study.reclassification.part-of-effect"))
    return Check(
        "recording-in-window",
        not (known or moved),
        fact("study.run.sentences", says=parts),
        tuple(asdict(one) for one in (*known, *moved)),
    )


def _listed(changes: Sequence[RecordingChange]) -> tuple[Fact, ...]:
    return tuple(dated(replace(change, what=change.what.rstrip("."))) for change in changes)
