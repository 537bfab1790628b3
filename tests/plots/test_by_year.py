"""Bars by year: the year of the start apart, what was expected as steps, names inside."""

from __future__ import annotations

import pytest

from evaluation import plots
from evaluation.plots.by_year import Bar, Flag, by_year_height, cut, recorded_by_year
from evaluation.plots.canvas import text_width, wrapped

BARS = [
    *(Bar(year, 120.0 - 2 * (year - 2007)) for year in range(2007, 2012)),
    Bar(2012, 127.0, start=True),
    *(Bar(year, 80.0, expected=(100.0, 64.0, 150.0)) for year in range(2013, 2020)),
]
START = Flag(2012.75, "Ceasefire begins, October 2012")


def drawn(bars=BARS, flags=(START,), width=plots.WIDTH):
    with plots.style():
        figure = plots.blank(by_year_height(len(flags)), width)
        recorded_by_year(
            bars, flags, figure.axes[0], measure="Murders", expected="expected without it"
        )
        return figure, plots.svg_text(figure, "y")


def test_a_bar_a_year_and_the_year_of_the_start_hatched():
    axes = drawn()[0].axes[0]
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in axes.patches] == [
        bar.year for bar in BARS
    ]
    assert [bar.get_height() for bar in axes.patches] == [bar.recorded for bar in BARS]
    assert [bool(bar.get_hatch()) for bar in axes.patches] == [bar.start for bar in BARS]
    assert axes.get_ylim()[0] == 0


def test_the_line_and_its_band_stand_over_the_years_that_have_them():
    axes = drawn()[0].axes[0]
    line = axes.get_lines()[0]
    assert (min(line.get_xdata()), max(line.get_xdata())) == (2012.5, 2019.5)
    assert set(line.get_ydata()) == {100.0}
    band = axes.collections[0].get_datalim(axes.transData)
    assert (band.y0, band.y1) == (64.0, 150.0)


def test_a_year_between_that_has_none_breaks_the_line():
    bars = [Bar(year, 5.0, expected=None if year == 3 else (6, 4, 9)) for year in range(6)]
    axes = drawn(bars, ())[0].axes[0]
    assert [(min(x), max(x)) for x in (line.get_xdata() for line in axes.get_lines())] == [
        (-0.5, 2.5),
        (3.5, 5.5),
    ]


def test_the_line_of_the_start_lies_inside_its_bar():
    axes = drawn()[0].axes[0]
    (line,) = [line for line in axes.get_lines() if line.get_xdata()[0] == line.get_xdata()[-1]]
    assert line.get_xdata()[0] == pytest.approx(2012.25)
    bar = axes.patches[5]
    assert bar.get_x() < line.get_xdata()[0] < bar.get_x() + bar.get_width()


@pytest.mark.parametrize("counts", [(1, 0, 2), (3, 1, 4), (40, 55, 61), (3400, 5000, 4100)])
def test_counts_have_whole_ticks(counts):
    figure, _ = drawn([Bar(2000 + place, count) for place, count in enumerate(counts)], ())
    assert all(tick == int(tick) for tick in figure.axes[0].get_yticks())


def test_a_range_far_above_all_bars_is_cut_and_says_so():
    long = [*BARS, Bar(2020, 80.0, expected=(100.0, 20.0, 4000.0))]
    assert cut(long) and not cut(BARS)
    assert drawn(long)[0].axes[0].get_ylim()[1] < 400


def test_counts_stand_on_bars_only_where_all_have_room():
    told = {text.get_text() for text in drawn()[0].axes[0].texts}
    assert {"127", "80"} <= told
    assert "127" not in {text.get_text() for text in drawn(width=2.5)[0].axes[0].texts}


def test_words_are_broken_to_a_width_and_a_long_one_is_cut():
    lines = wrapped("The opening of the new office of neighborhood safety begins", 8.5, 120)
    assert len(lines) > 1 and max(text_width(line, 8.5) for line in lines) <= 120
    assert " ".join(lines) == "The opening of the new office of neighborhood safety begins"
    (cut_word,) = wrapped("W" * 60, 8.5, 120)
    assert cut_word.endswith("…") and text_width(cut_word, 8.5) <= 120
