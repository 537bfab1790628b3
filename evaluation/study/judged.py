"""One outcome as evidence: what was found about it, with its grade."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.data.panel import RecordingChange
from evaluation.effect import Check
from evaluation.study.evidence import Alternative, OutcomeEvidence, PlanRecord
from evaluation.study.grade import Design, Facts, grade, not_estimated
from evaluation.study.planned import PlannedOutcome


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
        graded = not_estimated(design, found.headline.reason or "", plan)
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
