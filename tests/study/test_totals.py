"""Totals of an effect: what periods add up to, and the part averted of those expected."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from evaluation.effect import Interval
from evaluation.study.totals import BUILT_UP, averted_share, running_total


def counted(averted: Interval, *, percent: Interval, checks=()):
    """Four periods, the first before the start; 10 are expected in each and 8 are fitted."""
    path = tuple(
        SimpleNamespace(period=f"201{at}", phase=phase, expected=10.0, fitted=8.0, observed=7.0)
        for at, phase in enumerate(("before", "phase-in", "after", "after"))
    )
    effect = SimpleNamespace(path=path, averted=averted, percent=percent, averted_of="fitted")
    return SimpleNamespace(effect=effect, checks=checks)


FALL = Interval(-20.0, -30.0, -10.0)


def test_the_total_grows_period_by_period_and_only_its_end_has_a_range():
    steps = running_total(counted(Interval(6.0, 3.0, 9.0), percent=FALL))
    assert [(one.point.period, one.total) for one in steps] == [
        ("2011", 2.0),
        ("2012", 4.0),
        ("2013", 6.0),
    ]
    assert [(one.low, one.high) for one in steps] == [(None, None), (None, None), (3.0, 9.0)]


def test_every_total_has_its_range_where_the_results_hold_all_of_them():
    rows = tuple({"period": f"201{at}", "low": at, "high": 3 * at} for at in (1, 2, 3))
    whole, short = (
        running_total(
            counted(
                Interval(6.0, 3.0, 9.0),
                percent=FALL,
                checks=(SimpleNamespace(name=BUILT_UP, table=table),),
            )
        )
        for table in (rows, rows[1:])
    )
    assert [one.low for one in whole] == [1.0, 2.0, 3.0]
    assert [one.low for one in short] == [None, None, 3.0]


def test_periods_that_do_not_add_up_to_the_estimate_have_no_total():
    made = counted(Interval(9.0, 3.0, 12.0), percent=FALL)
    assert running_total(made) == [] and averted_share(made, from_own_start=False) is None


def test_the_part_averted_is_of_those_expected():
    found = averted_share(counted(Interval(6.0, 3.0, 9.0), percent=FALL), from_own_start=False)
    assert found is not None and not found.added
    assert (found.expected, found.share) == (30.0, 0.2)
    # 24 happened whatever was expected: 3 of 27, and 9 of 33.
    assert (found.low, found.high) == pytest.approx((3 / 27, 9 / 33))


def test_a_count_against_its_percent_has_no_part():
    made = counted(Interval(6.0, 3.0, 9.0), percent=Interval(20.0, 10.0, 30.0))
    assert averted_share(made, from_own_start=False) is None
