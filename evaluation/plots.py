"""Figures: points and rows in, matplotlib axes out, and the bytes of an SVG that never change.

At most three data colors, chosen to stay apart for color-blind readers, and each has a second cue
(marker, dash or hatch). Nothing here knows what a study is.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from evaluation.effect import Point

# Okabe and Ito (2008): the two that reach 3:1 against white and stay apart in all three
# color-vision deficiencies, beside a near-black.
INK = "#222222"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
QUIET = "#666666"

# Narrow, with text of 9 pt: it can still be read when a page shrinks the figure to a phone.
WIDTH = 5.6
PATH_HEIGHT = 3.5
_STYLE: dict[str, Any] = {
    "svg.hashsalt": "evaluation",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.parse_math": False,  # a "$" in a label is money
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.6,
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
}
# Percent changes beyond these are drawn as an arrow: one wild interval must not flatten the rest.
_LOWEST, _HIGHEST = -150.0, 150.0
# Where the column of estimates ends, in widths of the axes: beside them, so no line crosses it.
_BESIDE = 1.15


@dataclass(frozen=True, slots=True)
class Whisker:
    """One row of the plot of alternatives: a percent change with its 95 % interval."""

    label: str
    estimate: float
    low: float
    high: float
    headline: bool = False


def style() -> AbstractContextManager[None]:
    """A context in which figures are drawn, and saved, the same way on every machine."""
    import matplotlib.style

    context: AbstractContextManager[None] = matplotlib.style.context(["default", _STYLE])
    return context


def blank(height: float) -> Figure:
    """A new figure of fixed width, with empty axes, that no global state knows.

    Parameters
    ----------
    height : in inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    figure.add_axes((0, 0, 1, 1))
    return figure


def observed_against_expected(
    path: Sequence[Point], ax: Axes | None = None, *, measure: str = "Observed a period"
) -> Axes:
    """What was observed, what the model fits, and what it expects without the intervention.

    Parameters
    ----------
    path : every period, in order. ax : where to draw; None makes new axes that a notebook shows.
    measure : the unit of the vertical axis, printed above it.
    """
    if ax is None:
        ax = _notebook_axes(PATH_HEIGHT)
    x = list(range(len(path)))
    start = next((i for i, point in enumerate(path) if point.phase != "before"), len(path))
    expected = [i for i in x[start:] if path[i].phase != "left out"]
    nan = float("nan")

    # Every handle has its place in the legend; the ribbon shares one with its line.
    ribbon = ax.fill_between(
        expected,
        [path[i].low for i in expected],
        [path[i].high for i in expected],
        color=VERMILLION,
        alpha=0.18,
        linewidth=0,
    )
    (observed,) = ax.plot(
        x,
        [point.observed for point in path],
        color="#8a8a8a",
        linewidth=0.6,
        marker="o",
        markersize=2.6,
        markerfacecolor=INK,
        markeredgecolor=INK,
        markeredgewidth=0.0,
        clip_on=False,
    )
    (fitted,) = ax.plot(
        x,
        [nan if point.phase == "left out" else point.fitted for point in path],
        color=BLUE,
        linewidth=1.7,
    )
    (counterfactual,) = ax.plot(
        expected,
        [path[i].expected for i in expected],
        color=VERMILLION,
        linewidth=1.7,
        dashes=(4, 1.8),
    )
    handles: list[Any] = [observed, fitted, (ribbon, counterfactual)]
    labels = ["Observed", "Model fit", "Expected without it, with range"]
    phases: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("phase-in", "Phase-in", {"facecolor": "#e3e3e3", "edgecolor": "none"}),
        ("left out", "Left out", {"facecolor": "none", "edgecolor": "#9a9a9a", "hatch": "////"}),
    )
    for phase, label, look in phases:
        inside = [i for i in x if path[i].phase == phase]
        if inside:
            handles.append(
                ax.axvspan(inside[0] - 0.5, inside[-1] + 0.5, linewidth=0, zorder=0, **look)
            )
            labels.append(label)
    if start < len(path):
        ax.axvline(start - 0.5, color=QUIET, linewidth=1.0)

    top = max(max(point.observed, point.fitted, point.expected) for point in path)
    bottom = min(min(point.observed, point.fitted, point.expected) for point in path)
    # A ribbon far above all data would press the data flat; it is then cut, and the table has it.
    highest = max([top, *(min(path[i].high, 2 * top) for i in expected)])
    lowest = min(
        [bottom, *(max(path[i].low, bottom - (top - bottom)) for i in expected)], default=0
    )
    room = 0.08 * ((highest - min(lowest, 0.0)) or 1.0)
    ax.set_ylim(0.0 if lowest >= 0 else lowest - room, highest + room)
    ax.set_xlim(-1, len(path))
    ticks = _year_ticks([point.period for point in path])
    ax.set_xticks([i for i, _ in ticks], [year for _, year in ticks])
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    if start < len(path):
        late = start > 0.75 * len(path)
        ax.annotate(
            f"Start {path[start].period}",
            (start - 0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, -2),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            color=INK,
            fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        )
    ax.set_title(measure, loc="left", fontsize=9, color=INK, pad=8)
    ax.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=(-0.07, -0.1),
        ncols=3,
        frameon=False,
        fontsize=8.5,
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.0,
    )
    # Fixed margins: a computed layout moves by a hair between versions.
    ax.set_position((0.08, 0.2, 0.9, 0.71))
    return ax


