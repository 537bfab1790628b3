"""A plan becomes evidence: the one file where data, design, methods and checks meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation import its
from evaluation.data import period
from evaluation.data.panel import Column, Panel, RecordingChange
from evaluation.data.project import read_project
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its.break_checks import DetectedBreak
from evaluation.its.checks import run_checks
from evaluation.its.curve import Grid
from evaluation.its.quantities import averted_over_time, quantities
from evaluation.its.series import Series
from evaluation.its.solved import fits_kept
from evaluation.study import run_did, run_records
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.cohorts import did_window, planned_cohorts, planned_who, treated_words
from evaluation.study.build.delivery import planned_delivery
from evaluation.study.build.series import planned_panel, planned_series, planned_window
from evaluation.study.evidence import (
    Alternative,
    DataRecord,
    Evidence,
    OutcomeEvidence,
    PlanRecord,
    find_root,
)
from evaluation.study.grade.grade import graded_design
from evaluation.study.graded_outcome import Found, answered, concluded, judged, once
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.ignored import forecast_notes
from evaluation.study.plan.read import check_against_data, read_plan
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome, kind_of
from evaluation.study.reclassification import inside_changes, moved_cases, recording_in_window
from evaluation.study.release.release import released
from evaluation.study.table_checks import (
    breaks_by_column,
    control_trend,
    near_breaks,
    nearby_changes,
    recording_change,
    related_breaks,
    unaffected_outcomes,
)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Study:
    """What every outcome of one study shares.

    searched : counts of the unit in which a break was looked for. breaks : those found.
    """

    plan: Plan
    panel: Panel
    window: tuple[str, str]
    record: PlanRecord
    searched: frozenset[str]
    breaks: Mapping[str, DetectedBreak]
    progress: Progress

    def series(self, column: str, change: Change = AS_PLANNED) -> Series:
        return planned_series(self.plan, self.panel, column, self.window_of(column), change)

    def window_of(self, column: str) -> tuple[str, str]:
        """The window of the study, within what an outcome has of its own."""
        return self.plan.within(column, self.window)

    def method(self, column: Column) -> its.Method:
        """The headline's method for an outcome of this kind, with the planned settings."""
        name = self.plan.method(kind_of(column))
        return its.METHODS[name].set_to(self.plan.options)


def run(slug: str, root: Path | None = None, *, progress: Progress = lambda step: None) -> Evidence:
    """What one analysis finds, from its plan and data alone.

    An outcome that cannot be estimated is there with the reason and the grade "very low".

    Parameters
    ----------
    slug : folder under `analyses/`. root : the project folder; None looks upward.
    progress : called with the name of each step before it starts.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data, all at once, before anything is fitted.
    """
    from threadpoolctl import threadpool_limits

    folder = find_root() if root is None else root
    plan_file = read_plan(slug, folder)
    plan = plan_file.plan
    if plan.design in ("individual", "survey"):
        return run_records.run(plan_file, folder, progress)
    panel = planned_panel(plan, folder)
    check_against_data(plan, panel, plan_file.located)
    delivery = planned_delivery(plan_file, folder)
    record = plan_record(plan_file, folder, panel)
    compared = plan.design == "did"
    window = _compared_window(plan, panel) if compared else planned_window(plan, panel)
    data = DataRecord(
        provenance=panel.provenance,
        frequency=panel.frequency,
        unit=_treated(plan, panel),
        units=panel.units,
        first=window[0],
        last=window[1],
        columns=panel.columns,
        recording_changes=panel.recording_changes,
    )
    # One thread: the same bytes on any number of cores, and faster for fits this small.
    with threadpool_limits(1), fits_kept():
        outcomes = (
            run_did.outcomes(plan, panel, record, progress)
            if compared
            else _series_outcomes(plan, panel, window, record, progress)
        )
    evidence = concluded(plan_file, record, data, outcomes, delivery, folder)
    return released(evidence, read_project(folder).disclosure, of_people=False)


def _compared_window(plan: Plan, panel: Panel) -> tuple[str, str]:
    """The window of a comparison, ended where a table of adoption ends the panel."""
    first, last = did_window(plan, panel)
    until = planned_who(plan, panel, plan.outcomes[0].column).until
    return first, (last if until is None else min(last, until))


