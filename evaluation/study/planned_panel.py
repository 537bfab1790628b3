"""The table of outcomes that a plan names, with the further tables whose units join it."""

from __future__ import annotations

from pathlib import Path

from evaluation.data.joined import joined
from evaluation.data.panel import Panel
from evaluation.data.read import read_panel
from evaluation.study.planned import Plan


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
