"""A key stands in one place: its schema line has its words and its template line, and nothing else
must be told of it. Three files make a key: the schema, the text, and what uses it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import pytest
from small_city import PLAN

from evaluation import say
from evaluation.data.toml_places import Located, Union
from evaluation.errors import PlanError
from evaluation.study.plan import schema
from evaluation.study.plan.phrases import closed
from evaluation.study.plan.schema import SCHEMAS, PlanIts, PlanOfPeriods
from evaluation.study.plan.skeleton import template_text
from evaluation.study.plan.values import Said, Text
from evaluation.study.plan.words import plan_words
from tests.study.plan.test_ignored import keys

# What a design refuses with a reason of its own, and a template therefore does not show.
LOTTERY, EPOC = {"assignment", "assignment_source"}, "checklist.epoc"
REFUSED = {
    "its": {*LOTTERY, "checklist.strobe"},
    "did": {EPOC, "checklist.strobe"},
    "individual": {EPOC},
    "survey": {*LOTTERY, EPOC, "checklist.strobe"},
}


class Weather(PlanIts):
    """A plan with one more key, as its author would add it to `PlanIts`."""

    weather: Annotated[Text | None, Said(closed, template='weather = "Mild winters."')] = None


def test_a_new_key_is_read_told_and_shown_by_its_own_line(monkeypatch):
    monkeypatch.setitem(say.texts("en"), "plan.words.weather", "The weather: {value}")
    union = Union("design", {**SCHEMAS, "its": Weather}, schema.misplaced)
    monkeypatch.setattr(schema, "SCHEMAS", union.models)
    assert "The weather: Mild." in plan_words(
        Weather.model_validate(parsed(PLAN.replace("goal = 1", 'weather = "Mild"\ngoal = 1')))
    )
    assert '# weather = "Mild winters."' in template_text("its", Weather)
    misplaced = 'weather = "Mild"\n' + PLAN.replace('"its"', '"did"')
    with pytest.raises(PlanError, match='weather: is for design = "its"; this plan has "did"'):
        Located("plan.toml", misplaced, PlanError).parse(schema.Plan, union=union)


def parsed(text: str) -> dict[str, object]:
    return Located("plan.toml", text, PlanError).content


@pytest.mark.parametrize("design", SCHEMAS)
def test_every_key_of_a_design_is_in_its_own_template(design):
    shown = template_text(design, SCHEMAS[design]).replace("# ", "")
    absent = [
        key
        for key in {*keys(SCHEMAS[design])} - REFUSED.get(design, set())
        if not re.search(rf"\b{key.split('.')[-1]}( = |\]|\.\w+\])", shown)
    ]
    assert absent == []


def test_every_sentence_that_a_key_names_is_there():
    for model in SCHEMAS.values():
        for name, info in model.model_fields.items():
            if any(isinstance(one, Said) for one in info.metadata):
                assert f"plan.words.{name.replace('_', '-')}" in say.texts("en")


class Toy(PlanOfPeriods):
    """A fifth design has what all plans for periods have, and its own keys."""

    design: Literal["toy"]
    mirror: Text | None = None


def test_a_toy_design_has_its_own_keys_and_reads_the_others_as_absent():
    content = {**parsed(PLAN), "design": "toy", "mirror": "Twin city"}
    del content["specification"]
    plan = Toy.model_validate(content)
    assert plan.mirror == "Twin city" and plan.later == () and plan.adoption is None
