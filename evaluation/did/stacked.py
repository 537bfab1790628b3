"""Stacked difference-in-differences: each cohort beside clean controls in a panel of its own.

For each cohort the periods from `before` before its start to `after` after it are taken, with the
units of the cohort and those untreated in all of them; panels that do not fit into the data are
left out. The stacked panels are one regression with effects of unit and of period in each panel, so
that no unit serves as a control once it is treated. Least squares weights the panels by how
informative they are. With "corrective" weights the controls of each panel count as much as its
treated units do among all treated units, and the event-time effects are means over cohorts by their
size, the same cohorts at every event time.

The errors allow for correlation within clusters, across panels too (a unit can be in several):
CR1, G/(G - 1) (n - 1)/(n - K), where n counts stacked cells and K the coefficients and the periods
of all panels, but not the units; t(G - 1).

Cengiz, Dube, Lindner and Zipperer (2019), Quarterly Journal of Economics 134:1405-1454; weights:
Wing, Freedman and Hollingsworth (2024), NBER working paper 32054.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import Curve, band, event_times, rates
from evaluation.did.usable import few, refuse_partial
from evaluation.effect import EventTime
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.absorb import means_out
from evaluation.numeric.shared import clusters
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.linear import orthonormal
from evaluation.numeric.shared.wild import multiplied

Weighting = Literal["corrective", "none"]

DRAWS = 1000
SEED = 1


@dataclass(frozen=True, slots=True)
class _Panel:
    """One cohort with its controls, (n, L): rows of the whole panel, which of them are treated, and
    their weights."""

    rows: np.ndarray
    window: slice
    treated: np.ndarray
    weight: np.ndarray


def fit(
    cohorts: Cohorts,
    *,
    before: int | None = None,
    after: int | None = None,
    weighting: Weighting = "corrective",
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The coefficient of treatment in the stacked panels, with effects by event time.

    The outcome is taken in levels, at the mean exposure when there is one. The estimate compares
    the periods from the start on with all of those before in the window; event times are against
    the last period before.

    Parameters
    ----------
    before, after : periods before the start, and after its first; by default as many as every
        cohort has, so that none is left out. weighting : "corrective" or "none". draws, seed : of
        the multiplier bootstrap behind the band.

    Raises
    ------
    FitError : when no cohort has clean controls in its window, or for a setting that is not
        known.
    """
    refuse_partial(cohorts)
    if weighting not in get_args(Weighting):
        raise FitError(fact("did.stacked.weighting-may-be-corrective-none"))
    starts = cohorts.cohorts
    low = int(starts[0]) if before is None else before
    high = cohorts.length - 1 - int(starts[-1]) if after is None else after
    if low < 1 or high < 0:
        raise FitError(fact("did.stacked.window-must-have-period-before"))
    panels, left_out = _panels(cohorts, low, high, weighting)
    y, relative, notes = rates(cohorts)
    event = np.arange(-low, high + 1)
    free = event != -1
    static = _regress(cohorts, y, panels, (event >= 0)[:, None].astype(float))
    beta, sums, df = static
    error = float(np.sqrt((sums[:, 0] ** 2).sum()))
    answer = t_answer("difference", float(beta[0]), error, df)
    treated = sum(int(panel.treated.sum()) for panel in panels)
    rows: tuple[EventTime, ...] = ()
    with suppress(FitError):  # the estimate does not need effects by event time
        dynamic = _regress(cohorts, y, panels, np.eye(len(event))[:, free])
        curve = _with_reference(event, free, dynamic, treated)
        drawn = multiplied(_sums(dynamic, free), draws, stream(seed, "stacked/multiplier"))
        rows = event_times(curve, band(curve, drawn))
    words = [fact("did.stacked.window", n=len(panels), before=low, after=high + 1)]
    if not rows:
        words.append(fact("did.stacked.few-cells"))
    if left_out:
        words.append(fact("did.stacked.left-out", n=left_out))
    used = [np.unique(cohorts.cluster[panel.rows[panel.treated]]) for panel in panels]
    beside = [np.unique(cohorts.cluster[panel.rows[~panel.treated]]) for panel in panels]
    expected = None
    if not left_out:
        # Of cells past the window of their cohort the panels say nothing.
        past = np.arange(cohorts.length) > cohorts.first[:, None] + high
        expected = (y - np.where(cohorts.treated, float(beta[0]), 0.0)) * relative
        expected[past] = np.nan
    return replace(
        answer,
        expected=expected,
        dynamic=rows,
        relative=relative,
        notes=(*notes, *words),
        objection=few(len(np.unique(np.concatenate(used))), len(np.unique(np.concatenate(beside)))),
    )


