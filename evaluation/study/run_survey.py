"""A survey of residents as a design: areas with the program beside others, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from evaluation import survey
from evaluation.data.project import Disclosure, read_project
from evaluation.data.records import Records
from evaluation.effect import Check, Effect, Told
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.study.build.sample import (
    label_of,
    planned_sample,
    planned_scale,
    treated_words,
    waves,
)
from evaluation.study.design import (
    Answered,
    Ask,
    Case,
    Design,
    Looked,
    Progress,
    Study,
    asked_by_name,
    named,
)
from evaluation.study.evidence import ABOUT, BARRED, DataRecord
from evaluation.study.families import over_all_outcomes
from evaluation.study.grade.rules import Start
from evaluation.study.outcome_kinds import SUBGROUPS
from evaluation.study.plan.phrases import plain
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.power import answers as power_answers
from evaluation.study.power.power_evidence import PowerEvidence
from evaluation.study.power.sides import power_of_sides
from evaluation.study.release.sides import TwoSides
from evaluation.study.rows import described, read_rows
from evaluation.survey.raking import Raked
from evaluation.survey.scales import Scale, score
from evaluation.survey.subgroups import AREA


@dataclass(frozen=True, slots=True)
class Answers:
    """A table of answers, the sample that a plan compares, and what raking did to it."""

    records: Records
    sample: survey.Sample
    raked: Raked | None


def _read(plan_file: PlanFile, root: Path) -> Answers:
    records = read_rows(plan_file, root)
    return Answers(records, *planned_sample(plan_file.plan, records, root))


def _described(plan: Plan, data: Answers) -> DataRecord:
    names = waves(data.records)
    return described(data.records, treated_words(data.sample), "wave", (names[0], names[-1]))


def _cases(study: Study) -> Iterator[tuple[PlannedOutcome, Case]]:
    for planned in study.plan.outcomes:
        scale = planned_scale(study.data.records, planned.column, planned)
        yield planned, _OfAnswers(study.plan, study.data, planned, scale, study.rule)


@dataclass(frozen=True)
class _OfAnswers:
    """One planned scale."""

    plan: Plan
    data: Answers
    planned: PlannedOutcome
    scale: Scale
    rule: Disclosure
    start: Start = "compared survey"

    @property
    def label(self) -> str:
        return label_of(self.data.records, self.planned.column)[0]

    @property
    def measure(self) -> str:
        if self.scale.at_least is not None:
            return str(fact("study.run-survey.share", at_least=self.scale.at_least))
        return label_of(self.data.records, self.planned.column)[1]

    @property
    def last_period(self) -> str:
        return self.data.sample.waves[-1]

    @cached_property
    def _method(self) -> survey.Method:
        plan, sample = self.plan, self.data.sample
        chosen = survey.default(sample) if plan.model is None else survey.METHODS[plan.model]
        return chosen.set_to(plan.options)

    def headline(self) -> Ask:
        return replace(self._ask(self._method), why=(self._reason(),))

    def _reason(self) -> Told:
        suits = survey.default(self.data.sample)
        if self._method.name == suits.name:
            return survey.why(self.data.sample)
        return fact("study.run.plan-names", method=self._method.name, default=suits.name)

    def alternatives(self) -> Iterator[Ask]:
        for entry in self.plan.alternatives:
            yield self._ask(self._planned_method(entry), entry.label, entry.assumes)
        asked = asked_by_name(self.plan)
        for beside in survey.always_beside(self.data.sample, self.scale, self._method.name):
            if beside.name not in asked:
                yield self._ask(beside, planned=False)

    def _planned_method(self, entry: PlannedAlternative) -> survey.Method:
        method = self._method
        if entry.model is not None or entry.options is not None:
            chosen = survey.METHODS[entry.model or method.name]
            method = chosen.set_to(self.plan.alternative_options(entry))
        if entry.covariates is not None:
            method = method.set_to({"covariates": entry.covariates})
        return method

    def _ask(
        self,
        method: survey.Method,
        label: str = "",
        assumes: str | None = None,
        *,
        planned: bool = True,
    ) -> Ask:
        return Ask(named(method, label, assumes, planned=planned), partial(self._fit, method))

    def _fit(self, method: survey.Method) -> Effect:
        reason = few(self.data.sample, self.scale, self.rule.fewest)
        if reason is not None:
            raise FitError(fact(BARRED, why=reason))
        return method.fit(_of_fit(self.data.sample, method), self.scale)

    def checks(self, headline: Answered, step: Progress) -> Looked:
        plan, sample = self.plan, self.data.sample
        found: tuple[Check, ...] = (_compared(sample, self.scale, self.rule.fewest),)
        effect = headline.shown.effect
        if effect is not None:
            step("checks")
            placebos = [planned_scale(self.data.records, one.column) for one in plan.unaffected]
            placebos = [one for one in placebos if few(sample, one, self.rule.fewest) is None]
            found += survey.run_checks(sample, self.scale, self._method, effect, placebos=placebos)
            found += tuple(_subgroups(sample, self.scale, trait) for trait in plan.subgroups)
            if self.data.raked is not None:
                found += (_raking(self.data.raked),)
        return Looked(tuple(map(_finite, found)))


def few(sample: survey.Sample, scale: Scale, fewest: int = Disclosure().fewest) -> Told | None:
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
                return fact("study.run-survey.few", few=fact("release.fewer", fewest=fewest))
    return None


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


def _compared(sample: survey.Sample, scale: Scale, fewest: int) -> Check:
    """Who was asked where and when, and the weighted means of the scale, if they are not few."""
    values, told = score(sample, scale), few(sample, scale, fewest) is None
    rows: list[dict[str, Any]] = []
    for flag, group in ((True, "with the program"), (False, "without it")):
        for number, wave in enumerate(sample.waves):
            here = (sample.treated == flag) & (sample.wave == number)
            row: dict[str, Any] = {"who": group, "wave": wave, "people": int(here.sum())}
            if told:
                answered = here & np.isfinite(values)
                row["mean"] = float(np.average(values[answered], weights=sample.weight[answered]))
            rows.append(row)
    says = fact("study.run-survey.compared", waves=sample.waves)
    return Check("who-is-compared", None, says, tuple(rows), ("people",))


def _subgroups(sample: survey.Sample, scale: Scale, trait: str) -> Check:
    """The effect by a trait, with p-values that hold over its levels; a row a level."""
    name = f"{SUBGROUPS}-{trait}"
    by = Fact("study.run-survey.neighborhood") if trait == AREA else plain(trait)
    question = str(fact("study.run-survey.subgroups", by=by))
    try:
        family = survey.by_subgroup(sample, scale, trait)
    except (FitError, DataError) as fault:
        return Check(name, None, fact("study.run.not-possible", why=fault), asked=question)
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
    clear = tuple(member.name for member in family.members if member.adjusted < 0.05)
    key = "study.run-survey.clear" if clear else "study.run-survey.none-clear"
    says = [fact(key, groups=len(rows), clear=clear)]
    if family.differ is not None:
        says.append(fact("study.run-survey.differ", p=family.differ))
    if family.left_out:
        gone = tuple(
            fact("study.run-survey.gone", name=name, why=why)
            for name, why in family.left_out.items()
        )
        says.append(fact("study.run-survey.left-out", gone=gone))
    return Check(name, None, fact("study.run.sentences", says=says), tuple(rows), asked=question)


def _raking(raked: Raked) -> Check:
    """What raking did to the weights; informs."""
    says = fact(
        "study.run-survey.raking",
        low=raked.ratio_low,
        high=raked.ratio_high,
        after=raked.effective_after,
        before=raked.effective_before,
    )
    return Check("raking", None, says)


def _finite(check: Check) -> Check:
    """The check with words for numbers that are not there, which results cannot hold."""

    def told(value: Any) -> Any:
        if isinstance(value, float) and not np.isfinite(value):
            return str(Fact("study.run-survey.no-number"))
        return value

    rows: tuple[Mapping[str, Any], ...] = tuple(
        {key: told(value) for key, value in row.items()} for row in check.table
    )
    return replace(check, table=rows)


def _could_find(
    plan_file: PlanFile,
    root: Path,
    draws: int | None,
    effects: Sequence[float],
    progress: Callable[[str, int, int], None],
) -> PowerEvidence:
    """What a survey could find."""
    plan, data = plan_file.plan, _read(plan_file, root)
    rule, sample = read_project(root).disclosure, data.sample
    sides = (int(sample.treated.sum()), int((~sample.treated).sum()))
    told, tasks = TwoSides(plan_file.slug, sides, rule), []
    for planned in plan.outcomes:
        scale = planned_scale(data.records, planned.column, planned)
        case = _OfAnswers(plan, data, planned, scale, rule)
        asked = power_answers.Asked(
            planned,
            case.label,
            case.measure,
            scale,
            case._method.name,
            case._method.label,
            partial(_asked_of, case),
        )
        tasks.append(power_answers.ready(sample, asked, told, draws, effects))
    names = waves(data.records)
    unit, span = str(told.words(treated_words(sample))), (names[0], names[-1])
    return power_of_sides(plan_file, tasks, data.records.provenance, unit, span, progress)


def _asked_of(case: _OfAnswers, sample: survey.Sample, scale: Scale) -> Effect:
    """The planned headline of other answers."""
    made = replace(case, data=replace(case.data, sample=sample), scale=scale)
    return made._fit(case._method)


SURVEY = Design(
    ABOUT["survey"],
    survey.METHODS,
    _read,
    _described,
    _cases,
    finish=over_all_outcomes,
    of_people=True,
    could_find=_could_find,
)
