"""Counts of what did not happen, or was added: which periods and which numbers they are of."""

from __future__ import annotations

from evaluation.effect import Effect, Point
from evaluation.report import words
from evaluation.study.evidence import Evidence, OutcomeEvidence


def is_count(evidence: Evidence, outcome: OutcomeEvidence) -> bool:
    """Whether the outcome is estimated and counts events, so that a total means something."""
    column = next((one for one in evidence.data.columns if one.name == outcome.column), None)
    return outcome.estimated and column is not None and column.type == "count"


def affected(effect: Effect) -> list[Point]:
    """The periods over which the total is summed."""
    return [point for point in effect.path if point.phase in ("phase-in", "after")]


def met(point: Point, effect: Effect) -> float:
    """What the total sets against expected: the fit of the model, or what was recorded."""
    return point.fitted if effect.averted_of == "fitted" else point.observed


def fewer(averted: float) -> str:
    """A number averted or added in words: "168 fewer", "3.2 more"."""
    return f"{words.amount(averted)} {'more' if averted < 0 else 'fewer'}"
