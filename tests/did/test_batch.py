"""Many panels judged at once are judged as each alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from one_city import cities

from evaluation import did
from evaluation.did import forecast, random_effects
from evaluation.did.batch import judge_many
from evaluation.did.cohorts import Cohorts
from evaluation.did.effects import Answer
from evaluation.did.honest import standing_in
from evaluation.errors import FitError

START = 48


def panels() -> list[Cohorts]:
    """Cities that take turns as the treated one, one of them without an event before the start."""
    whole, made = cities(controls=8), []
    for number, chosen in enumerate((0, 3, 3, 5, 1, 3)):
        one = standing_in(whole, np.array([chosen]))
        y = one.y.copy()
        y[0, START:] = np.floor(y[0, START:] * (1 - 0.15 * number))
        if number == 4:
            y[0, :START] = 0
        made.append(replace(one, y=y))
    return made


def alone(method: did.Method, panel: Cohorts) -> tuple[float, float]:
    try:
        effect = method.fit(panel)
    except FitError:
        return (np.nan, np.nan)
    return (np.nan, np.nan) if effect.objection else (effect.estimate, effect.p_value)


@pytest.mark.parametrize("name", ["random-effects", "forecast", "placebo-t"])
def test_many_panels_are_judged_as_each_alone(name: str) -> None:
    method = did.METHODS[name]
    found = np.column_stack(judge_many(method, panels()))
    wanted = np.array([alone(method, panel) for panel in panels()])
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-10)
    # One without an event before the start is refused.
    assert np.isfinite(wanted[:, 0]).tolist() == [True, True, True, True, False, True]


@pytest.mark.parametrize("many", [random_effects.many, forecast.many])
def test_all_but_those_that_are_refused_are_solved_together(
    many: Callable[[Sequence[Cohorts]], dict[int, Answer]],
) -> None:
    assert sorted(many(panels())) == [0, 1, 2, 3, 5]
