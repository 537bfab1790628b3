"""What about people rests on enough of them to be told: answers, and steps of curves."""

from __future__ import annotations

import numpy as np

from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.individual import incidence, not_yet_called
from evaluation.individual.effects import Answer
from evaluation.individual.method import Method
from evaluation.individual.people import People
from evaluation.study.evidence import NOT_VALID
from evaluation.study.planned import Plan
from evaluation.study.suppression import FEW, SMALLEST

# A month: no curve is told at finer steps.
STEP = 30


def few(answer: Answer) -> str | None:
    """Why an answer rests on too few people to be told, or None.

    Means tell how many had the outcome, so it is asked of both sides, and of those without a binary
    outcome too.
    """
    used = answer.used
    for side in (used.treated, ~used.treated):
        there = side & (answer.weight > 0)
        events = int((used.y[there] > 0).sum()) if used.kind != "number" else SMALLEST
        without = int(there.sum()) - events if used.kind == "binary" else SMALLEST
        if min(events, without, int(there.sum())) < SMALLEST:
            return f"{NOT_VALID}: {FEW} events on a side, too few to be told"
    return None


def few_called(calls: not_yet_called.Calls, day: float) -> str | None:
    """The same of call-ins one after another."""
    rows = not_yet_called.trials(calls, horizon=day)
    for side in (rows.treated, ~rows.treated):
        had = len(np.unique(rows.person[side & (rows.events > 0)]))
        if had < SMALLEST:
            return f"{NOT_VALID}: {FEW} events on a side, too few to be told"
    return None


def told_of(people: People, names: tuple[str, ...], method: Method, plan: Plan) -> frozenset[str]:
    """The outcomes beside the headline that rest on enough people to be told."""
    kept = []
    for name in names:
        try:
            if few(method.answer(people, name, plan.estimand)) is None:
                kept.append(name)
        except FitError:
            continue
    return frozenset(kept)


def risk_curves(people: People, outcome: str, day: float, plan: Plan) -> Check:
    """The risk by each month on both sides, at days between which 10 or more people on each side
    had the event, so that no step of a curve tells of fewer."""
    given = people.outcome(outcome)
    assert given.cause is not None
    kept, last = [], [0, 0]
    for at in np.arange(STEP, day + 1, STEP):
        had = [
            int(((given.cause == 1) & (given.values <= at) & side).sum())
            for side in (people.treated, ~people.treated)
        ]
        if all(now - then >= SMALLEST for now, then in zip(had, last, strict=True)):
            kept.append(float(at))
            last = had
    sides = incidence.curves(people, outcome, days=np.array(kept), estimand=plan.estimand)
    rows = [
        {
            "days": float(side.day[place]),
            "who": "treated" if side.treated else "untreated",
            "risk": float(side.risk[place]),
            "low": float(side.low[place]),
            "high": float(side.high[place]),
        }
        for side in sides
        for place in range(len(side.day))
    ]
    return Check(
        "risk-curves",
        "How did the risk grow with time after entry?",
        None,
        f"The risk of {outcome} by time after entry, untreated people weighted to be like the "
        "treated."
        if plan.estimand == "ATT"
        else f"The weighted risk of {outcome} by time.",
        tuple(rows),
    )
