"""Checks that look at more of the table than the outcome, and at how outcomes were recorded.

Its controls, outcomes that the program should not move, and cases that seem to have moved from one
category to another: two outcomes of a unit that break together, in opposite ways. A change of
recording long after the start is no effect, but a model that knows one step only lays it upon that
step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Column, Panel, RecordingChange
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.break_checks import DetectedBreak, detected_break
from evaluation.its.check_helpers import REJECT, not_estimated, tried
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.study.plan.schema import Plan

# A recording change this many years or less from the start can look like an effect.
NEAR_YEARS = 1


def control_trend(series: Series, method: Method, placebo: Check | None) -> Check:
    """Did the treated series and its comparison go along before the start?

    On the periods before the start alone: with a trend for each series, whether the treated one
    changes its slope beyond the comparison's at the middle; without one, whether the two drift
    apart. Fails when that is found (p below .05), or when the placebo dates failed.

    Parameters
    ----------
    series : with controls. placebo : the check of that name, when it was made.
    """
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
        return Check("control-trend", None, fact("study.run.not-possible-stop", why=fault))
    names = earlier.names
    contrast = np.zeros((2, len(names)))
    contrast[0, names.index("trend")] = 1.0
    others = [at for at, one in enumerate(earlier.columns) if one.role == "trend" and one.of]
    contrast[0, others] = -1.0 / len(others)
    if trended:
        contrast[1, names.index("slope")] = 1.0
    judged = fitted.judge(contrast if trended else contrast[:1])
    year = period.a_year(series.frequency)

    def a_year(index: int) -> Fact:
        values = year * np.array([judged.estimate[index], judged.low[index], judged.high[index]])
        log = fitted.link == "log"
        middle, low, high = 100 * np.expm1(values) if log else values
        key = "percent-a-year" if log else "a-year"
        return fact(f"study.table-checks.{key}", middle=middle, low=low, high=high)

    p = float(judged.p_value[-1])
    found = p < REJECT
    how = "trended" if trended else "level"
    says = fact(
        f"study.table-checks.{how}{'' if found else '-unseen'}", by=a_year(int(trended)), p=p
    )
    if alarmed := placebo is not None and placebo.passed is False:
        says = fact("study.run.sentences", says=(says, Fact("study.table-checks.earlier-dates")))
    return Check("control-trend", not (found or alarmed), says)


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
    said = tuple(
        fact(
            "study.table-checks.range",
            label=column.label,
            percent=one.percent,
            low=one.percent_low,
            high=one.percent_high,
        )
        for column, one in answers
    )
    if not answers:
        verdict = "impossible"
    elif moved:
        verdict = "moved"
    elif matters is None:
        verdict = "unmoved"
    else:
        verdict = "wide" if wide else "held"
    says = fact(
        f"study.table-checks.unaffected-{verdict}",
        said=said,
        moved=len(moved),
        wide=len(wide),
        asked=len(answers),
        matters=matters,
        more=not_estimated(len(tested), len(answers)),
    )
    return Check(
        "unaffected-outcomes",
        False if moved else (None if wide or not answers else True),
        says,
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
        replace(change, what=str(fact("study.table-checks.at", unit=change.unit, what=change.what)))
        for change in inside
        if change.unit is not None
        and change.unit in (starts or {})
        and _near(change.date, (starts or {})[change.unit], panel)
    ]
    return tuple(found)


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
        what = fact(
            "study.table-checks.break", label=label, percent=seen.percent, p=p_words(seen.p_value)
        )
        found.append(RecordingChange(seen.first, str(what), other, plan.unit))
    return tuple(found)


def dated(change: RecordingChange) -> Fact:
    """A change with its date, as a list has it."""
    return fact("study.table-checks.dated", date=change.date, what=change.what)


def recording_change(
    plan: Plan,
    column: str,
    nearby: Sequence[RecordingChange],
    related: Sequence[RecordingChange],
    panel: Panel,
    searched: int,
    *,
    others_count: bool = False,
) -> Check:
    """Did the way outcomes are recorded change near the start? From what is known of the dataset,
    and from breaks in other outcomes of the unit.

    Parameters
    ----------
    column : of the outcome that is asked about. searched : how many other outcomes were searched
        for a break. others_count : whether other units of the data are compared with.
    """
    listed = panel.recording_changes
    parts = [fact("study.table-checks.known", changes=tuple(map(dated, nearby)))] if nearby else []
    if not nearby:
        own = sum(one.column in (None, column) and one.unit in (None, plan.unit) for one in listed)
        others = len(listed) - own
        key = "none-of-this" if others else "none-known"
        parts.append(fact(f"study.table-checks.{key}", years=NEAR_YEARS, own=own, others=others))
    elsewhere = tuple(
        fact("study.table-checks.of-unit", unit=one.unit, change=dated(one))
        for one in listed
        if others_count
        and plan.unit
        and one.column in (None, column)
        and one.unit not in (None, plan.unit)
        and _near(one.date, plan.intervention.start, panel)
    )
    if elsewhere:
        key = "study.table-checks.elsewhere"
        parts.append(fact(key, years=NEAR_YEARS, elsewhere=elsewhere))
    if related or searched:
        key = f"study.table-checks.search-finds{'' if related else '-none'}"
        seen = tuple(map(dated, related))
        parts.append(fact(key, years=NEAR_YEARS, searched=searched, seen=seen))
    return Check(
        "recording-change",
        not (nearby or related),
        fact("study.run.sentences", says=parts),
        tuple(asdict(one) for one in (*nearby, *related)),
    )


def p_words(p_value: float) -> Fact:
    """A p as a sentence has it: "p = 0.031", "p below 0.001"."""
    key = "p-below" if p_value < 0.001 else "p"
    return fact(f"study.table-checks.{key}", p=p_value)


def _near(text: str, start: str, panel: Panel) -> bool:
    near = NEAR_YEARS * period.PER_YEAR[panel.frequency]
    begin = period.ordinal(start, panel.frequency)
    return abs(period.ordinal(text, panel.frequency) - begin) <= near


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