def _treated(plan: Plan, panel: Panel) -> str:
    """Who is treated, for display."""
    if plan.design == "its":
        return str(plan.unit)
    return treated_words(planned_cohorts(plan, panel, plan.outcomes[0].column))


def _series_outcomes(
    plan: Plan, panel: Panel, window: tuple[str, str], record: PlanRecord, progress: Progress
) -> tuple[OutcomeEvidence, ...]:
    """The evidence about every outcome of an interrupted time series."""
    progress("breaks in related outcomes")
    related = _related(plan, panel, window)
    study = _Study(
        plan,
        panel,
        window,
        record,
        frozenset(related),
        breaks_by_column(related),
        progress,
    )
    return tuple(_outcome(study, planned) for planned in plan.outcomes)


def headlines(
    plan: Plan, panel: Panel, window: tuple[str, str], record: PlanRecord
) -> tuple[Found, ...]:
    """The headline of every planned outcome of a series, past its gate; no alternative and no
    check."""
    study = _Study(plan, panel, window, record, frozenset(), {}, lambda step: None)
    return tuple(_found(study, panel.column(planned.column)) for planned in plan.outcomes)


def _found(study: _Study, column: Column) -> Found:
    """The headline without its path and other measures."""
    method = study.method(column)
    headline = _fitted(
        method.label, method, True, method.assumes, lambda: study.series(column.name)
    )
    return Found(column.label, column.measure, headline, (), ())


def _related(plan: Plan, panel: Panel, window: tuple[str, str]) -> dict[str, Series]:
    """The treated unit's counts that can be searched for a break, when there are several: a single
    one has none beside it, and cases cannot move into a mean or a share, nor out of it."""
    columns = [column for column in panel.named("outcome") if kind_of(column) == "count"]
    found: dict[str, Series] = {}
    for column in columns if len(columns) > 1 else ():
        try:
            found[column.name] = planned_series(
                plan,
                panel,
                column.name,
                plan.within(column.name, window),
                Change(controls=False),
            )
        except FitError:
            continue
    return found


def _outcome(study: _Study, planned: PlannedOutcome) -> OutcomeEvidence:
    column = study.panel.column(planned.column)
    method = study.method(column)
    study.progress(f"{column.label}: headline")
    headline = Alternative(method.label, method.name, True, method.assumes, method.coverage, None)
    checks: tuple[Check, ...] = ()
    headline = answered(headline, lambda: _headline(method, study.series(column.name))).shown
    alternatives = once(headline, _alternatives(study, column, method))
    if headline.effect is not None:
        series = study.series(column.name)
        checks = _checks(study, column, series, method.settled(series), headline.effect)
    recording = _recording(study, column, headline.effect)
    checks += _table_checks(study, column, recording, planned.worthwhile)
    plan = study.plan
    starts = [plan.intervention.start, *(site.start for site in plan.sites)]
    design = graded_design(plan.controls is not None, starts)
    found = Found(
        column.label,
        column.measure,
        headline,
        alternatives,
        checks,
        recording.known,
        recording.seen,
    )
    return judged(design, study.record, planned, found, study.window_of(column.name)[1])


def _headline(method: its.Method, series: Series) -> Effect:
    """The headline's effect with every other measure of it."""
    effect = method.fit(series)
    if method.whole is not None:
        return effect
    solved = method.settled(series).solved(series)
    return replace(effect, quantities=quantities(series, solved, effect))


def _alternatives(study: _Study, column: Column, headline: its.Method) -> tuple[Alternative, ...]:
    """The planned alternatives, then those that are always printed."""
    kind = kind_of(column)
    found = []
    for entry in study.plan.alternatives:
        study.progress(f"{column.label}: {entry.label}")
        found.append(_planned(study, column, entry))
    for beside in its.always_beside(kind, headline.name):
        study.progress(f"{column.label}: {beside.label}")
        found.append(
            _fitted(beside.label, beside, False, beside.assumes, lambda: study.series(column.name))
        )
    return tuple(found)


