"""Stretches under treatment, by slow and obvious twins; how far from its start a treated unit is
looked at, and units whose treatment is never seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evaluation import did
from evaluation.did.cohorts import NEVER, Cohorts
from evaluation.did.gaps import around, before_begin, begins, first_of, since_begin, stretches
from evaluation.errors import FitError

FLAGS = arrays.arrays(bool, st.tuples(st.integers(1, 4), st.integers(2, 9)))


@settings(max_examples=60, deadline=None)
@given(on=FLAGS, count=st.integers(0, 12))
def test_stretches_under_treatment_are_those_of_a_walk_through_the_periods(on, count):
    kept = on.copy()
    first, since, begin = first_of(on), since_begin(on), begins(on)
    before = before_begin(on, count)
    for row, flags in enumerate(on.tolist()):
        running = -1
        for t, flag in enumerate(flags):
            running = running + 1 if flag else -1
            assert since[row, t] == running
            assert begin[row, t] == (running == 0)
            ahead = [k for k in range(t + 1, len(flags)) if flags[k] and not flags[k - 1]]
            near = any(k - t <= count for k in ahead)
            assert before[row, t] == (not flag and near)
        assert first[row] == (flags.index(True) if any(flags) else np.inf)
    assert (on == kept).all()


@settings(max_examples=60, deadline=None)
@given(marked=arrays.arrays(bool, st.integers(1, 12)))
def test_marked_periods_in_words_name_each_of_them_once(marked):
    periods = tuple(str(2000 + t) for t in range(len(marked)))
    told: list[str] = []
    for part in filter(None, str(stretches(marked, periods)).split(", ")):
        low, _, high = part.partition(" to ")
        told += [str(year) for year in range(int(low), int(high or low) + 1)]
    assert told == [period for period, mark in zip(periods, marked, strict=True) if mark]


N, T = 20, 24
COUNTS = np.random.default_rng(4).poisson(30, (N, T)).astype(float)
FIRST = np.where(np.arange(N) < 8, 8.0 + np.arange(N), NEVER)


def panel(first: np.ndarray = FIRST, **given: object) -> Cohorts:
    return Cohorts.from_arrays(COUNTS, first, kind="count", first="1990", frequency="year", **given)


def test_only_cells_near_the_start_of_a_treated_unit_are_used() -> None:
    near = around(panel(), 5, 4)
    for unit in range(N):
        inside = (np.arange(T) >= FIRST[unit] - 5) & (np.arange(T) < FIRST[unit] + 4)
        expected = np.ones(T, bool) if FIRST[unit] == NEVER else inside
        assert near.known[unit].tolist() == expected.tolist()
    by_hand = Cohorts.from_arrays(
        COUNTS, FIRST, kind="count", first="1990", frequency="year", left_out=~near.known
    )
    found = did.estimate(near, "poisson-imputation")
    assert found.estimate == did.estimate(by_hand, "poisson-imputation").estimate
    (note,) = (one for one in map(str, found.notes) if "in 5 periods before their start" in one)
    far = panel().known.sum() - near.known.sum()
    assert note.endswith(f"in 4 periods from it on; {far} cells are farther away and not used")


def test_what_reaches_past_the_panel_changes_nothing() -> None:
    whole = panel()
    assert around(whole, None, None) is whole
    assert around(whole, 40, 40) is whole


def test_one_treated_unit_is_the_panel_between_two_periods() -> None:
    first = np.where(np.arange(N) == 0, 10.0, NEVER)
    near = around(panel(first), 5, 4)
    assert (near.whole, near.periods[0], near.periods[-1]) == (True, "1995", "2003")
    same = panel(first).between(5, 14)
    assert did.estimate(near).estimate == did.estimate(same).estimate


@pytest.mark.parametrize(("before", "after"), [(0, 3), (3, 0), (-1, None)])
def test_no_period_on_a_side_is_refused(before: int, after: int | None) -> None:
    with pytest.raises(FitError, match="1 period or more"):
        around(panel(), before, after)


def test_a_unit_whose_treatment_is_never_seen_is_untreated_before_it() -> None:
    hidden = np.zeros((N, T), bool)
    hidden[0, 8:] = True
    found = panel(left_out=hidden)
    assert found.first[0] == NEVER
    assert int(found.ever.sum()) == 7
    assert any("unit 1" in note and "counts as untreated" in note for note in map(str, found.notes))
    assert found.untreated[0].tolist() == [t < 8 for t in range(T)]
    assert "7 treated and 13 never-treated clusters" in str(did.choice(found).why)


def test_nobody_seen_under_treatment_is_refused() -> None:
    with pytest.raises(FitError, match="no cell under treatment is used"):
        panel(left_out=np.arange(T) >= np.where(FIRST == NEVER, T, FIRST)[:, None])
