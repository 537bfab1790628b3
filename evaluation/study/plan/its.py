"""Faults of a plan's design that the plan shows by itself: controls, sites, dose, later phases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from evaluation.data import period
from evaluation.data.toml_places import Located
from evaluation.errors import Fault
from evaluation.its.curve import MOST
from evaluation.study.plan.ignored import forecast_faults, harmonic_faults
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import PlannedCurve
from evaluation.study.plan.values import frequency_of, is_day

Key = tuple[str | int, ...]
Said = Iterator[tuple[Key, str]]


SLOPE_ALONE = "a change of slope alone has no level that could come in steps or fade; leave it out"


def design_faults(plan: Plan, located: Located) -> list[Fault]:
    """What does not fit together in the design, each at its key."""
    said = [
        *_unit_faults(plan),
        *_control_faults(plan),
        *site_faults(plan),
        *_dose_faults(plan),
        *_slope_faults(plan),
        *_later_faults(plan),
        *unaffected_faults(plan),
        *_event_faults(plan),
        *_alternative_faults(plan),
        *_curve_faults(plan),
        *harmonic_faults(plan),
        *forecast_faults(plan),
    ]
    return [located.fault(path, message) for path, message in said]


def written_periods(plan: Plan) -> list[tuple[Key, str]]:
    """The key and value of every period that must have the frequency of the data."""
    places: list[tuple[Key, str | None]] = [
        (("intervention", "start"), plan.intervention.start),
        (("intervention", "end"), plan.intervention.end),
        (("window", "first"), plan.window.first),
        (("window", "last"), plan.window.last),
    ]
    places += [(("sites", index, "start"), site.start) for index, site in enumerate(plan.sites)]
    places += [(("later", index, "start"), change.start) for index, change in enumerate(plan.later)]
    places += [
        (("alternatives", index, key), getattr(alternative, key))
        for index, alternative in enumerate(plan.alternatives)
        for key in ("start", "first", "last")
    ]
    places += [
        (("outcomes", index, key), getattr(outcome, key))
        for index, outcome in enumerate(plan.outcomes)
        for key in ("first", "last")
    ]
    places += [
        (("events", index, "date"), event.date)
        for index, event in enumerate(plan.events)
        if event.periods is not None and not is_day(event.date)
    ]
    if plan.curve is not None:
        places += [(("curve", "start"), text) for text in plan.curve.start]
        places += [(("curve", "first"), text) for text in plan.curve.first]
        places += [(("curve", "last"), text) for text in plan.curve.last]
    return [(path, text) for path, text in places if text is not None]


def repeated(names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Place and name of each name at its second use."""
    seen = Counter[str]()
    for place, name in enumerate(names):
        seen[name] += 1
        if seen[name] == 2:
            yield place, name


def _unit_faults(plan: Plan) -> Said:
    if not plan.unit:
        yield ("unit",), "is missing; name the place in the data where the program ran"


def _control_faults(plan: Plan) -> Said:
    controls = plan.controls
    if controls is None:
        return
    units, outcome = ("controls", "units"), ("controls", "outcome")
    if not controls.units and controls.outcome is None:
        yield ("controls",), "names nothing to compare with; give units = [...], or an outcome"
    if controls.units and controls.outcome is not None:
        yield outcome, "units are named too; compare with the one or with the other"
    if plan.unit in controls.units:
        yield units, f"{plan.unit!r} is the treated unit, which cannot be its own control"
    if controls.outcome in [one.column for one in plan.outcomes]:
        yield outcome, f"{controls.outcome!r} is planned too; an outcome cannot be its own control"
    yield from _group_faults(plan)
    if plan.sites:
        words = (
            "several treated sites cannot be compared with controls; drop [controls] or [[sites]]"
        )
        yield ("controls",), words


def _group_faults(plan: Plan) -> Said:
    """Faults of the way controls are made one group."""
    controls = plan.controls
    assert controls is not None
    weights = ("controls", "weights")
    if controls.outcome is not None and "pooled" in controls.model_fields_set:
        yield ("controls", "pooled"), "is for units; an outcome is a single series"
    elif len(controls.units) == 1 and "pooled" in controls.model_fields_set:
        yield ("controls", "pooled"), "is for several units; leave it out"
    if controls.weights and (len(controls.units) < 2 or not controls.pooled):
        yield weights, "are for several units that are pooled; leave them out"
    elif controls.weights and len(controls.weights) != len(controls.units):
        words = f"{len(controls.weights)} for {len(controls.units)} units; write one for each unit"
        yield weights, words
    if controls.pooled and len(controls.units) > 1:
        words = "a pooled group has no covariate of its own; write pooled = false in [controls]"
        if plan.terms.covariates:
            yield ("specification", "covariates"), words
        for index, alternative in enumerate(plan.alternatives):
            if alternative.covariates and alternative.controls is None:
                yield ("alternatives", index, "covariates"), words


def site_faults(plan: Plan) -> Said:
    """A further site that is named already."""
    for index, site in enumerate(plan.sites):
        if site.unit == plan.unit:
            yield ("sites", index, "unit"), f"{site.unit!r} is the unit of the plan already"
    for index, name in repeated([site.unit for site in plan.sites]):
        yield ("sites", index, "unit"), f"{name!r} is named twice"


