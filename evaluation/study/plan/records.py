"""Faults of a plan for people or for a survey, and of keys that belong to other designs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evaluation import survey
from evaluation.data.records import Records
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import DataError, Fault, FitError
from evaluation.individual import methods as people_methods
from evaluation.study.build.change import known_at_entry
from evaluation.study.build.people import (
    NO_CALENDAR,
    OUTCOMES,
    TREATING,
    first_month,
    kind_of,
    planned_people,
)
from evaluation.study.build.sample import (
    first_after,
    in_step,
    names,
    planned_sample,
    planned_scale,
    waves,
)
from evaluation.study.plan.its import Key, Said, unaffected_faults
from evaluation.study.plan.phrases import listed
from evaluation.study.plan.schema import Plan
from evaluation.survey.scales import score


def people_faults(plan: Plan, located: Located) -> list[Fault]:
    """What does not fit together in a plan for people, each at its key."""
    return [located.fault(path, message) for path, message in unaffected_faults(plan)]


def people_data_faults(plan: Plan, records: Records) -> Said:
    """What of the plan is not in the table of people, or cannot be answered by it."""
    told = [
        *_kind_faults(records, "people"),
        *_column_faults(plan, records),
        *_treatment_faults(plan, records),
        *_covariate_faults(plan, records),
    ]
    if told:
        yield from told
        return
    yield from _start_faults(plan, records)
    yield from _method_faults(plan, records)
    try:
        planned_people(plan, records)
    except DataError as fault:
        yield ("data",), f"{records.provenance.file}: {fault}"


def _kind_faults(records: Records, kind: str) -> Said:
    if records.kind != kind:
        words = f"is a table of {records.kind}; this design needs one of {kind}"
        yield ("data",), f"{records.provenance.file} {words}"


def _column_faults(plan: Plan, records: Records) -> Said:
    file = records.provenance.file
    known = [column.name for role in OUTCOMES for column in records.named(role)]
    places: list[tuple[Key, str]] = [
        (("outcomes", index, "column"), outcome.column)
        for index, outcome in enumerate(plan.outcomes)
    ]
    places += [
        (("unaffected", index, "column"), entry.column)
        for index, entry in enumerate(plan.unaffected)
    ]
    for path, name in places:
        if name not in known:
            yield path, f"no outcome {name!r} in {file}.{did_you_mean(name, known)}"
    for index, outcome in enumerate(plan.outcomes):
        column = next((one for one in records.columns if one.name == outcome.column), None)
        if column is not None and outcome.horizon is not None and kind_of(column) != "time":
            words = f"is for a time to an event, and {outcome.column!r} is none; leave it out"
            yield ("outcomes", index, "horizon"), words


def _treatment_faults(plan: Plan, records: Records) -> Said:
    name = plan.intervention.treatment
    if name is None:
        return
    known = [column.name for role in TREATING for column in records.named(role)]
    if name not in known:
        words = f"no column {name!r} that can say who is treated in {records.provenance.file}."
        yield ("intervention", "treatment"), words + did_you_mean(name, known)


def _covariate_faults(plan: Plan, records: Records) -> Said:
    known = known_at_entry(records)
    for path, named in _covariates(plan):
        for name in named:
            if name not in known:
                hint = did_you_mean(name, known) or " It has none."
                yield path, f"no covariate {name!r} in {records.provenance.file}.{hint}"


def _covariates(plan: Plan) -> Iterator[tuple[Key, tuple[str, ...]]]:
    yield ("specification", "covariates"), plan.terms.covariates
    for index, alternative in enumerate(plan.alternatives):
        yield ("alternatives", index, "covariates"), alternative.covariates or ()


def _start_faults(plan: Plan, records: Records) -> Said:
    first = first_month(plan, records)
    if plan.intervention.start != first:
        words = f"is not when the first treated person entered, {first}; write that"
        yield ("intervention", "start"), f"{plan.intervention.start} {words}"


def _method_faults(plan: Plan, records: Records) -> Said:
    for outcome in plan.outcomes:
        kind = kind_of(records.column(outcome.column))
        tried: list[tuple[Key, Key, str | None, object]] = [
            (("model",), ("options",), plan.model, plan.options)
        ]
        tried += [
            (
                ("alternatives", index, "model"),
                ("alternatives", index, "options"),
                one.model or plan.model,
                plan.alternative_options(one),
            )
            for index, one in enumerate(plan.alternatives)
        ]
        for at, settings, name, options in tried:
            method = people_methods.chosen(name, kind)
            # Alternatives for one kind of outcome are not possible for another, which the table of
            # alternatives says; a headline has to suit them all.
            if at == ("model",) and kind not in people_methods.METHODS[method].kinds:
                words = f"{method!r} is not for {outcome.column}, a {kind}. Leave it out"
                yield at, f"{words}, and each outcome has the default for its kind"
                continue
            if method == people_methods.NOT_YET_CALLED and not records.dated:
                yield at, f"{NO_CALENDAR}; name another model"
            known = people_methods.METHODS[method].options
            for setting in options if isinstance(options, dict) else ():
                if setting not in known:
                    hint = did_you_mean(setting, known) or f" It has {', '.join(known) or 'none'}."
                    yield (*settings, setting), f"is no setting of {method}.{hint}"
    yield from _unfit(plan, records)
    yield from _unused(plan, records)


def _unused(plan: Plan, records: Records) -> Said:
    """What is written and nothing would use."""
    kinds = [kind_of(records.column(outcome.column)) for outcome in plan.outcomes]
    stepped = people_methods.NOT_YET_CALLED
    heads = {people_methods.chosen(plan.model, kind) for kind in kinds}
    if heads == {stepped} and "estimand" in plan.model_fields_set:
        yield ("estimand",), f"is not for {stepped}, which compares those called; leave it out"
    named = set(heads)
    for index, one in enumerate(plan.alternatives):
        methods = {people_methods.chosen(one.model or plan.model, kind) for kind in kinds}
        named |= methods
        if one.trim is not None and not any(
            "trim" in people_methods.METHODS[method].options for method in methods
        ):
            words = f"is not for {listed(sorted(methods))}, which leaves nobody out; leave it out"
            yield ("alternatives", index, "trim"), words
        if one.horizon is not None and "time" not in kinds:
            words = "is for a time to an event, and no outcome is one; leave it out"
            yield ("alternatives", index, "horizon"), words
        if one.estimand is not None and methods == {stepped}:
            words = f"is not for {stepped}, which compares those called; leave it out"
            yield ("alternatives", index, "estimand"), words
    if plan.event_data is not None and not named & {"andersen-gill", stepped}:
        words = f"is for andersen-gill or {stepped}, and the plan names neither; leave it out"
        yield ("event_data",), words


def _unfit(plan: Plan, records: Records) -> Said:
    """Values of settings that a method cannot take."""
    for index, one in enumerate(plan.alternatives):
        for outcome in plan.outcomes:
            kind = kind_of(records.column(outcome.column))
            method = people_methods.METHODS[people_methods.chosen(one.model or plan.model, kind)]
            options = plan.alternative_options(one)
            if set(options) - set(method.options):
                continue
            try:
                method.set_to(options)
            except FitError as fault:
                yield ("alternatives", index, "options"), str(fault)
                break
    for outcome in plan.outcomes:
        kind = kind_of(records.column(outcome.column))
        method = people_methods.METHODS[people_methods.chosen(plan.model, kind)]
        if set(plan.options) - set(method.options):
            continue
        try:
            method.set_to(plan.options)
        except FitError as fault:
            yield ("options",), str(fault)
            break


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
    told = [*_name_faults(plan, records), *_wave_faults(plan, records)]
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
    yield from _scale_method_faults(plan, sample)


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


def _wave_faults(plan: Plan, records: Records) -> Said:
    path: Key = ("intervention", "start")
    known = waves(records)
    if not in_step(plan, records):
        yield path, f"{plan.intervention.start!r} must be written as the waves are: {known[0]}"
        return
    after = first_after(plan, records)
    if after is None or after == known[0]:
        words = f"needs a wave before it and one from it on; the waves are {', '.join(known)}"
        yield path, words


def _scale_method_faults(plan: Plan, sample: survey.Sample) -> Said:
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
