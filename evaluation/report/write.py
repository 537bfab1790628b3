"""Evidence to files, each the old one or the new one and never half.

Every estimate of every study goes to two files with the same numbers, CSV and JSON.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation import plots
from evaluation.data.project import Project, read_project
from evaluation.economics.result import CostBenefit
from evaluation.files import inside, write_atomically
from evaluation.report import study_words
from evaluation.report.document import answer, report_document
from evaluation.report.front_page import TESTS, front_document
from evaluation.report.html import render
from evaluation.report.other_language import first_page
from evaluation.report.pdf import pdf_bytes
from evaluation.report.sections.about import front_pages
from evaluation.report.sections.elsewhere import elsewhere_html
from evaluation.report.sections.power_page import power_html
from evaluation.report.site import PUBLISHED, LastCheck, all_page, as_content, site_document
from evaluation.report.study_words import is_count
from evaluation.report.tests_page import truth_document
from evaluation.report.words import good_way
from evaluation.say import ENGLISH, LANGUAGES, SPANISH, Language
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence, dumps, loads
from evaluation.study.outcome_kinds import window_of
from evaluation.study.power.power_evidence import load_power
from evaluation.study.written import rounded

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
    together: Together,
    *,
    project: Project | None = None,
    last_check: LastCheck | None = None,
) -> dict[str, str]:
    """Every file over all studies, its text by its name in `reports/`: the front page and that of
    every study in each language, the tests of the method, and all numbers as CSV and JSON.

    Parameters
    ----------
    together : what was made of the same studies. project : whose pages they are, as
        `ceasefire.toml` says; None without one. last_check : what check.json says about the
        studies; None when there is none.
    """
    locked = [_locked(evidence) for evidence in evidences]
    owner = project or Project()
    pages = {
        name: render(
            front_document(locked, together, language, project=owner, last_check=last_check)
        )
        for name, language in front_pages(owner).items()
    }
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
    together: Together,
    *,
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
        made = site_files(evidences, together, project=project, last_check=last_check)
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
