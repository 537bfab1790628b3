"""Questions asked where one unit is treated: is it like its controls, and does it hang on one?"""

from __future__ import annotations

import numpy as np

from evaluation.data import period as calendar
from evaluation.did import random_effects
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.method import Method
from evaluation.did.placebo_changes import changes
from evaluation.effect import Check, Effect
from evaluation.errors import FitError
from evaluation.fact import fact
from evaluation.numeric.shared.permutation import distinct_assignments

# The treated unit is unlike its controls when so few of them are as uneven before the start.
UNLIKE = 0.10
# A control with more of the weight than this is half of the comparison.
LARGEST_SHARE = 0.40
# A split leaves a year on either side, or a quarter of the periods before the start; at least this.
LEAST_SIDE = 2
RANKABLE = 0.05
# Beyond these, numbers of ways and their share are not written out.
MANY, LEAST_SHOWN = 1_000_000, 0.001
_SMALLEST = "smallest-p"
_HOW_SMALL = "How small a p-value can a comparison of ranks give?"


def pre_period_splits(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The treated unit's placebo splits of the time before the start beside each control's.

    At every date before the start with a year on either side (a quarter of the periods before, if
    less) random-effects asks whether the unit changed, first with the treated unit and then with
    each control in its place. The mean square of estimate over standard error says how uneven a
    unit was. The check warns when the treated unit is among the most uneven tenth, or is the most
    uneven of all where there are fewer than nine controls; by chance alone that happens in
    1 of 13 with 12 controls (5 to 10 % measured). It is a weak guard: a treated unit that drifts
    twice as much as its controls, whose true null is rejected in 17 to 24 %, is noticed in 14 to
    19 % (48 months before, 12 controls).
    """
    name = "pre-period-splits"
    question = "Before the start, was the treated unit as steady beside the others as they are?"
    try:
        rows, names, dates = _unevenness(cohorts)
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    own, others = rows[0], rows[1:]
    share = (1 + int((others >= own).sum())) / len(rows)
    unlike = share <= max(UNLIKE, 1 / len(rows))
    place = 1 + int((others > own).sum())
    return Check(
        name,
        question,
        not unlike,
        f"At {dates} placebo dates before the start, {names[0]} is number {place} of {len(rows)} "
        f"in unevenness ({own:.2f}; the controls from {others.min():.2f} to {others.max():.2f}; "
        "about 1 is what the model expects)."
        + (
            " It does not look like one of them, so the range may be too narrow."
            if unlike
            else " That is within what its controls show."
        ),
        tuple(
            {"unit": unit, "role": "control" if row else "treated", "unevenness": float(value)}
            for row, (unit, value) in enumerate(zip(names, rows, strict=True))
        ),
    )


def _unevenness(cohorts: Cohorts) -> tuple[np.ndarray, tuple[str, ...], int]:
    """Mean square of estimate over standard error, treated unit first; names; number of dates."""
    treated = cohorts.one_treated
    start = int(cohorts.first[treated])
    side = max(LEAST_SIDE, min(calendar.PER_YEAR[cohorts.frequency], start // 4))
    dates = range(side, start - side + 1)
    if not dates:
        raise FitError(
            fact("did.single-checks.periods-before-start-leave-no", start=start, side=side)
        )
    controls = np.flatnonzero(~cohorts.ever)
    if len(controls) < 3:
        raise FitError(fact("did.single-checks.controls-too-few-compare", n_controls=len(controls)))
    found = []
    for unit in (treated, *controls):
        rows = np.array([unit, *controls[controls != unit]])
        first = np.where(np.arange(len(rows)) == 0, float(start - 1), NEVER)
        before = Cohorts.from_arrays(
            cohorts.y[rows, :start],
            first,
            exposure=None if cohorts.exposure is None else cohorts.exposure[rows, :start],
            start=cohorts.periods[0],
            frequency=cohorts.frequency,
            kind=cohorts.kind,
        )
        apart = random_effects.standardized(
            [
                changes(before.pretending(np.where(np.arange(len(rows)) == 0, float(date), NEVER)))
                for date in dates
            ]
        )
        found.append(float((apart**2).mean()))
    names = tuple(cohorts.units[unit] for unit in (treated, *controls))
    return np.array(found), names, len(dates)


def leave_one_control_out(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The estimate without each control in turn, and the weight of each in random-effects.

    The sign must hold throughout, and no control may have more than 40 % of the weight.
    """
    name, question = "leave-one-control-out", "Does the result hang on a single control?"
    try:
        controls, shares = random_effects.control_shares(cohorts)
        left = [
            (cohorts.units[unit], float(share), method.fit(cohorts.without(int(unit))))
            for unit, share in zip(controls, shares, strict=True)
        ]
    except FitError as fault:
        return Check(name, question, None, f"Not possible: {fault}.")
    low = min(left, key=lambda row: row[2].percent.estimate)
    high = max(left, key=lambda row: row[2].percent.estimate)
    heavy = max(left, key=lambda row: row[1])
    held = all(row[2].estimate * effect.estimate > 0 for row in left)
    return Check(
        name,
        question,
        held and heavy[1] <= LARGEST_SHARE,
        f"Without one control the change lies between {low[2].percent.estimate:.1f} % (without "
        f"{low[0]}) and {high[2].percent.estimate:.1f} % (without {high[0]}); with all "
        f"{len(left)} it is {effect.percent.estimate:.1f} %. The sign must hold, and no control "
        f"may have more than {100 * LARGEST_SHARE:.0f} % of the weight: the most is "
        f"{100 * heavy[1]:.0f} % ({heavy[0]}).",
        tuple(
            {
                "without": unit,
                "weight": share,
                "estimate": one.estimate,
                "percent": one.percent.estimate,
                "low": one.percent.low,
                "high": one.percent.high,
                "p_value": one.p_value,
            }
            for unit, share, one in left
        ),
    )


def smallest_p(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """The smallest p that ranks among units can give here; it informs and does not judge.

    Of several treated clusters it is one over the ways to give their starts to all clusters.
    """
    if not cohorts.whole:
        says = (
            "Not possible: clusters with gaps, or with programs that end, cannot change places "
            "with the others."
        )
        return Check(_SMALLEST, _HOW_SMALL, None, says)
    if int(cohorts.ever.sum()) > 1:
        return _smallest_of_several(cohorts)
    controls = int((~cohorts.ever).sum())
    least = 1 / (controls + 1)
    needed = round(1 / RANKABLE) - 1
    short = (
        f" That is above {RANKABLE:g}: such a test cannot find anything here ({needed} controls "
        "are needed), and one that finds nothing says nothing."
        if least > RANKABLE
        else ""
    )
    return Check(
        _SMALLEST,
        _HOW_SMALL,
        None,
        f"With {controls} controls a rank of the treated unit cannot have a p below {least:.3f} "
        f"(1 of {controls + 1}).{short}",
    )


def _smallest_of_several(cohorts: Cohorts) -> Check:
    pairs = np.unique(np.column_stack([cohorts.cluster, cohorts.first]), axis=0)
    if len(pairs) > len(np.unique(cohorts.cluster)):
        says = "Not possible: a cluster has units with different starts and cannot be ranked whole."
        return Check(_SMALLEST, _HOW_SMALL, None, says)
    ways = distinct_assignments(np.minimum(pairs[:, 1], cohorts.length).astype(int))
    shown = f"{ways:,}" if ways < MANY else "more than a million"
    least = f"{1 / ways:.3f}" if ways * LEAST_SHOWN < 1 else f"less than {LEAST_SHOWN:g}"
    says = (
        f"There are {shown} ways to give the starts to {len(pairs)} clusters, so the smallest p a "
        f"rank can have is {least}."
    )
    if 1 / ways > RANKABLE:
        says += f" That is above {RANKABLE:g}: such a test cannot find anything here."
    return Check(_SMALLEST, _HOW_SMALL, None, says)
