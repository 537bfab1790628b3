"""Evidence to files, each the old one or the new one and never half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluation.report.document import report_document
from evaluation.report.html import render
from evaluation.report.power_page import power_html
from evaluation.report.site import site_document
from evaluation.study.evidence import Evidence, dumps, loads, write_atomically
from evaluation.study.power_evidence import load_power


def report_html(evidence: Evidence, *, power_page: bool = False) -> str:
    """The report of one study as an HTML page, from the numbers as results.json holds them.

    Parameters
    ----------
    power_page : True when `power.html` lies beside it, to be linked.
    """
    return render(report_document(_locked(evidence), power_page=power_page))


def has_power(slug: str, root: Path) -> bool:
    """Whether `ceasefire power` was run for this study."""
    return (root / "reports" / slug / "power.json").is_file()


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
    write_atomically(path, report_html(evidence, power_page=has_power(evidence.slug, root)))
    return path


def write_power(slug: str, root: Path) -> Path:
    """Where the page on power was written: `reports/<slug>/power.html`, from its `power.json`.

    Raises
    ------
    DataError : when there are no numbers, or the folder cannot be written to.
    """
    path = root / "reports" / slug / "power.html"
    write_atomically(path, power_html(load_power(slug, root)))
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
