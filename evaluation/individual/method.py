"""One estimator of people as the plan names it and the report explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import get_args

from evaluation import method
from evaluation.effect import Effect
from evaluation.individual import gate
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer, Measure, effect
from evaluation.individual.people import Kind, People
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.solvable import solvable

WHOM = {"ATT": "those who were treated", "ATE": "everyone here, treated or not"}


@dataclass(frozen=True, slots=True)
class Method(method.Method):
    """A row of the METHODS table; `solve` takes a comparison and returns an `Answer`. The coverage
    is that over simulated people in docs/coverage_individual.md and coverage_times.md."""

    kinds: frozenset[str] = field(default=frozenset(get_args(Kind)), kw_only=True)

    def answer(self, people: People, outcome: str, estimand: Estimand = "ATT") -> Answer:
        """What the method finds, with the people used and their weights, for checks and figures.

        Raises
        ------
        DataError, FitError : see `Comparison.of` and the method.
        """
        with solvable(self.name):
            found: Answer = self.solve(Comparison.of(people, outcome, estimand))
            return found

    def fit(
        self,
        people: People,
        outcome: str,
        estimand: Estimand = "ATT",
        *,
        measure: Measure = "difference",
    ) -> Effect:
        """The effect by this method, past the gate that every effect on people passes.

        Parameters
        ----------
        estimand : "ATT" or "ATE". measure : "difference" (of risks or means) or "ratio".

        Raises
        ------
        DataError, FitError : see `answer`.
        """
        answer = self.answer(people, outcome, estimand)
        with solvable(self.name):
            return gate.passed(self.worded(answer, measure), people)

    def worded(self, answer: Answer, measure: Measure = "difference") -> Effect:
        """The Effect of what the method found."""
        words = f"{self.estimand}, among {WHOM[answer.used.estimand]}"
        return effect(answer, self.name, words, measure)
