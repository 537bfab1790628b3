"""Every method that a plan for people can name: those of a plain outcome, and those of a time to an
event, which need a day by which it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation import individual, method
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual import days_models, incidence, not_yet_called, recurrent, survival
from evaluation.individual.effects import Answer, Measure
from evaluation.individual.method import Method
from evaluation.individual.people import Kind, People
from evaluation.individual.propensity import Trim
from evaluation.individual.timed import Weights
from evaluation.method import refuse_unknown, unfit
from evaluation.numeric.panel.doubly_robust import Estimand
from evaluation.numeric.shared.solvable import solvable

HORIZON = 730
_KNOWN = "everything that drives both treatment and outcome is among the covariates"
_WEIGHTED = f"{_KNOWN}; the model of treatment is right; who leaves early is like who stays"


def _by_day(
    people: People,
    outcome: str,
    day: float,
    estimand: Estimand,
    *,
    weights: Weights = "propensity",
    trim: Trim = "none",
) -> Answer:
    return incidence.risk_answer(
        people, outcome, day=day, estimand=estimand, weights=weights, trim=trim
    )


@dataclass(frozen=True, slots=True)
class ByDay(Method):
    """The risk of an event by a day, as a method: of a time to an event it compares risks, of any
    other outcome it is the default of plain outcomes.

    Parameters
    ----------
    day : after entry.
    """

    day: float = HORIZON

    def answer(self, people: People, outcome: str, estimand: Estimand = "ATT") -> Answer:
        """The two risks, or the two means of an outcome that is no time."""
        if people.outcome(outcome).kind != "time":
            return individual.METHODS["aipw"].answer(people, outcome, estimand)
        with solvable(self.name):
            found: Answer = self.solve(people, outcome, self.day, estimand)
            return found

    def fit(
        self,
        people: People,
        outcome: str,
        estimand: Estimand = "ATT",
        *,
        measure: Measure = "difference",
    ) -> Effect:
        """The effect, of a time to an event that on the risk by the day."""
        found = Method.fit(self, people, outcome, estimand, measure=measure)
        if people.outcome(outcome).kind != "time":
            return found
        return replace(found, horizon=float(self.day))


@dataclass(frozen=True, slots=True)
class Timed(method.Method):
    """A method of a time to an event that has no two means, which `solve` makes whole.

    own : names of the settings that a plan may give it.
    """

    own: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the settings."""
        return self.own


_TIME = frozenset({"time"})
_LOST = "where only untreated people at higher risk are lost"
_HAZARDS = f"{_WEIGHTED}; the ratio of hazards is the same at all times"
_DAYS = "people were followed equally long; the model of the outcome is right"
_MEAN = "mean outcome with treatment less without"
# People called in one after another, each beside those still to be called.
NOT_YET_CALLED = "not-yet-called"

