"""A forest plot: results under one another by group, each with its range where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    VERMILLION,
    fitted,
    notebook_axes,
    percent_tick,
    signed,
    signed_percent,
    text_width,
)
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import axis_below, ticks_inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["theirs", "home", "ours", "mean"]
# Color, marker and size: three colors, each with a shape of its own.
_LOOK: dict[Kind, tuple[str, str, float]] = {
    "theirs": (INK, "o", 5.5),
    "home": (VERMILLION, "s", 5.5),
    "ours": (BLUE, "D", 6.0),
    "mean": (INK, "D", 7.0),
}
# Inches: a result that is drawn, one without a number, the name of a group, what is under the axis.
_ROW, _TOLD, _BAND, _BELOW = 0.44, 0.26, 0.36, 0.5
# Changes beyond these are drawn as an arrow: one wild range must not flatten the rest.
_LOWEST, _HIGHEST = -150.0, 150.0
_TYPE = 8.5


@dataclass(frozen=True, slots=True)
class Mark:
    """One result.

    Parameters
    ----------
    label : whose and of what. estimate : None for a result without a number. low, high : its 95 %
        range; without one it is drawn hollow. note : stands beside a hollow mark, or instead of the
        number. kind : "theirs", "home" and "ours" differ in color and shape; a "mean" is a lozenge
        as wide as its range. ahead : the range of one more like these, under a mean.
    """

    label: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    kind: Kind = "theirs"
    ahead: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Results under one name; "" leaves the name out."""

    name: str
    marks: tuple[Mark, ...]


@drawing
def forest(
    bands: Sequence[Band],
    ax: Axes | None = None,
    *,
    axis: str = "Percent change; left of the line is below expected",
    percent: bool = True,
) -> Axes:
    """Results as dots with their 95 % ranges, by group.

    Parameters
    ----------
    bands : top to bottom. ax : where to draw; None makes new axes that a notebook shows. axis :
        what is under the horizontal axis. percent : False for changes in units of the outcome.
    """
    if ax is None:
        ax = notebook_axes(forest_height(bands))
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    marks = [mark for band in bands for mark in band.marks]
    told = [_told(mark, percent=percent) for mark in marks if mark.estimate is not None]
    right = max((text_width(text, _TYPE, "bold") for text in told), default=0.0) / 72 + 0.14
    inside = width - right - 0.06
    # Where the column of estimates ends, in widths of the axes: beside them, so no line crosses it.
    beside = 1 + (right - 0.04) / inside
    low, high = _limits(bands)
    room = 0.06 * ((high - low) or 1.0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    down = 0.0
    across = ax.get_yaxis_transform()
    for band in bands:
        if band.name:
            ax.text(
                0.0,
                down + 0.21,
                fitted(band.name, _TYPE, 72 * inside / 1.15),
                transform=across,
                va="center",
                fontsize=_TYPE,
                color=QUIET,
                fontweight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )
            down += _BAND
        for mark in band.marks:
            drawn = mark.estimate is not None
            _words(ax, mark, down + 0.12, percent=percent, beside=beside, inside=inside)
            if drawn:
                _draw(ax, mark, down + 0.31, low, high)
            down += _ROW if drawn else _TOLD
    ax.set_ylim(down + 0.06, -0.02)
    ax.set_xlim(low - room, high + room)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.xaxis.set_major_formatter(percent_tick if percent else lambda value, _: signed(value, 2))
    ax.locator_params(axis="x", nbins=5 if width <= NARROW else 8)
    below = axis_below(ax, axis, middle=(0.06 + inside / 2) / width) / tall
    ax.set_position((0.06 / width, below, inside / width, 0.995 - below))
    ticks_inside(ax)
    return ax


def forest_height(bands: Sequence[Band]) -> float:
    """Inches a forest plot of these needs."""
    inches = _BELOW + 0.1
    for band in bands:
        inches += _BAND if band.name else 0.0
        inches += sum(_TOLD if mark.estimate is None else _ROW for mark in band.marks)
    return inches


def _limits(bands: Sequence[Band]) -> tuple[float, float]:
    ends = [0.0]
    for band in bands:
        for mark in band.marks:
            known = (mark.estimate, mark.low, mark.high, *(mark.ahead or ()))
            ends += [value for value in known if value is not None]
    return max(min(ends), _LOWEST), min(max(ends), _HIGHEST)


def _words(
    ax: Axes, mark: Mark, down: float, *, percent: bool, beside: float, inside: float
) -> None:
    """The label at the left and the number, or what stands for it, at the right."""
    bold = mark.kind in ("ours", "mean")
    words: dict[str, Any] = {
        "transform": ax.get_yaxis_transform(),
        "va": "center",
        "fontsize": _TYPE,
        "fontweight": "bold" if bold else "normal",
        "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    }
    room = 72 * inside - 2
    if mark.estimate is None:
        note = fitted(mark.note, _TYPE, 0.6 * room)
        # Words in italics are as wide as upright ones.
        room = 72 * inside * beside - text_width(note, _TYPE) - 8
        ax.text(beside, down, note, ha="right", color=QUIET, style="italic", **words)
    else:
        ax.text(beside, down, _told(mark, percent=percent), ha="right", color=INK, **words)
    # Bold type is an eighth wider than what `fitted` measures.
    label = fitted(mark.label, _TYPE, room / (1.15 if bold else 1))
    ax.text(0.0, down, label, ha="left", color=INK, **words)


def _told(mark: Mark, *, percent: bool) -> str:
    assert mark.estimate is not None
    return signed_percent(mark.estimate) if percent else signed(mark.estimate, 2)


def _draw(ax: Axes, mark: Mark, down: float, low: float, high: float) -> None:
    assert mark.estimate is not None
    color, marker, size = _LOOK[mark.kind]

    def seen(value: float) -> float:
        return min(max(value, low), high)

    if mark.ahead is not None:
        ends = [seen(value) for value in mark.ahead]
        ax.plot(ends, [down + 0.07] * 2, color=color, linewidth=1.2, dashes=(3, 2))
    ranged = mark.low is not None and mark.high is not None
    if mark.low is not None and mark.high is not None:
        if mark.kind == "mean":
            wide = [seen(mark.low), mark.estimate, seen(mark.high), mark.estimate]
            ax.fill(wide, [down, down - 0.07, down, down + 0.07], color=color, linewidth=0)
            return
        ax.plot([seen(mark.low), seen(mark.high)], [down, down], color=color, linewidth=1.6)
        for cut, at, arrow in ((mark.low < low, low, "<"), (mark.high > high, high, ">")):
            if cut:
                ax.plot([at], [down], marker=arrow, color=color, markersize=5)
    if seen(mark.estimate) != mark.estimate:
        return
    ax.plot(
        [mark.estimate],
        [down],
        marker=marker,
        markersize=size,
        markeredgecolor=color,
        markeredgewidth=1.4,
        markerfacecolor=color if ranged else "white",
    )
    if not ranged and mark.note:
        # To the right where there is room.
        right = mark.estimate < low + 0.68 * (high - low)
        ax.annotate(
            mark.note,
            (mark.estimate, down),
            xytext=(7 if right else -7, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=8.0,
            color=QUIET,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
