"""The answer of one study as a page of its own, for readers of another language."""

from __future__ import annotations

from evaluation.report.blocks import Block, BulletList, Document, Heading, Link, Paragraph, Strong
from evaluation.report.document import banners, expected_and_range, key_finding, over
from evaluation.report.own_words import QUOTES, asks_itself, quoted, translated
from evaluation.report.words import GRADES, capital, how_sure
from evaluation.say import ENGLISH, Language
from evaluation.study.evidence import Evidence


def first_page(evidence: Evidence, language: Language) -> Document:
    """What the report of a study says first, in that language; the rest is in English only."""
    say = language.say
    told = translated(evidence, language)
    asked = asks_itself(evidence, language)
    blocks: list[Block] = [
        *banners(told, language, plan=f"{ENGLISH.page}#plan"),
        Heading(2, say("study.answer"), "answer"),
        *(key_finding(told, outcome, language) for outcome in told.outcomes),
        expected_and_range(told, language),
    ]
    if any(outcome.estimated for outcome in told.outcomes):
        blocks.append(_certainty(told, language))
    if not asked:
        question = QUOTES.format(evidence.question)
        blocks.append(Paragraph((say("study.asked", question=question),)))
    if not asked or quoted(told):
        blocks.append(Paragraph((say("study.quoted"),)))
    return Document(
        title=told.question,
        window_title=told.question if not asked else told.title,
        over=over(told, language),
        blocks=tuple(blocks),
        home=Link(say("site.home"), f"../{language.page}"),
        other=Link(say("study.other"), ENGLISH.page, lang=ENGLISH.lang),
        lang=language.lang,
    )


def _certainty(evidence: Evidence, language: Language) -> BulletList:
    """What the grades of the estimates here mean."""
    found = {one.grade.level for one in evidence.outcomes if one.estimated}
    return BulletList(
        tuple(
            (
                Strong(
                    capital(language.say("certainty.named", grade=language.say(f"grade.{one}")))
                ),
                how_sure(one, language),
            )
            for one in GRADES
            if one in found
        )
    )
