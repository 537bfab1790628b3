from __future__ import annotations

import shutil

import pytest
from example_study import front, study, together
from report_page import report_html

from evaluation.errors import DataError
from evaluation.report import pdf
from evaluation.report.html import render
from evaluation.report.layers import first_page, report_document
from evaluation.report.pdf import pdf_bytes
from evaluation.report.write import MADE, around, write_report, write_site
from evaluation.study.evidence import dumps, loads


def test_pages_are_written_where_the_site_links_to(tmp_path, evidence):
    folder = tmp_path / "reports" / "testville"
    written = [path.relative_to(folder).as_posix() for path in write_report(evidence, tmp_path)]
    assert written[:4] == ["index.html", "es.html", "appendix.html", "share.png"]
    assert written[4:] == [
        f"figures/{kind}-gun_homicides.{file}"
        for file in ("svg", "csv")
        for kind in ("path", "lines")
    ]
    site = write_site([evidence], tmp_path, together([evidence]))
    assert site[-1] == tmp_path / "reports/index.html"
    beside = around("testville", tmp_path)
    page = render(first_page(loads(dumps(evidence)), around=beside))
    assert (folder / "index.html").read_bytes() == page.encode()
    index = (tmp_path / "reports/index.html").read_text("utf-8")
    assert index.replace('<a href="index.pdf">PDF</a>\n', "") == front([evidence])


def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path):
    (tmp_path / "reports").write_text("not a folder")
    with pytest.raises(DataError):
        write_report(study(), tmp_path)
    assert (tmp_path / "reports").read_text() == "not a folder"


def test_what_is_kept_of_a_report_changes_no_byte_and_may_be_deleted(tmp_path, evidence):
    def files() -> dict[str, bytes]:
        written = write_report(evidence, tmp_path, pdf=True)
        return {path.name: path.read_bytes() for path in written}

    first = files()
    assert {path.suffix for path in (tmp_path / MADE).iterdir()} == {".svg", ".pdf"}
    assert files() == first
    shutil.rmtree(tmp_path / MADE)
    assert files() == first
    assert {"brief.pdf", "report.pdf"} <= first.keys()


def test_a_pdf_is_made_again_only_when_its_document_or_template_changed(
    tmp_path, evidence, monkeypatch
):
    made = []
    real = pdf._compiled
    monkeypatch.setattr(pdf, "_compiled", lambda *given: made.append(1) or real(*given))
    for _ in range(2):
        write_report(evidence, tmp_path, pdf=True)
    assert len(made) == 2
    template = pdf._template() + b"\n// another\n"
    monkeypatch.setattr(pdf, "_template", lambda: template)
    write_report(evidence, tmp_path, pdf=True)
    assert len(made) == 4
    other = study(outcomes=evidence.outcomes, question="Did it do anything?")
    write_report(other, tmp_path, pdf=True)
    assert len(made) == 6


def test_outside_a_project_nothing_is_kept(tmp_path, monkeypatch, evidence):
    monkeypatch.chdir(tmp_path)
    assert report_html(evidence)
    assert pdf_bytes(report_document(evidence)).startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == []
