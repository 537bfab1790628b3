"""Power of a series: what change the planned method would find, and how often, in series drawn from
the planned model with the level, trend, season, dispersion and correlation of the time before the
start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import its
from evaluation.data import period as calendar
from evaluation.data.panel import Column, Panel
from evaluation.effect import Told
from evaluation.errors import FitError, PlanError
from evaluation.fact import Fact, fact
from evaluation.its.batch import batched
from evaluation.study.build.recorded import planned_method
from evaluation.study.build.series import planned_panel, planned_series, planned_window
from evaluation.study.plan.read import PlanFile, check_against_data
from evaluation.study.plan.schema import Plan, PlannedOutcome
from evaluation.study.plan.values import frequency_of
from evaluation.study.power.curve import (
    detectable,
    linear,
    periods_needed,
    possible_lengths,
    power_after,
    power_curve,
)
from evaluation.study.power.power_evidence import (
    Assumed,
    OutcomePower,
    PowerEvidence,
    PowerPoint,
    evidence_of,
    refuse_falls,
)
from evaluation.study.power.world import LEVEL_YEARS, Found, blinded, persistent_rho, world_before

# With less, dispersion and correlation are guesses.
FEWEST_BEFORE = 24
# The periods needed are looked for up to here; nobody plans further ahead.
YEARS = 10
FALLS = tuple(float(size) for size in range(5, 75, 5))
RISES = (*FALLS[:6], 40.0, 50.0, 60.0, 75.0, 100.0, 125.0, 150.0, 200.0)
# For methods that judge a thousand series at once, for these on several series together, which
# take several times as long, and for methods that fit one by one.
DRAWS, DRAWS_TOGETHER, DRAWS_ONE_BY_ONE = 1000, 250, 200
NOTHING_PERSISTS = fact("study.power.nothing-persists")
TOO_SLOW = fact("study.power.too-slow")
NOT_A_COUNT = fact("study.power.no-count")


def power_of_series(
    plan_file: PlanFile,
    root: Path,
    draws: int | None,
    effects: Sequence[float],
    progress: Callable[[str, int, int], None],
) -> PowerEvidence:
    """What one plan for a series could find. See `power`."""
    plan = plan_file.plan
    panel = planned_panel(plan, root)
    window, blind = _before_the_start(plan_file, panel)
    tasks = [_task(plan, one, blind, window, draws, effects) for one in plan.outcomes]
    total, done = sum(task.steps for task in tasks), 0

    def stepped(step: Fact) -> None:
        nonlocal done
        done += 1
        progress(str(step), done, total)

    outcomes = tuple(_outcome(task, stepped) for task in tasks)
    return evidence_of(plan_file, panel, plan.unit, window, outcomes)


@dataclass(frozen=True, slots=True)
class _Task:
    """One outcome made ready. periods : of the planned window. linear : one fit serves every
    change. persistent_reason : why the persistent rate is not simulated, or ""."""

    outcome: PlannedOutcome
    column: Column
    method: its.Method
    found: Found
    draws: int
    percents: tuple[float, ...]
    periods: int
    linear: bool
    lengths: tuple[int, ...]
    persistent_reason: Told

    @property
    def steps(self) -> int:
        curve = 1 if self.linear else len(self.percents) + 1
        persistent = 0 if self.persistent_reason else len(self.percents) + 1
        return curve + persistent + len(self.lengths)


def _before_the_start(plan_file: PlanFile, panel: Panel) -> tuple[tuple[str, str], Panel]:
    """The planned window, and the panel without outcomes from the start on but with every period
    that will be looked at.

    Raises
    ------
    PlanError : as `check_against_data`; when there is no time after the start to look at, or too
        little before.
    """
    plan, located = plan_file.plan, plan_file.located
    outcomes = {column.name for column in panel.named("outcome")}
    known = plan.unit in panel.units and all(one.column in outcomes for one in plan.outcomes)
    if not known or frequency_of(plan.intervention.start) != panel.frequency:
        check_against_data(plan, panel, located)
    row = panel.unit_index(plan.unit)
    for one in plan.outcomes:
        if (panel.values[one.column][row] != panel.values[one.column][row]).all():
            check_against_data(plan, panel, located)

    def number(text: str) -> int:
        return calendar.ordinal(text, panel.frequency)

    window = planned_window(plan, panel)
    start = number(plan.intervention.start)
    if number(window[1]) < start:
        three_years = start + 3 * calendar.PER_YEAR[panel.frequency] - 1
        raise PlanError(
            located.fault(
                ("intervention", "start"),
                str(
                    fact(
                        "study.power.data-end-before",
                        end=window[1],
                        last=calendar.text(three_years, panel.frequency),
                    )
                ),
            )
        )
    earliest = min([start, *(number(site.start) for site in plan.sites)])
    check_against_data(plan, blinded(panel, earliest, number(window[1])), located)
    latest = max((plan.within(one.column, window)[0] for one in plan.outcomes), key=number)
    if earliest - number(latest) < FEWEST_BEFORE:
        raise PlanError(
            located.fault(
                ("intervention", "start"),
                str(
                    fact(
                        "study.power.few-before",
                        before=earliest - number(latest),
                        period=panel.frequency,
                        fewest=FEWEST_BEFORE,
                    )
                ),
            )
        )
    horizon = start + YEARS * calendar.PER_YEAR[panel.frequency] - 1
    return window, blinded(panel, earliest, max(number(window[1]), horizon))


def _task(
    plan: Plan,
    outcome: PlannedOutcome,
    blind: Panel,
    window: tuple[str, str],
    draws: int | None,
    effects: Sequence[float],
) -> _Task:
    """One outcome with the world of its time before the start."""
    column = blind.column(outcome.column)
    window = plan.within(outcome.column, window)
    refuse_falls(outcome, column.label, effects)
    try:
        series = planned_series(plan, blind, outcome.column, (window[0], blind.periods[-1]))
        method = planned_method(plan, column)
        found = world_before(series)
    except FitError as fault:
        raise FitError(fact("study.power.text", label=column.label, fault=fault)) from None
    fast, one_fit = batched(method), linear(series, method)
    many = DRAWS if len(series.rows.names) == 1 else DRAWS_TOGETHER
    sizes = tuple(effects) or (FALLS if outcome.better == "lower" else RISES)
    if not (effects or fast or one_fit):
        sizes = sizes[1::2]
    worthwhile = outcome.worthwhile
    # A plan may call even the end of all outcomes not worth it; that cannot be simulated.
    if worthwhile is not None and (outcome.better == "higher" or worthwhile < 100):
        sizes = (*sizes, worthwhile)
        lengths = possible_lengths(series, YEARS)[0 if fast else 1 :: 1 if fast else 2]
    else:
        lengths = ()
    sign = -1.0 if outcome.better == "lower" else 1.0
    reason: Told = ""
    if series.kind != "count":
        reason = NOT_A_COUNT
    elif persistent_rho(found.world) == 0:
        reason = NOTHING_PERSISTS
    elif not fast:
        reason = TOO_SLOW
    begin, end = (calendar.ordinal(text, blind.frequency) for text in window)
    return _Task(
        outcome=outcome,
        column=column,
        method=method,
        found=found,
        draws=draws or (many if fast else DRAWS_ONE_BY_ONE),
        percents=tuple(sorted({sign * size for size in sizes}, key=abs)),
        periods=end - begin + 1,
        linear=one_fit,
        lengths=lengths,
        persistent_reason=reason,
    )


def _outcome(task: _Task, stepped: Callable[[Fact], None]) -> OutcomePower:
    """What could be found about one outcome."""
    outcome, label, world = task.outcome, task.column.label, task.found.world
    name = f"power/{outcome.column}"
    curve, false_alarms = power_curve(
        world,
        task.method,
        task.percents,
        draws=task.draws,
        name=name,
        periods=task.periods,
        stepped=lambda: stepped(fact("study.power.curve", label=label)),
    )
    persistent: tuple[PowerPoint, ...] = ()
    if not task.persistent_reason:
        persistent, _ = power_curve(
            world,
            task.method,
            task.percents,
            draws=task.draws,
            name=name,
            periods=task.periods,
            persistent=True,
            stepped=lambda: stepped(fact("study.power.persistent", label=label)),
        )
    sign = -1.0 if outcome.better == "lower" else 1.0
    after = power_after(
        world,
        task.method,
        sign * (outcome.worthwhile or 0.0),
        task.lengths,
        draws=task.draws,
        name=name,
        periods=task.periods,
        stepped=lambda: stepped(
            fact("study.power.lengths", label=label, period=world.series.frequency)
        ),
    )
    needed = periods_needed(after)
    reason: Told = ""
    if outcome.worthwhile is None:
        reason = fact("study.power.nothing-worthwhile")
    elif not after:
        reason = fact("study.power.needs-more-time")
    elif needed is None:
        reason = fact("study.power.not-within", years=YEARS)
    return OutcomePower(
        column=outcome.column,
        label=label,
        measure=task.column.measure,
        better=outcome.better,
        primary=outcome.primary,
        worthwhile=outcome.worthwhile,
        method=task.method.name,
        method_label=task.method.label,
        draws=task.draws,
        assumed=_assumed(task.found, task.periods),
        curve=curve,
        false_alarms=false_alarms,
        detectable=detectable(curve),
        persistent=persistent,
        persistent_detectable=detectable(persistent),
        persistent_reason=task.persistent_reason,
        after=after,
        needed=needed,
        needed_reason=reason,
    )


def _assumed(found: Found, periods: int) -> Assumed:
    """What was simulated, of the treated units."""
    world = found.world
    series, year = world.series, calendar.PER_YEAR[world.series.frequency]
    place = series.rows.period - series.rows.period.min()
    before = series.treated & (place < series.start)
    recent = before & (place >= series.start - LEVEL_YEARS * year)
    ending = series.treated & (place < periods) & (place >= periods - year)
    units = len({int(site) for site in series.rows.site[series.treated]})
    count = series.kind == "count"
    return Assumed(
        first=series.periods[0],
        last=calendar.text(int(series.rows.period.min()) + series.start - 1, series.frequency),
        periods=series.start,
        total=float(series.y[before].sum()),
        before=float(world.mean[recent].mean()) * units,
        end=float(world.mean[ending].mean()) * units,
        trend_limited=found.limited,
        dispersion=max(found.dispersion or 1.0, 1.0) if count else None,
        deviation=None if count else world.deviation,
        correlation=world.rho,
        dispersion_found=found.dispersion,
        correlation_found=found.rho,
    )
