from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from every_block import every_block
from example_checks import thorough
from example_study import front, outcome, study, synthetic_study
from jinja2 import UndefinedError
from report_page import Page, faults, report_html

from evaluation.report import blocks, html

HERE = Path(__file__).parent


@pytest.mark.parametrize("make", [study, synthetic_study])
def test_a_report_has_no_accessibility_fault(make):
    assert faults(report_html(make())) == []


def test_the_site_has_no_accessibility_fault():
    assert faults(front([study(), synthetic_study()])) == []
    assert faults(front([])) == []


def test_every_kind_of_block_is_on_the_page_without_fault():
    # Pages of the site link to nowhere else, but a document may.
    known = faults(html.render(every_block("Words of 12.5% and more")))
    assert known == ["href reaches out: https://example.org/data"]


def test_a_checklist_tells_the_state_of_each_item_in_words():
    page = Page(html.render(every_block("Asked")))
    shown = next(node for node in page.nodes if node.attributes.get("class") == "checklist")
    states = [n.text for n in shown.inside if n.attributes.get("class") == "state"]
    assert states == [
        "Filled in from plan and results",
        "Answered by the evaluator",
        "Does not apply",
        "Blank",
    ]
    said = [n.text for n in shown.inside if n.attributes.get("class") == "says"]
    assert len(said) == 3


def test_a_blank_checklist_has_no_mark_that_looks_filled():
    blank = blocks.Checklist("c", "List", (blocks.ChecklistItem("1", "Asked?", "blank"),))
    page = Page(html.render(blocks.Document("T", "T", "", (blank,))))
    assert [node.attributes.get("class") for node in page.all("li")] == ["is-blank"]
    assert "Filled" not in page.all("main")[0].text


def test_a_spanish_page_has_spanish_words_around_it():
    page = Page(html.render(every_block("Palabras", lang="es-US")))
    assert page.all("html")[0].attributes["lang"] == "es-US"
    assert "Ir a la respuesta" in page.all("body")[0].text
    assert "On this page" not in page.all("body")[0].text


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('role="img"', 'role="none"', "a picture without role"),
        ('id="plan"', 'id="data"', "id data twice"),
        ('id="plan"', 'id="scheme"', "href names plan"),
        ("-desc", "-gone", "a picture without role"),
        ('scope="row"', "", "a header cell without scope"),
        ("<h2", "<h4", "a heading level is skipped"),
        ('href="../index.html"', 'href="https://example.org"', "reaches out"),
        ("<caption", "<p", "a table without a caption"),
    ],
)
def test_the_lint_finds_a_fault_put_in(before, after, fault):
    text = report_html(study())
    if fault == "a picture without role" and before == "-desc":
        text = text.replace("-desc ", "-gone ").replace('-desc">', '-lost">', 1)
    elif before.startswith("<"):
        closing = before.replace("<", "</")
        text = text.replace(before, after).replace(closing, after.replace("<", "</"))
    else:
        assert before in text
        text = text.replace(before, after)
    assert any(fault in found for found in faults(text))


def test_two_renders_give_the_same_bytes():
    assert report_html(study()) == report_html(study())
    assert front([study(), synthetic_study()]) == front([synthetic_study(), study()])


def test_another_hash_seed_zone_and_locale_give_the_same_bytes():
    surroundings = {"PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    script = (
        "import hashlib; from example_checks import thorough; from example_study import study; "
        "from report_page import report_html; "
        "text = report_html(study(outcomes=(thorough(),))); "
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=HERE,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=True,
    )
    text = report_html(study(outcomes=(thorough(),)))
    assert done.stdout.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_markup_in_names_and_labels_is_shown_and_not_obeyed():
    evil = '"><script>alert(1)</script><!-- $x$ & {{ 7 * 7 }} -->'
    text = report_html(
        study(
            title=evil,
            question=evil,
            intervention=evil,
            outcomes=(outcome(label=evil, measure=evil, column=evil),),
            plan=replace(
                study().plan,
                content={"events": [{"date": evil, "what": evil}], "notes": evil},
                words=(evil,),
                changes=(evil,),
            ),
        )
    )
    page = Page(text)
    assert page.all("script") == []
    assert faults(text) == []
    assert page.all("h1")[0].text == evil
    assert "49" not in page.all("h1")[0].text


def test_a_name_the_template_does_not_know_is_an_error():
    with pytest.raises(UndefinedError):
        html.environment().from_string("{{ nothing }}").render()


def test_a_block_without_a_template_is_refused():
    document = blocks.Document("Why?", "Why", "", ("not a block",))
    with pytest.raises(TypeError, match="no template"):
        html.render(document)


def test_a_figure_without_words_is_refused():
    table = blocks.Table("t", "Numbers", (blocks.Header("A"),), ((("1",),),))
    with pytest.raises(ValueError, match="no words"):
        blocks.Figure("f", "<svg></svg>", "A finding", " ", table)


def test_the_page_asks_nothing_of_anyone_else():
    text = report_html(study())
    assert "http" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
        'xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )
