"""Questions asked of the answer, as pictures: other dates, windows and models, and leftovers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    QUIET,
    VERMILLION,
    blank,
    notebook_axes,
    percent_tick,
    shortened,
    wrapped,
)
from evaluation.plots.effects import Whisker
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import axis_below, heading, left_of, name_dates, ticks_inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALONG_HEIGHT = 3.0
CORRELOGRAM_HEIGHT = 3.3
# The specification curve, in inches: margin left of the panels, height of the upper one, of a row
# of the lower one, and what lies above, between and below them.
_NAMES, _CURVE, _ROW, _ABOVE, _BETWEEN, _BELOW = 1.95, 1.9, 0.185, 0.36, 0.1, 0.1
# A range may reach so far beyond all estimates, in units of their own spread; the rest is cut.
_REACH = 0.75
# Half the length of a dot's stroke, in widths of the axes.
_HAIR = 0.0002
_GRID = "#e6e6e6"
_RANGE = "#8a8a8a"
_PER_CENT = "Percent change against expected"
_TITLE = f"{_PER_CENT}; one column a specification"


@dataclass(frozen=True, slots=True)
class Lag:
    """Correlation with what came so many periods before; `band` is what chance alone leaves."""

    lag: int
    autocorrelation: float
    partial: float
    band: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of an analysis: what each specification has, and the order to list them in."""

    name: str
    kinds: Sequence[str]
    order: Sequence[str]


@drawing
def estimates_along(
    rows: Sequence[Whisker],
    places: Sequence[float],
    ax: Axes | None = None,
    *,
    ticks: Sequence[tuple[float, str]],
    across: str,
    mark: str,
) -> Axes:
    """Percent changes side by side along an axis, the headline marked, no change as a line.

    A dot is filled when its range holds no "no change", and open when it does.

    Parameters
    ----------
    rows : in any order; one may be the headline. places : of each row on the horizontal axis.
    ticks : place and text. across : what the horizontal axis is. mark : printed at the headline.
    """
    if ax is None:
        ax = notebook_axes(ALONG_HEIGHT)
    low, high = frame(rows)
    ground(ax, low, high)
    for row, place in zip(rows, places, strict=True):
        if row.headline:
            ax.axhline(row.estimate, color=BLUE, linewidth=0.8, dashes=(4, 2), zorder=1)
            ax.axvline(place, color=BLUE, linewidth=0.8, dashes=(1.5, 1.5), zorder=1)
    whiskers(ax, rows, places, low, high, width=1.0 if len(rows) < 70 else 0.7)
    span = (max(places) - min(places)) or 1.0
    ax.set_xlim(min(places) - 0.03 * span, max(places) + 0.03 * span)
    ax.set_xticks([place for place, _ in ticks], [text for _, text in ticks])
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left = left_of(ax)
    inside = width - left - 0.1
    named = [
        ((place - min(places) + 0.03 * span) / (1.06 * span), mark)
        for row, place in zip(rows, places, strict=True)
        if row.headline
    ]
    strip = name_dates(ax, named, inside, color=BLUE, dashed=True)
    above = heading(ax, f"{_PER_CENT}; below the line is a fall", over=strip)
    below = axis_below(ax, across, middle=(left + inside / 2) / width)
    ax.set_position((left / width, below / tall, inside / width, 1 - (above + below) / tall))
    ticks_inside(ax)
    return ax


