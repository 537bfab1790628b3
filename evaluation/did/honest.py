"""Effects by event time against one reference period, and how far trends may have differed before
the answer changes.

The effects by event time of a method with one reference period, and the sets and tests of
`numeric.honest` and `numeric.fixed_length`. With few clusters the covariance is widened by the
square of the t point over the normal one, so that with equal trends the interval is the t interval;
this is on the safe side of the R package HonestDiD, which takes every estimate as normal.

Rambachan and Roth (2023), Review of Economic Studies 90:2555-2591.

Programs that never were: units without a program take the place of the treated, and a known
change is put into what was recorded of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import numpy as np

from evaluation.did import callaway_santanna, event_study, sun_abraham
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, possible, sentences
from evaluation.did.event_study import REFERENCE, Curve, event_times, rates, too_few
from evaluation.did.method import Method
from evaluation.did.usable import refuse_partial
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel.honest import (
    EventStudy,
    breakdown,
    interval,
    magnitude_tests,
    p_value,
    relative_magnitudes,
)
from evaluation.numeric.series import fixed_length
from evaluation.numeric.shared.draws import changed_counts

# Methods whose effects before and after treatment are differences from the same period, the last
# before it. Imputation compares with the mean of all periods before, and cannot be used so.
Estimator = Literal["callaway-santanna", "sun-abraham", "event-study"]
Restriction = Literal["relative magnitudes", "smoothness"]

# Changes after treatment as large as the largest before: the bound at which an answer is called
# robust here, by convention (Rambachan and Roth, section 2.4.1).
AS_LARGE = 1.0
BOUNDS = (0.0, 0.5, 1.0, 1.5, 2.0)
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The interval under rising bounds, and the bound at which it first holds nought.

    Parameters
    ----------
    estimate, low, high : with equal trends. magnitudes, bends : (bound, low, high), under relative
        magnitudes and under smoothness; the second in outcome units a period squared.
        magnitude_breakdown, bend_breakdown : the largest bound whose interval does not hold nought;
        nought when none leaves it out. largest_bend : of the trend before treatment, an upper 95 %
        bound; None with too few periods before.
    """

    estimate: float
    low: float
    high: float
    magnitudes: tuple[tuple[float, float, float], ...]
    magnitude_breakdown: float
    bends: tuple[tuple[float, float, float], ...]
    bend_breakdown: float
    largest_bend: float | None


def against_reference(
    cohorts: Cohorts,
    *,
    estimator: Estimator = "callaway-santanna",
    earliest: int | None = None,
    latest: int | None = None,
) -> Curve:
    """The curve without its reference period, df never None: clusters less 1 where the method's
    own intervals are normal.

    Parameters
    ----------
    earliest, latest : first and last event time kept; None keeps all that can be estimated.

    Raises
    ------
    FitError : as the method, and when a period between the first and last kept has no estimate.
    """
    refuse_partial(cohorts)
    if estimator not in get_args(Estimator):
        known = get_args(Estimator)
        raise FitError(fact("did.honest.has-no-common-reference", estimator=estimator, known=known))
    curve = _estimated(cohorts, estimator)
    if cohorts.skipped:
        # The washout is between the reference and the first effect.
        curve = replace(
            curve, time=np.where(curve.time >= 0, curve.time + cohorts.skipped, curve.time)
        )
    kept = (curve.std_error > 0) & (curve.time != REFERENCE)
    if earliest is not None:
        kept &= curve.time >= earliest
    if latest is not None:
        kept &= curve.time <= latest
    time = curve.time[kept]
    if not (time < REFERENCE).any() or not (time >= 0).any():
        raise FitError(fact("did.honest.trends-cannot-be-compared-without"))
    wanted = np.arange(time[0], time[-1] + 1)
    awaited = (wanted < REFERENCE) | (wanted >= cohorts.skipped)
    missing = np.setdiff1d(wanted[awaited], time)
    if missing.size:
        raise FitError(fact("did.honest.no-effect-can-be-estimated", missing=missing[0]))
    df = float(cohorts.cluster.max()) if curve.df is None else curve.df
    return replace(
        curve,
        time=time,
        estimate=curve.estimate[kept],
        cov=curve.cov[np.ix_(kept, kept)],
        n=curve.n[kept],
        df=df,
    )


def _estimated(cohorts: Cohorts, estimator: Estimator) -> Curve:
    if estimator == "event-study":
        return event_study.curve(cohorts)
    if estimator == "sun-abraham":
        return sun_abraham.curve(cohorts)
    how = callaway_santanna.Comparison(
        base="universal", controls="not-yet" if cohorts.ever.all() else "never"
    )
    return callaway_santanna.curve(cohorts, how=how)


