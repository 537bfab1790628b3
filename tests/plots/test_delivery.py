"""Strips of what was delivered under what was planned: heights, lines and bytes."""

from __future__ import annotations

from evaluation import plots
from evaluation.plots.event_study import Strip, delivery, delivery_height

PERIODS = ("2012-11", "2012-12", "2013-01")
HELD = Strip("Call-ins", (1.0, 0.0, 2.0), (2.0, 2.0, 2.0))
FREE = Strip("Actions", (3.0, 4.0, 5.0))


def drawn(*strips: Strip, start: str = ""):
    with plots.style():
        figure = plots.blank(delivery_height(len(strips)))
        delivery(strips, PERIODS, figure, start=start)
        return figure, plots.svg_text(figure, "d")


def test_a_strip_has_what_was_delivered_and_a_line_where_something_was_planned():
    figure, _ = drawn(HELD, FREE)
    held, free = figure.axes
    assert [list(patch.get_data().values) for patch in held.patches] == [[1, 0, 2], [2, 2, 2]]
    assert [patch.get_fill() for patch in held.patches] == [True, False]
    assert [list(patch.get_data().values) for patch in free.patches] == [[3, 4, 5]]


def test_every_strip_begins_at_nought_and_holds_what_was_planned():
    figure, _ = drawn(HELD, FREE)
    for axes, strip in zip(figure.axes, (HELD, FREE), strict=True):
        low, high = axes.get_ylim()
        assert low == 0 and high > max((*strip.delivered, *strip.planned))


def test_the_start_is_marked_only_where_it_is_among_the_periods():
    inside, _ = drawn(HELD, start="2012-12")
    outside, _ = drawn(HELD, start="2011-01")
    assert [list(line.get_xdata()) for line in inside.axes[0].get_lines()] == [[0.5, 0.5]]
    assert outside.axes[0].get_lines() == []


def test_delivered_and_planned_differ_by_more_than_color():
    figure, _ = drawn(HELD)
    filled, line = figure.axes[0].patches
    assert filled.get_fill() and line.get_linestyle() != "-" and not line.get_fill()


def test_the_same_strips_give_the_same_bytes_and_other_strips_others():
    assert drawn(HELD, FREE)[1] == drawn(HELD, FREE)[1]
    assert drawn(HELD)[1] != drawn(FREE)[1]


def test_strips_do_not_lie_over_one_another():
    figure, _ = drawn(HELD, FREE, HELD)
    first, second, third = (axes.get_position() for axes in figure.axes)
    assert first.y0 > second.y1 and second.y0 > third.y1 and third.y0 > 0
