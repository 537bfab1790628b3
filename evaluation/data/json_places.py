"""JSON that the program wrote, read back with every fault as file:line:column.

A file that people edit in spite of that is found by its first sign that the program would not have
written: a key that stands twice, a number that is none, a byte order mark.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NoReturn

from evaluation.data.toml_places import KeyPath, Located
from evaluation.errors import EvaluationError, Fault

# Text in quotes, or a sign; numbers and names of values hold neither.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')
_NO_NUMBER = re.compile(r"-?\b(?:NaN|Infinity)\b")


class LocatedJson(Located):
    """A parsed JSON object that can say where each key stands."""

    def __init__(self, file: str, text: str, error: type[EvaluationError]) -> None:
        self.file = file
        self.error = error
        self.text = text
        if text.startswith("\ufeff"):
            raise error(Fault(file, 1, 1, "begins with a byte order mark"))
        twice: list[str] = []

        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            found = dict(pairs)
            if len(found) < len(pairs):
                twice.append(pairs[0][0])
            return found

        try:
            content = json.loads(text, object_pairs_hook=once, parse_constant=self._no_number)
        except json.JSONDecodeError as fault:
            words = f"not valid JSON: {fault.msg}"
            raise error(Fault(file, fault.lineno, fault.colno, words)) from None
        except RecursionError:
            raise error(Fault(file, 1, 1, "nested too deeply to be read")) from None
        except ValueError as fault:  # a number of thousands of digits
            raise error(Fault(file, 1, 1, f"not valid JSON: {fault}")) from None
        if not isinstance(content, dict):
            raise error(Fault(file, 1, 1, "must be an object in { }"))
        self.content = content
        if twice:
            self._told_twice()

    @cached_property
    def places(self) -> dict[KeyPath, tuple[int, int]]:  # type: ignore[override]
        """Line and column of every key, found when the first fault asks for them."""
        return dict(_keys(self.text))

    def where(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of a key; of one that the whole lacks its beginning."""
        line, column = super().where(path)
        return line or 1, column or 1

    def _no_number(self, name: str) -> NoReturn:
        place = _NO_NUMBER.search(self.text)
        before = self.text[: place.start() if place else 0]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise self.error(Fault(self.file, line, column, f"{name} is no number of JSON"))

    def _told_twice(self) -> NoReturn:
        seen = set()
        for path, place in _keys(self.text):
            if path in seen:
                words = f"{path[-1]}: stands twice. Keep one of the two"
                raise self.error(Fault(self.file, *place, words))
            seen.add(path)
        raise self.error(Fault(self.file, None, None, "a key stands twice. Keep one of the two"))


def first_difference(file: str, text: str, expected: str) -> Fault | None:
    """The first place where a file of the right content is not as the program writes it; None when
    it is."""
    if text == expected:
        return None
    same = next(
        (i for i, (a, b) in enumerate(zip(text, expected, strict=False)) if a != b),
        min(len(text), len(expected)),
    )
    before = text[:same]
    line, column = before.count("\n") + 1, same - (before.rfind("\n") + 1) + 1
    return Fault(file, line, column, "is not as this version writes it")


def _keys(text: str) -> Iterator[tuple[KeyPath, tuple[int, int]]]:
    """Path, line and column of every key of a valid JSON text, in its order."""
    starts = [0, *(place.end() for place in re.finditer("\n", text))]
    # The key or the index at which each open object or list is; "" before its first key.
    within: list[str | int] = []
    key_next = False
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "{[":
            within.append("" if sign == "{" else 0)
            key_next = sign == "{"
        elif sign in "}]":
            within.pop()
            key_next = False
        elif sign == ",":
            here = within[-1]
            if isinstance(here, int):
                within[-1] = here + 1
            key_next = isinstance(here, str)
        elif sign == ":":
            key_next = False
        elif key_next:
            within[-1] = json.loads(sign)
            line = bisect_right(starts, token.start())
            yield tuple(within), (line, token.start() - starts[line - 1] + 1)
