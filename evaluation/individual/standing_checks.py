"""All questions asked of a comparison of people, in order.

A check that cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import balance, gate, immortal_time, sensitivity
from evaluation.individual.effects import Answer
from evaluation.individual.methods import Method, named
from evaluation.individual.people import People
from evaluation.numeric.panel.doubly_robust import Estimand

Progress = Callable[[str], None]


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
        ("balance", lambda: balance.check(answer)),
        ("overlap", lambda: balance.overlap(answer)),
        ("effective-size", lambda: balance.effective(answer)),
        ("immortal-time", lambda: immortal_time.immortal_time(people)),
        ("regression-to-the-mean", lambda: _spikes(people, answer, whole)),
        ("service-uptake", lambda: immortal_time.uptake(people)),
        ("e-value", lambda: sensitivity.e_values(answer, effect)),
        ("rosenbaum-bounds", lambda: sensitivity.rosenbaum(answer)),
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
        return Check("negative-controls", "", None, says)
    told: dict[str, Any] = {"found": found, "outcomes": tuple(row["outcome"] for row in rows)}
    says = fact(f"individual.standing-checks.{'finds' if found else 'finds-none'}", **told)
    says = _possible(says, bad)
    return Check("negative-controls", "", not found, says, tuple(rows), ("people",))


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
    return Check("side-by-side", "", None, says, tuple(rows), ("people",))


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
        return Check("trimming", "", None, fact("people.not-possible", why=barred))
    if "trim" not in method.options:
        says = fact("individual.standing-checks.no-trimming", method=method.label)
        return Check("trimming", "", None, says)
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
    return Check("trimming", "", None, says, tuple(rows), ("people",))


def _spikes(people: People, answer: Answer, weight: np.ndarray | None) -> Check:
    # Weights of a method that trims belong to fewer people; those of all are then as they came.
    return immortal_time.regression_to_the_mean(people, weight if answer.balances else None)


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
