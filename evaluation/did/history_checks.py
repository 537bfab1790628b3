"""Questions about what went before, and about what happened to everyone at the same time."""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import poisson_imputation, random_effects, timing
from evaluation.did.changes import exposures
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import p_words
from evaluation.did.method import Method
from evaluation.effect import Check, Effect
from evaluation.errors import FitError

REJECT = 0.05
# Dates without a start that a change at a start is compared with, at the least: with fewer, not
# even the largest change would be rare.
FEWEST_DATES = 19
RARE = 0.05


def regression_to_the_mean(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether treatment followed a spike or a lull, after which a return comes by itself.

    Several treated clusters: the hazard of starting given the last two periods (`timing`), with the
    estimate of the Poisson imputation with and without those periods, which bracket the effect of a
    program that follows a spike that passes, and nothing else does; where levels drift and a spike
    partly stays, both are too high (docs/did_cities.md). One treated unit: its last year before the
    start against its time before that, beside its controls, by random-effects.
    """
    name = "regression-to-the-mean"
    question = (
        "Did treatment begin just after an unusual time, so that a return looks like an effect?"
    )
    if int(cohorts.ever.sum()) == 1:
        try:
            return _one_unit(cohorts, name, question)
        except FitError as fault:
            return Check(name, question, None, f"Not tested: {fault}.")
    # An estimate from counts that stands in spite of such starts is matched on them.
    matched = cohorts.kind == "count" and effect.objection is None
    found = timing.check(cohorts, matched=matched)
    if found.passed is None:
        return Check(name, question, None, found.says)
    says = found.says
    rows = tuple(dict(row) for row in found.table)
    if found.passed is False and cohorts.kind == "count":
        try:
            both = [
                term
                for term in poisson_imputation.fit(cohorts, lead_times=0).terms
                if term.name.startswith(("all periods", "without the last"))
            ]
        except FitError:
            both = []
        if both:
            listed = " and ".join(
                f"{100 * np.expm1(term.estimate):.1f} % ({term.name})" for term in both
            )
            side = "high" if float(rows[0]["excess"]) > 0 else "low"
            says += (
                f" If what was unusual passes by itself, the truth is likely between the estimates "
                f"of Poisson imputation, {listed}; if it partly stays, as in cities that drift, "
                f"both are too {side}."
            )
    return Check(name, question, found.passed, says, rows)


def _one_unit(cohorts: Cohorts, name: str, question: str) -> Check:
    row = cohorts.one_treated
    start = int(cohorts.first[row])
    year = min(calendar.PER_YEAR[cohorts.frequency], start // 4)
    if year < 1:
        raise FitError(
            f"{start} periods before the start are too few to tell a spike from the usual"
        )
    before = cohorts.pretending(np.where(cohorts.ever, start - year, np.inf)).between(0, start)
    found = random_effects.fit(before)
    if found.scale == "log ratio":
        change = f"{100 * np.expm1(found.estimate):.1f} % above its usual level"
        if found.estimate < 0:
            change = f"{-100 * np.expm1(found.estimate):.1f} % below its usual level"
    else:
        side = "above" if found.estimate >= 0 else "below"
        change = f"{abs(found.estimate):.3g} {side} its usual level"
    passed = found.p_value >= REJECT
    says = (
        f"In the {'period' if year == 1 else f'{year} periods'} before the start "
        f"{cohorts.units[row]} was {change}, compared with "
        f"the other units ({p_words(found.p_value)})."
    )
    if not passed:
        says += " Part of a change afterward is a return to the usual, whatever was done."
    table = {
        "periods": year,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
    }
    return Check(name, question, passed, says, (table,))


def common_shocks(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """Whether the never-treated changed at the starts as they rarely do.

    At each date with a year on either side (a quarter of the periods, if less) the log ratio of
    their total in the year after to that in the year before, less the change of their exposure, is
    taken, and the change at each start compared with those at dates that are no start. A shock that
    hits all units alike is taken out by the controls; one that hits them unequally is not, and the
    spread of the controls' own changes says how unequal it was.
    """
    name = "common-shocks"
    question = "Did something else happen to everyone when the program began?"
    try:
        rows = _changes(cohorts)
    except FitError as fault:
        return Check(name, question, None, f"Not tested: {fault}.")
    worst = min(rows, key=lambda row: float(row["rank"]))
    limit = RARE / len(rows)
    gaps = "" if cohorts.used is None else " without gaps"
    unusual = float(worst["rank"]) <= max(limit, float(worst["least"]))
    says = (
        f"At {worst['period']} the controls{gaps} together changed by {worst['change']:.1f} % "
        f"from the year before to the year after, more than at {1 - float(worst['rank']):.0%} of "
        f"other dates; their single changes have a standard deviation of {worst['spread']:.2f} on "
        f"the log scale (median over all dates {worst['usual spread']:.2f})."
    )
    if unusual:
        says += (
            " So something common happened then, and the result rests on its having hit treated "
            "and untreated units alike."
        )
    return Check(name, question, not unusual, says, tuple(rows))


def _changes(cohorts: Cohorts) -> list[dict[str, str | float]]:
    never = np.flatnonzero(~cohorts.ever & cohorts.known.all(axis=1))
    if len(never) < 2:
        gaps = "" if cohorts.used is None else " without gaps"
        raise FitError(f"{len(never)} never-treated units{gaps} are too few to see what is common")
    if (cohorts.y < 0).any():
        raise FitError("changes in proportion need outcomes that are not negative")
    side = min(calendar.PER_YEAR[cohorts.frequency], cohorts.length // 4)
    dates = np.arange(side, cohorts.length - side + 1)
    starts = cohorts.cohorts[(cohorts.cohorts >= side) & (cohorts.cohorts <= dates[-1])]
    # A window that reaches across a start would count its shock among the usual changes.
    usual = dates[(np.abs(dates[:, None] - cohorts.cohorts) >= side).all(axis=1)]
    if side < 1 or not len(starts):
        raise FitError("no start has a year (or a quarter of the periods) on either side of it")
    if len(usual) < FEWEST_DATES:
        raise FitError(
            f"{len(usual)} dates are a year or more from every start; {FEWEST_DATES} are needed to "
            "say what is usual"
        )
    y, mass = cohorts.y[never], exposures(cohorts)[never]
    sums = [np.hstack([np.zeros((len(never), 1)), table.cumsum(axis=1)]) for table in (y, mass)]

    def around(date: int) -> tuple[float, float]:
        after, before = (
            [s[:, end] - s[:, begin] for s in sums]
            for begin, end in ((date, date + side), (date - side, date))
        )
        if before[0].sum() <= 0 or after[0].sum() <= 0:
            raise FitError(f"the controls had no events around {cohorts.periods[date]}")
        total = np.log(after[0].sum() / before[0].sum()) - np.log(after[1].sum() / before[1].sum())
        # Half an event is added, as in random-effects: a small unit may have none in a year.
        own = np.log((after[0] + 0.5) / (before[0] + 0.5)) - np.log(after[1] / before[1])
        return float(total), float(own.std(ddof=1))

    elsewhere = np.array([around(int(date)) for date in usual])
    rows: list[dict[str, str | float]] = []
    for start in starts:
        change, spread = around(int(start))
        as_large = int((np.abs(elsewhere[:, 0]) >= abs(change) - 1e-9).sum())
        rows.append(
            {
                "period": cohorts.begun(start),
                "change": 100 * float(np.expm1(change)),
                "rank": (1 + as_large) / (1 + len(usual)),
                "least": 1 / (1 + len(usual)),
                "spread": spread,
                "usual spread": float(np.median(elsewhere[:, 1])),
            }
        )
    return rows
