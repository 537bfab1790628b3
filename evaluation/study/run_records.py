"""A plan for people or for a survey becomes evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evaluation.data.project import read_project
from evaluation.data.read import read_records
from evaluation.data.records import Records
from evaluation.errors import PlanError
from evaluation.study import run_people, run_survey
from evaluation.study.build import people
from evaluation.study.build import sample as planned_survey
from evaluation.study.build.delivery import planned_delivery
from evaluation.study.evidence import DataRecord, Evidence
from evaluation.study.graded_outcome import concluded
from evaluation.study.plan.data import check_against_records
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import PlanFile
from evaluation.study.release.release import released

Progress = Callable[[str], None]


def run(plan_file: PlanFile, folder: Path, progress: Progress) -> Evidence:
    """What one analysis of people or answers finds; no value of one person is in it.

    Parameters
    ----------
    plan_file : from `read_plan`. folder : the project folder. progress : as in `study.run.run`.

    Raises
    ------
    PlanError, DataError : for faults in the plan or data, before anything is fitted; DataError for
        results in which numbers of few people could be worked out, which are not written.
    """
    from threadpoolctl import threadpool_limits

    plan = plan_file.plan
    records = read_records(folder / plan.data, folder)
    check_against_records(plan, records, plan_file.located, folder)
    events = planned_events(plan_file, folder)
    delivery = planned_delivery(plan_file, folder)
    record = plan_record(plan_file, folder)
    rule = read_project(folder).disclosure
    with threadpool_limits(1):
        if plan.design == "individual":
            outcomes = run_people.outcomes(plan, records, events, record, progress, rule)
            first, last = people.months(plan, records)
            unit, frequency = people.treated_words(plan, records), "person"
        else:
            sample, raked = planned_survey.planned_sample(plan, records, folder)
            outcomes = run_survey.outcomes(plan, records, sample, raked, record, progress, rule)
            waves = planned_survey.waves(records)
            first, last = waves[0], waves[-1]
            unit, frequency = planned_survey.treated_words(sample), "wave"
    data = DataRecord(
        provenance=records.provenance,
        frequency=frequency,
        unit=unit,
        units=(),
        first=first,
        last=last,
        columns=people.as_columns(records),
        recording_changes=(),
    )
    evidence = concluded(plan_file, record, data, outcomes, delivery, folder)
    told = released(evidence, rule, of_people=True)
    # Of the p-values as they are told: from exact ones beside it an estimate could be worked out.
    return replace(told, outcomes=run_people.over_the_family(told.outcomes))


def planned_events(plan_file: PlanFile, folder: Path) -> Records | None:
    """The table of every event, where the plan names one, of the same people.

    Raises
    ------
    PlanError : when it is no table of events, or of other people.
    """
    plan, path = plan_file.plan, ("event_data",)
    if plan.event_data is None:
        return None
    events = read_records(folder / plan.event_data, folder)
    if events.kind != "events":
        words = f"{plan.event_data} is a table of {events.kind}; name one of events"
        raise PlanError(plan_file.located.fault(path, words))
    if events.people != Path(plan.data).name:
        words = f"{plan.event_data} is of the people in {events.people}, not of {plan.data}"
        raise PlanError(plan_file.located.fault(path, words))
    return events
