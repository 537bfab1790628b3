"""Random effects with drift: one treated unit among units whose log rates wander apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, one_of
from evaluation.did.placebo_changes import HALF, changes, expected_line, exposures, own_noise
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.series.drifting import Blocks, blocks, drifting_step

# Half-normal scale of a unit's own shift at the start. Smaller is sharper, and too sure if units do
# shift then; .1 keeps type I below 7 % when they do by .15 (did_one_city.md).
SHIFT = 0.1
# Blocks a side that show drift; years, if there are so many, since a year has every season.
ENOUGH_BLOCKS = 3
FEWEST_BLOCKS = 2


def fit(cohorts: Cohorts, *, shift: float = SHIFT) -> Answer:
    """The step of one treated unit, with the drift of units learned from every year of all.

    For counts. The two totals of each unit that random-effects compares are split into blocks of
    a year (half a year or a period, when there are not three to a side), and the random walk that
    drives units apart is estimated from all of them, before and after, as is noise beyond the
    Poisson (`evaluation.numeric.series.drifting`). Where units drift, blocks near the start weigh
    most.
    Interval and p come from a mixture of normals over 10 drifts, 6 shifts and 6 noises.

    It finds more than random-effects where units drift, and assumes more: that a unit's own shift
    at the very start is of the order of `shift`, where random-effects takes any up to 1 as likely.

    Parameters
    ----------
    shift : prior standard deviation, on the log scale, of a unit's own shift at the start; 0 for
        none.

    Raises
    ------
    FitError : for more than one treated unit, fewer than two controls, a continuous outcome, fewer
        than two periods on a side, or a negative shift.
    """
    if cohorts.kind != "count":
        raise FitError(fact("did.random-effects-drift.random-effects-drift-counts-use"))
    if not 0 <= shift < np.inf:
        raise FitError(fact("did.random-effects-drift.shift-standard-deviation-log", shift=shift))
    found = changes(cohorts)
    if found.n < 2:
        raise FitError(fact("did.random-effects-drift.single-control-cannot-show-how"))
    rows = np.array([found.treated, *found.controls])
    start = int(cohorts.first[found.treated])
    per_year = calendar.PER_YEAR[cohorts.frequency]
    size = _size(min(start, cohorts.length - start), per_year)
    data = blocks(
        cohorts.y[rows][None],
        exposures(cohorts)[rows][None],
        start,
        size,
        per_year,
        cohorts.skipped,
    )
    step = drifting_step(data, shift)
    answer = one_of("log ratio", step, None)
    return replace(
        answer,
        expected=expected_line(cohorts, found, answer.estimate, added=_added(data)),
        own_noise=own_noise(cohorts, found),
        notes=(
            fact(
                "did.random-effects-drift.spread",
                n=found.n,
                drift=float(step.drift[0]),
                shift=float(step.shift[0]),
            ),
        ),
    )


def _added(data: Blocks) -> tuple[float, float]:
    """What the logarithms of a unit's blocks add to its events before and after."""
    return HALF * int((~data.after).sum()), HALF * int(data.after.sum())


def _size(shorter: int, per_year: int) -> int:
    """Periods a block: the longest of a year, half a year and one period that gives three blocks
    to the shorter side."""
    for size in (per_year, per_year // 2, 1):
        if size and shorter >= ENOUGH_BLOCKS * size:
            return size
    if shorter < FEWEST_BLOCKS:
        raise FitError(fact("did.random-effects-drift.drift-needs", fewest_blocks=FEWEST_BLOCKS))
    return 1
