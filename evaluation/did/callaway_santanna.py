"""Callaway and Sant'Anna: each cohort against untreated units, then averaged.

Conventions are those of the R package did. The base period of a treated cell is the last before
treatment, less the anticipated ones; before treatment it is the period before ("varying") or the
same one ("universal", whose reference period is reported as nought without an error). Influence
functions hold the estimation of the nuisance models and of the cohorts' shares. Standard errors
are the root of the sum of squared influence (summed by cluster) over N squared, with no factor for
few clusters, and intervals are normal; bands are simultaneous by a multiplier bootstrap with
Rademacher signs, a standard error there being the interquartile range of the draws over that of
the normal.

Callaway and Sant'Anna (2021), Journal of Econometrics 225:200-230; Sant'Anna and Zhao (2020),
Journal of Econometrics 219:101-122.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import (
    Curve,
    against_last_cohort,
    band,
    event_times,
    named_terms,
    rates,
    thin,
    too_few,
)
from evaluation.did.usable import refuse_partial
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.doubly_robust import Adjust
from evaluation.numeric.panel.group_time import (
    Aggregates,
    Base,
    Controls,
    GroupTime,
    adjusted_effects,
    by_cohort,
    by_share,
    cells,
    influence_on,
    mean_effects,
    over_cohorts,
    side_by_side,
)
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import by_cluster, multiplied, spread

Aggregation = Literal["simple", "group", "dynamic", "calendar"]
Errors = Literal["analytic", "bootstrap", "jackknife"]

DRAWS = 1000
SEED = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """How cells are made: the settings of `fit` of the same names."""

    controls: Controls = "never"
    base: Base = "varying"
    adjust: Adjust = "doubly robust"
    anticipation: int = 0

    def __post_init__(self) -> None:
        _known(self.controls, get_args(Controls))
        _known(self.base, get_args(Base))
        _known(self.adjust, get_args(Adjust))
        if self.anticipation < 0:
            raise FitError(
                fact(
                    "did.callaway-santanna.anticipation-0-periods-more",
                    anticipation=self.anticipation,
                )
            )


@dataclass(frozen=True, slots=True)
class Events:
    """Which event times are reported: the settings of `fit` of the same names."""

    earliest: int | None = None
    latest: int | None = None
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class _Compared:
    """The cells, and the units and periods that they are from."""

    used: Cohorts
    cells: GroupTime
    share: np.ndarray
    notes: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Averages:
    """The headline, its parts by name, and the event times, as weights over the cells."""

    headline: Aggregates
    parts: Aggregates
    names: tuple[str, ...]
    times: np.ndarray
    dynamic: Aggregates
    units: np.ndarray

    @property
    def all(self) -> Aggregates:
        return side_by_side(self.headline, self.parts, self.dynamic)


def fit(
    cohorts: Cohorts,
    *,
    aggregation: Aggregation = "simple",
    controls: Controls = "never",
    base: Base = "varying",
    adjust: Adjust = "doubly robust",
    anticipation: int = 0,
    errors: Errors = "analytic",
    earliest: int | None = None,
    latest: int | None = None,
    balance: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The average effect on the treated, with effects by event time.

    The outcome is taken in levels, at the mean exposure when there is one. Intervals are normal,
    or t(treated clusters - 1) with errors "jackknife".

    Parameters
    ----------
    aggregation : "simple", every treated cell weighted by its cohort's share; "group", the mean of
        each cohort over time, then by share; "dynamic", the plain mean over event times from 0 on
        of their share-weighted means; "calendar", the plain mean over periods likewise. `terms`
        are the effects by cohort, or by period for "calendar".
    controls : "never", or "not-yet" for all that are still untreated in both periods. base :
        "varying" or "universal". adjust : how covariates are used, when there are any:
        "doubly robust", "regression" or "weighting". anticipation : periods before treatment in
        which an effect may show.
    errors : "analytic", "bootstrap" (multiplier), or "jackknife" (clusters left out one at a time,
        squares about the estimate, factor (G - 1)/G).
    earliest, latest : first and last event time kept; `latest` limits every average but the one by
        calendar. balance : only cohorts seen so many periods after their start, and event times up
        to it, so that the same cohorts stand behind each.
    draws, seed : of the multiplier bootstrap; the band always needs it.

    Raises
    ------
    FitError : without untreated units, with a single control, for dependent or separating
        covariates, an event window without effects, or a setting that is not known.
    """
    _known(aggregation, get_args(Aggregation))
    _known(errors, get_args(Errors))
    how = Comparison(controls, base, adjust, anticipation)
    events = Events(earliest, latest, balance)
    if adjust != "doubly robust" and not cohorts.covariate_names:
        raise FitError(fact("did.callaway-santanna.adjust-says-how-covariates-used", adjust=adjust))
    compared = _compare(cohorts, how)
    averages = _average(compared, aggregation, events)
    values = compared.cells.effect @ averages.all.weights
    sums = _sums(compared, averages.all)
    k = 1 + len(averages.names)
    # The band is of the event times alone; bootstrapped errors are of everything.
    shown = 0 if errors == "bootstrap" else k
    drawn = multiplied(sums[:, shown:], draws, stream(seed, "callaway-santanna/multiplier"))
    std_error, df = np.sqrt((sums**2).sum(axis=0)), None
    if errors == "bootstrap":
        std_error = spread(drawn)
    elif errors == "jackknife":
        std_error = _jackknife(cohorts, values, aggregation, how, events)
        df = float(len(np.unique(cohorts.cluster[cohorts.ever])) - 1)
    found = Curve(averages.times, values[k:], np.diag(std_error[k:] ** 2), averages.units, df)
    answer = t_answer("difference", float(values[0]), float(std_error[0]), df)
    return replace(
        answer,
        expected=_expected(compared, how) if compared.used.length == cohorts.length else None,
        relative=rates(cohorts)[1],
        covariates=cohorts.covariate_names,
        dynamic=event_times(found, band(found, drawn[:, k - shown :])),
        terms=named_terms(averages.names, values[1:k], std_error[1:k], df),
        notes=(
            *compared.notes,
            fact("did.callaway-santanna.average", aggregation=aggregation),
            *thin(found),
        ),
        objection=too_few(compared.used),
    )


