"""Ways in which participants look better than they are because of how they came to be counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.data.findings import share_of
from evaluation.effect import Check
from evaluation.errors import FitError
from evaluation.fact import fact
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


def immortal_time(people: People) -> Check:
    """Fails when someone counts as treated because of what happened after entry.

    To be counted as having completed, or as having had a service, one has to stay out of trouble
    until then; that time without events is a gift to the treated (Suissa 2008, American Journal of
    Epidemiology 167:492-499).
    """
    question = "Was it known at entry who counts as treated?"
    if people.decided is None and people.completed is None:
        says = "No dates of service and no completion are given, so nothing shows it."
        return Check("immortal-time", question, None, says)
    faults, rows = [], []
    if people.decided is not None:
        gap = (people.decided - people.entry)[people.treated]
        late = gap > 0
        unknown = int(np.isnan(gap).sum())
        share = float(late.mean())
        middle = float(np.median(gap[late])) if late.any() else 0.0
        rows.append({"treated decided after entry": share, "median days": middle})
        if late.any():
            faults.append(
                f"{share_of(100 * share, len(gap))} of the treated count as such because of "
                f"something after entry, {middle:.0f} days after it in the middle; they cannot "
                "have had an event that kept them out before"
            )
        if unknown:
            lost = share_of(100 * unknown / len(gap), len(gap))
            faults.append(f"of {lost} of the treated the day is unknown")
    if people.completed is not None and _completers_only(people):
        faults.append("only those who completed count as treated, those who dropped out do not")
    if not faults:
        return Check("immortal-time", question, True, "It was known at entry.", tuple(rows))
    says = "; ".join(faults)
    advice = "Count everyone as treated who began (or was invited), from that day on."
    says = f"{says[0].upper()}{says[1:]}. {advice}"
    return Check("immortal-time", question, False, says, tuple(rows))


def refusal(people: People) -> str | None:
    """Why no method's effect may be the headline, or None."""
    found = immortal_time(people)
    return str(found.says) if found.passed is False else None


def regression_to_the_mean(people: People, weight: np.ndarray | None = None) -> Check:
    """Fails when the treated entered after a spike in events that their comparison did not have.

    A row a window before entry, the last one just before it: mean events a person of the treated
    and of the weighted others. Spike is the last window less the mean of those before.

    Parameters
    ----------
    weight : (n,) of the method; the people's own when None.
    """
    question = "Did people enter when their arrests were unusually many?"
    if people.history is None or people.history.shape[1] < 2:
        says = "Events in windows before entry are not given, so nothing shows it."
        return Check("regression-to-the-mean", question, None, says)
    mass = people.weight if weight is None else weight
    return spike_check(people.history, people.treated, mass, question)


def spike_check(
    history: np.ndarray, treated: np.ndarray, weight: np.ndarray, question: str
) -> Check:
    """`regression_to_the_mean` of plain arrays: (n, h), (n,) bool and (n,)."""
    rise = history[:, -1] - history[:, :-1].mean(axis=1)
    sides = [weight * treated, weight * ~treated]
    rises, errors, means = [], [], []
    for w in sides:
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
    says = (
        f"Just before entry the treated had {means[0][-1]:.2f} a person, {base:.2f} a window "
        f"before that; the others, weighted, {means[1][-1]:.2f} and {means[1][:-1].mean():.2f}. "
    )
    if not (spiked or unlike):
        says += "That is no spike."
    elif unlike:
        says += (
            "Such a spike falls back by itself, and the comparison has not had it: match on events "
            "just before entry."
        )
    else:
        says += "The comparison had the same spike, so both fall back alike."
    return Check("regression-to-the-mean", question, not unlike, says, rows)


def uptake(people: People) -> Check:
    """Fails when those who took up services differ from those invited who did not.

    A row a covariate: takers less others who were invited, in pooled standard deviations. The
    effect of being invited is free of this selection; with `treated` set to `invited` it is that.
    """
    question = "Are those who took up services like those invited who did not?"
    if people.invited is None:
        says = "Who was invited is not given, so nothing shows it."
        return Check("service-uptake", question, None, says)
    takers = people.treated[people.invited]
    if takers.all():
        return Check("service-uptake", question, True, "All who were invited took part.")
    if not takers.any():
        raise FitError(fact("individual.immortal-time.nobody-who-was-invited-treated"))
    x, base = people.covariates[people.invited], people.weight[people.invited]
    gaps = standardized_differences(x, takers, base, spread(x, takers, base, pooled=True))
    rows = tuple(
        {"covariate": name, "difference": float(gap)}
        for name, gap in zip(people.covariate_names, gaps, strict=True)
    )
    share = share_of(100 * float(takers.mean()), len(takers))
    share = f"{share[0].upper()}{share[1:]} of those invited took part"
    if not rows:
        return Check("service-uptake", question, None, f"{share}; no covariate shows who.")
    worst = int(np.abs(gaps).argmax())
    says = (
        f"{share}; they differ from the rest by up to {abs(gaps[worst]):.2f} standard deviations "
        f"({people.covariate_names[worst]}). What cannot be seen, such as wanting to stop, may "
        "differ too: give the effect of being invited beside it."
    )
    return Check("service-uptake", question, bool(abs(gaps[worst]) <= SELECTED), says, rows)


def short_follow_up(people: People, *, day: float) -> Check:
    """Fails when more of one side than of the other were followed for less than so many days.

    Days and counts add up only while somebody is followed, so that people who leave look better
    than they are; a time to an event takes account of it, a sum does not.
    """
    short = people.follow_up < day
    shares = [
        100 * float(people.weight @ (short & side) / (people.weight @ side))
        for side in (people.treated, ~people.treated)
    ]
    passed = abs(shares[0] - shares[1]) <= APART
    told = sides_of(shares, people.treated)
    says = (
        f"{told[0]} of treated and {told[1]} of untreated people were followed for "
        f"less than {day:g} days, and days or events after that are not in the data."
    )
    if not passed:
        says += " Those who left look better than they are: use a time to the first event."
    return Check(
        "left-early", "Were treated and untreated people followed equally long?", passed, says
    )


def sides_of(shares: Sequence[float], treated: np.ndarray) -> list[str]:
    """A percent of the treated and one of the others, as a sentence may tell them."""
    sides = (int(treated.sum()), int((~treated).sum()))
    return [share_of(share, side) for share, side in zip(shares, sides, strict=True)]


def _completers_only(people: People) -> bool:
    assert people.completed is not None
    done = people.completed
    if not done.any() or done.all():
        return False
    return bool(done[people.treated].all())
