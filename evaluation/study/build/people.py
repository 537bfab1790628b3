"""The people that a plan compares, from its table of records."""

from __future__ import annotations

import json

import numpy as np

from evaluation.data.categories import categories
from evaluation.data.cells import day_text
from evaluation.data.counted import words_of
from evaluation.data.labels import normal, quoted
from evaluation.data.panel import Column, Role
from evaluation.data.records import RecordColumn, Records
from evaluation.errors import DataError
from evaluation.individual import Outcome, People
from evaluation.individual.not_yet_called import Calls
from evaluation.individual.people import Bases, Kind
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.plan.schema import Plan

# Roles of columns that can say who is treated.
TREATING = ("treatment", "invited", "completed", "service")
OUTCOMES = ("time", "outcome")


# Why people who were called one after another need dates.
NO_CALENDAR = (
    "not-yet-called compares people on days of the calendar, and no column has the role entry"
)
_DAYS_A_MONTH = 30.4375
# Names of events that a message lists.
_MOST_NAMED = 12


def span_of(days: int) -> str:
    """Days after entry as a sentence tells them, in months where they are about so many.

    Examples
    --------
    >>> span_of(730), span_of(365), span_of(100)
    ('24 months', '12 months', '100 days')
    """
    months = round(days / _DAYS_A_MONTH)
    if months < 1 or abs(days - months * _DAYS_A_MONTH) > 1:
        return f"{days} days"
    return f"{months} month{'' if months == 1 else 's'}"


def treatment_column(plan: Plan, records: Records) -> RecordColumn:
    """The column that says who is treated: the planned one, or that of the role.

    Raises
    ------
    DataError : when there is none.
    """
    if plan.intervention.treatment is not None:
        return records.column(plan.intervention.treatment)
    return records.named("treatment")[0]


def treated_of(plan: Plan, records: Records) -> np.ndarray:
    """(n,) bool, who is treated; of an amount of services, everyone with any."""
    return np.asarray(records.values_of(treatment_column(plan, records).name) > 0)


def kind_of(column: RecordColumn) -> Kind:
    """The kind of outcome that a column is."""
    if column.role == "time":
        return "time"
    if column.type == "flag":
        return "binary"
    if column.type == "number":
        return "number"
    return "days" if column.counts == "days" else "count"


def name_of(column: RecordColumn, records: Records) -> str:
    """How an outcome is called in sentences: its label, or the column where two share one."""
    same = [one for one in records.columns if one.label == column.label and one.role in OUTCOMES]
    return column.label if len(same) == 1 else column.name


def planned_people(plan: Plan, records: Records, change: Change = AS_PLANNED) -> People:
    """Everyone, with the planned outcomes and those that should not move.

    Raises
    ------
    DataError : for a column that is not there, or values that cannot be used.
    """
    treated = treated_of(plan, records)
    entry = records.entry
    follow_up = _days(records, "follow_up", entry)
    cluster, weight = (_first(records, role) for role in ("cluster", "weight"))
    wanted = [outcome.column for outcome in plan.outcomes]
    wanted += [one.column for one in plan.unaffected]
    history = records.named("history")
    covariates, bases = _covariates(plan, records, change)
    return People.from_arrays(
        treated.astype(float),
        covariates=covariates,
        outcomes={
            name_of(column, records): _outcome(records, column, entry, follow_up)
            for column in (records.column(name) for name in dict.fromkeys(wanted))
        },
        entry=entry if records.dated else None,
        follow_up=follow_up,
        cluster=cluster,
        weight=weight,
        ids=[str(value) for value in records.values_of(records.named("person")[0].name)],
        decided=_decided(plan, records, treated),
        completed=_first(records, "completed"),
        invited=_invited(plan, records, treated),
        history=np.column_stack([records.values_of(one.name) for one in history])
        if history
        else None,
        bases=bases,
    )


