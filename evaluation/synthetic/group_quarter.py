"""Street groups by quarter, called in one after another, in which every effect is known.

Fifty invented groups, 2008 to 2015. A call-in lowers the group's own shootings from its quarter on;
it may lower those of allies that are not called in themselves. Levels are about .3 shootings a
quarter, as in the published accounts of group violence; effects are chosen. Nothing here is a
record of any real person, group or event.

The mean of group i in quarter t is

    log mean = level(i) + trend(t) + persistent noise(i, t)
               + effect ramp(i, t) + spillover exposed(i, t)

and the count is negative binomial around it. In the triggered variant nothing has an effect, and
the groups called in are those with the most shootings in the two quarters before: violence falls
back by itself, and looks as if it had been lowered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from evaluation.numeric.shared import draws
from evaluation.synthetic.files import (
    between,
    column,
    csv_text,
    described,
    noise,
    six,
    uniforms,
    written,
)

# The quarter of Oakland's first call-in; fixed before any data were drawn.
SEED = 20121004
FIRST, LAST = "2008-Q1", "2015-Q4"
GROUPS = 50
# Quarters with a call-in, by index, and groups called in at each.
CALL_INS = (8, 12, 16, 20, 24)
CALLED = 5
# Allied groups are in threes; the others stand alone.
ALLIANCES, ALLIED = 10, 3
# Spread of the log levels among groups with the same mean.
LEVEL_DEVIATION = 0.5
# Persistence of the log rate from quarter to quarter, and its standard deviation.
RHO, NOISE_DEVIATION = 0.5, 0.4
# Variance of a count over its mean when the quarter's rate is given.
DISPERSION = 1.05
# Quarters whose shootings trigger a call-in, in the variant.
TRIGGER = 2


@dataclass(frozen=True, slots=True)
class World:
    """What is true.

    Parameters
    ----------
    rate_ratio : of a call-in, on the group itself. phase_in : quarters before it is whole; it grows
        in equal steps. spillover : rate ratio on groups not called in, from the first call-in of an
        ally on. called, others : mean shootings a quarter without any effect of groups that are
        called in, and of the rest. trend : log change over the whole window. triggered : of the
        five call-ins at each date, those that go to the groups with the most shootings in the last
        two quarters; the others are by lot. Counts are then drawn first, so nothing may have an
        effect.
    """

    rate_ratio: float = 0.685
    phase_in: int = 0
    spillover: float = 0.8
    called: float = 0.45
    others: float = 0.20
    trend: float = float(np.log(0.6))
    triggered: int = 0


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw.

    Parameters
    ----------
    first : (50,) index of the call-in, infinite for none. alliance : (50,) numbers from 1; groups
        with the same number are allies. exposed : (50, 32) not called in, but an ally is. counts,
        means, means_without : (50, 32), the last had nobody been called in.
    """

    first: np.ndarray
    alliance: np.ndarray
    exposed: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    means_without: np.ndarray

    @property
    def treated(self) -> np.ndarray:
        """(50, 32) from the call-in on."""
        return np.asarray(np.arange(self.counts.shape[1]) >= self.first[:, None])

    def log_ratio(self, cells: np.ndarray) -> float:
        """The true log ratio of sums over these cells."""
        return float(np.log(self.means[cells].sum() / self.means_without[cells].sum()))


STANDARD = World()
TRIGGERED = World(rate_ratio=1.0, spillover=1.0, triggered=CALLED)


def quarters() -> tuple[str, ...]:
    """The 32 quarters of the table."""
    return between(FIRST, LAST, "quarter")


def names() -> tuple[str, ...]:
    """The groups."""
    return tuple(f"Group {number:02d} (synthetic)" for number in range(1, GROUPS + 1))


def simulated(world: World = STANDARD, seed: int = SEED) -> Simulated:
    """Call-ins, alliances, true means and counts of every group and quarter for this seed."""
    n = len(quarters())
    order = np.argsort(draws.uniforms(draws.stream(seed, "called"), GROUPS), kind="stable")
    chosen = np.full(GROUPS, np.inf)
    chosen[order[: CALLED * len(CALL_INS)]] = np.repeat(CALL_INS, CALLED)
    mean = np.where(np.isfinite(chosen), world.called, world.others)
    spread = LEVEL_DEVIATION * draws.normals(draws.stream(seed, "level"), GROUPS)
    level = mean * np.exp(spread - LEVEL_DEVIATION**2 / 2)
    trend = np.exp(world.trend * np.arange(n) / (n - 1))
    own = noise(seed, names(), n, rho=RHO, deviation=NOISE_DEVIATION)
    shape = np.exp(own - NOISE_DEVIATION**2 / 2) * trend / trend.mean()
    without = level[:, None] * shape
    chances = uniforms(seed, names(), n)
    first = chosen
    if world.triggered:
        before = draws.overdispersed_counts(chances, without, DISPERSION)
        lots = draws.uniforms(draws.stream(seed, "ties"), GROUPS)
        first = _triggered(before, lots, world.triggered)
    alliance = _alliances(seed)
    since = np.arange(n) - first[:, None]
    ramp = np.clip((since + 1) / (world.phase_in + 1), 0, 1)
    ally = np.array([np.where(alliance == own, first, np.inf).min() for own in alliance.tolist()])
    exposed = (np.arange(n) >= ally[:, None]) & (since < 0)
    means = without * np.exp(np.log(world.rate_ratio) * ramp + np.log(world.spillover) * exposed)
    counts = draws.overdispersed_counts(chances, means, DISPERSION)
    return Simulated(first, alliance, exposed, counts, means, without)


