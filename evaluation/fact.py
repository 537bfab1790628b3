"""What a sentence is made of: a key and named numbers. The words are elsewhere, in `say`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

# What may stand in a sentence: a number, a name that the user gave, another fact, or a list.
Value: TypeAlias = "float | bool | str | Fact | tuple[Value, ...] | None"

_NOTHING: Mapping[str, int] = MappingProxyType({})


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
        from evaluation.say import said

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
    if given is None or isinstance(given, (bool, int, float, str, Fact)):
        return given
    if isinstance(given, (list, tuple)):
        return tuple(map(_value, given))
    if isinstance(given, Exception):
        refused = getattr(given, "fact", None)
        return refused if isinstance(refused, Fact) else str(given)
    item = getattr(given, "item", None)  # a number of numpy's
    return _value(item()) if callable(item) and getattr(given, "ndim", 1) == 0 else str(given)


def as_told(text: str) -> Fact:
    """A sentence that a person wrote (in a plan, a description), as a fact."""
    return Fact("as-told", {"text": text})