def _covariates(
    plan: Plan, records: Records, change: Change
) -> tuple[dict[str, np.ndarray], Bases]:
    """What people are made alike in, with categories as flags, and what their bases are called.

    Raises
    ------
    DataError : as `categories`.
    """
    found: dict[str, np.ndarray] = {}
    bases = []
    treated = treated_of(plan, records)
    for name in change.covariates(plan, records):
        column = records.column(name)
        values = records.values_of(name)
        if column.type != "text":
            found[column.label] = values
            continue
        made = categories(column.label, values, treated, column.levels)
        found |= made.columns
        bases.append((made.base, tuple(made.columns)))
    return found, tuple(bases)


def planned_calls(
    plan: Plan, records: Records, events: Records | None, column: RecordColumn, change: Change
) -> Calls:
    """People called in one after another: eligible from entry on, called on the day `decided`.

    Raises
    ------
    DataError : without that day, the end of follow-up, or a table of events.
    """
    if not records.dated:
        raise DataError(f"{records.provenance.file}: {NO_CALENDAR}")
    entry = records.entry
    follow_up = _days(records, "follow_up", entry)
    if events is None or follow_up is None or not records.named("decided"):
        raise DataError(
            f"{records.provenance.file}: not-yet-called needs the day of the call (role decided), "
            "the end of follow-up, and a table of events (event_data in the plan)"
        )
    called = _days(records, "decided", np.zeros(records.rows))
    assert called is not None
    if records.named("decided")[0].type == "count":
        called = entry + called
    days = event_days(records, events, column)
    return Calls.from_arrays(
        called,
        [start + own for start, own in zip(entry, days, strict=True)],
        start=entry,
        end=entry + follow_up,
        covariates=_covariates(plan, records, change)[0],
        ids=[str(value) for value in records.values_of(records.named("person")[0].name)],
    )


def event_days(records: Records, events: Records, column: RecordColumn) -> list[np.ndarray]:
    """Days after entry of every event of this outcome, sorted, a list a person in file order.

    The description of an outcome lists the events that count as it (`events`); without a list,
    those do that are called as its label, or as its column without "_days".

    Raises
    ------
    DataError : when no event has such a name.
    """
    people = records.values_of(records.named("person")[0].name)
    entry = records.entry
    who = events.values_of(events.named("person")[0].name)
    what = np.array([normal(str(name)) for name in events.values_of(events.named("event")[0].name)])
    when = events.named("time")[0]
    days = events.values_of(when.name)
    stem = column.name.removesuffix("_days").removesuffix("_date").replace("_", " ")
    wanted = column.events or (column.label, stem)
    forms = [normal(name) for name in wanted]
    met = np.isin(forms, what)
    # Of a list each must be there: a name that no event has is a misspelling.
    if not (met.all() if column.events else met.any()):
        absent = wanted[int(np.argmin(met))]
        raise DataError(_no_such_event(records, events, column, absent))
    meant = np.isin(what, forms)
    row_of = {str(name): row for row, name in enumerate(people)}
    found: list[list[float]] = [[] for _ in people]
    for name, day in zip(who[meant], days[meant], strict=True):
        row = row_of[str(name)]
        found[row].append(float(day - entry[row]) if when.type == "date" else float(day))
    return [np.array(sorted(set(own))) for own in found]


def _no_such_event(records: Records, events: Records, column: RecordColumn, absent: str) -> str:
    own = events.named("event")[0]
    known = sorted(set(map(str, events.values_of(own.name))))
    # Of private data no cell is shown but what its description lists.
    if events.provenance.sensitivity == "private":
        known = [name for name in known if name in own.levels]
    listed = ", ".join(quoted(name) for name in known[:_MOST_NAMED])
    listed += f" and {len(known) - _MOST_NAMED:,} more" if len(known) > _MOST_NAMED else ""
    there = f"; there are {listed}" if known else ""
    return (
        f"{events.provenance.file}: no event is called {quoted(absent)}{there}. List those that "
        f"count in {records.provenance.description_file}, under [columns.{column.name}]: "
        f"events = {json.dumps(known[:2] or ['arrest'], ensure_ascii=False)}"
    )


