"""What is told of an effect is the same for each number of people that it must not tell."""

from __future__ import annotations

import json

import numpy as np
import pytest

from evaluation.effect import Effect
from evaluation.individual import METHODS, People, effects
from evaluation.study.release.effects import told_effect
from evaluation.study.release.rounding import Grid, Seen
from evaluation.study.written import rounded

TREATED, OTHERS, HAD = 120, 240, 96


def effect(had: int, measure: effects.Measure = "difference") -> Effect:
    """So many treated people with an event, beside others of whom two fifths have it."""
    y = np.concatenate([np.arange(TREATED) < had, np.arange(OTHERS) < HAD]).astype(float)
    treated = np.repeat([1.0, 0.0], [TREATED, OTHERS])
    people = People.from_arrays(treated, covariates={}, outcomes={"event": y})
    answer = METHODS["unadjusted"].answer(people, "event", "ATT")
    return effects.effect(answer, "unadjusted", "the risk", measure)


def text(made: Effect) -> str:
    return json.dumps(rounded(made, ""), sort_keys=True)


@pytest.mark.parametrize("measure", ["difference", "ratio"])
def test_five_numbers_of_people_are_told_alike(measure: effects.Measure) -> None:
    grid = Grid(5, TREATED)
    exact = {had: text(effect(had, measure)) for had in range(18, 63)}
    told = {had: text(told_effect(effect(had, measure), grid, Seen())) for had in exact}
    # The attack works on what is not released: each number of people has its own text.
    assert len(set(exact.values())) == len(exact)
    for had in range(23, 57):
        alike = [other for other in told if told[other] == told[had]]
        tests = {clear(effect(other, measure)) for other in range(had - 4, had + 5)}
        # Whether there is a difference is told; where it turns, it splits the five.
        assert len(alike) == 5 or (len(tests) == 2 and len(alike) >= 1), (had, alike)


def clear(found: Effect) -> bool:
    return found.p_value < 0.05


def test_what_is_told_agrees_with_itself() -> None:
    made = told_effect(effect(37), Grid(5, TREATED), Seen())
    with_it, without = (term.estimate for term in made.terms)
    assert made.estimate == pytest.approx(with_it - without)
    assert made.percent.estimate == pytest.approx(100 * (with_it / without - 1))
    assert made.averted.estimate == pytest.approx(-TREATED * made.estimate)
    odds = next(one for one in made.quantities if str(one.name) == "odds ratio")
    assert odds.estimate == pytest.approx(with_it / (1 - with_it) / (without / (1 - without)))
    assert made.low < made.estimate < made.high
    assert (made.p_value < 0.05) == (made.high < 0 or made.low > 0)


@pytest.mark.parametrize("had", [20, 33, 36, 37, 38, 48, 60])
def test_nothing_becomes_clear_or_unclear_by_being_told(had: int) -> None:
    exact = effect(had)
    made = told_effect(exact, Grid(5, TREATED), Seen())
    assert (made.p_value < 0.05) == (exact.p_value < 0.05)
    assert made.percent.excludes_zero == exact.percent.excludes_zero
    assert abs(made.estimate - exact.estimate) <= 5 / TREATED
