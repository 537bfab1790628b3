"""One estimator as the plan names it and the report explains it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import get_type_hints

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.survey.effects import Answer, effect
from evaluation.survey.sample import Sample
from evaluation.survey.scales import Kind, Scale


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the METHODS table.

    Parameters
    ----------
    solve : sample and scale in, an `Answer` out; its keyword-only arguments are the settings a plan
        may give it.
    kinds : of scales it is for. estimand, assumes, coverage : in words; the coverage of nominal
        95 % intervals is that of the project's seeded study, or "not measured".
    """

    name: str
    solve: Callable[..., Answer]
    kinds: frozenset[Kind]
    label: str
    estimand: str
    assumes: str
    coverage: str

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the settings."""
        given = signature(self.solve).parameters.values()
        return tuple(one.name for one in given if one.kind is one.KEYWORD_ONLY)

    def fit(self, sample: Sample, scale: Scale) -> Effect:
        """The effect on this scale by this method.

        Raises
        ------
        FitError : when the scale is not for the method, or it cannot be estimated. DataError : when
            the scale cannot be built.
        """
        if scale.kind not in self.kinds:
            raise FitError(f"{self.name} is not for a {scale.kind}; {scale.name!r} is one")
        return effect(sample, scale, self.name, self.estimand, self.solve(sample, scale))

    def set_to(self, options: Mapping[str, object]) -> Method:
        """The same method with settings of its own.

        Raises
        ------
        FitError : for a setting it does not have, or a value of another type.
        """
        for name, value in options.items():
            if name not in self.options:
                known = ", ".join(self.options) or "none"
                raise FitError(f"{self.name} has no setting {name!r}; it has {known}")
            if wrong := _unfit(self.solve, name, value):
                raise FitError(f"{name} of {self.name} {wrong}; it is {value!r}")
        return replace(self, solve=partial(self.solve, **options)) if options else self


def _unfit(solve: Callable[..., Answer], setting: str, value: object) -> str:
    """Why a value is not of the type that a setting has, or nothing."""
    from pydantic import TypeAdapter, ValidationError

    while isinstance(solve, partial):
        solve = solve.func
    try:
        TypeAdapter(get_type_hints(solve)[setting]).validate_python(value, strict=True)
    except ValidationError as fault:
        words = fault.errors()[0]["msg"].replace("Input should be", "must be")
        return "must be a list" if "Sequence" in words else words.replace(" a valid ", " a ")
    return ""
