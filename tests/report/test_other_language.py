"""The answer of a study in Spanish: complete, true to the numbers, and linked both ways."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from claims import claims
from example_checks import failing
from example_study import outcome, study, synthetic_study
from report_page import Page, faults, first_page_html

from evaluation.report.blocks import KeyFinding, every
from evaluation.report.layers import first_page, report_document
from evaluation.report.write import write_report
from evaluation.say import ENGLISH, SPANISH

# What would show that a part of the page was left in English.
ENGLISH_WORDS = re.compile(
    r"\b(?:the|of|and|is|are|because|whether|range|fewer|more|answer|steps|skip)\b", re.I
)


def main_of(html: str) -> str:
    return " ".join(Page(html).all("main")[0].text.split())


def english_faults(html: str) -> list[str]:
    """Faults of a page but for its language, which the reader of pages takes to be English."""
    assert '<html lang="es-US">' in html
    return faults(html.replace('<html lang="es-US">', '<html lang="en-US">'))


def test_the_page_says_it_is_spanish_and_is_sound(evidence):
    assert english_faults(first_page_html(evidence)) == []


@pytest.mark.parametrize(
    "made", [study, synthetic_study, lambda: study(outcomes=(failing(), outcome()))]
)
def test_nothing_but_what_is_quoted_and_the_link_back_is_english(made):
    page = Page(first_page_html(made()))
    text = " ".join(page.all("body")[0].text.split())
    back = SPANISH.say("study.other")
    assert back in text
    text = re.sub(r"«[^»]*»", "", text).replace(back, "")
    assert ENGLISH_WORDS.findall(text) == []


def test_numbers_grades_and_tones_are_those_of_the_english_page(evidence):
    def findings(document):
        return [block for block in every(document.blocks) if isinstance(block, KeyFinding)]

    for one, other in zip(
        findings(report_document(evidence)),
        findings(first_page(evidence, SPANISH)),
        strict=True,
    ):
        assert claims(one.sentence).percents == claims(other.sentence).percents
        assert one.tone == other.tone
        assert [fact.steps for fact in one.facts] == [fact.steps for fact in other.facts]
        for fact, told in zip(one.facts, other.facts, strict=True):
            assert re.findall(r"\d+", fact.value + fact.note) == re.findall(
                r"\d+", told.value + told.note
            )


def test_the_answer_in_words():
    said = main_of(first_page_html(study(outcomes=(outcome(grade="moderate"),))))
    assert (
        "En los homicidios con arma de fuego, el resultado quedó 26% por debajo de lo que hacían "
        "esperar los años anteriores (rango: de 12% a 38%), lo cual es mejor. "
    ) in said
    assert "¿Se debe a Ceasefire? Probablemente se debe a Ceasefire, aunque no es seguro." in said
    assert "nivel 3 de 4. Responde solo a esta pregunta" in said
    assert "Lo esperado es lo que, según el modelo, habría pasado sin Ceasefire" in said
    assert "Certeza moderada. Es probable que el efecto real esté cerca" in said


def test_the_two_pages_lead_to_each_other(evidence):
    spanish = {node.attributes["href"] for node in Page(first_page_html(evidence)).all("a")}
    assert {"index.html", "appendix.html", "../es.html"} <= spanish
    page = Page(first_page_html(evidence, ENGLISH))
    english = {node.attributes["href"] for node in page.all("a")}
    assert {"es.html", "appendix.html", "../index.html"} <= english


def test_the_banner_leads_to_the_changes_on_the_english_page(evidence):
    plan = replace(evidence.plan, changes=("trend",))
    html = first_page_html(replace(evidence, plan=plan))
    assert "appendix.html#plan" in html
    assert english_faults(html) == []


def test_without_an_estimate_nothing_is_said_to_lie_close_to_it():
    said = main_of(first_page_html(study(outcomes=(failing(),))))
    assert "esta estimación" not in said
    assert "esta estimación" in main_of(first_page_html(study(outcomes=(outcome(), failing()))))


def test_synthetic_data_are_named_before_the_answer_and_in_it():
    said = main_of(first_page_html(synthetic_study()))
    assert said.startswith("Datos sintéticos Una computadora")
    assert said.count("Datos sintéticos. ") == 1


def test_a_question_of_the_plan_is_the_title_and_another_is_quoted(evidence):
    made = first_page(evidence, SPANISH)
    assert made.title.startswith("¿Hubo un cambio en los homicidios con arma de fuego")
    assert "El plan pregunta: «Did Ceasefire reduce" in main_of(first_page_html(evidence))
    own = {"question": "¿Redujo Ceasefire los homicidios?", "title": "Ceasefire"}
    plan = replace(evidence.plan, content={**evidence.plan.content, "es": own})
    told = replace(evidence, plan=plan)
    assert first_page(told, SPANISH).title == "¿Redujo Ceasefire los homicidios?"
    assert "El plan pregunta" not in main_of(first_page_html(told))


def test_a_label_without_translation_is_marked_and_explained():
    odd = study(outcomes=(outcome(label="arson of barns"),))
    said = main_of(first_page_html(odd))
    assert "«arson of barns»" in said
    assert "Lo que está entre « » está en inglés." in said


def test_both_pages_are_written_and_the_same_twice(tmp_path, evidence):
    write_report(evidence, tmp_path)
    folder = tmp_path / "reports/testville"

    def files() -> dict[str, bytes]:
        found = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    before = files()
    assert {"index.html", "es.html", "appendix.html", "share.png"} <= before.keys()
    assert {path.rpartition(".")[2] for path in before if "/" in path} == {"svg", "csv"}
    write_report(evidence, tmp_path)
    assert files() == before
