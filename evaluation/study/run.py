"""A plan becomes evidence: the one file where data, design, methods and checks meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from evaluation import its
from evaluation.data import period
from evaluation.data.panel import Panel, RecordingChange
from evaluation.data.read import read_panel
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its.checks import CHECKS
from evaluation.its.design import Kind, Specification
from evaluation.its.quantities import quantities
from evaluation.its.series import Series
from evaluation.study.evidence import (
    Alternative,
    DataRecord,
    Evidence,
    OutcomeEvidence,
    PlanRecord,
    find_root,
)
from evaluation.study.freeze import plan_record
from evaluation.study.grade import Facts, grade
from evaluation.study.plan import check_against_data, read_plan
from evaluation.study.planned import Plan, PlannedAlternative, PlannedOutcome

# A recording change this many years or less from the start can look like an effect.
NEAR_YEARS = 1

Progress = Callable[[str], None]


def run(slug: str, root: Path | None = None, *, progress: Progress = lambda step: None) -> Evidence:
    """What one analysis finds, from its plan and data alone.

    Parameters
    ----------
    slug : folder under `analyses/`. root : the project folder; None looks upward.
    progress : called with the name of each step before it starts.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data, all at once, before anything is fitted.
    FitError : when the headline of an outcome cannot be estimated.
    """
    from threadpoolctl import threadpool_limits

    folder = find_root() if root is None else root
    plan_file = read_plan(slug, folder)
    plan = plan_file.plan
    panel = read_panel(folder / plan.data, folder)
    check_against_data(plan, panel, plan_file.located)
    record = plan_record(plan_file, folder)
    window = _window(plan, panel)
    data = DataRecord(
        provenance=panel.provenance,
        frequency=panel.frequency,
        unit=plan.unit,
        units=panel.units,
        first=window[0],
        last=window[1],
        columns=panel.columns,
        recording_changes=panel.recording_changes,
    )
    # One thread: the same bytes on any number of cores, and faster for fits this small.
    with threadpool_limits(1):
        outcomes = tuple(
            _outcome(plan, planned, panel, window, record, progress) for planned in plan.outcomes
        )
    return Evidence(
        slug=slug,
        title=plan.title,
        question=plan.question,
        goal=plan.goal,
        intervention=plan.intervention.name,
        start=plan.intervention.start,
        plan=record,
        data=data,
        outcomes=outcomes,
    )


def _outcome(
    plan: Plan,
    planned: PlannedOutcome,
    panel: Panel,
    window: tuple[str, str],
    record: PlanRecord,
    progress: Progress,
) -> OutcomeEvidence:
    column = panel.column(planned.column)

    def series_with(specification: Specification) -> Series:
        return Series.from_panel(
            panel,
            outcome=planned.column,
            unit=plan.unit,
            start=plan.intervention.start,
            specification=specification,
            window=window,
        )

    progress(f"{column.label}: headline")
    series = series_with(plan.specification())
    method = its.METHODS[plan.method(series.kind)]
    try:
        effect = _headline(method, series)
    except FitError as fault:
        raise FitError(f"{plan.question} {column.label}, {method.label}: {fault}") from None
    headline = Alternative(method.label, method.name, True, method.assumes, method.coverage, effect)
    alternatives = []
    for entry in plan.alternatives:
        progress(f"{column.label}: {entry.label}")
        alternatives.append(_planned(entry, plan, series.kind, series_with))
    for beside in its.always_beside(series.kind, method.name):
        progress(f"{column.label}: {beside.label}")
        alternatives.append(_fitted(beside.label, beside, False, beside.assumes, lambda: series))
    checks = []
    for question in CHECKS:
        progress(f"{column.label}: {question.__name__.replace('_', ' ')}")
        checks.append(question(series, method.solve, effect))
    nearby = _nearby(plan, planned, panel)
    checks.append(_recording_check(nearby, panel))
    facts = Facts(
        plan=record,
        last_period=window[1],
        worthwhile=planned.worthwhile,
        effect=effect,
        alternatives=tuple(alternatives),
        checks=tuple(checks),
        nearby_changes=nearby,
    )
    return OutcomeEvidence(
        column=planned.column,
        label=column.label,
        measure=column.measure,
        better=planned.better,
        primary=planned.primary,
        worthwhile=planned.worthwhile,
        headline=headline,
        alternatives=tuple(alternatives),
        checks=tuple(checks),
        grade=grade(plan.design, facts),
    )


def _headline(method: its.Method, series: Series) -> Effect:
    """The headline's effect with every other measure of it."""
    effect = method.fit(series)
    if method.whole is not None:
        return effect
    return replace(effect, quantities=quantities(series, method.solve(series), effect))


def _planned(
    entry: PlannedAlternative,
    plan: Plan,
    kind: Kind,
    series_with: Callable[[Specification], Series],
) -> Alternative:
    method = its.METHODS[plan.alternative_method(entry, kind)]
    return _fitted(
        entry.label,
        method,
        True,
        entry.assumes or method.assumes,
        lambda: series_with(plan.alternative_specification(entry)),
    )


def _fitted(
    label: str,
    method: its.Method,
    planned: bool,
    assumes: str,
    series: Callable[[], Series],
) -> Alternative:
    """One alternative; what cannot be estimated is reported with its reason, never left out. Its
    path is dropped: no table or figure shows it, and it would be most of the results file."""
    try:
        effect = replace(method.fit(series()), path=())
    except FitError as fault:
        return Alternative(label, method.name, planned, assumes, method.coverage, None, str(fault))
    return Alternative(label, method.name, planned, assumes, method.coverage, effect)


def _window(plan: Plan, panel: Panel) -> tuple[str, str]:
    """First and last period analyzed: the plan's window, ended where the intervention ends."""
    row = panel.unit_index(plan.unit)
    outcome = panel.values[plan.outcomes[0].column][row]
    covered = [text for text, value in zip(panel.periods, outcome, strict=True) if value == value]
    first, last = covered[0], covered[-1]
    if plan.window is not None:
        first, last = plan.window.first or first, plan.window.last or last
    end = plan.intervention.end
    # With a described fade the periods after the end show it.
    return first, (min(last, end) if end and not plan.intervention.fade else last)


def _nearby(plan: Plan, planned: PlannedOutcome, panel: Panel) -> tuple[RecordingChange, ...]:
    """Known recording changes of this outcome close to the start."""
    near = NEAR_YEARS * period.PER_YEAR[panel.frequency]
    start = period.ordinal(plan.intervention.start, panel.frequency)
    return tuple(
        change
        for change in panel.recording_changes
        if change.column in (None, planned.column)
        and change.unit in (None, plan.unit)
        and abs(period.ordinal(change.date, panel.frequency) - start) <= near
    )


def _recording_check(nearby: tuple[RecordingChange, ...], panel: Panel) -> Check:
    known = len(panel.recording_changes)
    if nearby:
        says = "; ".join(f"{change.date}: {change.what}" for change in nearby)
    else:
        says = f"None within {NEAR_YEARS} year of the start ({known} known in the dataset)."
    return Check(
        "recording-change",
        "Did the way outcomes are recorded change near the start?",
        not nearby,
        says,
        tuple(asdict(change) for change in nearby),
    )
