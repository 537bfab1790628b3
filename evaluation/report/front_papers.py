"""The front page in every language, and the same for paper where typst is installed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evaluation.data.project import Project
from evaluation.errors import EnvironmentFault
from evaluation.report.blocks import Block, Columns, Document, narrowed
from evaluation.report.front_page import front_document
from evaluation.report.pdf import pdf_bytes
from evaluation.report.sections.about import front_pages
from evaluation.report.site import LastCheck
from evaluation.study.evidence import Evidence

if TYPE_CHECKING:
    from evaluation.synthesis.elsewhere import Together


def front_documents(
    studies: Sequence[Evidence],
    together: Together,
    project: Project,
    last_check: LastCheck | None,
    *,
    paper: bool,
) -> dict[str, Document]:
    """The front page in each language, by its file; with a link to its PDF file where there is
    `paper`."""
    return {
        name: front_document(
            studies,
            together,
            language,
            project=project,
            last_check=last_check,
            paper=paper_of(name) if paper else "",
        )
        for name, language in front_pages(project).items()
    }


def front_papers(
    studies: Sequence[Evidence], together: Together, project: Project, last_check: LastCheck | None
) -> dict[str, bytes]:
    """The front page for paper in each language, by its name in `reports/`; none where typst is
    not installed, so that no page leads to a file that is not there."""
    pages = front_documents(studies, together, project, last_check, paper=False)
    try:
        return {paper_of(name): pdf_bytes(on_paper(page)) for name, page in pages.items()}
    except EnvironmentFault:
        return {}


def paper_of(page: str) -> str:
    """The file that has a front page for paper: `index.pdf` of `index.html`."""
    return f"{page.removesuffix('.html')}.pdf"


def has_papers(root: Path, project: Project) -> bool:
    """Whether the front page for paper lies beside that for a screen, in each language."""
    names = map(paper_of, front_pages(project))
    return all((root / "reports" / name).is_file() for name in names)


def on_paper(page: Document) -> Document:
    """The front page on sheets of paper, where a figure has half the width."""
    blocks: list[Block] = []
    for block in page.blocks:
        if not isinstance(block, Columns):
            blocks.append(block)
            continue
        sides = dict(zip(block.names, block.sides, strict=True))
        years, others = (sides.get(one, ()) for one in ("years", "others"))
        beside: tuple[Block, ...] = (*years, *others)
        if years and others:
            beside = (Columns((tuple(map(narrowed, years)), tuple(map(narrowed, others)))),)
        blocks += [*sides.get("told", ()), *beside, *sides.get("goals", ())]
    return replace(page, blocks=tuple(blocks), other=None, links=(), layer="brief")
