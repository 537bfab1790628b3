"""What methods made of pretended starts in real cities, and how sure a share of them is.

A share is of windows that cities and dates share: a city is in many of them, and what all cities
did in a year is in all windows about it. Its range is from a bootstrap that draws cities and blocks
of dates, each with its windows, at once (Owen 2007, Annals of Applied Statistics 1:386-411); with
five dates it is rough, and still wider than one that takes windows, or cities, for independent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np

from benchmarks.real_data import CHOSEN, HELD
from evaluation.numeric.shared.draws import stream, uniforms

NONE, AT_ONCE, GROWING = "none", "at once", "over a year"
EFFECTS = (NONE, AT_ONCE, GROWING)
# Share of the events that is taken out from the start on, or from a year after it on.
TAKEN = 0.3
REJECT = 0.05
BOTH = "both"
# Of fewer windows no share is told.
FEWEST = 30
# What the page tells more of: the defaults, what they are set beside, and the field's habits.
DETAILED = (
    "learned",
    "averaged-reml",
    "quasi-poisson",
    "newey-west",
    "forecast",
    "step",
    "random-effects",
    "ferman-pinto",
)
DRAWS, SEED = 1000, 20261805
MEANS = (3.0, 6.0, 12.0, 30.0, 100.0)


@dataclass(frozen=True, slots=True)
class Window:
    """One pretended start.

    city : its name. half : CHOSEN or HELD. start : period as written. before, after : periods that
    were asked for; 0 is all. mean : events a period before the start. bad : whether the year before
    was among the worst quarter, beside the years before it. controls : cities beside it.
    """

    era: str
    offense: str
    city: str
    half: str
    start: str
    before: int
    after: int
    mean: float
    bad: bool
    controls: int = 0

    @property
    def key(self) -> tuple[str | int, ...]:
        """What it is known by, for draws."""
        where = self.era, self.offense, self.city
        return *where, self.start, self.before, self.after, self.controls


@dataclass(frozen=True, slots=True)
class Trials:
    """Windows, and for each method and effect (W, 4) percent change, its range and p; NaN where the
    method gave none, or was not asked."""

    design: str
    windows: tuple[Window, ...]
    asked: Mapping[str, np.ndarray]
    found: Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True, slots=True)
class Row:
    """A method on some of the windows.

    by, value : what is common to them. trials : asked. failed : of them without an answer, left out
    of the rest. cities, dates : different ones. found : share with p below .05, of
    an effect on its side, with the range of that share. covered : share whose range holds the
    truth. width, estimate : medians, as log ratios.
    """

    design: str
    era: str
    half: str
    effect: str
    method: str
    by: str
    value: str
    trials: int
    failed: int
    cities: int
    dates: int
    found: float
    found_low: float
    found_high: float
    covered: float
    width: float
    estimate: float


def sampled(share: float, *names: object) -> bool:
    """Whether a window is in a sample of this share; the same windows in a smaller share are in a
    larger one."""
    text = "/".join(map(str, names))
    drawn = int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:6], "big")
    return drawn < share * 2**48


def rows(trials: Trials) -> Iterator[Row]:
    """Every method on all windows and by offense, in each half; those of DETAILED also by all else
    that windows have in common."""
    windows = trials.windows
    halves = {
        half: np.array([half in (one.half, BOTH) for one in windows])
        for half in (CHOSEN, HELD, BOTH)
    }
    classes = _classes(windows)
    for (method, effect), found in trials.found.items():
        asked = trials.asked[method]
        for half, inside in halves.items():
            for by, values in classes.items():
                if by not in ("all", "offense") and (method not in DETAILED or half != BOTH):
                    continue
                # Fewer controls are another design, and no part of what is asked of all.
                mine = asked & inside & ((by == "controls") | (classes["controls"] == "all"))
                for value in dict.fromkeys(values[mine]):
                    some = np.flatnonzero(mine & (values == value))
                    yield _row(trials, method, effect, half, by, str(value), some, found[some])


def _classes(windows: Sequence[Window]) -> dict[str, np.ndarray]:
    """(W,) of each thing that windows can have in common, its value."""
    sizes = np.searchsorted(MEANS, [one.mean for one in windows], side="right")
    names = [f"under {MEANS[0]:g}", *(f"{low:g} to {high:g}" for low, high in pairwise(MEANS))]
    names.append(f"{MEANS[-1]:g} or more")
    return {
        "all": np.array(["all" for _ in windows]),
        "offense": np.array([one.offense for one in windows]),
        "start": np.array([one.start for one in windows]),
        "before": np.array([str(one.before or "all") for one in windows]),
        "after": np.array([str(one.after or "all") for one in windows]),
        "mean": np.array([names[size] for size in sizes]),
        "controls": np.array([str(one.controls or "all") for one in windows]),
        "bad year": np.array(["after a bad year" if one.bad else "other" for one in windows]),
    }


def _row(
    trials: Trials,
    method: str,
    effect: str,
    half: str,
    by: str,
    value: str,
    some: np.ndarray,
    found: np.ndarray,
) -> Row:
    own = [trials.windows[place] for place in some]
    ok = np.isfinite(found).all(axis=1)
    percent, low, high, p = found[ok].T if ok.any() else np.empty((4, 0))
    hit = (p < REJECT) & ((percent < 0) | (effect == NONE))
    truth = -100 * TAKEN if effect == AT_ONCE else 0.0
    covered = (low <= truth) & (truth <= high)
    cities = np.array([one.city for one in own])[ok]
    years = np.array([one.start[:4] for one in own])[ok]
    with np.errstate(all="ignore"):
        logs = np.log1p(np.array([percent, low, high]) / 100)
    nan = float("nan")
    ends = shared_range(hit, cities, years) if ok.any() else (nan, nan)
    width = np.where(low > -100, logs[2] - logs[1], np.inf)
    return Row(
        trials.design,
        own[0].era,
        half,
        effect,
        method,
        by,
        value,
        len(own),
        int((~ok).sum()),
        len(set(cities)),
        len({one.start for one in own}),
        float(hit.mean()) if ok.any() else nan,
        *ends,
        float(covered.mean()) if ok.any() and effect != GROWING else nan,
        float(np.median(width)) if ok.any() else nan,
        float(np.nanmedian(logs[0])) if ok.any() else nan,
    )


def shared_range(
    hit: np.ndarray, cities: np.ndarray, blocks: np.ndarray, *, draws: int = DRAWS
) -> tuple[float, float]:
    """95 % range of the share of hits, from draws of cities and of blocks of dates together.

    Parameters
    ----------
    hit, cities, blocks : (W,) of each window.
    """
    city, block = (np.unique(names, return_inverse=True)[1] for names in (cities, blocks))
    n, d = int(city.max()) + 1, int(block.max()) + 1
    hits, windows = np.zeros((2, n, d))
    np.add.at(hits, (city, block), hit)
    np.add.at(windows, (city, block), 1.0)
    of_cities, of_dates = _drawn("cities", n, draws), _drawn("dates", d, draws)
    drawn = ((of_cities @ hits) * of_dates).sum(axis=1)
    total = ((of_cities @ windows) * of_dates).sum(axis=1)
    shares = drawn[total > 0] / total[total > 0]
    low, high = float(np.quantile(shares, 0.025)), float(np.quantile(shares, 0.975))
    # No draw shows what none, or each, of the cities had: the exact range, as if of n cities.
    reach = 1 - 0.025 ** (1 / n)
    return (min(low, 1 - reach) if hit.all() else low, max(high, reach) if not hit.any() else high)


def _drawn(what: str, n: int, draws: int) -> np.ndarray:
    """(draws, n) how often each of n is drawn when n are."""
    chosen = (uniforms(stream(SEED, f"{what}/{n}"), n * draws) * n).astype(int).reshape(draws, n)
    return np.array([np.bincount(one, minlength=n) for one in chosen], dtype=float)


COLUMNS = tuple(field.name for field in fields(Row))
