"""Ways in which participants look better than they are because of how they came to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation.data import counted
from evaluation.effect import Check, Told
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.individual.comparison import sides
from evaluation.individual.people import People
from evaluation.numeric.people.balance import spread, standardized_differences

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
