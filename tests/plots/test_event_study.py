"""Effects by time since the start: what is hollow, cut, marked and numbered."""

from __future__ import annotations

from evaluation import plots

MOMENTS = [
    plots.Moment(-2, 5.0, -10.0, 20.0, -20.0, 30.0),
    plots.Moment(-1, 0.0, 0.0, 0.0, 0.0, 0.0, reference=True),
    plots.Moment(0, -20.0, -30.0, -10.0, -35.0, -5.0),
    plots.Moment(1, -25.0, -60.0, 900.0, -70.0, 2000.0),
]


def drawn(moments=MOMENTS, percent=True):
    with plots.style():
        figure = plots.blank(plots.EVENT_HEIGHT)
        axes = plots.event_study(
            moments, figure.axes[0], percent=percent, across="Months", measure="x"
        )
        return axes, plots.svg_text(figure, "e")


def test_dots_are_hollow_before_the_start_and_filled_from_it_on():
    axes, _ = drawn()
    dots = [line for line in axes.get_lines() if line.get_marker() in ("o", "s")]
    assert [line.get_marker() for line in dots] == ["o", "s", "o", "o"]
    filled = [line.get_markerfacecolor() != "white" for line in dots]
    assert filled == [False, False, True, True]
    assert [line.get_ydata()[0] for line in dots] == [5.0, 0.0, -20.0, -25.0]


def test_the_reference_has_no_range_of_its_own():
    axes, _ = drawn()
    ranges = [line for line in axes.get_lines() if len(set(line.get_xdata())) == 1]
    ranges = [line for line in ranges if len(line.get_xdata()) == 2 and line.get_xdata()[0] != -0.5]
    assert sorted(line.get_xdata()[0] for line in ranges) == [-2, 0, 1]


def test_a_range_far_beyond_the_estimates_does_not_press_them_flat():
    axes, _ = drawn()
    assert axes.get_ylim()[1] < 6 * 25.0


def test_ticks_are_whole_periods_with_nought_among_them():
    long = [plots.Moment(t, 1.0, 0.0, 2.0, -1.0, 3.0) for t in range(-23, 38)]
    axes, _ = drawn(long)
    assert 0 in axes.get_xticks()
    assert all(float(tick).is_integer() for tick in axes.get_xticks())
    assert len(axes.get_xticks()) <= 11


def test_drawing_twice_gives_the_same_bytes():
    assert drawn()[1] == drawn()[1]
    assert drawn(percent=False)[1] != drawn()[1]
