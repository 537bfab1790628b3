"""Two-way fixed effects by least squares on the cells that are used, for panels with gaps.

Unit and period effects are taken out of the rows that there are (`numeric.absorb`), so the
coefficient and CR1 are those of a regression with dummies on these rows. Rows alone in their unit
or period say nothing and are left out. CR3 leaves out one cluster at a time
and fits again, factor (G - 1)/G, squares about the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.usable import sides
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.absorb import absorb, absorbed_rank, numbered, without_singletons
from evaluation.numeric.shared import clusters
from evaluation.numeric.shared.linear import RANK_TOLERANCE


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a panel that say something.

    unit, period, cluster : (n,) numbers from 0. y, d, weight : (n,) outcome, treatment, weight.
    """

    unit: np.ndarray
    period: np.ndarray
    cluster: np.ndarray
    y: np.ndarray
    d: np.ndarray
    weight: np.ndarray

    def keeping(self, kept: np.ndarray) -> _Rows:
        return _Rows(
            numbered(self.unit[kept]),
            numbered(self.period[kept]),
            numbered(self.cluster[kept]),
            self.y[kept],
            self.d[kept],
            self.weight[kept],
        )


def fit(cohorts: Cohorts, y: np.ndarray, errors: str, counted: bool) -> tuple[Answer, np.ndarray]:
    """The answer with "CR0", "CR1" or "CR3" errors, and what is expected without treatment, (N, T),
    NaN where a cell says nothing.

    Parameters
    ----------
    y : (N, T) outcomes, read in the cells that are used. counted : whether unit effects count in
        the factor of CR1.

    Raises
    ------
    FitError : for other errors, or a treatment that units and periods determine.
    """
    if errors not in ("CR0", "CR1", "CR3"):
        raise FitError(fact("did.twfe-gaps.errors-panels-without-gaps-take", errors=errors))
    unit, period = np.nonzero(cohorts.known)
    kept = without_singletons([unit, numbered(period)])
    if not kept.any():
        raise FitError(fact("did.twfe-gaps.no-unit-has-two-periods"))
    whole = _Rows(
        unit,
        period,
        cohorts.cluster[unit],
        y[unit, period],
        cohorts.strength[unit, period],
        cohorts.weight[unit],
    ).keeping(kept)
    left, beta, bread = _solve(whole)
    residuals = left[:, 1] - beta * left[:, 0]
    expected = np.full(cohorts.y.shape, np.nan)
    expected[unit[kept], period[kept]] = whole.y - beta * whole.d - residuals
    groups = int(whole.cluster.max()) + 1
    if errors == "CR3":
        return _jackknife(cohorts, whole, beta), expected
    scores = (whole.weight * left[:, 0] * residuals)[:, None]
    cov = clusters.covariance(clusters.sums(scores, whole.cluster), np.array([[bread]]))
    own = 0 if counted else int(whole.unit.max())
    parameters = 1 + absorbed_rank([whole.unit, whole.period]) - own
    factor = clusters.small_sample(len(whole.y), groups, parameters) if errors == "CR1" else 1.0
    error = float(np.sqrt(max(float(cov[0, 0]) * factor, 0.0)))
    return t_answer("difference", beta, error, groups - 1), expected


def _solve(rows: _Rows) -> tuple[np.ndarray, float, float]:
    """(n, 2) treatment and outcome without unit and period effects, the coefficient, and the
    inverse of the treatment's sum of squares."""
    columns = np.column_stack([rows.d, rows.y])
    left = absorb(columns, [rows.unit, rows.period], rows.weight)
    square = float(rows.weight @ left[:, 0] ** 2)
    if square <= RANK_TOLERANCE * float(rows.weight @ rows.d):
        raise FitError(fact("did.twfe-gaps.treatment-cannot-be-told-from"))
    return left, float(rows.weight @ (left[:, 0] * left[:, 1])) / square, 1 / square


def _jackknife(cohorts: Cohorts, whole: _Rows, beta: float) -> Answer:
    groups = int(whole.cluster.max()) + 1
    away = np.empty(groups)
    for group in range(groups):
        kept = whole.cluster != group
        rest = whole.keeping(kept) if kept.any() else whole
        try:
            alone = ~without_singletons([rest.unit, rest.period])
            away[group] = _solve(rest.keeping(~alone) if alone.any() else rest)[1]
        except FitError as fault:
            raise FitError(fact("did.twfe-gaps.without-one-clusters-there-no")) from fault
    error = float(np.sqrt((groups - 1) / groups * ((away - beta) ** 2).sum()))
    return t_answer("difference", beta, error, float(max(min(sides(cohorts)) - 1, 1)))
