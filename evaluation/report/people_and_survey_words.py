"""What studies of people and of survey answers suppose, how they were made, and their limits."""

from __future__ import annotations

from evaluation.report.blocks import Text
from evaluation.report.sections import equity
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence

PEOPLE, SURVEY = "individual", "survey"


def speaks_for(evidence: Evidence) -> bool:
    """Whether the sentences about a study come from here."""
    return evidence.plan.content.get("design") in (PEOPLE, SURVEY)


def of_people(evidence: Evidence) -> bool:
    """Whether it is a study of people, and not of answers."""
    return bool(evidence.plan.content.get("design") == PEOPLE)


def counted(evidence: Evidence) -> str:
    """What the number of observations counts."""
    return (
        say("people-and-survey-words.people")
        if of_people(evidence)
        else say("people-and-survey-words.answers")
    )


def gone_on(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What "expected" supposes, to follow "what would have happened without it"."""
    return language.say("expected.people" if of_people(evidence) else "expected.survey")


def assumption(evidence: Evidence) -> str:
    """What the design takes for granted and no method can check, to stand inside a sentence."""
    if of_people(evidence):
        return say("people-and-survey-words.those-who-took-part-and")
    return say(
        "people-and-survey-words.without-answers-would-have-changed",
        intervention=evidence.intervention,
    )


def approach(evidence: Evidence) -> str:
    """How the effect is estimated, for a reader without statistics."""
    if of_people(evidence):
        return say("people-and-survey-words.people-who-took-part-are")
    return say("people-and-survey-words.change-of-answers-between-waves")


def limits(evidence: Evidence) -> list[Text]:
    """What the answer does not say."""
    if of_people(evidence):
        police: list[Text] = [(say("people-and-survey-words.arrest-is-what-police-record"),)]
        return [
            *(police if equity.enforcement(evidence) else []),
            (say("people-and-survey-words.counts-below-10-people-are"),),
        ]
    if not equity.about(evidence, "trust"):
        return [(say("people-and-survey-words.what-people-say-in-interview"),)]
    return [
        (say("people-and-survey-words.trust-in-interview-is-not"),),
    ]


def places(evidence: Evidence) -> str:
    """How far the answer reaches."""
    return say("people-and-survey-words.this-is-one-study-it", unit=evidence.data.unit)
