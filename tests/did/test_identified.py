"""An effect that the design identifies is estimated, whatever becomes of the periods before it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from evaluation.did import METHODS, NEVER, Cohorts
from evaluation.errors import FitError

LENGTH = 6
DESIGNS = [
    (starts, never)
    for size in (1, 2, 3)
    for starts in combinations(range(1, LENGTH), size)
    for never in (0, 3)
]


def design(starts: tuple[int, ...], never: int) -> Cohorts:
    """Two units a start beside so many that are never treated."""
    first = np.array([*np.repeat(starts, 2), *[NEVER] * never], dtype=float)
    draw = np.random.default_rng(3)
    level = 20 * np.exp(0.3 * draw.normal(size=(len(first), 1)))
    y = draw.poisson(level * np.ones((1, LENGTH))).astype(float)
    return Cohorts.from_arrays(y, first, kind="count")


def identified(cohorts: Cohorts) -> bool:
    """Whether the untreated cells give an expected value of some treated cell: it is a combination
    of their rows of unit and period indicators."""
    n, length = cohorts.y.shape

    def rows(cells: np.ndarray) -> np.ndarray:
        unit, period = np.nonzero(cells)
        return np.hstack([np.eye(n)[unit], np.eye(length)[period]])

    untreated = rows(~cohorts.treated)
    rank = np.linalg.matrix_rank(untreated)
    return any(
        np.linalg.matrix_rank(np.vstack([untreated, row])) == rank for row in rows(cohorts.treated)
    )


@pytest.mark.parametrize("name", ["imputation", "gardner", "poisson-imputation", "event-study"])
def test_whatever_is_identified_has_a_headline(name):
    survived = 0
    for starts, never in DESIGNS:
        cohorts = design(starts, never)
        try:
            effect = METHODS[name].set_to({"draws": 20}).fit(cohorts)
        except FitError as fault:
            # Without a second treated cluster there is an estimate and no error for it.
            no_error = any(
                words in str(fault) for words in ("one cluster", "nought but for rounding")
            )
            lags = name == "event-study" and not never
            assert not identified(cohorts) or no_error or lags, (starts, never, str(fault))
            continue
        assert identified(cohorts), (starts, never)
        assert np.isfinite([effect.estimate, effect.low, effect.high]).all()
        survived += 1
    assert survived >= 25


def test_leads_that_cannot_be_told_apart_are_clipped_and_the_effect_stays():
    cohorts = design((2, 4), 0)
    asked, none = (METHODS["imputation"].set_to({"lead_times": k}).fit(cohorts) for k in (4, 0))
    assert (asked.estimate, asked.std_error) == (none.estimate, none.std_error)
    shown = sum(row.time < 0 for row in asked.dynamic)
    assert shown < 3
    assert any(
        f"{shown} of 3 periods before treatment can be told" in n for n in map(str, asked.notes)
    )
    assert not any("can be told" in note for note in map(str, none.notes))
