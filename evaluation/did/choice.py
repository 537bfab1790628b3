"""Which method suits a panel, why, and what is printed beside it.

One treated unit: with 8 or more controls random-effects, with 1 to 7 the ratio series. With 5 to 7
both are honest: true nulls are rejected in 0 to 2 % by random-effects with 5 controls and in 2 to
6 % by the ratio series with 3 and 7. The ratio series is taken because it does not need the treated
unit to be one of a kind with its controls, which so few cannot show; in drifting cities it also
finds more. The other is printed beside it. A continuous outcome has random-effects throughout.

Several treated clusters: with 6 or more of them and 6 or more never treated, Poisson imputation
with the jackknife for counts and Callaway-Sant'Anna for continuous outcomes. With fewer no
clustered interval is a headline, though leaving out clusters (CR3) errs on the safe side: with 2 to
5 treated beside 12 untreated cities it rejected true nulls in 0 to 3 %, CR2 in 0 to 5 %, the
restricted wild bootstrap in 0 to 6 %, CR1 in 6 to 30 %. What is valid there is randomization, if
units can change places: of continuous outcomes, and of rates. Counts without an exposure cannot,
and are left with CR3, "not valid here". All rates are from docs/did_one_city.md and
docs/did_clusters.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.did import arrays
from evaluation.did.cohorts import Cohorts, Kind
from evaluation.did.events import FEWEST_CLUSTERS
from evaluation.did.method import Method, known_panel
from evaluation.did.methods import METHODS
from evaluation.did.random_effects import ENOUGH_CONTROLS
from evaluation.effect import Effect
from evaluation.errors import FitError

# What stands beside every headline, if it can be asked of the panel.
_ONE_COUNTED = (
    "random-effects",
    "random-effects-plug-in",
    "ferman-pinto",
    "random-effects-drift",
    "ratio-series",
)
_ONE_MEASURED = (
    "random-effects",
    "random-effects-plug-in",
    "ferman-pinto",
    "synthetic-control",
    "synthetic-did",
)
_SEVERAL_COUNTED = (
    "poisson-imputation",
    "poisson-imputation-donut",
    "poisson-twfe",
    "randomization",
    "callaway-santanna",
)
_SEVERAL_MEASURED = ("callaway-santanna", "imputation", "twfe", "randomization")
# Placebos need two controls besides the one that takes the treated unit's place.
_LEAST_CONTROLS = {"ratio-series": 1, "synthetic-control": 3, "synthetic-did": 3}


Why = Literal[
    "one unit, enough controls",
    "one unit, few controls",
    "no never-treated",
    "enough clusters",
    "exchangeable",
    "no valid interval",
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
) -> Choice:
    """The method used when a plan names none, known from the design alone, before any outcome.

    Parameters
    ----------
    kind : "count" or "continuous". treated, controls : clusters (units, without clusters) treated
        at some time, and never. exposure : whether counts are taken relative to one
        (`Cohorts.exposure` is not None). units : treated units, when clusters hold several; by
        default `treated`. starts : different starts. single_cohorts : whether half of the cohorts
        or more are a single unit. equal_weights : whether all units have one weight.
        whole_clusters : whether the units of a cluster start together.

    Raises
    ------
    FitError : when no difference-in-differences can be made: nobody treated or no untreated unit
        beside a single start, or a continuous outcome of one treated unit with a single control.
    """
    arrays.known_kind(kind)
    if treated < 1 or controls < 0:
        raise FitError(f"{treated} treated and {controls} controls are no design; treat at least 1")
    if (treated if units is None else units) == 1:
        return _for_one(kind, controls)
    if not controls and starts < 2:
        raise FitError(
            "every unit is treated at the same time, so nothing shows what would have happened "
            "without; add untreated units, or use an interrupted time series"
        )
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
    return Choice(name, options, "no valid interval", reason, _remedy(barred, treated, controls))


def _remedy(barred: str, treated: int, controls: int) -> str:
    way = {
        "counts without an exposure": "give an exposure (residents, or person-time), with which "
        "rates can be compared by randomization",
        "units with unequal weights": "leave the weights out",
    }.get(barred, "give every cluster one start")
    return (
        f"With {treated} treated and {controls} never-treated clusters and {barred}, whatever the "
        f"outcomes turn out to be, the estimate will be printed as not valid. To mend it: {way}; "
        f"add units until there are {FEWEST_CLUSTERS} treated and {FEWEST_CLUSTERS} never treated; "
        "or name a method that can be valid for so few (synthetic-did)."
    )


def choice(cohorts: Cohorts) -> Choice:
    """The `chosen` of a panel.

    Raises
    ------
    FitError : as `chosen`.
    """
    known_panel(cohorts)
    treated, controls = _clusters(cohorts)
    one = int(cohorts.ever.sum()) == 1
    _, sizes = np.unique(cohorts.first[cohorts.ever], return_counts=True)
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    return chosen(
        kind=cohorts.kind,
        treated=treated,
        controls=cohorts.n - 1 if one else controls,
        exposure=cohorts.exposure is not None,
        units=int(cohorts.ever.sum()),
        starts=len(cohorts.cohorts),
        single_cohorts=2 * int((sizes == 1).sum()) >= len(sizes),
        equal_weights=bool(np.ptp(cohorts.weight) == 0),
        whole_clusters=len(pairs) == len(np.unique(cohorts.cluster)),
    )


def default(cohorts: Cohorts) -> Method:
    """The method used when a plan names none, with the settings that this panel needs.

    Raises
    ------
    FitError : as `chosen`.
    """
    found = choice(cohorts)
    return METHODS[found.method].set_to(found.options)


def why(cohorts: Cohorts) -> str:
    """Why the default is what it is, in a sentence for the report.

    Raises
    ------
    FitError : as `chosen`.
    """
    return choice(cohorts).why


def always_beside(cohorts: Cohorts, headline: str) -> tuple[Method, ...]:
    """The methods printed beside a headline, those left out that this panel rules out.

    Parameters
    ----------
    headline : the name of its method.
    """
    known_panel(cohorts)
    counted, controls = cohorts.kind == "count", _clusters(cohorts)[1]
    names: tuple[str, ...]
    if int(cohorts.ever.sum()) == 1:
        names = _ONE_COUNTED if counted else _ONE_MEASURED
        names = tuple(n for n in names if cohorts.n - 1 >= _LEAST_CONTROLS.get(n, 2))
    else:
        names = _SEVERAL_COUNTED if counted else _SEVERAL_MEASURED
        if not _exchangeable(cohorts):
            names = tuple(name for name in names if name != "randomization")
        # One date for all and nobody untreated: there is nothing to print.
        if not controls and len(cohorts.cohorts) < 2:
            names = ()
    return tuple(_adapted(METHODS[name], cohorts) for name in names if name != headline)


def estimate(cohorts: Cohorts, method: str | None = None, **options: object) -> Effect:
    """The effect by a named method, or by the default for this panel.

    An effect that may not be the headline here says why in its `objection`: a clustered interval
    with fewer than 6 treated or control clusters, a rank that cannot be below .05, starts that
    follow a spike.

    Parameters
    ----------
    options : settings of the method, for example errors="CR2".

    Raises
    ------
    FitError : when the method or a setting is not known, when the method is not for this kind of
        outcome, or when it cannot be estimated.
    """
    if method is None:
        chosen = default(cohorts)
    elif isinstance(method, str) and method in METHODS:
        chosen = METHODS[method]
    else:
        raise FitError(f"no method {method!r}; there are {', '.join(METHODS)}")
    return chosen.set_to(options).fit(cohorts)


def _for_one(kind: Kind, controls: int) -> Choice:
    """One treated unit."""
    if not controls:
        raise FitError("there is no control; use an interrupted time series, or add controls")
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
        raise FitError(
            "one treated unit and one control of a continuous outcome show nothing about how far "
            "units differ; find more controls, or use an interrupted time series with the control"
        )
    reason = f"{beside}: {spread}; with fewer than {ENOUGH_CONTROLS} it rarely finds an effect."
    return Choice("random-effects", {}, "one unit, few controls", reason)


def _clusters(cohorts: Cohorts) -> tuple[int, int]:
    """Treated clusters, and clusters without any treated unit."""
    treated = np.unique(cohorts.cluster[cohorts.ever])
    return len(treated), len(np.unique(cohorts.cluster)) - len(treated)


def _exchangeable(cohorts: Cohorts) -> bool:
    """True when clusters can change places: whole, of one weight, some untreated, and no counts in
    levels."""
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    return bool(
        len(pairs) == len(np.unique(cohorts.cluster))
        and not cohorts.ever.all()
        and np.ptp(cohorts.weight) == 0
        and (cohorts.kind != "count" or cohorts.exposure is not None)
    )


def _adapted(method: Method, cohorts: Cohorts) -> Method:
    """With those treated later as controls, where nobody is never treated."""
    if method.name == "callaway-santanna" and cohorts.ever.all():
        return method.set_to({"controls": "not-yet"})
    return method


def _by_jackknife(counted: bool) -> str:
    return " (here by leaving out one cluster at a time)" if counted else ""
