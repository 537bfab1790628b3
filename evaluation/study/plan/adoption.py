"""A plan that reads who is treated from a table of adoption: the table, and faults of what is said
of it.

How units came to have the program, where chance decided it, and the day of freezing: what their
author says of both, and when it cannot be.

A division by an exposure that is not there.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation.data import period
from evaluation.data.adoption import read_adoption
from evaluation.data.panel import Panel
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.data.treated import Control, LeftOut, Treated
from evaluation.errors import DataError, Fault
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import did_window
from evaluation.study.build.who import adoption_of, assigned, everyone
from evaluation.study.plan.its import Key, Said
from evaluation.study.plan.phrases import day
from evaluation.study.plan.schema import Plan, PlannedAlternative
from evaluation.study.plan.values import frequency_of

_OF_TABLE = "the table of adoption says when each unit starts; leave it out"


def adoption_tables(plan: Plan) -> list[tuple[Key, str]]:
    """The tables of adoption that a plan names, with where."""
    found: list[tuple[Key, str]] = []
    if plan.adoption is not None:
        found.append((("adoption", "table"), plan.adoption.table))
    for index, entry in enumerate(plan.alternatives):
        if entry.adoption is not None and entry.adoption.table is not None:
            found.append((("alternatives", index, "adoption", "table"), entry.adoption.table))
    return found


def with_adoption(plan: Plan, root: Path) -> Plan:
    """The plan with the tables of adoption that it names.

    Raises
    ------
    DataError : with every fault of a table, at its line and column.
    """
    names = dict.fromkeys(name for _, name in adoption_tables(plan))
    return plan.holding({name: read_adoption(root / name, root) for name in names})


def adoption_faults(plan: Plan) -> Said:
    """What does not fit together in what a plan says of adoption, without the data."""
    if plan.adoption is not None:
        yield from _beside_faults(plan)
        yield from _choice_faults(plan, ("adoption",), None)
    for index, entry in enumerate(plan.alternatives):
        path: Key = ("alternatives", index)
        if entry.adoption is not None:
            yield from _changed_faults(plan, index)
        if plan.unit or (plan.adoption is None and entry.adoption is None):
            continue
        if entry.start is not None:
            yield (*path, "start"), _OF_TABLE
    if plan.adoption is not None and not plan.unit and plan.curve is not None and plan.curve.start:
        yield ("curve", "start"), _OF_TABLE
    if plan.curve is not None and plan.curve.adopters:
        if plan.adoption is None:
            yield ("curve", "adopters"), "is of the table [adoption], and the plan has none"
        elif not plan.unit:
            yield ("curve", "adopters"), _adopters_words()


def _adopters_words() -> str:
    return (
        "is for a plan that names its unit; without one every adopter that counts is treated. "
        "Leave it out"
    )


def _beside_faults(plan: Plan) -> Said:
    if plan.intervention.treatment is not None:
        words = "the table of adoption says who is treated; leave this out, or [adoption]"
        yield ("intervention", "treatment"), words
    if plan.sites:
        words = (
            "the table of adoption says who is treated; leave unit and [[sites]] out, or [adoption]"
        )
        yield ("sites",), words


def _changed_faults(plan: Plan, index: int) -> Said:
    """Faults of what an alternative changes of the table."""
    entry, path = plan.alternatives[index], ("alternatives", index, "adoption")
    assert entry.adoption is not None
    if not entry.adoption.written():
        yield path, "changes nothing; name a key of [adoption]"
        return
    if plan.adoption is None and (plan.intervention.treatment is not None or plan.sites):
        words = "the plan says itself who is treated, by a column or by [[sites]]; leave this out"
        yield path, words
        return
    yield from _choice_faults(plan, path, index)


def _choice_faults(plan: Plan, path: Key, index: int | None) -> Said:
    """Choices that do not go together, or have no use."""
    try:
        adoption = adoption_of(plan, None if index is None else plan.alternatives[index])
        assert adoption is not None
        adoption.choices()
    except DataError as fault:
        yield path, str(fault).removeprefix("adoption: ")
        return
    table = plan.adoption if index is None else plan.alternatives[index].adoption
    if table is None:
        return
    monthly = frequency_of(plan.intervention.start) == "month"
    if monthly and "start_period" in table.model_fields_set:
        words = "no month is partly under a program whose month is known; leave it out"
        yield (*path, "start_period"), words
    if not plan.unit and "adopters" in table.model_fields_set:
        yield (*path, "adopters"), _adopters_words()


def adoption_data_faults(plan: Plan, panel: Panel) -> Iterator[tuple[Key, str]]:
    """What of the plan the table of adoption contradicts; outcomes and alternatives by themselves
    are tried elsewhere."""
    if plan.adoption is None:
        return
    window = did_window(plan, panel)
    try:
        found = assigned(plan, panel, window, plan.adoption)
    except DataError as fault:
        yield ("adoption",), str(fault).removeprefix("adoption: ")
        return
    for index, entry in enumerate(plan.contaminated):
        own = found.get(entry.unit)
        if isinstance(own, Treated) or (isinstance(own, LeftOut) and own.since):
            words = f"the table of adoption has {entry.unit!r} already; leave it out here"
            yield ("contaminated", index, "unit"), words
    if plan.unit:
        yield from _unit_faults(plan, panel, found.get(plan.unit))
        return
    try:
        who = everyone(plan, panel, window)
    except DataError as fault:
        yield ("adoption",), str(fault)
        return
    starts = {one.since: one.unit for one in reversed(who.standings) if one.what == "treated"}
    first = min(starts, key=lambda text: period.ordinal(text, panel.frequency))
    if plan.intervention.start != first:
        words = (
            f"{plan.intervention.start} is not when the first of those treated starts, {first} "
            f"({starts[first]}, by the table of adoption); write that"
        )
        yield ("intervention", "start"), words


def _unit_faults(plan: Plan, panel: Panel, own: Treated | Control | LeftOut | None) -> Said:
    """Whether the unit of the plan is treated by the table, and from no later than planned."""
    if own is None:
        return  # told with the other names
    if not isinstance(own, Treated):
        yield ("unit",), f"{plan.unit!r} is not treated by the table of adoption: {own.why}"
        return
    start = plan.intervention.start
    if period.ordinal(start, panel.frequency) < period.ordinal(own.start, panel.frequency):
        words = (
            f"{start} is before the table of adoption has {plan.unit} start, {own.start} "
            f"({own.program}); write that, or a later one"
        )
        yield ("intervention", "start"), words


def named_faults(plan: Plan, panel: Panel) -> Said:
    """Names of an alternative's treated that are not treated in it, and of controls that are, by a
    column or a table."""
    named = () if plan.controls is None else plan.controls.units
    yield from _control_faults(("controls", "units"), named, _treated(plan, panel, None))
    for index, entry in enumerate(plan.alternatives):
        every = entry.model_copy(update={"treated": None, "leave_out": None})
        known = _treated(plan, panel, every)
        yield from _control_faults(("alternatives", index, "units"), entry.units or (), known)
        for name in (entry.treated or ()) if known else ():
            if name not in known:
                words = f"{name!r} is not treated here.{did_you_mean(name, known)}"
                yield ("alternatives", index, "treated"), words


def _control_faults(path: Key, names: Sequence[str], treated: Sequence[str]) -> Said:
    for name in names:
        if name in treated:
            yield path, f"{name!r} is treated, and cannot be a control"


def _treated(plan: Plan, panel: Panel, entry: PlannedAlternative | None) -> list[str]:
    """Who is treated in the headline or an alternative; nobody where that cannot be told."""
    change = Change(entry)
    try:
        who = everyone(plan, panel, did_window(plan, panel, None, change), entry)
    except DataError:
        return []  # told where the alternative is tried
    return [one.unit for one in who.standings if one.what == "treated"]


# Designs with units that were drawn beside units that were not.
DRAWN = ("did", "individual")


def assignment_faults(plan: Plan, located: Located) -> list[Fault]:
    """A lottery without its source, or in a design without anyone who was not drawn; a day of
    freezing that is still to come."""
    return [located.fault(path, words) for path, words in (*_lottery(plan), *_future(plan))]


def _lottery(plan: Plan) -> Iterator[tuple[Key, str]]:
    if plan.assignment is None:
        if plan.assignment_source is not None:
            yield ("assignment_source",), 'is the source of assignment = "lottery"; write that too'
        return
    if plan.design not in DRAWN:
        words = (
            "a lottery is between some who were drawn and others who were not, which design = "
            f'"{plan.design}" does not compare; use design = "did" or "individual", or leave it out'
        )
        yield ("assignment",), words
    elif plan.assignment_source is None:
        words = (
            "a lottery needs its source: write assignment_source = "
            '"...", where it stands how the lots were drawn, by whom and when'
        )
        yield ("assignment",), words


def _future(plan: Plan) -> Iterator[tuple[Key, str]]:
    today = datetime.date.today()
    if plan.frozen is not None and plan.frozen > today:
        words = (
            f"{day(plan.frozen)} is still to come (today is {day(today)}); write the day on which "
            "you stop changing the plan"
        )
        yield ("frozen",), words


def exposure_faults(plan: Plan, panel: Panel) -> Iterator[tuple[Key, str]]:
    """A division that is asked for where the data have nothing to divide by."""
    if panel.named("exposure"):
        return
    words = (
        f"no column of {panel.provenance.file} has the role exposure, so there is nothing to "
        "divide by; describe one (residents, say), or leave this out"
    )
    if plan.terms.offset:
        yield ("specification", "offset"), words
    for index, alternative in enumerate(plan.alternatives):
        if alternative.offset:
            yield ("alternatives", index, "offset"), words
