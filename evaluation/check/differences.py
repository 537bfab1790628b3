"""How two results differ, in the units of the report; which values are equal, and which close.

Words, counts, dates, names, grades and hashes are equal or they differ. Numbers that a machine
calculates may differ in their last digits: kernels of linear algebra, and versions, move them by
1e-12 to 1e-9 of their size (measured over seven kernels and three stacks).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from evaluation.data.panel import Provenance
from evaluation.report.document import answer
from evaluation.study.evidence import Alternative, Evidence, OutcomeEvidence, PlanRecord, dumps
from evaluation.study.plan.freeze import differences as plan_differences

# Far above what another machine does, far below what a reader could see.
RELATIVE, ABSOLUTE = 1e-6, 1e-9
# results.json holds 6 significant digits: two values that round to neighbors still agree.
LAST_DIGIT = 1.01e-5
# P values: in absolute terms, and in relative ones where they are small.
P_VALUES = frozenset({"p_value", "least", "rank"})
P_ABSOLUTE, P_SMALL, P_RELATIVE = 1e-6, 1e-3, 1e-4
# Weights of a synthetic control are not settled by the data to the last digit, their fit is.
WEIGHTS, W_ABSOLUTE, W_SHOWN = frozenset({"weight"}), 1e-3, 0.01


def moved(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """The places at which two results differ, as dotted names, for JSON values.

    Parameters
    ----------
    before, after : as parsed. where : the place of both in the whole.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            place = f"{where}.{key}" if where else key
            if key not in before or key not in after:
                yield f"{place} ({'gone' if key in before else 'new'})"
            else:
                yield from moved(before[key], after[key], place)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{where} ({len(before)} → {len(after)} items)"
            return
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from moved(left, right, f"{where}[{index}]")
    elif isinstance(before, float) or isinstance(after, float):
        numbers = all(_is_number(value) for value in (before, after))
        if not numbers or not close(before, after, where.rsplit(".", 1)[-1]):
            yield where
    elif type(before) is not type(after) or before != after:
        yield where


