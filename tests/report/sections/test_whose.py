"""Whose page it is: names from `ceasefire.toml` or the plans, and no place taken for another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "synthesis"))

from described import described
from example_study import OAKLAND, every, front, site, study, synthetic_study
from report_page import Page, faults

from evaluation.data.project import FILE, Names, Project
from evaluation.data.published import read_published
from evaluation.errors import DataError
from evaluation.report.sections.about import front_pages, whose
from evaluation.report.sections.elsewhere import elsewhere_html
from evaluation.report.write import write_report, write_site
from evaluation.say import ENGLISH, LANGUAGES, SPANISH
from evaluation.study.evidence import Evidence
from evaluation.synthesis.elsewhere import Together, elsewhere, for_site

ROOT = Path(__file__).parents[3]
PHILADELPHIA = Project(
    Names("Philadelphia", "Group Violence Intervention"),
    Names("Filadelfia", "la Intervención Grupal"),
    "us-pa-philadelphia",
    authors=("Ana Diaz", "Bo Cruz"),
)
# Names that hold Oakland's, or are the same, of places that are not it.
OTHERS = [
    ("Oakland Park", "us-fl-oakland-park"),
    ("West Oakland", "us-pa-west-oakland"),
    ("Oaklandon", "us-in-oaklandon"),
    ("Oakland", "us-tn-oakland"),
    ("oakland", ""),
    ("Philadelphia", "us-pa-philadelphia"),
]


def of(unit: str, place: str, slug: str = "one", **changes) -> Evidence:
    """A real study of a plan that names this unit, of data that declare this place."""
    base = study(slug=slug, **changes)
    origin = replace(base.data.provenance, name=f"{unit} by month", place=place)
    plan = replace(base.plan, content={**base.plan.content, "unit": unit})
    data = replace(base.data, unit=unit, units=(unit,), provenance=origin)
    return replace(base, data=data, plan=plan)


def told(html: str) -> str:
    return " ".join(Page(html).all("body")[0].text.split())


@pytest.mark.parametrize(("unit", "place"), OTHERS)
def test_no_place_answers_for_oakland_by_its_name(unit, place):
    said = told(every([of(unit, place)], project=OAKLAND))
    assert "Answered for 0 of 3 goals." in said
    assert "Not yet answered for Oakland" in said
    undeclared = "Studies whose place is not declared" in said
    assert undeclared is (place == "")


@pytest.mark.parametrize("unit", ["Oakland", "Oakland, Calif.", "The city", "400 of 1,200 people"])
def test_the_id_answers_whatever_the_place_is_called(unit):
    said = told(every([of(unit, "us-ca-oakland")], project=OAKLAND))
    assert "Answered for 1 of 3 goals." in said and "not declared" not in said


def test_invented_data_that_imitate_a_place_never_answer_for_it():
    assert "Answered for 0 of 3" in told(every([synthetic_study()], project=OAKLAND))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_the_front_page_is_named_by_its_file(language):
    html = front([of("Philadelphia", "us-pa-philadelphia")], language, project=PHILADELPHIA)
    said, names = told(html), PHILADELPHIA.named(language.code)
    assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []
    assert names.program in Page(html).all("title")[0].text
    assert language.say("site.over", program=names.program) in said
    assert said.count("Ana Diaz") == 1, "how to cite it"
    assert "Oakland" not in html


def test_the_project_s_own_words_go_before_the_usual_ones_in_spanish():
    evidence = of("Philadelphia", "us-pa-philadelphia", intervention="Group Violence Intervention")
    said = told(every([evidence], SPANISH, project=PHILADELPHIA))
    assert "la Intervención Grupal" in said and "Filadelfia" in said
    assert "Group Violence Intervention" not in said and "Philadelphia" not in said
    own = {**evidence.plan.content, "es": {"intervention": "la red", "unit": "Fila"}}
    asked = replace(evidence, plan=replace(evidence.plan, content=own))
    said = told(every([asked], SPANISH, project=PHILADELPHIA))
    assert "la red" in said and ", Fila" in said


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_without_the_file_the_plan_names_program_and_place(language):
    evidence = of("Reno", "", intervention="Cure Violence")
    html = every([evidence], language)
    page = whose(Project(), [evidence], language)
    assert page.over == language.say("site.over", program="Cure Violence, Reno")
    assert page.title == language.say("site.title-found", program="Cure Violence")
    assert page.over in told(html) and "Oakland" not in html
    assert language.say("site.answered", answered=1, goals=3) in told(html)


def test_two_programs_and_two_places_are_both_named():
    studies = [
        of("Reno", "us-nv-reno", "a", intervention="Cure Violence"),
        of("Elko", "us-nv-elko", "b", intervention="call-ins"),
    ]
    page = whose(Project(), studies, ENGLISH)
    assert page.over == "Evaluation of Cure Violence and call-ins, Reno and Elko"
    assert page.title == "What did Cure Violence and call-ins change?"
    assert all(page.own(one) for one in studies)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_a_project_of_nothing_names_nobody(language):
    html = front([], language)
    assert "Oakland" not in html and language.say("site.over-nobody") in told(html)


@pytest.mark.parametrize(
    "unit",
    ["<script>alert(1)</script>", "\"quoted\" & 'single'", "x" * 600, "{place}", "%s", "a\nb"],
)
@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
@pytest.mark.parametrize("named", [False, True])
def test_a_name_is_printed_as_it_is_written_and_runs_nothing(unit, language, named):
    project = Project(Names(unit, unit, unit), Names(unit, unit, unit), "us-xx-x", authors=(unit,))
    evidence = of(unit, "us-xx-x", intervention=unit)
    html = front([evidence], language, project=project if named else None)
    assert "<script>alert" not in html
    assert faults(html.replace('lang="es-US"', 'lang="en-US"')) == []
    assert " ".join(unit.split()) in told(html)


@pytest.mark.parametrize(
    ("code", "pages"),
    [
        ("en", {"index.html": ENGLISH, "es.html": SPANISH}),
        ("es", {"index.html": SPANISH, "en.html": ENGLISH, "es.html": SPANISH}),
    ],
)
def test_the_language_of_the_project_is_that_of_the_index(code, pages):
    project = replace(PHILADELPHIA, language=code)
    assert front_pages(project) == pages
    files = site([of("Philadelphia", "us-pa-philadelphia")], project)
    for name, language in pages.items():
        assert f'<html lang="{language.lang}">' in files[name]
        hrefs = {node.attributes["href"] for node in Page(files[name]).all("a")}
        (other,) = hrefs & set(front_pages(project))
        assert pages[other] is not language
        assert f"one/{language.page}" in hrefs


def test_a_page_in_the_language_of_before_does_not_stay_behind(tmp_path):
    (tmp_path / "analyses").mkdir()
    (tmp_path / FILE).write_text('language = "es"', encoding="utf-8")
    write_site([], tmp_path, Together())
    assert (tmp_path / "reports/en.html").is_file()
    (tmp_path / FILE).write_text('language = "en"', encoding="utf-8")
    write_site([], tmp_path, Together())
    assert not (tmp_path / "reports/en.html").exists()
    assert '<html lang="en-US">' in (tmp_path / "reports/index.html").read_text("utf-8")


def test_a_file_with_a_fault_stops_the_front_page(tmp_path):
    (tmp_path / FILE).write_text('titel = "x"', encoding="utf-8")
    with pytest.raises(DataError, match=r"ceasefire\.toml:1:1"):
        write_site([], tmp_path, Together())
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("named", [False, True])
def test_no_page_of_another_project_names_oakland(tmp_path, named):
    evidence = of("Philadelphia", "us-pa-philadelphia", intervention="Ceasefire")
    (tmp_path / "analyses").mkdir()
    if named:
        text = 'place = "Philadelphia"\nplace_id = "us-pa-philadelphia"\nprogram = "PHL Ceasefire"'
        (tmp_path / FILE).write_text(text, encoding="utf-8")
    beside = for_site([evidence], tmp_path)
    assert (beside.numbers, beside.elsewhere) == ({}, None)
    written = [*write_report(evidence, tmp_path)]
    written += write_site([evidence], tmp_path, beside)
    assert {path.suffix for path in written} == {".html", ".csv", ".json", ".svg", ".png", ".pdf"}
    for path in (one for one in written if one.suffix not in (".png", ".pdf")):
        assert "Oakland" not in path.read_text("utf-8"), path


@pytest.mark.parametrize("project", [Project(), PHILADELPHIA], ids=["nobody's", "Philadelphia's"])
def test_on_the_page_of_other_places_oakland_is_one_of_them(project):
    table = read_published(ROOT / "data/public/focused_deterrence.csv", ROOT)
    found = elsewhere(table, [of("Philadelphia", "us-pa-philadelphia")], home=project)
    html = elsewhere_html(found, project)
    said = told(html)
    assert "Squares are Oakland" not in said and "outside Oakland" not in said
    assert "Oakland, as published by others" not in html
    assert "Programs like Oakland" not in said and "All studies" in said
    oakland = [row for row in found.results if row.site == "Oakland"]
    assert oakland and not any(found.at_home(row) for row in oakland)
    assert ("Philadelphia, and our own results" in said) is (project is PHILADELPHIA)
    assert "Squares are" not in said, "nothing published of Philadelphia has a number"


def test_own_results_are_set_beside_published_ones_of_their_place_by_id():
    table = read_published(ROOT / "data/public/focused_deterrence.csv", ROOT)
    boston = described("boston")
    for place, said in (
        ("us-ma-boston", "Published for the same city"),
        ("us-in-boston", "Nothing with a number is published here for this city"),
        ("", "nothing was looked up for its city"),
    ):
        origin = replace(boston.data.provenance, place=place)
        here = replace(boston, data=replace(boston.data, provenance=origin))
        assert said in told(elsewhere_html(elsewhere(table, [here])))
