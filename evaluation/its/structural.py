"""Counterfactual by forecast: a structural time series of the time before, carried on."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect, Interval, Point, Term
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.its.effects import phase_of, used
from evaluation.its.ranges import UNBOUNDED, apart
from evaluation.its.series import Series
from evaluation.numeric.series.structural import LEVEL_GRID, TREND_GRID, Forecast, forecast
from evaluation.numeric.shared.linear import Contrasts, mixture_contrasts, t_mixtures

NAME = "structural"
Level = Literal["local level", "local linear trend"]
GRIDS = {"local level": LEVEL_GRID, "local linear trend": TREND_GRID}


def estimate(series: Series, *, level: Level = "local level") -> Effect:
    """What was observed less what a structural model of the time before forecasts.

    In the manner of CausalImpact (Brodersen, Gallusser, Koehler, Remy and Scott 2015, Annals of
    Applied Statistics 9:247-274): a level that may wander, with trend, season and covariates as
    the specification says and with every control series as a regressor, is fitted to the periods
    before the start alone and carried over those after it. No shape of the effect is assumed:
    phase-in and washout only say over which periods it is averaged. At given variances the
    forecasts are those of statsmodels' `UnobservedComponents`; instead of one set of variances,
    many are weighted by how well they fit (`numeric.structural`), where CausalImpact draws them.

    Counts with an exposure are modeled as y over relative exposure. `estimate` is the average
    over the settled periods, `averted` the sum over the affected ones, `percent` observed over
    forecast totals. Their intervals are of the mixture of t(n - k), n and k of the time before,
    and hold the noise of the periods themselves, as what is observed has it; p is the mixture's
    two-sided tail. The path's interval is that of the forecast mean, without that noise; before
    the start `fitted` is the smoothed mean, after it what was observed.

    Parameters
    ----------
    level : "local level" wanders about the specification's trend (CausalImpact's default wanders
        about none: trend = "none"); "local linear trend" has a slope that wanders too, and needs
        a long time before.

    Raises
    ------
    FitError : for several treated sites, a control without the same periods, a design that is
        singular before the start, too few periods there, or a forecast total of nought or less.
    """
    rows, names, notes, before, made = _forecast(series, level)
    scale = series.relative_exposure[rows]
    rate = series.y[rows] / scale
    n = len(rows)
    settled, affected = series.settled[rows], series.affected[rows]
    after = (np.arange(n) >= before).astype(float)
    # Observed less forecast: the noise of a period after the start is part of the difference.
    observed_cov = made.cov + made.sigma2[:, None, None] * np.diag(after)
    differ = partial(
        mixture_contrasts, made.weights, rate - made.signal, observed_cov, float(made.df)
    )
    total = partial(mixture_contrasts, made.weights, made.signal, observed_cov, float(made.df))
    judged = differ(np.stack([scale * settled / settled.sum(), scale * affected]))
    expected = total((scale * settled)[None, :])
    percent, unbounded = _percent(series, judged, expected)
    averted = Interval(*(-float(bound[1]) for bound in (judged.estimate, judged.high, judged.low)))
    return Effect(
        method=NAME,
        scale="difference",
        estimand=fact("its.structural.average"),
        estimate=float(judged.estimate[0]),
        std_error=float(judged.std_error[0]),
        df=float(made.df),
        low=float(judged.low[0]),
        high=float(judged.high[0]),
        p_value=float(judged.p_value[0]),
        percent=percent,
        averted=averted,
        averted_estimand=fact(
            "its.structural.averted-observed", washout=series.specification.washout
        ),
        terms=_terms(made, names),
        path=_path(series, rows, made, before),
        n=before,
        notes=(
            *notes,
            *unbounded,
            _wandering(made, level),
            *_unshaped(series, level),
            *apart(Interval(0.0, float(judged.low[0]), float(judged.high[0])), averted),
            *series.notes,
        ),
    )


def new_ranges(series: Series, *, level: Level = "local level") -> tuple[np.ndarray, np.ndarray]:
    """(T,) ends of the 95 % range of what a period would have had: the forecast with its noise."""
    rows, _, _, _, made = _forecast(series, level)
    scale = series.relative_exposure[rows]
    spread = np.diagonal(made.cov, axis1=1, axis2=2).clip(min=0) + made.sigma2[:, None]
    weights = np.broadcast_to(made.weights, spread.T.shape)
    ranges = t_mixtures(
        weights, (scale * made.signal).T, scale[:, None] * np.sqrt(spread).T, float(made.df)
    )
    return ranges.low, ranges.high


def _forecast(
    series: Series, level: Level
) -> tuple[np.ndarray, tuple[str, ...], tuple[Fact, ...], int, Forecast]:
    """Rows of the treated site, names of columns, notes, periods before the start, forecast."""
    if level not in list(GRIDS):
        raise FitError(fact("its.structural.level-not-known", level=level))
    used(series)
    rows, x, names, notes = _design(series, level)
    rate = series.y[rows] / series.relative_exposure[rows]
    before = int((~series.affected[rows] & series.kept[rows]).sum())
    try:
        return rows, names, notes, before, forecast(rate[:before], x, GRIDS[level])
    except FitError as fault:
        raise FitError(
            fact("its.structural.before-start-terms", names=tuple(names), fault=fault)
        ) from None


def _unshaped(series: Series, level: Level) -> tuple[Fact, ...]:
    """What the design says of the effect's shape, which a forecast assumes nothing of."""
    terms = series.specification
    unused = {
        "its.structural.slope-not-used": terms.effect != "level",
        "its.structural.half-life-not-used": terms.half_life is not None,
        "its.structural.dose-not-used": series.rows.dose is not None,
        "its.structural.needs-a-trend": terms.trend == "none" and level == "local linear trend",
    }
    return tuple(fact(key) for key, said in unused.items() if said)


