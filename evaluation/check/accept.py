"""`ceasefire accept`: the one way in which a lock is written."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from evaluation.check.lock import (
    FILE,
    Accepted,
    add,
    checked_reason,
    complete,
    load_lock,
    make_lock,
    pages_of,
    read_changes,
    sha256,
)
from evaluation.check.pages import renders
from evaluation.check.verdict import agree
from evaluation.errors import DataError, PlanError
from evaluation.files import write_atomically
from evaluation.study.batch_runs import committed_results
from evaluation.study.evidence import Evidence


def accept(
    slug: str,
    root: Path,
    fresh: Evidence,
    *,
    reason: str | None,
    by: str = "",
    on: datetime.date | None = None,
) -> tuple[str, ...]:
    """What was written, in words: the pages of the committed results, the reason, and the lock.

    Without a reason the lock is made again of what the last entry of changes.toml accepted, or the
    reason that a person wrote there is taken.

    Parameters
    ----------
    fresh : what a run finds now. reason : why the results may be these. by : who says so.
    on : the day of acceptance; None is today. It is written beside the plan and into the log.

    Raises
    ------
    DataError : when the committed results are not those of a run, or a file cannot be written.
    PlanError : when there is no reason, or changes.toml has faults.
    """
    committed = committed_results(slug, root)
    if not agree(committed, fresh):
        raise DataError(
            f"reports/{slug}/results.json: is not what plan and data give now. Run "
            f"`ceasefire run {slug}`, read `ceasefire check {slug}`, then accept."
        )
    words = None if reason is None else checked_reason(reason)
    log = read_changes(slug, root)
    rendered = {name: render() for name, render in renders(committed, root).items()}
    pages = pages_of(slug, root)
    hashes = {name: sha256(text) for name, text in rendered.items()}
    stale = {name: text for name, text in rendered.items() if pages.get(name) != hashes[name]}
    pages |= {name: hashes[name] for name in stale}
    lock = make_lock(committed, root, pages).with_log(log)
    if log and log[-1].sha256 == lock.sha256:
        # Accepted already: at most a file was lost, or the stack is another.
        lines = _write(slug, root, stale)
        if not _holds(slug, root, lock.sha256, log):
            lines += _write(slug, root, {FILE: str(lock)})
        return tuple(lines) or (f"{slug}: nothing has changed since it was accepted",)
    changes = f"analyses/{slug}/changes.toml"
    if words is not None:
        day = (on or datetime.date.today()).isoformat()
        entry = Accepted(day, words, " ".join(by.split()), lock.sha256)
        add(slug, root, entry)
        log = (*log, entry)
    elif log and not log[-1].sha256:
        complete(slug, root, lock.sha256)
        log = (*log[:-1], replace(log[-1], sha256=lock.sha256))
    else:
        raise PlanError(
            f'{slug}: say why: ceasefire accept {slug} --reason "..." (or write the reason into '
            f"{changes})"
        )
    if read_changes(slug, root) != log:
        raise PlanError(f"{changes}: the entry does not read as it was given; mend it by hand")
    lock = lock.with_log(log)
    # The lock is written last: cut short before, the next acceptance needs no new reason.
    written = _write(slug, root, {**stale, FILE: str(lock)})
    return (f"wrote {changes}", *written)


def _holds(slug: str, root: Path, accepted: str, log: tuple[Accepted, ...]) -> bool:
    """Whether the lock in the tree already says what was accepted."""
    try:
        lock = load_lock(slug, root)
    except DataError:
        return False
    return lock is not None and lock.sha256 == accepted and lock.accepted == log


def _write(slug: str, root: Path, texts: Mapping[str, str | bytes]) -> list[str]:
    for name, text in texts.items():
        write_atomically(root / "reports" / slug / name, text, root=root)
    return [f"wrote reports/{slug}/{name}" for name in texts]
