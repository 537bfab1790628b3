"""What a planned difference-in-differences finds about each outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation import did
from evaluation.data.panel import Column, Panel
from evaluation.did.by_place import treated_places
from evaluation.did.each_unit_check import each_treated_unit
from evaluation.effect import Check, Effect
from evaluation.study.answered import Answered, answered, once
from evaluation.study.evidence import Alternative, OutcomeEvidence, PlanRecord
from evaluation.study.grade import Design
from evaluation.study.judged import Found, judged
from evaluation.study.plan_ignored import cluster_note, unadjusted_note
from evaluation.study.planned import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.planned_cohorts import (
    AS_PLANNED,
    Change,
    did_window,
    planned_cohorts,
    spillover_links,
    spillover_options,
)
from evaluation.study.table_checks import nearby_changes, recording_change

Progress = Callable[[str], None]
DESIGN: Design = "did"
# Names of units of one start that a table lists.
NAMED = 8
# Checks that tell the size or the side of the estimate, or how it compares with others like it.
OF_ESTIMATE = frozenset(
    {
        "differing-trends",
        "placebo-units",
        "leave-one-control-out",
        "contaminated-controls",
        "later-events",
        "carry-over",
        "two-way-weights",
        "spillover",
        "treated-places",
        "each-treated-unit",
    }
)
NOT_ASKED = "Not asked: the estimate is not valid here, so nothing is told of its size or side."
# What is always shown has no settings of the plan's.
_BESIDE = PlannedAlternative(label="beside", options={})


@dataclass(frozen=True, slots=True)
class _Study:
    """What every outcome of one study shares."""

    plan: Plan
    panel: Panel
    record: PlanRecord
    progress: Progress


def outcomes(
    plan: Plan, panel: Panel, record: PlanRecord, progress: Progress
) -> tuple[OutcomeEvidence, ...]:
    """The evidence about every planned outcome, in the order of the plan."""
    study = _Study(plan, panel, record, progress)
    return tuple(_outcome(study, planned) for planned in plan.outcomes)


def headlines(plan: Plan, panel: Panel) -> tuple[Found, ...]:
    """The headline of every planned outcome, past its gate; no alternative and no check."""
    return tuple(_found(plan, panel, panel.column(one.column)) for one in plan.outcomes)


def _found(plan: Plan, panel: Panel, column: Column) -> Found:
    cohorts = planned_cohorts(plan, panel, column.name)
    method = _method(plan, cohorts)
    headline = _fitted(method.label, method, True, method.assumes, lambda: cohorts).shown
    return Found(column.label, column.measure, headline, (), ())


def _outcome(study: _Study, planned: PlannedOutcome) -> OutcomeEvidence:
    plan, column = study.plan, study.panel.column(planned.column)
    study.progress(f"{column.label}: headline")
    cohorts = planned_cohorts(plan, study.panel, column.name)
    method = _method(plan, cohorts)
    unused = _unused(plan, AS_PLANNED, method)
    found = _fitted(method.label, method, True, method.assumes, lambda: cohorts, unused)
    headline, effect = found.shown, found.effect
    if headline.effect is not None:
        notes = (_reason(plan, cohorts, method), *headline.effect.notes)
        headline = replace(headline, effect=replace(headline.effect, notes=notes))
    alternatives = once(headline, _alternatives(study, column, cohorts, method))
    checks: tuple[Check, ...] = (_groups(cohorts),)
    if effect is not None:
        made = _checks(study, column, cohorts, method, effect)
        checks += made if headline.effect is not None else tuple(map(_silenced, made))
    known = nearby_changes(plan, column.name, study.panel)
    checks += (recording_change(known, (), study.panel, 0),)
    last = did_window(plan, study.panel)[1]
    about = Found(column.label, column.measure, headline, alternatives, checks, known)
    return judged(DESIGN, study.record, planned, about, last)


def _method(plan: Plan, cohorts: did.Cohorts) -> did.Method:
    """The headline's method, with the planned settings."""
    chosen = did.default(cohorts) if plan.model is None else did.METHODS[plan.model]
    return chosen.set_to(_options(plan, AS_PLANNED, chosen.name))


def _options(plan: Plan, change: Change, method: str) -> dict[str, object]:
    options = dict(change.options(plan))
    return {**spillover_options(plan), **options} if method == "spillover" else options


def _reason(plan: Plan, cohorts: did.Cohorts, method: did.Method) -> str:
    """Why this method, for the notes."""
    chosen = did.default(cohorts)
    if method.name == chosen.name:
        return did.why(cohorts).rstrip(".")
    return f"the plan names {method.name}; without it {chosen.name} would be used"


