"""Two groups and two times: the change of the treated less the change of the others.

The panel is collapsed to one time before and one after, which takes serial correlation out of the
errors altogether (Bertrand, Duflo and Mullainathan 2004, Quarterly Journal of Economics
119:249-275), and is then a two-way regression of two periods.

Continuous outcomes: means a unit; the difference has CR2 errors with Satterthwaite's degrees of
freedom. For one unit a cluster the error is Welch's of the changes, variances unequal; the degrees
of freedom are those of Bell and McCaffrey, which do not look at the variances.
Counts: totals a unit with total exposures; the log ratio of ratios, with errors from leaving out
one cluster at a time (CR3), t(min(treated, control clusters) - 1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did import poisson_twfe, twfe
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.did.events import rates
from evaluation.did.usable import refuse_partial
from evaluation.errors import FitError


def fit(cohorts: Cohorts) -> Answer:
    """The difference in differences of means, or the log ratio of ratios of totals.

    Raises
    ------
    FitError : for more than one start, a single treated or control cluster, and as
        `evaluation.did.twfe.fit` or `evaluation.did.poisson_twfe.fit`.
    """
    refuse_partial(cohorts)
    starts = cohorts.cohorts
    if len(starts) > 1:
        raise FitError(
            f"treatment starts at {len(starts)} different times; two-by-two is for one. Use "
            "callaway-santanna or imputation"
        )
    for rows, side in ((cohorts.ever, "treated"), (~cohorts.ever, "control")):
        if len(np.unique(cohorts.cluster[rows])) < 2:
            raise FitError(
                f"one {side} cluster shows nothing about how far changes differ; use "
                "random-effects, or with few controls ratio-series"
            )
    start = int(starts[0])
    pair = collapsed(cohorts, start)
    if cohorts.kind == "count":
        answer = poisson_twfe.fit(pair, errors="CR3")
    else:
        answer = twfe.fit(pair, errors="CR2")
    line = _expected(cohorts, pair, answer, start)
    relative = None if cohorts.kind == "count" else rates(cohorts)[1]
    return replace(answer, expected=line, relative=relative)


def collapsed(cohorts: Cohorts, start: int) -> Cohorts:
    """The same units in two periods, before `start` and from it on: totals of counts and of
    exposures, means of continuous outcomes (at the mean exposure of each)."""

    def two(table: np.ndarray, total: bool) -> np.ndarray:
        pieces = (table[:, :start], table[:, start:])
        return np.column_stack([p.sum(axis=1) if total else p.mean(axis=1) for p in pieces])

    count = cohorts.kind == "count"
    return replace(
        cohorts,
        y=two(cohorts.y, count),
        exposure=None if cohorts.exposure is None else two(cohorts.exposure, count),
        first=np.where(cohorts.ever, 1.0, np.inf),
        periods=(cohorts.periods[0], cohorts.periods[start]),
    )


def _expected(cohorts: Cohorts, pair: Cohorts, answer: Answer, start: int) -> np.ndarray:
    """(N, T) each unit at its own level, moving as the controls together do.

    Levels are those of the collapsed fit, so that table, figure and estimate agree.
    """
    controls = ~cohorts.ever
    fitted = np.asarray(answer.expected)
    if cohorts.kind == "count":
        exposure = np.ones(cohorts.y.shape) if cohorts.exposure is None else cohorts.exposure
        rate = cohorts.y[controls].sum(axis=0) / exposure[controls].sum(axis=0)
        shape = rate * exposure
        line = np.empty(cohorts.y.shape)
        for column, side in enumerate((slice(start), slice(start, None))):
            whole = shape[:, side].sum(axis=1)
            line[:, side] = shape[:, side] * (fitted[:, column] / whole)[:, None]
        return line
    values, relative, _ = rates(cohorts)
    path = np.average(values[controls], axis=0, weights=cohorts.weight[controls])
    pieces = [
        (path[side] - path[side].mean()) * relative[:, side] + fitted[:, [column]]
        for column, side in enumerate((slice(start), slice(start, None)))
    ]
    return np.hstack(pieces)
