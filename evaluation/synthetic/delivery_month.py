"""What a program delivered month by month, beside what it planned, with known shares.

An invented record for Oakland (synthetic), October 2012 to December 2019: set up over half a year,
then kept, and from 2018 on thinned out, as programs are when attention moves elsewhere. Nothing
here is a record of a real program.

Of `planned` things each is delivered, by itself, with the chance of that month; contacts and
enforcement, of which any number can be, are negative binomial around it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import FOLDER, between, column, csv_text, described, written

NAME = "delivery_month"
FILE = f"{FOLDER}/{NAME}"
SEED = 20121020
PLACE = "Oakland (synthetic)"
FIRST, LAST, WHOLE, DILUTED = "2012-10", "2019-12", "2013-04", "2018-01"
# Share of the plan that is delivered in the first half year, while it is kept, and after that.
SHARES = {"setting up": 0.5, "kept": 0.9, "diluted": 0.45}
DISPERSION = 1.3


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing: what is planned in each month of a year, from January, and whether more than that
    can be delivered; `written` is False where the program set itself no number."""

    column: str
    label: str
    measure: str
    by_month: tuple[int, ...]
    open_ended: bool = False
    written: bool = True


ACTIVITIES = (
    Activity("call_ins", "call-ins held", "meetings a month", (0, 1, 0) * 4),
    Activity(
        "custom_notifications", "custom notifications made", "people told a month", (12,) * 12
    ),
    Activity("in_life_coaching", "people in life coaching", "people in the month", (60,) * 12),
    Activity(
        "outreach_contacts", "contacts by outreach workers", "contacts a month", (150,) * 12, True
    ),
    Activity("meetings", "shooting reviews held", "meetings a month", (4,) * 12),
    Activity(
        "enforcement_actions",
        "enforcement actions against groups",
        "actions a month",
        (6,) * 12,
        True,
        False,
    ),
)


@dataclass(frozen=True, slots=True)
class Simulated:
    """One record: planned and delivered (87,) by activity."""

    planned: dict[str, np.ndarray]
    delivered: dict[str, np.ndarray]


def months() -> tuple[str, ...]:
    """The 87 months of the record."""
    return between(FIRST, LAST, "month")


def shares() -> np.ndarray:
    """(87,) share of the plan that is delivered in each month on average."""
    names = np.array(months())
    late = np.where(names >= DILUTED, SHARES["diluted"], SHARES["kept"])
    return np.where(names < WHOLE, SHARES["setting up"], late)


def simulated(seed: int = SEED) -> Simulated:
    """Planned and delivered numbers for this seed."""
    planned, delivered = {}, {}
    of_year = np.array([int(month[5:]) - 1 for month in months()])
    for one in ACTIVITIES:
        plan = np.array(one.by_month)[of_year]
        source = draws.stream(seed, f"delivered/{one.column}")
        planned[one.column] = plan
        if one.open_ended:
            u = draws.uniforms(source, len(plan))
            delivered[one.column] = draws.overdispersed_counts(u, plan * shares(), DISPERSION)
        else:
            each = draws.uniforms(source, int(plan.sum())) < np.repeat(shares(), plan)
            ends = np.concatenate(([0], np.cumsum(plan)))
            kept = np.concatenate(([0], np.cumsum(each)))
            delivered[one.column] = kept[ends[1:]] - kept[ends[:-1]]
    return Simulated(planned, delivered)


def files() -> dict[str, str]:
    """Text of the table, its description and the truth, by path."""
    table = simulated()
    columns: dict[str, np.ndarray] = {}
    for one in ACTIVITIES:
        columns[one.column] = table.delivered[one.column]
        if one.written:
            columns[f"{one.column}_planned"] = table.planned[one.column]
    rows = (
        (month, *(int(values[row]) for values in columns.values()))
        for row, month in enumerate(months())
    )
    return written(NAME, csv_text(("month", *columns), rows), _description(), _truth())


def _truth() -> dict[str, Any]:
    return {
        "bit_generator": draws.BitGenerator.__name__,
        "seed": SEED,
        "share_delivered": SHARES,
        "whole_from": WHOLE,
        "diluted_from": DILUTED,
        "dispersion_of_contacts_and_enforcement": DISPERSION,
    }


def _description() -> str:
    columns = [column("month", "period", "period", "calendar month")]
    for one in ACTIVITIES:
        names = [(one.column, one.label)]
        names += [(f"{one.column}_planned", f"{one.label}, planned")] if one.written else []
        columns += [
            column(name, "outcome", "count", one.measure, label=label) for name, label in names
        ]
    title = "Synthetic record of delivery, by month"
    keys = {"frequency": "month", "unit": PLACE, "key": ["month"]}
    return described(NAME, title, NAME, SEED, keys, columns, notes=_NOTES)


_NOTES = """\
An invented record, for testing; no real program delivered this. A column whose name ends in \\
_planned is the plan for the column without that ending. Enforcement had no number planned.\
"""
