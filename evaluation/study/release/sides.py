"""What is told of two sides of people before a study: how many, a mean, and how alike they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.data.project import Disclosure
from evaluation.effect import Check, Told
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.study.release.release import balance_faults
from evaluation.study.release.rounding import Grid, Seen, coarse, count, safe_words, snapped
from evaluation.study.release.tables import told_check, told_fact


@dataclass(frozen=True, slots=True)
class TwoSides:
    """People with the program and without it, and the rule by which they may be told of.

    Every count of `many` is at least `rule.fewest`: whoever makes one refuses fewer.
    """

    slug: str
    many: tuple[int, int]
    rule: Disclosure

    @property
    def grid(self) -> Grid:
        return Grid.of(self.many, self.rule)

    def people(self, many: int) -> int:
        """How many, in steps."""
        told = count(many, self.rule)
        return told if isinstance(told, int) else self.rule.fewest

    def mean(self, value: float) -> float:
        """A share in steps of people, or a larger mean in two digits."""
        return snapped(value, self.grid.unit) if abs(value) < 1 else coarse(value)

    def words(self, told: Told) -> Told:
        """What is said of them, with its counts in steps."""
        if isinstance(told, Fact):
            return told_fact(told, self.rule, self.grid, Seen())
        return safe_words(told, (sum(self.many), *self.many), self.rule, Seen())

    def _check(self, check: Check) -> Check:
        seen = Seen()
        told = told_check(check, self.rule, self.grid, seen)
        if not isinstance(check.found, Fact):
            return replace(told, found=self.words(check.found))
        return replace(told, found=told_fact(check.found, self.rule, self.grid, seen))

    def checks(self, found: tuple[Check, ...]) -> tuple[Check, ...]:
        """The checks as they may be written.

        Raises
        ------
        DataError : when a small number could be worked out all the same.
        """
        told = tuple(map(self._check, found))
        faults = [fault for one in told for fault in balance_faults(one, self.many, self.rule)]
        if faults:
            once = tuple(dict.fromkeys(map(str, faults)))
            raise DataError(str(fact("release.refused", slug=self.slug, faults=once)))
        return told
