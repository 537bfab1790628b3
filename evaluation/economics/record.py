"""The one written form of a cost-benefit analysis, `reports/<slug>/economics.json`."""

from __future__ import annotations

import json
from typing import Any

from evaluation.economics.result import (
    Balance,
    Bar,
    BreakEven,
    Chance,
    CostBenefit,
    CostPer,
    Counted,
    Priced,
)
from evaluation.effect import Interval
from evaluation.errors import DataError
from evaluation.study.evidence import canonical, rounded

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
        return CostBenefit(
            **{
                **content,
                "outcomes": tuple(_counted(row) for row in content["outcomes"]),
                "amounts": tuple(
                    Priced(**{**row, "perspectives": tuple(row["perspectives"])})
                    for row in content["amounts"]
                ),
                "balances": tuple(_balance(row) for row in content["balances"]),
                "not_counted": tuple(content["not_counted"]),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DataError(f"economics.json: not as written by this version ({fault})") from None


def _counted(row: dict[str, Any]) -> Counted:
    return Counted(
        **{**row, "number": Interval(**row["number"]), "percent": Interval(**row["percent"])}
    )


def _balance(row: dict[str, Any]) -> Balance:
    even = row["break_even"]
    amounts = {
        name: None if row[name] is None else Interval(**row[name])
        for name in ("benefits", "costs", "net", "ratio")
    }
    return Balance(
        **{
            **row,
            **amounts,
            "outcomes": tuple(row["outcomes"]),
            "break_even": None if even is None else BreakEven(**even),
            "cost_per": tuple(CostPer(**item) for item in row["cost_per"]),
            "tornado": tuple(Bar(**item) for item in row["tornado"]),
            "curve": tuple(Chance(**item) for item in row["curve"]),
        }
    )
