"""Ways to spoil a file: whole, at a key of JSON, at a line of TOML; of another kind, and of the
right kind but impossible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from evaluation.study.written import canonical

Key = tuple[str | int, ...]
Way = tuple[str, Callable[[], bytes]]
# Takes the place of a value, and is then written as it stands: no form of Python's json.
_AS_IT_STANDS: Final = "\u0001as it stands\u0001"


def whole_file(text: bytes) -> Iterator[Way]:
    """Ways that need no place: cut, empty, of another encoding, of another form."""
    words = text.decode("utf-8")
    for way, content in (
        *(("cut", text[: len(text) * quarter // 4]) for quarter in (1, 2, 3)),
        ("cut", text[:-2]),
        ("empty", b""),
        ("blank", b"\n"),
        ("byte order mark", b"\xef\xbb\xbf" + text),
        ("other encoding", words.encode("utf-16")),
        ("other encoding", words.replace("e", "é", 1).encode("latin-1", errors="replace")),
        ("other encoding", b"\xff" + text),
        ("other line ends", text.replace(b"\n", b"\r\n")),
        ("nought bytes", b"\0" * 50),
        ("nought bytes", text[: len(text) // 2] + b"\0" + text[len(text) // 2 :]),
        ("deep nesting", b'{"schema":' + b"[" * 100_000),
        ("deep nesting", b'{"a":' * 900 + b"1" + b"}" * 900),
        ("huge text", b'{"schema": "' + b"a" * 2_000_000 + b'"}\n'),
        *(("another form", one) for one in (b"[]", b"null", b"3", b'"a"', b"{}", b"a = 1\n")),
        ("padded", text + b"\n\n"),
        ("twice", text + text),
        ("laid out anew", words.replace("\n ", "\n  ").encode("utf-8")),
    ):
        yield way, partial(bytes, content)


OF_ANOTHER_KIND: Final[tuple[tuple[str, Any], ...]] = (
    ("null", None),
    ("wrong type", "a word"),
    ("wrong type", 7),
    ("wrong type", []),
    ("wrong type", {}),
    ("wrong type", True),
    ("NaN", float("nan")),
    ("NaN", float("inf")),
    ("deep nesting", [[[[[[[[[[[[]]]]]]]]]]]]),
)


def of_the_kind(value: Any) -> Iterator[tuple[str, Any]]:
    """Values of the same kind, of which most are impossible in most places."""
    if isinstance(value, bool):
        yield "other value", not value
    elif isinstance(value, (int, float)):
        yield "negative", -abs(value) - 1
        yield "large", abs(value) * 1000 + 1001
        yield "huge number", 1e308
        yield "huge number", -(10**400)
        yield "digits", value + 1e-11
    elif isinstance(value, str):
        yield "unknown word", "unknown-word"
        yield "empty text", ""
        yield "huge text", "a" * 200_000
        yield "surrogate", f'{_AS_IT_STANDS}"\\ud800"'
        if re.match(r"\d{4}", value):
            yield "impossible date", re.sub(r"\d{2}$", "99", value)
            yield "impossible date", f"1{value[1:]}"
    elif isinstance(value, list):
        yield "other length", value * 2
        yield "other length", value[:-1]
    elif isinstance(value, dict) and {"low", "high"} <= value.keys():
        yield "upside down", {**value, "low": value["high"], "high": value["low"]}


def at_places(text: bytes, known: set[Any] | None = None) -> Iterator[Way]:
    """Ways at each kind of place in a JSON file: gone, twice, of another kind, impossible.

    Parameters
    ----------
    known : kinds of places that were met before, added to; a kind is the names of a key and of the
        object that it is in, so that each field of each type is met once.
    """
    content = json.loads(text)
    known = set() if known is None else known
    for path, value in _places(content, ()):
        kind = (tuple(part for part in path if isinstance(part, str))[-2:], type(path[-1]))
        if kind in known:
            continue
        known.add(kind)
        yield "key dropped", partial(_with, text, path, None, drop=True)
        for way, other in (*OF_ANOTHER_KIND, *of_the_kind(value)):
            if repr(other) != repr(value):
                yield way, partial(_with, text, path, other)
        if isinstance(path[-1], str):
            once = json.dumps(path[-1]).encode("utf-8") + b":"
            yield "key twice", partial(text.replace, once, once + b" 1, " + once, 1)
            if isinstance(value, dict):
                yield "unknown key", partial(_with, text, path, {**value, "of-nobody": 1})


def in_lines(text: bytes) -> Iterator[Way]:
    """Ways at each line of a TOML file: gone, twice, without its value, with another."""
    lines = text.decode("utf-8").split("\n")
    for number, line in enumerate(lines):
        name = line.split("=")[0]
        for way, other in (
            ("line dropped", []),
            ("key twice", [line] * 2),
            ("wrong type", [f"{name}= 7"]),
            ("wrong type", [f"{name}= 2026-01-31T10:00:00"]),
            ("wrong type", [f"{name}= []"]),
            ("huge number", [f"{name}= 1e999"]),
            ("huge number", [f"{name}= 1{'0' * 400}"]),
            ("NaN", [f"{name}= nan"]),
            ("impossible date", [f"{name}= 2026-02-31"]),
            ("impossible date", [f"{name}= 0001-01-01"]),
            ("surrogate", [f'{name}= "\\ud800"']),
            ("unknown word", [f'{name}= "unknown-word"']),
            ("cut", [line[: len(line) // 2]]),
        ):
            changed = "\n".join([*lines[:number], *other, *lines[number + 1 :]])
            yield way, partial(changed.encode, "utf-8")


def _places(value: Any, path: Key) -> Iterator[tuple[Key, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in items:
        yield (*path, key), one
        if isinstance(one, (dict, list)):
            yield from _places(one, (*path, key))


def _with(text: bytes, path: Key, value: Any, *, drop: bool = False) -> bytes:
    changed = json.loads(text)
    here = changed
    for part in path[:-1]:
        here = here[part]
    if drop:
        del here[path[-1]]
        return canonical(changed).encode("utf-8")
    stands = isinstance(value, str) and value.startswith(_AS_IT_STANDS)
    here[path[-1]] = _AS_IT_STANDS if stands else value
    whole = canonical(changed)
    if stands:
        whole = whole.replace(json.dumps(_AS_IT_STANDS), value.removeprefix(_AS_IT_STANDS))
    return whole.encode("utf-8")
