"""One city beside others: every method for one treated unit at pretended starts in real cities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmarks.compared_batch import BATCHED, batched
from benchmarks.real_alone import with_effect
from benchmarks.real_data import CHOSEN, ERA, ERA_IN_CALIFORNIA, HELD, Counts, half_of, rise
from benchmarks.real_trials import EFFECTS, Trials, Window, sampled
from evaluation.did import METHODS, NEVER, Cohorts
from evaluation.did.forecast import FEW_EVENTS
from evaluation.did.method import Method
from evaluation.errors import FitError
from evaluation.numeric.shared.draws import stream, uniforms

# Events a month below which an agency is neither treated nor compared with.
LEAST: Mapping[str, float] = {"murder": 3.0, "robbery": 8.0, "aggravated assault": 15.0}
LEAST_IN_CALIFORNIA, LEAST_A_YEAR = 0.8, 12.0
STARTS: Mapping[str, tuple[str, ...]] = {
    ERA: ("2020-07", "2021-01", "2021-07", "2022-01", "2022-07", "2023-01"),
    ERA_IN_CALIFORNIA: ("2010-01", "2011-07", "2013-01", "2014-07", "2016-01"),
    "1985-2014": ("1995", "1999", "2003", "2007"),
}
# Of the other cities: all, or so many drawn at random.
CONTROLS = (0, 20, 12, 7)
FEW_PART = 0.25
FEWEST = 5
SEED = 20261806
# Regression with two-way effects and clustered errors, as the field has it, of any number treated.
HABITS: Mapping[str, tuple[str, dict[str, object]]] = {
    "poisson-twfe-clustered": ("poisson-twfe", {"errors": "CR1"}),
}
# A method that takes a tenth of a second or more is asked of a part of the windows.
PARTS = {
    "random-effects-drift": 0.3,
    "synthetic-control": 0.1,
    "synthetic-did": 0.05,
    "augmented-control": 0.02,
}
# One city gives it nothing to pool.
NOT_FOR_ONE = ("pooled-units",)


def methods() -> dict[str, Method]:
    """Every method for one treated unit by its name, and the field's habits."""
    found = {
        name: method.without_events()
        for name, method in METHODS.items()
        if method.treated != "several clusters"
        and "count" in method.kinds
        and name not in NOT_FOR_ONE
    }
    for name, (method, options) in HABITS.items():
        found[name] = METHODS[method].without_events().set_to(options)
    return found


def knows(name: str) -> bool:
    """Whether a treated city beside others can be asked about by this method."""
    return name in methods()


@dataclass(frozen=True, slots=True)
class Group:
    """Windows with one start among the same cities.

    y : (N, T) counts of the cities. at : index of the start. windows : with the row of each city,
    and the rows of those beside it.
    """

    counts: Counts
    y: np.ndarray
    at: int
    windows: tuple[tuple[Window, int, np.ndarray], ...]

    def treated(self, effect: str) -> np.ndarray:
        """(R, T) counts of the city of each window, with an effect."""
        year = 12 if self.counts.frequency == "month" else 1
        names = (f"{one.offense}/{one.city}/{one.start}" for one, *_ in self.windows)
        rows = (self.y[row] for _, row, _ in self.windows)
        changed = zip(rows, names, strict=True)
        return np.array([with_effect(y, self.at, effect, year, name) for y, name in changed])

    def cohorts(self, own: np.ndarray, beside: np.ndarray) -> Cohorts:
        """A city beside others as the methods take them."""
        first = np.full(len(beside) + 1, NEVER)
        first[0] = self.at
        return Cohorts.from_arrays(
            np.vstack([own, self.y[beside]]),
            first,
            first=self.counts.periods[0],
            frequency="month" if self.counts.frequency == "month" else "year",
            kind="count",
        )


def groups(counts: Counts, share: float) -> Iterator[Group]:
    """The windows of one outcome that are in the sample."""
    month = counts.frequency == "month"
    least = LEAST.get(counts.offense, np.inf) if month else LEAST_A_YEAR
    if counts.era == ERA_IN_CALIFORNIA:
        least = LEAST_IN_CALIFORNIA
    for half in (CHOSEN, HELD):
        # No city of one half is compared with one of the other.
        mine = [half_of(counts, city) == half for city in counts.names]
        some = counts.only(np.array(mine, dtype=bool) & (counts.y.mean(axis=1) >= least))
        for start, controls in product(STARTS[counts.era], CONTROLS):
            if len(some.names) < max(FEWEST, controls + 2):
                continue
            at = counts.periods.index(start)
            risen = rise(some.y[:, :at], at, 12 if month else 3)
            worst = np.quantile(risen, 0.75)
            found = []
            for row, city in enumerate(some.names):
                window = Window(
                    counts.era,
                    counts.offense,
                    city,
                    half,
                    start,
                    0,
                    0,
                    float(some.y[row, :at].mean()),
                    bool(risen[row] >= worst),
                    controls,
                )
                if sampled(share * (FEW_PART if controls else 1.0), *window.key):
                    found.append((window, row, _beside(len(some.names), row, controls, window)))
            if found:
                yield Group(some, some.y, at, tuple(found))


def _beside(n: int, row: int, controls: int, window: Window) -> np.ndarray:
    """Rows of the cities beside it, all or drawn."""
    rows = np.delete(np.arange(n), row)
    if not controls:
        return rows
    source = stream(SEED, "/".join(map(str, window.key)))
    return np.sort(rows[np.argsort(uniforms(source, len(rows)))[:controls]])


def trials(
    outcomes: Sequence[Counts],
    *,
    share: float,
    names: Sequence[str],
    effects: Sequence[str] = EFFECTS,
) -> Trials:
    """Every method on the sampled windows of outcomes of one era."""
    made = [group for one in outcomes for group in groups(one, share)]
    windows = tuple(window for group in made for window, *_ in group.windows)
    known = methods()
    asked = {
        name: np.array([sampled(PARTS.get(name, 1.0), "part", *one.key) for one in windows])
        for name in names
    }
    found = {
        (name, effect): np.full((len(windows), 4), np.nan) for name in names for effect in effects
    }
    for effect in effects:
        place = 0
        for group in made:
            own = group.treated(effect)
            places = np.arange(place, place + len(own))
            place += len(own)
            ready = _together(group, own, [name for name in names if name in BATCHED])
            for name in names:
                answers = found[name, effect]
                answers[places] = ready.get(name, np.nan)
                for row in np.flatnonzero(asked[name][places] & np.isnan(answers[places, 0])):
                    cohorts = group.cohorts(own[row], group.windows[row][2])
                    answers[places[row]] = _answer(known[name], cohorts)
    return Trials("compared", windows, asked, found)


def _together(group: Group, own: np.ndarray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """(R, 4) of the methods that are quick at it; NaN where one is asked about few events, of which
    it makes other blocks."""
    if not names or group.counts.frequency != "month":
        return {}
    used = np.zeros((len(own), len(group.y)))
    for row, (_, _, beside) in enumerate(group.windows):
        used[row, beside] = 1.0
    found = batched(group.y, own, used, group.at, names=names)
    for answers in found.values():
        answers[:, :3] = 100 * np.expm1(answers[:, :3])
        answers[own.mean(axis=1) < FEW_EVENTS] = np.nan
    return found


def _answer(method: Method, cohorts: Cohorts) -> tuple[float, float, float, float]:
    """Percent change, its range and p, also where the method objects to being a headline."""
    try:
        effect = method.fit(cohorts)
    except FitError:
        return (np.nan, np.nan, np.nan, np.nan)
    found = effect.percent
    return found.estimate, found.low, found.high, effect.p_value
