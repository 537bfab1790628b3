"""Poisson imputation: what happened under treatment over what untreated cells make expected.

Unit and period effects of a Poisson mean with log link (and log exposure as offset) are fitted to
the untreated cells; the effect is the log of the sum observed in treated cells over the sum
expected there. This is the extended two-way Poisson regression (Wooldridge 2023, Econometrics
Journal 26:C31-C66) with one effect for each cohort and period, averaged as a ratio of sums: that
regression fits treated cells exactly, so its other coefficients are those of the untreated cells.
It needs the ratios, not the differences, of untreated means to move in parallel. Units without an
event before treatment stay in. Cells that are not used have no part, and those
after the end of a program are untreated ones.

Errors are by the jackknife over clusters, squares about the estimate, factor (G - 1)/G (CV3 of
MacKinnon, Nielsen and Webb 2023, Journal of Applied Econometrics 38:671-694), with
t(treated clusters - 1).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.did import timing as starts
from evaluation.did.cohorts import Cohorts
from evaluation.did.count_ratios import NONE, Ratios, few_clusters, known, no_ratio, ratios
from evaluation.did.effects import Answer, t_answer
from evaluation.did.event_study import Curve, band, columns_since, event_times
from evaluation.did.gaps import before_begin
from evaluation.effect import Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.panel.poisson_imputation import untreated
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.wild import multiplied

LEADS = 4
DRAWS = 1000
SEED = 1
# Periods before the start that are left out for the other end of the bracket.
DONUT = 2


def fit(
    cohorts: Cohorts,
    *,
    donut: int = 0,
    lead_times: int = LEADS,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Answer:
    """The log ratio of sums over treated cells, with ratios by event time; t(treated clusters - 1).

    `dynamic` holds the log ratios of sums by event time, and before treatment those of the last
    periods when they are left out of the fit; event times with nothing observed or expected are
    left out. `terms` are the effects by cohort, then the effect with and without a donut. The
    timing of starts is tested every time (`did.timing`); when they follow a spike, or a lull, the
    answer has an objection with the bracket.

    Parameters
    ----------
    donut : periods before each start that are left out of the fit. lead_times : periods
        before treatment in `dynamic`, at most one less than the longest history; 0 for none.
    draws, seed : of the multiplier bootstrap (Rademacher) behind the band.

    Raises
    ------
    FitError : when nothing is observed or expected under treatment, when no treated cell has an
        untreated one in its period, or the untreated events are too few for the periods' effects.
    """
    if donut < 0 or lead_times < 0:
        raise FitError(fact("did.poisson-imputation.donut-lead-times-0-periods"))
    control = _control(cohorts, donut)
    used = cohorts.treated & known(control)
    if not used.any():
        raise FitError(fact("did.poisson-imputation.no-treated-cell-has-untreated"))
    event = columns_since(cohorts)
    times = np.unique(event[used]).astype(int)
    firsts = np.unique(cohorts.first[used.any(axis=1)])
    found = ratios(
        cohorts,
        control,
        [
            np.where(used, 0, NONE),
            np.where(used, np.searchsorted(firsts, cohorts.first)[:, None], NONE),
            np.where(used, np.searchsorted(times, event), NONE),
        ],
    )
    if not found.kept[0]:
        raise no_ratio(found, 0, "did.count-ratios.treated-cells")
    whole = found.term("", 0)
    answer = t_answer("log ratio", whole.estimate, whole.std_error, whole.df)
    parts = [
        found.term(f"cohort {cohorts.begun(start)}", 1 + k)
        for k, start in enumerate(firsts)
        if found.kept[1 + k]
    ]
    shown = 1 + len(firsts) + np.flatnonzero(found.kept[1 + len(firsts) :])
    pieces = [(times[shown - 1 - len(firsts)], found, shown)]
    if lead_times:
        pieces = [*_leads(cohorts, lead_times), *pieces]
    curve, away = _joined(pieces, whole.df)
    drawn = multiplied(away, draws, stream(seed, "poisson-imputation/multiplier"))
    both = (_whole(found, donut), *_with(cohorts, 0 if donut else DONUT))
    return replace(
        answer,
        expected=untreated(cohorts.y, control, cohorts.weight, cohorts.exposure).expected,
        dynamic=event_times(curve, band(curve, drawn)),
        terms=(*parts, *both),
        notes=(
            fact("did.poisson-imputation.sums", seen=found.observed[0], expected=found.expected[0]),
            *_left_out(cohorts, used),
        ),
        objection=few_clusters(cohorts, control, used) or _objection(cohorts, both),
    )


def pre_test(cohorts: Cohorts, *, lead_times: int = LEADS) -> tuple[float, int, float]:
    """F of the log ratios of the last periods before treatment, its numerator's degrees of freedom,
    and p from F(k, G - k), G treated clusters: Hotelling's form of the jackknife's covariance.

    Raises
    ------
    FitError : when no lead has a ratio, or there are not more treated clusters than leads.
    """
    from scipy.special import fdtrc

    pieces = _leads(cohorts, lead_times) if lead_times > 0 else []
    if not pieces:
        raise FitError(fact("did.poisson-imputation.no-ratio-before-treatment-can"))
    _, found, shown = pieces[0]
    k, groups = len(shown), int(found.clusters[shown].max())
    if groups <= k:
        raise FitError(fact("did.poisson-imputation.leads-cannot-be-tested", k=k, groups=groups))
    away, estimate = found.away[:, shown], found.estimate[shown]
    squared = float(estimate @ np.linalg.solve(away.T @ away, estimate))
    value = squared * (groups - k) / (k * (groups - 1))
    return value, k, float(fdtrc(k, groups - k, value))


def _control(cohorts: Cohorts, donut: int) -> np.ndarray:
    """(N, T) untreated cells, less the last `donut` before each start."""
    return np.asarray(cohorts.untreated & ~before_begin(cohorts.under, donut))


def _leads(cohorts: Cohorts, count: int) -> list[tuple[np.ndarray, Ratios, np.ndarray]]:
    """Event times before treatment, their ratios and the columns that have one; none without."""
    count = min(count, int(cohorts.cohorts[-1]) - 1)
    if count < 1:
        return []
    control = _control(cohorts, count)
    event = columns_since(cohorts)
    cells = cohorts.ever[:, None] & (event < 0) & (event >= -count) & known(control)
    cells &= cohorts.known
    times = np.unique(event[cells]).astype(int)
    if not times.size:
        return []
    try:
        found = ratios(cohorts, control, [np.where(cells, np.searchsorted(times, event), NONE)])
    except FitError:
        return []
    shown = np.flatnonzero(found.kept)
    return [(times[shown], found, shown)] if shown.size else []


def _joined(
    pieces: list[tuple[np.ndarray, Ratios, np.ndarray]], df: float | None
) -> tuple[Curve, np.ndarray]:
    away = np.hstack([found.away[:, shown] for _, found, shown in pieces])
    joined = Curve(
        np.concatenate([times for times, _, _ in pieces]),
        np.concatenate([found.estimate[shown] for _, found, shown in pieces]),
        away.T @ away,
        np.concatenate([found.units[shown] for _, found, shown in pieces]),
        df,
    )
    return joined, away


def bracket(cohorts: Cohorts) -> tuple[Term, ...]:
    """The effect with all periods, and without the last before each start where that has one;
    nothing where the first has none."""
    own = _with(cohorts, 0)
    return (*own, *_with(cohorts, DONUT)) if own else ()


def _with(cohorts: Cohorts, donut: int) -> tuple[Term, ...]:
    """The effect with a donut, or nothing where there is none."""
    control = _control(cohorts, donut)
    cells = cohorts.treated & known(control)
    if not cells.any():
        return ()
    try:
        found = ratios(cohorts, control, [np.where(cells, 0, NONE)])
    except FitError:
        return ()
    return (_whole(found, donut),) if found.kept[0] else ()


def _whole(found: Ratios, donut: int) -> Term:
    key = "did.poisson-imputation.without-last" if donut else "did.poisson-imputation.all-periods"
    return found.term(str(fact(key, donut=donut)), 0)


def _left_out(cohorts: Cohorts, used: np.ndarray) -> tuple[Fact, ...]:
    lost, n = int((cohorts.treated & ~used).sum()), int(cohorts.treated.sum())
    return (fact("did.imputation.nothing-beside", lost=lost, n=n),) if lost else ()


def _objection(cohorts: Cohorts, both: tuple[Term, ...]) -> Fact | None:
    """That starts follow the recent counts, with the bracket."""
    why = starts.refusal(cohorts)
    if why is None or len(both) < 2:
        return why
    ends = [
        fact("did.poisson-imputation.end", percent=100 * np.expm1(one.estimate), name=one.name)
        for one in both
    ]
    return fact("did.poisson-imputation.ends", why=why, ends=ends)
