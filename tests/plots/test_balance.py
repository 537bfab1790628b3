"""The love plot: hollow before, filled after, and a strip in which groups are called alike."""

from __future__ import annotations

from evaluation import plots

GAPS = [plots.Gap("age", -0.8, 0.02), plots.Gap("prior arrests", 0.4, None)]


def drawn():
    with plots.style():
        figure = plots.blank(plots.love_height(2))
        axes = plots.love(GAPS, figure.axes[0])
        return axes, plots.svg_text(figure, "l")


def test_before_is_hollow_and_after_is_filled_where_there_is_one():
    axes, _ = drawn()
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [-0.8, 0.02, 0.4]
    assert [line.get_markerfacecolor() for line in dots] == ["white", plots.BLUE, "white"]


def test_strip_is_a_tenth_of_a_deviation_to_either_side_and_all_is_inside():
    axes, _ = drawn()
    (strip,) = axes.patches
    assert strip.get_bbox().intervalx.tolist() == [-plots.ALIKE, plots.ALIKE]
    assert axes.get_xlim()[0] < -0.8 < 0.8 < axes.get_xlim()[1]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["age", "prior arrests"]


def test_drawing_twice_gives_the_same_bytes():
    assert drawn()[1] == drawn()[1]
