"""An interrupted time series as a design: one unit, alone or beside others, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from evaluation import its
from evaluation.data import period
from evaluation.data.panel import Column, Panel, RecordingChange
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its.alone import barred
from evaluation.its.break_checks import DetectedBreak
from evaluation.its.checks import ALONE, answer, run_checks
from evaluation.its.curve import Grid
from evaluation.its.learned import NAME as LEARNED
from evaluation.its.quantities import averted_over_time, quantities
from evaluation.its.series import Series
from evaluation.study import reference_class
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.recorded import alternative_method, of_us_crime, planned_method
from evaluation.study.build.series import planned_panel, planned_series, planned_window
from evaluation.study.by_year import ByYear, by_year
from evaluation.study.design import Answered, Ask, Case, Design, Looked, Progress, Study, named
from evaluation.study.evidence import ABOUT, DataRecord
from evaluation.study.grade.grade import graded_start
from evaluation.study.grade.rules import Start
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.ignored import forecast_notes
from evaluation.study.plan.read import PlanFile, check_against_data
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome, kind_of
from evaluation.study.power.series import power_of_series
from evaluation.study.table_checks import (
    breaks_by_column,
    control_trend,
    inside_changes,
    moved_cases,
    near_breaks,
    nearby_changes,
    recording_change,
    recording_in_window,
    related_breaks,
    unaffected_outcomes,
)


def read(plan_file: PlanFile, root: Path) -> Panel:
    """The panel of a plan, which can answer it.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data.
    """
    panel = planned_panel(plan_file.plan, root)
    check_against_data(plan_file.plan, panel, plan_file.located)
    return panel


def described(panel: Panel, unit: str, window: tuple[str, str]) -> DataRecord:
    """A panel as the report prints it; who is treated, and the periods analyzed."""
    return DataRecord(
        provenance=panel.provenance,
        frequency=panel.frequency,
        unit=unit,
        units=panel.units,
        first=window[0],
        last=window[1],
        columns=panel.columns,
        recording_changes=panel.recording_changes,
    )


def _described(plan: Plan, panel: Panel) -> DataRecord:
    return described(panel, plan.unit, planned_window(plan, panel))


def _cases(study: Study) -> Iterator[tuple[PlannedOutcome, Case]]:
    plan, panel = study.plan, study.data
    window = planned_window(plan, panel)
    searched = _Searched(study, window)
    for planned in plan.outcomes:
        yield planned, _Series(plan, panel, planned, panel.column(planned.column), window, searched)


@dataclass(frozen=True)
class _Searched:
    """Counts of the unit in which a break is looked for, once for all outcomes."""

    study: Study
    window: tuple[str, str]

    @cached_property
    def series(self) -> Mapping[str, Series]:
        """Of each count that is searched."""
        return _related(self.study.plan, self.study.data, self.window)

    @cached_property
    def breaks(self) -> Mapping[str, DetectedBreak]:
        """Those found, by column."""
        self.study.progress("breaks in related outcomes")
        return breaks_by_column(self.series)


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


@dataclass(frozen=True)
class _Series:
    """One planned outcome."""

    plan: Plan
    panel: Panel
    planned: PlannedOutcome
    column: Column
    window: tuple[str, str]
    searched: _Searched

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def measure(self) -> str:
        return self.column.measure

    @property
    def last_period(self) -> str:
        return self._window[1]

    @property
    def start(self) -> Start:
        starts = [self.plan.intervention.start, *(site.start for site in self.plan.sites)]
        return graded_start(self.plan.controls is not None, starts)

    @property
    def _window(self) -> tuple[str, str]:
        """The window of the study, within what the outcome has of its own."""
        return self.plan.within(self.column.name, self.window)

    @cached_property
    def _method(self) -> its.Method:
        """The headline's method for an outcome of this kind, with the planned settings."""
        return self._method_for(self.column)

    def _method_for(self, column: Column) -> its.Method:
        return planned_method(self.plan, column)

    @cached_property
    def _planned(self) -> Series:
        return self._series(self.column.name)

    def _series(self, column: str, change: Change = AS_PLANNED) -> Series:
        window = self.plan.within(column, self.window)
        return planned_series(self.plan, self.panel, column, window, change)

    @cached_property
    def _settled(self) -> its.Method:
        """The method with what it chooses from the series fixed."""
        return self._method.settled(self._planned)

    def headline(self) -> Ask:
        return Ask(named(self._method), self._headline)

    def _headline(self) -> Effect:
        """The headline's effect with every other measure of it."""
        effect = self._by(self._method, self._planned)
        if self._method.whole is not None:
            return effect
        solved = self._settled.solved(self._planned)
        return replace(effect, quantities=quantities(self._planned, solved, effect))

    def alternatives(self) -> Iterator[Ask]:
        for planned in self.plan.alternatives:
            yield self._alternative(planned)
        for method in its.always_beside(kind_of(self.column), self._method.name):
            yield Ask(named(method, planned=False), partial(self._beside, method))

    def _beside(self, method: its.Method) -> Effect:
        return self._by(method, self._planned)

    def _by(self, method: its.Method, series: Series) -> Effect:
        """The effect; with an objection where such a series by itself can bear none."""
        effect = method.fit(series)
        here = of_us_crime(self.panel, self.plan.unit, self.column)
        objection = effect.objection or barred(series, of_us_crime=here)
        return effect if objection is None else replace(effect, objection=objection)

    def _alternative(self, planned: PlannedAlternative) -> Ask:
        plan = self.plan
        method = alternative_method(plan, planned, self.column)
        change = Change(planned)
        return Ask(
            named(method, planned.label, planned.assumes),
            lambda: self._by(method, self._series(self.column.name, change)),
            notes=forecast_notes(change.terms(plan), plan.intervention.dose, method.name),
        )

    def checks(self, headline: Answered, step: Progress) -> Looked:
        effect = headline.shown.effect
        found = () if effect is None else self._standing(effect, step)
        recording = self._recording(effect)
        found += self._of_the_table(recording, step)
        return Looked(found, recording.known, recording.seen, self._by_year(effect))

    def _by_year(self, effect: Effect | None) -> ByYear | None:
        plan = self.plan
        start = period.ordinal(plan.intervention.start, self.panel.frequency)
        return by_year(
            self.panel,
            self.column.name,
            treated=(plan.unit, *(site.unit for site in plan.sites)),
            beside=() if plan.controls is None else plan.controls.units,
            window=self._window,
            around=None if plan.sites else (start, start + plan.intervention.washout),
            effect=effect,
        )

    def _standing(self, effect: Effect, step: Progress) -> tuple[Check, ...]:
        """The standing checks, and for a comparison whether it went along before the start."""
        series, method = self._planned, self._settled
        grid = _grid(self.plan, self.panel, self._window)
        checks = run_checks(series, method, effect, grid=grid, progress=step)
        if self.column.type == "count":
            checks += (averted_over_time(series, method),)
            checks += self._in_real_cities(series, effect)
        if method.name == LEARNED and len(series.rows.names) == 1:
            checks += tuple(
                answer(name, ask, series, method, effect) for name, ask in ALONE.items()
            )
        if self.plan.controls is None:
            return checks
        placebo = next((check for check in checks if check.name == "placebo-dates"), None)
        # Trends are coefficients: a method that has none leaves the question to the default.
        judge = (
            method
            if method.whole is None
            else its.default(series.kind, alone=False, frequency=series.frequency)
        )
        return (*checks, control_trend(series, judge, placebo))

    def _in_real_cities(self, series: Series, effect: Effect) -> tuple[Check, ...]:
        """The change among those of US cities where nothing began, of one city by itself."""
        alone = self.plan.controls is None and not self.plan.sites
        if (
            series.missing
            or not alone
            or not reference_class.covered(self.panel, self.column, self.plan.unit)
        ):
            return ()
        trended = series.specification.trend != "none"
        carried = its.METHODS["averaged-reml"].name if trended else reference_class.TOTALS
        return reference_class.check(
            "alone",
            self.column,
            effect,
            ways=(effect.method, carried),
            before=series.y[: series.start],
            after=series.n - series.start,
        )

    def _recording(self, effect: Effect | None) -> _Recording:
        plan, panel, column = self.plan, self.panel, self.column.name
        change = None if effect is None else effect.estimate
        breaks = self.searched.breaks
        near = near_breaks(plan, panel, breaks) if column in self.searched.series else {}
        return _Recording(
            nearby_changes(plan, column, panel),
            related_breaks(plan, column, change, panel, near),
            inside_changes(plan, column, panel, self._window),
            moved_cases(column, breaks, panel, plan.unit),
        )

    def _of_the_table(self, recording: _Recording, step: Progress) -> tuple[Check, ...]:
        """The checks that look at other columns; they need no answer about this one."""
        checks = []
        name, panel = self.column.name, self.panel
        if self.plan.unaffected:
            step("outcomes that should not move")
            others = [panel.column(entry.column) for entry in self.plan.unaffected]
            checks.append(
                unaffected_outcomes(
                    [(other, self._method_for(other)) for other in others],
                    lambda other: self._series(other.name),
                    self.planned.worthwhile,
                )
            )
        series = self.searched.series
        searched = len(series) - 1 if name in series else 0
        known, seen = recording.known, recording.seen
        checks.append(recording_change(self.plan, name, known, seen, panel, searched))
        if recording.inside or recording.moved:
            checks.append(recording_in_window(recording.inside, recording.moved, self._window))
        return tuple(checks)


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


ITS = Design(
    ABOUT["its"],
    its.METHODS,
    read,
    _described,
    _cases,
    plan_record,
    could_find=power_of_series,
)
