"""The pages over all studies against what the committed results give, and what else lies there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

from evaluation.check.against_lock import Difference
from evaluation.check.from_files import from_files
from evaluation.check.lock import says_nothing
from evaluation.check.pages import Render, against
from evaluation.check.record import FILE, SHOWN, Record, last_check, read_record, strangers
from evaluation.check.verdict import Verdict
from evaluation.data.project import read_project
from evaluation.errors import DataError
from evaluation.report.front_papers import front_papers, has_papers, paper_of
from evaluation.report.sections.about import front_pages
from evaluation.report.site import COMMAND
from evaluation.report.write import site_files
from evaluation.study.batch_runs import committed_results
from evaluation.synthesis.elsewhere import for_site


def check_site(root: Path, slugs: Sequence[str]) -> Verdict:
    """The verdict on the pages over all studies, as `_check_site`; a file that no page can be made
    of is named."""
    with from_files(slugs, root):
        return _check_site(root, slugs)


def _check_site(root: Path, slugs: Sequence[str]) -> Verdict:
    """The front page, and that on other places with its numbers, against what the committed
    results, the record of the last check and the table of published ones give.

    Raises
    ------
    DataError : when a page is not there, or the record is not one.
    """
    record = read_record(root)
    try:
        committed = [committed_results(slug, root) for slug in slugs]
    except DataError as fault:
        return Verdict("index", (Difference("page", f"cannot be rendered: {fault}"),))
    together = for_site(committed, root)
    project = read_project(root)
    said = last_check(record, slugs, root)
    paper = has_papers(root, project)
    pages = site_files(committed, together, project=project, last_check=said, paper=paper)
    papers = front_papers(committed, together, project, said) if paper else {}
    unknown = [
        Difference("page", f"{SHOWN} names {slug!r}, no study of the front page. Run `{COMMAND}`.")
        for slug in strangers(record, slugs)
    ]
    unknown += taken_out(record, root)
    made: dict[str, str | bytes] = {**together.numbers, **pages, **papers}
    files: dict[str, Render] = {name: partial(_given, content) for name, content in made.items()}
    unread = [] if papers or not paper else [paper_of(page) for page in front_pages(project)]
    unknown += [
        Difference("page", f"reports/{name} is no file of the program. Take it away.")
        for name in strays(root, {*files, *unread, FILE})
    ]
    moved = [
        difference
        for name, render in files.items()
        for difference in against(root / "reports" / name, f"reports/{name}", render)
    ]
    notes = [f"reports/{name} is not compared: the extra [pdf] is not installed" for name in unread]
    return Verdict("index", (*unknown, *moved), notes=tuple(notes))


def taken_out(record: Record | None, root: Path) -> tuple[Difference, ...]:
    """The studies of which something was accepted and recorded, and that have no plan any more."""
    studies = {} if record is None else record.studies
    return tuple(
        Difference(
            "selective reporting",
            f"{SHOWN} knows what was accepted of {slug!r}, and analyses/{slug}/plan.toml is not "
            "there: a study was taken out. Put it back, or take its entry out and say why.",
        )
        for slug, one in sorted(studies.items())
        if one.head and not (root / "analyses" / slug / "plan.toml").is_file()
    )


def _given(content: str | bytes) -> str | bytes:
    return content


def strays(root: Path, pages: Collection[str]) -> Iterator[str]:
    """What lies in `reports/` and is neither a page over all studies nor the folder of a study.

    Parameters
    ----------
    pages : names of the files over all studies.
    """
    for path in sorted((root / "reports").glob("*")):
        known = path.name in pages or says_nothing(path)
        if path.is_dir():
            known = (root / "analyses" / path.name / "plan.toml").is_file()
        # The link of a study is told with the study.
        if not known or (path.is_symlink() and not path.is_dir()):
            yield path.name + ("/" if path.is_dir() else "")
