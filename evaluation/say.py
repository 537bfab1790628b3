"""The one room where sentences are made: a fact, and the text of its key in a language."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from evaluation.fact import Fact

# One file a language: its words by key, and in `[language]` what filling them in needs.
FOLDER: Any = resources.files("evaluation.report").joinpath("text")
_ENGLISH = "en"
_NONE: Mapping[str, str] = MappingProxyType({})


def said(fact: Fact, language: str = _ENGLISH) -> str:
    """The sentence of a fact.

    Parameters
    ----------
    language : code of a file in `report/text/`; a key that it lacks is said in English.

    Raises
    ------
    KeyError : for a key, or a name in its text, that nobody wrote; that is a bug.
    """
    words = _formatter(language).vformat(_text(fact.key, language), (), fact.every)
    for pattern, replacement in language_of(language).contractions:
        words = re.sub(pattern, replacement, words)
    return words


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
    contractions : what two words become when they meet, (pattern, replacement).
    article : what a label may begin with and a heading leaves out. chance : what follows it where
    an event is named with its risk. horizon : how a label ends that names a day.
    """

    code: str
    lang: str
    page: str
    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)
    units: Mapping[str, str] = field(default_factory=lambda: _NONE)
    contractions: Sequence[tuple[str, str]] = ()
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

    def listed(self, names: Sequence[str]) -> str:
        """The names as a sentence lists them: "A", "A and B", "A, B and C"."""
        return self.say("list.names", names=tuple(names))


@cache
def language_of(code: str) -> Language:
    """The language whose file has that name."""
    return Language(code, **_files(code)[0]["language"])


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key."""
    found: dict[str, str] = {}
    for file in _files(language):
        _flat({name: one for name, one in file.items() if name != "language"}, "", found)
    return found


@cache
def _files(language: str) -> Sequence[Mapping[str, Any]]:
    files = (FOLDER.joinpath(f"{language}.toml"), *_parts(FOLDER, language))
    return [tomllib.loads(file.read_text("utf-8")) for file in files]


def _parts(folder: Any, language: str) -> Sequence[Any]:
    parts = folder.joinpath("parts") if language == _ENGLISH else None
    if parts is None or not parts.is_dir():
        return ()
    return sorted((one for one in parts.iterdir() if one.name.endswith(".toml")), key=str)


def _flat(table: Mapping[str, Any], before: str, found: dict[str, str]) -> None:
    for name, entry in table.items():
        key = f"{before}{name}"
        if isinstance(entry, str):
            found[key] = entry
        else:
            _flat(entry, f"{key}.", found)


def _text(key: str, language: str) -> str:
    own = texts(language)
    return own[key] if key in own else texts(_ENGLISH)[key]


def number(value: float, decimals: int = 1) -> str:
    """A number for a table, whole when it is whole, with a true minus sign.

    Examples
    --------
    >>> number(41.0), number(55.4321), number(-1.25, 2), number(401300.0), number(0.0002, 3)
    ('41', '55.4', '−1.25', '401,300', '<0.001')
    """
    text = f"{abs(value):,.0f}" if value == int(value) else f"{abs(value):,.{decimals}f}"
    if value and not float(text.replace(",", "")):
        text = f"<{10**-decimals:.{decimals}f}"
    return f"{'−' if value < 0 else ''}{text}"


def period_words(period: str, language: Language | None = None) -> str:
    """A period as a reader says it.

    Examples
    --------
    >>> period_words("2012-10"), period_words("2012-Q4"), period_words("2012")
    ('October 2012', 'Q4 2012', '2012')
    """
    say_ = (language or language_of(_ENGLISH)).say
    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return say_("period.quarter", quarter=part[1:], year=year)
    pieces = part.split("-")
    if not (pieces[0].isdigit() and 1 <= int(pieces[0]) <= 12):
        return period
    month = say_("period.months").split()[int(pieces[0]) - 1]
    if len(pieces) == 2 and pieces[1].isdigit():
        return say_("period.day", month=month, day=int(pieces[1]), year=year)
    return say_("period.month", month=month, year=year)


def capital(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


class _Formatter(string.Formatter):
    """Braces as Python has them, and for lists and plurals:

    {names} or {names:; } joins with what follows the colon, ", " without it; {names:and} makes
    "a, b and c". {n:one|unit|units} is the word for one or for more; {n:,} and the like are as
    always. {yes:if|then|else} is the first text where the value is true, else the second.
    {text:upper} begins with a capital, {start:period} is a period as a reader says it,
    {n:number} and {n:number2} a number as in tables, of at most one or two decimals.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "upper":
            return capital(self.format_field(value, ""))
        if isinstance(value, Fact):
            return said(value, self.language)
        if format_spec == "period":
            return period_words(str(value), language_of(self.language))
        if format_spec.startswith("number") and not isinstance(value, str):
            return number(value, int(format_spec.removeprefix("number") or 1))
        if format_spec.startswith("one|"):
            _, one, more = format_spec.split("|")
            return one if value == 1 else more
        if format_spec.startswith("if|"):
            _, then, otherwise = format_spec.split("|")
            return then if value else otherwise
        if isinstance(value, (tuple, list)):
            return self._joined([self.format_field(one, "") for one in value], format_spec)
        # Words may stand where a number does, as "fewer than 10", without the form of numbers.
        return value if isinstance(value, str) else str(format(value, format_spec))

    def _joined(self, names: list[str], spec: str) -> str:
        if spec == "and" and len(names) > 1:
            pair = {"most": ", ".join(names[:-1]), "last": names[-1]}
            return self.vformat(_text("list.pair", self.language), (), pair)
        return (spec if spec not in ("", "and") else ", ").join(names)


@cache
def _formatter(language: str) -> _Formatter:
    return _Formatter(language)


ENGLISH, SPANISH = language_of("en"), language_of("es")
LANGUAGES = (
    ENGLISH,
    *(
        language_of(code)
        for code in sorted(file.name.removesuffix(".toml") for file in FOLDER.iterdir())
        if code not in ("en", "parts")
    ),
)
