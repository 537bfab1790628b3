"""Faults of a plan for a difference-in-differences, and of keys that are not for its design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import numpy as np

from evaluation import did
from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import DataError, Fault, FitError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import method_name, planned_cohorts, spillover_options
from evaluation.study.plan.adoption import adoption_data_faults, adoption_faults, named_faults
from evaluation.study.plan.ignored import unused_faults
from evaluation.study.plan.its import (
    Key,
    Said,
    crossing_faults,
    repeated,
    shown,
    site_faults,
    unaffected_faults,
)
from evaluation.study.plan.schema import Plan, written
from evaluation.study.plan.tables import AlternativeDid, PlannedAlternative

# Each specification is a fit of its own: with more a study takes longer than anybody waits.
MOST: Final = 500
CROSSED: Final = (
    "start",
    "washout",
    "phase_in",
    "first",
    "last",
    "before",
    "after",
    "adopters",
    "methods",
    "gaps",
    "leave_out",
)


def did_faults(plan: Plan, located: Located) -> list[Fault]:
    """What does not fit together in a difference-in-differences, each at its key."""
    said = [*_treated_faults(plan), *_control_faults(plan), *unaffected_faults(plan)]
    said += [*_spillover_faults(plan), *_alternative_faults(plan)]
    said += [*adoption_faults(plan), *did_curve_faults(plan)]
    return [located.fault(path, message) for path, message in said]


def did_data_faults(plan: Plan, panel: Panel, columns: list[Column]) -> Said:
    """What of the plan is not in the data, or cannot be answered by them.

    Parameters
    ----------
    columns : the planned outcomes that are there.
    """
    known = [column.name for column in panel.named("covariate")]
    file = panel.provenance.file
    names: list[tuple[Key, str]] = [
        (("specification", "covariates"), name) for name in plan.terms.covariates
    ]
    names += [
        (("alternatives", index, "covariates"), name)
        for index, alternative in enumerate(plan.alternatives)
        for name in alternative.covariates or ()
    ]
    if plan.cluster is not None:
        names.append((("cluster",), plan.cluster))
    spillover = plan.spillover
    if spillover is not None:
        names += [(("spillover", "place"), name) for name in spillover.place]
        if spillover.alliance is not None:
            names.append((("spillover", "alliance"), spillover.alliance))
    told = [
        (path, f"no covariate {name!r} in {file}.{did_you_mean(name, known) or ' It has none.'}")
        for path, name in names
        if name not in known
    ]
    outcomes = [column.name for column in panel.named("outcome")]
    told += [
        (("matched",), f"no outcome {name!r} in {file}.{did_you_mean(name, outcomes)}")
        for name in plan.matched
        if name not in outcomes
    ]
    told += [
        (path, f"no unit {unit!r} in {file}.{did_you_mean(unit, panel.units)}")
        for path, unit in _units(plan)
        if unit not in panel.units
    ]
    told += [*_weight_faults(plan, panel), *_treatment_faults(plan, panel)]
    told += [] if told else [*adoption_data_faults(plan, panel), *named_faults(plan, panel)]
    yield from told
    if not told:
        yield from _panel_faults(plan, panel, columns)


def _weight_faults(plan: Plan, panel: Panel) -> Said:
    """Weights that are in no column that can hold them."""
    known = [one.name for role in ("exposure", "covariate") for one in panel.named(role)]
    named: list[tuple[Key, str | bool | None]] = [(("weights",), plan.weights)]
    named += [
        (("alternatives", index, "weights"), one.weights)
        for index, one in enumerate(plan.alternatives)
    ]
    for path, name in named:
        if isinstance(name, str) and name not in known:
            hint = did_you_mean(name, known) or " It has none."
            words = f"no exposure or covariate {name!r} in {panel.provenance.file}"
            yield path, f"{words} to weight units by.{hint}"
        elif name is False and plan.weights is None:
            yield path, "every unit counts the same already; leave it out"


def _treated_faults(plan: Plan) -> Said:
    treatment = plan.intervention.treatment
    if plan.adoption is None and bool(plan.unit) == (treatment is not None):
        words = "name the treated unit, or the column of the treatment in [intervention]"
        if plan.unit:
            yield ("unit",), f"{words}; not both"
        else:
            yield ("unit",), f"{words}, or a table of adoption in [adoption]"
    if plan.sites and treatment is not None:
        yield ("sites",), "the treatment column says already who is treated; leave them out"
    yield from site_faults(plan)
    if treatment is not None:
        for index, alternative in enumerate(plan.alternatives):
            if alternative.start is not None:
                words = "the treatment column says when each unit starts; leave it out"
                yield ("alternatives", index, "start"), words


def _control_faults(plan: Plan) -> Said:
    treated = {plan.unit, *(site.unit for site in plan.sites)} - {""}
    controls = plan.controls.units if plan.controls is not None else ()
    path: Key = ("controls", "units")
    for name in controls:
        if name in treated:
            yield path, f"{name!r} is treated, and cannot be a control"
    if plan.controls is not None and not controls:
        yield ("controls",), "names no units; leave the table out to use all others in the data"
    for index, entry in enumerate(plan.contaminated):
        where: Key = ("contaminated", index, "unit")
        if entry.unit in treated:
            yield where, f"{entry.unit!r} is treated by the program itself"
        elif controls and entry.unit not in controls:
            yield where, f"{entry.unit!r} is not among the controls; leave it out here"
    for index, name in repeated([entry.unit for entry in plan.contaminated]):
        yield ("contaminated", index, "unit"), f"{name!r} is named twice"


def _spillover_faults(plan: Plan) -> Said:
    spillover = plan.spillover
    if spillover is None:
        return
    if not (spillover.alliance or spillover.allies or spillover.rivals or spillover.rings):
        yield ("spillover",), "names nobody; give alliance, allies, rivals, or place and rings"
    if bool(spillover.rings) != bool(spillover.place) or len(spillover.place) not in (0, 2):
        words = "rings need place = two covariates, the coordinates; and the other way round"
        yield ("spillover",), words
    for key in ("allies", "rivals"):
        if any(len(pair) != 2 for pair in getattr(spillover, key)):
            yield ("spillover", key), 'must be pairs of units, such as [["A", "B"], ["A", "C"]]'
    if list(spillover.rings) != sorted(set(spillover.rings)):
        yield ("spillover", "rings"), "must grow from the nearest outward"


def _alternative_faults(plan: Plan) -> Said:
    treated = {plan.unit, *(site.unit for site in plan.sites)} - {""}
    for index, alternative in enumerate(plan.alternatives):
        for name in alternative.leave_out or ():
            if name in treated:
                words = f"{name!r} is treated; only controls can be left out"
                yield ("alternatives", index, "leave_out"), words
        for key in ("units", "treated"):
            if getattr(alternative, key) == ():
                yield ("alternatives", index, key), "names no units; leave it out"
        for name in alternative.units or ():
            if name in treated:
                words = f"{name!r} is treated, and cannot be a control"
                yield ("alternatives", index, "units"), words
            elif name in (alternative.leave_out or ()):
                words = f"{name!r} is named in units too; a control is used or left out"
                yield ("alternatives", index, "leave_out"), words
        if alternative.model == "spillover" and not spillover_options(plan):
            yield ("alternatives", index, "model"), "needs the table [spillover]"
    if plan.model == "spillover" and not spillover_options(plan):
        yield ("model",), "needs the table [spillover]"


def _units(plan: Plan) -> Iterator[tuple[Key, str]]:
    if plan.unit:
        yield ("unit",), plan.unit
    for name in plan.controls.units if plan.controls is not None else ():
        yield ("controls", "units"), name
    for index, site in enumerate(plan.sites):
        yield ("sites", index, "unit"), site.unit
    for index, entry in enumerate(plan.contaminated):
        yield ("contaminated", index, "unit"), entry.unit
    for index, alternative in enumerate(plan.alternatives):
        for name in alternative.leave_out or ():
            yield ("alternatives", index, "leave_out"), name
        for name in alternative.units or ():
            yield ("alternatives", index, "units"), name
    if plan.curve is not None:
        for names in plan.curve.leave_out:
            yield from ((("curve", "leave_out"), name) for name in names)
    spillover = plan.spillover
    if spillover is not None:
        for key in ("allies", "rivals"):
            for pair in getattr(spillover, key):
                for name in pair:
                    yield ("spillover", key), name


def _treatment_faults(plan: Plan, panel: Panel) -> Said:
    name = plan.intervention.treatment
    if name is None:
        return
    path: Key = ("intervention", "treatment")
    file = panel.provenance.file
    flags = [c.name for c in panel.named("treatment") if c.type == "flag"]
    if name not in flags:
        hint = did_you_mean(name, flags) or " It has none."
        yield path, f"no treatment column {name!r} of type flag in {file}.{hint}"
        return
    values = panel.values[name]
    treated = np.flatnonzero((values == 1).any(axis=0))
    if not len(treated):
        yield path, f"{name!r} is 0 everywhere in {file}: nobody is treated"
        return
    first = panel.periods[int(treated[0])]
    try:
        planned = period.ordinal(plan.intervention.start, panel.frequency)
    except ValueError:
        return  # told with the other periods
    if planned != period.ordinal(first, panel.frequency):
        words = f"{plan.intervention.start} is not when {name!r} is first 1, {first}; write that"
        yield ("intervention", "start"), words


def _panel_faults(plan: Plan, panel: Panel, columns: list[Column]) -> Said:
    """Outcomes from which no panel can be made, alternatives too, and settings that do not fit."""
    answers: dict[int | None, list[tuple[str, Mapping[str, object]]]] = {}
    for column in columns:
        place: Key = ("outcomes", [o.column for o in plan.outcomes].index(column.name), "column")
        try:
            cohorts = planned_cohorts(plan, panel, column.name)
        except (DataError, FitError) as fault:
            yield place, str(fault)
            continue
        try:
            headline = plan.model or did.default(cohorts).name
        except FitError as fault:
            yield ("model",), str(fault)
            continue
        yield from _method_faults(("model",), ("options",), headline, plan.options, cohorts)
        yield from _barred_faults(plan, (), did.METHODS[headline], cohorts)
        answers.setdefault(None, []).append((headline, plan.options))
        for index, entry in enumerate(plan.alternatives):
            path: Key = ("alternatives", index)
            change = Change(alternative=entry)
            try:
                cohorts = planned_cohorts(plan, panel, column.name, change)
                name = method_name(plan, change, headline, cohorts)
            except (DataError, FitError) as fault:
                yield path, str(fault)
                continue
            options = change.options(plan) if entry.model or name == headline else {}
            at: Key = (*path, "model")
            yield from _method_faults(at, (*path, "options"), name, options, cohorts)
            yield from _barred_faults(plan, path, did.METHODS[name], cohorts)
            answers.setdefault(index, []).append((name, options))
    for index_of, found in answers.items():
        yield from unused_faults(plan, index_of, found)


def _method_faults(
    at: Key,
    settings: Key,
    name: str,
    options: Mapping[str, object],
    cohorts: did.Cohorts,
) -> Said:
    """Whether a method is for such a panel, and has these settings."""
    method = did.METHODS[name]
    if cohorts.kind not in method.kinds:
        fitting = ", ".join(key for key, one in did.METHODS.items() if cohorts.kind in one.kinds)
        yield at, f"{method.name!r} is not for a {cohorts.kind} outcome. Use one of {fitting}."
    for setting, value in options.items():
        try:
            method.set_to({setting: value})
        except FitError as fault:
            yield (*settings, setting), str(fault)


def _barred_faults(plan: Plan, table: Key, method: did.Method, cohorts: did.Cohorts) -> Said:
    """A panel with gaps, ends or a phase-in that the method cannot take, at the key behind it."""
    barred = method.barred(cohorts)
    if barred is None:
        return
    phased = cohorts.whole or method.unbalanced
    keys: tuple[Key, ...] = (("model",), ("window", "gaps"), ("adoption",))
    weighed = barred.key == "did.method.no-weights"
    if weighed:
        keys = (("weights",),)
    elif phased:
        keys = (("intervention", "phase_in"),)
    if table:
        own: tuple[str, ...] = ("phase_in",) if phased else ("model", "gaps", "adoption")
        own = ("weights", "model") if weighed else own
        entry = plan.alternatives[int(table[1])]
        keys = tuple((*table, key) for key in own if key in entry.model_fields_set) or (table,)
    yield next((key for key in keys if table or written(plan, key)), ("model",)), str(barred)


def crossed(plan: Plan) -> list[PlannedAlternative]:
    """Every combination of the curve, as alternatives; nothing when the plan crosses nothing."""
    curve = plan.curve
    if curve is None:
        return []
    keys = [key for key in CROSSED if getattr(curve, key)]
    if not keys:
        return []
    return [
        _alternative(dict(zip(keys, values, strict=True)))
        for values in product(*(getattr(curve, key) for key in keys))
    ]


def _alternative(values: dict[str, Any]) -> PlannedAlternative:
    """One combination as an alternative of the plan."""
    changed = dict(values)
    if "methods" in changed:
        changed["model"] = changed.pop("methods")
    if "adopters" in changed:
        changed["adoption"] = {"adopters": changed.pop("adopters")}
    label = ", ".join(f"{key} {shown(value)}" for key, value in values.items())
    return AlternativeDid.model_validate({"label": label, **changed})


def did_curve_faults(plan: Plan) -> Said:
    """What a curve crosses that is none, too much, or twice."""
    curve = plan.curve
    if curve is None:
        return
    if not any(getattr(curve, key) for key in CROSSED):
        yield ("curve",), f"crosses nothing; name choices of {', '.join(CROSSED)}"
        return
    yield from crossing_faults(curve, MOST)
    if curve.start and plan.intervention.treatment is not None:
        yield ("curve", "start"), "the treatment column says when each unit starts; leave it out"
    treated = {plan.unit, *(site.unit for site in plan.sites)} - {""}
    for names in curve.leave_out:
        for name in names:
            if name in treated:
                yield ("curve", "leave_out"), f"{name!r} is treated; only controls can be left out"
