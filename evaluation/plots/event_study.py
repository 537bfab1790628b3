"""By time: effects since each unit's start, how far trends may differ, and what was delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaluation.plots.canvas import (
    BLUE,
    INK,
    NARROW,
    QUIET,
    VERMILLION,
    blank,
    fitted,
    notebook_axes,
    percent_tick,
    wrapped,
    year_ticks,
)
from evaluation.plots.figure_cache import drawing
from evaluation.plots.layout import axis_below, heading, left_of, ticks_inside

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


EVENT_HEIGHT = 3.1
# A range beyond this many times the largest estimate is cut, as far out few units are left.
_FARTHEST = 4.0


@dataclass(frozen=True, slots=True)
class Moment:
    """An effect so many periods after the start (negative: before), with its 95 % interval and the
    band that holds all moments together; `reference` where it is nought by definition."""

    time: int
    estimate: float
    low: float
    high: float
    band_low: float
    band_high: float
    reference: bool = False


@drawing
def event_study(
    moments: Sequence[Moment],
    ax: Axes | None = None,
    *,
    percent: bool,
    across: str,
    measure: str,
) -> Axes:
    """Effects as dots with their 95 % intervals over their common band; hollow before the start.

    Parameters
    ----------
    moments : in the order of time. ax : where to draw; None makes new axes that a notebook shows.
    percent : whether values are percent changes. across : the name of the time axis. measure : the
        unit of the vertical axis, printed above it.
    """
    if ax is None:
        ax = notebook_axes(EVENT_HEIGHT)
    largest = max(abs(moment.estimate) for moment in moments) or 1.0
    low = max(min(0.0, *(moment.band_low for moment in moments)), -_FARTHEST * largest)
    high = min(max(0.0, *(moment.band_high for moment in moments)), _FARTHEST * largest)
    room = 0.06 * (high - low)
    times = [moment.time for moment in moments]
    for run in _unbroken(moments):
        # One moment by itself has a band as wide as its dot.
        alone = len(run) == 1
        across_run = [moment.time for moment in run]
        ax.fill_between(
            [across_run[0] - 0.2, across_run[0] + 0.2] if alone else across_run,
            [max(moment.band_low, low) for moment in run] * (2 if alone else 1),
            [min(moment.band_high, high) for moment in run] * (2 if alone else 1),
            color=BLUE,
            alpha=0.15,
            linewidth=0,
        )
    ax.axhline(0.0, color=QUIET, linewidth=1.0)
    ax.axvline(-0.5, color=QUIET, linewidth=1.0, dashes=(4, 2))
    for moment in moments:
        color = INK if moment.time < 0 else BLUE
        ends = [max(moment.low, low), min(moment.high, high)]
        if not moment.reference:
            ax.plot([moment.time] * 2, ends, color=color, linewidth=1.1)
        ax.plot(
            [moment.time],
            [moment.estimate],
            marker="s" if moment.reference else "o",
            markersize=4.2,
            markeredgecolor=color,
            markeredgewidth=1.0,
            markerfacecolor="white" if moment.time < 0 else color,
        )
    ax.annotate(
        "Start",
        (-0.5, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -2),
        textcoords="offset points",
        ha="left",
        va="top",
        color=INK,
        fontsize=8.5,
    )
    ax.set_ylim(low - room, high + 2.5 * room)
    ax.set_xlim(min(times) - 1, max(times) + 1)
    # Whole periods only, zero among them.
    step = max(1, -(-(max(times) - min(times)) // 10))
    ticks = [time for time in range(min(times), max(times) + 1) if time % step == 0]
    ax.set_xticks(ticks, [f"−{-time}" if time < 0 else f"{time}" for time in ticks])
    ax.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    if percent:
        ax.yaxis.set_major_formatter(percent_tick)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left, above = left_of(ax), heading(ax, measure)
    inside = width - left - 0.1
    below = axis_below(ax, across, middle=(left + inside / 2) / width)
    ax.set_position((left / width, below / tall, inside / width, 1 - (above + below) / tall))
    return ax


def _unbroken(moments: Sequence[Moment]) -> list[list[Moment]]:
    """The moments in runs without a gap: where nothing is estimated there is no band."""
    runs: list[list[Moment]] = []
    for moment in moments:
        if runs and moment.time == runs[-1][-1].time + 1:
            runs[-1].append(moment)
        else:
            runs.append([moment])
    return runs


# Heights in inches: of one strip with its title, and of what stands under the last.
_STRIP, _UNDER = 0.95, 0.75
_DASHED = (0, (4, 1.6))


@dataclass(frozen=True, slots=True)
class Strip:
    """One activity: (T,) delivered, and (T,) planned or nothing."""

    label: str
    delivered: tuple[float, ...]
    planned: tuple[float, ...] = ()


def delivery_height(strips: int) -> float:
    """Height in inches of a figure of so many activities."""
    return _UNDER + _STRIP * strips


@drawing
def delivery(
    strips: Sequence[Strip],
    periods: Sequence[str],
    figure: Figure | None = None,
    *,
    start: str = "",
) -> Figure:
    """Filled steps of what was delivered under a dashed line of what was planned, by period.

    Parameters
    ----------
    strips : one or more. periods : (T,) written. figure : made by `blank(delivery_height(n))`; None
        makes one. start : the period in which the program starts, marked where it is among them.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    count = len(strips)
    figure = figure or blank(delivery_height(count))
    width, height = figure.get_size_inches()
    left = max(0.08, 0.4 / width)
    for place, strip in enumerate(strips):
        axes = figure.axes[0] if place == 0 else figure.add_axes((0, 0, 1, 1))
        bottom = _UNDER + _STRIP * (count - 1 - place)
        axes.set_position((left, bottom / height, 0.98 - left, (_STRIP - 0.36) / height))
        edges = [place - 0.5 for place in range(len(periods) + 1)]
        # One path a strip: a bar each would be most of the bytes of a page.
        axes.stairs(strip.delivered, edges, fill=True, color=BLUE, linewidth=0)
        if strip.planned:
            axes.stairs(
                strip.planned,
                edges,
                baseline=None,
                color=VERMILLION,
                linewidth=1.3,
                linestyle=_DASHED,
            )
        if start in periods:
            axes.axvline(periods.index(start) - 0.5, color=QUIET, linewidth=1.0)
        top = max((*strip.delivered, *strip.planned, 1.0))
        axes.set_ylim(0, 1.1 * top)
        axes.set_yticks([0, round(top)] if top >= 1 else [0])
        axes.set_xlim(-0.7, len(periods) - 0.3)
        ticks = year_ticks(periods, 6 if width <= NARROW else 10)
        last = place == count - 1
        axes.set_xticks([i for i, _ in ticks], [name if last else "" for _, name in ticks])
        label = fitted(strip.label, 9.0, 72 * width * (0.98 - left))
        axes.set_title(label, loc="left", fontsize=9, color=INK, pad=4)
    figure.legend(
        [
            Patch(color=BLUE, linewidth=0),
            Line2D([], [], color=VERMILLION, linewidth=1.3, linestyle=_DASHED),
        ],
        ["Delivered", "Planned"],
        loc="lower left",
        bbox_to_anchor=(0.07, 0.0),
        ncols=2,
        frameon=False,
        fontsize=8.5,
    )
    return figure


