"""A running total: from nought at the start, with a band or one bar, and the phase-in shaded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from matplotlib.patches import Rectangle

from evaluation import plots

MONTHS = [f"{2012 + (9 + t) // 12}-{(9 + t) % 12 + 1:02d}" for t in range(30)]
BARE = [
    plots.Total(
        period,
        -1.5 * (t + 1),
        "phase-in" if t < 3 else "after",
        *((-80.0, -10.0) if t == 29 else (None, None)),
    )
    for t, period in enumerate(MONTHS)
]
WHOLE = [replace(one, low=1.8 * one.total, high=0.2 * one.total) for one in BARE]


def drawn(totals, **options):
    with plots.style():
        figure = plots.blank(plots.ACCUMULATED_HEIGHT)
        axes = plots.running_total(totals, figure.axes[0], measure="x", **options)
        return axes, plots.svg_text(figure, "t")


def legend(axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_line_begins_at_nought_and_goes_through_every_total():
    axes, _ = drawn(BARE)
    line = next(line for line in axes.get_lines() if len(line.get_xdata()) == 31)
    assert line.get_ydata() == pytest.approx([0.0, *(one.total for one in BARE)])


def test_where_only_the_end_has_a_range_there_is_a_bar_there_and_no_band():
    axes, _ = drawn(BARE)
    assert legend(axes) == ["Total so far", "Total at the end, with range", "Phase-in"]
    (bar,) = axes.containers
    (segment,) = bar.lines[2][0].get_segments()
    assert segment[:, 0] == pytest.approx([29, 29])
    assert sorted(segment[:, 1]) == pytest.approx([-80, -10])
    low, high = axes.get_ylim()
    assert low < -80 and high > 0


def test_where_every_total_has_a_range_it_is_a_band():
    axes, _ = drawn(WHOLE)
    assert legend(axes) == ["Total so far, with range", "Phase-in"]
    assert not axes.containers
    band = max(axes.collections, key=lambda one: len(one.get_paths()[0].vertices))
    vertices = band.get_paths()[0].vertices
    for t, one in enumerate(WHOLE):
        ends = sorted({round(float(y), 6) for x, y in vertices if x == t})
        assert ends == pytest.approx([one.low, one.high])


def test_the_phase_in_is_shaded_and_named():
    axes, _ = drawn(BARE, phase_in="Some treated")
    spans = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [(one.get_x(), one.get_width()) for one in spans] == [(-0.5, 3.0)]
    assert "Some treated" in legend(axes)
    without = [replace(one, phase="after") for one in BARE]
    assert "Phase-in" not in legend(drawn(without)[0])


def test_more_than_expected_goes_up():
    axes, _ = drawn(
        [replace(one, total=-one.total, low=None, high=None) for one in BARE[:-1]]
        + [plots.Total(MONTHS[-1], 45.0, "after", 10.0, 80.0)]
    )
    assert axes.get_ylim()[1] > 80
    axes.figure.canvas.draw()
    shown = [text.get_text() for text in axes.get_yticklabels()]
    assert all(text == "0" or text[0] in "+−" for text in shown)


@pytest.mark.parametrize("totals", [BARE, WHOLE, BARE[-1:]])
def test_nothing_is_cut_off(totals):
    axes, _ = drawn(totals)
    axes.figure.canvas.draw()
    box = axes.get_legend().get_window_extent()
    assert box.x1 <= axes.figure.bbox.x1 and box.y0 >= axes.figure.bbox.y0


def test_drawing_twice_gives_the_same_bytes():
    assert drawn(BARE)[1] == drawn(BARE)[1]
    assert drawn(BARE)[1] != drawn(WHOLE)[1]
