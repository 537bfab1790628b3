"""Questions asked of treated and untreated units by calling the method again: on outcomes and units
that cannot have an effect, and without single units or late years.

A check that cannot be made says why and does not judge. `pre_trends`, `honest`, `timing`,
`bacon` and `random_effects` have theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import random_effects
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.effects import p_words, possible, sentences
from evaluation.did.method import Method
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import Fact, fact
from evaluation.numeric.shared.draws import stream, uniforms
from evaluation.numeric.shared.permutation import distinct_assignments

# A row of a check's table.
Row = dict[str, Any]

SEED = 1
# Placebo assignments of several treated clusters; with one treated cluster each control has its
# turn, and there are no more than that.
DRAWS = 100
# A method that finds nothing-effects more often than this is not honest on these data: twice 5 %.
TOLERATED = 0.10
# So many controls are left out one at a time; of more, this many drawn.
MOST_LEFT_OUT = 100
# A control with more of the weight than this is half of the comparison.
LARGEST_SHARE = 0.40
RANKABLE = 0.05
# Beyond these, numbers of ways and their share are not written out.
MANY, LEAST_SHOWN = 1_000_000, 0.001


@possible("placebo-outcomes")
def placebo_outcomes(
    cohorts: Cohorts, method: Method, effect: Effect, *, others: Mapping[str, Cohorts]
) -> Check:
    """The method on outcomes that the program cannot have changed.

    Parameters
    ----------
    others : by name, the same units and starts with another outcome.
    """
    if not others:
        raise FitError(fact("did.checks.no-such-outcome"))
    rows: list[Row] = []
    faults = []
    for outcome, panel in others.items():
        try:
            rows.append({"outcome": outcome, **_found(method.fit(panel))})
        except FitError as fault:
            faults.append(fact("did.named", name=outcome, what=fault))
    missing = fact("did.checks.not-estimated", faults=faults) if faults else None
    if not rows:
        says = sentences(fact("did.checks.no-outcome"), missing)
        return Check("placebo-outcomes", None, says)
    moved = [row for row in rows if row["p_value"] < (1 - 0.95) / len(rows)]
    listed = [
        fact(
            "did.checks.outcome",
            outcome=row["outcome"],
            percent=row["percent"],
            p=p_words(float(row["p_value"])),
        )
        for row in rows
    ]
    told = fact("did.checks.outcomes", n=len(rows), moved=len(moved), listed=listed)
    return Check("placebo-outcomes", not moved, sentences(told, missing), tuple(rows))


@possible("placebo-units")
def placebo_units(
    cohorts: Cohorts, method: Method, effect: Effect, *, draws: int = DRAWS, seed: int = SEED
) -> Check:
    """The method on never-treated clusters as if they had been treated, without the treated.

    With one treated cluster every control has its turn; with several, their starts are given to as
    many controls drawn at random, or to half of them if there are fewer. A range that leaves nought
    out in more than 10 % of the cases (with one treated cluster, more often than 5 % would give in
    2.5 % of such panels) is too narrow here, however it was made.
    """
    assigned, whole = _placebos(cohorts, draws, seed)
    untreated = np.flatnonzero(~cohorts.ever)
    rows: list[Row] = []
    faults: list[FitError] = []
    for label, first in assigned:
        try:
            panel = cohorts.pretending(np.where(cohorts.ever, NEVER, first)).keeping(untreated)
            rows.append({"placebo": label, **_found(method.fit(panel))})
        except FitError as fault:
            faults.append(fault)
    if len(rows) < 2:
        raise faults[0] if faults else FitError(fact("did.checks.few-placebos"))
    wrong = sum(row["p_value"] < 0.05 for row in rows)
    share = wrong / len(rows)
    limit = _binomial_limit(len(rows)) if whole else TOLERATED * len(rows)
    larger = sum(abs(row["estimate"]) >= abs(effect.estimate) for row in rows)
    floor = fact("did.checks.no-rank-below", n=len(rows) + 1) if whole else fact("nothing")
    says = sentences(
        fact("did.checks.placebos", n=len(rows), wrong=wrong, share=share),
        fact("did.checks.as-large", larger=larger, floor=floor),
        fact("did.checks.too-narrow") if wrong > limit else None,
        fact("did.checks.more-not-estimated", n=len(faults)) if faults else None,
    )
    return Check("placebo-units", wrong <= limit, says, tuple(rows))


@possible("leave-one-control-out")
def leave_one_control_out(
    cohorts: Cohorts, method: Method, effect: Effect, *, seed: int = SEED
) -> Check:
    """The estimate without each never-treated cluster in turn (of more than 100, without 100 drawn
    ones); the sign must hold."""
    controls = np.unique(cohorts.cluster[~cohorts.ever])
    controls = controls[~np.isin(controls, cohorts.cluster[cohorts.ever])]
    drawn = controls[_order(len(controls), seed, "checks/left out")[:MOST_LEFT_OUT]]
    rows: list[Row] = [
        {
            "without": str(_name(cohorts, cluster)),
            **_found(method.fit(cohorts.keeping(cohorts.cluster != cluster))),
        }
        for cluster in np.sort(drawn)
    ]
    if not rows:
        raise FitError(fact("did.checks.no-control-to-leave-out"))
    every = len(drawn) == len(controls)
    says = fact(
        "did.checks.without-one",
        **_between(rows, effect),
        tried=fact("did.checks.all") if every else fact("did.checks.some-of", n=len(drawn)),
        controls=len(controls),
    )
    return Check("leave-one-control-out", _held(rows, effect), says, tuple(rows))


@possible("leave-one-control-out")
def leave_one_control_out_by_weight(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The estimate without each control in turn, and the weight of each in random-effects.

    The sign must hold throughout, and no control may have more than 40 % of the weight.
    """
    controls, shares = random_effects.control_shares(cohorts)
    rows: list[Row] = [
        {
            "without": cohorts.units[unit],
            "weight": float(share),
            **_found(method.fit(cohorts.without(int(unit)))),
        }
        for unit, share in zip(controls, shares, strict=True)
    ]
    heavy = max(rows, key=lambda row: row["weight"])
    says = fact(
        "did.checks.without-one-by-weight",
        **_between(rows, effect),
        controls=len(rows),
        most=LARGEST_SHARE * 100,
        share=100 * heavy["weight"],
        heavy=heavy["without"],
    )
    passed = _held(rows, effect) and heavy["weight"] <= LARGEST_SHARE
    return Check("leave-one-control-out", passed, says, tuple(rows))


