"""The forest plot: what has no range is hollow, what has no number is named and not drawn."""

from __future__ import annotations

from itertools import pairwise

import matplotlib
import pytest
from matplotlib.colors import to_hex

from evaluation import plots
from evaluation.plots.forest import Band, Mark, forest, forest_height

RANGED = Mark("Town: shootings", -26.0, -38.0, -12.0)
HOLLOW = Mark("City: homicide", -17.0, note="no range published")
TOLD = Mark("Port: homicide", None, note="no effect found")


def drawn(*marks: Mark, name: str = "", **options):
    bands = [Band(name, marks)]
    with plots.style():
        axes = plots.blank(forest_height(bands)).axes[0]
        forest(bands, axes, **options)
    return axes


def points(axes):
    """The lines that are one marker."""
    return [line for line in axes.get_lines() if line.get_marker() in ("o", "s", "D")]


def whiskers(axes):
    return [
        list(line.get_xdata())
        for line in axes.get_lines()
        if line.get_marker() == "None" and len(set(line.get_xdata())) == 2
    ]


def said(axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_a_result_with_a_range_is_filled_and_has_a_whisker():
    axes = drawn(RANGED)
    (point,) = points(axes)
    assert point.get_markerfacecolor() == plots.INK
    assert whiskers(axes) == [[-38.0, -12.0]]
    assert "−26%" in said(axes)


def test_a_result_without_a_range_is_hollow_has_no_whisker_and_says_so():
    axes = drawn(HOLLOW)
    (point,) = points(axes)
    assert point.get_markerfacecolor() == "white"
    assert whiskers(axes) == []
    assert "no range published" in said(axes)


def test_a_result_without_a_number_is_named_and_not_drawn():
    axes = drawn(RANGED, TOLD)
    assert len(points(axes)) == 1
    assert {"Port: homicide", "no effect found"} <= set(said(axes))


def test_each_kind_has_its_own_color_and_shape():
    marks = [Mark(kind, -5.0, -9.0, -1.0, kind=kind) for kind in ("theirs", "home", "ours")]
    looks = {(to_hex(p.get_color()), p.get_marker()) for p in points(drawn(*marks))}
    assert len({color for color, _ in looks}) == len({shape for _, shape in looks}) == 3


def test_a_mean_is_a_lozenge_as_wide_as_its_range_with_the_range_ahead_beside_it():
    axes = drawn(RANGED, Mark("Average", -20.0, -30.0, -8.0, kind="mean", ahead=(-50.0, 25.0)))
    (lozenge,) = axes.patches
    across = lozenge.get_xy()[:, 0]
    assert (across.min(), across.max()) == (-30.0, -8.0)
    assert [-50.0, 25.0] in whiskers(axes)
    assert axes.get_xlim()[1] > 25.0


def test_a_wild_range_is_cut_with_an_arrow():
    axes = drawn(RANGED, Mark("Wild", 5.0, -20.0, 900.0))
    assert axes.get_xlim()[1] < 200
    assert ">" in [line.get_marker() for line in axes.get_lines()]


def test_no_change_is_always_on_the_picture():
    low, high = drawn(Mark("Far", -60.0, -70.0, -50.0)).get_xlim()
    assert low < 0.0 < high


def test_names_of_groups_are_written_and_need_room():
    assert "Other places" in said(drawn(RANGED, name="Other places"))
    assert forest_height([Band("A", (RANGED,))]) > forest_height([Band("", (RANGED,))])
    assert forest_height([Band("", (RANGED, HOLLOW))]) > forest_height([Band("", (RANGED, TOLD))])


def test_rows_do_not_lie_on_one_another():
    axes = drawn(RANGED, HOLLOW, TOLD, RANGED)
    labels = [text.get_position()[1] for text in axes.texts if ":" in text.get_text()]
    assert all(after - before > 0.2 for before, after in pairwise(labels))


def test_units_of_the_outcome_have_no_percent_sign():
    # As the table and the words have it.
    assert "−0.21" in said(drawn(Mark("Score", -0.21, -0.3, -0.1), percent=False))


@pytest.mark.parametrize("marks", [(RANGED, HOLLOW, TOLD)])
def test_the_same_bytes_on_every_run(marks):
    def text() -> str:
        bands = [Band("Places", marks)]
        with plots.style():
            figure = plots.blank(forest_height(bands))
            forest(bands, figure.axes[0])
            return plots.svg_text(figure, "forest")

    assert text() == text()


def test_without_axes_a_notebook_gets_new_ones():
    from matplotlib import pyplot

    with matplotlib.rc_context({"backend": "agg"}):
        axes = forest([Band("", (RANGED,))])
        assert axes.figure is not None
        pyplot.close("all")
