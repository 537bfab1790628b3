"""One release at a time: the whole evidence of a study, as it may be written, and attacks on it.

What a reader with time could work out is tried before it is written. The reader knows the rule, how
many people there are on each side, and every number that is told. A count is safe when at least
`SPREAD` whole numbers agree with all that is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from evaluation.data.panel import Provenance
from evaluation.data.project import Disclosure
from evaluation.effect import Check, Effect, Told
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Alternative, Evidence, Grade, OutcomeEvidence
from evaluation.study.release.effects import told_effect
from evaluation.study.release.rounding import Grid, Seen, count, safe_words
from evaluation.study.release.tables import (
    BALANCE,
    COUNTS,
    SPREAD,
    USED,
    people_of,
    told_check,
    told_fact,
)

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
                    found += balance_faults(check, sides, rule)
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


def balance_faults(check: Check, sides: Sequence[int], rule: Disclosure) -> Iterator[Fact]:
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


def released(evidence: Evidence, rule: Disclosure, *, of_people: bool) -> Evidence:
    """What may be written of what was found, after it withstood the attacks of `audit`.

    Parameters
    ----------
    of_people : True when rows of the data are persons. Invented persons are told of as real ones
        would be. Else only private data are withheld from, and public ones come back as they are.

    Raises
    ------
    DataError : naming what to coarsen, when a small number could be worked out all the same.
    """
    private = evidence.data.provenance.sensitivity == "private"
    if not of_people and not private:
        return evidence
    made = _Release(evidence, rule).made() if of_people else _of_series(evidence, rule)
    faults = audit(made, evidence, rule)
    if faults:
        once = tuple(dict.fromkeys(map(str, faults)))
        raise DataError(str(fact("release.refused", slug=evidence.slug, faults=once)))
    return made


@dataclass(frozen=True, slots=True)
class _Release:
    """One evidence on its way out."""

    evidence: Evidence
    rule: Disclosure

    def made(self) -> Evidence:
        seen = Seen()
        outcomes = [self._effects(outcome, seen) for outcome in self.evidence.outcomes]
        told = tuple(self._words(outcome, seen) for outcome in outcomes)
        data = replace(
            self.evidence.data,
            unit=self._said(self.evidence.data.unit, seen, ()),
            provenance=self._rows(self.evidence.data.provenance),
        )
        return replace(self.evidence, outcomes=told, data=data)

    def _rows(self, source: Provenance) -> Provenance:
        """The table with its rows, which are people, in steps."""
        rows = count(source.rows, self.rule)
        return replace(
            source,
            rows=rows if isinstance(rows, int) else self.rule.fewest,
            beside=tuple(map(self._rows, source.beside)),
        )

    def _effects(self, outcome: OutcomeEvidence, seen: Seen) -> OutcomeEvidence:
        """The outcome with its effects told; first, since checks repeat their numbers."""
        sides = people_of(outcome.checks)
        return self._each(outcome, lambda effect: self._effect(effect, sides, seen))

    def _effect(self, effect: Effect, sides: tuple[int, ...], seen: Seen) -> Effect:
        grid = Grid.of(sides, self.rule).among(effect.n, max(sum(sides), 1))
        made = told_effect(effect, grid, seen)
        people = count(effect.n, self.rule)
        return replace(made, n=people if isinstance(people, int) else self.rule.fewest)

    def _each(self, outcome: OutcomeEvidence, told: Callable[[Effect], Effect]) -> OutcomeEvidence:
        def entry(one: Alternative) -> Alternative:
            return one if one.effect is None else replace(one, effect=told(one.effect))

        return replace(
            outcome,
            headline=entry(outcome.headline),
            alternatives=tuple(map(entry, outcome.alternatives)),
        )

    def _words(self, outcome: OutcomeEvidence, seen: Seen) -> OutcomeEvidence:
        """The outcome with its checks, and all that is said of it."""
        sides = people_of(outcome.checks)
        wholes = (sum(sides), *sides)
        grid = Grid.of(sides, self.rule)

        def say(one: Told | None) -> Told | None:
            if isinstance(one, Fact):
                return told_fact(one, self.rule, grid, seen)
            return None if one is None else self._said(one, seen, wholes)

        def must(one: Told) -> Told:
            return say(one) or ""

        def words(effect: Effect) -> Effect:
            return replace(
                effect,
                notes=tuple(map(must, effect.notes)),
                objection=say(effect.objection),
                estimand=must(effect.estimand),
                averted_estimand=must(effect.averted_estimand),
            )

        def entry(one: Alternative) -> Alternative:
            return replace(one, reason=say(one.reason))

        made = self._each(outcome, words)
        return replace(
            made,
            headline=entry(made.headline),
            alternatives=tuple(map(entry, made.alternatives)),
            checks=tuple(self._check(one, must, grid, seen) for one in outcome.checks),
            grade=Grade(
                outcome.grade.level, outcome.grade.start, tuple(map(must, outcome.grade.reasons))
            ),
        )

    def _check(self, check: Check, must: Callable[[Told], Told], grid: Grid, seen: Seen) -> Check:
        return replace(told_check(check, self.rule, grid, seen), found=must(check.found))

    def _said(self, text: str, seen: Seen, wholes: tuple[int, ...]) -> str:
        return safe_words(text, wholes, self.rule, seen)


def _of_series(evidence: Evidence, rule: Disclosure) -> Evidence:
    """Evidence of private counts of places: what was observed is told in steps."""

    def told(effect: Effect) -> Effect:
        path = tuple(
            replace(point, observed=_in_steps(point.observed, rule)) for point in effect.path
        )
        return replace(effect, path=path)

    def entry(one: Alternative) -> Alternative:
        return one if one.effect is None else replace(one, effect=told(one.effect))

    return replace(
        evidence,
        outcomes=tuple(
            replace(
                one,
                headline=entry(one.headline),
                alternatives=tuple(map(entry, one.alternatives)),
            )
            for one in evidence.outcomes
        ),
    )


def _in_steps(value: float, rule: Disclosure) -> float:
    """A count of a period in steps; what is no whole number is no count."""
    return float(rule.step * round(value / rule.step)) if value == round(value) else value
