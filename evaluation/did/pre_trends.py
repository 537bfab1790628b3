"""Questions about what went before, and about what happened to everyone at the same time.

Did trends differ before treatment, and would the test have seen it if they had?

A test that finds nothing says little when it could not have found a trend large enough to make the
whole estimate. So beside the joint test stand the slopes that it, and the usual look at the plot,
would find in half and in four fifths of all cases, and the bias that such a slope would leave.

Roth (2022), American Economic Review: Insights 4:305-322.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import imputation, poisson_imputation, random_effects, timing
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import p_words, possible, sentences
from evaluation.did.event_study import REFERENCE, Curve, too_few
from evaluation.did.honest import Estimator, against_reference
from evaluation.did.method import Method
from evaluation.did.placebo_changes import exposures
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.panel import pretest

REJECT = 0.05
# Dates without a start that a change at a start is compared with, at the least: with fewer, not
# even the largest change would be rare.
FEWEST_DATES = 19
RARE = 0.05
_JUST_AFTER = "did.pre-trends.just-after"


@possible("regression-to-the-mean", "did.not-tested", _JUST_AFTER)
def regression_to_the_mean(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether treatment followed a spike or a lull, after which a return comes by itself.

    Several treated clusters: the hazard of starting given the last two periods (`timing`), with the
    estimate of the Poisson imputation with and without those periods, which bracket the effect of a
    program that follows a spike that passes, and nothing else does; where levels drift and a spike
    partly stays, both are too high (did_cities.md). One treated unit: its last year before the
    start against its time before that, beside its controls, by random-effects.
    """
    if int(cohorts.ever.sum()) == 1:
        return _one_unit(cohorts)
    # An estimate from counts that stands in spite of such starts is matched on them.
    matched = cohorts.kind == "count" and effect.objection is None
    found = timing.check(cohorts, matched=matched)
    says = found.found
    if found.passed is False and cohorts.kind == "count":
        both = [
            fact("did.pre-trends.end", percent=100 * np.expm1(term.estimate), name=term.name)
            for term in poisson_imputation.bracket(cohorts)
        ]
        if both:
            more = float(found.table[0]["excess"]) > 0
            says = sentences(found.found, fact("did.pre-trends.bracket", both=both, more=more))
    return Check("regression-to-the-mean", found.passed, says, found.table, asked=fact(_JUST_AFTER))


