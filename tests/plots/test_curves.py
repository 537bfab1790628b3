"""Risk by time after entry, and means by wave: what is drawn is what was given."""

from __future__ import annotations

import pytest

from evaluation import plots

WITH = plots.Risk((91.3125, 182.625), (0.1, 0.25), (0.06, 0.2), (0.15, 0.31))
WITHOUT = plots.Risk((91.3125, 182.625), (0.2, 0.3), (0.15, 0.26), (0.26, 0.35))
WAVES = [
    plots.Wave("2012", 3.1, 3.0, None),
    plots.Wave("2016", 3.5, 3.1, (3.2, 3.05, 3.35)),
]


def curves():
    with plots.style():
        figure = plots.blank(plots.RISK_HEIGHT)
        axes = plots.risk_curves(WITH, WITHOUT, figure.axes[0], labels=("Took part", "Expected"))
        return axes, plots.svg_text(figure, "r")


def names(axes):
    """What stands beside the ends of lines, from the lowest up."""
    return [
        text.get_text().replace("\n", " ")
        for text in axes.texts
        if text.xycoords == ("axes fraction")
    ]


def waves(given=WAVES):
    with plots.style():
        figure = plots.blank(plots.WAVES_HEIGHT)
        axes = plots.wave_means(given, figure.axes[0], measure="Trust", start="Start 2013")
        return axes, plots.svg_text(figure, "w")


def test_risk_begins_at_nought_on_the_day_of_entry_and_is_in_people_of_100():
    axes, _ = curves()
    first, second = axes.get_lines()
    assert first.get_xdata() == pytest.approx([0, 3, 6])
    assert first.get_ydata() == pytest.approx([0, 10, 25])
    assert second.get_ydata() == pytest.approx([0, 20, 30])
    assert first.get_linestyle() != second.get_linestyle()
    assert first.get_marker() != second.get_marker()
    assert axes.get_ylim()[0] == 0 and axes.get_ylim()[1] > 35
    assert names(axes) == ["Took part", "Expected"]


def test_expected_line_begins_where_the_treated_were_before_the_start():
    axes, _ = waves()
    lines = {line.get_label(): line for line in axes.get_lines()}
    treated, expected = axes.get_lines()[:2]
    assert treated.get_ydata() == pytest.approx([3.1, 3.5])
    assert expected.get_ydata() == pytest.approx([3.1, 3.2])
    assert len(lines) >= 4
    low, high = axes.get_ylim()
    assert low < 3.0 and high > 3.5


def test_waves_without_other_areas_are_drawn_without_their_line():
    axes, _ = waves([plots.Wave(one.name, one.treated, None, one.expected) for one in WAVES])
    assert len(names(axes)) == 2
    assert len(names(waves()[0])) == 3


def test_each_line_is_named_at_its_end_in_its_own_color():
    axes, _ = curves()
    ends = {line.get_color(): line.get_ydata()[-1] for line in axes.get_lines()[:2]}
    heights = [text.get_position()[1] for text in axes.texts]
    assert len({text.get_color() for text in axes.texts}) == 2
    assert (heights[0] < heights[1]) == (ends[plots.BLUE] < ends[plots.VERMILLION])


def test_drawing_twice_gives_the_same_bytes():
    assert curves()[1] == curves()[1]
    assert waves()[1] == waves()[1]
