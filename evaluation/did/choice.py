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

import numpy as np

from evaluation.did.chosen import Choice, chosen
from evaluation.did.cohorts import Cohorts
from evaluation.did.method import Method, known_panel
from evaluation.did.methods import METHODS
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact

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
        gaps=cohorts.used is not None,
        ends=cohorts.on is not None,
        phase_in=cohorts.phase_in,
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
    found = choice(cohorts)
    if cohorts.whole and not cohorts.phase_in:
        return found.why
    named = _usual(cohorts)
    barred = [name for name in named if METHODS[name].barred(cohorts) is not None]
    if not barred:
        return found.why
    return (
        f"{found.why} Not printed beside it, for they cannot take this panel: {', '.join(barred)}."
    )


def always_beside(cohorts: Cohorts, headline: str) -> tuple[Method, ...]:
    """The methods printed beside a headline, those left out that this panel rules out (`why` says
    when gaps, ends or a phase-in do).

    Parameters
    ----------
    headline : the name of its method.
    """
    known_panel(cohorts)
    names = _usual(cohorts)
    methods = (_adapted(METHODS[name], cohorts) for name in names if name != headline)
    return tuple(method for method in methods if method.barred(cohorts) is None)


def _usual(cohorts: Cohorts) -> tuple[str, ...]:
    """What stands beside a headline of such a panel, gaps, ends and phase-in aside."""
    counted, controls = cohorts.kind == "count", _clusters(cohorts)[1]
    if int(cohorts.ever.sum()) == 1:
        one: tuple[str, ...] = _ONE_COUNTED if counted else _ONE_MEASURED
        return tuple(n for n in one if cohorts.n - 1 >= _LEAST_CONTROLS.get(n, 2))
    names: tuple[str, ...] = _SEVERAL_COUNTED if counted else _SEVERAL_MEASURED
    if not _exchangeable(cohorts):
        names = tuple(name for name in names if name != "randomization")
    # One date for all and nobody untreated: there is nothing to print.
    if not controls and len(cohorts.cohorts) < 2 and cohorts.on is None:
        return ()
    return names


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
        asked = default(cohorts)
    elif isinstance(method, str) and method in METHODS:
        asked = METHODS[method]
    else:
        raise FitError(fact("did.choice.no-method-there", method=method, methods=tuple(METHODS)))
    return asked.set_to(options).fit(cohorts)


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
    """With the settings that the panel needs: those treated later as controls, where nobody is
    never treated, and means by event time, where gaps or ends leave few of a cohort."""
    if method.name == "callaway-santanna" and cohorts.ever.all():
        return method.set_to({"controls": "not-yet"})
    if method.name == "imputation" and not cohorts.whole:
        return method.set_to({"average": "event-time"})
    return method
