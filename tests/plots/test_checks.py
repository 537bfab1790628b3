from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from evaluation import plots
from evaluation.plots import Choice, Lag, Whisker

ROWS = [
    Whisker("a", -30.0, -45.0, -12.0),
    Whisker("planned", -26.0, -38.0, -12.0, headline=True),
    Whisker("b", -10.0, -35.0, 22.0),
    Whisker("c", 4.0, -50.0, 900.0),
]
CHOICES = [
    Choice("Trend", ["none", "line", "line", "none"], ["line", "none"]),
    Choice("Season", ["1 wave", "2 waves", "1 wave", "1 wave"], ["1 wave", "2 waves"]),
]


def along(rows=ROWS):
    with plots.style():
        axes = plots.blank(plots.ALONG_HEIGHT).axes[0]
        plots.estimates_along(
            rows,
            [float(place) for place in range(len(rows))],
            axes,
            ticks=[(0.0, "2007"), (2.0, "2009")],
            across="First month",
            mark="As planned",
        )
    return axes


def of_color(axes, color):
    return [line for line in axes.get_lines() if line.get_color() == color]


def centers(line):
    return [round(float(x)) for x in line.get_xdata() if x == x][::2]


def test_a_dot_is_open_when_its_range_holds_no_change():
    white = of_color(along(), "white")
    assert [centers(line) for line in white] == [[2, 3]]


def test_the_headline_is_a_diamond_with_its_name():
    axes = along()
    diamonds = [line for line in axes.get_lines() if line.get_marker() == "D"]
    assert [(list(line.get_xdata()), list(line.get_ydata())) for line in diamonds] == [
        ([1.0], [-26.0])
    ]
    assert [text.get_text() for text in axes.texts if text.get_text()] == ["As planned"]


def test_a_range_that_is_too_long_ends_in_an_arrow():
    axes = along()
    arrows = [line for line in axes.get_lines() if line.get_marker() == "^"]
    assert [list(line.get_xdata()) for line in arrows] == [[3.0]]
    assert axes.get_ylim()[1] < 100
    assert plots.cut(ROWS)


def test_nothing_is_cut_where_ranges_are_alike():
    assert not plots.cut(ROWS[:3])
    assert not [line for line in along(ROWS[:3]).get_lines() if line.get_marker() in ("^", "v")]


def test_all_estimates_lie_inside_the_axes():
    low, high = along().get_ylim()
    assert all(low < row.estimate < high for row in ROWS)
    assert low < 0 < high


def test_the_curve_has_a_dot_for_every_choice_of_every_row():
    with plots.style():
        figure = plots.specification_curve(ROWS, CHOICES)
    matrix = figure.axes[1]
    drawn = {
        (place, round(float(line.get_ydata()[0])))
        for line in matrix.get_lines()
        if line.get_solid_capstyle() == "round" and len(line.get_xdata())
        for place in centers(line)
    }
    lines = {"line": 0, "none": 1, "1 wave": 2, "2 waves": 3}
    assert drawn == {
        (place, lines[kind]) for choice in CHOICES for place, kind in enumerate(choice.kinds)
    }


def test_the_names_of_choices_stand_once_in_the_order_given():
    with plots.style():
        figure = plots.specification_curve(ROWS, CHOICES)
    said = [text.get_text() for text in figure.axes[1].texts]
    assert said == ["line", "Trend", "none", "1 wave", "Season", "2 waves"]


def test_more_choices_need_more_height():
    assert plots.curve_height(CHOICES) > plots.curve_height(CHOICES[:1]) > plots.curve_height([])


@pytest.mark.parametrize("count", [1, 3, 120])
def test_a_curve_of_any_length_stays_inside_its_figure(count):
    rows = [Whisker("", -20.0, -30.0, -10.0, headline=place == 0) for place in range(count)]
    choices = [Choice("Trend", ["line"] * count, ["line"])]
    with plots.style():
        figure = plots.specification_curve(rows, choices)
    for axes in figure.axes:
        box = axes.get_position()
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
    top, bottom = figure.axes[0].get_position(), figure.axes[1].get_position()
    assert bottom.y1 < top.y0


def test_a_correlation_outside_the_band_is_a_diamond_of_another_color():
    lags = [Lag(1, 0.4, 0.4, 0.2), Lag(2, 0.1, -0.3, 0.2), Lag(3, 0.05, 0.0, 0.2)]
    with plots.style():
        figure = plots.correlogram(lags)
    outside = [
        [
            (list(line.get_xdata()), line.get_color())
            for line in axes.get_lines()
            if line.get_marker() == "D"
        ]
        for axes in figure.axes
    ]
    assert outside == [[([1], plots.VERMILLION)], [([1, 2], plots.VERMILLION)]]


def test_two_drawings_of_a_check_give_the_same_bytes():
    def drawn() -> str:
        with plots.style():
            return plots.svg_text(plots.specification_curve(ROWS, CHOICES), "curve")

    assert drawn() == drawn()


def test_no_dot_is_lost_on_the_grid_of_a_screen():
    # Strokes a hundredth of a unit long vanish where they are snapped to pixels or simplified.
    count = 160
    rows = [Whisker("", -20.0, -30.0, -10.0) for _ in range(count)]
    with plots.style():
        figure = plots.specification_curve(rows, [Choice("Trend", ["line"] * count, ["line"])])
        canvas = FigureCanvasAgg(figure)
        figure.set_dpi(200)
        canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())
    where = figure.axes[1].transData.transform([(place, 0) for place in range(count)])
    dark = [pixels[pixels.shape[0] - 1 - round(y), round(x)][:3].max() < 90 for x, y in where]
    assert all(dark)
