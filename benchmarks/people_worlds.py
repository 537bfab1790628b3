"""People with a known effect for the studies of coverage: times to an event, days, and call-ins one
after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks import coverage_individual as plain
from benchmarks.coverage_individual import ESTIMANDS, MANY, SEED
from evaluation.individual import Outcome, People
from evaluation.individual.not_yet_called import Calls
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.competing import fine_gray
from evaluation.numeric.people.cox import cox
from evaluation.numeric.shared.draws import BitGenerator, normals, stream, uniforms

DAY = 730.0
# Everyone is followed to the day and up to a year longer, unless they leave.
LONGEST = DAY + 365
# Hazards fall with time: after t days (t / 730)^0.8 of those of two years have come.
SHAPE = 0.8
COVARIATES = ("age", "priors", "group")


@dataclass(frozen=True, slots=True)
class World:
    """n people whose arrests are a Poisson process, the first of which is the event.

    pull : how strongly risk at entry drives treatment. effect : on the log hazard. risk : how
    strongly covariates drive the hazard. leaving : mean number of times people would have left by
    the day. drawn : by how much a standard deviation of priors raises the log rate of leaving.
    kept : the treated are kept sight of; among them priors do not raise it. dying : mean number of
    times people would have died by the day.
    """

    n: int = 1200
    pull: float = 1.0
    effect: float = -0.35
    risk: float = 1.0
    leaving: float = 0.15
    drawn: float = 0.0
    kept: bool = False
    dying: float = 0.0


WORLDS: Mapping[str, World] = {
    "1,200 people": World(),
    "300 people": World(300),
    "no effect": World(effect=0.0, dying=0.2),
    "little overlap": World(pull=2.5),
    "many leave": World(leaving=0.9),
    "death first": World(dying=0.4),
    "randomized, proportional": World(pull=0.0, risk=0.0),
    "leaving by priors": World(leaving=0.5, drawn=1.0),
    "untreated leave by priors": World(leaving=0.5, drawn=1.0, kept=True),
}


@dataclass(frozen=True, slots=True)
class Lives:
    """People as they would be. rate : (n,) of arrests by the day, untreated. first : (n,) draw of
    the first arrest. death, leave, end : (n,) days of death, of leaving, and of the end."""

    x: np.ndarray
    treated: np.ndarray
    rate: np.ndarray
    first: np.ndarray
    death: np.ndarray
    leave: np.ndarray
    end: np.ndarray

    def seen(self, effect: np.ndarray | float, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Whole days to the first thing that happens, and its cause, under an effect."""
        event = _day_of(self.first / (self.rate * np.exp(effect)))
        cause = np.select([event <= np.minimum(self.death, stop), self.death <= stop], [1, 2], 0)
        return np.ceil(np.minimum(event, np.minimum(self.death, stop))), cause


def _day_of(expected: np.ndarray) -> np.ndarray:
    """The day by which a share of what is expected by day 730 has come."""
    return np.asarray(DAY * expected ** (1 / SHAPE))


def _exponentials(source: BitGenerator, n: int) -> np.ndarray:
    return np.asarray(-np.log(uniforms(source, n)))


def draw(world: World, n: int, source: BitGenerator) -> Lives:
    """n people; covariates and treatment are those of `coverage_individual`."""
    x, treated, *_ = plain.draw(plain.World(n, pull=world.pull), n, source)
    by_priors = np.where(treated & world.kept, 0.0, world.drawn)
    leaving = world.leaving * np.exp(by_priors * x[:, 1])
    # Nobody dies where the rate is nought: a day past all follow-up.
    dying = np.maximum(world.dying * np.exp(0.4 * x[:, 0]), 1e-12)
    return Lives(
        x=x,
        treated=treated,
        rate=np.exp(-0.6 + world.risk * (x @ [0.3, 0.5, 0.5])),
        first=_exponentials(source, n),
        death=DAY * _exponentials(source, n) / dying,
        leave=DAY * _exponentials(source, n) / leaving,
        end=DAY + (LONGEST - DAY) * uniforms(source, n),
    )


