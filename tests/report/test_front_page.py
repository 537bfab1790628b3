"""The front page: on one screen, from evidence alone, true to the numbers behind it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from example_study import OAKLAND, front, oakland_study, study, synthetic_study, together
from report_page import Page, faults

from evaluation.data.project import read_project
from evaluation.report import words
from evaluation.report.blocks import Columns, Figure
from evaluation.report.document import basis
from evaluation.report.front_page import front_document
from evaluation.report.html import render
from evaluation.report.write import site_files
from evaluation.say import ENGLISH, LANGUAGES, SPANISH
from evaluation.study.evidence import load_evidence
from evaluation.synthesis.elsewhere import for_site

ROOT = Path(__file__).parents[2]
SLUGS = sorted(
    path.parent.name
    for path in (ROOT / "reports").glob("*/results.json")
    if not path.parent.name.startswith("replication")
)
STUDIES = [load_evidence(slug, ROOT) for slug in SLUGS]
BESIDE = for_site(STUDIES, ROOT)
PROJECT = read_project(ROOT)
MOST_WORDS, BEFORE_FIGURE = 1200, 300


@pytest.fixture(scope="module")
def documents():
    return {
        language.code: front_document(STUDIES, BESIDE, language, project=PROJECT)
        for language in LANGUAGES
    }


def visible(html: str) -> str:
    """The words of the page that a reader sees, without folded ones and pictures."""
    html = re.sub(r"<(details|svg|style|head)\b[\s\S]*?</\1>", " ", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_it_is_short_and_its_first_figure_comes_early(documents, language) -> None:
    html = render(documents[language.code])
    assert len(visible(html).split()) <= MOST_WORDS
    before = html[: html.index("<figure")]
    assert len(visible(before).split()) <= BEFORE_FIGURE
    assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []


def test_what_speaks_for_goal_1_is_the_comparison() -> None:
    assert BESIDE.speaks[1].study == "oakland-california" and BESIDE.speaks[1].compared
    assert {slug for slug, _ in BESIDE.speaks[1].beside} == {"oakland", "oakland-cities"}


def test_every_number_of_the_answer_is_in_a_file(documents) -> None:
    """Numbers of what is told first, and where each of them stands in results.json."""
    (columns,) = [one for one in documents["en"].blocks if isinstance(one, Columns)]
    told = columns.sides[columns.names.index("told")]
    said = " ".join(
        part if isinstance(part, str) else part.text for block in told for part in block.text
    )
    spoken = BESIDE.speaks[1]
    known = json.loads((ROOT / f"reports/{spoken.study}/results.json").read_text("utf-8"))
    (outcome,) = [one for one in known["outcomes"] if one["column"] == spoken.outcome]
    years, percent = outcome["by_year"], outcome["headline"]["effect"]["percent"]
    fall = 100 * (years["after"]["recorded"] / years["before"]["recorded"] - 1)
    beside = 100 * (years["after"]["beside"] / years["before"]["beside"] - 1)
    others = []
    for slug, column in spoken.beside:
        other = json.loads((ROOT / f"reports/{slug}/results.json").read_text("utf-8"))
        (its,) = [one for one in other["outcomes"] if one["column"] == column]
        others += map(words.size, its["headline"]["effect"]["percent"].values())
    expected = {
        f"{years['before']['recorded']:.0f}",
        f"{years['after']['recorded']:.0f}",
        *(years[side][end] for side in ("before", "after") for end in ("first", "last")),
        words.size(fall),
        words.size(beside),
        str(years["beside"]),
        *(words.size(percent[name]) for name in ("estimate", "low", "high")),
        *others,
        str(len(spoken.beside)),
        # The level of certainty, in words.
        str(words.GRADE_STEPS[outcome["grade"]["level"]]),
        "4",
    }
    numbers = set(re.findall(r"\d[\d,.]*\d%?|\d%?", said))
    assert numbers <= expected, numbers - expected
    assert {words.size(fall), words.size(beside), words.size(percent["estimate"])} <= numbers


def test_no_cause_is_named_with_a_raw_change(documents) -> None:
    (columns,) = [one for one in documents["en"].blocks if isinstance(one, Columns)]
    lead = columns.sides[0][0]
    assert lead.lead
    said = "".join(part if isinstance(part, str) else part.text for part in lead.text)
    program = STUDIES[SLUGS.index(BESIDE.speaks[1].study)].intervention
    assert program not in said and not re.search(r"because|due to|caused|thanks", said)


def test_both_sides_are_of_the_same_years() -> None:
    spoken = BESIDE.speaks[1]
    years = STUDIES[SLUGS.index(spoken.study)].outcome(spoken.outcome).by_year
    assert years is not None and years.before is not None and years.after is not None
    for span in (years.before, years.after):
        some = [one for one in years.years if span.first <= one.year <= span.last]
        assert len(some) == span.years
        assert span.recorded == pytest.approx(sum(one.recorded for one in some) / span.years)
        assert span.beside == pytest.approx(sum(one.beside or 0 for one in some) / span.years)


def test_both_languages_have_the_same_parts_and_numbers(documents) -> None:
    english, spanish = (documents[one.code] for one in (ENGLISH, SPANISH))
    assert [type(one) for one in english.blocks] == [type(one) for one in spanish.blocks]
    for one, other in zip(english.blocks, spanish.blocks, strict=True):
        if isinstance(one, Columns):
            assert one.names == other.names
            kinds = [[type(block) for block in side] for side in one.sides]
            assert kinds == [[type(block) for block in side] for side in other.sides]


def test_spanish_names_stay_english_only_between_quotes(documents) -> None:
    said = re.sub(r"«[^»]*»", "", visible(render(documents["es"])))
    said = said.replace("This page in English", "")
    assert re.findall(r"\b(?:the|of|and|is|are|with|whether|below|above)\b", said) == []


def test_signs_have_words_and_levels_are_of_four(documents) -> None:
    page = Page(render(documents["en"]))
    signs = [node for node in page.all("span") if node.attributes.get("class") == "marks"]
    assert signs
    for node in signs:
        assert node.attributes["role"] == "img" and node.attributes["aria-label"].strip()
        kinds = [one.attributes["class"] for one in node.inside]
        if "" in kinds:
            level = kinds.count("full")
            assert len(kinds) == 4 and node.attributes["aria-label"] == f"Level {level} of 4"


def test_a_project_of_another_city_says_nothing_of_oakland(tmp_path) -> None:
    text = 'place = "Testville"\nplace_id = "us-xx-testville"\nprogram = "Testville Ceasefire"'
    (tmp_path / "ceasefire.toml").write_text(text, encoding="utf-8")
    one = study()
    files = site_files([one], for_site([one], tmp_path), project=read_project(tmp_path))
    for name, written in files.items():
        assert "Oakland" not in written, name
    said = visible(files["index.html"])
    assert "Does Testville Ceasefire work?" in said and "What others found" not in said
    assert "tests.html" not in files


def test_a_place_that_nobody_studied_says_what_is_needed() -> None:
    said = visible(front([synthetic_study(), study()], project=OAKLAND))
    assert "No study here answers this for Oakland yet." in said and "What is needed:" in said
    assert said.count("No data yet") == 3


def test_a_refused_answer_speaks_for_nothing_and_its_report_is_listed() -> None:
    barred = oakland_study()
    refused = replace(barred.outcomes[0].headline, effect=None, reason="not valid here: x")
    barred = replace(barred, outcomes=(replace(barred.outcomes[0], headline=refused),))
    assert together([barred], OAKLAND).speaks == {}
    assert "no answer that may be used" in visible(front([barred], project=OAKLAND))


def test_figures_have_a_drawing_for_a_phone(documents) -> None:
    (columns,) = [one for one in documents["en"].blocks if isinstance(one, Columns)]
    figures = [one for side in columns.sides for one in side if isinstance(one, Figure)]
    assert len(figures) == 2 and all(one.narrow for one in figures)


@pytest.mark.parametrize("design", ["its", "did", "individual", "survey"])
def test_the_answer_is_that_of_the_study_s_own_page(design) -> None:
    """Also without counts by year, and with nobody beside it: no sentence leans on another."""
    base = oakland_study()
    one = replace(base, plan=replace(base.plan, content={**base.plan.content, "design": design}))
    said = visible(front([one], project=OAKLAND))
    outcome, margin = one.outcomes[0], words.planned_margin(one)
    told = words.changed(outcome, one.intervention, margin=margin, basis=basis(one))
    for answer in (told, words.was_it(outcome, one.intervention, margin=margin)):
        assert answer in said
