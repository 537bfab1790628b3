"""Cells, averages and influence of group-time effects: by hand, by loops, by derivatives.

Estimates and errors as a whole are compared with csdid in tests/did/test_callaway_santanna.py.
"""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.errors import FitError
from evaluation.numeric.panel.group_time import (
    GroupTime,
    adjusted_effects,
    by_cohort,
    by_share,
    cells,
    compared,
    influence_on,
    mean_effects,
    over_cohorts,
    side_by_side,
)

FIRST = np.array([2.0, 2, 3, 3, 3, np.inf, np.inf, np.inf])
LENGTH = 5


def drawn(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First periods, outcomes and weights of 30 units."""
    draw = np.random.default_rng(seed)
    first = np.repeat([2.0, 3, 4, np.inf], [6, 8, 5, 11])
    return first, draw.normal(size=(30, 6)), draw.uniform(0.5, 2, size=30)


def listed(first: np.ndarray, length: int, **options) -> list[tuple]:
    found = cells(first, length, **options)
    fields = (found.cohort, found.period, found.base, found.latest)
    return list(zip(*(field.tolist() for field in fields), strict=True))


def test_varying_base_is_the_period_before_until_treatment() -> None:
    found = listed(FIRST, LENGTH, controls="not-yet", base="varying", anticipation=0)
    assert found == [
        # cohort, period, base, controls are first treated after
        (2, 1, 0, 1),
        (2, 2, 1, 2),
        (2, 3, 1, 3),
        (2, 4, 1, 4),
        (3, 1, 0, 1),
        (3, 2, 1, 2),
        (3, 3, 2, 3),
        (3, 4, 2, 4),
    ]


def test_universal_base_is_the_last_before_treatment_throughout() -> None:
    found = listed(FIRST, LENGTH, controls="not-yet", base="universal", anticipation=0)
    assert found[:5] == [(2, 0, 1, 1), (2, 1, 1, 1), (2, 2, 1, 2), (2, 3, 1, 3), (2, 4, 1, 4)]
    # An earlier period than the base: who is treated by the base is no control.
    assert (3, 0, 2, 2) in found


def test_anticipation_moves_base_and_controls() -> None:
    found = listed(FIRST, LENGTH, controls="not-yet", base="universal", anticipation=1)
    assert (3, 3, 1, 4) in found and (2, 2, 0, 3) in found
    assert all(
        row[3] == LENGTH
        for row in listed(FIRST, LENGTH, controls="never", base="varying", anticipation=1)
    )


def test_controls_of_a_cell() -> None:
    assert compared(FIRST, 2, 2).tolist() == [False] * 2 + [True] * 6
    assert compared(FIRST, LENGTH, 2).tolist() == [False] * 5 + [True] * 3
    # The cohort itself is never its own control, even where it is not yet treated.
    assert compared(FIRST, 0, 3).tolist() == [True] * 2 + [False] * 3 + [True] * 3


@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize("controls", ["never", "not-yet"])
def test_effects_are_differences_of_weighted_mean_changes(controls, base) -> None:
    first, y, weight = drawn()
    which = cells(first, 6, controls=controls, base=base, anticipation=0)
    found = mean_effects(y, first, weight, which)
    for g, t, b, latest, effect in zip(
        which.cohort, which.period, which.base, which.latest, found.effect, strict=True
    ):
        change = y[:, t] - y[:, b]
        own, other = first == g, (first > latest) & (first != g)
        slow = np.average(change[own], weights=weight[own]) - np.average(
            change[other], weights=weight[other]
        )
        assert effect == pytest.approx(slow, abs=1e-12)


def everything(first, y, weight, x=None) -> tuple[GroupTime, np.ndarray, list]:
    """Effects, shares and all kinds of averages."""
    which = cells(first, y.shape[1], controls="not-yet", base="universal", anticipation=0)
    found = (
        mean_effects(y, first, weight, which)
        if x is None
        else adjusted_effects(y, first, weight, x, which, adjust="doubly robust")
    )
    cohorts = np.unique(first[np.isfinite(first)])
    share = np.array([weight[first == g].sum() for g in cohorts]) / weight.sum()
    events = np.unique(which.event)
    averages = [
        by_share(found, (which.event >= 0)[:, None], share),
        by_share(found, which.event[:, None] == events, share),
        by_cohort(found, 2),
        over_cohorts(found, share, 2),
    ]
    return found, share, averages


def test_averages_are_what_their_names_say() -> None:
    first, y, weight = drawn()
    found, share, (simple, events, each, over) = everything(first, y, weight)
    event, cohort = found.cells.event, found.cells.cohort
    size = dict(zip((2, 3, 4), share, strict=True))
    w = np.array([size[g] for g in cohort])
    late = event >= 0
    assert found.effect @ simple.weights[:, 0] == pytest.approx(
        np.average(found.effect[late], weights=w[late])
    )
    for column, time in enumerate(np.unique(event)):
        at = event == time
        assert found.effect @ events.weights[:, column] == pytest.approx(
            np.average(found.effect[at], weights=w[at])
        )
    means = []
    for column, g in enumerate((2, 3, 4)):
        at = (cohort == g) & (event >= 0) & (event <= 2)
        means.append(found.effect[at].mean())
        assert found.effect @ each.weights[:, column] == pytest.approx(means[-1])
    assert found.effect @ over.weights[:, 0] == pytest.approx(np.average(means, weights=share))
    for one in (simple, events, each, over):
        assert one.weights.sum(axis=0) == pytest.approx(np.ones(one.weights.shape[1]))


@pytest.mark.parametrize("covariate", [False, True])
def test_influence_is_the_derivative_by_the_units_weight(covariate) -> None:
    # n times the derivative of an estimate by a unit's weight is its influence (at weights of mean
    # 1); central differences of step 1e-4 are right to 1e-6.
    first, y, weight = drawn()
    weight = weight / weight.mean()
    x = np.random.default_rng(2).normal(size=(30, 1)) if covariate else None
    found, _, averages = everything(first, y, weight, x)
    influence = influence_on(found, side_by_side(*averages), first, weight)
    assert influence.sum(axis=0) == pytest.approx(0, abs=1e-9)

    def values(w: np.ndarray) -> np.ndarray:
        again, _, more = everything(first, y, w, x)
        return again.effect @ side_by_side(*more).weights

    for unit in (0, 5, 9, 15, 22):
        aside = np.zeros(30)
        aside[unit] = 1e-4 * weight[unit]
        slope = (values(weight + aside) - values(weight - aside)) / 2e-4
        assert influence[unit] == pytest.approx(30 * slope, abs=2e-5)


def test_covariate_without_bearing_on_anything_changes_little() -> None:
    first, y, weight = drawn()
    plain, _, _ = everything(first, y, weight)
    # Balanced within every cohort and set of controls: its coefficient does not matter.
    x = np.concatenate(
        [
            np.tile([1.0, -1], 3),
            np.tile([1.0, -1], 4),
            [0, 1, -1, 1, -1],
            [0, *np.tile([1.0, -1], 5)],
        ]
    )[:, None]
    adjusted, _, _ = everything(first, y, np.ones(30), x)
    again, _, _ = everything(first, y, np.ones(30))
    assert adjusted.effect == pytest.approx(again.effect, abs=1e-9)
    assert not np.allclose(plain.effect, again.effect)


def test_columns_are_chosen_and_averaged() -> None:
    first, y, weight = drawn()
    found, _, (_, events, _, _) = everything(first, y, weight)
    two = events.where(np.arange(events.weights.shape[1]) < 2)
    assert two.weights.shape[1] == two.slopes.shape[1] == 2
    mean = two.mean()
    assert found.effect @ mean.weights[:, 0] == pytest.approx((found.effect @ two.weights).mean())


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(FitError, match="no period before its 1 anticipated"):
        cells(np.array([1.0, np.inf]), 4, controls="never", base="varying", anticipation=1)
    y = np.zeros((4, 4))
    which = cells(np.array([2.0, 2, 3, 3]), 4, controls="not-yet", base="varying", anticipation=0)
    with pytest.raises(FitError, match="end the window before the last cohort"):
        mean_effects(y, np.array([2.0, 2, 3, 3]), np.ones(4), which)
    first = np.array([2.0, 2, 2, np.inf])
    which = cells(first, 4, controls="never", base="varying", anticipation=0)
    with pytest.raises(FitError, match="single control"):
        mean_effects(y, first, np.ones(4), which)