def _dose_faults(plan: Plan) -> Said:
    dose = plan.intervention.dose
    if dose is None:
        return
    single = "a dose is for a single series; drop it, or"
    if plan.controls is not None:
        yield ("intervention", "dose"), f"{single} [controls]"
    if plan.sites:
        yield ("intervention", "dose"), f"{single} [[sites]]"
    level = "a dose takes the place of a level, and has"
    tables: list[tuple[Key, str, int | None, float | None, Sequence[str] | None]] = [
        (
            ("alternatives", index),
            alternative.effect or "level",
            alternative.phase_in,
            alternative.half_life,
            alternative.covariates,
        )
        for index, alternative in enumerate(plan.alternatives)
    ]
    head = plan.intervention
    tables.append((("intervention",), "level", head.phase_in, head.half_life, None))
    tables.append((("specification",), plan.terms.effect, None, None, plan.terms.covariates))
    for table, effect, phase_in, half_life, covariates in tables:
        if effect != "level":
            yield (*table, "effect"), f"{level} no slope; write effect = 'level'"
        if phase_in:
            yield (*table, "phase_in"), f"{level} no phase-in; it says itself how it builds up"
        if half_life is not None:
            yield (*table, "half_life"), f"{level} no half-life; leave it out"
        if covariates and dose in covariates:
            yield (*table, "covariates"), f"{dose!r} is the dose already"
    began = "a dose says by itself when it began; leave it out"
    for index, alternative in enumerate(plan.alternatives):
        if alternative.start is not None:
            yield ("alternatives", index, "start"), began
    if plan.curve is not None:
        if plan.curve.start:
            yield ("curve", "start"), began
        if {*plan.curve.effect} - {"level"}:
            yield ("curve", "effect"), f"{level} no slope; leave it out"
        if any(plan.curve.phase_in):
            yield ("curve", "phase_in"), f"{level} no phase-in; leave it out"


def _slope_faults(plan: Plan) -> Said:
    """A slope alone beside a shape that only a level has."""
    words = SLOPE_ALONE
    head = plan.intervention
    if plan.terms.effect == "slope":
        if head.phase_in:
            yield ("intervention", "phase_in"), words
        if head.half_life is not None:
            yield ("intervention", "half_life"), words
        for index, change in enumerate(plan.later):
            if change.phase_in:
                yield ("later", index, "phase_in"), words
            if change.half_life is not None:
                yield ("later", index, "half_life"), words
    for index, alternative in enumerate(plan.alternatives):
        if (alternative.effect or plan.terms.effect) != "slope":
            continue
        if head.phase_in if alternative.phase_in is None else alternative.phase_in:
            key = "effect" if alternative.phase_in is None else "phase_in"
            yield ("alternatives", index, key), words
        if alternative.half_life is not None:
            yield ("alternatives", index, "half_life"), words


def _later_faults(plan: Plan) -> Said:
    for index, name in repeated([change.name for change in plan.later]):
        yield ("later", index, "name"), f"{name!r} names an earlier change too"
    frequency = frequency_of(plan.intervention.start)
    if any(frequency_of(change.start) != frequency for change in plan.later):
        return  # told with the other periods
    settling = plan.intervention.phase_in + plan.intervention.washout
    whole = period.ordinal(plan.intervention.start, frequency) + settling
    earlier = f"{period.text(whole, frequency)}, when the effect of the program is whole"
    for index, change in enumerate(plan.later):
        start = period.ordinal(change.start, frequency)
        if start <= whole:
            words = f"must be after {earlier}; list later changes in the order of time"
            yield ("later", index, "start"), words
        whole, earlier = start, f"{change.start}, when {change.name} began"


def unaffected_faults(plan: Plan) -> Said:
    planned = [outcome.column for outcome in plan.outcomes]
    columns = [entry.column for entry in plan.unaffected]
    for index, column in enumerate(columns):
        path: Key = ("unaffected", index, "column")
        if column in planned:
            yield path, f"{column!r} is a planned outcome, which the program should move"
        if plan.controls is not None and column == plan.controls.outcome:
            yield path, f"{column!r} is the control; it cannot be compared with itself"
    for index, column in repeated(columns):
        yield ("unaffected", index, "column"), f"{column!r} is named twice"


def _event_faults(plan: Plan) -> Said:
    terms = [
        (index, (event.date, event.periods))
        for index, event in enumerate(plan.events)
        if event.periods is not None
    ]
    seen = set()
    for index, term in terms:
        if term in seen:
            words = "an earlier event has a term for the same periods; only one of them can"
            yield ("events", index, "periods"), words
        seen.add(term)


def _alternative_faults(plan: Plan) -> Said:
    for index, alternative in enumerate(plan.alternatives):
        table: Key = ("alternatives", index)
        if alternative.controls:
            words = "the main answer decides that; write false for the treated series alone"
            yield (*table, "controls"), words
        elif alternative.controls is False and plan.controls is None:
            yield (*table, "controls"), "the plan has no [controls] to leave out"
        if alternative.start is not None and plan.sites:
            words = "every site has a start of its own; change it there"
            yield (*table, "start"), words


def _curve_faults(plan: Plan) -> Said:
    if plan.curve is None:
        return
    if plan.curve.controls and plan.controls is None:
        yield ("curve", "controls"), "the plan has no [controls] to leave out"
    shaped = plan.intervention.half_life is not None or plan.intervention.phase_in
    if "slope" in plan.curve.effect and (shaped or any(plan.curve.phase_in)):
        yield ("curve", "effect"), SLOPE_ALONE
    yield from crossing_faults(plan.curve, MOST)


def crossing_faults(curve: PlannedCurve, most: int) -> Said:
    """Choices that a curve crosses twice, or too many."""
    size = 1
    for key in type(curve).model_fields:
        values = getattr(curve, key)
        size *= max(len(values), 1)
        for _, value in repeated([shown(value) for value in values]):
            yield ("curve", key), f"{value!r} is named twice"
    if size > most:
        yield ("curve",), f"crosses to {size} specifications; at most {most}, name fewer"


def shown(value: object) -> str:
    """A choice as a table shows it."""
    if isinstance(value, tuple):
        return ", ".join(value) or "nobody"
    return str(value)
