"""What every estimate about people passes before it is told, whatever method found it.

Ways in which participants look better than they are because of how they came to be counted come
first. A headline, an alternative beside it, a check that fits again: none may be told where another
is refused for how people came to be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check, Effect, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual.comparison import Comparison, sides
from evaluation.individual.people import People
from evaluation.numeric.people.balance import spread, standardized_differences
from evaluation.numeric.shared import regressions

# A rise in the last window before entry that would be a quarter of what went before.
SPIKE = 0.25
CRITICAL = 1.96
# Sides that differ by more points than this in who was lost are not followed alike: a rule of this
# house, of the size of the What Works Clearinghouse's cautious bounds on differential attrition.
APART = 5.0
# Those who took up services and those who did not, in standard deviations.
SELECTED = 0.25
_KEY = "individual.immortal-time"
_ENTERED = fact("check.regression-to-the-mean.question-people")


def immortal_time(people: People) -> Check:
    """Fails when someone counts as treated because of what happened after entry.

    To be counted as having completed, or as having had a service, one has to stay out of trouble
    until then; that time without events is a gift to the treated (Suissa 2008, American Journal of
    Epidemiology 167:492-499).
    """
    if people.decided is None and people.completed is None:
        return Check("immortal-time", None, fact(f"{_KEY}.nothing-given"))
    faults, rows = [], []
    if people.decided is not None:
        gap = (people.decided - people.entry)[people.treated]
        late, unknown = gap > 0, np.isnan(gap)
        middle = float(np.median(gap[late])) if late.any() else 0.0
        rows.append({"treated decided after entry": float(late.mean()), "median days": middle})
        if late.any():
            faults.append(fact(f"{_KEY}.late", share=counted.share_of(late), days=middle))
        if unknown.any():
            faults.append(fact(f"{_KEY}.unknown", share=counted.share_of(unknown)))
    if people.completed is not None and _completers_only(people):
        faults.append(fact(f"{_KEY}.completers"))
    if not faults:
        return Check("immortal-time", True, fact(f"{_KEY}.known"), tuple(rows))
    says = fact(f"{_KEY}.faults", said=fact("people.parts", parts=faults))
    return Check("immortal-time", False, says, tuple(rows))


def regression_to_the_mean(people: People, weight: np.ndarray | None = None) -> Check:
    """Fails when the treated entered after a spike in events that their comparison did not have.

    A row a window before entry, the last one just before it: mean events a person of the treated
    and of the weighted others. Spike is the last window less the mean of those before.

    Parameters
    ----------
    weight : (n,) of the method; the people's own when None.
    """
    if people.history is None or people.history.shape[1] < 2:
        return Check("regression-to-the-mean", None, fact(f"{_KEY}.no-history"), asked=_ENTERED)
    mass = people.weight if weight is None else weight
    return spike_check(people.history, people.treated, mass, _ENTERED)


def spike_check(
    history: np.ndarray, treated: np.ndarray, weight: np.ndarray, question: Told
) -> Check:
    """`regression_to_the_mean` of plain arrays: (n, h), (n,) bool and (n,)."""
    rise = history[:, -1] - history[:, :-1].mean(axis=1)
    rises, errors, means = [], [], []
    for _, side in sides(treated):
        w = weight * side
        mean = float(w @ rise / w.sum())
        rises.append(mean)
        errors.append(float(np.sqrt((w**2) @ (rise - mean) ** 2)) / float(w.sum()))
        means.append(w @ history / w.sum())
    rows = tuple(
        {
            "windows before entry": history.shape[1] - i,
            "treated": float(means[0][i]),
            "untreated": float(means[1][i]),
        }
        for i in range(history.shape[1])
    )
    base = float(means[0][:-1].mean())
    gap, error = rises[0] - rises[1], float(np.hypot(errors[0], errors[1]))
    spiked = rises[0] > SPIKE * base and rises[0] > CRITICAL * errors[0]
    unlike = gap > SPIKE * base and gap > CRITICAL * error
    says = fact(
        f"{_KEY}.spike",
        last=means[0][-1],
        before=base,
        others_last=means[1][-1],
        others_before=means[1][:-1].mean(),
        so=fact(f"{_KEY}.spike-{'alone' if unlike else 'both' if spiked else 'none'}"),
    )
    return Check("regression-to-the-mean", not unlike, says, rows, asked=question)


def uptake(people: People) -> Check:
    """Fails when those who took up services differ from those invited who did not.

    A row a covariate: takers less others who were invited, in pooled standard deviations. The
    effect of being invited is free of this selection; with `treated` set to `invited` it is that.
    """
    if people.invited is None:
        return Check("service-uptake", None, fact(f"{_KEY}.no-invited"))
    takers = people.treated[people.invited]
    if takers.all():
        return Check("service-uptake", True, fact(f"{_KEY}.all-took-part"))
    if not takers.any():
        raise FitError(fact("individual.immortal-time.nobody-who-was-invited-treated"))
    x, base = people.covariates[people.invited], people.weight[people.invited]
    gaps = standardized_differences(x, takers, base, spread(x, takers, base, pooled=True))
    rows = tuple(
        {"covariate": name, "difference": float(gap)}
        for name, gap in zip(people.covariate_names, gaps, strict=True)
    )
    took = counted.share_of(takers)
    if not rows:
        return Check("service-uptake", None, fact(f"{_KEY}.took-part", share=took))
    worst = int(np.abs(gaps).argmax())
    told: dict[str, Any] = {"gap": abs(gaps[worst]), "covariate": people.covariate_names[worst]}
    says = fact(f"{_KEY}.takers", share=took, **told)
    return Check("service-uptake", bool(told["gap"] <= SELECTED), says, rows)


def short_follow_up(people: People, *, day: float) -> Check:
    """Fails when more of one side than of the other were followed for less than so many days.

    Days and counts add up only while somebody is followed, so that people who leave look better
    than they are; a time to an event takes account of it, a sum does not.
    """
    short = people.follow_up < day
    shares = [
        100 * float(people.weight @ (short & side) / (people.weight @ side))
        for _, side in sides(people.treated)
    ]
    passed = abs(shares[0] - shares[1]) <= APART
    key = f"{_KEY}.{'short' if passed else 'short-unlike'}"
    says = fact(key, **sides_of(shares, people.treated), days=day)
    return Check("left-early", passed, says)


def sides_of(shares: Sequence[float], treated: np.ndarray) -> dict[str, Any]:
    """A percent of the treated and one of the others, as a sentence may tell them."""
    return {
        word: counted.share(share, int(side.sum()))
        for share, (word, side) in zip(shares, sides(treated), strict=True)
    }


def _completers_only(people: People) -> bool:
    assert people.completed is not None
    done = people.completed
    if not done.any() or done.all():
        return False
    return bool(done[people.treated].all())


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
    known = immortal_time(people)
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
    x, names = used.traits
    scale = spread(x, used.treated, used.base, pooled=used.estimand == "ATE")
    gaps = np.abs(standardized_differences(x, used.treated, basis.weight, scale))
    worst = int(gaps.argmax())
    if gaps[worst] <= FAR_APART:
        return None
    return fact("individual.gate.far", gap=gaps[worst], covariate=names[worst])


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
