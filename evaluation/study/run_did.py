"""What a planned difference-in-differences finds about each outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation import did
from evaluation.data.panel import Column, Panel
from evaluation.did import carry_over
from evaluation.did.each_unit_check import each_treated_unit
from evaluation.did.spillover import treated_places
from evaluation.effect import Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.cohorts import (
    did_window,
    method_of,
    planned_cohorts,
    planned_who,
    set_method,
    set_options,
    spillover_links,
)
from evaluation.study.could_find import could_be_found
from evaluation.study.curve_did import specification_curve
from evaluation.study.evidence import Alternative, OutcomeEvidence, PlanRecord
from evaluation.study.grade.grade import Design
from evaluation.study.graded_outcome import Answered, Found, answered, judged, once
from evaluation.study.plan.ignored import cluster_note, unadjusted_note
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.run_who import who_is_in
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
        "could-be-found",
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
    checks: tuple[Check, ...] = (
        _groups(cohorts),
        *who_is_in(plan, study.panel, column, cohorts),
    )
    if effect is not None:
        made = _checks(study, column, cohorts, method, effect)
        made += (could_be_found(effect, planned.better, planned.worthwhile),)
        checks += made if headline.effect is not None else tuple(map(_silenced, made))
    if headline.effect is not None:
        checks += specification_curve(
            plan,
            study.panel,
            column,
            method,
            headline.effect,
            lambda step: study.progress(f"{column.label}: {step}"),
        )
    known = nearby_changes(plan, column.name, study.panel, _own_starts(study, column))
    checks += (recording_change(plan, column.name, known, (), study.panel, 0),)
    last = did_window(plan, study.panel, column.name)[1]
    about = Found(column.label, column.measure, headline, alternatives, checks, known)
    return judged(DESIGN, study.record, planned, about, last)


def _method(plan: Plan, cohorts: did.Cohorts) -> did.Method:
    """The headline's method, with the planned settings."""
    chosen = did.default(cohorts) if plan.model is None else did.METHODS[plan.model]
    return set_method(plan, AS_PLANNED, chosen.name)


def _reason(plan: Plan, cohorts: did.Cohorts, method: did.Method) -> str:
    """Why this method, for the notes."""
    chosen = did.default(cohorts)
    if method.name == chosen.name:
        return str(did.why(cohorts)).rstrip(".")
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
    options = set_options(plan, change, method.name)
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
        quicker = beside.without_events()
        one = _fitted(beside.label, quicker, False, beside.assumes, lambda: cohorts, notes)
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
    try:
        cohorts = planned_cohorts(plan, study.panel, column.name, change)
        method = method_of(plan, change, headline, cohorts)
    except (DataError, FitError) as fault:
        name = entry.model or headline.name
        label = entry.assumes or did.METHODS[name].assumes
        return Alternative(entry.label, name, True, label, "", None, str(fault))
    return _fitted(
        entry.label,
        method.without_events(),
        True,
        entry.assumes or method.assumes,
        lambda: cohorts,
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
        f"{treated} of {cohorts.n} units {'is' if treated == 1 else 'are'} treated, from {starts} "
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
        contaminated=_contaminated(plan, panel, column, cohorts),
        links=spillover_links(plan, panel, column.name),
        progress=step,
    )
    checks += _ended(study, column, cohorts, method)
    # Who is behind a small number is not told of data that may not leave the house.
    if int(cohorts.ever.sum()) > 1 and panel.provenance.sensitivity != "private":
        checks += (treated_places(cohorts, method), *each_treated_unit(cohorts, method))
    return checks


def _ended(
    study: _Study, column: Column, cohorts: did.Cohorts, method: did.Method
) -> tuple[Check, ...]:
    """Whether effects last after programs end, where an alternative ends them as a table has it and
    the headline does not."""
    for entry in study.plan.alternatives if cohorts.on is None else ():
        if entry.adoption is None or entry.adoption.ends != "as written":
            continue
        change = Change(alternative=entry)
        try:
            ended = planned_cohorts(study.plan, study.panel, column.name, change)
            if ended.on is None or not ended.after_end.any():
                continue
            lighter = method.without_events()
            found = carry_over.check(ended, lighter, lighter.fit(ended))
        except (DataError, FitError):
            continue
        return (replace(found, says=f"In “{entry.label}”: {found.says}"),)
    return ()


def _own_starts(study: _Study, column: Column) -> dict[str, str]:
    """When each of several treated units began, by the table of adoption."""
    if study.plan.adoption is None or study.plan.unit:
        return {}
    who = planned_who(study.plan, study.panel, column.name)
    return {one.unit: one.since for one in who.standings if one.what == "treated"}


def _contaminated(plan: Plan, panel: Panel, column: Column, cohorts: did.Cohorts) -> dict[str, str]:
    """Controls with a program of their own and what that was, by the plan or by a table."""
    found = {entry.unit: entry.why for entry in plan.contaminated}
    for one in planned_who(plan, panel, column.name).standings:
        if one.what == "contaminated":
            found.setdefault(one.unit, one.why)
    return {unit: why for unit, why in found.items() if unit in cohorts.units}
