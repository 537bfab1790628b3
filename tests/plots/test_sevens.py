"""Many days are drawn as means of seven, and nothing else is."""

from __future__ import annotations

import datetime

import pytest

from evaluation import plots
from evaluation.plots.sevens import CROWDED, Mean, by_sevens, crowded

FIRST = datetime.date(2012, 1, 1)


def days(n: int, start: int) -> list[Mean]:
    return [
        Mean(
            (FIRST + datetime.timedelta(days=k)).isoformat(),
            float(k % 7),
            1.0,
            2.0,
            0.5,
            2.5,
            "after" if k >= start else "before",
        )
        for k in range(n)
    ]


def test_sevens_are_counted_from_the_beginning_of_each_phase():
    found = by_sevens(days(24, 10))
    assert [one.period for one in found] == [
        "2012-01-01", "2012-01-08", "2012-01-11", "2012-01-18",
    ]  # fmt: skip
    assert [one.phase for one in found] == ["before", "before", "after", "after"]
    assert found[0].observed == pytest.approx(3.0)
    assert found[1].observed == pytest.approx(1.0)  # of 0, 1 and 2


def test_only_many_days_are_drawn_so():
    assert crowded(days(CROWDED + 1, 300))
    assert not crowded(days(CROWDED, 300))
    weeks = [Mean(f"2012-W{k:02d}-4", 1, 1, 1, 1, 1, "before") for k in range(CROWDED + 1)]
    assert not crowded(weeks)


def test_a_later_change_keeps_its_place_among_sevens():
    path = days(CROWDED + 50, 300)
    with plots.style():
        figure = plots.blank(plots.PATH_HEIGHT)
        plots.observed_against_expected(
            path, figure.axes[0], later=[(path[450].period, "Relaunch")]
        )
    dots = figure.axes[0].lines[0].get_xdata()
    assert len(dots) == len(by_sevens(path)) < 100
    names = [text.get_text() for text in figure.axes[0].texts]
    assert "Relaunch" in names
    drawn = [one.period for one in by_sevens(path)]
    within = max(k for k, period in enumerate(drawn) if period <= path[450].period)
    assert within - 0.5 in [line.get_xdata()[0] for line in figure.axes[0].lines[1:]]
