"""Where the rest of a study is, every number as a file, and how to cite it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.economics.result import CostBenefit
from evaluation.report import words
from evaluation.report.blocks import (
    Block,
    BulletList,
    Code,
    Figure,
    Heading,
    Link,
    Paragraph,
    Text,
    inline,
)
from evaluation.report.other_language import asks_itself, own_words, quoted
from evaluation.report.sections.costs import cost_fact
from evaluation.report.sections.equity import cost_told
from evaluation.report.words import capital
from evaluation.say import ENGLISH, QUOTES, Language
from evaluation.study.acceptances import NONE, Chain
from evaluation.study.evidence import Evidence, dumps

APPENDIX, FIGURES, SHARED = "appendix.html", "figures", "share.png"
# The digits of a hash that a citation needs to tell results apart.
_HASH = 12


@dataclass(frozen=True, slots=True)
class Around:
    """What a study's pages know beside its results.

    Parameters
    ----------
    power : whether `power.html` lies beside them. economics : what was computed from the costs
        supplied, or None. authors : of the project. version : of this program. chain : of
        acceptances, up to the one before these pages.
    """

    power: bool = False
    economics: CostBenefit | None = None
    authors: tuple[str, ...] = ()
    version: str = ""
    chain: Chain = NONE


def more(
    evidence: Evidence,
    drawn: Sequence[Figure | None],
    around: Around,
    language: Language,
    appendix: str,
) -> list[Block]:
    """Where the rest is, every number as a file, and how to cite the page."""
    say = language.say
    items: list[Text] = []
    if appendix:
        items.append((Link(say("first.appendix"), appendix, lang=_other(language)), "."))
    if around.power:
        items.append((Link(say("first.power"), "power.html", lang=_other(language)), "."))
    if around.economics is not None and language is ENGLISH:
        cost = cost_fact(around.economics)
        link = Link(capital(say("first.cost")), f"{appendix}#economics")
        items.append((f"{cost.term}: {cost.value}. ", link, "."))
    elif cost_told(evidence):
        items.append((say("first.cost-told", amount=cost_told(evidence)),))
    if appendix:
        items.append((say("first.numbers"), Link("results.json", "results.json"), "."))
        shown = [figure for figure in drawn if figure is not None]
        if shown:
            items.append(tuple(_files(shown, language)))
        command = Code(f"ceasefire report {evidence.slug} --pdf")
        items.append(inline("first.pdf", language, code=command))
    items.append((cited(evidence, around, language),))
    return [Heading(2, say("first.more"), "more"), BulletList(tuple(items))]


def _other(language: Language) -> str:
    """The language of a page that is in English only, where this one is in another."""
    return "" if language is ENGLISH else ENGLISH.lang


def _files(drawn: Sequence[Figure], language: Language) -> Iterator[Any]:
    """Each figure as a drawing and as numbers."""
    yield language.say("first.files")
    for number, figure in enumerate(drawn, start=1):
        yield f"{'' if number == 1 else '; '}{number} "
        yield Link("SVG", f"{FIGURES}/{figure.key}.svg")
        yield ", "
        yield Link("CSV", f"{FIGURES}/{figure.key}.csv")
    yield "."


def cited(evidence: Evidence, around: Around, language: Language = ENGLISH) -> str:
    """How to cite the study: authors, title, end of the data, program and results."""
    digest = hashlib.sha256(dumps(evidence).encode()).hexdigest()
    authors = f"{language.listed(list(around.authors))}, " if around.authors else ""
    return language.say(
        "first.cite",
        authors=authors,
        title=evidence.title,
        last=words.period_words(evidence.data.last, language.code),
        version=around.version,
        digest=digest[:_HASH],
    )


def asked(evidence: Evidence, told: Evidence, language: Language) -> list[Block]:
    """In another language, the question as the plan has it, and what « » mean where they are."""
    if language is ENGLISH:
        return []
    main = next((one for one in told.outcomes if one.primary), told.outcomes[0])
    own = own_words(told, language)
    about_it = told.plan.content.get("about") or {}
    names = [one.label for one in (main.headline, *main.alternatives)]
    names += [own(str(about_it[key]), key) for key in ("what", "whom") if key in about_it]
    said = []
    if not asks_itself(evidence, language):
        said.append(language.say("study.asked", question=QUOTES.format(evidence.question)))
    if said or quoted(told) or any(QUOTES[0] in name for name in names):
        said.append(language.say("study.quoted"))
    return [Paragraph((one,)) for one in said]
