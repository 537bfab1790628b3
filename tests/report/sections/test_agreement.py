"""Our own studies side by side on the front page: one picture, what they share, no average."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from example_agreement import FALL, OPEN, RISE, one, sets
from example_study import oakland_study, synthetic_study, together
from report_page import Page, faults
from section_words import text

from evaluation.report import words
from evaluation.report.blocks import Details, Figure, Heading, Table
from evaluation.report.html import render
from evaluation.report.other_language import translated
from evaluation.report.sections.agreement import agreement_blocks
from evaluation.report.site import site_document
from evaluation.report.tests_page import truth_document
from evaluation.say import ENGLISH, LANGUAGES, SPANISH
from evaluation.synthesis import agreement, agreements

TWO = [one("a"), one("b", (-20.0, -40.0, 5.0), design="did")]


def blocks(studies, language=ENGLISH):
    by_slug = {study.slug: translated(study, language) for study in studies}
    return agreement_blocks(agreement(studies), by_slug, language)


def only(kind, found):
    (one_of,) = [block for block in found if isinstance(block, kind)]
    return one_of


def test_one_picture_has_a_row_for_every_answer_with_its_design_and_range():
    figure = only(Figure, blocks(TWO))
    assert "1. Time series, Testville: gun homicides, −30% (−45% to −10%)" in (figure.description)
    assert "2. Comparison, Testville: gun homicides, −20% (−40% to +5%)" in figure.description
    assert [row[2][0] for row in figure.table.rows] == ["−30%", "−20%"]
    # A range across no change is no fall, whatever its best estimate.
    assert figure.title == "Of 2 answers, below what was expected: 1; above: 0; open: 1"


def test_it_says_what_they_share_and_that_they_are_not_averaged():
    found = blocks(TWO)
    shared = only(Table, found)
    said = {row[0][0]: row[1][0] for row in shared.rows}
    assert said["The same file, data/public/testville.csv"] == "1 and 2"
    assert said["The same place, Testville"] == "1 and 2"
    assert said["The same start of Ceasefire, January 2014"] == "1 and 2"
    assert any(thing.startswith("The months from January 2009 to December 2016") for thing in said)
    assert "not independent" in text(found)
    assert "We do not average" in text(found)
    # The mean of -30 and -20, plain or of logs, stands nowhere.
    html = render(site_document(TWO, agreements=agreements(TWO)))
    assert "−25" not in html and "25%" not in html


def test_a_third_study_that_shares_less_is_told_apart():
    other = one("ccc", apart=True, place="Elsewhere", units=("Elsewhere",))
    shared = only(Table, blocks([*TWO, other]))
    assert {row[1][0] for row in shared.rows} == {"1 and 2"}


def test_studies_that_share_nothing_are_said_to():
    found = blocks([one("a"), one("bb", apart=True, place="Elsewhere", units=("Elsewhere",))])
    assert not [block for block in found if isinstance(block, Table)]
    assert "They share nothing that we looked for" in text(found)


def test_a_single_answer_is_not_compared():
    for studies in ([one("a")], [one("a"), one("b", objection="too few clusters")]):
        found = blocks(studies)
        assert not [block for block in found if isinstance(block, Figure)]
        assert "nothing to compare yet" in text(found)


def test_an_answer_that_must_not_be_used_is_named_and_not_drawn():
    found = blocks([*TWO, one("c", (90.0, 80.0, 99.0), objection="too few clusters")])
    figure = only(Figure, found)
    assert "3. Time series, Testville: gun homicides, no usable answer" in figure.description
    assert "90" not in figure.description
    assert figure.title == "Of 2 answers, below what was expected: 1; above: 0; open: 1"
    assert "No answer that may be used: 3 (gun homicides)." in text(found)


@pytest.mark.parametrize(
    ("one_way", "other_way", "better", "title"),
    [
        (FALL, FALL, "lower", "All 2 answers lie below what was expected"),
        (RISE, RISE, "lower", "All 2 answers lie above what was expected"),
        (
            FALL,
            RISE,
            "lower",
            "Of 2 answers, below what was expected: 1; above: 1; open: 0",
        ),
        (OPEN, OPEN, "lower", "None of 2 answers can tell a change from none"),
        (OPEN, OPEN, "higher", "None of 2 answers can tell a change from none"),
        (FALL, OPEN, "lower", "Of 2 answers, below what was expected: 1; above: 0; open: 1"),
        # More of the second outcome is good: a fall in one and a rise in the other agree.
        (FALL, RISE, "higher", "All 2 answers lie on the side that is hoped for"),
        (RISE, FALL, "higher", "All 2 answers lie on the side that is not hoped for"),
        (
            FALL,
            FALL,
            "higher",
            "Of 2 answers, on the side that is hoped for: 1; on the other: 1; open: 0",
        ),
    ],
)
def test_agreement_is_about_what_is_hoped_for(one_way, other_way, better, title):
    studies = [one("a", one_way), one("b", other_way, better=better)]
    assert only(Figure, blocks(studies)).title == title
    if better == "higher":
        # Ranges of what should fall and of what should rise are not laid over one another.
        assert "overlap" not in text(blocks(studies))


def test_ranges_that_do_not_meet_are_named():
    found = blocks([one("a", (-60.0, -70.0, -50.0)), one("b", RISE)])
    assert "Ranges that do not meet: 1 (gun homicides) and 2 (gun homicides)." in text(found)


def test_ranges_of_different_outcomes_need_not_meet():
    """Murders up a little and shootings down by half: no chance is needed to explain that."""
    other = one("b", RISE)
    renamed = tuple(replace(outcome, label="murders") for outcome in other.outcomes)
    found = text(blocks([one("a", (-60.0, -70.0, -50.0)), replace(other, outcomes=renamed)]))
    assert "do not meet" not in found and "hance alone" not in found
    assert "They measure different things" in found


def test_tests_on_invented_data_are_folded_and_on_a_page_of_their_own():
    studies = [oakland_study(), synthetic_study(), synthetic_study(slug="other-synthetic")]
    beside = replace(together(studies), agreements=agreements(studies))
    found = truth_document(beside).blocks
    folds = [block for block in found if isinstance(block, Details)]
    assert len(folds) == 1 and not [block for block in found if isinstance(block, Figure)]
    assert "answers nothing" in text(folds[0].blocks)
    others = site_document(studies, agreements=agreements(studies)).blocks
    assert not [block for block in others if isinstance(block, Details)]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
@pytest.mark.parametrize("number", range(len(list(sets()))))
def test_every_page_is_sound_and_links_to_its_reports(language, number):
    studies = list(sets())[number]
    made = site_document(studies, language, agreements=agreements(studies), published=True)
    html = render(made)
    assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []
    hrefs = [node.attributes["href"] for node in Page(html).all("a")]
    assert "elsewhere.html" in hrefs
    real = [one for one in studies if one.data.provenance.sensitivity != "synthetic"]
    assert all(f"{study.slug}/{language.page}" in hrefs for study in real)


def test_both_languages_say_the_same_numbers():
    for studies in sets():
        english, spanish = (blocks(studies, language) for language in LANGUAGES)
        assert [type(block) for block in english] == [type(block) for block in spanish]
        for one_block, other in zip(english, spanish, strict=True):
            if isinstance(one_block, Figure):
                numbers = [re.findall(r"[−+]?[\d.]+%", b.description) for b in (one_block, other)]
                assert numbers[0] == numbers[1]


def test_spanish_leaves_no_english_but_what_is_quoted():
    for studies in sets():
        made = site_document(studies, SPANISH, agreements=agreements(studies), published=True)
        said = " ".join(Page(render(made)).all("body")[0].text.split())
        said = re.sub(r"«[^»]*»", "", said).replace("This page in English", "")
        assert re.findall(r"\b(?:the|of|and|is|are|because|share|fall|answer)\b", said) == []


def test_without_agreements_the_page_has_no_such_section():
    anchors = [b.anchor for b in site_document(TWO).blocks if isinstance(b, Heading)]
    assert "agree-1" not in anchors
    anchors = [
        b.anchor
        for b in site_document(TWO, agreements=agreements(TWO)).blocks
        if isinstance(b, Heading)
    ]
    assert "agree-1" in anchors


def test_the_grade_stands_beside_every_answer():
    figure = only(Figure, blocks([one("a", grade="low"), one("b", grade="very low")]))
    assert [row[-1][0] for row in figure.table.rows] == ["Low", "Very low"]
    assert set(words.GRADES) >= {"low", "very low"}
