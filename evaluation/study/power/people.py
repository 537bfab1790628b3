"""What a study of people could find, and how alike both sides are, before what happened to those
with the program is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.people import People
from evaluation.individual.stand_ins import (
    Pool,
    events,
    most,
    pool_of,
    standing_in,
    told_of,
    uniforms_needed,
    with_change,
)
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.study.plan.schema import PlannedOutcome
from evaluation.study.power.power_evidence import SEED, Sides, refuse_falls
from evaluation.study.power.sides import DRAWS, Ready, sizes_of
from evaluation.study.release.sides import TwoSides

SIZES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0)
RISES = (10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0)
Drawn = tuple[People, np.ndarray]


@dataclass(frozen=True, slots=True)
class PeopleStandIns:
    """People without the program in the place of all, asked by the planned method.

    name : of the random streams. fit : the planned headline.
    """

    pool: Pool
    name: str
    fit: Callable[[People], Effect]

    def drawn(self, number: int) -> Drawn:
        source = stream(SEED, f"power/{self.name}/{number}")
        people = standing_in(self.pool, uniforms(source, uniforms_needed(self.pool)))
        return people, uniforms(source, events(self.pool, people))

    def asked(self, drawn: Drawn, percent: float) -> Effect:
        people, u = drawn
        return self.fit(with_change(self.pool, people, percent, u) if percent else people)


@dataclass(frozen=True, slots=True)
class Asked:
    """How a study asks of one outcome.

    Parameters
    ----------
    outcome : its name among those of the people. day : by which a first event counts. fit : people
        in, the planned headline out. alike : people in, balance and overlap out.
    """

    planned: PlannedOutcome
    label: str
    measure: str
    outcome: str
    day: float
    method: str
    method_label: str
    fit: Callable[[People], Effect]
    alike: Callable[[People], tuple[Check, ...]]


def ready(
    people: People, asked: Asked, told: TwoSides, draws: int | None, effects: Sequence[float]
) -> Ready:
    """One outcome, ready to be drawn.

    Raises
    ------
    DataError : for a size by which the outcome cannot fall. FitError : when too few people are on a
        side, or had the outcome, to be told of.
    """
    planned = asked.planned
    refuse_falls(planned, asked.label, effects)
    pool = pool_of(people, asked.outcome, asked.day)
    fewest = told.rule.fewest
    if min(*told.many, *told_of(pool)) < fewest:
        fault = fact("study.could-find.few-events", few=fact("release.fewer", fewest=fewest))
        raise FitError(fact("study.power.text", label=asked.label, fault=fault))
    stand_ins = PeopleStandIns(pool, planned.column, asked.fit)
    usual = SIZES if planned.better == "lower" else RISES
    room = 100.0 if planned.better == "lower" else most(pool)
    return Ready(
        outcome=planned,
        label=asked.label,
        measure=asked.measure,
        method=asked.method,
        method_label=asked.method_label,
        stand_ins=stand_ins,
        sides=Sides(
            "person",
            told.people(told.many[0]),
            told.people(told.many[1]),
            told.mean(pool.expected),
            round(pool.shared, 2),
        ),
        draws=draws or DRAWS,
        percents=sizes_of(planned, usual, effects, room),
        checks=told.checks(asked.alike(stand_ins.drawn(0)[0])),
        told=told.words,
    )
