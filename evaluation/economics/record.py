"""The one written form of a cost-benefit analysis, `reports/<slug>/economics.json`."""

from __future__ import annotations

import json

from evaluation.economics.result import CostBenefit
from evaluation.errors import DataError
from evaluation.study.written import canonical, read_as, rounded

SCHEMA = 1


def dumps(found: CostBenefit) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline."""
    content = {"schema": SCHEMA, **rounded(found, "")}
    return canonical(content)


def loads(text: str) -> CostBenefit:
    """The analysis from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise DataError("economics.json: written by another version; run `ceasefire run` again")
        return read_as(CostBenefit, content)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DataError(f"economics.json: not as written by this version ({fault})") from None
