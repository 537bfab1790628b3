"""Interrupted time series: one treated series, several ways to judge its change.

`METHODS` is the table of estimators: `METHODS["newey-west"].fit(series)`. The default for counts
and for continuous outcomes stands first among its kind. `estimate(series)` uses that default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.its import averaged_reml, linear, negative_binomial, poisson, reml_ar1
from evaluation.its.effects import Fitted, effect
from evaluation.its.series import Kind, Series, Specification

__all__ = ["METHODS", "Method", "Series", "Specification", "always_beside", "default", "estimate"]


@dataclass(frozen=True, slots=True)
class Method:
    """One estimator as the plan names it and the report explains it.

    Parameters
    ----------
    kinds : outcome kinds it is for. always : True when it is printed beside every headline of
        those kinds. assumes, coverage : in words; the coverage of nominal 95 % intervals is the
        range over simulated designs (docs, and the project's inference study).
    """

    name: str
    solve: Callable[[Series], Fitted]
    kinds: frozenset[Kind]
    label: str
    assumes: str
    coverage: str
    always: bool = True

    def fit(self, series: Series) -> Effect:
        """The effect of the intervention by this method.

        Raises
        ------
        FitError : when this outcome is not for the method, or the model cannot be estimated.
        """
        if series.kind not in self.kinds:
            raise FitError(f"{self.name} is not for a {series.kind} outcome")
        return effect(series, self.name, self.solve(series))


_COUNT: frozenset[Kind] = frozenset({"count"})
_CONTINUOUS: frozenset[Kind] = frozenset({"continuous"})
_BOTH = _COUNT | _CONTINUOUS

_TABLE = (
    Method(
        "averaged-reml",
        averaged_reml.fit,
        _COUNT,
        "Averaged REML, AR(1) and nugget",
        "period-to-period correlation of unknown strength, with counting noise on top",
        "93 to 98 %; at least 89.8 % when a persistent rate hides under counting noise",
    ),
    Method(
        "linear-reml-ar1",
        reml_ar1.fit_linear,
        _BOTH,
        "Linear REML, AR(1)",
        "a difference, not a ratio; period-to-period correlation that fades at a steady rate",
        "92 to 96 %",
    ),
    Method(
        "averaged-reml-ar1",
        averaged_reml.fit_ar1,
        _COUNT,
        "Averaged REML, AR(1)",
        "period-to-period correlation of the counts themselves",
        "94 to 96 %; 86 to 94 % when a persistent rate hides under counting noise",
    ),
    Method(
        "poisson-reml-ar1",
        reml_ar1.fit_poisson,
        _COUNT,
        "Poisson REML, AR(1)",
        "period-to-period correlation that fades at a steady rate",
        "93 to 96 %; 85 to 94 % when a persistent rate hides under counting noise",
    ),
    Method(
        "quasi-poisson-ar1",
        poisson.fit_ar1_sandwich,
        _COUNT,
        "Quasi-Poisson, AR(1) sandwich",
        "period-to-period correlation that fades at a steady rate",
        "92 to 97 %",
    ),
    Method(
        "quasi-poisson",
        poisson.fit_quasi,
        _COUNT,
        "Quasi-Poisson",
        "no period-to-period correlation",
        "67 to 96 %",
    ),
    Method(
        "newey-west",
        poisson.fit_newey_west,
        _COUNT,
        "Poisson, Newey-West",
        "a long series",
        "77 to 93 %",
    ),
    Method(
        "prais-winsten",
        linear.fit_prais_winsten,
        _BOTH,
        "Prais-Winsten",
        "a difference, not a ratio; a correlation known without error",
        "85 to 95 %",
    ),
    Method(
        "negative-binomial",
        negative_binomial.fit,
        _COUNT,
        "Negative binomial",
        "no period-to-period correlation",
        "65 to 95 %",
    ),
    Method(
        "ols-newey-west",
        linear.fit_newey_west,
        _CONTINUOUS,
        "Least squares, Newey-West",
        "a long series",
        "78 to 93 %",
    ),
    Method(
        "poisson",
        poisson.fit_model,
        _COUNT,
        "Poisson",
        "variance equal to the mean and no period-to-period correlation",
        "27 to 95 %",
        always=False,
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


def estimate(series: Series, method: str | None = None) -> Effect:
    """The effect by a named method, or by the default for the kind of outcome.

    Raises
    ------
    FitError : when the method is not known, not for this kind of outcome, or cannot be fitted.
    """
    chosen = default(series.kind) if method is None else METHODS.get(method)
    if chosen is None:
        raise FitError(f"no method {method!r}; there are {', '.join(METHODS)}")
    return chosen.fit(series)
