"""The specification curve of a comparison: every combination that the plan crosses, estimated
(Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4:1208-1214)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evaluation import did
from evaluation.data.panel import Column, Panel
from evaluation.effect import Check, Effect
from evaluation.errors import DataError, FitError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import did_window, planned_cohorts, set_method
from evaluation.study.build.who import adoption_of
from evaluation.study.evidence import Alternative
from evaluation.study.graded_outcome import answered
from evaluation.study.outcome_kinds import Move, moves
from evaluation.study.plan.curve_crossed import CROSSED, crossed, shown
from evaluation.study.plan.schema import Plan, PlannedAlternative

QUESTION = "Does the answer depend on the choices made?"
# A line of progress for so many specifications.
STEP = 10
# Reasons that are told; the rest are counted together.
REASONS = 3
# What the table calls a choice, where that is not its key in the plan.
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
        if isinstance(one, str):
            reasons[_short(one)] += 1
        else:
            rows.append(_row(one, choices, headline=False))
    rows.sort(key=lambda row: float(row["percent"]))
    return (
        Check("specification-curve", QUESTION, None, _says(rows, effect, reasons), tuple(rows)),
    )


def _answer(
    plan: Plan, panel: Panel, column: Column, headline: did.Method, entry: PlannedAlternative
) -> Effect | str:
    """What one combination finds, or why it finds nothing."""
    change = Change(alternative=entry)
    try:
        cohorts = planned_cohorts(plan, panel, column.name, change)
        method = headline
        if entry.model is not None and entry.model != headline.name:
            method = set_method(plan, change, entry.model)
    except (DataError, FitError) as fault:
        return str(fault)
    about = Alternative(entry.label, method.name, True, "", "", None)
    found = answered(about, lambda: method.without_events().fit(cohorts)).shown
    return found.effect if found.effect is not None else str(found.reason or "")


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


def _says(rows: list[dict[str, Any]], effect: Effect, reasons: Counter[str]) -> str:
    percents = np.array([row["percent"] for row in rows])
    low, high = (np.array([row[key] for row in rows]) for key in ("low", "high"))
    side = "fall" if effect.percent.estimate < 0 else "rise"
    same = int((percents < 0).sum() if side == "fall" else (percents > 0).sum())
    clear = int((low > 0).sum() + (high < 0).sum())
    says = (
        f"Of {len(rows)} combinations, {same} find a {side} like the planned one "
        f"({effect.percent.estimate:.1f} %), and {clear} have a range that leaves out no change. "
        f"They reach from {percents[0]:.1f} % to {percents[-1]:.1f} %, with the median at "
        f"{np.median(percents):.1f} %; their ranges from {low.min():.1f} % to {high.max():.1f} %."
    )
    largest = next(iter(moves(rows)), None)
    if largest is not None:
        says += f" {_moved(largest)}"
    missing = sum(reasons.values())
    if missing:
        told = "; ".join(f"{number}: {reason}" for reason, number in reasons.most_common(REASONS))
        rest = missing - sum(number for _, number in reasons.most_common(REASONS))
        more = f"; {rest}: other reasons" if rest else ""
        says += f" {missing} more could not be estimated ({told}{more})."
    return says


def _short(reason: str) -> str:
    """A reason without the numbers that differ between combinations."""
    return re.split(r" \(|; |, and \d", reason)[0].rstrip(".")


def _moved(largest: Move) -> str:
    """What moves the estimate most."""
    name = largest.choice.replace("_", " ")
    return (
        f"What moves it most is {name}: {largest.other} in place of {largest.planned} changes it "
        f"by {largest.change:+.1f} points on average."
    )
