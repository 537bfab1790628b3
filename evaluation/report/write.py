"""Evidence to files, each the old one or the new one and never half.

Every estimate of every study goes to two files with the same numbers, CSV and JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation import plots
from evaluation.data.project import Project, read_project
from evaluation.economics.result import CostBenefit
from evaluation.files import inside, write_atomically
from evaluation.report import study_words
from evaluation.report.document import answer
from evaluation.report.figure_files import figure_csv, figure_svg
from evaluation.report.first_layer import study_figures
from evaluation.report.front_page import TESTS
from evaluation.report.front_papers import front_documents, front_papers, paper_of
from evaluation.report.html import render
from evaluation.report.layers import (
    appendix_page,
    brief_document,
    first_page,
    report_document,
    share_image,
)
from evaluation.report.pdf import pdf_bytes
from evaluation.report.sections.about import front_pages
from evaluation.report.sections.elsewhere import elsewhere_html
from evaluation.report.sections.more import APPENDIX, FIGURES, SHARED, Around
from evaluation.report.sections.power_page import power_html
from evaluation.report.site import PUBLISHED, LastCheck, all_page, as_content, site_document
from evaluation.report.study_words import is_count
from evaluation.report.tests_page import truth_document
from evaluation.report.words import good_way
from evaluation.say import ENGLISH, LANGUAGES, Language
from evaluation.study.acceptances import continued
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence, dumps, loads
from evaluation.study.outcome_kinds import window_of
from evaluation.study.power.power_evidence import load_power
from evaluation.study.written import rounded
from evaluation.version import VERSION

if TYPE_CHECKING:
    from evaluation.synthesis.elsewhere import Together


SCHEMA = 1
# What a spreadsheet may take for a formula when a cell begins with it (OWASP, "CSV Injection"),
# with the wide forms of the same signs.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")

Row = dict[str, Any]


def columns() -> Mapping[str, str]:
    """Column by column, what it holds; the order is that of the CSV."""
    return ENGLISH.table("download")


def rows(evidences: Sequence[Evidence]) -> list[Row]:
    """One row an estimate: of every study by name, every outcome, headline and alternatives."""
    return [
        _row(evidence, outcome, entry, kind)
        for evidence in sorted(evidences, key=lambda evidence: evidence.slug)
        for outcome in evidence.outcomes
        for entry, kind in (
            (outcome.headline, "headline"),
            *(
                (entry, "planned" if entry.planned else "always shown")
                for entry in outcome.alternatives
            ),
        )
    ]


def as_csv(evidences: Sequence[Evidence]) -> str:
    """The rows for a spreadsheet: text in quotes, numbers bare, nothing that runs as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(columns())
    for row in rows(evidences):
        writer.writerow([cell(value) for value in row.values()])
    return stream.getvalue()