def truth(world: World) -> dict[tuple[Estimand, str], float]:
    """What is true in the population, each of whom lives once treated and once not.

    Risks and days free by the day are of those lives. A ratio of hazards among everyone together
    changes over time, even if nobody's own does, so that an average of it depends on how long
    people are followed: it is what the regression finds on those lives, followed as in this world,
    but with nobody leaving where leaving has to do with risk.
    """
    lives = draw(world, MANY, stream(SEED, "truth"))
    stop = lives.end if world.drawn else np.minimum(lives.leave, lives.end)
    whole = [lives.seen(step, np.full(MANY, DAY)) for step in (world.effect, 0.0)]
    risk, free = ([f(t, c) for t, c in whole] for f in (_had, _free))
    found: dict[tuple[Estimand, str], float] = {}
    for estimand in ESTIMANDS:
        over = lives.treated if estimand == "ATT" else np.ones(MANY, dtype=bool)
        found[estimand, "risk"] = float((risk[0] - risk[1])[over].mean())
        found[estimand, "free"] = float((free[0] - free[1])[over].mean())
        found[estimand, "effect"] = world.effect
        found[estimand, "cox"] = found[estimand, "fine-gray"] = world.effect
        if world.effect and (world.risk or world.dying):
            both = [lives.seen(step, stop) for step in (world.effect, 0.0)]
            time, cause = (np.concatenate([side[i][over] for side in both]) for i in (0, 1))
            arm = np.repeat([1.0, 0.0], len(time) // 2)[:, None]
            found[estimand, "cox"] = float(cox(time, cause == 1, arm).beta[0])
            found[estimand, "fine-gray"] = float(fine_gray(time, cause, arm).cox.beta[0])
    return found


def _had(_: np.ndarray, cause: np.ndarray) -> np.ndarray:
    return (cause == 1).astype(float)


def _free(time: np.ndarray, cause: np.ndarray) -> np.ndarray:
    # Days after death count as free of the event.
    return np.where(cause == 1, time, DAY)


def participants(world: World, source: BitGenerator) -> tuple[People, list[np.ndarray]]:
    """The people of a draw, and the days of all their arrests."""
    lives = draw(world, world.n, source)
    effect, stop = world.effect * lives.treated, np.minimum(lives.leave, lives.end)
    time, cause = lives.seen(effect, stop)
    last = np.minimum(lives.death, stop)
    sums, days = lives.first, []
    while ((now := _day_of(sums / (lives.rate * np.exp(effect)))) <= last).any():
        days.append(np.where(now <= last, np.ceil(now), np.inf))
        sums = sums + _exponentials(source, world.n)
    table = np.array(days).T
    people = People.from_arrays(
        lives.treated,
        covariates=dict(zip(COVARIATES, lives.x.T, strict=True)),
        outcomes={"arrest": Outcome.of_time(time, cause)},
        follow_up=np.ceil(last),
    )
    return people, [own[np.isfinite(own)] for own in table]


@dataclass(frozen=True, slots=True)
class Days:
    """n people, of whom some have days behind bars, a skewed number. any_step, step : effects on
    the log odds of any and on the log number. same : everyone is as likely to have any, so that
    the log of the mean is linear in the covariates."""

    n: int = 1200
    pull: float = 1.0
    any_step: float = -0.3
    step: float = -0.2
    same: bool = False


DAYS_WORLDS: Mapping[str, Days] = {
    "1,200 people": Days(),
    "300 people": Days(300),
    "no effect": Days(any_step=0.0, step=0.0),
    "little overlap": Days(pull=2.5),
    "log mean linear": Days(any_step=0.0, same=True),
}


def draw_days(world: Days, n: int, source: BitGenerator) -> tuple[np.ndarray, ...]:
    """Covariates, treated, and whole days with and without treatment, (2, n)."""
    x, treated, *_ = plain.draw(plain.World(n, pull=world.pull), n, source)
    chance, size = uniforms(source, n), np.exp(normals(source, n) - 0.5)
    odds = 0.0 if world.same else x @ [0.2, 0.4, 0.4]
    days = []
    for treat in (1.0, 0.0):
        some = 1 / (1 + np.exp(0.6 - odds - world.any_step * treat))
        mean = np.exp(4.0 + x @ [0.1, 0.25, 0.2] + world.step * treat)
        days.append(np.where(chance < some, np.ceil(mean * size), 0.0))
    return x, treated, np.array(days)


def people_with_days(world: Days, source: BitGenerator) -> People:
    """The people of a draw."""
    x, treated, days = draw_days(world, world.n, source)
    return People.from_arrays(
        treated,
        covariates=dict(zip(COVARIATES, x.T, strict=True)),
        outcomes={"days": Outcome.of(np.where(treated, days[0], days[1]), "days")},
    )


def true_days(world: Days) -> dict[Estimand, float]:
    """The effects on days in the population."""
    _, treated, days = draw_days(world, MANY, stream(SEED, "days/truth"))
    gap = days[0] - days[1]
    return {"ATT": float(gap[treated].mean()), "ATE": float(gap.mean())}


@dataclass(frozen=True, slots=True)
class Called:
    """n people called in on eight days, those with more priors sooner. effect : on the log rate of
    arrests after the call. uneven : standard deviation of the log rate that no covariate shows.
    by_past : an arrest in the year before raises the chance of being called by so much (log)."""

    n: int = 400
    effect: float = -0.35
    uneven: float = 0.0
    by_past: float = 0.0


CALLED_WORLDS: Mapping[str, Called] = {
    "400 people": Called(),
    "120 people": Called(120),
    "no effect": Called(effect=0.0),
    "called for arrests": Called(by_past=0.5),
    "called for arrests, uneven": Called(by_past=0.5, uneven=0.7),
}
CALL_DAYS = 365 + 90 * np.arange(8)


def calls(world: Called, source: BitGenerator) -> Calls:
    """A draw: one year before the first call, one after the last."""
    n, end = world.n, float(CALL_DAYS[-1] + 365)
    x = np.column_stack([normals(source, n), normals(source, n)])
    rate = np.exp(x @ [0.3, 0.4] + world.uneven * normals(source, n) - 0.1) / 365
    called = np.full(n, np.inf)
    events: list[list[float]] = [[] for _ in range(n)]
    edges = [0.0, *CALL_DAYS.tolist(), end]
    for start, stop in pairwise(edges):
        if start:
            past = np.array([sum(day > start - 365 for day in own) for own in events])
            chance = 0.08 * np.exp(0.3 * x[:, 1] + world.by_past * (past > 0))
            called[(uniforms(source, n) < chance) & np.isinf(called)] = start
        now = np.where(np.isfinite(called), rate * np.exp(world.effect), rate)
        at = start + _exponentials(source, n) / now
        while (inside := at < stop).any():
            for person in np.flatnonzero(inside):
                events[person].append(float(at[person]))
            at = at + _exponentials(source, n) / now
    return Calls.from_arrays(
        called,
        events,
        start=np.zeros(n),
        end=np.full(n, end),
        covariates={"age": x[:, 0], "priors": x[:, 1]},
    )
