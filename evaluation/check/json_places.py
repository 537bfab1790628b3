"""JSON that a hand may have changed, with every fault as file:line:column."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from evaluation.data.toml_places import KeyPath, Located
from evaluation.errors import EvaluationError, Fault

# Text in quotes, or a sign; numbers and names of values hold neither.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')


class LocatedJson(Located):
    """A parsed JSON object that can say where each key stands."""

    def __init__(self, file: str, text: str, error: type[EvaluationError]) -> None:
        self.file = file
        self.error = error
        try:
            content = json.loads(text)
        except json.JSONDecodeError as fault:
            words = f"not valid JSON: {fault.msg}"
            raise error(Fault(file, fault.lineno, fault.colno, words)) from None
        except RecursionError:
            raise error(Fault(file, None, None, "nested too deeply to be read")) from None
        except ValueError as fault:  # a number of thousands of digits
            raise error(Fault(file, None, None, f"not valid JSON: {fault}")) from None
        if not isinstance(content, dict):
            raise error(Fault(file, 1, 1, "must be an object in { }"))
        self.content = content
        self.places: dict[KeyPath, tuple[int, int]] = {}
        for path, place in _keys(text):
            if path in self.places:
                words = f"{path[-1]}: stands twice. Keep one of the two"
                raise error(Fault(file, *place, words))
            self.places[path] = place


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
