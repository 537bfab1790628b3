"""Questions asked of treated and untreated units by calling the method again: on outcomes and units
that cannot have an effect, without single units, and without what happened to everyone.

A check that cannot be made says why and does not judge. `single_checks` has those for one treated
unit alone; `pre_trends`, `honest`, `timing` and `bacon` have theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.data import period as calendar
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.effects import p_words
from evaluation.did.method import Method
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.draws import stream, uniforms

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


def placebo_outcomes(
    cohorts: Cohorts, method: Method, effect: Effect, *, others: Mapping[str, Cohorts]
) -> Check:
    """The method on outcomes that the program cannot have changed.

    Parameters
    ----------
    others : by name, the same units and starts with another outcome.
    """
    name = "placebo-outcomes"
    question = "Does the method find an effect on outcomes the program could not change?"
    if not others:
        return Check(name, question, None, "Not possible: the plan names no such outcome.")
    rows: list[Row] = []
    faults = []
    for outcome, panel in others.items():
        try:
            rows.append({"outcome": outcome, **_found(method.fit(panel))})
        except FitError as fault:
            faults.append(f"{outcome}: {fault}")
    missing = f" Not estimated: {'; '.join(faults)}." if faults else ""
    if not rows:
        return Check(name, question, None, f"Not possible.{missing}")
    moved = [row for row in rows if row["p_value"] < (1 - 0.95) / len(rows)]
    listed = "; ".join(
        f"{row['outcome']} {row['percent']:.1f} % ({p_words(float(row['p_value']))})"
        for row in rows
    )
    says = (
        f"Of {len(rows)} outcomes that should not move, {len(moved)} did, at 5 % for all of them "
        f"together: {listed}.{missing}"
    )
    return Check(name, question, not moved, says, tuple(rows))


def placebo_units(
    cohorts: Cohorts, method: Method, effect: Effect, *, draws: int = DRAWS, seed: int = SEED
) -> Check:
    """The method on never-treated clusters as if they had been treated, without the treated.

    With one treated cluster every control has its turn; with several, their starts are given to as
    many controls drawn at random, or to half of them if there are fewer. A range that leaves nought
    out in more than 10 % of the cases (with one treated cluster, more often than 5 % would give in
    2.5 % of such panels) is too narrow here, however it was made.
    """
    name = "placebo-units"
    question = "Does the method find an effect in places that had no program?"
    try:
        assigned, whole = _placebos(cohorts, draws, seed)
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    untreated = np.flatnonzero(~cohorts.ever)
    rows: list[Row] = []
    faults = []
    for label, first in assigned:
        try:
            panel = cohorts.pretending(np.where(cohorts.ever, NEVER, first)).keeping(untreated)
            rows.append({"placebo": label, **_found(method.fit(panel))})
        except FitError as fault:
            faults.append(str(fault))
    if len(rows) < 2:
        why = faults[0] if faults else "too few placebos"
        return Check(name, question, None, f"Not possible: {why}.")
    wrong = sum(row["p_value"] < 0.05 for row in rows)
    share = wrong / len(rows)
    limit = _binomial_limit(len(rows)) if whole else TOLERATED * len(rows)
    larger = sum(abs(row["estimate"]) >= abs(effect.estimate) for row in rows)
    says = (
        f"Of {len(rows)} placebos the method found an effect in {wrong} ({share:.0%}; 5 % are "
        f"expected). {larger} of them are at least as large as the estimate"
        + (f"; a rank cannot be below 1 of {len(rows) + 1}." if whole else ".")
        + (" The range of this method is too narrow on these data." if wrong > limit else "")
        + (f" {len(faults)} more could not be estimated." if faults else "")
    )
    return Check(name, question, wrong <= limit, says, tuple(rows))


def leave_one_control_out(
    cohorts: Cohorts, method: Method, effect: Effect, *, seed: int = SEED
) -> Check:
    """The estimate without each never-treated cluster in turn (of more than 100, without 100 drawn
    ones); the sign must hold."""
    name, question = "leave-one-control-out", "Does the result hang on a single control?"
    controls = np.unique(cohorts.cluster[~cohorts.ever])
    controls = controls[~np.isin(controls, cohorts.cluster[cohorts.ever])]
    drawn = controls[_order(len(controls), seed, "checks/left out")[:MOST_LEFT_OUT]]
    rows: list[Row] = []
    try:
        for cluster in np.sort(drawn):
            kept = cohorts.keeping(cohorts.cluster != cluster)
            rows.append({"without": _name(cohorts, cluster), **_found(method.fit(kept))})
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    if not rows:
        return Check(name, question, None, "Not possible: no control can be left out.")
    low, high = (chosen(rows, key=lambda row: row["percent"]) for chosen in (min, max))
    of = "all" if len(drawn) == len(controls) else f"{len(drawn)} of"
    says = (
        f"Without one control ({of} {len(controls)} tried) the change lies between "
        f"{low['percent']:.1f} % (without {low['without']}) and {high['percent']:.1f} % (without "
        f"{high['without']}); with all it is {effect.percent.estimate:.1f} %. The sign must hold."
    )
    held = all(row["estimate"] * effect.estimate > 0 for row in rows)
    return Check(name, question, held, says, tuple(rows))


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
    name = "contaminated-controls"
    question = "Does the result depend on controls that had a program of their own?"
    if not programs:
        return Check(name, question, None, "Not asked: the plan names no such control.")
    try:
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
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    held = all(row["estimate"] * effect.estimate > 0 for row in rows)
    within = effect.low <= without.estimate <= effect.high
    listed = "; ".join(f"{unit} ({reason})" for unit, reason in programs.items())
    says = (
        f"With every control the change is {effect.percent.estimate:.1f} %, and without {listed} "
        f"it is {without.percent.estimate:.1f} % (95 % {without.percent.low:.1f} to "
        f"{without.percent.high:.1f}). "
        + ("The sign holds" if held else "The sign does not hold")
        + (
            " and the second is inside the range of the first."
            if within
            else ", and the second is outside the range of the first."
        )
    )
    return Check(name, question, held and within, says, tuple(rows))


def later_events(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The estimate with the window ended one year, two years and so on after the first start: a
    result that appears only with a late year may be about that year. The sign must hold in windows
    with at least half of the periods from the start on, and no shorter one may clearly have the
    other."""
    name, question = "later-events", "Does the result depend on when the window ends?"
    begin, year = int(cohorts.cohorts[0]), calendar.PER_YEAR[cohorts.frequency]
    step = max(1, year, -(-(cohorts.length - begin) // 10))
    rows: list[Row] = []
    faults = []
    # Years are counted from the start, with the periods of a washout.
    ends = range(begin + step - cohorts.skipped, cohorts.length, step)
    for end in (end for end in ends if end > begin):
        try:
            found = _found(method.fit(cohorts.between(0, end)))
        except FitError as fault:
            faults.append(str(fault))
        else:
            rows.append({"last period": cohorts.periods[end - 1], **found})
    if not rows:
        why = faults[0] if faults else "the window ends within a year of the first start"
        return Check(name, question, None, f"Not possible: {why}.")
    listed = "; ".join(f"{row['percent']:.1f} % to {row['last period']}" for row in rows)
    says = (
        f"With shorter windows the change is {listed}; with the whole it is "
        f"{effect.percent.estimate:.1f} %."
    )
    half = begin + (cohorts.length - begin) / 2
    against = [row for row in rows if row["estimate"] * effect.estimate < 0]
    held = not any(
        cohorts.periods.index(str(row["last period"])) + 1 >= half or row["low"] * row["high"] > 0
        for row in against
    )
    return Check(name, question, held, says, tuple(rows))


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
        return [(_name(cohorts, one), first(np.array([one]), starts)) for one in free], True
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


def _name(cohorts: Cohorts, cluster: int) -> str:
    rows = np.flatnonzero(cohorts.cluster == cluster)
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f"{cohorts.units[rows[0]]}{more}"


def _control(cohorts: Cohorts, unit: str) -> int:
    if unit not in cohorts.units:
        raise FitError(fact("did.checks.not-among-units", unit=unit))
    row = cohorts.units.index(unit)
    if cohorts.ever[row]:
        raise FitError(fact("did.checks.treated-itself-only-controls-can", unit=unit))
    return row
