"""What every estimate about people passes before it is told, whatever method found it.

A headline, an alternative beside it, a check that fits again: none may be told where another is
refused for how people came to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.effect import Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual import immortal_time
from evaluation.individual.comparison import Comparison
from evaluation.individual.people import People
from evaluation.numeric.people.balance import spread, standardized_differences
from evaluation.numeric.shared import regressions

# What a method does about how the groups differed: weights that make them alike, a model of the
# outcome, or nothing.
Adjusted = Literal["weights", "model", "nothing"]

# Below so many people with the event on a side, normal intervals of a risk are not to be trusted.
FEW_EVENTS = 5
# Errors by so few clusters are far too small (as for places, MacKinnon and Webb 2017, Journal of
# Applied Econometrics 32:233-254).
FEWEST_CLUSTERS = 6
# Groups that differ by more standard deviations than this after weighting are not alike (Rubin
# 2001, Health Services and Outcomes Research Methodology 2:169-188); the check asks for 0.1.
FAR_APART = 0.25
RAW = "nothing was done about how the groups differed to begin with: a raw comparison"
NO_OVERLAP = (
    "the covariates tell treated from untreated people (almost) perfectly, so that nobody "
    "untreated is like the treated"
)
# Relative to an outcome or on the log scale, less than this is rounding.
ROUNDING = 1e-10
# What there is about people that only checks, or the gate, look at.
_LOOKED_AT = {
    "invited": "who was invited (invited)",
    "history": "events before entry (history)",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate rests on.

    Parameters
    ----------
    used : the comparison of the people used. weight : (m,) what each counted for. had : (m,) 0 and
        1, who had the event, or None where it is no event. adjusted : see `Adjusted`.
    """

    used: Comparison
    weight: np.ndarray
    had: np.ndarray | None
    adjusted: Adjusted


def objection(basis: Basis) -> str | None:
    """Why what was found with these people must not be told as an effect, or None."""
    used = basis.used
    if basis.adjusted == "nothing" and _raw(used):
        return RAW
    return _few(basis) or _few_clusters(basis) or _far(basis) or _apart(basis)


def passed(effect: Effect, people: People) -> Effect:
    """The effect with the objection to how people came to be treated, and with a note of what was
    given and is not in it.

    Raises
    ------
    FitError : when a number of it is none, or its error is nought.
    """
    ends = (effect.estimate, effect.std_error, effect.low, effect.high, effect.p_value)
    # On the log scale an error of rounding alone is as good as none.
    least = ROUNDING if effect.scale == "log ratio" else 0.0
    if not np.isfinite(ends).all() or not effect.std_error > least:
        raise FitError(fact("individual.gate.has-no-standard-error-here", method=effect.method))
    unused = not_in(people, effect.method)
    notes = (f"Not in this estimate, only in checks: {', '.join(unused)}.",) if unused else ()
    return replace(
        effect,
        objection=immortal_time.refusal(people) or effect.objection,
        notes=(*effect.notes, *notes),
    )


def not_in(people: People, method: str) -> tuple[str, ...]:
    """What was given of people, in words, and changes neither the estimate nor whether it may be
    told."""
    found = [words for name, words in _LOOKED_AT.items() if getattr(people, name) is not None]
    if people.decided is None and people.entry.any():
        found.append("the day of entry (entry)")
    if method != "andersen-gill" and np.isfinite(people.follow_up).any():
        found.append("how long people were followed (follow_up)")
    return tuple(found)


def _raw(used: Comparison) -> bool:
    """Weights of people's own may make groups alike, which is then judged; equal ones do not."""
    return bool(np.ptp(used.base) <= 1e-12 * used.base.max())


def _few(basis: Basis) -> str | None:
    if basis.had is None:
        return None
    treated = basis.used.treated
    for word, side in (("treated", treated), ("untreated", ~treated)):
        events = int(basis.had[side].sum())
        if min(events, int(side.sum()) - events) < FEW_EVENTS:
            # Not the number itself, nor the limit: so few people must not be told.
            return f"too few {word} people had the rarer outcome for a normal interval"
    return None


def _few_clusters(basis: Basis) -> str | None:
    """Where the people of a side are in few clusters, sums over clusters hardly vary."""
    used = basis.used
    if used.singly:
        return None
    for word, side in (("treated", used.treated), ("untreated", ~used.treated)):
        if len(np.unique(used.cluster[side])) < FEWEST_CLUSTERS:
            return f"{word} people are in fewer than {FEWEST_CLUSTERS} clusters, too few for errors"
    return None


def _far(basis: Basis) -> str | None:
    used = basis.used
    if basis.adjusted == "model" or used.x.shape[1] == 1:
        return None
    x = used.x[:, 1:]
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    gaps = np.abs(standardized_differences(x, used.treated, basis.weight, scale))
    worst = int(gaps.argmax())
    if gaps[worst] <= FAR_APART:
        return None
    return (
        f"after weighting the groups still differ by {gaps[worst]:.2f} standard deviations in "
        f"{used.names[worst + 1]}; they are not alike"
    )


def _apart(basis: Basis) -> str | None:
    """Where covariates tell the sides apart, a model of the outcome says what nobody was like."""
    used = basis.used
    if basis.adjusted == "weights" or used.x.shape[1] == 1:
        return None
    try:
        regressions.logistic(used.x, used.treated.astype(float), used.base)
    except regressions.Separated:
        return NO_OVERLAP
    except (FitError, regressions.Dependent):
        return None
    return None
