"""Pages of files that anyone may have written: values of the right kind, of which no page can come.

A schema lets a month pass that is none, and a number that overflows. When a page cannot be made of
files that nobody vouches for, they are named. What a run here gave, or what was accepted, somebody
vouches for: there it is a bug, and shows its traceback.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation.economics.compute import FILE as ECONOMICS
from evaluation.economics.compute import computed, has_costs
from evaluation.errors import DataError, EvaluationError, Fault
from evaluation.files import text_of
from evaluation.report.sections.power_page import power_html
from evaluation.report.write import has_power
from evaluation.study.acceptances import read_changes
from evaluation.study.evidence import load_evidence
from evaluation.study.power.power_evidence import load_power
from evaluation.study.read_back import mended
from evaluation.study.run_cache import inputs_of, kept, sha256_of


@contextlib.contextmanager
def from_files(slugs: Sequence[str], root: Path) -> Iterator[None]:
    """What goes wrong in here is told of the first file of these studies that nobody vouches for.

    Raises
    ------
    DataError : naming that file. Whatever it was, when there is none.
    """
    try:
        yield
    except (EvaluationError, MemoryError, OSError):
        raise
    except Exception as fault:
        for slug in slugs:
            if found := _doubtful(slug, root):
                name, again = found
                words = (
                    f"holds a value that no page can be made of ({type(fault).__name__}: {fault})"
                )
                file = f"reports/{slug}/{name}"
                raise DataError(mended(Fault(file, None, None, words), again)) from None
        raise


def _doubtful(slug: str, root: Path) -> tuple[str, str] | None:
    """The file of a study that nobody vouches for, and the command that makes it; None without."""
    path = root / "reports" / slug / "results.json"
    try:
        text = text_of(path, path.name)
        accepted = [one.results for one in read_changes(slug, root)[-1:]]
        here = kept(slug, root, inputs_of(slug, root)).text
        if sha256_of(path) not in accepted and text != here:
            return path.name, f"run {slug}"
        if has_costs(slug, root):
            money = computed(load_evidence(slug, root), root)
            if money != text_of(path.with_name(ECONOMICS), ECONOMICS):
                return ECONOMICS, f"run {slug}"
    except Exception:
        return path.name, f"run {slug}"
    if has_power(slug, root):
        try:
            power_html(load_power(slug, root))
        except Exception:
            return "power.json", f"power {slug}"
    return None