def _design(
    series: Series, level: Level
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[Fact, ...]]:
    """Rows of the treated site, its design without the intervention and with the controls, the
    names of the columns, and notes about those left out."""
    starts = series.rows.starts
    treated = [number for number, start in enumerate(starts) if start is not None]
    if len(treated) > 1:
        raise FitError(fact("its.structural.structural-forecast-one-treated-site"))
    rows = np.flatnonzero(series.rows.site == treated[0])
    own = series.baseline[rows]
    effects = (series.x != series.baseline).any(axis=0)
    before = series.kept[rows] & ~series.affected[rows]
    told = (own[before] != 0).any(axis=0)
    drop = effects | ~told
    columns = [own[:, index] for index in np.flatnonzero(~drop)]
    names = [series.names[index] for index in np.flatnonzero(~drop)]
    notes = [
        fact("its.structural.nought-before-start", term=series.names[index])
        for index in np.flatnonzero(~effects & ~told & (own != 0).any(axis=0))
        if series.columns[index].role != "common"
    ]
    if level == "local linear trend" and "trend" not in names:
        columns.insert(1, np.arange(1.0, len(rows) + 1))
        names.insert(1, "trend")
    period = series.rows.period
    for number, start in enumerate(starts):
        if start is not None:
            continue
        control = np.flatnonzero(series.rows.site == number)
        if not np.array_equal(period[control], period[rows]):
            raise FitError(
                fact(
                    "its.structural.control-does-not-have-periods",
                    names=series.rows.names[number],
                    names2=series.rows.names[treated[0]],
                )
            )
        columns.append(series.y[control] / series.relative_exposure[control])
        names.append(f"control: {series.rows.names[number]}")
    return rows, np.column_stack(columns), tuple(names), tuple(notes)


def _percent(
    series: Series, judged: Contrasts, expected: Contrasts
) -> tuple[Interval, tuple[Fact, ...]]:
    """The percent change of the total of the settled periods, with a note where its range had to
    be made another way.

    Observed over forecast is a falling function of the forecast (a rising one when less than
    nought was observed), so its range is that of the forecast, transformed. When that reaches
    nought one bound is missing; it is then that of the difference, over the forecast's estimate
    (the relative effect of Brodersen et al. 2015). So are both when less than nought was observed:
    any forecast above nought makes that a fall, however unsure it is.
    """
    middle, low, high = (
        float(bound[0]) for bound in (expected.estimate, expected.low, expected.high)
    )
    if middle <= 0:
        raise FitError(fact("its.structural.forecast-total-there-no-percent", middle=middle))
    periods = int(series.settled.sum())
    observed = middle + float(judged.estimate[0]) * periods
    change, near = 100 * (observed / middle - 1), 100 * (observed / high - 1)
    falls = observed >= 0
    notes: tuple[Fact, ...] = ()
    if low > 0:
        far = 100 * (observed / low - 1)
    elif not falls:
        near, far = (100 * float(end[0]) * periods / middle for end in (judged.high, judged.low))
        notes = (UNBOUNDED,)
    else:
        far = 100 * float(judged.high[0]) * periods / middle
        notes = (fact("its.structural.forecast-may-be-nought"),)
    return Interval(change, *((near, far) if falls else (far, near))), notes


def _terms(made: Forecast, names: tuple[str, ...]) -> tuple[Term, ...]:
    judged: Contrasts = mixture_contrasts(
        made.weights, made.beta, made.beta_cov, float(made.df), np.eye(len(names))
    )
    return tuple(
        Term(
            name,
            float(judged.estimate[i]),
            float(judged.std_error[i]),
            float(made.df),
            float(judged.low[i]),
            float(judged.high[i]),
            float(judged.p_value[i]),
        )
        for i, name in enumerate(names)
    )


def _path(series: Series, rows: np.ndarray, made: Forecast, before: int) -> tuple[Point, ...]:
    scale = series.relative_exposure[rows]
    centers = (scale * made.signal).T
    errors = scale[:, None] * np.sqrt(np.diagonal(made.cov, axis1=1, axis2=2).clip(min=0)).T
    weights = np.broadcast_to(made.weights, centers.shape)
    expected = t_mixtures(weights, centers, errors, float(made.df))
    points = []
    for t, row in enumerate(rows):
        mean, seen = float(expected.estimate[t]), float(series.y[row])
        points.append(
            Point(
                calendar.text(int(series.rows.period[row]), series.frequency),
                seen,
                mean if t < before else seen,
                mean,
                float(expected.low[t]),
                float(expected.high[t]),
                phase_of(series, np.array([row])),
            )
        )
    return tuple(points)


def _wandering(made: Forecast, level: Level) -> Fact:
    """How much the level moves."""
    grid = np.array(GRIDS[level])
    moves = float(made.weights @ np.sqrt(grid[:, 0] * made.sigma2))
    still = float(made.weights[(grid == 0).all(axis=1)].sum())
    noise = float(made.weights @ np.sqrt(made.sigma2))
    return fact("its.structural.wanders", moves=_short(moves), noise=_short(noise), weight=still)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
