"""How sure the evidence about one outcome is: a start by design, less one for each named reason.

After the shape of GRADE (Guyatt and others 2008); the start points and cut-offs are this project's
own proposal, not a standard. One rule a line of `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.data.panel import RecordingChange
from evaluation.effect import Check, Effect
from evaluation.study.evidence import Alternative, Grade, GradeLevel, PlanRecord
from evaluation.study.freeze import LAYOUT_ONLY

LADDER: tuple[GradeLevel, ...] = ("very low", "low", "moderate", "high")
# Where each design starts. A single series has no comparison, so what else changed at the same
# time cannot be seen.
START: dict[str, tuple[GradeLevel, str]] = {
    "its": ("low", "a single series with no comparison place starts at low"),
}
# GRADE calls an effect large when risk is halved or doubled.
LARGE_LOG_RATIO = 0.6931471805599453
ENOUGH_BEFORE = 24


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at."""

    plan: PlanRecord
    last_period: str
    worthwhile: float | None
    effect: Effect
    alternatives: tuple[Alternative, ...]
    checks: tuple[Check, ...]
    nearby_changes: tuple[RecordingChange, ...]


def grade(design: str, facts: Facts) -> Grade:
    """The grade with the reason of every step, first the start."""
    start, why = START[design]
    level = LADDER.index(start)
    reasons = [why]
    for rule in RULES:
        reason = rule(facts)
        if reason is not None:
            level -= 1
            reasons.append(f"one down: {reason}")
    raised = _large(facts)
    if raised is not None:
        level += 1
        reasons.append(f"one up: {raised}")
    return Grade(LADDER[min(max(level, 0), len(LADDER) - 1)], start, tuple(reasons))


def _failed_check(name: str, words: str) -> Callable[[Facts], str | None]:
    def rule(facts: Facts) -> str | None:
        failed = any(check.name == name and check.passed is False for check in facts.checks)
        return words if failed else None

    return rule


def _not_frozen(facts: Facts) -> str | None:
    plan = facts.plan
    if plan.frozen_on is None or plan.frozen_sha256 is None:
        return "the plan was not frozen"
    if any(change != LAYOUT_ONLY for change in plan.changes):
        return "the plan was changed after it was frozen"
    if plan.frozen_on[: len(facts.last_period)] >= facts.last_period[:7]:
        return "the plan was frozen when the outcomes were already known"
    return None


def _recording(facts: Facts) -> str | None:
    if not facts.nearby_changes:
        return None
    change = facts.nearby_changes[0]
    return f"the outcome's recording changed near the start ({change.date}: {change.what})"


def _imprecise(facts: Facts) -> str | None:
    percent = facts.effect.percent
    if facts.worthwhile is None or percent.excludes_zero:
        return None
    if percent.low <= -facts.worthwhile or percent.high >= facts.worthwhile:
        return (
            "the range holds both no change and a change that would matter "
            f"({facts.worthwhile:g} %)"
        )
    return None


def _contradiction(facts: Facts) -> str | None:
    main = facts.effect.estimate
    turned = [
        entry.label
        for entry in facts.alternatives
        if entry.planned and entry.effect is not None and entry.effect.estimate * main < 0
    ]
    return f"a planned alternative points the other way: {', '.join(turned)}" if turned else None


def _short(facts: Facts) -> str | None:
    before = sum(point.phase == "before" for point in facts.effect.path)
    return f"only {before} periods before the start" if before < ENOUGH_BEFORE else None


def _large(facts: Facts) -> str | None:
    """Large, and the same in every planned alternative."""
    effect = facts.effect
    if effect.scale != "log ratio" or abs(effect.estimate) < LARGE_LOG_RATIO:
        return None
    planned = [entry.effect for entry in facts.alternatives if entry.planned]
    agree = all(
        other is not None and other.estimate * effect.estimate > 0 and other.percent.excludes_zero
        for other in planned
    )
    if effect.percent.excludes_zero and agree and planned:
        return "a large change (halved or doubled) that every planned alternative finds"
    return None


RULES: tuple[Callable[[Facts], str | None], ...] = (
    _failed_check("placebo-dates", "the method finds changes at dates when nothing started"),
    _failed_check("residual-autocorrelation", "the model leaves autocorrelation over"),
    _failed_check("trend-dependence", "the answer depends on how the earlier trend is carried on"),
    _not_frozen,
    _recording,
    _imprecise,
    _contradiction,
    _short,
)