def _between(rows: Sequence[Row], effect: Effect) -> dict[str, Any]:
    """The smallest and the largest change without one control, and the change with all."""
    low, high = (chosen(rows, key=lambda row: row["percent"]) for chosen in (min, max))
    return {
        "low": low["percent"],
        "lowest": low["without"],
        "high": high["percent"],
        "highest": high["without"],
        "whole": effect.percent.estimate,
    }


def _held(rows: Sequence[Row], effect: Effect) -> bool:
    """Whether every estimate has the sign of the whole one."""
    return all(row["estimate"] * effect.estimate > 0 for row in rows)


@possible("contaminated-controls")
def contaminated_controls(
    cohorts: Cohorts, method: Method, effect: Effect, *, programs: Mapping[str, str]
) -> Check:
    """The estimate without the controls that had a program of their own, all and each of them.

    A control whose own program worked hides the effect; one whose crime rose without it is no fair
    picture either. The check passes when the sign holds and the estimate without all of them is
    inside the interval with them.

    Parameters
    ----------
    programs : of each such control, what it had and when, in words.
    """
    if not programs:
        says = fact("did.not-asked", why=fact("did.checks.no-such-control"))
        return Check("contaminated-controls", None, says)
    rows_of = [_control(cohorts, unit) for unit in programs]
    rows: list[Row] = [{"controls": "all", "reason": "", **_found(effect)}]
    without = method.fit(cohorts.keeping(np.delete(np.arange(cohorts.n), rows_of)))
    rows.append({"controls": "without those named", "reason": "", **_found(without)})
    if len(programs) > 1:
        rows += [
            {
                "controls": f"without {unit}",
                "reason": reason,
                **_found(method.fit(cohorts.without(row))),
            }
            for row, (unit, reason) in zip(rows_of, programs.items(), strict=True)
        ]
    held = _held(rows, effect)
    within = effect.low <= without.estimate <= effect.high
    says = fact(
        "did.checks.contaminated",
        whole=effect.percent.estimate,
        listed=[fact("did.bracketed", name=unit, what=why) for unit, why in programs.items()],
        without=without.percent.estimate,
        low=without.percent.low,
        high=without.percent.high,
        held=held,
        within=within,
    )
    return Check("contaminated-controls", held and within, says, tuple(rows))


