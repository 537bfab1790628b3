"""Faults of a plan for a survey."""

from __future__ import annotations

from pathlib import Path

from evaluation import survey
from evaluation.data.records import Records
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import DataError, Fault, FitError
from evaluation.study.build.sample import (
    first_after,
    in_step,
    names,
    planned_sample,
    planned_scale,
    waves,
)
from evaluation.study.plan.its import Key, Said, unaffected_faults
from evaluation.study.plan.schema import Plan
from evaluation.survey.scales import score


def survey_faults(plan: Plan, located: Located) -> list[Fault]:
    """What does not fit together in a plan for a survey, each at its key."""
    said = list(unaffected_faults(plan))
    if plan.terms.covariates:
        words = "covariates of a survey are settings of a method; write options.covariates"
        said.append((("specification", "covariates"), words))
    return [located.fault(path, message) for path, message in said]


def survey_data_faults(plan: Plan, records: Records, root: Path) -> Said:
    """What of the plan is not in the table of answers, or cannot be answered by it."""
    file = records.provenance.file
    if records.kind != "survey":
        yield ("data",), f"{file} is a table of {records.kind}; this design needs one of survey"
        return
    told = [*_name_faults(plan, records), *_start_faults(plan, records)]
    if told:
        yield from told
        return
    try:
        sample, _ = planned_sample(plan, records, root)
    except (DataError, FitError) as fault:
        yield (("rake",) if plan.rake is not None else ("data",)), f"{file}: {fault}"
        return
    for index, outcome in enumerate(plan.outcomes):
        try:
            score(sample, planned_scale(records, outcome.column, outcome))
        except DataError as fault:
            yield ("outcomes", index, "column"), str(fault)
    yield from _method_faults(plan, sample)


def _name_faults(plan: Plan, records: Records) -> Said:
    file, known = records.provenance.file, names(records)
    places: list[tuple[Key, str]] = [
        (("outcomes", index, "column"), one.column) for index, one in enumerate(plan.outcomes)
    ]
    places += [
        (("unaffected", index, "column"), one.column) for index, one in enumerate(plan.unaffected)
    ]
    for path, name in places:
        if name not in known:
            yield path, f"no scale or item {name!r} in {file}.{did_you_mean(name, known)}"
    traits = [one.name for role in ("trait", "covariate") for one in records.named(role)]
    asked: list[tuple[Key, str]] = [(("subgroups",), name) for name in plan.subgroups]
    for index, alternative in enumerate(plan.alternatives):
        asked += [
            (("alternatives", index, "covariates"), name) for name in alternative.covariates or ()
        ]
    for path, name in asked:
        if name not in traits and not (path == ("subgroups",) and name == "area"):
            yield path, f"no trait {name!r} in {file}.{did_you_mean(name, traits)}"


def _start_faults(plan: Plan, records: Records) -> Said:
    path: Key = ("intervention", "start")
    known = waves(records)
    if not in_step(plan, records):
        yield path, f"{plan.intervention.start!r} must be written as the waves are: {known[0]}"
        return
    after = first_after(plan, records)
    if after is None or after == known[0]:
        words = f"needs a wave before it and one from it on; the waves are {', '.join(known)}"
        yield path, words


def _method_faults(plan: Plan, sample: survey.Sample) -> Said:
    head = plan.model or survey.default(sample).name
    tried: list[tuple[Key, str, dict[str, object]]] = [(("options",), head, dict(plan.options))]
    tried += [
        (("alternatives", index, "options"), one.model or head, dict(one.options))
        for index, one in enumerate(plan.alternatives)
        if one.options is not None
    ]
    for path, name, options in tried:
        for setting, value in options.items():
            try:
                survey.METHODS[name].set_to({setting: value})
            except FitError as fault:
                yield (*path, setting), str(fault)
    for index, one in enumerate(plan.alternatives):
        name = one.model or head
        if one.covariates is not None and "covariates" not in survey.METHODS[name].options:
            yield ("alternatives", index, "covariates"), f"{name} has no covariates; leave it out"
