"""The periods around each start: how far before it and after it a treated unit is looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError
from evaluation.fact import fact


def around(cohorts: Cohorts, before: int | None, after: int | None) -> Cohorts:
    """The same units, those that are treated only so far from their own start.

    Over decades places drift apart for reasons of their own, so that a unit's distant years say
    little of what it would have been after its start. Untreated units keep all their periods. One
    treated unit beside others is the same panel between two periods.

    Parameters
    ----------
    before : last periods before the start that are used. after : first periods from the start on,
        the one in which it began counted. None uses all.

    Raises
    ------
    FitError : for fewer than one period on a side, or when nothing is left of what a panel needs.
    """
    if (before is not None and before < 1) or (after is not None and after < 1):
        raise FitError(fact("did.around.before-after-1-period-more"))
    event = cohorts.event
    with np.errstate(invalid="ignore"):
        far = np.zeros(event.shape, dtype=bool)
        if before is not None:
            far |= event < -before
        if after is not None:
            far |= event >= after
    if not far.any():
        return cohorts
    if int(cohorts.ever.sum()) == 1:
        kept = np.flatnonzero(~far[cohorts.one_treated])
        return cohorts.between(int(kept[0]), int(kept[-1]) + 1)
    near = cohorts.leaving_out(far)
    fewer = int(cohorts.known.sum() - near.known.sum())
    note = (
        f"treated units are used {_told(before)} before their start and {_told(after)} from it on; "
        f"{fewer} cell{' is' if fewer == 1 else 's are'} farther away and not used"
    )
    return replace(near, notes=(*near.notes, note))


def _told(number: int | None) -> str:
    if number is None:
        return "in all periods"
    return f"in {number} period{'' if number == 1 else 's'}"
