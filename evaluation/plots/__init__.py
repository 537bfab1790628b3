"""Figures: points and rows in, matplotlib axes out, and the bytes of an SVG that never change.

At most three data colors, chosen to stay apart for color-blind readers, and each has a second cue
(marker, dash or hatch). Nothing here knows what a study is. The door is
`canvas`: a blank figure, its style, and its text as SVG; the others draw on it.
"""

from __future__ import annotations

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    VERMILLION,
    WIDTH,
    blank,
    style,
    svg_text,
)
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
from evaluation.plots.curves import RISK_HEIGHT, WAVES_HEIGHT, Risk, Wave, risk_curves, wave_means
from evaluation.plots.effects import (
    ACCUMULATED_HEIGHT,
    PATH_HEIGHT,
    Total,
    Whisker,
    observed_against_expected,
    planned_alternatives,
    running_total,
    whiskers_height,
)
from evaluation.plots.event_study import (
    ALIKE,
    EVENT_HEIGHT,
    TRENDS_HEIGHT,
    Allowed,
    Gap,
    Moment,
    differing_trends,
    event_study,
    love,
    love_height,
    trends_cut,
)
from evaluation.plots.figure_cache import kept_in, kept_or_made
from evaluation.plots.multiples import (
    A_ROW,
    Icons,
    Place,
    icon_array,
    icons_height,
    multiples_height,
    small_multiples,
)
from evaluation.plots.sevens import crowded

__all__ = [
    "ACCUMULATED_HEIGHT",
    "ALIKE",
    "ALONG_HEIGHT",
    "A_ROW",
    "BLUE",
    "CORRELOGRAM_HEIGHT",
    "EVENT_HEIGHT",
    "INK",
    "NARROW",
    "PATH_HEIGHT",
    "QUIET",
    "RISK_HEIGHT",
    "TRENDS_HEIGHT",
    "VERMILLION",
    "WAVES_HEIGHT",
    "WIDTH",
    "Allowed",
    "Choice",
    "Gap",
    "Icons",
    "Lag",
    "Moment",
    "Place",
    "Risk",
    "Total",
    "Wave",
    "Whisker",
    "blank",
    "correlogram",
    "crowded",
    "curve_height",
    "cut",
    "differing_trends",
    "estimates_along",
    "event_study",
    "icon_array",
    "icons_height",
    "kept_in",
    "kept_or_made",
    "love",
    "love_height",
    "multiples_height",
    "observed_against_expected",
    "planned_alternatives",
    "risk_curves",
    "running_total",
    "small_multiples",
    "specification_curve",
    "style",
    "svg_text",
    "trends_cut",
    "wave_means",
    "whiskers_height",
]