RISK = ByDay(
    "risk-by-day",
    _by_day,
    "Weighted risk by a day",
    "risk of the event with treatment less without",
    _WEIGHTED,
    "94 to 96 %; 94 to 95 % with little overlap, many leaving early or death first; "
    "83 to 87 % where only untreated people at higher risk are lost",
    kinds=_TIME,
)
TIMED = {
    one.name: one
    for one in (
        Timed(
            "time-free",
            incidence.time_free,
            _TIME,
            "Mean days free of it",
            "",
            _WEIGHTED,
            "94 to 96 %, also with little overlap, many leaving early or death first; "
            f"88 to 90 % {_LOST}",
            ("weights", "trim"),
        ),
        Timed(
            "cox",
            survival.cox,
            _TIME,
            "Weighted Cox regression",
            "",
            _HAZARDS,
            f"95 to 96 %; 93 to 94 % with little overlap; 85 to 88 % {_LOST}",
            ("weights", "adjust", "trim", "ties"),
        ),
        Timed(
            "fine-gray",
            survival.fine_gray,
            _TIME,
            "Weighted Fine-Gray regression",
            "",
            _HAZARDS,
            f"94 to 96 %; 93 % with little overlap; 85 to 88 % {_LOST}",
            ("weights", "adjust", "trim"),
        ),
        Timed(
            "andersen-gill",
            recurrent.andersen_gill,
            _TIME,
            "All events (Andersen-Gill)",
            "",
            _HAZARDS,
            f"94 to 95 %; 88 to 92 % with little overlap; 61 to 64 % {_LOST}",
            ("weights", "trim", "ties"),
        ),
    )
}
PLAIN = {
    **individual.METHODS,
    "two-part": Method(
        "two-part",
        days_models.fit_two_part,
        "Two-part model of days",
        _MEAN,
        f"{_KNOWN}; {_DAYS}",
        "93 to 96 %; 94 % with little overlap",
        kinds=frozenset({"count", "days"}),
    ),
    "negative-binomial-people": Method(
        "negative-binomial-people",
        days_models.fit_negative_binomial,
        "Negative binomial regression",
        _MEAN,
        f"{_KNOWN}; {_DAYS}",
        "94 to 95 % where the log of the mean is linear or there is no effect; "
        "92 to 94 % where any days and how many have models of their own",
        kinds=frozenset({"count", "days"}),
    ),
}
METHODS: Mapping[str, method.Method] = {
    RISK.name: RISK,
    **TIMED,
    **PLAIN,
    NOT_YET_CALLED: Timed(
        NOT_YET_CALLED,
        not_yet_called.estimate,
        _TIME,
        "Called in beside not yet called",
        "",
        "among people alike in the covariates it does not matter who is called first",
        "94 to 95 %; 94 % where people are called for past arrests",
        ("first_only",),
    ),
}
NAMES = tuple(METHODS)


def suits(name: str, kind: Kind) -> bool:
    """Whether a method is for outcomes of this kind; plain ones take the event by a day."""
    return kind in METHODS[name].kinds


def chosen(name: str | None, kind: Kind) -> str:
    """The method named, or the default for this kind of outcome."""
    return name or (RISK.name if kind == "time" else "aipw")


def settings_of(name: str) -> tuple[str, ...]:
    """Names of the settings that a plan may give."""
    return METHODS[name].options


def label_of(name: str) -> tuple[str, str, str]:
    """Label, what it assumes, and measured coverage."""
    return METHODS[name].label, METHODS[name].assumes, METHODS[name].coverage


def method_for(name: str, kind: Kind, day: float, options: Mapping[str, object]) -> Method:
    """The method behind the checks of a headline, which need two means.

    A method without them is judged by the risk by the same day.

    Raises
    ------
    FitError : for a setting it does not have.
    """
    if name in TIMED or name == NOT_YET_CALLED:
        kept = {key: value for key, value in options.items() if key in RISK.options}
        return replace(RISK, day=day).set_to(kept)
    if name == RISK.name:
        return replace(RISK, day=day).set_to(options)
    return PLAIN[name].set_to(options)


def checked(name: str, kind: Kind, day: float, options: Mapping[str, object]) -> None:
    """Nothing, when a method can take these values of its settings.

    Raises
    ------
    FitError : for a value of another type, or none of those allowed.
    """
    timed = METHODS[name]
    if not isinstance(timed, Timed):
        method_for(name, kind, day, options)
        return
    for key, value in options.items():
        if wrong := unfit(timed.solve, key, value):
            raise FitError(
                fact("study.people-methods.text", key_=key, name=name, wrong=wrong, value=value)
            )


def fit_timed(
    name: str,
    people: People,
    outcome: str,
    estimand: Estimand,
    day: float,
    options: Mapping[str, object],
    events: Sequence[np.ndarray] | None,
) -> Effect:
    """The effect by a method of `TIMED`, of events up to the day.

    Raises
    ------
    FitError : when it cannot be estimated, or all events are needed and not given.
    """
    timed = TIMED[name]
    refuse_unknown(name, options, timed.options)
    checked(name, "time", day, options)
    given: dict[str, object] = {"estimand": estimand, **options}
    if name == "andersen-gill":
        if events is None:
            raise FitError(fact("study.people-methods.no-event-table-events-name", outcome=outcome))
        return timed.fit(people, events, name=outcome, horizon=day, **given)
    return timed.fit(people, outcome, **{"day" if name == "time-free" else "horizon": day}, **given)
