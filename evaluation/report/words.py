"""Sentences by size and certainty, the same words for good news and bad.

Each takes locked numbers (rounded, as in results.json) and says no more than they and their grade
allow. Nothing is ever "significant", and nothing is ever "proved".
"""

from __future__ import annotations

from typing import Literal

from evaluation.effect import Better, Effect, Interval, Quantity
from evaluation.report.messages.language import ENGLISH, Language
from evaluation.study.evidence import Alternative, Evidence, GradeLevel, OutcomeEvidence

Direction = Literal["fall", "rise", "unclear"]

GOALS: dict[int, str] = {goal: ENGLISH.say(f"goal.{goal}") for goal in (1, 2, 3)}
GRADES: tuple[GradeLevel, ...] = ("high", "moderate", "low", "very low")
GRADE_STEPS: dict[GradeLevel, int] = {"very low": 1, "low": 2, "moderate": 3, "high": 4}
DESIGN_ASSUMPTIONS: dict[str, str] = {
    "its": (
        "without {intervention}, the earlier pattern would have gone on as the model describes it, "
        "and nothing else that mattered changed at the start."
    ),
    "controlled": (
        "without {intervention}, {place} would have gone on beside {controls} as before, and "
        "nothing else that mattered changed at the start in only one of them."
    ),
    "sites": (
        "without {intervention}, the earlier pattern of each place would have gone on as the model "
        "describes it, and nothing else that mattered changed in the places when each began."
    ),
    "did": (
        "without {intervention}, {place} would have changed as the untreated did, and "
        "nothing else that mattered changed on one side only."
    ),
}


def direction(effect: Effect) -> Direction:
    """Where the outcome went; "unclear" when the 95 % interval includes no change."""
    if not effect.percent.excludes_zero:
        return "unclear"
    return "fall" if effect.percent.estimate < 0 else "rise"


def good(effect: Effect, better: Better) -> bool:
    """Whether the outcome went, clearly, the way that was declared good."""
    return direction(effect) == ("fall" if better == "lower" else "rise")


def answer(
    outcome: OutcomeEvidence,
    intervention: str,
    *,
    margin: float | None = None,
    language: Language = ENGLISH,
) -> str:
    """What was found about one outcome, in words as strong as its grade and no stronger.

    Parameters
    ----------
    intervention : its name, as it stands in a sentence.
    margin : percent; a change smaller than this is of no use, when the plan said so beforehand.
    language : in which to say it; label and intervention are taken to be in it.
    """
    say = language.say
    if outcome.refused:
        return capital(say("answer.refused", intervention=intervention, label=outcome.label))
    if not outcome.estimated:
        return not_estimated(outcome, language)
    effect, grade = outcome.effect, outcome.grade.level
    percent, way = effect.percent, direction(effect)
    if grade == "very low":
        return _cannot_tell(outcome, intervention, language)
    parts: dict[str, str] = {
        "intervention": intervention,
        "label": outcome.label,
        "best": change(percent.estimate, effect, language),
        "range": spread(effect, language),
    }
    if margin is not None and _too_small(percent, margin):
        how = "maybe" if grade == "low" else "likely"
        return capital(say(f"answer.small.{how}", **parts, margin=size(margin)))
    if way == "unclear" and (grade != "low" or _is_nil(percent.estimate)):
        return capital(say("answer.no-clear", **parts))
    falls = way == "fall" or (way == "unclear" and percent.estimate < 0)
    side = "fall" if falls else "rise"
    if grade == "low":
        doubt = say("answer.low.doubt") if way == "unclear" else ""
        return capital(say(f"answer.low.{side}", **parts, doubt=doubt))
    near, far = sorted((abs(percent.low), abs(percent.high)))
    return capital(
        say(
            f"answer.{grade}.{side}",
            **parts,
            size=size(percent.estimate),
            near=size(near),
            far=size(far),
            a_year=_yearly(effect, language),
        )
    )


def credits_change(outcome: OutcomeEvidence, *, margin: float | None = None) -> bool:
    """Whether `answer` lays a change to the program and does not add that there may be none."""
    if not outcome.estimated or outcome.refused or outcome.grade.level == "very low":
        return False
    if margin is not None and _too_small(outcome.effect.percent, margin):
        return False
    return direction(outcome.effect) != "unclear"


