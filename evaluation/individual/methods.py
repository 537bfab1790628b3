"""The table of estimators for people, a row each; the first is the default."""

from __future__ import annotations

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual import aipw, entropy_balance, matching, weighting
from evaluation.individual.effects import Measure
from evaluation.individual.method import Method
from evaluation.individual.people import People
from evaluation.numeric.panel.doubly_robust import Estimand

# Coverage is that of three ordinary worlds in docs/coverage_individual.md unless it says otherwise.
_MEAN = "mean outcome with treatment less without"
_KNOWN = "everything that drives both treatment and outcome is among the covariates"
_LOGIT = "the model of treatment is right"

_TABLE = (
    Method(
        "aipw",
        aipw.fit,
        "Doubly robust (AIPW)",
        _MEAN,
        f"{_KNOWN}; the model of treatment or that of the outcome is right",
        "94 to 96 %; 94 to 97 % with little overlap or a wrong model of treatment; of days 90 % "
        "on the treated with little overlap",
    ),
    Method(
        "iptw",
        weighting.fit,
        "Inverse probability weighting",
        _MEAN,
        f"{_KNOWN}; {_LOGIT}",
        "94 to 96 %; 92 % on everyone where the model of treatment is wrong",
    ),
    Method(
        "weighted-regression",
        weighting.fit_regression,
        "Weighted regression, robust errors",
        _MEAN,
        f"{_KNOWN}; {_LOGIT}; the weights are taken as known",
        "95 to 97 %, wider than need be; 94 to 96 % where the model of treatment is wrong",
    ),
    Method(
        "entropy-balancing",
        entropy_balance.fit,
        "Entropy balancing",
        _MEAN,
        f"{_KNOWN}; the outcome without treatment, or the log odds of treatment, is linear in them",
        "94 to 96 %",
    ),
    Method(
        "matching",
        matching.fit,
        "Matching on the propensity score",
        _MEAN,
        f"{_KNOWN}; {_LOGIT}; within the caliper people are alike",
        "95 to 96 %",
    ),
    Method(
        "standardization",
        aipw.fit_standardized,
        "Outcome model, standardized",
        _MEAN,
        f"{_KNOWN}; the model of the outcome is right",
        "95 to 96 % where its model is right",
    ),
    Method(
        "unadjusted",
        aipw.fit_unadjusted,
        "Means as they are",
        _MEAN,
        "treated and untreated people were alike to begin with",
        "19 to 74 % where those at higher risk are treated more often",
    ),
)
METHODS = {method.name: method for method in _TABLE}


def named(method: str | None = None) -> Method:
    """The method of this name, or the default.

    Raises
    ------
    FitError : when there is none.
    """
    if method is None:
        return _TABLE[0]
    if method not in METHODS:
        raise FitError(
            fact("individual.methods.no-method-there", method=method, methods=tuple(METHODS))
        )
    return METHODS[method]


def estimate(
    people: People,
    *,
    outcome: str,
    method: str | None = None,
    estimand: Estimand = "ATT",
    measure: Measure = "difference",
    **options: object,
) -> Effect:
    """The effect on an outcome by a named method, or by the default, doubly robust.

    An effect that may not be the headline says why in its `objection`: groups that are still far
    apart after weighting, fewer than 5 people with (or without) the event on a side, a treatment
    that was decided after entry.

    Parameters
    ----------
    estimand : "ATT", on those who were treated, or "ATE", on everyone here. measure : "difference"
        of risks or means, or "ratio". options : settings of the method, such as trim="crump".

    Raises
    ------
    DataError : for an outcome that is not there. FitError : when the method or a setting is not
        known, or it cannot be estimated.
    """
    return named(method).set_to(options).fit(people, outcome, estimand, measure=measure)
