"""The periods in which an outcome was used, where they are not those of the study."""

from __future__ import annotations

from evaluation.report import words
from evaluation.say import say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of


def own_window_words(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    """That an outcome was used in fewer periods than the study has, or nothing."""
    first, last = window_of(evidence, outcome)
    if (first, last) == (evidence.data.first, evidence.data.last):
        return ""
    return say(
        "own-window.used-from-to-only",
        first=words.period_words(first),
        last=words.period_words(last),
    )
