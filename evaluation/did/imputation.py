"""Linear imputation: each treated cell less what unit and period effects of untreated cells give.

Standard errors are conservative: the effect of a cell is taken less the mean of its cohort in that
period, so what effects differ by inside a cohort counts as chance (Borusyak, Jaravel and Spiess
2024, Review of Economic Studies 91:3253-3285, theorem 3; the Stata and R programs of the authors
use the same groups). They are clustered without a factor for few clusters, and the distribution is
normal. Leads, and the test of pre-trends, come from a separate regression on the untreated cells
(their section 4.4), with the factor G/(G - 1) times (n - 1)/(n - K) of G clusters, n untreated
cells, and K leads and periods; units, nested in clusters, are not counted.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import ROUNDING, Answer, not_valid, t_answer
from evaluation.did.event_study import (
    Curve,
    band,
    columns_since,
    event_times,
    named_terms,
    rates,
    too_few,
)
from evaluation.did.timing import refusal
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.imputation import (
    NONE,
    Averages,
    Imputed,
    about_means,
    averages,
    identified,
    impute,
    leads,
)
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import by_cluster, multiplied

Average = Literal["cohort-period", "event-time", "leave-one-out"]

LEADS = 4
# Of treated cells that are alone in their group, as `events.too_few` has it for cohorts.
MOST_ALONE = 0.5
DRAWS = 1000
SEED = 1


@dataclass(frozen=True, slots=True)
class Imputation:
    """The imputed panel. relative : (N, T) exposure over its mean. used : (N, T) treated cells that
    are compared with something. event : (N, T) periods since treatment began, in any cell of an
    ever treated unit."""

    found: Imputed
    y: np.ndarray
    relative: np.ndarray
    used: np.ndarray
    event: np.ndarray
    notes: tuple[Fact, ...]

    @property
    def expected(self) -> np.ndarray:
        """(N, T) in outcome units; NaN where nothing is expected."""
        return np.asarray(self.found.expected * self.relative)

    def by_event(self) -> tuple[np.ndarray, np.ndarray]:
        """Event times, (k,), and the place of each treated cell's in them, -1 elsewhere."""
        times = np.unique(self.event[self.used]).astype(int)
        return times, np.where(self.used, np.searchsorted(times, self.event), NONE)


