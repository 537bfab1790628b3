"""A pre-analysis plan, `analyses/<slug>/plan.toml`: read, checked, and checked against the data.

Faults that the plan shows by itself come from `read_plan`, those that need the data from
`check_against_data`; both give all they find, each at its line and column.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.data import period
from evaluation.data.located import Located, did_you_mean, read
from evaluation.data.panel import Column, Panel
from evaluation.errors import Fault, PlanError
from evaluation.its import METHODS
from evaluation.its.series import Kind, Specification
from evaluation.study.plan_values import frequency_of
from evaluation.study.planned import Plan, PlannedAlternative, PlannedOutcome

__all__ = [
    "Plan",
    "PlanFile",
    "PlannedAlternative",
    "PlannedOutcome",
    "check_against_data",
    "checked_slug",
    "read_plan",
]

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

# With fewer periods on a side, a trend and a season leave next to nothing to judge a change by.
FEWEST_PERIODS = 12

Key = tuple[str | int, ...]


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
    """
    folder = root / "analyses" / checked_slug(slug)
    if not folder.is_dir():
        known = sorted(path.parent.name for path in (root / "analyses").glob("*/plan.toml"))
        raise PlanError(f"analyses/{slug}: no such analysis.{did_you_mean(slug, known)}")
    path = folder / "plan.toml"
    located = read(path, shown_as=f"analyses/{slug}/plan.toml", error=PlanError)
    plan = located.parse(Plan)
    _raise_any(
        [
            *_data_path_faults(plan, located, root),
            *_outcome_faults(plan, located),
            *_calendar_faults(plan, located),
            *_alternative_faults(plan, located),
        ]
    )
    written = path.read_bytes()
    return PlanFile(
        slug, plan, located, written.decode("utf-8"), hashlib.sha256(written).hexdigest()
    )


def check_against_data(plan: Plan, panel: Panel, located: Located) -> None:
    """Nothing, when the data can answer the plan.

    Parameters
    ----------
    plan, located : from `read_plan`. panel : the dataset that `plan.data` names.

    Raises
    ------
    PlanError : with every fault found, in the order of the plan: outcome, unit, covariate or method
        that is not in the data or not for it, times outside them, too few periods on a side.
    """
    _raise_any(_against_data(plan, panel, located))


def _raise_any(faults: list[Fault]) -> None:
    unique = {str(fault): fault for fault in faults}
    if unique:
        raise PlanError(sorted(unique.values(), key=lambda f: (f.line or 0, f.column or 0)))


def _data_path_faults(plan: Plan, located: Located, root: Path) -> list[Fault]:
    path = (root / plan.data).resolve()
    if not path.is_relative_to(root.resolve()):
        return [located.fault(("data",), f"{plan.data!r} leads out of the project")]
    if path.is_file():
        return []
    tables = [
        found.relative_to(root).as_posix()
        for ending in ("csv", "parquet")
        for found in sorted((root / "data").rglob(f"*.{ending}"))
    ]
    return [located.fault(("data",), f"no file {plan.data!r}.{did_you_mean(plan.data, tables)}")]


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
    written = _written_periods(plan)
    faults = [
        located.fault(path, f"{text!r} is a {frequency_of(text)}, but the start is a {frequency}")
        for path, text in written
        if frequency_of(text) != frequency
    ]
    if faults:
        return faults
    number = {path[-1]: period.ordinal(text, frequency) for path, text in written}
    if "end" in number and number["end"] < number["start"]:
        faults.append(located.fault(("intervention", "end"), f"is before the start, {start}"))
    if "first" in number and "last" in number and number["first"] >= number["last"]:
        faults.append(located.fault(("window", "last"), "must be after the first period"))
    return faults


def _written_periods(plan: Plan) -> list[tuple[Key, str]]:
    """The key and value of every period that must have the frequency of the data."""
    places: list[tuple[Key, str | None]] = [
        (("intervention", "start"), plan.intervention.start),
        (("intervention", "end"), plan.intervention.end),
        (("window", "first"), plan.window.first),
        (("window", "last"), plan.window.last),
    ]
    return [(path, text) for path, text in places if text is not None]


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


def _against_data(plan: Plan, panel: Panel, located: Located) -> list[Fault]:
    file = panel.provenance.file
    faults = []
    known = [column.name for column in panel.named("outcome")]
    found: list[Column] = []
    for index, outcome in enumerate(plan.outcomes):
        column = next((one for one in panel.columns if one.name == outcome.column), None)
        path: Key = ("outcomes", index, "column")
        if column is None:
            message = (
                f"no column {outcome.column!r} in {file}.{did_you_mean(outcome.column, known)}"
            )
            faults.append(located.fault(path, message))
        elif column.role != "outcome":
            message = f"{column.name!r} has the role {column.role} in {file}, not outcome."
            faults.append(located.fault(path, message + did_you_mean(column.name, known)))
        else:
            found.append(column)
    faults += _method_faults(plan, found, located)
    faults += _terms_faults(plan.specification(), ("specification",), panel, located)
    for index, alternative in enumerate(plan.alternatives):
        specification = plan.alternative_specification(alternative)
        faults += _terms_faults(specification, ("alternatives", index), panel, located)
    misdated = _frequency_faults(plan, panel, located)
    if plan.unit not in panel.units:
        message = f"no unit {plan.unit!r} in {file}.{did_you_mean(plan.unit, panel.units)}"
        faults.append(located.fault(("unit",), message))
    elif not misdated:
        for column in found:
            faults += _timing_faults(plan, panel, column, located)
    return faults + misdated


