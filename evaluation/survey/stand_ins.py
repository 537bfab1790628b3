"""Respondents without the program who stand in for those with it, in every wave, so that no answer
of a resident with the program is read: what a survey could find is worked out on them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Scale, answers, score

# Bisections of the size of a change: a shift to nine digits.
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Pool:
    """Whose answers can stand for whose on one scale.

    Parameters
    ----------
    sample : with the score as its only item. scale : of that item. score : (n,) of respondents
        without the program, NaN for the others and where there is none. place : (n,) number of the
        neighborhood, or of the stratum without any. pattern : (n,) in which waves the person
        answers. rows : of persons by (place, unit, pattern), of people without the program, a row
        number a wave. step : by which the score can change, 0 where it is any number. expected :
        the weighted mean after the start without the program.
    """

    sample: Sample
    scale: Scale
    score: np.ndarray
    place: np.ndarray
    persons: tuple[tuple[int, ...], ...]
    step: float
    low: float
    high: float
    expected: float


def pool_of(sample: Sample, scale: Scale) -> Pool:
    """Everyone's like among the respondents without the program.

    Raises
    ------
    DataError : as `score`. FitError : when none of them answered after the start.
    """
    chosen = answers(sample, scale)
    known = np.where(sample.treated, np.nan, score(sample, scale))
    item = sample.names.index(scale.items[0])
    low, high = float(sample.low[item]), float(sample.high[item])
    if scale.kind == "share":
        low, high, step = 0.0, 1.0, 1.0
    else:
        step = 1 / chosen.shape[1] if np.isfinite([low, high]).all() else 0.0
    after = sample.post & np.isfinite(known)
    if not after.any() or not (~sample.post & np.isfinite(known)).any():
        raise FitError(fact("survey.stand-ins.nobody"))
    own = replace(
        scale,
        items=(scale.name,),
        reverse=(),
        at_least=1.0 if scale.kind == "share" else None,
    )
    made = replace(
        sample,
        items=known[:, None],
        names=(scale.name,),
        low=np.array([low if step else -np.inf]),
        high=np.array([high if step else np.inf]),
    )
    place = sample.area if sample.area is not None else sample.design.stratum[sample.design.psu]
    return Pool(
        sample=made,
        scale=own,
        score=known,
        place=np.asarray(place),
        persons=_persons(sample),
        step=step,
        low=low,
        high=high,
        expected=float(np.average(known[after], weights=sample.weight[after])),
    )


def standing_in(pool: Pool, u: np.ndarray) -> np.ndarray:
    """(n,) scores of others, no matter whether one lives with the program: every neighborhood with
    it takes those of one without it, every sampling unit those of a unit there, and every person in
    it all answers of one who was asked in the same waves.

    Units are drawn with replacement, which makes up how they vary. Neighborhoods, and people within
    a unit, are taken in a random order, again when all are used: drawn with replacement too, they
    would count what varies within a unit twice.

    Parameters
    ----------
    u : (3 n,) uniforms at least.
    """
    sample = pool.sample
    numbers = iter(u)
    orders: dict[object, list[int]] = {}

    def drawn(among: list[int]) -> int:
        return among[min(int(next(numbers) * len(among)), len(among) - 1)]

    def next_of(key: object, among: list[int]) -> int:
        left = orders.get(key) or list(among)
        taken = left.pop(min(int(next(numbers) * len(left)), len(left) - 1))
        orders[key] = left
        return taken

    own, waves = sample.design.psu, sample.wave
    of_unit: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    of_place: dict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    of_all: dict[tuple[int, ...], list[int]] = defaultdict(list)
    patterns = [tuple(waves[list(rows)].tolist()) for rows in pool.persons]
    units: dict[int, dict[int, set[tuple[int, ...]]]] = defaultdict(lambda: defaultdict(set))
    for number, rows in enumerate(pool.persons):
        row = rows[0]
        if sample.treated[row]:
            continue
        unit, where, pattern = int(own[row]), int(pool.place[row]), patterns[number]
        of_unit[unit, pattern].append(number)
        of_place[where, pattern].append(number)
        of_all[pattern].append(number)
        units[where][unit].add(pattern)
    places = sorted(units)
    place_of: dict[int, int] = {}
    unit_of: dict[int, int] = {}
    made = np.full(len(own), np.nan)
    for number, rows in enumerate(pool.persons):
        row, pattern = rows[0], patterns[number]
        unit, where = int(own[row]), int(pool.place[row])
        if where not in place_of:
            place_of[where] = next_of("places", places) if sample.treated[row] else where
        there = place_of[where]
        if unit not in unit_of:
            alike = [one for one, asked in units[there].items() if pattern in asked]
            unit_of[unit] = drawn(alike or list(units[there]))
        nearest = (
            of_unit.get((unit_of[unit], pattern))
            or of_place.get((there, pattern))
            or of_all.get(pattern)
        )
        if nearest is None:
            raise FitError(fact("survey.stand-ins.nobody"))
        made[list(rows)] = pool.score[list(pool.persons[next_of((unit, pattern), nearest)])]
    return made


def with_change(pool: Pool, scores: np.ndarray, percent: float, u: np.ndarray) -> Sample:
    """The sample with these scores, and a change of this size of the mean of residents with the
    program after the start.

    Answers move by whole steps, as many as are needed on average, and stay in their range; a
    measure without a range is multiplied.

    Parameters
    ----------
    scores : (n,) from `standing_in`. u : (n,) uniforms, the same for every change.
    """
    made, here = scores.copy(), pool.sample.treated & pool.sample.post
    if pool.step:
        steps = steps_for(pool, percent)
        made[here] = _moved(pool, made[here], steps, u[here])
    else:
        made[here] *= 1 + percent / 100
    return replace(pool.sample, items=made[:, None])


def room(pool: Pool, sign: float) -> float:
    """The largest change in percent that the scale has room for, toward this sign."""
    if not pool.step or pool.expected <= 0:
        return np.inf
    end = pool.high if sign > 0 else pool.low
    return 100 * abs(end - pool.expected) / pool.expected


def steps_for(pool: Pool, percent: float) -> float:
    """How many steps each answer moves, on average, before it meets the end of its range, so that
    the mean of the pool changes by so many percent."""
    after = pool.sample.post & np.isfinite(pool.score)
    values, weight = pool.score[after], pool.sample.weight[after]
    goal = pool.expected * (1 + percent / 100)
    most = (pool.high - pool.low) / pool.step + 1
    ends = (0.0, most) if percent > 0 else (-most, 0.0)
    for _ in range(HALVINGS):
        middle = sum(ends) / 2
        whole = np.floor(middle)
        clipped = [
            np.clip(values + pool.step * (whole + more), pool.low, pool.high) for more in (0, 1)
        ]
        part = middle - whole
        mean = float(np.average((1 - part) * clipped[0] + part * clipped[1], weights=weight))
        ends = (middle, ends[1]) if mean < goal else (ends[0], middle)
    return sum(ends) / 2


def _moved(pool: Pool, values: np.ndarray, steps: float, u: np.ndarray) -> np.ndarray:
    whole = np.floor(steps)
    moved = values + pool.step * (whole + (u < steps - whole))
    return np.asarray(np.clip(moved, pool.low, pool.high))


def _persons(sample: Sample) -> tuple[tuple[int, ...], ...]:
    """Row numbers of each person, in the order of the waves; without identities a row is one."""
    if sample.person is None:
        return tuple((row,) for row in range(len(sample.wave)))
    found: dict[int, list[int]] = defaultdict(list)
    for row in np.argsort(sample.wave, kind="stable").tolist():
        found[int(sample.person[row])].append(row)
    return tuple(tuple(rows) for rows in found.values())
