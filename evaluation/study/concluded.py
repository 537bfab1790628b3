"""The evidence of one study, put together at the end of a run."""

from __future__ import annotations

from pathlib import Path

from evaluation.data.delivery import Delivery
from evaluation.study.evidence import DataRecord, Evidence, OutcomeEvidence, PlanRecord
from evaluation.study.grade_lowered import lowered
from evaluation.study.plan import PlanFile
from evaluation.study.planned_published import planned_published


def concluded(
    plan_file: PlanFile,
    record: PlanRecord,
    data: DataRecord,
    outcomes: tuple[OutcomeEvidence, ...],
    delivery: Delivery | None,
    root: Path,
) -> Evidence:
    """What was found, under the words of the plan, with the grades that the plan lowers and the
    published results that it sets beside.

    Raises
    ------
    PlanError : where the plan would raise a grade.
    """
    plan = plan_file.plan
    evidence = Evidence(
        slug=plan_file.slug,
        title=plan.title,
        question=plan.question,
        goal=plan.goal,
        intervention=plan.intervention.name,
        start=plan.intervention.start,
        plan=record,
        data=data,
        outcomes=outcomes,
        delivery=delivery,
        published=planned_published(plan, plan_file.located, root),
    )
    return lowered(evidence, plan_file)
