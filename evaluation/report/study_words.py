"""What the design and the outcomes of a study let a page say: of people or of answers, whether a
total means something, and in which periods an outcome was used."""

from __future__ import annotations

from evaluation.effect import Quantity
from evaluation.fact import Fact, key_of
from evaluation.report import words
from evaluation.say import ENGLISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import window_of

PER = 100_000
# Measures that results of the former form name in words and these pages look for.
_ITS, _PEOPLE = "its.quantities", "individual.quantities"
FITTED, OBSERVED = f"{_ITS}.averted-fitted", f"{_ITS}.averted-observed"
LAST, RATE, CONFOUNDER = f"{_ITS}.in-last-period", f"{_ITS}.averted-rate", f"{_ITS}.confounder"
RISK, A_PERSON = f"{_PEOPLE}.risk-difference", f"{_PEOPLE}.difference"
_NAMED = (
    *(Fact(key) for key in (FITTED, OBSERVED, LAST, CONFOUNDER, RISK, A_PERSON)),
    *(Fact(f"{_ITS}.{key}", {"later": ""}) for key in ("change-of-level", "change-of-slope")),
    Fact(f"{_ITS}.average"),
    Fact(RATE, {"per": PER}),
)


def measure_of(quantity: Quantity) -> str:
    """The key of the name of a measure; "" for one that has none."""
    return key_of(quantity.name, among=_NAMED)


def speaks_for(evidence: Evidence) -> bool:
    """Whether the sentences about a study come from here."""
    return evidence.about.of_persons


def of_people(evidence: Evidence) -> bool:
    """Whether it is a study of people, and not of answers."""
    return evidence.about.of_people


def counted(evidence: Evidence) -> str:
    """What the number of observations counts."""
    return say("study-words.people" if of_people(evidence) else "study-words.answers")


def gone_on(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What "expected" supposes, to follow "what would have happened without it"."""
    return language.say("expected.people" if of_people(evidence) else "expected.survey")


def assumption(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What the design takes for granted and no method can check, to stand inside a sentence."""
    if of_people(evidence):
        return language.say("study-words.those-who-took-part-and")
    return language.say(
        "study-words.without-answers-would-have-changed", intervention=evidence.intervention
    )


def approach(evidence: Evidence) -> str:
    """How the effect is estimated, for a reader without statistics."""
    if of_people(evidence):
        return say("study-words.people-who-took-part-are")
    return say("study-words.change-of-answers-between-waves")


def places(evidence: Evidence) -> str:
    """How far the answer reaches."""
    return say("study-words.this-is-one-study-it", unit=evidence.data.unit)


def is_count(evidence: Evidence, outcome: OutcomeEvidence) -> bool:
    """Whether the outcome is estimated and counts events, so that a total means something."""
    column = next((one for one in evidence.data.columns if one.name == outcome.column), None)
    return outcome.estimated and column is not None and column.type == "count"


def fewer(averted: float, language: Language = ENGLISH) -> str:
    """A number averted or added in words: "168 fewer", "3.2 more"."""
    way = "more" if averted < 0 else "fewer"
    return language.say(f"study-words.{way}", amount=words.amount(averted, language))


def span(evidence: Evidence, key: str, language: Language = ENGLISH) -> str:
    """The time that the data cover, by the sentence of this key; or that they hold no dates."""
    data = evidence.data
    if data.undated:
        return language.say("study-words.undated")
    first, last = (words.period_words(one, language.code) for one in (data.first, data.last))
    return language.say(key, first=first, last=last)


def own_window_words(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH
) -> str:
    """That an outcome was used in fewer periods than the study has, or nothing."""
    first, last = window_of(evidence, outcome)
    if (first, last) == (evidence.data.first, evidence.data.last):
        return ""
    return language.say("study-words.used-from-to-only", first=first, last=last)
