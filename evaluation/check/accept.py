"""`ceasefire accept`: the one way in which a lock is written."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from evaluation.check.against_lock import log_faults
from evaluation.check.differences import moved
from evaluation.check.lock import FILE, Lock, load_lock, make_lock, pages_of, sha256
from evaluation.check.pages import POWER, renders, strays
from evaluation.check.record import SHOWN as RECORD
from evaluation.check.record import forgotten, head_recorded
from evaluation.check.verdict import agree
from evaluation.errors import DataError, PlanError
from evaluation.files import write_atomically
from evaluation.report.sections.more import APPENDIX
from evaluation.report.write import has_power
from evaluation.study.acceptances import (
    Accepted,
    add,
    chain_of,
    checked_changes,
    checked_day,
    checked_reason,
    complete,
    completed,
)
from evaluation.study.batch_runs import committed_results
from evaluation.study.evidence import Evidence
from evaluation.study.power.power import power
from evaluation.study.power.power_evidence import PowerEvidence, dumps, load_power
from evaluation.study.run_cache import sha256_of


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
    log = checked_changes(slug, root)
    held = _held(slug, root, log)
    rendered = {name: render() for name, render in renders(committed, root).items()}
    lock = _lock(committed, root, rendered, log)
    pending = bool(log) and not log[-1].sha256
    if held is not None and held.chained and held.exact == lock.exact and not pending:
        # Accepted already, on this stack or another.
        lines = _write(slug, root, _stale(slug, root, rendered))
        return tuple(lines) or (f"{slug}: nothing has changed since it was accepted",)
    if log and log[-1].sha256 == lock.sha256:
        return tuple(_write(slug, root, {**_stale(slug, root, rendered), FILE: str(lock)}))
    before = log[:-1] if pending else log
    changes = f"analyses/{slug}/changes.toml"
    if words is not None and pending:
        raise PlanError(
            f"{changes}: its last entry already says why, and waits: leave out --reason, or take "
            "the entry out"
        )
    if words is not None:
        day = (on or datetime.date.today()).isoformat()
        entry = Accepted(day, words, " ".join(by.split()))
    elif pending:
        entry = log[-1]
    else:
        raise PlanError(
            f'{slug}: say why: ceasefire accept {slug} --reason "..." (or write the reason into '
            f"{changes})"
        )
    checked_day(entry.on, datetime.date.today())
    _check_power(slug, root, held)
    # The appendix tells of the chain that it goes on.
    going_on = renders(committed, root, chain=chain_of(before))[APPENDIX]
    rendered[APPENDIX] = going_on()
    lock = _lock(committed, root, rendered, log)
    entry = completed(entry, before, sha256=lock.sha256, results=lock.results_sha256)
    (complete if pending else add)(slug, root, entry)
    log = (*before, entry)
    # The lock is written last: cut short before, the next acceptance needs no new reason.
    stale = _stale(slug, root, rendered)
    written = _write(slug, root, {**stale, FILE: str(lock.with_log(log))})
    head = f"{slug}: the chain of {len(log)} ends in {chain_of(log).head}"
    return (f"wrote {changes}", *written, head)


def _held(slug: str, root: Path, log: tuple[Accepted, ...]) -> Lock | None:
    """The lock until now; None where there is none, or none that can be read.

    Raises
    ------
    PlanError : when the log lacks an acceptance that the lock, or the record of the last check,
        knows of. DataError : when that record cannot be read.
    """
    changes = f"analyses/{slug}/changes.toml"
    if forgotten(head_recorded(slug, root), log):
        raise PlanError(
            f"{changes}: does not hold the chain that {RECORD} recorded: an acceptance was changed "
            "or taken out. Take both from the last commit."
        )
    try:
        held = load_lock(slug, root)
    except DataError:
        return None
    if held is not None and log[: len(held.accepted)] != held.accepted:
        raise PlanError(
            f"{changes}: does not begin with the acceptances of reports/{slug}/{FILE}: one was "
            "changed or taken out. Take both from the last commit."
        )
    # An entry after it waits, or was cut short before its lock was written.
    known = log[: len(held.accepted)] if held is not None else ()
    faulty = held is None or any(True for _ in log_faults(slug, root, held, known))
    return None if faulty else held


def _lock(
    committed: Evidence, root: Path, rendered: Mapping[str, str | bytes], log: tuple[Accepted, ...]
) -> Lock:
    """The lock of the study with these pages, and the files beside them that no check makes again.

    Raises
    ------
    DataError : for a file that no verb writes.
    """
    slug = committed.slug
    beside = pages_of(slug, root)
    if strange := strays(beside, rendered):
        raise DataError(
            f"reports/{slug}/{strange[0]}: is no file of the program, so it cannot be accepted. "
            "Take it away."
        )
    pages = {**beside, **{name: sha256(text) for name, text in rendered.items()}}
    return make_lock(committed, root, pages).with_log(log)


def _stale(slug: str, root: Path, rendered: Mapping[str, str | bytes]) -> dict[str, str | bytes]:
    """The pages that are not in the tree as they are rendered."""
    here = pages_of(slug, root)
    return {name: text for name, text in rendered.items() if here.get(name) != sha256(text)}


def _check_power(slug: str, root: Path, held: Lock | None) -> None:
    """Refuses numbers on power that are not those accepted before, and that plan and data do not
    give when they are simulated again.

    Raises
    ------
    DataError : when they differ.
    """
    if not has_power(slug, root):
        return
    shown = f"reports/{slug}/{POWER}"
    here = sha256_of(root / shown)
    if held is not None and held.content["report"].get(POWER) == here:
        return
    found = load_power(slug, root)
    content = json.loads(dumps(found))
    if all(any(moved(content, json.loads(dumps(one)))) for one in _simulated(found, root)):
        raise DataError(
            f"{shown}: is not what plan and data give now. Run `ceasefire power {slug}`, then "
            "accept."
        )


def _simulated(found: PowerEvidence, root: Path) -> Iterator[PowerEvidence]:
    """The numbers on power anew: as the command gives them by itself, and with the draws and the
    sizes that these have."""
    yield power(found.slug, root)
    for draws in sorted({one.draws for one in found.outcomes}):
        sizes = {abs(point.percent) for one in found.outcomes for point in one.curve} - {0.0}
        yield power(found.slug, root, draws=draws, effects=sorted(sizes))


def _write(slug: str, root: Path, texts: Mapping[str, str | bytes]) -> list[str]:
    for name, text in texts.items():
        write_atomically(root / "reports" / slug / name, text, root=root)
    return [f"wrote reports/{slug}/{name}" for name in texts]
