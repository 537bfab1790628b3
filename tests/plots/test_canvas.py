from __future__ import annotations

import re

import matplotlib
import pytest
from example_path import months

from evaluation import plots


def drawn(prefix: str = "a", measure: str = "Victims a month") -> str:
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
