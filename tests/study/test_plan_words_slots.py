"""Every sentence about a plan, with every combination of keys: no empty slot, no doubled mark."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small_city import PLAN

from evaluation.data.toml_places import is_key
from evaluation.study.plan.schema import SCHEMAS, Plan
from evaluation.study.plan.words import plan_words
from tests.study.plan.test_ignored import DID, MOVES, TELLS, with_key

FAULTY = re.compile(
    r"; ,|, ,|,,|;;|;\.|,\.|\.\.|  |\(\)|\(\s|\s\)|\s[,.;:]|:\s*\.|\bNone\b|\bTrue\b|\bFalse\b"
    r"|[!?]\.|,\s*and\s*[,.;]|\bwith\s*[,.]|\bby\s*[,.;]"
)
ENDINGS = ("", ".", "!", "?")
# Texts of an author end as they like.
TEXTS = [
    ("notes", '"A note{}"'),
    ("conflicts", '"One of us worked there{}"'),
    ("replicates", '"Braga and others (2001){}"'),
    ("intervention.fade", '"It fades in a year{}"'),
    ("events.what", '"A recession{}"'),
    ("unaffected", '\ncolumn = "theft"\nwhy = "Not aimed at{}"\n'),
    ("contaminated", '\nunit = "Fresno"\nwhy = "A program of its own{}"\n'),
    ("assignment", '"lottery"\nassignment_source = "The protocol{}"'),
    ("about.sources", '["A report{}"]\nwhat = "Call-ins"\nwhom = "Groups"'),
    ("cost.source", '"The budget{}"\namount = 2.0\ncurrency = "USD"\nyear = 2020'),
    ("cost.covers", '"staff{}"\nsource = "s"\namount = 2.0\ncurrency = "USD"\nyear = 2020'),
    ("funder", '"The city paid{}"'),
]
KEYS = [(key, value) for key, value in {**MOVES, **TELLS}.items() if value is not None]


def said(plan: str) -> tuple[str, ...] | None:
    """The sentences, or None where there can be no such plan."""
    try:
        found = Plan.model_validate(tomllib.loads(plan))
    except (ValidationError, tomllib.TOMLDecodeError):
        return None
    controls = found.controls
    if controls is not None and not (controls.units or controls.outcome):
        return None  # refused: it names nothing to compare with
    return plan_words(found)


def faults(sentences: tuple[str, ...]) -> list[str]:
    return [one for one in sentences if FAULTY.search(one)]


@pytest.mark.parametrize(
    "bad", ["As it is; , which", "a  b", "()", "None", "end..", "end, .", "a?."]
)
def test_the_pattern_finds_empty_slots_and_doubled_marks(bad):
    assert FAULTY.search(bad)


@pytest.mark.parametrize("design", ["its", "did"])
@pytest.mark.parametrize(("key", "value"), KEYS)
def test_no_key_alone_leaves_a_slot_empty(key, value, design):
    value = value.split("|")[-1 if design == "did" else 0]
    plan = with_key(PLAN if design == "its" else DID, key, value)
    found = said(plan)
    assert found is None or faults(found) == []


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("design", ["its", "did"])
@pytest.mark.parametrize(("key", "value"), TEXTS)
def test_no_ending_of_a_text_doubles_a_mark(key, value, design, ending):
    found = said(with_key(PLAN if design == "its" else DID, key, value.format(ending)))
    if is_key(SCHEMAS[design], tuple(key.split("."))):
        assert found is not None and faults(found) == []
    else:
        assert found is None


@settings(max_examples=60, deadline=None)
@given(
    chosen=st.lists(st.sampled_from(KEYS), min_size=2, max_size=7, unique_by=lambda one: one[0]),
    did=st.booleans(),
)
def test_no_combination_of_keys_leaves_a_slot_empty(chosen, did):
    plan = DID if did else PLAN
    for key, value in sorted(chosen, key=lambda one: "." in one[0]):
        plan = with_key(plan, key, value.split("|")[-1 if did else 0])
    found = said(plan)
    assert found is None or faults(found) == []


@pytest.mark.parametrize("model", ["poisson", "structural", "newey-west"])
def test_an_alternative_that_only_names_a_model_says_so_once(model):
    found = said(PLAN + f'[[alternatives]]\nlabel = "A"\nmodel = "{model}"\n')
    assert found is not None
    (sentence,) = [one for one in found if one.startswith("Planned alternative")]
    assert sentence.count(model) == 1 and faults((sentence,)) == []
