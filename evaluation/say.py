"""The one room where sentences are made: a fact, and the text of its key in a language."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from evaluation.fact import Fact, Value

ENGLISH = "en"


def said(fact: Fact, language: str = ENGLISH) -> str:
    """The sentence of a fact.

    Parameters
    ----------
    language : code of a file in `report/text/`; a key that it lacks is said in English.

    Raises
    ------
    KeyError : for a key, or a name in its text, that nobody wrote; that is a bug.
    """
    return _formatter(language).vformat(_text(fact.key, language), (), fact.every)


def say(key: str, /, *, language: str = ENGLISH, **parts: Value) -> str:
    """The text of a key, filled in."""
    return said(Fact(key, parts), language)


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by its key."""
    folder = resources.files("evaluation.report").joinpath("text")
    found: dict[str, str] = {}
    for file in (folder.joinpath(f"{language}.toml"), *_parts(folder, language)):
        _flat(tomllib.loads(file.read_text("utf-8")), "", found)
    return found


def _parts(folder: Any, language: str) -> Sequence[Any]:
    parts = folder.joinpath("parts") if language == ENGLISH else None
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
    return own[key] if key in own else texts(ENGLISH)[key]


class _Formatter(string.Formatter):
    """Braces as Python has them, and for lists and plurals:

    {names} or {names:; } joins with what follows the colon, ", " without it; {names:and} makes
    "a, b and c". {n:one|unit|units} is the word for one or for more; {n:,} and the like are as
    always. {yes:if|then|else} is the first text where the value is true, else the second, and
    {text:upper} begins with a capital.
    """

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "upper":
            text = self.format_field(value, "")
            return text[:1].upper() + text[1:]
        if isinstance(value, Fact):
            return said(value, self.language)
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
