"""The record of delivery that a plan names."""

from __future__ import annotations

from pathlib import Path

from evaluation.data import period
from evaluation.data.delivery import Delivery, read_delivery
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import PlanError
from evaluation.study.plan.read import PlanFile
from evaluation.study.plan.values import frequency_of, period_of


def planned_delivery(plan_file: PlanFile, root: Path) -> Delivery | None:
    """What was delivered, with all of it; None where the plan names no record.

    Parameters
    ----------
    plan_file : from `read_plan`. root : the project folder.

    Raises
    ------
    PlanError : when there is no such file, or it ends before the program starts.
    DataError : for faults of the record.
    """
    plan, located = plan_file.plan, plan_file.located
    if plan.delivery is None:
        return None
    path = root / plan.delivery
    if not path.resolve().is_relative_to(root.resolve()):
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
    if period_of(_first_day(delivery.periods[-1]), frequency) < period.ordinal(start, frequency):
        words = (
            f"{plan.delivery} ends in {delivery.periods[-1]}, before the program starts ({start})"
        )
        raise PlanError(located.fault(("delivery",), words))
    return delivery


def _first_day(text: str) -> str:
    """The first day of a period."""
    if "Q" in text:
        return f"{text[:4]}-{3 * int(text[-1]) - 2:02d}-01"
    return f"{text}-01-01" if len(text) == 4 else f"{text}-01"