@drawing
def specification_curve(
    rows: Sequence[Whisker],
    choices: Sequence[Choice],
    figure: Figure | None = None,
) -> Figure:
    """Every specification's percent change with its range, sorted, over the choices that made it.

    Parameters
    ----------
    rows : in the order drawn, left to right. choices : those that made them.
    figure : made by `blank(curve_height(choices))`; None makes one.
    """
    figure = figure or blank(curve_height(choices))
    wide, height = figure.get_size_inches()
    curve, matrix = figure.axes[0], figure.add_axes((0, 0, 1, 1))
    places, hair = list(range(len(rows))), _HAIR * len(rows)
    low, high = frame(rows)
    ground(curve, low, high)
    headlines = [place for place in places if rows[place].headline]
    for place in headlines:
        for axes in (curve, matrix):
            axes.axvline(place, color=BLUE, linewidth=0.8, dashes=(1.5, 1.5), zorder=1)
    whiskers(curve, rows, places, low, high, width=1.0 if len(rows) < 70 else 0.7)
    curve.set_xticks([])
    curve.spines["bottom"].set_visible(False)
    # Titles begin at the left edge of the figure, not of the panel.
    curve.text(
        -_NAMES / (wide - _NAMES - 0.08),
        1.0 + 0.14 / _CURVE,
        "\n".join(wrapped(_TITLE, 9.0, 72 * wide - 4)),
        transform=curve.transAxes,
        fontsize=9,
        color=INK,
    )
    across = matrix.get_yaxis_transform()
    line = 0
    for number, choice in enumerate(choices):
        kinds = choice.order
        if number % 2 == 0:
            matrix.axhspan(line - 0.5, line + len(kinds) - 0.5, color="#f3f3f3", zorder=0)
        for kind in kinds:
            with_it = [place for place in places if choice.kinds[place] == kind]
            for color, size, chosen in (
                (INK, 3.0, [place for place in with_it if place not in headlines]),
                (BLUE, 4.5, [place for place in with_it if place in headlines]),
            ):
                _dots(matrix, [(place, line) for place in chosen], color, size, hair)
            label: dict[str, Any] = {"transform": across, "va": "center", "color": INK}
            matrix.text(-0.02, line, shortened(kind, 21), ha="right", fontsize=8.0, **label)
            if kind == kinds[0]:
                left = -_NAMES / (wide - _NAMES - 0.08)
                label |= {"fontweight": "bold", "fontsize": 8.0}
                matrix.text(left, line, shortened(choice.name, 13), ha="left", **label)
            line += 1
    matrix.set_ylim(line - 0.5, -0.5)
    matrix.set_axis_off()
    for axes in (curve, matrix):
        axes.set_xlim(-1, len(rows))
    width = (wide - _NAMES - 0.08) / wide
    matrix.set_position((_NAMES / wide, _BELOW / height, width, max(line, 1) * _ROW / height))
    bottom = (_BELOW + line * _ROW + _BETWEEN) / height
    curve.set_position((_NAMES / wide, bottom, width, _CURVE / height))
    return figure


def curve_height(choices: Sequence[Choice], *, narrow: bool = False) -> float:
    """Inches that a specification curve with these choices needs; its title has two lines where it
    is narrow."""
    lines = sum(len(choice.order) for choice in choices)
    return _ABOVE + (0.17 if narrow else 0.0) + _CURVE + _BETWEEN + lines * _ROW + _BELOW


