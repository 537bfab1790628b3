from __future__ import annotations

import pytest
from example_study import study

from evaluation.errors import DataError
from evaluation.report.write import report_html, site_html, write_report, write_site


def test_pages_are_written_where_the_site_links_to(tmp_path, evidence):
    assert write_report(evidence, tmp_path) == tmp_path / "reports/testville/index.html"
    assert write_site([evidence], tmp_path) == tmp_path / "reports/index.html"
    written = (tmp_path / "reports/testville/index.html").read_bytes()
    assert written == report_html(evidence).encode()
    assert (tmp_path / "reports/index.html").read_bytes() == site_html([evidence]).encode()


def test_a_folder_in_the_way_leaves_nothing_behind(tmp_path):
    (tmp_path / "reports").write_text("not a folder")
    with pytest.raises(DataError):
        write_report(study(), tmp_path)
    assert (tmp_path / "reports").read_text() == "not a folder"
