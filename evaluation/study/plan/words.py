"""A plan in plain words, for a reader who pays for the program and does not read TOML.

What a plan tells beside its method, in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation.data import period
from evaluation.data.panel import Panel
from evaluation.its import METHODS
from evaluation.its.series import Specification
from evaluation.study.plan.adoption import assignment_sentences, offset_words
from evaluation.study.plan.phrases import (
    alternative_words,
    closed,
    day,
    listed,
    plain,
    settings,
    unclosed,
    when,
)
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import (
    PlannedAlternative,
    PlannedEvent,
    PlannedLater,
    PlannedOutcome,
)
from evaluation.study.plan.values import frequency_of
from evaluation.study.plan.words_data import data_sentences
from evaluation.study.plan.words_did import (
    curve_words,
    did_alternative,
    did_sentences,
    own_window_words,
)
from evaluation.study.plan.words_records import (
    horizon_words,
    people_alternative,
    people_sentences,
    scale_words,
    survey_alternative,
    survey_sentences,
)

GOALS = {
    1: "fewer gang- and group-related shootings and homicides",
    2: "less recidivism and incarceration of participants",
    3: "stronger relations between police and community",
}
_EFFECT = {
    "level": "one lasting change of level",
    "level+slope": "a change of level and a change of slope",
}
_TREND = {
    "linear": "a straight-line trend",
    "quadratic": "a curved (quadratic) trend",
    "none": "no trend",
}


def plan_words(plan: Plan, panel: Panel | None = None) -> tuple[str, ...]:
    """The plan as sentences, one fact each, in the order a reader asks for them.

    Parameters
    ----------
    panel : its data, which tell which methods are chosen and what they use; without them the
        sentences about that are left out.

    Examples
    --------
    >>> from evaluation.study.plan.schema import Plan
    >>> plan = Plan.model_validate(
    ...     {
    ...         "question": "Did it help?",
    ...         "goal": 1,
    ...         "data": "data/city.csv",
    ...         "unit": "City",
    ...         "design": "its",
    ...         "outcomes": [{"column": "gun_homicides", "better": "lower"}],
    ...         "intervention": {"name": "Ceasefire", "start": "2012-10", "phase_in": 3},
    ...     }
    ... )
    >>> print(plan_words(plan)[5])
    Intervention: Ceasefire, from October 2012, with an effect that builds up in equal steps and \
