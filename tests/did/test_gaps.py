"""Stretches under treatment, by slow and obvious twins."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from evaluation.did.gaps import before_begin, begins, first_of, since_begin, stretches

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
