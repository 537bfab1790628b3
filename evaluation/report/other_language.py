"""A study for readers of another language: what it calls things."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from evaluation.say import ENGLISH, QUOTES, Language
from evaluation.study.evidence import Alternative, Evidence

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

    def named(entry: Alternative) -> Alternative:
        own_label = _text(_table(own, "alternatives"), entry.label)
        return replace(entry, label=own_label or language.usual(entry.label))

    outcomes = tuple(
        replace(
            outcome,
            label=label(outcome.column, outcome.label),
            headline=named(outcome.headline),
            alternatives=tuple(map(named, outcome.alternatives)),
        )
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


def own_words(evidence: Evidence, language: Language) -> Callable[[str, str], str]:
    """What gives a text of the plan in that language, by its key in the table `[es]`; in English
    between « » where that has none."""
    own = _table(evidence.plan.content, language.code)
    return lambda text, key: (
        text if language is ENGLISH else _text(own, key) or QUOTES.format(text.strip())
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
