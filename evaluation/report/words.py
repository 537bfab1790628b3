"""Sentences by two questions, the same words for good news and bad: what the numbers say, and how
sure it is that it was the program. None says more than locked numbers and their grade allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from evaluation.effect import CANNOT_SHOW, Better, Effect, Interval, Quantity
from evaluation.fact import Fact
from evaluation.fact import capital as capital
from evaluation.fact import number as number
from evaluation.fact import period_words as period_words
from evaluation.plots.canvas import digits
from evaluation.plots.canvas import signed_percent as signed_percent
from evaluation.report.doubts import doubts
from evaluation.report.scale import points_words
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import NOT_VALID, Alternative, Evidence, GradeLevel, OutcomeEvidence

Direction = Literal["fall", "rise", "unclear"]
# What led to expect what was expected; the end of a key of the messages.
Basis = Literal["plain", "years", "time", "comparison", "people", "answers"]

GOALS: dict[int, str] = {goal: ENGLISH.say(f"goal.{goal}") for goal in (1, 2, 3)}
GRADES: tuple[GradeLevel, ...] = ("high", "moderate", "low", "very low")
GRADE_STEPS: dict[GradeLevel, int] = {"very low": 1, "low": 2, "moderate": 3, "high": 4}


def direction(effect: Effect) -> Direction:
    """On which side of no change the 95 % range lies; "unclear" when it includes no change."""
    if not effect.percent.excludes_zero:
        return "unclear"
    return "fall" if effect.percent.high < 0 else "rise"


def way_of(outcome: OutcomeEvidence) -> Direction:
    """On which side of no change the headline of an outcome lies, if that may be said: "unclear"
    also where it could be chance over the outcomes that the plan looks at together."""
    return "unclear" if outcome.lost else direction(outcome.effect)


def good_way(outcome: OutcomeEvidence, effect: Effect) -> Better:
    """Which way of the percent of an effect is good: its own way, or that of the outcome."""
    return effect.better or outcome.better


def good(outcome: OutcomeEvidence, effect: Effect) -> bool:
    """Whether the range lies, wholly, on the side that is good."""
    return direction(effect) == ("fall" if good_way(outcome, effect) == "lower" else "rise")


def answer(
    outcome: OutcomeEvidence,
    intervention: str,
    *,
    margin: float | None = None,
    basis: Basis = "plain",
    language: Language = ENGLISH,
) -> str:
    """Two questions answered about one outcome: was it below or above what was expected, and was
    it the program? The first is answered by the range, the second by the grade and its doubts; a
    range that includes no change leaves nothing to ask of the program.

    Parameters
    ----------
    intervention : its name, as it stands in a sentence.
    margin : percent; a change smaller than this is of no use, when the plan said so beforehand.
    basis : what led to expect what was expected.
    language : in which to say it; label and intervention are taken to be in it.
    """
    told = changed(outcome, intervention, margin=margin, basis=basis, language=language)
    if not outcome.estimated:
        return told
    program = was_it(outcome, intervention, margin=margin, language=language)
    if _open(outcome, margin):
        program = language.say("answer.so", open=f"{program[:1].lower()}{program[1:]}")
    return f"{told} {program}"


def changed(
    outcome: OutcomeEvidence,
    intervention: str,
    *,
    margin: float | None = None,
    basis: Basis = "plain",
    language: Language = ENGLISH,
) -> str:
    """The first of the two answers; parameters as for `answer`."""
    say = language.say
    if outcome.refused:
        why = say("answer.refused-some" if _others_valid(outcome) else "answer.refused-all")
        parts = {"intervention": intervention, "label": outcome.label, "why": why}
        return capital(say("answer.refused", **parts))
    if not outcome.estimated:
        return not_estimated(outcome, language)
    effect = outcome.effect
    percent, way = effect.percent, way_of(outcome)
    told = {
        "subject": subject(outcome, language),
        "expected": say(f"expected.by-{basis}"),
        "best": change(percent.estimate, language),
        "between": between(effect, language),
    }
    if margin is not None and _too_small(percent, margin):
        return capital(say("answer.small", **told, margin=planned(margin)))
    near, far = sorted((abs(percent.low), abs(percent.high)))
    told |= {"size": size(percent.estimate, language)}
    told |= {"near": size(near, language), "far": size(far, language)}
    told |= points_words(outcome, told["size"], language)
    if outcome.family is not None:
        told |= {"outcomes": str(outcome.family.outcomes), "p": p_value(outcome.family.p_value)}
    if outcome.lost:
        return capital(say("answer.unclear-family", **told))
    if way == "unclear":
        return capital(say("answer.unclear-blind" if _blind(outcome) else "answer.unclear", **told))
    return capital(
        say(
            "answer.off" if outcome.family is None else "answer.off-family",
            **told,
            side=say("side.below" if way == "fall" else "side.above"),
            judged=say("judged.better" if good(outcome, effect) else "judged.worse"),
        )
    )


def was_it(
    outcome: OutcomeEvidence,
    intervention: str,
    *,
    margin: float | None = None,
    language: Language = ENGLISH,
) -> str:
    """The second of the two answers; parameters as for `answer`."""
    if not outcome.estimated:
        return language.say("answer.nothing-to-credit", intervention=intervention)
    if _open(outcome, margin):
        return language.say("answer.open", intervention=intervention)
    small = margin is not None and _too_small(outcome.effect.percent, margin)
    key = f"{'small' if small else 'program'}.{outcome.grade.level}"
    said = language.say(key, intervention=intervention, why=_why(outcome, language))
    return capital(said)


def _open(outcome: OutcomeEvidence, margin: float | None) -> bool:
    """Whether the range includes no change, and one that would be of use."""
    small = margin is not None and _too_small(outcome.effect.percent, margin)
    return not small and way_of(outcome) == "unclear"


def subject(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """What the percent of the headline is a change of: the outcome, its risk, its rate, or the days
    without it. A rate is of all of follow-up, so no day is named with it."""
    label, effect = outcome.label, outcome.headline.effect
    if effect is None or not effect.percent_of:
        return label
    if effect.percent_of == "risk" and language.say("subject.word-risk") in label:
        return label
    event = language.event(label, timed=effect.percent_of != "rate" or bool(effect.horizon))
    return language.say(f"subject.{effect.percent_of}", label=label, event=event)


def credits_change(outcome: OutcomeEvidence, *, margin: float | None = None) -> bool:
    """Whether `answer` tells a change from none and holds that it may be the program's."""
    if not outcome.estimated or outcome.refused or outcome.grade.level == "very low":
        return False
    if margin is not None and _too_small(outcome.effect.percent, margin):
        return False
    return way_of(outcome) != "unclear"


