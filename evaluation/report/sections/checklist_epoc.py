"""What plan and results say about the risk of bias of an interrupted time series.

The seven questions are those of EPOC (Cochrane Effective Practice and Organisation of Care), from
its suggested risk of bias criteria. An answer begins with the risk: low, high or unclear.
"""

from __future__ import annotations

from evaluation.report import words
from evaluation.report.sections.checklist_facts import checks_named, counted, design, planned
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
        return f"unclear: the plan was frozen on {day} and changed since; the changes are listed."
    return (
        f"unclear: the plan names it and is as it was frozen. {day}, the day of freezing, is what "
        "its author wrote; that shows no one that the outcomes were not known then."
    )


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
    if evidence.plan.changes:
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
    yearly = evidence.data.frequency == "year"
    if season == "none" and not yearly:
        return "unclear: the model has no season."
    if any(check.passed is None for check in checks):
        return "unclear: whether autocorrelation is left over could not be tested."
    seasons = "data by the year have no season" if yearly else "the model has a season"
    return f"low: {seasons}, and the check finds no autocorrelation left over."