@drawing
def correlogram(lags: Sequence[Lag], figure: Figure | None = None) -> Figure:
    """Autocorrelation above, partial autocorrelation below, with the band that chance leaves.

    A lag outside the band has a diamond of another color in place of the dot.

    Parameters
    ----------
    lags : 1 up. figure : made by `blank(CORRELOGRAM_HEIGHT)`; None makes one.
    """
    figure = figure or blank(CORRELOGRAM_HEIGHT)
    upper, lower = figure.axes[0], figure.add_axes((0, 0, 1, 1))
    reach = max(max(abs(lag.autocorrelation), abs(lag.partial), lag.band) for lag in lags) * 1.15
    places = [lag.lag for lag in lags]
    width, tall = figure.get_size_inches()
    edges = [places[0] - 0.5, *(place + 0.5 for place in places)]
    band = [lags[0].band, *(lag.band for lag in lags)]
    panels = (
        (
            upper,
            "Correlation with the period so many before",
            [lag.autocorrelation for lag in lags],
        ),
        (
            lower,
            "The same, once nearer periods are taken out (partial)",
            [lag.partial for lag in lags],
        ),
    )
    lines: dict[Axes, list[str]] = {}
    for axes, title, values in panels:
        axes.fill_between(
            edges, [-b for b in band], band, step="pre", color="#e3e3e3", linewidth=0, zorder=0
        )
        axes.axhline(0.0, color=QUIET, linewidth=1.0)
        for outside, color, marker in ((False, INK, "o"), (True, VERMILLION, "D")):
            chosen = [
                (lag.lag, value)
                for lag, value in zip(lags, values, strict=True)
                if (abs(value) > lag.band) == outside
            ]
            _gapped(axes, [(place, 0.0, value) for place, value in chosen], color, 1.6)
            axes.plot(
                [place for place, _ in chosen],
                [value for _, value in chosen],
                linestyle="",
                color=color,
                marker=marker,
                markersize=4.5,
            )
        axes.set_ylim(-reach, reach)
        axes.set_xlim(edges[0], edges[-1])
        lines[axes] = wrapped(title, 9.0, 72 * (0.89 * width - 0.04))
        axes.set_title("\n".join(lines[axes]), loc="left", fontsize=9, color=INK, pad=5)
        step = -(-len(places) // 12)
        axes.set_xticks(places[step - 1 :: step])
        axes.spines["bottom"].set_visible(False)
        axes.tick_params(bottom=False)
    upper.set_xticklabels([])
    left = left_of(lower) / width
    across = "Periods before (lag); gray: the band that chance alone leaves"
    below = axis_below(lower, across, middle=(1 + left) / 2)
    # Each panel has its title over it.
    over = [0.1 + 0.17 * len(lines[axes]) for axes in (lower, upper)]
    high = (tall - below - sum(over) - 0.12) / 2
    lower.set_position((left, below / tall, 0.98 - left, high / tall))
    bottom = below + high + over[0] + 0.12
    upper.set_position((left, bottom / tall, 0.98 - left, high / tall))
    return figure


def cut(rows: Sequence[Whisker]) -> bool:
    """Whether a range is too long for the figure and ends in an arrow."""
    low, high = frame(rows)
    return any(row.low < low or row.high > high for row in rows)


def frame(rows: Sequence[Whisker]) -> tuple[float, float]:
    """Ends of the vertical axis: all estimates, no change, and ranges as far as they may reach."""
    seen = [0.0, *(row.estimate for row in rows)]
    for row in rows:
        if row.headline:
            seen += [row.low, row.high]
    spread = (max(seen) - min(seen)) or 1.0
    low = max(min(row.low for row in rows), min(seen) - _REACH * spread)
    high = min(max(row.high for row in rows), max(seen) + _REACH * spread)
    return min(low, *seen), max(high, *seen)


def ground(axes: Axes, low: float, high: float) -> None:
    """The vertical axis with its grid, and the line of no change."""
    room = 0.06 * ((high - low) or 1.0)
    axes.set_ylim(low - room, high + room)
    axes.yaxis.set_major_formatter(percent_tick)
    axes.yaxis.grid(True, color=_GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axhline(0.0, color=QUIET, linewidth=1.0)


def whiskers(
    axes: Axes,
    rows: Sequence[Whisker],
    places: Sequence[float],
    low: float,
    high: float,
    *,
    width: float,
) -> None:
    """Dots with upright ranges: filled when the range holds no "no change", the headline a
    diamond on top of all others; a range that is cut ends in an arrow."""
    others = [(row, x) for row, x in zip(rows, places, strict=True) if not row.headline]
    _gapped(axes, [(x, max(row.low, low), min(row.high, high)) for row, x in others], _RANGE, width)
    size = 4.0 if len(rows) < 70 else 3.0
    hair = _HAIR * ((max(places) - min(places)) or 1.0)
    _dots(axes, [(x, row.estimate) for row, x in others], INK, size, hair)
    inside = [(x, row.estimate) for row, x in others if row.low <= 0 <= row.high]
    _dots(axes, inside, "white", size - 1.4, hair)
    for row, x in zip(rows, places, strict=True):
        if row.headline:
            ends = [max(row.low, low), min(row.high, high)]
            axes.plot([x, x], ends, color=BLUE, linewidth=1.8, zorder=4)
            axes.plot([x], [row.estimate], color=BLUE, marker="D", markersize=6, zorder=5)
    below = [x for row, x in zip(rows, places, strict=True) if row.low < low]
    above = [x for row, x in zip(rows, places, strict=True) if row.high > high]
    for cut, at, arrow in ((below, low, "v"), (above, high, "^")):
        if cut:
            look: dict[str, Any] = {"color": _RANGE, "linestyle": "", "markersize": 3}
            axes.plot(cut, [at] * len(cut), marker=arrow, **look)


def _gapped(
    ax: Axes, strokes: Sequence[tuple[float, float, float]], color: str, width: float
) -> None:
    """Upright strokes (place, from, to) as one line with gaps: a page holds hundreds of them."""
    nan = float("nan")
    ax.plot(
        [value for place, _, _ in strokes for value in (place, place, nan)],
        [value for _, one, other in strokes for value in (one, other, nan)],
        color=color,
        linewidth=width,
    )


def _dots(
    ax: Axes, points: Sequence[tuple[float, float]], color: str, size: float, hair: float
) -> None:
    """Dots as very short strokes with round ends: one path, where markers are one each."""
    nan = float("nan")
    ax.plot(
        [value for x, _ in points for value in (x - hair, x + hair, nan)],
        [value for _, y in points for value in (y, y, nan)],
        color=color,
        linewidth=size,
        solid_capstyle="round",
        snap=False,  # snapped to a grid a stroke as short as this is gone
        clip_on=False,
    )
