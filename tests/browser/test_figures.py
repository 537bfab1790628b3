"""Figures as a reader with a phone has them: the narrow drawing, in type that can be read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/report"))

# Of the pictures that are shown: class, and the smallest type in CSS pixels. Letters are drawn at a
# hundredth of their size.
_SHOWN = """() => [...document.querySelectorAll('svg[role="img"]')]
  .filter(one => one.checkVisibility())
  .map(one => {
    const wide = one.getBoundingClientRect().width / one.viewBox.baseVal.width;
    const sizes = [...one.querySelectorAll('g[transform*="scale"]')]
      .map(text => +/scale\\(([\\d.]+)/.exec(text.getAttribute('transform'))[1]);
    return [one.getAttribute('class'), 100 * wide * Math.min(...sizes)];
  })"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    from example_checks import thorough
    from example_study import study

    from evaluation.report.blocks import Document
    from evaluation.report.figures.at_a_glance import alternatives_lines, curve_strip
    from evaluation.report.figures.figures import observed_against_expected, planned_alternatives
    from evaluation.report.html import render

    outcome = thorough()
    figures = (
        observed_against_expected(study(), outcome),
        planned_alternatives(outcome),
        curve_strip(outcome),
        alternatives_lines(outcome),
    )
    path = tmp_path_factory.mktemp("page") / "figures.html"
    path.write_text(render(Document("t", "t", "o", figures)), encoding="utf-8")
    opened = browser.new_page()
    opened.goto(path.as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize(("width", "drawn"), [(390, "narrow"), (1280, "wide")])
def test_one_of_two_drawings_is_shown_and_its_type_is_12_px(page, width, drawn):
    page.set_viewport_size({"width": width, "height": 800})
    shown = page.evaluate(_SHOWN)
    assert [one for one, _ in shown] == [drawn] * 4
    assert min(size for _, size in shown) >= 12


def test_a_figure_is_read_once_with_its_words(page):
    page.set_viewport_size({"width": 390, "height": 800})
    pictures = page.get_by_role("img")
    assert pictures.count() == 4
    assert page.get_by_role("img", name="Gun homicides").count() == 4


def test_the_card_of_a_figure_is_dark_in_the_dark(page):
    page.emulate_media(color_scheme="dark")
    ground = page.evaluate(
        "getComputedStyle(document.querySelector('svg.wide path')).fill"
        " + getComputedStyle(document.querySelector('.card')).backgroundColor"
    )
    page.emulate_media(color_scheme="light")
    assert ground == 2 * "rgb(29, 33, 37)"
