"""A pre-analysis plan, `analyses/<slug>/plan.toml`: read, checked, and checked against the data.

Faults that the plan shows by itself come from `read_plan`, those that need the data from
`check_against_data`; both give all they find, each at its line and column.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.data import period
from evaluation.data.description import description_path
from evaluation.data.panel import Panel
from evaluation.data.read import read_records, to_obtain
from evaluation.data.toml_places import Located, did_you_mean, read
from evaluation.errors import DataError, Fault, PlanError
from evaluation.files import followed
from evaluation.study.build.named_tables import published_faults
from evaluation.study.build.series import planned_panel
from evaluation.study.plan.adoption import adoption_tables, assignment_faults, with_adoption
from evaluation.study.plan.data import check_against_data, check_against_records, raise_any
from evaluation.study.plan.did import did_faults
from evaluation.study.plan.family_keys import family_faults
from evaluation.study.plan.its import design_faults, written_periods
from evaluation.study.plan.records import people_faults, survey_faults
from evaluation.study.plan.schema import OF_DESIGNS, Plan, PlannedAlternative, PlannedOutcome
from evaluation.study.plan.timing import told_faults
from evaluation.study.plan.values import frequency_of

__all__ = [
    "Plan",
    "PlanFile",
    "PlannedAlternative",
    "PlannedOutcome",
    "absent_data",
    "check_against_data",
    "check_data_of",
    "checked_slug",
    "is_replication",
    "read_plan",
]

_OF_DESIGN: Mapping[str, Callable[[Plan, Located], list[Fault]]] = {
    "its": design_faults,
    "did": did_faults,
    "individual": people_faults,
    "survey": survey_faults,
}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan with the file it came from.

    Parameters
    ----------
    slug : folder under `analyses/`. located : says where each key stands, for later faults.
    text : the file as it is, to the byte when encoded as UTF-8. sha256 : of those bytes.
    """

    slug: str
    plan: Plan
    located: Located
    text: str
    sha256: str


def checked_slug(slug: str) -> str:
    """The slug, when it can name a folder under `analyses/`.

    Raises
    ------
    PlanError : when it has other than small letters, digits and hyphens.
    """
    if not SLUG.fullmatch(slug):
        raise PlanError(
            f"{slug!r} cannot name an analysis. Use small letters, digits and hyphens (at most "
            "64, the first not a hyphen), such as 'oakland-2012'."
        )
    return slug


def read_plan(slug: str, root: Path) -> PlanFile:
    """The plan of one analysis and its file, with all that can be checked without the data.

    Parameters
    ----------
    slug : folder name under `analyses/`. root : the project folder.

    Raises
    ------
    PlanError : with every fault found, in the order of the file; when there is no such analysis.
    DataError : with every fault of the table of adoption that it names.
    """
    folder = root / "analyses" / checked_slug(slug)
    if not folder.is_dir():
        known = sorted(path.parent.name for path in (root / "analyses").glob("*/plan.toml"))
        raise PlanError(f"analyses/{slug}: no such analysis.{did_you_mean(slug, known)}")
    path = folder / "plan.toml"
    located = read(path, shown_as=f"analyses/{slug}/plan.toml", error=PlanError)
    plan = located.parse(
        Plan, union=OF_DESIGNS, context={"frequency": _frequency(located.content, root)}
    )
    raise_any(
        [
            *_data_path_faults(plan, located, root),
            *_outcome_faults(plan, located),
            *family_faults(plan.families, [one.column for one in plan.outcomes], located),
            *_calendar_faults(plan, located),
            *_alternative_faults(plan, located),
            *told_faults(plan, located),
            *published_faults(plan, located, root),
            *assignment_faults(plan, located),
            *_OF_DESIGN[plan.design](plan, located),
        ]
    )
    plan = with_adoption(plan, root)
    # The bytes that were read, which another program may have changed since.
    written = located.written
    return PlanFile(
        slug, plan, located, written.decode("utf-8"), hashlib.sha256(written).hexdigest()
    )


def check_data_of(plan_file: PlanFile, root: Path) -> Panel | None:
    """The panel that a plan names, when it can be read and can answer it; None for a table of
    people or answers that can.

    Raises
    ------
    PlanError, DataError : with every fault found.
    """
    plan, located = plan_file.plan, plan_file.located
    if plan.design in ("individual", "survey"):
        check_against_records(plan, read_records(root / plan.data, root), located, root)
        return None
    panel = planned_panel(plan, root)
    check_against_data(plan, panel, located)
    return panel


def absent_data(slug: str, root: Path) -> str | None:
    """Why a study cannot be made here: its table is absent but can be obtained, and how.

    None when the table is there, when nothing says how to obtain it, or when the plan cannot be
    read: what is wrong then, `read_plan` says.
    """
    content = _content(slug, root)
    beside = content.get("beside")
    named = [content.get(key) for key in ("data", "event_data")]
    named += beside if isinstance(beside, list) else []
    told = (_absent(data, root) for data in named if isinstance(data, str) and data.isprintable())
    return next((why for why in told if why is not None), None)


def is_replication(slug: str, root: Path) -> bool:
    """Whether a plan says that it finds a published number again."""
    return "replicates" in _content(slug, root)


def _content(slug: str, root: Path) -> Mapping[str, Any]:
    """What a plan says, unchecked; nothing when it cannot be read."""
    path = root / "analyses" / slug / "plan.toml"
    try:
        return read(path, path.name, PlanError).content if SLUG.fullmatch(slug) else {}
    except PlanError:
        return {}


