"""The one written form of what is published elsewhere, `reports/elsewhere.json`."""

from __future__ import annotations

import json

from evaluation.errors import DataError
from evaluation.study.written import canonical, read_as, rounded
from evaluation.synthesis.result import Elsewhere

SCHEMA = 1


def dumps(found: Elsewhere) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline."""
    content = {"schema": SCHEMA, **rounded(found, "")}
    return canonical(content)


def loads(text: str) -> Elsewhere:
    """The same from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise DataError(
                "elsewhere.json: written by another version; run `ceasefire report` again"
            )
        return read_as(Elsewhere, content)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DataError(f"elsewhere.json: not as written by this version ({fault})") from None