def numbers_moved(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """The places at which a number of `before` is another in `after`, or is not there any more;
    what only `after` has, and words, are not compared. Parameters as for `moved`."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before):
            place = f"{where}.{key}" if where else key
            yield from numbers_moved(before[key], after.get(key), place)
    elif isinstance(before, list):
        others = after if isinstance(after, list) else []
        if len(others) != len(before):
            yield f"{where} ({len(before)} → {len(others)} items)"
            return
        for index, (left, right) in enumerate(zip(before, others, strict=True)):
            yield from numbers_moved(left, right, f"{where}[{index}]")
    elif _is_number(before):
        name = where.rsplit(".", 1)[-1]
        if not _is_number(after) or not close(before, after, name):
            yield where


def close(left: float, right: float, name: str = "") -> bool:
    """Whether two calculated numbers agree, by what they are (a P value, a weight, another)."""
    if name in WEIGHTS and abs(left - right) <= W_ABSOLUTE:
        return True
    if name in WEIGHTS and max(abs(left), abs(right)) < W_SHOWN:
        return True
    relative = max(RELATIVE, LAST_DIGIT)
    if name in P_VALUES and max(abs(left), abs(right)) >= P_SMALL:
        return abs(left - right) <= P_ABSOLUTE + LAST_DIGIT * abs(left)
    if name in P_VALUES:
        return math.isclose(left, right, rel_tol=P_RELATIVE, abs_tol=0.0)
    return math.isclose(left, right, rel_tol=relative, abs_tol=ABSOLUTE)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# Places that a line names before it says "and 12 more".
NAMED = 3


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that is not as it was.

    Parameters
    ----------
    words : from what to what. sentence, grade : whether the sentence, or the grade, of an outcome
        is another.
    """

    words: str
    sentence: bool = False
    grade: bool = False


def headlines(was: Evidence, now: Evidence) -> Iterator[Move]:
    """The outcomes whose answer moved, whose sentence or grade is another, or that are missing."""
    columns = {outcome.column: outcome for outcome in now.outcomes}
    for old in was.outcomes:
        new = columns.pop(old.column, None)
        if new is None:
            yield Move(f"{old.label}: no longer evaluated", sentence=True, grade=True)
            continue
        move = _headline(was, now, old, new)
        if move is not None:
            yield move
    for new in columns.values():
        yield Move(f"{new.label}: now evaluated too", sentence=True, grade=True)


def left_out(committed: Evidence, now: Evidence) -> tuple[str, ...]:
    """Planned alternatives that a run gives and the committed results do not show."""
    found = []
    shown_now = {outcome.column: _planned(outcome) for outcome in committed.outcomes}
    for outcome in now.outcomes:
        found += [
            f"the planned alternative {label!r} is not among the results for {outcome.label}"
            for label in _planned(outcome)
            if label not in shown_now.get(outcome.column, ())
        ]
    return tuple(found)


def taken_out(evidence: Evidence) -> tuple[str, ...]:
    """Outcomes and planned alternatives taken out of the plan after it was frozen."""
    return tuple(
        f"after freezing, {change}"
        for change in evidence.plan.changes
        if change.startswith(("planned alternative removed", "outcome removed"))
    )


def _planned(outcome: OutcomeEvidence) -> tuple[str, ...]:
    return tuple(entry.label for entry in outcome.alternatives if entry.planned)


def everything(was: Evidence, now: Evidence) -> tuple[str, ...]:
    """All that differs between two results, in words, headlines first; empty when they agree."""
    places = tuple(moved(json.loads(dumps(was)), json.loads(dumps(now))))
    if not places:
        return ()
    lines = [move.words for move in headlines(was, now)]
    columns = {outcome.column: outcome for outcome in now.outcomes}
    for old in was.outcomes:
        if old.column in columns:
            new = columns[old.column]
            lines += [f"{old.label}: {words}" for words in _below(was, now, old, new)]
    lines += _plan(was.plan, now.plan)
    lines += _data(was, now)
    return tuple(lines) or (f"only below what a report shows: {shown(places)}",)


def shown(places: tuple[str, ...]) -> str:
    """The first places, and how many more there are."""
    more = f" and {len(places) - NAMED} more" if len(places) > NAMED else ""
    return ", ".join(places[:NAMED]) + more


def said(outcome: OutcomeEvidence, evidence: Evidence) -> str:
    """The sentence of the report about one outcome."""
    return answer(evidence, outcome)


def effect_words(outcome: OutcomeEvidence) -> str:
    """The headline in report units, or why there is none."""
    if outcome.estimated:
        return f"effect {percent(outcome.effect.percent.estimate)}"
    return f"not estimated ({outcome.headline.reason})"


def percent(value: float) -> str:
    """A percent change with its sign, to one decimal place."""
    return f"{value:.1f} %".replace("-", "−")


def _headline(
    was: Evidence, now: Evidence, old: OutcomeEvidence, new: OutcomeEvidence
) -> Move | None:
    level = old.grade.level, new.grade.level
    grade = "unchanged" if level[0] == level[1] else f"{level[0]} → {level[1]}"
    same_sentence = said(old, was) == said(new, now)
    before, after = effect_words(old), effect_words(new)
    if not (old.estimated and new.estimated):
        if before == after and level[0] == level[1]:
            return None
        return Move(
            f"{old.label} {before} → {after}, grade {grade}",
            sentence=not same_sentence,
            grade=level[0] != level[1],
        )
    left, right = old.effect, new.effect
    if close(left.estimate, right.estimate) and same_sentence and level[0] == level[1]:
        return None
    shift = abs(right.estimate - left.estimate) / left.std_error if left.std_error else math.inf
    sentence = "unchanged" if same_sentence else "changed"
    return Move(
        f"{old.label} {before} → {percent(right.percent.estimate)} "
        f"({shift:.1f} standard errors), sentence {sentence}, grade {grade}",
        sentence=not same_sentence,
        grade=level[0] != level[1],
    )


def _below(
    was: Evidence, now: Evidence, old: OutcomeEvidence, new: OutcomeEvidence
) -> Iterator[str]:
    """What moved about one outcome besides its headline."""
    before, after = said(old, was), said(new, now)
    if before != after:
        yield f"was said: {before}"
        yield f"is said:  {after}"
    if old.headline.method != new.headline.method:
        yield f"headline method {old.headline.method} → {new.headline.method}"
    yield from (
        f"grade reason gone: {one}" for one in old.grade.reasons if one not in new.grade.reasons
    )
    yield from (
        f"grade reason new: {one}" for one in new.grade.reasons if one not in old.grade.reasons
    )
    yield from _alternatives(old, new)
    checks = {check.name: check for check in new.checks}
    for check in old.checks:
        other = checks.pop(check.name, None)
        if other is None:
            yield f"check {check.name}: no longer made"
        elif other.passed != check.passed:
            yield f"check {check.name}: {_passed(check.passed)} → {_passed(other.passed)}"
        elif other.says != check.says:
            yield f"check {check.name}: says other numbers"
    yield from (f"check {name}: new" for name in checks)


def _alternatives(old: OutcomeEvidence, new: OutcomeEvidence) -> Iterator[str]:
    entries = {entry.label: entry for entry in new.alternatives}
    for entry in old.alternatives:
        other = entries.pop(entry.label, None)
        kind = "planned alternative" if entry.planned else "alternative"
        if other is None:
            yield f"{kind} {entry.label!r}: no longer among the results"
            continue
        before, after = _one(entry), _one(other)
        same = (
            entry.effect is not None
            and other.effect is not None
            and close(entry.effect.estimate, other.effect.estimate)
        )
        if not same and before != after:
            yield f"{kind} {entry.label!r}: {before} → {after}"
    yield from (f"alternative {label!r}: new" for label in entries)


def _one(entry: Alternative) -> str:
    if entry.effect is None:
        return f"not estimated ({entry.reason})"
    return percent(entry.effect.percent.estimate)


def _passed(passed: bool | None) -> str:
    return {True: "passed", False: "not passed", None: "not judged"}[passed]


def _plan(was: PlanRecord, now: PlanRecord) -> Iterator[str]:
    if was.content != now.content:
        yield from (f"plan: {words}" for words in plan_differences(was.content, now.content))
    elif was.sha256 != now.sha256:
        yield "plan: wording of comments or layout only"
    if was.frozen_sha256 != now.frozen_sha256:
        yield "plan: another frozen copy"
    if (was.stamped_at, was.stamped_by) != (now.stamped_at, now.stamped_by):
        yield f"plan: signed {_signed(was)} → {_signed(now)}"


def _signed(plan: PlanRecord) -> str:
    return f"at {plan.stamped_at} by {plan.stamped_by}" if plan.stamped_at else "by nobody"


def _data(was: Evidence, now: Evidence) -> Iterator[str]:
    old, new = was.data.provenance, now.data.provenance
    yield from _table(old, new)
    for before, after in zip_longest(old.beside, new.beside):
        if before is None or after is None:
            was_file, now_file = (getattr(one, "file", "nothing") for one in (before, after))
            yield f"data: {was_file} → {now_file}"
        else:
            yield from _table(before, after)
    if (was.data.first, was.data.last) != (now.data.first, now.data.last):
        yield f"window: {was.data.first} to {was.data.last} → {now.data.first} to {now.data.last}"


def _table(old: Provenance, new: Provenance) -> Iterator[str]:
    if old.file != new.file:
        yield f"data: {old.file} → {new.file}"
    elif old.sha256 != new.sha256:
        rows = f"{old.rows:,} → {new.rows:,} rows" if old.rows != new.rows else "same rows"
        yield f"data: another {new.file} ({rows})"
    if old.description_sha256 != new.description_sha256:
        yield f"data: another description, {new.description_file}"
