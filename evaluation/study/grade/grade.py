"""How sure the evidence about one outcome is: a start by design, less one for each named reason.

After the shape of GRADE (Guyatt and others 2008); the start points and cut-offs are this project's
own proposal, not a standard. The rules are the table `RULES`.

The grades after the evaluator's own judgment, which may lower one and never raise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evaluation.effect import Told
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Evidence, Grade, GradeLevel, OutcomeEvidence, PlanRecord
from evaluation.study.grade.rules import RULES, Facts, Start, because, passed
from evaluation.study.plan.data import raise_any
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.told import PlannedLower

LADDER: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")
# Where each design starts. A single series has no comparison, so what else changed at the same
# time cannot be seen.
START: dict[Start, tuple[GradeLevel, Fact]] = {
    "its": ("low", because("alone")),
    "controlled its": ("moderate", because("series-not-drawn")),
    "multiple baseline": ("moderate", because("places-not-drawn")),
    "did": ("moderate", because("units-not-drawn")),
    "individual": ("low", because("chosen")),
    "stepped call-ins": ("moderate", because("order")),
    "survey": ("low", because("no-elsewhere")),
    "compared survey": ("moderate", because("waves-not-drawn")),
}
# What such a design was seen to do in real US cities by the headline's method, in percent of
# pretended starts after which a change was seen, and of falls of 30 % that were seen: of a series,
# 35,878 and 13,460 windows of 107 agencies; of a comparison, at once and over a year, 276 tests of
# 69 outcomes. No constant was chosen on these cities (real_cities.md).
MEASURED: dict[tuple[Start, str], Fact] = {
    ("its", "learned"): because("measured.alone", wrong=5.4, seen=36),
    **{
        ("did", name): because(
            "measured.units-not-drawn", wrong=wrong, at_once=at_once, slowly=slowly
        )
        for name, wrong, at_once, slowly in (
            ("forecast", 2.5, 50, 30),
            ("step", 3.6, 62, 16),
            ("random-effects", 4.0, 34, 24),
        )
    },
}
# A comparison earns its start only by this check, and is else no better than none.
COMPARISON = "control-trend"
POOR_COMPARISON: tuple[GradeLevel, Fact] = ("low", because("loose"))
# "At least three attempts to demonstrate an effect at three different points in time": What Works
# Clearinghouse (2022), Standards Handbook 5.0, on single-case designs.
ENOUGH_STARTS = 3
# GRADE: randomized trials start at high. The author's word for the lots is told with its source.
LOTTERY_DESIGNS: tuple[Start, ...] = ("did", "individual", "stepped call-ins")
_STEPS = {-1: "grade.steps.down", 1: "grade.steps.up"}
_LOWERED = ("stays", "one", "two", "three")


def graded_start(controls: bool, starts: Sequence[str]) -> Start:
    """Where the grade of a series starts.

    Parameters
    ----------
    controls : whether the treated series is compared with others. starts : of every treated site.
    """
    if controls:
        return "controlled its"
    return "multiple baseline" if len(set(starts)) >= ENOUGH_STARTS else "its"


def start_of(start: Start, plan: PlanRecord) -> tuple[GradeLevel, Fact]:
    """Where the grade starts, and why."""
    if plan.content.get("assignment") == "lottery" and start in LOTTERY_DESIGNS:
        return "high", because("lottery")
    return START[start]


def not_estimated(start: Start, reason: Told, plan: PlanRecord) -> Grade:
    """The grade of an outcome without an answer: very low, because of the reason."""
    level, _ = start_of(start, plan)
    return Grade("very low", level, (because("no-estimate", why=reason),))


def grade(start: Start, facts: Facts) -> Grade:
    """The grade with the reason of every step, first the start."""
    begins, why = start_of(start, facts.plan)
    if begins == START[start][0]:
        why = MEASURED.get((start, facts.effect.method), why)
    if start == "controlled its" and not passed(COMPARISON, facts):
        begins, why = POOR_COMPARISON
    level = LADDER.index(begins)
    reasons = [why]
    for rule in RULES:
        reason = rule.reason(facts) if start in rule.starts else None
        if reason is not None:
            level += rule.steps
            reasons.append(fact(_STEPS[rule.steps], reason=reason))
    return Grade(LADDER[min(max(level, 0), len(LADDER) - 1)], begins, tuple(reasons))


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
    given = {"to": entry.to, "level": grade.level, "column": entry.column}
    return str(Fact("grade.raised", given))


def _lowered(outcome: OutcomeEvidence, entry: PlannedLower) -> OutcomeEvidence:
    steps = LADDER.index(outcome.grade.level) - LADDER.index(entry.to)
    reason = fact(f"grade.lowered-{_LOWERED[steps]}.evaluator", to=entry.to, reason=entry.reason)
    reasons = (*outcome.grade.reasons, reason)
    return replace(outcome, grade=replace(outcome.grade, level=entry.to, reasons=reasons))
