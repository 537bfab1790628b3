"""What every estimate about people passes before it is told, whatever method found it.

A headline, an alternative beside it, a check that fits again: none may be told where another is
refused for how people came to be compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from evaluation.effect import Effect, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import immortal_time
from evaluation.individual.comparison import Comparison, sides
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
RAW = fact("individual.gate.raw")
# Relative to an outcome or on the log scale, less than this is rounding.
ROUNDING = 1e-10


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


def objection(basis: Basis) -> Fact | None:
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
    notes: tuple[Told, ...] = effect.notes
    if unused:
        notes += (fact("individual.gate.not-in", unused=unused),)
    known = immortal_time.immortal_time(people)
    barred = known.says if known.passed is False else effect.objection
    return replace(effect, objection=barred, notes=notes)


def not_in(people: People, method: str) -> tuple[Fact, ...]:
    """What was given of people, and changes neither the estimate nor whether it may be told."""
    given = {
        "invited": people.invited is not None,
        "history": people.history is not None,
        "entry": people.decided is None and bool(people.entry.any()),
        "follow-up": method != "andersen-gill" and bool(np.isfinite(people.follow_up).any()),
    }
    return tuple(fact(f"individual.gate.given-{name}") for name, there in given.items() if there)


def _raw(used: Comparison) -> bool:
    """Weights of people's own may make groups alike, which is then judged; equal ones do not."""
    return bool(np.ptp(used.base) <= 1e-12 * used.base.max())


def _few(basis: Basis) -> Fact | None:
    if basis.had is None:
        return None
    treated = basis.used.treated
    for word, side in sides(treated):
        events = int(basis.had[side].sum())
        if min(events, int(side.sum()) - events) < FEW_EVENTS:
            # Not the number itself, nor the limit: so few people must not be told.
            return fact("individual.gate.few", side=fact(f"people.{word}"))
    return None


def _few_clusters(basis: Basis) -> Fact | None:
    """Where the people of a side are in few clusters, sums over clusters hardly vary."""
    used = basis.used
    if used.singly:
        return None
    for word, side in sides(used.treated):
        if len(np.unique(used.cluster[side])) < FEWEST_CLUSTERS:
            told: dict[str, Any] = {"side": fact(f"people.{word}"), "least": FEWEST_CLUSTERS}
            return fact("individual.gate.few-clusters", **told)
    return None


def _far(basis: Basis) -> Fact | None:
    used = basis.used
    if basis.adjusted == "model" or used.x.shape[1] == 1:
        return None
    x = used.x[:, 1:]
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    gaps = np.abs(standardized_differences(x, used.treated, basis.weight, scale))
    worst = int(gaps.argmax())
    if gaps[worst] <= FAR_APART:
        return None
    return fact("individual.gate.far", gap=gaps[worst], covariate=used.names[worst + 1])


def _apart(basis: Basis) -> Fact | None:
    """Where covariates tell the sides apart, a model of the outcome says what nobody was like."""
    used = basis.used
    if basis.adjusted == "weights" or used.x.shape[1] == 1:
        return None
    try:
        regressions.logistic(used.x, used.treated.astype(float), used.base)
    except regressions.Separated:
        return fact("individual.gate.no-overlap")
    except (FitError, regressions.Dependent):
        return None
    return None
