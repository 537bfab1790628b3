"""One estimator as a plan names it and a report explains it: one type for every design.

A room's own `method.py` adds what only its methods have and makes an Effect of what `solve`
found; its `methods.py` holds the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any, Self, get_type_hints

import numpy as np

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import ENGLISH, Fact, fact, texts

# More draws than this take more memory than any error of theirs is worth.
MOST_DRAWS = 10_000_000


@dataclass(frozen=True, slots=True)
class Method:
    """A row of a table of methods, whose words are in the text: "method.<name>.label" and the like.

    Parameters
    ----------
    solve : what a design hands to it in, what was found out; its keyword-only arguments are the
        settings that a plan may give it.
    kinds : of outcomes it is for.
    """

    name: str
    solve: Callable[..., Any]
    kinds: frozenset[str]

    @property
    def words(self) -> str:
        """Under which name its words stand."""
        return self.name

    @property
    def label(self) -> str:
        """How a plan and a report name it."""
        return str(Fact(f"method.{self.words}.label"))

    @property
    def assumes(self) -> str:
        """What it takes as true."""
        return str(Fact(f"method.{self.words}.assumes"))

    @property
    def coverage(self) -> str:
        """How often nominal 95 % intervals hold the truth over simulated designs (docs)."""
        return str(Fact(f"method.{self.words}.coverage"))

    @property
    def engine(self) -> str:
        """The library whose coefficients and errors these are; "" for this project's own."""
        return texts(ENGLISH).get(f"method.{self.name}.engine", "")

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the settings: the keyword-only arguments."""
        given = signature(self.solve).parameters.values()
        return tuple(one.name for one in given if one.kind is one.KEYWORD_ONLY)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What it was set to, by name; of a row of the table what makes it differ."""
        return self.solve.keywords if isinstance(self.solve, partial) else {}

    def fit(self, *given: Any, **how: Any) -> Effect:
        """The effect, where `solve` makes it whole; a room's own method makes it of an answer."""
        made: Effect = self.solve(*given, **how)
        return made

    def for_kind(self, kind: str) -> None:
        """Nothing, when it is for outcomes of this kind.

        Raises
        ------
        FitError : otherwise.
        """
        if kind not in self.kinds:
            raise FitError(fact("method.not-for-kind", name=self.name, kind=kind))

    def set_to(self, options: Mapping[str, object]) -> Self:
        """The same method with settings of its own.

        Raises
        ------
        FitError : for a setting it does not have, or a value of another type.
        """
        refuse_unknown(self.name, options, self.options)
        for setting, value in options.items():
            if wrong := unfit(self.solve, setting, value):
                key, shown = "method.setting-unfit", repr(value)
                raise FitError(fact(key, setting=setting, name=self.name, wrong=wrong, value=shown))
        refuse_unbounded(options)
        return replace(self, solve=partial(self.solve, **options)) if options else self


def settings_of(options: object) -> Mapping[str, object]:
    """The settings by name, none for None.

    Raises
    ------
    FitError : for what is no mapping.
    """
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise FitError(fact("method.settings-by-name", options=repr(options)))
    return options


def refuse_unknown(name: str, options: Mapping[str, object], known: tuple[str, ...]) -> None:
    """Nothing, when these are settings of the method of this name.

    Raises
    ------
    FitError : for a setting it does not have.
    """
    for setting in settings_of(options):
        if setting not in known:
            key = "method.no-setting" if known else "method.no-setting-at-all"
            raise FitError(fact(key, name=name, setting=setting, known=known))


def refuse_unbounded(options: Mapping[str, object]) -> None:
    """Refuse a seed or a number of draws that no stream of random numbers has.

    Raises
    ------
    FitError : naming the bound.
    """
    for name, most in (("seed", None), ("draws", MOST_DRAWS)):
        value = options.get(name)
        if not isinstance(value, int | np.integer):
            continue
        if value < 0 or (most is not None and value > most):
            key = "method.negative" if most is None else "method.negative-or-above"
            raise FitError(fact(key, name=name, value=value, most=most))


def unfit(solve: Callable[..., Any], setting: str, value: object) -> str:
    """Why a value is not of the type that a setting has, or outside its bounds, or nothing."""
    from pydantic import TypeAdapter, ValidationError

    while isinstance(solve, partial):
        solve = solve.func
    try:
        TypeAdapter(get_type_hints(solve, include_extras=True)[setting]).validate_python(
            value, strict=True
        )
    except ValidationError as fault:
        words = fault.errors()[0]["msg"].replace("Input should be", "must be")
        if "Sequence" in words:
            return "must be a list in [ ]"
        return words.replace("a valid integer", "a whole number").replace(" a valid ", " a ")
    return ""
