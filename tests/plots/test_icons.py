"""Icons: as many as were given, each kind with its own shape and color, over the field."""

from __future__ import annotations

import re

import pytest

from evaluation import plots

LABELS = ("Happened", "May not have happened", "Either", "Not concerned")
FEWER = plots.Icons(happened=74, changed=26, low=11, high=38)
ADDED = plots.Icons(happened=100, changed=26, low=11, high=45, added=True)
PEOPLE = plots.Icons(happened=50, changed=10, low=4, high=15, others=40)


def drawn(icons):
    with plots.style():
        figure = plots.blank(plots.icons_height(icons))
        axes = plots.icon_array(icons, figure.axes[0], labels=LABELS)
        return axes, plots.svg_text(figure, "i")


def counted(svg: str) -> dict[str, int]:
    """Marks of each kind in the picture itself."""
    groups = re.findall(r'<g id="i-icons-(\w+)">(.*?)</g>\s*</g>', svg, re.DOTALL)
    return {kind: len(re.findall(r"<use\b", inside)) for kind, inside in groups}


@pytest.mark.parametrize("icons", [FEWER, ADDED, PEOPLE, plots.Icons(3, 2, 1, 2)])
def test_there_are_as_many_icons_in_the_picture_as_were_given(icons):
    wanted = {"happened": icons.happened, "changed": icons.changed, "others": icons.others}
    assert counted(drawn(icons)[1]) == {kind: n for kind, n in wanted.items() if n}


@pytest.mark.parametrize("icons", [FEWER, ADDED, PEOPLE])
def test_no_two_icons_share_a_place_and_none_is_left_out(icons):
    axes, _ = drawn(icons)
    places = [(x, y) for line in axes.get_lines() for x, y in zip(*line.get_data(), strict=True)]
    total = icons.happened + icons.changed + icons.others
    assert len(set(places)) == len(places) == total
    assert sorted(y * plots.A_ROW + x for x, y in places) == list(range(total))


@pytest.mark.parametrize("icons", [FEWER, ADDED, PEOPLE])
def test_kinds_differ_in_shape_or_filling_and_not_in_color_alone(icons):
    axes, _ = drawn(icons)
    looks = [
        (line.get_marker(), line.get_markerfacecolor(), line.get_markersize())
        for line in axes.get_lines()
    ]
    assert len({(marker, size) for marker, _, size in looks}) == len(looks)


def test_the_field_holds_what_the_range_leaves_open():
    # Of 100 expected 74 happened; between 62 and 89 could have.
    assert FEWER.field == range(62, 89)
    # At least 11 and at most 45 came on top of 100.
    assert ADDED.field == range(111, 145)
    # Of 60 expected to have it, between 45 and 56 do.
    assert PEOPLE.field == range(45, 56)


@pytest.mark.parametrize("icons", [FEWER, ADDED, PEOPLE])
def test_the_gray_field_covers_just_those_places(icons):
    axes, _ = drawn(icons)
    covered = set()
    for field in axes.collections:
        box = field.get_datalim(axes.transData)
        if box.width > 0:
            row = round((box.y0 + box.y1) / 2)
            covered |= {
                row * plots.A_ROW + x for x in range(round(box.x0 + 0.5), round(box.x1 + 0.5))
            }
    assert covered == set(icons.field)


def test_a_field_beyond_the_icons_has_room():
    axes, _ = drawn(ADDED)
    assert ADDED.places == 145
    assert axes.get_ylim()[0] == pytest.approx(-(-145 // plots.A_ROW) - 0.5)


def test_nothing_is_cut_off():
    for icons in (FEWER, ADDED, PEOPLE):
        axes, _ = drawn(icons)
        axes.figure.canvas.draw()
        box = axes.get_legend().get_window_extent()
        assert box.x1 <= axes.figure.bbox.x1
        assert box.y0 >= axes.figure.bbox.y0
        assert box.y1 <= axes.get_window_extent().y0 + 1


def test_drawing_twice_gives_the_same_bytes():
    assert drawn(FEWER)[1] == drawn(FEWER)[1]
    assert drawn(FEWER)[1] != drawn(PEOPLE)[1]
