"""The level of a design on the Maryland scale, and what the scale does not say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from example_study import study
from section_words import text, with_plan

from evaluation.effect import Check
from evaluation.report.sections.checklists import level, maryland_scale
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[3]


def of(*, grade_start: str = "low", checks: dict[str, bool | None] | None = None, **content):
    evidence = with_plan(study(), **content)
    made = tuple(Check(name, passed, "", asked="?") for name, passed in (checks or {}).items())
    outcome = evidence.outcomes[0]
    outcome = replace(outcome, checks=made, grade=replace(outcome.grade, start=grade_start))
    return level(replace(evidence, outcomes=(outcome,)), outcome).number


@pytest.mark.parametrize(
    ("number", "facts"),
    [
        (2, {"design": "its"}),
        (3, {"design": "its", "sites": [{"unit": "B", "start": "2015-01"}]}),
        (3, {"design": "its", "controls": {"units": ["B"]}, "checks": {"control-trend": True}}),
        (2, {"design": "its", "controls": {"units": ["B"]}, "checks": {"control-trend": False}}),
        (2, {"design": "its", "controls": {"units": ["B"]}, "checks": {"control-trend": None}}),
        (2, {"design": "its", "controls": {"units": ["B"]}}),
        (3, {"design": "did", "unit": "Testville", "checks": {"pre-period-splits": True}}),
        (2, {"design": "did", "unit": "Testville", "checks": {"pre-period-splits": False}}),
        (3, {"design": "did", "checks": {"pre-trends": True}}),
        (4, {"design": "did", "specification": {"covariates": ["jobless"]}}),
        (4, {"design": "did", "matched": ["shootings"]}),
        (3, {"design": "did", "unit": "Testville", "matched": ["shootings"]}),
        (2, {"design": "did", "matched": ["shootings"], "checks": {"pre-trends": False}}),
        (3, {"design": "individual", "checks": {"balance": True}}),
        (2, {"design": "individual", "checks": {"balance": False}}),
        (2, {"design": "survey"}),
        (3, {"design": "survey", "grade_start": "moderate"}),
    ],
)
def test_level_follows_from_the_design_and_from_what_was_shown_to_be_comparable(number, facts):
    assert of(**facts) == number


@pytest.mark.parametrize(
    ("slug", "number"),
    [
        ("boston", 2),
        ("oakland-synthetic-compared", 3),
        ("participants-synthetic-reverting", 2),
        ("groups-synthetic", 3),
    ],
)
def test_the_page_says_the_level_and_that_it_is_of_the_design_only(slug, number):
    said = text(maryland_scale(load_evidence(slug, PROJECT)))
    assert f"Maryland scale: level {number} of 5" in said
    assert "about the design only" in said


def test_outcomes_of_other_levels_are_told_apart():
    evidence = with_plan(study(), design="did", unit="Testville")
    first, second = evidence.outcomes
    bad = (Check("pre-trends", False, "", asked="?"),)
    evidence = replace(evidence, outcomes=(replace(first, checks=bad), replace(second, checks=())))
    said = text(maryland_scale(evidence))
    assert f"level 2 of 5 for {first.label}" in said and f"level 3 of 5 for {second.label}" in said
