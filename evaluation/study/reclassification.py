"""Was an outcome recorded in two ways within the window? What is known, and cases that seem to have
moved from one category to another: two outcomes of a unit that break together, in opposite ways.

A change of recording long after the start is no effect, but a model that knows one step only lays
it upon that step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from evaluation.data import period
from evaluation.data.panel import Panel, RecordingChange
from evaluation.effect import Check
from evaluation.its.break_checks import DetectedBreak
from evaluation.study.plan.schema import Plan
from evaluation.study.table_checks import nearby_changes

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
        what = (
            f"{panel.column(column).label} break by {own.percent:+.0f} % ({_p(own)}) and "
            f"{panel.column(other).label} by {seen.percent:+.0f} % ({_p(seen)})"
        )
        found.append(RecordingChange(own.first, what, other, unit))
    return tuple(found)


def recording_in_window(
    known: Sequence[RecordingChange], moved: Sequence[RecordingChange], window: tuple[str, str]
) -> Check:
    """Was the outcome recorded in one way throughout? Fails when a change is known or seen.

    Parameters
    ----------
    known : from `inside_changes`. moved : from `moved_cases`. window : first and last period.
    """
    span = f"{window[0]} to {window[1]}"
    parts = [f"Known: {_listed(known)}."] if known else []
    if moved:
        parts.append(
            f"A search over all dates finds it too: {_listed(moved)}."
            if known
            else f"A search over all dates finds: {_listed(moved)}."
        )
        parts.append("Cases moved from one category to another look like that.")
    if not parts:
        parts.append(f"No change is known or seen within the window, {span}.")
    else:
        parts.append(
            "The estimate takes the change of recording for part of the effect, as far as it comes "
            "after the start; an answer about this outcome needs a window that ends before it, or "
            "a term of its own for it."
        )
    return Check(
        "recording-in-window",
        "Was the outcome recorded in the same way throughout the window?",
        not (known or moved),
        " ".join(parts),
        tuple(asdict(one) for one in (*known, *moved)),
    )


def _listed(changes: Sequence[RecordingChange]) -> str:
    return "; ".join(f"{change.date}: {change.what.rstrip('.')}" for change in changes)


def _p(seen: DetectedBreak) -> str:
    return "p below 0.001" if seen.p_value < 0.001 else f"p = {seen.p_value:.3f}"
