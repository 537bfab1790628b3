"""A language: its messages by key, and the few rules of grammar that filling them in needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from evaluation.report.messages import doubts, english, spanish, spanish_names


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The words of one language.

    Parameters
    ----------
    code : "en"; also the table of a plan with its own words. lang : as a page declares it.
    page : file name of a page of a study and of the site in this language.
    messages : key to words, with names in braces for what is filled in.
    labels, units : usual names for English ones; empty where nothing is translated.
    contractions : what two words become when they meet, (pattern, replacement).
    article : what a label may begin with and a heading leaves out. chance : what follows it where
    an event is named with its risk. horizon : how a label ends that names a day.
    """

    code: str
    lang: str
    page: str
    messages: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    contractions: tuple[tuple[str, str], ...] = ()
    article: str = ""
    chance: str = ""
    horizon: str = ""

    def say(self, key: str, **parts: object) -> str:
        """The message, filled in and with its words contracted."""
        said = self.messages[key].format(**parts)
        for pattern, replacement in self.contractions:
            said = re.sub(pattern, replacement, said)
        return said

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

    def listed(self, names: list[str]) -> str:
        """The names as a sentence lists them: "A", "A and B", "A, B and C"."""
        *most, last = names
        return self.say("list.pair", most=", ".join(most), last=last) if most else last


ENGLISH = Language(
    "en",
    "en-US",
    "index.html",
    {**english.MESSAGES, **doubts.ENGLISH},
    horizon=r" within [\d.,]+ \w+$",
)
SPANISH = Language(
    "es",
    "es-US",
    "es.html",
    {**spanish.MESSAGES, **doubts.SPANISH},
    labels=spanish_names.LABELS,
    units=spanish_names.UNITS,
    contractions=(
        (r"\b([Aa]|[Dd]e) el\b", r"\1l"),
        # "y" before the sound of i; "hielo" begins with another one.
        (r"\by (?=[Ii](?![aeo])|[Hh]i(?![aeo]))", "e "),
    ),
    article=r"^(?:el|la|los|las) ",
    chance=r"^riesgo de ",
    horizon=r" en un plazo de [\d.,]+ \w+$",
)
LANGUAGES = (ENGLISH, SPANISH)
