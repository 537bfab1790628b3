"""Ranges by how much trends may differ: what is thick, cut and numbered."""

from __future__ import annotations

from evaluation import plots

EQUAL = plots.Allowed(0.0, -3.0, -1.0)
WIDER = plots.Allowed(1.0, -5.0, 1.0)
FARTHEST = plots.Allowed(2.0, -90.0, 80.0)


def drawn(*panels):
    with plots.style():
        figure = plots.blank(plots.TRENDS_HEIGHT)
        plots.differing_trends(panels, figure, measure="x")
        return figure, plots.svg_text(figure, "t")


def ranges(axes):
    return [line for line in axes.get_lines() if len(line.get_xdata()) == 2][1:]


def test_a_range_that_leaves_out_nought_is_thicker_and_of_another_color():
    figure, _ = drawn(("Bound", [EQUAL, WIDER]))
    clear, holds = ranges(figure.axes[0])
    assert clear.get_linewidth() > holds.get_linewidth()
    assert clear.get_color() != holds.get_color()
    assert list(clear.get_ydata()) == [-3.0, -1.0]


def test_a_range_far_longer_than_that_with_equal_trends_is_cut_and_says_so():
    figure, _ = drawn(("Bound", [EQUAL, WIDER, FARTHEST]))
    low, high = figure.axes[0].get_ylim()
    assert low > -12 and high < 9
    arrows = [line.get_marker() for line in figure.axes[0].get_lines()]
    assert arrows.count("v") == arrows.count("^") == 1
    assert plots.trends_cut([EQUAL, FARTHEST])
    assert not plots.trends_cut([EQUAL, WIDER])


def test_two_panels_share_their_heights_and_name_their_bounds():
    figure, svg = drawn(("One", [EQUAL, WIDER]), ("Other", [plots.Allowed(0.25, -4.0, 2.0)]))
    left, right = figure.axes
    assert left.get_ylim() == right.get_ylim()
    assert [text.get_text() for text in right.get_xticklabels()] == ["0.25"]
    assert left.get_position().x1 < right.get_position().x0
    assert svg == drawn(("One", [EQUAL, WIDER]), ("Other", [plots.Allowed(0.25, -4.0, 2.0)]))[1]
