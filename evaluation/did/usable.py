"""What a panel of cohorts must be before any method is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.did.gaps import some
from evaluation.errors import FitError

if TYPE_CHECKING:
    from evaluation.did.cohorts import Cohorts

LARGEST = 1e75


def untreated_where_unseen(cohorts: Cohorts) -> Cohorts:
    """The same cohorts; a unit of which no cell under treatment is used is untreated in all that is
    left of it."""
    lost = np.asarray(cohorts.ever & ~cohorts.treated.any(axis=1))
    if not lost.any() or not cohorts.known.any():
        return cohorts
    if (lost == cohorts.ever).all():
        raise FitError("no cell under treatment is used: all are missing or left out")
    names = some(cohorts.units, lost)
    note = f"no period under treatment is used of {names}, so what is left counts as untreated"
    return replace(
        cohorts,
        first=np.where(lost, np.inf, cohorts.first),
        on=None if cohorts.on is None else cohorts.on & ~lost[:, None],
        notes=(*cohorts.notes, note),
    )


def refuse_unusable(cohorts: Cohorts) -> None:
    """Nothing, when a difference-in-differences can use these numbers.

    Raises
    ------
    FitError : for a gap nobody marked, too few periods, a negative count, an exposure or weight
        that is not positive, a unit treated from the first period on, or nobody treated.
    """
    y, first, used = cohorts.y, cohorts.first, cohorts.known
    if y.shape[1] < 2:
        raise FitError("a difference-in-differences needs at least two periods")
    holes = ~np.isfinite(y) & used
    if holes.any():
        unit, at = (int(place) for place in np.argwhere(holes)[0])
        raise FitError(
            f"{cohorts.units[unit]} has no outcome in {cohorts.periods[at]}: the panel is "
            "unbalanced. Narrow the window or leave the unit out, or mark such cells "
            '(gaps="missing") for a method that takes them.'
        )
    if cohorts.kind == "count" and (y < 0).any():
        unit, at = (int(place) for place in np.argwhere(y < 0)[0])
        raise FitError(f"a count is negative: {cohorts.units[unit]} in {cohorts.periods[at]}")
    exposure = cohorts.exposure
    if exposure is not None and exposure.shape == y.shape and np.isnan(exposure).any():
        unit, at = (int(place) for place in np.argwhere(np.isnan(exposure))[0])
        raise FitError(
            f"{cohorts.units[unit]} has no exposure in {cohorts.periods[at]}. Narrow the window or "
            'leave the unit out, or mark such cells (gaps="missing") for a method that takes them.'
        )
    largest = np.abs(y[used]).max()
    if largest > LARGEST:
        raise FitError(
            f"an outcome is {largest:.3g}, too large to be squared and added up; take "
            "another unit of measure"
        )
    if exposure is not None and (
        exposure.shape != y.shape or not (np.isfinite(exposure) & (exposure > 0)).all()
    ):
        raise FitError("the exposure must be positive and as large as the outcomes")
    if not (np.isfinite(cohorts.weight) & (cohorts.weight > 0)).all():
        raise FitError("weights must be positive")
    if (first[np.isfinite(first)] % 1 != 0).any():
        raise FitError("a first treated period must be a whole number")
    always = first <= 0
    if always.any():
        names = ", ".join(np.array(cohorts.units)[always][:3])
        count = int(always.sum())
        when = "every period" if cohorts.on is None else "the first period"
        raise FitError(
            f"{count} unit{' is' if count == 1 else 's are'} treated in {when} ({names}): "
            "nothing shows what went before. Leave out such units, or begin the window earlier. "
            "(Periods are numbered from 0, so a first treated period of 0 is the first of all; a "
            "unit never treated has infinity, numpy.inf.)"
        )
    if not np.isfinite(first).any():
        raise FitError("no unit is treated inside the window")
    if cohorts.phase_in and not (cohorts.strength[cohorts.treated] >= 1).any():
        raise FitError(
            f"no treated period is left after a phase-in of {cohorts.phase_in} periods; use a "
            "shorter one, or a window that ends later"
        )


def refuse_partial(cohorts: Cohorts) -> None:
    """Nothing, when every cell is used and treatment lasts, as most methods need it.

    Raises
    ------
    FitError : otherwise.
    """
    if cohorts.used is not None:
        raise FitError(
            f"this needs every period of every unit, and {int((~cohorts.used).sum())} cells are "
            'not used; leave units with gaps out (gaps="leave out"), or use a shorter window'
        )
    if cohorts.on is not None:
        raise FitError(
            "this is for treatment that lasts, and a program ends inside the window; end the "
            "window before"
        )


def refuse_steps(cohorts: Cohorts) -> None:
    """Nothing, when the effect is not declared to come in by steps.

    Raises
    ------
    FitError : otherwise.
    """
    if cohorts.phase_in:
        raise FitError(
            f"this has no use for a phase-in of {cohorts.phase_in} periods; leave them out with "
            f"washout={cohorts.phase_in}"
        )