def fit(
    cohorts: Cohorts,
    *,
    average: Average = "cohort-period",
    lead_times: int = LEADS,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The mean effect over treated cells, with effects by event time; normal intervals.

    `dynamic` holds the averages by event time, and before treatment the coefficients of the pre-
    trend regression, each against all earlier periods. `terms` are the averages by cohort.

    Parameters
    ----------
    average : the group whose mean a cell's effect is taken less of, for the variance:
        "cohort-period", or "event-time" over all cohorts when cohorts are of one or two units;
        "leave-one-out" is the mean of the cohort's other clusters.
    lead_times : periods before treatment with a coefficient of their own, at most one less than
        the longest history, and no more than can be told from units and periods; 0 for none.
    draws, seed : of the multiplier bootstrap (Rademacher) behind the band.

    Raises
    ------
    FitError : when no treated cell has an untreated one in its period, or untreated cells fall
        apart into blocks.
    """
    if lead_times < 0:
        raise FitError(fact("did.imputation.lead-times-0-periods-more", lead_times=lead_times))
    imputed = imputation(cohorts)
    group = _groups(cohorts, imputed, average)
    errors = _errors(cohorts, imputed, average)
    overall = averages(imputed.found, np.where(imputed.used, 0, NONE), errors)
    names, cohort_label = _cohorts_of(cohorts, imputed)
    parts = averages(imputed.found, cohort_label, errors)
    found, sums = _curve(cohorts, imputed, errors, lead_times)
    total = clustered(cohorts, overall.influence)
    answer = t_answer("difference", float(overall.estimate[0]), float(_root(total)[0]), None)
    drawn = multiplied(sums, draws, stream(seed, "imputation/multiplier"))
    return replace(
        answer,
        expected=imputed.expected,
        relative=imputed.relative,
        dynamic=event_times(found, band(found, drawn)),
        terms=terms(names, parts, _root(clustered(cohorts, parts.influence))),
        notes=(*imputed.notes, *_told(cohorts, found, lead_times)),
        objection=too_few(cohorts) or _alone(cohorts, group) or refusal(cohorts),
    )


def _alone(cohorts: Cohorts, group: np.ndarray) -> Fact | None:
    """That most cells are compared with themselves, in a panel with gaps or ends, or None."""
    if cohorts.whole:
        return None
    unit, _ = np.nonzero(group >= 0)
    pairs = np.unique(np.column_stack([group[group >= 0], cohorts.cluster[unit]]), axis=0)
    clusters = np.bincount(pairs[:, 0])
    alone = float((clusters[group[group >= 0]] == 1).mean())
    if alone < MOST_ALONE:
        return None
    return not_valid("did.imputation.alone", share=alone)


def _told(cohorts: Cohorts, found: Curve, asked: int) -> tuple[Fact, ...]:
    """A note when leads that were asked for cannot be shown."""
    wanted, shown = min(asked, _longest(cohorts)), int((found.time < 0).sum())
    if shown >= wanted:
        return ()
    return (fact("did.imputation.leads", shown=shown, wanted=wanted),)


def pre_test(cohorts: Cohorts, *, lead_times: int = LEADS) -> tuple[float, int, float]:
    """F of the leads, the numerator's degrees of freedom, and p from F(k, G - 1), G clusters.

    Raises
    ------
    FitError : when the leads cannot be told from the effects, or are as many as the clusters.
    """
    from scipy.special import fdtrc

    if lead_times < 1:
        raise FitError(fact("did.imputation.test-pre-trends-needs-least"))
    imputed = imputation(cohorts)
    _, before = _leads(cohorts, imputed, lead_times)
    sums = clustered(cohorts, before.influence)
    k, groups = len(before.estimate), len(sums)
    if k >= groups:
        raise FitError(fact("did.imputation.leads-cannot-be-tested-together", k=k, groups=groups))
    value = float(before.estimate @ np.linalg.solve(sums.T @ sums, before.estimate)) / k
    return value, k, float(fdtrc(k, groups - 1, value))


def imputation(cohorts: Cohorts) -> Imputation:
    """The panel with its untreated outcomes imputed, shared with the two-stage method.

    Raises
    ------
    FitError : as `fit`.
    """
    y, relative, notes = rates(cohorts)
    treated = cohorts.treated
    found = impute(y, cohorts.untreated, cohorts.weight)
    used = treated & found.known
    if not used.any() and not cohorts.whole:
        raise FitError(fact("did.imputation.no-treated-cell-has-untreated"))
    if not used.any():
        raise FitError(fact("did.imputation.every-unit-treated-same-time"))
    lost, n = int((treated & ~used).sum()), int(treated.sum())
    if lost and not cohorts.whole:
        notes = (*notes, fact("did.imputation.nothing-beside", lost=lost, n=n))
    elif lost:
        begin = cohorts.periods[int(np.flatnonzero(~found.live)[0])]
        notes = (*notes, fact("did.imputation.untreated-until", begin=begin, lost=lost, n=n))
    return Imputation(found, y, relative, used, columns_since(cohorts), notes)


def clustered(cohorts: Cohorts, influence: np.ndarray) -> np.ndarray:
    """(G, k) influence by cluster; the variance of an estimate is the sum of squares."""
    return by_cluster(len(influence) * influence, cohorts.cluster)


def terms(names: tuple[str, ...], parts: Averages, std_error: np.ndarray) -> tuple[Term, ...]:
    """Averages as named terms with normal intervals; without those of a single unit, whose error
    is nought but for rounding."""
    sure = std_error > ROUNDING * max(float(np.abs(parts.estimate).max(initial=0)), 1e-300)
    kept = [name for name, one in zip(names, sure, strict=True) if one]
    return named_terms(kept, parts.estimate[sure], std_error[sure], None)


def _groups(cohorts: Cohorts, imputed: Imputation, average: Average) -> np.ndarray:
    """(N, T) group whose mean a treated cell's effect is taken less of, -1 elsewhere."""
    if average == "event-time":
        return imputed.by_event()[1]
    if average in ("cohort-period", "leave-one-out"):
        start = np.searchsorted(cohorts.cohorts, np.where(cohorts.ever, cohorts.first, 0))
        cell = start[:, None] * cohorts.length + np.arange(cohorts.length)
        return np.where(imputed.used, cell, NONE)
    raise FitError(fact("did.imputation.not-known-use-cohort-period", average=average))


def _errors(cohorts: Cohorts, imputed: Imputation, average: Average) -> np.ndarray:
    group = _groups(cohorts, imputed, average)
    return about_means(imputed.found, group, cohorts.cluster, leave_out=average == "leave-one-out")


def _cohorts_of(cohorts: Cohorts, imputed: Imputation) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the cohorts with an effect, and the place of each treated cell's among them."""
    starts = np.unique(cohorts.first[imputed.used.any(axis=1)])
    label = np.where(imputed.used, np.searchsorted(starts, cohorts.first)[:, None], NONE)
    return tuple(f"cohort {cohorts.begun(start)}" for start in starts), label


def _leads(cohorts: Cohorts, imputed: Imputation, count: int) -> tuple[np.ndarray, Averages]:
    """Event times before treatment, -count to -1 or the nearest of them that can be told from units
    and periods, and their coefficients; the longest history keeps a reference."""
    if _longest(cohorts) < 1:
        raise FitError(fact("did.imputation.no-unit-has-two-periods"))
    for number in range(min(count, _longest(cohorts)), 0, -1):
        found = _nearest_leads(cohorts, imputed, number)
        if found is not None:
            return found
    raise FitError(fact("did.imputation.no-period-before-treatment-can"))


def _longest(cohorts: Cohorts) -> int:
    """Leads that the longest history has beside its reference."""
    return int(cohorts.cohorts[-1]) - 1


def _nearest_leads(
    cohorts: Cohorts, imputed: Imputation, count: int
) -> tuple[np.ndarray, Averages] | None:
    """So many leads, None when they are not identified or leave no degree of freedom."""
    before = cohorts.ever[:, None] & (imputed.event < 0) & (imputed.event >= -count)
    before &= cohorts.known
    times = np.unique(imputed.event[before]).astype(int)
    label = np.where(before, np.searchsorted(times, imputed.event), NONE)
    groups, periods = int(cohorts.cluster.max()) + 1, int(imputed.found.live.sum())
    n = int(imputed.found.control.sum())
    if groups < 2 or n <= len(times) + periods or not identified(imputed.found, label):
        return None
    found = leads(imputed.y, imputed.found, label)
    factor = groups / (groups - 1) * (n - 1) / (n - len(times) - periods)
    return times, replace(found, influence=found.influence * np.sqrt(factor))


def _curve(
    cohorts: Cohorts, imputed: Imputation, errors: np.ndarray, lead_times: int
) -> tuple[Curve, np.ndarray]:
    """The curve, and the influence of clusters on it, (G, k)."""
    times, label = imputed.by_event()
    after = averages(imputed.found, label, errors)
    pieces = [(times, after)]
    if lead_times:
        with suppress(FitError):  # the effects do not need them
            pieces.insert(0, _leads(cohorts, imputed, lead_times))
    sums = clustered(cohorts, np.hstack([piece.influence for _, piece in pieces]))
    found = Curve(
        np.concatenate([time for time, _ in pieces]),
        np.concatenate([piece.estimate for _, piece in pieces]),
        sums.T @ sums,
        np.concatenate([piece.n for _, piece in pieces]),
        None,
    )
    return found, sums


def _root(sums: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt((sums**2).sum(axis=0)))
