from __future__ import annotations

from dataclasses import replace

import matplotlib
import pytest
from example_path import months

from evaluation import plots
from evaluation.effect import Point

ROWS = [
    plots.Whisker("Headline method", -26.1, -38.0, -11.9, headline=True),
    plots.Whisker("Costs $5 and $7", 5.0, -10.0, 420.0),
]


def test_dots_line_and_dashes_tell_the_three_series_apart():
    with plots.style():
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(months(), axes)
    observed, fitted, expected = axes.get_lines()[:3]
    assert observed.get_marker() == "o"
    assert fitted.get_color() == plots.BLUE
    assert expected.get_color() == plots.VERMILLION
    assert expected.is_dashed()
    assert list(expected.get_xdata()) == list(range(24, 48))


def test_periods_left_out_are_hatched_and_the_phase_in_is_shaded():
    with plots.style():
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(months(washout=3), axes)
    spans = {patch.get_hatch(): patch.get_bbox().intervalx.tolist() for patch in axes.patches}
    assert spans == {"////": [23.5, 26.5], None: [26.5, 28.5]}


def test_a_ribbon_far_above_the_data_does_not_press_the_data_flat():
    wild = [
        Point(p.period, p.observed, p.fitted, p.expected, p.low, 5000.0, p.phase) for p in months()
    ]
    with plots.style():
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(wild, axes)
    assert axes.get_ylim()[1] < 30


@pytest.mark.parametrize("periods", [["2010", "2011", "2012"], ["2010-Q1", "2010-Q2", "2010-Q3"]])
def test_quarters_and_years_are_drawn_too(periods):
    points = [
        Point(period, 5.0, 5.0, 5.0, 4.0, 6.0, "before" if i < 2 else "after")
        for i, period in enumerate(periods)
    ]
    with plots.style():
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(points, axes)
    assert axes.get_xticklabels()[0].get_text() == "2010"


def test_one_wild_interval_does_not_flatten_the_rest():
    with plots.style():
        axes = plots.blank(plots.whiskers_height(2)).axes[0]
        plots.planned_alternatives(ROWS, axes)
    assert axes.get_xlim()[1] < 200
    assert ">" in [line.get_marker() for line in axes.get_lines()]


def test_the_headline_is_marked_by_shape_and_word():
    with plots.style():
        axes = plots.blank(plots.whiskers_height(2)).axes[0]
        plots.planned_alternatives(ROWS, axes)
    assert [line.get_marker() for line in axes.get_lines()].count("D") == 1
    said = [text.get_text() for text in axes.texts]
    assert "Headline method (headline)" in said
    assert "−26%" in said
    assert "Costs $5 and $7" in said


def test_without_axes_a_notebook_gets_new_ones():
    from matplotlib import pyplot

    with matplotlib.rc_context({"backend": "agg"}):
        axes = plots.observed_against_expected(months())
        assert pyplot.fignum_exists(axes.figure.number)
        pyplot.close(axes.figure)


def test_what_came_later_has_a_line_and_a_name_above_the_data():
    later = (("2012-06", "Dilution"), ("2013-02", "Relaunch"), ("2030-01", "Not yet"))
    with plots.style():
        plain = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(months(), plain)
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(months(), axes, begins="Begins, June 2012", later=later)
    named = [text for text in axes.texts if text.get_text()]
    assert [text.get_text() for text in named] == ["Begins, June 2012", "Dilution", "Relaunch"]
    heights = [text.get_position()[1] for text in named]
    assert heights == sorted(heights, reverse=True) and min(heights) > 0
    assert len(set(heights)) == 3
    added = len(axes.get_lines()) - len(plain.get_lines())
    assert added == 2
    assert axes.get_position().y1 < plain.get_position().y1


def test_phases_in_two_runs_are_shaded_apart_and_named_once():
    path = months()
    apart = [
        replace(point, phase="phase-in" if i in (24, 25, 40) else point.phase)
        for i, point in enumerate(path)
    ]
    with plots.style():
        axes = plots.blank(plots.PATH_HEIGHT).axes[0]
        plots.observed_against_expected(apart, axes)
    spans = [(patch.get_x(), patch.get_width()) for patch in axes.patches]
    assert spans == [(23.5, 2.0), (39.5, 1.0)]
    assert [text.get_text() for text in axes.get_legend().get_texts()].count("Phase-in") == 1
