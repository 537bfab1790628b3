"""One plan over many units: the headline of every city or agency in a panel, a row each.

`screen` is what the command does; `each_unit` is for a panel that is held.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from pathlib import Path

import numpy as np

from evaluation.data.cells import CellError, ordinal
from evaluation.data.panel import Column, Panel
from evaluation.data.partitioned import Partitioned, partitioned
from evaluation.data.read import read_panel
from evaluation.data.table import read_csv
from evaluation.data.told_table import content_of
from evaluation.data.toml_places import did_you_mean, shown_in
from evaluation.errors import DataError, FitError, PlanError
from evaluation.files import write_atomically
from evaluation.its.alone import barred
from evaluation.its.batch import Judged, judge_many
from evaluation.its.series import Series
from evaluation.numeric.shared.parallel import Progress, each
from evaluation.numeric.shared.permutation import benjamini_hochberg, holm
from evaluation.study.build.recorded import of_us_crime, planned_method
from evaluation.study.build.series import planned_panel, planned_series, planned_window
from evaluation.study.evidence import about
from evaluation.study.plan.read import read_plan
from evaluation.study.plan.schema import Plan
from evaluation.study.written import rounded

# Judged together, and sent to one process. It is fixed, whatever the number of processes: the last
# digits of what is fitted together may depend on how many there are.
UNITS_TOGETHER = 200
ENDINGS = (".csv", ".json", ".parquet")
STARTS = ("unit", "start")
_TAKE_OUT = "Take them out, in a study of its own."


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


@dataclass(frozen=True, slots=True)
class Screened:
    """What `screen` finds.

    Parameters
    ----------
    private : whether the table is marked so: then only its owner may read what is written of it.
    """

    rows: tuple[UnitEffect, ...]
    private: bool


def screen(
    slug: str,
    root: Path,
    *,
    data: Path | None = None,
    starts: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> Screened:
    """The headline of a study's plan for every unit of a table, as `each_unit`.

    Parameters
    ----------
    slug : folder name under `analyses/`. root : the project folder. data : a table, or a folder of
        Parquet files with a `dataset.toml`; None takes the table of the plan. starts : a CSV file
        with the columns unit and start; units that are not in it are left out. progress : units
        done and units in all.

    Raises
    ------
    PlanError, DataError : with every fault of plan, table or starts, each at its place.
    """
    plan_file = read_plan(slug, root)
    plan, located = plan_file.plan, plan_file.located
    wrong: dict[str, str] = {}
    if not about(plan.design).of_series:
        wrong["design"] = f'is {plan.design!r}; a screen needs "its".'
    else:
        if plan.sites:
            wrong["sites"] = f"a screen judges each unit alone. {_TAKE_OUT}"
        if plan.controls and plan.controls.units:
            wrong["controls"] = f"a screen judges each unit by its own time before. {_TAKE_OUT}"
    if wrong:
        raise PlanError([located.fault((key,), message) for key, message in wrong.items()])
    panel: Panel | Partitioned
    if data is None:
        panel = planned_panel(plan, root)
    else:
        panel = partitioned(data) if data.is_dir() else read_panel(data, root)
    known = {column.name for column in _columns(panel) if column.role == "outcome"}
    absent = [
        located.fault(
            ("outcomes", number, "column"),
            f"no outcome {one.column!r} in the table.{did_you_mean(one.column, sorted(known))}",
        )
        for number, one in enumerate(plan.outcomes)
        if one.column not in known
    ]
    if absent:
        raise PlanError(absent)
    given = None if starts is None else _starts(starts, root, panel)
    found = panel.description if isinstance(panel, Partitioned) else panel.provenance
    rows = each_unit(plan, panel, starts=given, progress=progress)
    return Screened(rows, found.sensitivity == "private")


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
    if not about(plan.design).of_series or plan.sites or (plan.controls and plan.controls.units):
        raise PlanError(
            'a plan for every unit has design = "its", no [[sites]] and no units in [controls]: '
            "each unit is judged by its own time before. Take them out."
        )
    known = {column.name for column in _columns(panel) if column.role == "outcome"}
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


def write_units(
    rows: Sequence[UnitEffect], path: Path, *, root: Path | None = None, private: bool = False
) -> None:
    """The rows as a table, .csv, .json or .parquet, numbers with six digits; the old file or the
    new.

    Parameters
    ----------
    root : the project folder, which no link may lead out of; None for a file that the user named.
    private : whether only its owner may read it, as `Screened` says.

    Raises
    ------
    DataError : for another ending, or when the folder cannot be written to.
    """
    check_ending(path)
    names = [field.name for field in fields(UnitEffect)]
    made = [rounded(asdict(row), row.unit) for row in rows]
    content: str | bytes
    if path.suffix == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)
        content = text.getvalue()
    elif path.suffix == ".json":
        content = units_json(rows)
    else:
        import pyarrow
        from pyarrow import parquet

        texts = ("unit", "outcome", "reason")
        schema = pyarrow.schema(
            [(name, pyarrow.string() if name in texts else pyarrow.float64()) for name in names]
        )
        buffer = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(made, schema=schema), buffer)
        content = buffer.getvalue()
    write_atomically(path, content, root=root, private=private)


def units_json(rows: Sequence[UnitEffect]) -> str:
    """The rows as a list of objects, a row a line."""
    made = [json.dumps(rounded(asdict(row), row.unit), ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(made) + "\n]\n"


def check_ending(path: Path) -> None:
    """Nothing, when `write_units` can write a file of this name.

    Raises
    ------
    DataError : for another ending.
    """
    if path.suffix not in ENDINGS:
        raise DataError(f"{path.name}: ends in none of {', '.join(ENDINGS)}. Name it so.")


def _columns(panel: Panel | Partitioned) -> Sequence[Column]:
    return panel.description.columns if isinstance(panel, Partitioned) else panel.columns


def _starts(path: Path, root: Path, panel: Panel | Partitioned) -> dict[str, str]:
    """First period of the intervention by unit, from a CSV file."""
    table, findings = read_csv(content_of(path, shown_in(path, root)), shown_in(path, root))
    frequency = (panel.description if isinstance(panel, Partitioned) else panel).frequency
    if table.header != STARTS:
        message = f"the columns must be {' and '.join(STARTS)}, in this order, and no others."
        findings.add("header", table.header_line, message)
        raise DataError(findings.faults())
    known = set(panel.units)
    found: dict[str, str] = {}
    for line, (unit, start) in table.rows:
        if unit not in known:
            near = did_you_mean(unit, panel.units)
            findings.add("no unit", line, f"no unit {unit!r} in the table.{near}", cell=0)
        elif unit in found:
            findings.add("twice", line, f"{unit!r} is there twice. Keep one row.", cell=0)
        try:
            ordinal(start, frequency, "start")
        except CellError as fault:
            findings.add("start", line, str(fault), cell=1)
        found[unit] = start
    if not table.rows:
        findings.add("no rows", table.header_line, "no rows follow the header. Add them.")
    if faults := findings.faults():
        raise DataError(faults)
    return found


def _read_and_judged(
    plan: Plan, panel: Partitioned, starts: Mapping[str, str] | None, units: Sequence[str]
) -> list[UnitEffect]:
    return _judged(plan, starts, panel.panel(units))


def _judged(plan: Plan, starts: Mapping[str, str] | None, panel: Panel) -> list[UnitEffect]:
    """The rows of all units of a panel, not yet adjusted."""
    rows: dict[tuple[str, str], UnitEffect] = {}
    for outcome in plan.outcomes:
        column = panel.column(outcome.column)
        method = planned_method(plan, column)
        series: dict[str, Series] = {}
        for unit in panel.units:
            own = _plan_of(plan, unit, None if starts is None else starts[unit])
            try:
                window = planned_window(own, panel, outcome.column)
                series[unit] = planned_series(own, panel, outcome.column, window)
            except (DataError, FitError) as fault:
                rows[unit, outcome.column] = _row(unit, outcome.column, None, str(fault))
        verdicts = judge_many(method, list(series.values()))
        for unit, judged in zip(series, verdicts, strict=True):
            why = judged.reason or _barred(series[unit], panel, unit, column)
            known = None if why else judged
            rows[unit, outcome.column] = _row(unit, outcome.column, known, why)
    return [rows[unit, one.column] for unit in panel.units for one in plan.outcomes]


def _barred(series: Series, panel: Panel, unit: str, column: Column) -> str:
    """Why no effect may be read out of the series of a unit alone; "" when nothing bars it."""
    why = barred(series, of_us_crime=of_us_crime(panel, unit, column))
    return "" if why is None else str(why)


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
