"""The pages over all studies: what they should be, and whether they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evaluation.check.against_lock import Difference
from evaluation.check.pages import against
from evaluation.check.record import SHOWN, last_check, read_record, strangers
from evaluation.check.verdict import Verdict
from evaluation.data.project import read_project
from evaluation.errors import DataError
from evaluation.report.last_check import COMMAND
from evaluation.report.write import site_files
from evaluation.study.batch_runs import committed_results
from evaluation.synthesis.elsewhere import for_site


def check_site(root: Path, slugs: Sequence[str]) -> Verdict:
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
    numbers, agreements, elsewhere = for_site(committed, root)
    pages = site_files(
        committed,
        project=read_project(root),
        agreements=agreements,
        elsewhere=elsewhere,
        last_check=last_check(record, slugs, root),
    )
    unknown = [
        Difference("page", f"{SHOWN} names {slug!r}, no study of the front page. Run `{COMMAND}`.")
        for slug in strangers(record, slugs)
    ]
    moved = [
        difference
        for name, text in {**numbers, **pages}.items()
        for difference in against(root / "reports" / name, f"reports/{name}", partial(str, text))
    ]
    return Verdict("index", (*unknown, *moved))