def planned_margin(evidence: Evidence) -> float | None:
    """Percent below which the plan calls a change of no use; None when it says nothing."""
    margin = evidence.plan.content.get("margin")
    return None if margin is None else float(margin)


def _too_small(percent: Interval, margin: float) -> bool:
    """Whether all of the range is of no use, by the plan."""
    return max(abs(percent.low), abs(percent.high)) < margin


def finding(outcome: OutcomeEvidence) -> str:
    """What the figure of one outcome shows, with the headline number; its title."""
    effect = outcome.effect
    numbers = f"{change(effect.percent.estimate, effect)}; {spread(effect)}"
    if direction(effect) == "unclear":
        return f"{capital(outcome.label)}: no clear difference from what was expected ({numbers})"
    side = "below" if effect.percent.estimate < 0 else "above"
    return f"{capital(outcome.label)} went {side} what was expected: {numbers}"


def direction_words(outcome: OutcomeEvidence, language: Language = ENGLISH) -> tuple[str, str]:
    """Two or three words for the strip under the answer, and whether that is the good direction."""
    say = language.say
    if outcome.refused:
        return (say("direction.unclear"), say("direction.refused.note"))
    if not outcome.estimated:
        return (say("direction.not-estimated"), say("direction.not-estimated.note"))
    effect = outcome.effect
    if direction(effect) == "unclear":
        return (say("direction.unclear"), say("direction.unclear.note"))
    went = say(f"direction.{_compared(effect.percent.estimate, effect)}")
    if outcome.grade.level == "very low":
        return (went, say("direction.why"))
    return (went, say(f"direction.{'good' if good(effect, outcome.better) else 'bad'}"))


def how_sure(grade: GradeLevel, language: Language = ENGLISH) -> str:
    """What a grade means, in one sentence."""
    return language.say(f"certainty.{grade}")


def assumption(entry: Alternative) -> str:
    """What one method takes for granted, as a sentence."""
    return sentence(entry.assumes) if entry.assumes else "Not stated."


