"""Did the series break, and when? The date is searched for, not given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.check_helpers import REJECT, Finding, inflation, units
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.its.solved import kept
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.numeric.series.breaks import FBreak, f_break, hansen_p, likely_dates
from evaluation.numeric.series.correlation import AR1_NUGGET
from evaluation.numeric.series.poisson_break import poisson_break
from evaluation.numeric.shared.draws import stream
from evaluation.numeric.shared.linear import orthonormal
from evaluation.numeric.shared.ols import unbiased_rho

SEED = 20130101
# Enough to tell .05 from .1; the smallest p is then .005.
DRAWS = 199


@dataclass(frozen=True, slots=True)
class DetectedBreak:
    """A change of level that a search over all dates found in one series.

    first : the first period after the break, as written, and its `ordinal`. low, high : first and
    last entry of the 95 % set of `first`. percent : change of level at the break, which a search
    for the largest overstates. p_value : allowing for correlation and for the search.
    """

    first: str
    ordinal: int
    low: str
    high: str
    percent: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Search:
    """What was found in one series: dates as indices of the first period after the break."""

    f: FBreak
    # The likelihood ratio of counts, whose p is simulated, or the largest F; with correlation
    # allowed for.
    simulated: bool
    statistic: float
    best: int
    dates: np.ndarray
    p_value: float
    percent: float


def unknown_break(series: Series, method: Method, effect: Effect) -> Finding:
    """Fails when a break is found (p below .05) and the start is not in the 95 % set of its date.

    The model is that of the treated unit without the intervention: one change of level at an
    unknown date, with trend, season and later interventions held. The F tests of Andrews (1993)
    and Andrews and Ploberger (1994) take errors as uncorrelated. What judges allows for
    correlation: the likelihood ratio of a Poisson model (counts) or the largest F is divided by the
    factor by which the correlation left beside the break inflates the variance of a mean of half
    the series. For counts that is averaged over the correlation models of averaged REML. In
    simulated series without a break (72 to 132 months, 120 to 200 a world) one was found in 0 to
    7 % with a correlation up to .3 or a persistent rate, and in 3 to 17 % with a correlation of .6,
    where the largest F alone finds one in 74 to 85 %. With a phase-in or washout the start is every
    period until the effect is complete.
    """
    one = series.alone()
    found = kept(_search, one)
    planned = one.specification
    # The row of the start: with periods missing it is not so many periods from the first.
    start = int(np.searchsorted(one.time, one.start))
    settling = planned.washout + planned.phase_in
    where = one.rows.names[0] if len(series.rows.names) > 1 else ""
    table = [
        {"test": name, "statistic": float(statistic[0]), "p": float(p[0])}
        for name, statistic, p in (
            ("supF", found.f.sup, found.f.sup_p),
            ("aveF", found.f.ave, found.f.ave_p),
            ("expF", found.f.exp, found.f.exp_p),
        )
    ]
    test = "LR" if found.simulated else "supF"
    allowed = {"test": f"{test}, correlation allowed for"}
    table.append({**allowed, "statistic": found.statistic, "p": found.p_value})
    p = _p(found)
    if found.p_value >= REJECT:
        return Finding(
            None,
            fact("its.break-checks.no-break", where=where, p=p),
            tuple(table),
        )
    periods = one.periods
    low, high = int(found.dates[0]), int(found.dates[-1])
    inside = bool(((found.dates >= start) & (found.dates <= start + settling)).any())
    broken = len(found.dates) <= high - low
    dates = fact(
        "its.break-checks.dates-between" if broken else "its.break-checks.dates",
        n=len(found.dates),
        first=periods[low],
        last=periods[high],
    )
    return Finding(
        inside,
        fact(
            "its.break-checks.found",
            where=where,
            after=periods[found.best - 1],
            p=p,
            dates=dates,
            inside=inside,
            start=periods[start],
            distance=_distance(found.best - start, one.frequency),
        ),
        tuple(table),
    )


def detected_break(series: Series) -> DetectedBreak | None:
    """The break in level of another outcome of the same unit, or None when there is none to see.

    Of the series only the data and the terms without intervention are used; its start is not. The
    search is that of `unknown_break`. None also when the model cannot be fitted.
    """
    one = series.alone()
    try:
        found = kept(_search, one)
    except FitError:
        return None
    if found.p_value >= REJECT:
        return None
    periods = one.periods
    return DetectedBreak(
        first=periods[found.best],
        ordinal=int(one.rows.period[found.best]),
        low=periods[int(found.dates[0])],
        high=periods[int(found.dates[-1])],
        percent=found.percent,
        p_value=found.p_value,
    )


def _search(one: Series) -> _Search:
    # What came later to the program is known, and keeps its terms; the first column is the
    # intercept, which alone may break.
    later = np.array([bool(it.of) and it.role in ("level", "slope") for it in one.columns])
    x = one.x[:, (one.baseline != 0).any(axis=0) | later]
    y = one.y / one.relative_exposure
    f = f_break(y, x, columns=np.array([0]))
    step = np.arange(one.n) >= int(f.best[0])
    with_step = np.column_stack([x, step])
    if one.kind == "count":
        return _count_search(one, x, with_step, f)
    q, triangle = orthonormal(with_step)
    gamma = q.T @ y
    residuals = y - q @ gamma
    rho, _ = unbiased_rho(residuals, with_step, one.time)
    factor = inflation(rho, 0.0, one.n // 2)
    shift = float(np.linalg.solve(triangle, gamma)[-1])
    before = float(y[~step].mean())
    if before == 0:
        raise FitError(fact("its.break-checks.mean-before-break-nought-there"))
    odds = (one.n - f.before[0]) * f.before[-1] / (f.before[0] * (one.n - f.before[-1]))
    p = hansen_p(f.sup / factor, "sup", columns=1, trimming=1 / (1 + float(np.sqrt(odds))))
    return _Search(
        f,
        False,
        float(f.sup[0]) / factor,
        int(f.best[0]),
        likely_dates(f.before, f.likelihood_ratios[0] / factor),
        float(p[0]),
        100 * shift / before,
    )


def _count_search(one: Series, x: np.ndarray, with_step: np.ndarray, f: FBreak) -> _Search:
    model = averaged_poisson(one.y, with_step, one.log_offset, one.time, AR1_NUGGET)
    if not model.converged[0] or not np.isfinite(model.sigma2).all():
        raise FitError(fact("its.break-checks.count-model-break-has-no"))
    factors = np.array([inflation(rho, nugget, one.n // 2) for rho, nugget in AR1_NUGGET])
    # The harmonic mean: what is averaged over the models is how much a period tells.
    spread = 1 / float((model.weights[0] / (model.sigma2[0] * factors)).sum())
    found = poisson_break(
        one.y,
        x,
        one.log_offset,
        stream(SEED, f"unknown break/{one.rows.names[0]}"),
        dispersion=max(spread, 1.0),
        draws=DRAWS,
    )
    return _Search(
        f,
        True,
        found.ratio,
        found.best,
        likely_dates(found.before, found.ratios),
        found.p_value,
        100 * float(np.expm1(found.shift)),
    )


def _p(found: _Search) -> Fact:
    if found.simulated and found.p_value <= 1 / (DRAWS + 1):
        return fact("its.break-checks.p-at-most", p=found.p_value)
    tiny = found.p_value < 0.001
    return fact("its.break-checks.p-tiny" if tiny else "its.break-checks.p", p=found.p_value)


def _distance(periods: int, frequency: calendar.Frequency) -> Fact:
    if periods == 0:
        return fact("its.break-checks.start-itself")
    n = abs(periods)
    return fact(
        "its.break-checks.after-start" if periods > 0 else "its.break-checks.before-start",
        n=n,
        units=units(frequency, n),
    )
