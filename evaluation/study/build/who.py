"""Who is treated from when, who is compared and who is left out, and why, as a plan has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from evaluation.data import period
from evaluation.data.adoption import ROLES, AdoptionTable
from evaluation.data.panel import Panel
from evaluation.data.treated import Control, LeftOut, Treated, of_units, who_is_treated
from evaluation.errors import DataError
from evaluation.study.plan.adoption_keys import ChangedAdoption, PlannedAdoption
from evaluation.study.plan.schema import Plan, PlannedAlternative

What = Literal["treated", "control", "contaminated", "left out", "not named"]
Span = tuple[str, str | None]
CONTROL: Final = ROLES[2]
# Those that are not compared: left out for a reason, or no control that the plan names.
OUT: Final = ("left out", "not named")


@dataclass(frozen=True, slots=True)
class Standing:
    """What one unit of the data is in a comparison.

    Parameters
    ----------
    since : the first period with a program, or "". certainty : how well that is known, or "".
    why : in words, or "".
    """

    unit: str
    what: What
    since: str = ""
    certainty: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Everyone in the data of a plan.

    Parameters
    ----------
    standings : one a unit, in the order of the data. starts : of the treated, where they stay so;
        None where `spans` or a treatment column say more. spans : first and last treated period of
        each program, the last None when it goes on. left_out : periods of a unit that are neither
        treated nor untreated. skipped : periods from the start on that leave the whole panel, of
        one treated unit. until : the last period of the panel, or None. notes : what a reader of
        the estimate must know of it.
    """

    standings: tuple[Standing, ...]
    starts: Mapping[str, str] | None
    spans: Mapping[str, tuple[Span, ...]] | None = None
    left_out: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    skipped: int = 0
    until: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def units(self) -> list[str]:
        """Those that are compared, in the order of the data."""
        return [one.unit for one in self.standings if one.what not in OUT]

    def of(self, unit: str) -> Standing:
        """What one unit is."""
        return next(one for one in self.standings if one.unit == unit)


def adoption_of(plan: Plan, entry: PlannedAlternative | None) -> PlannedAdoption | None:
    """The table of adoption of the plan, or of one of its alternatives.

    Raises
    ------
    DataError : when an alternative changes a table that nobody names.
    """
    planned: PlannedAdoption | None = plan.adoption
    changed: ChangedAdoption | None = None if entry is None else entry.adoption
    return planned if changed is None else changed.after(planned)


def everyone(
    plan: Plan, panel: Panel, window: tuple[str, str], entry: PlannedAlternative | None = None
) -> Who:
    """What every unit of the data is in the headline, or in a planned alternative.

    Parameters
    ----------
    window : first and last period analyzed.

    Raises
    ------
    DataError : for a unit that the table of adoption does not have as treated, a start before it,
        and choices that do not go together.
    """
    adoption = adoption_of(plan, entry)
    if adoption is None:
        return _typed(plan, panel, entry)
    return _read(plan, panel, window, entry, adoption)


def assigned(
    plan: Plan, panel: Panel, window: tuple[str, str], adoption: PlannedAdoption
) -> dict[str, Treated | Control | LeftOut]:
    """What the table of adoption says of every unit of the data.

    Raises
    ------
    DataError : for choices that do not go together, a window that is none, no table.
    """
    found = who_is_treated(
        plan.adopted(adoption.table),
        first=window[0],
        last=window[1],
        frequency=panel.frequency,
        choices=adoption.choices(),
    )
    return of_units(found, panel.units, panel.agencies)


def had_programs(table: AdoptionTable) -> set[str]:
    """Agencies with a row of a program, whatever became of it."""
    return {one.agency for one in table.episodes if one.role != CONTROL}


def _typed(plan: Plan, panel: Panel, entry: PlannedAlternative | None) -> Who:
    """Everyone where the plan itself, or a column, says who is treated."""
    start = plan.intervention.start
    if entry is not None and entry.start is not None:
        start = entry.start
    treatment = plan.intervention.treatment
    starts = {plan.unit: start, **{site.unit: site.start for site in plan.sites}}
    if treatment is not None:
        starts = _of_column(panel, treatment)
    polluted = {one.unit: one.why for one in plan.contaminated}
    standings = []
    for unit in panel.units:
        if unit in starts:
            one = Standing(unit, "treated", starts[unit])
        else:
            what: What = "contaminated" if unit in polluted else "control"
            one = Standing(unit, what, why=polluted.get(unit, ""))
        standings.append(_chosen(one, plan, entry))
    kept = {one.unit for one in standings if one.what == "treated"}
    return Who(
        tuple(standings),
        {unit: text for unit, text in starts.items() if unit in kept or unit not in panel.units}
        if treatment is None
        else None,
    )


