"""Risk of an event by a day, and time free of it, when people leave early or other events come
first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation.data.counted import SMALLEST
from evaluation.data.one_per_row import code
from evaluation.effect import Check, Effect
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, sides
from evaluation.individual.effects import Answer, Measure, among, effect, p_words
from evaluation.individual.gate import APART, passed, sides_of
from evaluation.individual.people import Outcome, People
from evaluation.individual.propensity import Trim, Weights
from evaluation.individual.timed import Timed, known_horizon, timed, times
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.competing import cumulative_incidence, gray_test
from evaluation.numeric.people.kaplan_meier import interval, kaplan_meier, log_rank, restricted_mean
from evaluation.numeric.people.nearest import Arms
from evaluation.numeric.shared.linear import solvable


def risk(
    people: People,
    outcome: str,
    day: float,
    estimand: Estimand = "ATT",
    measure: Measure = "difference",
    *,
    weights: Weights = "propensity",
    trim: Trim = "none",
) -> Effect:
    """The difference (or ratio) of the risks of an event by a day.

    The risk is one less the weighted Kaplan-Meier curve, or, when other events come first for
    somebody, the weighted Aalen-Johansen probability: the risk in a world in which people also die
    or go to prison. People who leave early count until they leave; that is right when leaving has
    nothing to do with risk, given the side (Cole and Hernan 2004, Computer Methods and Programs in
    Biomedicine 75:45-49). Errors are the jackknife of infinitely small steps, those of estimated
    propensities included; intervals are normal, with clusters t(G - 1).

    Parameters
    ----------
    outcome : of kind "time". day : after entry. others : see `timed`.

    Raises
    ------
    DataError, FitError : see `timed`; when a side was not followed so long.
    """
    with solvable("risk-by-day"):
        answer = risk_answer(people, outcome, day, estimand, weights=weights, trim=trim)
        what = fact("individual.incidence.risk", event=outcome, day=code(day))
        made = effect(answer, "risk-by-day", among(what, estimand), measure)
        return passed(replace(made, horizon=float(day)), people)


def risk_answer(
    people: People,
    outcome: str,
    day: float,
    estimand: Estimand = "ATT",
    *,
    weights: Weights = "propensity",
    trim: Trim = "none",
) -> Answer:
    """The two risks; see `risk`."""
    known_horizon(day)
    found = timed(people, outcome, estimand=estimand, weights=weights, trim=trim, horizon=day)
    means, influence = np.zeros(2), np.zeros((len(found.time), 2))
    for arm, (_, side) in enumerate(sides(found.treated)):
        curve = cumulative_incidence(found.time, found.cause, weight=found.weight * side)
        means[arm] = float(curve.at(np.array([day]))[0])
        influence[:, arm] = side * curve.influence(day)
    used = replace(
        found.used, y=((found.cause == 1) & (found.time <= day)).astype(float), kind="binary"
    )
    shares, notes = _left(found, day), found.notes
    if max(shares) > 0:
        left = sides_of(shares, found.treated)
        notes += (fact("individual.incidence.left-note", **left, day=code(day)),)
    return _answered(found, found.arms(means, influence), used, notes)


def time_free(
    people: People,
    outcome: str,
    day: float,
    estimand: Estimand = "ATT",
    measure: Measure = "difference",
    *,
    weights: Weights = "propensity",
    trim: Trim = "none",
) -> Effect:
    """The difference of the mean days, up to a day, before an event: restricted mean times.

    It needs no proportional hazards. Where other events come first, days after them count as free
    of the event: it is the day less the mean time lost to it (Andersen 2013). Errors as in `risk`.

    Raises
    ------
    DataError, FitError : see `risk`.
    """
    with solvable("time-free"):
        answer = _days_free(people, outcome, day, estimand, weights, trim)
        what = fact("individual.incidence.free", event=outcome, day=code(day))
        made = effect(answer, "time-free", among(what, estimand), measure)
        # More days without the event are good where the event is bad; a plan may say otherwise.
        made = replace(made, percent_of="days", horizon=float(day), better="higher")
        saved = fact("individual.incidence.saved", averted=made.averted_estimand)
        return passed(replace(made, averted_estimand=saved), people)


def _days_free(
    people: People, outcome: str, day: float, estimand: Estimand, weights: Weights, trim: Trim
) -> Answer:
    """The two mean times; see `time_free`."""
    known_horizon(day)
    found = timed(people, outcome, estimand=estimand, weights=weights, trim=trim, horizon=day)
    means, influence = np.zeros(2), np.zeros((len(found.time), 2))
    for arm, (_, side) in enumerate(sides(found.treated)):
        w = found.weight * side
        if found.competing:
            lost, pull = cumulative_incidence(found.time, found.cause, weight=w).time_lost(day)
            means[arm], influence[:, arm] = day - lost, -pull * side
        else:
            free = restricted_mean(kaplan_meier(found.time, found.cause == 1, weight=w), day)
            means[arm], influence[:, arm] = free.estimate, side * free.influence
    used = replace(found.used, y=np.minimum(found.time, day), kind="days")
    answer = _answered(found, found.arms(means, influence), used, found.notes)
    return replace(answer, had=(found.cause == 1).astype(float))


@dataclass(frozen=True, slots=True)
class Side:
    """Risk by each day on a side, for a figure: (J,) day, risk, low, high, and people at risk.

    It ends where fewer than 10 people are at risk. at_risk counts people, not their weights.
    """

    treated: bool
    day: np.ndarray
    risk: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray


def curves(
    people: People,
    outcome: str,
    *,
    days: np.ndarray,
    estimand: Estimand = "ATT",
    weights: Weights = "propensity",
    trim: Trim = "none",
) -> tuple[Side, Side]:
    """Weighted risk of an event by these days, treated people first, with 95 % intervals on the
    log-log scale and the errors of `risk`.

    Raises
    ------
    DataError, FitError : see `timed`.
    """
    found = timed(people, outcome, estimand=estimand, weights=weights, trim=trim)
    both = []
    for word, side in sides(found.treated):
        curve = cumulative_incidence(found.time, found.cause, weight=found.weight * side)
        left = np.array([int((found.time[side] >= day).sum()) for day in days])
        kept = np.asarray(days, dtype=float)[left >= SMALLEST]
        level = curve.at(kept)
        pulls = [side * curve.influence(float(day)) for day in kept]
        spread = np.array([found.covariance(pull[:, None])[0][0, 0] for pull in pulls])
        low, high = interval(1 - level, np.sqrt(spread))
        # Before the first event there is no interval: nothing has happened.
        lowest, highest = (np.where(np.isfinite(end), 1 - end, level) for end in (high, low))
        treated = word == "treated"
        both.append(Side(treated, kept, level, lowest, highest, left[left >= SMALLEST]))
    return both[0], both[1]


def same_curves(people: People, outcome: str) -> Check:
    """Whether curves differ at all, unweighted: Gray's test, or log-rank when no other event comes
    first. It informs; without weights the groups need not be alike."""
    found = timed(people, outcome, weights="given")
    if found.competing:
        kind, test = "gray", gray_test(found.time, found.cause, found.treated)
    else:
        kind, test = "log-rank", log_rank(found.time, found.cause == 1, found.treated)
    name, p = fact(f"individual.incidence.{kind}"), p_words(test.p_value)
    told: dict[str, Any] = {"test": name, "event": outcome, "chi_square": test.statistic, "p": p}
    says = fact("individual.incidence.same-curves", **told)
    row = {"test": str(name), "chi_square": test.statistic, "df": test.df, "p_value": test.p_value}
    return Check("same-curves", None, says, (row,))


def left_early(people: People, outcome: str, *, day: float) -> Check:
    """Whether as many treated as untreated people were followed to the day, and what the risk
    difference would be if those treated who left early had all had the event when they left.

    Raises
    ------
    DataError, FitError : see `risk`.
    """
    known_horizon(day)
    found = timed(people, outcome, horizon=day)
    shares = _left(found, day)
    told = risk(people, outcome, day=day)
    if told.objection is not None:
        # No risk is told here that may not be told elsewhere.
        barred = fact("people.not-valid", objection=told.objection)
        return Check("left-early", None, fact("people.not-possible", why=barred))
    alike = abs(shares[0] - shares[1]) <= APART
    left: dict[str, Any] = {
        **sides_of(shares, found.treated),
        "day": code(day),
        "risk": 100 * told.estimate,
    }
    time, cause = times(people, outcome)
    out = people.treated & (cause == 0) & (time < day)
    if 0 < int(out.sum()) < SMALLEST:
        # The other risk would tell how many left: the most that fewer than 10 could add to it.
        weight = found.weight[found.treated]
        most = 100 * SMALLEST * float(weight.max() / weight.sum())
        return Check("left-early", alike, fact("individual.incidence.few-left", **left, most=most))
    worst = Outcome("time", time, np.where(out, 1, cause))
    other = risk(replace(people, outcomes={**people.outcomes, outcome: worst}), outcome, day=day)
    return Check(
        "left-early",
        alike,
        fact("individual.incidence.left-early", **left, worst=100 * other.estimate),
        (
            {"who left": "as those who stayed", "risk_difference": told.estimate},
            {"who left": "treated: all had the event", "risk_difference": other.estimate},
        ),
    )


def _left(found: Timed, day: float) -> list[float]:
    """Percent of the treated and of the others who left before the day without any event."""
    gone = (found.cause == 0) & (found.time < day)
    return [100 * float(gone[side].mean()) for _, side in sides(found.treated)]


def _answered(found: Timed, arms: Arms, used: Comparison, notes: tuple[Fact, ...]) -> Answer:
    propensities = None if found.scores is None else found.scores.p
    weighted = found.scores is not None
    return Answer(arms, used, found.weight, weighted, propensities, notes, raw=not weighted)
