"""Which values of two results must be equal, and which only close.

Words, counts, dates, names, grades and hashes are equal or they differ. Numbers that a machine
calculates may differ in their last digits: kernels of linear algebra, and versions, move them by
1e-12 to 1e-9 of their size (measured over seven kernels and three stacks).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

# Far above what another machine does, far below what a reader could see.
RELATIVE, ABSOLUTE = 1e-6, 1e-9
# results.json holds 6 significant digits: two values that round to neighbors still agree.
LAST_DIGIT = 1.01e-5
# P values: in absolute terms, and in relative ones where they are small.
P_VALUES = frozenset({"p_value", "least", "rank"})
P_ABSOLUTE, P_SMALL, P_RELATIVE = 1e-6, 1e-3, 1e-4
# Weights of a synthetic control are not settled by the data to the last digit, their fit is.
WEIGHTS, W_ABSOLUTE, W_SHOWN = frozenset({"weight"}), 1e-3, 0.01


def moved(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """The places at which two results differ, as dotted names, for JSON values.

    Parameters
    ----------
    before, after : as parsed. where : the place of both in the whole.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            place = f"{where}.{key}" if where else key
            if key not in before or key not in after:
                yield f"{place} ({'gone' if key in before else 'new'})"
            else:
                yield from moved(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{where} ({len(before)} → {len(after)} items)"
            return
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from moved(left, right, f"{where}[{index}]")
    elif isinstance(before, float) or isinstance(after, float):
        numbers = all(_is_number(value) for value in (before, after))
        if not numbers or not close(before, after, where.rsplit(".", 1)[-1]):
            yield where
    elif type(before) is not type(after) or before != after:
        yield where


def numbers_moved(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """The places at which a number of `before` is another in `after`, or is not there any more;
    what only `after` has, and words, are not compared. Parameters as for `moved`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before):
            place = f"{where}.{key}" if where else key
            yield from numbers_moved(before[key], after.get(key), place)
    elif isinstance(before, list):
        others = after if isinstance(after, list) else []
        if len(others) != len(before):
            yield f"{where} ({len(before)} → {len(others)} items)"
            return
        for index, (left, right) in enumerate(zip(before, others, strict=True)):
            yield from numbers_moved(left, right, f"{where}[{index}]")
    elif _is_number(before):
        name = where.rsplit(".", 1)[-1]
        if not _is_number(after) or not close(before, after, name):
            yield where


def close(left: float, right: float, name: str = "") -> bool:
    """Whether two calculated numbers agree, by what they are (a P value, a weight, another)."""
    if name in WEIGHTS and abs(left - right) <= W_ABSOLUTE:
        return True
    if name in WEIGHTS and max(abs(left), abs(right)) < W_SHOWN:
        return True
    relative = max(RELATIVE, LAST_DIGIT)
    if name in P_VALUES and max(abs(left), abs(right)) >= P_SMALL:
        return abs(left - right) <= P_ABSOLUTE + LAST_DIGIT * abs(left)
    if name in P_VALUES:
        return math.isclose(left, right, rel_tol=P_RELATIVE, abs_tol=0.0)
    return math.isclose(left, right, rel_tol=relative, abs_tol=ABSOLUTE)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
