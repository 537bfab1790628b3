"""What each treated unit shows by itself, all of them together, and what is ahead for one more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.each_unit import RECENT, Alone, EachUnit, each_unit
from evaluation.did.effects import FEW_EVENTS
from evaluation.did.method import Method
from evaluation.did.pooled_units import NAME as POOLED_UNITS
from evaluation.did.pooled_units import Pooled, leading, pooled
from evaluation.effect import Check
from evaluation.errors import FitError

NAME = "each-treated-unit"
QUESTION = "What does each treated unit show by itself, and what would the next one?"
# More rows than these nobody reads.
MOST = 40
# Controls most alike before the start, and how many there have to be to choose them from.
NEAREST, CHOSEN_FROM = 10, 20
TOGETHER = "All together"
# Roles of rows.
ALONE, PASSED_OVER, OTHERWISE, WHOLE = "alone", "passed over", "together, otherwise", "together"

Row = Mapping[str, Any]


def each_treated_unit(cohorts: Cohorts, method: Method) -> tuple[Check, ...]:
    """The check, or nothing where it is not asked.

    It is asked of counts with 2 to 40 treated units, of which half or more have 10 events on either
    side of their start. It informs and does not judge.

    Parameters
    ----------
    method : of the headline; the settings of pooled-units are those of the check too, so that both
        tell the same.
    """
    if cohorts.kind != "count" or not 2 <= int(cohorts.ever.sum()) <= MOST:
        return ()
    settings: dict[str, Any] = {}
    if method.name == POOLED_UNITS and isinstance(method.solve, partial):
        settings = dict(method.solve.keywords)
    return (check(cohorts, **settings),) if _enough(cohorts) else ()


def check(cohorts: Cohorts, **settings: Any) -> Check:
    """One row a treated unit, in order of start, then all together: without the last periods before
    each start, beside the controls most alike in them, and, last, as they are.

    `percent`, `low` and `high` are percent changes with 95 % ranges; `ahead low` and `ahead high`
    the range for the true change of one more unit; `tau` the standard deviation of true log ratios
    between units. `rise` is how much higher, in percent, the unit's last 2 periods before the start
    stood to its earlier ones than its controls' did; of all together the mean, and beside the
    controls most alike what matching leaves of it.

    Parameters
    ----------
    settings : of `each_unit`.
    """
    try:
        found = each_unit(cohorts, **settings)
        whole = pooled(found)
    except FitError as fault:
        return Check(NAME, QUESTION, None, f"Not possible: {fault}.")
    rows = [_alone(one) for one in found.units]
    rows += [_row(one.name, PASSED_OVER, start=one.first, why=one.why) for one in found.passed_over]
    first = {cohorts.units[row]: float(cohorts.first[row]) for row in np.flatnonzero(cohorts.ever)}
    rows.sort(key=lambda row: (first[row["unit"]], row["unit"]))
    others = _otherwise(cohorts, settings)
    rows += others
    rows.append(_together(TOGETHER, WHOLE, found, whole))
    says = " ".join(
        [_told_alone(found), _told_together(whole), *_told_otherwise(found, others), *_left(found)]
    )
    if cohorts.phase_in:
        says += " The phase-in is not used here: every period from the start on counts in full."
    return Check(NAME, QUESTION, None, says, tuple(rows))


def _enough(cohorts: Cohorts) -> bool:
    """Whether half of the treated units or more have 10 events on either side of their start."""
    ever = cohorts.ever
    before = np.where(cohorts.untreated & (cohorts.event < 0), cohorts.y, 0)[ever].sum(axis=1)
    after = np.where(cohorts.treated, cohorts.y, 0)[ever].sum(axis=1)
    return bool(np.median(np.minimum(before, after)) >= FEW_EVENTS)


def _alone(one: Alone) -> Row:
    percent = _percents(one.answer.estimate, one.answer.low, one.answer.high)
    return _row(
        one.name,
        ALONE,
        start=one.first,
        before=one.before,
        after=one.after,
        controls=len(one.controls),
        observed=one.observed,
        expected=one.expected,
        rise=None if one.lead is None else 100 * float(np.expm1(one.lead)),
        percent=percent,
    )


def _together(name: str, role: str, found: EachUnit, whole: Pooled) -> Row:
    lead = leading(found)
    return _row(
        name,
        role,
        controls=len(np.unique(np.concatenate([one.controls for one in found.units]))),
        observed=sum(one.observed for one in found.units),
        expected=sum(one.expected for one in found.units),
        rise=None if lead is None else 100 * float(np.expm1(lead[0])),
        percent=_percents(whole.estimate, whole.low, whole.high),
        ahead=_percents(whole.ahead_low, whole.ahead_high),
        tau=(whole.tau, whole.tau_low, whole.tau_high),
    )


def _row(
    unit: str,
    role: str,
    *,
    start: str = "",
    before: int | None = None,
    after: int | None = None,
    controls: int | None = None,
    observed: float | None = None,
    expected: float | None = None,
    rise: float | None = None,
    percent: tuple[float, ...] = (),
    ahead: tuple[float, ...] = (),
    tau: tuple[float, ...] = (),
    why: str = "",
) -> Row:
    """A row with every key, whatever it is of."""
    estimate, low, high = percent or (None, None, None)
    ahead_low, ahead_high = ahead or (None, None)
    spread, spread_low, spread_high = tau or (None, None, None)
    return {
        "unit": unit,
        "role": role,
        "start": start,
        "periods before": before,
        "periods after": after,
        "controls": controls,
        "observed": observed,
        "expected": expected,
        "rise": rise,
        "percent": estimate,
        "low": low,
        "high": high,
        "ahead low": ahead_low,
        "ahead high": ahead_high,
        "tau": spread,
        "tau low": spread_low,
        "tau high": spread_high,
        "why": why,
    }


def _otherwise(cohorts: Cohorts, settings: Mapping[str, Any]) -> list[Row]:
    """All together in ways that a peak before the start would move; none that cannot be made, or
    that the settings ask for anyway."""
    ways: list[tuple[str, str, int]] = []
    if not settings.get("donut"):
        named = f"{TOGETHER}, without the last {RECENT} periods before each start"
        ways.append((named, "donut", RECENT))
    if not settings.get("nearest") and int((~cohorts.ever).sum()) >= CHOSEN_FROM:
        named = f"{TOGETHER}, each beside the {NEAREST} controls most alike in those periods"
        ways.append((named, "nearest", NEAREST))
    rows = []
    for named, setting, value in ways:
        try:
            found = each_unit(cohorts, **{**settings, setting: value})
            rows.append(_together(named, OTHERWISE, found, pooled(found)))
        except FitError:
            continue
    return rows


def _told_alone(found: EachUnit) -> str:
    clear = [one for one in found.units if one.answer.low > 0 or one.answer.high < 0]
    sides = (
        f" ({', '.join(f'{one.name} {_signed(one.answer.estimate)}' for one in clear)})"
        if clear
        else ""
    )
    return (
        f"Of {len(found.units)} treated units, each by itself, {len(clear) or 'none'} "
        f"{'has' if len(clear) < 2 else 'have'} a range that leaves out no change{sides}; about "
        "one in twenty does by chance."
    )


def _told_together(whole: Pooled) -> str:
    return (
        f"Pooled, the mean change is {_ranged(whole)}, and the true change of one more unit like "
        f"these would lie between {_signed(whole.ahead_low)} and {_signed(whole.ahead_high)}."
    )


def _told_otherwise(found: EachUnit, others: list[Row]) -> list[str]:
    """What the last periods before the starts were like, and what the mean is without them."""
    leads = [one.lead for one in found.units if one.lead is not None]
    said = []
    if leads:
        above = sum(lead > 0 for lead in leads)
        mean = float(np.mean(leads))
        bent = (
            "A peak that passes by itself would make the mean too low, a rise that stays too high."
            if mean > 0
            else "A lull that passes by itself would make the mean too high, a fall that stays too "
            "low."
        )
        said.append(
            f"In their last {RECENT} periods before the start {above} of {len(leads)} stood higher "
            f"to their earlier ones than their controls did, {_signed(mean)} on average. {bent}"
        )
    if others:
        listed = "; ".join(
            f"{str(row['unit']).removeprefix(f'{TOGETHER}, ')} {row['percent']:+.1f} % "
            f"({row['low']:+.1f} to {row['high']:+.1f} %){_left_of(row)}"
            for row in others
        )
        said.append(f"The mean is otherwise: {listed}.")
    return said


def _left_of(row: Row) -> str:
    """What matching leaves of the rise."""
    if row["rise"] is None or "alike" not in str(row["unit"]):
        return ""
    return f", beside whom they still stood {row['rise']:+.1f} %"


def _left(found: EachUnit) -> list[str]:
    if not found.passed_over:
        return []
    listed = "; ".join(f"{one.name} ({one.why})" for one in found.passed_over)
    return [f"Not among them: {listed}."]


def _ranged(whole: Pooled) -> str:
    return f"{_signed(whole.estimate)} ({_signed(whole.low)} to {_signed(whole.high)})"


def _signed(log_ratio: float) -> str:
    return f"{100 * np.expm1(log_ratio):+.1f} %"


def _percents(*log_ratios: float) -> tuple[float, ...]:
    return tuple(100 * float(np.expm1(one)) for one in log_ratios)
