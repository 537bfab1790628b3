"""What a reader with time could work out of a release: the attacks, tried before it is written.

The reader knows the rule, how many people there are on each side, and every number that is told. A
count is safe when at least `SPREAD` whole numbers agree with all that is told of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from evaluation.data.project import Disclosure
from evaluation.effect import Check, Effect
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.release.tables import BALANCE, COUNTS, SPREAD, USED, people_of

# Results have six digits.
_FINEST = 5e-7


def audit(told: Evidence, exact: Evidence, rule: Disclosure) -> list[Fact]:
    """What fails, and what to coarsen; empty when nothing small can be worked out.

    Parameters
    ----------
    told : as it would be written. exact : as it was found.
    """
    found: list[Fact] = []
    if any(people_of(one.checks) for one in exact.outcomes):
        found += _counts(told, rule)
        for outcome, true in zip(told.outcomes, exact.outcomes, strict=True):
            sides = people_of(true.checks)
            found += _differences(outcome, true, sides, rule)
            for check, was in zip(outcome.checks, true.checks, strict=True):
                if check.name == BALANCE:
                    found += _balance(check, sides, rule)
                if check.name == "risk-curves":
                    found += _steps(check, was, sides, rule)
    elif exact.data.provenance.sensitivity == "private":
        found += _series(exact, rule)
    return found


def _counts(told: Evidence, rule: Disclosure) -> Iterator[Fact]:
    """Counts that are few, or in no steps, wherever they stand."""
    for where, value in _counted(told):
        if value < rule.fewest or (value % rule.step and value != rule.fewest):
            yield fact(
                "release.no-count",
                where=where,
                fewest=rule.fewest,
                step=rule.step,
                counts={"people": value},
            )


def _counted(told: Evidence) -> Iterator[tuple[str, int]]:
    """Every count of people that is a number, with where it stands."""
    for outcome in told.outcomes:
        for check in outcome.checks:
            names = (*check.counts, *COUNTS.get(check.name, ()), *USED)
            for value in (row.get(name) for row in check.table for name in names):
                yield from _whole(f"check {check.name!r}", value)
        for entry in (outcome.headline, *outcome.alternatives):
            if entry.effect is not None:
                yield repr(entry.label), entry.effect.n
        for given in _facts(outcome):
            for value in given.counts.values():
                yield from _whole(repr(given.key), value)


def _whole(where: str, value: Any) -> Iterator[tuple[str, int]]:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, (int, np.integer)) and not isinstance(one, bool):
            yield where, int(one)


def _facts(value: Any) -> Iterator[Fact]:
    """Every fact in it, those within facts too."""
    if isinstance(value, Fact):
        yield value
        for one in value.numbers.values():
            yield from _facts(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _facts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _facts(getattr(value, field.name))


def within(value: float, step: float) -> tuple[float, float]:
    """Between what a number lies that a reader sees, who knows in which steps it may be told."""
    in_steps = step > 0 and abs(value / step - round(value / step)) < 1e-3
    half = step / 2 if in_steps else max(abs(value), 1e-9) * _FINEST
    return value - half, value + half


def _possible(low: float, high: float) -> int:
    """How many whole numbers lie there."""
    return max(int(np.floor(high + 1e-6) - np.ceil(low - 1e-6)) + 1, 0)


def _risk(effect: Effect | None) -> tuple[float, float] | None:
    """The two risks of an effect, treated people first, or None."""
    if effect is None or effect.percent_of != "risk" or len(effect.terms) < 2:
        return None
    return effect.terms[0].estimate, effect.terms[1].estimate


def _differences(
    told: OutcomeEvidence, exact: OutcomeEvidence, sides: Sequence[int], rule: Disclosure
) -> Iterator[Fact]:
    """How many had the event by one horizon and not by another, or in one analysis and not in
    another of nearly the same people."""
    entries = [
        (name, one.effect, true.effect)
        for name, one, true in _entries(told, exact)
        if _risk(one.effect) is not None and true.effect is not None
    ]
    if len(sides) != 2:
        return
    for place, (name, one, true) in enumerate(entries):
        for other, two, also in entries[:place]:
            assert one is not None and two is not None
            spans, was = [], []
            for given, real in ((one, true), (two, also)):
                share = min((real.n if real else 0) / sum(sides), 1.0)
                people = sides[0] * share
                low, high = within(_risks(given)[0], min(rule.step / (min(sides) * share), 1.0))
                spans.append((low * people, high * people))
                was.append(_risks(real)[0] * people)
            between = abs(was[0] - was[1])
            if not 0.5 < between < rule.fewest - 0.5 or abs(between - round(between)) > 1e-3:
                continue
            if _possible(spans[0][0] - spans[1][1], spans[0][1] - spans[1][0]) < SPREAD:
                yield fact("release.no-horizons", first=other, second=name, fewest=rule.fewest)


def _risks(effect: Effect | None) -> tuple[float, float]:
    found = _risk(effect)
    assert found is not None
    return found


def _entries(told: OutcomeEvidence, exact: OutcomeEvidence) -> Iterator[tuple[str, Any, Any]]:
    yield f"the headline of {told.label!r}", told.headline, exact.headline
    for one, true in zip(told.alternatives, exact.alternatives, strict=True):
        yield f"{one.label!r}", one, true


def _balance(check: Check, sides: Sequence[int], rule: Disclosure) -> Iterator[Fact]:
    """How many have a trait, from the difference of its shares, and the ratio of its variances."""
    if len(sides) != 2:
        return
    for row in check.table:
        counts = having(row, sides)
        few = [one for one in counts if one < rule.fewest]
        if few and len(counts) < SPREAD:
            yield fact("release.no-balance", covariate=str(row.get("covariate", "")))


def having(row: Any, sides: Sequence[int]) -> list[int]:
    """Numbers of treated people that could have a trait of yes or no, by a row of the balance
    table: whole numbers on both sides that give the differences that are told."""
    treated, others = sides
    before = row.get("before")
    if not isinstance(before, float) or not before:
        return []
    one = np.arange(1, treated)
    share = one / treated
    spread = np.sqrt(share * (1 - share) * treated / (treated - 1))
    low, high = within(before, 0.01)
    # Shares of the others at the two ends of what is told.
    most, least = (others * (share - end * spread) for end in (low, high))
    fits = np.floor(most + 1e-6) >= np.ceil(least - 1e-6)
    fits &= (most >= 0) & (least <= others)
    ratio, after = row.get("variance ratio"), row.get("after")
    if isinstance(ratio, float) and isinstance(after, float):
        weighted = share - after * spread
        variance = weighted * (1 - weighted)
        with np.errstate(divide="ignore", invalid="ignore"):
            fits &= np.abs(spread**2 / variance / ratio - 1) < 0.02
    return [int(count) for count in one[fits]]


def _steps(check: Check, exact: Check, sides: Sequence[int], rule: Disclosure) -> Iterator[Fact]:
    """How many had the event between two days of a curve."""
    if len(sides) != 2:
        return
    for who, people in (("treated", sides[0]), ("untreated", sides[1])):
        told = [row for row in check.table if row.get("who") == who]
        true = [row for row in exact.table if row.get("who") == who]
        for (one, two), (was, now) in zip(pairwise(told), pairwise(true), strict=True):
            between = (now["risk"] - was["risk"]) * people
            if not 0.5 < between < rule.fewest - 0.5:
                continue
            step = min(rule.step / min(sides), 1.0)
            first, second = within(one["risk"], step), within(two["risk"], step)
            if _possible((second[0] - first[1]) * people, (second[1] - first[0]) * people) < SPREAD:
                yield fact(
                    "release.no-steps",
                    who=who,
                    first=one["days"],
                    second=two["days"],
                    fewest=rule.fewest,
                )


def _series(exact: Evidence, rule: Disclosure) -> Iterator[Fact]:
    """Periods of private counts that are few."""
    for outcome in exact.outcomes:
        for effect in (one.effect for one in (outcome.headline, *outcome.alternatives)):
            if effect is None or not effect.path:
                continue
            seen = [point.observed for point in effect.path]
            counts = all(value == round(value) and value >= 0 for value in seen)
            few = sum(value < rule.fewest for value in seen)
            if counts and few:
                yield fact(
                    "release.no-series",
                    outcome=outcome.label,
                    periods=few,
                    all=len(seen),
                    fewest=rule.fewest,
                )
