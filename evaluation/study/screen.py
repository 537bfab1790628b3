"""One plan over many units: the headline of every city or agency in a panel, a row each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np

from evaluation import its
from evaluation.data.panel import Panel
from evaluation.data.partitioned import Partitioned
from evaluation.errors import DataError, FitError, PlanError
from evaluation.files import write_atomically
from evaluation.its.batch import Judged, judge_many
from evaluation.its.series import Series
from evaluation.numeric.shared.multiple_testing import benjamini_hochberg, holm
from evaluation.numeric.shared.parallel import Progress, each
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.plan.schema import Plan, kind_of
from evaluation.study.written import rounded

# Judged together, and sent to one process. It is fixed, whatever the number of processes: the last
# digits of what is fitted together may depend on how many there are.
UNITS_TOGETHER = 200


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """The headline of one outcome of one unit; numbers are None where there is a reason.

    Parameters
    ----------
    estimate, std_error, low, high, p_value : on the scale of the method, as in `Effect`. percent,
        percent_low, percent_high : percent change. p_holm, p_bh : adjusted over all units of this
        outcome (Holm; Benjamini and Hochberg). reason : why there is no estimate, or "".
    """

    unit: str
    outcome: str
    estimate: float | None
    std_error: float | None
    low: float | None
    high: float | None
    p_value: float | None
    percent: float | None
    percent_low: float | None
    percent_high: float | None
    p_holm: float | None
    p_bh: float | None
    reason: str = ""


def each_unit(
    plan: Plan,
    panel: Panel | Partitioned,
    *,
    starts: Mapping[str, str] | None = None,
    progress: Progress = lambda done, total: None,
) -> tuple[UnitEffect, ...]:
    """The plan's headline for every unit as if it were the treated one, by unit and outcome.

    With one start it is a screen, or a placebo test: where the plan's own unit stands among all.
    Inside `evaluation.study.batch_runs.workers` batches of units are spread over processes, to the
    same bytes. From a folder each process reads its own units, so no process holds the whole panel.

    Parameters
    ----------
    plan : of design "its", without sites and without units as controls. panel : the units, whole
        or as a folder. starts : first period of the intervention by unit; units that are not in it
        are left out. None takes the plan's for all. progress : units done and units in all.

    Raises
    ------
    PlanError : when the plan is of another design. DataError : when the data lack an outcome, or a
        unit that starts.
    """
    if plan.design != "its" or plan.sites or (plan.controls and plan.controls.units):
        raise PlanError(
            'a plan for every unit has design = "its", no [[sites]] and no units in [controls]: '
            "each unit is judged by its own time before. Take them out."
        )
    described = panel.description.columns if isinstance(panel, Partitioned) else panel.columns
    known = {column.name for column in described if column.role == "outcome"}
    if absent := [one.column for one in plan.outcomes if one.column not in known]:
        raise DataError(f"no outcome {absent[0]!r}; there are {', '.join(sorted(known))}")
    if starts is not None and (lost := sorted(starts.keys() - set(panel.units))):
        raise DataError(f"a start is given for {lost[0]!r}, which has no row")
    units = tuple(unit for unit in panel.units if starts is None or unit in starts)
    batches = [units[at : at + UNITS_TOGETHER] for at in range(0, len(units), UNITS_TOGETHER)]
    told = _by_units(progress, len(units))
    if isinstance(panel, Partitioned):
        found = each(partial(_read_and_judged, plan, panel, starts), batches, progress=told)
    else:
        parts = [_part(panel, batch) for batch in batches]
        found = each(partial(_judged, plan, starts), parts, progress=told)
    return tuple(_adjusted([row for batch in found for row in batch], plan))


def write_units(rows: Sequence[UnitEffect], path: Path) -> None:
    """The rows as a table, .csv or .parquet, numbers with six digits; the old file or the new.

    Raises
    ------
    DataError : for another ending, or when the folder cannot be written to.
    """
    names = [field.name for field in fields(UnitEffect)]
    made = [rounded(asdict(row), row.unit) for row in rows]
    if path.suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)
        write_atomically(path, text.getvalue(), root=None)
    elif path.suffix == ".parquet":
        import pyarrow
        from pyarrow import parquet

        texts = ("unit", "outcome", "reason")
        schema = pyarrow.schema(
            [(name, pyarrow.string() if name in texts else pyarrow.float64()) for name in names]
        )
        buffer = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(made, schema=schema), buffer)
        write_atomically(path, buffer.getvalue(), root=None)
    else:
        raise DataError(f"{path.name}: ends neither in .csv nor in .parquet. Name it so.")


def _read_and_judged(
    plan: Plan, panel: Partitioned, starts: Mapping[str, str] | None, units: Sequence[str]
) -> list[UnitEffect]:
    return _judged(plan, starts, panel.panel(units))


def _judged(plan: Plan, starts: Mapping[str, str] | None, panel: Panel) -> list[UnitEffect]:
    """The rows of all units of a panel, not yet adjusted."""
    rows: dict[tuple[str, str], UnitEffect] = {}
    for outcome in plan.outcomes:
        method = its.METHODS[plan.method(kind_of(panel.column(outcome.column)))]
        series: dict[str, Series] = {}
        for unit in panel.units:
            own = _plan_of(plan, unit, None if starts is None else starts[unit])
            try:
                window = planned_window(own, panel, outcome.column)
                series[unit] = planned_series(own, panel, outcome.column, window)
            except (DataError, FitError) as fault:
                rows[unit, outcome.column] = _row(unit, outcome.column, None, str(fault))
        verdicts = judge_many(method.set_to(plan.options), list(series.values()))
        for unit, judged in zip(series, verdicts, strict=True):
            known = None if judged.reason else judged
            rows[unit, outcome.column] = _row(unit, outcome.column, known, judged.reason)
    return [rows[unit, one.column] for unit in panel.units for one in plan.outcomes]


def _plan_of(plan: Plan, unit: str, start: str | None) -> Plan:
    """The plan with another unit, and start, in the place of its own."""
    changes: dict[str, object] = {"unit": unit}
    if start is not None:
        changes["intervention"] = plan.intervention.model_copy(update={"start": start})
    return plan.model_copy(update=changes)


def _row(unit: str, outcome: str, judged: Judged | None, reason: str) -> UnitEffect:
    if judged is None:
        return UnitEffect(unit, outcome, *(None,) * 10, reason=reason)
    return UnitEffect(
        unit,
        outcome,
        estimate=judged.estimate,
        std_error=judged.std_error,
        low=judged.low,
        high=judged.high,
        p_value=judged.p_value,
        percent=judged.percent,
        percent_low=judged.percent_low,
        percent_high=judged.percent_high,
        p_holm=None,
        p_bh=None,
        reason="",
    )


def _adjusted(rows: list[UnitEffect], plan: Plan) -> Iterator[UnitEffect]:
    holms: dict[int, float] = {}
    shares: dict[int, float] = {}
    for outcome in plan.outcomes:
        places = [
            place
            for place, row in enumerate(rows)
            if row.outcome == outcome.column and row.p_value is not None
        ]
        p_values = np.array([rows[place].p_value for place in places], dtype=float)
        holms |= dict(zip(places, holm(p_values).tolist(), strict=True))
        shares |= dict(zip(places, benjamini_hochberg(p_values).tolist(), strict=True))
    for place, row in enumerate(rows):
        yield replace(row, p_holm=holms.get(place), p_bh=shares.get(place))


def _part(panel: Panel, units: Sequence[str]) -> Panel:
    """The panel of some of its units."""
    row_of = {unit: row for row, unit in enumerate(panel.units)}
    chosen = np.array([row_of[unit] for unit in units], dtype=int)
    values = {name: table[chosen] for name, table in panel.values.items()}
    return replace(panel, units=tuple(units), values=values)


def _by_units(progress: Progress, total: int) -> Callable[[int, int], None]:
    return lambda done, batches: progress(min(done * UNITS_TOGETHER, total), total)