def first_month(plan: Plan, records: Records) -> str:
    """The month in which the first treated person entered; the start of the plan where the table
    has no dates, which nothing in it can test."""
    if not records.dated:
        return plan.intervention.start
    entry = records.entry
    return day_text(float(entry[treated_of(plan, records)].min()))[:7]


def months(plan: Plan, records: Records) -> tuple[str, str]:
    """The months of the first entry and of the last day that anyone was followed; without dates
    the start of the plan, in place of both."""
    if not records.dated:
        return plan.intervention.start, plan.intervention.start
    entry = records.entry
    follow_up = _days(records, "follow_up", entry)
    last = entry if follow_up is None else entry + follow_up
    end = records.until if records.until is not None else float(np.max(last))
    return day_text(float(entry.min()))[:7], day_text(end)[:7]


def treated_words(plan: Plan, records: Records) -> str:
    """Who is treated, for display: how many of how many people."""
    treated = treated_of(plan, records)
    few = min(int(treated.sum()), int((~treated).sum()))
    if words_of(few) != f"{few:,}":
        return f"people, {words_of(few)} of them on a side"
    return f"{int(treated.sum()):,} of {records.rows:,} people"


def as_columns(records: Records) -> tuple[Column, ...]:
    """The columns as results describe them."""
    roles: dict[str, Role] = {"treatment": "treatment", "time": "outcome", "outcome": "outcome"}
    roles |= {"item": "outcome", "person": "unit", "entry": "period", "wave": "period"}
    return tuple(
        Column(
            column.name,
            roles.get(column.role, "covariate"),
            "number" if column.type == "date" else column.type,
            column.measure,
            column.label,
            column.about,
            column.family,
            column.scale,
        )
        for column in records.columns
    )


def _outcome(
    records: Records, column: RecordColumn, entry: np.ndarray, follow_up: np.ndarray | None
) -> Outcome:
    kind, values = kind_of(column), records.values_of(column.name)
    if kind != "time":
        return Outcome.of(values, kind)
    days = values - entry if column.type == "date" else values
    if column.cause is not None:
        return Outcome.of_time(days, records.values_of(column.cause))
    if follow_up is None:
        raise DataError(
            f"{records.provenance.file}: {column.name} needs a cause (0 none seen, 1 the event), "
            "or the table a column with the role follow_up"
        )
    none = np.isnan(days)
    return Outcome.of_time(np.where(none, follow_up, days), np.where(none, 0.0, 1.0))


def _first(records: Records, role: str) -> np.ndarray | None:
    found = records.named(role)
    return records.values_of(found[0].name) if found else None


def _days(records: Records, role: str, entry: np.ndarray) -> np.ndarray | None:
    """Days from entry (or from 1970 when that is 0) of the column with this role, or None."""
    found = records.named(role)
    if not found:
        return None
    values = records.values_of(found[0].name)
    return np.asarray(values - entry if found[0].type == "date" else values)


def _decided(plan: Plan, records: Records, treated: np.ndarray) -> np.ndarray | None:
    """Days on which treatment became known, where these days say who is treated.

    A service that some of the treated never had, did not make them treated.
    """
    found = records.named("decided")
    if not found:
        return None
    values = records.values_of(found[0].name)
    by_that_day = treatment_column(plan, records).role in ("completed", "service")
    if np.isnan(values[treated]).any() and not by_that_day:
        return None
    if found[0].type == "date":
        return np.asarray(values)
    return np.asarray(records.entry + values)


def _invited(plan: Plan, records: Records, treated: np.ndarray) -> np.ndarray | None:
    """Who was offered the program, where that is not who is treated."""
    treatment = treatment_column(plan, records).name
    for role in ("invited", "treatment"):
        for column in records.named(role):
            values = records.values_of(column.name)
            if column.name != treatment and not (treated & (values != 1)).any():
                return np.asarray(values)
    return None
