"""A plan for people, and one for a survey, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evaluation import survey
from evaluation.fact import Fact, fact
from evaluation.individual import methods as people_methods
from evaluation.method import Method
from evaluation.study.plan.phrases import (
    adjusted,
    alternative_words,
    listed,
    method_words,
    plain,
    set_so,
    set_words,
    when,
)
from evaluation.study.plan.schema import Plan, PlannedAlternative


def people_sentences(plan: Plan) -> Iterator[Fact]:
    """Who is treated, beside whom, adjusted for what and by which method."""
    given = plan.intervention
    who = fact("plan.people.called-treated")
    if given.treatment is not None:
        who = fact("plan.people.by", column=plain(given.treatment))
    yield fact("plan.people.begins", name=given.name, start=when(given.start), who=who)
    yield fact("plan.people.compared")
    yield fact("plan.people.effect", whom=fact(f"plan.estimand.{plan.estimand}"))
    alike = fact("plan.people.everything")
    if "covariates" in plan.terms.model_fields_set:
        alike = adjusted(plan.terms.covariates)
    yield fact("plan.people.alike", names=alike)
    if plan.event_data is not None:
        yield fact("plan.people.events", file=plan.event_data)
    yield _model(plan, "plan.method.default-people", people_methods.METHODS)
    yield from _last(plan)


def people_alternative(entry: PlannedAlternative, plan: Plan) -> Fact:
    """One planned alternative by what it does differently."""
    changes = _method_changes(entry, plan, people_methods.METHODS)
    if entry.estimand is not None:
        whom = fact(f"plan.estimand.{entry.estimand}")
        changes.append(fact("plan.change.estimand", whom=whom))
    if entry.horizon is not None:
        changes.append(fact("plan.change.horizon", days=entry.horizon))
    if isinstance(entry.trim, str):
        changes.append(fact(f"plan.change.trim-{entry.trim}"))
    elif entry.trim is not None:
        low, high = entry.trim
        changes.append(fact("plan.change.trim", low=low, high=high))
    if entry.covariates is not None:
        changes.append(fact("plan.change.alike", value=adjusted(entry.covariates)))
    return alternative_words(entry, changes, "plan.listed")


def survey_sentences(plan: Plan) -> Iterator[Fact]:
    """Where the program works, beside what, weighted how and by which method."""
    given = plan.intervention
    yield fact("plan.survey.begins", name=given.name, start=when(given.start))
    yield fact("plan.survey.compared")
    if plan.rake is not None:
        bounds = [
            fact(f"plan.survey.{key}", value=value)
            for key, value in (("least", plan.rake.least), ("most", plan.rake.most))
            if value is not None
        ]
        within = fact("plan.survey.each", bounds=listed(bounds)) if bounds else fact("plan.nought")
        yield fact("plan.survey.raked", margins=plan.rake.margins, within=within)
    yield _model(plan, "plan.method.default-survey", survey.METHODS)
    if plan.subgroups:
        yield fact("plan.survey.subgroups", names=adjusted(plan.subgroups))
    yield from _last(plan)


def survey_alternative(entry: PlannedAlternative, plan: Plan) -> Fact:
    """One planned alternative by what it does differently."""
    changes = _method_changes(entry, plan, survey.METHODS)
    if entry.covariates is not None:
        changes.append(fact("plan.change.covariates", value=adjusted(entry.covariates)))
    return alternative_words(entry, changes, "plan.listed")


def _model(plan: Plan, default: str, methods: Mapping[str, Method]) -> Fact:
    method = set_so(default, plan.options)
    if plan.model is not None:
        method = method_words(plan.model, methods[plan.model].label, plan.options)
    return fact("plan.people.model", method=method)


def _method_changes(
    entry: PlannedAlternative, plan: Plan, methods: Mapping[str, Method]
) -> list[str | Fact]:
    options = plan.alternative_options(entry)
    if entry.model is not None:
        return [method_words(entry.model, methods[entry.model].label, options)]
    return [] if entry.options is None else [set_words(options)]


def _last(plan: Plan) -> Iterator[Fact]:
    if len(plan.outcomes) > 1:
        yield fact("plan.people.holm")
    yield fact("plan.people.few")
