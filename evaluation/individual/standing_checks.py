"""All questions asked of a comparison of people, in order.

A check that cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import gate, propensity
from evaluation.individual.effects import Answer
from evaluation.individual.methods import Method, named
from evaluation.individual.people import People
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.people.unmeasured import (
    e_value,
    e_value_of_interval,
    mcnemar_bound,
    ratio_of_difference,
    tipping_gamma,
    wilcoxon_bound,
)

Progress = Callable[[str], None]
GAMMAS = (1.0, 1.25, 1.5, 2.0, 3.0)


def run_checks(
    people: People,
    *,
    outcome: str,
    method: Method | str | None = None,
    estimand: Estimand = "ATT",
    unaffected: Sequence[str] = (),
    beside: Sequence[str] = (),
    progress: Progress = lambda step: None,
) -> tuple[Check, ...]:
    """Every check of the headline.

    Parameters
    ----------
    method : of the headline, with its settings; None is the default. unaffected : names of outcomes
        that the program cannot have changed (negative controls). beside : outcomes to be seen side
        by side with this one, such as victimization beside arrest. progress : called with the name
        of each check before it starts.

    Raises
    ------
    DataError, FitError : when the headline itself cannot be estimated.
    """
    chosen = method if isinstance(method, Method) else named(method)
    answer = chosen.answer(people, outcome, estimand)
    effect = gate.passed(chosen.worded(answer), people)
    whole = answer.weight if answer.used.n == people.n else None
    asked: list[tuple[str, Callable[[], Check]]] = [
        ("balance", lambda: propensity.check(answer)),
        ("overlap", lambda: propensity.overlap(answer)),
        ("effective-size", lambda: propensity.effective(answer)),
        ("immortal-time", lambda: gate.immortal_time(people)),
        ("regression-to-the-mean", lambda: _spikes(people, answer, whole)),
        ("service-uptake", lambda: gate.uptake(people)),
        ("e-value", lambda: e_values(answer, effect)),
        ("rosenbaum-bounds", lambda: rosenbaum(answer)),
        ("trimming", lambda: trimming(people, outcome, chosen, estimand, effect)),
    ]
    if unaffected:
        asked.append(
            ("negative-controls", lambda: unaffected_outcomes(people, unaffected, chosen, estimand))
        )
    if beside:
        asked.append(
            ("side-by-side", lambda: side_by_side(people, outcome, beside, chosen, estimand))
        )
    found = []
    for name, ask in asked:
        progress(name.replace("-", " "))
        found.append(ask())
    return tuple(found)


def unaffected_outcomes(
    people: People, outcomes: Sequence[str], method: Method, estimand: Estimand = "ATT"
) -> Check:
    """Fails when the method finds an effect on an outcome that the program cannot have changed
    (Lipsitch, Tchetgen Tchetgen and Cohen 2010, Epidemiology 21:383-388). A row an outcome."""
    rows, bad = _effects(people, outcomes, method, estimand)
    found = tuple(str(row["outcome"]) for row in rows if _excludes(row))
    if not rows:
        says = fact("individual.standing-checks.none-possible", bad=bad)
        return Check("negative-controls", None, says)
    told: dict[str, Any] = {"found": found, "outcomes": tuple(row["outcome"] for row in rows)}
    says = fact(f"individual.standing-checks.{'finds' if found else 'finds-none'}", **told)
    says = _possible(says, bad)
    return Check("negative-controls", not found, says, tuple(rows), ("people",))


def side_by_side(
    people: People,
    outcome: str,
    beside: Sequence[str],
    method: Method,
    estimand: Estimand = "ATT",
) -> Check:
    """The effects on this outcome and others; informs. Arrests that fall while victimization does
    not may be less enforcement. A row an outcome, the percent change with its interval."""
    rows, bad = _effects(people, (outcome, *beside), method, estimand)
    parts = tuple(fact("individual.standing-checks.change", **row) for row in rows)
    says = _possible(fact("individual.standing-checks.changes", parts=parts), bad)
    return Check("side-by-side", None, says, tuple(rows), ("people",))


def _possible(says: Fact, bad: Sequence[Fact]) -> Fact:
    """The finding, and what could not be made."""
    return fact("individual.standing-checks.also-not-possible", says=says, bad=bad) if bad else says


def trimming(
    people: People, outcome: str, method: Method, estimand: Estimand, effect: Effect
) -> Check:
    """The effect among people who have others like them by the rule of Crump and others, and
    between probabilities of 0.1 and 0.9; informs. A row a rule."""
    if effect.objection is not None:
        barred = fact("people.not-valid", objection=effect.objection)
        return Check("trimming", None, fact("people.not-possible", why=barred))
    if "trim" not in method.options:
        says = fact("individual.standing-checks.no-trimming", method=method.label)
        return Check("trimming", None, says)
    found = [("As planned", effect)]
    rules: tuple[tuple[str, object], ...] = (("Crump", "crump"), ("0.1 to 0.9", [0.1, 0.9]))
    for name, rule in rules:
        try:
            other = method.set_to({"trim": rule}).fit(people, outcome, estimand)
        except FitError:
            continue
        if other.objection is None:
            found.append((name, other))
    rows = [{"rule": name, **_row(other)} for name, other in found]
    parts = [
        fact(
            "individual.standing-checks.trimmed",
            rule=name,
            estimate=other.estimate,
            people=counted.people(other.n),
        )
        for name, other in found
    ]
    says = fact("individual.standing-checks.changes", parts=parts)
    return Check("trimming", None, says, tuple(rows), ("people",))


def _spikes(people: People, answer: Answer, weight: np.ndarray | None) -> Check:
    # Weights of a method that trims belong to fewer people; those of all are then as they came.
    return gate.regression_to_the_mean(people, weight if answer.balances else None)


def _effects(
    people: People, outcomes: Sequence[str], method: Method, estimand: Estimand
) -> tuple[list[dict[str, Any]], list[Fact]]:
    rows, bad = [], []
    for name in outcomes:
        try:
            found = method.fit(people, name, estimand)
        except FitError as fault:
            bad.append(fact("individual.standing-checks.named", name=name, why=fault))
            continue
        if found.objection is not None:
            why = fact("people.not-valid", objection=found.objection)
            bad.append(fact("individual.standing-checks.named", name=name, why=why))
        else:
            rows.append({"outcome": name, **_row(found)})
    return rows, bad


def _row(effect: Effect) -> dict[str, Any]:
    return {
        "estimate": effect.estimate,
        "p": effect.p_value,
        "percent": effect.percent.estimate,
        "low": effect.percent.low,
        "high": effect.percent.high,
        "people": effect.n,
    }


def _excludes(row: dict[str, Any]) -> bool:
    return bool(isinstance(row["p"], float) and row["p"] < 0.05)


def e_values(answer: Answer, effect: Effect) -> Check:
    """The E-value of the estimate and of the end of its interval nearer to no effect; informs.

    Of a binary outcome from the risk ratio; of others from the difference over the standard
    deviation among the untreated, exp(0.91 d).
    """
    if answer.used.kind == "binary":
        if not answer.arms.means.min() > 0:
            return Check("e-value", None, fact("individual.sensitivity.nobody-had"))
        percent = effect.percent
        point, low, high = (1 + end / 100 for end in (percent.estimate, percent.low, percent.high))
    else:
        spread = float(answer.used.y[~answer.used.treated].std(ddof=1))
        if spread == 0:
            return Check("e-value", None, fact("individual.sensitivity.same"))
        plain = effect.quantities[0]
        point, low, high = (
            ratio_of_difference(end / spread) for end in (plain.estimate, plain.low, plain.high)
        )
    value, edge = e_value(point), e_value_of_interval(low, high)
    key = f"individual.sensitivity.{'no-effect-already' if edge == 1 else 'e-values'}"
    says = fact(key, value=value, edge=edge)
    row = {"risk ratio": point, "e-value": value, "e-value of the interval": edge}
    return Check("e-value", None, says, (row,))


def rosenbaum(answer: Answer) -> Check:
    """Rosenbaum's bounds for matched pairs; informs.

    By McNemar's test of a binary outcome and Wilcoxon's of others, one-sided in the direction of
    the pairs. The pairs are those of the method, or of nearest-neighbor matching. A row a gamma.
    """
    try:
        paired = _paired(answer)
    except FitError as fault:
        return Check("rosenbaum-bounds", None, fact("people.not-possible", why=fault))
    pairs = paired.pairs
    assert pairs is not None
    differences = paired.used.y[pairs[:, 0]] - paired.used.y[pairs[:, 1]]
    sign = -1.0 if differences.sum() < 0 else 1.0
    if answer.used.kind == "binary":
        ours, both = int((sign * differences > 0).sum()), int((differences != 0).sum())

        def p_value(gamma: float) -> float:
            return mcnemar_bound(ours, both, gamma)

        test = "mcnemar"
    else:

        def p_value(gamma: float) -> float:
            return wilcoxon_bound(sign * differences, gamma)

        test = "wilcoxon"
    tipping = tipping_gamma(p_value)
    rows = tuple({"gamma": gamma, "largest p": p_value(gamma)} for gamma in GAMMAS)
    told: dict[str, Any] = {
        "pairs": counted.people(len(pairs)),
        "test": fact(f"individual.sensitivity.{test}"),
    }
    if p_value(1.0) > 0.05:
        says = fact("individual.sensitivity.rosenbaum-nothing", **told, p=p_value(1.0))
    else:
        says = fact("individual.sensitivity.rosenbaum-unless", **told, tipping=tipping)
    return Check("rosenbaum-bounds", None, says, rows)


def _paired(answer: Answer) -> Answer:
    if answer.pairs is not None:
        return answer
    used = answer.used
    # Pairs of people, each for one: the bounds know neither weights nor clusters.
    alone = replace(used, base=np.ones(used.n), cluster=np.arange(used.n), estimand="ATT")
    return propensity.fit(alone)
