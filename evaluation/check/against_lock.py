"""What is not as it was accepted: data, plan, results and the log, against a lock."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evaluation.check.differences import left_out, percent, shown, taken_out
from evaluation.check.lock import Lock, answers, results_sha256
from evaluation.check.record import SHOWN as RECORD
from evaluation.check.record import forgotten, head_recorded
from evaluation.errors import DataError, EvaluationError
from evaluation.study.acceptances import Accepted, broken, chain_of, read_changes
from evaluation.study.evidence import Evidence
from evaluation.study.run_cache import Inputs

Kind = Literal["data", "plan", "results", "selective reporting", "page", "lock"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as committed or accepted.

    Parameters
    ----------
    kind : what it is about. words : what, in words. sentence, grade : whether a sentence, or a
        grade, of the report would be another.
    """

    kind: Kind
    words: str
    sentence: bool = False
    grade: bool = False

    def __str__(self) -> str:
        return self.words


def inputs_moved(lock: Lock, here: Inputs) -> Iterator[Difference]:
    """Data and plan that are not those accepted."""
    data, plan = lock.content["data"], lock.content["plan"]
    for before, after in ((data["tables"], here.tables), (data["descriptions"], here.descriptions)):
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path):
                yield Difference("data", f"{path} is not what was accepted")
    if plan["sha256"] != here.plan:
        yield Difference("plan", f"{plan['path']} is not what was accepted")
    if (plan["frozen_sha256"] or "") != here.frozen:
        yield Difference("plan", "plan.frozen.toml is not what was accepted")


def selective(
    committed: Evidence, now: Evidence, lock: Lock | None, here: Inputs
) -> Iterator[Difference]:
    """Signs that results were chosen after they were seen, but for those accepted with a reason.

    Without a lock a removal that the committed report already tells is not told again.
    """
    known = taken_out(committed) if lock is None else tuple(_accepted_signs(lock, here))
    told = [words for words in taken_out(now) if words not in known]
    for words in (*left_out(committed, now), *told):
        yield Difference("selective reporting", f"selective reporting: {words}")


def _accepted_signs(lock: Lock, here: Inputs) -> Iterator[str]:
    """Changes after freezing that were accepted with their reason: with the same plan."""
    plan = lock.content["plan"]
    if plan["sha256"] == here.plan and (plan["frozen_sha256"] or "") == here.frozen:
        yield from (f"after freezing, {change}" for change in plan["changes_after_freezing"])


def against_lock(
    slug: str, root: Path, lock: Lock, committed: Evidence, now: Evidence
) -> Iterator[Difference]:
    """Results that were accepted and are not those committed; edits after freezing; the log."""
    if now.plan.changes and lock.content["plan"]["changes_after_freezing"] != list(
        now.plan.changes
    ):
        words = f"plan.toml was changed after it was frozen: {shown(now.plan.changes)}"
        yield Difference("plan", words)
    if lock.results_sha256 != results_sha256(committed):
        yield from _other_answers(slug, lock, committed)
    try:
        log = read_changes(slug, root)
    except EvaluationError as fault:
        yield Difference("lock", str(fault))
        return
    yield from (Difference("lock", words) for words in log_faults(slug, root, lock, log))


def log_faults(slug: str, root: Path, lock: Lock, log: tuple[Accepted, ...]) -> Iterator[str]:
    """What is wrong with a lock and the log of acceptances, held against each other, in words."""
    locked, changes = f"reports/{slug}/lock.json", f"analyses/{slug}/changes.toml"
    yield from history_faults(slug, root, log)
    if lock.accepted != log:
        words = f"{locked} and {changes} name other acceptances. "
        if log[: len(lock.accepted)] == lock.accepted:
            yield words + f"Run `ceasefire accept {slug}`."
        else:
            yield words + "Take both from the last commit."
        return
    last = log[-1] if log else Accepted("", "")
    same = last.sha256 == lock.sha256
    if lock.chained or last.chained:
        same = same and last.results == lock.results_sha256 and lock.chain == chain_of(log)
    if not same:
        yield f"{locked} was changed without `ceasefire accept`"


def history_faults(slug: str, root: Path, log: tuple[Accepted, ...]) -> Iterator[str]:
    """Signs that an acceptance was changed or taken out, in words."""
    changes = f"analyses/{slug}/changes.toml"
    if (number := broken(log)) is not None:
        yield (
            f"{changes}: acceptance {number + 1} does not hold the hash of those before it: one "
            "was changed or taken out. Take the file from the last commit."
        )
    head = ""
    with contextlib.suppress(DataError):  # told by the check of the pages over all studies
        head = head_recorded(slug, root)
    if forgotten(head, log):
        yield (
            f"{changes} no longer holds the chain whose head {RECORD} recorded: an acceptance was "
            "changed or taken out. Take both from the last commit."
        )


def _other_answers(slug: str, lock: Lock, committed: Evidence) -> Iterator[Difference]:
    """How committed results differ from what was accepted, as far as the lock knows."""
    was, here = lock.content["answers"], json.loads(json.dumps(answers(committed)))
    told = False
    for column in dict.fromkeys((*was, *here)):
        before, after = was.get(column), here.get(column)
        if before == after:
            continue
        told = True
        label = (after or before)["label"]
        if before is None or after is None:
            words = f"{label}: {'not accepted' if before is None else 'no longer among results'}"
            yield Difference("results", words, sentence=True, grade=True)
            continue
        sentence = before["sentence"] != after["sentence"]
        grade = before["grade"] != after["grade"]
        words = (
            f"{label}, accepted {_effect(before)}, now {_effect(after)}, "
            f"sentence {'changed' if sentence else 'unchanged'}, "
            f"grade {before['grade'] + ' → ' + after['grade'] if grade else 'unchanged'}"
        )
        yield Difference("results", words, sentence, grade)
        gone = [label for label in before["planned"] if label not in after["planned"]]
        for name in gone:
            words = f"selective reporting: {name!r} was accepted and is no longer among the results"
            yield Difference("selective reporting", words)
    if not told:
        words = (
            f"reports/{slug}/results.json is not what was accepted; sentence and grade unchanged"
        )
        yield Difference("results", words)


def _effect(entry: Any) -> str:
    effect = entry["effect"]
    return "not estimated" if effect is None else percent(effect["estimate"])


def unaccepted(slug: str, root: Path, found: list[Difference]) -> Iterator[str]:
    """A note for what nobody accepted yet; a difference when somebody had."""
    try:
        log = read_changes(slug, root)
    except EvaluationError as fault:
        found.append(Difference("lock", str(fault)))
        return
    found += [Difference("lock", words) for words in history_faults(slug, root, log)]
    if log:
        words = f"reports/{slug}/lock.json is not there. Run `ceasefire accept {slug}`."
        found.append(Difference("lock", words))
    else:
        yield f'not accepted yet: ceasefire accept {slug} --reason "First results"'
