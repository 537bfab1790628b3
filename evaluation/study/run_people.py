"""What a plan for people finds about each outcome; `release` says what of it may be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from evaluation.data.findings import words_of
from evaluation.data.project import Disclosure
from evaluation.data.records import RecordColumn, Records
from evaluation.effect import Better, Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.individual import immortal_time, incidence, not_yet_called, run_checks, survival
from evaluation.individual import methods as people_methods
from evaluation.individual.people import Kind, People
from evaluation.numeric.shared.multiple_testing import holm
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.people import (
    event_days,
    kind_of,
    months,
    name_of,
    planned_calls,
    planned_people,
    span_of,
)
from evaluation.study.could_find import few, few_called, risk_curves, told_of
from evaluation.study.evidence import NOT_VALID, Alternative, OutcomeEvidence, PlanRecord
from evaluation.study.grade.grade import Design
from evaluation.study.graded_outcome import Found, judged
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome

Progress = Callable[[str], None]
RULE = Disclosure()
ALWAYS = ("unadjusted",)


@dataclass(frozen=True, slots=True)
class _Study:
    """What every outcome of one study shares. events : every event, or None."""

    plan: Plan
    records: Records
    people: People
    events: Records | None
    record: PlanRecord
    progress: Progress
    rule: Disclosure

    @property
    def wholes(self) -> tuple[int, ...]:
        """Numbers of people: all, the treated and the others."""
        treated = int(self.people.treated.sum())
        return self.people.n, treated, self.people.n - treated


def outcomes(
    plan: Plan,
    records: Records,
    events: Records | None,
    record: PlanRecord,
    progress: Progress,
    rule: Disclosure = RULE,
) -> tuple[OutcomeEvidence, ...]:
    """The evidence about every planned outcome, in the order of the plan."""
    people = planned_people(plan, records)
    study = _Study(plan, records, people, events, record, progress, rule)
    return tuple(_outcome(study, planned) for planned in plan.outcomes)


def headlines(
    plan: Plan, records: Records, events: Records | None, record: PlanRecord
) -> tuple[Found, ...]:
    """The headline of every planned outcome, past its gate; no alternative and no check."""
    people = planned_people(plan, records)
    study = _Study(plan, records, people, events, record, lambda step: None, RULE)
    found = []
    for planned in plan.outcomes:
        column = records.column(planned.column)
        name = people_methods.chosen(plan.model, kind_of(column))
        headline = _fitted(study, planned, "", AS_PLANNED, name, plan.options, True, "")
        found.append(Found(_label(column, planned), column.measure, headline, (), ()))
    return tuple(found)


def over_the_family(found: tuple[OutcomeEvidence, ...]) -> tuple[OutcomeEvidence, ...]:
    """The same, each headline with a note of its p-value over all planned outcomes (Holm)."""
    told = [one for one in found if one.headline.effect is not None]
    if len(told) < 2:
        return found
    adjusted = holm(np.array([one.effect.p_value for one in told]))
    p_of = {one.column: float(p) for one, p in zip(told, adjusted, strict=True)}
    return tuple(
        one
        if one.column not in p_of
        else replace(one, headline=_noted(one.headline, p_of[one.column], len(told)))
        for one in found
    )


def _noted(headline: Alternative, p_value: float, outcomes: int) -> Alternative:
    assert headline.effect is not None
    shown = "below 0.001" if p_value < 0.001 else f"{p_value:.3f}"
    note = f"p over the {outcomes} planned outcomes that could be estimated (Holm): {shown}"
    return replace(headline, effect=replace(headline.effect, notes=(*headline.effect.notes, note)))


def _outcome(study: _Study, planned: PlannedOutcome) -> OutcomeEvidence:
    plan, column = study.plan, study.records.column(planned.column)
    kind = kind_of(column)
    study.progress(f"{column.label}: headline")
    name = people_methods.chosen(plan.model, kind)
    headline = _fitted(study, planned, "", AS_PLANNED, name, plan.options, True, "")
    alternatives = _alternatives(study, planned, name)
    checks: tuple[Check, ...] = (_compared(study),)
    if headline.effect is not None:
        checks += _checks(study, planned, column, name)
    design: Design = "stepped call-ins" if name == people_methods.NOT_YET_CALLED else "individual"
    last = months(plan, study.records)[1]
    found = Found(_label(column, planned), column.measure, headline, alternatives, checks)
    return judged(design, study.record, planned, found, last)


def _label(column: RecordColumn, planned: PlannedOutcome) -> str:
    """How a sentence names the outcome: a first event with the span it is counted in."""
    if kind_of(column) != "time":
        return column.label
    return f"{column.label} within {span_of(AS_PLANNED.horizon(planned))}"


def _alternatives(study: _Study, planned: PlannedOutcome, headline: str) -> tuple[Alternative, ...]:
    """The planned alternatives, then the means as they are."""
    column = study.records.column(planned.column)
    found = []
    for entry in study.plan.alternatives:
        study.progress(f"{column.label}: {entry.label}")
        name = entry.model or headline
        if not _applies(entry, name, kind_of(column)):
            continue
        options = _options(study.plan, entry, name)
        found.append(
            _fitted(
                study,
                planned,
                entry.label,
                Change(entry),
                name,
                options,
                True,
                entry.assumes or "",
            )
        )
    asked = {entry.model for entry in study.plan.alternatives}
    for name in ALWAYS:
        if name in asked or name == headline:
            continue
        if kind_of(column) != "time":
            found.append(_fitted(study, planned, "", AS_PLANNED, name, {}, False, ""))
            continue
        label, assumes = "Risks as they are", people_methods.PLAIN[name].assumes
        risk, options = people_methods.RISK.name, {"weights": "given"}
        plain = _fitted(study, planned, label, AS_PLANNED, risk, options, False, assumes)
        # The coverage of the weighted risk says nothing of one without weights.
        found.append(replace(plain, coverage=people_methods.PLAIN[name].coverage))
    return tuple(found)


def _applies(entry: PlannedAlternative, name: str, kind: Kind) -> bool:
    """Whether an alternative says anything about an outcome of this kind; one of the plan may be
    for other outcomes."""
    return people_methods.suits(name, kind) and (kind == "time" or not entry.horizon)


def _options(plan: Plan, entry: PlannedAlternative, name: str) -> Mapping[str, object]:
    options: dict[str, object] = dict(plan.alternative_options(entry))
    trim = Change(entry).trim()
    if trim is not None:
        # Of a method that trims nobody this is a setting it does not have, which it says.
        options["trim"] = trim
    return options


def _fitted(
    study: _Study,
    planned: PlannedOutcome,
    label: str,
    change: Change,
    name: str,
    options: Mapping[str, object],
    by_plan: bool,
    assumes: str,
) -> Alternative:
    """One answer; what rests on too few people, or may not be used, is there with its reason."""
    own, takes, coverage = people_methods.label_of(name)
    entry = Alternative(label or own, name, by_plan, assumes or takes, coverage, None)
    try:
        effect, reason = _answered(study, planned, change, name, options)
    except (FitError, DataError) as fault:
        return replace(entry, reason=str(fault))
    if reason is None and effect.objection is not None:
        reason = f"{NOT_VALID}: {effect.objection}"
    if reason is not None:
        return replace(entry, reason=reason)
    return replace(entry, effect=effect)


def _answered(
    study: _Study,
    planned: PlannedOutcome,
    change: Change,
    name: str,
    options: Mapping[str, object],
) -> tuple[Effect, str | None]:
    """The effect, and why it may not be told, or None."""
    plan, records = study.plan, study.records
    column = records.column(planned.column)
    kind, outcome = kind_of(column), name_of(column, records)
    day, estimand = float(change.horizon(planned)), change.estimand(plan)
    if name == people_methods.NOT_YET_CALLED:
        calls = planned_calls(plan, records, study.events, column, change)
        first_only = options.get("first_only") is True
        made = not_yet_called.estimate(calls, horizon=day, first_only=first_only, history=False)
        unused = [role for role in ("weight", "cluster") if records.named(role)]
        if unused:
            note = f"The {' and '.join(unused)} of each person are not in this estimate."
            made = replace(made, notes=(*made.notes, note))
        return made, few_called(calls, day, study.rule.fewest)
    given = study.people if change is AS_PLANNED else planned_people(plan, records, change)
    people = _of_fit(given, name)
    method = people_methods.method_for(name, kind, day, options)
    if name in people_methods.TIMED:
        found = None
        if name == "andersen-gill" and study.events is not None:
            found = event_days(records, study.events, column)
        barred = few(method.answer(people, outcome, estimand), study.rule.fewest)
        effect = people_methods.fit_timed(name, people, outcome, estimand, day, options, found)
        if effect.percent_of == "days":
            # Time without the event is good where the event is bad.
            better: Better = "higher" if planned.better == "lower" else "lower"
            effect = replace(effect, better=better)
        return effect, barred
    if kind == "time" and name in people_methods.PLAIN:
        people = people.by_day(outcome, day)
        outcome = f"{outcome} within {day:g} days"
    gate = few(method.answer(people, outcome, estimand), study.rule.fewest)
    barred = gate or _cut_short(given, kind, day)
    effect = method.fit(people, outcome, estimand)
    return (replace(effect, horizon=day) if kind == "time" else effect), barred


def _of_fit(people: People, name: str) -> People:
    """The people with what goes into a fit or its gate: what a plan's checks alone look at is told
    with the checks."""
    follow_up = people.follow_up if name == "andersen-gill" else np.full(people.n, np.inf)
    entry = people.entry if people.decided is not None else np.zeros(people.n)
    return replace(people, follow_up=follow_up, entry=entry, invited=None, history=None)


def _cut_short(people: People, kind: Kind, day: float) -> str | None:
    """Why days or counts of people who were not followed alike may not be compared, or None."""
    if kind not in ("days", "count"):
        return None
    check = immortal_time.short_follow_up(people, day=day)
    return None if check.passed else f"{NOT_VALID}: {check.says}"


def _compared(study: _Study) -> Check:
    """Who is compared with whom; counts of both sides."""
    _, treated, others = study.wholes
    first, last = months(study.plan, study.records)
    rows = ({"who": "treated", "people": treated}, {"who": "not treated", "people": others})
    return Check(
        "who-is-compared",
        "Who is compared with whom?",
        None,
        f"{words_of(treated)} treated people beside {words_of(others)} others; "
        f"entries from {first}, followed to {last} at most.",
        rows,
    )


def _checks(
    study: _Study, planned: PlannedOutcome, column: RecordColumn, name: str
) -> tuple[Check, ...]:
    plan, people, records = study.plan, study.people, study.records
    kind, outcome = kind_of(column), name_of(column, records)
    day, estimand = float(planned.horizon or people_methods.HORIZON), plan.estimand

    def step(check: str) -> None:
        study.progress(f"{column.label}: {check}")

    if name == people_methods.NOT_YET_CALLED:
        # The questions of the battery are about people who were called beside others who never
        # were; here the day of the call is part of the design.
        calls = planned_calls(plan, records, study.events, column, AS_PLANNED)
        return (not_yet_called.spike(calls, horizon=day),)
    method = people_methods.method_for(name, kind, day, plan.options)
    if kind == "time" and name in people_methods.PLAIN:
        method = replace(people_methods.RISK, day=day)
    beside = [
        name_of(records.column(one.column), records)
        for one in plan.outcomes
        if one.column != planned.column
    ]
    unaffected = [name_of(records.column(one.column), records) for one in plan.unaffected]
    told = told_of(people, (*beside, *unaffected), method, plan, study.rule.fewest)
    found = run_checks(
        people,
        outcome=outcome,
        method=method,
        estimand=estimand,
        unaffected=[one for one in unaffected if one in told],
        beside=[one for one in beside if one in told],
        progress=step,
    )
    if kind in ("days", "count"):
        return (*found, immortal_time.short_follow_up(people, day=day))
    if kind != "time":
        return found
    more: list[Check] = []
    asked: tuple[Callable[[], Check], ...] = (
        lambda: incidence.left_early(people, outcome, day=day),
        lambda: survival.proportionality(people, outcome),
        lambda: incidence.same_curves(people, outcome),
        lambda: risk_curves(people, outcome, day, plan, study.rule.fewest),
    )
    for ask in asked:
        try:
            more.append(ask())
        except FitError:
            continue
    return (*found, *more)
