"""How sure the evidence about one outcome is: a start by design, less one for each named reason.

After the shape of GRADE (Guyatt and others 2008); the start points and cut-offs are this project's
own proposal, not a standard. The rules are the table `RULES` of `grade_rules.py`.

The grades after the evaluator's own judgment, which may lower one and never raise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.study.evidence import Evidence, Grade, GradeLevel, OutcomeEvidence, PlanRecord
from evaluation.study.grade.reasons import Facts, passed
from evaluation.study.grade.rules import RULES, Design
from evaluation.study.plan.data import raise_any
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.told import PlannedLower

__all__ = [
    "LADDER",
    "START",
    "Design",
    "Facts",
    "grade",
    "graded_design",
    "not_estimated",
    "start_of",
]

LADDER: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")
# Where each design starts. A single series has no comparison, so what else changed at the same
# time cannot be seen.
START: dict[Design, tuple[GradeLevel, str]] = {
    "its": ("low", "a single series with no comparison place starts at low"),
    "controlled its": (
        "moderate",
        "a series with a comparison that was not seen to go another way before the start begins at "
        "moderate",
    ),
    "multiple baseline": (
        "moderate",
        "a change looked for at three or more places, each at its own time, starts at moderate",
    ),
    "did": ("moderate", "treated units beside untreated ones start at moderate"),
    "individual": ("low", "people who took part beside people who did not start at low"),
    "stepped call-ins": (
        "moderate",
        "people called in one after another, beside those still to be called, start at moderate",
    ),
    "survey": ("low", "a survey of residents starts at low"),
    "compared survey": (
        "moderate",
        "a survey before and after the start, with areas to compare, begins at moderate",
    ),
}
# A comparison earns its start only by this check.
COMPARISON = "control-trend"
POOR_COMPARISON: tuple[GradeLevel, str] = (
    "low",
    "a comparison that was not shown to go along before the start is no better than none: low",
)
# "At least three attempts to demonstrate an effect at three different points in time": What Works
# Clearinghouse (2022), Standards Handbook 5.0, on single-case designs.
ENOUGH_STARTS = 3
# GRADE: randomized trials start at high. The author's word for the lots is told with its source.
LOTTERY: tuple[GradeLevel, str] = (
    "high",
    "who got the program was decided by lottery, by its author's word: such a study starts at high",
)
LOTTERY_DESIGNS: tuple[Design, ...] = ("did", "individual", "stepped call-ins")
_STEPS = {-1: "one down", 1: "one up"}


def graded_design(controls: bool, starts: Sequence[str]) -> Design:
    """The design that decides where the grade starts.

    Parameters
    ----------
    controls : whether the treated series is compared with others. starts : of every treated site.
    """
    if controls:
        return "controlled its"
    return "multiple baseline" if len(set(starts)) >= ENOUGH_STARTS else "its"


def start_of(design: Design, plan: PlanRecord) -> tuple[GradeLevel, str]:
    """Where the grade starts, and why."""
    if plan.content.get("assignment") == "lottery" and design in LOTTERY_DESIGNS:
        return LOTTERY
    return START[design]


def not_estimated(design: Design, reason: str, plan: PlanRecord) -> Grade:
    """The grade of an outcome without an answer: very low, because of the reason."""
    start, _ = start_of(design, plan)
    return Grade("very low", start, (f"it could not be estimated: {reason}",))


def grade(design: Design, facts: Facts) -> Grade:
    """The grade with the reason of every step, first the start."""
    start, why = start_of(design, facts.plan)
    if design == "controlled its" and not passed(COMPARISON, facts):
        start, why = POOR_COMPARISON
    level = LADDER.index(start)
    reasons = [why]
    for rule in RULES:
        reason = rule.reason(facts) if design in rule.designs else None
        if reason is not None:
            level += rule.steps
            reasons.append(f"{_STEPS[rule.steps]}: {reason}")
    return Grade(LADDER[min(max(level, 0), len(LADDER) - 1)], start, tuple(reasons))


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
