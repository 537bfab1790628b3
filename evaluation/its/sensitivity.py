"""The answer again with another beginning of the data, or another start of the intervention.

The sign of an estimate is said to turn only when the headline has one, that is when its interval
leaves out no change: an estimate of about nought has either sign by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evaluation.data.period import PER_YEAR
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.its import averaged_reml, reml_ar1
from evaluation.its.effects import Fitted, Link, headline, means
from evaluation.its.residuals import residuals
from evaluation.its.series import Series
from evaluation.numeric.breaks import likely_dates
from evaluation.numeric.glm import poisson
from evaluation.numeric.robust import unbiased_rho

Solve = Callable[[Series], Fitted]

# Slower than 20 ms a fit on 156 months; checks that refit often take another of the same link.
SLOW = frozenset({"linear-reml-ar1", "poisson-reml-ar1", "arima", "structural"})
# With more rows the nugget's eigenvectors, new for every window, would take seconds.
MANY_ROWS = 200
MAX_SHIFT = 12
NEAR_SHIFT = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One estimate of the headline's kind, on its scale, with 95 % interval and p."""

    link: Link
    estimate: float
    low: float
    high: float
    p: float

    @property
    def row(self) -> dict[str, float]:
        """Estimate and interval as percent for a ratio, in outcome units for a difference."""
        return {
            "estimate": shown(self.estimate, self.link),
            "low": shown(self.low, self.link),
            "high": shown(self.high, self.link),
            "p": self.p,
        }


def answered(series: Series, solve: Solve) -> Answer:
    """The headline estimate of a method on a series.

    Raises
    ------
    FitError : when the method cannot be fitted.
    """
    fitted = solve(series)
    value, gradient = headline(series, fitted.link, means(series, fitted.link, fitted.beta))
    judged = fitted.judge(gradient[None, :])
    move = value - float(judged.estimate[0])
    return Answer(
        fitted.link,
        value,
        float(judged.low[0]) + move,
        float(judged.high[0]) + move,
        float(judged.p_value[0]),
    )


def shown(value: float, link: Link) -> float:
    """A log ratio as percent change; a difference as it is."""
    return 100 * float(np.expm1(value)) if link == "log" else value


def said(value: float, link: Link) -> str:
    """A log ratio or a difference in words."""
    return f"{shown(value, link):.1f} %" if link == "log" else f"{value:.4g}"


def link_of(effect: Effect) -> Link:
    """The link of the model behind an effect."""
    return "log" if effect.scale == "log ratio" else "identity"


def decided(effect: Effect) -> bool:
    """Whether the headline's interval leaves out no change."""
    return effect.low > 0 or effect.high < 0


def quicker(series: Series, solve: Solve, effect: Effect) -> tuple[Solve, str]:
    """A method fit for dozens of refits, and words that say when it is not the headline's.

    For a ratio that is averaged REML, above 200 rows without the nugget; for a difference linear
    maximum likelihood with AR(1) errors.
    """
    if effect.scale != "log ratio":
        if effect.method not in SLOW:
            return solve, ""
        return reml_ar1.fit_linear_ml, " (refits by linear AR(1) maximum likelihood)"
    if series.n > MANY_ROWS and effect.method.startswith("averaged-reml"):
        return averaged_reml.fit_ar1, " (refits by averaged REML without the nugget)"
    if effect.method in SLOW:
        return averaged_reml.fit, " (refits by averaged REML)"
    return solve, ""


def alone(series: Series) -> Series:
    """The first treated unit by itself, with its own start, a plain level and no later change.

    Raises
    ------
    FitError : when that is not a series that can be fitted.
    """
    rows = series.rows
    number = next(i for i, start in enumerate(rows.starts) if start is not None)
    own = rows.site == number
    return Series.from_arrays(
        rows.y[own],
        start=int((rows.starts[number] or 0) - rows.period[own][0]),
        exposure=None if rows.exposure is None else rows.exposure[own],
        first=np.array(series.periods)[own][0],
        frequency=series.frequency,
        kind=series.kind,
        specification=series.specification,
        covariates={
            name: rows.covariates[own, i] for i, name in enumerate(series.specification.covariates)
        },
        pulses=rows.pulses,
        name=rows.names[number],
    )


