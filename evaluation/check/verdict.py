"""What `ceasefire check` finds about one study: every difference in words, with its likely cause.

The results are compared with a fresh run and with what was accepted; the pages are rendered from
the committed results, so that another machine's last digits never reach them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.check.against_lock import (
    Difference,
    against_lock,
    inputs_moved,
    selective,
    unaccepted,
)
from evaluation.check.differences import Move, headlines, moved, numbers_moved, shown
from evaluation.check.from_files import from_files
from evaluation.check.lock import Lock, load_lock, results_sha256, same_drawings
from evaluation.check.pages import page_differences, unread_papers
from evaluation.check.timestamp import accepted_stamp
from evaluation.errors import DataError, EvaluationError, PlanError
from evaluation.files import content_of
from evaluation.study.batch_runs import Progress, checked_folder, committed_results, results_of
from evaluation.study.evidence import Evidence, dumps, loads, spoken
from evaluation.study.run_cache import Inputs, inputs_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found about one study: no differences means it reproduces.

    Parameters
    ----------
    cause : the likely cause of differences in results, or "". notes : what is worth knowing and no
        difference.
    """

    slug: str
    differences: tuple[Difference, ...]
    cause: str = ""
    notes: tuple[str, ...] = ()

    @property
    def reproduces(self) -> bool:
        return not self.differences

    @property
    def sentence_changes(self) -> bool:
        return any(difference.sentence for difference in self.differences)

    @property
    def grade_changes(self) -> bool:
        return any(difference.grade for difference in self.differences)

    def __str__(self) -> str:
        if self.reproduces:
            return "\n".join([f"{self.slug}: reproduces", *(f"  {note}" for note in self.notes)])
        return "\n".join(f"{self.slug}: {difference}" for difference in self.differences)


def check_study(slug: str, root: Path, fresh: Evidence) -> Verdict:
    """One study's committed results and pages against a fresh run and its lock.

    Parameters
    ----------
    fresh : what `evaluation.study.run.run` finds now from data and plan.

    Raises
    ------
    DataError : when there are no committed results, or no pages, to compare with.
    """
    text = _results_text(slug, root)
    now = loads(dumps(fresh))
    try:
        committed = committed_results(slug, root)
    except DataError as fault:
        return Verdict(slug, tuple(_unreadable(slug, text, now, fault)))
    faults: list[Difference] = []
    lock = None
    try:
        lock = load_lock(slug, root)
    except DataError as fault:
        faults.append(Difference("lock", str(fault)))
    here = inputs_of(slug, root)
    cause = likely_cause(committed, now, lock, here)
    # In the order in which one thing causes another.
    found = list(inputs_moved(lock, here)) if lock is not None else []
    found += selective(committed, now, lock, here)
    former = bool(committed.former_sha256)
    moves = tuple(_of_former(committed, now) if former else _moves(committed, now))
    found += [
        Difference("results", f"{move.words}; cause: {cause}", move.sentence, move.grade)
        for move in moves
    ]
    if lock is not None:
        found += against_lock(slug, root, lock, committed, now)
    found += faults
    found += page_differences(committed, root, lock)
    notes = [] if lock is not None or faults else list(unaccepted(slug, root, found))
    if former and not moves:
        notes.append(
            "same numbers, older form: results and pages are as an older version wrote them. To "
            f"write them anew: `ceasefire run {slug}`, `ceasefire report {slug}`, "
            f"`ceasefire accept {slug}`"
        )
    try:
        stamp = accepted_stamp(slug, root)
    except PlanError as fault:
        found.append(Difference("lock", str(fault)))
    else:
        if stamp is not None:
            notes.append(
                f"reports/{slug}/lock.json was there at {stamp.at}: {stamp.by} signed that"
            )
    if lock is not None and not lock.chained:
        notes.append(
            "accepted by a version that did not chain acceptances. To chain them: `ceasefire "
            f'accept {slug} --reason "..."`'
        )
    notes += unread_papers(slug, root)
    if lock is not None and not same_drawings(lock):
        notes.append("another matplotlib than accepted: the drawing of figures is not compared")
    return Verdict(slug, tuple(found), cause if found else "", tuple(notes))


