"""The table of estimators for people, a row each: of plain outcomes, and of times to an event,
which need a day by which it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from evaluation import method
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import (
    gate,
    incidence,
    not_yet_called,
    outcome_models,
    propensity,
    survival,
    weighting,
)
from evaluation.individual.comparison import Comparison
from evaluation.individual.effects import Answer, Measure, among, effect
from evaluation.individual.people import Kind, People
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.linear import solvable

# Days after entry, where a plan names none.
HORIZON = 730
EVERY = frozenset(get_args(Kind))
TIME = frozenset({"time"})
SUMS = frozenset({"count", "days"})


@dataclass(frozen=True, slots=True)
class Method(method.Method):
    """A row of the table; `solve` takes a comparison and returns an `Answer`. The coverage is that
    over simulated people in coverage_individual.md and coverage_times.md."""

    @property
    def what(self) -> Fact:
        """What is estimated."""
        return fact("individual.methods.mean")

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
        return effect(answer, self.name, among(self.what, answer.used.estimand), measure)


@dataclass(frozen=True, slots=True)
class ByDay(Method):
    """The risk of an event by a day: of a time to an event it compares risks, of any other outcome
    it is the default of plain outcomes.

    Parameters
    ----------
    day : after entry.
    """

    day: float = HORIZON

    @property
    def what(self) -> Fact:
        return fact("individual.methods.risk")

    def answer(self, people: People, outcome: str, estimand: Estimand = "ATT") -> Answer:
        """The two risks, or the two means of an outcome that is no time."""
        if people.outcome(outcome).kind != "time":
            return PLAIN["aipw"].answer(people, outcome, estimand)
        with solvable(self.name):
            found: Answer = self.solve(people, outcome, self.day, estimand)
            return found

    def fit(
        self,
        people: People,
        outcome: str,
        estimand: Estimand = "ATT",
        *,
        measure: Measure = "difference",
    ) -> Effect:
        """The effect, of a time to an event that on the risk by the day."""
        found = Method.fit(self, people, outcome, estimand, measure=measure)
        if people.outcome(outcome).kind != "time":
            return found
        return replace(found, horizon=float(self.day))


PLAIN = {
    row.name: row
    for row in (
        Method("aipw", outcome_models.fit, EVERY),
        Method("iptw", weighting.fit, EVERY),
        Method("weighted-regression", weighting.fit_regression, EVERY),
        Method("entropy-balancing", weighting.fit_entropy, EVERY),
        Method("matching", propensity.fit, EVERY),
        Method("standardization", outcome_models.fit_standardized, EVERY),
        Method("unadjusted", outcome_models.fit_unadjusted, EVERY),
        Method("two-part", outcome_models.fit_two_part, SUMS),
        Method("negative-binomial-people", outcome_models.fit_negative_binomial, SUMS),
    )
}
RISK = ByDay("risk-by-day", incidence.risk_answer, TIME)
# Of a time to an event, and without two means; each makes its Effect whole.
TIMED = {
    row.name: row
    for row in (
        method.Method("time-free", incidence.time_free, TIME),
        method.Method("cox", survival.cox, TIME),
        method.Method("fine-gray", survival.fine_gray, TIME),
        method.Method("andersen-gill", survival.andersen_gill, TIME),
    )
}
# People called in one after another, each beside those still to be called.
NOT_YET_CALLED = "not-yet-called"
METHODS: dict[str, method.Method] = {
    RISK.name: RISK,
    **TIMED,
    **PLAIN,
    NOT_YET_CALLED: method.Method(NOT_YET_CALLED, not_yet_called.estimate, TIME),
}


def chosen(name: str | None, kind: Kind) -> str:
    """The method named, or the default for this kind of outcome."""
    return name or (RISK.name if kind == "time" else "aipw")


def method_for(name: str, day: float, options: Mapping[str, object]) -> Method:
    """The method behind the checks of a headline, which need two means.

    A method without them is judged by the risk by the same day.

    Raises
    ------
    FitError : for a setting it does not have.
    """
    if name in PLAIN:
        return PLAIN[name].set_to(options)
    kept = {key: value for key, value in options.items() if key in RISK.options}
    return replace(RISK, day=day).set_to(options if name == RISK.name else kept)


def fit_timed(
    name: str,
    people: People,
    outcome: str,
    estimand: Estimand,
    day: float,
    options: Mapping[str, object],
    events: Sequence[np.ndarray] | None,
) -> Effect:
    """The effect by a method of `TIMED`, of events up to the day.

    Raises
    ------
    FitError : when it cannot be estimated, or all events are needed and not given.
    """
    row = TIMED[name].set_to(options)
    if name != "andersen-gill":
        return row.fit(people, outcome, day, estimand)
    if events is None:
        raise FitError(fact("individual.methods.no-events", event=outcome))
    return row.fit(people, events, outcome, day, estimand)


def named(method: str | None = None) -> Method:
    """The method of two means of this name, or the default.

    Raises
    ------
    FitError : when there is none.
    """
    if method is None:
        return PLAIN["aipw"]
    if method not in PLAIN:
        known = tuple(PLAIN)
        raise FitError(fact("individual.methods.no-method-there", method=method, methods=known))
    return PLAIN[method]


def estimate(
    people: People,
    *,
    outcome: str,
    method: str | None = None,
    estimand: Estimand = "ATT",
    measure: Measure = "difference",
    options: Mapping[str, object] | None = None,
) -> Effect:
    """The effect on an outcome by a named method, or by the default, doubly robust.

    An effect that may not be the headline says why in its `objection`: groups that are still far
    apart after weighting, fewer than 5 people with (or without) the event on a side, a treatment
    that was decided after entry.

    Parameters
    ----------
    estimand : "ATT", on those who were treated, or "ATE", on everyone here. measure : "difference"
        of risks or means, or "ratio". options : settings of the method by name, such as
        {"trim": "crump"}.

    Raises
    ------
    DataError : for an outcome that is not there. FitError : when the method or a setting is not
        known, or it cannot be estimated.
    """
    asked = named(method).set_to({} if options is None else options)
    return asked.fit(people, outcome, estimand, measure=measure)
