"""Tables that a plan names beside its data: published results, and the record of delivery."""

from __future__ import annotations

from pathlib import Path

from evaluation.data import period
from evaluation.data.delivery import BesidePublished, Delivery, read_delivery
from evaluation.data.labels import drawn
from evaluation.data.published import PUBLISHED, Published, PublishedTable, read_published
from evaluation.data.toml_places import Located, did_you_mean
from evaluation.errors import Fault, PlanError
from evaluation.files import followed
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.told import PlannedPublished
from evaluation.study.plan.values import frequency_of


def published_faults(plan: Plan, located: Located, root: Path) -> list[Fault]:
    """Results that are not in the table, or not of that outcome; a result or outcome twice.

    Raises
    ------
    DataError : for faults of the table.
    """
    if not plan.published:
        return []
    if not (root / PUBLISHED).is_file():
        words = f"there is no table of published results, {PUBLISHED}. Add it, or remove the key"
        return [located.fault(("published", 0), words)]
    table = read_published(root / PUBLISHED, root)
    faults: list[Fault] = []
    planned = [outcome.column for outcome in plan.outcomes]
    seen: set[tuple[str, str, str | None]] = set()
    for index, entry in enumerate(plan.published):
        row, key, message = _row(entry, table)
        if row is None:
            faults.append(located.fault(("published", index, key), message))
        elif (found := (row.study, row.outcome, entry.column)) in seen:
            faults.append(
                located.fault(("published", index), "is named twice; keep one of the two")
            )
        else:
            seen.add(found)
        if entry.column is not None and entry.column not in planned:
            words = f"{entry.column!r} is no planned outcome.{did_you_mean(entry.column, planned)}"
            faults.append(located.fault(("published", index, "column"), words))
    return faults


def planned_published(plan: Plan, located: Located, root: Path) -> tuple[BesidePublished, ...]:
    """The published results with their numbers as printed; nothing where the plan names none.

    Raises
    ------
    PlanError, DataError : as `published_faults`.
    """
    if faults := published_faults(plan, located, root):
        raise PlanError(faults)
    if not plan.published:
        return ()
    table = read_published(root / PUBLISHED, root)
    found = []
    for entry in plan.published:
        row, _, _ = _row(entry, table)
        assert row is not None
        found.append(_beside(row, entry, table))
    return tuple(found)


def _row(entry: PlannedPublished, table: PublishedTable) -> tuple[Published | None, str, str]:
    """The row that is meant; or None with the key that is wrong, and why."""
    rows = [row for row in table.results if drawn(row.study) == drawn(entry.study)]
    if not rows:
        known = list(dict.fromkeys(row.study for row in table.results))
        words = f"{entry.study!r} is no study in {PUBLISHED}.{did_you_mean(entry.study, known)}"
        return None, "study", words
    outcomes = [row.outcome for row in rows]
    if entry.outcome is None:
        if len(rows) == 1:
            return rows[0], "", ""
        words = f"{entry.study!r} has {len(rows)} outcomes; name one: {', '.join(outcomes)}"
        return None, "study", words
    for row in rows:
        if drawn(row.outcome) == drawn(entry.outcome):
            return row, "", ""
    words = f"{entry.outcome!r} is no outcome of {entry.study!r} in {PUBLISHED}."
    return None, "outcome", f"{words}{did_you_mean(entry.outcome, outcomes)}"


def _beside(row: Published, entry: PlannedPublished, table: PublishedTable) -> BesidePublished:
    differences = {} if entry.differences is None else entry.differences.model_dump()
    return BesidePublished(
        study=row.study,
        outcome=row.outcome,
        site=row.site,
        place_id=table.provenance.place_of(row.site),
        years=row.years,
        design=row.design,
        measure=row.measure,
        effect=row.effect,
        low=row.low,
        high=row.high,
        level=row.level,
        p_value=row.p_value,
        found=row.found,
        source=row.source,
        read_in=row.read_in,
        certainty=row.certainty,
        column=entry.column or "",
        differences=tuple((aspect, words) for aspect, words in differences.items() if words),
    )


def planned_delivery(plan: Plan, located: Located, root: Path) -> Delivery | None:
    """What was delivered, with all of it; None where the plan names no record.

    Parameters
    ----------
    plan, located : from `read_plan`. root : the project folder.

    Raises
    ------
    PlanError : when there is no such file, or it ends before the program starts.
    DataError : for faults of the record.
    """
    if plan.delivery is None:
        return None
    path = root / plan.delivery
    if not followed(path).is_relative_to(followed(root)):
        raise PlanError(located.fault(("delivery",), f"{plan.delivery!r} leads out of the project"))
    if not path.is_file():
        found = sorted((root / "data").rglob("*.csv"))
        tables = [table.relative_to(root).as_posix() for table in found]
        words = f"no file {plan.delivery!r}.{did_you_mean(plan.delivery, tables)}"
        raise PlanError(located.fault(("delivery",), words))
    delivery = read_delivery(path, root)
    start = plan.intervention.start
    # Months of a record are compared with the first month of a start in quarters or years.
    frequency = frequency_of(start)
    begun, ends = period.ordinal(start, frequency), period.span(delivery.periods[-1])[0]
    if period.holding(ends, frequency, begun) < begun:
        words = (
            f"{plan.delivery} ends in {delivery.periods[-1]}, before the program starts ({start})"
        )
        raise PlanError(located.fault(("delivery",), words))
    return delivery
