"""What moves a specification curve: the mean change when one choice alone is changed."""

from __future__ import annotations

import pytest

from evaluation.study.outcome_kinds import moves


def row(percent: float, start: str, method: str, *, headline: bool = False) -> dict:
    return {
        "percent": percent,
        "low": percent - 5,
        "high": percent + 5,
        "p": 0.5,
        "start": start,
        "method": method,
        "headline": headline,
    }


ROWS = (
    row(-20.0, "2012", "a", headline=True),
    row(-14.0, "2013", "a"),
    row(-21.0, "2012", "b"),
    row(-13.0, "2013", "b"),
    row(-2.0, "2012", "c"),
)


def test_each_choice_is_changed_alone_and_averaged_over_the_others():
    by = {(move.choice, move.other): move for move in moves(ROWS)}
    # By hand: 2013 for 2012 with method a is 6 points, with b 8; with c there is no pair.
    start = by["start", "2013"]
    assert (start.planned, start.change, start.pairs) == ("2012", pytest.approx(7.0), 2)
    assert (start.least, start.most) == (pytest.approx(6.0), pytest.approx(8.0))
    # Method b for a: -1 in 2012, 1 in 2013.
    assert by["method", "b"].change == pytest.approx(0.0)
    assert (by["method", "c"].change, by["method", "c"].pairs) == (pytest.approx(18.0), 1)


def test_the_largest_comes_first_and_the_order_of_rows_does_not_matter():
    found = moves(ROWS)
    assert [abs(move.change) for move in found] == sorted(
        (abs(move.change) for move in found), reverse=True
    )
    assert moves(tuple(reversed(ROWS))) == found


def test_a_shift_of_every_estimate_moves_nothing():
    shifted = tuple({**one, "percent": one["percent"] + 3} for one in ROWS)
    assert [move.change for move in moves(shifted)] == pytest.approx(
        [move.change for move in moves(ROWS)]
    )


def test_without_a_headline_or_a_choice_there_is_nothing_to_say():
    assert moves(tuple({**one, "headline": False} for one in ROWS)) == ()
    assert moves(ROWS[:1]) == () == moves(())
