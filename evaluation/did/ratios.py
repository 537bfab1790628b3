"""Log ratios of observed to expected sums, with the jackknife over clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.events import FEWEST_CLUSTERS
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.numeric.linear import t_laws
from evaluation.numeric.poisson_imputation import sums

NONE = -1


@dataclass(frozen=True, slots=True)
class Ratios:
    """k log ratios.

    Parameters
    ----------
    estimate : (k,). away : (G, k) errors whose sum of squares is the variance: what leaving out
        each cluster does, times the root of (G - 1)/G, squares about the estimate. observed,
        expected : (k,) sums. units : (k,) units behind each. clusters : (k,) their clusters. kept :
        (k,) False where there is no ratio: nothing observed or expected, with all clusters or
        without one.
    """

    estimate: np.ndarray
    away: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    units: np.ndarray
    clusters: np.ndarray
    kept: np.ndarray

    @property
    def std_error(self) -> np.ndarray:
        return np.asarray(np.sqrt((self.away**2).sum(axis=0)))

    def term(self, name: str, column: int) -> Term:
        """One of them, t(clusters behind it - 1)."""
        df = max(float(self.clusters[column] - 1), 1.0)
        laws = t_laws(self.estimate[column : column + 1], self.std_error[column : column + 1], df)
        return Term(
            name,
            float(laws.estimate[0]),
            float(laws.std_error[0]),
            df,
            float(laws.low[0]),
            float(laws.high[0]),
            float(laws.p_value[0]),
        )


def ratios(cohorts: Cohorts, control: np.ndarray, labels: Sequence[np.ndarray]) -> Ratios:
    """Log ratios of the sums over cells with the same label.

    Parameters
    ----------
    control : (N, T) cells from which the rest are expected. labels : as in
        `numeric.poisson_imputation.sums`; cells in which nothing can be expected must have none.

    Raises
    ------
    FitError : for outcomes that are not counts, or when nothing can be expected.
    """
    if (cohorts.y < 0).any():
        raise FitError("a ratio of sums needs outcomes that are not negative")
    found = sums(
        cohorts.y, control, cohorts.weight, labels, cohorts.cluster, exposure=cohorts.exposure
    )
    whole = found.ratios
    kept = np.isfinite(whole).all(axis=0)
    groups = len(whole) - 1
    finite = np.where(kept, whole, 0.0)
    away = (finite[1:] - finite[0]) * np.sqrt((groups - 1) / groups)
    clusters = [
        len(np.unique(cohorts.cluster[(label == k).any(axis=1)]))
        for label in labels
        for k in range(int(label.max()) + 1)
    ]
    return Ratios(
        whole[0],
        away,
        found.observed[0],
        found.expected[0],
        found.n,
        np.array(clusters),
        kept,
    )


def known(control: np.ndarray) -> np.ndarray:
    """(N, T) cells whose unit and whose period have a control cell."""
    return np.asarray(control.any(axis=1, keepdims=True) & control.any(axis=0, keepdims=True))


def no_ratio(found: Ratios, column: int, what: str) -> FitError:
    """Why there is no ratio in this column."""
    seen, awaited = found.observed[column], found.expected[column]
    if seen <= 0:
        return FitError(
            f"nothing was observed in {what}, where {awaited:.3g} were expected: the ratio is "
            "nought and has no range. Use a longer window or a more frequent outcome."
        )
    if np.isnan(awaited):
        return FitError(
            f"what is expected in {what} has no finite value: no untreated unit had events both in "
            "these periods and in those they are compared with. Use longer periods or more units."
        )
    if not awaited > 0:
        return FitError(
            f"nothing is expected in {what}: these units had no event before, so there is no ratio"
        )
    return FitError(
        f"the ratio in {what} rests on one cluster: without it nothing is observed or expected, so "
        "the jackknife gives no range"
    )


def few_clusters(cohorts: Cohorts, control: np.ndarray, target: np.ndarray) -> str | None:
    """Why a jackknife over these clusters is not valid, or None.

    Parameters
    ----------
    control, target : (N, T). Controls are counted in the period that has the fewest.
    """
    treated = len(np.unique(cohorts.cluster[target.any(axis=1)]))
    counts = [
        len(np.unique(cohorts.cluster[control[:, t]])) for t in np.flatnonzero(target.any(axis=0))
    ]
    least = min(counts, default=0)
    if min(treated, least) >= FEWEST_CLUSTERS:
        return None
    where = "" if least == max(counts, default=0) else ", in the period with the fewest"
    return (
        f"not valid here: a jackknife needs {FEWEST_CLUSTERS} treated and {FEWEST_CLUSTERS} "
        f"untreated clusters; there are {treated} and {least}{where}"
    )