def planned_margin(evidence: Evidence) -> float | None:
    """Percent below which the plan calls a change of no use; None when it says nothing."""
    margin = evidence.plan.content.get("margin")
    return None if margin is None else float(margin)


def _too_small(percent: Interval, margin: float) -> bool:
    """Whether all of the range is of no use, by the plan."""
    return max(abs(percent.low), abs(percent.high)) < margin


def _blind(outcome: OutcomeEvidence) -> bool:
    """Whether a check found that the series could not have shown a fall that is asked for."""
    found = [check.found for check in outcome.checks]
    return any(isinstance(one, Fact) and one.key == CANNOT_SHOW for one in found)


def _others_valid(outcome: OutcomeEvidence) -> bool:
    """Whether an estimate beside a refused headline may be used."""
    return any(one.effect is not None and not one.effect.objection for one in outcome.alternatives)


def _why(outcome: OutcomeEvidence, language: Language) -> str:
    """The doubts that the grade names, to end a sentence; "" without any."""
    found = doubts(outcome.grade.reasons, language)
    return language.say("program.why", doubts=", ".join(found)) if found else ""


def finding(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """What the figure of one outcome shows, with the headline number; its title."""
    effect = outcome.effect
    unclear = way_of(outcome) == "unclear"
    key = "no-clear-difference-from-what" if unclear else "what-was-expected"
    return language.say(
        "words.lost-over-family" if outcome.lost else f"words.{key}",
        label=capital(subject(outcome, language)),
        best=change(effect.percent.estimate, language),
        effect=spread(effect, language),
    )


def direction_words(outcome: OutcomeEvidence, language: Language = ENGLISH) -> tuple[str, str]:
    """Two or three words for the strip under the answer, and whether that is the good direction."""
    say = language.say
    if outcome.refused:
        some = "some" if _others_valid(outcome) else "all"
        return (say("direction.unclear"), say(f"direction.refused-{some}"))
    if not outcome.estimated:
        return (say("direction.not-estimated"), say("direction.not-estimated-note"))
    effect = outcome.effect
    way = way_of(outcome)
    if way == "unclear":
        note = "direction.family-note" if outcome.lost else "direction.unclear-note"
        return (say("direction.unclear"), say(note))
    judged = say("direction.good" if good(outcome, effect) else "direction.bad")
    if outcome.grade.level == "very low":
        judged = say("direction.why", judged=judged)
    return (say("direction.below" if way == "fall" else "direction.above"), judged)


def how_sure(grade: GradeLevel, language: Language = ENGLISH) -> str:
    """What a grade means, in one sentence."""
    return language.say(f"certainty.{grade}")


def assumption(entry: Alternative) -> str:
    """What one method takes for granted, as a sentence."""
    return sentence(entry.assumes) if entry.assumes else say("words.not-stated")


def not_estimated(
    outcome: OutcomeEvidence, language: Language = ENGLISH, *, bare: bool = False
) -> str:
    """That there is no estimate, why, and what would be needed for one; or that there is one which
    is not valid. `bare` leaves out which of the two it is."""
    reason = str(outcome.headline.reason or say("words.method-gave-no-answer"))
    if outcome.refused:
        return sentence(reason.removeprefix(NOT_VALID).lstrip(": ") if bare else reason)
    needed = language.say(f"answer.none-{'events' if 'no event' in reason else 'longer'}")
    told = language.say("answer.none-reason", reason=sentence(reason).removesuffix("."))
    return language.say(f"answer.none{'-bare' if bare else ''}", reason=told, needed=needed)


def count_range(
    averted: Interval | Quantity,
    *,
    of: Literal["count", "size"] = "count",
    language: Language = ENGLISH,
) -> str:
    """The range of the outcomes averted in words: "33 to 131 fewer", "115 more to 330 fewer".

    `of` is what is less or more: a count of the outcome, or its size.
    """
    side = "down" if averted.low >= 0 else "up" if averted.high <= 0 else "mixed"
    ends = {"low": amount(averted.low, language), "high": amount(averted.high, language)}
    return language.say(f"range.{of}-{side}", **ends)


def worth(outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """Whether the range is as large as what the plan calls worth having; "" when it names none."""
    if outcome.worthwhile is None:
        return ""
    percent, lower = outcome.effect.percent, good_way(outcome, outcome.effect) == "lower"
    gains = (percent.low, percent.high)
    if lower:
        gains = (-percent.high, -percent.low)
    share = (
        "all"
        if gains[0] >= outcome.worthwhile
        else "none"
        if gains[1] < outcome.worthwhile
        else "some"
    )
    # Where the percent is of something else than the outcome, it is not known which way that is.
    same = lower == (outcome.better == "lower")
    way = language.say("way.better" if not same else "way.fall" if lower else "way.rise")
    return language.say(f"words.worth-{share}", way=way, worthwhile=planned(outcome.worthwhile))


def change(value: float, language: Language = ENGLISH) -> str:
    """A percent change in words: "26% below", "5.2% above", "no change"."""
    if value == 0:
        return language.say("change.none")
    return language.say(f"change.{_side(value)}", size=size(value, language))


def spread(effect: Effect, language: Language = ENGLISH) -> str:
    """The range of the percent change in words: "range 15% to 36% below"."""
    return language.say("range.words", between=between(effect, language))


def between(effect: Effect, language: Language = ENGLISH) -> str:
    """The two ends of the range: "15% to 36% below", "12% below to 4.1% above"."""
    low, high = effect.percent.low, effect.percent.high
    if low <= 0 <= high:
        ends = {"low": change(low, language), "high": change(high, language)}
        return language.say("between.mixed", **ends)
    near, far = sorted((abs(low), abs(high)))
    ends = {"near": size(near, language), "far": size(far, language)}
    return language.say(f"between.{_side(low)}", **ends)


def joined(
    keys: Mapping[str, object], *, between: str = "", language: Language = ENGLISH, **parts: object
) -> str:
    """The texts of the keys that hold, one after another, each with the parts that it names."""
    return between.join(language.say(key, **parts) for key, holds in keys.items() if holds)


def ends(low: str, high: str, language: Language = ENGLISH) -> str:
    """The two ends of a range as a table has them: "-3 to 4"."""
    return language.say("between.mixed", low=low, high=high)


def size(value: float, language: Language = ENGLISH) -> str:
    """The size of a percentage, in the digits that every percent change has everywhere.

    Examples
    --------
    >>> size(-26.14), size(0.32), size(8.0), size(1234.5), size(0.01)
    ('26%', '0.3%', '8%', '1,234%', 'less than 0.1%')
    """
    return _in_words(f"{digits(value)}%", language)


def planned(percent: float) -> str:
    """A percentage that a plan names, as it names it.

    Examples
    --------
    >>> planned(5.0), planned(12.5)
    ('5%', '12.5%')
    """
    return f"{percent:g}%"


def amount(value: float, language: Language = ENGLISH) -> str:
    """The size of a count of outcomes, in the same digits.

    Examples
    --------
    >>> amount(-168.3), amount(0.91), amount(3.0), amount(9.97), amount(0.0)
    ('168', '0.9', '3', '10', '0')
    """
    return _in_words(digits(value), language)


def signed_amount(value: float) -> str:
    """A count for a table, in the same digits, with a true minus sign.

    Examples
    --------
    >>> signed_amount(168.3), signed_amount(-0.91), signed_amount(0.02)
    ('168', '−0.9', '<0.1')
    """
    return f"{'−' if value < 0 else ''}{digits(value)}"


def signed_range(interval: Interval, language: Language = ENGLISH) -> str:
    """The two ends of a percent interval for a table."""
    return ends(signed_percent(interval.low), signed_percent(interval.high), language)


def p_value(value: float) -> str:
    """A p value, never as 0.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.00004)
    ('0.031', '<0.001')
    """
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = capital(text.strip())
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _side(value: float) -> str:
    return "below" if value < 0 else "above"


def _in_words(written: str, language: Language) -> str:
    return language.say("size.less", size=written[1:]) if written[0] == "<" else written
