"""The grades after the evaluator's own judgment, which may lower one and never raise it."""

from __future__ import annotations

from dataclasses import replace

from evaluation.study.evidence import Evidence, Grade, OutcomeEvidence
from evaluation.study.grade import LADDER
from evaluation.study.plan import PlanFile
from evaluation.study.plan_data import raise_any
from evaluation.study.planned_told import PlannedLower


def lowered(evidence: Evidence, plan_file: PlanFile) -> Evidence:
    """The evidence with every grade that the plan lowers lowered, and the written reason added.

    Parameters
    ----------
    evidence : as the rules grade it. plan_file : of the same study, from `read_plan`.

    Raises
    ------
    PlanError : where the plan would raise a grade, at its line and column.
    """
    wanted = {entry.column: entry for entry in plan_file.plan.lower}
    faults = [
        plan_file.located.fault(("lower", index, "to"), _raised(entry, outcome.grade))
        for index, entry in enumerate(plan_file.plan.lower)
        for outcome in evidence.outcomes
        if outcome.column == entry.column and _above(entry.to, outcome.grade.level)
    ]
    raise_any(faults)
    outcomes = tuple(
        _lowered(outcome, wanted[outcome.column]) if outcome.column in wanted else outcome
        for outcome in evidence.outcomes
    )
    return replace(evidence, outcomes=outcomes)


def _above(one: str, other: str) -> bool:
    names: list[str] = list(LADDER)
    return names.index(one) > names.index(other)


def _raised(entry: PlannedLower, grade: Grade) -> str:
    return (
        f"{entry.to!r} is above {grade.level!r}, the grade that the rules give {entry.column}. "
        "An evaluator may lower a grade and never raise it; write a lower one, or delete this table"
    )


def _lowered(outcome: OutcomeEvidence, entry: PlannedLower) -> OutcomeEvidence:
    steps = LADDER.index(outcome.grade.level) - LADDER.index(entry.to)
    moved = {0: "already as low as", 1: "one down by", 2: "two down by", 3: "three down by"}[steps]
    says = f"the evaluator, to {entry.to}" if steps else f"the evaluator puts it, {entry.to}"
    reasons = (*outcome.grade.reasons, f"{moved} {says}: {entry.reason}")
    return replace(outcome, grade=replace(outcome.grade, level=entry.to, reasons=reasons))
