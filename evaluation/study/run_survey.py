"""What a plan for a survey finds about each scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation import survey
from evaluation.data.project import Disclosure
from evaluation.data.records import Records
from evaluation.effect import Check, Told
from evaluation.errors import DataError, FitError
from evaluation.study.build.sample import label_of, planned_scale
from evaluation.study.evidence import NOT_VALID, Alternative, OutcomeEvidence, PlanRecord
from evaluation.study.grade.grade import Design
from evaluation.study.graded_outcome import Found, judged
from evaluation.study.plan.phrases import plain
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.survey.raking import Raked
from evaluation.survey.scales import Scale, score
from evaluation.survey.subgroups import AREA

Progress = Callable[[str], None]
RULE = Disclosure()
DESIGN: Design = "compared survey"


@dataclass(frozen=True, slots=True)
class _Study:
    """What every outcome of one study shares."""

    plan: Plan
    records: Records
    sample: survey.Sample
    raked: Raked | None
    record: PlanRecord
    progress: Progress
    rule: Disclosure


def outcomes(
    plan: Plan,
    records: Records,
    sample: survey.Sample,
    raked: Raked | None,
    record: PlanRecord,
    progress: Progress,
    rule: Disclosure = RULE,
) -> tuple[OutcomeEvidence, ...]:
    """The evidence about every planned scale, in the order of the plan.

    Parameters
    ----------
    sample, raked : from `planned_sample`.
    """
    study = _Study(plan, records, sample, raked, record, progress, rule)
    return tuple(_outcome(study, planned) for planned in plan.outcomes)


def headlines(
    plan: Plan, records: Records, sample: survey.Sample, raked: Raked | None, record: PlanRecord
) -> tuple[Found, ...]:
    """The headline of every planned scale, past its gate; no alternative and no check."""
    study = _Study(plan, records, sample, raked, record, lambda step: None, RULE)
    chosen = survey.default(sample) if plan.model is None else survey.METHODS[plan.model]
    method = chosen.set_to(plan.options)
    found = []
    for planned in plan.outcomes:
        label, measure = label_of(records, planned.column)
        scale = planned_scale(records, planned.column, planned)
        headline = _fitted(study, scale, method, method.label, True, method.assumes)
        found.append(Found(label, measure, headline, (), ()))
    return tuple(found)


def few(sample: survey.Sample, scale: Scale, fewest: int = RULE.fewest) -> str | None:
    """Why an effect rests on too few respondents to be told, or None.

    Each group needs 10 respondents with a score in each wave, and of a share 10 on either side of
    the cut.
    """
    values = score(sample, scale)
    for flag in (True, False):
        for number in range(len(sample.waves)):
            cell = values[(sample.treated == flag) & (sample.wave == number)]
            cell = cell[np.isfinite(cell)]
            counts = [len(cell)]
            if scale.kind == "share":
                counts += [int((cell == 1).sum()), int((cell == 0).sum())]
            if min(counts) < fewest:
                words = f"fewer than {fewest} respondents in a group and wave, too few to be told"
                return f"{NOT_VALID}: {words}"
    return None


def _outcome(study: _Study, planned: PlannedOutcome) -> OutcomeEvidence:
    plan, sample = study.plan, study.sample
    label, measure = label_of(study.records, planned.column)
    scale = planned_scale(study.records, planned.column, planned)
    if scale.at_least is not None:
        measure = f"share of residents with {scale.at_least:g} or more"
    study.progress(f"{label}: headline")
    chosen = survey.default(sample) if plan.model is None else survey.METHODS[plan.model]
    method = chosen.set_to(plan.options)
    headline = _fitted(study, scale, method, method.label, True, method.assumes)
    if headline.effect is not None:
        notes = (_reason(study, method), *headline.effect.notes)
        headline = replace(headline, effect=replace(headline.effect, notes=notes))
    alternatives = _alternatives(study, label, scale, method)
    checks: tuple[Check, ...] = (_compared(study, scale),)
    if headline.effect is not None:
        study.progress(f"{label}: checks")
        placebos = [planned_scale(study.records, one.column) for one in plan.unaffected]
        placebos = [one for one in placebos if few(sample, one, study.rule.fewest) is None]
        checks += survey.run_checks(sample, scale, method, headline.effect, placebos=placebos)
        checks += tuple(_subgroups(study, scale, trait) for trait in plan.subgroups)
        if study.raked is not None:
            checks += (_raking(study.raked),)
    checks = tuple(_finite(check) for check in checks)
    found = Found(label, measure, headline, alternatives, checks)
    return judged(DESIGN, study.record, planned, found, sample.waves[-1])


def _reason(study: _Study, method: survey.Method) -> Told:
    suits = survey.default(study.sample)
    if method.name == suits.name:
        return survey.why(study.sample)
    return f"the plan names {method.name}; without it {suits.name} would be used"


def _alternatives(
    study: _Study, label: str, scale: Scale, headline: survey.Method
) -> tuple[Alternative, ...]:
    """The planned alternatives, then those that are always printed; without their paths."""
    found = []
    for entry in study.plan.alternatives:
        study.progress(f"{label}: {entry.label}")
        method = _planned_method(study.plan, entry, headline)
        assumes = entry.assumes or method.assumes
        found.append(_fitted(study, scale, method, entry.label, True, assumes))
    asked = {
        entry.model
        for entry in study.plan.alternatives
        if entry.model_fields_set <= {"label", "model", "assumes"}
    }
    for beside in survey.always_beside(study.sample, scale, headline.name):
        if beside.name not in asked:
            study.progress(f"{label}: {beside.label}")
            found.append(_fitted(study, scale, beside, beside.label, False, beside.assumes))
    return tuple(
        entry if entry.effect is None else replace(entry, effect=replace(entry.effect, path=()))
        for entry in found
    )


def _planned_method(
    plan: Plan, entry: PlannedAlternative, headline: survey.Method
) -> survey.Method:
    method = headline
    if entry.model is not None or entry.options is not None:
        chosen = survey.METHODS[entry.model or headline.name]
        method = chosen.set_to(plan.alternative_options(entry))
    if entry.covariates is not None:
        method = method.set_to({"covariates": entry.covariates})
    return method


def _fitted(
    study: _Study,
    scale: Scale,
    method: survey.Method,
    label: str,
    planned: bool,
    assumes: str,
) -> Alternative:
    entry = Alternative(label, method.name, planned, assumes, method.coverage, None)
    reason = few(study.sample, scale, study.rule.fewest)
    if reason is not None:
        return replace(entry, reason=reason)
    try:
        effect = method.fit(_of_fit(study.sample, method), scale)
    except (FitError, DataError) as fault:
        return replace(entry, reason=str(fault))
    if effect.objection is not None:
        reason = f"{NOT_VALID}: {effect.objection}"
        return replace(entry, reason=reason)
    return replace(entry, effect=effect)


def _of_fit(sample: survey.Sample, method: survey.Method) -> survey.Sample:
    """The sample with the traits that the method adjusts for, and neighborhoods where it compares
    these: the others are told with the checks and subgroups."""
    named = method.adjusts_for
    kept = {name: values for name, values in sample.traits.items() if name in named}
    by_area = method.name == "neighborhood-means"
    return replace(
        sample,
        traits=kept,
        area=sample.area if by_area else None,
        areas=sample.areas if by_area else (),
    )


def _compared(study: _Study, scale: Scale) -> Check:
    """Who was asked where and when, and the weighted means of the scale, if they are not few."""
    sample, values = study.sample, score(study.sample, scale)
    told = few(sample, scale, study.rule.fewest) is None
    rows: list[dict[str, Any]] = []
    for flag, group in ((True, "with the program"), (False, "without it")):
        for number, wave in enumerate(sample.waves):
            here = (sample.treated == flag) & (sample.wave == number)
            row: dict[str, Any] = {"who": group, "wave": wave, "people": int(here.sum())}
            if told:
                answered = here & np.isfinite(values)
                row["mean"] = float(np.average(values[answered], weights=sample.weight[answered]))
            rows.append(row)
    return Check(
        "who-is-compared",
        "Who is compared with whom?",
        None,
        f"Residents of areas with the program beside others, in waves {', '.join(sample.waves)}.",
        tuple(rows),
    )


def _subgroups(study: _Study, scale: Scale, trait: str) -> Check:
    """The effect by a trait, with p-values that hold over its levels; a row a level."""
    name = f"subgroups-{trait}"
    question = f"Does the effect differ by {'neighborhood' if trait == AREA else plain(trait)}?"
    try:
        family = survey.by_subgroup(study.sample, scale, trait)
    except (FitError, DataError) as fault:
        says = f"Not possible: {fault}"
        return Check(name, question, None, says)
    rows = [
        {
            "group": member.name,
            "estimate": member.estimate,
            "low": member.low,
            "high": member.high,
            "p_value": member.p_value,
            "p over all groups": member.adjusted,
        }
        for member in family.members
    ]
    clear = [member.name for member in family.members if member.adjusted < 0.05]
    says = (
        f"Clear over all {len(rows)} groups together: {', '.join(clear)}."
        if clear
        else f"In none of {len(rows)} groups is it clear over all of them together."
    )
    if family.differ is not None:
        says += f" That it is the same in all has p {family.differ:.2g}."
    if family.left_out:
        gone = "; ".join(f"{name}: {why}" for name, why in family.left_out.items())
        says += f" Left out: {gone}."
    return Check(name, question, None, says, tuple(rows))


def _raking(raked: Raked) -> Check:
    """What raking did to the weights; informs."""
    return Check(
        "raking",
        "What did making the weights agree with the residents do?",
        None,
        f"Weights changed by factors from {raked.ratio_low:.2f} to {raked.ratio_high:.2f}; all "
        f"respondents tell as much as {raked.effective_after:,.0f} equally weighted ones, and "
        f"{raked.effective_before:,.0f} before.",
    )


def _finite(check: Check) -> Check:
    """The check with words for numbers that are not there, which results cannot hold."""

    def told(value: Any) -> Any:
        if isinstance(value, float) and not np.isfinite(value):
            return "not possible"
        return value

    rows: tuple[Mapping[str, Any], ...] = tuple(
        {key: told(value) for key, value in row.items()} for row in check.table
    )
    return replace(check, table=rows)