def _fitted(
    label: str,
    method: did.Method,
    planned: bool,
    assumes: str,
    cohorts: Callable[[], did.Cohorts],
    notes: Sequence[str] = (),
) -> Answered:
    entry = Alternative(label, method.name, planned, assumes, method.coverage, None)
    return answered(entry, lambda: method.fit(cohorts()), notes)


def _unused(plan: Plan, change: Change, method: did.Method) -> tuple[str, ...]:
    """What an answer was given by the plan and does not use, in words."""
    entry = change.alternative
    names = plan.terms.covariates
    if entry is not None and entry.covariates is not None:
        names = entry.covariates
    options = _options(plan, change, method.name)
    told = (unadjusted_note(names, method.name, options), cluster_note(plan.cluster, method.name))
    return tuple(one for one in told if one)


def _alternatives(
    study: _Study, column: Column, cohorts: did.Cohorts, headline: did.Method
) -> tuple[Alternative, ...]:
    """The planned alternatives, then those that are always printed; without their paths, which no
    table or figure shows."""
    found = []
    for entry in study.plan.alternatives:
        study.progress(f"{column.label}: {entry.label}")
        found.append(_planned(study, column, entry, headline))
    asked = {
        entry.model
        for entry in study.plan.alternatives
        if entry.model_fields_set <= {"label", "model", "assumes"}
    }
    for beside in did.always_beside(cohorts, headline.name):
        if beside.name in asked:
            continue
        study.progress(f"{column.label}: {beside.label}")
        notes = _unused(study.plan, Change(_BESIDE), beside)
        one = _fitted(beside.label, beside, False, beside.assumes, lambda: cohorts, notes)
        found.append(one.shown)
    return tuple(
        entry if entry.effect is None else replace(entry, effect=_short(entry.effect))
        for entry in found
    )


def _short(effect: Effect) -> Effect:
    return replace(effect, path=(), dynamic=())


def _planned(
    study: _Study, column: Column, entry: PlannedAlternative, headline: did.Method
) -> Alternative:
    plan, change = study.plan, Change(alternative=entry)
    method = headline
    if entry.model is not None or entry.options is not None:
        method = did.METHODS[entry.model or headline.name]
        method = method.set_to(_options(plan, change, method.name))
    return _fitted(
        entry.label,
        method,
        True,
        entry.assumes or method.assumes,
        lambda: planned_cohorts(plan, study.panel, column.name, change),
        _unused(plan, change, method),
    ).shown


def _groups(cohorts: did.Cohorts) -> Check:
    """Who is treated when, and who never."""
    rows = []
    for first in (*cohorts.cohorts, did.NEVER):
        names = [cohorts.units[int(row)] for row in np.flatnonzero(cohorts.first == first)]
        if not names:
            continue
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        start = "never" if first == did.NEVER else cohorts.begun(first)
        rows.append({"start": start, "units": len(names), "names": ", ".join(names[:NAMED]) + more})
    treated = int(cohorts.ever.sum())
    controls = cohorts.n - treated
    starts = len(cohorts.cohorts)
    return Check(
        "comparison-groups",
        "Who is compared with whom?",
        None,
        f"{treated} of {cohorts.n} units are treated, from {starts} "
        f"{'start' if starts == 1 else 'starts'} on; {controls} never are. "
        f"{cohorts.length} {cohorts.frequency}s, {cohorts.periods[0]} to {cohorts.periods[-1]}.",
        tuple(rows),
    )


def _silenced(check: Check) -> Check:
    """The same check beside an estimate that is not valid: what would tell it is not told."""
    return (
        Check(check.name, check.question, None, NOT_ASKED) if check.name in OF_ESTIMATE else check
    )


def _checks(
    study: _Study, column: Column, cohorts: did.Cohorts, method: did.Method, effect: Effect
) -> tuple[Check, ...]:
    plan, panel = study.plan, study.panel

    def step(name: str) -> None:
        study.progress(f"{column.label}: {name}")

    checks = did.run_checks(
        cohorts,
        method,
        effect,
        outcomes={
            panel.column(entry.column).label: planned_cohorts(plan, panel, entry.column)
            for entry in plan.unaffected
        },
        contaminated={
            entry.unit: entry.why for entry in plan.contaminated if entry.unit in cohorts.units
        },
        links=spillover_links(plan, panel, column.name),
        progress=step,
    )
    # Who is behind a small number is not told of data that may not leave the house.
    if int(cohorts.ever.sum()) > 1 and panel.provenance.sensitivity != "private":
        checks += (treated_places(cohorts, method), *each_treated_unit(cohorts, method))
    return checks
