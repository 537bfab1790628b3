"""A few estimates at a glance: one a line, and very many of them as one strip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    fitted,
    notebook_axes,
    percent_tick,
    signed,
    signed_percent,
    text_width,
    wrapped,
)
from evaluation.plots.checks import frame, ground, whiskers
from evaluation.plots.effects import HIGHEST, LOWEST, Whisker
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import axis_below, heading, left_of, ticks_inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# In inches: a line, one with its name above it, what lies under the lowest and over the first.
_LINE, _NAMED, _BELOW, _ABOVE = 0.24, 0.42, 0.53, 0.06
# The same where names are short and a page is close.
_CLOSE, _SHORT = 0.172, 1.35
_NAMES = 2.7
_STRIP, _EDGE = 1.5, 0.08
_TYPE = 8.5


@drawing
def estimate_lines(
    rows: Sequence[Whisker],
    ax: Axes | None = None,
    *,
    axis: str,
    percent: bool = True,
    close: bool = False,
) -> Axes:
    """Estimates with their 95 % ranges, one a line: its name, its range, its number.

    On a narrow figure the name stands above the range.

    Parameters
    ----------
    rows : top to bottom; the headline is a diamond. ax : of a figure of `lines_height`; None makes
        new axes that a notebook shows. axis : what is under the axis. percent : False for changes
        in units of the outcome. close : lines close to one another, with short names, which stand
        beside the ranges on a narrow figure too.
    """
    if ax is None:
        ax = notebook_axes(lines_height(len(rows), close=close))
    figure: Any = ax.figure
    width, height = figure.get_size_inches()
    narrow = width <= NARROW and not close
    names = _SHORT if close else _NAMES
    told = [signed_percent(row.estimate) if percent else signed(row.estimate, 2) for row in rows]
    right = max(text_width(text, _TYPE, "bold") for text in told) / 72 + 0.08
    left = 0.04 if narrow else names
    inside = width - left - right - _EDGE
    ends = [bound for row in rows for bound in (row.low, row.high, row.estimate)]
    low, high = max(min([*ends, 0.0]), LOWEST), min(max([*ends, 0.0]), HIGHEST)
    if not percent:
        low, high = min([*ends, 0.0]), max([*ends, 0.0])
    room = 0.05 * ((high - low) or 1.0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    for place, (row, number) in enumerate(zip(rows, told, strict=True)):
        color, marker, size = (BLUE, "D", 6.0) if row.headline else (INK, "o", 4.5)
        seen = [min(max(value, low), high) for value in (row.low, row.estimate, row.high)]
        ax.plot([seen[0], seen[2]], [place] * 2, color=color, linewidth=1.5, zorder=3)
        for beyond, at, arrow in ((row.low < low, low, "<"), (row.high > high, high, ">")):
            if beyond:
                ax.plot([at], [place], marker=arrow, color=color, markersize=4.5)
        if row.estimate == seen[1]:
            ax.plot([seen[1]], [place], marker=marker, color=color, markersize=size, zorder=4)
        words: dict[str, Any] = {
            "xycoords": ("axes fraction", "data"),
            "textcoords": "offset points",
            "fontsize": _TYPE,
            "fontweight": "bold" if row.headline else "normal",
            "color": INK,
            "va": "center",
            "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        }
        up = 13 if narrow else 0
        wide = 72 * (width - 0.08 if narrow else names - 0.12)
        # Bold type is an eighth wider than what `fitted` measures.
        name = fitted(row.label, _TYPE, wide / (1.15 if row.headline else 1))
        side = -72 * left + 3
        ax.annotate(name, (0.0, place), xytext=(side, up), ha="left", **words)
        ax.annotate(number, (1.0, place), xytext=(72 * right, 0), ha="right", **words)
    above = 0.5 + (0.5 if narrow else 0.0)
    ax.set_ylim(len(rows) - 0.5, -above)
    ax.set_xlim(low - room, high + room)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter(percent_tick if percent else lambda value, _: signed(value, 1))
    below = axis_below(ax, axis, middle=(left + inside / 2) / width)
    ax.set_position(
        (left / width, below / height, inside / width, (height - below - _ABOVE) / height)
    )
    ticks_inside(ax)
    return ax


def lines_height(rows: int, *, narrow: bool = False, close: bool = False) -> float:
    """Inches that so many lines need."""
    if close:
        return _ABOVE + _BELOW + _CLOSE * rows
    return _ABOVE + _BELOW + (0.2 + _NAMED * rows if narrow else _LINE * rows)


@drawing
def specification_strip(
    rows: Sequence[Whisker],
    ax: Axes | None = None,
    *,
    axis: str,
    counted: str,
    mark: str,
) -> Axes:
    """Every estimate of a specification curve beside the others, and how many are on which side.

    Parameters
    ----------
    rows : from the lowest to the highest; one may be the headline. ax : of a figure of
        `strip_height`; None makes new axes that a notebook shows. axis : what is above the axis.
        counted : what the dots come to, under them. mark : printed at the headline.
    """
    if ax is None:
        ax = notebook_axes(strip_height())
    figure: Any = ax.figure
    width, height = figure.get_size_inches()
    low, high = frame(rows)
    ground(ax, low, high)
    places = list(range(len(rows)))
    whiskers(ax, rows, places, low, high, width=1.0 if len(rows) < 70 else 0.7)
    ax.set_xlim(-1, len(rows))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.locator_params(axis="y", nbins=5)
    above = heading(ax, axis, over=0.14)
    told = wrapped(counted, 9.0, 72 * width - 4)
    left = left_of(ax)
    below = 0.17 * len(told) + 0.16
    inside = width - left - _EDGE
    for place, row in enumerate(rows):
        if row.headline:
            ax.axvline(place, color=BLUE, linewidth=0.8, dashes=(1.5, 1.5), zorder=1)
            long = text_width(mark, _TYPE, "bold")
            at = (place + 1) / (len(rows) + 1) * 72 * inside
            start = min(max(at - long / 2, -72 * left + 2), 72 * inside - long)
            ax.annotate(
                mark,
                (0.0, 1.0),
                xycoords="axes fraction",
                xytext=(start, 2),
                textcoords="offset points",
                color=BLUE,
                fontsize=_TYPE,
                fontweight="bold",
            )
    figure.text(
        0.02 / width,
        0.05 / height,
        "\n".join(told),
        fontsize=9,
        color=INK,
        ha="left",
        va="bottom",
        linespacing=1.3,
    )
    ax.set_position(
        (left / width, below / height, inside / width, (height - above - below) / height)
    )
    return ax


def strip_height(*, narrow: bool = False) -> float:
    """Inches that a strip needs."""
    return _STRIP + (1.0 if narrow else 0.7)
