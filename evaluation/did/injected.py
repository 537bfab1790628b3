"""Programs that never were: units without a program take the place of the treated, and a known
change is put into what was recorded of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.errors import FitError


def stand_ins(cohorts: Cohorts) -> int:
    """How many units without a program there are to stand in for the treated.

    Raises
    ------
    FitError : when they are too few to stand in for the treated and be compared too, or when whole
        clusters are treated, for which no single unit can stand in.
    """
    treated, never = int(cohorts.ever.sum()), int((~cohorts.ever).sum())
    if len(np.unique(cohorts.cluster)) < cohorts.n:
        raise FitError(
            "what could be found cannot be simulated where whole clusters are treated: no single "
            "unit without a program can stand in for one"
        )
    if never < 2 * treated or never - treated < 2:
        raise FitError(
            f"what could be found cannot be simulated: {never} units without a program are too few "
            f"to stand in for {treated} treated and be compared with; "
            f"{max(2 * treated, treated + 2)} are needed"
        )
    return never


def standing_in(cohorts: Cohorts, chosen: np.ndarray) -> Cohorts:
    """The units without a program alone, some of them with the starts, ends and cells left out of
    the treated ones, each as large as it is.

    Parameters
    ----------
    chosen : (M,) different places among the never treated, one for each treated unit in order.
    """
    treated, never = np.flatnonzero(cohorts.ever), np.flatnonzero(~cohorts.ever)
    rows = never[chosen]
    order = np.concatenate([rows, np.setdiff1d(never, rows)])
    count = len(treated)
    first = np.concatenate([cohorts.first[treated], np.full(len(order) - count, np.inf)])
    used = cohorts.known[order].copy()
    used[:count] &= cohorts.known[treated]
    on = None
    if cohorts.on is not None:
        on = np.zeros(used.shape, dtype=bool)
        on[:count] = cohorts.on[treated]
    whole = bool(used.all())
    exposure = None if cohorts.exposure is None else cohorts.exposure[order]
    return replace(
        cohorts,
        y=np.where(used, cohorts.y[order], np.nan),
        exposure=None if exposure is None else np.where(used, exposure, 1.0),
        first=first,
        covariates=cohorts.covariates[order],
        cluster=np.arange(len(order)),
        weight=cohorts.weight[order],
        units=tuple(cohorts.units[row] for row in order),
        used=None if whole else used,
        on=on,
        notes=(),
    )


def events(cohorts: Cohorts) -> int:
    """Random numbers that `with_change` needs: one an event under treatment, or none."""
    if cohorts.kind != "count":
        return 0
    return int(cohorts.y[cohorts.treated].sum())


def with_change(cohorts: Cohorts, percent: float, u: np.ndarray) -> Cohorts:
    """The same panel after a change of this size in every cell under treatment.

    Of a count each event is kept, or repeated, by its own random number, so that counts stay
    counts and vary as they do; other outcomes are multiplied. A phase-in comes in by its steps.

    Parameters
    ----------
    percent : above -100. u : (E,) uniforms from `events`, the same for every change.
    """
    share = percent / 100 * cohorts.strength
    here = cohorts.treated
    y = cohorts.y.copy()
    if cohorts.kind != "count":
        y[here] *= 1 + share[here]
        return replace(cohorts, y=y)
    counts = y[here].astype(int)
    of_event = np.repeat(share[here], counts)
    sure = np.floor(np.maximum(of_event, 0.0))
    more = np.where(of_event < 0, -(u < -of_event).astype(float), sure + (u < of_event - sure))
    ends = np.cumsum(counts)
    sums = np.concatenate([[0.0], np.cumsum(more)])
    y[here] = counts + sums[ends] - sums[ends - counts]
    return replace(cohorts, y=y)
