"""What only the data can tell of a plan: the method chosen for each outcome and why, what it
divides by, and what it adjusts for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evaluation import did, its
from evaluation.data.panel import Column, Panel
from evaluation.did.usable import FEWEST_CLUSTERS
from evaluation.errors import DataError, FitError
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.plan.adoption import exposure_sentences
from evaluation.study.plan.ignored import cluster_note, unadjusted_note
from evaluation.study.plan.phrases import closed, listed, plain, when
from evaluation.study.plan.schema import Plan, kind_of
from evaluation.study.plan.words_did import who_sentences

# Methods of several clusters that judge by something else than clustered errors.
_OTHER_ERRORS = ("calibration", "triple-difference", "spillover")
_KINDS = {"count": "counts", "continuous": "means and rates"}


def data_sentences(plan: Plan, panel: Panel) -> Iterator[str]:
    """One sentence for each thing that is decided by the data; none for people and surveys."""
    if plan.design not in ("its", "did"):
        return
    yield from who_sentences(plan, panel)
    columns = [panel.column(outcome.column) for outcome in plan.outcomes]
    for column in columns:
        yield from _method(plan, panel, column)
    yield from exposure_sentences(plan, panel, columns)
    if plan.design == "did" and plan.terms.covariates:
        yield from _fixed(plan, panel)


def _method(plan: Plan, panel: Panel, column: Column) -> Iterator[str]:
    named = f"Method for {column.label}"
    if plan.design == "its":
        kind = kind_of(column)
        suits, method = its.default(kind), its.METHODS[plan.method(kind)]
        why = f"the default for {_KINDS[kind]}"
        if plan.model is not None:
            why = "as the plan asks"
            if method.name != suits.name:
                why += f"; without it {suits.name} would be used"
        yield f"{named}: {method.name} ({method.label}), {why}. It assumes {closed(method.assumes)}"
        return
    try:
        cohorts = planned_cohorts(plan, panel, column.name)
        suits_did = did.default(cohorts)
    except (DataError, FitError):
        return  # told as a fault, or as the reason that there is no answer
    if plan.model is not None and plan.model != suits_did.name:
        chosen = did.METHODS[plan.model]
        yield (
            f"{named}: {chosen.name} ({chosen.label}), as the plan asks; without it "
            f"{suits_did.name} would be used."
        )
        yield from _too_few(cohorts, chosen)
    else:
        chosen = suits_did
        asked = "the default" if plan.model is None else "as the plan asks, and the default too"
        yield f"{named}: {chosen.name} ({chosen.label}), {asked}. {closed(str(did.why(cohorts)))}"
        yield from remedy(plan, panel, cohorts)
    if not cohorts.whole or cohorts.skipped:
        for note in cohorts.notes:
            yield f"For {column.label}: {closed(str(note))}"
    for note in (
        unadjusted_note(cohorts.covariate_names, chosen.name, plan.options),
        cluster_note(plan.cluster, chosen.name),
    ):
        if note:
            yield f"{named}: {note}."


def _too_few(cohorts: did.Cohorts, method: did.Method) -> Iterator[str]:
    """That a method which the plan names can give no valid answer with so few clusters."""
    treated, untreated = (
        len(np.unique(cohorts.cluster[side])) for side in (cohorts.ever, ~cohorts.ever)
    )
    clustered = method.treated == "several clusters" and method.name not in _OTHER_ERRORS
    if clustered and untreated and min(treated, untreated) < FEWEST_CLUSTERS:
        yield (
            f"With {treated} treated and {untreated} never-treated clusters, whatever the outcomes "
            f"turn out to be, an estimate by {method.name} will be printed as not valid: its error "
            f"needs {FEWEST_CLUSTERS} of both. To mend it: leave model out, for the method that "
            "suits so few; or add units."
        )


def remedy(plan: Plan, panel: Panel, cohorts: did.Cohorts) -> Iterator[str]:
    """What would make an answer valid, where the default for these data can give none."""
    found = did.choice(cohorts)
    if found.never_valid_remedy is None:
        return
    yield str(found.never_valid_remedy)
    if panel.named("exposure") and plan.offset() is False:
        yield "The table has an exposure: leave offset = false out of the plan."


def _fixed(plan: Plan, panel: Panel) -> Iterator[str]:
    """Covariates that change over time, of which the first value counts."""
    moving = [
        name
        for name in plan.terms.covariates
        if name in panel.values and np.nanmax(np.ptp(panel.values[name], axis=1)) > 0
    ]
    if moving:
        names = listed([plain(name) for name in moving])
        first = when(plan.window.first or panel.periods[0])
        yield f"Of {names}, which changes over time, the value in {first} counts and no other."
