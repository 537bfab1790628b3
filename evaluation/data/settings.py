"""Settings of a method, as a plan or a notebook gives them: those it has, and whether one fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any, get_type_hints

import numpy as np

from evaluation.errors import FitError

# More draws than this take more memory than any error of theirs is worth.
MOST_DRAWS = 10_000_000


def settings_of(solve: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the settings: the keyword-only arguments."""
    given = signature(solve).parameters.values()
    return tuple(one.name for one in given if one.kind is one.KEYWORD_ONLY)


def set_to(solve: Callable[..., Any], name: str, options: Mapping[str, object]) -> Any:
    """The same function with these settings.

    Parameters
    ----------
    name : of the method, for the message.

    Raises
    ------
    FitError : for a setting it does not have, or a value of another type.
    """
    known = settings_of(solve)
    for setting, value in options.items():
        if setting not in known:
            listed = ", ".join(known) or "none"
            raise FitError(f"{name} has no setting {setting!r}; it has {listed}")
        if wrong := unfit(solve, setting, value):
            raise FitError(f"{setting} of {name} {wrong}; it is {value!r}")
    refuse_unbounded(options)
    return partial(solve, **options) if options else solve


def refuse_unbounded(options: Mapping[str, object]) -> None:
    """Refuse a seed or a number of draws that no stream of random numbers has.

    Raises
    ------
    FitError : naming the bound.
    """
    for name, most in (("seed", None), ("draws", MOST_DRAWS)):
        value = options.get(name)
        if isinstance(value, int | np.integer) and (
            value < 0 or (most is not None and value > most)
        ):
            above = "" if most is None else f", nor above {most:,}"
            raise FitError(f"{name} is {value}; it must not be negative{above}")


def unfit(solve: Callable[..., Any], setting: str, value: object) -> str:
    """Why a value is not of the type that a setting has, or nothing."""
    from pydantic import TypeAdapter, ValidationError

    while isinstance(solve, partial):
        solve = solve.func
    try:
        TypeAdapter(get_type_hints(solve)[setting]).validate_python(value, strict=True)
    except ValidationError as fault:
        words = fault.errors()[0]["msg"].replace("Input should be", "must be")
        if "Sequence" in words:
            return "must be a list in [ ]"
        return words.replace("a valid integer", "a whole number").replace(" a valid ", " a ")
    return ""
