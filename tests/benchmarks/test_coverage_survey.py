"""The coverage that the table of survey methods states is the one that was measured."""

from __future__ import annotations

import csv
import math
import re

import numpy as np
import pytest

from benchmarks import coverage_survey
from evaluation.survey import METHODS

ROWS = list(csv.DictReader(coverage_survey.TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("name", METHODS)
def test_stated_coverage_is_the_range_measured(name: str) -> None:
    sound = [
        float(row["coverage"])
        for row in ROWS
        if row["method"] == name and (row["world"] != "attrition" or name == "panel-change")
    ]
    assert min(sound) >= 93 and max(sound) <= 97
    stated = f"{math.floor(min(sound))} to {math.ceil(max(sound))} %"
    assert METHODS[name].coverage.startswith(stated)
    for part in re.findall(r"; (\d+) % in a panel", METHODS[name].coverage):
        (left,) = (r for r in ROWS if r["method"] == name and r["world"] == "attrition")
        assert round(float(left["coverage"])) == int(part)


def test_no_method_rejects_a_true_null_too_often() -> None:
    nulls = [float(row["rejected"]) for row in ROWS if row["world"] == "null"]
    assert len(nulls) == 7 and max(nulls) <= 7


def test_table_is_of_the_draws_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {row["draws"] for row in ROWS} == {str(coverage_survey.REPS)}
    monkeypatch.setattr(coverage_survey, "WORLDS", {"effect": coverage_survey.WORLDS["effect"]})
    few = coverage_survey.study(6)
    assert {row["method"] for row in few} == set(METHODS) - {"panel-change"}
    assert all(np.isfinite(float(row["error_ratio"])) for row in few)
