"""What a panel of cohorts must be before any method is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.did.gaps import some
from evaluation.errors import FitError
from evaluation.fact import fact

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
        raise FitError(fact("did.usable.no-cell-under-treatment-used"))
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
        raise FitError(fact("did.usable.difference-differences-needs-least-two"))
    holes = ~np.isfinite(y) & used
    if holes.any():
        unit, at = (int(place) for place in np.argwhere(holes)[0])
        raise FitError(
            fact(
                "did.usable.has-no-outcome-panel-unbalanced",
                units=cohorts.units[unit],
                periods=cohorts.periods[at],
            )
        )
    if cohorts.kind == "count" and (y < 0).any():
        unit, at = (int(place) for place in np.argwhere(y < 0)[0])
        raise FitError(
            fact(
                "did.usable.count-negative", units=cohorts.units[unit], periods=cohorts.periods[at]
            )
        )
    exposure = cohorts.exposure
    if exposure is not None and exposure.shape == y.shape and np.isnan(exposure).any():
        unit, at = (int(place) for place in np.argwhere(np.isnan(exposure))[0])
        raise FitError(
            fact(
                "did.usable.has-no-exposure-narrow-window",
                units=cohorts.units[unit],
                periods=cohorts.periods[at],
            )
        )
    largest = np.abs(y[used]).max()
    if largest > LARGEST:
        raise FitError(fact("did.usable.outcome-too-large-be-squared", largest=largest))
    if exposure is not None and (
        exposure.shape != y.shape or not (np.isfinite(exposure) & (exposure > 0)).all()
    ):
        raise FitError(fact("did.usable.exposure-must-be-positive-as"))
    if not (np.isfinite(cohorts.weight) & (cohorts.weight > 0)).all():
        raise FitError(fact("did.usable.weights-must-be-positive"))
    if (first[np.isfinite(first)] % 1 != 0).any():
        raise FitError(fact("did.usable.first-treated-period-must-be"))
    always = first <= 0
    if always.any():
        names = ", ".join(np.array(cohorts.units)[always][:3])
        count = int(always.sum())
        when = "every period" if cohorts.on is None else "the first period"
        raise FitError(
            fact("did.usable.unit-treated-nothing-shows-what", count=count, when=when, names=names)
        )
    if not np.isfinite(first).any():
        raise FitError(fact("did.usable.no-unit-treated-inside-window"))
    if cohorts.phase_in and not (cohorts.strength[cohorts.treated] >= 1).any():
        raise FitError(fact("did.usable.no-treated-period-left-after", phase_in=cohorts.phase_in))


def refuse_partial(cohorts: Cohorts) -> None:
    """Nothing, when every cell is used and treatment lasts, as most methods need it.

    Raises
    ------
    FitError : otherwise.
    """
    if cohorts.used is not None:
        raise FitError(
            fact("did.usable.needs-every-period-every-unit", sum=int((~cohorts.used).sum()))
        )
    if cohorts.on is not None:
        raise FitError(fact("did.usable.treatment-lasts-program-ends-inside"))


def refuse_steps(cohorts: Cohorts) -> None:
    """Nothing, when the effect is not declared to come in by steps.

    Raises
    ------
    FitError : otherwise.
    """
    if cohorts.phase_in:
        raise FitError(fact("did.usable.has-no-use-phase-periods", phase_in=cohorts.phase_in))
