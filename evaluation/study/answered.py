"""The one gate between a method and what is printed: every answer of a series or a comparison, be
it the headline, planned or always beside it, is let through, refused or barred here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.study.agreement import again
from evaluation.study.evidence import NOT_VALID, Alternative

# No change of an outcome by more than this factor is an answer; it is what is left when a fit has
# run away, as weights that meet everything before the start can.
RUNAWAY = 1e6


@dataclass(frozen=True, slots=True)
class Answered:
    """What is shown, and the effect behind it: one with an objection is shown as not valid."""

    shown: Alternative
    effect: Effect | None


def answered(entry: Alternative, fit: Callable[[], Effect], notes: Sequence[str] = ()) -> Answered:
    """One answer, or why there is none.

    Parameters
    ----------
    entry : the answer's name, method and assumptions. fit : makes it; it may raise FitError.
    notes : what a reader must know of it beside what the method says.
    """
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            effect = fit()
    except FitError as fault:
        return Answered(replace(entry, reason=str(fault)), None)
    effect = replace(effect, notes=(*effect.notes, *notes))
    if runs_away(effect):
        words = f"{NOT_VALID}: the estimate runs away; it has no finite size"
        return Answered(replace(entry, reason=words), None)
    objection = effect.objection
    if objection is not None:
        barred = objection if objection.startswith(NOT_VALID) else f"{NOT_VALID}: {objection}"
        return Answered(replace(entry, reason=barred), effect)
    return Answered(replace(entry, effect=effect), effect)


def runs_away(effect: Effect) -> bool:
    """Whether a number that is printed is not finite, or the change has no believable size."""
    numbers = (
        *(effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value),
        *(effect.percent.estimate, effect.percent.low, effect.percent.high),
        *(effect.averted.estimate, effect.averted.low, effect.averted.high),
    )
    return not all(map(math.isfinite, numbers)) or abs(effect.percent.estimate) > 100 * RUNAWAY


def once(headline: Alternative, entries: Sequence[Alternative]) -> tuple[Alternative, ...]:
    """The other answers, each once: what is always shown is left out where the headline or the
    plan has it already, and a planned one that comes to the same says of which."""
    kept: list[Alternative] = []
    for entry in entries:
        effect = entry.effect
        same = next(
            (
                other
                for other in (headline, *kept)
                if effect is not None and other.effect is not None and again(effect, other.effect)
            ),
            None,
        )
        if same is None:
            kept.append(entry)
        elif entry.planned:
            name = "the headline" if same is headline else same.label
            words = f"comes to the same numbers as {name}, and is no further evidence"
            assumes = f"{entry.assumes}; {words}" if entry.assumes else words
            kept.append(replace(entry, assumes=assumes))
    return tuple(kept)
