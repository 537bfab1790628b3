from __future__ import annotations

import re

import pytest

from evaluation.report.blocks import (
    ChecklistItem,
    Code,
    Header,
    Strong,
    bullets,
    callout,
    frame_words,
    heading,
    paragraph,
    table,
)
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


def test_a_table_has_its_heads_by_key_in_the_language_of_the_page():
    heads = (table("k", "", ("year", "#by-year.recorded"), (), one) for one in (ENGLISH, SPANISH))
    for made, language in zip(heads, (ENGLISH, SPANISH), strict=True):
        assert made.headers == (
            Header(language.say("head.year")),
            Header(language.say("by-year.recorded"), numeric=True),
        )


def test_a_cell_and_an_item_may_be_words_a_mark_or_several_parts():
    cells = ("a", Strong("b"), ("c", Code("d")))
    told = (("a",), (Strong("b"),), ("c", Code("d")))
    assert table("k", "", (), (cells,)).rows == (told,)
    assert bullets(cells).items == told


def test_texts_become_blocks_with_their_marks():
    code = Code("[cost]")
    said = paragraph("declared.nobody-supplied-cost-and-none", code=code).text
    assert code in said
    made = callout(
        "empty", "declared.not-supplied", "declared.nobody-supplied-cost-and-none", code=code
    )
    assert (made.title, made.text) == (ENGLISH.say("declared.not-supplied"), said)
    assert heading("site.reading", "reading", SPANISH).text == SPANISH.say("site.reading")
