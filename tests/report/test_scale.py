"""Answers of a survey in points of their scale: sides are said as the numbers have them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.effect import Interval
from evaluation.report.scale import points_words
from evaluation.study.evidence import load_evidence

SURVEY = load_evidence("survey-synthetic", Path(__file__).parents[2])


@pytest.mark.parametrize(
    ("value", "low", "high", "best", "between"),
    [
        (0.0, -0.1, 0.1, "no change", "0.10 points below to 0.10 points above"),
        (0.05, 0.0, 0.1, "0.05 points (2%) above", "no change to 0.10 points above"),
        (-0.05, -0.1, 0.02, "0.05 points (2%) below", "0.10 points below to 0.02 points above"),
    ],
)
def test_no_change_has_no_side(value, low, high, best, between):
    outcome = SURVEY.outcome("trust")
    effect = replace(outcome.effect, estimate=value, low=low, high=high)
    effect = replace(effect, percent=Interval(40 * value, 40 * low, 40 * high))
    outcome = replace(outcome, headline=replace(outcome.headline, effect=effect))
    said = points_words(outcome, "2%")
    assert (said["best"], said["between"]) == (best, between)