def _one_unit(cohorts: Cohorts) -> Check:
    row = cohorts.one_treated
    start = int(cohorts.first[row])
    year = min(calendar.PER_YEAR[cohorts.frequency], start // 4)
    if year < 1:
        raise FitError(fact("did.pre-trends.periods-before-start-too-few", start=start))
    before = cohorts.pretending(np.where(cohorts.ever, start - year, np.inf)).between(0, start)
    found = random_effects.fit(before)
    logs = found.scale == "log ratio"
    size = 100 * np.expm1(found.estimate) if logs else found.estimate
    key = "did.pre-trends.change-percent" if logs else "did.pre-trends.change"
    passed = found.p_value >= REJECT
    says = sentences(
        fact(
            "did.pre-trends.last-year",
            periods=year,
            unit=cohorts.units[row],
            change=fact(key, size=abs(size), above=found.estimate >= 0),
            p=p_words(found.p_value),
        ),
        None if passed else fact("did.pre-trends.return"),
    )
    table = {
        "periods": year,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
    }
    return Check("regression-to-the-mean", passed, says, (table,), asked=fact(_JUST_AFTER))


@possible("common-shocks", "did.not-tested")
def common_shocks(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether the never-treated changed at the starts as they rarely do.

    At each date with a year on either side (a quarter of the periods, if less) the log ratio of
    their total in the year after to that in the year before, less the change of their exposure, is
    taken, and the change at each start compared with those at dates that are no start. A shock that
    hits all units alike is taken out by the controls; one that hits them unequally is not, and the
    spread of the controls' own changes says how unequal it was.
    """
    rows = _changes(cohorts)
    worst = min(rows, key=lambda row: float(row["rank"]))
    unusual = float(worst["rank"]) <= max(RARE / len(rows), float(worst["least"]))
    says = sentences(
        fact(
            "did.pre-trends.controls-changed",
            period=worst["period"],
            gaps=cohorts.used is not None,
            change=worst["change"],
            share=1 - float(worst["rank"]),
            spread=worst["spread"],
            usual=worst["usual spread"],
        ),
        fact("did.pre-trends.something-common") if unusual else None,
    )
    return Check("common-shocks", not unusual, says, tuple(rows))


def _changes(cohorts: Cohorts) -> list[dict[str, str | float]]:
    never = np.flatnonzero(~cohorts.ever & cohorts.known.all(axis=1))
    if len(never) < 2:
        gaps = cohorts.used is not None
        raise FitError(fact("did.pre-trends.never-treated-units", n_never=len(never), gaps=gaps))
    if (cohorts.y < 0).any():
        raise FitError(fact("did.pre-trends.changes-proportion-need-outcomes-not"))
    side = min(calendar.PER_YEAR[cohorts.frequency], cohorts.length // 4)
    dates = np.arange(side, cohorts.length - side + 1)
    starts = cohorts.cohorts[(cohorts.cohorts >= side) & (cohorts.cohorts <= dates[-1])]
    # A window that reaches across a start would count its shock among the usual changes.
    usual = dates[(np.abs(dates[:, None] - cohorts.cohorts) >= side).all(axis=1)]
    if side < 1 or not len(starts):
        raise FitError(fact("did.pre-trends.no-start-has-year-quarter"))
    if len(usual) < FEWEST_DATES:
        raise FitError(
            fact(
                "did.pre-trends.dates-year-more-from-every",
                n_usual=len(usual),
                fewest_dates=FEWEST_DATES,
            )
        )
    y, mass = cohorts.y[never], exposures(cohorts)[never]
    sums = [np.hstack([np.zeros((len(never), 1)), table.cumsum(axis=1)]) for table in (y, mass)]

    def around(date: int) -> tuple[float, float]:
        after, before = (
            [s[:, end] - s[:, begin] for s in sums]
            for begin, end in ((date, date + side), (date - side, date))
        )
        if before[0].sum() <= 0 or after[0].sum() <= 0:
            raise FitError(fact("did.pre-trends.controls-had", periods=cohorts.periods[date]))
        total = np.log(after[0].sum() / before[0].sum()) - np.log(after[1].sum() / before[1].sum())
        # Half an event is added, as in random-effects: a small unit may have none in a year.
        own = np.log((after[0] + 0.5) / (before[0] + 0.5)) - np.log(after[1] / before[1])
        return float(total), float(own.std(ddof=1))

    elsewhere = np.array([around(int(date)) for date in usual])
    rows: list[dict[str, str | float]] = []
    for start in starts:
        change, spread = around(int(start))
        as_large = int((np.abs(elsewhere[:, 0]) >= abs(change) - 1e-9).sum())
        rows.append(
            {
                "period": cohorts.begun(start),
                "change": 100 * float(np.expm1(change)),
                "rank": (1 + as_large) / (1 + len(usual)),
                "least": 1 / (1 + len(usual)),
                "spread": spread,
                "usual spread": float(np.median(elsewhere[:, 1])),
            }
        )
    return rows


# Shares of all cases in which a slope is found.
HALF, MOST = 0.5, 0.8
# A test that would more often miss than find a trend as large as the estimate is no comfort.
ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class PreTrends:
    """What the periods before treatment say, slopes in outcome units a period.

    Parameters
    ----------
    joint : Wald's test of all of them. largest, plot_p : the largest ratio of estimate to standard
        error, and how often one so large is seen with equal trends. plot_size : how often the look
        at the plot rejects with equal trends. joint_slopes, plot_slopes : found in 50 and 80 %.
        whole : the slope that would make the mean estimate after treatment all by itself, and
        whole_power : how often the joint test would have found it. bias : of that mean, under the
        slope that the plot shows in half of all cases; bias_passed : given that it did not show.
    """

    joint: pretest.Joint
    largest: float
    plot_p: float
    plot_size: float
    joint_slopes: tuple[float, float]
    plot_slopes: tuple[float, float]
    whole: float
    whole_power: float
    bias: float
    bias_passed: float


def pre_trends(curve: Curve) -> PreTrends:
    """The tests of a curve without its reference period and what they can find.

    The joint test is Hotelling's, F(k, df - k + 1); single intervals are t(df), as the curve says.

    Raises
    ------
    FitError : when the covariance before treatment is singular, or there are not more clusters than
        periods before.
    """
    before = curve.time < REFERENCE
    k = int(before.sum())
    early, cov = curve.estimate[:k], curve.cov[:k, :k]
    test = pretest.joint(early, cov, curve.df)
    ratios = np.abs(early) / curve.std_error[:k]
    trend = curve.time - REFERENCE
    far = float(trend[k:].mean())
    # In this unit a slope of 1 puts one of the estimates before treatment a standard error away.
    unit = float((curve.std_error[:k] / np.abs(trend[:k])).min())

    def by_joint(means: np.ndarray) -> float:
        return pretest.joint_power(means, cov, curve.df)

    def by_plot(means: np.ndarray) -> float:
        return pretest.plot_power(means, cov, curve.critical)

    def slope(power: Callable[[np.ndarray], float], target: float) -> float:
        try:
            return unit * pretest.slope_for(power, unit * trend[:k], target)
        except FitError:  # So many periods that with equal trends it already rejects as often.
            return 0.0

    shown = slope(by_plot, HALF), slope(by_plot, MOST)
    whole = float(curve.estimate[k:].mean()) / far
    given = pretest.passed(shown[0] * trend, curve.cov, k, curve.critical)
    return PreTrends(
        joint=test,
        largest=float(ratios.max()),
        plot_p=pretest.plot_power(np.zeros(k), cov, float(ratios.max())),
        plot_size=by_plot(np.zeros(k)),
        joint_slopes=(slope(by_joint, HALF), slope(by_joint, MOST)),
        plot_slopes=shown,
        whole=whole,
        whole_power=by_joint(whole * trend[:k]),
        bias=shown[0] * far,
        bias_passed=float(given.after.mean()),
    )


@possible("pre-trends", "did.not-tested")
def check(
    cohorts: Cohorts,
    method: Method,
    effect: Effect,
    *,
    estimator: Estimator = "callaway-santanna",
    earliest: int | None = None,
    latest: int | None = None,
) -> Check:
    """Whether trends differed before treatment, on the scale of the effect.

    Of a panel with gaps, or programs that end, the leads of the imputation are tested, whose power
    is not known: then it fails or does not judge. An effect that is a log ratio is judged by the
    leads of the Poisson imputation, whose power is not known here; the power given is always that
    of differences. Passed is None when the test found nothing but would have missed a trend that
    makes the whole estimate more often than not.
    """
    if not cohorts.whole:
        return _by_imputation(cohorts, effect)
    refused = too_few(cohorts)
    if refused:
        raise FitError(refused)
    found = pre_trends(
        against_reference(cohorts, estimator=estimator, earliest=earliest, latest=latest)
    )
    judged = found.joint.p_value
    rows = [
        _row("all together", found.joint.statistic, judged, REJECT, found.joint_slopes),
        _row("any one of them", found.largest, found.plot_p, found.plot_size, found.plot_slopes),
    ]
    by_ratio = None
    if effect.scale == "log ratio":
        try:
            value, _, judged = poisson_imputation.pre_test(cohorts)
        except FitError as fault:
            by_ratio = fact("did.pre-trends.no-ratios", fault=fault)
        else:
            rows.append(_row("ratios", value, judged, REJECT, None))
            by_ratio = fact("did.pre-trends.ratios-decide", p=p_words(judged))
    fails = judged < REJECT
    blind = found.whole_power < ENOUGH
    says = sentences(
        fact("did.pre-trends.together", k=found.joint.k, p=p_words(found.joint.p_value)),
        by_ratio,
        fact(
            "did.pre-trends.power",
            whole=abs(found.whole),
            power=found.whole_power,
            slope=found.joint_slopes[1],
            most=MOST,
            shown=found.plot_slopes[0],
            bias=found.bias,
            passed=found.bias_passed,
        ),
        fact("did.pre-trends.no-evidence") if not fails and blind else None,
    )
    return Check("pre-trends", False if fails else None if blind else True, says, tuple(rows))


def _by_imputation(cohorts: Cohorts, effect: Effect) -> Check:
    """The leads of the imputation, of the untreated cells that there are."""
    by_ratio = effect.scale == "log ratio"
    ended = bool(cohorts.after_end.any())
    # Whether an effect lasts after an end is another question.
    cohorts = cohorts.leaving_out(cohorts.after_end) if ended else cohorts
    ask = poisson_imputation.pre_test if by_ratio else imputation.pre_test
    value, count, p = ask(cohorts)
    says = sentences(
        fact("did.pre-trends.of-cells", count=count, ratios=by_ratio, ended=ended, p=p_words(p)),
        fact("did.pre-trends.power-unknown") if p >= REJECT else None,
    )
    row = _row("ratios" if by_ratio else "all together", value, p, REJECT, None)
    return Check("pre-trends", False if p < REJECT else None, says, (row,))


def _row(
    test: str, statistic: float, p: float, size: float, slopes: tuple[float, float] | None
) -> dict[str, str | float | None]:
    half, most = (slope if np.isfinite(slope) else None for slope in slopes or (np.nan, np.nan))
    return {
        "test": test,
        "statistic": statistic,
        "p_value": p,
        "false_alarms": size,
        "slope_found_in_half": half,
        "slope_found_in_most": most,
    }
