"""Answers in points of a scale, as a survey gives them: points come first, and percent after."""

from __future__ import annotations

from evaluation import plots
from evaluation.effect import Effect, Interval
from evaluation.plots.canvas import signed
from evaluation.report import words
from evaluation.report.scale import in_points as in_points
from evaluation.report.scale import is_share as is_share
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import Alternative, OutcomeEvidence


def whisker_of(
    entry: Alternative, outcome: OutcomeEvidence, label: str, effect: Effect
) -> plots.Whisker:
    """A row of a figure of estimates: in points where the answer is, else in percent."""
    ends: Effect | Interval = effect.percent
    times = 1.0
    if in_points(outcome):
        ends, times = effect, 100.0 if is_share(outcome) else 1.0
    return plots.Whisker(
        label,
        times * ends.estimate,
        times * ends.low,
        times * ends.high,
        headline=entry is outcome.headline,
    )


def told(value: float, outcome: OutcomeEvidence) -> str:
    """A change as figures of this outcome have it, with its sign."""
    if not in_points(outcome):
        return words.signed_percent(value)
    return signed(value, 1 if is_share(outcome) else 2)


def points_finding(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """What a survey found, in points and then in percent; the title of its figure."""
    row = whisker_of(outcome.headline, outcome, "", outcome.effect)
    return language.say(
        "figures.finding-points",
        label=language.heading(outcome.label),
        points=told(row.estimate, outcome),
        share=is_share(outcome),
        low=told(row.low, outcome),
        high=told(row.high, outcome),
        percent=words.signed_percent(outcome.effect.percent.estimate),
    )
