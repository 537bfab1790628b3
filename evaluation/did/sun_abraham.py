"""Sun and Abraham: two-way fixed effects saturated in cohort and event time, then averaged.

Conventions are those of `sunab` in the R package fixest. The reference is the last period before
treatment (less the anticipated ones) of every cohort, and never-treated units, or without any the
last cohort, whose treated periods are then left out. On a balanced panel the regression's
coefficients are differences of mean changes, so none is run. Averages weight cohorts by their
observations at that event time, taken as known. Errors are clustered (CR1) with the factor
G/(G - 1) times (n - 1)/(n - K), where n counts cells and K the coefficients and the periods, but
not the units, which are nested in clusters; the distribution is t(G - 1).

Sun and Abraham (2021), Journal of Econometrics 225:175-199.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import (
    Curve,
    against_last_cohort,
    band,
    cluster_factor,
    event_times,
    rates,
    thin,
    too_few,
)
from evaluation.did.usable import refuse_partial
from evaluation.fact import Fact
from evaluation.numeric.panel.group_time import by_share, cells, mean_effects, side_by_side
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import by_cluster, multiplied

DRAWS = 1000
SEED = 1


@dataclass(frozen=True, slots=True)
class _Solved:
    """The headline and its error, the curve, its influence by cluster, and what to say."""

    used: Cohorts
    estimate: float
    std_error: float
    curve: Curve
    sums: np.ndarray
    expected: np.ndarray | None
    relative: np.ndarray | None
    notes: tuple[Fact, ...]


def fit(cohorts: Cohorts, *, anticipation: int = 0, draws: int = DRAWS, seed: int = SEED) -> Answer:
    """The average effect over treated cells, with effects by event time; t(G - 1) intervals.

    The outcome is taken in levels, at the mean exposure when there is one. The reference period is
    in `dynamic` as nought without an error.

    Parameters
    ----------
    anticipation : periods before treatment in which an effect may show. draws, seed : of the
        multiplier bootstrap (Rademacher) behind the band.

    Raises
    ------
    FitError : without untreated units or a second cohort, with a single control, or when no period
        before treatment is left.
    """
    solved = _solve(cohorts, anticipation)
    drawn = multiplied(solved.sums, draws, stream(seed, "sun-abraham/multiplier"))
    return replace(
        t_answer("difference", solved.estimate, solved.std_error, solved.curve.df),
        expected=solved.expected,
        relative=solved.relative,
        dynamic=event_times(solved.curve, band(solved.curve, drawn)),
        notes=(*solved.notes, *thin(solved.curve)),
        objection=too_few(solved.used),
    )


def curve(cohorts: Cohorts, *, anticipation: int = 0) -> Curve:
    """Effects by event time with their joint covariance.

    Raises
    ------
    FitError : as `fit`.
    """
    return _solve(cohorts, anticipation).curve


def _solve(cohorts: Cohorts, anticipation: int) -> _Solved:
    refuse_partial(cohorts)
    used: Cohorts = cohorts
    notes: tuple[Fact, ...] = ()
    if cohorts.ever.all():
        used, more = against_last_cohort(cohorts, anticipation)
        notes += more
    y, relative, more = rates(used)
    which = cells(
        used.first, used.length, controls="never", base="universal", anticipation=anticipation
    )
    found = mean_effects(y, used.first, used.weight, which)
    share = np.array([used.weight[used.first == g].sum() for g in used.cohorts])
    times = np.unique(which.event)
    headline = by_share(found, (which.event >= 0)[:, None], share)
    events = by_share(found, which.event[:, None] == times, share)
    # Shares are taken as known, so only the weights of these averages are used.
    wanted = side_by_side(headline, events).weights
    values = found.effect @ wanted
    coefficients = int((which.period != which.base).sum())
    factor = cluster_factor(used, coefficients)
    sums = by_cluster(found.influence(wanted), used.cluster) * np.sqrt(factor)
    cov = sums.T @ sums
    units = [np.isin(used.first, which.cohort[which.event == time]).sum() for time in times]
    effects = np.zeros((len(used.cohorts) + 1, used.length))  # the last row is of the never-treated
    effects[np.searchsorted(used.cohorts, which.cohort), which.period] = found.effect
    away = effects[np.searchsorted(used.cohorts, used.first)]
    return _Solved(
        used,
        float(values[0]),
        float(np.sqrt(max(cov[0, 0], 0.0))),
        Curve(times, values[1:], cov[1:, 1:], np.array(units), float(used.cluster.max())),
        sums[:, 1:],
        (y - away) * relative if used.length == cohorts.length else None,
        relative if used.length == cohorts.length else None,
        (*notes, *more),
    )