def _planned(study: _Study, column: Column, entry: PlannedAlternative) -> Alternative:
    plan = study.plan
    method = its.METHODS[plan.alternative_method(entry, kind_of(column))]
    method = method.set_to(plan.alternative_options(entry))
    change = Change(entry)
    dose = plan.intervention.dose
    return _fitted(
        entry.label,
        method,
        True,
        entry.assumes or method.assumes,
        lambda: study.series(column.name, change),
        forecast_notes(change.terms(plan), dose, method.name),
    )


def _fitted(
    label: str,
    method: its.Method,
    planned: bool,
    assumes: str,
    series: Callable[[], Series],
    notes: Sequence[str] = (),
) -> Alternative:
    """One alternative; what cannot be estimated is reported with its reason, never left out. Its
    path is dropped: no table or figure shows it, and it would be most of the results file."""
    entry = Alternative(label, method.name, planned, assumes, method.coverage, None)
    return answered(entry, lambda: replace(method.fit(series()), path=()), notes).shown


def _checks(
    study: _Study, column: Column, series: Series, method: its.Method, effect: Effect
) -> tuple[Check, ...]:
    """The standing checks, and for a comparison whether it went along before the start."""

    def step(name: str) -> None:
        study.progress(f"{column.label}: {name}")

    grid = _grid(study.plan, study.panel, study.window_of(column.name))
    checks = run_checks(series, method, effect, grid=grid, progress=step)
    if column.type == "count":
        checks += (averted_over_time(series, method),)
    if study.plan.controls is None:
        return checks
    placebo = next((check for check in checks if check.name == "placebo-dates"), None)
    # Trends are coefficients: a method that has none leaves the question to the default.
    judge = method if method.whole is None else its.default(series.kind)
    return (*checks, control_trend(series, judge, placebo))


def _grid(plan: Plan, panel: Panel, window: tuple[str, str]) -> Grid | None:
    """What the specification curve crosses, or None for the standard choices."""
    curve = plan.curve
    if curve is None or not any(curve.model_dump().values()):
        return None

    def after(text: str, origin: str) -> int:
        return period.ordinal(text, panel.frequency) - period.ordinal(origin, panel.frequency)

    return Grid(
        effect=curve.effect,
        trend=curve.trend,
        season=curve.season,
        harmonics=curve.harmonics,
        phase_in=curve.phase_in,
        washout=curve.washout,
        start=tuple(after(text, plan.intervention.start) for text in curve.start),
        first=tuple(after(text, window[0]) for text in curve.first),
        methods=curve.methods,
        controls=curve.controls,
    )


@dataclass(frozen=True, slots=True)
class _Recording:
    """Signs that recording changed near the start: known, and seen in other outcomes; and the same
    elsewhere in the window."""

    known: tuple[RecordingChange, ...]
    seen: tuple[RecordingChange, ...]
    inside: tuple[RecordingChange, ...]
    moved: tuple[RecordingChange, ...]


def _recording(study: _Study, column: Column, effect: Effect | None) -> _Recording:
    plan, panel = study.plan, study.panel
    change = None if effect is None else effect.estimate
    counts = column.name in study.searched
    near = near_breaks(plan, panel, study.breaks) if counts else {}
    return _Recording(
        nearby_changes(plan, column.name, panel),
        related_breaks(plan, column.name, change, panel, near),
        inside_changes(plan, column.name, panel, study.window_of(column.name)),
        moved_cases(column.name, study.breaks, panel, plan.unit),
    )


def _table_checks(
    study: _Study, column: Column, recording: _Recording, worthwhile: float | None
) -> tuple[Check, ...]:
    """The checks that look at other columns; they need no answer about this one."""
    checks = []
    if study.plan.unaffected:
        study.progress(f"{column.label}: outcomes that should not move")
        others = [study.panel.column(entry.column) for entry in study.plan.unaffected]
        tested = [(other, study.method(other)) for other in others]
        found = unaffected_outcomes(tested, lambda other: study.series(other.name), worthwhile)
        checks.append(found)
    searched = len(study.searched - {column.name}) if column.name in study.searched else 0
    checks.append(
        recording_change(
            study.plan, column.name, recording.known, recording.seen, study.panel, searched
        )
    )
    if recording.inside or recording.moved:
        window = study.window_of(column.name)
        checks.append(recording_in_window(recording.inside, recording.moved, window))
    return tuple(checks)
