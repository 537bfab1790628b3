"""What plan and results say about the risk of bias of an interrupted time series.

The seven questions are those of EPOC (Cochrane Effective Practice and Organisation of Care), from
its suggested risk of bias criteria. An answer begins with the risk: low, high or unclear.
"""

from __future__ import annotations

from evaluation.report import words
from evaluation.report.checklist_facts import checks_named, counted, design, doubts, planned
from evaluation.study.evidence import Evidence

# How the rules of the grade say it.
CHANGED = "the plan was changed after it was frozen"
KNOWN = "the plan was frozen when the outcomes were already known"


def shape(evidence: Evidence) -> str:
    """Whether the form of the effect was chosen beforehand; "" without a frozen plan."""
    plan, found = evidence.plan, doubts(evidence)
    frozen = plan.frozen_on is not None and plan.frozen_sha256 is not None
    if not frozen or not found or design(evidence) != "its":
        return ""
    day = words.period_words(str(plan.frozen_on))
    author = f"its author gives {day} as the day of freezing"
    if CHANGED in found:
        return f"unclear: {author}, and the plan was changed since; the changes are listed."
    if KNOWN in found:
        return f"unclear: the plan names it, but {author}, with the outcomes known."
    return f"unclear: the plan names it; {author}, and nothing else shows which came first."


def collection(evidence: Evidence) -> str:
    """A sign that recording changed; that there is none, the data cannot say."""
    found = checks_named(evidence, ("recording-change",))
    failed = [check.says for check in found if check.passed is False]
    return f"high: {failed[0]}" if failed else ""


def knowledge(evidence: Evidence) -> str:
    """Whether anyone who knew of the program rated the outcome."""
    if not counted(evidence):
        return ""
    return "low: the outcomes are counts from records, which nobody rates."


def incomplete(evidence: Evidence) -> str:
    """Whether a period is missing from what was analyzed."""
    lengths = [outcome.effect.n for outcome in evidence.outcomes if outcome.estimated]
    if not lengths or design(evidence) != "its" or evidence.data.provenance.rows == 0:
        return ""
    return (
        f"low: {words.number(min(lengths))} periods analyzed; the reader refuses a table with a "
        "gap, and nothing is filled in."
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
        return f"high: planned and not shown: {', '.join(sorted(lost))}."
    if CHANGED in doubts(evidence):
        return "unclear: all of the plan is shown, but it was changed after it was frozen."
    return (
        f"low: all outcomes ({len(outcomes)}) and alternatives ({len(labels)}) of the frozen plan "
        "are shown."
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
        return f"high: autocorrelation is left over: {left[0].says}"
    if season == "none" and evidence.data.frequency != "year":
        return "unclear: the model has no season."
    return "low: the model has a season, and the check finds no autocorrelation left over."
