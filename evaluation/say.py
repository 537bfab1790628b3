"""Languages: what pages say by key, and the few rules of grammar that a language needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from evaluation.fact import ENGLISH as _ENGLISH
from evaluation.fact import FOLDER, Fact, grammar, said, texts

_NONE: Mapping[str, str] = MappingProxyType({})
# Around words that had to stay English on a page of another language.
QUOTES = "«{}»"


def say(key: str, /, *, language: str = _ENGLISH, **parts: object) -> str:
    """The text of a key, filled in."""
    return said(Fact(key, parts), language)


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language, and the few rules of its grammar: the table `[language]` of its file.

    Parameters
    ----------
    code : "en"; the name of its file, and of the table of a plan with its own words.
    lang : as a page declares it. page : file name of a page of a study and of the site.
    labels, units : usual names for English ones; empty where nothing is translated.
    article : what a label may begin with and a heading leaves out. chance : what follows it where
    an event is named with its risk. horizon : how a label ends that names a day.
    """

    code: str
    lang: str
    page: str
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)
    units: Mapping[str, str] = field(default_factory=lambda: _NONE)
    article: str = ""
    chance: str = ""
    horizon: str = ""

    def say(self, key: str, /, **parts: object) -> str:
        """The text of a key in this language, filled in."""
        return said(Fact(key, parts), self.code)

    def has(self, key: str) -> bool:
        """Whether anybody wrote that text, here or in English."""
        return key in texts(self.code) or key in texts(_ENGLISH)

    def table(self, name: str) -> Mapping[str, str]:
        """The texts under one head by the rest of their keys, not filled in, for a template."""
        head, known = f"{name}.", {**texts(_ENGLISH), **texts(self.code)}
        return {key.removeprefix(head): one for key, one in known.items() if key.startswith(head)}

    def heading(self, label: str) -> str:
        """A label as a heading has it: no article, and a capital letter."""
        bare = self.bare(label)
        return bare[:1].upper() + bare[1:]

    def bare(self, label: str) -> str:
        """A label without its article, as a row of a table has it."""
        return re.sub(self.article, "", label) if self.article else label

    def event(self, label: str, *, timed: bool = True) -> str:
        """The event that a label of people names, without the day where it is not `timed`."""
        bare = re.sub(self.chance, "", self.bare(label)) if self.chance else label
        return bare if timed or not self.horizon else re.sub(self.horizon, "", bare)

    def usual(self, words: str) -> str:
        """English words of a table or a plan: their usual name, or themselves between « »."""
        if self.code == _ENGLISH:
            return words
        return self.labels.get(words) or QUOTES.format(words)

    def listed(self, names: Sequence[str]) -> str:
        """The names as a sentence lists them: "A", "A and B", "A, B and C"."""
        return self.say("list.names", names=tuple(names))


@cache
def language_of(code: str) -> Language:
    """The language whose file has that name."""
    found = {name: one for name, one in grammar(code).items() if name != "contractions"}
    return Language(code, **found)


ENGLISH, SPANISH = language_of("en"), language_of("es")
LANGUAGES = (
    ENGLISH,
    *(
        language_of(code)
        for code in sorted(file.name.removesuffix(".toml") for file in FOLDER.iterdir())
        if code != "en"
    ),
)
