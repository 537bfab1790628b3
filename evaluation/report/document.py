"""One study as a document: the answer first, then all a doubter asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.report import study_words, words
from evaluation.report.blocks import Callout, Fact, KeyFinding, Link, Paragraph, Strong, Tone
from evaluation.report.sections import comparison, people_and_survey_results
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import Evidence, OutcomeEvidence

NAMED = 3  # places that the first page names; more would hide what the sentence says
HOME = Link(ENGLISH.say("site.home"), "../index.html")


def synthetic_banner(language: Language = ENGLISH) -> Callout:
    """That a computer made the data."""
    text = language.say("banner.synthetic-text")
    return Callout("warning", language.say("banner.synthetic"), (text,))


SYNTHETIC = synthetic_banner()


def over(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What stands above the question: the goal, or that the study only repeats another."""
    if evidence.plan.content.get("replicates"):
        return language.say("study.replication")
    goal = evidence.goal
    return language.say("study.goal", goal=goal, name=language.say(f"goal.{goal}"))


def banners(
    evidence: Evidence, language: Language = ENGLISH, *, plan: str = "#plan"
) -> tuple[Callout, ...]:
    """What must be read before the answer: made-up data, a plan changed after freezing.

    `plan` is where its changes are listed.
    """
    say = language.say
    shown: list[Callout] = []
    if is_synthetic(evidence):
        shown.append(synthetic_banner(language))
    if evidence.plan.changes:
        link = Link(say("banner.changed-link"), plan)
        text = (say("banner.changed-text"), link, ".")
        shown.append(Callout("warning", say("banner.changed"), text))
    elif evidence.plan.frozen_sha256 is None:
        shown.append(Callout("note", say("banner.unfrozen"), (say("banner.unfrozen-text"),)))
    return tuple(shown)


def key_finding(
    evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH
) -> KeyFinding:
    """The sentence of one outcome with its direction, size and certainty."""
    say, grade = language.say, outcome.grade.level
    way, side = words.direction_words(outcome, language)
    label = language.heading(words.subject(outcome, language))
    sure, steps = words.capital(say(f"grade.{grade}")), words.GRADE_STEPS[grade]
    return KeyFinding(
        label=label if outcome.primary else say("label.secondary", label=label),
        sentence=answer(evidence, outcome, language),
        facts=(
            Fact(say("strip.direction"), way, side),
            _size(evidence, outcome, language),
            Fact(say("strip.certainty"), sure, steps=steps),
        ),
        tone=_tone(outcome),
    )


def answer(evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """The answer about one outcome in a sentence; of made-up data it says so itself."""
    said = words.answer(
        outcome,
        evidence.intervention,
        margin=words.planned_margin(evidence),
        basis=basis(evidence),
        language=language,
    )
    effect = outcome.headline.effect
    if effect is not None and len(effect.covered) < len(effect.path):
        last = words.period_words(effect.covered[-1].period, language.code)
        said = language.say("answer.until", said=said, last=last)
    # The words travel without the banner when someone copies them.
    return language.say("answer.synthetic", said=said) if is_synthetic(evidence) else said


def basis(evidence: Evidence) -> words.Basis:
    """What led to expect what was expected, by the design."""
    if study_words.speaks_for(evidence):
        return "people" if study_words.of_people(evidence) else "answers"
    if comparison.is_did(evidence) or _compared_with(evidence):
        return "comparison"
    # Both begin with the year, whatever the period.
    first, start = (period[:4] for period in (evidence.data.first, evidence.start))
    years = int(start) - int(first) if (first + start).isdigit() else 0
    return "years" if years >= 2 else "time"


def expected_and_range(evidence: Evidence, language: Language = ENGLISH) -> Paragraph:
    """What the two words mean that every answer uses."""
    supposed = gone_on(evidence, language)
    return Paragraph(
        (
            Strong(language.say("expected.term")),
            language.say("expected.study", intervention=evidence.intervention, gone_on=supposed),
            Strong(language.say("range.term")),
            language.say("range.means"),
        )
    )


def gone_on(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What "expected" supposes, to follow "what would have happened without it"."""
    if study_words.speaks_for(evidence):
        return study_words.gone_on(evidence, language)
    if comparison.is_did(evidence):
        if comparison.many(evidence) and not comparison.sites(evidence):
            return language.say("expected.did-many")
        return language.say("expected.did", place=evidence.data.unit)
    compared = _compared_with(evidence)
    if not compared:
        return language.say("expected.series")
    listed = len(compared) <= NAMED
    several = language.say("expected.places", places=len(compared))
    controls = language.listed(compared) if listed else several
    return language.say("expected.controls", controls=controls)


def _compared_with(evidence: Evidence) -> list[str]:
    """The places or the outcome beside which an interrupted series is seen."""
    planned: Mapping[str, Any] = evidence.plan.content.get("controls") or {}
    units = [str(unit) for unit in planned.get("units") or ()]
    column = planned.get("outcome")
    if units or not column:
        return units
    named = {entry.name: entry.label for entry in evidence.data.columns}
    return [named.get(column, str(column).replace("_", " "))]


def is_synthetic(evidence: Evidence) -> bool:
    """Whether a computer made the data, so that no answer here is about a real place."""
    return evidence.data.provenance.sensitivity == "synthetic"


def _size(evidence: Evidence, outcome: OutcomeEvidence, language: Language) -> Fact:
    say = language.say
    if not outcome.estimated:
        none = "size.refused" if outcome.refused else "size.not-estimated"
        return Fact(say("strip.size"), say(none))
    effect = outcome.effect
    size = words.change(effect.percent.estimate, language)
    note = words.spread(effect, language)
    if words.way_of(outcome) == "unclear":
        # No number on one side stands first where the range is on both.
        size, note = words.between(effect, language), say("size.best", best=size)
    people = (
        people_and_survey_results.size(evidence, outcome, language)
        if study_words.speaks_for(evidence)
        else ""
    )
    if people:
        note = say("size.with", range=note, people=people)
    return Fact(say("strip.size"), words.capital(size), words.capital(note))


def _tone(outcome: OutcomeEvidence) -> Tone:
    """Good and bad only for what is clear and can be told."""
    if not outcome.estimated or outcome.grade.level == "very low":
        return "unclear"
    if words.way_of(outcome) == "unclear":
        return "unclear"
    return "good" if words.good(outcome, outcome.effect) else "bad"
