"""The periods in which an outcome was used, where they are not those of the study."""

from __future__ import annotations

from evaluation.report import words
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of


def own_window_words(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    """That an outcome was used in fewer periods than the study has, or nothing."""
    first, last = window_of(evidence, outcome)
    if (first, last) == (evidence.data.first, evidence.data.last):
        return ""
    return f"used from {words.period_words(first)} to {words.period_words(last)} only"
