"""Log ratios of observed to expected sums, with the jackknife over clusters.

The ratio of one treated unit to a few controls, as a single time series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, not_valid
from evaluation.did.placebo_changes import exposures
from evaluation.did.usable import FEWEST_CLUSTERS, refuse_partial
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.poisson_imputation import sums
from evaluation.numeric.series.averaged import averaged_share
from evaluation.numeric.series.correlation import AR1_NUGGET
from evaluation.numeric.shared.linear import law, mixture_contrasts

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
        estimate, error = float(self.estimate[column]), float(self.std_error[column])
        return Term(name, estimate, error, df, *law(estimate, error, df))


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
        raise FitError(fact("did.count-ratios.ratio-sums-needs-outcomes-not"))
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


def no_ratio(found: Ratios, column: int, cells: str) -> FitError:
    """Why there is no ratio in this column, of cells whose name has this key."""
    what = fact(cells)
    seen, awaited = found.observed[column], found.expected[column]
    if seen <= 0:
        return FitError(
            fact("did.count-ratios.nothing-was-observed-where-were", what=what, awaited=awaited)
        )
    if np.isnan(awaited):
        return FitError(fact("did.count-ratios.what-expected-has-no-finite", what=what))
    if not awaited > 0:
        return FitError(fact("did.count-ratios.nothing-expected-these-units-had", what=what))
    return FitError(fact("did.count-ratios.ratio-rests-on-one-cluster", what=what))


def few_clusters(cohorts: Cohorts, control: np.ndarray, target: np.ndarray) -> Fact | None:
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
    return not_valid(
        "did.count-ratios.few-clusters",
        needed=FEWEST_CLUSTERS,
        treated=treated,
        least=least,
        alike=least == max(counts, default=0),
    )


# Fewer periods say little about a level with a trend (the project's inference study, section 2).
SHORT, SHORT_SIDE = 36, 18


def fit(
    cohorts: Cohorts, *, trend: Literal["linear", "none"] = "linear", harmonics: int = 2
) -> Answer:
    """The step in the ratio of the treated unit to its controls, by averaged REML.

    For one treated unit with one to four controls, and five to seven as well. The log of the ratio
    of the treated unit's mean to that of the controls' sum has a linear trend, `harmonics` pairs of
    sine and cosine a year, and a step from the start; the log ratio of exposures is an offset.
    Errors are AR(1) with a nugget, averaged over 46 correlation models; interval and p come from
    the mixture of t(n - k). Counts are taken given their sum
    (`evaluation.numeric.series.averaged`), so that the noise of small controls is in the model.
    Periods without any event are left out. With a phase-in the step is the last of even ones, as in
    a series of its own.

    The trend is what keeps it honest: without one a ratio that drifts is taken for an effect in up
    to 38 % of true nulls (the project's inference study, section 3). Bottomley, Scott and Isham
    (2019), Epidemiologic Methods 8, have the controls as an offset and no trend.

    Parameters
    ----------
    trend : of the ratio; "none" carries an objection. harmonics : 0 to 6; those that the frequency
        cannot show are left out.

    Raises
    ------
    FitError : for more than one treated unit, a continuous outcome, no event of the treated unit
        on one side, too few periods, or no convergence.
    """
    refuse_partial(cohorts)
    if trend not in ("linear", "none") or not 0 <= harmonics <= 6:
        raise FitError(fact("did.count-ratios.trend-may-be-linear-none"))
    if cohorts.kind != "count":
        raise FitError(fact("did.count-ratios.ratio-series-counts-use-random"))
    treated = cohorts.one_treated
    controls = np.flatnonzero(~cohorts.ever)
    if not len(controls):
        raise FitError(fact("did.count-ratios.there-no-control-use-interrupted"))
    start = int(cohorts.first[treated])
    y = cohorts.y[treated]
    for before, events in ((True, y[:start]), (False, y[start:])):
        if events.sum() == 0:
            unit = cohorts.units[treated]
            raise FitError(fact("did.count-ratios.no-event-start", units=unit, before=before))
    exposure = exposures(cohorts)
    pool = cohorts.y[controls].sum(axis=0)
    for before, events in ((True, pool[:start]), (False, pool[start:])):
        if events.sum() == 0:
            raise FitError(fact("did.count-ratios.controls-have-no-event-start", before=before))
    notes = [fact("did.count-ratios.controls", n=len(controls))]
    kept = y + pool > 0
    if not kept.all():
        notes.append(fact("did.count-ratios.empty-periods", n=(~kept).sum()))
    offset = np.log(exposure[treated] / exposure[controls].sum(axis=0))
    names, x = _design(cohorts, start, trend == "linear", harmonics)
    time = cohorts.time - cohorts.time[0]
    fitted = averaged_share(
        y[kept], (y + pool)[kept], x[kept], offset[kept], time[kept], AR1_NUGGET
    )
    if not fitted.converged[0]:
        raise FitError(fact("did.count-ratios.averaged-reml-did-not-settle"))
    weights, betas, covs = fitted.weights[0], fitted.betas[0], fitted.covs[0]
    judged = mixture_contrasts(weights, betas, covs, fitted.df, np.eye(len(names)))
    terms = tuple(
        Term(name, *(float(value) for value in row))
        for name, *row in zip(
            names,
            judged.estimate,
            judged.std_error,
            judged.df,
            judged.low,
            judged.high,
            judged.p_value,
            strict=True,
        )
    )
    if len(y) < SHORT or min(start, len(y) - start) < SHORT_SIDE:
        notes.append(fact("did.count-ratios.short", before=start, after=len(y) - start))
    step = terms[-1]
    expected = np.full(cohorts.y.shape, np.nan)
    expected[treated] = pool * np.exp(x[:, :-1] @ fitted.beta[0][:-1] + offset)
    answer = Answer(
        "log ratio", step.estimate, step.std_error, step.low, step.high, step.p_value, step.df
    )
    return replace(
        answer,
        expected=expected,
        terms=terms,
        dispersion=float(weights @ fitted.sigma2[0]),
        notes=tuple(notes),
        objection=None if trend == "linear" else not_valid("did.count-ratios.no-trend"),
    )


def _design(
    cohorts: Cohorts, start: int, trend: bool, harmonics: int
) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and columns, the step last; time is measured in years from the start, or from the end
    of the washout. Periods keep their places in the calendar."""
    per_year = calendar.PER_YEAR[cohorts.frequency]
    time = cohorts.time - cohorts.time[0]
    names, columns = ["intercept"], [np.ones(cohorts.length)]
    if trend:
        names.append("trend")
        columns.append((time - time[start]) / calendar.a_year(cohorts.frequency))
    first = calendar.ordinal(cohorts.periods[0], cohorts.frequency)
    if cohorts.frequency in calendar.MONTHS:
        angle = 2 * np.pi * ((first + time) % per_year) / per_year
    else:
        passed = [calendar.time_of_year(int(first + at), cohorts.frequency) for at in time]
        angle = 2 * np.pi * np.array(passed)
    for h in range(1, min(harmonics, per_year // 2) + 1):
        names.append(f"cosine {h}")
        columns.append(np.cos(h * angle))
        # The sine of the shortest wave is nought in every period.
        if 2 * h < per_year:
            names.append(f"sine {h}")
            columns.append(np.sin(h * angle))
    names.append("step")
    columns.append(cohorts.strength[cohorts.one_treated])
    return tuple(names), np.column_stack(columns)
