"""Power before the data are looked at: what change the planned analysis would find, and how often.

How it is worked out is the design's own, `Design.could_find`. This file is the door of the room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from evaluation.errors import DataError, PlanError
from evaluation.fact import fact
from evaluation.study.designs import DESIGNS
from evaluation.study.evidence import find_root
from evaluation.study.plan.read import read_plan
from evaluation.study.power.power_evidence import PowerEvidence

FEWEST_DRAWS, MOST_DRAWS = 100, 20_000
MOST_EFFECTS = 40

# What is under way, steps done, steps in all.
Progress = Callable[[str, int, int], None]


def power(
    slug: str,
    root: Path | None = None,
    *,
    draws: int | None = None,
    effects: Sequence[float] = (),
    progress: Progress = lambda step, done, total: None,
) -> PowerEvidence:
    """What one plan could find, from the plan and the outcomes before its start alone.

    Parameters
    ----------
    slug : folder under `analyses/`. root : the project folder; None looks upward.
    draws : simulated series, or draws of stand-ins, a point; None takes as many as the method is
        fast for.
        Points are spread over processes inside `evaluation.study.batch_runs.workers`, to the
        same bytes.
    effects : sizes of change in percent, for the curve; falls or rises as the plan's `better` says.
    progress : called after each step.

    Raises
    ------
    PlanError, DataError : for faults in plan, data or settings, before anything is simulated.
    FitError : when the time before the start cannot be fitted.
    """
    from threadpoolctl import threadpool_limits

    _refuse_settings(draws, effects)
    folder = find_root() if root is None else root
    plan_file = read_plan(slug, folder)
    could_find = DESIGNS[plan_file.plan.design].could_find
    if could_find is None:
        known = tuple(
            fact("study.power.design", name=name)
            for name, design in DESIGNS.items()
            if design.could_find is not None
        )
        words = str(fact("study.power.designs-only", designs=known))
        raise PlanError(plan_file.located.fault(("design",), words))
    # One thread: the same bytes on any number of cores, and faster for fits this small.
    with threadpool_limits(1):
        return could_find(plan_file, folder, draws, effects, progress)


def _refuse_settings(draws: int | None, effects: Sequence[float]) -> None:
    if draws is not None and not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise DataError(
            fact("study.power.between", draws=draws, fewest=FEWEST_DRAWS, most=MOST_DRAWS)
        )
    for size in effects:
        if not (math.isfinite(size) and size > 0):
            raise DataError(fact("study.power.above-nought", size=size))
    if len(effects) > MOST_EFFECTS:
        raise DataError(fact("study.power.so-many-sizes", n=len(effects), most=MOST_EFFECTS))