def curve(
    cohorts: Cohorts, *, how: Comparison | None = None, events: Events | None = None
) -> Curve:
    """Effects by event time with their joint covariance, analytic and clustered.

    Raises
    ------
    FitError : as `fit`.
    """
    compared = _compare(cohorts, how or Comparison())
    averages = _average(compared, "simple", events or Events())
    sums = _sums(compared, averages.dynamic)
    estimate = compared.cells.effect @ averages.dynamic.weights
    return Curve(averages.times, estimate, sums.T @ sums, averages.units, None)


def _compare(cohorts: Cohorts, how: Comparison) -> _Compared:
    """Effects of all cells."""
    refuse_partial(cohorts)
    used = cohorts
    notes: tuple[Fact, ...] = ()
    if cohorts.ever.all():
        if how.controls == "never":
            raise FitError(fact("did.callaway-santanna.no-unit-never-treated-set"))
        used, notes = against_last_cohort(cohorts, how.anticipation)
    y, _, rate_notes = rates(used)
    which = cells(
        used.first,
        used.length,
        controls=how.controls,
        base=how.base,
        anticipation=how.anticipation,
    )
    if used.covariates.shape[1]:
        for name, column in zip(used.covariate_names, used.covariates.T, strict=True):
            if np.ptp(column) == 0:
                raise FitError(fact("did.callaway-santanna.covariate-same-all-units", name=name))
        found = adjusted_effects(
            y, used.first, used.weight, used.covariates, which, adjust=how.adjust
        )
    else:
        found = mean_effects(y, used.first, used.weight, which)
    share = np.array([used.weight[used.first == g].sum() for g in used.cohorts])
    return _Compared(used, found, share / used.weight.sum(), (*notes, *rate_notes))


