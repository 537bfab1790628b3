"""What no calculation gives, whatever the data: a range upside down, a share above one, a month
that is none. Files that the program wrote and a hand changed are held against it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from evaluation.data.toml_places import KeyPath
from evaluation.study.written import is_fact

# By the names that the written files have for them. Facts hold names of the user's own, and the
# plan what a person wrote: these are not looked into.
SHARES: Final = frozenset({"p_value", "power", "false_alarms", "failed"})
NEVER_NEGATIVE: Final = frozenset(
    ("std_error", "df", "draws", "rows", "periods", "periods_after", "units", "skipped", "missing")
)
_OF_A_PERSON: Final = frozenset({"content"})
# The one list whose entries follow each other in time.
PATH: Final = "path"
TIMES: Final = frozenset({"period", "first", "last"})
# Ends that follow from two others, where the lower may come from the higher.
_CROSSED: Final = frozenset({"at_low"})
_TIME: Final = re.compile(
    r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?|-Q[1-4]"
    # A week that begins on another day than Monday says which.
    r"|-W(?:0[1-9]|[1-4]\d|5[0-3])(?:-[1-7])?)?"
)


def impossible(content: Any) -> tuple[KeyPath, str] | None:
    """Where in parsed JSON the first such value stands, and what it is; None when there is none."""
    waiting: list[tuple[KeyPath, Any]] = [((), content)]
    while waiting:
        here, value = waiting.pop()
        if isinstance(value, dict) and not is_fact(value):
            for key, words in _of_object(value):
                return (*here, key), words
            waiting += [
                ((*here, key), one) for key, one in value.items() if key not in _OF_A_PERSON
            ]
        elif isinstance(value, list):
            if here[-1] == PATH and (number := _out_of_order(value)):
                return (*here, number), "is not after the one before"
            waiting += [((*here, number), one) for number, one in enumerate(value)]
    return None


def _of_object(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        if isinstance(one, str):
            if key in TIMES and one[:4].isdigit() and not _TIME.fullmatch(one):
                yield key, f"{one!r} is no period"
        elif isinstance(one, bool) or not isinstance(one, (int, float)):
            continue
        elif key in SHARES and not 0 <= one <= 1:
            yield key, f"{one} is not from 0 to 1"
        elif key in NEVER_NEGATIVE and one < 0:
            yield key, f"{one} is negative"
        elif key.endswith("low") and key not in _CROSSED:
            high = value.get(f"{key.removesuffix('low')}high")
            if isinstance(high, (int, float)) and one > high:
                yield key, f"{one} is above the other end, {high}"
    first, last = value.get("first"), value.get("last")
    dated = [one for one in (first, last) if isinstance(one, str) and one[:4].isdigit()]
    if len(dated) == 2 and len(dated[0]) == len(dated[1]) and dated[0] > dated[1]:
        yield "last", f"{last} is before {first}"


def _out_of_order(value: Sequence[Any]) -> int:
    """The number of the first period in a list that is not after the one before it; else 0."""
    periods = [one.get("period") if isinstance(one, dict) else None for one in value]
    pairs = enumerate(itertools.pairwise(periods), start=1)
    texts = ((at, a, b) for at, (a, b) in pairs if isinstance(a, str) and isinstance(b, str))
    return next((at for at, a, b in texts if len(a) == len(b) and a >= b), 0)
