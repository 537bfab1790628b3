"""What a panel of cohorts must be to be used, and to be judged by clustered errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from evaluation.did.gaps import some
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

if TYPE_CHECKING:
    from evaluation.did.cohorts import Cohorts

LARGEST = 1e75
# Fewer treated or control clusters than this, and clustered intervals reject true nulls in half of
# all cases (the project's inference study, section 3).
FEWEST_CLUSTERS = 6
# Whether unit effects, which are nested in clusters, count as coefficients in the factor of CR1.
Nested = Literal["not counted", "counted"]


def untreated_where_unseen(cohorts: Cohorts) -> Cohorts:
    """The same cohorts; a unit of which no cell under treatment is used is untreated in all that is
    left of it."""
    lost = np.asarray(cohorts.ever & ~cohorts.treated.any(axis=1))
    if not lost.any() or not cohorts.known.any():
        return cohorts
    if (lost == cohorts.ever).all():
        raise FitError(fact("did.usable.no-cell-under-treatment-used"))
    names = some(cohorts.units, lost)
    note = fact("did.usable.no-period-under", names=names)
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
        raise FitError(
            fact(
                "did.usable.unit-treated-nothing-shows-what",
                count=always.sum(),
                throughout=cohorts.on is None,
                names=[cohorts.units[row] for row in np.flatnonzero(always)[:3]],
            )
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
        raise FitError(fact("did.usable.needs-every-period-every", sum=int((~cohorts.used).sum())))
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


def sides(cohorts: Cohorts) -> tuple[int, int]:
    """Clusters that are ever treated, and clusters with a unit that is untreated while others are
    treated: never, not until later, or no longer."""
    # A unit without an untreated cell of its own says nothing of a change.
    under = cohorts.treated.any(axis=1) & cohorts.untreated.any(axis=1)
    spare = cohorts.untreated[:, int(cohorts.cohorts[0]) :].any(axis=1)
    treated, control = (np.unique(cohorts.cluster[rows]) for rows in (under, spare))
    return len(treated), len(control)


def few(treated: int, control: int) -> Fact | None:
    """Why a clustered interval is not valid with so many clusters on either side, or None."""
    if min(treated, control) >= FEWEST_CLUSTERS:
        return None
    alone = min(treated, control)
    return fact(
        "not-valid",
        why=fact(
            "did.usable.few-clusters",
            n=alone,
            treated=treated <= control,
            needed=FEWEST_CLUSTERS,
        ),
    )


def clusters_unused(cohorts: Cohorts, unclustered: bool, errors: str) -> tuple[Fact, ...]:
    """A note when clusters of several units are given to errors that are not by cluster."""
    if not unclustered or len(np.unique(cohorts.cluster)) == cohorts.n:
        return ()
    return (fact("did.usable.clusters-unused", errors=errors),)
