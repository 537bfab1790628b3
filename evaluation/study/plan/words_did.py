"""A planned difference-in-differences in plain words.

What a plan reads from a table of adoption, leaves out and goes without, in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from evaluation import did
from evaluation.data.panel import Panel
from evaluation.errors import DataError
from evaluation.study.build.cohorts import planned_who
from evaluation.study.build.who import Standing
from evaluation.study.plan.adoption import offset_words
from evaluation.study.plan.adoption_keys import ChangedAdoption, PlannedAdoption
from evaluation.study.plan.curve_crossed import shown
from evaluation.study.plan.phrases import (
    alternative_words,
    closed,
    listed,
    method_words,
    plain,
    settings,
    when,
)
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import (
    PlannedAlternative,
    PlannedCurve,
    PlannedOutcome,
    PlannedSpillover,
)
from evaluation.study.plan.values import frequency_of


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


_LEVEL: Final = {
    "city": "a program counts when it is for the whole city",
    "part": "a program counts when it is for the city or a part of it",
    "small": "a program of any width counts",
}
_KNOWN: Final = {"month": "to the month", "year": "to the year", "uncertain": "with doubt"}
_ROLES: Final = {"adopter": "the certain ones", "partial": "the partial or doubtful ones"}
_ENDS: Final = {
    "absorbing": "a unit counts as treated from its first start on, whatever became of the program",
    "cut": "the series of a unit ends with its first program",
    "as written": "a unit counts as treated only while a program ran",
}
_EARLIER: Final = {
    "pass over": "a lesser program that came before is passed over",
    "leave out": "a unit with a lesser program before its own is left out",
}
_CONTROLS: Final = {
    "all": "every unit without a sign of a program can be a control",
    "searched": "only units that were searched for a program can be controls",
}
_START_PERIOD: Final = {
    "left out": "a period that is only partly under the program when it starts is left out",
    "treated": "a period that is only partly under the program when it starts counts as treated",
    "untreated": "a period that is only partly under the program when it starts counts as before",
}
_ADOPTERS: Final = {
    "left out": "other units with a program of their own are left out",
    "contaminated": "other units with a program of their own stay among the controls, and the "
    "answer without them stands beside",
}
_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "level": _LEVEL,
    "ends": _ENDS,
    "earlier": _EARLIER,
    "controls": _CONTROLS,
    "start_period": _START_PERIOD,
    "adopters": _ADOPTERS,
}
_GAPS: Final = {
    "refuse": "a unit with a period that was not reported stops the analysis",
    "leave out": "units with a period that was not reported are left out",
    "missing": "periods that were not reported are missing, and their units stay",
}


def adoption_sentences(plan: Plan) -> Iterator[str]:
    """What counts as a program in a plan that reads it from a table."""
    adoption = plan.adoption
    if adoption is None:
        return
    roles = listed([_ROLES[one] for one in adoption.roles])
    yield (
        f"Who had a program, and when, is read from {adoption.table}; of its programs {roles} "
        "count."
    )
    words = _choices(adoption.model_dump())
    del words["roles"]
    if not plan.unit:
        del words["adopters"]
    if frequency_of(plan.intervention.start) == "month":
        # No month is partly under a program whose month is known.
        del words["start_period"]
    yield f"There, {'; '.join(words.values())}."


def _choices(choices: Mapping[str, Any]) -> dict[str, str]:
    """Each choice of a table of adoption in words, by key."""
    said: dict[str, str] = {}
    for key, value in choices.items():
        match key:
            case "table":
                continue
            case "roles":
                said[key] = f"of programs, {listed([_ROLES[one] for one in value])} count"
            case "dates":
                said[key] = f"a start may be known {listed([_KNOWN[one] for one in value])}"
            case "washout":
                if value:
                    periods = "1 period" if value == 1 else f"{value} periods"
                    said[key] = f"{periods} after an end {'is' if value == 1 else 'are'} left out"
            case _:
                said[key] = _TABLES[key][value]
    return said


def changed_words(changed: ChangedAdoption, planned: PlannedAdoption | None) -> str:
    """What an alternative does differently with the table, as it follows "with"."""
    own = changed.written()
    said = _choices(own)
    if "washout" in own and not own["washout"]:
        said["washout"] = "no period after an end is left out"
    table = own.get("table")
    if table is not None and (planned is None or table != planned.table):
        said = {"table": f"who is treated read from {table}", **said}
    return listed(list(said.values()))


def settling_sentences(plan: Plan) -> Iterator[str]:
    """How the effect of a comparison sets in, and what becomes of gaps, where the plan says so."""
    settled = settling_words(plan.intervention.washout, plan.intervention.phase_in, plan)
    if settled:
        yield f"With {listed(settled)}."
    if "gaps" in plan.window.model_fields_set:
        yield f"As to gaps: {gaps_words(plan.window.gaps)}."
    far = around_words(plan.window.before, plan.window.after, plan)
    if far:
        yield f"Each treated unit is used {listed(far)}."


def settling_words(washout: int | None, phase_in: int | None, plan: Plan) -> list[str]:
    """Washout and phase-in in words; nothing of what is None or nought."""
    noun = frequency_of(plan.intervention.start)

    def periods(number: int) -> str:
        return noun if number == 1 else f"{number} {noun}s"

    words = []
    if washout:
        one = bool(plan.unit) and not plan.sites
        words.append(f"the first {periods(washout)} from {'the' if one else 'each'} start left out")
    if phase_in:
        words.append(f"an effect that builds up in equal steps over {periods(phase_in)}")
    return words


def around_words(before: int | None, after: int | None, plan: Plan) -> list[str]:
    """How far from its own start a treated unit is used; nothing of what is None."""
    noun = frequency_of(plan.intervention.start)
    sides = (("last", before, "before its own start"), ("first", after, "from its own start on"))
    return [
        f"in the {which} {noun if number == 1 else f'{number} {noun}s'} {side}"
        for which, number, side in sides
        if number is not None
    ]


def gaps_words(gaps: str) -> str:
    """What becomes of periods that were not reported."""
    return _GAPS[gaps]


def alternative_changes(entry: PlannedAlternative, plan: Plan) -> list[str]:
    """What an alternative changes of who is compared, when, and with which periods."""
    changes = []
    if entry.first is not None and entry.last is not None:
        changes.append(f"the periods from {when(entry.first)} to {when(entry.last)}")
    elif entry.first is not None:
        changes.append(f"the periods from {when(entry.first)} on")
    elif entry.last is not None:
        changes.append(f"the periods to {when(entry.last)}")
    if entry.washout == 0:
        changes.append("no period left out from the start on")
    if entry.phase_in == 0:
        changes.append("the whole effect at once")
    changes += settling_words(entry.washout, entry.phase_in, plan)
    far = around_words(entry.before, entry.after, plan)
    if far:
        changes.append(f"each treated unit used {listed(far)}")
    if entry.gaps is not None:
        changes.append(f"another rule for gaps ({gaps_words(entry.gaps)})")
    if entry.units is not None:
        changes.append(f"{listed(entry.units)} as controls")
    if entry.treated is not None:
        changes.append(f"{listed(entry.treated)} alone treated and the other treated left out")
    if entry.adoption is not None:
        said = changed_words(entry.adoption, plan.adoption)
        changes.append(f"another reading of the table of adoption ({said})")
    return changes


def own_window_words(outcome: PlannedOutcome) -> str:
    """The periods of an outcome, where they are not those of the plan."""
    first, last = outcome.first, outcome.last
    if first and last:
        return f"; used from {when(first)} to {when(last)}"
    if first:
        return f"; used from {when(first)} on"
    return f"; used to {when(last)}" if last else ""


def curve_words(curve: PlannedCurve) -> str:
    """The grid of the specification curve."""
    names = {
        "phase_in": "phase-in",
        "first": "first period",
        "last": "last period",
        "methods": "method",
        "adopters": "other adopters",
        "leave_out": "controls left out",
    }
    parts = [
        f"{names.get(key, key)} ({'; '.join(map(shown, values))})"
        if key == "leave_out"
        else f"{names.get(key, key)} ({', '.join(str(value) for value in values)})"
        for key in type(curve).model_fields
        if (values := getattr(curve, key))
    ]
    if not parts:
        return "Specification curve: the standard choices."
    return f"Specification curve: every combination of {listed(parts)}."


def who_sentences(plan: Plan, panel: Panel) -> Iterator[str]:
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
    yield f"Treated by the table: {'; '.join(_treated(one) for one in of['treated'])}."
    for one in of["contaminated"]:
        yield f"Not a clean comparison: {one.unit}. {closed(one.why)}"
    if of["left out"]:
        told = "; ".join(f"{one.unit} ({one.why})" for one in of["left out"])
        yield f"Left out: {told}."
    if of["not named"]:
        names = "; ".join(one.unit for one in of["not named"])
        yield f"Not among the controls that the plan names: {names}."
    controls = sum(one.what in ("control", "contaminated") for one in who.standings)
    yield f"Controls: {controls} unit{'' if controls == 1 else 's'}."


def _treated(one: Standing) -> str:
    known = "" if one.certainty in ("month", "") else f", known {_KNOWN[one.certainty]}"
    return f"{one.unit}, from {when(one.since)}{known} ({one.why})"
