"""Curves: the chance to find a change by its size, risk by time after entry, means by wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    RUST,
    VERMILLION,
    notebook_axes,
    percent_tick,
    wrapped,
)
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import (
    axis_below,
    heading,
    left_of,
    legend_below,
    name_lines,
    room_for_names,
    ticks_inside,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


POWER_HEIGHT = 3.4
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Chance:
    """One point of a power curve: a true percent change, and how often it is found, in percent,
    with the 95 % range that simulation leaves."""

    change: float
    found: float
    low: float
    high: float


@drawing
def power_curves(
    counts: Sequence[Chance],
    ax: Axes | None = None,
    *,
    persistent: Sequence[Chance] = (),
    enough: float = 80.0,
    worthwhile: float | None = None,
) -> Axes:
    """How often a change is found, against its size, with the line of often enough.

    Parameters
    ----------
    counts : the planned curve, from no change. persistent : the same in the second world, dashed.
    enough : percent. worthwhile : true change worth having, marked. ax : where to draw; None makes
        new axes that a notebook shows.
    """
    if ax is None:
        ax = notebook_axes(POWER_HEIGHT)
    sizes = [abs(point.change) for point in counts]
    handles: list[Any] = []
    labels = []
    if persistent:
        (line,) = ax.plot(
            [abs(point.change) for point in persistent],
            [point.found for point in persistent],
            color=VERMILLION,
            linewidth=1.6,
            dashes=(4, 1.8),
            marker="s",
            markersize=3.6,
            clip_on=False,
            zorder=3,
        )
        handles.append(line)
        labels.append("A rate that persists")
    ribbon = ax.fill_between(
        sizes,
        [point.low for point in counts],
        [point.high for point in counts],
        color=BLUE,
        alpha=0.18,
        linewidth=0,
    )
    (line,) = ax.plot(
        sizes,
        [point.found for point in counts],
        color=BLUE,
        linewidth=1.8,
        marker="o",
        markersize=3.8,
        clip_on=False,
        zorder=4,
    )
    handles.insert(0, (ribbon, line))
    labels.insert(0, "Planned model")
    handles.append(ax.axhline(enough, color=QUIET, linewidth=1.0, dashes=(5, 2.5), zorder=1))
    labels.append("Four times in five")
    if worthwhile is not None and abs(worthwhile) <= max(sizes):
        ax.axvline(abs(worthwhile), color=INK, linewidth=1.0, dashes=(1.5, 1.5), zorder=1)
        late = abs(worthwhile) > 0.6 * max(sizes)
        ax.annotate(
            "Worth having",
            (abs(worthwhile), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if late else 4, -2),
            textcoords="offset points",
            ha="right" if late else "left",
            va="top",
            color=INK,
            fontsize=8.5,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
        )
    falls = counts[-1].change < 0
    ax.set_xlim(0.0, max(sizes))
    ax.set_ylim(0.0, 100.0)
    shown = [0.0, *_thinned([point.change for point in counts if point.change != 0])]
    ax.set_xticks([abs(change) for change in shown], [percent_tick(change) for change in shown])
    ax.set_yticks([0, 20, 40, 60, 80, 100], [f"{share}%" for share in (0, 20, 40, 60, 80, 100)])
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    columns = 1 if width <= NARROW else 3
    left, above = left_of(ax), heading(ax, "How often it would be found")
    inside = width - left - 0.2
    across = f"True {'fall' if falls else 'rise'}, in percent of expected"
    ax.set_xlabel(across, labelpad=4)
    below = 0.66 + 0.17 * -(-len(handles) // columns)
    ax.set_position((left / width, below / tall, inside / width, 1 - (above + below) / tall))
    at = (-left / inside, -0.5 / (tall - above - below))
    legend_below(ax, handles, labels, at=at, ncols=columns, handlelength=2.6, columnspacing=1.6)
    ticks_inside(ax)
    return ax


def _thinned(changes: Sequence[float]) -> list[float]:
    """Changes to name on the axis: at most so many, and none so near another that they touch."""
    apart = max(abs(change) for change in changes) / _TICKS
    shown: list[float] = []
    for change in sorted(changes, key=abs, reverse=True):
        if abs(change) >= apart * 0.95 and all(
            abs(abs(change) - abs(other)) >= apart * 0.95 for other in shown
        ):
            shown.append(change)
    return sorted(shown, key=abs)


RISK_HEIGHT = 3.4
WAVES_HEIGHT = 3.3
_DAYS_A_MONTH = 30.4375


@dataclass(frozen=True, slots=True)
class Risk:
    """The share of a side who had the event by each day, with its range: (J,) each."""

    day: tuple[float, ...]
    risk: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of a survey: its name, the mean of treated and of comparison areas, and what is
    expected of the treated without the program, with its range; None before the start."""

    name: str
    treated: float
    comparison: float | None
    expected: tuple[float, float, float] | None


