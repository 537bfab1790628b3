"""The panel of treated and untreated units that a plan asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evaluation.data.panel import Panel
from evaluation.did import spillover
from evaluation.did.cohorts import Cohorts
from evaluation.errors import DataError, FitError
from evaluation.study.planned import Plan, PlannedAlternative

_SPILLOVER = "spillover"


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from the headline: a planned alternative, or nothing; and whether the columns
    of [spillover] are needed."""

    alternative: PlannedAlternative | None = None
    exposed: bool = False

    def options(self, plan: Plan) -> Mapping[str, Any]:
        """The settings of the method."""
        if self.alternative is None:
            return plan.options
        return plan.alternative_options(self.alternative)

    def model(self, plan: Plan) -> str | None:
        """The method's name, None for the default."""
        if self.alternative is None or self.alternative.model is None:
            return plan.model
        return self.alternative.model


AS_PLANNED = Change()


def planned_cohorts(plan: Plan, panel: Panel, outcome: str, change: Change = AS_PLANNED) -> Cohorts:
    """The units, periods, starts and covariates of one outcome as the plan has them.

    Parameters
    ----------
    outcome : a planned column, or one that the program should not move. change : for an
        alternative.

    Raises
    ------
    DataError, FitError : when no panel can be made: a gap, a treatment that switches off, nobody
        treated inside the window, a unit treated throughout.
    """
    entry = change.alternative
    left_out = set(entry.leave_out or ()) if entry is not None else set()
    names = plan.terms.covariates
    if entry is not None and entry.covariates is not None:
        names = entry.covariates
    if change.exposed or change.model(plan) == _SPILLOVER:
        names = tuple(dict.fromkeys((*names, *_spillover_columns(plan))))
    start = plan.intervention.start
    if entry is not None and entry.start is not None:
        start = entry.start
    treatment = plan.intervention.treatment
    starts = {plan.unit: start, **{site.unit: site.start for site in plan.sites}}
    chosen = set(plan.controls.units) if plan.controls is not None else set(panel.units)
    if plan.controls is not None:
        treated = starts if treatment is None else _treated(panel, treatment)
        chosen |= set(treated)
    chosen -= left_out
    cohorts = Cohorts.from_panel(
        panel,
        outcome=outcome,
        starts=starts if treatment is None else None,
        treatment=treatment,
        units=[unit for unit in panel.units if unit in chosen],
        window=did_window(plan, panel),
        covariates=names,
        cluster=plan.cluster,
        offset=plan.offset(entry),
    )
    others = [name for name in plan.matched if name != outcome]
    return _matched(cohorts, panel, others) if others else cohorts


def did_window(plan: Plan, panel: Panel) -> tuple[str, str]:
    """First and last period analyzed: the plan's window, ended where the intervention ends."""
    first, last = plan.window.first or panel.periods[0], plan.window.last or panel.periods[-1]
    end = plan.intervention.end
    return first, (min(last, end) if end is not None else last)


def spillover_options(plan: Plan) -> dict[str, Any]:
    """The table [spillover] as settings of the method of that name; empty without the table."""
    if plan.spillover is None:
        return {}
    return {key: value for key, value in plan.spillover.model_dump().items() if value}


def spillover_links(plan: Plan, panel: Panel, outcome: str) -> dict[str, np.ndarray]:
    """Who is exposed to whose treatment, (N, N) by kind; empty without the table."""
    if plan.spillover is None:
        return {}
    located = planned_cohorts(plan, panel, outcome, Change(exposed=True))
    return spillover.links(located, **spillover_options(plan))


def treated_words(cohorts: Cohorts) -> str:
    """Who is treated, for display: the only unit by name, or how many of how many."""
    rows = np.flatnonzero(cohorts.ever)
    if len(rows) == 1:
        return cohorts.units[int(rows[0])]
    if len(rows) <= 3:
        *most, last = [cohorts.units[int(row)] for row in rows]
        return f"{', '.join(most)} and {last}"
    return f"{len(rows)} of {cohorts.n} units"


def _matched(cohorts: Cohorts, panel: Panel, outcomes: Sequence[str]) -> Cohorts:
    """With these outcomes of every period before the start as covariates."""
    if len(cohorts.cohorts) > 1:
        raise FitError("matched outcomes are of the time before one start, and there are several")
    row_of = {unit: row for row, unit in enumerate(panel.units)}
    rows = [row_of[unit] for unit in cohorts.units]
    begin = panel.periods.index(cohorts.periods[0])
    before = cohorts.periods[: int(cohorts.cohorts[0])]
    columns, names = [cohorts.covariates], list(cohorts.covariate_names)
    for name in outcomes:
        values = panel.values[name][rows, begin : begin + len(before)]
        if np.isnan(values).any():
            raise DataError(f"{panel.provenance.file}: {name} has gaps; it cannot be matched")
        columns.append(values)
        names += [f"{panel.column(name).label} of {period}" for period in before]
    return replace(cohorts, covariates=np.hstack(columns), covariate_names=tuple(names))


def _treated(panel: Panel, treatment: str) -> list[str]:
    ever = (panel.values[treatment] == 1).any(axis=1)
    return [unit for unit, one in zip(panel.units, ever, strict=True) if one]


def _spillover_columns(plan: Plan) -> tuple[str, ...]:
    table = plan.spillover
    if table is None:
        return ()
    return (*((table.alliance,) if table.alliance is not None else ()), *table.place)
