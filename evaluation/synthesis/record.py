"""The one written form of what is published elsewhere, `reports/elsewhere.json`."""

from __future__ import annotations

import json
from typing import Any

from evaluation.effect import Interval
from evaluation.errors import DataError
from evaluation.study.evidence import canonical, rounded
from evaluation.synthesis.result import Elsewhere, Family, Mean, Own, Tally, Told

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
        return Elsewhere(
            **{
                **content,
                "tally": _tally(content["tally"]),
                "families": tuple(_family(row) for row in content["families"]),
                "results": tuple(
                    Told(**{**row, "span": _interval(row["span"])}) for row in content["results"]
                ),
                "own": tuple(
                    Own(**{**row, "percent": _interval(row["percent"])}) for row in content["own"]
                ),
            }
        )
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DataError(f"elsewhere.json: not as written by this version ({fault})") from None


def _family(row: dict[str, Any]) -> Family:
    mean = row["mean"]
    return Family(
        **{**row, "tally": _tally(row["tally"]), "mean": None if mean is None else _mean(mean)}
    )


def _mean(row: dict[str, Any]) -> Mean:
    return Mean(
        **{
            **row,
            "effect": Interval(**row["effect"]),
            "prediction": _interval(row["prediction"]),
            "beside": tuple((name, Interval(**span)) for name, span in row["beside"]),
            "notes": tuple(row["notes"]),
        }
    )


def _tally(row: dict[str, Any]) -> Tally:
    return Tally(**{**row, "error_sites": tuple(row["error_sites"])})


def _interval(row: dict[str, float] | None) -> Interval | None:
    return None if row is None else Interval(**row)
