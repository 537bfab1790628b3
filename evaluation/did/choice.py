"""Which method suits a panel, why, and what is printed beside it.

One treated unit of 3 events a month or more, by month or quarter, two years before the start and 4
controls: the forecast, or the step where a plan frozen before the start says that all of the effect
is there at once. Below, random-effects, or with few controls a ratio series (did_methods.md).

Several treated clusters: with 6 or more of them and 6 or more never treated, Poisson imputation
with the jackknife for counts and Callaway-Sant'Anna for continuous outcomes. With fewer no
clustered interval is a headline, though leaving out clusters (CR3) errs on the safe side: with 2 to
5 treated beside 12 untreated cities it rejected true nulls in 0 to 3 %, CR1 in 6 to 30 %. Valid
there is randomization of continuous outcomes and rates; counts have CR3 (did_one_city.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from evaluation.data.period import MONTHS
from evaluation.did import arrays, forecast
from evaluation.did.cohorts import Cohorts, Kind, Promised
from evaluation.did.forecast import ENOUGH_LEARNED, FEW_EVENTS, WINDOW
from evaluation.did.method import Method, known_panel
from evaluation.did.methods import ALIASES, METHODS
from evaluation.did.pooled_units import FEWEST_UNITS
from evaluation.did.random_effects import ENOUGH_CONTROLS
from evaluation.did.usable import FEWEST_CLUSTERS
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact

# What stands beside every headline, if it can be asked of the panel.
_ONE_COUNTED = ("forecast", "step", "random-effects", "ferman-pinto", "ratio-series")
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

# Those of constants learned on real cities.
_LEARNED = ("forecast", "step")
# The effect over all months, beside that over the first.
_WHOLE = replace(METHODS["forecast"].set_to({"window": 0}), known_as="forecast-whole")

Why = Literal[
    "one unit, forecast",
    "one unit, step",
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
        can be valid and what to do about it.
    """

    method: str
    options: Mapping[str, object]
    key: Why
    why: Fact
    never_valid_remedy: Fact | None = None


def choice(cohorts: Cohorts) -> Choice:
    """The `chosen` of a panel; `why` adds what gaps, ends or a phase-in rule out beside it.

    Raises
    ------
    FitError : as `chosen`.
    """
    known_panel(cohorts)
    treated, controls = _clusters(cohorts)
    one = int(cohorts.ever.sum()) == 1
    _, sizes = np.unique(cohorts.first[cohorts.ever], return_counts=True)
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    found = chosen(
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
        events=_events(cohorts) if one else 0.0,
        promised=cohorts.promised,
    )
    if one and cohorts.kind == "count" and cohorts.frequency not in MONTHS:
        found = replace(found, why=fact("did.choice.of-months", why=found.why))
    if cohorts.whole and not cohorts.phase_in:
        return found
    barred = [name for name in _usual(cohorts) if METHODS[name].barred(cohorts) is not None]
    if not barred:
        return found
    return replace(found, why=fact("did.choice.barred", why=found.why, barred=barred))


def default(cohorts: Cohorts) -> Method:
    """The method used when a plan names none, with the settings that this panel needs.

    Raises
    ------
    FitError : as `chosen`.
    """
    found = choice(cohorts)
    return METHODS[found.method].set_to(found.options)


def always_beside(cohorts: Cohorts, headline: str) -> tuple[Method, ...]:
    """The methods printed beside a headline, those left out that this panel rules out (`choice`
    says when gaps, ends or a phase-in do).

    Parameters
    ----------
    headline : the name of its method.
    """
    known_panel(cohorts)
    names = _usual(cohorts)
    methods = [_adapted(METHODS[name], cohorts) for name in names if name != headline]
    if "forecast" in (headline, *names) and forecast.goes_on(cohorts):
        methods.insert(0 if headline == "forecast" else 1, _WHOLE)
    return tuple(method for method in methods if method.barred(cohorts) is None)


def _usual(cohorts: Cohorts) -> tuple[str, ...]:
    """What stands beside a headline of such a panel, gaps, ends and phase-in aside."""
    counted, controls = cohorts.kind == "count", _clusters(cohorts)[1]
    if int(cohorts.ever.sum()) == 1:
        one: tuple[str, ...] = _ONE_COUNTED if counted else _ONE_MEASURED
        one = tuple(n for n in one if cohorts.n - 1 >= _LEAST_CONTROLS.get(n, 2))
        return one if forecast.possible(cohorts) else tuple(n for n in one if n not in _LEARNED)
    names: tuple[str, ...] = _SEVERAL_COUNTED if counted else _SEVERAL_MEASURED
    if not _exchangeable(cohorts):
        names = tuple(name for name in names if name != "randomization")
    # One date for all and nobody untreated: there is nothing to print.
    if not controls and len(cohorts.cohorts) < 2 and cohorts.on is None:
        return ()
    return names


