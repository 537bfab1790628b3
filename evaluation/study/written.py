"""The written form of what the program finds: JSON whose bytes are the same for the same content.

Numbers have 6 significant digits, which is settled here alone. A field of a dataclass that equals
its default is not written, and a reader fills it in: a new field with a default moves no file.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, cast, get_args, get_type_hints

from evaluation.fact import Fact

DIGITS = 6


def canonical(content: Any) -> str:
    """The one form in which the program writes JSON that is committed: sorted keys, one final
    newline, so that the same content has the same bytes."""
    return json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def versioned(found: Any, schema: int) -> str:
    """The canonical text of what was found, under the number of its form."""
    return canonical({"schema": schema, **rounded(found, "")})


def rounded(value: Any, where: str, *, spoken: bool = False) -> Any:
    """The value as results hold it: 6 significant digits; lists, mappings and dataclasses gone
    through, without the fields that equal their default.

    Parameters
    ----------
    where : begins the place that the message names. spoken : facts as sentences, as the former
        form has them.

    Raises
    ------
    ValueError : when a number is not finite.
    """
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}; results hold finite numbers only")
        number = float(f"{value:.{DIGITS}g}")
        # Below 1e-9 a number here is what is left of a difference that is nought.
        return 0.0 if abs(number) < 1e-9 else number
    if isinstance(value, Fact):
        return str(value) if spoken else _fact(value, where)
    if isinstance(value, Mapping):
        return {
            str(key): rounded(item, f"{where}.{key}", spoken=spoken) for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            rounded(item, f"{where}[{index}]", spoken=spoken) for index, item in enumerate(value)
        ]
    if is_dataclass(value):
        hints = _hints(cast("Any", type(value)))
        return {
            field.name: rounded(
                _as_declared(getattr(value, field.name), hints[field.name]),
                f"{where}.{field.name}",
                spoken=spoken,
            )
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
    if hasattr(value, "item"):  # a numpy scalar
        return rounded(value.item(), where)
    raise TypeError(f"{where} is a {type(value).__name__}, which results cannot hold")


def _fact(fact: Fact, where: str) -> dict[str, Any]:
    """A fact with the name that `revived` knows it by."""
    parts = {"numbers": dict(fact.numbers), "counts": dict(fact.counts)}
    held = {name: rounded(part, f"{where}.{name}") for name, part in parts.items() if part}
    return {"fact": fact.key, **held}


def is_fact(content: Mapping[str, Any]) -> bool:
    """Whether a parsed object is a fact as `rounded` wrote it."""
    return "fact" in content and content.keys() <= {"fact", "numbers", "counts"}


def revived(content: Any) -> Any:
    """Parsed JSON with the facts in it made facts again, and the lists in these tuples."""
    if isinstance(content, list):
        return [revived(item) for item in content]
    if not isinstance(content, dict):
        return content
    if is_fact(content):
        numbers, counts = (content.get(name, {}) for name in ("numbers", "counts"))
        return Fact(content["fact"], _parts(numbers), _parts(counts))
    return {key: revived(item) for key, item in content.items()}


def _parts(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _part(one) for name, one in content.items()}


def _part(content: Any) -> Any:
    return tuple(map(_part, content)) if isinstance(content, list) else revived(content)


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _as_declared(value: Any, hint: Any) -> Any:
    """A whole number as the float that its field is declared to be, so that it reads back alike."""
    parts = get_args(hint)
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if hint is float or (float in parts and int not in parts) else value
    if isinstance(value, tuple) and parts and parts[0] is float:
        return tuple(_as_declared(item, float) for item in value)
    return value