@possible("later-events")
def later_events(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The estimate with the window ended one year, two years and so on after the first start: a
    result that appears only with a late year may be about that year. The sign must hold in windows
    with at least half of the periods from the start on, and no shorter one may clearly have the
    other."""
    begin, year = int(cohorts.cohorts[0]), calendar.PER_YEAR[cohorts.frequency]
    step = max(1, year, -(-(cohorts.length - begin) // 10))
    rows: list[Row] = []
    faults: list[FitError] = []
    # Years are counted from the start, with the periods of a washout.
    ends = range(begin + step - cohorts.skipped, cohorts.length, step)
    for end in (end for end in ends if end > begin):
        try:
            found = _found(method.fit(cohorts.between(0, end)))
        except FitError as fault:
            faults.append(fault)
        else:
            rows.append({"last period": cohorts.periods[end - 1], **found})
    if not rows:
        raise faults[0] if faults else FitError(fact("did.checks.ends-within-a-year"))
    listed = [
        fact("did.checks.window", percent=row["percent"], last=row["last period"]) for row in rows
    ]
    says = fact("did.checks.windows", listed=listed, whole=effect.percent.estimate)
    half = begin + (cohorts.length - begin) / 2
    against = [row for row in rows if row["estimate"] * effect.estimate < 0]
    held = not any(
        cohorts.periods.index(str(row["last period"])) + 1 >= half or row["low"] * row["high"] > 0
        for row in against
    )
    return Check("later-events", held, says, tuple(rows))


@possible("smallest-p")
def smallest_p(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The smallest p that ranks among units can give here; it informs and does not judge.

    Of several treated clusters it is one over the ways to give their starts to all clusters.
    """
    if not cohorts.whole:
        raise FitError(fact("did.checks.no-places-changed"))
    if int(cohorts.ever.sum()) > 1:
        return _smallest_of_several(cohorts)
    controls = int((~cohorts.ever).sum())
    least = 1 / (controls + 1)
    needed = fact("did.checks.above-needed", level=RANKABLE, needed=round(1 / RANKABLE) - 1)
    says = sentences(
        fact("did.checks.smallest", controls=controls, least=least, n=controls + 1),
        needed if least > RANKABLE else None,
    )
    return Check("smallest-p", None, says)


def _smallest_of_several(cohorts: Cohorts) -> Check:
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    if len(pairs) > len(np.unique(cohorts.cluster)):
        raise FitError(fact("did.checks.starts-differ-in-a-cluster"))
    ways = distinct_assignments(np.minimum(pairs[:, 1], cohorts.length).astype(int))
    says = sentences(
        fact(
            "did.checks.ways",
            shown=fact("did.checks.number" if ways < MANY else "did.checks.a-million", ways=ways),
            clusters=len(pairs),
            least=fact("did.checks.p", p=1 / ways)
            if ways * LEAST_SHOWN < 1
            else fact("did.checks.less-than", p=LEAST_SHOWN),
        ),
        fact("did.checks.above", level=RANKABLE) if 1 / ways > RANKABLE else None,
    )
    return Check("smallest-p", None, says)


def _found(effect: Effect) -> dict[str, float]:
    """What a row says of an effect; its range is that of the percent change."""
    return {
        "estimate": effect.estimate,
        "low": effect.percent.low,
        "high": effect.percent.high,
        "p_value": effect.p_value,
        "percent": effect.percent.estimate,
    }


def _placebos(
    cohorts: Cohorts, draws: int, seed: int
) -> tuple[Sequence[tuple[str, np.ndarray]], bool]:
    """Labels with first treated periods, (N,), and whether they are all there are.

    Clusters are the unit of assignment; those with treated units have no part.
    """
    treated = np.unique(cohorts.cluster[cohorts.ever])
    free = np.setdiff1d(np.unique(cohorts.cluster), treated)
    if len(free) < 3:
        raise FitError(fact("did.checks.untreated-clusters-too-few-take", n_free=len(free)))
    starts = np.array([cohorts.first[cohorts.cluster == cluster].min() for cluster in treated])

    def first(chosen: np.ndarray, given: np.ndarray) -> np.ndarray:
        found = np.full(cohorts.n, NEVER)
        for cluster, start in zip(chosen, given, strict=True):
            found[cohorts.cluster == cluster] = start
        return found

    if len(treated) == 1:
        return [(str(_name(cohorts, one)), first(np.array([one]), starts)) for one in free], True
    count = min(len(treated), len(free) // 2)
    assigned = []
    for draw in range(draws):
        who = free[_order(len(free), seed, f"checks/placebo units {draw}")[:count]]
        when = starts[_order(len(starts), seed, f"checks/placebo starts {draw}")[:count]]
        assigned.append((f"draw {draw + 1}", first(who, when)))
    return assigned, False


def _binomial_limit(n: int) -> int:
    """Rejections that n independent tests at 5 % exceed in 2.5 % of cases or fewer."""
    from scipy.stats import binom

    return int(binom.ppf(0.975, n, 0.05))


def _order(n: int, seed: int, name: str) -> np.ndarray:
    return np.argsort(uniforms(stream(seed, name), n))


def _name(cohorts: Cohorts, cluster: int) -> Fact:
    rows = np.flatnonzero(cohorts.cluster == cluster)
    key = "did.and-more" if len(rows) > 1 else "did.names"
    return fact(key, names=[cohorts.units[rows[0]]], more=len(rows) - 1)


def _control(cohorts: Cohorts, unit: str) -> int:
    if unit not in cohorts.units:
        raise FitError(fact("did.checks.not-among-units", unit=unit))
    row = cohorts.units.index(unit)
    if cohorts.ever[row]:
        raise FitError(fact("did.checks.treated-itself-only-controls-can", unit=unit))
    return row
