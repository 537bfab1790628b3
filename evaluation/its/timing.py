"""Was the start chosen after a peak? Then a return to the usual level looks like an effect."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from evaluation.data import period as calendar
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.check_helpers import Finding, inflation
from evaluation.its.effects import headline, means
from evaluation.its.methods import Method
from evaluation.its.series import Series
from evaluation.numeric.series.simulated import copula_counts
from evaluation.numeric.shared.draws import normals, stationary_path, stream
from evaluation.numeric.shared.glm import poisson
from evaluation.numeric.shared.linear import orthonormal
from evaluation.numeric.shared.ols import unbiased_rho

SEED = 20130101
# Enough for p = .1 within .03, and for the mean pretended change within a point or so.
DRAWS, TRIGGERED = 499, 200
UNUSUAL = 0.10
# A year before the start, and twice as much before that to set it against.
YEARS_BEFORE = 3
# A spike-triggered start leaves so many years on either side.
YEARS_A_SIDE = 2
# Correlation closer to one would leave nothing to tell apart.
MOST_RHO = 0.98


@dataclass(frozen=True, slots=True)
class _World:
    """What series without an effect are drawn from.

    mean : (n,). spread : variance over mean of counts, or the variance of other outcomes over
    their relative exposure. rho : correlation of an AR(1). scale : (n,) nominal standard deviation
    of a period, to be multiplied by the root of the spread.
    """

    mean: np.ndarray
    spread: float
    rho: float
    scale: np.ndarray


def regression_to_the_mean(series: Series, method: Method, effect: Effect) -> Finding:
    """Fails when the year before the start was unusually high (for a fall; low, for a rise; p below
    .1) and a date so chosen can by itself make a change as large as the one found.

    Two simulations without any effect, of the first treated site alone. The first (499 series)
    draws the periods before the start from their own fit and asks how often the last year stands
    out as much, each series fitted again. The second (200 series) draws the whole window from the
    fit with the effect taken out; each gets its start right after its largest year (smallest, for
    a rise) that has two years on either side, and the planned model is fitted by maximum
    likelihood: what it finds is regression to the mean and nothing else. Dispersion and
    correlation are the method's own where it has them, else those of the Poisson or least squares
    fit, free of fitting bias. In simulated series of 132 months without an effect it failed in 4 to
    11 % (three worlds of 200) when the start was in the middle; when the start followed the largest
    year, p was below .1 in 42 to 52 % (three worlds of 100).
    """
    one = series.alone()
    if one.missing:
        raise FitError(fact("its.timing.periods-missing", n=len(one.missing)))
    before, year = one.start, calendar.PER_YEAR[one.frequency]
    if before < YEARS_BEFORE * year:
        raise FitError(
            fact(
                "its.timing.periods-before-start-less-than",
                before=before,
                years_before=YEARS_BEFORE,
            )
        )
    # A fall is faked by a peak, a rise by a trough.
    side = 1.0 if effect.estimate < 0 else -1.0
    world = _without_effect(one, effect, year)
    ratio = _last_year(one, year)
    p, dates = _chance(one, world, year, side)
    pretended = _triggered(one, world, year, side)
    low, high = (float(np.quantile(pretended, share)) for share in (0.025, 0.975))
    middle, found = float(pretended.mean()), effect.percent.estimate
    unusual = p < UNUSUAL
    explained = unusual and (found >= low if side > 0 else found <= high)
    peak = side > 0
    shape, level = ("peak", "high") if peak else ("trough", "low")
    size = 100 * (ratio - 1)
    more = "nothing"
    if unusual:
        more = "its.timing.may-be-all" if explained else "its.timing.more-than-a-return"
    says = fact(
        "its.timing.found",
        size=abs(size),
        above=size >= 0,
        unusual=unusual,
        peak=peak,
        p=p,
        dates=100 * dates,
        middle=middle,
        low=low,
        high=high,
        found=found,
        more=fact(more, peak=peak),
    )
    rows = (
        ("rate in the year before the start over the earlier rate", ratio),
        (f"p of so {level} a year by chance", p),
        (f"share of dates that follow a {shape} as large", dates),
        ("change found, %", found),
        ("change such a start pretends, mean, %", middle),
        ("change such a start pretends, 2.5 % point, %", low),
        ("change such a start pretends, 97.5 % point, %", high),
    )
    return Finding(
        not explained, says, tuple({"measure": name, "value": value} for name, value in rows)
    )


def _without_effect(one: Series, effect: Effect, year: int) -> _World:
    """The whole window, with the planned model fitted and its intervention terms taken out."""
    rows = one.kept
    x = one.x[rows]
    if one.kind == "count":
        fitted = poisson(one.y[rows], x, one.log_offset[rows])
        if not fitted.converged[0]:
            raise FitError(fact("its.timing.poisson-model-has-no-finite"))
        mean = means(one, "log", fitted.beta[0]).expected
        root = np.sqrt(fitted.mu[0])
        residuals, working = (one.y[rows] - fitted.mu[0]) / root, root[:, None] * x
        rho, spread = unbiased_rho(residuals, working, one.time[rows])
        scale = np.sqrt(mean)
    else:
        y = (one.y / one.relative_exposure)[rows]
        q, triangle = orthonormal(x)
        gamma = q.T @ y
        residuals = y - q @ gamma
        mean = means(one, "identity", np.linalg.solve(triangle, gamma)).expected
        rho, _ = unbiased_rho(residuals, x, one.time[rows])
        spread = float(residuals @ residuals) / (len(y) - x.shape[1])
        scale = one.relative_exposure
    nugget = 0.0
    if effect.rho is not None:
        rho, nugget = effect.rho, effect.nugget or 0.0
    if effect.dispersion is not None and effect.scale == "log ratio":
        spread = max(effect.dispersion, 1.0)
    return _World(mean, spread, _as_ar1(max(rho, 0.0), nugget, year), scale)


def _as_ar1(rho: float, nugget: float, periods: int) -> float:
    """The AR(1) correlation whose totals of so many periods vary as with (rho, nugget)."""
    if nugget == 0 or periods == 1:
        return min(rho, MOST_RHO)
    wanted = inflation(rho, nugget, periods)
    low, high = 0.0, MOST_RHO
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if inflation(middle, 0.0, periods) < wanted else (low, middle)
    return low


def _background(one: Series, *, trend: bool = True) -> np.ndarray:
    """(b, k) terms without intervention in the b periods before the start."""
    columns = one.baseline[: one.start]
    keep = (columns != 0).any(axis=0)
    if not trend:
        keep &= ~np.isin(one.names, ("trend", "trend^2"))
    return np.asarray(columns[:, keep])


def _fitted(one: Series, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """(S, b) means that S series of the b periods before the start have under (b, k) terms."""
    if one.kind == "count":
        return np.asarray(poisson(y, x, one.log_offset[: one.start]).mu)
    weight = one.relative_exposure[: one.start]
    q = orthonormal(x)[0]
    return np.asarray(weight * ((np.atleast_2d(y) / weight) @ q @ q.T))


def _last_year(one: Series, year: int) -> float:
    """The rate of the year before the start over the earlier one, season and exposure taken out."""
    y = one.y[: one.start]
    usual = _fitted(one, y, _background(one, trend=False))[0]
    late = y[-year:].sum() / usual[-year:].sum()
    return float(late / (y[:-year].sum() / usual[:-year].sum()))


def _chance(one: Series, world: _World, year: int, side: float) -> tuple[float, float]:
    """How often a year stands out as much in the same direction: p of the last one before the start
    in simulated series, and the share of all dates in the true one."""
    y, x = one.y[: one.start], _background(one)
    early = _World(_fitted(one, y, x)[0], world.spread, world.rho, world.scale[: one.start])
    every = np.vstack([y, _drawn(one, early, DRAWS, "chance")])
    excess = _sums(every - _fitted(one, every, x), year)
    # The fit follows the years at either end more closely than those in the middle.
    standard = side * excess / excess[1:].std(axis=0)
    true, last = standard[0], standard[:, -1]
    return float((last >= last[0] - 1e-9).mean()), float((true >= true[-1] - 1e-9).mean())


def _triggered(one: Series, world: _World, year: int, side: float) -> np.ndarray:
    """(R,) percent changes found in series without effect whose start follows a peak."""
    # What became of the program later is no part of a start that is made up.
    one = replace(one, rows=replace(one.rows, later=())).specified()
    margin = YEARS_A_SIDE * year
    dates = np.arange(min(one.start, margin), one.n - min(one.n - one.start, margin) + 1)
    y = _drawn(one, world, TRIGGERED, "triggered")
    # Entry j is of the year that ends before date j + year.
    excess = _sums(y - world.mean, year) / np.sqrt(_sums(world.scale**2, year))
    chosen = dates[(side * excess[:, dates - year]).argmax(axis=1)]
    moved = {int(date): one.starting(int(date)) for date in np.unique(chosen)}
    own = [moved[int(date)] for date in chosen]
    rows = np.array([np.flatnonzero(series.kept) for series in own])
    x = np.array([series.x[kept] for series, kept in zip(own, rows, strict=True)])
    y = np.take_along_axis(y, rows, axis=1)
    changes = []
    if one.kind == "count":
        fitted = poisson(y, x, one.log_offset[rows])
        for series, beta, good in zip(own, fitted.beta, fitted.converged, strict=True):
            if good:
                value, _ = headline(series, "log", means(series, "log", beta))
                changes.append(100 * float(np.expm1(value)))
    else:
        q, triangle = orthonormal(x)
        gamma = np.swapaxes(q, 1, 2) @ (y / one.relative_exposure[rows])[..., None]
        for series, beta in zip(own, np.linalg.solve(triangle, gamma)[..., 0], strict=True):
            mean, late = means(series, "identity", beta), series.settled
            changes.append(100 * float(mean.fitted[late].sum() / mean.expected[late].sum() - 1))
    if not changes:
        raise FitError(fact("its.timing.no-simulated-series-could-be"))
    return np.array(changes)


def _drawn(one: Series, world: _World, draws: int, name: str) -> np.ndarray:
    """(R, n) series without an effect."""
    source = stream(SEED, f"regression to the mean/{name}/{one.rows.names[0]}")
    if one.kind == "count":
        alpha = (world.spread - 1) / float(world.mean.mean())
        return copula_counts(world.mean, alpha=alpha, rho=world.rho, source=source, draws=draws)
    n = len(world.mean)
    shocks = normals(source, n * draws).reshape(n, draws)
    path = stationary_path(shocks, rho=world.rho, deviation=float(np.sqrt(world.spread)))
    return np.asarray(world.mean + world.scale * path.T)


def _sums(values: np.ndarray, year: int) -> np.ndarray:
    """(..., n - year + 1) sums of a year, the first year first."""
    zero = np.zeros((*values.shape[:-1], 1))
    total = np.concatenate([zero, np.cumsum(values, axis=-1)], axis=-1)
    return np.asarray(total[..., year:] - total[..., :-year])