def files(name: str = "group_quarter", world: World = STANDARD, seed: int = SEED) -> dict[str, str]:
    """The text of every file of this dataset, by its path in the project."""
    table = simulated(world, seed)
    description = _description(name, seed, _ABOUT[world.triggered > 0])
    return written(name, _csv(table), description, _truth(table, world, seed))


triggered_files = partial(files, "group_quarter_triggered", TRIGGERED)


def _alliances(seed: int) -> np.ndarray:
    """(50,) numbers from 1 in the order of the groups; those without allies have their own."""
    order = np.argsort(draws.uniforms(draws.stream(seed, "alliances"), GROUPS), kind="stable")
    member = np.arange(GROUPS) + GROUPS
    member[order[: ALLIANCES * ALLIED]] = np.repeat(np.arange(ALLIANCES), ALLIED)
    _, place, number = np.unique(member, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(place))[number] + 1)


def _triggered(counts: np.ndarray, lots: np.ndarray, share: int) -> np.ndarray:
    """(50,) call-ins of which so many a date follow the most shootings in the quarters before."""
    first = np.full(GROUPS, np.inf)
    for quarter in CALL_INS:
        recent = counts[:, quarter - TRIGGER : quarter].sum(axis=1) + lots
        for order, number in ((recent, share), (lots, CALLED - share)):
            open_to = np.where(np.isfinite(first), -np.inf, order)
            first[np.argsort(open_to, kind="stable")[GROUPS - number :]] = quarter
    return first


def _csv(table: Simulated) -> str:
    rows = (
        (
            name,
            quarter,
            int(table.counts[i, t]),
            int(table.alliance[i]),
            int(table.treated[i, t]),
        )
        for i, name in enumerate(names())
        for t, quarter in enumerate(quarters())
    )
    return csv_text(("group", "quarter", "shootings", "alliance", "called_in"), rows)


def _truth(table: Simulated, world: World, seed: int) -> dict[str, Any]:
    treated, exposed = table.treated, table.exposed
    saved = table.means_without - table.means
    return {
        "averted": {
            "exposed": six(saved[exposed].sum()),
            "treated": six(saved[treated].sum()),
        },
        "bit_generator": draws.BitGenerator.__name__,
        "call_ins": {
            name: quarters()[int(start)]
            for name, start in zip(names(), table.first, strict=True)
            if np.isfinite(start)
        },
        "dispersion": DISPERSION,
        "exposed_cells": int(exposed.sum()),
        "level": {"called": world.called, "deviation": LEVEL_DEVIATION, "others": world.others},
        "log_rate_ratio": six(np.log(world.rate_ratio)),
        "noise": {"deviation": NOISE_DEVIATION, "rho": RHO},
        "percent": six(100 * (world.rate_ratio - 1)),
        "phase_in": world.phase_in,
        "seed": seed,
        "spillover_log_rate_ratio": six(np.log(world.spillover)),
        "total_log_ratio": six(table.log_ratio(treated | exposed)),
        "treated_cells": int(treated.sum()),
        "trend": six(world.trend),
        "triggered": world.triggered,
    }


_ABOUT = {
    False: (
        "The 25 groups called in are the more violent ones, in random order, so that the dates\n"
        "themselves are no choice. Allies of a group called in fall too, by less."
    ),
    True: (
        "Nothing has an effect here: each call-in went to the five groups with the most shootings\n"
        "in the two quarters before, which would have fallen anyway."
    ),
}


def _description(name: str, seed: int, about: str) -> str:
    columns = [
        column("group", "unit", "text", "group"),
        column("quarter", "period", "period", "calendar quarter"),
        column("shootings", "outcome", "count", "shootings a quarter", label="shootings"),
        column("alliance", "covariate", "count", "number of the alliance"),
        column("called_in", "treatment", "flag", "1 from the call-in, else 0"),
    ]
    title = f"Synthetic groups by quarter ({name})"
    keys = {"frequency": "quarter", "key": ["group", "quarter"]}
    return described(name, title, "group_quarter", seed, keys, columns, notes=f"{_NOTES}{about}")


_NOTES = """\
Invented data with a known effect, for testing methods; not evidence about any real group. Groups
with the same alliance number are allies.
"""