def _panels(
    cohorts: Cohorts, low: int, high: int, weighting: Weighting
) -> tuple[list[_Panel], int]:
    found = []
    for start in cohorts.cohorts.tolist():
        window = slice(start - low, start + high + 1)
        own = cohorts.first == start
        clean = cohorts.first > start + high
        if window.start < 0 or window.stop > cohorts.length or not clean.any():
            continue
        rows = np.flatnonzero(own | clean)
        found.append(_Panel(rows, window, own[rows], cohorts.weight[rows].copy()))
    if not found:
        raise FitError(fact("did.stacked.no-cohort-has-untreated-units"))
    if weighting == "corrective":
        size = np.array([panel.weight[panel.treated].sum() for panel in found])
        spare = np.array([panel.weight[~panel.treated].sum() for panel in found])
        factor = (size / size.sum()) / (spare / spare.sum())
        found = [
            replace(panel, weight=np.where(panel.treated, panel.weight, panel.weight * one))
            for panel, one in zip(found, factor, strict=True)
        ]
    return found, len(cohorts.cohorts) - len(found)


def _regress(
    cohorts: Cohorts, y: np.ndarray, panels: list[_Panel], shape: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients (k,), their influence by cluster (G, k) with its factor, and the df.

    Parameters
    ----------
    shape : (L, k) columns that treated units have over the window.
    """
    x, outcome, weight, cluster = [], [], [], []
    for panel in panels:
        indicator = panel.treated[None, :, None] * shape.T[:, None, :]  # (k, n, L)
        x.append(means_out(indicator, panel.weight).reshape(len(indicator), -1))
        outcome.append(means_out(y[panel.rows, panel.window], panel.weight).ravel())
        weight.append(np.repeat(panel.weight, len(shape)))
        cluster.append(np.repeat(cohorts.cluster[panel.rows], len(shape)))
    root = np.sqrt(np.concatenate(weight))
    columns = np.concatenate(x, axis=1).T * root[:, None]
    response = np.concatenate(outcome) * root
    q, triangle = orthonormal(columns)
    inverse = np.linalg.inv(triangle)
    beta = inverse @ (q.T @ response)
    groups = np.unique(np.concatenate(cluster), return_inverse=True)[1]
    scores = clusters.sums((response - columns @ beta)[:, None] * columns, groups)
    count, k = len(scores), columns.shape[1]
    factor = clusters.small_sample(len(response), count, k + len(panels) * len(shape))
    influence = scores @ (inverse @ inverse.T) * np.sqrt(factor)
    return beta, influence, float(count - 1)


def _sums(solved: tuple[np.ndarray, np.ndarray, float], free: np.ndarray) -> np.ndarray:
    """(G, E) influence with noughts for the reference."""
    whole = np.zeros((len(solved[1]), len(free)))
    whole[:, free] = solved[1]
    return whole


def _with_reference(
    event: np.ndarray,
    free: np.ndarray,
    solved: tuple[np.ndarray, np.ndarray, float],
    treated: int,
) -> Curve:
    estimate = np.zeros(len(event))
    estimate[free] = solved[0]
    sums = _sums(solved, free)
    return Curve(event, estimate, sums.T @ sums, np.full(len(event), treated), solved[2])
