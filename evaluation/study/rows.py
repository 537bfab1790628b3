"""Tables of people and of answers as a run reads them, checked against the plan, and as told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evaluation.data.read import read_records
from evaluation.data.records import Records
from evaluation.errors import PlanError
from evaluation.fact import fact
from evaluation.study.build.people import as_columns
from evaluation.study.evidence import DataRecord
from evaluation.study.plan.data import check_against_records
from evaluation.study.plan.read import PlanFile


@dataclass(frozen=True, slots=True)
class Persons:
    """A table of people, and of every event of them where the plan names one."""

    records: Records
    events: Records | None


def read_rows(plan_file: PlanFile, root: Path) -> Records:
    """The table of records of a plan, which can answer it.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data.
    """
    records = read_records(root / plan_file.plan.data, root)
    check_against_records(plan_file.plan, records, plan_file.located, root)
    return records


def read_people(plan_file: PlanFile, root: Path) -> Persons:
    """People and their events, as a plan of people has them.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data.
    """
    return Persons(read_rows(plan_file, root), _events(plan_file, root))


def _events(plan_file: PlanFile, root: Path) -> Records | None:
    """The table of every event, where the plan names one, of the same people.

    Raises
    ------
    PlanError : when it is no table of events, or of other people.
    """
    plan, path = plan_file.plan, ("event_data",)
    if plan.event_data is None:
        return None
    events = read_records(root / plan.event_data, root)
    if events.kind != "events":
        words = fact("study.run-people.no-events", table=plan.event_data, kind=events.kind)
        raise PlanError(plan_file.located.fault(path, str(words)))
    if events.people != Path(plan.data).name:
        given = {"table": plan.event_data, "people": events.people, "data": plan.data}
        words = fact("study.run-people.other-people", counts={}, **given)
        raise PlanError(plan_file.located.fault(path, str(words)))
    return events


def described(records: Records, unit: str, frequency: str, span: tuple[str, str]) -> DataRecord:
    """A table of records as the report prints it; who is treated, and from when to when."""
    return DataRecord(
        provenance=records.provenance,
        frequency=frequency,
        unit=unit,
        units=(),
        first=span[0],
        last=span[1],
        columns=as_columns(records),
        recording_changes=(),
    )
