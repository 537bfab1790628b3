"""A plan becomes evidence: the one loop in which data, design, methods and checks meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from evaluation.data.project import read_project
from evaluation.its.solved import fits_kept
from evaluation.study.build.named_tables import planned_delivery
from evaluation.study.design import Answered, Case, Design, Looked, Progress, Study
from evaluation.study.designs import DESIGNS
from evaluation.study.evidence import Alternative, Evidence, Grade, OutcomeEvidence, find_root
from evaluation.study.families import families, retold
from evaluation.study.grade.grade import START
from evaluation.study.graded_outcome import answered, concluded, judged, once
from evaluation.study.plan.read import PlanFile, read_plan
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.release.release import released

# Why the grade of a headline says nothing: it is lowered by checks, which are not made here.
UNJUDGED = "where the design starts; no check was made"
Read = Callable[[str, Path], PlanFile]


def run(
    slug: str,
    root: Path | None = None,
    *,
    progress: Progress = lambda step: None,
    designs: Mapping[str, Design] = DESIGNS,
    read: Read = read_plan,
) -> Evidence:
    """What one analysis finds, from its plan and data alone.

    An outcome that cannot be estimated is there with the reason and the grade "very low".

    Parameters
    ----------
    slug : folder under `analyses/`. root : the project folder; None looks upward.
    progress : called with the name of each step before it starts. designs : those that a plan may
        name. read : reads the plan.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data, all at once, before anything is fitted.
    DataError : for results in which numbers of few people could be worked out; none is written.
    """
    from threadpoolctl import threadpool_limits

    folder = find_root() if root is None else root
    plan_file = read(slug, folder)
    plan = plan_file.plan
    design = designs[plan.design]
    # One thread: the same bytes on any number of cores, and faster for fits this small.
    with threadpool_limits(1), fits_kept():
        data = design.read(plan_file, folder)
        delivery = planned_delivery(plan_file.plan, plan_file.located, folder)
        record = design.record(plan_file, folder, data)
        rule = read_project(folder).disclosure
        study = Study(plan, data, record, progress, rule)
        described = design.described(plan, data)
        found = [(planned, case, _found(study, case)) for planned, case in design.cases(study)]
        together = families(plan, {one.column: made.headline.effect for one, _, made in found})
        outcomes = tuple(
            judged(record, one, case, *made, together.get(one.column)) for one, case, made in found
        )
    evidence = concluded(plan_file, record, described, outcomes, delivery, folder)
    told = released(evidence, rule, of_people=design.of_people)
    # Of the p-values as they are told: from exact ones beside it an estimate could be worked out.
    return replace(told, outcomes=design.finish(retold(plan, told.outcomes)))


def headlines(
    slug: str, root: Path, *, designs: Mapping[str, Design] = DESIGNS
) -> tuple[OutcomeEvidence, ...]:
    """The headline of every planned outcome, or why it is refused, as `run` finds it before its
    release: what is needed to ask a study of many draws of its data.

    Plan, data, design, method and objections are those of a run. What a run adds is left out: the
    alternatives, the checks, and so the grade, which stands where the design starts.

    Parameters
    ----------
    slug : folder under `analyses/`. root : the project folder.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data, before anything is fitted.
    """
    from threadpoolctl import threadpool_limits

    plan_file = read_plan(slug, root)
    design = designs[plan_file.plan.design]
    with threadpool_limits(1), fits_kept():
        data = design.read(plan_file, root)
        record = design.record(plan_file, root, data)
        study = Study(plan_file.plan, data, record, lambda step: None)
        return tuple(_unjudged(planned, case) for planned, case in design.cases(study))


def _unjudged(planned: PlannedOutcome, case: Case) -> OutcomeEvidence:
    level = START[case.start][0]
    return OutcomeEvidence(
        column=planned.column,
        label=case.label,
        measure=case.measure,
        better=planned.better,
        primary=planned.primary,
        worthwhile=planned.worthwhile,
        headline=answered(case.headline()).shown,
        alternatives=(),
        checks=(),
        grade=Grade(level, level, (UNJUDGED,)),
    )


class _Found(NamedTuple):
    """What was found of one outcome, before it is judged."""

    headline: Alternative
    alternatives: tuple[Alternative, ...]
    looked: Looked


def _found(study: Study, case: Case) -> _Found:
    def step(name: str) -> None:
        study.progress(f"{case.label}: {name}")

    step("headline")
    headline = answered(case.headline())
    others = []
    for ask in case.alternatives():
        step(ask.entry.label)
        others.append(_short(answered(ask)))
    looked = case.checks(headline, step)
    return _Found(headline.shown, once(headline.shown, others), looked)


def _short(found: Answered) -> Alternative:
    """An alternative without its path and effects by event time: no table or figure shows them, and
    they would be most of the results file."""
    effect = found.shown.effect
    if effect is None:
        return found.shown
    return replace(found.shown, effect=replace(effect, path=(), dynamic=()))
