"""The front page for paper, and that no page leads to a file that is not there."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from example_study import OAKLAND, oakland_study, study, together
from pdf_structure import faults, text
from pypdf import PdfReader
from report_page import Page

from evaluation.errors import EnvironmentFault
from evaluation.report import front_papers
from evaluation.report.front_papers import front_documents, has_papers
from evaluation.report.write import write_site
from evaluation.say import LANGUAGES

STUDIES = [oakland_study()]
TOGETHER = together(STUDIES, OAKLAND)


def papers(studies=STUDIES, project=OAKLAND):
    return front_papers.front_papers(studies, together(studies, project), project, None)


@pytest.fixture(scope="module")
def made():
    return papers()


def test_there_is_one_in_each_language_on_two_sheets_without_a_fault_of_structure(made):
    assert sorted(made) == ["es.pdf", "index.pdf"]
    for data in made.values():
        assert faults(data) == []
        assert len(PdfReader(io.BytesIO(data)).pages) <= 2


def test_the_answer_is_that_of_the_screen(made):
    page = front_documents(STUDIES, TOGETHER, OAKLAND, None, paper=True)["index.html"]
    told = " ".join(text(made["index.pdf"]).split())
    sides = dict(zip(page.blocks[0].names, page.blocks[0].sides, strict=True))
    said = sides["told"][-2].text
    assert " ".join("".join(getattr(one, "text", one) for one in said).split())[:80] in told


def links(folder, name) -> list[str]:
    page = Page((folder / "reports" / name).read_text("utf-8"))
    return [node.attributes["href"] for node in page.all("a")]


@pytest.mark.parametrize("project", [OAKLAND, replace(OAKLAND, place_id="us-xx-testville")])
def test_the_four_links_of_the_front_page_lead_somewhere(tmp_path, monkeypatch, project):
    monkeypatch.setattr("evaluation.report.write.read_project", lambda root: project)
    studies = [study()]
    write_site(studies, tmp_path, together(studies, project))
    for name, paper in (("index.html", "index.pdf"), ("es.html", "es.pdf")):
        led = links(tmp_path, name)
        assert {paper, "results.csv", "#cite"} <= set(led)
        files = [one for one in led if "/" not in one and not one.startswith("#")]
        assert all((tmp_path / "reports" / one).is_file() for one in files)
    assert has_papers(tmp_path, project)


def test_where_typst_is_not_installed_no_page_leads_to_a_pdf_and_no_former_one_stays(
    tmp_path, monkeypatch
):
    def missing(document):
        raise EnvironmentFault("no typst")

    beside = together(STUDIES)
    write_site(STUDIES, tmp_path, beside)
    assert (tmp_path / "reports/index.pdf").is_file()
    monkeypatch.setattr(front_papers, "pdf_bytes", missing)
    write_site(STUDIES, tmp_path, beside)
    assert list((tmp_path / "reports").glob("*.pdf")) == []
    for language in LANGUAGES:
        assert not any(one.endswith(".pdf") for one in links(tmp_path, language.page))
