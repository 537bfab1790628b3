"""What studies of people and of survey answers suppose, how they were made, and their limits."""

from __future__ import annotations

from evaluation.report.blocks import Text
from evaluation.report.messages.language import ENGLISH, Language
from evaluation.report.sections import equity
from evaluation.study.evidence import Evidence


def speaks_for(evidence: Evidence) -> bool:
    """Whether the sentences about a study come from here."""
    return evidence.about.of_persons


def of_people(evidence: Evidence) -> bool:
    """Whether it is a study of people, and not of answers."""
    return evidence.about.of_people


def counted(evidence: Evidence) -> str:
    """What the number of observations counts."""
    return "People" if of_people(evidence) else "Answers"


def gone_on(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What "expected" supposes, to follow "what would have happened without it"."""
    return language.say("expected.people" if of_people(evidence) else "expected.survey")


def assumption(evidence: Evidence) -> str:
    """What the design takes for granted and no method can check, to stand inside a sentence."""
    if of_people(evidence):
        return (
            "those who took part and those compared with them, alike in what the data hold, are "
            "also alike in what they do not hold, such as the wish to change."
        )
    return (
        f"without {evidence.intervention}, answers would have changed there as they did in the "
        "comparison areas, and those who answered speak for those who did not."
    )


def approach(evidence: Evidence) -> str:
    """How the effect is estimated, for a reader without statistics."""
    if of_people(evidence):
        return (
            "People who took part are compared with people who did not, weighted so that both are "
            "alike in what was known when they entered. Everyone counts from entry on, whether or "
            "not they stayed."
        )
    return (
        "The change of answers between waves in the areas with the program is compared with the "
        "change elsewhere. Weights let each answer speak for its share of residents; errors follow "
        "from how the sample was drawn."
    )


def limits(evidence: Evidence) -> list[Text]:
    """What the answer does not say."""
    if of_people(evidence):
        police: list[Text] = [
            (
                "An arrest is what the police record. Fewer arrests can be less crime or less "
                "enforcement; where victimization is in the data it is shown beside.",
            )
        ]
        return [
            *(police if equity.enforcement(evidence) else []),
            ("Counts below 10 people are not shown, nor what would give them away.",),
        ]
    if not equity.about(evidence, "trust"):
        return [("What people say in an interview is not what they do.",)]
    return [
        (
            "Trust in an interview is not what people do. Complaints may rise when people trust "
            "that they are heard, so each measure has the direction that the plan declared good.",
        ),
    ]


def places(evidence: Evidence) -> str:
    """How far the answer reaches."""
    return f"This is one study, {evidence.data.unit}. It does not say what would happen elsewhere."
