"""Pictures on a page: seen in the light and in the dark, and their letters drawn once."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from example_study import study
from report_page import faults

from evaluation.report.blocks import Document
from evaluation.report.figures.figures import observed_against_expected, planned_alternatives
from evaluation.report.html import render
from evaluation.report.pictures import COLORS, on_a_page, with_letters_once

ROOT = Path(__file__).parents[2]
STYLE = files("evaluation.report").joinpath("templates/style.css").read_text("utf-8")
# Colors of lines, marks and words; the others are of grounds and grids, which may be faint.
MARKS, WORDS = ("ink", "soft", "blue", "red", "rust", "mid"), ("ink", "soft", "rust")
EVIDENCE = study()
FIGURES = (
    observed_against_expected(EVIDENCE, EVIDENCE.outcomes[0]),
    planned_alternatives(EVIDENCE.outcomes[0]),
)
PAGE = render(Document("t", "t", "o", FIGURES))


def colors(block: str) -> dict[str, str]:
    """Names and values of the colors that a block of the style sheet sets."""
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * one for one in value[1:])
        for name, value in re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block)
    }


LIGHT = colors(STYLE[STYLE.index(":root {") : STYLE.index("@media")])
DARK = colors(STYLE[STYLE.index("prefers-color-scheme: dark") : STYLE.index("*, *::before")])
PAPER = colors(STYLE[STYLE.index("color-scheme: light;") :])


def luminance(color: str) -> float:
    """Relative luminance by WCAG 2.1."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("mode", [LIGHT, DARK, PAPER], ids=["light", "dark", "paper"])
def test_what_is_drawn_stands_out_from_the_card(mode):
    for name in MARKS:
        least = 4.5 if name in WORDS else 3.0
        assert contrast(mode[name], mode["card"]) >= least, name
    assert set(COLORS.values()) <= set(mode)


def test_every_color_that_is_drawn_has_a_name():
    drawn = {
        color.lower()
        for path in (ROOT / "evaluation/plots").glob("*.py")
        for color in re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))
    }
    assert drawn <= set(COLORS)


def test_on_a_page_no_color_is_bare_and_each_has_its_own_behind_it():
    for figure in FIGURES:
        text = on_a_page(figure.svg)
        assert re.search(r"(?:fill|stroke): #", text) is None
        assert set(re.findall(r"var\(--(\w+), (#\w{6})\)", text)) <= {
            (name, color) for color, name in COLORS.items()
        }


def test_letters_stand_on_the_page_once_and_every_one_used_is_there():
    outlines = re.findall(r'<path id="(~\d+)" d="([^"]*)"', PAGE)
    assert len(outlines) == len({shape for _, shape in outlines}) > 20
    used = re.findall(r'<use href="#(~\d+)"', PAGE)
    assert len(used) > 200 and set(used) == {name for name, _ in outlines}
    assert faults(PAGE) == []
    assert PAGE.count("DejaVu") == 0


def test_letters_have_the_places_they_have_in_the_picture():
    svg = FIGURES[0].svg
    alone = re.findall(r'DejaVuSans-(\w+)"(?: transform="translate\(([\d.]+) 0\)")?/>', svg)
    page = render(Document("t", "t", "o", (replace(FIGURES[0], narrow=""),)))
    # A space has no outline and is not drawn.
    spaces = set(re.findall(r'DejaVuSans-(\w+)" transform="scale', svg))
    shared = re.findall(r'<use href="#~\d+"(?: x="([\d.]+)")?/>', page)
    assert shared == [at for name, at in alone if name not in spaces]


def test_a_page_is_much_smaller_than_its_pictures():
    drawn = sum(len(figure.svg) + len(figure.narrow) for figure in FIGURES)
    inside = sum(map(len, re.findall(r"<svg\b.*?</svg>", PAGE, re.DOTALL)))
    assert inside < 0.7 * drawn


def test_a_page_without_pictures_is_as_it_was():
    assert with_letters_once("<body>words</body>") == "<body>words</body>"


def test_ids_that_nothing_points_to_are_gone_and_the_others_stay():
    text = on_a_page(FIGURES[0].svg)
    ids = re.findall(r' id="([^"]*)"', text)
    assert ids and set(ids) == set(re.findall(r'(?:href="|url\()#([^")]*)', text))