def _method_faults(plan: Plan, outcomes: list[Column], located: Located) -> list[Fault]:
    faults = []
    for column in outcomes:
        kind: Kind = "count" if column.type == "count" else "continuous"
        planned: list[tuple[Key, str]] = [(("model",), plan.method(kind))]
        planned += [
            (("alternatives", index, "model"), alternative.model)
            for index, alternative in enumerate(plan.alternatives)
            if alternative.model is not None
        ]
        fitting = ", ".join(name for name, method in METHODS.items() if kind in method.kinds)
        faults += [
            located.fault(
                path, f"{name!r} is not for {column.name}, a {column.type}. Use one of {fitting}."
            )
            for path, name in planned
            if kind not in METHODS[name].kinds
        ]
    return faults


def _terms_faults(
    specification: Specification, table: Key, panel: Panel, located: Located
) -> list[Fault]:
    faults = []
    known = [column.name for column in panel.named("covariate")]
    for position, name in enumerate(specification.covariates):
        path: Key = (*table, "covariates")
        if name not in known:
            hint = did_you_mean(name, known) or " It has none."
            message = f"no covariate {name!r} in {panel.provenance.file}.{hint}"
            faults.append(located.fault(path, message))
        elif name in specification.covariates[:position]:
            faults.append(located.fault(path, f"{name!r} is named twice"))
    most = period.PER_YEAR[panel.frequency] // 2
    if most == 0 and specification.season != "none":
        message = 'data by the year have no season; write season = "none"'
        faults.append(located.fault((*table, "season"), message))
    elif specification.season == "fourier" and specification.harmonics > most:
        message = f"{specification.harmonics} is too many for data by the {panel.frequency}; "
        faults.append(located.fault((*table, "harmonics"), f"{message}at most {most}"))
    return faults


def _frequency_faults(plan: Plan, panel: Panel, located: Located) -> list[Fault]:
    faults = []
    for path, text in _written_periods(plan):
        try:
            period.ordinal(text, panel.frequency)
        except ValueError as fault:
            faults.append(located.fault(path, str(fault)))
    return faults


def _timing_faults(plan: Plan, panel: Panel, column: Column, located: Located) -> list[Fault]:
    """Faults of window, start, washout and end for one outcome of a unit that is there."""
    covered = np.flatnonzero(~np.isnan(panel.values[column.name][panel.unit_index(plan.unit)]))
    if len(covered) == 0:
        message = f"{column.name} has no value for {plan.unit}"
        return [located.fault(("outcomes",), message)]

    def number(text: str) -> int:
        return period.ordinal(text, panel.frequency)

    begin, final = (panel.periods[covered[position]] for position in (0, -1))
    reach = f"{begin} to {final}"
    low, high = number(begin), number(final)
    faults = [
        located.fault(
            ("window", key), f"{text} is outside the data of {plan.unit} on {column.name}, {reach}"
        )
        for key, text in (("first", plan.window.first), ("last", plan.window.last))
        if text is not None and not low <= number(text) <= high
    ]
    intervention = plan.intervention
    first = plan.window.first or begin
    last = plan.window.last or min(intervention.end or final, final)
    window = f"the window, {first} to {last},"
    low, high, start = number(first), number(last), number(intervention.start)
    if intervention.end and not intervention.fade and high > number(intervention.end):
        message = f"{window} goes on after it; end the window here, or describe the fade"
        faults.append(located.fault(("intervention", "end"), message))
    if not low <= start <= high:
        message = f"{intervention.start} is outside {window.rstrip(',')}"
        return [*faults, located.fault(("intervention", "start"), message)]
    needed = f"at least {FEWEST_PERIODS} are needed"
    if start - low < FEWEST_PERIODS:
        message = f"{window} has {start - low} {panel.frequency}s before the start; {needed}"
        faults.append(located.fault(("intervention", "start"), message))
    specifications: list[tuple[Key, Specification]] = [(("intervention",), plan.specification())]
    specifications += [
        (("alternatives", index), plan.alternative_specification(alternative))
        for index, alternative in enumerate(plan.alternatives)
    ]
    for table, specification in specifications:
        after = high - start - specification.washout + 1
        if after < FEWEST_PERIODS:
            key = "washout" if specification.washout else "start"
            message = f"{window} has {max(after, 0)} {panel.frequency}s of effect; {needed}"
            faults.append(located.fault((*table, key), message))
        elif specification.phase_in >= after:
            message = f"{specification.phase_in} leaves no {panel.frequency} with the full effect"
            faults.append(located.fault((*table, "phase_in"), message))
    return faults
