"""The periods in which an outcome was used, where they are not those of the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import words
from evaluation.study.evidence import Evidence, OutcomeEvidence


def window_of(evidence: Evidence, outcome: OutcomeEvidence) -> tuple[str, str]:
    """First and last period analyzed of one outcome."""
    data = evidence.data
    planned: tuple[Mapping[str, Any], ...] = tuple(evidence.plan.content.get("outcomes") or ())
    own = next((one for one in planned if one.get("column") == outcome.column), {})
    first, last = own.get("first") or data.first, own.get("last") or data.last
    return max(str(first), data.first), min(str(last), data.last)


def own_window_words(evidence: Evidence, outcome: OutcomeEvidence) -> str:
    """That an outcome was used in fewer periods than the study has, or nothing."""
    first, last = window_of(evidence, outcome)
    if (first, last) == (evidence.data.first, evidence.data.last):
        return ""
    return f"used from {words.period_words(first)} to {words.period_words(last)} only"