TRENDS_HEIGHT = 3.3
# A range beyond this many times the range with equal trends is cut.
_TIMES_ITS_LENGTH = 3.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """The 95 % range of an effect when trends may differ by so much."""

    bound: float
    low: float
    high: float


@drawing
def differing_trends(
    panels: Sequence[tuple[str, Sequence[Allowed]]], figure: Figure | None = None, *, measure: str
) -> Figure:
    """Ranges by how much trends may differ, one panel for each way in which they may.

    A range that leaves out nought is thick and colored, one that holds it is thin and dark; one too
    long for the panel ends in an arrow.

    Parameters
    ----------
    panels : one or two, each what its horizontal axis is and its ranges by rising bound, the first
        with equal trends. figure : made by `blank(TRENDS_HEIGHT)`; None makes one. measure : the
        unit of the vertical axis, printed above the first panel.
    """
    figure = figure or blank(TRENDS_HEIGHT)
    low, high = _frame([row for _, rows in panels for row in rows])
    room = 0.07 * (high - low)
    deepest, above, below = 1, 0.0, 0.0
    wide, tall = figure.get_size_inches()
    for place, (across, rows) in enumerate(panels):
        axes = figure.axes[0] if place == 0 else figure.add_axes((0, 0, 1, 1))
        axes.axhline(0.0, color=QUIET, linewidth=1.0)
        for row in rows:
            clear = row.low > 0 or row.high < 0
            color, thick = (BLUE, 3.0) if clear else (INK, 1.2)
            ends = [max(row.low, low), min(row.high, high)]
            axes.plot([row.bound] * 2, ends, color=color, linewidth=thick, solid_capstyle="butt")
            for value, end, arrow in ((row.low, ends[0], "v"), (row.high, ends[1], "^")):
                marker = "_" if value == end else arrow
                axes.plot([row.bound], [end], color=color, marker=marker, markersize=6)
        axes.set_ylim(low - room, high + room)
        last = max(row.bound for row in rows) or 1.0
        axes.set_xlim(-0.08 * last, 1.08 * last)
        axes.set_xticks([row.bound for row in rows], [f"{row.bound:.2g}" for row in rows])
        axes.yaxis.grid(True, color="#e6e6e6", linewidth=0.6)
        axes.set_axisbelow(True)
        left = left_of(axes) / wide
        width = (0.98 - left * len(panels)) / len(panels)
        # Beside another panel its name has as many lines as it needs.
        lines = wrapped(across, 9.0, 72 * wide * (width + 0.6 * left))
        axes.set_xlabel("\n".join(lines), labelpad=5)
        deepest = max(deepest, len(lines))
        if place == 0:
            above = heading(axes, measure)
        below = 0.36 + 0.17 * deepest
        axes.set_position(
            (left + place * (width + left), below / tall, width, 1 - (above + below) / tall)
        )
        ticks_inside(axes)
    for axes in figure.axes:
        box = axes.get_position()
        axes.set_position((box.x0, below / tall, box.width, box.y1 - below / tall))
    return figure


