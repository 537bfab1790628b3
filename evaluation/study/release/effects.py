"""An effect as it may be told: means and standard errors in steps, and all else from these.

A reader who knows how many people there are could read a count out of a risk, and out of each of
its differences, ratios and tests. So two means and an error are rounded, and what follows from them
in the exact effect follows from them here too. Only whether the range leaves out "no change" is
kept as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from evaluation.effect import Effect, EventTime, Interval, Point, Quantity, Term
from evaluation.fact import key_of
from evaluation.numeric.people.unmeasured import e_value, e_value_of_interval
from evaluation.study.release.rounding import (
    Grid,
    Range,
    Seen,
    Z,
    coarse,
    nice,
    p_of,
    snapped,
    told_p,
    told_range,
)

MEANS = 2
RISK_RATIO = "individual.quantities.risk-ratio"
_ALIKE = 1e-6


def told_effect(effect: Effect, grid: Grid, seen: Seen) -> Effect:
    """The effect with every number in steps; its words and its number of people are as they were.

    Parameters
    ----------
    grid : of the people in it. seen : learns what each number became.
    """
    means = _means(effect)
    log = effect.scale == "log ratio"
    step = grid.ratio(effect.std_error) if log else grid.difference(effect.std_error)
    steps = [grid.difference(term.std_error) for term in effect.terms[:MEANS]] if means else []
    common = max([step, *steps]) if not log else max(steps, default=step)
    told = tuple(snapped(mean, common) for mean in means)
    events = _events(effect, told, grid)
    of_means = tuple(
        replace(_line(term, mean, grid, events, binomial(term.estimate, mean)), name=term.name)
        for term, mean in zip(effect.terms, told, strict=False)
    )
    errors = tuple(term.std_error for term in effect.terms[: len(means)])
    known = _Known((0, 0, 0), (0, 0, 0), means, told, errors, tuple(t.std_error for t in of_means))
    estimate = _estimate(effect, means, told, step)
    line = _line(effect, estimate, grid, events, known.expected(1 if log else 0))
    known = replace(
        known,
        exact=(effect.estimate, effect.low, effect.high),
        told=(line.estimate, line.low, line.high),
    )
    percent = _percent(effect.percent, known, grid, events)
    terms = (
        *of_means,
        *(_term(term, effect, line, grid, events) for term in effect.terms[len(means) :]),
    )
    made = replace(
        effect,
        estimate=line.estimate,
        std_error=line.std_error,
        low=line.low,
        high=line.high,
        p_value=line.p_value,
        percent=percent,
        averted=_averted(effect, known, grid, events),
        terms=terms,
        path=tuple(_point(point, effect, line, common) for point in effect.path),
        rho=_short(effect.rho),
        nugget=_short(effect.nugget),
        dispersion=_short(effect.dispersion),
        quantities=tuple(
            _quantity(one, effect.percent, percent, known, grid, events)
            for one in effect.quantities
        ),
        dynamic=tuple(_dynamic(one, grid, log) for one in effect.dynamic),
    )
    _learn(effect, made, seen)
    return made


@dataclass(frozen=True, slots=True)
class _Known:
    """The estimate with its range, and the two means with their errors, exact and as told."""

    exact: Range
    told: Range
    means: tuple[float, ...]
    told_means: tuple[float, ...]
    errors: tuple[float, ...] = ()
    told_errors: tuple[float, ...] = ()

    def expected(self, kind: int) -> tuple[float, float]:
        """The error that the two means would give if nothing tied them, exactly and as told: of
        their difference (0), the log of their ratio (1) or of their odds ratio (2)."""
        if not self.means:
            return 1.0, 1.0
        made = []
        for means, errors in (
            (self.means, self.errors),
            (self.told_means, self.told_errors),
        ):
            parts = [
                error / (1, abs(mean), abs(mean * (1 - mean)))[kind] if mean else 0.0
                for mean, error in zip(means, errors, strict=True)
            ]
            made.append(math.hypot(*parts))
        return (made[0], made[1]) if min(made) > 0 else (1.0, 1.0)


def binomial(mean: float, told: float) -> tuple[float, float]:
    """The error of a share, exact and as told, but for the number of people."""
    if not (0 < mean < 1 and 0 < told < 1):
        return 1.0, 1.0
    return math.sqrt(mean * (1 - mean)), math.sqrt(told * (1 - told))


def _means(effect: Effect) -> tuple[float, ...]:
    """The means with and without treatment, when the estimate is made of them."""
    if len(effect.terms) < MEANS:
        return ()
    one, two = (term.estimate for term in effect.terms[:MEANS])
    if effect.scale == "difference":
        made = one - two
    elif one > 0 and two > 0:
        made = math.log(one / two)
    else:
        return ()
    return (one, two) if math.isclose(made, effect.estimate, rel_tol=1e-4, abs_tol=1e-9) else ()


def _events(effect: Effect, told: Sequence[float], grid: Grid) -> float:
    """How many events, or people without one, an error could tell of."""
    risks = [mean for mean in told if 0 < mean < 1]
    if risks and len(risks) == len(told):
        return min(min(risk, 1 - risk) for risk in risks) * grid.side
    if effect.scale == "log ratio" and effect.std_error > 0:
        return min(effect.std_error**-2, grid.side)
    return grid.side / 2


def _estimate(
    effect: Effect, means: tuple[float, ...], told: tuple[float, ...], step: float
) -> float:
    if effect.scale == "difference":
        estimate = told[0] - told[1] if means else snapped(effect.estimate, step)
    elif means and min(told) > 0:
        estimate = math.log(told[0] / told[1])
    else:
        estimate = snapped(effect.estimate, step)
    sure = effect.low > 0 or effect.high < 0
    # Clearly no nought: then it is one step, which says no more than that.
    return math.copysign(step, effect.estimate) if sure and abs(estimate) < step / 2 else estimate


def _line(
    exact: Effect | Term,
    estimate: float,
    grid: Grid,
    events: float,
    expected: tuple[float, float] = (1.0, 1.0),
) -> Term:
    """Estimate, error, range and p that agree with one another.

    Parameters
    ----------
    expected : what the error follows from, exact and as told; only how far it is from that is kept.
    """
    size = abs(estimate)
    low, high = exact.estimate - exact.low, exact.high - exact.estimate
    if not exact.std_error > 0:
        return Term("", estimate, exact.std_error, exact.df, estimate - low, estimate + high, 1.0)
    times = (low / exact.std_error, high / exact.std_error)
    std_error = grid.error(exact.std_error / expected[0], events) * expected[1]
    sure = exact.low > 0 or exact.high < 0
    nearest = times[0] if estimate > 0 else times[1]
    if sure and size <= nearest * std_error:
        std_error = 0.99 * size / max(nearest, 1e-9)
    if not sure and size >= nearest * std_error > 0:
        std_error = 1.01 * size / nearest
    ends = (estimate - times[0] * std_error, estimate + times[1] * std_error)
    p_value = exact.p_value
    if math.isclose(p_of(exact.estimate, exact.std_error, exact.df), p_value, rel_tol=1e-3):
        p_value = p_of(estimate, std_error, exact.df)
    else:
        p_value = told_p(p_value)
    return Term("", estimate, std_error, exact.df, *ends, p_value)


def _term(term: Term, effect: Effect, line: Term, grid: Grid, events: float) -> Term:
    if term.estimate == effect.estimate and term.std_error == effect.std_error:
        return replace(line, name=term.name)
    log = effect.scale == "log ratio"
    step = (grid.ratio if log else grid.difference)(term.std_error) if term.std_error else 1e-6
    return replace(_line(term, snapped(term.estimate, step), grid, events), name=term.name)


def _close(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(
        math.isclose(a, b, rel_tol=1e-5, abs_tol=_ALIKE * max(map(abs, one), default=1.0))
        for a, b in zip(one, other, strict=True)
    )


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


def _follows(exact: Range, known: _Known, ways: Sequence[Callable[[float], float]]) -> Range | None:
    """What it is by the first way in which it is made of the estimate and its range, or None."""
    for way in ways:
        if _close(exact, [way(one) for one in known.exact]):
            one, low, high = (way(one) for one in known.told)
            return one, min(low, high), max(low, high)
    return None


def _percent(exact: Interval, known: _Known, grid: Grid, events: float) -> Interval:
    given = (exact.estimate, exact.low, exact.high)
    made = _follows(given, known, (lambda one: 100 * (_exp(one) - 1),))
    if made is None and known.means and known.means[1]:
        size, now = abs(known.means[1]), abs(known.told_means[1])
        if now and _close(given, [100 * one / size for one in known.exact]):
            one, low, high = (100 * one / now for one in known.told)
            made = (one, low, high)
    if made is None and not known.means and exact.high:
        # Of a mean that stands nowhere: it is told as a mean would be.
        size = 100 * known.exact[2] / exact.high
        if size > 0 and _close(given, [100 * one / size for one in known.exact]):
            now = snapped(size, max(grid.unit, size / 200))
            one, low, high = (100 * one / now for one in known.told)
            made = (one, low, high)
    if made is not None:
        return Interval(*made)
    center = None
    if known.means and min(known.means) > 0 and min(known.told_means) > 0:
        ratio = known.means[0] / known.means[1]
        if _close([exact.estimate], [100 * (ratio - 1)]):
            center = math.log(known.told_means[0] / known.told_means[1])
    if exact.low > -100:
        logs = (_log1(exact.estimate), _log1(exact.low), _log1(exact.high))
        ends = told_range(logs, center, grid, events, True, known.expected(1))
        return Interval(*(100 * math.expm1(one) for one in ends))
    return Interval(
        *told_range(given, None if center is None else 100 * math.expm1(center), grid, events)
    )


def _log1(percent: float) -> float:
    return math.log1p(max(percent, -99.9999) / 100)


def _averted(effect: Effect, known: _Known, grid: Grid, events: float) -> Interval:
    """Times so many people, in the two ways in which it is made; else in steps of people."""
    exact = (effect.averted.estimate, effect.averted.low, effect.averted.high)
    for way, end in product((float, math.expm1), (2, 1)):
        # From an end: the estimate may be nought.
        base = way(min(known.exact[end], 700.0))
        times = exact[1] / base if base else 0.0
        ends = [times * way(min(one, 700.0)) for one in known.exact]
        if _close(exact, (ends[0], min(ends[1:]), max(ends[1:]))):
            now = _times(times, known, grid, way is not float)
            one, *rest = (now * way(min(one, 700.0)) for one in known.told)
            return Interval(one, min(rest), max(rest))
    half = (exact[2] - exact[1]) / 2 / Z
    step = max(float(grid.step), nice(grid.step * half / grid.side**0.5)) if half > 0 else grid.step
    center = snapped(exact[0], step)
    return Interval(*told_range(exact, center, grid, events))


def _times(times: float, known: _Known, grid: Grid, events: bool) -> float:
    """People, or the events expected of them, in steps."""
    size, mean = abs(times), 1.0
    if events and known.means:
        size, mean = size / known.means[1], known.told_means[1]
    people = float(snapped(size, grid.step)) if size >= 2 * grid.step else coarse(size)
    return math.copysign(people * mean, times)


def _quantity(
    one: Quantity, percent: Interval, told: Interval, known: _Known, grid: Grid, events: float
) -> Quantity:
    exact = (one.estimate, one.low, one.high)
    made = _follows(exact, known, (float, lambda x: 100 * x, _exp))
    if made is None and _close(
        exact, [1 + x / 100 for x in (percent.estimate, percent.low, percent.high)]
    ):
        made = (1 + told.estimate / 100, 1 + told.low / 100, 1 + told.high / 100)
    if made is None:
        made = _own(one, exact, known, grid, events)
    return replace(one, estimate=made[0], low=made[1], high=made[2])


def _own(one: Quantity, exact: Range, known: _Known, grid: Grid, events: float) -> Range:
    """Of a quantity that does not follow from the rest with its range; its middle may follow from
    the two means."""
    if one.unit != "times" or min(exact) <= 0:
        times = 100.0 if one.unit == "%" else 1.0
        gap, now = (times * _gap(means) for means in (known.means, known.told_means))
        if known.means and _close([one.estimate], [gap]):
            was, told = (times * error for error in known.expected(0))
            return told_range(exact, now, grid, events, expected=(was, told))
        return told_range(exact, None, grid, events)
    center, expected = None, (1.0, 1.0)
    if known.means and all(0 < mean < 1 for mean in (*known.means, *known.told_means)):
        odds, now = _odds(known.means), _odds(known.told_means)
        if _close([one.estimate], [odds]):
            center, expected = math.log(now), known.expected(2)
    logs = (math.log(exact[0]), math.log(exact[1]), math.log(exact[2]))
    middle, low, high = map(_exp, told_range(logs, center, grid, events, True, expected))
    return middle, low, high


def _gap(means: tuple[float, ...]) -> float:
    return means[0] - means[1] if means else 0.0


def _odds(means: tuple[float, ...]) -> float:
    return means[0] / (1 - means[0]) / (means[1] / (1 - means[1]))


def _point(point: Point, effect: Effect, line: Term, step: float) -> Point:
    """A mean of the path; after the start what is expected follows from the effect."""
    fitted = snapped(point.fitted, step)
    observed = fitted if point.observed == point.fitted else snapped(point.observed, step)
    if math.isclose(point.fitted - point.expected, effect.estimate, rel_tol=1e-4):
        ends = (fitted - line.high, fitted - line.low)
        return replace(
            point,
            observed=observed,
            fitted=fitted,
            expected=fitted - line.estimate,
            low=min(ends),
            high=max(ends),
        )
    expected, low, high = (snapped(x, step) for x in (point.expected, point.low, point.high))
    return replace(point, observed=observed, fitted=fitted, expected=expected, low=low, high=high)


def _dynamic(one: EventTime, grid: Grid, log: bool) -> EventTime:
    step = (grid.ratio if log else grid.difference)(one.std_error) if one.std_error > 0 else 1.0
    ends = (one.low, one.high, one.band_low, one.band_high)
    low, high, band_low, band_high = (snapped(end, step) for end in ends)
    return replace(
        one,
        estimate=snapped(one.estimate, step),
        std_error=grid.error(one.std_error, grid.side / 2),
        low=low,
        high=high,
        band_low=band_low,
        band_high=band_high,
    )


def _short(value: float | None) -> float | None:
    return None if value is None else coarse(value)


def _learn(exact: Effect, told: Effect, seen: Seen) -> None:
    """What each number of the effect became."""
    for was, now in ((exact, told), *zip(exact.terms, told.terms, strict=True)):
        for name in ("estimate", "low", "high", "std_error", "p_value"):
            seen.add(getattr(was, name), getattr(now, name))
    for was, now in (
        (exact.percent, told.percent),
        (exact.averted, told.averted),
        *zip(exact.quantities, told.quantities, strict=True),
    ):
        for name in ("estimate", "low", "high"):
            seen.add(getattr(was, name), getattr(now, name))
    for was, now in zip(exact.quantities, told.quantities, strict=True):
        if key_of(was.name) == RISK_RATIO and min(was.low, now.low) > 0:
            # E-values are functions of it.
            seen.add(e_value(was.estimate), e_value(now.estimate))
            seen.add(e_value_of_interval(was.low, was.high), e_value_of_interval(now.low, now.high))
    for was, now in zip(exact.path, told.path, strict=True):
        for name in ("observed", "fitted", "expected", "low", "high"):
            seen.add(getattr(was, name), getattr(now, name))
