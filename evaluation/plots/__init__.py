"""Figures: points and rows in, matplotlib axes out, and the bytes of an SVG that never change.

At most three data colors, chosen to stay apart for color-blind readers, and each has a second cue
(marker, dash or hatch). Nothing here knows what a study is.
"""

from __future__ import annotations

from evaluation.plots.canvas import BLUE, INK, QUIET, VERMILLION, WIDTH, blank, style, svg_text
from evaluation.plots.checks import (
    ALONG_HEIGHT,
    CORRELOGRAM_HEIGHT,
    Choice,
    Lag,
    correlogram,
    curve_height,
    cut,
    estimates_along,
    specification_curve,
)
from evaluation.plots.effects import (
    PATH_HEIGHT,
    Whisker,
    observed_against_expected,
    planned_alternatives,
    whiskers_height,
)

__all__ = [
    "ALONG_HEIGHT",
    "BLUE",
    "CORRELOGRAM_HEIGHT",
    "INK",
    "PATH_HEIGHT",
    "QUIET",
    "VERMILLION",
    "WIDTH",
    "Choice",
    "Lag",
    "Whisker",
    "blank",
    "correlogram",
    "curve_height",
    "cut",
    "estimates_along",
    "observed_against_expected",
    "planned_alternatives",
    "specification_curve",
    "style",
    "svg_text",
    "whiskers_height",
]