def _frequency(content: Mapping[str, Any], root: Path) -> str | None:
    """The frequency of the table that a plan names; None where no description says it."""
    data = content.get("data")
    if not isinstance(data, str) or not data.isprintable():
        return None
    path = followed(root / data)
    if not path.is_relative_to(followed(root)):
        return None
    try:
        found = read(description_path(path, data), data, DataError).content.get("frequency")
    except DataError:
        return None
    return found if found in period.PER_YEAR else None


def _absent(data: str, root: Path) -> str | None:
    path = followed(root / data)
    if path.exists() or not path.is_relative_to(followed(root)):
        return None
    obtain = to_obtain(path)
    return None if obtain is None else f"{data} is not here. {obtain}"


def _data_path_faults(plan: Plan, located: Located, root: Path) -> list[Fault]:
    """Tables that the plan names and that are not there, or that are named twice."""
    named: list[tuple[tuple[str | int, ...], str]] = [(("data",), plan.data)]
    named += [(("beside", index), name) for index, name in enumerate(plan.beside)]
    named += adoption_tables(plan)
    found = [(path, _path_fault(name, root)) for path, name in named]
    found += [
        (("beside", index), f"{name!r} is named twice")
        for index, name in enumerate(plan.beside)
        if name in (plan.data, *plan.beside[:index])
    ]
    return [located.fault(path, said) for path, said in found if said is not None]


def _path_fault(name: str, root: Path) -> str | None:
    path = followed(root / name)
    if not path.is_relative_to(followed(root)):
        return f"{name!r} leads out of the project"
    if path.is_file():
        return None
    absent = _absent(name, root)
    if absent is not None:
        return absent
    tables = [
        found.relative_to(root).as_posix()
        for ending in ("csv", "parquet")
        for found in sorted((root / "data").rglob(f"*.{ending}"))
    ]
    return f"no file {name!r}.{did_you_mean(name, tables)}"


def _outcome_faults(plan: Plan, located: Located) -> list[Fault]:
    faults = []
    seen = Counter[str]()
    for index, outcome in enumerate(plan.outcomes):
        seen[outcome.column] += 1
        if seen[outcome.column] == 2:
            path: tuple[str | int, ...] = ("outcomes", index, "column")
            faults.append(located.fault(path, f"{outcome.column!r} is planned twice"))
        worthwhile = outcome.worthwhile
        path = ("outcomes", index, "worthwhile")
        if worthwhile is not None and outcome.better == "lower" and worthwhile > 100:
            faults.append(located.fault(path, "a fall cannot be more than 100 percent"))
        if worthwhile is not None and plan.margin is not None and plan.margin > worthwhile:
            message = (
                f"{plan.margin:g} is more than {worthwhile:g}, the smallest effect worth having"
            )
            faults.append(located.fault(("margin",), message))
    primary = [index for index, outcome in enumerate(plan.outcomes) if outcome.primary]
    if not primary:
        message = "no outcome is the primary one; write primary = true in one of them"
        faults.append(located.fault(("outcomes", 0), message))
    for index in primary[1:]:
        message = "a plan has one primary outcome; an earlier one is already marked"
        faults.append(located.fault(("outcomes", index, "primary"), message))
    return faults


def _calendar_faults(plan: Plan, located: Located) -> list[Fault]:
    start = plan.intervention.start
    frequency = frequency_of(start)
    written = written_periods(plan)
    faults = [
        located.fault(path, f"{text!r} is a {frequency_of(text)}, but the start is a {frequency}")
        for path, text in written
        if frequency_of(text) != frequency
    ]
    if faults:
        return faults

    def number(text: str | None) -> int | None:
        return None if text is None else period.ordinal(text, frequency)

    begin, end = number(start), number(plan.intervention.end)
    first, last = number(plan.window.first), number(plan.window.last)
    if begin is not None and end is not None and end < begin:
        faults.append(located.fault(("intervention", "end"), f"is before the start, {start}"))
    if first is not None and last is not None and first >= last:
        faults.append(located.fault(("window", "last"), "must be after the first period"))
    for table, entry in _own_windows(plan):
        own = number(entry.first), number(entry.last)
        if own[0] is not None and own[1] is not None and own[0] >= own[1]:
            faults.append(located.fault((*table, "last"), "must be after the first period"))
        if table[0] != "outcomes":
            continue
        for key, text in (("first", entry.first), ("last", entry.last)):
            when = number(text)
            if when is None:
                continue
            if (first is not None and when < first) or (last is not None and when > last):
                words = f"{text} is outside the window of the plan"
                faults.append(located.fault((*table, key), words))
            elif begin is not None and (when > begin if key == "first" else when < begin):
                side = "after" if key == "first" else "before"
                words = f"{text} is {side} the start, {start}"
                faults.append(located.fault((*table, key), words))
    return faults


def _own_windows(
    plan: Plan,
) -> list[tuple[tuple[str | int, ...], PlannedOutcome | PlannedAlternative]]:
    """Outcomes and alternatives, which may have a window of their own, with where they stand."""
    return [
        *((("outcomes", index), outcome) for index, outcome in enumerate(plan.outcomes)),
        *((("alternatives", index), entry) for index, entry in enumerate(plan.alternatives)),
    ]


def _alternative_faults(plan: Plan, located: Located) -> list[Fault]:
    faults = []
    seen = Counter[str]()
    for index, alternative in enumerate(plan.alternatives):
        seen[alternative.label] += 1
        if seen[alternative.label] == 2:
            message = f"{alternative.label!r} labels an earlier alternative too"
            faults.append(located.fault(("alternatives", index, "label"), message))
        if not alternative.model_fields_set - {"label", "assumes"}:
            message = f"{alternative.label!r} changes nothing; name a term or a model"
            faults.append(located.fault(("alternatives", index), message))
    return faults
