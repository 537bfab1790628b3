"""One city by itself: every method for a count series at pretended starts in real cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from benchmarks.real_data import Counts, half_of, rise, thinned
from benchmarks.real_trials import (
    EFFECTS,
    GROWING,
    NONE,
    SEED,
    TAKEN,
    Trials,
    Window,
    sampled,
)
from evaluation.its import METHODS, Series
from evaluation.its.batch import batched, judge_many
from evaluation.numeric.shared.draws import stream

# Of series without 1.5 events a period, 1 before the start and 3 after it, nothing is asked.
LEAST, LEAST_BEFORE, LEAST_AFTER = 1.5, 1.0, 3
FEWEST_BEFORE, FEWEST_AFTER = {"month": 18, "year": 8}, {"month": 6, "year": 4}
# Starts, periods before and after (0: all there are) of each era.
HALF_YEARS = ("01", "07")
ASKED: Mapping[str, tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]] = {
    "2018-2024": (
        tuple(f"{y}-{m}" for y in range(2019, 2024) for m in HALF_YEARS)[1:],
        (18, 24, 36, 60),
        (6, 12, 18, 0),
    ),
    "California 2007-2018": (
        tuple(f"{y}-{m}" for y in range(2010, 2016) for m in HALF_YEARS),
        (24, 36, 60),
        (12, 24, 36),
    ),
    "1985-2014": (tuple(str(y) for y in range(1995, 2010, 2)), (10, 15), (5, 10)),
}
# A method that is fitted one series at a time is asked of a part of the windows, and of a smaller
# part where a fit takes more than 15 milliseconds; one that takes 40 seconds only when named.
PART, SLOW_PART = 0.2, 0.04
SLOW = (
    "linear-reml-ar1",
    "poisson-reml-ar1",
    "quasi-poisson-ar1",
    "linear-ml-ar1",
    "negative-binomial",
    "negative-binomial-hc0",
    "negative-binomial-hc1",
    "negative-binomial-newey-west",
    "negative-binomial-year",
    "lagged-poisson",
    "structural",
)
ONLY_NAMED = ("arima",)


def methods() -> tuple[str, ...]:
    """Names of every method for a count series but those that are only asked when named."""
    return tuple(n for n, m in METHODS.items() if "count" in m.kinds and n not in ONLY_NAMED)


def knows(name: str) -> bool:
    """Whether a count series can be asked about by this method."""
    return name in METHODS and "count" in METHODS[name].kinds


def part_of(name: str) -> float:
    """The share of the windows that a method is asked of."""
    if batched(METHODS[name]):
        return 1.0
    return SLOW_PART if name in SLOW or name in ONLY_NAMED else PART


def windows(counts: Counts, share: float) -> Iterator[tuple[Window, np.ndarray, int, str]]:
    """Windows of one outcome in the sample, each with its counts, index of the start and first
    period."""
    starts, befores, afters = ASKED[counts.era]
    year = 12 if counts.frequency == "month" else 1
    seen = set()
    for start, before, after in product(starts, befores, afters):
        at = counts.periods.index(start)
        low = max(0, at - before)
        high = min(len(counts.periods), at + after) if after else len(counts.periods)
        short = at - low < FEWEST_BEFORE[counts.frequency]
        if short or high - at < max(after, FEWEST_AFTER[counts.frequency]):
            continue
        if (at, low, high) in seen:
            continue
        seen.add((at, low, high))
        y = counts.y[:, low:high]
        risen = _risen(counts.y[:, low:at], at - low, year)
        worst = np.nanquantile(risen, 0.75) if np.isfinite(risen).any() else np.inf
        for row, city in enumerate(counts.names):
            own = y[row]
            if counts.y[row].mean() < LEAST or own[: at - low].mean() < LEAST_BEFORE:
                continue
            if own[at - low :].sum() < LEAST_AFTER:
                continue
            window = Window(
                counts.era,
                counts.offense,
                city,
                half_of(counts, city),
                start,
                before,
                after,
                float(own[: at - low].mean()),
                bool(risen[row] >= worst),
            )
            if sampled(share, *window.key):
                yield window, own, at - low, counts.periods[low]


def _risen(y: np.ndarray, start: int, year: int) -> np.ndarray:
    """(N,) the rise of the last year; of counts by year, over the three years before it."""
    if year > 1:
        return rise(y, start, year)
    before = np.log(y[:, -4:-1].mean(axis=1) + 0.5)
    return np.asarray(np.log(y[:, -1] + 0.5) - before)


def with_effect(y: np.ndarray, start: int, effect: str, year: int, name: str) -> np.ndarray:
    """The counts with a share of the events taken out: none, from the start on, or growing over
    the first year."""
    if effect == NONE:
        return y
    since = np.arange(len(y) - start) + 1
    reach = np.minimum(1.0, since / year) if effect == GROWING else np.ones(len(since))
    return thinned(y, start, 1 - TAKEN * reach, stream(SEED, f"{name}/{effect}"))


def trials(
    outcomes: Sequence[Counts],
    *,
    share: float,
    names: Sequence[str],
    effects: Sequence[str] = EFFECTS,
) -> Trials:
    """Every method on the sampled windows of outcomes of one era."""
    drawn = [(one, *each) for one in outcomes for each in windows(one, share)]
    made = tuple(window for _, window, *_ in drawn)
    asked = {
        name: np.array([sampled(part_of(name), "part", *one.key) for one in made], dtype=bool)
        for name in names
    }
    found = {}
    for effect in effects:
        series = [_series(*each, effect) for each in drawn]
        for name in names:
            some = np.flatnonzero(asked[name])
            judged = judge_many(METHODS[name], [series[place] for place in some])
            answers = np.full((len(made), 4), np.nan)
            for place, one in zip(some, judged, strict=True):
                answers[place] = one.percent, one.percent_low, one.percent_high, one.p_value
            found[name, effect] = answers
    return Trials("alone", made, asked, found)


def _series(
    counts: Counts, window: Window, y: np.ndarray, start: int, first: str, effect: str
) -> Series:
    year = 12 if counts.frequency == "month" else 1
    name = f"{window.offense}/{window.city}/{window.start}"
    changed = with_effect(y, start, effect, year, name)
    return Series.from_arrays(
        changed, start=start, first=first, frequency="month" if year == 12 else "year"
    )
