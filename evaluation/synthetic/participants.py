"""People called in and comparable people, one row each, in which every effect is known.

Four hundred invented people called in between 2013 and 2018, and 800 who were eligible on the same
days and were not. Those called in were at higher risk, so that the plain comparison is wrong. A
call-in lowers the rate of arrests and of being shot from the day on. Levels follow published
accounts: about two in three arrested within three years, eleven in a hundred shot within twenty
months, a dozen prior arrests; effects are chosen. Nothing here is a record of any real person.

Arrests come at the rate

    log rate of person i in half-year w = level + covariates(i) + what nobody sees(i)
                                          + passing noise(i, w) + effect called(i)

while the person is free. An arrest may lead to a conviction, and that to days behind bars, without
arrests. People die or move away, and are then seen no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evaluation.numeric.shared import draws

# The day of Oakland's first call-in, and one; fixed before any data were drawn.
SEED = 20121019
PEOPLE, CALLED = 1200, 400
# Quarterly call-ins, each on the 15th of its month.
YEARS, MONTHS = range(2013, 2019), (2, 5, 8, 11)
# Half-years before and after entry, days of one, and days that anyone is followed at most.
BEFORE, AFTER, HALF_YEAR = 4, 6, 182.5
LONGEST = 1095
HORIZON = 730
# Arrests a year at the reference covariates.
LEVEL = 0.55
# Spread of what no covariate shows, and of passing noise with its persistence.
UNSEEN = 0.3
CONVICTED, VIOLENT, GUN = 0.45, 0.18, 0.15
SENTENCE = 240.0
# Rates a day of being shot and of dying.
SHOT, DIED = 0.06 / 365, 0.012 / 365
# No one is arrested so often within the days of follow-up.
MOST = 30


@dataclass(frozen=True, slots=True)
class World:
    """What is true.

    Parameters
    ----------
    hazard_ratio : of a call-in on arrests. shot_ratio : on being shot. noise : standard deviation
        of passing noise in the log rate of arrests, and rho its persistence from half-year to
        half-year. recent : how much an arrest in the half-year before entry adds to the log odds of
        being called in. leaving : how much a standard deviation of risk adds to the log rate of
        moving away, of people called in; whoever is called in also moves away `leaving_ratio` times
        as often. moved : rate a day of moving away.
    """

    hazard_ratio: float = 0.78
    shot_ratio: float = 0.75
    noise: float = 0.2
    rho: float = 0.6
    recent: float = 0.25
    leaving: float = 0.0
    leaving_ratio: float = 1.0
    moved: float = 0.015 / 365


STANDARD = World()
NULL = World(hazard_ratio=1.0, shot_ratio=1.0)
# A spell of arrests brings a call-in and is over by itself.
REVERTING = World(hazard_ratio=1.0, shot_ratio=1.0, noise=1.0, rho=0.1, recent=1.4)
# People at high risk who were called in leave, and cannot be seen to be arrested.
ATTRITION = World(leaving=1.2, leaving_ratio=6.0)


@dataclass(frozen=True, slots=True)
class Covariates:
    """What is known at entry, (n,) each. arrests : (n, 4) in half-years before, the last just
    before."""

    age: np.ndarray
    priors: np.ndarray
    group_member: np.ndarray
    shot_before: np.ndarray
    supervised: np.ndarray
    arrests: np.ndarray


@dataclass(frozen=True, slots=True)
class Rates:
    """What drives events, known to nobody. hazards : (n, 6) a day by half-year after entry, without
    a call-in. shot, died : (n,) a day. risk : (n,) log rate less its mean, over its deviation."""

    hazards: np.ndarray
    shot: np.ndarray
    died: np.ndarray
    risk: np.ndarray


@dataclass(frozen=True, slots=True)
class Lives:
    """What happened after entry, in days; infinite for never.

    arrests : (n, MOST) days of arrest, in order. violent, gun : (n, MOST) bool. convictions : (n,
    MOST) days. freed : (n, MOST) day of release after it. shot : (n,). end : (n,) of follow-up.
    dead : (n,) bool, it ended with death.
    """

    arrests: np.ndarray
    violent: np.ndarray
    gun: np.ndarray
    convictions: np.ndarray
    freed: np.ndarray
    shot: np.ndarray
    end: np.ndarray
    dead: np.ndarray
    moved: np.ndarray

    def first(self, which: np.ndarray | bool = True) -> np.ndarray:
        """(n,) day of the first arrest of a kind."""
        return np.asarray(np.where(which, self.arrests, np.inf).min(axis=1))

    def days_incarcerated(self, until: float) -> np.ndarray:
        """(n,) days behind bars before a day, or before the end of follow-up."""
        last = np.minimum(self.end, until)[:, None]
        begin, finish = np.minimum(self.convictions, last), np.minimum(self.freed, last)
        return np.asarray((finish - begin).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Simulated:
    """One draw. called : (n,) bool. call_in : (n,) which of the 24 dates. services : (n,) contacts.
    first_service : (n,) days after entry, infinite for none. completed : (n,) bool."""

    covariates: Covariates
    rates: Rates
    called: np.ndarray
    call_in: np.ndarray
    lives: Lives
    services: np.ndarray
    first_service: np.ndarray
    completed: np.ndarray

    def risks(self, day: float, ratio: float) -> np.ndarray:
        """(n,) chance of an arrest by a day, were everyone's hazard so many times as high."""
        chance, alive = np.zeros(len(self.called)), np.ones(len(self.called))
        for window in range(AFTER):
            length = min(max(day - window * HALF_YEAR, 0.0), HALF_YEAR)
            own = ratio * self.rates.hazards[:, window]
            total = own + self.rates.died
            chance += alive * own / total * -np.expm1(-total * length)
            alive = alive * np.exp(-total * length)
        return chance


