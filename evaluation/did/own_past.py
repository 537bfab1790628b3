"""Did the treated unit wander farther than its controls before the start?"""

from __future__ import annotations

import numpy as np

from evaluation.did import forecast
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import possible, sentences
from evaluation.did.method import Method
from evaluation.effect import Check, Effect
from evaluation.fact import fact

# A unit whose scale is this many times that of its controls is not one of them. One in 16 of real
# agencies is, one in 15 of simulated cities that wander alike, one in 6 of those that wander twice
# as far (did_methods.md).
FARTHER = 1.5
# Cities that shift at a start of nothing by .15 have this mean shift or more in one of 8 cases, and
# those that do not in none of 120.
SHIFTED = 0.08


@possible("own-past")
def check(cohorts: Cohorts, method: Method, effect: Effect) -> Check:
    """How far the treated unit wandered before the start beside its controls, and whether those
    shifted at the start itself.

    The model of `forecast` gives every unit a scale of its own, that of the treated one from its
    blocks before the start alone. The check fails when its square is 1.5 times the mean of its
    controls', or when the controls shift at the start by a standard deviation above .08. It is a
    weak guard: of treated units that drift twice as much as their controls, of which the forecast
    finds 14 to 17 % wrongly, it notices one in six; and their range is the wider for it.
    """
    judged, months = forecast.restless(cohorts)
    scale, others = float(judged.scale[0]), judged.scales[0]
    ratio, shift = scale / float(others.mean()), float(judged.shift[0])
    farther, shifted = ratio >= FARTHER, shift >= SHIFTED
    says = sentences(
        fact(
            "did.own-past.farther" if farther else "did.own-past.alike",
            unit=cohorts.units[cohorts.one_treated],
            months=months,
            times=float(np.sqrt(ratio)),
        ),
        fact("did.own-past.shifted", shift=shift) if shifted else None,
        fact("did.own-past.doubled"),
    )
    names = [cohorts.units[row] for row in np.flatnonzero(~cohorts.ever)]
    units = (cohorts.units[cohorts.one_treated], *names)
    table = tuple(
        {"unit": unit, "role": "control" if row else "treated", "scale": float(np.sqrt(value))}
        for row, (unit, value) in enumerate(zip(units, (scale, *others), strict=True))
    )
    return Check("own-past", not (farther or shifted), says, table)
