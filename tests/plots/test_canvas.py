from __future__ import annotations

import io
import re

import matplotlib
import pytest
from example_path import months

from evaluation import plots
from evaluation.plots import canvas

MEASURE = "Victims a month"


def drawn(prefix: str = "a", measure: str = MEASURE) -> str:
    with plots.style():
        figure = plots.blank(plots.PATH_HEIGHT)
        plots.observed_against_expected(months(washout=3), figure.axes[0], measure=measure)
        return plots.svg_text(figure, prefix)


def test_two_drawings_give_the_same_bytes():
    assert drawn() == drawn()


def test_a_readers_own_settings_do_not_reach_the_figure():
    before = drawn()
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "none"}):
        assert drawn() == before


def test_text_remembered_from_other_figures_changes_no_byte():
    canvas._text_paths.cache_clear()
    first = drawn()
    drawn(measure="Other words, 0123456789 −+%")
    assert drawn() == first
    remembered = canvas._text_paths()
    assert MEASURE in {text for text, *_ in remembered.sizes}
    remembered.sizes.clear()
    remembered.outlines.clear()
    assert drawn() == first


def test_the_last_digits_of_a_place_change_no_byte():
    """Another numpy moves them, and matplotlib names what it clips by all of them."""

    def moved(by: float) -> str:
        with plots.style():
            figure = plots.blank(plots.PATH_HEIGHT)
            plots.observed_against_expected(months(washout=3), figure.axes[0], measure=MEASURE)
            left, bottom, width, height = figure.axes[0].get_position().bounds
            figure.axes[0].set_position((left, bottom, width * (1 + by), height))
            return plots.svg_text(figure, "a")

    assert moved(3e-15) == moved(0.0)
    assert re.search(r'id="a-[a-z]?[0-9a-f]{10}"', moved(0.0)) is None


def test_the_picture_is_the_one_that_savefig_writes():
    """All but what `svg_text` takes away or shortens: every path and glyph, in the same order."""
    with plots.style():
        figure = plots.blank(plots.PATH_HEIGHT)
        plots.observed_against_expected(months(washout=3), figure.axes[0], measure=MEASURE)
        stream = io.StringIO()
        figure.savefig(stream, format="svg")
    shown = r'<(?:use|path|g|clipPath)\b|xlink:href="#[^"]*"|(?<= d=")[^"]*|transform="[^"]*"'
    # Other names, in the same places.
    expected = re.findall(shown, re.sub(r'="#([a-z])[0-9a-f]{10}"', r'="#\1"', stream.getvalue()))
    ours = re.findall(shown, re.sub(r'="#p-(?:([a-z])\d+(?="))?', r'="#\1', drawn("p")))
    assert len(ours) == len(expected) > 500
    digits = r"-?\d+(?:\.\d+)?"
    for one, other in zip(ours, expected, strict=True):
        assert re.sub(digits, "n", one).split() == re.sub(digits, "n", other).split()
        # Ours have two decimals.
        numbers = zip(re.findall(digits, one), re.findall(digits, other), strict=True)
        assert all(abs(float(a) - float(b)) <= 0.00501 for a, b in numbers)


def test_the_picture_is_only_an_element_with_ids_of_its_own():
    text = drawn("chart-1")
    assert text.startswith("<svg ")
    assert text.endswith("</svg>\n")
    for absent in ("<?xml", "<!DOCTYPE", "<!--", "<metadata", "<style", "<text"):
        assert absent not in text
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert all(name.startswith("chart-1-") for name in ids)
    targets = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', text)
    assert {a or b for a, b in targets} <= set(ids)
    opening = text[: text.index(">")]
    assert "viewBox=" in opening
    assert "width=" not in opening.replace("stroke-width=", "")


def test_a_label_that_looks_like_markup_or_math_is_drawn_as_text():
    text = drawn(measure="--> <script> $\\frac{$ cost")
    assert "<script" not in text


def test_numbers_have_two_decimals_but_for_scales():
    text = drawn()
    numbers = re.findall(r"\d+\.\d{3,}", re.sub(r"scale\([^)]*\)", "", text))
    assert numbers == []
    assert "scale(0.015625)" in text


@pytest.mark.parametrize("name", sorted(plots.__all__))
def test_every_public_name_is_there(name):
    assert getattr(plots, name) is not None


@pytest.mark.parametrize(
    ("periods", "ticks"),
    [
        (["2009-W01", "2009-W02"], [(0, "2009")]),
        (["2009-W53", "2010-W01", "2010-W02"], [(1, "2010")]),
        (["2009-12-31", "2010-01-01"], [(1, "2010")]),
        (["2010-01-01", "2010-01-02"], [(0, "2010")]),
        (["2009-12", "2010-01"], [(1, "2010")]),
    ],
)
def test_an_axis_is_marked_where_a_year_begins(periods, ticks):
    assert canvas.year_ticks(periods) == ticks
