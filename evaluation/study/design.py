"""A design as a value: what a run asks of one, and of each outcome under it.

`run` is the loop over them; `designs` holds the values; each has a file of its own beside these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from evaluation.data.panel import RecordingChange
from evaluation.data.project import Disclosure
from evaluation.effect import Check, Effect, Told
from evaluation.method import Method
from evaluation.study.by_year import ByYear
from evaluation.study.evidence import About, Alternative, DataRecord, OutcomeEvidence, PlanRecord
from evaluation.study.grade.rules import Start
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.schema import Plan, PlannedOutcome
from evaluation.study.power.power_evidence import PowerEvidence

Progress = Callable[[str], None]
CouldFind = Callable[
    [PlanFile, Path, int | None, Sequence[float], Callable[[str, int, int], None]], PowerEvidence
]


@dataclass(frozen=True, slots=True)
class Ask:
    """An answer to ask for.

    Parameters
    ----------
    entry : its name, method and assumptions, without an effect. fit : makes the effect, or raises
        FitError or DataError. why, notes : what a reader must know of it, before and after what
        the method itself says.
    """

    entry: Alternative
    fit: Callable[[], Effect]
    why: tuple[Told, ...] = ()
    notes: tuple[Told, ...] = ()


def named(
    method: Method, label: str = "", assumes: str | None = None, *, planned: bool = True
) -> Alternative:
    """What an answer of a method is called and takes for granted, without an effect; the method's
    own words where no others are given."""
    return Alternative(
        label or method.label,
        method.name,
        planned,
        assumes or method.assumes,
        method.coverage,
        None,
    )


def asked_by_name(plan: Plan) -> frozenset[str | None]:
    """The methods that planned alternatives change, and nothing else."""
    alone = {"label", "model", "assumes"}
    return frozenset(one.model for one in plan.alternatives if one.model_fields_set <= alone)


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown, and the effect behind it: one with an objection is shown as not valid."""

    shown: Alternative
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checks of one outcome found.

    nearby_changes, related_breaks : as in `grade.reasons.Facts`. by_year : the whole years of a
    count of events; None for what is no such count.
    """

    checks: tuple[Check, ...] = ()
    nearby_changes: tuple[RecordingChange, ...] = ()
    related_breaks: tuple[RecordingChange, ...] = ()
    by_year: ByYear | None = None


class Case(Protocol):
    """One planned outcome under a design.

    label, measure : how a sentence names the outcome, and its unit. last_period : the last one that
    is analyzed. start : of its grade.
    """

    @property
    def label(self) -> str: ...

    @property
    def measure(self) -> str: ...

    @property
    def last_period(self) -> str: ...

    @property
    def start(self) -> Start: ...

    def headline(self) -> Ask:
        """The planned main answer."""
        ...

    def alternatives(self) -> Iterator[Ask]:
        """The planned alternatives, then those that are always printed."""
        ...

    def checks(self, headline: Answered, step: Progress) -> Looked:
        """What is asked of the outcome and its answer, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Study:
    """What every outcome of one study shares. data : as the design's `read` gives them.
    rule : how numbers of people may be told."""

    plan: Any
    data: Any
    record: PlanRecord
    progress: Progress
    rule: Disclosure = field(default_factory=Disclosure)


def _as_they_are(found: tuple[OutcomeEvidence, ...]) -> tuple[OutcomeEvidence, ...]:
    return found


def _plain_record(plan_file: PlanFile, root: Path, data: object) -> PlanRecord:
    return plan_record(plan_file, root)


@dataclass(frozen=True, slots=True)
class Design:
    """How a kind of study is read, estimated, checked and graded.

    Parameters
    ----------
    about : its name in a plan, and what its data are. methods : by the name that a plan gives.
    read : plan and project folder in, the data out, checked against the plan. described : the data
        as the report prints them. cases : each planned outcome, in the order of the plan.
    record : the plan as the report prints it. finish : what is told of all outcomes together, once
        they are released. of_people : whether rows of the data are persons.
    could_find : plan, project folder, draws, sizes of change and progress in, out what could be
        found before the data are looked at; None where that is not worked out.
    """

    about: About
    methods: Mapping[str, Method]
    read: Callable[[PlanFile, Path], Any]
    described: Callable[[Plan, Any], DataRecord]
    cases: Callable[[Study], Iterable[tuple[PlannedOutcome, Case]]]
    record: Callable[[PlanFile, Path, Any], PlanRecord] = field(default=_plain_record)
    finish: Callable[[tuple[OutcomeEvidence, ...]], tuple[OutcomeEvidence, ...]] = _as_they_are
    of_people: bool = False
    could_find: CouldFind | None = None

    @property
    def name(self) -> str:
        """As a plan names it."""
        return self.about.design
