"""All questions asked of a comparison of people, in order.

A check that cannot be made says why and does not judge (`passed` None).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evaluation.data.findings import words_of
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.individual import balance, gate, immortal_time, overlap, sensitivity
from evaluation.individual.effects import Answer
from evaluation.individual.method import Method
from evaluation.individual.methods import named
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
        ("overlap", lambda: overlap.check(answer)),
        ("effective-size", lambda: overlap.effective(answer)),
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
    question = "Does the method find nothing where there is nothing to find?"
    rows, bad = _effects(people, outcomes, method, estimand)
    found = [str(row["outcome"]) for row in rows if _excludes(row)]
    if not rows:
        return Check("negative-controls", question, None, "; ".join(bad) + ".")
    says = (
        f"It finds an effect on {', '.join(found)}: the groups still differ in something."
        if found
        else f"It finds none on {', '.join(str(row['outcome']) for row in rows)}."
    )
    if bad:
        says += f" Not possible: {'; '.join(bad)}."
    return Check("negative-controls", question, not found, says, tuple(rows))


def side_by_side(
    people: People,
    outcome: str,
    beside: Sequence[str],
    method: Method,
    estimand: Estimand = "ATT",
) -> Check:
    """The effects on this outcome and others; informs. Arrests that fall while victimization does
    not may be less enforcement. A row an outcome, the percent change with its interval."""
    question = "Do outcomes that the police do not make move the same way?"
    rows, bad = _effects(people, (outcome, *beside), method, estimand)
    parts = [
        f"{row['outcome']} {row['percent']:+.0f} % ({row['low']:+.0f} to {row['high']:+.0f})"
        for row in rows
    ]
    says = "; ".join(parts) + "."
    if bad:
        says += f" Not possible: {'; '.join(bad)}."
    return Check("side-by-side", question, None, says, tuple(rows))


def trimming(
    people: People, outcome: str, method: Method, estimand: Estimand, effect: Effect
) -> Check:
    """The effect among people who have others like them by the rule of Crump and others, and
    between probabilities of 0.1 and 0.9; informs. A row a rule."""
    question = "Does the effect hold among people who have others like them?"
    if effect.objection is not None:
        return Check(
            "trimming", question, None, f"Not possible: not valid here: {effect.objection}."
        )
    if "trim" not in method.options:
        says = f"{method.label} has no trimming; compare with a method that has."
        return Check("trimming", question, None, says)
    found = [("As planned", effect)]
    rules: tuple[tuple[str, object], ...] = (("Crump", "crump"), ("0.1 to 0.9", [0.1, 0.9]))
    for name, rule in rules:
        try:
            other = method.set_to({"trim": rule}).fit(people, outcome, estimand)
        except FitError:
            continue
        if other.objection is None:
            found.append((name, other))
    told = [(name, other.estimate, other.n) for name, other in found]
    rows = [{"rule": name, **_row(other)} for name, other in found]
    parts = [
        f"{name}: {estimate:.3g} among {words_of(people_used)} people"
        for name, estimate, people_used in told
    ]
    return Check("trimming", question, None, "; ".join(parts) + ".", tuple(rows))


def _spikes(people: People, answer: Answer, weight: np.ndarray | None) -> Check:
    # Weights of a method that trims belong to fewer people; those of all are then as they came.
    return immortal_time.regression_to_the_mean(people, weight if answer.balances else None)


def _effects(
    people: People, outcomes: Sequence[str], method: Method, estimand: Estimand
) -> tuple[list[dict[str, object]], list[str]]:
    rows, bad = [], []
    for name in outcomes:
        try:
            found = method.fit(people, name, estimand)
        except FitError as fault:
            bad.append(f"{name}: {fault}")
            continue
        if found.objection is not None:
            bad.append(f"{name}: not valid here: {found.objection}")
        else:
            rows.append({"outcome": name, **_row(found)})
    return rows, bad


def _row(effect: Effect) -> dict[str, object]:
    return {
        "estimate": effect.estimate,
        "p": effect.p_value,
        "percent": effect.percent.estimate,
        "low": effect.percent.low,
        "high": effect.percent.high,
        "people": effect.n,
    }


def _excludes(row: dict[str, object]) -> bool:
    return bool(isinstance(row["p"], float) and row["p"] < 0.05)
