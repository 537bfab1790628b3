"""What size of change an estimate of this sureness would have found.

What about people rests on enough of them to be told: answers, and steps of curves.
"""

from __future__ import annotations

import numpy as np

from evaluation.data.counted import SMALLEST
from evaluation.effect import Better, Check, Effect, Told
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.individual import incidence, not_yet_called
from evaluation.individual.effects import Answer
from evaluation.individual.methods import Method
from evaluation.individual.people import People
from evaluation.study.plan.schema import Plan

NAME = "could-be-found"
# Found so often, at 5 %, is what "could have been found" means.
WANTED = 0.8
LEVEL = 0.05
# Sizes that the table always shows, in percent.
SIZES = (10.0, 20.0, 30.0, 40.0, 50.0)
# Beyond so many degrees of freedom t is the normal distribution to every digit that is shown.
NORMAL = 1e5


def found_share(size: float, std_error: float, df: float | None) -> float:
    """How often a two-sided test at 5 % finds a true change of this size.

    The noncentral t distribution with noncentrality size / std_error (Cohen 1988); the normal one
    where df is None.

    Parameters
    ----------
    size, std_error : on the scale of the estimate. df : degrees of freedom.
    """
    from scipy.integrate import quad
    from scipy.special import chdtri, gammaln, ndtr, ndtri, stdtrit

    shift = abs(size) / std_error
    if df is None or df > NORMAL:
        critical = float(ndtri(1 - LEVEL / 2))
        return float(ndtr(shift - critical) + ndtr(-shift - critical))
    critical = float(stdtrit(df, 1 - LEVEL / 2))
    # Over the root of chi-squared / df, which the standard error is estimated by. scipy's own
    # noncentral t is NaN for few degrees of freedom and large shifts.
    constant = np.log(2) + df / 2 * np.log(df / 2) - gammaln(df / 2)

    def weighed(root: float) -> float:
        density = np.exp(constant + (df - 1) * np.log(root) - df / 2 * root**2)
        both = ndtr(shift - critical * root) + ndtr(-shift - critical * root)
        return float(density * both)

    low, middle, high = (float(np.sqrt(chdtri(df, p) / df)) for p in (1 - 1e-12, 0.5, 1e-12))
    ends = {"epsabs": 1e-12, "epsrel": 1e-10, "limit": 200}
    return float(quad(weighed, low, middle, **ends)[0] + quad(weighed, middle, high, **ends)[0])


def smallest_found(std_error: float, df: float | None) -> float:
    """The smallest change, on the scale of the estimate, that is found four times in five.

    Raises
    ------
    FitError : when no change, however large, is found so often.
    """
    from scipy.optimize import brentq

    top = std_error
    for _ in range(60):
        if found_share(top, std_error, df) >= WANTED:
            return float(
                brentq(lambda size: found_share(size, std_error, df) - WANTED, 0.0, top, rtol=1e-10)
            )
        top *= 2
    raise FitError(fact("study.could-find.no-size-change-found-often"))


def could_be_found(effect: Effect, better: Better, worthwhile: float | None) -> Check:
    """The smallest change that the method would find four times in five with so wide a range, and
    how often it would find smaller ones. It does not judge.

    The width of the range is taken as it is: it hardly depends on the size of the effect, but it is
    an estimate itself.

    Parameters
    ----------
    effect : of the headline. better : which way is good. worthwhile : smallest percent change worth
        having, or None.
    """
    std_error = _std_error(effect)
    if not std_error > 0:
        return Check(NAME, None, Fact("study.could-find.no-range"))
    try:
        least = smallest_found(std_error, effect.df)
    except FitError as fault:
        return Check(NAME, None, fact("study.run.not-possible-stop", why=fault))
    if effect.scale == "difference":
        return Check(NAME, None, fact("study.could-find.difference", least=least))
    down = better == "lower"
    size = 100 * abs(np.expm1(-least if down else least))
    sizes = sorted({*SIZES, *([worthwhile] if worthwhile is not None else [])})
    rows = [
        {
            "percent": -one if down else one,
            "found": round(100 * _share(one, down, std_error, effect.df)),
        }
        for one in sizes
        if one < 100 or not down
    ]
    key, often = f"study.could-find.{'fall' if down else 'rise'}", 0.0
    if worthwhile is not None and worthwhile < size:
        key, often = f"{key}-also", 100 * _share(worthwhile, down, std_error, effect.df)
    says = fact(key, size=size, worthwhile=worthwhile, often=often)
    return Check(NAME, None, says, tuple(rows))