def simulated(world: World = STANDARD, seed: int = SEED, people: int = PEOPLE) -> Simulated:
    """Everyone's covariates, call-in and events for this seed.

    Parameters
    ----------
    people : how many, a third of them called in.
    """
    n, called_in = people, round(people * CALLED / PEOPLE)
    covariates, rates = _at_entry(world, seed, n)
    score = (
        0.5 * covariates.group_member
        + 0.3 * covariates.shot_before
        + 0.3 * covariates.supervised
        + 0.05 * (covariates.priors - 10)
        - 0.05 * (covariates.age - 25)
        + world.recent * np.minimum(covariates.arrests[:, -1], 3)
    )
    # The highest of score and logistic noise: a logit with an intercept that makes them a third.
    u = _uniform(seed, "called", n)
    order = np.argsort(score + np.log(u / (1 - u)), kind="stable")
    called = np.zeros(n, dtype=bool)
    called[order[n - called_in :]] = True
    call_in = np.floor(_uniform(seed, "date", n) * len(YEARS) * len(MONTHS)).astype(int)
    lives = lived(world, rates, called, lambda name: _uniform(seed, name, n))
    # The lower the risk, the more come; who is arrested in the first half-year does not complete.
    chance = 1 / (1 + np.exp(-(0.9 - 0.5 * rates.risk)))
    takes = called & (_uniform(seed, "takes", n) < chance)
    start = np.ceil(7 + 60 * _uniform(seed, "service", n))
    takes &= start < lives.end
    completed = takes & (lives.first() > HALF_YEAR) & (_uniform(seed, "completed", n) < 0.8)
    completed &= lives.end > HALF_YEAR
    contacts = np.ceil(-12 * np.log(_uniform(seed, "contacts", n)) * np.where(completed, 2, 0.7))
    return Simulated(
        covariates,
        rates,
        called,
        call_in,
        lives,
        np.where(takes, contacts, 0).astype(int),
        np.where(takes, start, np.inf),
        completed,
    )


