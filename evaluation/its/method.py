"""One estimator of a series as the plan names it and the report explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

from evaluation import method
from evaluation.data.moments import stretches
from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.its.effects import Fitted, effect
from evaluation.its.series import Series
from evaluation.its.solved import kept


@dataclass(frozen=True, slots=True)
class Method(method.Method):
    """A row of the METHODS table; `solve` takes a series and returns a `Fitted`.

    Parameters
    ----------
    always : True when it is printed beside every headline of its kinds. options : names of the
        settings a plan may give it. whole : for a method whose effect is not that of coefficients
        on the design, the function that makes it and takes the settings; `solve` is then
        `no_coefficients`. settle : for a method that chooses some of its settings from the data,
        the function that tells which; it takes the same settings as `solve`. gaps : whether it
        takes a series with periods missing inside.
    """

    always: bool = False
    options: tuple[str, ...] = ()
    whole: Callable[..., Effect] | None = None
    settle: Callable[..., Mapping[str, object]] | None = None
    gaps: bool = True

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it was set to, by name; of a row of the table what makes it differ."""
        made = self.solve if self.whole is None else self.whole
        return made.keywords if isinstance(made, partial) else {}

    def fit(self, series: Series) -> Effect:
        """The effect of the intervention by this method.

        Raises
        ------
        FitError : when this outcome is not for the method, periods are missing that it needs, or
            the model cannot be estimated.
        """
        self.for_kind(series.kind)
        if series.missing and not self.gaps:
            raise FitError(
                fact(
                    "its.method.no-gaps",
                    name=self.name,
                    n=len(series.missing),
                    frequency=series.frequency,
                    periods=stretches(series.missing, series.frequency),
                )
            )
        if self.whole is not None:
            return kept(self.whole, series)
        return effect(series, self.name, self.solved(series))

    def solved(self, series: Series) -> Fitted:
        """The coefficients and their judge; in a run of a study once for each series."""
        fitted: Fitted = kept(self.solve, series)
        return fitted

    def set_to(self, options: Mapping[str, object]) -> Self:
        """The same method with settings of its own, such as the lag of Newey-West.

        Raises
        ------
        FitError : for a setting it does not have; a value that does not fit is refused by `solve`.
        """
        method.refuse_unknown(self.name, options, self.options)
        if not options:
            return self
        if self.whole is not None:
            return replace(self, whole=partial(self.whole, **options))
        settle = None if self.settle is None else partial(self.settle, **options)
        return replace(self, solve=partial(self.solve, **options), settle=settle)

    def settled(self, series: Series) -> Method:
        """The same method with what it chooses from this series fixed, for the checks: they fit
        other dates and windows, and a new choice in each would be another model."""
        return self if self.settle is None else self.set_to(kept(self.settle, series))


def no_coefficients(series: Series) -> Fitted:
    """Never returns: for methods whose effect is made whole.

    Raises
    ------
    FitError : always.
    """
    raise FitError(fact("its.method.method-has-no-coefficients-on"))
