"""A planned difference-in-differences in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from evaluation import did
from evaluation.study.plan_exposure import offset_words
from evaluation.study.plan_phrases import (
    alternative_words,
    closed,
    listed,
    method_words,
    plain,
    settings,
    when,
)
from evaluation.study.plan_words_adoption import (
    adoption_sentences,
    alternative_changes,
    settling_sentences,
)
from evaluation.study.planned import Plan, PlannedAlternative, PlannedSpillover


def did_sentences(plan: Plan, window: str) -> Iterator[str]:
    """Who is treated when, beside whom, over which periods and by which method.

    Parameters
    ----------
    window : the sentence about the periods analyzed.
    """
    name, start = plan.intervention.name, when(plan.intervention.start)
    treatment = plan.intervention.treatment
    if treatment is not None:
        yield (
            f"Intervention: {name}, from {start} on. Treated: the units whose {plain(treatment)} "
            "is 1, each from its own start on."
        )
    elif plan.unit:
        yield f"Intervention: {name}. Treated: {plan.unit}, from {start} on."
        for site in plan.sites:
            yield f"Treated too: {site.unit}, from {when(site.start)} on."
    else:
        yield f"Intervention: {name}, from {start} on where it was first."
    yield from adoption_sentences(plan)
    if plan.intervention.end is not None:
        yield f"The last period with an effect is {when(plan.intervention.end)}."
    if plan.controls is None:
        left = "" if plan.adoption is None else " that are not left out"
        # With a table of adoption a plan of one unit leaves the others that are treated out.
        later = "" if left and plan.unit else ", and those treated later until they are"
        yield f"Compared with: all other units in the data{left}{later}."
    else:
        yield f"Compared with: {listed(plan.controls.units)}."
    for entry in plan.contaminated:
        yield f"Not a clean comparison: {entry.unit}. {closed(entry.why)}"
    if plan.spillover is not None:
        yield f"Exposed to the treatment of others: {_exposed(plan.spillover)}."
    if plan.cluster is not None:
        yield f"Errors are taken to go together within each {plain(plan.cluster)}."
    if plan.matched:
        names = listed([plain(one) for one in plan.matched])
        yield f"Adjusted for too: what there was of {names} in each period before the start."
    yield from settling_sentences(plan)
    yield window
    covariates = ""
    if plan.terms.covariates:
        adjusted = listed([plain(one) for one in plan.terms.covariates])
        covariates = f", adjusted for {adjusted}"
    yield (
        "Model: a difference-in-differences (what the treated changed beyond the untreated), by "
        f"{_method(plan)}{covariates}."
    )
    if plan.terms.offset is not None:
        yield f"As to size: {offset_words(plan.terms.offset)}."


def did_alternative(alternative: PlannedAlternative, plan: Plan) -> str:
    """One planned alternative by what it does differently."""
    changes = []
    options = plan.alternative_options(alternative)
    if alternative.model is not None:
        label = did.METHODS[alternative.model].label
        changes.append(method_words(alternative.model, label, options))
    elif alternative.options is not None:
        changes.append(settings(options) or "the method's own settings")
    if alternative.start is not None:
        changes.append(f"a start in {when(alternative.start)}")
    if alternative.leave_out is not None:
        changes.append(f"{listed(alternative.leave_out)} left out")
    changes += alternative_changes(alternative, plan)
    if alternative.covariates is not None:
        names = listed([plain(one) for one in alternative.covariates]) or "nothing"
        changes.append(f"adjustment for {names}")
    if alternative.offset is not None:
        changes.append(offset_words(alternative.offset))
    but = f", but with {listed(changes)}" if changes else " again"
    return alternative_words(alternative.label, but, alternative.assumes)


def _method(plan: Plan) -> str:
    set_to = settings(plan.options)
    if plan.model is None:
        chosen = "the method that suits the number of treated and untreated units"
        return f"{chosen} ({set_to})" if set_to else chosen
    return method_words(plan.model, did.METHODS[plan.model].label, plan.options)


def _exposed(spillover: PlannedSpillover) -> str:
    kinds = []
    if spillover.alliance is not None:
        kinds.append(f"units with the same {plain(spillover.alliance)}")
    for key in ("allies", "rivals"):
        pairs = getattr(spillover, key)
        if pairs:
            kinds.append(f"{key} ({'; '.join(listed(pair) for pair in pairs)})")
    if spillover.rings:
        bounds = listed([f"{bound:g}" for bound in spillover.rings])
        kinds.append(f"units within distances of {bounds}")
    return listed(kinds)