def not_estimated(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """That there is no estimate, why, and what would be needed for one; or that there is one which
    is not valid."""
    reason = outcome.headline.reason or "the method gave no answer"
    if outcome.refused:
        return sentence(reason)
    needed = language.say(f"answer.none.{'events' if 'no event' in reason else 'longer'}")
    told = language.say("answer.none.reason", reason=sentence(reason))
    return language.say("answer.none", reason=told, needed=needed)


def count_range(
    averted: Interval | Quantity, *, digits: int = 0, down: str = "fewer", up: str = "more"
) -> str:
    """The range of the outcomes averted in words: "33 to 131 fewer", "115 more to 330 fewer".

    `down` and `up` are the words for less and for more of the outcome.
    """
    low, high = number(abs(averted.low), digits), number(abs(averted.high), digits)
    if averted.low >= 0:
        return f"{low} to {high} {down}"
    if averted.high <= 0:
        return f"{high} to {low} {up}"
    return f"{low} {up} to {high} {down}"


def worth(outcome: OutcomeEvidence) -> str:
    """Whether the range is as large as what the plan calls worth having; "" when it names none."""
    if outcome.worthwhile is None:
        return ""
    percent = outcome.effect.percent
    gains = (percent.low, percent.high)
    if outcome.better == "lower":
        gains = (-percent.high, -percent.low)
    if gains[0] >= outcome.worthwhile:
        share, rest = "all of the range is", ""
    elif gains[1] < outcome.worthwhile:
        share, rest = "none of the range is", ""
    else:
        share, rest = "some of the range is", " and some is not"
    way = "fall" if outcome.better == "lower" else "rise"
    return (
        f"The plan calls a {way} of {size(outcome.worthwhile)} or more worth having; "
        f"{share} that large{rest}."
    )


def change(value: float, effect: Effect, language: Language = ENGLISH) -> str:
    """A percent change in words: "26% fewer", "5% more", "no change".

    Counts are fewer or more; a score or a share is lower or higher.
    """
    if _is_nil(value):
        return language.say("change.none")
    return language.say(f"change.{_compared(value, effect)}", size=size(value))


def spread(effect: Effect, language: Language = ENGLISH) -> str:
    """The range of the percent change in words: "range 15% to 36% fewer"."""
    return language.say("range", between=between(effect, language))


def between(effect: Effect, language: Language = ENGLISH) -> str:
    """The two ends of the range: "15% to 36% fewer", "12% fewer to 4% more"."""
    low, high = effect.percent.low, effect.percent.high
    if low <= 0 <= high:
        ends = {"low": change(low, effect, language), "high": change(high, effect, language)}
        return language.say("between.mixed", **ends)
    near, far = sorted((abs(low), abs(high)))
    return language.say(f"between.{_compared(low, effect)}", near=size(near), far=size(far))


def size(value: float) -> str:
    """The size of a percentage: whole percents, with decimals only where it would read 0%.

    Examples
    --------
    >>> size(-26.14), size(0.32), size(1234.5)
    ('26%', '0.3%', '1,234%')
    """
    return f"{_whole_or_first_digit(abs(value))}%"


def signed_percent(value: float) -> str:
    """A percent change for a table, one decimal and a true minus sign.

    Examples
    --------
    >>> signed_percent(-26.14), signed_percent(3.0), signed_percent(-0.01)
    ('−26.1%', '+3.0%', '0.0%')
    """
    text = f"{abs(value):,.1f}%"
    return text if text == "0.0%" else f"{'−' if value < 0 else '+'}{text}"


def signed_range(interval: Interval) -> str:
    """The two ends of a percent interval for a table."""
    return f"{signed_percent(interval.low)} to {signed_percent(interval.high)}"


def number(value: float, digits: int = 1) -> str:
    """A number for a table, whole when it is whole, with a true minus sign.

    Examples
    --------
    >>> number(41.0), number(55.4321), number(-1.25, 2), number(401300.0)
    ('41', '55.4', '−1.25', '401,300')
    """
    text = f"{abs(value):,.0f}" if value == int(value) else f"{abs(value):,.{digits}f}"
    nothing = float(text.replace(",", "")) == 0
    return f"−{text}" if value < 0 and not nothing else text


def p_value(value: float) -> str:
    """A p value, never as 0.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.00004)
    ('0.031', '<0.001')
    """
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def period_words(period: str, language: Language = ENGLISH) -> str:
    """A period as a reader says it.

    Examples
    --------
    >>> period_words("2012-10"), period_words("2012-Q4"), period_words("2012")
    ('October 2012', 'Q4 2012', '2012')
    """
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return language.say("period.quarter", quarter=part[1:], year=year)
    pieces = part.split("-")
    if not (pieces[0].isdigit() and 1 <= int(pieces[0]) <= 12):
        return period
    month = language.say("months").split()[int(pieces[0]) - 1]
    if len(pieces) == 2 and pieces[1].isdigit():
        return language.say("period.day", month=month, day=int(pieces[1]), year=year)
    return language.say("period.month", month=month, year=year)


def capital(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def per_year(effect: Effect) -> float:
    """Outcomes averted a year over the periods from the start on; negative is outcomes added."""
    affected = [point.period for point in effect.path if point.phase in ("phase-in", "after")]
    if not affected:
        return 0.0
    in_a_year = 4 if "Q" in affected[0] else 12 if "-" in affected[0] else 1
    return effect.averted.estimate * in_a_year / len(affected)


def _cannot_tell(outcome: OutcomeEvidence, intervention: str, language: Language) -> str:
    effect = outcome.effect
    unknown = language.say("answer.unknown", intervention=intervention, label=outcome.label)
    data = "compatible" if direction(effect) == "unclear" else "alone"
    return f"{unknown} {language.say(f'answer.{data}', between=between(effect, language))}"


def _yearly(effect: Effect, language: Language) -> str:
    """The clause with the count; nothing when it is nil or the two estimands disagree in sign."""
    if effect.scale == "difference":
        return ""
    yearly = per_year(effect)
    if (yearly > 0) != (effect.percent.estimate < 0) or abs(yearly) < 0.05:
        return ""
    amount = f"{abs(yearly):,.0f}" if abs(yearly) >= 10 else number(abs(yearly))
    side = "fewer" if yearly > 0 else "more"
    return language.say(f"answer.{side}-a-year", amount=amount)


def _compared(value: float, effect: Effect) -> str:
    if effect.scale == "difference":
        return "lower" if value < 0 else "higher"
    return "fewer" if value < 0 else "more"


def _is_nil(value: float) -> bool:
    return abs(value) < 0.0005


def _whole_or_first_digit(value: float) -> str:
    for digits in range(4):
        text = f"{value:,.{digits}f}"
        if float(text.replace(",", "")) != 0:
            return text
    return "0"
