"""What a sentence is made of, a key and named numbers, and how it is filled in from the text.

The text is data, a file a language in `report/text/`. Only a page, a terminal and a traceback say
a fact; what is found, refused and kept is the fact.
"""

from __future__ import annotations

import datetime
import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

# What may stand in a sentence: a number, a name that the user gave, another fact, or a list.
Value: TypeAlias = "float | bool | str | Fact | tuple[Value, ...] | None"

# One file a language: its words by key, and in `[language]` what filling them in needs.
FOLDER: Any = Path(__file__).parent / "report" / "text"
ENGLISH = "en"
# The key of words that a person wrote, as they are.
AS_TOLD = "as-told"
_NOTHING: Mapping[str, int] = MappingProxyType({})
_WEEK = re.compile(r"\d{4}-W(\d{2})(?:-(\d))?")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was found, refused or noted.

    Parameters
    ----------
    key : names the sentence in `report/text/en.toml`, "room.file.what". numbers : by the names that
        the sentence has in braces; names of the user's own (a unit, a column) are among them.
    counts : how many people, by name. Only these are withheld or rounded for private data, and
        these always. A withheld one is a `Fact` that says so.

    Examples
    --------
    >>> Fact("people", {"outcome": "arrest"}, {"n": 12}).every["n"]
    12
    """

    key: str
    numbers: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    counts: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def every(self) -> dict[str, Value]:
        """Numbers and counts together, as a sentence takes them."""
        return {**self.numbers, **self.counts}

    def __str__(self) -> str:
        """The sentence in English, for a notebook and a traceback."""
        return said(self)


def fact(key: str, /, *, counts: Mapping[str, int] = _NOTHING, **numbers: object) -> Fact:
    """A fact with its numbers as keywords.

    Parameters
    ----------
    key, counts : as in `Fact`. numbers : what is no number, name or fact is taken as its words; a
        refusal stands for what it refuses.

    Examples
    --------
    >>> fact("its.series.short", periods=7).numbers["periods"]
    7
    """
    return Fact(key, {name: _value(one) for name, one in numbers.items()}, dict(counts))


def _value(given: object) -> Value:
    if isinstance(given, float) and not math.isfinite(given):
        return str(given)  # results hold finite numbers only
    if given is None or isinstance(given, (bool, int, float, str, Fact)):
        return given
    if isinstance(given, (list, tuple)):
        return tuple(map(_value, given))
    if isinstance(given, Exception):
        refused = getattr(given, "fact", None)
        return refused if isinstance(refused, Fact) else str(given)
    item = getattr(given, "item", None)  # a number of numpy's
    return _value(item()) if callable(item) and getattr(given, "ndim", 1) == 0 else str(given)


def key_of(told: Fact | str | None, among: Sequence[Fact] = ()) -> str:
    """The key of what was found; of bare words, which results of a former form hold, that of the
    one `among` these whose text they are, letter for letter, or ""."""
    if isinstance(told, Fact):
        return told.key
    return next((one.key for one in among if str(one) == told), "") if told else ""


def as_told(text: str) -> Fact:
    """A sentence that a person wrote (in a plan, a description), as a fact."""
    return Fact(AS_TOLD, {"text": text})


def said(fact: Fact, language: str = ENGLISH) -> str:
    """The sentence of a fact.

    Parameters
    ----------
    language : code of a file in `report/text/`; a key that it lacks is said in English.

    Raises
    ------
    KeyError : for a key, or a name in its text, that nobody wrote; that is a bug.
    """
    words = _formatter(language).vformat(_text(fact.key, language), (), fact.every)
    for pattern, replacement in grammar(language).get("contractions", ()):
        words = re.sub(pattern, replacement, words)
    return words


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key."""
    found: dict[str, str] = {}
    tables = {name: one for name, one in _file(language).items() if name != "language"}
    _flat(tables, "", found)
    return found


def grammar(language: str) -> Mapping[str, Any]:
    """The table `[language]` of a language's file."""
    found: Mapping[str, Any] = _file(language).get("language", {})
    return found


@cache
def _file(language: str) -> Mapping[str, Any]:
    # Not at the top: what says nothing, as `ceasefire --help`, does not wait for it.
    import tomllib

    return tomllib.loads(FOLDER.joinpath(f"{language}.toml").read_text("utf-8"))


def _flat(table: Mapping[str, Any], before: str, found: dict[str, str]) -> None:
    for name, entry in table.items():
        key = f"{before}{name}"
        if isinstance(entry, str):
            found[key] = entry
        else:
            _flat(entry, f"{key}.", found)


def _text(key: str, language: str) -> str:
    own = texts(language)
    return own[key] if key in own else texts(ENGLISH)[key]


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


def period_words(period: str, language: str = ENGLISH) -> str:
    """A period as a reader says it.

    Examples
    --------
    >>> period_words("2012-10"), period_words("2012-Q4"), period_words("2012")
    ('October 2012', 'Q4 2012', '2012')
    >>> period_words("2012-W40"), period_words("2012-10-18")
    ('the week of October 1, 2012', 'October 18, 2012')
    """

    def say(key: str, **parts: object) -> str:
        return said(Fact(f"period.{key}", parts), language)

    year, _, part = period.partition("-")
    if part.startswith("Q"):
        return say("quarter", quarter=part[1:], year=year)
    pieces = part.split("-")
    week = _WEEK.fullmatch(period)
    if week:
        first = datetime.date.fromisocalendar(int(year), int(week[1]), int(week[2] or 1))
        name = say("months").split()[first.month - 1]
        return say("week", month=name, day=first.day, year=first.year)
    if not (pieces[0].isdigit() and 1 <= int(pieces[0]) <= 12):
        return period
    month = say("months").split()[int(pieces[0]) - 1]
    if len(pieces) == 2 and pieces[1].isdigit():
        return say("day", month=month, day=int(pieces[1]), year=year)
    return say("month", month=month, year=year)


def capital(text: str) -> str:
    """The text with a capital first letter, the rest untouched."""
    return text[:1].upper() + text[1:]


class _Formatter(string.Formatter):
    """Braces as Python has them, and for lists and plurals:

    {names} or {names:; } joins with what follows the colon, ", " without it; {names:and} makes
    "a, b and c". {n:one|unit|units} is the word for one, also where n is said with its sign ("−1"),
    or for more; {n:,} and the like are as always. {yes:if|then|else} is the first text where the
    value is true, else the second. {text:upper} begins with a capital, {start:period} is a period
    as a reader says it, {n:number} and {n:number2} a number as in tables, of at most one or two
    decimals.
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
            return period_words(str(value), self.language)
        if format_spec.startswith("number") and not isinstance(value, str):
            return number(value, int(format_spec.removeprefix("number") or 1))
        if format_spec.startswith("one|"):
            _, one, more = format_spec.split("|")
            return one if value == 1 or str(value).lstrip("+−") == "1" else more
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
