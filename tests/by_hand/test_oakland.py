"""The study of Oakland by itself, worked out a second time without this project's code."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.by_hand import oakland

PROJECT = Path(__file__).parents[2]
OUTCOMES = ("murder", "robbery", "aggravated_assault")
# results.json has six digits, so that numbers agree to half a unit of the sixth.
SIX_DIGITS = 5e-6


@pytest.fixture(scope="module")
def hand() -> dict[str, Any]:
    return oakland.by_hand()


@pytest.fixture(scope="module")
def study() -> dict[str, Any]:
    """Effects of the committed results, by outcome and label; the headline as "headline"."""
    results = json.loads((PROJECT / "reports/oakland/results.json").read_text(encoding="utf-8"))
    return {
        outcome["column"]: {
            "headline": outcome["headline"]["effect"],
            **{one["label"]: one["effect"] for one in outcome["alternatives"]},
        }
        for outcome in results["outcomes"]
    }


def test_nothing_of_the_project_is_imported() -> None:
    tree = ast.parse(Path(oakland.__file__).read_text(encoding="utf-8"))
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        str(node.module).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }
    assert names == {"__future__", "csv", "json", "numpy", "pathlib", "scipy", "statsmodels", "sys"}


def test_years_and_means_are_those_of_the_table(hand: dict[str, Any]) -> None:
    # Murders as the FBI's yearly releases have them.
    assert list(hand["yearly"].values()) == [
        *(93, 145, 120, 115, 104, 90, 104, 127, 90, 80, 85, 85, 69, 70, 78),
    ]
    # 93 months with 856 murders, 84 with 557; 42 in the three months left out.
    assert hand["means"] == {"before": 856 / 93, "after": 557 / 84}
    assert sum(hand["yearly"].values()) == 856 + 42 + 557


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_study_has_the_numbers_made_by_hand(
    hand: dict[str, Any], study: dict[str, Any], outcome: str
) -> None:
    for label, numbers in hand[outcome].items():
        effect = study[outcome][label]
        for name, value in numbers.items():
            written = effect["averted"]["estimate"] if name == "averted" else effect[name]
            assert written == pytest.approx(value, rel=SIX_DIGITS, abs=1e-6), (label, name)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_was_recorded_is_the_table_month_by_month(study: dict[str, Any], outcome: str) -> None:
    path = study[outcome]["headline"]["path"]
    rows = oakland.months()
    assert [(one["period"], one["observed"]) for one in path] == [
        (row["month"], float(row[outcome])) for row in rows
    ]
    left_out = [one["period"] for one in path if one["phase"] == "left out"]
    assert left_out == list(oakland.LEFT_OUT)
