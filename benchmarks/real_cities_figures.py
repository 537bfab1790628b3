"""Figures of the study of real cities: false alarms by method, and what power goes with them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from benchmarks.real_data import CHOSEN, ERA, ERA_IN_CALIFORNIA, HELD
from benchmarks.real_trials import AT_ONCE, BOTH, DETAILED, FEWEST, NONE, Row
from evaluation.plots import BLUE, INK, QUIET, VERMILLION, WIDTH, blank, style, svg_text

PROMISED = 5.0
# Inches: a row of a figure, and what is above and below its rows; the scatter.
ROW, MARGIN, SCATTER = 0.2, 1.3, 3.6
# The three sets, and how each is marked: filled where something may have been chosen.
SETS = (
    (ERA, CHOSEN, "o", QUIET),
    (ERA, HELD, "o", BLUE),
    (ERA_IN_CALIFORNIA, BOTH, "D", VERMILLION),
)
DEFAULTS = ("learned", "forecast")
FARTHEST = 85.0
DESIGNS = (("alone", "One city by itself"), ("compared", "One city beside others"))


def calls(rows: Sequence[Row]) -> str:
    """False alarms in percent, a row a method and a mark a set, as an SVG."""
    rows = [row for row in rows if row.trials >= FEWEST]
    panels = [
        (design, title, _ordered([row for row in rows if row.design == design]))
        for design, title in (
            ("alone", "One city by itself"),
            ("compared", "One city beside others"),
        )
    ]
    tall = max(len(names) for *_, names in panels) or 1
    height = MARGIN + ROW * tall
    with style():
        drawn = blank(height)
        drawn.axes[0].remove()
        for left, (design, title, names) in zip((0.27, 0.73), panels, strict=True):
            share = ROW * max(len(names), 1) / height
            axes = drawn.add_axes((left, 1 - 0.35 / height - share, 0.24, share))
            _panel(axes, [row for row in rows if row.design == design], names)
            axes.set_title(title, loc="left", fontsize=9, color=INK)
            axes.set_xlabel("False alarms, %")
        told = (
            "Gray: half on which something may be chosen; blue: the other half, with its range;\n"
            "red: California. Upright line: the 5 % promised."
        )
        drawn.text(0.02, 0.08 / height, told, fontsize=8, color=INK)
        text = svg_text(drawn, "real-cities")
    title = (
        "False alarms of each method at pretended starts in real cities, in percent: the defaults "
        "stay near the promised five, methods that take months for independent go far beyond"
    )
    return _titled(text, title, height)


def powers(rows: Sequence[Row]) -> str:
    """False alarms beside power for a fall of 30 % at once, on what is held back, as an SVG."""
    rows = [row for row in rows if row.trials >= FEWEST]
    with style():
        drawn = blank(SCATTER)
        drawn.axes[0].remove()
        for left, (design, title) in zip((0.08, 0.56), DESIGNS, strict=True):
            axes = drawn.add_axes((left, 0.17, 0.41, 0.7))
            own = [row for row in rows if (row.design, row.era, row.by) == (design, ERA, "all")]
            at = {(row.method, row.effect): row for row in own if row.half == HELD}
            for method in dict.fromkeys(name for name, _ in at):
                none, once = at.get((method, NONE)), at.get((method, AT_ONCE))
                if none is None or once is None or math.isnan(none.found + once.found):
                    continue
                place = 100 * none.found, 100 * once.found
                color = BLUE if method in DEFAULTS else INK
                axes.plot(*([value] for value in place), "o", color=color, markersize=4)
                if method not in DETAILED:
                    continue
                axes.annotate(
                    method,
                    place,
                    xytext=(3, 2),
                    textcoords="offset points",
                    fontsize=7,
                    color=color,
                    fontweight="bold" if method in DEFAULTS else "normal",
                )
            axes.axvline(PROMISED, color=QUIET, linewidth=0.8)
            axes.set_title(title, loc="left", fontsize=9, color=INK)
            axes.set_xlabel("False alarms, %")
            axes.set_ylabel("Finds 30 % fewer, %" if design == "alone" else "")
            axes.set_xlim(0, FARTHEST)
            axes.set_ylim(0, 100)
        text = svg_text(drawn, "real-cities-power")
    title = "Power for a fall of 30 percent by false alarms, one dot a method, cities held back"
    return _titled(text, title, SCATTER)


def _ordered(rows: Sequence[Row]) -> list[str]:
    """Names by the false alarms on the half held back, fewest first."""
    alarms = {
        row.method: row.found
        for row in rows
        if (row.era, row.half, row.by, row.effect) == (ERA, HELD, "all", NONE)
        and not math.isnan(row.found)
    }
    return sorted(alarms, key=lambda name: (alarms[name], name))


def _panel(axes: Any, rows: Sequence[Row], names: Sequence[str]) -> None:
    axes.axvline(PROMISED, color=QUIET, linewidth=0.8)
    for era, half, mark, color in SETS:
        for row in rows:
            key = (row.era, row.half, row.by, row.effect)
            if key != (era, half, "all", NONE) or row.method not in names or math.isnan(row.found):
                continue
            place = names.index(row.method)
            ends = [100 * row.found_low, min(100 * row.found_high, FARTHEST)]
            if half == HELD:
                axes.plot(ends, [place, place], color=color, linewidth=0.9)
            axes.plot([100 * row.found], [place], mark, color=color, markersize=3.5)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, FARTHEST)
    axes.set_yticks(range(len(names)), names, fontsize=6.5)
    for label in axes.get_yticklabels():
        if label.get_text() in DEFAULTS:
            label.set_color(BLUE)
            label.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    axes.yaxis.grid(True, color="#ececec", linewidth=0.6)
    axes.set_axisbelow(True)


def _titled(text: str, title: str, height: float) -> str:
    head, rest = text.split(">", 1)
    size = f'width="{72 * WIDTH:g}pt" height="{72 * height:g}pt"'
    head = head.replace("<svg", f'<svg role="img" {size}', 1)
    return f"{head}><title>{title}</title>{rest}"
