"""Planned designs in plain words: a difference-in-differences, people, a survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluation import did, survey
from evaluation.data.panel import Panel
from evaluation.did.forecast import FEW_EVENTS, WINDOW
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.individual import methods as people_methods
from evaluation.method import Method
from evaluation.study.build.cohorts import at_once_said, planned_who
from evaluation.study.build.who import Standing
from evaluation.study.plan.adoption_keys import ChangedAdoption, PlannedAdoption
from evaluation.study.plan.its import shown
from evaluation.study.plan.phrases import (
    adjusted,
    alternative_words,
    between,
    closed,
    listed,
    method_words,
    plain,
    set_so,
    set_words,
    some,
    when,
)
from evaluation.study.plan.schema import Plan, PlannedAlternative
from evaluation.study.plan.tables import PlannedCurve, PlannedSpillover
from evaluation.study.plan.values import frequency_of


def did_sentences(plan: Plan, window: Fact) -> Iterator[Fact]:
    """Who is treated when, beside whom, over which periods and by which method.

    Parameters
    ----------
    window : the sentence about the periods analyzed.
    """
    given = plan.intervention
    named: dict[str, Any] = {"name": given.name, "start": when(given.start)}
    if given.treatment is not None:
        yield fact("plan.did.treated-column", **named, column=plain(given.treatment))
    elif plan.unit:
        yield fact("plan.did.treated-unit", **named, unit=plan.unit)
        for site in plan.sites:
            yield fact("plan.did.treated-too", unit=site.unit, start=when(site.start))
    else:
        yield fact("plan.did.first", **named)
    yield from _adoption(plan)
    if given.end is not None:
        yield fact("plan.words.end", end=when(given.end))
    if plan.controls is None:
        # With a table of adoption a plan of one unit leaves the others that are treated out.
        left = plan.adoption is not None
        yield fact("plan.did.all-others", left=left, later=not (left and plan.unit))
    else:
        yield fact("plan.did.controls", units=plan.controls.units)
    for entry in plan.contaminated:
        yield fact("plan.did.contaminated", unit=entry.unit, why=closed(entry.why))
    if plan.spillover is not None:
        yield fact("plan.did.exposed", kinds=_exposed(plan.spillover))
    if plan.cluster is not None:
        yield fact("plan.did.cluster", column=plain(plan.cluster))
    if plan.weights is not None:
        yield fact("plan.did.weights", column=plain(plan.weights))
    if plan.matched:
        yield fact("plan.did.matched", names=adjusted(plan.matched))
    yield from _settling(plan)
    yield window
    adjusting = fact("plan.nought")
    if plan.terms.covariates:
        adjusting = fact("plan.did.adjusting", names=adjusted(plan.terms.covariates))
    yield fact("plan.did.model", method=_method(plan), adjusting=adjusting)
    if plan.model == "forecast" and "window" not in plan.options:
        yield fact("plan.did.window", window=WINDOW, few=FEW_EVENTS)
    if plan.terms.offset is not None:
        yield fact("plan.did.size", offset=offset_words(plan.terms.offset))


def did_alternative(entry: PlannedAlternative, plan: Plan) -> Fact:
    """One planned alternative by what it does differently."""
    changes: list[str | Fact] = []
    options = plan.alternative_options(entry)
    if entry.model is not None:
        changes.append(method_words(entry.model, did.METHODS[entry.model].label, options))
    elif entry.options is not None:
        changes.append(set_words(options))
    if entry.start is not None:
        changes.append(fact("plan.change.start", value=when(entry.start)))
    if entry.leave_out is not None:
        changes.append(fact("plan.change.leave-out", value=listed(entry.leave_out)))
    changes += _changes(entry, plan)
    if entry.covariates is not None:
        changes.append(fact("plan.change.covariates", value=adjusted(entry.covariates)))
    if entry.weights is not None:
        same = entry.weights is False
        changes.append(
            fact("plan.change.unweighted")
            if same
            else fact("plan.change.weights", value=plain(str(entry.weights)))
        )
    if entry.offset is not None:
        changes.append(offset_words(entry.offset))
    return alternative_words(entry, changes, "plan.listed")


def offset_words(offset: bool | None) -> Fact:
    """What outcomes are divided by, without the data, as a term of the model."""
    key = "default" if offset is None else "asked" if offset else "none"
    return fact(f"plan.offset.{key}")


def _method(plan: Plan) -> Fact:
    if plan.model is not None:
        return method_words(plan.model, did.METHODS[plan.model].label, plan.options)
    return set_so("plan.method.default-did", plan.options)


def _exposed(spillover: PlannedSpillover) -> Fact:
    kinds: list[Fact] = []
    if spillover.alliance is not None:
        kinds.append(fact("plan.did.alliance", column=plain(spillover.alliance)))
    for key in ("allies", "rivals"):
        pairs = tuple(listed(pair) for pair in getattr(spillover, key))
        if pairs:
            kinds.append(fact(f"plan.did.{key}", pairs=pairs))
    if spillover.rings:
        bounds = listed([f"{bound:g}" for bound in spillover.rings])
        kinds.append(fact("plan.did.rings", bounds=bounds))
    return listed(kinds)


def _adoption(plan: Plan) -> Iterator[Fact]:
    """What counts as a program in a plan that reads it from a table."""
    adoption = plan.adoption
    if adoption is None:
        return
    roles = listed([fact(f"plan.adoption.role.{one}") for one in adoption.roles])
    yield fact("plan.adoption.table", table=adoption.table, roles=roles)
    words = _choices(adoption.model_dump())
    del words["roles"]
    if not plan.unit:
        del words["adopters"]
    if frequency_of(plan.intervention.start) == "month":
        # No month is partly under a program whose month is known.
        del words["start_period"]
    yield fact("plan.adoption.there", choices=tuple(words.values()))


def _choices(choices: Mapping[str, Any]) -> dict[str, Fact]:
    """Each choice of a table of adoption in words, by key."""
    said: dict[str, Fact] = {}
    for key, value in choices.items():
        if key in ("roles", "dates"):
            one = {"roles": "role", "dates": "known"}[key]
            named = listed([fact(f"plan.adoption.{one}.{name}") for name in value])
            said[key] = fact(f"plan.adoption.{key}", value=named)
        elif key == "washout":
            if value:
                said[key] = fact("plan.adoption.washout", n=value)
        elif key != "table":
            name = key.replace("_", "-")
            said[key] = fact(f"plan.adoption.{name}.{value.replace(' ', '-')}")
    return said


def _changed(changed: ChangedAdoption, planned: PlannedAdoption | None) -> Fact:
    """What an alternative does differently with the table, as it follows "with"."""
    own = changed.written()
    said = _choices(own)
    if "washout" in own and not own["washout"]:
        said["washout"] = fact("plan.adoption.no-washout")
    table = own.get("table")
    if table is not None and (planned is None or table != planned.table):
        said = {"table": fact("plan.adoption.other-table", table=table), **said}
    return listed(list(said.values()))


def _settling(plan: Plan) -> Iterator[Fact]:
    """How the effect of a comparison sets in, and what becomes of gaps, where the plan says so."""
    settled = _settled(plan.intervention.washout, plan.intervention.phase_in, plan)
    if at_once_said(plan):
        settled.append(fact("plan.effect.at-once"))
    if settled:
        yield fact("plan.did.settling", settled=listed(settled))
    if "gaps" in plan.window.model_fields_set:
        yield fact("plan.did.gaps", what=_gaps(plan.window.gaps))
    far = _around(plan.window.before, plan.window.after, plan)
    if far:
        yield fact("plan.did.around", where=listed(far))


def _settled(washout: int | None, phase_in: int | None, plan: Plan) -> list[Fact]:
    """Washout and phase-in in words; nothing of what is None or nought."""
    start = plan.intervention.start
    words = []
    if washout:
        one = bool(plan.unit) and not plan.sites
        words.append(fact("plan.did.left-out", periods=some(washout, start), one=one))
    if phase_in:
        words.append(fact("plan.did.builds-up", periods=some(phase_in, start)))
    return words


def _around(before: int | None, after: int | None, plan: Plan) -> list[Fact]:
    """How far from its own start a treated unit is used; nothing of what is None."""
    return [
        fact(f"plan.did.{key}", periods=some(number, plan.intervention.start))
        for key, number in (("before", before), ("after", after))
        if number is not None
    ]


def _gaps(gaps: str) -> Fact:
    return fact(f"plan.gaps.{gaps.replace(' ', '-')}")


def _changes(entry: PlannedAlternative, plan: Plan) -> Iterator[Fact]:
    """What an alternative changes of who is compared, when, and with which periods."""
    if entry.first is not None or entry.last is not None:
        yield between("plan.change.window", entry.first, entry.last)
    if entry.washout == 0:
        yield fact("plan.change.no-washout")
    if entry.phase_in == 0:
        yield fact("plan.effect.at-once")
    yield from _settled(entry.washout, entry.phase_in, plan)
    far = _around(entry.before, entry.after, plan)
    if far:
        yield fact("plan.change.around", where=listed(far))
    if entry.gaps is not None:
        yield fact("plan.change.gaps", what=_gaps(entry.gaps))
    if entry.units is not None:
        yield fact("plan.change.units", value=listed(entry.units))
    if entry.treated is not None:
        yield fact("plan.change.treated", value=listed(entry.treated))
    if entry.adoption is not None:
        yield fact("plan.change.adoption", said=_changed(entry.adoption, plan.adoption))


def curve_words(curve: PlannedCurve) -> Fact:
    """The grid of the specification curve."""
    parts = []
    for key in type(curve).model_fields:
        values = tuple(shown(value) for value in getattr(curve, key))
        if values:
            # Sets of names are told apart by semicolons.
            listing = "sets" if key == "leave_out" else "values"
            name = fact(f"plan.curve.key.{key.replace('_', '-')}")
            parts.append(fact(f"plan.curve.{listing}", key=name, values=values))
    return fact("plan.curve.crossed", parts=listed(parts)) if parts else fact("plan.curve.standard")


def who_sentences(plan: Plan, panel: Panel) -> Iterator[Fact]:
    """Who is treated from when, who is left out and why, and how many controls there are; where a
    table of adoption says it."""
    if plan.adoption is None:
        return
    try:
        who = planned_who(plan, panel, plan.outcomes[0].column)
    except DataError:
        return  # told as a fault
    of = {
        what: [one for one in who.standings if one.what == what]
        for what in ("treated", "contaminated", "left out", "not named")
    }
    yield fact("plan.who.treated", units=tuple(_treated(one) for one in of["treated"]))
    for one in of["contaminated"]:
        yield fact("plan.did.contaminated", unit=one.unit, why=closed(one.why))
    if of["left out"]:
        told = tuple(f"{one.unit} ({one.why})" for one in of["left out"])
        yield fact("plan.who.left-out", units=told)
    if of["not named"]:
        yield fact("plan.who.not-named", units=tuple(one.unit for one in of["not named"]))
    controls = sum(one.what in ("control", "contaminated") for one in who.standings)
    yield fact("plan.who.controls", n=controls)


def _treated(one: Standing) -> Fact:
    known = fact("plan.nought")
    if one.certainty not in ("month", ""):
        known = fact("plan.who.known", how=fact(f"plan.adoption.known.{one.certainty}"))
    return fact("plan.who.one", unit=one.unit, start=when(one.since), known=known, why=one.why)


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
    if len(plan.outcomes) > 1 and not plan.families:
        yield fact("plan.people.holm")
    yield fact("plan.people.few")