def _of_column(panel: Panel, treatment: str) -> dict[str, str]:
    """First treated period by unit, of those that a column treats."""
    on = panel.values[treatment] == 1
    return {
        unit: panel.periods[int(row.argmax())]
        for unit, row in zip(panel.units, on, strict=True)
        if row.any()
    }


def _chosen(one: Standing, plan: Plan, entry: PlannedAlternative | None) -> Standing:
    """A unit after what the plan, or an alternative, chooses among those that there are."""
    if one.what == "left out":
        return one
    unit = one.unit
    if one.what == "treated":
        if entry is not None and entry.treated is not None and unit not in entry.treated:
            return replace(one, what="left out", why="not among the treated here")
        if entry is not None and unit in (entry.leave_out or ()):
            return replace(one, what="left out", why="left out as planned")
        return one
    named = plan.controls.units if plan.controls is not None else None
    if entry is not None and entry.units is not None:
        named = entry.units
    if named is not None and unit not in named:
        return replace(one, what="not named", why="not among the controls named")
    if entry is not None and unit in (entry.leave_out or ()):
        return replace(one, what="left out", why="left out as planned")
    return one


def _read(
    plan: Plan,
    panel: Panel,
    window: tuple[str, str],
    entry: PlannedAlternative | None,
    adoption: PlannedAdoption,
) -> Who:
    """Everyone where a table of adoption says who is treated."""
    found = assigned(plan, panel, window, adoption)
    if plan.unit:
        found = _one_treated(plan, panel, entry, found)
    known = had_programs(plan.adopted(adoption.table))
    polluted = {one.unit: one.why for one in plan.contaminated}
    standings = []
    for unit in panel.units:
        one = _standing(unit, plan, found[unit], adoption, known)
        if one.what == "control" and unit in polluted:
            one = Standing(unit, "contaminated", why=polluted[unit])
        if one.what == "treated" and not _whole_inside(found[unit], adoption, window, panel):
            why = f"{one.why}: no whole period of the window is under it"
            one = replace(one, what="left out", why=why)
        standings.append(_chosen(one, plan, entry))
    treated = {
        one.unit: status
        for one in standings
        if one.what == "treated" and isinstance(status := found[one.unit], Treated)
    }
    if not treated:
        raise DataError(_nobody(panel, adoption, standings))
    if len(treated) == 1:
        return _of_one(plan, panel, window, entry, adoption, tuple(standings), treated)
    return _of_several(panel, window, adoption, tuple(standings), treated)


def _nobody(panel: Panel, adoption: PlannedAdoption, standings: Sequence[Standing]) -> str:
    """Why a table of adoption treats no unit of the data."""
    with_program = [one for one in standings if one.since]
    told = "; ".join(f"{one.unit}: {one.why}" for one in with_program[:3])
    why = f" ({told})" if told else ""
    if not panel.agencies:
        why += (
            " Units and agencies are joined by ORI; the description of the data gives none, so "
            "add [agencies] to it."
        )
    return (
        f"{adoption.table} treats no unit of {panel.provenance.file} inside the window{why}"
    ).rstrip()


def _one_treated(
    plan: Plan,
    panel: Panel,
    entry: PlannedAlternative | None,
    found: Mapping[str, Treated | Control | LeftOut],
) -> dict[str, Treated | Control | LeftOut]:
    """The same, when the unit of the plan is treated there and starts no earlier.

    Raises
    ------
    DataError : when it is not, or the plan starts before the table.
    """
    unit = plan.unit
    own = found.get(unit)
    if own is None:
        raise DataError(f"no unit {unit!r} in {panel.provenance.file}")
    if not isinstance(own, Treated):
        raise DataError(f"{unit!r} is not treated by the table of adoption: {own.why}")
    start = plan.intervention.start if entry is None else entry.start or plan.intervention.start
    if period.ordinal(start, panel.frequency) < period.ordinal(own.start, panel.frequency):
        raise DataError(
            f"{start} is before the table of adoption has {unit} start, {own.start} "
            f"({own.program}); write that, or a later one"
        )
    return dict(found)


