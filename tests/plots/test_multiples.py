"""Small panels: one a place, in order, on the same axes, with what was given in each."""

from __future__ import annotations

import math

import pytest

from evaluation import plots

YEARS = (-3, -2, -1, 0, 1)


def places(count: int) -> list[plots.Place]:
    return [
        plots.Place(
            f"Place {number:03d}",
            YEARS,
            tuple(2.0 + number + year for year in YEARS),
            (None, *(3.0 + number for _ in YEARS[1:])),
        )
        for number in range(count)
    ]


def drawn(given):
    with plots.style():
        figure = plots.blank(plots.multiples_height(len(given)))
        plots.small_multiples(given, figure, measure="Shootings", across="Years")
        return figure, plots.svg_text(figure, "p")


@pytest.mark.parametrize("count", [1, 2, 5, 24])
def test_a_panel_a_place_in_order_and_named(count):
    figure, _ = drawn(places(count))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        place.name for place in places(count)
    ]


def test_all_panels_have_the_same_axes():
    figure, _ = drawn(places(7))
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    highest = max(value for place in places(7) for value in place.observed)
    assert figure.axes[0].get_ylim()[1] > highest


def test_each_panel_shows_its_own_numbers_with_the_start_between():
    given = places(3)
    for axes, place in zip(drawn(given)[0].axes, given, strict=True):
        start, observed, before, after = axes.get_lines()
        assert list(start.get_xdata()) == [0.0, 0.0]
        assert observed.get_xdata() == pytest.approx([year + 0.5 for year in YEARS])
        assert observed.get_ydata() == pytest.approx(place.observed)
        assert before.get_xdata() == pytest.approx([-2.5, -1.5, -0.5])
        assert math.isnan(before.get_ydata()[0])
        assert before.get_ydata()[1:] == pytest.approx(place.expected[1:3])
        assert after.get_ydata() == pytest.approx(place.expected[3:])
        assert before.get_color() != after.get_color()
        assert before.get_linestyle() != after.get_linestyle()


def test_a_single_year_after_the_start_still_has_a_line():
    short = plots.Place("Short", (-1, 0), (1.0, 2.0), (1.5, 1.5))
    after = drawn([short])[0].axes[0].get_lines()[3]
    assert len(after.get_xdata()) == 2
    assert set(after.get_ydata()) == {1.5}


def test_panels_do_not_overlap_and_stay_in_the_figure():
    figure, _ = drawn(places(24))
    figure.canvas.draw()
    boxes = [axes.get_position() for axes in figure.axes]
    for i, one in enumerate(boxes):
        assert one.x0 > 0 and one.x1 < 1 and one.y0 > 0 and one.y1 < 1
        for other in boxes[i + 1 :]:
            apart = one.x1 < other.x0 or other.x1 < one.x0 or one.y1 < other.y0 or other.y1 < one.y0
            assert apart


def test_drawing_twice_gives_the_same_bytes():
    assert drawn(places(5))[1] == drawn(places(5))[1]