def estimate(
    cohorts: Cohorts, method: str | None = None, *, options: Mapping[str, object] | None = None
) -> Effect:
    """The effect by a named method, or by the default for this panel.

    An effect that may not be the headline here says why in its `objection`: a clustered interval
    with fewer than 6 treated or control clusters, a rank that cannot be below .05, starts that
    follow a spike.

    Parameters
    ----------
    options : settings of the method by name, for example {"errors": "CR2"}.

    Raises
    ------
    FitError : when the method or a setting is not known, when the method is not for this kind of
        outcome, or when it cannot be estimated.
    """
    name = ALIASES.get(method, method) if isinstance(method, str) else method
    if name is not None and (not isinstance(name, str) or name not in METHODS):
        raise FitError(fact("did.choice.no-method-there", method=method, methods=tuple(METHODS)))
    asked = default(cohorts) if name is None else METHODS[name]
    return asked.set_to({} if options is None else options).fit(cohorts)


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
    events: float = 0.0,
    promised: Promised = "",
) -> Choice:
    """The method used when a plan names none, known from the design alone, before any outcome; but
    for the number of events of a single treated unit.

    Parameters
    ----------
    kind : "count" or "continuous". treated, controls : clusters (units, without clusters) treated
        at some time, and never. exposure : whether counts are taken relative to one
        (`Cohorts.exposure` is not None). units : treated units, when clusters hold several; by
        default `treated`. starts : different starts. single_cohorts : whether half of the cohorts
        or more are a single unit. equal_weights : whether all units have one weight.
        whole_clusters : whether the units of a cluster start together. gaps : whether cells are not
        used. ends : whether programs end inside the window. phase_in : periods over which the
        effect comes in. events : a month, of the only treated unit; 0 where the forecast cannot be
        asked. promised : as `Cohorts.promised`.

    Raises
    ------
    FitError : when no difference-in-differences can be made: nobody treated or no untreated unit
        beside a single start, a continuous outcome of one treated unit with a single control, or
        gaps, ends or a phase-in that no method for such a panel takes.
    """
    arrays.known_kind(kind)
    if treated < 1 or controls < 0:
        raise FitError(fact("did.choice.treated-controls", treated=treated, controls=controls))
    one = (treated if units is None else units) == 1
    if gaps or ends or phase_in:
        return _for_some_cells(kind, treated, controls, one, gaps, ends, phase_in, starts)
    if one:
        return _for_one(kind, controls, events, promised)
    if not controls and starts < 2:
        raise FitError(fact("did.choice.every-unit-treated-same-time"))
    counted = kind == "count"
    there = fact("did.choice.there-are", treated=treated, controls=controls)
    main = "poisson-imputation" if counted else "callaway-santanna"
    if not controls:
        later = fact("did.choice.later-ones", there=there, counted=counted)
        return Choice(main, {} if counted else {"controls": "not-yet"}, "no never-treated", later)
    enough = min(treated, controls) >= FEWEST_CLUSTERS
    if enough and (counted or not single_cohorts):
        reason = fact("did.choice.enough", there=there, counted=counted)
        return Choice(main, {}, "enough clusters", reason)
    key = "did.choice.single-cohorts" if enough else "did.choice.few"
    few = fact(key, there=there, needed=FEWEST_CLUSTERS)
    if equal_weights and whole_clusters and (not counted or exposure):
        reason = fact("did.choice.exchangeable", few=few)
        return Choice("randomization", {}, "exchangeable", reason)
    if counted and not exposure:
        barred = "no-exposure"
    else:
        barred = "starts-differ" if equal_weights else "unequal-weights"
    told = fact(f"did.choice.{barred}")
    return Choice(
        "poisson-twfe" if counted else "twfe",
        {} if counted else {"errors": "CR3"},
        "no valid interval",
        fact("did.choice.no-interval", few=few, barred=told),
        fact(
            "did.choice.remedy",
            treated=treated,
            controls=controls,
            barred=told,
            way=fact(f"did.choice.mend-{barred}"),
            needed=FEWEST_CLUSTERS,
            alone=_alone(counted, treated),
        ),
    )


