"""The series that a plan asks for: one unit, or one with its controls or its sister sites.

The table of outcomes that a plan names, with the further tables whose units join it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evaluation.data.joined import joined
from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.its.series import Series, pooled
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.plan.schema import Plan
from evaluation.study.plan.tables import PlannedControls


def planned_series(
    plan: Plan,
    panel: Panel,
    outcome: str,
    window: tuple[str, str],
    change: Change = AS_PLANNED,
) -> Series:
    """The series of one outcome column with the design of the plan.

    Parameters
    ----------
    outcome : a planned column, or one that the program should not move. window : first and last
        period used, from `planned_window`. change : for an alternative.

    Raises
    ------
    DataError : when the panel lacks what the plan names; `check_against_data` says it better.
    FitError : when the design cannot be built.
    """
    start = change.begin(plan)
    main = _of_unit(plan, panel, outcome, plan.unit, start, window, change)
    if plan.sites:
        others = [
            _of_unit(plan, panel, outcome, site.unit, site.start, window, change)
            for site in plan.sites
        ]
        return main.joined(others)
    if plan.controls is None or not change.beside_controls():
        return main
    return main.beside(_controls(plan, plan.controls, panel, outcome, start, window, change))


def planned_window(plan: Plan, panel: Panel, outcome: str | None = None) -> tuple[str, str]:
    """First and last period analyzed: the plan's window, ended where the intervention ends.

    Parameters
    ----------
    outcome : whose own periods bound it; None for the window of the study.
    """
    row = panel.unit_index(plan.unit)
    values = panel.values[plan.outcomes[0].column][row]
    covered = [text for text, value in zip(panel.periods, values, strict=True) if value == value]
    first, last = plan.window.first or covered[0], plan.window.last or covered[-1]
    first, last = plan.within(outcome, (first, last))
    end = plan.intervention.end
    # With a described fade, or a later phase, the periods after the end show it.
    stops = end is not None and not plan.intervention.fade and not plan.later
    return first, (min(last, end) if stops and end is not None else last)


def _of_unit(
    plan: Plan,
    panel: Panel,
    outcome: str,
    unit: str,
    start: str,
    window: tuple[str, str],
    change: Change,
) -> Series:
    return Series.from_panel(
        panel,
        outcome=outcome,
        unit=unit,
        start=start,
        specification=change.terms(plan),
        window=window,
        dose=plan.intervention.dose,
        later=plan.interruptions(panel.frequency),
        pulses=plan.pulses(panel.frequency),
        gaps="missing" if plan.window.gaps == "missing" else "refuse",
    )


def _controls(
    plan: Plan,
    controls: PlannedControls,
    panel: Panel,
    outcome: str,
    start: str,
    window: tuple[str, str],
    change: Change,
) -> list[Series]:
    if controls.outcome is not None:
        other = _of_unit(plan, panel, controls.outcome, plan.unit, start, window, change)
        # Named by what it is, since its unit is that of the treated series.
        label = panel.column(controls.outcome).label
        return [replace(other, rows=replace(other.rows, names=(label,)))]
    each = [_of_unit(plan, panel, outcome, unit, start, window, change) for unit in controls.units]
    if len(each) == 1 or not controls.pooled:
        return each
    return [pooled(each, controls.weights or None)]


def planned_panel(plan: Plan, root: Path) -> Panel:
    """The outcomes of every unit of the plan's tables.

    Parameters
    ----------
    root : the project folder.

    Raises
    ------
    DataError : for faults of a table, or tables that cannot be read as one.
    """
    return joined(
        read_panel(root / plan.data, root), [read_panel(root / path, root) for path in plan.beside]
    )