is whole from January 2013.
    """
    sentences = [
        f"Question: {plan.question}",
        *_replicated(plan),
        *([f"Goal {plan.goal}: {GOALS[plan.goal]}."] if plan.replicates is None else []),
        f"Data: the file {plan.data}.",
        *(f"Its units are joined by those of the file {path}." for path in plan.beside),
        *([f"Studied unit: {plan.unit}."] if plan.design == "its" else []),
        *(_outcome(outcome) for outcome in plan.outcomes),
        *assignment_sentences(plan),
        *_of_design(plan),
    ]
    if panel is not None:
        sentences += data_sentences(plan, panel)
    if not plan.alternatives:
        sentences.append("No alternative of its own is planned beside the standard ones.")
    if plan.curve is not None and plan.curve.model_fields_set:
        sentences.append(curve_words(plan.curve))
    sentences += [
        f"Should not move: {plain(entry.column)}. {closed(entry.why)}" for entry in plan.unaffected
    ]
    if plan.margin is not None:
        sentences.append(f"A change smaller than {plan.margin:g}% counts as no useful effect.")
    sentences += [_event(event, plan) for event in plan.events]
    if not plan.events:
        sentences.append("The plan lists no other event that could explain a change.")
    sentences += told_sentences(plan)
    if plan.conflicts is not None:
        sentences.append(f"Conflicts of interest: {closed(plan.conflicts)}")
    if plan.notes is not None:
        sentences.append(f"Note: {closed(plan.notes)}")
    sentences.append(
        "The plan is not frozen: it can still change without a trace."
        if plan.frozen is None
        else f"Its author gives {day(plan.frozen)} as the day of freezing. "
        "Later changes are listed."
    )
    return tuple(sentences)


def _of_design(plan: Plan) -> list[str]:
    """Who is compared with what, when and by which model, and the alternatives."""
    if plan.design == "individual":
        changed = [people_alternative(one, plan) for one in plan.alternatives]
        return [*people_sentences(plan), *changed]
    if plan.design == "survey":
        changed = [survey_alternative(one, plan) for one in plan.alternatives]
        return [*survey_sentences(plan), *changed]
    if plan.design == "did":
        return [
            *did_sentences(plan, _window(plan)),
            *(did_alternative(alternative, plan) for alternative in plan.alternatives),
        ]
    return [
        *_intervention(plan),
        *(_later(change, plan) for change in plan.later),
        *_beside(plan),
        _window(plan),
        _model(plan),
        *(_alternative(alternative, plan) for alternative in plan.alternatives),
    ]


def _replicated(plan: Plan) -> Iterator[str]:
    if plan.replicates is not None:
        yield (
            f"A replication of {unclosed(plan.replicates)}. It tests the method, and is no "
            "evidence about the program; the page over all studies leaves it out."
        )


def _outcome(outcome: PlannedOutcome) -> str:
    which = "Main outcome" if outcome.primary else "Further outcome"
    if outcome.worthwhile is None:
        worth = "the plan names no smallest effect worth having"
    else:
        change = "fall" if outcome.better == "lower" else "rise"
        worth = f"the smallest effect worth having is a {change} of {outcome.worthwhile:g}%"
    column = f"{plain(outcome.column)}{horizon_words(outcome)}"
    own = own_window_words(outcome)
    return f"{which}: {column}; {outcome.better} is better{scale_words(outcome)}; {worth}{own}."


def _intervention(plan: Plan) -> list[str]:
    intervention = plan.intervention
    effect = _settling(intervention.start, intervention.washout, intervention.phase_in)
    if intervention.dose is not None:
        frequency = frequency_of(intervention.start)
        effect = (
            f"an effect in proportion to its amount each {frequency} ({plain(intervention.dose)})"
        )
        if intervention.washout:
            effect = f"{_left_out(intervention.washout, frequency)} and {effect}"
    start = when(intervention.start)
    sentences = [f"Intervention: {intervention.name}, from {start}, with {effect}."]
    if intervention.half_life is not None:
        sentences.append(_fades(intervention.half_life, plan))
    if intervention.end is not None:
        sentences.append(f"The last period with an effect is {when(intervention.end)}.")
    if intervention.fade is not None:
        sentences.append(f"How the effect is expected to fade: {closed(intervention.fade)}")
    return sentences


def _fades(half_life: float, plan: Plan) -> str:
    periods = f"{half_life:g} {frequency_of(plan.intervention.start)}s"
    return f"Half of the effect is expected to be gone {periods} after it is whole."


def _later(change: PlannedLater, plan: Plan) -> str:
    """A later change of the program; the headline is about the time before the first of them."""
    settling = _settling(change.start, 0, change.phase_in)
    words = f"Later: {change.name}, from {when(change.start)}, with {settling}"
    if change.half_life is not None:
        periods = f"{change.half_life:g} {frequency_of(plan.intervention.start)}s"
        words += f", of which half is expected to be gone {periods} after that"
    answer = ""
    if change == plan.later[0]:
        answer = " The main answer is about the time before it."
    return f"{words}; it is measured as the change from the phase before it.{answer}"


def _beside(plan: Plan) -> Iterator[str]:
    """What the treated series is compared with or joined to."""
    controls = plan.controls
    if controls is not None and controls.outcome is not None:
        yield (
            f"Compared with: {plain(controls.outcome)} in {plan.unit}; the effect is what the "
            "outcome changed beyond it."
        )
    elif controls is not None:
        together = ""
        if len(controls.units) > 1:
            together = ", together as one series" if controls.pooled else ", each by itself"
        if controls.weights:
            together += f" with weights {listed([f'{weight:g}' for weight in controls.weights])}"
        yield (
            f"Compared with: {listed(controls.units)}{together}; the effect is what {plan.unit} "
            "changed beyond that."
        )
    for site in plan.sites:
        yield f"Further site: {site.unit}, from {when(site.start)}."
    if plan.sites:
        yield "The effect is taken to be the same in all sites, counted from the start of each."


def _event(event: PlannedEvent, plan: Plan) -> str:
    words = f"Also happening, {when(event.date)}: {closed(event.what)}"
    if event.periods is None:
        return words
    frequency = frequency_of(plan.intervention.start)
    periods = (
        f"that {frequency}" if event.periods == 1 else f"{event.periods} {frequency}s from then"
    )
    return f"{words} The model has a term of its own for {periods}."


def _settling(start: str, washout: int, phase_in: int) -> str:
    """How the effect sets in, to follow "with"."""
    frequency = frequency_of(start)
    whole = period.text(period.ordinal(start, frequency) + washout + phase_in, frequency)
    effect = "the whole effect at once"
    if phase_in:
        effect = f"an effect that builds up in equal steps and is whole from {when(whole)}"
    return f"{_left_out(washout, frequency)} and {effect}" if washout else effect


def _left_out(washout: int, frequency: str) -> str:
    periods = frequency if washout == 1 else f"{washout} {frequency}s"
    return f"the first {periods} left out"


def _window(plan: Plan) -> str:
    first, last = plan.window.first, plan.window.last
    if first and last:
        return f"Analyzed: {when(first)} to {when(last)}."
    if first:
        return f"Analyzed: {when(first)} to the end of the data."
    if last:
        return f"Analyzed: the beginning of the data to {when(last)}."
    return "Analyzed: all periods in the data."


def _model(plan: Plan) -> str:
    if plan.model is None:
        set_to = f" ({settings(plan.options)})" if plan.options else ""
        method = f"the default method for its kind of outcome{set_to}"
    else:
        method = _method(plan.model, plan.options)
    *terms, last = _terms(plan.specification(), plan, plan.terms.offset).values()
    return (
        f"Model: an interrupted time series (the {frequency_of(plan.intervention.start)}s before "
        f"the start say what to expect after it), by {method}, with {', '.join(terms)}, and {last}."
    )


def _alternative(alternative: PlannedAlternative, plan: Plan) -> str:
    headline = _terms(plan.specification(), plan, plan.terms.offset)
    own = plan.terms.offset if alternative.offset is None else alternative.offset
    terms = _terms(plan.alternative_specification(alternative), plan, own)
    changes = [words for name, words in terms.items() if words != headline[name]]
    planned = plan.intervention
    start = alternative.start or planned.start
    specification = plan.alternative_specification(alternative)
    if alternative.start is not None:
        changes.append(f"a start in {when(start)}")
    if (alternative.washout, alternative.phase_in) != (None, None):
        settling = _settling(start, specification.washout, specification.phase_in)
        if planned.washout and not specification.washout:
            settling = f"no {frequency_of(start)} left out and {settling}"
        changes.append(settling)
    if alternative.half_life is not None:
        periods = f"{alternative.half_life:g} {frequency_of(start)}s"
        changes.append(f"an effect of which half is gone after {periods}")
    if alternative.controls is False:
        changes.append(f"{plan.unit} alone, compared with nothing")
    options = plan.alternative_options(alternative)
    if alternative.model is not None and alternative.model != plan.model:
        changes.insert(0, _method(alternative.model, options))
    elif alternative.options is not None:
        changes.insert(0, settings(options) or "the method's own settings")
    but = f", but with {', '.join(changes)}" if changes else " again"
    return alternative_words(alternative.label, but, alternative.assumes)


def _terms(specification: Specification, plan: Plan, offset: bool | None) -> dict[str, str]:
    """Each term of a model in words, by what it is about."""
    frequency = frequency_of(plan.intervention.start)
    waves = "1 wave" if specification.harmonics == 1 else f"{specification.harmonics} waves"
    season = {
        "fourier": f"a yearly season of {waves}",
        "periods": f"a level of its own for each {frequency} of the year",
        "none": "no season",
    }
    covariates = ", ".join(plain(name) for name in specification.covariates)
    return {
        "effect": (
            _EFFECT[specification.effect]
            if plan.intervention.dose is None
            else "a change in proportion to the amount of intervention"
        ),
        "trend": _TREND[specification.trend],
        "season": season[specification.season],
        "offset": offset_words(offset),
        "covariates": f"adjustment for {covariates}" if covariates else "no other adjustment",
    }


def _method(name: str, options: Mapping[str, Any]) -> str:
    label = METHODS[name].label
    return (
        f"the method {name} ({label}; {settings(options)})"
        if options
        else (f"the method {name} ({label})")
    )


_LISTS = {"epoc": "EPOC", "trend": "TREND", "strobe": "STROBE"}


def told_sentences(plan: Plan) -> Iterator[str]:
    """One sentence for each thing told; none where the plan tells nothing."""
    if plan.about is not None:
        sources = f" Source: {closed(listed(plan.about.sources))}" if plan.about.sources else ""
        yield f"What the program is: {closed(plan.about.what)}"
        yield f"Whom it is for: {closed(plan.about.whom)}{sources}"
    if plan.delivery is not None:
        yield f"What was delivered: the file {plan.delivery}."
    if plan.cost is not None:
        cost = plan.cost
        covers = "" if cost.covers is None else f", for {unclosed(cost.covers)}"
        yield (
            f"Cost: {cost.amount:,.10g} {cost.currency} in money of {cost.year}{covers}. "
            f"Source: {closed(cost.source)}"
        )
    if plan.next_look is not None:
        yield f"The next look at the data is on {day(plan.next_look)}."
    if plan.funder is not None:
        yield f"Who paid, and what part they had: {closed(plan.funder)}"
    for entry in plan.lower:
        yield (
            f"The evaluator lowers the grade of {plain(entry.column)} to {entry.to}: "
            f"{closed(entry.reason)}"
        )
    if plan.checklist is not None:
        written = plan.checklist.model_dump(mode="json")
        answered = [f"{_LISTS[name]} ({len(answers)})" for name, answers in written.items()]
        if answered:
            yield f"Answers of the evaluator to checklists: {listed(answered)}."
    for beside in plan.published:
        named = ", ".join(part for part in (beside.study, beside.outcome) if part)
        differs: dict[str, str] = {}
        if beside.differences is not None:
            differs = beside.differences.model_dump()
        said = "; ".join(f"{aspect}: {unclosed(words)}" for aspect, words in differs.items())
        differing = f" What differs: {said}." if said else ""
        yield f"Beside the published result {closed(named)}{differing}"
    if plan.es is not None:
        yield "The first page has words in Spanish."
