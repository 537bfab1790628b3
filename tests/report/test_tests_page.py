"""The page of tests says of every outcome what was built in and whether it was caught."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_page import Page, faults

from evaluation.report.html import render
from evaluation.report.tests_page import caught, truth_document
from evaluation.study.evidence import load_evidence
from evaluation.synthesis.built_in import against_truth, read_built_in
from evaluation.synthesis.elsewhere import Together

ROOT = Path(__file__).parents[2]
ROWS = read_built_in(ROOT)
FOUND = against_truth([load_evidence(slug, ROOT) for slug in sorted({r.study for r in ROWS})], ROWS)


@pytest.fixture(scope="module")
def page() -> Page:
    html = render(truth_document(Together(tests=FOUND)))
    assert faults(html) == []
    return Page(html)


def test_every_outcome_has_a_row_with_its_verdict(page: Page) -> None:
    rows = [
        row
        for row in page.all("tr")
        if any(node.attributes.get("href", "").endswith("/index.html") for node in row.inside)
    ]
    assert len(rows) == len(FOUND)
    said = [" ".join(row.text.split()) for row in rows]
    assert sum("Range holds it" in one for one in said) == sum(o.caught is True for o in FOUND)
    assert sum("Missed" in one for one in said) == sum(o.caught is False for o in FOUND)


def test_the_count_at_its_head_is_that_of_the_rows(page: Page) -> None:
    held = caught(FOUND)
    assert held is not None
    assert f"In {held[0]} of {held[1]} tests" in page.all("main")[0].text


def test_a_refusal_is_no_miss() -> None:
    refused = [one for one in FOUND if one.found is None]
    assert refused and all(one.caught is None for one in refused)
    assert caught(()) is None
