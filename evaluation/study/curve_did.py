"""The specification curve of a comparison: every combination that the plan crosses, estimated
(Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208-1214)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evaluation import did
from evaluation.data.panel import Column, Panel
from evaluation.effect import Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.fact import AS_TOLD, Fact, fact
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import did_window, planned_cohorts, set_method
from evaluation.study.build.who import adoption_of
from evaluation.study.design import Ask, named
from evaluation.study.graded_outcome import answered
from evaluation.study.outcome_kinds import Move, moves
from evaluation.study.plan.did import CROSSED, crossed
from evaluation.study.plan.its import shown
from evaluation.study.plan.schema import Plan, PlannedAlternative

# A line of progress for so many specifications.
STEP = 10
# Reasons that are told; the rest are counted together.
REASONS = 3
# What the table calls a choice, where that is not its key in the plan.
_QUESTION = fact("check.specification-curve.question-choices")
_COLUMN = {"methods": "method", "before": "periods before", "after": "periods after"}


def specification_curve(
    plan: Plan,
    panel: Panel,
    column: Column,
    method: did.Method,
    effect: Effect,
    progress: Callable[[str], None],
) -> tuple[Check, ...]:
    """Every combination of the curve, sorted by percent change; informs and does not judge.

    Nothing when the plan crosses nothing.

    Parameters
    ----------
    method, effect : of the headline.
    """
    combinations = crossed(plan)
    if not combinations:
        return ()
    planned = _choices(plan, panel, column, method, PlannedAlternative(label="headline"))
    rows = [_row(effect, planned, headline=True)]
    reasons = Counter[str]()
    first: dict[str, Fact] = {}
    # An outcome with periods of its own cuts windows to the same ones.
    seen = {tuple(planned.values())}
    for number, entry in enumerate(combinations):
        if number % STEP == 0:
            progress(f"specification {number + 1} of {len(combinations)}")
        choices = _choices(plan, panel, column, method, entry)
        if tuple(choices.values()) in seen:
            continue
        seen.add(tuple(choices.values()))
        one = _answer(plan, panel, column, method, entry)
        if isinstance(one, Fact):
            reasons[kind := _kind(one)] += 1
            first.setdefault(kind, one)
        else:
            rows.append(_row(one, choices, headline=False))
    rows.sort(key=lambda row: float(row["percent"]))
    says = _says(rows, effect, reasons, first)
    return (Check("specification-curve", None, says, tuple(rows), asked=_QUESTION),)


def _answer(
    plan: Plan, panel: Panel, column: Column, headline: did.Method, entry: PlannedAlternative
) -> Effect | Fact:
    """What one combination finds, or why it finds nothing."""
    change = Change(alternative=entry)
    try:
        cohorts = planned_cohorts(plan, panel, column.name, change)
        method = headline
        if entry.model is not None and entry.model != headline.name:
            method = set_method(plan, change, entry.model)
    except (DataError, FitError) as fault:
        return fault.fact
    ask = Ask(named(method, entry.label), lambda: method.without_events().fit(cohorts))
    found = answered(ask).shown
    if found.effect is not None:
        return found.effect
    assert isinstance(found.reason, Fact)
    return found.reason


def _choices(
    plan: Plan, panel: Panel, column: Column, headline: did.Method, entry: PlannedAlternative
) -> dict[str, Any]:
    """The choices behind one combination, those of the headline where it says nothing."""
    change = Change(alternative=entry)
    first, last = did_window(plan, panel, column.name, change)
    adoption = adoption_of(plan, entry)
    every = {
        "start": entry.start or plan.intervention.start,
        "washout": change.washout(plan),
        "phase_in": change.phase_in(plan),
        "first": first,
        "last": last,
        "before": change.around(plan)[0] or "all",
        "after": change.around(plan)[1] or "all",
        "adopters": "" if adoption is None else adoption.adopters,
        "methods": entry.model or headline.name,
        "gaps": change.gaps(plan),
        "leave_out": shown(tuple(entry.leave_out or ())),
    }
    assert plan.curve is not None
    return {
        _COLUMN.get(key, key): every[key]
        for key in CROSSED
        if key == "methods" or getattr(plan.curve, key)
    }


def _row(effect: Effect, choices: Mapping[str, Any], *, headline: bool) -> dict[str, Any]:
    percent = effect.percent
    return {
        "percent": percent.estimate,
        "low": percent.low,
        "high": percent.high,
        "p": effect.p_value,
        **choices,
        "headline": headline,
    }


def _says(
    rows: list[dict[str, Any]], effect: Effect, reasons: Counter[str], first: Mapping[str, Fact]
) -> Fact:
    percents = np.array([row["percent"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    fell = effect.percent.estimate < 0
    says = [
        _part(
            "fall" if fell else "rise",
            rows=len(rows),
            same=int((percents < 0).sum() if fell else (percents > 0).sum()),
            percent=effect.percent.estimate,
            clear=int((low > 0).sum() + (high < 0).sum()),
        ),
        _part(
            "reach",
            first=percents[0],
            last=percents[-1],
            median=np.median(percents),
            low=low.min(),
            high=high.max(),
        ),
    ]
    largest = next(iter(moves(rows)), None)
    if largest is not None:
        says.append(_moved(largest))
    missing = sum(reasons.values())
    if missing:
        told = [_part("so-many", n=n, why=first[kind]) for kind, n in reasons.most_common(REASONS)]
        rest = missing - sum(number for _, number in reasons.most_common(REASONS))
        if rest:
            told.append(_part("other-reasons", n=rest))
        says.append(_part("missing", missing=missing, told=told))
    return fact("study.run.sentences", says=says)


def _part(key: str, **numbers: object) -> Fact:
    return fact(f"study.curve-did.{key}", **numbers)  # type: ignore[arg-type]


def _kind(reason: Fact) -> str:
    """A reason without the numbers that differ between combinations: the keys of its facts."""
    inner = [_kind(one) for one in reason.every.values() if isinstance(one, Fact)]
    told = [str(reason)] if reason.key == AS_TOLD else []
    return " ".join([reason.key, *inner, *told])


def _moved(largest: Move) -> Fact:
    """What moves the estimate most."""
    name = largest.choice.replace("_", " ")
    other, planned = str(largest.other), str(largest.planned)
    return _part("moves", name=name, other=other, planned=planned, change=largest.change)