def trends_cut(rows: Sequence[Allowed]) -> bool:
    """Whether a range is too long for the figure and ends in an arrow."""
    low, high = _frame(rows)
    return any(row.low < low or row.high > high for row in rows)


def _frame(rows: Sequence[Allowed]) -> tuple[float, float]:
    """Ends of the vertical axis: nought and the shortest range, and of longer ones so much as does
    not press that flat."""
    least = min(rows, key=lambda row: row.high - row.low)
    reach = _TIMES_ITS_LENGTH * ((least.high - least.low) or 1.0)
    low = max(min(row.low for row in rows), least.low - reach)
    high = min(max(row.high for row in rows), least.high + reach)
    return min(low, 0.0), max(high, 0.0)


# Differences up to this are called alike.
ALIKE = 0.1


@dataclass(frozen=True, slots=True)
class Gap:
    """A covariate with the difference of its means in standard deviations; `after` None when
    nothing was weighted."""

    label: str
    before: float
    after: float | None


@drawing
def love(gaps: Sequence[Gap], ax: Axes | None = None) -> Axes:
    """Differences before (hollow) and after weighting (filled), a row a covariate.

    Parameters
    ----------
    gaps : top to bottom. ax : where to draw; None makes new axes that a notebook shows.
    """
    if ax is None:
        ax = notebook_axes(love_height(len(gaps)))
    values = [value for gap in gaps for value in (gap.before, gap.after) if value is not None]
    farthest = 1.12 * max([2 * ALIKE, *(abs(value) for value in values)])
    ax.axvspan(-ALIKE, ALIKE, color="#eeeeee", linewidth=0, zorder=0)
    ax.axvline(0.0, color=QUIET, linewidth=1.0)
    for place, gap in enumerate(gaps):
        if gap.after is not None:
            ax.plot([gap.before, gap.after], [place, place], color="#8a8a8a", linewidth=0.8)
        for value, face in ((gap.before, "white"), (gap.after, BLUE)):
            if value is not None:
                ax.plot(
                    [value],
                    [place],
                    marker="o",
                    markersize=5.0,
                    markerfacecolor=face,
                    markeredgecolor=INK if face == "white" else BLUE,
                    linestyle="none",
                )
    ax.set_ylim(len(gaps) - 0.4, -0.6)
    ax.set_xlim(-farthest, farthest)
    figure: Any = ax.figure
    width, tall = figure.get_size_inches()
    left = 0.33 if width > NARROW else 0.45
    names = [fitted(gap.label, 9.0, 72 * left * width - 12) for gap in gaps]
    ax.set_yticks(range(len(gaps)), names)
    ax.xaxis.grid(True, color="#e6e6e6", linewidth=0.6)
    ax.set_axisbelow(True)
    across = "Difference of means, in standard deviations"
    below = axis_below(ax, across, middle=(0.98 + left) / 2) / tall
    ax.set_position((left, below, 0.98 - left, 0.97 - below))
    ticks_inside(ax)
    return ax


def love_height(rows: int) -> float:
    """Inches a love plot of so many covariates needs."""
    return 0.7 + 0.24 * max(rows, 2)
