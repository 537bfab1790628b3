"""The table of estimators: one row each, the default of a kind of outcome first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from evaluation.data.period import MONTHS, Frequency
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its import (
    arima,
    averaged_reml,
    lagged_poisson,
    learned,
    quasi_differences,
    reml_ar1,
    sandwich,
    structural,
)
from evaluation.its.design import Kind
from evaluation.its.effects import Fitted
from evaluation.its.method import Method, no_coefficients
from evaluation.its.series import Series

__all__ = ["CARRIED", "METHODS", "Method", "always_beside", "default", "estimate"]

_COUNT: frozenset[Kind] = frozenset({"count"})
_CONTINUOUS: frozenset[Kind] = frozenset({"continuous"})
_BOTH = _COUNT | _CONTINUOUS


def _ols(errors: sandwich.Errors) -> partial[Fitted]:
    return partial(sandwich.fit_ols, errors=errors)


def _poisson(errors: sandwich.Errors) -> partial[Fitted]:
    return partial(sandwich.fit_poisson, errors=errors)


def _negative_binomial(errors: sandwich.Errors) -> partial[Fitted]:
    return partial(sandwich.fit_negative_binomial, errors=errors)


# Their words, with the coverage that was measured, are in the text: "method.<name>.label".
_TABLE = (
    Method(learned.NAME, learned.fit, _COUNT, options=("learned", "slope")),
    Method("averaged-reml", averaged_reml.fit, _COUNT, always=True),
    Method("linear-reml-ar1", reml_ar1.fit_linear, _BOTH, always=True),
    Method("averaged-reml-ar1", averaged_reml.fit_ar1, _COUNT, always=True),
    Method("averaged-reml-wide", averaged_reml.fit_wide, _COUNT),
    Method("averaged-reml-informed", averaged_reml.fit_informed, _COUNT),
    Method("poisson-reml-ar1", reml_ar1.fit_poisson, _COUNT, always=True),
    Method("quasi-poisson-ar1", sandwich.fit_ar1, _COUNT, always=True),
    Method("quasi-poisson", _poisson("quasi"), _COUNT, always=True),
    Method("newey-west", _poisson("Newey-West"), _COUNT, always=True, options=("lag",)),
    Method("prais-winsten", quasi_differences.fit_prais_winsten, _BOTH, always=True),
    Method("negative-binomial", sandwich.fit_negative_binomial, _COUNT, always=True),
    Method("ols-newey-west", _ols("Newey-West"), _BOTH, options=("lag",)),
    Method("poisson", sandwich.fit_poisson, _COUNT),
    Method("linear-ml-ar1", reml_ar1.fit_linear_ml, _BOTH),
    Method("prais-winsten-two-step", quasi_differences.fit_prais_winsten_two_step, _BOTH),
    Method("cochrane-orcutt", quasi_differences.fit_cochrane_orcutt, _BOTH),
    Method("cochrane-orcutt-two-step", quasi_differences.fit_cochrane_orcutt_two_step, _BOTH),
    Method("ols", sandwich.fit_ols, _BOTH),
    Method("ols-hc0", _ols("HC0"), _BOTH),
    Method("ols-hc1", _ols("HC1"), _BOTH),
    Method("ols-hc2", _ols("HC2"), _BOTH),
    Method("ols-hc3", _ols("HC3"), _BOTH),
    Method("poisson-hc0", _poisson("HC0"), _COUNT),
    Method("poisson-hc1", _poisson("HC1"), _COUNT),
    Method("negative-binomial-hc0", _negative_binomial("HC0"), _COUNT),
    Method("negative-binomial-hc1", _negative_binomial("HC1"), _COUNT),
    Method(
        "negative-binomial-newey-west", _negative_binomial("Newey-West"), _COUNT, options=("lag",)
    ),
    Method("ols-year", _ols("year"), _BOTH),
    Method("poisson-year", _poisson("year"), _COUNT),
    Method("negative-binomial-year", _negative_binomial("year"), _COUNT),
    Method("arima", arima.fit, _BOTH, options=("order", "seasonal"), settle=arima.chosen),
    Method(
        lagged_poisson.NAME,
        no_coefficients,
        _COUNT,
        options=("lag",),
        whole=lagged_poisson.estimate,
        gaps=False,
    ),
    Method(
        structural.NAME,
        no_coefficients,
        _BOTH,
        options=("level",),
        whole=structural.estimate,
        gaps=False,
    ),
)

# The trend before the start carried forward in full.
CARRIED = "averaged-reml"
# The same with correlation that lasts for hundreds of periods, as that of weeks and days does.
OF_WEEKS = "averaged-reml-wide"
METHODS: dict[str, Method] = {method.name: method for method in _TABLE}


def default(kind: Kind, *, alone: bool = True, frequency: Frequency = "month") -> Method:
    """The method used when a plan names none.

    Parameters
    ----------
    alone : whether the series has no other beside it. What one city alone taught is not measured
        on series with controls, nor on several sites. frequency : it was learned from months; in
        weeks and days a drift lasts more periods than in months.
    """
    if kind == "continuous":
        return METHODS["linear-reml-ar1"]
    if frequency not in MONTHS:
        return METHODS[OF_WEEKS]
    return METHODS[learned.NAME if alone else CARRIED]


def always_beside(kind: Kind, headline: str) -> tuple[Method, ...]:
    """The methods printed beside every headline of this kind."""
    return tuple(
        method
        for method in _TABLE
        if method.always
        and kind in method.kinds
        and method.name != headline
        and not (kind == "count" and method.name == "linear-reml-ar1")
    )


def estimate(
    series: Series, method: str | None = None, *, options: Mapping[str, object] | None = None
) -> Effect:
    """The effect by a named method, or by the default for the kind of outcome.

    Parameters
    ----------
    options : settings of the method, for example {"lag": 6}.

    Raises
    ------
    FitError : when the method is not known, not for this kind of outcome, or cannot be fitted.
    """
    from threadpoolctl import threadpool_limits

    if not isinstance(series, Series):
        raise FitError(fact("its.methods.give-series-made-series-from", series=series))
    alone = len(series.rows.names) == 1
    chosen_by_kind = default(series.kind, alone=alone, frequency=series.frequency)
    name = chosen_by_kind.name if method is None else method
    if not isinstance(name, str) or name not in METHODS:
        raise FitError(fact("its.methods.no-method-there", name=name, methods=tuple(METHODS)))
    chosen = METHODS[name]
    # More threads make fits this small slower, and the last digits another matter of the machine.
    with threadpool_limits(1):
        return chosen.set_to({} if options is None else options).fit(series)
