"""Parameters of docstrings as this project writes them: "y : (n,) counts. x : (n, k) design."

What stands after the colon is a sentence and no type, and several may follow one another in a
paragraph. Numpydoc takes the first for the type of all; here each is an entry of a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import Signature, signature
from typing import Any

SECTIONS = ("Parameters", "Attributes")
# Names before a colon: at the margin always, within a paragraph after a sentence.
_AT_MARGIN = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)*) : ", re.MULTILINE)
_WITHIN = re.compile(r"(?<=\. )(\w+(?:, \w+)*) : ")


def names_of(thing: Any) -> set[str]:
    """The names of its parameters; none where it has no signature."""
    try:
        found: Signature = signature(thing)
    except (TypeError, ValueError):
        return set()
    return set(found.parameters)


def entries(text: str, names: set[str]) -> list[tuple[str, str]]:
    """Names and what is said of them, in order.

    Parameters
    ----------
    names : of the signature; within a paragraph only these begin an entry.
    """
    cuts = [(m.start(), m.end(), m[1]) for m in _AT_MARGIN.finditer(text)]
    cuts += [
        (m.start(), m.end(), m[1])
        for m in _WITHIN.finditer(re.sub(r"\n", " ", text))
        if set(m[1].split(", ")) <= names
    ]
    cuts = sorted(set(cuts))
    ends = [start for start, _, _ in cuts[1:]] + [len(text)]
    return [
        (name, " ".join(text[begin:end].split()))
        for (_, begin, name), end in zip(cuts, ends, strict=True)
    ]


def told(lines: Sequence[str], names: set[str]) -> list[str]:
    """The lines of a docstring with its sections of parameters as lists."""
    found: list[str] = []
    rest = list(lines)
    while rest:
        line = rest.pop(0)
        if line.strip() not in SECTIONS or not rest or set(rest[0].strip()) != {"-"}:
            found.append(line)
            continue
        rest.pop(0)
        body: list[str] = []
        while rest and not (len(rest) > 1 and rest[1].strip() and set(rest[1].strip()) == {"-"}):
            body.append(rest.pop(0))
        found += [f":{line.strip()}:", ""]
        for name, said in entries("\n".join(body), names):
            strong = ", ".join(f"**{one.replace('*', chr(92) + '*')}**" for one in name.split(", "))
            found.append(f"   * {strong}: {said}")
        found.append("")
    return found


def setup(app: Any) -> dict[str, bool]:
    """Before napoleon, which then finds what is left: Raises, Returns, Examples."""

    def process(_: Any, what: str, name: str, thing: Any, how: Any, lines: list[str]) -> None:
        lines[:] = told(lines, names_of(thing))

    app.connect("autodoc-process-docstring", process, priority=100)
    return {"parallel_read_safe": True}
