from __future__ import annotations

import re

import pytest

from evaluation.report.blocks import ChecklistItem, Code, Strong, frame_words
from evaluation.say import ENGLISH, SPANISH


@pytest.mark.parametrize("state", ["filled", "from evaluator", "not applicable"])
@pytest.mark.parametrize("says", [(), ("",), (" ", Strong("\n"))])
def test_an_item_that_says_nothing_has_no_mark(state, says):
    with pytest.raises(ValueError, match="says nothing"):
        ChecklistItem("1", "Was it planned?", state, says)


def test_a_blank_item_says_nothing():
    with pytest.raises(ValueError, match="is blank but says"):
        ChecklistItem("1", "Was it planned?", "blank", ("Yes",))
    assert ChecklistItem("1", "Was it planned?", "blank").says == ()
    assert ChecklistItem("1", "Was it planned?", "filled", (Code("yes"),)).state == "filled"


def test_each_language_has_the_same_words_and_places_for_numbers():
    english, spanish = ENGLISH.table("frame"), SPANISH.table("frame")
    for name, said in english.items():
        assert re.findall(r"\{\w+\}", spanish[name]) == re.findall(r"\{\w+\}", said), name


def test_a_language_without_words_is_refused():
    assert frame_words("es-US") == SPANISH.table("frame")
    with pytest.raises(ValueError, match="fr-FR"):
        frame_words("fr-FR")
