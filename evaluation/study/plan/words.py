"""A plan in plain words, for a reader who pays for the program and does not read TOML.

Here stand what every plan says and the words of an interrupted time series; a key whose words are
the same wherever it stands says so in its schema (`Said`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from evaluation.data import period
from evaluation.data.panel import Panel
from evaluation.fact import Fact, fact
from evaluation.its import METHODS
from evaluation.its.series import Specification
from evaluation.study.plan.phrases import (
    alternative_words,
    between,
    closed,
    day,
    listed,
    method_words,
    plain,
    set_so,
    set_words,
    some,
    unclosed,
    when,
)
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.plan.tables import PlannedEvent, PlannedLater
from evaluation.study.plan.values import Said, frequency_of
from evaluation.study.plan.words_data import data_sentences
from evaluation.study.plan.words_designs import (
    curve_words,
    did_alternative,
    did_sentences,
    offset_words,
    people_alternative,
    people_sentences,
    survey_alternative,
    survey_sentences,
)


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
    return tuple(map(str, plan_facts(plan, panel)))


def plan_facts(plan: Plan, panel: Panel | None = None) -> Iterator[Fact]:
    """The same before they are words."""
    yield fact("plan.words.question", question=plan.question)
    if plan.replicates is None:
        yield fact("plan.words.goal", goal=plan.goal, name=fact(f"plan.goal.{plan.goal}"))
    else:
        yield fact("plan.words.replicates", whom=unclosed(plan.replicates))
    yield fact("plan.words.data", file=plan.data)
    for path in plan.beside:
        yield fact("plan.words.beside", file=path)
    if plan.design == "its":
        yield fact("plan.words.unit", unit=plan.unit)
    yield from map(_outcome, plan.outcomes)
    for family in plan.families:
        names = tuple(map(plain, family.outcomes))
        yield fact("plan.words.family", names=names, percent=100 * family.level)
    if plan.assignment is not None and plan.assignment_source is not None:
        yield fact("plan.words.lottery", source=closed(plan.assignment_source))
    sentences, alternative = _OF_DESIGN[plan.design]
    yield from sentences(plan)
    for entry in plan.alternatives:
        yield alternative(entry, plan)
    if panel is not None:
        yield from data_sentences(plan, panel)
    if not plan.alternatives:
        yield fact("plan.words.no-alternatives")
    if plan.curve is not None and plan.curve.model_fields_set:
        yield curve_words(plan.curve)
    for column in plan.unaffected:
        yield fact("plan.words.unaffected", column=plain(column.column), why=closed(column.why))
    if plan.margin is not None:
        yield fact("plan.words.margin", percent=plan.margin)
    for event in plan.events:
        yield _event(event, plan)
    if not plan.events:
        yield fact("plan.words.no-events")
    yield from _told(plan)
    if plan.frozen is None:
        yield fact("plan.words.not-frozen")
    else:
        yield fact("plan.words.frozen", day=day(plan.frozen))


def _outcome(outcome: PlannedOutcome) -> Fact:
    worth = fact("plan.outcome.no-worthwhile")
    if outcome.worthwhile is not None:
        way = fact(f"plan.outcome.better-{outcome.better}")
        worth = fact("plan.outcome.worthwhile", way=way, percent=outcome.worthwhile)
    least = cut = fact("plan.nought")
    if outcome.least_answered is not None:
        least = fact("plan.outcome.least-answered", percent=100 * outcome.least_answered)
    if outcome.at_least is not None:
        cut = fact("plan.outcome.at-least", value=outcome.at_least)
    horizon = fact("plan.nought")
    if outcome.horizon is not None:
        horizon = fact("plan.outcome.horizon", days=outcome.horizon)
    return fact(
        "plan.outcome.whole",
        primary=outcome.primary,
        column=plain(outcome.column),
        horizon=horizon,
        better=outcome.better,
        least=least,
        cut=cut,
        worth=worth,
        used=between("plan.outcome.used", outcome.first, outcome.last),
    )


def _its(plan: Plan) -> Iterator[Fact]:
    """Who is compared with what, when and by which model."""
    yield from _intervention(plan)
    for change in plan.later:
        yield _later(change, plan)
    yield from _beside(plan)
    yield window_words(plan)
    if "gaps" in plan.window.model_fields_set:
        yield fact(f"plan.words.gaps-{plan.window.gaps}")
    method = set_so("plan.method.default-its", plan.options)
    if plan.model is not None:
        method = method_words(plan.model, METHODS[plan.model].label, plan.options)
    *terms, last = _terms(plan.specification(), plan, plan.terms.offset).values()
    noun = fact(f"plan.noun.{frequency_of(plan.intervention.start)}")
    yield fact("plan.words.model-its", noun=noun, method=method, terms=tuple(terms), last=last)


def _intervention(plan: Plan) -> Iterator[Fact]:
    given = plan.intervention
    effect = _settling(given.start, given.washout, given.phase_in)
    if given.dose is not None:
        noun = fact(f"plan.noun.{frequency_of(given.start)}")
        effect = fact("plan.effect.dose", noun=noun, column=plain(given.dose))
        if given.washout:
            left = some(given.washout, given.start)
            effect = fact("plan.effect.left-out", periods=left, effect=effect)
    yield fact("plan.words.begins", name=given.name, start=when(given.start), effect=effect)
    if given.half_life is not None:
        noun = fact(f"plan.noun.{frequency_of(given.start)}")
        yield fact("plan.words.fades", n=given.half_life, noun=noun)
    if given.end is not None:
        yield fact("plan.words.end", end=when(given.end))
    if given.fade is not None:
        yield fact("plan.words.fade", how=closed(given.fade))


def _later(change: PlannedLater, plan: Plan) -> Fact:
    """A later change of the program; the headline is about the time before the first of them."""
    half = fact("plan.nought")
    if change.half_life is not None:
        noun = fact(f"plan.noun.{frequency_of(plan.intervention.start)}")
        half = fact("plan.later.half-life", n=change.half_life, noun=noun)
    return fact(
        "plan.later.whole",
        name=change.name,
        start=when(change.start),
        effect=_settling(change.start, 0, change.phase_in),
        half=half,
        first=change == plan.later[0],
    )


def _beside(plan: Plan) -> Iterator[Fact]:
    """What the treated series is compared with or joined to."""
    controls = plan.controls
    if controls is not None and controls.outcome is not None:
        yield fact("plan.words.control-outcome", column=plain(controls.outcome), unit=plan.unit)
    elif controls is not None:
        together = "one" if len(controls.units) < 2 else "pooled" if controls.pooled else "each"
        weights = fact("plan.nought")
        if controls.weights:
            shares = listed([f"{weight:g}" for weight in controls.weights])
            weights = fact("plan.controls.weights", weights=shares)
        yield fact(
            "plan.words.control-units",
            units=controls.units,
            together=fact(f"plan.controls.{together}"),
            weights=weights,
            unit=plan.unit,
        )
    for site in plan.sites:
        yield fact("plan.words.site", unit=site.unit, start=when(site.start))
    if plan.sites:
        yield fact("plan.words.sites")


def _event(event: PlannedEvent, plan: Plan) -> Fact:
    told = fact("plan.words.event", date=when(event.date), what=closed(event.what))
    if event.periods is None:
        return told
    noun = fact(f"plan.noun.{frequency_of(plan.intervention.start)}")
    return fact("plan.words.event-term", event=told, n=event.periods, noun=noun)


def _settling(start: str, washout: int, phase_in: int) -> Fact:
    """How the effect sets in, to follow "with"."""
    frequency = frequency_of(start)
    whole = period.text(period.ordinal(start, frequency) + washout + phase_in, frequency)
    effect = fact("plan.effect.at-once")
    if phase_in:
        effect = fact("plan.effect.builds-up", whole=when(whole))
    if not washout:
        return effect
    return fact("plan.effect.left-out", periods=some(washout, start), effect=effect)


def window_words(plan: Plan) -> Fact:
    """The periods analyzed."""
    return between("plan.words.window", plan.window.first, plan.window.last)


def _alternative(entry: PlannedAlternative, plan: Plan) -> Fact:
    headline = _terms(plan.specification(), plan, plan.terms.offset)
    own = plan.terms.offset if entry.offset is None else entry.offset
    specification = plan.alternative_specification(entry)
    terms = _terms(specification, plan, own)
    changes: list[str | Fact] = [one for name, one in terms.items() if one != headline[name]]
    start = entry.start or plan.intervention.start
    if entry.start is not None:
        changes.append(fact("plan.change.start", value=when(start)))
    if (entry.washout, entry.phase_in) != (None, None):
        settling = _settling(start, specification.washout, specification.phase_in)
        if plan.intervention.washout and not specification.washout:
            noun = fact(f"plan.noun.{frequency_of(start)}")
            settling = fact("plan.effect.none-left-out", noun=noun, effect=settling)
        changes.append(settling)
    if entry.half_life is not None:
        noun = fact(f"plan.noun.{frequency_of(start)}")
        changes.append(fact("plan.change.half-life", n=entry.half_life, noun=noun))
    if entry.controls is False:
        changes.append(fact("plan.change.alone", unit=plan.unit))
    options = plan.alternative_options(entry)
    if entry.model is not None and entry.model != plan.model:
        changes.insert(0, method_words(entry.model, METHODS[entry.model].label, options))
    elif entry.options is not None:
        changes.insert(0, set_words(options))
    return alternative_words(entry, changes, "plan.in-a-row")


def _terms(specification: Specification, plan: Plan, offset: bool | None) -> dict[str, Fact]:
    """Each term of a model in words, by what it is about."""
    effect = "dose" if plan.intervention.dose is not None else specification.effect
    noun = fact(f"plan.noun.{frequency_of(plan.intervention.start)}")
    covariates = [plain(name) for name in specification.covariates]
    return {
        "effect": fact(f"plan.term.effect.{effect}"),
        "trend": fact(f"plan.term.trend.{specification.trend}"),
        "season": fact(
            f"plan.term.season.{specification.season}", waves=specification.harmonics, noun=noun
        ),
        "offset": offset_words(offset),
        "covariates": fact("plan.term.covariates", names=covariates)
        if covariates
        else fact("plan.term.no-covariates"),
    }


def _told(plan: Plan) -> Iterator[Fact]:
    """One sentence for each thing told, in the order of the schema; none where it tells nothing."""
    for name, info in type(plan).model_fields.items():
        value = getattr(plan, name)
        said = next((one for one in info.metadata if isinstance(one, Said)), None)
        if value in (None, ()):
            continue
        if name in _TOLD:
            yield from _TOLD[name](value)
        elif said is not None:
            yield fact(f"plan.words.{name.replace('_', '-')}", value=said.form(value))


def _about(about: Any) -> Iterator[Fact]:
    yield fact("plan.words.what", what=closed(about.what))
    whom = fact("plan.words.whom", whom=closed(about.whom))
    if about.sources:
        source = closed(str(listed(about.sources)))
        whom = fact("plan.words.whom-by", told=whom, source=source)
    yield whom


def _cost(cost: Any) -> Iterator[Fact]:
    covers = fact("plan.nought")
    if cost.covers is not None:
        covers = fact("plan.words.cost-covers", what=unclosed(cost.covers))
    named = {"amount": cost.amount, "currency": cost.currency, "year": cost.year}
    yield fact("plan.words.cost", **named, covers=covers, source=closed(cost.source))


def _lower(lower: Any) -> Iterator[Fact]:
    for entry in lower:
        named = {"column": plain(entry.column), "to": entry.to, "reason": closed(entry.reason)}
        yield fact("plan.words.lower", **named)


def _checklist(checklist: Any) -> Iterator[Fact]:
    answered = {name: one for name, one in checklist.model_dump(mode="json").items() if one}
    lists = [fact(f"plan.lists.{name}", n=len(one)) for name, one in answered.items()]
    if lists:
        yield fact("plan.words.checklist", lists=lists)


def _published(published: Any) -> Iterator[Fact]:
    for beside in published:
        named = closed(", ".join(part for part in (beside.study, beside.outcome) if part))
        differs = {} if beside.differences is None else beside.differences.model_dump()
        told = fact("plan.words.published", named=named)
        if differs:
            aspects = tuple(f"{aspect}: {unclosed(words)}" for aspect, words in differs.items())
            told = fact("plan.words.published-differs", told=told, aspects=aspects)
        yield told


_TOLD: Mapping[str, Callable[[Any], Iterator[Fact]]] = {
    "about": _about,
    "cost": _cost,
    "lower": _lower,
    "checklist": _checklist,
    "published": _published,
}
_OF_DESIGN: Mapping[
    str,
    tuple[Callable[[Plan], Iterator[Fact]], Callable[[PlannedAlternative, Plan], Fact]],
] = {
    "its": (_its, _alternative),
    "did": (lambda plan: did_sentences(plan, window_words(plan)), did_alternative),
    "individual": (people_sentences, people_alternative),
    "survey": (survey_sentences, survey_alternative),
}
