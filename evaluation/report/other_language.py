"""A study for readers of another language: what it calls things, and its answer as a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evaluation.report.blocks import Block, BulletList, Document, Heading, Link, Paragraph, Strong
from evaluation.report.document import banners, expected_and_range, key_finding, over
from evaluation.report.words import GRADES, capital, how_sure
from evaluation.say import ENGLISH, QUOTES, Language
from evaluation.study.evidence import Evidence

_HORIZON = re.compile(r"(?P<base>.+) within (?P<count>[\d.,]+) (?P<unit>\w+)")
_COUNTED = re.compile(r"(?P<some>[\d,]+) of (?P<all>[\d,]+) (?P<unit>\w+)")


def translated(evidence: Evidence, language: Language) -> Evidence:
    """The study with its names in that language; the numbers are untouched.

    A name is the one that the plan gives in its table `[es]` (title, question, intervention, unit,
    and outcomes by column), or the usual one of the catalogue, or stays English between « ».
    """
    if language is ENGLISH:
        return evidence
    own = _table(evidence.plan.content, language.code)
    labels = _table(own, "outcomes")

    def label(column: str, words: str) -> str:
        return _label(words, _text(labels, column), language)

    outcomes = tuple(
        replace(outcome, label=label(outcome.column, outcome.label))
        for outcome in evidence.outcomes
    )
    intervention = _text(own, "intervention") or _name(evidence.intervention, language)
    primary = [outcome.label for outcome in outcomes if outcome.primary] or [outcomes[0].label]
    return replace(
        evidence,
        title=_text(own, "title") or language.usual(evidence.title),
        question=_text(own, "question")
        or language.say(
            "study.question", label=language.listed(primary), intervention=intervention
        ),
        intervention=intervention,
        outcomes=outcomes,
        data=replace(
            evidence.data,
            unit=_text(own, "unit") or place(evidence.data.unit, language),
            columns=tuple(
                replace(column, label=label(column.name, column.label))
                for column in evidence.data.columns
            ),
        ),
    )


def asks_itself(evidence: Evidence, language: Language) -> bool:
    """Whether the plan has its question in that language."""
    return language is ENGLISH or bool(
        _text(_table(evidence.plan.content, language.code), "question")
    )


def quoted(evidence: Evidence) -> bool:
    """Whether a name of a translated study had to stay English."""
    shown = (evidence.title, evidence.intervention, *(one.label for one in evidence.outcomes))
    return any(QUOTES[0] in words for words in shown)


def place(words: str, language: Language) -> str:
    """Where a study was, when it is a count of units or invented; a proper name as it is.

    Examples
    --------
    >>> from evaluation.say import SPANISH
    >>> place("400 of 1,200 people", SPANISH), place("Oakland (synthetic)", SPANISH)
    ('400 de 1,200 personas', 'Oakland (datos sintéticos)')
    """
    counted = _COUNTED.fullmatch(words)
    if counted is not None and counted["unit"] in language.units:
        return language.say(
            "place.counted",
            some=counted["some"],
            all=counted["all"],
            unit=language.units[counted["unit"]],
        )
    return words.replace("(synthetic)", language.say("place.synthetic"))


def _name(words: str, language: Language) -> str:
    """The usual name of an intervention; a proper name stays as it is."""
    proper = words[:1].isupper() and words not in language.labels
    return words if proper else language.usual(words)


def _label(words: str, own: str, language: Language) -> str:
    timed = _HORIZON.fullmatch(words)
    if timed is None or timed["unit"] not in language.units:
        return own or language.usual(words)
    return language.say(
        "label.horizon",
        label=own or language.usual(timed["base"]),
        count=timed["count"],
        unit=language.units[timed["unit"]],
    )


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = content.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(table: Mapping[str, Any], key: str) -> str:
    found = table.get(key)
    return found.strip() if isinstance(found, str) else ""


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
