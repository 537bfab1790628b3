"""What was delivered of a program, period by period, beside what was planned.

The table is read as any other: one place, one row a period, a count a column. A column named
`X_planned` is the plan for the column `X`; what has no such column had no number planned.

A published number beside a result of this project, with what differs between the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evaluation.data import period
from evaluation.data.description import description_path
from evaluation.data.panel import Panel, Provenance
from evaluation.data.read import read_panel
from evaluation.data.toml_places import did_you_mean, read
from evaluation.errors import DataError, Fault

PLANNED: Final = "_planned"


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that is delivered.

    Parameters
    ----------
    label : as a sentence names it, such as "call-ins held". measure : its unit.
    delivered : (T,) in each period. planned : (T,) planned for it, or empty when nothing was.
    """

    name: str
    label: str
    measure: str
    delivered: tuple[float, ...]
    planned: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record of delivery.

    Parameters
    ----------
    place : where. frequency : of its periods. periods : (T,) written, gap-free.
    activities : in the order of the table.
    """

    provenance: Provenance
    place: str
    frequency: period.Frequency
    periods: tuple[str, ...]
    activities: tuple[Activity, ...]


def read_delivery(path: Path, root: Path) -> Delivery:
    """The record of delivery in a CSV or Parquet file, described by the `dataset.toml` beside it.

    Parameters
    ----------
    path : the table. root : the project folder, to which the paths in messages are relative.

    Raises
    ------
    DataError : with every fault found: those of `read_panel`, more than one place, and a plan for
        something that no column counts.
    """
    panel = read_panel(path, root)
    faults = [*_place_faults(panel), *_pair_faults(panel, path)]
    if faults:
        raise DataError(faults)
    columns = panel.named("outcome")
    panel.refuse_gaps([one.name for one in columns], panel.units, 0, len(panel.periods) - 1)
    values = {column.name: tuple(map(float, panel.values[column.name][0])) for column in columns}
    return Delivery(
        provenance=panel.provenance,
        place=panel.units[0],
        frequency=panel.frequency,
        periods=panel.periods,
        activities=tuple(
            Activity(
                column.name,
                column.label,
                column.measure,
                values[column.name],
                values.get(f"{column.name}{PLANNED}", ()),
            )
            for column in columns
            if not column.name.endswith(PLANNED)
        ),
    )


def _place_faults(panel: Panel) -> list[Fault]:
    if len(panel.units) == 1:
        return []
    message = (
        f"is of {len(panel.units)} places. A record of delivery is of one; add them up, or keep "
        "the one that the plan is about."
    )
    return [Fault(panel.provenance.file, None, None, message)]


def _pair_faults(panel: Panel, path: Path) -> list[Fault]:
    """Plans for something that is not counted, and plans in another unit than what they plan."""
    beside = description_path(path, panel.provenance.file)
    located = read(beside, panel.provenance.description_file, DataError)
    measures = {column.name: column.measure for column in panel.named("outcome")}
    faults = []
    for name, measure in measures.items():
        if not name.endswith(PLANNED):
            continue
        counted = name.removesuffix(PLANNED)
        if counted not in measures:
            others = [other for other in measures if not other.endswith(PLANNED)]
            message = (
                f"is the plan for {counted!r}, which no column with the role outcome counts. "
                f"Add it, or rename this one.{did_you_mean(counted, others)}"
            )
            faults.append(located.fault(("columns", name), message))
        elif measure != measures[counted]:
            message = f"{measure!r} is not the unit of {counted!r}, {measures[counted]!r}."
            faults.append(located.fault(("columns", name, "measure"), message))
    return faults


@dataclass(frozen=True, slots=True)
class BesidePublished:
    """One published result that a plan sets beside its own.

    Parameters
    ----------
    column : the outcome of the study that stands beside it, or "" for the primary one.
    differences : what differs, each as the aspect and the words of the plan.
    place_id : of the published result, or "". The rest as in `data.published`.
    """

    study: str
    outcome: str
    site: str
    place_id: str
    years: str
    design: str
    measure: str
    effect: float | None
    low: float | None
    high: float | None
    level: float | None
    p_value: float | None
    found: str
    source: str
    read_in: str
    certainty: str
    column: str
    differences: tuple[tuple[str, str], ...]
