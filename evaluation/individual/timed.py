"""Times to an event of treated people beside weighted untreated ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.data.one_per_row import code
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, sides
from evaluation.individual.gate import Adjusted, Basis
from evaluation.individual.people import People, is_day
from evaluation.individual.propensity import Propensity, Trim, Weights, weighted
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.kaplan_meier import followed_to
from evaluation.numeric.people.nearest import Arms, from_influence
from evaluation.numeric.people.risk_sets import grouped


@dataclass(frozen=True, slots=True)
class Timed:
    """One time to an event, of the people who are used.

    Parameters
    ----------
    time : (m,) days. cause : (m,) 0 censored, 1 the event, 2 and more others. used : covariates,
        sides and base weights. weight : (m,) what each counts for. scores : the propensities, or
        None when weights are given.
    """

    time: np.ndarray
    cause: np.ndarray
    used: Comparison
    weight: np.ndarray
    scores: Propensity | None

    @property
    def treated(self) -> np.ndarray:
        return self.used.treated

    @property
    def competing(self) -> bool:
        """True when another event comes first for somebody."""
        return bool((self.cause > 1).any())

    def basis(self, adjusted: Adjusted) -> Basis:
        """What the gate looks at; given weights alone are a raw comparison."""
        had = (self.cause == 1).astype(float)
        return Basis(self.used, self.weight, had, adjusted)

    @property
    def notes(self) -> tuple[Fact, ...]:
        return () if self.scores is None else self.scores.notes

    def errors(self, influence: np.ndarray) -> np.ndarray:
        """(m, q) what each person moves estimates by, estimated propensities included.

        Every estimate here is a function of the weights; its derivative by them, times that of the
        weights by the coefficients of the propensity, is what an error of these does.

        Parameters
        ----------
        influence : (m, q) derivatives of q estimates by each person's weight.
        """
        moved = self.weight[:, None] * influence
        if self.scores is None or self.scores.fit is None:
            return np.asarray(moved)
        p, base, treated = self.scores.p, self.used.base, self.treated
        slope = np.where(treated, 0.0, base * p / (1 - p))
        if self.used.estimand == "ATE":
            slope = np.where(treated, -base * (1 - p) / p, slope)
        pull = self.used.x.T @ (slope[:, None] * influence)
        fit = self.scores.fit
        return np.asarray(moved + fit.scores @ fit.bread @ pull)

    def arms(self, means: np.ndarray, influence: np.ndarray) -> Arms:
        """Two means with the errors of `errors`; see there."""
        return from_influence(means, len(self.time) * self.errors(influence), self.used.cluster)

    def covariance(
        self, influence: np.ndarray, more: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, float | None]:
        """(q, q) covariance of estimates by sums over clusters, and degrees of freedom: G - 1 of
        clusters, or None. Without a small-sample factor, as in R's `coxph`.

        Parameters
        ----------
        influence : see `errors`. more : (m, q) what people move the estimates by beside that.
        """
        rows = self.errors(influence) + more
        if self.used.singly:
            return np.asarray(rows.T @ rows), None
        which = np.unique(self.used.cluster, return_inverse=True)[1]
        sums = np.stack([np.bincount(which, column) for column in rows.T], axis=1)
        return np.asarray(sums.T @ sums), float(len(sums) - 1)


def timed(
    people: People,
    outcome: str,
    *,
    estimand: Estimand = "ATT",
    weights: Weights = "propensity",
    trim: Trim = "none",
    horizon: float | None = None,
) -> Timed:
    """A time to an event, with weights that make untreated people like the treated.

    Parameters
    ----------
    outcome : of kind "time". weights, trim : see `weighted`. horizon : days after entry at which
    follow-up ends for everyone; None takes all there was.

    Raises
    ------
    DataError : for an outcome that is not there. FitError : when it is not a time, nobody on a side
    has the event or was followed to the horizon, or the propensity cannot be fitted.
    """
    time, cause = times(people, outcome)
    if horizon is not None:
        known_horizon(horizon)
    time, (end,) = grouped(time, np.array([np.inf if horizon is None else float(horizon)]))
    # Who had no event by the horizon was seen until then.
    cause, time = np.where(time > end, 0, cause), np.minimum(time, end)
    data = Comparison.made(people, time, "number", estimand)
    used, weight, scores = weighted(data, weights, trim)
    cause = cause if scores is None else cause[scores.kept]
    somebody_had(cause == 1, used.treated, outcome, "individual.timed.too-few-had")
    if horizon is not None:
        seen_to(used.y, cause, used.treated, float(end))
    return Timed(used.y, cause, used, weight, scores)


def somebody_had(had: np.ndarray, treated: np.ndarray, event: str, refused: str) -> None:
    """Nothing, when somebody on each side had the event; `refused` is the key of the refusal.

    Raises
    ------
    FitError : when nobody had; so few are not told apart from others.
    """
    for word, side in sides(treated):
        if not had[side].any():
            told: dict[str, Any] = {
                "few": counted.people(0),
                "side": fact(f"people.{word}"),
                "event": event,
            }
            raise FitError(fact(refused, **told))


def times(people: People, outcome: str) -> tuple[np.ndarray, np.ndarray]:
    """Days (n,) and causes (n,) of a time to an event.

    Raises
    ------
    DataError : for an outcome that is not there. FitError : when it is not a time.
    """
    given = people.outcome(outcome)
    if given.kind != "time" or given.cause is None:
        raise FitError(
            fact("individual.timed.not-time-event-use-another", outcome=outcome, kind=given.kind)
        )
    return given.values, given.cause


def known_horizon(horizon: object) -> None:
    """Nothing, when it is a number of days after entry.

    Raises
    ------
    FitError : otherwise.
    """
    if not is_day(horizon):
        raise FitError(fact("individual.timed.horizon-days-must-be-after", code=code(horizon)))


def seen_to(time: np.ndarray, cause: np.ndarray, treated: np.ndarray, day: float) -> None:
    """Nothing, when both sides were followed to the day; what is told "within" it has to have been
    seen, a ratio of hazards no less than a risk.

    Raises
    ------
    FitError : when a side was not followed so long.
    """
    for word, side in sides(treated):
        followed_to(time[side], cause[side], day, fact(f"individual.timed.{word}"))
