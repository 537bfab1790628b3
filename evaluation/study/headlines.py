"""A study asked for its headlines alone: what is needed to ask it of many draws of its data."""

from __future__ import annotations

from pathlib import Path

from evaluation.data.read import read_records
from evaluation.study import run, run_did, run_people, run_records, run_survey
from evaluation.study.build import sample as planned_survey
from evaluation.study.build.series import planned_panel, planned_window
from evaluation.study.evidence import Grade, OutcomeEvidence
from evaluation.study.grade.grade import START, Design, graded_design
from evaluation.study.graded_outcome import Found
from evaluation.study.plan.data import check_against_records
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import PlanFile, check_against_data, read_plan
from evaluation.study.plan.schema import Plan

# Why the grade of a headline says nothing: it is lowered by checks, which are not made here.
UNJUDGED = "where the design starts; no check was made"


def headlines(slug: str, root: Path) -> tuple[OutcomeEvidence, ...]:
    """The headline of every planned outcome, or why it is refused, as `run` has it.

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
    plan = plan_file.plan
    with threadpool_limits(1):
        people = plan.design in ("individual", "survey")
        found = _of_records(plan_file, root) if people else _of_panel(plan_file, root)
    level = START[_design(plan)][0]
    return tuple(
        OutcomeEvidence(
            column=planned.column,
            label=one.label,
            measure=one.measure,
            better=planned.better,
            primary=planned.primary,
            worthwhile=planned.worthwhile,
            headline=one.headline,
            alternatives=(),
            checks=(),
            grade=Grade(level, level, (UNJUDGED,)),
        )
        for planned, one in zip(plan.outcomes, found, strict=True)
    )


def _design(plan: Plan) -> Design:
    if plan.design == "its":
        starts = [plan.intervention.start, *(site.start for site in plan.sites)]
        return graded_design(plan.controls is not None, starts)
    if plan.design == "did":
        return run_did.DESIGN
    return run_survey.DESIGN if plan.design == "survey" else "individual"


def _of_panel(plan_file: PlanFile, root: Path) -> tuple[Found, ...]:
    plan = plan_file.plan
    panel = planned_panel(plan, root)
    check_against_data(plan, panel, plan_file.located)
    if plan.design == "did":
        return run_did.headlines(plan, panel)
    record = plan_record(plan_file, root)
    return run.headlines(plan, panel, planned_window(plan, panel), record)


def _of_records(plan_file: PlanFile, root: Path) -> tuple[Found, ...]:
    plan = plan_file.plan
    records = read_records(root / plan.data, root)
    check_against_records(plan, records, plan_file.located, root)
    record = plan_record(plan_file, root)
    if plan.design == "individual":
        events = run_records.planned_events(plan_file, root)
        return run_people.headlines(plan, records, events, record)
    sample, raked = planned_survey.planned_sample(plan, records, root)
    return run_survey.headlines(plan, records, sample, raked, record)