def fit(
    cohorts: Cohorts,
    *,
    restriction: Restriction = "relative magnitudes",
    bound: float | None = None,
    at: int | None = None,
    estimator: Estimator = "callaway-santanna",
    earliest: int | None = None,
    latest: int | None = None,
) -> Answer:
    """The mean effect with an interval that holds it when trends differed by no more than a bound.

    The estimate is that with equal trends under relative magnitudes, and the center of the
    fixed-length interval under smoothness; std_error is the sampling error alone. p is the smallest
    level at which nought is rejected for every difference in trends within the bound.

    Parameters
    ----------
    restriction : "relative magnitudes", changes of the difference in trends after treatment at most
        `bound` times the largest before; or "smoothness", its slope changes by at most `bound` a
        period. bound : None for 1 under relative magnitudes, and under smoothness for the upper
        bound of the largest change of slope before treatment. at : the event time asked about; None
        for the plain mean from 0 on. estimator : of the effects by event time. earliest, latest :
        first and last event time used.

    Raises
    ------
    FitError : as the estimator, without an effect before the reference period, for a negative bound
        or an event time that is not estimated.
    """
    _refuse_washout(cohorts)
    curve = against_reference(cohorts, estimator=estimator, earliest=earliest, latest=latest)
    study = widened(curve, at=at)
    if restriction == "smoothness":
        size = fixed_length.largest_bend(study) if bound is None else bound
        found = fixed_length.shortest(study, size)
        answer = Answer(
            "difference", found.estimate, found.std_error, found.low, found.high, found.p_value
        )
        limit = fact("did.honest.slope-changes-by", size=size)
        end = fixed_length.breakdown(study)
    elif restriction == "relative magnitudes":
        size = AS_LARGE if bound is None else bound
        tests = magnitude_tests(study, size)
        low, high = interval(tests, study)
        answer = Answer("difference", study.estimate, study.std_error, low, high, p_value(tests))
        limit = fact("did.honest.changes-at-most", size=size)
        end = breakdown(partial(magnitude_tests, study))
    else:
        raise FitError(fact("did.honest.not-known-use-relative", restriction=restriction))
    return replace(
        answer,
        dynamic=event_times(curve, curve.critical),
        relative=rates(cohorts)[1],
        covariates=cohorts.covariate_names if estimator == "callaway-santanna" else (),
        notes=(limit, fact("did.honest.nought-out-up-to", end=end)),
        objection=too_few(cohorts),
    )


def _refuse_washout(cohorts: Cohorts) -> None:
    if cohorts.skipped:
        raise FitError(fact("did.honest.washout-takes-periods-out", skipped=cohorts.skipped))


def widened(curve: Curve, *, at: int | None = None) -> EventStudy:
    """The estimates in the form of the tests, their covariance widened for few clusters.

    Raises
    ------
    FitError : when `at` is no event time after treatment of the curve.
    """
    after = curve.time >= 0
    if at is not None and not (curve.time[after] == at).any():
        raise FitError(fact("did.honest.no-effect-estimated-periods-after", at=at))
    chosen = np.ones(int(after.sum())) if at is None else (curve.time[after] == at).astype(float)
    normal = Curve(curve.time, curve.estimate, curve.cov, curve.n, None).critical
    return EventStudy(
        curve.estimate,
        curve.cov * (curve.critical / normal) ** 2,
        int((~after).sum()),
        chosen / chosen.sum(),
    )


def sensitivity(curve: Curve, *, at: int | None = None) -> Sensitivity:
    """Intervals and breakdown values of a curve without its reference period.

    Raises
    ------
    FitError : as `fit`.
    """
    study = widened(curve, at=at)
    most = fixed_length.largest_bend(study) if study.before > 1 else None
    scale = most if most is not None else study.std_error
    ends = [fixed_length.shortest(study, share * scale) for share in SHARES]
    plain = relative_magnitudes(study, 0.0)
    return Sensitivity(
        study.estimate,
        *plain,
        tuple((bound, *relative_magnitudes(study, bound)) for bound in BOUNDS),
        breakdown(partial(magnitude_tests, study)),
        tuple((share * scale, end.low, end.high) for share, end in zip(SHARES, ends, strict=True)),
        fixed_length.breakdown(study),
        most,
    )


@possible("differing-trends")
def check(
    cohorts: Cohorts,
    method: Method,
    effect: Effect,
    *,
    estimator: Estimator = "callaway-santanna",
    earliest: int | None = None,
    latest: int | None = None,
) -> Check:
    """How much trends may differ before nought is in the interval; passed when that is at least as
    much as they changed before treatment. It does not judge when it is less: over many periods such
    changes add up to any effect, so that sound results are seldom as strong as that."""
    refused = too_few(cohorts)
    if refused:
        raise FitError(refused)
    _refuse_washout(cohorts)
    curve = against_reference(cohorts, estimator=estimator, earliest=earliest, latest=latest)
    found = sensitivity(curve)
    rows = tuple(
        {"allowed": kind, "bound": bound, "low": low, "high": high}
        for kind, ranges in (
            ("change in trend, times the largest before", found.magnitudes),
            ("change of slope a period", found.bends),
        )
        for bound, low, high in ranges
    )
    plain = fact(
        "did.honest.mean",
        estimator=estimator,
        estimate=found.estimate,
        low=found.low,
        high=found.high,
    )
    if found.low <= 0 <= found.high:
        says = sentences(plain, fact("did.honest.nothing-to-break"))
        return Check("differing-trends", None, says, rows)
    most = found.largest_bend
    bend = fact("nothing") if most is None else fact("did.honest.largest-bend", most=most)
    breaks = fact(
        "did.honest.breaks",
        magnitude=found.magnitude_breakdown,
        slope=found.bend_breakdown,
        bend=bend,
    )
    robust = True if found.magnitude_breakdown >= AS_LARGE else None
    return Check("differing-trends", robust, sentences(plain, breaks), rows)


def stand_ins(cohorts: Cohorts) -> int:
    """How many units without a program there are to stand in for the treated.

    Raises
    ------
    FitError : when they are too few to stand in for the treated and be compared too, or when whole
        clusters are treated, for which no single unit can stand in.
    """
    treated, never = int(cohorts.ever.sum()), int((~cohorts.ever).sum())
    if len(np.unique(cohorts.cluster)) < cohorts.n:
        raise FitError(fact("did.honest.what-could-be-found-cannot"))
    if never < 2 * treated or never - treated < 2:
        raise FitError(
            fact(
                "did.honest.what-could-be-found-cannot-2",
                never=never,
                treated=treated,
                treated2=max(2 * treated, treated + 2),
            )
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
    y[here] = changed_counts(y[here].astype(int), share[here], u)
    return replace(cohorts, y=y)
