"""Many panels judged by one method: what power asks of a comparison, and no more of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from evaluation.did import forecast, random_effects
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer, told_in_numbers
from evaluation.did.method import Method
from evaluation.errors import FitError


def judge_many(method: Method, panels: Sequence[Cohorts]) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and p values (R,), the same as `method.fit` gives one at a time to 1e-8; not a
    number where it refuses or objects.

    Random effects of counts are solved all at once, forecasts with the same controls together,
    other methods one panel after another; in none a path is made.
    """
    found = np.full((2, len(panels)), np.nan)
    able = [place for place, panel in enumerate(panels) if _able(method, panel)]
    together = _together(method, [panels[place] for place in able])
    for row, place in enumerate(able):
        panel = panels[place]
        try:
            answer = together[row] if row in together else method.solve(panel)
            answer = method.timed(answer, panel)
            told_in_numbers(panel, answer)  # refuses what cannot be told
        except FitError:
            continue
        if answer.objection is None:
            found[:, place] = answer.estimate, answer.p_value
    return found[0], found[1]


def _able(method: Method, panel: Cohorts) -> bool:
    try:
        method.refuse(panel)
    except FitError:
        return False
    return True


def _together(method: Method, panels: Sequence[Cohorts]) -> dict[int, Answer]:
    """The answers that are made at once, by place."""
    solve = method.solve
    options = solve.keywords if isinstance(solve, partial) else {}
    plain = solve.func if isinstance(solve, partial) else solve
    if plain is random_effects.fit:
        return random_effects.many(panels)
    if plain is forecast.fit:
        return forecast.many(panels, **options)
    return {}
