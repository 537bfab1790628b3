"""A plan for people in plain words.

A plan for a survey in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluation import survey
from evaluation.individual import methods as people_methods
from evaluation.study.plan.phrases import (
    alternative_words,
    listed,
    method_words,
    plain,
    settings,
    when,
)
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome, Trim

_WHOM = {"ATT": "those who were treated", "ATE": "everyone in the data, treated or not"}


def horizon_words(outcome: PlannedOutcome) -> str:
    """By when an event counts, to end the sentence of an outcome; nothing when it is not said."""
    return "" if outcome.horizon is None else f" within {outcome.horizon} days of entry"


def people_sentences(plan: Plan) -> Iterator[str]:
    """Who is treated, beside whom, adjusted for what and by which method."""
    treatment = plan.intervention.treatment
    who = "those whom the data call treated" if treatment is None else f"by {plain(treatment)}"
    start = when(plan.intervention.start)
    yield f"Intervention: {plan.intervention.name}, from {start} on. Treated: {who}."
    yield "Compared with: the people in the data who were not treated, made alike by weights."
    yield f"The effect is that on {_WHOM[plan.estimand]}."
    adjusted = "everything in the data that was known at entry"
    if "covariates" in plan.terms.model_fields_set:
        adjusted = listed([plain(one) for one in plan.terms.covariates]) or "nothing"
    yield f"Made alike in: {adjusted}."
    if plan.event_data is not None:
        yield f"Every event is in the file {plan.event_data}."
    yield f"Model: {_method(plan)}."
    if len(plan.outcomes) > 1:
        yield "P-values are also given as they hold over all planned outcomes together (Holm)."
    yield "Counts of fewer than 10 people are never told."


def people_alternative(alternative: PlannedAlternative, plan: Plan) -> str:
    """One planned alternative by what it does differently."""
    changes = []
    options = plan.alternative_options(alternative)
    if alternative.model is not None:
        label = people_methods.label_of(alternative.model)[0]
        changes.append(method_words(alternative.model, label, options))
    elif alternative.options is not None:
        changes.append(settings(options) or "the method's own settings")
    if alternative.estimand is not None:
        changes.append(f"the effect on {_WHOM[alternative.estimand]}")
    if alternative.horizon is not None:
        changes.append(f"events within {alternative.horizon} days")
    if alternative.trim is not None:
        changes.append(_trimmed(alternative.trim))
    if alternative.covariates is not None:
        names = listed([plain(one) for one in alternative.covariates]) or "nothing"
        changes.append(f"people made alike in {names}")
    but = f", but with {listed(changes)}"
    return alternative_words(alternative.label, but, alternative.assumes)


def _trimmed(trim: Trim) -> str:
    if trim == "none":
        return "nobody left out"
    if trim == "crump":
        return "people left out who have few like them (Crump and others)"
    low, high = trim
    return f"only people whose chance of being treated is {low} to {high}"


def _method(plan: Plan) -> str:
    set_to = settings(plan.options)
    if plan.model is None:
        chosen = "the risk by a day for times to an event, and doubly robust means for the rest"
        return f"{chosen} ({set_to})" if set_to else chosen
    return method_words(plan.model, people_methods.label_of(plan.model)[0], plan.options)


def scale_words(outcome: PlannedOutcome) -> str:
    """The rule for missing answers and the cut of a scale, as a clause; nothing when unsaid."""
    parts = []
    if outcome.least_answered is not None:
        parts.append(f"a score needs {100 * outcome.least_answered:g}% of the items answered")
    if outcome.at_least is not None:
        parts.append(f"counted is the share of residents with {outcome.at_least:g} or more")
    return "".join(f"; {part}" for part in parts)


def survey_sentences(plan: Plan) -> Iterator[str]:
    """Where the program works, beside what, weighted how and by which method."""
    start = when(plan.intervention.start)
    yield f"Intervention: {plan.intervention.name}, from {start} on."
    yield "Compared: residents of areas with the program and of other areas, before and after it."
    if plan.rake is not None:
        bounds = [
            f"{word} {value:g} times the mean"
            for word, value in (("at least", plan.rake.least), ("at most", plan.rake.most))
            if value is not None
        ]
        within = f", each {listed(bounds)}" if bounds else ""
        yield f"Weights are made to agree with the residents in {plan.rake.margins}{within}."
    yield f"Model: {_plan_words_survey_method(plan)}."
    if plan.subgroups:
        shown = listed([plain(one) for one in plan.subgroups])
        yield f"Shown too: the effect by {shown}, with p-values that hold over all (Holm)."
    if len(plan.outcomes) > 1:
        yield "P-values are also given as they hold over all planned outcomes together (Holm)."
    yield "Counts of fewer than 10 people are never told."


def survey_alternative(alternative: PlannedAlternative, plan: Plan) -> str:
    """One planned alternative by what it does differently."""
    changes = []
    options = plan.alternative_options(alternative)
    if alternative.model is not None:
        label = survey.METHODS[alternative.model].label
        changes.append(method_words(alternative.model, label, options))
    elif alternative.options is not None:
        changes.append(settings(options) or "the method's own settings")
    if alternative.covariates is not None:
        names = listed([plain(one) for one in alternative.covariates]) or "nothing"
        changes.append(f"adjustment for {names}")
    but = f", but with {listed(changes)}"
    return alternative_words(alternative.label, but, alternative.assumes)


def _plan_words_survey_method(plan: Plan) -> str:
    set_to = settings(plan.options)
    if plan.model is None:
        chosen = "the method that suits how people were asked"
        return f"{chosen} ({set_to})" if set_to else chosen
    return method_words(plan.model, survey.METHODS[plan.model].label, plan.options)