def _share(percent: float, down: bool, std_error: float, df: float | None) -> float:
    change = float(np.log1p((-percent if down else percent) / 100))
    return found_share(change, std_error, df)


def _std_error(effect: Effect) -> float:
    """That of a t distribution with the estimate's range."""
    from scipy.special import ndtri, stdtrit

    normal = effect.df is None or effect.df > NORMAL
    critical = ndtri(1 - LEVEL / 2) if normal else stdtrit(effect.df, 1 - LEVEL / 2)
    return float((effect.high - effect.low) / 2 / critical)


# A month: no curve is told at finer steps.
STEP = 30


def few(answer: Answer, fewest: int = SMALLEST) -> Told | None:
    """Why an answer rests on too few people to be told, or None.

    Means tell how many had the outcome, so it is asked of both sides, and of those without a binary
    outcome too.
    """
    used = answer.used
    for side in (used.treated, ~used.treated):
        there = side & (answer.weight > 0)
        events = int((used.y[there] > 0).sum()) if used.kind != "number" else fewest
        without = int(there.sum()) - events if used.kind == "binary" else fewest
        if min(events, without, int(there.sum())) < fewest:
            return fact("study.could-find.few-events", few=fact("release.fewer", fewest=fewest))
    return None


def few_called(calls: not_yet_called.Calls, day: float, fewest: int = SMALLEST) -> Told | None:
    """The same of call-ins one after another."""
    rows = not_yet_called.trials(calls, horizon=day)
    for side in (rows.treated, ~rows.treated):
        had = len(np.unique(rows.person[side & (rows.events > 0)]))
        if had < fewest:
            return fact("study.could-find.few-events", few=fact("release.fewer", fewest=fewest))
    return None


def told_of(
    people: People,
    names: tuple[str, ...],
    method: Method,
    plan: Plan,
    fewest: int = SMALLEST,
) -> frozenset[str]:
    """The outcomes beside the headline that rest on enough people to be told."""
    kept = []
    for name in names:
        try:
            if few(method.answer(people, name, plan.estimand), fewest) is None:
                kept.append(name)
        except FitError:
            continue
    return frozenset(kept)


def risk_curves(
    people: People, outcome: str, day: float, plan: Plan, fewest: int = SMALLEST
) -> Check:
    """The risk by each month on both sides, at days between which 10 or more people on each side
    had the event, so that no step of a curve tells of fewer."""
    given = people.outcome(outcome)
    assert given.cause is not None
    kept, last = [], [0, 0]
    for at in np.arange(STEP, day + 1, STEP):
        had = [
            int(((given.cause == 1) & (given.values <= at) & side).sum())
            for side in (people.treated, ~people.treated)
        ]
        if all(now - then >= fewest for now, then in zip(had, last, strict=True)):
            kept.append(float(at))
            last = had
    sides = incidence.curves(people, outcome, days=np.array(kept), estimand=plan.estimand)
    rows = [
        {
            "days": float(side.day[place]),
            "who": "treated" if side.treated else "untreated",
            "risk": float(side.risk[place]),
            "low": float(side.low[place]),
            "high": float(side.high[place]),
        }
        for side in sides
        for place in range(len(side.day))
    ]
    return Check(
        "risk-curves",
        None,
        fact(f"study.could-find.curves-{plan.estimand.lower()}", outcome=outcome),
        tuple(rows),
    )