def _standing(
    unit: str,
    plan: Plan,
    status: Treated | Control | LeftOut,
    adoption: PlannedAdoption,
    known: set[str],
) -> Standing:
    """What one unit is before anything is chosen among those that there are."""
    if isinstance(status, Control):
        return Standing(unit, "control", why=status.why)
    if isinstance(status, Treated):
        why = status.program
        if status.passed_over:
            why += f"; before it {', '.join(status.passed_over)}"
        if not plan.unit or unit == plan.unit:
            return Standing(unit, "treated", status.start, status.certainty, why)
        since, certainty = status.start, status.certainty
    else:
        why, since, certainty = status.why, status.since, ""
        if not plan.unit or status.agency not in known:
            return Standing(unit, "left out", since, certainty, why)
    what: What = "contaminated" if adoption.adopters == "contaminated" else "left out"
    # Of some agencies the table cannot say whether there was one.
    told = f"Its own program: {why}" if since else why
    return Standing(unit, what, since, certainty, told)


def _whole_inside(
    status: Treated | Control | LeftOut,
    adoption: PlannedAdoption,
    window: tuple[str, str],
    panel: Panel,
) -> bool:
    """Whether a treated unit has a period in the window that counts as treated."""
    assert isinstance(status, Treated)
    if adoption.start_period == "treated":
        return True
    last = min(filter(None, (window[1], status.until, status.spans[-1][1])))
    return period.ordinal(status.whole, panel.frequency) <= period.ordinal(last, panel.frequency)


def _of_one(
    plan: Plan,
    panel: Panel,
    window: tuple[str, str],
    entry: PlannedAlternative | None,
    adoption: PlannedAdoption,
    standings: tuple[Standing, ...],
    treated: Mapping[str, Treated],
) -> Who:
    """One treated unit: periods of its own that cannot be used leave the whole panel, since
    methods for one unit beside others need every cell."""
    ((unit, status),) = treated.items()
    start = status.start
    if plan.unit:
        start = plan.intervention.start if entry is None else entry.start or plan.intervention.start

    def number(text: str) -> int:
        return period.ordinal(text, panel.frequency)

    notes: tuple[str, ...] = ()
    partly = max(number(status.whole) - number(start), 0)
    if adoption.start_period == "untreated" and partly:
        start, partly = status.whole, 0
    if number(status.start) < number(start):
        last = period.text(number(start) - 1, panel.frequency)
        when = status.start if status.start == last else f"{status.start} to {last}"
        notes = (
            f"the table of adoption has {status.program} begin in {status.start}; {when} "
            "counts as before",
        )
    skipped = partly if adoption.start_period == "left out" else 0
    ended = status.until is None and status.spans[-1][1] is not None
    if not ended and len(status.spans) == 1 and not status.unclear:
        return Who(standings, {unit: start}, skipped=skipped, until=status.until, notes=notes)
    spans = ((start, status.spans[0][1]), *status.spans[1:])
    out = list(status.unclear)
    if skipped:
        out.append((start, period.text(number(start) + skipped - 1, panel.frequency)))
    left_out = {unit: tuple(out)} if out else {}
    return Who(standings, None, {unit: spans}, left_out, until=status.until, notes=notes)


def _of_several(
    panel: Panel,
    window: tuple[str, str],
    adoption: PlannedAdoption,
    standings: tuple[Standing, ...],
    treated: Mapping[str, Treated],
) -> Who:
    """Several treated units, each with the periods that it cannot use."""
    spans: dict[str, tuple[Span, ...]] = {}
    left_out: dict[str, tuple[tuple[str, str], ...]] = {}
    for unit, status in treated.items():
        first, rest = status.spans[0], status.spans[1:]
        out = list(status.unclear)
        partly = status.start != status.whole
        if partly and adoption.start_period == "left out":
            out.append((status.start, _next(status.whole, panel, -1)))
        if partly and adoption.start_period == "untreated":
            first = (status.whole, first[1])
        if status.until is not None:
            # What comes after the end is not looked at, and the end itself is no end then.
            first = (first[0], None)
            if status.until < window[1]:
                out.append((_next(status.until, panel, 1), window[1]))
        spans[unit] = (first, *rest)
        if out:
            left_out[unit] = tuple(out)
    return Who(standings, None, spans, left_out)


def _next(text: str, panel: Panel, by: int) -> str:
    return period.text(period.ordinal(text, panel.frequency) + by, panel.frequency)
