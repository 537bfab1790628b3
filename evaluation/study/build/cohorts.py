"""The panel of treated and untreated units that a plan asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evaluation.data import period
from evaluation.data.panel import Panel
from evaluation.did import METHODS, Method, default, spillover
from evaluation.did.cohorts import Cohorts, Promised
from evaluation.did.gaps import around
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.study.build.change import AS_PLANNED, Change
from evaluation.study.build.who import Who, adoption_of, everyone
from evaluation.study.plan.schema import DEFAULTS_SINCE, Plan, PlannedAlternative, written

_SPILLOVER = "spillover"


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
    names = plan.terms.covariates
    if entry is not None and entry.covariates is not None:
        names = entry.covariates
    if change.exposed or change.model(plan) == _SPILLOVER:
        names = tuple(dict.fromkeys((*names, *_spillover_columns(plan))))
    first, last = did_window(plan, panel, outcome, change)
    who = everyone(plan, panel, (first, last), entry)
    cohorts = Cohorts.from_panel(
        panel,
        outcome=outcome,
        starts=who.starts,
        spans=who.spans,
        treatment=plan.intervention.treatment if _by_column(plan, entry) else None,
        units=who.units,
        window=(first, last if who.until is None else min(last, who.until)),
        covariates=names,
        cluster=plan.cluster,
        weight=change.weights(plan),
        offset=plan.offset(entry),
        gaps=change.gaps(plan),
        left_out=who.left_out or None,
        washout=max(change.washout(plan), who.skipped),
        phase_in=change.phase_in(plan),
    )
    cohorts = around(cohorts, *change.around(plan))
    cohorts = replace(cohorts, notes=(*cohorts.notes, *who.notes), promised=promised(plan))
    others = [name for name in plan.matched if name != outcome]
    return _matched(cohorts, panel, others) if others else cohorts


def promised(plan: Plan) -> Promised:
    """What a frozen plan settles of its default method: that of its time, or one step, where it was
    frozen before the start of the program and says that its effect comes in over 0 periods."""
    if plan.frozen is None:
        return ""
    if plan.frozen < DEFAULTS_SINCE:
        return "former"
    at_once = at_once_said(plan) and plan.frozen < period.span(plan.intervention.start)[0]
    return "at once" if at_once else ""


def at_once_said(plan: Plan) -> bool:
    """Whether the plan says that the whole effect is there at once; one without the key does not
    say how it comes in."""
    path = ("intervention", "phase_in")
    return written(plan, path) and not plan.intervention.phase_in


def planned_who(plan: Plan, panel: Panel, outcome: str, change: Change = AS_PLANNED) -> Who:
    """What every unit of the data is, for one outcome.

    Raises
    ------
    DataError : as `everyone`.
    """
    return everyone(plan, panel, did_window(plan, panel, outcome, change), change.alternative)


def did_window(
    plan: Plan, panel: Panel, outcome: str | None = None, change: Change = AS_PLANNED
) -> tuple[str, str]:
    """First and last period analyzed: the plan's window, or that of an alternative, ended where the
    intervention ends.

    Parameters
    ----------
    outcome : whose own periods bound it; None for the window of the study.
    """
    first, last = plan.window.first or panel.periods[0], plan.window.last or panel.periods[-1]
    entry = change.alternative
    if entry is not None:
        first, last = entry.first or first, entry.last or last
    first, last = plan.within(outcome, (first, last))
    end = plan.intervention.end
    return first, (min(last, end) if end is not None else last)


def _by_column(plan: Plan, entry: PlannedAlternative | None) -> bool:
    return plan.intervention.treatment is not None and adoption_of(plan, entry) is None


def spillover_options(plan: Plan) -> dict[str, Any]:
    """The table [spillover] as settings of the method of that name; empty without the table."""
    if plan.spillover is None:
        return {}
    return {key: value for key, value in plan.spillover.model_dump().items() if value}


def set_options(plan: Plan, change: Change, method: str) -> dict[str, object]:
    """The settings of a method in the headline or an alternative."""
    options = dict(change.options(plan))
    return {**spillover_options(plan), **options} if method == _SPILLOVER else options


def set_method(plan: Plan, change: Change, name: str) -> Method:
    """A method with the settings of the headline or of an alternative.

    Raises
    ------
    FitError : for a setting that it does not have.
    """
    return METHODS[name].set_to(set_options(plan, change, name))


def method_of(plan: Plan, change: Change, headline: Method, cohorts: Cohorts) -> Method:
    """The method of an alternative, with its settings.

    Raises
    ------
    FitError : for a setting it does not have, or when no method suits the units of its own.
    """
    name = method_name(plan, change, headline.name, cohorts)
    entry = change.alternative
    if entry is not None and (entry.model is not None or entry.options is not None):
        return set_method(plan, change, name)
    return headline if name == headline.name else METHODS[name]


def method_name(plan: Plan, change: Change, headline: str, cohorts: Cohorts) -> str:
    """The method that an alternative or the plan names, else that of the headline; or the one that
    suits the alternative's own units, where it changes who is treated or which cells there are.

    Raises
    ------
    FitError : when no method suits them.
    """
    entry = change.alternative
    if entry is None or entry.model is not None:
        return headline if entry is None else str(entry.model)
    regrouped = (entry.treated, entry.adoption, entry.gaps)
    named = plan.model is not None or entry.options is not None
    return headline if named or all(one is None for one in regrouped) else default(cohorts).name


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
        raise FitError(fact("study.cohorts.matched-outcomes-time-before-one"))
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


def _spillover_columns(plan: Plan) -> tuple[str, ...]:
    table = plan.spillover
    if table is None:
        return ()
    return (*((table.alliance,) if table.alliance is not None else ()), *table.place)
