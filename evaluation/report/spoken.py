"""Texts with marks in them, and heads of tables, by their keys."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evaluation.report.blocks import Code, Header, Link, Strong, Text
from evaluation.say import ENGLISH, Language, language_of

# Two characters that no text holds, around the number of a mark.
_MARK = re.compile("\ue000(\\d+)\ue001")


def inline(key: str, /, language: Language = ENGLISH, **parts: object) -> Text:
    """A text whose parts may be links, codes and strong words: the pieces of a paragraph.

    Examples
    --------
    >>> from evaluation.report.blocks import Code
    >>> inline("declared.plan-does-not-say-its", strong="Cost: ", code=Code("[cost]"))[1]
    Code(text='[cost]')
    """
    marks = [part for part in parts.values() if isinstance(part, (Code, Link, Strong))]
    plain = {
        name: f"\ue000{marks.index(part)}\ue001" if part in marks else part
        for name, part in parts.items()
    }
    pieces = _MARK.split(language.say(key, **plain))
    return tuple(
        marks[int(piece)] if place % 2 else piece
        for place, piece in enumerate(pieces)
        if place % 2 or piece
    )


def frame_words(lang: str) -> Mapping[str, str]:
    """The words around a document in a language such as "en-US".

    Raises
    ------
    ValueError : when there are none; half a page in another language helps nobody.
    """
    try:
        return language_of(lang.partition("-")[0]).table("frame")
    except FileNotFoundError:
        raise ValueError(f"no words around a page for the language {lang!r}") from None


def heads(*words: str, numeric: tuple[str, ...] = ()) -> tuple[Header, ...]:
    """Heads of a table by their keys under "head": those of words, then those of numbers."""
    return (
        *(Header(ENGLISH.say(f"head.{key}")) for key in words),
        *(Header(ENGLISH.say(f"head.{key}"), numeric=True) for key in numeric),
    )
