"""The table of estimators: one row each, the default of a kind of outcome first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its import (
    arima,
    averaged_reml,
    lagged_poisson,
    quasi_differences,
    reml_ar1,
    sandwich,
    structural,
)
from evaluation.its.design import Kind
from evaluation.its.method import Method, no_coefficients
from evaluation.its.series import Series

__all__ = ["METHODS", "Method", "always_beside", "default", "estimate"]

_COUNT: frozenset[Kind] = frozenset({"count"})
_CONTINUOUS: frozenset[Kind] = frozenset({"continuous"})
_BOTH = _COUNT | _CONTINUOUS

_STEADY = "period-to-period correlation that fades at a steady rate"
_DIFFERENCE = "a difference, not a ratio"
_NO_LINK = "no period-to-period correlation"
# Ranges of the coverage of nominal 95 % intervals that were measured; a method that was not in the
# study says so.
_UNMEASURED = "not measured"
_HIDDEN = "when a persistent rate hides under counting noise"

_TABLE = (
    Method(
        "averaged-reml",
        averaged_reml.fit,
        _COUNT,
        "Averaged REML, AR(1) and nugget",
        "period-to-period correlation of unknown strength, with counting noise on top",
        f"92 to 98 %; 91 to 97 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "linear-reml-ar1",
        reml_ar1.fit_linear,
        _BOTH,
        "Linear REML, AR(1)",
        f"{_DIFFERENCE}; {_STEADY}",
        f"92 to 98 %; 86 to 94 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "averaged-reml-ar1",
        averaged_reml.fit_ar1,
        _COUNT,
        "Averaged REML, AR(1)",
        "period-to-period correlation of the counts themselves",
        f"93 to 96 %; 86 to 95 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "averaged-reml-wide",
        averaged_reml.fit_wide,
        _COUNT,
        "Averaged REML, wide grid",
        "as the default, also for rates that drift almost without limit",
        f"91 to 98 %; 89 to 98 % {_HIDDEN}",
    ),
    Method(
        "averaged-reml-informed",
        averaged_reml.fit_informed,
        _COUNT,
        "Averaged REML, informed",
        "as the default, and that plain noise is likelier than a persistent rate beneath it",
        f"93 to 97 %; 93 to 97 % {_HIDDEN}",
    ),
    Method(
        "poisson-reml-ar1",
        reml_ar1.fit_poisson,
        _COUNT,
        "Poisson REML, AR(1)",
        _STEADY,
        f"92 to 98 %; 85 to 94 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "quasi-poisson-ar1",
        sandwich.fit_ar1,
        _COUNT,
        "Quasi-Poisson, AR(1) sandwich",
        _STEADY,
        f"90 to 97 %; 82 to 93 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "quasi-poisson",
        partial(sandwich.fit_poisson, errors="quasi"),
        _COUNT,
        "Quasi-Poisson",
        _NO_LINK,
        f"66 to 96 %; 56 to 93 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "newey-west",
        partial(sandwich.fit_poisson, errors="Newey-West"),
        _COUNT,
        "Poisson, Newey-West",
        "a long series",
        f"79 to 95 %; 75 to 90 % {_HIDDEN}",
        always=True,
        options=("lag",),
    ),
    Method(
        "prais-winsten",
        quasi_differences.fit_prais_winsten,
        _BOTH,
        "Prais-Winsten",
        f"{_DIFFERENCE}; a correlation known without error",
        f"87 to 96 %; 78 to 92 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "negative-binomial",
        sandwich.fit_negative_binomial,
        _COUNT,
        "Negative binomial",
        _NO_LINK,
        f"66 to 97 %; 65 to 88 % {_HIDDEN}",
        always=True,
    ),
    Method(
        "ols-newey-west",
        partial(sandwich.fit_ols, errors="Newey-West"),
        _BOTH,
        "Least squares, Newey-West",
        f"{_DIFFERENCE}; a long series",
        f"81 to 95 %; 75 to 90 % {_HIDDEN}",
        options=("lag",),
    ),
    Method(
        "poisson",
        sandwich.fit_poisson,
        _COUNT,
        "Poisson",
        "variance equal to the mean and no period-to-period correlation",
        f"26 to 95 %; 20 to 91 % {_HIDDEN}",
    ),
    Method(
        "linear-ml-ar1",
        reml_ar1.fit_linear_ml,
        _BOTH,
        "Linear maximum likelihood, AR(1)",
        f"{_DIFFERENCE}; {_STEADY}; a correlation known without error",
        _UNMEASURED,
    ),
    Method(
        "prais-winsten-two-step",
        quasi_differences.fit_prais_winsten_two_step,
        _BOTH,
        "Prais-Winsten, two-step",
        f"{_DIFFERENCE}; a correlation known without error",
        _UNMEASURED,
    ),
    Method(
        "cochrane-orcutt",
        quasi_differences.fit_cochrane_orcutt,
        _BOTH,
        "Cochrane-Orcutt",
        f"{_DIFFERENCE}; a correlation known without error; drops the first period",
        _UNMEASURED,
    ),
    Method(
        "cochrane-orcutt-two-step",
        quasi_differences.fit_cochrane_orcutt_two_step,
        _BOTH,
        "Cochrane-Orcutt, two-step",
        f"{_DIFFERENCE}; a correlation known without error; drops the first period",
        _UNMEASURED,
    ),
    Method(
        "ols",
        sandwich.fit_ols,
        _BOTH,
        "Least squares",
        f"{_DIFFERENCE}; {_NO_LINK}; one variance",
        f"67 to 98 %; 66 to 89 % {_HIDDEN}",
    ),
    *(
        Method(
            f"ols-{errors.lower()}",
            partial(sandwich.fit_ols, errors=errors),
            _BOTH,
            f"Least squares, {errors}",
            f"{_DIFFERENCE}; {_NO_LINK}",
            _UNMEASURED,
        )
        for errors in ("HC0", "HC1", "HC2", "HC3")
    ),
    *(
        Method(
            f"{family}-{errors.lower()}",
            partial(solve, errors=errors),
            _COUNT,
            f"{label}, {errors}",
            _NO_LINK,
            "65 to 96 %" if (family, errors) == ("poisson", "HC1") else _UNMEASURED,
        )
        for family, label, solve in (
            ("poisson", "Poisson", sandwich.fit_poisson),
            ("negative-binomial", "Negative binomial", sandwich.fit_negative_binomial),
        )
        for errors in ("HC0", "HC1")
    ),
    Method(
        "negative-binomial-newey-west",
        partial(sandwich.fit_negative_binomial, errors="Newey-West"),
        _COUNT,
        "Negative binomial, Newey-West",
        "a long series",
        _UNMEASURED,
        options=("lag",),
    ),
    *(
        Method(
            f"{family}-year",
            partial(solve, errors="year"),
            kinds,
            f"{label}, clustered by year",
            "years that have nothing to do with each other, and many of them",
            coverage,
        )
        for family, label, solve, kinds, coverage in (
            ("ols", "Least squares", sandwich.fit_ols, _BOTH, _UNMEASURED),
            ("poisson", "Poisson", sandwich.fit_poisson, _COUNT, "75 to 90 %"),
            (
                "negative-binomial",
                "Negative binomial",
                sandwich.fit_negative_binomial,
                _COUNT,
                _UNMEASURED,
            ),
        )
    ),
    Method(
        "arima",
        arima.fit,
        _BOTH,
        "ARIMA errors",
        f"{_DIFFERENCE}; errors of the order with the smallest AICc, known without error",
        _UNMEASURED,
        options=("order", "seasonal"),
        settle=arima.chosen,
    ),
    Method(
        lagged_poisson.NAME,
        no_coefficients,
        _COUNT,
        "Poisson with the last outcome, short-run change",
        "each period follows from the one before; a change shows at once and only in part",
        f"88 to 97 %; 80 to 91 % {_HIDDEN}",
        options=("lag",),
        whole=lagged_poisson.estimate,
    ),
    Method(
        structural.NAME,
        no_coefficients,
        _BOTH,
        "Structural forecast of the time before",
        f"{_DIFFERENCE}; the time before goes on as it was, with a level that may wander",
        f"97 to 100 %; 96 to 99 % {_HIDDEN}",
        options=("level",),
        whole=structural.estimate,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _TABLE}


def default(kind: Kind) -> Method:
    """The method used when a plan names none."""
    return METHODS["averaged-reml" if kind == "count" else "linear-reml-ar1"]


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
    name = default(series.kind).name if method is None else method
    if not isinstance(name, str) or name not in METHODS:
        raise FitError(fact("its.methods.no-method-there", name=name, methods=tuple(METHODS)))
    chosen = METHODS[name]
    # More threads make fits this small slower, and the last digits another matter of the machine.
    with threadpool_limits(1):
        return chosen.set_to({} if options is None else options).fit(series)