def least_before(series: Series) -> int:
    """Fewest periods that must come before a start: two years, and twelve periods."""
    return max(2 * PER_YEAR[series.frequency], 12)


def variance_factor(series: Series, solve: Solve) -> float:
    """How many times the variance of a sum over many periods is that of pure chance (counts), or
    of uncorrelated errors of variance one: dispersion times (1 + rho)/(1 - rho), rho not negative.

    A likelihood ratio over this factor allows, roughly, for overdispersion and autocorrelation.
    """
    left = residuals(series, solve)
    rho, spread = unbiased_rho(left.pearson, left.working, series.time[left.rows])
    rho = min(max(rho, 0.0), 0.9)
    return (spread if series.kind == "count" else 1.0) * (1 + rho) / (1 - rho)


def base_period(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does the answer depend on where the data begin? The window begins at every period that
    leaves two years before the start, with the planned trend and without one (with one, when the
    plan has none).

    Failed when a clear headline turns its sign at some beginning, or when the estimates of the
    planned model spread wider than the headline's own interval. A window short of the full one
    is less certain, so estimates differ by chance too; the interval of each is in the table.
    """
    question = "Does the answer depend on the year the data begin?"
    fast, words = quicker(series, solve, effect)
    least = least_before(series)
    length = int(np.ptp(series.rows.period)) + 1
    planned_trend = series.specification.trend
    other = "linear" if planned_trend == "none" else "none"
    models = (
        ("planned", series),
        (f"{other} trend" if other == "linear" else "no trend", series.specified(trend=other)),
    )
    rows: list[dict[str, object]] = []
    found: dict[str, list[tuple[str, float]]] = {name: [] for name, _ in models}
    for base in range(series.start - least + 1):
        for name, model in models:
            try:
                cut = model.between(base, length)
                answer = answered(cut, fast)
            except FitError:
                continue
            found[name].append((cut.periods[0], answer.estimate))
            rows.append(
                {
                    "model": name,
                    "base": cut.periods[0],
                    "periods_before": series.start - base,
                    **answer.row,
                }
            )
    planned = found["planned"]
    if len(planned) < 2:
        return Check(
            "base-period",
            question,
            None,
            f"Not possible: {series.start} periods before the start; {least} must be left.",
        )
    link = link_of(effect)
    low, high = (end(planned, key=lambda pair: pair[1]) for end in (min, max))
    turned = decided(effect) and any(value * effect.estimate <= 0 for _, value in planned)
    wide = high[1] - low[1] > effect.high - effect.low
    sentence = (
        f"With data from any of {len(planned)} {series.frequency}s ({planned[0][0]} to "
        f"{planned[-1][0]}) on, the change goes from {said(low[1], link)} (from {low[0]}) to "
        f"{said(high[1], link)} (from {high[0]}){words}"
    )
    for name, pairs in found.items():
        if name != "planned" and pairs:
            ends = [end(pairs, key=lambda pair: pair[1]) for end in (min, max)]
            sentence += (
                f"; with {name} from {said(ends[0][1], link)} (from {ends[0][0]}) to "
                f"{said(ends[1][1], link)} (from {ends[1][0]})"
            )
    sentence += (
        f". The headline is {said(effect.estimate, link)} ({said(effect.low, link)} to "
        f"{said(effect.high, link)})"
    )
    if turned:
        sentence += "; the sign turns"
    if wide:
        sentence += "; the spread is wider than the headline's own range"
    return Check("base-period", question, not (turned or wide), sentence + ".", tuple(rows))


def start_dates(series: Series, solve: Solve, effect: Effect) -> Check:
    """Does the answer depend on the month taken as the start? It is moved by up to 12 periods
    either way, as far as the series lets it.

    Failed when a clear headline turns its sign within three periods of the plan, or when the
    planned start is not among the dates that fit about as well as the best: twice the
    log-likelihood, over dispersion and autocorrelation, more than 7.35 lower (Hansen 2000). The
    likelihood takes no washout, so that every start is judged on the same periods. Otherwise it
    informs.
    """
    question = "Does the answer depend on the date taken as the start?"
    starts = {start for start in series.rows.starts if start is not None}
    if len(starts) > 1 or series.rows.dose is not None:
        return Check(
            "start-dates",
            question,
            None,
            "Not asked: this design has more than one start, or a dose in place of a start.",
        )
    fast, words = quicker(series, solve, effect)
    length = int(np.ptp(series.rows.period)) + 1
    text = np.array(series.periods)[np.argsort(series.rows.period, kind="stable")]
    periods = list(dict.fromkeys(text.tolist()))
    moved: list[tuple[int, Series, Answer]] = []
    for shift in range(-MAX_SHIFT, MAX_SHIFT + 1):
        start = series.start + shift
        if not least_before(series) // 2 <= start < length - NEAR_SHIFT and shift:
            continue
        try:
            there = series.starting(start) if shift else series
            moved.append((shift, there, answered(there, fast)))
        except FitError:
            continue
    ratios = _log_likelihoods([there for _, there, _ in moved]) / variance_factor(series, fast)
    shifts = np.array([shift for shift, _, _ in moved])
    likely = likely_dates(shifts, ratios)
    best = int(shifts[ratios.argmax()])
    link = link_of(effect)
    near = [answer for shift, _, answer in moved if abs(shift) <= NEAR_SHIFT]
    turned = decided(effect) and any(answer.estimate * effect.estimate <= 0 for answer in near)
    odd = 0 not in likely
    low, high = (end(moved, key=lambda entry: entry[2].estimate) for end in (min, max))
    close = [said(end(answer.estimate for answer in near), link) for end in (min, max)]
    sentence = (
        f"Started anywhere from {periods[series.start + moved[0][0]]} to "
        f"{periods[series.start + moved[-1][0]]}, the change goes from "
        f"{said(low[2].estimate, link)} (start {periods[series.start + low[0]]}) to "
        f"{said(high[2].estimate, link)} (start {periods[series.start + high[0]]}){words}; within "
        f"{NEAR_SHIFT} {series.frequency}s of the plan, from {close[0]} to {close[1]}. The data "
        f"fit best with a start in {periods[series.start + best]}"
    )
    sentence += (
        ", and the planned one fits clearly worse"
        if odd
        else ", which is the planned one"
        if best == 0
        else ", but the planned one fits about as well"
    )
    if turned:
        sentence += "; the sign turns near the planned start"
    return Check(
        "start-dates",
        question,
        False if turned or odd else None,
        sentence + ".",
        tuple(
            {
                "start": periods[series.start + shift],
                "shift": shift,
                **answer.row,
                "fit_below_best": float(ratios.max() - ratio),
            }
            for (shift, _, answer), ratio in zip(moved, ratios, strict=True)
        ),
    )


def _log_likelihoods(starts: list[Series]) -> np.ndarray:
    """(m,) twice the log-likelihood, up to one constant, of the model at each start."""
    models = [one.specified(washout=0) if one.specification.washout else one for one in starts]
    x = np.stack([model.x for model in models])
    y = models[0].y
    if models[0].kind == "count":
        fitted = poisson(np.broadcast_to(y, x.shape[:2]), x, models[0].log_offset)
        # Where a coefficient ran off to infinity the likelihood is still that of its limit.
        return np.asarray(2 * (y * np.log(np.maximum(fitted.mu, 1e-300)) - fitted.mu).sum(axis=1))
    y = y / models[0].relative_exposure
    q = np.linalg.qr(x)[0]
    rss = y @ y - ((np.swapaxes(q, 1, 2) @ y) ** 2).sum(axis=1)
    return np.asarray(-len(y) * np.log(np.maximum(rss, 1e-300)))


def settled_beside(series: Series, **changes: object) -> Series:
    """The same data with another specification; a name for what a grid of them does."""
    return replace(series, **changes)  # type: ignore[arg-type]