def likely_cause(
    committed: Evidence, now: Evidence, lock: Lock | None = None, here: Inputs | None = None
) -> str:
    """The first of data, plan, code and versions that can explain a difference.

    Without a lock nothing tells code from versions.
    """
    pairs = zip(
        (committed.data.provenance, *committed.data.provenance.beside),
        (now.data.provenance, *now.data.provenance.beside),
        strict=False,
    )
    for was, new in pairs:
        if was.sha256 != new.sha256:
            rows = new.rows - was.rows
            return f"data file {new.file}" + (f" ({rows:+d} rows)" if rows else "")
        if was.description_sha256 != new.description_sha256:
            return f"data description {new.description_file}"
    tables = lock.content["data"] if lock is not None else {}
    if lock is not None and here is not None:
        for kind, before, after in (
            ("data file", tables.get("tables", {}), here.tables),
            ("data description", tables.get("descriptions", {}), here.descriptions),
        ):
            for path in sorted(before.keys() | after.keys()):
                if before.get(path) != after.get(path):
                    return f"{kind} {path}"
    if committed.plan.sha256 != now.plan.sha256:
        return "plan.toml"
    if committed.plan.frozen_sha256 != now.plan.frozen_sha256:
        return "plan.frozen.toml"
    if committed.plan.stamped_at != now.plan.stamped_at:
        return "plan.frozen.tsr"
    if lock is None or here is None:
        return "the code, or the versions it runs on"
    if lock.results_sha256 != results_sha256(committed):
        return "results.json is not what was accepted"
    if lock.content["code"]["estimates_sha256"] != here.code:
        return "the code"
    before, after = lock.content["environment"], here.versions
    other = [
        f"{name} {before.get(name, 'none')} → {after[name]}"
        for name in after
        if before.get(name) != after[name]
    ]
    return f"versions ({', '.join(other)})" if other else "none found in data, plan, code, versions"


def agree(committed: Evidence, now: Evidence) -> bool:
    """Whether two results are the same but for the last digits that a machine may move."""
    return not any(True for _ in moved(_json(committed), _json(now)))


def _json(evidence: Evidence) -> Any:
    return json.loads(dumps(evidence))


def _results_text(slug: str, root: Path) -> str:
    checked_folder(slug, root)
    path = root / "reports" / slug / "results.json"
    shown_as = f"reports/{slug}/results.json"
    missing = f"not there yet. Run `ceasefire run {slug}` first."
    return content_of(path, shown_as, missing=missing).decode("utf-8", errors="replace")


def _unreadable(slug: str, text: str, now: Evidence, fault: DataError) -> Iterator[Difference]:
    """What is wrong with results that cannot be taken as such: which keys, when it is JSON."""
    try:
        places = tuple(moved(json.loads(text), _json(now)))
    except (ValueError, RecursionError):
        places = ()
    if places:
        words = f"reports/{slug}/results.json is not as this version writes it: {shown(places)}"
        yield Difference("results", words, sentence=True, grade=True)
    else:
        yield Difference("results", str(fault), sentence=True, grade=True)


def _moves(committed: Evidence, now: Evidence) -> Iterator[Move]:
    """How the results of a fresh run differ, or nothing when they agree within tolerance."""
    places = tuple(moved(_json(committed), _json(now)))
    if not places:
        return
    told = tuple(headlines(committed, now))
    yield from told
    if not told:
        yield Move(f"results differ at {shown(places)}; sentence and grade unchanged")


def _of_former(committed: Evidence, now: Evidence) -> Iterator[Move]:
    """How the numbers of a fresh run differ from results in the former form, whose keys and words
    are those of an older version; and grades."""
    before, after = spoken(committed), spoken(now)
    if committed.plan.sha256 == now.plan.sha256:
        # The same plan: the older form has its defaults too.
        before["plan"].pop("content")
    places = tuple(numbers_moved(before, after))
    told = [move for move in headlines(committed, now) if places or move.grade]
    yield from told
    if places and not told:
        yield Move(f"results differ at {shown(places)}; sentence and grade unchanged")


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on one study, or the fault that kept it from being checked."""

    slug: str
    verdict: Verdict | None
    fault: EvaluationError | None = None


def check_now(slug: str, *, root: Path, progress: Progress = lambda step: None) -> Checked:
    """The verdict on one study, run again from plan and data as they are now. What `run` keeps is
    for its own speed: anyone may have written it."""
    ran = results_of(slug, root, force=True, progress=progress)
    if ran.fault is not None:
        return Checked(slug, None, ran.fault)
    try:
        with from_files([slug], root):
            return Checked(slug, check_study(slug, root, loads(ran.text)))
    except EvaluationError as fault:
        return Checked(slug, None, fault)
