"""Answers of a survey, in points of their scale: these come first, and percent after them."""

from __future__ import annotations

from evaluation.fact import key_of, number
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import OutcomeEvidence

# What `averted` counts in the answers of a survey.
_OF_A_SURVEY = "survey.effects.averted"


def in_points(outcome: OutcomeEvidence) -> bool:
    """Whether the answer is in points of a scale, as of a survey; percent come after them."""
    return outcome.estimated and key_of(outcome.effect.averted_estimand) == _OF_A_SURVEY


def is_share(outcome: OutcomeEvidence) -> bool:
    """Whether an outcome of a survey is a share of residents, told of 100, and not a score."""
    return outcome.measure.startswith("share")


def points_words(
    outcome: OutcomeEvidence, percent: str, language: Language = ENGLISH
) -> dict[str, str]:
    """What a sentence has in braces of an effect and its range, in points; nothing where the answer
    is not in points, or its range in points leaves out no change and that in percent does not.

    Parameters
    ----------
    percent : the size in percent, as words; it follows the points.
    """
    effect = outcome.headline.effect
    if effect is None or not in_points(outcome):
        return {}
    if (effect.low <= 0 <= effect.high) == effect.percent.excludes_zero:
        return {}

    def bare(value: float) -> str:
        return number(abs(100 * value), 1) if is_share(outcome) else number(abs(value), 2)

    def told(value: float) -> str:
        unit = "percentage-points" if is_share(outcome) else "points"
        return language.say(f"size.{unit}", points=bare(value))

    def change(value: float, size: str) -> str:
        if value == 0:
            return language.say("change.none")
        return language.say(f"change.{'below' if value < 0 else 'above'}", size=size)

    near, far = sorted((effect.low, effect.high), key=abs)
    size = f"{told(effect.estimate)} ({percent})"
    if effect.percent.excludes_zero:
        side = "below" if effect.high < 0 else "above"
        between = language.say(f"between.{side}", near=bare(near), far=told(far))
    else:
        ends = (change(end, told(end)) for end in (effect.low, effect.high))
        between = language.say("between.mixed", **dict(zip(("low", "high"), ends, strict=True)))
    return {
        "size": size,
        "near": bare(near),
        "far": told(far),
        "best": change(effect.estimate, size),
        "between": between,
    }
