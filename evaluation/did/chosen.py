"""The method for a design, known from its numbers alone, before any outcome (see `choice`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from evaluation.did import arrays
from evaluation.did.cohorts import Kind
from evaluation.did.event_study import FEWEST_CLUSTERS
from evaluation.did.pooled_units import FEWEST_UNITS
from evaluation.did.random_effects import ENOUGH_CONTROLS
from evaluation.errors import FitError
from evaluation.fact import fact

Why = Literal[
    "one unit, enough controls",
    "one unit, few controls",
    "no never-treated",
    "enough clusters",
    "exchangeable",
    "no valid interval",
    "gaps or ends",
    "phase-in",
]


@dataclass(frozen=True, slots=True)
class Choice:
    """The default method for a panel, and why.

    Parameters
    ----------
    method : its name in METHODS. options : settings that the panel needs. key : why, for code.
        why : the same in a sentence. never_valid_remedy : None, or that no effect of this design
        can be valid and what to do about it, in sentences for the plan.
    """

    method: str
    options: Mapping[str, object]
    key: Why
    why: str
    never_valid_remedy: str | None = None


_GAPS, _ENDS = "some cells are not used", "programs end inside the window"


def chosen(
    *,
    kind: Kind,
    treated: int,
    controls: int,
    exposure: bool = False,
    units: int | None = None,
    starts: int = 1,
    single_cohorts: bool = False,
    equal_weights: bool = True,
    whole_clusters: bool = True,
    gaps: bool = False,
    ends: bool = False,
    phase_in: int = 0,
) -> Choice:
    """The method used when a plan names none, known from the design alone, before any outcome.

    Parameters
    ----------
    kind : "count" or "continuous". treated, controls : clusters (units, without clusters) treated
        at some time, and never. exposure : whether counts are taken relative to one
        (`Cohorts.exposure` is not None). units : treated units, when clusters hold several; by
        default `treated`. starts : different starts. single_cohorts : whether half of the cohorts
        or more are a single unit. equal_weights : whether all units have one weight.
        whole_clusters : whether the units of a cluster start together. gaps : whether cells are not
        used. ends : whether programs end inside the window. phase_in : periods over which the
        effect comes in.

    Raises
    ------
    FitError : when no difference-in-differences can be made: nobody treated or no untreated unit
        beside a single start, a continuous outcome of one treated unit with a single control, or
        gaps, ends or a phase-in that no method for such a panel takes.
    """
    arrays.known_kind(kind)
    if treated < 1 or controls < 0:
        raise FitError(
            fact("did.chosen.treated-controls-no-design-treat", treated=treated, controls=controls)
        )
    one = (treated if units is None else units) == 1
    if gaps or ends or phase_in:
        partial = " and ".join(words for words, there in ((_GAPS, gaps), (_ENDS, ends)) if there)
        return _for_some_cells(kind, treated, controls, one, partial, phase_in, starts)
    if one:
        return _for_one(kind, controls)
    if not controls and starts < 2:
        raise FitError(fact("did.chosen.every-unit-treated-same-time"))
    there_are = f"There are {treated} treated and {controls} never-treated clusters"
    counted = kind == "count"
    main = "poisson-imputation" if counted else "callaway-santanna"
    if not controls:
        options = {} if counted else {"controls": "not-yet"}
        reason = (
            f"{there_are}, so those treated later stand for the untreated"
            f"{_by_jackknife(counted)}; periods without any untreated unit say nothing."
        )
        return Choice(main, options, "no never-treated", reason)
    enough = min(treated, controls) >= FEWEST_CLUSTERS
    if enough and (counted or not single_cohorts):
        reason = f"{there_are}, enough of both for clustered errors{_by_jackknife(counted)}."
        return Choice(main, {}, "enough clusters", reason)
    few = f"{there_are}; clustered errors need {FEWEST_CLUSTERS} of both"
    if enough:
        few = f"{there_are}, but most cohorts are a single unit, which has no error of its own"
    if equal_weights and whole_clusters and (not counted or exposure):
        reason = (
            f"{few}, so the effect is compared with those of all other assignments of the "
            "treatment, each taken as equally likely."
        )
        return Choice("randomization", {}, "exchangeable", reason)
    if counted and not exposure:
        barred = "counts without an exposure"
    elif not equal_weights:
        barred = "units with unequal weights"
    else:
        barred = "clusters whose units start at different times"
    reason = (
        f"{few}, and {barred} cannot change places with one another, so no interval is valid here; "
        "leaving out one cluster at a time (CR3) errs on the safe side."
    )
    name, options = ("poisson-twfe", {}) if counted else ("twfe", {"errors": "CR3"})
    return Choice(
        name, options, "no valid interval", reason, _remedy(barred, counted, treated, controls)
    )


def _for_some_cells(
    kind: Kind, treated: int, controls: int, one: bool, partial: str, phase_in: int, starts: int
) -> Choice:
    """A panel with gaps, with programs that end, or with a phase-in: the methods that take it."""
    counted = kind == "count"
    if one and partial:
        raise FitError(fact("did.chosen.no-method-one-treated-unit"))
    if one and not counted:
        raise FitError(fact("did.chosen.no-method-one-treated-unit-2", phase_in=phase_in))
    if not controls and (one or (starts < 2 and _ENDS not in partial)):
        raise FitError(fact("did.chosen.no-untreated-unit-shows-what"))
    rising = f"The effect comes in over {phase_in} periods"
    if one:
        reason = f"{rising}: the ratio to the controls' sum, as a time series, has such an effect."
        return Choice("ratio-series", {}, "phase-in", reason)
    options: dict[str, object] = {}
    if phase_in:
        name = "poisson-twfe" if counted else "twfe"
        also = f", and {partial}" if partial else ""
        reason = f"{rising}{also}: the two-way regression takes that"
    else:
        name = "poisson-imputation" if counted else "imputation"
        # Gaps and ends leave few units of a cohort in a period, whose mean takes their chance
        # along: ranges by cohorts held the truth in 76 to 90 % of panels with ends, these in 85
        # to 92 % (docs/did_partial.csv).
        options = {} if counted else {"average": "event-time"}
        reason = f"{partial.capitalize()}: imputation takes what untreated cells there are"
    reason += f". There are {treated} treated and {controls} never-treated clusters"
    key: Why = "phase-in" if phase_in else "gaps or ends"
    if not controls:
        return Choice(
            name, options, key, f"{reason}, so other treated units stand for the untreated."
        )
    if min(treated, controls) >= FEWEST_CLUSTERS:
        return Choice(name, options, key, f"{reason}.")
    remedy = (
        f"With {treated} treated and {controls} never-treated clusters the estimate will be "
        "printed as not valid, whatever the outcomes turn out to be. To mend it: add units until "
        f"there are {FEWEST_CLUSTERS} treated and {FEWEST_CLUSTERS} never treated; make the panel "
        f"whole, so that other methods can be asked{_alone(counted, treated)}."
    )
    reason += f"; clustered errors need {FEWEST_CLUSTERS} of both, so no interval is valid here."
    return Choice(name, options, key, reason, remedy)


def _remedy(barred: str, counted: bool, treated: int, controls: int) -> str:
    way = {
        "counts without an exposure": "give an exposure (residents, or person-time), with which "
        "rates can be compared by randomization",
        "units with unequal weights": "leave the weights out",
    }.get(barred, "give every cluster one start")
    return (
        f"With {treated} treated and {controls} never-treated clusters and {barred}, whatever the "
        f"outcomes turn out to be, the estimate will be printed as not valid. To mend it: {way}; "
        f"add units until there are {FEWEST_CLUSTERS} treated and {FEWEST_CLUSTERS} never treated; "
        f"or name a method that can be valid for so few (synthetic-did){_alone(counted, treated)}."
    )


def _alone(counted: bool, treated: int) -> str:
    """That counts of a few treated units can be compared one by one."""
    if not counted or treated < FEWEST_UNITS:
        return ""
    return "; or name pooled-units, which compares each treated unit by itself"


def _for_one(kind: Kind, controls: int) -> Choice:
    """One treated unit."""
    if not controls:
        raise FitError(fact("did.chosen.there-no-control-use-interrupted"))
    beside = f"One unit is treated, beside {controls} control{'s' if controls > 1 else ''}"
    spread = "how far controls differ from one another says how sure one can be"
    if controls >= ENOUGH_CONTROLS:
        return Choice("random-effects", {}, "one unit, enough controls", f"{beside}: {spread}.")
    if kind == "count":
        reason = (
            f"{beside}: fewer than {ENOUGH_CONTROLS} do not show how far cities differ, so the "
            "ratio to their sum is judged as a time series of its own."
        )
        return Choice("ratio-series", {}, "one unit, few controls", reason)
    if controls == 1:
        raise FitError(fact("did.chosen.one-treated-unit-one-control"))
    reason = f"{beside}: {spread}; with fewer than {ENOUGH_CONTROLS} it rarely finds an effect."
    return Choice("random-effects", {}, "one unit, few controls", reason)


def _by_jackknife(counted: bool) -> str:
    return " (here by leaving out one cluster at a time)" if counted else ""
