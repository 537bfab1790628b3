"""One outcome as evidence: what was found about it, with its grade.

The evidence of one study, put together at the end of a run.

The one gate between a method and what is printed: every answer, be it the headline, planned or
always beside it, is let through, refused or barred here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evaluation.data.delivery import Delivery
from evaluation.effect import Effect, Family, Told
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.study.build.named_tables import planned_published
from evaluation.study.design import Answered, Ask, Case, Looked
from evaluation.study.evidence import (
    BARRED,
    BARRED_ITSELF,
    NOT_VALID,
    Alternative,
    DataRecord,
    Evidence,
    OutcomeEvidence,
    PlanRecord,
)
from evaluation.study.grade.grade import grade, lowered, not_estimated
from evaluation.study.grade.rules import Facts
from evaluation.study.outcome_kinds import again
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import PlannedOutcome


def judged(
    record: PlanRecord,
    planned: PlannedOutcome,
    case: Case,
    headline: Alternative,
    alternatives: tuple[Alternative, ...],
    looked: Looked,
    family: Family | None = None,
) -> OutcomeEvidence:
    """The evidence about one planned outcome, graded; very low where there is no estimate.

    Parameters
    ----------
    case : the outcome under its design. headline, alternatives, looked : what was found of it.
    family : the outcome among others, where the plan looks at several together.
    """
    if headline.effect is None:
        graded = not_estimated(case.start, headline.reason or "", record)
    else:
        graded = grade(
            case.start,
            Facts(
                plan=record,
                last_period=case.last_period,
                worthwhile=planned.worthwhile,
                effect=headline.effect,
                alternatives=alternatives,
                checks=looked.checks,
                nearby_changes=looked.nearby_changes,
                related_breaks=looked.related_breaks,
                better=planned.better,
                family=family,
            ),
        )
    return OutcomeEvidence(
        column=planned.column,
        label=case.label,
        measure=case.measure,
        better=planned.better,
        primary=planned.primary,
        worthwhile=planned.worthwhile,
        headline=headline,
        alternatives=alternatives,
        checks=looked.checks,
        grade=graded,
        by_year=looked.by_year,
        family=family,
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


def answered(ask: Ask) -> Answered:
    """One answer, or why there is none."""
    entry = ask.entry

    def refused(reason: Told, effect: Effect | None = None) -> Answered:
        return Answered(replace(entry, reason=reason), effect)

    try:
        with np.errstate(over="ignore", invalid="ignore"):
            effect = ask.fit()
    except (FitError, DataError) as fault:
        return refused(fault.fact)
    effect = replace(effect, notes=(*effect.notes, *ask.notes))
    if runs_away(effect):
        return refused(not_valid(fact("study.graded-outcome.runs-away")))
    if effect.objection is not None:
        return refused(not_valid(effect.objection), effect)
    told = replace(effect, notes=(*ask.why, *effect.notes))
    return Answered(replace(entry, effect=told), effect)


def not_valid(why: Told) -> Told:
    """The reason that an answer must not be used, which begins so; a method may say it itself."""
    # Until no method says it itself.
    own = str(why).startswith(NOT_VALID)
    return fact(BARRED_ITSELF if own else BARRED, why=why)


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
            key = f"study.graded-outcome.same-as-{'headline' if same is headline else 'other'}"
            words = fact(key, other=same.label)
            if entry.assumes:
                words = fact("study.graded-outcome.and-same", assumes=entry.assumes, words=words)
            kept.append(replace(entry, assumes=str(words)))
    return tuple(kept)