def planned_alternatives(rows: Sequence[Whisker], ax: Axes | None = None) -> Axes:
    """Percent changes of all methods as dots with their 95 % intervals, the headline marked.

    Parameters
    ----------
    rows : top to bottom. ax : where to draw; None makes new axes that a notebook shows.
    """
    if ax is None:
        ax = _notebook_axes(whiskers_height(len(rows)))
    ends = [bound for row in rows for bound in (row.low, row.high, row.estimate)]
    low = max(min([*ends, 0.0]), _LOWEST)
    high = min(max([*ends, 0.0]), _HIGHEST)
    room = 0.06 * ((high - low) or 1.0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    for place, row in enumerate(rows):
        color, marker, size = (BLUE, "D", 6.5) if row.headline else (INK, "o", 5.0)
        seen = [min(max(value, low), high) for value in (row.low, row.estimate, row.high)]
        ax.plot([seen[0], seen[2]], [place, place], color=color, linewidth=1.6)
        for cut, at, arrow in (
            (row.low < low, low, "<"),
            (row.high > high, high, ">"),
        ):
            if cut:
                ax.plot([at], [place], marker=arrow, color=color, markersize=5)
        if row.estimate == seen[1]:
            ax.plot([seen[1]], [place], marker=marker, color=color, markersize=size)
        weight = "bold" if row.headline else "normal"
        words: dict[str, Any] = {
            "va": "center",
            "fontsize": 8.5,
            "fontweight": weight,
            "color": INK,
            "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        }
        across = ax.get_yaxis_transform()
        name = f"{row.label} (headline)" if row.headline else row.label
        ax.text(0.0, place - 0.42, _shortened(name, 58), transform=across, ha="left", **words)
        estimate = _signed(row.estimate, 1)
        ax.text(_BESIDE, place - 0.42, estimate, transform=across, ha="right", **words)
    ax.set_ylim(len(rows) - 0.55, -0.85)
    ax.set_xlim(low - room, high + room)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_formatter(lambda value, _: _signed(value, 0))
    ax.set_xlabel("Percent change against expected; left of the line is a fall", labelpad=6)
    below = 0.55 / whiskers_height(len(rows))
    ax.set_position((0.02, below, 0.96 / _BESIDE, 0.98 - below))
    return ax


def whiskers_height(rows: int) -> float:
    """Inches a plot of so many alternatives needs."""
    return 0.65 + 0.44 * max(rows, 1)


def svg_text(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element to put into a page, the same bytes on every run.

    No prolog, comments, metadata, size or style sheet; ids are prefixed so that many fit one page.
    Call it inside `style()`.

    Parameters
    ----------
    prefix : letters, digits and hyphens, unique on the page.
    """
    stream = io.StringIO()
    with warnings.catch_warnings():
        # A label in a script the bundled font lacks prints boxes; the page has it as text.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(
            stream,
            format="svg",
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    # matplotlib's style sheet would reach every figure of the page; its rule is put on the root.
    text = re.sub(r"<style[^>]*>.*?</style>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<defs>\s*</defs>\s*", "", text)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = text.replace("<svg", '<svg stroke-linejoin="round" stroke-linecap="butt"', 1)
    text = re.sub(r'\bid="', f'id="{prefix}-', text)
    text = text.replace("url(#", f"url(#{prefix}-").replace('href="#', f'href="#{prefix}-')
    return text.strip() + "\n"


def _notebook_axes(height: float) -> Axes:
    # Notebooks show figures that pyplot knows; reports never come here.
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(WIDTH, height))
    drawn: Axes = axes
    return drawn


def _year_ticks(periods: Sequence[str]) -> list[tuple[int, str]]:
    """Place and name of the first period of each year, thinned to at most ten."""
    firsts = [(0, periods[0][:4])] if periods[0][4:] in ("", "-01", "-Q1") else []
    firsts += [
        (i, periods[i][:4]) for i in range(1, len(periods)) if periods[i][:4] != periods[i - 1][:4]
    ]
    step = -(-len(firsts) // 10) or 1
    return firsts[::step]


def _signed(value: float, digits: int) -> str:
    text = f"{abs(value):,.{digits}f}"
    sign = "" if float(text.replace(",", "")) == 0 else "−" if value < 0 else "+"
    return f"{sign}{text}%"


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
