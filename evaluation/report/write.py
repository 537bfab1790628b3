"""Evidence to files, each the old one or the new one and never half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation import plots
from evaluation.data.project import Project, read_project
from evaluation.economics.result import CostBenefit
from evaluation.files import inside, write_atomically
from evaluation.report import downloads
from evaluation.report.document import report_document
from evaluation.report.first_page import first_page
from evaluation.report.html import render
from evaluation.report.last_check import LastCheck
from evaluation.report.pdf import pdf_bytes
from evaluation.report.sections.about import front_pages
from evaluation.report.sections.elsewhere import elsewhere_html
from evaluation.report.sections.power_page import power_html
from evaluation.report.site import PUBLISHED, site_document
from evaluation.say import ENGLISH, LANGUAGES, SPANISH, Language
from evaluation.study.evidence import Evidence, dumps, loads
from evaluation.study.power.power_evidence import load_power

if TYPE_CHECKING:
    from evaluation.synthesis.result import Agreement, Elsewhere

# Not committed: it is made from the same document as the page, and is large.
PDF = "report.pdf"
# Figures and PDF files as made before; git ignores the folder, which may be deleted at any time.
MADE = Path("build") / "figures"


def report_html(
    evidence: Evidence, *, power_page: bool = False, economics: CostBenefit | None = None
) -> str:
    """The report of one study as an HTML page, from the numbers as results.json holds them.

    Parameters
    ----------
    power_page : True when `power.html` lies beside it, to be linked. economics : what was computed
        from the costs supplied, or None.
    """
    return render(report_document(_locked(evidence), power_page=power_page, economics=economics))


def first_page_html(evidence: Evidence, language: Language = SPANISH) -> str:
    """The answer of one study in another language, from the numbers as results.json holds them."""
    return render(first_page(_locked(evidence), language))


def has_power(slug: str, root: Path) -> bool:
    """Whether `ceasefire power` was run for this study."""
    return (root / "reports" / slug / "power.json").is_file()


def site_files(
    evidences: Sequence[Evidence],
    *,
    project: Project | None = None,
    agreements: Sequence[Agreement] = (),
    elsewhere: Elsewhere | None = None,
    last_check: LastCheck | None = None,
) -> dict[str, str]:
    """Every file over all studies, its text by its name in `reports/`: a page in each language, and
    the numbers of all studies as CSV and JSON.

    Parameters
    ----------
    project : whose pages they are, as `ceasefire.toml` says; None without one. agreements : of the
        same studies, goal by goal. elsewhere : what others published, as elsewhere.json holds it,
        for a page of its own; None when there is no such table. last_check : what check.json says
        about the studies; None when there is none.
    """
    locked = [_locked(evidence) for evidence in evidences]
    linked = elsewhere is not None
    owner = project or Project()
    pages = {
        name: render(
            site_document(
                locked,
                language,
                project=owner,
                agreements=agreements,
                published=linked,
                last_check=last_check,
            )
        )
        for name, language in front_pages(owner).items()
    }
    published = {} if elsewhere is None else {PUBLISHED: elsewhere_html(elsewhere, owner)}
    return {
        **pages,
        **published,
        "results.csv": downloads.as_csv(locked),
        "results.json": downloads.as_json(locked, project=owner, last_check=last_check),
    }


def write_report(
    evidence: Evidence, root: Path, *, economics: CostBenefit | None = None, pdf: bool = False
) -> tuple[Path, ...]:
    """Where the report of one study was written: `reports/<slug>/index.html`, with its answer in
    each other language beside it, such as `es.html`, and `report.pdf` when asked for.

    Raises
    ------
    DataError : when the folder cannot be written to. EnvironmentFault : when a PDF is asked for and
        typst is not installed.
    """
    folder = root / "reports" / evidence.slug
    known = _locked(evidence)
    with plots.kept_in(root / MADE, root=root):
        # Made once: drawing its figures takes most of the time.
        document = report_document(
            known, power_page=has_power(evidence.slug, root), economics=economics
        )
        files: dict[Path, str | bytes] = {
            folder / ENGLISH.page: render(document),
            **{
                folder / one.page: render(first_page(known, one))
                for one in LANGUAGES
                if one is not ENGLISH
            },
        }
        if pdf:
            files[folder / PDF] = pdf_bytes(document)
    for path, content in files.items():
        write_atomically(path, content, root=root)
    return tuple(files)


def write_power(slug: str, root: Path) -> Path:
    """Where the page on power was written: `reports/<slug>/power.html`, from its `power.json`.

    Raises
    ------
    DataError : when there are no numbers, or the folder cannot be written to.
    """
    path = root / "reports" / slug / "power.html"
    with plots.kept_in(root / MADE, root=root):
        page = power_html(load_power(slug, root))
    write_atomically(path, page, root=root)
    return path


def write_site(
    evidences: Sequence[Evidence],
    root: Path,
    *,
    agreements: Sequence[Agreement] = (),
    elsewhere: Elsewhere | None = None,
    last_check: LastCheck | None = None,
) -> tuple[Path, ...]:
    """Where the page over all studies was written: `reports/index.html`, with the same in Spanish,
    the page on other places, and the files to download beside it. Parameters as for `site_files`.

    Raises
    ------
    DataError : when the folder cannot be written to, or `ceasefire.toml` has faults.
    """
    project = read_project(root)
    # The page that links to the others comes last.
    with plots.kept_in(root / MADE, root=root):
        made = site_files(
            evidences,
            project=project,
            agreements=agreements,
            elsewhere=elsewhere,
            last_check=last_check,
        )
    files = dict(reversed(made.items()))
    for name, text in files.items():
        write_atomically(root / "reports" / name, text, root=root)
    # The English page of a project whose language was another would be of other studies some day.
    former = inside(root / "reports" / f"{ENGLISH.code}.html", root)
    if former.name not in files and former.is_file():
        former.unlink()
    return tuple(root / "reports" / name for name in files)


def _locked(evidence: Evidence) -> Evidence:
    """The evidence rounded as it is stored, so that a page never knows more than the file."""
    return loads(dumps(evidence))
