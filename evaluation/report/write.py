"""Evidence to files, each the old one or the new one and never half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluation.report.document import report_document
from evaluation.report.html import render
from evaluation.report.site import site_document
from evaluation.study.evidence import Evidence, dumps, loads, write_atomically


def report_html(evidence: Evidence) -> str:
    """The report of one study as an HTML page, from the numbers as results.json holds them."""
    return render(report_document(_locked(evidence)))


def site_html(evidences: Sequence[Evidence]) -> str:
    """The page over all studies, whatever order they come in."""
    return render(site_document([_locked(evidence) for evidence in evidences]))


def write_report(evidence: Evidence, root: Path) -> Path:
    """Where the report of one study was written: `reports/<slug>/index.html`.

    Raises
    ------
    DataError : when the folder cannot be written to.
    """
    path = root / "reports" / evidence.slug / "index.html"
    write_atomically(path, report_html(evidence))
    return path


def write_site(evidences: Sequence[Evidence], root: Path) -> Path:
    """Where the page over all studies was written: `reports/index.html`.

    Raises
    ------
    DataError : when the folder cannot be written to.
    """
    path = root / "reports" / "index.html"
    write_atomically(path, site_html(evidences))
    return path


def _locked(evidence: Evidence) -> Evidence:
    """The evidence rounded as it is stored, so that a page never knows more than the file."""
    return loads(dumps(evidence))
