"""One release at a time: the whole evidence of a study, as it may be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evaluation.data.panel import Provenance
from evaluation.data.project import Disclosure
from evaluation.effect import Check, Effect, Told
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Alternative, Evidence, Grade, OutcomeEvidence
from evaluation.study.release.audit import audit
from evaluation.study.release.effects import told_effect
from evaluation.study.release.rounding import Grid, Seen, count, safe_words
from evaluation.study.release.tables import people_of, told_check, told_fact


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
    made = _Release(evidence, rule).made() if of_people else _series(evidence, rule)
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


def _series(evidence: Evidence, rule: Disclosure) -> Evidence:
    """Evidence of private counts of places: what was observed is told in steps."""

    def told(effect: Effect) -> Effect:
        path = tuple(
            replace(point, observed=_counted(point.observed, rule)) for point in effect.path
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


def _counted(value: float, rule: Disclosure) -> float:
    """A count of a period in steps; what is no whole number is no count."""
    return float(rule.step * round(value / rule.step)) if value == round(value) else value
