"""The two sheets of paper that tell a study."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from evaluation import plots
from evaluation.report.layers import brief_document
from evaluation.report.pdf import pdf_bytes
from evaluation.study.evidence import load_evidence

PROJECT = Path(__file__).parents[2]
SLUGS = sorted(
    path.parent.name
    for path in (PROJECT / "reports").glob("*/results.json")
    if not path.parent.name.startswith("replication-")
)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_study_is_told_on_two_sheets(slug, tmp_path):
    with plots.kept_in(tmp_path, root=tmp_path):
        data = pdf_bytes(brief_document(load_evidence(slug, PROJECT)))
    assert len(PdfReader(io.BytesIO(data)).pages) <= 2