@drawing
def risk_curves(
    with_it: Risk,
    without: Risk,
    ax: Axes | None = None,
    *,
    labels: tuple[str, str],
    across: str = "Months after entry",
    measure: str = "Had it by then, of 100 people",
) -> Axes:
    """Two curves of risk by time after entry, each with its range.

    Parameters
    ----------
    with_it, without : the people who took part, and those they are compared with. labels : of both,
        beside their ends. ax : where to draw; None makes new axes that a notebook shows. across,
        measure : of the two axes.
    """
    if ax is None:
        ax = notebook_axes(RISK_HEIGHT)
    sides = (
        (with_it, BLUE, {"linewidth": 1.8}),
        (without, VERMILLION, {"linewidth": 1.8, "dashes": (4, 1.8)}),
    )
    top = 0.0
    for side, color, look in sides:
        months = [0.0, *(day / _DAYS_A_MONTH for day in side.day)]
        low, high = [0.0, *side.low], [0.0, *side.high]
        ax.fill_between(
            months,
            [100 * v for v in low],
            [100 * v for v in high],
            color=color,
            alpha=0.16,
            linewidth=0,
        )
        ax.plot(
            months,
            [0.0, *(100 * v for v in side.risk)],
            color=color,
            marker="o" if color == BLUE else "D",
            markersize=3.2,
            **look,
        )
        top = max(top, *high)
    last = max(with_it.day[-1], without.day[-1]) / _DAYS_A_MONTH
    ax.set_xlim(0, 1.02 * last)
    ax.set_ylim(0, min(100.0, 108 * top))
    step = next((s for s in (3, 6, 12) if last / s <= 10), 24)
    ax.set_xticks(range(0, int(last + 0.5) + 1, step))
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    ends = [
        (100 * side.risk[-1], name) for side, name in zip((with_it, without), labels, strict=True)
    ]
    named = [(*end, color) for end, color in zip(ends, (BLUE, RUST), strict=True)]
    under = axis_below(ax, across, middle=0.4)
    _place(ax, measure, named, under=under)
    return ax


@drawing
def wave_means(
    waves: Sequence[Wave],
    ax: Axes | None = None,
    *,
    measure: str,
    start: str = "",
    names: tuple[str, str, str] = ("With the program", "Expected there, with range", "Other areas"),
) -> Axes:
    """Means of treated and comparison areas by wave, and what was expected of the treated.

    Parameters
    ----------
    waves : two or more, in order. measure : the unit, printed above the axis. start : written on
        the line between the last wave before the program and the first after it. names : of the
        treated areas, of what is expected there, and of the others.
    """
    if ax is None:
        ax = notebook_axes(WAVES_HEIGHT)
    x = list(range(len(waves)))
    named: list[tuple[float, str, str]] = [(waves[-1].treated, names[0], BLUE)]
    ax.plot(
        x, [wave.treated for wave in waves], color=BLUE, linewidth=1.8, marker="o", markersize=5
    )
    after = [i for i in x if waves[i].expected is not None]
    if after:
        # From the last wave before: the way the treated would have gone.
        at = [after[0] - 1, *after] if after[0] else after
        path = [
            wave.treated if wave.expected is None else wave.expected[0]
            for wave in (waves[i] for i in at)
        ]
        ax.plot(at, path, color=VERMILLION, linewidth=1.8, dashes=(4, 1.8))
        ends = [wave.expected for wave in waves if wave.expected is not None]
        ax.errorbar(
            after,
            [end[0] for end in ends],
            yerr=[[end[0] - end[1] for end in ends], [end[2] - end[0] for end in ends]],
            fmt="D",
            color=VERMILLION,
            markersize=5,
            capsize=4,
            linewidth=1.4,
        )
        named.append((ends[-1][0], names[1], RUST))
    beside = {i: wave.comparison for i, wave in enumerate(waves) if wave.comparison is not None}
    if beside:
        ax.plot(
            list(beside),
            list(beside.values()),
            color=INK,
            linewidth=1.2,
            marker="s",
            markersize=4,
            markerfacecolor="white",
            dashes=(1.2, 1.4),
        )
        named.append((list(beside.values())[-1], names[2], INK))
    if after and after[0]:
        ax.axvline(after[0] - 0.5, color=QUIET, linewidth=1.0)
        ax.annotate(
            start,
            (after[0] - 0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2),
            textcoords="offset points",
            va="top",
            color=INK,
            fontsize=8.5,
        )
    values = [wave.treated for wave in waves]
    values += [wave.comparison for wave in waves if wave.comparison is not None]
    values += [end for wave in waves if wave.expected for end in wave.expected]
    room = 0.15 * ((max(values) - min(values)) or 1.0)
    ax.set_ylim(min(values) - room, max(values) + 2 * room)
    ax.set_xlim(-0.25, len(waves) - 0.75)
    ax.set_xticks(x)
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    figure: Any = ax.figure
    width = figure.get_size_inches()[0]
    # A name has the room of its wave, about half of the figure together.
    under = [wrapped(wave.name, 9.0, 40 * width / len(waves)) for wave in waves]
    ax.set_xticks(x, ["\n".join(lines) for lines in under])
    _place(ax, measure, named, under=0.17 + 0.17 * max(map(len, under)))
    return ax


def _place(
    ax: Axes, measure: str, named: Sequence[tuple[float, str, str]], *, under: float
) -> None:
    """Axes between their title and what stands below them, with the names of lines beside."""
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left, right = left_of(ax), room_for_names([name for _, name, _ in named], width)
    inside = width - left - right
    above = heading(ax, measure)
    ax.set_position((left / width, under / tall, inside / width, 1 - (above + under) / tall))
    name_lines(ax, named)