def _for_some_cells(
    kind: Kind,
    treated: int,
    controls: int,
    one: bool,
    gaps: bool,
    ends: bool,
    phase_in: int,
    starts: int,
) -> Choice:
    """A panel with gaps, with programs that end, or with a phase-in: the methods that take it."""
    counted = kind == "count"
    if one and (gaps or ends):
        raise FitError(fact("did.choice.no-method-one-treated-unit"))
    if one and not counted:
        raise FitError(fact("did.choice.no-method-one-treated-unit-2", phase_in=phase_in))
    if not controls and (one or (starts < 2 and not ends)):
        raise FitError(fact("did.choice.no-untreated-unit-shows-what"))
    rising = fact("did.choice.rising", phase_in=phase_in)
    if one:
        ratio = fact("did.choice.rising-one", rising=rising)
        return Choice("ratio-series", {}, "phase-in", ratio)
    cells = "gaps-and-ends" if gaps and ends else "gaps" if gaps else "ends"
    options: dict[str, object] = {}
    if phase_in:
        name = "poisson-twfe" if counted else "twfe"
        also = (
            fact("did.choice.also", what=fact(f"did.choice.{cells}"))
            if gaps or ends
            else fact("nothing")
        )
        taken = fact("did.choice.by-regression", rising=rising, also=also)
    else:
        name = "poisson-imputation" if counted else "imputation"
        # Gaps and ends leave few units of a cohort in a period, whose mean takes their chance
        # along: ranges by cohorts held the truth in 76 to 90 % of panels with ends, these in 85
        # to 92 % (did_partial.csv).
        options = {} if counted else {"average": "event-time"}
        taken = fact("did.choice.by-imputation", partial=fact(f"did.choice.{cells}-first"))
    there = fact("did.choice.there-are", treated=treated, controls=controls)
    key: Why = "phase-in" if phase_in else "gaps or ends"
    if not controls or min(treated, controls) >= FEWEST_CLUSTERS:
        text = "did.choice.some-cells" if controls else "did.choice.others-stand"
        return Choice(name, options, key, fact(text, taken=taken, there=there))
    remedy = fact(
        "did.choice.remedy-cells",
        treated=treated,
        controls=controls,
        needed=FEWEST_CLUSTERS,
        alone=_alone(counted, treated),
    )
    reason = fact("did.choice.few-cells", taken=taken, there=there, needed=FEWEST_CLUSTERS)
    return Choice(name, options, key, reason, remedy)


def _alone(counted: bool, treated: int) -> Fact:
    """That counts of a few treated units can be compared one by one."""
    return fact("did.choice.alone" if counted and treated >= FEWEST_UNITS else "nothing")


def _events(cohorts: Cohorts) -> float:
    """Events a month of the only treated unit, 0 where the forecast cannot be asked."""
    return forecast.events_a_month(cohorts) if forecast.possible(cohorts) else 0.0


def _for_one(kind: Kind, controls: int, events: float, promised: Promised) -> Choice:
    """One treated unit."""
    if not controls:
        raise FitError(fact("did.choice.there-no-control-use-interrupted"))
    told: dict[str, Any] = {
        "beside": fact("did.choice.beside", controls=controls),
        "enough": ENOUGH_CONTROLS,
    }
    many = kind == "count" and events >= FEW_EVENTS and controls >= ENOUGH_LEARNED
    if many and promised != "former":
        told |= {"events": events, "window": WINDOW}
        if promised == "at once":
            return Choice("step", {}, "one unit, step", fact("did.choice.step", **told))
        return Choice("forecast", {}, "one unit, forecast", fact("did.choice.forecast", **told))
    if controls >= ENOUGH_CONTROLS:
        spread = fact("did.choice.former" if many else "did.choice.spread", **told)
        return Choice("random-effects", {}, "one unit, enough controls", spread)
    if kind == "count":
        ratio = fact("did.choice.ratio", **told)
        return Choice("ratio-series", {}, "one unit, few controls", ratio)
    if controls == 1:
        raise FitError(fact("did.choice.one-treated-unit-one-control"))
    rarely = fact("did.choice.rarely", **told)
    return Choice("random-effects", {}, "one unit, few controls", rarely)
