"""What clustered errors of a regression share: their names, and when they are not valid."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.event_study import FEWEST_CLUSTERS

# Whether unit effects, which are nested in clusters, count as coefficients in the factor of CR1.
Nested = Literal["not counted", "counted"]


def sides(cohorts: Cohorts) -> tuple[int, int]:
    """Clusters that are ever treated, and clusters with a unit that is untreated while others are
    treated: never, not until later, or no longer."""
    # A unit without an untreated cell of its own says nothing of a change.
    under = cohorts.treated.any(axis=1) & cohorts.untreated.any(axis=1)
    spare = cohorts.untreated[:, int(cohorts.cohorts[0]) :].any(axis=1)
    treated, control = (np.unique(cohorts.cluster[rows]) for rows in (under, spare))
    return len(treated), len(control)


def few(treated: int, control: int) -> str | None:
    """Why a clustered interval is not valid with so many clusters on either side, or None."""
    if min(treated, control) >= FEWEST_CLUSTERS:
        return None
    fewer, side = (treated, "treated") if treated <= control else (control, "control")
    clusters = f"{fewer} {side} cluster{'' if fewer == 1 else 's'}"
    how = "about half of the time" if fewer == 1 else "too often"
    return (
        f"not valid here: a clustered error with {clusters} rejects a true null {how}; it needs "
        f"{FEWEST_CLUSTERS} treated and {FEWEST_CLUSTERS} control clusters"
    )


def clusters_unused(cohorts: Cohorts, unclustered: bool, errors: str) -> tuple[str, ...]:
    """A note when clusters of several units are given to errors that are not by cluster."""
    if not unclustered or len(np.unique(cohorts.cluster)) == cohorts.n:
        return ()
    return (f"not used by errors {errors!r}: the clusters",)
