"""The pages of one study: the first layer, the appendix behind it, and both as one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from evaluation.plots.share_image import share_image as drawn
from evaluation.report import study_words, words
from evaluation.report.blocks import (
    Beside,
    Block,
    Callout,
    Contents,
    Details,
    Document,
    Figure,
    Heading,
    Inline,
    Link,
    Paragraph,
    Strong,
    Table,
    every,
    heads,
    inline,
)
from evaluation.report.document import HOME, answer, is_synthetic, over
from evaluation.report.figures import figures
from evaluation.report.figures.icon_array import icon_array
from evaluation.report.figures.over_time import accumulated, by_time
from evaluation.report.figures.unit_figures import small_multiples, unit_forest
from evaluation.report.first_layer import changed, first_layer, primary
from evaluation.report.other_language import asks_itself, translated
from evaluation.report.sections import (
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
from evaluation.report.sections.costs import economics_section
from evaluation.report.sections.folded import folded
from evaluation.report.sections.measures import measures
from evaluation.report.sections.more import SHARED, Around
from evaluation.report.study_words import affected, fewer, is_count
from evaluation.say import ENGLISH, LANGUAGES, Language, say
from evaluation.study.evidence import Evidence, OutcomeEvidence


def first_page(
    evidence: Evidence, language: Language = ENGLISH, *, around: Around | None = None
) -> Document:
    """The first layer as a page in that language."""
    told = translated(evidence, language)
    main = primary(told)
    other = next(one for one in LANGUAGES if one is not language)
    return Document(
        title=told.question,
        window_title=told.title if asks_itself(evidence, language) else told.question,
        over=over(told, language),
        blocks=first_layer(evidence, language, around=around),
        home=replace(HOME, text=language.say("site.home"), href=f"../{language.page}"),
        other=Link(ENGLISH.say("study.other"), other.page, lang=other.lang)
        if language is ENGLISH
        else Link(language.say("study.other"), ENGLISH.page, lang=ENGLISH.lang),
        lang=language.lang,
        description=answer(told, main, language),
        image=SHARED,
        layer="first",
    )


def share_image(evidence: Evidence) -> bytes:
    """What a message shows of the study: the question, the two answers, and the years."""
    main = primary(evidence)
    said = changed(evidence, main, ENGLISH)
    if is_synthetic(evidence):
        said = say("answer.synthetic", said=said)
    program = words.was_it(main, evidence.intervention, margin=words.planned_margin(evidence))
    years = () if main.by_year is None else tuple(one.recorded for one in main.by_year.years)
    steps = words.GRADE_STEPS[main.grade.level] if main.estimated else 0
    return drawn(evidence.question, (said, program), steps=steps, years=years, foot=over(evidence))


def appendix_page(evidence: Evidence, *, around: Around | None = None) -> Document:
    """Everything that the first layer does not say, as a page."""
    return Document(
        title=say("appendix.of", question=evidence.question),
        window_title=say("appendix.of", question=evidence.title),
        over=over(evidence),
        blocks=(Contents(), *_back(evidence, around or Around(), ENGLISH.page)),
        home=HOME,
        other=Link(say("appendix.back"), ENGLISH.page),
        layer="appendix",
    )


def report_document(evidence: Evidence, *, around: Around | None = None) -> Document:
    """Both layers as one document."""
    around = around or Around()
    return replace(
        first_page(evidence, around=around),
        blocks=(
            *first_layer(evidence, around=around, appendix=""),
            *_back(evidence, around, ""),
        ),
        other=None,
        layer="",
    )


# What two sheets of paper have room for, beside the answer.
_BRIEF = ("sure", "found", "further", "more")


def brief_document(evidence: Evidence, *, around: Around | None = None) -> Document:
    """The first layer on two sheets of paper, its second and third figure beside each other."""
    page = first_page(evidence, around=around)
    parts: dict[str, list[Block]] = {}
    part = ""
    for block in page.blocks:
        if isinstance(block, Heading):
            part = block.anchor
        if not isinstance(block, Contents):
            parts.setdefault(part, []).append(block)
    sides = [tuple(map(_narrow, parts.get(name, ()))) for name in ("ways", "strip")]
    beside = (Beside(*sides),) if all(sides) else (*sides[0], *sides[1])
    rest = (block for name in _BRIEF for block in parts.get(name, ()))
    blocks = (*parts.get("", ()), *parts["answer"], *beside, *rest)
    return replace(page, blocks=blocks, other=None, layer="brief")


def _narrow(block: Block) -> Block:
    """A figure as it is drawn for a phone, where it has half a sheet."""
    if isinstance(block, Figure) and block.narrow:
        return replace(block, svg=block.narrow, narrow="")
    return block


def _back(evidence: Evidence, around: Around, front: str) -> tuple[Block, ...]:
    """The blocks of the appendix, without the figures that the first layer has.

    Parameters
    ----------
    front : the file of the first layer; "" where both are one document.
    """
    shown = {block.key for block in every(first_layer(evidence)) if isinstance(block, Figure)}
    blocks: list[Block] = [
        Heading(2, say("document.what-happened-and-what-was"), "observed"),
        *_each(evidence, "observed", _observed),
        *by_time(evidence),
        *measures(evidence),
        Heading(2, say("document.every-estimate"), "estimates"),
        *_each(evidence, "estimates", _alternatives),
        *beside_published(evidence),
        *sensitivity.choices(evidence),
        *sensitivity.compared(evidence),
        *sensitivity.groups_apart(evidence),
        *sensitivity.false_alarms(evidence),
        Heading(2, say("document.how-sure-are-we-and"), "certainty"),
        *_each(evidence, "certainty", lambda _, outcome: sensitivity.certainty(outcome)),
        *maryland.maryland_scale(evidence),
        *([_power_link()] if around.power else []),
        *sensitivity.would_change(evidence),
        *equity.who_bears_it(evidence, partial(answer, evidence)),
        *delivery.delivery(evidence),
        *(
            equity.cost(evidence)
            if around.economics is None
            else economics_section(around.economics)
        ),
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
        # A PDF file lies outside the chain, and is not to move with it.
        *appendix.reproduce(evidence, around.chain if front else None),
    ]
    return without(blocks, shown)


def without(blocks: Sequence[Block], shown: set[str]) -> tuple[Block, ...]:
    """The blocks less the figures of these keys."""
    return tuple(
        replace(block, blocks=without(block.blocks, shown)) if isinstance(block, Details) else block
        for block in blocks
        if not (isinstance(block, Figure) and block.key in shown)
    )


def _power_link() -> Paragraph:
    return Paragraph(
        inline(
            "document.how-large-change-would-this",
            link=Link(say("document.what-this-study-could-find"), "power.html"),
        )
    )


Part = Callable[[Evidence, OutcomeEvidence], Sequence[Block]]


def _each(evidence: Evidence, section: str, part: Part) -> list[Block]:
    """The part of every outcome, folded when there is more than one."""
    return [
        block
        for outcome in evidence.outcomes
        for block in folded(evidence, outcome, section, part(evidence, outcome))
    ]


def _alternatives(evidence: Evidence, outcome: OutcomeEvidence) -> list[Block]:
    """The plot over its table; the table alone where the plot stands on the first layer, or when
    the headline is not among the estimates."""
    if outcome.estimated and outcome is not primary(evidence):
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
