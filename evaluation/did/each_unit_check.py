"""What each treated unit shows by itself, all of them together, and what is ahead for one more."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from evaluation.did.cohorts import Cohorts
from evaluation.did.each_unit import RECENT, Alone, EachUnit, each_unit
from evaluation.did.effects import FEW_EVENTS, possible, sentences
from evaluation.did.method import Method
from evaluation.did.pooled_units import NAME as POOLED_UNITS
from evaluation.did.pooled_units import Pooled, leading, pooled
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

# More rows than these nobody reads.
MOST = 40
# Controls most alike before the start, and how many there have to be to choose them from.
NEAREST, CHOSEN_FROM = 10, 20
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


@possible("each-treated-unit")
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
    found = each_unit(cohorts, **settings)
    whole = pooled(found)
    rows = [_alone(one) for one in found.units]
    rows += [
        _row(one.name, PASSED_OVER, start=one.first, why=str(one.why)) for one in found.passed_over
    ]
    first = {cohorts.units[row]: float(cohorts.first[row]) for row in np.flatnonzero(cohorts.ever)}
    rows.sort(key=lambda row: (first[row["unit"]], row["unit"]))
    others = _otherwise(cohorts, settings)
    rows += [row for _, row in others]
    rows.append(_together(fact("did.each-unit-check.together"), WHOLE, found, whole))
    says = sentences(
        _told_alone(found),
        _told_together(whole),
        *_told_otherwise(found, others),
        _left(found),
        fact("did.each-unit-check.phase-in") if cohorts.phase_in else None,
    )
    return Check("each-treated-unit", None, says, tuple(rows))


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


def _together(name: Fact, role: str, found: EachUnit, whole: Pooled) -> Row:
    lead = leading(found)
    return _row(
        str(name),
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


def _otherwise(cohorts: Cohorts, settings: Mapping[str, Any]) -> list[tuple[str, Row]]:
    """All together in ways that a peak before the start would move, with the setting that does it;
    none that cannot be made, or that the settings ask for anyway."""
    ways: list[tuple[str, int]] = []
    if not settings.get("donut"):
        ways.append(("donut", RECENT))
    if not settings.get("nearest") and int((~cohorts.ever).sum()) >= CHOSEN_FROM:
        ways.append(("nearest", NEAREST))
    rows = []
    for setting, value in ways:
        try:
            found = each_unit(cohorts, **{**settings, setting: value})
            named = fact("did.each-unit-check.together-but", how=_way(setting))
            rows.append((setting, _together(named, OTHERWISE, found, pooled(found))))
        except FitError:
            continue
    return rows


def _way(setting: str) -> Fact:
    return fact(f"did.each-unit-check.{setting}", n=NEAREST if setting == "nearest" else RECENT)


def _told_alone(found: EachUnit) -> Fact:
    clear = [one for one in found.units if one.answer.low > 0 or one.answer.high < 0]
    sides = [
        fact("did.each-unit-check.one", name=one.name, percent=_percent(one.answer.estimate))
        for one in clear
    ]
    key = "did.each-unit-check.some-clear" if clear else "did.each-unit-check.none-clear"
    return fact(key, n=len(found.units), clear=len(clear), sides=sides)


def _told_together(whole: Pooled) -> Fact:
    return fact(
        "did.each-unit-check.pooled",
        percent=_percent(whole.estimate),
        low=_percent(whole.low),
        high=_percent(whole.high),
        ahead_low=_percent(whole.ahead_low),
        ahead_high=_percent(whole.ahead_high),
    )


def _told_otherwise(found: EachUnit, others: list[tuple[str, Row]]) -> list[Fact]:
    """What the last periods before the starts were like, and what the mean is without them."""
    leads = [one.lead for one in found.units if one.lead is not None]
    said = []
    if leads:
        mean = float(np.mean(leads))
        said.append(
            fact(
                "did.each-unit-check.last-periods",
                recent=RECENT,
                above=sum(lead > 0 for lead in leads),
                n=len(leads),
                percent=_percent(mean),
                peak=mean > 0,
            )
        )
    if others:
        listed = [
            fact(
                "did.each-unit-check.other",
                how=_way(setting),
                percent=row["percent"],
                low=row["low"],
                high=row["high"],
                left=_left_of(setting, row),
            )
            for setting, row in others
        ]
        said.append(fact("did.each-unit-check.otherwise", listed=listed))
    return said


def _left_of(setting: str, row: Row) -> Fact:
    """What matching leaves of the rise."""
    if row["rise"] is None or setting != "nearest":
        return fact("nothing")
    return fact("did.each-unit-check.still-stood", rise=row["rise"])


def _left(found: EachUnit) -> Fact | None:
    if not found.passed_over:
        return None
    listed = [fact("did.bracketed", name=one.name, what=one.why) for one in found.passed_over]
    return fact("did.each-unit-check.not-among", listed=listed)


def _percent(log_ratio: float) -> float:
    return 100 * float(np.expm1(log_ratio))


def _percents(*log_ratios: float) -> tuple[float, ...]:
    return tuple(map(_percent, log_ratios))
