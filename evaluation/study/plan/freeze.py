"""A plan is frozen by a verbatim copy beside it, `plan.frozen.toml`; what changed since is told.

The copy, not the clock, is the record: the date is the one its author wrote into the plan. A time
that others signed stands beside it (`stamp.py`).
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.data.panel import Panel
from evaluation.data.toml_places import read
from evaluation.errors import PlanError
from evaluation.fact import Fact, fact
from evaluation.files import write_atomically
from evaluation.study.evidence import PlanRecord
from evaluation.study.plan.read import PlanFile, read_plan
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.stamp import ANSWER, stamp_of
from evaluation.study.plan.told import TOLD
from evaluation.study.plan.words import plan_words

COPY = "plan.frozen.toml"
# Terms of the model that a page tells also where the plan leaves them to the default.
OF_MODEL = ("effect", "trend", "season", "harmonics")

# What tells one table of a list from another.
_NAMED_BY = {
    "outcomes": ("column",),
    "families": ("outcomes",),
    "later": ("name",),
    "sites": ("unit",),
    "unaffected": ("column",),
    "alternatives": ("label",),
    "events": ("date", "what"),
    "lower": ("column",),
}


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference between two plans.

    Parameters
    ----------
    path : of the key, with the name of a table of a list after that list; () for the layout of the
        file. what : for a reader.
    """

    path: tuple[str, ...]
    what: Fact

    @property
    def moves(self) -> bool:
        """Whether it can move an estimate: it is neither of layout nor of what is only told."""
        return bool(self.path) and self.path[0] not in TOLD

    def __str__(self) -> str:
        return str(self.what)


def freeze(slug: str, root: Path) -> str:
    """What was done or found, in words; the copy is made when the plan asks for it and has none.

    Parameters
    ----------
    slug : folder name under `analyses/`. root : the project folder.

    Raises
    ------
    PlanError : when the plan, or a frozen copy that is there, cannot be read.
    DataError : when the copy cannot be written.
    """
    plan_file = read_plan(slug, root)
    shown = f"analyses/{slug}/{COPY}"
    record = plan_record(plan_file, root)
    if record.frozen_sha256 is None:
        if plan_file.plan.frozen is None:
            return (
                "Not frozen. When the plan is final, write today's date into it, above the first "
                f"[ ] header: frozen = YYYY-MM-DD. Then run `ceasefire plan {slug}` again."
            )
        write_atomically(root / "analyses" / slug / COPY, plan_file.text, root=root)
        return f"Frozen now, dated {plan_file.plan.frozen}: {shown}, sha256 {plan_file.sha256}."
    stamped = ""
    if record.stamped_at:
        stamped = f"\nStamped by {record.stamped_by} at {record.stamped_at}."
    since = f"Frozen, dated {record.frozen_on or 'nowhere'}: {shown}, sha256 {record.frozen_sha256}"
    if not record.changes:
        return f"{since}. Unchanged since.{stamped}"
    lines = [f"{since}. Changed since:", *(f"  {change}" for change in record.changes)]
    return "\n".join(lines) + stamped


def plan_record(plan_file: PlanFile, root: Path, panel: Panel | None = None) -> PlanRecord:
    """The plan as a report prints it, with every difference from its frozen copy.

    Parameters
    ----------
    plan_file : from `read_plan`. root : the project folder. panel : its data, for the words.

    Raises
    ------
    PlanError : when the frozen copy is there but cannot be read, or the token beside it shows
        nothing.
    """
    plan = plan_file.plan
    frozen_on, frozen_sha256 = plan.frozen, None
    changes: tuple[Changed, ...] = ()
    path = root / "analyses" / plan_file.slug / COPY
    shown = f"analyses/{plan_file.slug}/{COPY}"
    token = path.with_suffix(ANSWER)
    stamp = stamp_of(
        path, token, shown_as=shown, answer_as=f"{shown.removesuffix('.toml')}{ANSWER}"
    )
    if path.exists():
        located = read(path, shown_as=shown, error=PlanError)
        # The copy is what was frozen; a date edited later in the plan does not move it.
        dated = located.content.get("frozen")
        if isinstance(dated, datetime.datetime) or not isinstance(dated, datetime.date | None):
            words = "is no day without a time. Take the copy from the last commit"
            raise PlanError(located.fault(("frozen",), words))
        frozen_on = dated
        if frozen_on is not None and frozen_on > datetime.date.today():
            raise PlanError(located.fault(("frozen",), f"{frozen_on} is still to come"))
        frozen_sha256 = hashlib.sha256(located.written).hexdigest()
        if frozen_sha256 != plan_file.sha256:
            changes = differences(located.content, plan_file.located.content)
    return PlanRecord(
        content=content_of(plan),
        words=plan_words(plan, panel),
        sha256=plan_file.sha256,
        frozen_on=frozen_on.isoformat() if frozen_on else None,
        frozen_sha256=frozen_sha256,
        changes=tuple(map(str, changes)),
        told_only=bool(changes) and not any(change.moves for change in changes),
        stamped_at=stamp.at if stamp else "",
        stamped_by=stamp.by if stamp else "",
    )


