"""Power of a comparison: what change the planned method would find, and how often, where units
without a program stand in for the treated and a known change is put into what was recorded of
them. Starts, ends, gaps and sizes stay as they are; no outcome of a treated unit is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from evaluation import did
from evaluation.data.panel import Panel
from evaluation.did.batch import judge_many
from evaluation.did.honest import events, stand_ins, standing_in, with_change
from evaluation.effect import Told
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.verdicts import Verdicts
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.parallel import each
from evaluation.study.build.change import AS_PLANNED
from evaluation.study.build.cohorts import did_window, planned_cohorts, set_method, treated_words
from evaluation.study.build.series import planned_panel
from evaluation.study.plan.read import PlanFile, check_against_data
from evaluation.study.plan.schema import Plan, PlannedOutcome
from evaluation.study.power.curve import LEVEL, Step, detectable, point_of
from evaluation.study.power.power_evidence import (
    SEED,
    Assumed,
    OutcomePower,
    PowerEvidence,
    evidence_of,
    refuse_falls,
)

# Single fits of a panel take some hundredths of a second to seconds.
DRAWS = 100
SIZES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0)
RISES = (10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0)
# A range needs fewer draws of a bootstrap here than on a page.
LIGHTER = 99
TIME = fact("study.power.planned-window-only")
PERSISTENT = fact("study.power.as-recorded")


@dataclass(frozen=True, slots=True)
class Ready:
    """One outcome made ready. pool : units without a program. percents : the changes put in."""

    outcome: PlannedOutcome
    label: str
    measure: str
    cohorts: did.Cohorts
    method: did.Method
    pool: int
    draws: int
    percents: tuple[float, ...]

    @property
    def steps(self) -> int:
        return len(self.percents) + 1


def ready(
    plan: Plan, panel: Panel, outcome: PlannedOutcome, draws: int | None, effects: Sequence[float]
) -> Ready:
    """One outcome of a comparison, ready to be drawn.

    Raises
    ------
    DataError, FitError : when the panel cannot be made, or nobody can stand in for the treated.
    """
    column = panel.column(outcome.column)
    falls = outcome.better == "lower"
    refuse_falls(outcome, column.label, effects)
    sizes = tuple(effects) or (SIZES if falls else RISES)
    if outcome.worthwhile is not None and not (falls and outcome.worthwhile >= 100):
        sizes = (*sizes, outcome.worthwhile)
    try:
        cohorts = planned_cohorts(plan, panel, outcome.column)
        name = plan.model or did.default(cohorts).name
        pool = stand_ins(cohorts)
    except FitError as fault:
        raise FitError(fact("study.comparison.text", label=column.label, fault=fault)) from None
    sign = -1.0 if falls else 1.0
    return Ready(
        outcome,
        column.label,
        column.measure,
        cohorts,
        set_method(plan, AS_PLANNED, name).lighter(LIGHTER),
        pool,
        draws or DRAWS,
        tuple(sorted({sign * size for size in sizes}, key=abs)),
    )


def outcome_power(one: Ready, stepped: Step) -> OutcomePower:
    """What could be found about one outcome.

    Raises
    ------
    FitError : when the planned method gives no valid answer for any of the stand-ins.
    """
    panels = [_drawn(one, number) for number in range(one.draws)]
    changes = [0.0, *one.percents]
    work = partial(_judged, one.method, panels)
    verdicts = list(each(work, changes, progress=lambda done, total: stepped()))
    if np.isnan(verdicts[0][1]).all():
        raise FitError(
            fact(
                "study.comparison.what-could-be-found-cannot",
                label=one.label,
                name=one.method.name,
                why=_why(one.method, panels[0]),
            )
        )
    toward = float(np.sign(changes[-1]))
    curve = tuple(
        point_of(percent, toward, verdict)
        for percent, verdict in zip(changes, verdicts, strict=True)
    )
    cohorts = one.cohorts
    here = cohorts.known & ~cohorts.ever[:, None]
    every = float(cohorts.y[here].sum())
    mean = every / int(here.sum())
    return OutcomePower(
        column=one.outcome.column,
        label=one.label,
        measure=one.measure,
        better=one.outcome.better,
        primary=one.outcome.primary,
        worthwhile=one.outcome.worthwhile,
        method=one.method.name,
        method_label=one.method.label,
        draws=one.draws,
        assumed=Assumed(
            first=cohorts.periods[0],
            last=cohorts.periods[-1],
            periods=cohorts.length,
            total=every,
            before=mean,
            end=mean,
            trend_limited=False,
            dispersion=None,
            deviation=None,
            correlation=0.0,
            dispersion_found=None,
            correlation_found=0.0,
        ),
        curve=curve,
        false_alarms=float(np.mean(verdicts[0][1] < LEVEL)),
        detectable=detectable(curve),
        persistent=(),
        persistent_detectable=None,
        persistent_reason=PERSISTENT,
        after=(),
        needed=None,
        needed_reason=TIME,
        stand_ins=int(cohorts.ever.sum()),
        pool=one.pool,
    )


def power_of_comparison(
    plan_file: PlanFile,
    root: Path,
    draws: int | None,
    effects: Sequence[float],
    progress: Callable[[str, int, int], None],
) -> PowerEvidence:
    """What a comparison could find, by units without a program that stand in for the treated."""
    plan = plan_file.plan
    panel = planned_panel(plan, root)
    check_against_data(plan, panel, plan_file.located)
    tasks = [ready(plan, panel, one, draws, effects) for one in plan.outcomes]
    total, done = sum(task.steps for task in tasks), 0

    def stepped(label: str) -> None:
        nonlocal done
        done += 1
        progress(str(fact("study.power.curve", label=label)), done, total)

    found = tuple(outcome_power(task, partial(stepped, task.label)) for task in tasks)
    unit = treated_words(planned_cohorts(plan, panel, plan.outcomes[0].column))
    return evidence_of(plan_file, panel, unit, did_window(plan, panel), found)


def _drawn(one: Ready, number: int) -> tuple[did.Cohorts, np.ndarray]:
    """One panel of stand-ins, and the random numbers of its events."""
    source = stream(SEED, f"power/{one.outcome.column}/{number}")
    order = np.argsort(uniforms(source, one.pool), kind="stable")
    panel = standing_in(one.cohorts, order[: int(one.cohorts.ever.sum())])
    return panel, uniforms(source, events(panel))


def _judged(
    method: did.Method, panels: Sequence[tuple[did.Cohorts, np.ndarray]], percent: float
) -> Verdicts:
    """Estimates and p values by panel, not a number where there is no valid answer."""
    return judge_many(method, [with_change(panel, percent, u) for panel, u in panels])


def _why(method: did.Method, drawn: tuple[did.Cohorts, np.ndarray]) -> Told:
    try:
        return method.fit(drawn[0]).objection or fact("study.power.not-told")
    except FitError as fault:
        return str(fault).rstrip(".")
