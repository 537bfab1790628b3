"""A plan held against its data: what it names must be there, in time and of the right kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.data.records import Records
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import DataError, Fault, PlanError
from evaluation.its import METHODS
from evaluation.its.series import Kind, Specification
from evaluation.method import unfit
from evaluation.study.plan.adoption import exposure_faults
from evaluation.study.plan.did import did_data_faults
from evaluation.study.plan.its import Key, Said, written_periods
from evaluation.study.plan.records import people_data_faults, survey_data_faults
from evaluation.study.plan.schema import Plan, kind_of
from evaluation.study.plan.timing import (
    Span,
    curve_faults,
    site_faults,
    timing_faults,
    window_faults,
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
    raise_any(_against_data(plan, panel, located))


def check_against_records(plan: Plan, records: Records, located: Located, root: Path) -> None:
    """Nothing, when a table of people or of answers can answer the plan.

    Parameters
    ----------
    plan, located : from `read_plan`. records : the dataset that `plan.data` names. root : the
        project folder.

    Raises
    ------
    PlanError : with every fault found, in the order of the plan.
    """
    said = (
        people_data_faults(plan, records)
        if plan.design == "individual"
        else survey_data_faults(plan, records, root)
    )
    raise_any([located.fault(path, message) for path, message in said])


def raise_any(faults: Sequence[Fault]) -> None:
    """Nothing, or a PlanError with each fault once, in the order of the file."""
    unique = {str(fault): fault for fault in faults}
    if unique:
        raise PlanError(sorted(unique.values(), key=lambda f: (f.line or 0, f.column or 0)))


@dataclass(frozen=True, slots=True)
class _Named:
    """A column that the plan names as an outcome, with where it does."""

    path: Key
    column: Column


def _against_data(plan: Plan, panel: Panel, located: Located) -> list[Fault]:
    said: list[tuple[Key, str]] = []
    planned = list(_columns(plan, panel, said))
    found = [named.column for named in planned if named.path[0] == "outcomes"]
    beside = [named for named in planned if named.path[0] != "outcomes"]
    misdated = list(_frequency_faults(plan, panel))
    if not misdated:
        said += _redefined_faults(plan, panel, planned)
    if plan.design == "did":
        said += exposure_faults(plan, panel)
        said += () if misdated else window_faults(plan, panel)
        said += misdated or did_data_faults(plan, panel, found)
        return [located.fault(path, message) for path, message in said]
    said += _kind_faults(found, beside)
    judged = [named.column for named in planned if named.path[0] != "controls"]
    said += exposure_faults(plan, panel)
    said += _method_faults(plan, judged)
    said += _terms_faults(plan.specification(), ("specification",), panel)
    for index, alternative in enumerate(plan.alternatives):
        specification = plan.alternative_specification(alternative)
        said += _terms_faults(specification, ("alternatives", index), panel)
    if plan.curve is not None and plan.curve.harmonics:
        most = max(plan.curve.harmonics)
        said += _wave_faults(most, ("curve", "harmonics"), panel)
    said += _dose_column_faults(plan, panel)
    units = list(_units(plan))
    said += [
        (path, f"no unit {unit!r} in {panel.provenance.file}.{_unit_hint(unit, path, plan, panel)}")
        for path, unit in units
        if unit not in panel.units
    ]
    if not misdated and plan.unit in panel.units:
        for column in found:
            span, told = timing_faults(plan, panel, column)
            said += told
            if span is None:
                continue
            said += _gap_faults(("unit",), plan, plan.unit, span, column, panel)
            others = [(path, unit) for path, unit in units[1:] if unit in panel.units]
            said += _coverage_faults(plan, others, span, column, panel)
            said += site_faults(plan, span)
            said += curve_faults(plan, span)
            said += _dose_faults(plan, span, panel)
            for named in beside:
                own = [(named.path, plan.unit)]
                said += _coverage_faults(plan, own, span, named.column, panel)
    return [located.fault(path, message) for path, message in [*said, *misdated]]


def _columns(plan: Plan, panel: Panel, said: list[tuple[Key, str]]) -> Iterator[_Named]:
    """The outcome columns that are there; what is wrong with the others is added to `said`."""
    places: list[tuple[Key, str]] = [
        (("outcomes", index, "column"), outcome.column)
        for index, outcome in enumerate(plan.outcomes)
    ]
    if plan.controls is not None and plan.controls.outcome is not None:
        places.append((("controls", "outcome"), plan.controls.outcome))
    places += [
        (("unaffected", index, "column"), entry.column)
        for index, entry in enumerate(plan.unaffected)
    ]
    file = panel.provenance.file
    known = [column.name for column in panel.named("outcome")]
    for path, name in places:
        column = next((one for one in panel.columns if one.name == name), None)
        if column is None:
            said.append((path, f"no column {name!r} in {file}.{did_you_mean(name, known)}"))
        elif column.role != "outcome":
            message = f"{name!r} has the role {column.role} in {file}, not outcome."
            said.append((path, message + did_you_mean(name, known)))
        else:
            yield _Named(path, column)


def _redefined_faults(plan: Plan, panel: Panel, planned: Sequence[_Named]) -> Said:
    """An outcome that means something else from a period inside the window on: a change of meaning
    and an effect cannot be told apart, and no model mends that."""

    def number(text: str) -> int:
        return period.ordinal(text, panel.frequency)

    whole = plan.window.first or panel.periods[0], plan.window.last or panel.periods[-1]
    for named in planned:
        name = named.column.name
        first, last = plan.within(name, whole)
        for change in panel.redefined:
            inside = number(first) < number(change.date) <= number(last)
            if inside and change.column in (None, name) and change.unit in (None, plan.unit):
                yield (
                    named.path,
                    f"{name!r} was redefined in {change.date} ({change.what.rstrip('.')}), inside "
                    f"the window, {first} to {last}: before and after are not the same thing. "
                    "Leave it out, or end the window before",
                )


def _kind_faults(outcomes: Sequence[Column], beside: Sequence[_Named]) -> Said:
    """A control outcome must be of the kind of what it stands beside."""
    for named in beside:
        if named.path[0] != "controls":
            continue
        for column in outcomes:
            if kind_of(column) != kind_of(named.column):
                words = f"{named.column.name!r} is a {named.column.type}, {column.name!r} a "
                yield named.path, f"{words}{column.type}; the two cannot be compared"


def _method_faults(plan: Plan, outcomes: Sequence[Column]) -> Said:
    for column in outcomes:
        kind = kind_of(column)
        planned: list[tuple[Key, str]] = [(("model",), plan.method(kind))]
        planned += [
            (("alternatives", index, "model"), alternative.model)
            for index, alternative in enumerate(plan.alternatives)
            if alternative.model is not None
        ]
        if plan.curve is not None:
            planned += [(("curve", "methods"), name) for name in plan.curve.methods]
        fitting = ", ".join(name for name, method in METHODS.items() if kind in method.kinds)
        for path, name in planned:
            if kind not in METHODS[name].kinds:
                words = f"{name!r} is not for {column.name}, a {column.type}. Use one of {fitting}."
                yield path, words
        yield from _option_faults(plan, kind)


def _option_faults(plan: Plan, kind: Kind) -> Said:
    head = plan.method(kind)
    settings: list[tuple[Key, str, Mapping[str, object]]] = [(("options",), head, plan.options)]
    settings += [
        (("alternatives", index, "options"), alternative.model or head, alternative.options)
        for index, alternative in enumerate(plan.alternatives)
        if alternative.options is not None
    ]
    for path, name, options in settings:
        known = METHODS[name].options
        for setting, value in options.items():
            if setting not in known:
                hint = did_you_mean(setting, known) or " It has none."
                yield (*path, setting), f"is no setting of {name}.{hint}"
            elif wrong := unfit(METHODS[name].whole or METHODS[name].solve, setting, value):
                yield (*path, setting), f"{wrong}; it is {value!r}"


def _terms_faults(specification: Specification, table: Key, panel: Panel) -> Said:
    known = [column.name for column in panel.named("covariate")]
    for name in specification.covariates:
        path: Key = (*table, "covariates")
        if name not in known:
            hint = did_you_mean(name, known) or " It has none."
            yield path, f"no covariate {name!r} in {panel.provenance.file}.{hint}"
    if period.PER_YEAR[panel.frequency] == 1 and specification.season != "none":
        yield (*table, "season"), 'data by the year have no season; write season = "none"'
    elif specification.season == "periods" and panel.frequency not in period.MONTHS:
        words = f"a term for each {panel.frequency} of the year is too many; write"
        yield (*table, "season"), f'{words} season = "fourier"'
    elif specification.season == "fourier":
        yield from _wave_faults(specification.harmonics, (*table, "harmonics"), panel)


def _wave_faults(harmonics: int, path: Key, panel: Panel) -> Said:
    most = period.PER_YEAR[panel.frequency] // 2
    if harmonics > most:
        yield path, f"{harmonics} is too many for data by the {panel.frequency}; at most {most}"


def _units(plan: Plan) -> Iterator[tuple[Key, str]]:
    """Where the plan names a unit, and which; the treated one first."""
    yield ("unit",), plan.unit
    for name in plan.controls.units if plan.controls is not None else ():
        yield ("controls", "units"), name
    for index, site in enumerate(plan.sites):
        yield ("sites", index, "unit"), site.unit


def _unit_hint(unit: str, path: Key, plan: Plan, panel: Panel) -> str:
    # The treated unit is no answer to a misspelt control or site.
    known = [name for name in panel.units if path == ("unit",) or name != plan.unit]
    return did_you_mean(unit, known)


def _coverage_faults(
    plan: Plan, units: Sequence[tuple[Key, str]], span: Span, column: Column, panel: Panel
) -> Said:
    """A unit that stands beside the treated one must be recorded through the whole window."""
    for path, unit in units:
        covered = np.flatnonzero(~np.isnan(panel.values[column.name][panel.unit_index(unit)]))
        if len(covered) == 0:
            yield path, f"{column.name} has no value for {unit}"
            continue
        begin, final = (panel.periods[covered[position]] for position in (0, -1))
        inside = span.number(begin) <= span.low and span.high <= span.number(final)
        if not inside:
            yield (
                path,
                f"{unit} has {column.name} from {begin} to {final}, which does not cover the "
                f"window, {span.first} to {span.last}; shorten the window or leave it out",
            )
        else:
            yield from _gap_faults(path, plan, unit, span, column, panel)


def _gap_faults(path: Key, plan: Plan, unit: str, span: Span, column: Column, panel: Panel) -> Said:
    """A cell inside the window that is a correction and no count, or that was not reported where
    the plan does not say that such cells are missing."""
    offset = span.number(panel.periods[0])
    exposed = [one.name for one in panel.named("exposure") if one.name in panel.values]
    missing = plan.window.gaps == "missing"
    refuse = panel.refuse_corrections if missing else panel.refuse_gaps
    try:
        refuse([column.name, *exposed], [unit], max(span.low - offset, 0), span.high - offset)
    except DataError as fault:
        yield path, str(fault)


def _dose_column_faults(plan: Plan, panel: Panel) -> Said:
    name = plan.intervention.dose
    if name is None:
        return
    path: Key = ("intervention", "dose")
    file = panel.provenance.file
    fit = [
        column.name
        for column in panel.columns
        if column.role in ("treatment", "covariate") and column.type in ("count", "number")
    ]
    column = next((one for one in panel.columns if one.name == name), None)
    if column is None:
        yield path, f"no column {name!r} in {file}.{did_you_mean(name, fit)}"
    elif column.role not in ("treatment", "covariate"):
        words = f"{name!r} has the role {column.role} in {file}, not treatment or covariate."
        yield path, words + did_you_mean(name, fit)
    elif column.type not in ("count", "number"):
        words = f"{name!r} is a {column.type} in {file}, which has no amount; leave dose out"
        yield path, words


def _dose_faults(plan: Plan, span: Span, panel: Panel) -> Said:
    name = plan.intervention.dose
    if name is None or name not in panel.values:
        return
    path: Key = ("intervention", "dose")
    offset = span.number(panel.periods[0])
    dose = panel.values[name][panel.unit_index(plan.unit)][
        span.low - offset : span.high - offset + 1
    ]
    start = span.number(plan.intervention.start) - span.low
    if (dose < 0).any():
        yield path, f"{name!r} is negative in {panel.periods[int(np.argmax(dose < 0))]}"
    elif (dose[:start] > 0).any():
        when = period.text(span.low + int(np.argmax(dose > 0)), panel.frequency)
        yield path, f"{name!r} is above nought in {when}, before the start; start where it begins"
    elif not (dose[start:] > 0).any():
        yield path, f"{name!r} is nought in every period from the start on"


def _frequency_faults(plan: Plan, panel: Panel) -> Said:
    like = period.ordinal(panel.periods[0], panel.frequency)
    for path, text in written_periods(plan):
        try:
            number = period.ordinal(text, panel.frequency)
            period.refuse_other_week(number, like, panel.frequency)
        except ValueError as fault:
            yield path, str(fault)