def as_json(
    evidences: Sequence[Evidence],
    *,
    project: Project | None = None,
    last_check: LastCheck | None = None,
) -> str:
    """The rows for a program, with what each column holds, whose page it is, and what came out when
    the studies were last run again; what is missing is null."""
    slugs = [evidence.slug for evidence in evidences]
    content = {
        "schema": SCHEMA,
        "project": _project(project or Project()),
        "last_check": as_content(last_check, slugs),
        "columns": dict(columns()),
        "rows": rows(evidences),
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _project(project: Project) -> dict[str, object]:
    """What `ceasefire.toml` says of place, program, page and authors."""
    names = project.names
    return {
        "place": names.place or None,
        "place_id": project.place_id or None,
        "program": names.program or None,
        "title": names.title or None,
        "authors": list(project.authors),
    }


def cell(value: object) -> object:
    """A value as a cell: numbers stay numbers, text is never a formula.

    Examples
    --------
    >>> cell(-26.1), cell("-26.1"), cell(" =1+1"), cell(True), cell(None), cell("a-b")
    (-26.1, "'-26.1", "' =1+1", 'true', '', 'a-b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return value
    text = str(value)
    # A spreadsheet may skip blanks before the sign; a line break would begin a cell in some.
    risky = text[:1] in FORMULA or text.lstrip()[:1] in FORMULA
    return f"'{text}" if text and risky else text


def _row(evidence: Evidence, outcome: OutcomeEvidence, entry: Alternative, kind: str) -> Row:
    effect = entry.effect
    first, last = window_of(evidence, outcome)
    found: Row = {
        "study": evidence.slug,
        "title": evidence.title,
        "goal": evidence.goal,
        "replicates": evidence.plan.content.get("replicates"),
        "synthetic": evidence.data.provenance.sensitivity == "synthetic",
        "place": evidence.data.unit,
        "intervention": evidence.intervention,
        "first_period": first,
        "last_period": last,
        "start": evidence.start,
        "outcome": outcome.column,
        "label": outcome.label,
        "measure": outcome.measure,
        "better": outcome.better if effect is None else good_way(outcome, effect),
        "primary": outcome.primary,
        "kind": kind,
        "estimate_label": entry.label,
        "method": entry.method,
        "not_estimated": entry.reason if effect is None else None,
        "certainty": outcome.grade.level,
        "answer": answer(evidence, outcome) if kind == "headline" else None,
    }
    if effect is not None:
        # A mean or a share has no sum over periods.
        summed = study_words.speaks_for(evidence) or is_count(evidence, outcome)
        for name in ("percent", "averted") if summed else ("percent",):
            interval = getattr(effect, name)
            found[name] = interval.estimate
            found[f"{name}_low"], found[f"{name}_high"] = interval.low, interval.high
        found["percent_of"] = effect.percent_of or None
        for name in (
            "horizon",
            "averted_estimand",
            "scale",
            "estimate",
            "std_error",
            "low",
            "high",
            "df",
            "p_value",
            "estimand",
            "n",
            "objection",
        ):
            found[name] = getattr(effect, name)
    # Rows are read by people and spreadsheets: sentences, and no facts.
    return {name: rounded(found.get(name), name, spoken=True) for name in columns()}


# Not committed: they are made from the same blocks as the pages, and are large.
BRIEF, PDF = "brief.pdf", "report.pdf"
# Figures and PDF files as made before; git ignores the folder, which may be deleted at any time.
MADE = Path("build") / "figures"

Made = Callable[[], str | bytes]


def around(
    slug: str, root: Path, *, project: Project | None = None, economics: CostBenefit | None = None
) -> Around:
    """What the pages of a study know beside its results.

    Raises
    ------
    DataError : when `ceasefire.toml` has faults. PlanError : when `changes.toml` has.
    """
    owner = project or read_project(root)
    chain = continued(slug, root)
    return Around(has_power(slug, root), economics, owner.authors, VERSION, chain)


def study_files(evidence: Evidence, beside: Around) -> dict[str, Made]:
    """What gives each file of one study, by its name in `reports/<slug>/`: the first layer in each
    language, the appendix, the picture that a message shows, and each figure of the first layer as
    a drawing and as numbers. All are of the numbers as results.json holds them.
    """
    known = _locked(evidence)
    first = cache(lambda: first_page(known, around=beside))
    shown = [figure for figure in study_figures(known) if figure is not None]
    return {
        ENGLISH.page: lambda: render(first()),
        **{
            one.page: partial(_in_language, known, one, beside)
            for one in LANGUAGES
            if one is not ENGLISH
        },
        APPENDIX: lambda: render(appendix_page(known, around=beside)),
        SHARED: lambda: share_image(known),
        **{f"{FIGURES}/{one.key}.svg": partial(figure_svg, one) for one in shown},
        **{f"{FIGURES}/{one.key}.csv": partial(figure_csv, one) for one in shown},
    }


def _in_language(evidence: Evidence, language: Language, beside: Around) -> str:
    return render(first_page(evidence, language, around=beside))


def has_power(slug: str, root: Path) -> bool:
    """Whether `ceasefire power` was run for this study."""
    return (root / "reports" / slug / "power.json").is_file()


def site_files(
    evidences: Sequence[Evidence],
    together: Together,
    *,
    project: Project | None = None,
    last_check: LastCheck | None = None,
    paper: bool = False,
) -> dict[str, str]:
    """Every file over all studies, its text by its name in `reports/`: the front page and that of
    every study in each language, the tests of the method, and all numbers as CSV and JSON.

    Parameters
    ----------
    together : what was made of the same studies. project : whose pages they are, as
        `ceasefire.toml` says; None without one. last_check : what check.json says about the
        studies; None when there is none. paper : whether `front_papers` lie beside them.
    """
    locked = [_locked(evidence) for evidence in evidences]
    return _site_files(locked, together, project or Project(), last_check, paper=paper)


def _site_files(
    locked: Sequence[Evidence],
    together: Together,
    owner: Project,
    last_check: LastCheck | None,
    *,
    paper: bool,
) -> dict[str, str]:
    """The same of evidence that is rounded as its file holds it."""
    fronts = front_documents(locked, together, owner, last_check, paper=paper)
    pages = {name: render(page) for name, page in fronts.items()}
    for language in LANGUAGES:
        pages[all_page(language)] = render(
            site_document(
                locked,
                language,
                project=owner,
                agreements=together.agreements,
                published=together.elsewhere is not None,
            )
        )
    if together.tests:
        pages[TESTS] = render(truth_document(together, project=owner))
    if together.elsewhere is not None:
        pages[PUBLISHED] = elsewhere_html(together.elsewhere, owner)
    return {
        **pages,
        "results.csv": as_csv(locked),
        "results.json": as_json(locked, project=owner, last_check=last_check),
    }


def write_report(
    evidence: Evidence, root: Path, *, economics: CostBenefit | None = None, pdf: bool = False
) -> tuple[Path, ...]:
    """Where the files of one study were written: those of `study_files`, the first layer before the
    others, and, when asked for, `brief.pdf` of two pages and `report.pdf` with all.

    Raises
    ------
    DataError : when the folder cannot be written to, or `ceasefire.toml` has faults.
    EnvironmentFault : when a PDF is asked for and typst is not installed.
    """
    folder = root / "reports" / evidence.slug
    known, beside = _locked(evidence), around(evidence.slug, root, economics=economics)
    with plots.kept_in(root / MADE, root=root):
        files = {name: make() for name, make in study_files(known, beside).items()}
        if pdf:
            files[BRIEF] = pdf_bytes(brief_document(known, around=beside))
            files[PDF] = pdf_bytes(report_document(known, around=beside))
    for name, content in files.items():
        write_atomically(folder / name, content, root=root)
    # A figure that the study no longer has is no longer a file of it.
    for path in sorted((folder / FIGURES).glob("*")):
        if f"{FIGURES}/{path.name}" not in files and path.is_file():
            inside(path, root).unlink()
    return tuple(folder / name for name in files)


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
    together: Together,
    *,
    last_check: LastCheck | None = None,
) -> tuple[Path, ...]:
    """Where the page over all studies was written: `reports/index.html`, with the same in Spanish,
    the page on other places, the files to download beside it and, where typst is installed, the
    front page for paper. Parameters as for `site_files`.

    Raises
    ------
    DataError : when the folder cannot be written to, or `ceasefire.toml` has faults.
    """
    project = read_project(root)
    # The page that links to the others comes last.
    with plots.kept_in(root / MADE, root=root):
        locked = [_locked(evidence) for evidence in evidences]
        papers = front_papers(locked, together, project, last_check)
        made = _site_files(locked, together, project, last_check, paper=bool(papers))
    files: dict[str, str | bytes] = {**papers, **dict(reversed(made.items()))}
    for name, content in files.items():
        write_atomically(root / "reports" / name, content, root=root)
    # The English page of a project whose language was another would be of other studies some day,
    # as would that on invented data, or on other places, of a project that has none any more. Nor
    # may a PDF that cannot be made again tell former numbers.
    papers_of = (*map(paper_of, front_pages(project)), "en.pdf")
    for name in (f"{ENGLISH.code}.html", TESTS, PUBLISHED, *papers_of):
        former = inside(root / "reports" / name, root)
        if name not in files and former.is_file():
            former.unlink()
    return tuple(root / "reports" / name for name in files)


def _locked(evidence: Evidence) -> Evidence:
    """The evidence rounded as it is stored, so that a page never knows more than the file."""
    return loads(dumps(evidence))
