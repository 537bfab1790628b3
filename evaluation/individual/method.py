"""One estimator as the plan names it and the report explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from evaluation.data.settings import set_to, settings_of
from evaluation.effect import Effect
from evaluation.fact import as_told
from evaluation.individual import gate
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer, Measure, among, effect
from evaluation.individual.people import People
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.solvable import solvable


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the METHODS table.

    Parameters
    ----------
    solve : a comparison in, an `Answer` out; its keyword-only arguments are the settings a plan may
        give it. estimand, assumes, coverage : in words; the coverage of nominal 95 % intervals is
        the range over simulated people in docs/coverage_individual.md and coverage_times.md.
    """

    name: str
    solve: Callable[..., Answer]
    label: str
    estimand: str
    assumes: str
    coverage: str

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the settings."""
        return settings_of(self.solve)

    def answer(self, people: People, outcome: str, estimand: Estimand = "ATT") -> Answer:
        """What the method finds, with the people used and their weights, for checks and figures.

        Raises
        ------
        DataError, FitError : see `Comparison.of` and the method.
        """
        with solvable(self.name):
            return self.solve(Comparison.of(people, outcome, estimand))

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
        words = among(as_told(self.estimand), answer.used.estimand)
        return effect(answer, self.name, words, measure)

    def set_to(self, options: Mapping[str, object]) -> Method:
        """The same method with settings of its own.

        Raises
        ------
        FitError : for a setting it does not have, or a value of another type.
        """
        return replace(self, solve=set_to(self.solve, self.name, options))
