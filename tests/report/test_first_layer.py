"""The first layer of a study: what a reader has on one screen, and in about a thousand words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from example_checks import failing
from example_study import effect, outcome, study
from report_page import Page, first_page_html

from evaluation import fact
from evaluation.report.blocks import BulletList, Figure, KeyFinding, Link, Table, every
from evaluation.report.first_layer import first_layer, recorded, weighs_most
from evaluation.report.layers import appendix_page, brief_document, first_page, report_document
from evaluation.report.sections.more import Around, cited
from evaluation.report.words import GRADE_STEPS
from evaluation.say import ENGLISH, SPANISH, texts
from evaluation.study.by_year import ByYear, Span, Year
from evaluation.study.evidence import Grade, load_evidence

PROJECT = Path(__file__).parents[2]
REPORTS = PROJECT / "reports"
SLUGS = sorted(
    path.parent.name
    for path in REPORTS.glob("*/results.json")
    if not path.parent.name.startswith("replication-")
)
MOST, BEFORE_A_FIGURE = 1500, 300


def counting(**parts):
    """An outcome with whole years on both sides, and three places beside it."""
    before = Span("2009", "2013", 5, 106.6, 679.6)
    after = Span("2015", "2016", 2, 79.57, 608.86)
    years = tuple(Year(str(year), "before", 100.0, 600.0) for year in range(2009, 2014))
    return replace(outcome(**parts), by_year=ByYear(years, 1, 3, before, after))


def visible(html: str) -> list[str]:
    """The words that a reader sees without opening anything, on a wide screen."""
    body = html.partition("<body")[2].partition(">")[2]
    # Of two lists of contents a screen shows one; what is folded shows its first line.
    body = re.sub(r'<nav class="on-top".*?</nav>', "", body, flags=re.DOTALL)
    body = re.sub(r"(<summary>.*?</summary>).*?</details>", r"\1", body, flags=re.DOTALL)
    body = re.sub(r"<svg\b[^>]* role=.*?</svg>", " \ue000 ", body, flags=re.DOTALL)
    body = re.sub(r"<svg\b.*?</svg>", "", body, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", body).split()


@pytest.mark.parametrize("page", ["index.html", "es.html"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_study_is_told_in_so_many_words_and_its_figure_comes_first(slug, page):
    said = visible((REPORTS / slug / page).read_text(encoding="utf-8"))
    pictures = [place for place, word in enumerate(said) if word == "\ue000"]
    assert len(said) - len(pictures) <= MOST
    main = next(one for one in load_evidence(slug, PROJECT).outcomes if one.primary)
    if main.by_year is not None or main.estimated:
        assert pictures and pictures[0] <= BEFORE_A_FIGURE
    assert len(pictures) <= 6  # three figures, each for a page and for a phone


@pytest.mark.parametrize("path", sorted(REPORTS.rglob("*.html")), ids=lambda one: one.name)
def test_no_page_says_that_something_was_not_told(path):
    if not path.parent.name.startswith("replication-"):
        said = " ".join(visible(path.read_text(encoding="utf-8")))
        assert not re.search(r"\bnot told\b", said, re.I)


@pytest.mark.parametrize("slug", SLUGS)
def test_no_text_of_the_first_layer_in_spanish_is_said_in_english(slug, monkeypatch):
    missed, real = set(), fact._text

    def heard(key, language):
        if language == SPANISH.code and key not in texts(SPANISH.code):
            missed.add(key)
        return real(key, language)

    evidence = load_evidence(slug, PROJECT)
    monkeypatch.setattr(fact, "_text", heard)
    first_layer(evidence, SPANISH, around=Around(power=True, authors=("A", "B")))
    assert missed == set()


@pytest.mark.parametrize("grade", list(GRADE_STEPS))
def test_the_rating_answers_the_second_question_and_says_so(grade):
    changed, program = answers(study(outcomes=(outcome(grade=grade),)))
    assert changed.facts == ()
    (rated,) = program.facts
    assert rated.steps == GRADE_STEPS[grade]
    assert rated.note == "It answers this question only, and not whether gun homicides changed."


def answers(evidence) -> tuple[KeyFinding, KeyFinding]:
    first, second = (
        block for block in every(first_layer(evidence)) if isinstance(block, KeyFinding)
    )
    return first, second


def test_no_size_stands_out_beside_an_unclear_answer():
    unclear = outcome(effect((-5.0, -20.0, 9.0), (15.0, -27.0, 60.0)))
    changed, program = answers(study(outcomes=(unclear,)))
    assert changed.facts == () and changed.tone == "unclear"
    assert not any(re.search(r"\d+%", one.value) for one in program.facts)
    html = first_page_html(study(outcomes=(unclear,)), ENGLISH)
    strong = [node.text for node in Page(html).all("strong")]
    assert not any(re.search(r"\d%", one) for one in strong)


def test_what_was_recorded_is_told_with_the_places_beside_and_no_cause():
    said = recorded(counting(), counting().by_year, ENGLISH)
    assert said == (
        "gun homicides went from 107 a year (2009 to 2013) to 80 (2015 to 2016), 25% down. In 3 "
        "places compared with, they went from 680 to 609, 10% down. No cause is named here."
    )
    alone = replace(counting().by_year, before=Span("2013", "2013", 1, 50.0), beside=0)
    said = recorded(counting(), replace(alone, after=Span("2015", "2015", 1, 60.0)), ENGLISH)
    assert said == "gun homicides went from 50 a year (2013 only) to 60 (2015 only), 20% up."


def graded(start, *keys):
    reasons = tuple(fact.Fact(f"grade.reason.{key}") for key in keys)
    return replace(outcome(), grade=Grade("very low", start, reasons))


@pytest.mark.parametrize(
    ("start", "reasons", "weighs"),
    [
        ("low", ("alone", "no-start", "wide"), "alone"),
        ("moderate", ("units-not-drawn", "planned-after", "neighbors"), "neighbors"),
        ("moderate", ("units-not-drawn", "planned-after", "wide"), "units-not-drawn"),
        ("moderate", (), None),
    ],
)
def test_the_doubt_that_weighs_most_is_a_low_start_then_a_failed_check(start, reasons, weighs):
    found = weighs_most(graded(start, *reasons))
    assert (found and found.key.rpartition(".")[2]) == weighs


def test_other_outcomes_have_a_line_each_that_leads_into_the_appendix():
    evidence = study()
    lines = next(
        block
        for block, before in zip(first_layer(evidence)[1:], first_layer(evidence), strict=False)
        if getattr(before, "anchor", "") == "further"
    )
    assert isinstance(lines, BulletList) and len(lines.items) == len(evidence.outcomes) - 1
    links = [part.href for item in lines.items for part in item if isinstance(part, Link)]
    places = {getattr(block, "anchor", "") for block in every(appendix_page(evidence).blocks)}
    assert {link.removeprefix("appendix.html#") for link in links} <= places


def test_the_appendix_repeats_no_figure_and_folds_by_outcome(evidence):
    def keys(document):
        return {block.key for block in every(document.blocks) if isinstance(block, Figure)}

    assert not keys(first_page(evidence)) & keys(appendix_page(evidence))
    assert keys(report_document(evidence)) == keys(first_page(evidence)) | keys(
        appendix_page(evidence)
    )
    folds = [block for block in appendix_page(evidence).blocks if hasattr(block, "summary")]
    assert {fold.summary for fold in folds} >= {"Gun homicides", "Nonfatal shootings"}
    tables = [block for block in every(appendix_page(evidence).blocks) if isinstance(block, Table)]
    assert tables and all(table.caption.strip() for table in tables)


def test_a_citation_has_authors_the_end_of_the_data_version_and_results(evidence):
    said = cited(evidence, Around(authors=("A. Author", "B. Writer"), version="1.2"))
    assert re.fullmatch(
        r"To cite it: A\. Author and B\. Writer, “Ceasefire and gun homicide in Testville”, "
        r"data to December 2016; ceasefire 1\.2, results [0-9a-f]{12}\.",
        said,
    )


def test_a_study_without_an_estimate_says_so_and_has_no_figure():
    page = first_page(study(outcomes=(replace(failing(), primary=True),)))
    assert not any(isinstance(block, Figure) for block in every(page.blocks))
    changed, program = answers(study(outcomes=(replace(failing(), primary=True),)))
    assert changed.sentence.startswith("Not estimated: ")
    assert program.sentence == "Without an estimate the data say nothing of Ceasefire."


def test_a_message_shows_the_answer_and_a_picture(evidence):
    page = Page(first_page_html(evidence, ENGLISH))
    told = {
        node.attributes.get("property") or node.attributes.get("name"): node.attributes["content"]
        for node in page.all("meta")
        if "content" in node.attributes
    }
    assert told["og:image"] == "share.png"
    assert told["description"].startswith("Gun homicides came out 26% below")
    assert told["og:title"] == evidence.question


def test_two_sheets_have_no_numbers_behind_figures(evidence):
    anchors = [getattr(block, "anchor", "") for block in brief_document(evidence).blocks]
    assert "answer" in anchors and "about" not in anchors
