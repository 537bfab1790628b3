"""Who is in a comparison, who is out, and why: one row a unit of the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Column, Panel
from evaluation.did.cohorts import Cohorts
from evaluation.effect import Check
from evaluation.fact import Fact, fact
from evaluation.study.build.cohorts import did_window, planned_who
from evaluation.study.build.who import OUT, Standing
from evaluation.study.plan.schema import Plan

NAME = "who-is-in"
# The start of a hash that tells one table from another.
SHOWN = 12


def who_is_in(plan: Plan, panel: Panel, column: Column, cohorts: Cohorts) -> tuple[Check, ...]:
    """Every unit of the data with what it is and why; nothing for a plan that neither reads a table
    of adoption nor goes without periods."""
    if plan.adoption is None and plan.window.gaps == "refuse":
        return ()
    who = planned_who(plan, panel, column.name)
    rows = [_row(one, plan, panel, column, cohorts) for one in who.standings]
    of = {
        what: [row["unit"] for row in rows if row["what"] == what]
        for what in ("treated", "control", "contaminated", *OUT)
    }
    parts = []
    if plan.adoption is not None:
        source = plan.adopted(plan.adoption.table).provenance
        parts.append(_part("read", file=source.file, sha256=source.sha256[:SHOWN]))
    treated = of["treated"]
    parts.append(_part("treated", units=len(rows), treated=len(treated), names=treated))
    parts.append(_part("controls", controls=len(of["control"])))
    if of["contaminated"]:
        parts.append(_part("contaminated", names=of["contaminated"]))
    parts.append(_part("left-out", units=len(of["left out"])))
    if of["not named"]:
        parts.append(_part("not-named", units=len(of["not named"])))
    cells = sum(int(row["missing"]) for row in rows if row["what"] not in OUT)
    if cells:
        units = sum(bool(row["missing"]) for row in rows if row["what"] not in OUT)
        parts.append(_part("missing", cells=cells, period=panel.frequency, units=units))
    return (Check(NAME, None, fact("study.run.sentences", says=parts), tuple(rows)),)


def _part(key: str, **numbers: object) -> Fact:
    return fact(f"study.run-who.{key}", **numbers)  # type: ignore[arg-type]


def _row(
    one: Standing, plan: Plan, panel: Panel, column: Column, cohorts: Cohorts
) -> dict[str, Any]:
    """One unit as evidence."""
    missing = _missing(one.unit, plan, panel, column)
    used, what, why = 0, one.what, one.why
    if one.unit in cohorts.units:
        row = cohorts.units.index(one.unit)
        used = cohorts.length if cohorts.used is None else int(cohorts.used[row].sum())
        if what == "treated" and not cohorts.ever[row]:
            what = "control"
            why = str(_part("until-it-began", why=why))
    elif what not in OUT:
        what = "left out"
        why = "; ".join(filter(None, (why, _gap_words(one.unit, missing, panel, column))))
    return {
        "unit": one.unit,
        "what": what,
        "since": one.since,
        "certainty": one.certainty,
        "why": why,
        "used": used,
        "missing": len(missing),
    }


def _missing(unit: str, plan: Plan, panel: Panel, column: Column) -> Sequence[str]:
    """Periods of the window in which a unit has no outcome, or nothing to divide it by."""
    first, last = did_window(plan, panel, column.name)
    begin = panel.periods.index(first)
    inside = slice(begin, panel.periods.index(last) + 1)
    row = panel.unit_index(unit)
    gaps = np.isnan(panel.values[column.name][row, inside])
    for exposure in panel.named("exposure")[:1]:
        gaps = gaps | np.isnan(panel.values[exposure.name][row, inside])
    return [panel.periods[begin + int(at)] for at in np.flatnonzero(gaps)]


def _gap_words(unit: str, missing: Sequence[str], panel: Panel, column: Column) -> str:
    """Which periods a unit lacks, and what the description says of the first."""
    if not missing:
        return str(_part("no-period"))
    why = panel.declared.why(unit, period.ordinal(missing[0], panel.frequency), column.name)
    more = len(missing) - 1
    key = f"not-reported{'-more' if more else ''}{'-why' if why else ''}"
    label, first, period_name = column.label, missing[0], panel.frequency
    return str(_part(key, label=label, first=first, more=more, period=period_name, why=why))
