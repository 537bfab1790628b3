"""The front page in both languages: the same studies, numbers and places to go."""

from __future__ import annotations

import re

import pytest
from claims import claims
from example_study import OAKLAND, every, oakland_study, study, synthetic_study
from report_page import Page, faults

from evaluation.report.blocks import Callout, Heading, KeyFinding, Table
from evaluation.report.site import site_document
from evaluation.say import ENGLISH, LANGUAGES, SPANISH

STUDIES = [oakland_study(), study(), synthetic_study(), synthetic_study(slug="two", goal=2)]
SETS = ([], STUDIES[:1], STUDIES)


def main_of(html: str) -> str:
    return " ".join(Page(html).all("main")[0].text.split())


@pytest.mark.parametrize("studies", SETS, ids=len)
def test_both_pages_have_the_same_parts_in_the_same_order(studies):
    english, spanish = (site_document(studies, language, project=OAKLAND) for language in LANGUAGES)
    for one, other in zip(english.blocks, spanish.blocks, strict=False):
        if type(one) is not type(other):
            break
        if isinstance(one, Heading):
            assert (one.level, one.anchor) == (other.level, other.anchor)
        if isinstance(one, KeyFinding):
            assert one.tone == other.tone
            assert claims(one.sentence) == claims(other.sentence)
        if isinstance(one, Callout):
            assert one.tone == other.tone
        if isinstance(one, Table):
            assert len(one.rows) == len(other.rows)
    assert [type(block) for block in english.blocks] == [type(block) for block in spanish.blocks]


@pytest.mark.parametrize("studies", SETS, ids=len)
def test_the_spanish_page_is_sound_and_says_its_language(studies):
    html = every(studies, SPANISH, project=OAKLAND)
    assert '<html lang="es-US">' in html
    assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []


def test_nothing_but_what_is_quoted_and_the_link_is_english():
    text = " ".join(Page(every(STUDIES, SPANISH, project=OAKLAND)).all("body")[0].text.split())
    text = re.sub(r"«[^»]*»", "", text).replace("This page in English", "")
    assert re.findall(r"\b(?:the|of|and|is|are|because|whether|fewer|answer)\b", text) == []


def test_each_page_leads_to_the_other_and_to_reports_in_its_language():
    english, spanish = (
        {
            node.attributes["href"]
            for node in Page(every(STUDIES, language, project=OAKLAND)).all("a")
        }
        for language in LANGUAGES
    )
    assert {"studies.es.html", "testville/index.html", "oakland/index.html"} <= english
    assert {"studies.html", "testville/es.html", "oakland/es.html"} <= spanish
    assert not any(href.endswith("/es.html") for href in english)
    assert not any(href.endswith("/index.html") for href in spanish)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_each_page_leads_to_both_files_of_numbers(language):
    hrefs = {
        node.attributes["href"] for node in Page(every([], language, project=OAKLAND)).all("a")
    }
    assert {"results.csv", "results.json"} <= hrefs


def test_goals_answered_are_counted_alike():
    assert "Answered for 1 of 3 goals." in main_of(every(STUDIES, ENGLISH, project=OAKLAND))
    assert "Con respuesta: 1 de 3 objetivos." in main_of(every(STUDIES, SPANISH, project=OAKLAND))
    assert "Con respuesta: 0 de 3 objetivos." in main_of(every([], SPANISH, project=OAKLAND))


def test_no_overall_score_in_either_language():
    assert "There is no overall score." in main_of(every(STUDIES, ENGLISH, project=OAKLAND))
    assert "No hay una calificación general." in main_of(every(STUDIES, SPANISH, project=OAKLAND))


def test_the_order_of_studies_changes_nothing():
    for language in LANGUAGES:
        assert every(STUDIES, language, project=OAKLAND) == every(
            STUDIES[::-1], language, project=OAKLAND
        )
