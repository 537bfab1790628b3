"""Where words stand around axes: titles, names of dates, of axes and of lines, all inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import INK, QUIET, text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Points: a line of words of 8.5, and of 9 with the space to the next.
LINE = 13.0


def legend_below(
    axes: Axes,
    handles: Sequence[Any],
    labels: Sequence[str],
    *,
    at: tuple[float, float],
    **look: Any,
) -> None:
    """A legend without a frame, below the axes.

    at : of its upper left corner, in axes. look : of `Axes.legend`, where it is another.
    """
    usual = {"ncols": 3, "handlelength": 2.2, "columnspacing": 1.4}
    axes.legend(
        handles,
        labels,
        loc="upper left",
        bbox_to_anchor=at,
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.0,
        **{**usual, **look},
    )


def left_of(axes: Axes) -> float:
    """Inches that the names on the vertical axis need, for all that the axis shows now."""
    low, high = sorted(axes.get_ylim())
    places = [place for place in axes.get_yticks() if low <= place <= high]
    names = axes.yaxis.get_major_formatter().format_ticks(places)
    return (max((text_width(name, 9.0) for name in names), default=0.0) + 12) / 72


def heading(axes: Axes, text: str, *, over: float = 0.0) -> float:
    """Inches that the title of an axis needs above the axes, over what stands there already; it
    begins at the edge of the figure and has as many lines as it needs."""
    figure: Any = axes.figure
    width, height = figure.get_size_inches()
    lines = wrapped(text, 9.0, 72 * width - 4)
    figure.text(
        0.02 / width,
        1 - 0.04 / height,
        "\n".join(lines),
        fontsize=9,
        color=INK,
        ha="left",
        va="top",
        linespacing=1.3,
    )
    return 0.17 * len(lines) + 0.15 + over


def name_dates(
    axes: Axes,
    named: Sequence[tuple[float, str]],
    inside: float,
    *,
    color: str = QUIET,
    dashed: bool = False,
) -> float:
    """Inches above the axes that the names of dates take, the first on top, each with a line down
    to the axes.

    Parameters
    ----------
    named : place in widths of the axes, and name. inside : inches that the axes are wide.
    """
    room = 72 * inside
    lines = [wrapped(name, 8.5, room - 6) for _, name in named]
    left = LINE * sum(map(len, lines))
    strip = left / 72
    for (place, _), words in zip(named, lines, strict=True):
        at, long = place * room, max(text_width(text, 8.5) for text in words)
        right = at + 4 + long <= room
        beside = right or at - 4 - long >= 0
        # A name with no room on either side stands over its line.
        begin = at + 4 if right else at - 4 - long if beside else (room - long) / 2
        up = left if beside else left - LINE * len(words)
        line: dict[str, Any] = {"arrowstyle": "-", "color": color, "shrinkA": 0, "shrinkB": 0}
        line |= {"linewidth": 1.0, "linestyle": (0, (2, 1.5)) if dashed else "-"}
        axes.annotate(
            "",
            (place, 1.0),
            xycoords="axes fraction",
            xytext=(0, up),
            textcoords="offset points",
            arrowprops=line,
        )
        for text in words:
            left -= LINE
            axes.annotate(
                text,
                (0.0, 1.0),
                xycoords="axes fraction",
                xytext=(begin, left + 3.5),
                textcoords="offset points",
                color=INK,
                fontsize=8.5,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
            )
    return strip


def axis_below(axes: Axes, text: str, *, middle: float) -> float:
    """Inches below the axes that the name of the horizontal axis takes with its numbers.

    middle : of the axes, in widths of the figure.
    """
    figure: Any = axes.figure
    width, tall = figure.get_size_inches()
    lines = wrapped(text, 9.0, 72 * (width - 0.1))
    half = max((text_width(line, 9.0) for line in lines), default=0.0) / 144 / width
    figure.text(
        min(max(middle, half + 0.01), 0.99 - half),
        0.04 / tall,
        "\n".join(lines),
        ha="center",
        va="bottom",
        fontsize=9,
        color=INK,
        linespacing=1.3,
    )
    return 0.36 + 0.17 * len(lines)


def ticks_inside(axes: Axes) -> None:
    """Leaves of the numbers on the horizontal axis those that lie inside the figure and apart.

    axes : at their place, with their limits.
    """
    figure: Any = axes.figure
    width = 72 * figure.get_size_inches()[0]
    box, (low, high) = axes.get_position(), axes.get_xlim()
    places = [place for place in axes.get_xticks() if low <= place <= high]
    names = axes.xaxis.get_major_formatter().format_ticks(places)
    shown: list[tuple[float, str]] = []
    free = 0.0
    for place, name in zip(places, names, strict=True):
        middle = width * (box.x0 + box.width * (place - low) / (high - low))
        half = text_width(name, 9.0) / 2
        if middle - half >= free and middle + half <= width:
            shown.append((place, name))
            free = middle + half + 4
    axes.set_xticks([place for place, _ in shown], [name for _, name in shown])


def room_for_names(names: Sequence[str], width: float) -> float:
    """Inches right of the axes that names of lines need, broken where they are long.

    width : of the figure, of which they take a third at most.
    """
    lines = [line for name in names for line in wrapped(name, 8.5, 24 * width)]
    return (max(text_width(line, 8.5) for line in lines) + 10) / 72


def name_lines(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Names beside the right ends of lines, moved apart where lines end close together.

    Parameters
    ----------
    axes : at their place, with their limits. ends : height of the end, name and color of each.
    """
    figure: Any = axes.figure
    width, tall = figure.get_size_inches()
    high = 72 * tall * axes.get_position().height
    low, top = axes.get_ylim()
    named = []
    for value, name, color in ends:
        lines = wrapped(name, 8.5, 24 * width)
        named.append(((value - low) / (top - low) * high, lines, color))
    named.sort(key=lambda one: one[0])
    halves = [LINE * len(lines) / 2 for _, lines, _ in named]
    middles: list[float] = []
    free = 0.0
    for (at, _, _), half in zip(named, halves, strict=True):
        middles.append(max(at, free + half))
        free = middles[-1] + half
    ceiling = high
    for place in reversed(range(len(named))):
        middles[place] = min(middles[place], ceiling - halves[place])
        ceiling = middles[place] - halves[place]
    for (_, lines, color), middle in zip(named, middles, strict=True):
        axes.annotate(
            "\n".join(lines),
            (1.0, 0.0),
            xycoords="axes fraction",
            xytext=(6, middle),
            textcoords="offset points",
            color=color,
            fontsize=8.5,
            va="center",
            linespacing=1.1,
        )
