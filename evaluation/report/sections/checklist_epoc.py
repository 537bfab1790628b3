"""What plan and results say about the risk of bias of an interrupted time series.

The seven questions are those of EPOC (Cochrane Effective Practice and Organisation of Care), from
its suggested risk of bias criteria. An answer begins with the risk: low, high or unclear.
"""

from __future__ import annotations

from evaluation.report import words
from evaluation.report.sections.checklist_facts import checks_named, counted, design, planned
from evaluation.say import say
from evaluation.study.evidence import Evidence


def shape(evidence: Evidence) -> str:
    """Whether the form of the effect was chosen beforehand; "" without a frozen plan."""
    plan = evidence.plan
    frozen = plan.frozen_on is not None and plan.frozen_sha256 is not None
    answered = any(outcome.estimated for outcome in evidence.outcomes)
    if not frozen or not answered or design(evidence) != "its":
        return ""
    day = words.period_words(str(plan.frozen_on))
    if plan.changes:
        return say("checklist-epoc.unclear-plan-was-frozen-on", day=day)
    return say("checklist-epoc.unclear-plan-names-it-and", day=day)


def collection(evidence: Evidence) -> str:
    """A sign that recording changed; that there is none, the data cannot say."""
    found = checks_named(evidence, ("recording-change",))
    failed = [check.says for check in found if check.passed is False]
    return say("checklist-epoc.high", failed=failed[0]) if failed else ""


def knowledge(evidence: Evidence) -> str:
    """Whether anyone who knew of the program rated the outcome."""
    if not counted(evidence):
        return ""
    return say("checklist-epoc.low-outcomes-are-counts-from")


def incomplete(evidence: Evidence) -> str:
    """Whether a period is missing from what was analyzed."""
    lengths = [outcome.effect.n for outcome in evidence.outcomes if outcome.estimated]
    if not lengths or design(evidence) != "its" or evidence.data.provenance.rows == 0:
        return ""
    return say(
        "checklist-epoc.low-periods-analyzed-reader-refuses", lengths=words.number(min(lengths))
    )


def selective(evidence: Evidence) -> str:
    """Whether all that was planned is shown."""
    outcomes = {str(one["column"]) for one in planned(evidence, "outcomes")}
    labels = {str(one["label"]) for one in planned(evidence, "alternatives")}
    if not outcomes or evidence.plan.frozen_sha256 is None:
        return ""
    lost = outcomes - {one.column for one in evidence.outcomes}
    for outcome in evidence.outcomes:
        lost |= labels - {one.label for one in outcome.alternatives}
    if lost:
        return say("checklist-epoc.high-planned-and-not-shown", lost=tuple(sorted(lost)))
    if evidence.plan.changes:
        return say("checklist-epoc.unclear-all-of-plan-is")
    return say(
        "checklist-epoc.low-all-outcomes-and-alternatives",
        n_outcomes=len(outcomes),
        n_labels=len(labels),
    )


def other(evidence: Evidence) -> str:
    """Season and autocorrelation, as far as the model allows for them."""
    terms = evidence.plan.content.get("specification") or {}
    season = terms.get("season")
    checks = checks_named(evidence, ("residual-autocorrelation",))
    if design(evidence) != "its" or season is None or not checks:
        return ""
    left = [check for check in checks if check.passed is False]
    if left:
        return say("checklist-epoc.high-autocorrelation-is-left-over", says=left[0].says)
    yearly = evidence.data.frequency == "year"
    if season == "none" and not yearly:
        return say("checklist-epoc.unclear-model-has-no-season")
    if any(check.passed is None for check in checks):
        return say("checklist-epoc.unclear-whether-autocorrelation-is-left")
    seasons = (
        say("checklist-epoc.data-by-year-have-no")
        if yearly
        else say("checklist-epoc.model-has-season")
    )
    return say("checklist-epoc.low-and-check-finds-no", seasons=seasons)