def _average(compared: _Compared, aggregation: Aggregation, events: Events) -> _Averages:
    """The averages asked for."""
    found, share, used = compared.cells, compared.share, compared.used
    which = found.cells
    event, last = which.event, used.length - 1
    kept = np.ones(len(event), dtype=bool)
    times = np.unique(event)
    if events.balance is not None:
        kept = which.cohort + events.balance <= last
        times = times[(times <= events.balance) & (times >= events.balance - last)]
    low = times.min(initial=0) if events.earliest is None else events.earliest
    high = times.max(initial=0) if events.latest is None else events.latest
    times = times[(times >= low) & (times <= high)]
    times = times[np.isin(times, event[kept])]
    if not (times >= 0).any():
        raise FitError(fact("did.callaway-santanna.no-event-time-from-0"))
    dynamic = by_share(found, kept[:, None] & (event[:, None] == times), share)
    units = [np.isin(used.first, which.cohort[kept & (event == time)]).sum() for time in times]
    names = tuple(f"cohort {used.periods[g]}" for g in used.cohorts)
    parts = by_cohort(found, high)
    if aggregation == "simple":
        headline = by_share(found, ((event >= 0) & (event <= high))[:, None], share)
    elif aggregation == "group":
        headline = over_cohorts(found, share, high)
    elif aggregation == "dynamic":
        headline = dynamic.where(times >= 0).mean()
    else:
        periods = np.unique(which.period[event >= 0])
        names = tuple(f"period {used.periods[t]}" for t in periods)
        parts = by_share(found, (event >= 0)[:, None] & (which.period[:, None] == periods), share)
        headline = parts.mean()
    return _Averages(headline, parts, names, times, dynamic, np.array(units))


def _sums(compared: _Compared, wanted: Aggregates) -> np.ndarray:
    """(G, k) influence by cluster."""
    used = compared.used
    return by_cluster(influence_on(compared.cells, wanted, used.first, used.weight), used.cluster)


def _jackknife(
    cohorts: Cohorts,
    values: np.ndarray,
    aggregation: Aggregation,
    how: Comparison,
    events: Events,
) -> np.ndarray:
    """Standard errors of all averages, from leaving out one cluster after another."""
    sizes = [
        len(np.unique(cohorts.cluster[cohorts.first == start]))
        for start in np.unique(cohorts.first)
    ]
    if min(sizes) < 2:
        raise FitError(fact("did.callaway-santanna.cohort-controls-single-cluster-leaving"))
    count = int(cohorts.cluster.max()) + 1
    squares = np.zeros(len(values))
    for number in range(count):
        compared = _compare(cohorts.keeping(cohorts.cluster != number), how)
        averages = _average(compared, aggregation, events)
        squares += (compared.cells.effect @ averages.all.weights - values) ** 2
    return np.asarray(np.sqrt(squares * (count - 1) / count))


def _expected(compared: _Compared, how: Comparison) -> np.ndarray:
    """(N, T) outcomes without treatment: those of each unit less the effect of its cohort.

    Before treatment, changes since the base period; with varying bases they are chained.
    """
    used, which = compared.used, compared.cells.cells
    away = np.zeros(used.y.shape)
    for g in used.cohorts:
        inside = which.cohort == g
        line = np.zeros(used.length)
        line[which.period[inside]] = compared.cells.effect[inside]
        if how.base == "varying":
            start = g - 1 - how.anticipation
            steps = np.cumsum(line[:g])
            line[:g] = steps - steps[start]
        away[used.first == g] = line
    y, relative, _ = rates(used)
    return np.asarray((y - away) * relative)


def _known(value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise FitError(
            fact(
                "did.callaway-santanna.not-known-may-be", value=value, map=tuple(map(repr, allowed))
            )
        )
