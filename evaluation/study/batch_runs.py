"""Many studies: only those whose inputs changed are run, several at a time, to the same bytes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from evaluation.errors import DataError, EvaluationError, PlanError
from evaluation.files import followed
from evaluation.numeric.shared.parallel import each, spread_out
from evaluation.study.evidence import Evidence, dumps, load_evidence, read_results
from evaluation.study.plan.read import checked_slug
from evaluation.study.run_cache import (
    LARGEST_TEXT,
    NEVER,
    Kept,
    code_sha256,
    inputs_of,
    keep,
    kept,
    versions,
)

Result = TypeVar("Result")
Progress = Callable[[str], None]
# Far above the results of any study here; 500 kB is usual.
LARGEST_RESULTS = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Ran:
    """The results of one study, from a run or as kept from the last one.

    Parameters
    ----------
    text : of `results.json`; "" when there is a fault. stale : why it was run, in words; empty
        when the kept results still hold. fault : of the plan or data, or None.
    """

    slug: str
    text: str
    stale: tuple[str, ...]
    fault: EvaluationError | None = None


def results_of(
    slug: str, root: Path, *, force: bool = False, progress: Progress = lambda step: None
) -> Ran:
    """The results of one study as plan, data, code and versions now give them.

    Parameters
    ----------
    force : run it even if nothing changed. progress : called with the name of each step.
    """
    try:
        before = inputs_of(slug, root)
        last = kept(slug, root, before)
        if not last.stale and not force:
            with contextlib.suppress(DataError):  # kept text that is no results is not kept
                read_results(last.text, file=slug, again=f"run {slug}")
                return Ran(slug, last.text, ())
            last = Kept("", NEVER)
        from evaluation.study.run import run

        text = dumps(run(slug, root, progress=progress))
    except EvaluationError as fault:
        return Ran(slug, "", (), fault)
    # Data or plan edited while it ran: the results may be of either state, so they do not count.
    if inputs_of(slug, root) == before:
        keep(slug, root, before, text)
    return Ran(slug, text, last.stale or ("asked to",))


def across(
    work: Callable[[str], Result],
    slugs: Sequence[str],
    root: Path,
    *,
    jobs: int,
    cluster: str = "",
) -> Iterator[Result]:
    """What `work` gives for each study, one after another or in several processes.

    Results come in the order of `slugs` from one process, and the largest tables first from
    several, so that no long study is started last. The bytes are the same.

    Parameters
    ----------
    work : a function that can be pickled. jobs : processes, 1 or more; those that a single study
        leaves are there for its placebos and draws. cluster : as in `workers`.

    Raises
    ------
    EnvironmentFault : as `workers`, and when processes die again and again.
    """
    with workers(jobs=jobs, cluster=cluster, slugs=slugs, root=root):
        ordered = slugs
        if cluster or min(jobs, len(slugs)) > 1:
            ordered = sorted(slugs, key=lambda slug: (-_bytes(slug, root), slug))
        yield from each(work, ordered)


def workers(
    *, jobs: int, cluster: str = "", slugs: Sequence[str] = (), root: Path | None = None
) -> AbstractContextManager[None]:
    """Processes for what is done in here: see `evaluation.numeric.shared.parallel`.

    Parameters
    ----------
    cluster : address of a Dask scheduler, or "". Its workers must have the code and the versions
        of this machine, but for the linear algebra, which belongs to a processor. slugs, root :
        studies whose plan and data they must see as they lie here, in the same folder.

    Raises
    ------
    EnvironmentFault : on entering, as `spread_out`.
    """
    return spread_out(jobs=jobs, cluster=cluster, alike=partial(_seen, tuple(slugs), root))


def _seen(slugs: Sequence[str], root: Path | None) -> object:
    """What results depend on, as this process sees it."""
    found = [inputs_of(slug, root) for slug in slugs if root is not None]
    same = {name: version for name, version in versions().items() if name != "blas"}
    return code_sha256(), same, [replace(one, versions=same) for one in found]


def processors() -> int:
    """How many processes may run at once on this machine."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def checked_folder(slug: str, root: Path) -> Path:
    """The folder `reports/<slug>`, when it and what people wrote about the study can be used.

    Raises
    ------
    PlanError : when a plan is too large to be one. DataError : when results are, or a link leads
        their folder out of the project.
    """
    folder = root / "reports" / slug
    if not followed(folder).is_relative_to(followed(root)):
        raise DataError(f"reports/{slug}: leads out of the project. Make it an ordinary folder.")
    for name in ("plan.toml", "plan.frozen.toml", "changes.toml"):
        if _size(root / "analyses" / slug / name) > LARGEST_TEXT:
            raise PlanError(f"analyses/{slug}/{name}: is too large to be read; people write it")
    for name in ("results.json", "lock.json", "power.json"):
        if _size(folder / name) > LARGEST_RESULTS:
            raise DataError(f"reports/{slug}/{name}: is too large to be read. Delete it, run again")
    return folder


def committed_results(slug: str, root: Path) -> Evidence:
    """What `load_evidence` gives, for results that anyone may have written.

    Raises
    ------
    PlanError : when the slug can name no study. DataError : when the results are none.
    """
    checked_folder(checked_slug(slug), root)
    return load_evidence(slug, root)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _bytes(slug: str, root: Path) -> int:
    """Size of a study's tables, which says roughly how long it takes."""
    return sum(_size(root / path) for path in inputs_of(slug, root).tables)
