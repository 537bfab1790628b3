"""Checks that look at more of the table than the outcome: its controls, outcomes that the program
should not move, and how outcomes were recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Column, Panel, RecordingChange
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.its.break_checks import DetectedBreak, detected_break
from evaluation.its.check_helpers import REJECT, not_estimated, tried
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.study.plan.schema import Plan

# A recording change this many years or less from the start can look like an effect.
NEAR_YEARS = 1
# What a pass of `control_trend` is worth: it sees no more than its range leaves out.
UNSEEN = "; none is clear, though one within that range would not be seen."


def control_trend(series: Series, method: Method, placebo: Check | None) -> Check:
    """Did the treated series and its comparison go along before the start?

    On the periods before the start alone: with a trend for each series, whether the treated one
    changes its slope beyond the comparison's at the middle; without one, whether the two drift
    apart. Fails when that is found (p below .05), or when the placebo dates failed.

    Parameters
    ----------
    series : with controls. placebo : the check of that name, when it was made.
    """
    question = "Did the treated series and its comparison go along before the start?"
    before = series.start
    trended = series.specification.trend != "none"
    simple = series.specified(
        phase_in=0,
        washout=0,
        half_life=None,
        trend=series.specification.trend if trended else "linear",
        effect="level+slope" if trended else "level",
    )
    try:
        earlier = simple.between(0, before, start=before // 2)
        fitted = method.solved(earlier)
    except FitError as fault:
        return Check("control-trend", question, None, f"Not possible: {fault}.")
    names = earlier.names
    contrast = np.zeros((2, len(names)))
    contrast[0, names.index("trend")] = 1.0
    others = [index for index, name in enumerate(names) if name.startswith("trend: ")]
    contrast[0, others] = -1.0 / len(others)
    if trended:
        contrast[1, names.index("slope")] = 1.0
    judged = fitted.judge(contrast if trended else contrast[:1])
    year = period.PER_YEAR[series.frequency]

    def a_year(index: int) -> str:
        values = year * np.array([judged.estimate[index], judged.low[index], judged.high[index]])
        if fitted.link == "log":
            middle, low, high = 100 * np.expm1(values)
            return f"{middle:.1f} % a year (range {low:.1f} to {high:.1f})"
        middle, low, high = values
        return f"{middle:.3g} a year (range {low:.3g} to {high:.3g})"

    p = float(judged.p_value[-1])
    found = p < REJECT
    if trended:
        says = (
            f"Before the start the difference of their trends changes by {a_year(1)} at the "
            f"middle of the period (p = {p:.3f})"
        )
        says += ", so that it cannot be carried on." if found else UNSEEN
    else:
        says = f"Before the start their trends differ by {a_year(0)} (p = {p:.3f})"
        says += ", and the model has no trend." if found else UNSEEN
    alarmed = placebo is not None and placebo.passed is False
    if alarmed:
        says += " At earlier dates when nothing started the comparison finds changes too often."
    return Check("control-trend", question, not (found or alarmed), says)


def unaffected_outcomes(
    tested: Sequence[tuple[Column, Method]],
    make: Callable[[Column], Series],
    matters: float | None = None,
) -> Check:
    """Do outcomes change that the program should not move? Fails when a range excludes no change;
    passes only when every range also excludes a change that would matter.

    Parameters
    ----------
    tested : columns with the method for their kind. make : the series of a column with the design
        of the headline; it may raise FitError. matters : percent, either way, that would matter;
        None where nothing says so, and then nothing can be passed.
    """
    answers = [
        (column, one) for column, method in tested for _, _, one in tried(method, [column], make)
    ]
    moved = [column for column, one in answers if one.percent_low > 0 or one.percent_high < 0]
    wide = [
        column
        for column, one in answers
        if matters is None or max(-one.percent_low, one.percent_high) >= matters
    ]
    said = "; ".join(
        f"{column.label}: {one.percent:.1f} % (range {one.percent_low:.1f} to "
        f"{one.percent_high:.1f})"
        for column, one in answers
    )
    if not answers:
        says = "Not possible."
    elif moved:
        says = f"{said}. {len(moved)} of {len(answers)} ranges exclude no change; none should."
    else:
        says = f"{said}. Every range holds no change, as it should."
        if matters is None:
            says += " Nothing says how large a change would matter, so this informs and no more."
        elif wide:
            says += (
                f" {len(wide)} of {len(answers)} could also hide a change of {matters:g} %, so "
                "this shows little."
            )
    return Check(
        "unaffected-outcomes",
        "Do outcomes change that the program should not move?",
        False if moved else (None if wide or not answers else True),
        says + str(not_estimated(len(tested), len(answers))),
        tuple(
            {
                "outcome": column.label,
                "percent": one.percent,
                "low": one.percent_low,
                "high": one.percent_high,
                "p": one.p_value,
            }
            for column, one in answers
        ),
    )


def breaks_by_column(series: Mapping[str, Series]) -> dict[str, DetectedBreak]:
    """Breaks found in the window, by outcome column of the treated unit.

    Parameters
    ----------
    series : of each outcome column of the unit that could be built.
    """
    seen = {column: detected_break(one) for column, one in series.items()}
    return {column: one for column, one in seen.items() if one is not None}


def near_breaks(
    plan: Plan, panel: Panel, breaks: Mapping[str, DetectedBreak]
) -> dict[str, DetectedBreak]:
    """Those of the breaks that are close to the start."""
    return {
        column: one
        for column, one in breaks.items()
        if _near(one.first, plan.intervention.start, panel)
    }


def nearby_changes(
    plan: Plan, column: str, panel: Panel, starts: Mapping[str, str] | None = None
) -> tuple[RecordingChange, ...]:
    """Known recording changes of an outcome close to the start, from the dataset; not those outside
    the periods in which the plan uses the outcome.

    Parameters
    ----------
    starts : of treated units whose own changes count near their own start.
    """
    own = plan.outcome(column)
    first, last = (None, None) if own is None else (own.first, own.last)

    def number(text: str) -> int:
        return period.ordinal(text, panel.frequency)

    inside = [
        change
        for change in panel.recording_changes
        if change.column in (None, column)
        and (first is None or number(first) < number(change.date))
        and (last is None or number(change.date) <= number(last))
    ]
    found = [
        change
        for change in inside
        if change.unit in (None, plan.unit) and _near(change.date, plan.intervention.start, panel)
    ]
    found += [
        replace(change, what=f"{change.unit}: {change.what}")
        for change in inside
        if change.unit is not None
        and change.unit in (starts or {})
        and _near(change.date, (starts or {})[change.unit], panel)
    ]
    return tuple(found)


def _about(change: RecordingChange, plan: Plan, column: str) -> bool:
    """Whether a change touches this outcome of the studied unit."""
    return change.column in (None, column) and change.unit in (None, plan.unit)


def related_breaks(
    plan: Plan,
    column: str,
    change: float | None,
    panel: Panel,
    breaks: Mapping[str, DetectedBreak],
) -> tuple[RecordingChange, ...]:
    """Breaks near the start in other outcomes that the program does not explain.

    An outcome that the plan evaluates too may move with the program, so it counts only when it
    breaks the other way, as when cases are moved from one category to the other.

    Parameters
    ----------
    change : of this outcome, on any scale with the right sign; None when it was not estimated.
    breaks : from `breaks_by_column`.
    """
    planned = [outcome.column for outcome in plan.outcomes]
    found = []
    for other, seen in breaks.items():
        opposite = change is not None and seen.percent * change < 0
        if other == column or (other in planned and not opposite):
            continue
        label = panel.column(other).label
        p = "below 0.001" if seen.p_value < 0.001 else f"= {seen.p_value:.3f}"
        what = f"a break in {label}, {seen.percent:+.0f} % (p {p})"
        found.append(RecordingChange(seen.first, what, other, plan.unit))
    return tuple(found)


def recording_change(
    plan: Plan,
    column: str,
    nearby: Sequence[RecordingChange],
    related: Sequence[RecordingChange],
    panel: Panel,
    searched: int,
) -> Check:
    """Did the way outcomes are recorded change near the start? From what is known of the dataset,
    and from breaks in other outcomes of the unit.

    Parameters
    ----------
    column : of the outcome that is asked about. searched : how many other outcomes were searched
        for a break.
    """
    listed = panel.recording_changes
    within = f"within {NEAR_YEARS} year of the start"
    parts = [f"Known: {'; '.join(f'{one.date}: {one.what}' for one in nearby)}."] if nearby else []
    if not nearby:
        own = sum(_about(one, plan, column) for one in listed)
        others = len(listed) - own
        parts.append(
            f"No change of this outcome is known {within} ({own} known in the dataset, and "
            f"{others} of other columns or places)."
            if others
            else f"No change is known {within} ({own} known in the dataset)."
        )
    elsewhere = "; ".join(
        f"{one.unit}, {one.date}: {one.what}"
        for one in listed
        if plan.design == "did"
        and plan.unit
        and one.column in (None, column)
        and one.unit not in (None, plan.unit)
        and _near(one.date, plan.intervention.start, panel)
    )
    if elsewhere:
        parts.append(f"Of other units in the data is known {within}: {elsewhere}.")
    outcomes = "1 other outcome" if searched == 1 else f"{searched} other outcomes"
    if related:
        seen = "; ".join(f"{one.date}: {one.what}" for one in related)
        parts.append(
            f"A search in {outcomes} finds {within}: {seen}. Cases moved from one category to "
            "another look like that, and like an effect."
        )
    elif searched:
        parts.append(f"A search in {outcomes} finds no break {within} that would be a sign of one.")
    return Check(
        "recording-change",
        "Did the way outcomes are recorded change near the start?",
        not (nearby or related),
        " ".join(parts),
        tuple(asdict(one) for one in (*nearby, *related)),
    )


def _near(text: str, start: str, panel: Panel) -> bool:
    near = NEAR_YEARS * period.PER_YEAR[panel.frequency]
    begin = period.ordinal(start, panel.frequency)
    return abs(period.ordinal(text, panel.frequency) - begin) <= near