def content_of(plan: Plan) -> dict[str, Any]:
    """The plan as results hold it: what its author wrote, and the choices that a reader of the
    page needs where nothing was written. Any other key that a plan may have leaves no trace, so
    that a new one moves no results that are there."""
    written = plan.model_dump(mode="json", by_alias=True, exclude_unset=True)
    content = {**written, "title": plan.title}
    if plan.design == "its":
        terms = plan.terms.model_dump(mode="json", include=set(OF_MODEL))
        content["specification"] = {**terms, **written.get("specification", {})}
    if plan.design == "individual":
        content["estimand"] = plan.estimand
    return content


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Changed, ...]:
    """What two plans that are not the same file differ in; never empty.

    Parameters
    ----------
    before, after : content as parsed from TOML.
    """
    changes: list[Changed] = []
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if key in _NAMED_BY and _are_tables(old) and _are_tables(new):
            changes += _list_differences(key, old or [], new or [])
        else:
            changes += _value_differences((key,), key, old, new)
    return tuple(changes) or (Changed((), fact("plan.changed.layout")),)


def _are_tables(value: Any) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(item, Mapping) for item in value)
    )


def _list_differences(key: str, before: list[Any], after: list[Any]) -> Iterator[Changed]:
    noun = fact(f"plan.table.{key}")
    old, new = _named(before, _NAMED_BY[key]), _named(after, _NAMED_BY[key])
    for what, names, others in (("removed", old, new), ("added", new, old)):
        for name in names:
            if name not in others:
                yield Changed((key, name), fact(f"plan.changed.{what}", noun=noun, name=name))
    for name, entry in old.items():
        if name in new:
            where = str(fact("plan.changed.where", noun=noun, name=name))
            yield from _value_differences((key, name), where, entry, new[name])
    if [name for name in old if name in new] != [name for name in new if name in old]:
        yield Changed((key,), fact("plan.changed.order", key=key))


def _named(entries: list[Any], naming: tuple[str, ...]) -> dict[str, Any]:
    """The tables by name; a name used again gets its number, so that no table is lost."""
    named: dict[str, Any] = {}
    uses = Counter[str]()
    for entry in entries:
        name = ": ".join(_name(entry.get(part, "")) for part in naming)
        uses[name] += 1
        named[name if uses[name] == 1 else f"{name} ({uses[name]})"] = entry
    return named


def _name(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _value_differences(
    path: tuple[str, ...], where: str, before: Any, after: Any
) -> Iterator[Changed]:
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old = before if isinstance(before, Mapping) else {}
        new = after if isinstance(after, Mapping) else {}
        for key in dict.fromkeys((*old, *new)):
            inner = f"{where}.{key}"
            yield from _value_differences((*path, key), inner, old.get(key), new.get(key))
    # 1 and 1.0 and true are equal to Python and not to a plan.
    elif type(before) is not type(after) or before != after:
        shown: dict[str, Any] = {"before": _shown(before), "after": _shown(after)}
        yield Changed(path, fact("plan.changed.value", where=where, **shown))


def _shown(value: Any) -> str | Fact:
    if value is None:
        return fact("plan.changed.not-set")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value)
