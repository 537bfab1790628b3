"""One study as a document: the answer first, then all a doubter asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

from evaluation.economics.result import CostBenefit
from evaluation.report import study_words, words
from evaluation.report.blocks import (
    Block,
    Callout,
    Contents,
    Document,
    Fact,
    Heading,
    Inline,
    KeyFinding,
    Link,
    Paragraph,
    Strong,
    Table,
    heads,
    inline,
)
from evaluation.report.figures import figures
from evaluation.report.figures.icon_array import icon_array
from evaluation.report.figures.over_time import accumulated, by_time
from evaluation.report.figures.unit_figures import small_multiples, unit_forest
from evaluation.report.sections import (
    about,
    appendix,
    checklists,
    comparison,
    delivery,
    equity,
    people_and_survey_results,
    sensitivity,
)
from evaluation.report.sections import checklists as maryland
from evaluation.report.sections.beside_published import beside_published
from evaluation.report.sections.costs import cost_fact, economics_section
from evaluation.report.sections.measures import measures
from evaluation.report.study_words import affected, fewer, is_count
from evaluation.say import ENGLISH, SPANISH, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence

NAMED = 3  # places that the first page names; more would hide what the sentence says
HOME = Link(ENGLISH.say("site.home"), "../index.html")


def synthetic_banner(language: Language = ENGLISH) -> Callout:
    """That a computer made the data."""
    text = language.say("banner.synthetic-text")
    return Callout("warning", language.say("banner.synthetic"), (text,))


SYNTHETIC = synthetic_banner()


def report_document(
    evidence: Evidence, *, power_page: bool = False, economics: CostBenefit | None = None
) -> Document:
    """The report of one study.

    Parameters
    ----------
    power_page : whether to link to what its data could show at all. economics : what was computed
        from the costs supplied, or None.
    """
    blocks: list[Block] = [
        *banners(evidence),
        Heading(2, say("document.title"), "answer"),
        *(key_finding(evidence, outcome, economics=economics) for outcome in evidence.outcomes),
        expected_and_range(evidence),
        Contents(),
        *about.about(evidence),
        *about.what_was_compared(evidence),
        Heading(2, say("document.what-happened-and-what-was"), "observed"),
        *_each(evidence, "observed", _observed),
        *by_time(evidence),
        *measures(evidence),
        Heading(2, say("document.what-other-methods-say"), "alternatives"),
        Paragraph((say("document.one-method-is-headline-others"),)),
        *_each(evidence, "alternatives", lambda _, outcome: _alternatives(outcome)),
        *beside_published(evidence),
        *sensitivity.choices(evidence),
        *sensitivity.compared(evidence),
        *sensitivity.groups_apart(evidence),
        *sensitivity.false_alarms(evidence),
        Heading(2, say("document.how-sure-are-we-and"), "certainty"),
        *_each(evidence, "certainty", lambda _, outcome: sensitivity.certainty(outcome)),
        *maryland.maryland_scale(evidence),
        *([_power_link()] if power_page else []),
        *sensitivity.would_change(evidence),
        *equity.who_bears_it(evidence, partial(answer, evidence)),
        *delivery.delivery(evidence),
        *(equity.cost(evidence) if economics is None else economics_section(economics)),
        *_events(evidence),
        *appendix.methods(evidence),
        *sensitivity.groups(evidence),
        *sensitivity.left_over(evidence),
        *appendix.plan(evidence),
        *appendix.data(evidence),
        *comparison.limits(evidence),
        *equity.conflicts(evidence),
        *checklists.checklists(evidence),
        *appendix.environment(evidence),
        *appendix.reproduce(evidence),
    ]
    return Document(
        title=evidence.question,
        window_title=evidence.title,
        over=over(evidence),
        blocks=tuple(blocks),
        home=HOME,
        other=Link(ENGLISH.say("study.other"), SPANISH.page, lang=SPANISH.lang),
    )


def over(evidence: Evidence, language: Language = ENGLISH) -> str:
    """What stands above the question: the goal, or that the study only repeats another."""
    if evidence.plan.content.get("replicates"):
        return language.say("study.replication")
    goal = evidence.goal
    return language.say("study.goal", goal=goal, name=language.say(f"goal.{goal}"))


def _power_link() -> Paragraph:
    return Paragraph(
        inline(
            "document.how-large-change-would-this",
            link=Link(say("document.what-this-study-could-find"), "power.html"),
        )
    )


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
    evidence: Evidence,
    outcome: OutcomeEvidence,
    language: Language = ENGLISH,
    *,
    link: Link | None = None,
    economics: CostBenefit | None = None,
) -> KeyFinding:
    """The sentence of one outcome with its strip of facts."""
    say, grade = language.say, outcome.grade.level
    way, side = words.direction_words(outcome, language)
    label = language.heading(words.subject(outcome, language))
    return KeyFinding(
        label=label if outcome.primary else say("label.secondary", label=label),
        sentence=answer(evidence, outcome, language),
        facts=(
            Fact(say("strip.direction"), way, side),
            _size(evidence, outcome, language),
            Fact(
                say("strip.certainty"),
                words.capital(say(f"grade.{grade}")),
                steps=words.GRADE_STEPS[grade],
            ),
            Fact(say("strip.studies"), "1", say("strip.single")),
            _cost(evidence, language, economics),
        ),
        tone=_tone(outcome),
        link=link,
    )


def answer(evidence: Evidence, outcome: OutcomeEvidence, language: Language = ENGLISH) -> str:
    """The answer about one outcome in a sentence; of made-up data it says so itself."""
    said = words.answer(
        outcome,
        evidence.intervention,
        margin=words.planned_margin(evidence),
        basis=_basis(evidence),
        language=language,
    )
    effect = outcome.headline.effect
    if effect is not None and len(effect.covered) < len(effect.path):
        last = words.period_words(effect.covered[-1].period, language.code)
        said = language.say("answer.until", said=said, last=last)
    # The words travel without the banner when someone copies them.
    return language.say("answer.synthetic", said=said) if is_synthetic(evidence) else said


def _basis(evidence: Evidence) -> words.Basis:
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


def _cost(evidence: Evidence, language: Language, economics: CostBenefit | None) -> Fact:
    """The box about money: computed, or as supplied in the plan, or that none was."""
    if economics is not None:
        return cost_fact(economics)
    if evidence.plan.content.get("cost"):
        return equity.cost_fact(evidence)
    say = language.say
    return Fact(say("strip.cost"), say("strip.no-cost"), say("strip.no-cost-note"))


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


def _tone(outcome: OutcomeEvidence) -> Literal["good", "bad", "unclear"]:
    """Good and bad only for what is clear and can be told."""
    if not outcome.estimated or outcome.grade.level == "very low":
        return "unclear"
    if words.way_of(outcome) == "unclear":
        return "unclear"
    return "good" if words.good(outcome, outcome.effect) else "bad"


def _each(evidence: Evidence, section: str, part: Any) -> list[Block]:
    """The part of every outcome, under its own heading when there is more than one."""
    blocks: list[Block] = []
    for outcome in evidence.outcomes:
        if len(evidence.outcomes) > 1:
            anchor = f"{section}-{figures.anchor(outcome.column)}"
            blocks.append(Heading(3, words.capital(outcome.label), anchor))
        blocks.extend(part(evidence, outcome))
    return blocks


def _alternatives(outcome: OutcomeEvidence) -> list[Block]:
    """The plot over its table; the table alone when the headline is not among the estimates."""
    if outcome.estimated:
        return [figures.planned_alternatives(outcome)]
    key = f"alternatives-{figures.anchor(outcome.column)}"
    return [figures.alternatives_table(key, outcome)]


def _observed(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    if not outcome.estimated:
        why = words.capital(words.not_estimated(outcome, bare=True))
        title = say("document.not-valid-here") if outcome.refused else say("document.not-estimated")
        return [Callout("empty", title, (why,))]
    if study_words.speaks_for(evidence):
        return [
            *people_and_survey_results.observed(evidence, outcome),
            *icon_array(evidence, outcome),
        ]
    effect = outcome.effect
    said: list[Inline] = []
    if not effect.path:
        no_line = say("document.method-gives-effect-as-such")
        return [
            Paragraph((f"{no_line} {words.worth(outcome)}",)),
            *icon_array(evidence, outcome),
            *unit_forest(evidence, outcome),
        ]
    if is_count(evidence, outcome):
        averted = effect.averted
        said += [
            say(
                "document.from-to-best-estimate-is",
                period=affected(effect)[0].period,
                period2=effect.covered[-1].period,
            ),
            Strong(
                say("document.than-expected", estimate=fewer(averted.estimate), label=outcome.label)
            ),
            say("document.range", averted=words.count_range(averted)),
        ]
    said.append(words.worth(outcome))
    return [
        figures.observed_against_expected(evidence, outcome),
        *icon_array(evidence, outcome),
        *([Paragraph(tuple(said))] if any(said) else []),
        *accumulated(evidence, outcome),
        *unit_forest(evidence, outcome),
        *small_multiples(evidence, outcome),
    ]


def _events(evidence: Evidence) -> list[Block]:
    events: tuple[Mapping[str, Any], ...] = tuple(evidence.plan.content.get("events") or ())
    blocks: list[Block] = [Heading(2, say("document.what-else-happened-at-time"), "events")]
    if not events:
        blocks.append(Paragraph((say("document.plan-lists-no-other-event"),)))
        return blocks
    blocks.append(
        Paragraph(
            (say("document.plan-names-these-method-cannot", intervention=evidence.intervention),)
        )
    )
    blocks.append(
        Table(
            key="events-table",
            caption=say("document.other-events-plan-names"),
            headers=heads("when", "what"),
            rows=tuple(
                ((words.period_words(str(event["date"])),), (words.sentence(str(event["what"])),))
                for event in events
            ),
        )
    )
    return blocks
