"""The world that power is simulated in: a planned design, and what the time before the start says
of level, trend, season, dispersion and correlation. No outcome from the start on is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.data.panel import Panel
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.series import Series
from evaluation.numeric.series.ar1 import linear_reml
from evaluation.numeric.series.averaged import averaged_poisson
from evaluation.numeric.series.correlation import AR1
from evaluation.numeric.series.simulated import copula_counts, latent_counts
from evaluation.numeric.shared.draws import normals, stationary_path, stream

# The level that a trend is carried on from is that of the last two years before the start.
LEVEL_YEARS = 2
# A trend fitted to a few years and carried on for ten can explode: it may double or halve
# outcomes, no more. Power hardly hangs on it, since the planned model fits the trend anyway.
FARTHEST = 2.0
# More than this is a walk without a home, in which no change of level can be told.
MOST_CORRELATED = 0.95
TRENDS = ("trend", "trend^2")


@dataclass(frozen=True, slots=True)
class World:
    """A series that can be drawn again and again, without an effect or with a known one.

    Parameters
    ----------
    series : the planned design over all periods looked at; its outcomes from the start on are
        never read. mean : (n,) expected outcomes without the intervention, in outcome units.
    alpha : NB2 dispersion of a count, one a site: its variance is mean + alpha mean^2.
    deviation : standard deviation of the errors of other outcomes, at mean exposure.
    rho : lag-1 correlation of the errors, from 0 to .95.
    """

    series: Series
    mean: np.ndarray
    alpha: tuple[float, ...]
    deviation: float
    rho: float


@dataclass(frozen=True, slots=True)
class Found:
    """A world, with what of it was found in the data and what was set.

    dispersion : variance over mean, None for other outcomes than counts. rho : as fitted.
    limited : True when the trend was flattened.
    """

    world: World
    dispersion: float | None
    rho: float
    limited: bool


def blinded(panel: Panel, start: int, last: int, keep: tuple[str, ...] = ()) -> Panel:
    """The panel up to the period `last`, with no outcome and no exposure known from `start` on.

    Outcomes are nought there, exposures as in the last period before; treatments and covariates
    are as the table has them, and past its end as in its last period. Missing periods are made.

    Parameters
    ----------
    start, last : ordinals.
    """
    begin = calendar.ordinal(panel.periods[0], panel.frequency)
    length, old = last - begin + 1, len(panel.periods)
    at = min(max(start - begin, 0), length)
    roles = {column.name: column.role for column in panel.columns}
    values = {}
    for name, table in panel.values.items():
        made = np.full((len(table), length), np.nan)
        made[:, : min(old, length)] = table[:, :length]
        role = roles[name]
        for row in made:
            if role == "outcome":
                row[at:] = 0.0
                continue
            known = np.flatnonzero(~np.isnan(row[:at] if role == "exposure" else row))
            if len(known):
                row[(at if role == "exposure" else known[-1] + 1) :] = row[known[-1]]
        values[name] = made
    periods = tuple(calendar.text(begin + i, panel.frequency) for i in range(length))
    return replace(panel, periods=periods, values=values)


def world_before(series: Series) -> Found:
    """The world that the periods before the (earliest) start describe.

    Counts: averaged REML over AR(1) correlations of the model without the intervention; its mean
    correlation and dispersion were within .05 and 10 % of the truth in simulated series of 48 to
    72 months, and it always settles. Other outcomes: linear REML with AR(1) errors. A negative
    correlation is taken as none, and less dispersion than the Poisson's as the Poisson's.

    Parameters
    ----------
    series : the planned design over all periods looked at, whatever its outcomes from the start
        on.

    Raises
    ------
    FitError : when the time before the start has no event or cannot be fitted.
    """
    before = series.rows.period < series.rows.period.min() + series.start
    x, count = series.x[before], series.kind == "count"
    y, time = series.y[before], series.time[before]
    for number, site in enumerate(series.rows.names):
        if count and y[series.rows.site[before] == number].sum() == 0:
            raise FitError(fact("study.world.no-event-before-start-there", site=site))
    # Terms of the intervention, and of what comes later, are nought before the start.
    own = (series.x != series.baseline).any(axis=0)
    used = np.flatnonzero(~own & (x != 0).any(axis=0))
    beta = np.zeros(x.shape[1])
    dispersion: float | None = None
    if count:
        fitted = averaged_poisson(y, x[:, used], series.log_offset[before], time, AR1)
        if not fitted.converged[0]:
            raise FitError(fact("study.world.time-before-start-cannot-be"))
        beta[used] = fitted.beta[0]
        rho = float(fitted.weights[0] @ np.array(AR1)[:, 0])
        dispersion, variance = float(fitted.weights[0] @ fitted.sigma2[0]), 0.0
    else:
        scale = series.relative_exposure
        linear = linear_reml(y / scale[before], x[:, used], time)
        beta[used], rho, variance = linear.beta, linear.rho, linear.sigma2
    link = np.zeros(series.n)
    limited = False
    for number in range(len(series.rows.names)):
        here = series.rows.site == number
        link[here], bent = _carried_on(series, beta, here, before)
        limited |= bent
    mean = np.exp(series.log_offset + link) if count else series.relative_exposure * link
    if not count and mean[before].mean() <= 0:
        raise FitError(fact("study.world.outcome-nought-less-on-average"))
    alpha = tuple(
        max((dispersion or 1.0) - 1.0, 0.0)
        / float(mean[before & (series.rows.site == number)].mean())
        for number in range(len(series.rows.names))
    )
    world = World(
        series, mean, alpha, float(np.sqrt(variance)), min(max(rho, 0.0), MOST_CORRELATED)
    )
    return Found(world, dispersion, rho, limited)


def with_effect(world: World, percent: float, settled: np.ndarray) -> np.ndarray:
    """(n,) means when the intervention changes its total over the `settled` rows by `percent`.

    A lasting level changes every settled period alike; one that fades, or a dose, is scaled so
    that the settled periods are changed by as much taken together.

    Parameters
    ----------
    settled : (n,) rows with the intervention fully in place. percent : above -100.
    """
    from scipy.optimize import brentq

    series, mean = world.series, world.mean
    own = np.flatnonzero((series.x != series.baseline).any(axis=0))
    shape = series.x[:, own[0]]  # the level or the dose; a slope and later phases stay unchanged
    goal = percent / 100 * float(mean[settled].sum())
    if series.kind != "count":
        scaled = series.relative_exposure * shape
        return np.asarray(mean + goal / float(scaled[settled].sum()) * scaled)

    def missed(size: float) -> float:
        return float((mean * np.expm1(size * shape))[settled].sum()) - goal

    size = float(np.log1p(percent / 100))
    if abs(missed(size)) > 1e-9 * float(mean[settled].sum()):
        far = np.sign(percent) * 1.0
        while missed(far) * np.sign(percent) < 0:
            far *= 2
        size = float(brentq(missed, 0.0, far, xtol=1e-12))
    return np.asarray(mean * np.exp(size * shape))


def persistent_rho(world: World) -> float:
    """Correlation of a rate under Poisson noise that gives counts the lag-1 correlation of the
    world; 0 when there is no extra variance or no correlation to share."""
    excess = world.alpha[0] * float(world.mean[world.series.rows.site == 0].mean())
    if excess < 0.01 or world.rho < 0.01:
        return 0.0
    return min(world.rho * (1 + excess) / excess, MOST_CORRELATED)


def simulated(
    world: World, mean: np.ndarray, *, seed: int, name: str, draws: int, persistent: bool = False
) -> np.ndarray:
    """(R, n) series about `mean`, the same random numbers for every mean under one name.

    Parameters
    ----------
    mean : (n,), from `with_effect`. name : of the random stream. persistent : True for counts
        about a rate that is itself autocorrelated, False for autocorrelated counts.
    """
    series = world.series
    made = np.empty((draws, series.n))
    for number, site in enumerate(series.rows.names):
        here = series.rows.site == number
        source = stream(seed, f"{name}/{site}")
        if series.kind != "count":
            shocks = normals(source, draws * int(here.sum())).reshape(draws, -1)
            errors = stationary_path(shocks.T, rho=world.rho, deviation=world.deviation).T
            made[:, here] = mean[here] + series.relative_exposure[here] * errors
            continue
        draw = latent_counts if persistent else copula_counts
        rho = persistent_rho(world) if persistent else world.rho
        made[:, here] = draw(
            mean[here], alpha=world.alpha[number], rho=rho, source=source, draws=draws
        )
    return made


def _carried_on(
    series: Series, beta: np.ndarray, here: np.ndarray, before: np.ndarray
) -> tuple[np.ndarray, bool]:
    """The linear predictor of one site without offset, and whether its trend was flattened.

    The trend turns about its mean over the last years before the start; where it would change
    outcomes by more than `FARTHEST` after that, all of it is flattened by one factor, so that the
    planned model stays true.
    """
    trends = [
        place
        for place, name in enumerate(series.names)
        if name.split(": ")[0] in TRENDS and name not in series.specification.covariates
    ]
    whole = series.x[here] @ beta
    trend = series.x[here][:, trends] @ beta[trends]
    recent = np.flatnonzero(before[here])[-LEVEL_YEARS * calendar.PER_YEAR[series.frequency] :]
    away = trend - trend[recent].mean()
    if series.kind == "count":
        most = float(np.log(FARTHEST))
    else:
        most = (1 - 1 / FARTHEST) * abs(float(whole[recent].mean()))
    reach = float(np.abs(away[~before[here]]).max())
    if reach <= most:
        return whole, False
    return whole - away * (1 - most / reach), True
