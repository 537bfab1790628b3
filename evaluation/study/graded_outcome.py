"""One outcome as evidence: what was found about it, with its grade.

The evidence of one study, put together at the end of a run.

The one gate between a method and what is printed: every answer of a series or a comparison, be
it the headline, planned or always beside it, is let through, refused or barred here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.data.delivery import Delivery
from evaluation.data.panel import RecordingChange
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.study.agreement import again
from evaluation.study.build.published import planned_published
from evaluation.study.evidence import (
    NOT_VALID,
    Alternative,
    DataRecord,
    Evidence,
    OutcomeEvidence,
    PlanRecord,
)
from evaluation.study.grade.grade import Design, Facts, grade, lowered, not_estimated
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import PlannedOutcome


@dataclass(frozen=True, slots=True)
class Found:
    """What a design found about one outcome.

    Parameters
    ----------
    label, measure : how a sentence names the outcome, and its unit. The rest is as in
        `OutcomeEvidence`; nearby_changes, related_breaks as in `grade.Facts`.
    """

    label: str
    measure: str
    headline: Alternative
    alternatives: tuple[Alternative, ...]
    checks: tuple[Check, ...]
    nearby_changes: tuple[RecordingChange, ...] = ()
    related_breaks: tuple[RecordingChange, ...] = ()


def judged(
    design: Design, plan: PlanRecord, planned: PlannedOutcome, found: Found, last_period: str
) -> OutcomeEvidence:
    """The evidence about one planned outcome, graded; very low where there is no estimate.

    Parameters
    ----------
    last_period : the last one that was analyzed.
    """
    effect = found.headline.effect
    if effect is None:
        graded = not_estimated(design, str(found.headline.reason or ""), plan)
    else:
        graded = grade(
            design,
            Facts(
                plan=plan,
                last_period=last_period,
                worthwhile=planned.worthwhile,
                effect=effect,
                alternatives=found.alternatives,
                checks=found.checks,
                nearby_changes=found.nearby_changes,
                related_breaks=found.related_breaks,
                better=planned.better,
            ),
        )
    return OutcomeEvidence(
        column=planned.column,
        label=found.label,
        measure=found.measure,
        better=planned.better,
        primary=planned.primary,
        worthwhile=planned.worthwhile,
        headline=found.headline,
        alternatives=found.alternatives,
        checks=found.checks,
        grade=graded,
    )


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


# No change of an outcome by more than this factor is an answer; it is what is left when a fit has
# run away, as weights that meet everything before the start can.
RUNAWAY = 1e6


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown, and the effect behind it: one with an objection is shown as not valid."""

    shown: Alternative
    effect: Effect | None


def answered(entry: Alternative, fit: Callable[[], Effect], notes: Sequence[str] = ()) -> Answered:
    """One answer, or why there is none.

    Parameters
    ----------
    entry : the answer's name, method and assumptions. fit : makes it; it may raise FitError.
    notes : what a reader must know of it beside what the method says.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            effect = fit()
    except FitError as fault:
        return Answered(replace(entry, reason=str(fault)), None)
    effect = replace(effect, notes=(*effect.notes, *notes))
    if runs_away(effect):
        words = f"{NOT_VALID}: the estimate runs away; it has no finite size"
        return Answered(replace(entry, reason=words), None)
    objection = None if effect.objection is None else str(effect.objection)
    if objection is not None:
        barred = objection if objection.startswith(NOT_VALID) else f"{NOT_VALID}: {objection}"
        return Answered(replace(entry, reason=barred), effect)
    return Answered(replace(entry, effect=effect), effect)


def runs_away(effect: Effect) -> bool:
    """Whether a number that is printed is not finite, or the change has no believable size."""
    numbers = (
        *(effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value),
        *(effect.percent.estimate, effect.percent.low, effect.percent.high),
        *(effect.averted.estimate, effect.averted.low, effect.averted.high),
    )
    return not all(map(math.isfinite, numbers)) or abs(effect.percent.estimate) > 100 * RUNAWAY


def once(headline: Alternative, entries: Sequence[Alternative]) -> tuple[Alternative, ...]:
    """The other answers, each once: what is always shown is left out where the headline or the
    plan has it already, and a planned one that comes to the same says of which."""
    kept: list[Alternative] = []
    for entry in entries:
        effect = entry.effect
        same = next(
            (
                other
                for other in (headline, *kept)
                if effect is not None and other.effect is not None and again(effect, other.effect)
            ),
            None,
        )
        if same is None:
            kept.append(entry)
        elif entry.planned:
            name = "the headline" if same is headline else same.label
            words = f"comes to the same numbers as {name}, and is no further evidence"
            assumes = f"{entry.assumes}; {words}" if entry.assumes else words
            kept.append(replace(entry, assumes=assumes))
    return tuple(kept)