def lived(
    world: World, rates: Rates, called: np.ndarray, uniform: Callable[[str], np.ndarray]
) -> Lives:
    """Everyone's events after entry.

    Parameters
    ----------
    called : (n,) bool. uniform : name to (n,) uniforms.
    """
    n = len(called)
    faster = world.leaving_ratio * np.exp(world.leaving * rates.risk)
    moving = world.moved * np.where(called, faster, 1.0)
    died = np.ceil(-np.log(uniform("died")) / rates.died)
    moved = np.ceil(-np.log(uniform("moved")) / moving)
    end = np.minimum(np.minimum(died, moved), LONGEST)
    shot_rate = rates.shot * np.where(called, world.shot_ratio, 1.0)
    shot = np.ceil(-np.log(uniform("shot")) / shot_rate)
    # Cumulative hazards at the ends of half-years; past the last one the rate stays.
    daily = rates.hazards * np.where(called, world.hazard_ratio, 1.0)[:, None]
    edges = np.arange(AFTER + 1) * HALF_YEAR
    cumulative = np.hstack([np.zeros((n, 1)), np.cumsum(daily * HALF_YEAR, axis=1)])
    free = np.zeros(n)
    never = np.full((n, MOST), np.inf)
    arrests, convictions, freed = never.copy(), never.copy(), never.copy()
    violent, gun = np.zeros((n, MOST), dtype=bool), np.zeros((n, MOST), dtype=bool)
    rows = np.arange(n)
    for k in range(MOST):
        window = np.minimum((free / HALF_YEAR).astype(int), AFTER - 1)
        known = cumulative[rows, window] + (free - edges[window]) * daily[rows, window]
        target = known - np.log(uniform(f"arrest/{k}"))
        window = np.minimum((cumulative[:, 1:] <= target[:, None]).sum(axis=1), AFTER - 1)
        day = edges[window] + (target - cumulative[rows, window]) / daily[rows, window]
        day = np.maximum(np.ceil(day), free + 1)
        here = day <= end
        if not here.any():
            break
        kind, weapon = uniform(f"violent/{k}") < VIOLENT, uniform(f"gun/{k}") < GUN
        found = here & (uniform(f"convicted/{k}") < CONVICTED)
        convicted = day + np.ceil(30 + 120 * uniform(f"trial/{k}"))
        longer = np.where(kind, 2.0, 1.0) * SENTENCE
        out = convicted + np.ceil(-np.log(uniform(f"sentence/{k}")) * longer)
        found &= convicted <= end
        arrests[here, k] = day[here]
        violent[here, k], gun[here, k] = kind[here], weapon[here]
        convictions[found, k], freed[found, k] = convicted[found], out[found]
        free = np.where(here, np.where(found, out, day + 1), np.inf)
        # Who is not seen again is left at the end; nothing more of theirs is recorded.
        free = np.where(free < end, free, LONGEST)
    gone = end < LONGEST
    return Lives(
        arrests,
        violent,
        gun,
        convictions,
        freed,
        np.where(shot <= end, shot, np.inf),
        end,
        gone & (died <= moved),
        gone & (moved < died),
    )


def _at_entry(world: World, seed: int, n: int) -> tuple[Covariates, Rates]:
    age = np.minimum(np.floor(18 - 8 * np.log(_uniform(seed, "age", n))), 50)
    priors = draws.overdispersed_counts(_uniform(seed, "priors", n), np.full(n, 10.0), 4.0)
    group = _uniform(seed, "group", n) < 0.55
    shot = _uniform(seed, "shot before", n) < 0.2
    supervised = _uniform(seed, "supervised", n) < 0.6
    log = (
        -0.04 * (age - 25)
        + 0.03 * (np.minimum(priors, 30) - 10)
        + 0.35 * (group - 0.55)
        + 0.25 * (shot - 0.2)
        + 0.3 * (supervised - 0.6)
    )
    log = log + UNSEEN * draws.normals(draws.stream(seed, "unseen"), n)
    shocks = draws.normals(draws.stream(seed, "noise"), n * (BEFORE + AFTER))
    windows = shocks.reshape(BEFORE + AFTER, n)
    noise = draws.stationary_path(windows, rho=world.rho, deviation=world.noise).T
    rate = LEVEL / 365 * np.exp(log[:, None] + noise - world.noise**2 / 2)
    past = np.stack(
        [
            draws.overdispersed_counts(
                _uniform(seed, f"before/{w}", n), np.maximum(rate[:, w] * HALF_YEAR, 1e-9), 1.0001
            )
            for w in range(BEFORE)
        ],
        axis=1,
    )
    covariates = Covariates(
        age, np.maximum(priors, past.sum(axis=1)), group, shot, supervised, past
    )
    victim = SHOT * np.exp(0.5 * log + 0.4 * group + 0.5 * shot - 0.32)
    risk = (log - log.mean()) / log.std()
    rates = Rates(rate[:, BEFORE:], victim, np.full(n, DIED), risk)
    return covariates, rates


def _uniform(seed: int, name: str, n: int) -> np.ndarray:
    return draws.uniforms(draws.stream(seed, name), n)
