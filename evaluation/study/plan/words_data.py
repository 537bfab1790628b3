"""What only the data can tell of a plan: the method chosen for each outcome and why, what it
divides by, and what it adjusts for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from evaluation import did, its
from evaluation.data.panel import Column, Panel
from evaluation.data.period import MONTHS
from evaluation.did.usable import FEWEST_CLUSTERS
from evaluation.errors import DataError, FitError
from evaluation.fact import Fact, fact
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.build.recorded import weights_used
from evaluation.study.plan.ignored import cluster_note, unadjusted_note
from evaluation.study.plan.phrases import adjusted, closed, when
from evaluation.study.plan.schema import Plan, kind_of
from evaluation.study.plan.values import frequency_of
from evaluation.study.plan.words_designs import who_sentences

# Methods of several clusters that judge by something else than clustered errors.
_OTHER_ERRORS = ("calibration", "triple-difference", "spillover")


def data_sentences(plan: Plan, panel: Panel) -> Iterator[Fact]:
    """One sentence for each thing that is decided by the data; none for people and surveys."""
    if plan.design not in ("its", "did"):
        return
    yield from who_sentences(plan, panel)
    columns = [panel.column(outcome.column) for outcome in plan.outcomes]
    for column in columns:
        yield from _its(plan, column) if plan.design == "its" else _did(plan, panel, column)
    yield from _exposure(plan, panel, columns)
    if plan.design == "did" and plan.terms.covariates:
        yield from _fixed(plan, panel)


def _its(plan: Plan, column: Column) -> Iterator[Fact]:
    kind = kind_of(column)
    alone = plan.controls is None and not plan.sites
    suits, method = plan.default(kind), its.METHODS[plan.method(kind)]
    own = "" if kind != "count" else "-then" if plan.keeps_former else "" if alone else "-beside"
    if kind == "count" and frequency_of(plan.intervention.start) not in MONTHS:
        own = "-weeks"
    why = fact(f"plan.chosen.default-{kind}{own}")
    if plan.model is not None:
        why = fact("plan.chosen.asked", other=method.name != suits, suits=suits)
    named: dict[str, Any] = {"outcome": column.label, "name": method.name, "label": method.label}
    yield fact("plan.chosen.its", **named, why=why, assumes=closed(method.assumes))
    weights = weights_used(plan, column)
    if weights is not None:
        yield weights


def _did(plan: Plan, panel: Panel, column: Column) -> Iterator[Fact]:
    try:
        cohorts = planned_cohorts(plan, panel, column.name)
        suits = did.default(cohorts)
    except (DataError, FitError):
        return  # told as a fault, or as the reason that there is no answer
    chosen = suits if plan.model is None else did.METHODS[plan.model]
    named: dict[str, Any] = {"outcome": column.label, "name": chosen.name, "label": chosen.label}
    if chosen.name != suits.name:
        yield fact("plan.chosen.did-other", **named, suits=suits.name)
        yield from _too_few(cohorts, chosen)
    else:
        why = closed(str(did.choice(cohorts).why))
        yield fact("plan.chosen.did", **named, asked=plan.model is not None, why=why)
        yield from _remedy(plan, panel, cohorts)
    if not cohorts.whole or cohorts.skipped:
        for note in cohorts.notes:
            yield fact("plan.chosen.for", outcome=column.label, note=closed(str(note)))
    for more in (
        unadjusted_note(cohorts.covariate_names, chosen.name, plan.options),
        cluster_note(plan.cluster, chosen.name),
    ):
        if more:
            yield fact("plan.chosen.note", outcome=column.label, note=more)


def _too_few(cohorts: did.Cohorts, method: did.Method) -> Iterator[Fact]:
    """That a method which the plan names can give no valid answer with so few clusters."""
    treated, untreated = (
        len(np.unique(cohorts.cluster[side])) for side in (cohorts.ever, ~cohorts.ever)
    )
    clustered = method.treated == "several clusters" and method.name not in _OTHER_ERRORS
    if clustered and untreated and min(treated, untreated) < FEWEST_CLUSTERS:
        numbers: dict[str, Any] = {
            "treated": treated,
            "untreated": untreated,
            "fewest": FEWEST_CLUSTERS,
        }
        yield fact("plan.chosen.too-few", **numbers, name=method.name)


def _remedy(plan: Plan, panel: Panel, cohorts: did.Cohorts) -> Iterator[Fact]:
    """What would make an answer valid, where the default for these data can give none."""
    found = did.choice(cohorts)
    if found.never_valid_remedy is None:
        return
    yield fact("as-told", text=str(found.never_valid_remedy))
    if panel.named("exposure") and plan.offset() is False:
        yield fact("plan.chosen.has-exposure")


def _fixed(plan: Plan, panel: Panel) -> Iterator[Fact]:
    """Covariates that change over time, of which the first value counts."""
    moving = [
        name
        for name in plan.terms.covariates
        if name in panel.values and np.nanmax(np.ptp(panel.values[name], axis=1)) > 0
    ]
    if moving:
        first = when(plan.window.first or panel.periods[0])
        yield fact("plan.chosen.moving", names=adjusted(moving), first=first)


def _exposure(plan: Plan, panel: Panel, columns: Sequence[Column]) -> Iterator[Fact]:
    """What each outcome is divided by, or that it is not, and why."""
    exposures = panel.named("exposure")
    if not exposures:
        if any(kind_of(column) == "count" for column in columns):
            yield fact("plan.exposure.none")
        return
    by, asked = exposures[0].label, plan.terms.offset
    for column in columns:
        divided = kind_of(column) == "count" if asked is None else asked
        why = "asked" if asked is not None else "count" if divided else "no-count"
        yield fact(
            "plan.exposure.divided",
            outcome=_capital(column.label),
            divided=divided,
            by=by,
            why=fact(f"plan.exposure.{why}"),
        )
    for other in exposures[1:]:
        yield fact("plan.exposure.other", other=_capital(other.label), by=by)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
